//! Frequent operations in assembly, for microcontrollers: a compiler's jump table reloads from the native stack what it cannot
//! keep in eight registers, and shares no sequence that it could.
//!
//! `wasmote_run_assembly` runs until fuel is out, a numeric operator traps, or it meets an operation that it has no handler for or
//! one whose rare side is needed: an access outside of the window, a call without room. It leaves *before* that operation, with
//! every register back in `Hot`; the dispatcher in Rust does it and calls again. What handlers do is what `run/` does in the same
//! case: the conformance suites run with them on each chip that has them.
//!
//! A handler changes neither the instruction pointer, the frame nor the accumulator before it knows that it will finish.
//!
//! Operations stand in two lists here. The dispatcher has no code for those that handlers *finish*: the assembler stops if
//! one of these has a form without a handler, or a handler that says that it may leave. The others are left at times.

use super::helpers;
use super::regs::{Exit, HasHot, Hot};
use crate::isa::Trap;
use crate::isa::num::soft::Toward;
use crate::isa::ops::{self, OP_COUNT, Op, STEP, form};
use core::mem::offset_of;

unsafe extern "C" {
    /// `hot` points to `Hot` words. Gives 0 if Rust goes on, 1 if fuel is out, else the code of a trap.
    fn wasmote_run_assembly(hot: *mut core::ffi::c_void) -> u32;
}

/// The codes of the traps that an operator can give.
const BY_ZERO: u32 = 2;
const OVERFLOW: u32 = 3;
const INVALID: u32 = 4;

/// The code of such a trap.
pub(super) const fn code(trap: Trap) -> u32 {
    match trap {
        Trap::IntegerDivideByZero => BY_ZERO,
        Trap::IntegerOverflow => OVERFLOW,
        _ => INVALID,
    }
}

/// Runs as far as the handlers go; gives what stops the machine, if it is not an operation that Rust does.
#[inline(always)]
pub(crate) fn run_assembly<M: HasHot>(machine: &mut M) -> Option<Exit> {
    // SAFETY: handlers read and write what the operators in Rust do, under the same conditions.
    let left = unsafe { wasmote_run_assembly(core::ptr::from_mut(machine.hot_mut()).cast()) };
    Some(match left {
        0 => return None,
        1 => Exit::OutOfFuel,
        BY_ZERO => Exit::Trapped(Trap::IntegerDivideByZero),
        OVERFLOW => Exit::Trapped(Trap::IntegerOverflow),
        _ => Exit::Trapped(Trap::InvalidConversionToInteger),
    })
}

/// Whether handlers finish this operation, so that none of its forms is ever left.
pub(crate) const fn finishes(op: u16) -> bool {
    let number = (op / STEP) as usize;
    FINISHED[number / 32] >> (number % 32) & 1 != 0
}

/// A bit for each number of an operation that handlers finish.
const FINISHED: [u32; 32] = {
    assert!(OP_COUNT <= 32 * 32);
    let mut bits = [0; 32];
    let mut n = 0;
    while n < FINISHED_OPS.len() {
        let first = (FINISHED_OPS[n] as u16 / STEP) as usize;
        let mut number = first;
        while number < first + forms(first) {
            bits[number / 32] |= 1 << (number % 32);
            number += 1;
        }
        n += 1;
    }
    bits
};

/// How many forms an operation has.
const fn forms(number: usize) -> usize {
    match number {
        _ if number >= ops::OTHER.0 => 1,
        _ if number >= ops::STEPS.0 => form::STEPS,
        _ if number >= ops::WORD.0 => form::WORD,
        _ if number >= ops::FUSED.0 => form::FUSED,
        _ if number >= ops::STORE.0 => form::STORE,
        _ if number >= ops::LOAD.0 => form::LOAD,
        _ if number >= ops::COMPARE_FLOAT.0 => form::COMPARE_FLOAT,
        _ if number >= ops::COMPARE_INT.0 => form::INT,
        _ if number >= ops::BINARY_FLOAT.0 => form::FLOAT,
        _ if number >= ops::BINARY_INT.0 => form::INT,
        _ => form::UNARY,
    }
}

macro_rules! handlers {
    (
        [$($source:literal)*], [$($bits:ident = $index:literal)*], [$($helper:ident = $function:ident)*],
        finished { $($op:ident = $name:ident,)* }
        left { $($other:ident = $other_name:ident,)* }
    ) => {
        /// The operations that handlers finish.
        const FINISHED_OPS: &[Op] = &[$(Op::$op,)*];

        core::arch::global_asm!(
            ".macro left_to_rust number",
            $(concat!(
                ".if ((\\number) / 32 == ", $index, ") && (({", stringify!($bits), "} >> ((\\number) % 32)) & 1)\n",
                ".error \"an operation that Rust has no code for has a form without a handler, or one that may leave\"\n.endif",
            ),)*
            ".endm",
            $(include_str!($source),)*
            // Each name once, for not every target has a handler for each.
            $(concat!("// {", stringify!($name), "}"),)*
            $(concat!("// {", stringify!($other_name), "}"),)*
            $(concat!("// {", stringify!($helper), "}"),)*
            "// {invalid}",
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
            metered = const !cfg!(wasmote_unmetered) as u32,
            by_zero = const BY_ZERO,
            overflow = const OVERFLOW,
            invalid = const INVALID,
            wide = const helpers::WIDE,
            signed = const helpers::SIGNED,
            saturating = const helpers::SATURATING,
            remainder = const helpers::REMAINDER,
            toward_zero = const Toward::Zero as u32,
            toward_above = const Toward::Above as u32,
            toward_below = const Toward::Below as u32,
            toward_nearest = const Toward::Nearest as u32,
            $($helper = sym helpers::$function,)*
            $($bits = const FINISHED[$index],)*
            $($name = const Op::$op as u16,)*
            $($other_name = const Op::$other as u16,)*
        );
    };
}

macro_rules! with_names {
    ($($source:literal)*) => {
        handlers! {
            [$($source)*],
            [bits_0 = 0 bits_1 = 1 bits_2 = 2 bits_3 = 3 bits_4 = 4 bits_5 = 5 bits_6 = 6 bits_7 = 7 bits_8 = 8 bits_9 = 9 bits_10 = 10 bits_11 = 11 bits_12 = 12 bits_13 = 13 bits_14 = 14 bits_15 = 15 bits_16 = 16 bits_17 = 17 bits_18 = 18 bits_19 = 19 bits_20 = 20 bits_21 = 21 bits_22 = 22 bits_23 = 23 bits_24 = 24 bits_25 = 25 bits_26 = 26 bits_27 = 27 bits_28 = 28 bits_29 = 29 bits_30 = 30 bits_31 = 31],
            [
                fn_i32_clz = i32_clz fn_i32_ctz = i32_ctz fn_i32_popcnt = i32_popcnt fn_i64_clz = i64_clz
                fn_i64_ctz = i64_ctz fn_i64_popcnt = i64_popcnt fn_f32_add = f32_add fn_f32_sub = f32_sub
                fn_f32_mul = f32_mul fn_f32_div = f32_div
                fn_f32_sqrt = f32_sqrt fn_f64_add = f64_add fn_f64_sub = f64_sub fn_f64_mul = f64_mul
                fn_f64_div = f64_div fn_f64_sqrt = f64_sqrt
                fn_f32_demote_f64 = f32_demote_f64 fn_f64_promote_f32 = f64_promote_f32 fn_f32_compare = f32_compare
                fn_f64_compare = f64_compare fn_f64_add_word = f64_add_word
                fn_f64_mul_word = f64_mul_word fn_divide = divide fn_convert = convert fn_truncate = truncate
                fn_f32_round = f32_round fn_f32_extreme = f32_extreme fn_f64_extreme = f64_extreme fn_f64_round = f64_round
            ],
            finished {
                I32Eqz = i32_eqz, I64Eqz = i64_eqz, I32Clz = i32_clz, I32Ctz = i32_ctz, I32Popcnt = i32_popcnt,
                F32Abs = f32_abs, F32Neg = f32_neg, F32Sqrt = f32_sqrt, F64Abs = f64_abs, F64Neg = f64_neg,
                F64Sqrt = f64_sqrt, I32WrapI64 = i32_wrap_i64, I64ExtendI32S = i64_extend_i32_s,
                I64ExtendI32U = i64_extend_i32_u, F32ConvertI32S = f32_convert_i32_s,
                F32ConvertI32U = f32_convert_i32_u, F32DemoteF64 = f32_demote_f64, F64ConvertI32S = f64_convert_i32_s,
                F64ConvertI32U = f64_convert_i32_u, F64PromoteF32 = f64_promote_f32,
                I32TruncSatF32S = i32_trunc_sat_f32_s, I32TruncSatF32U = i32_trunc_sat_f32_u,
                I32TruncSatF64S = i32_trunc_sat_f64_s, I32TruncSatF64U = i32_trunc_sat_f64_u, F32Add = f32_add,
                F32Sub = f32_sub, F32Mul = f32_mul, F32Div = f32_div, F64Add = f64_add, F64Sub = f64_sub,
                F64Mul = f64_mul, F64Div = f64_div, F32Eq = f32_eq, F32Ne = f32_ne, F32Lt = f32_lt, F32Gt = f32_gt,
                F32Le = f32_le, F32Ge = f32_ge, F64Eq = f64_eq, F64Ne = f64_ne, F64Lt = f64_lt, F64Gt = f64_gt,
                F64Le = f64_le, F64Ge = f64_ge, I32ReinterpretF32 = i32_reinterpret_f32,
                I64ReinterpretF64 = i64_reinterpret_f64, F32ReinterpretI32 = f32_reinterpret_i32,
                F64ReinterpretI64 = f64_reinterpret_i64, I32Extend8S = i32_extend8_s, I32Extend16S = i32_extend16_s,
                I64Extend8S = i64_extend8_s, I64Extend16S = i64_extend16_s, I64Extend32S = i64_extend32_s,
                I32Add = i32_add, I32Sub = i32_sub, I32Mul = i32_mul, I32And = i32_and, I32Or = i32_or,
                I32Xor = i32_xor, I32Shl = i32_shl, I32ShrS = i32_shr_s, I32ShrU = i32_shr_u, I32Rotl = i32_rotl,
                I32Rotr = i32_rotr, I64Add = i64_add, I64Sub = i64_sub, I64Mul = i64_mul, I64And = i64_and,
                I64Or = i64_or, I64Xor = i64_xor, I64Shl = i64_shl, I64ShrS = i64_shr_s, I64ShrU = i64_shr_u,
                I64Rotl = i64_rotl, I64Rotr = i64_rotr, I32Eq = i32_eq, I32Ne = i32_ne, I32LtS = i32_lt_s,
                I32LtU = i32_lt_u, I32GtS = i32_gt_s, I32GtU = i32_gt_u, I32LeS = i32_le_s, I32LeU = i32_le_u,
                I32GeS = i32_ge_s, I32GeU = i32_ge_u, I64Eq = i64_eq, I64Ne = i64_ne, I64LtS = i64_lt_s,
                I64LtU = i64_lt_u, I64GtS = i64_gt_s, I64GtU = i64_gt_u, I64LeS = i64_le_s, I64LeU = i64_le_u,
                I64GeS = i64_ge_s, I64GeU = i64_ge_u, I32MulAdd = i32_mul_add, I32MulImmAdd = i32_mul_imm_add,
                I32AddAdd = i32_add_add, I32XorXor = i32_xor_xor, I32ShlAdd = i32_shl_add, I32ShlOr = i32_shl_or,
                I32ShlXor = i32_shl_xor, I32ShrUXor = i32_shr_u_xor, I32RotrXor = i32_rotr_xor,
                I32ShrUAnd = i32_shr_u_and, I32AddAnd = i32_add_and, F32MulAdd = f32_mul_add, F64MulAdd = f64_mul_add,
                I32AddImmAdd = i32_add_imm_add, F32AddWord = f32_add_word,
                F32MulWord = f32_mul_word, F64AddWord = f64_add_word,
                F64MulWord = f64_mul_word, I32AddWord = i32_add_word, I32MulWord = i32_mul_word,
                I32AndWord = i32_and_word, I32StepNe = i32_step_ne,
                I32StepLtU = i32_step_lt_u, BrStep = br_step, CopyTwo32 = copy_two_32, Charge = charge, Br = br,
                BrIf = br_if, BrIfAcc = br_if_acc, BrUnless = br_unless, BrUnlessAcc = br_unless_acc,
                BrIf64 = br_if_64, BrIf64Acc = br_if_64_acc, BrUnless64 = br_unless_64,
                BrUnless64Acc = br_unless_64_acc, BrTable = br_table, Copy32 = copy_32, Copy64 = copy_64,
                Const16 = const_16, Const16Acc = const_16_acc, Const32 = const_32, Const32Acc = const_32_acc,
                Const64Imm = const_64_imm, Const64ImmAcc = const_64_imm_acc, Const64 = const_64,
                Const64Acc = const_64_acc, Select32 = select_32, Select32Acc = select_32_acc, Select64 = select_64,
                Select64Acc = select_64_acc, GlobalGet32 = global_get_32, GlobalGet32Acc = global_get_32_acc,
                GlobalSet32 = global_set_32, GlobalSet32Acc = global_set_32_acc, BrIfAnd = br_if_and,
                BrIfAndAcc = br_if_and_acc, BrUnlessAnd = br_unless_and, BrUnlessAndAcc = br_unless_and_acc,
                GlobalSetSum = global_set_sum, GlobalSub = global_sub, I64Clz = i64_clz, I64Ctz = i64_ctz,
                I64Popcnt = i64_popcnt, F32Ceil = f32_ceil, F32Floor = f32_floor, F32Trunc = f32_trunc,
                F32Nearest = f32_nearest, F64Ceil = f64_ceil, F64Floor = f64_floor, F64Trunc = f64_trunc,
                F64Nearest = f64_nearest, I32TruncF32S = i32_trunc_f32_s, I32TruncF32U = i32_trunc_f32_u,
                I32TruncF64S = i32_trunc_f64_s, I32TruncF64U = i32_trunc_f64_u, I64TruncF32S = i64_trunc_f32_s,
                I64TruncF32U = i64_trunc_f32_u, I64TruncF64S = i64_trunc_f64_s, I64TruncF64U = i64_trunc_f64_u,
                F32ConvertI64S = f32_convert_i64_s, F32ConvertI64U = f32_convert_i64_u,
                F64ConvertI64S = f64_convert_i64_s, F64ConvertI64U = f64_convert_i64_u,
                I64TruncSatF32S = i64_trunc_sat_f32_s, I64TruncSatF32U = i64_trunc_sat_f32_u,
                I64TruncSatF64S = i64_trunc_sat_f64_s, I64TruncSatF64U = i64_trunc_sat_f64_u, F32Min = f32_min,
                F32Max = f32_max, F32Copysign = f32_copysign, F64Min = f64_min, F64Max = f64_max,
                F64Copysign = f64_copysign, I64DivS = i64_div_s, I64DivU = i64_div_u, I64RemS = i64_rem_s,
                I64RemU = i64_rem_u, I32DivS = i32_div_s, I32DivU = i32_div_u, I32RemS = i32_rem_s,
                I32RemU = i32_rem_u,
            }
            left {
                I32Load = i32_load, I64Load = i64_load, F32Load = f32_load, F64Load = f64_load,
                I32Load8S = i32_load8_s, I32Load8U = i32_load8_u, I32Load16S = i32_load16_s, I32Load16U = i32_load16_u,
                I64Load8S = i64_load8_s, I64Load8U = i64_load8_u, I64Load16S = i64_load16_s, I64Load16U = i64_load16_u,
                I64Load32S = i64_load32_s, I64Load32U = i64_load32_u, I32Store = i32_store, I64Store = i64_store,
                F32Store = f32_store, F64Store = f64_store, I32Store8 = i32_store8, I32Store16 = i32_store16,
                I64Store8 = i64_store8, I64Store16 = i64_store16, I64Store32 = i64_store32, Return = return_0,
                Return32 = return_32, Return64 = return_64, Call = call, CallCopy32 = call_copy_32,
                CallCopyTwo32 = call_copy_two_32, CallIndirect = call_indirect,
            }
        }
    };
}

#[cfg(all(target_arch = "arm", wasmote_thumb2, target_abi = "eabihf"))]
with_names!("assembly/hard32.s" "assembly/thumb2.s" "assembly/arm.s" "assembly/arithmetic.s");
#[cfg(all(target_arch = "arm", wasmote_thumb2, not(target_abi = "eabihf")))]
with_names!("assembly/soft32.s" "assembly/thumb2.s" "assembly/arm.s" "assembly/arithmetic.s");
#[cfg(all(target_arch = "arm", not(wasmote_thumb2)))]
with_names!("assembly/soft32.s" "assembly/thumb1.s" "assembly/arm.s");
#[cfg(target_arch = "riscv32")]
with_names!("assembly/riscv32.s");

#[cfg(all(target_arch = "arm", feature = "small-moves"))]
core::arch::global_asm!(include_str!("assembly/moves.s"));
