//! Frequent operations in assembly, for microcontrollers: a compiler's jump table reloads from the native stack what it cannot
//! keep in eight registers, and shares no sequence that it could.
//!
//! `wasmote_run_assembly` runs until it meets an operation that it has no handler for, or one whose rare side is needed: an
//! access outside of the window or not aligned, a call without room, a branch without fuel. It leaves *before* that
//! operation, with every register back in `Hot`; the dispatcher in Rust does it and calls again. So the handlers have no
//! exits of their own, and what they do is what `run/` does in the same case: the conformance suites run with them on
//! each chip that has them.
//!
//! A handler changes neither the instruction pointer, the frame nor the accumulator before it knows that it will finish.

use super::regs::{HasHot, Hot};
use crate::isa::ops::{OP_COUNT, Op};
use core::mem::offset_of;

unsafe extern "C" {
    /// `hot` points to `Hot` words.
    fn wasmote_run_assembly(hot: *mut core::ffi::c_void);
}

/// Runs as far as the handlers go.
#[inline(always)]
pub(crate) fn run_assembly<M: HasHot>(machine: &mut M) {
    // SAFETY: handlers read and write what the operators in Rust do, under the same conditions.
    unsafe { wasmote_run_assembly(core::ptr::from_mut(machine.hot_mut()).cast()) }
}

macro_rules! handlers {
    ($source:literal, $($op:ident = $name:ident,)*) => {
        core::arch::global_asm!(
            include_str!($source),
            // Each name once, for not every target has a handler for each.
            $(concat!(".set unused, {", stringify!($name), "}"),)*
            ip = const offset_of!(Hot, ip),
            fp = const offset_of!(Hot, fp),
            acc = const offset_of!(Hot, acc),
            acc_high = const offset_of!(Hot, acc_high),
            fuel = const offset_of!(Hot, fuel),
            memory = const offset_of!(Hot, memory),
            window = const offset_of!(Hot, window),
            limit = const offset_of!(Hot, limits) + 2 * size_of::<usize>(),
            limit_wide = const offset_of!(Hot, limits) + 3 * size_of::<usize>(),
            records = const offset_of!(Hot, records),
            code = const offset_of!(Hot, code),
            funcs = const offset_of!(Hot, funcs),
            own_funcs = const offset_of!(Hot, own_funcs),
            func_base = const offset_of!(Hot, func_base),
            globals = const offset_of!(Hot, globals),
            table = const offset_of!(Hot, table.elements),
            table_len = const offset_of!(Hot, table.len),
            count = const OP_COUNT,
            $($name = const Op::$op as u16,)*
        );
    };
}

macro_rules! with_names {
    ($source:literal) => {
        handlers! {
            $source,
            I32Eqz = i32_eqz, I32WrapI64 = i32_wrap_i64, I64ExtendI32S = i64_extend_i32_s,
            I64ExtendI32U = i64_extend_i32_u, I32Extend8S = i32_extend8_s, I32Extend16S = i32_extend16_s,
            I32Add = i32_add, I32Sub = i32_sub, I32Mul = i32_mul, I32DivS = i32_div_s, I32DivU = i32_div_u,
            I32RemS = i32_rem_s, I32RemU = i32_rem_u, I32And = i32_and, I32Or = i32_or, I32Xor = i32_xor,
            I32Shl = i32_shl, I32ShrS = i32_shr_s, I32ShrU = i32_shr_u, I32Rotl = i32_rotl, I32Rotr = i32_rotr,
            I64Add = i64_add, I64Sub = i64_sub, I64Mul = i64_mul, I64And = i64_and, I64Or = i64_or, I64Xor = i64_xor,
            I32Eq = i32_eq, I32Ne = i32_ne, I32LtS = i32_lt_s, I32LtU = i32_lt_u, I32GtS = i32_gt_s, I32GtU = i32_gt_u,
            I32LeS = i32_le_s, I32LeU = i32_le_u, I32GeS = i32_ge_s, I32GeU = i32_ge_u,
            I32Load = i32_load, I64Load = i64_load, F32Load = f32_load, I32Load8S = i32_load8_s,
            I32Load8U = i32_load8_u, I32Load16S = i32_load16_s, I32Load16U = i32_load16_u,
            I32Store = i32_store, I64Store = i64_store, F32Store = f32_store, I32Store8 = i32_store8,
            I32Store16 = i32_store16,
            Charge = charge, Br = br, BrIf = br_if, BrUnless = br_unless, BrIf64 = br_if_64,
            BrUnless64 = br_unless_64, BrTable = br_table,
            Return = return_0, Return32 = return_32, Return64 = return_64, Call = call, CallIndirect = call_indirect,
            Copy32 = copy_32, Copy64 = copy_64, Const16 = const_16, Const32 = const_32, Select32 = select_32,
            GlobalGet32 = global_get_32, GlobalSet32 = global_set_32,
        }
    };
}

#[cfg(target_arch = "arm")]
with_names!("assembly/thumb1.s");
#[cfg(target_arch = "riscv32")]
with_names!("assembly/riscv32.s");
