//! From one operation to the next: a loop over one jump table, functions that end in a jump to the next function, or functions that
//! return to a loop. All three are expansions of the table in `isa` over the same operators.

use super::machine::Machine;
use super::{Flow, Regs, call, control, data, memory, numeric, table};
use crate::engine::Dispatch;
use crate::isa::num;
use crate::isa::ops::{Op, with_ops};
use crate::raw::op_from_unit;

/// The function that runs a machine until it stops.
pub(crate) fn runner<'a>(dispatch: Dispatch) -> fn(&mut Machine<'a>) {
    match dispatch {
        #[cfg(all(wasmote_optimised, not(wasmote_small)))]
        Dispatch::TailCall => |machine| tail::run(machine),
        #[cfg(not(wasmote_small))]
        Dispatch::Trampoline => |machine| trampoline::run(machine),
        _ => |machine| run_loop(machine),
    }
}

/// Takes a cold path; false if the machine stops.
#[inline(always)]
fn take_cold(r: &mut Regs<'_, '_>, cold: super::Cold) -> bool {
    r.with(|machine| cold(machine))
}

macro_rules! define_step {
    (
        unary { $($u_code:literal $u:ident $u_name:literal $u_fn:ident;)* }
        binary_int { $($b_code:literal $b:ident $b_imm:ident $b_name:literal $b_fn:ident;)* }
        binary_float { $($f_code:literal $f:ident $f_name:literal $f_fn:ident;)* }
        compare_int { $($c_code:literal $c:ident $c_imm:ident $c_br:ident $c_br_imm:ident $c_not:ident $c_name:literal $c_fn:ident;)* }
        compare_float { $($n_code:literal $n:ident $n_br:ident $n_br_not:ident $n_name:literal $n_fn:ident;)* }
        load { $($l_code:literal $l:ident $l_far:ident $l_name:literal $l_mem:ident $l_slot:ident $l_ty:ident;)* }
        store { $($s_code:literal $s:ident $s_far:ident $s_name:literal $s_mem:ident $s_slot:ident $s_ty:ident;)* }
        other { $($o:ident $o_name:literal $o_layout:literal $o_fn:path;)* }
    ) => {
        /// One operation.
        #[inline(always)]
        fn step(op: Op, r: &mut Regs<'_, '_>) -> Flow {
            match op {
                $(Op::$u => numeric::unary(r, num::$u_fn),)*
                $(Op::$b => numeric::binary(r, num::$b_fn), Op::$b_imm => numeric::binary_imm(r, num::$b_fn),)*
                $(Op::$f => numeric::binary(r, num::$f_fn),)*
                $(
                    Op::$c => numeric::binary(r, num::$c_fn),
                    Op::$c_imm => numeric::binary_imm(r, num::$c_fn),
                    Op::$c_br => numeric::branch(r, num::$c_fn),
                    Op::$c_br_imm => numeric::branch_imm(r, num::$c_fn),
                )*
                $(
                    Op::$n => numeric::binary(r, num::$n_fn),
                    Op::$n_br => numeric::branch(r, num::$n_fn),
                    Op::$n_br_not => numeric::branch_not(r, num::$n_fn),
                )*
                $(
                    Op::$l => memory::load(r, |value: $l_mem| value as $l_slot),
                    Op::$l_far => memory::load_far(r, |value: $l_mem| value as $l_slot),
                )*
                $(
                    Op::$s => memory::store(r, |value: $s_slot| value as $s_mem),
                    Op::$s_far => memory::store_far(r, |value: $s_slot| value as $s_mem),
                )*
                $(Op::$o => $o_fn(r),)*
            }
        }

        #[cfg(all(wasmote_optimised, not(wasmote_small)))]
        pub(crate) mod tail {
            //! Each operation is a function that ends in a jump to the next one. The registers are its arguments, few enough
            //! to stay in the processor's registers.

            use super::*;
            use crate::raw::{Behind, Fp, Ip, MemoryBase};

            type Handler = for<'m, 'a> fn(Ip, Fp, Behind<'m, Machine<'a>>, MemoryBase);

            /// The handlers by operation.
            static HANDLERS: [Handler; crate::isa::ops::OP_COUNT] = [
                $(ops::$u,)* $(ops::$b, ops::$b_imm,)* $(ops::$f,)* $(ops::$c, ops::$c_imm, ops::$c_br, ops::$c_br_imm,)*
                $(ops::$n, ops::$n_br, ops::$n_br_not,)* $(ops::$l, ops::$l_far,)* $(ops::$s, ops::$s_far,)* $(ops::$o,)*
            ];

            pub(super) fn run(machine: &mut Machine<'_>) {
                let r = Regs::load(machine);
                next(r);
            }

            #[inline(always)]
            fn next(r: Regs<'_, '_>) {
                let handler = crate::raw::entry(&HANDLERS, r.unit(0));
                handler(r.ip, r.fp, r.machine, r.memory)
            }

            #[inline(always)]
            fn handle(op: Op, ip: Ip, fp: Fp, machine: Behind<'_, Machine<'_>>, memory: MemoryBase) {
                let mut r = Regs { ip, fp, memory, machine };
                match step(op, &mut r) {
                    Flow::Next => next(r),
                    Flow::Stop => stop(r.ip, r.fp, r.machine, r.memory),
                    Flow::Cold(cold) => {
                        r.hint(cold);
                        go_cold(r.ip, r.fp, r.machine, r.memory)
                    }
                }
            }

            #[cold]
            #[inline(never)]
            fn stop(ip: Ip, fp: Fp, machine: Behind<'_, Machine<'_>>, memory: MemoryBase) {
                Regs { ip, fp, memory, machine }.save();
            }

            #[cold]
            #[inline(never)]
            fn go_cold(ip: Ip, fp: Fp, machine: Behind<'_, Machine<'_>>, memory: MemoryBase) {
                let mut r = Regs { ip, fp, memory, machine };
                if r.with(|machine| (machine.cold)(machine)) {
                    next(r);
                }
            }

            #[allow(non_snake_case)]
            mod ops {
                use super::*;
                macro_rules! handler {
                    ($op:ident) => {
                        pub(super) fn $op(ip: Ip, fp: Fp, machine: Behind<'_, Machine<'_>>, memory: MemoryBase) {
                            handle(Op::$op, ip, fp, machine, memory)
                        }
                    };
                }
                $(handler!($u);)* $(handler!($b); handler!($b_imm);)* $(handler!($f);)*
                $(handler!($c); handler!($c_imm); handler!($c_br); handler!($c_br_imm);)*
                $(handler!($n); handler!($n_br); handler!($n_br_not);)*
                $(handler!($l); handler!($l_far);)* $(handler!($s); handler!($s_far);)* $(handler!($o);)*
            }
        }

        #[cfg(not(wasmote_small))]
        mod trampoline {
            //! Each operation is a function that returns; a loop calls the next one.

            use super::*;

            type Handler = for<'m, 'a> fn(&mut Regs<'m, 'a>) -> bool;

            static HANDLERS: [Handler; crate::isa::ops::OP_COUNT] = [
                $(ops::$u,)* $(ops::$b, ops::$b_imm,)* $(ops::$f,)* $(ops::$c, ops::$c_imm, ops::$c_br, ops::$c_br_imm,)*
                $(ops::$n, ops::$n_br, ops::$n_br_not,)* $(ops::$l, ops::$l_far,)* $(ops::$s, ops::$s_far,)* $(ops::$o,)*
            ];

            pub(super) fn run(machine: &mut Machine<'_>) {
                let mut r = Regs::load(machine);
                while crate::raw::entry(&HANDLERS, r.unit(0))(&mut r) {}
                r.save();
            }

            #[inline(always)]
            fn handle(op: Op, r: &mut Regs<'_, '_>) -> bool {
                match step(op, r) {
                    Flow::Next => true,
                    Flow::Stop => false,
                    Flow::Cold(cold) => take_cold(r, cold),
                }
            }

            #[allow(non_snake_case)]
            mod ops {
                use super::*;
                macro_rules! handler {
                    ($op:ident) => {
                        pub(super) fn $op(r: &mut Regs<'_, '_>) -> bool {
                            handle(Op::$op, r)
                        }
                    };
                }
                $(handler!($u);)* $(handler!($b); handler!($b_imm);)* $(handler!($f);)*
                $(handler!($c); handler!($c_imm); handler!($c_br); handler!($c_br_imm);)*
                $(handler!($n); handler!($n_br); handler!($n_br_not);)*
                $(handler!($l); handler!($l_far);)* $(handler!($s); handler!($s_far);)* $(handler!($o);)*
            }
        }
    };
}

with_ops!(define_step);

/// One function, one jump table.
fn run_loop(machine: &mut Machine<'_>) {
    let mut r = Regs::load(machine);
    loop {
        match step(op_from_unit(r.unit(0)), &mut r) {
            Flow::Next => {}
            Flow::Stop => break,
            Flow::Cold(cold) => {
                if !take_cold(&mut r, cold) {
                    break;
                }
            }
        }
    }
    r.save();
}
