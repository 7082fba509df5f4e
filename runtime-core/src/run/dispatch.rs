//! From one operation to the next: a loop over one jump table, functions that end in a jump to the next function, or functions that
//! return to a loop. All three are expansions of the table in `isa` over the same operators.

use super::machine::Machine;
use super::{Flow, Regs, access, call, control, data, memory, numeric, table};
use crate::engine::Dispatch;
use crate::isa::num;
use crate::isa::ops::OP_COUNT;
use crate::isa::ops::{STEP, forms, with_ops};
use crate::raw::apart;

/// The function that runs a machine, in the way of dispatching that was asked for.
pub(crate) fn runner<'a>(dispatch: Dispatch) -> fn(&mut Machine<'a>) {
    match dispatch {
        #[cfg(wasmote_optimised)]
        Dispatch::TailCall => |machine| tail::run(machine),
        Dispatch::Trampoline => |machine| trampoline::run(machine),
        Dispatch::Loop => |machine| run_loop(machine),
        _ => |machine| super::compact::run(machine),
    }
}

/// Takes a cold path; false if the machine stops.
#[inline(always)]
fn take_cold(r: &mut Regs<'_, '_>, cold: super::Cold) -> bool {
    r.with(|machine| cold(machine))
}

macro_rules! define_dispatchers {
    (
        unary { $($u_code:literal $u:ident $u_name:literal $u_fn:ident;)* }
        binary_int { $($b_code:literal $b:ident $b_name:literal $b_fn:ident;)* }
        binary_float { $($f_code:literal $f:ident $f_name:literal $f_fn:ident;)* }
        compare_int { $($c_code:literal $c:ident $c_not:ident $c_swap:ident $c_name:literal $c_fn:ident;)* }
        compare_float { $($n_code:literal $n:ident $n_name:literal $n_fn:ident;)* }
        load { $($l_code:literal $l:ident $l_name:literal $l_mem:ident $l_slot:ident $l_ty:ident;)* }
        store { $($s_code:literal $s:ident $s_name:literal $s_mem:ident $s_slot:ident $s_ty:ident;)* }
        fused { $($k:ident $k_name:literal $k_rest:literal $k_kind:ident $k_one:ident $k_one_fn:ident $k_two:ident $k_two_fn:ident;)* }
        word { $($w:ident $w_name:literal $w_op:ident $w_fn:ident;)* }
        step { $($p:ident $p_name:literal $p_op:ident $p_fn:ident;)* }
        other { $($o:ident $o_name:literal $o_layout:literal $o_fn:path;)* }
    ) => {
        #[allow(non_snake_case)]
        mod operators {
            //! Each row's operator, in each of its forms.

            use super::*;
            use crate::run::access::frame;
            macro_rules! operator {
                ($op:ident, $r:ident, $body:expr) => {
                    #[inline(always)]
                    pub(super) fn $op<const FORM: u16>($r: &mut Regs<'_, '_>) -> Flow {
                        $body
                    }
                };
            }
            $(operator!($u, r, numeric::unary::<_, _, FORM>(r, num::$u_fn));)*
            $(operator!($b, r, numeric::binary_int::<_, _, FORM>(r, num::$b_fn));)*
            $(operator!($f, r, numeric::binary_float::<_, _, FORM>(r, num::$f_fn));)*
            $(operator!($c, r, numeric::compare_int::<_, FORM>(r, num::$c_fn));)*
            $(operator!($n, r, numeric::compare_float::<_, FORM>(r, num::$n_fn));)*
            $(operator!($l, r, access::load::<$l_mem, frame::$l_ty, FORM>(r, |cell| cell as $l_slot));)*
            $(operator!($s, r, access::store::<$s_mem, frame::$s_ty, FORM>(r, |bits| bits as $s_mem));)*
            $(operator!($k, r, numeric::$k_kind::<_, _, FORM>(r, num::$k_one_fn, num::$k_two_fn));)*
            $(operator!($w, r, numeric::word::<_, _, FORM>(r, num::$w_fn));)*
            $(operator!($p, r, control::step::<FORM>(r, num::$p_fn));)*
            $(operator!($o, r, $o_fn(r));)*
        }

        /// The operation with this number, for the loop.
        #[inline(always)]
        fn step(unit: u16, r: &mut Regs<'_, '_>) -> Flow {
            match unit {
                $(forms::$u::F0 => apart::<{ forms::$u::F0 }, _>(operators::$u::<0>(r)), forms::$u::F1 => apart::<{ forms::$u::F1 }, _>(operators::$u::<{ 1 * STEP }>(r)),)*
                $(
                    forms::$b::F0 => apart::<{ forms::$b::F0 }, _>(operators::$b::<0>(r)), forms::$b::F1 => apart::<{ forms::$b::F1 }, _>(operators::$b::<{ 1 * STEP }>(r)),
                    forms::$b::F2 => apart::<{ forms::$b::F2 }, _>(operators::$b::<{ 2 * STEP }>(r)), forms::$b::F3 => apart::<{ forms::$b::F3 }, _>(operators::$b::<{ 3 * STEP }>(r)),
                    forms::$b::F4 => apart::<{ forms::$b::F4 }, _>(operators::$b::<{ 4 * STEP }>(r)), forms::$b::F5 => apart::<{ forms::$b::F5 }, _>(operators::$b::<{ 5 * STEP }>(r)),
                    forms::$b::F6 => apart::<{ forms::$b::F6 }, _>(operators::$b::<{ 6 * STEP }>(r)), forms::$b::F7 => apart::<{ forms::$b::F7 }, _>(operators::$b::<{ 7 * STEP }>(r)),
                )*
                $(
                    forms::$f::F0 => apart::<{ forms::$f::F0 }, _>(operators::$f::<0>(r)), forms::$f::F1 => apart::<{ forms::$f::F1 }, _>(operators::$f::<{ 1 * STEP }>(r)),
                    forms::$f::F2 => apart::<{ forms::$f::F2 }, _>(operators::$f::<{ 2 * STEP }>(r)), forms::$f::F3 => apart::<{ forms::$f::F3 }, _>(operators::$f::<{ 3 * STEP }>(r)),
                )*
                $(
                    forms::$c::F0 => apart::<{ forms::$c::F0 }, _>(operators::$c::<0>(r)), forms::$c::F1 => apart::<{ forms::$c::F1 }, _>(operators::$c::<{ 1 * STEP }>(r)),
                    forms::$c::F2 => apart::<{ forms::$c::F2 }, _>(operators::$c::<{ 2 * STEP }>(r)), forms::$c::F3 => apart::<{ forms::$c::F3 }, _>(operators::$c::<{ 3 * STEP }>(r)),
                    forms::$c::F4 => apart::<{ forms::$c::F4 }, _>(operators::$c::<{ 4 * STEP }>(r)), forms::$c::F5 => apart::<{ forms::$c::F5 }, _>(operators::$c::<{ 5 * STEP }>(r)),
                    forms::$c::F6 => apart::<{ forms::$c::F6 }, _>(operators::$c::<{ 6 * STEP }>(r)), forms::$c::F7 => apart::<{ forms::$c::F7 }, _>(operators::$c::<{ 7 * STEP }>(r)),
                )*
                $(
                    forms::$n::F0 => apart::<{ forms::$n::F0 }, _>(operators::$n::<0>(r)), forms::$n::F1 => apart::<{ forms::$n::F1 }, _>(operators::$n::<{ 1 * STEP }>(r)),
                    forms::$n::F2 => apart::<{ forms::$n::F2 }, _>(operators::$n::<{ 2 * STEP }>(r)),
                )*
                $(
                    forms::$l::F0 => apart::<{ forms::$l::F0 }, _>(operators::$l::<0>(r)), forms::$l::F1 => apart::<{ forms::$l::F1 }, _>(operators::$l::<{ 1 * STEP }>(r)),
                    forms::$l::F2 => apart::<{ forms::$l::F2 }, _>(operators::$l::<{ 2 * STEP }>(r)), forms::$l::F3 => apart::<{ forms::$l::F3 }, _>(operators::$l::<{ 3 * STEP }>(r)),
                    forms::$l::F4 => apart::<{ forms::$l::F4 }, _>(operators::$l::<{ 4 * STEP }>(r)), forms::$l::F5 => apart::<{ forms::$l::F5 }, _>(operators::$l::<{ 5 * STEP }>(r)),
                    forms::$l::F6 => apart::<{ forms::$l::F6 }, _>(operators::$l::<{ 6 * STEP }>(r)), forms::$l::F7 => apart::<{ forms::$l::F7 }, _>(operators::$l::<{ 7 * STEP }>(r)),
                    forms::$l::F8 => apart::<{ forms::$l::F8 }, _>(operators::$l::<{ 8 * STEP }>(r)), forms::$l::F9 => apart::<{ forms::$l::F9 }, _>(operators::$l::<{ 9 * STEP }>(r)),
                )*
                $(
                    forms::$s::F0 => apart::<{ forms::$s::F0 }, _>(operators::$s::<0>(r)), forms::$s::F1 => apart::<{ forms::$s::F1 }, _>(operators::$s::<{ 1 * STEP }>(r)),
                    forms::$s::F2 => apart::<{ forms::$s::F2 }, _>(operators::$s::<{ 2 * STEP }>(r)), forms::$s::F3 => apart::<{ forms::$s::F3 }, _>(operators::$s::<{ 3 * STEP }>(r)),
                    forms::$s::F4 => apart::<{ forms::$s::F4 }, _>(operators::$s::<{ 4 * STEP }>(r)), forms::$s::F5 => apart::<{ forms::$s::F5 }, _>(operators::$s::<{ 5 * STEP }>(r)),
                    forms::$s::F6 => apart::<{ forms::$s::F6 }, _>(operators::$s::<{ 6 * STEP }>(r)), forms::$s::F7 => apart::<{ forms::$s::F7 }, _>(operators::$s::<{ 7 * STEP }>(r)),
                )*
                $(
                    forms::$k::F0 => apart::<{ forms::$k::F0 }, _>(operators::$k::<0>(r)), forms::$k::F1 => apart::<{ forms::$k::F1 }, _>(operators::$k::<{ 1 * STEP }>(r)),
                    forms::$k::F2 => apart::<{ forms::$k::F2 }, _>(operators::$k::<{ 2 * STEP }>(r)), forms::$k::F3 => apart::<{ forms::$k::F3 }, _>(operators::$k::<{ 3 * STEP }>(r)),
                )*
                $(
                    forms::$w::F0 => apart::<{ forms::$w::F0 }, _>(operators::$w::<0>(r)), forms::$w::F1 => apart::<{ forms::$w::F1 }, _>(operators::$w::<{ 1 * STEP }>(r)),
                    forms::$w::F2 => apart::<{ forms::$w::F2 }, _>(operators::$w::<{ 2 * STEP }>(r)), forms::$w::F3 => apart::<{ forms::$w::F3 }, _>(operators::$w::<{ 3 * STEP }>(r)),
                )*
                $(forms::$p::F0 => apart::<{ forms::$p::F0 }, _>(operators::$p::<0>(r)), forms::$p::F1 => apart::<{ forms::$p::F1 }, _>(operators::$p::<{ 1 * STEP }>(r)),)*
                $(forms::$o::F0 => apart::<{ forms::$o::F0 }, _>(operators::$o::<0>(r)),)*
                unit => crate::raw::no_operation(unit),
            }
        }

        /// A table with an entry for each operation, made of one function for each row.
        macro_rules! handlers {
            ($at:ident) => {
                [
                    $($at::$u::<0>, $at::$u::<{ 1 * STEP }>,)*
                    $(
                        $at::$b::<0>, $at::$b::<{ 1 * STEP }>, $at::$b::<{ 2 * STEP }>, $at::$b::<{ 3 * STEP }>,
                        $at::$b::<{ 4 * STEP }>, $at::$b::<{ 5 * STEP }>, $at::$b::<{ 6 * STEP }>, $at::$b::<{ 7 * STEP }>,
                    )*
                    $($at::$f::<0>, $at::$f::<{ 1 * STEP }>, $at::$f::<{ 2 * STEP }>, $at::$f::<{ 3 * STEP }>,)*
                    $(
                        $at::$c::<0>, $at::$c::<{ 1 * STEP }>, $at::$c::<{ 2 * STEP }>, $at::$c::<{ 3 * STEP }>,
                        $at::$c::<{ 4 * STEP }>, $at::$c::<{ 5 * STEP }>, $at::$c::<{ 6 * STEP }>, $at::$c::<{ 7 * STEP }>,
                    )*
                    $($at::$n::<0>, $at::$n::<{ 1 * STEP }>, $at::$n::<{ 2 * STEP }>,)*
                    $(
                        $at::$l::<0>, $at::$l::<{ 1 * STEP }>, $at::$l::<{ 2 * STEP }>, $at::$l::<{ 3 * STEP }>,
                        $at::$l::<{ 4 * STEP }>, $at::$l::<{ 5 * STEP }>, $at::$l::<{ 6 * STEP }>, $at::$l::<{ 7 * STEP }>,
                        $at::$l::<{ 8 * STEP }>, $at::$l::<{ 9 * STEP }>,
                    )*
                    $(
                        $at::$s::<0>, $at::$s::<{ 1 * STEP }>, $at::$s::<{ 2 * STEP }>, $at::$s::<{ 3 * STEP }>,
                        $at::$s::<{ 4 * STEP }>, $at::$s::<{ 5 * STEP }>, $at::$s::<{ 6 * STEP }>, $at::$s::<{ 7 * STEP }>,
                    )*
                    $($at::$k::<0>, $at::$k::<{ 1 * STEP }>, $at::$k::<{ 2 * STEP }>, $at::$k::<{ 3 * STEP }>,)*
                    $($at::$w::<0>, $at::$w::<{ 1 * STEP }>, $at::$w::<{ 2 * STEP }>, $at::$w::<{ 3 * STEP }>,)*
                    $($at::$p::<0>, $at::$p::<{ 1 * STEP }>,)*
                    $($at::$o::<0>,)*
                ]
            };
        }

        #[cfg(wasmote_optimised)]
        pub(crate) mod tail {
            //! Each operation is a function that ends in a jump to the next one. The registers are its arguments, few enough
            //! to stay in the processor's registers.

            use super::*;
            use crate::raw::{Acc, AccF32, AccF64, AccInt, Behind, Fp, Fuel, Ip, MemoryBase};

            type Handler = for<'m, 'a> fn(Ip, Fp, Behind<'m, Machine<'a>>, MemoryBase, AccInt, Fuel, AccF32, AccF64);

            /// The handlers by operation.
            static HANDLERS: [Handler; OP_COUNT] = handlers!(ops);

            pub(super) fn run(machine: &mut Machine<'_>) {
                let r = Regs::load(machine);
                next(r);
            }

            #[inline(always)]
            fn next(r: Regs<'_, '_>) {
                call(crate::raw::entry(&HANDLERS, r.unit(0)), r)
            }

            #[inline(always)]
            fn call(handler: Handler, r: Regs<'_, '_>) {
                handler(r.ip, r.fp, r.machine, r.memory, r.acc.int, r.fuel, r.acc.f32, r.acc.f64)
            }

            #[inline(always)]
            fn handle(mut r: Regs<'_, '_>, step: impl Fn(&mut Regs<'_, '_>) -> Flow) {
                match step(&mut r) {
                    Flow::Next => next(r),
                    Flow::Stop => call(stop::<0>, r),
                    Flow::Cold(cold) => {
                        r.hint(cold);
                        call(go_cold::<0>, r)
                    }
                }
            }

            macro_rules! handler {
                ($inline:meta, $name:ident, $r:ident, $body:expr) => {
                    #[$inline]
                    #[allow(clippy::too_many_arguments, reason = "they are the processor's registers")]
                    pub(super) fn $name<const FORM: u16>(
                        ip: Ip,
                        fp: Fp,
                        machine: Behind<'_, Machine<'_>>,
                        memory: MemoryBase,
                        int: AccInt,
                        fuel: Fuel,
                        f32: AccF32,
                        f64: AccF64,
                    ) {
                        #[allow(unused_mut)]
                        let mut $r = Regs { ip, fp, memory, fuel, acc: Acc { int, f32, f64 }, machine };
                        $body
                    }
                };
            }

            handler!(inline(never), stop, r, r.save());
            handler!(inline(never), go_cold, r, if r.with(|machine| (machine.cold)(machine)) { next(r) });

            #[allow(non_snake_case)]
            mod ops {
                use super::*;
                $(handler!(inline, $u, r, handle(r, operators::$u::<FORM>));)*
                $(handler!(inline, $b, r, handle(r, operators::$b::<FORM>));)*
                $(handler!(inline, $f, r, handle(r, operators::$f::<FORM>));)*
                $(handler!(inline, $c, r, handle(r, operators::$c::<FORM>));)*
                $(handler!(inline, $n, r, handle(r, operators::$n::<FORM>));)*
                $(handler!(inline, $l, r, handle(r, operators::$l::<FORM>));)*
                $(handler!(inline, $s, r, handle(r, operators::$s::<FORM>));)*
                $(handler!(inline, $k, r, handle(r, operators::$k::<FORM>));)*
                $(handler!(inline, $w, r, handle(r, operators::$w::<FORM>));)*
                $(handler!(inline, $p, r, handle(r, operators::$p::<FORM>));)*
                $(handler!(inline, $o, r, handle(r, operators::$o::<FORM>));)*
            }
        }

        mod trampoline {
            //! Each operation is a function that returns; a loop calls the next one.

            use super::*;

            type Handler = for<'m, 'a> fn(&mut Regs<'m, 'a>) -> bool;

            static HANDLERS: [Handler; OP_COUNT] = handlers!(ops);

            pub(super) fn run(machine: &mut Machine<'_>) {
                let mut r = Regs::load(machine);
                while crate::raw::entry(&HANDLERS, r.unit(0))(&mut r) {}
                r.save();
            }

            #[inline(always)]
            fn finish(r: &mut Regs<'_, '_>, flow: Flow) -> bool {
                match flow {
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
                        pub(super) fn $op<const FORM: u16>(r: &mut Regs<'_, '_>) -> bool {
                            let flow = operators::$op::<FORM>(r);
                            finish(r, flow)
                        }
                    };
                }
                $(handler!($u);)* $(handler!($b);)* $(handler!($f);)* $(handler!($c);)* $(handler!($n);)*
                $(handler!($l);)* $(handler!($s);)* $(handler!($k);)* $(handler!($w);)* $(handler!($p);)*
                $(handler!($o);)*
            }
        }
    };
}

with_ops!(define_dispatchers);

/// One function, one jump table.
fn run_loop(machine: &mut Machine<'_>) {
    let mut r = Regs::load(machine);
    loop {
        match step(r.unit(0), &mut r) {
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
