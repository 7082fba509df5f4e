//! One operation, its operands fetched as the form says at run time: an arm for each row of the table where the other
//! dispatchers have one for each form. Slower, and a fifth of their size; on targets for which `raw/assembly` has handlers it
//! does what is rare.

use super::control::branch_if;
use super::memory::{Place, load_slowly, store_slowly};
use super::{Flow, Machine, Regs, call, control, data, memory, table};
use crate::isa::ops::{
    BINARY_FLOAT, BINARY_INT, COMPARE_FLOAT, COMPARE_INT, FUSED, FUSIONS, LOAD, OTHER, SIGNATURES, STEP, STEPPED,
    STEPS, STORE, WORD, WORDS, access, form, forms, row_and_form, with_ops,
};
use crate::isa::{Trap, ValType, num};
use crate::raw::{Slot, finishes};

/// Runs a machine until it stops.
pub(super) fn run(machine: &mut Machine<'_>) {
    loop {
        #[cfg(wasmote_assembly)]
        if let Some(exit) = crate::raw::run_assembly(machine) {
            machine.stop(exit);
            return;
        }
        let goes_on = match machine.operands().unit(0) {
            // Calls of the host, and what comes back from a guest's allocator, have the shortest way.
            forms::CallImport::F0 => call::call_import_slowly(machine),
            forms::Return::F0 => machine.return_slowly(),
            forms::Return32::F0 => call::return_32_slowly(machine),
            _ => one_step(machine),
        };
        if !goes_on {
            return;
        }
    }
}

/// Does one operation; false stops the machine.
#[inline]
fn one_step(machine: &mut Machine<'_>) -> bool {
    let mut r = Regs::load(machine);
    let flow = step(r.unit(0), &mut r);
    r.save();
    match flow {
        Flow::Next => true,
        Flow::Stop => false,
        Flow::Cold(cold) => cold(machine),
    }
}

/// Whether handlers in assembly finish every operation of a class, the next one being given too.
const fn all_finished(class: (usize, usize), next: (usize, usize)) -> bool {
    let mut number = class.0;
    while number < next.0 {
        if !finishes(number as u16 * STEP) {
            return false;
        }
        number += 1;
    }
    true
}

fn step(unit: u16, r: &mut Regs<'_, '_>) -> Flow {
    let (row, form) = row_and_form(unit);
    match row {
        _ if row >= OTHER.1 => other(unit, r),
        _ if row >= STEPS.1 && const { !all_finished(STEPS, OTHER) } => step_and_branch(row - STEPS.1, form, r),
        _ if row >= WORD.1 && const { !all_finished(WORD, STEPS) } => word(row - WORD.1, form, r),
        _ if row >= FUSED.1 && const { !all_finished(FUSED, WORD) } => fused(row - FUSED.1, form, r),
        _ if row >= STORE.1 => store(unit, r),
        _ if row >= LOAD.1 => load(unit, r),
        _ if const { !all_finished((0, 0), LOAD) } => operator(row, form, r),
        _ => control::stop(r, Trap::Unreachable),
    }
}

/// Where an operator's operands and result are.
#[derive(Clone, Copy, Default)]
struct Shape {
    /// Whether the first operand is in the accumulator.
    first: bool,
    /// Whether the right operand is an immediate.
    immediate: bool,
    /// Whether the result goes to the accumulator only.
    bare: bool,
    branch: Option<bool>,
    operands: usize,
}

impl Shape {
    fn of(row: usize, form: u16) -> Shape {
        let none = Shape { operands: 2, ..Shape::default() };
        let int = Shape { first: form & form::ACC != 0, immediate: form & form::IMM != 0, ..none };
        match row {
            _ if row >= COMPARE_FLOAT.1 && const { !all_finished(COMPARE_FLOAT, LOAD) } => {
                let branch = match form {
                    form::IF => Some(true),
                    form::UNLESS => Some(false),
                    _ => None,
                };
                Shape { branch, ..none }
            }
            _ if row >= COMPARE_INT.1 && const { !all_finished(COMPARE_INT, COMPARE_FLOAT) } => {
                Shape { branch: (form & form::BRANCH != 0).then_some(true), ..int }
            }
            _ if row >= BINARY_FLOAT.1 => {
                Shape { first: form & form::FIRST != 0, bare: form & form::ONLY != 0, ..none }
            }
            _ if row >= BINARY_INT.1 => Shape { bare: form & form::BARE != 0, ..int },
            _ => Shape { first: form & form::FIRST != 0, operands: 1, ..none },
        }
    }
}

/// An operator that takes values and gives one, or branches.
fn operator(row: usize, form: u16, r: &mut Regs<'_, '_>) -> Flow {
    let (operand, result) = SIGNATURES.get(row).copied().unwrap_or((ValType::I32, ValType::I32));
    let shape = Shape::of(row, form);
    let mut n = if shape.bare || shape.branch.is_some() { 1 } else { 2 };
    let left = if shape.first {
        accumulated(r, operand)
    } else {
        n += 1;
        slot(r, operand, n - 1)
    };
    let mut right = 0;
    if shape.operands == 2 {
        right = if shape.immediate { i64::from(r.imm(n)) as u64 } else { slot(r, operand, n) };
        n += 1;
    }
    let bits = match compute(row, left, right) {
        Ok(bits) => bits,
        Err(trap) => return control::stop(r, trap),
    };
    if let Some(sense) = shape.branch
        && const { !all_finished(COMPARE_INT, LOAD) }
    {
        return branch_if(r, (bits != 0) == sense, n);
    }
    finish(r, result, bits, shape.bare, n)
}

/// Leaves a result in the accumulator, and in its slot unless it is bare.
fn finish(r: &mut Regs<'_, '_>, result: ValType, bits: u64, bare: bool, units: usize) -> Flow {
    accumulate(r, result, bits);
    if !bare {
        if result.slots() == 2 {
            r.set(1, bits);
        } else {
            r.set(1, bits as u32);
        }
    }
    r.advance(units);
    Flow::Next
}

/// The first operand of an operation with the forms of `BinaryFloat`, and the unit behind it.
fn first(r: &Regs<'_, '_>, ty: ValType, form: u16) -> (u64, usize) {
    let n = if form & form::ONLY != 0 { 1 } else { 2 };
    if form & form::FIRST != 0 { (accumulated(r, ty), n) } else { (slot(r, ty, n), n + 1) }
}

/// Two operators in one; none of them traps.
fn fused(index: usize, form: u16, r: &mut Regs<'_, '_>) -> Flow {
    let Some(fusion) = FUSIONS.get(index) else { return Flow::Stop };
    let [one, two] = [fusion.first, fusion.second].map(|op| row_and_form(op as u16).0);
    let (ty, result) = SIGNATURES.get(one).copied().unwrap_or((ValType::I32, ValType::I32));
    let (mut bits, n) = first(r, ty, form);
    for (row, letter, n) in [(one, fusion.rest[0], n), (two, fusion.rest[1], n + 1)] {
        let right = if letter == b'i' { i64::from(r.imm(n)) as u64 } else { slot(r, ty, n) };
        bits = compute(row, bits, right).unwrap_or(0);
    }
    finish(r, result, bits, form & form::ONLY != 0, n + 2)
}

/// An operator whose right operand is a word in the code; none of them traps.
fn word(index: usize, form: u16, r: &mut Regs<'_, '_>) -> Flow {
    let Some((_, op)) = WORDS.get(index) else { return Flow::Stop };
    let row = row_and_form(*op as u16).0;
    let (ty, result) = SIGNATURES.get(row).copied().unwrap_or((ValType::I32, ValType::I32));
    let (left, n) = first(r, ty, form);
    let word = r.word(n);
    let right = if ty == ValType::F64 { num::f64_promote_f32(f32::from_bits(word)).to_bits() } else { u64::from(word) };
    let bits = compute(row, left, right).unwrap_or(0);
    finish(r, result, bits, form & form::ONLY != 0, n + 2)
}

/// A step and the branch that it ends in.
fn step_and_branch(index: usize, form: u16, r: &mut Regs<'_, '_>) -> Flow {
    let Some((_, op)) = STEPPED.get(index) else { return Flow::Stop };
    let row = row_and_form(*op as u16).0;
    let compare = |a: u32, b: u32| compute(row, u64::from(a), u64::from(b)) == Ok(1);
    if form == 0 { control::step::<0>(r, compare) } else { control::step::<{ form::IMM }>(r, compare) }
}

fn load(unit: u16, r: &mut Regs<'_, '_>) -> Flow {
    // What handlers leave is outside of the window, most of it.
    if cfg!(wasmote_assembly) {
        return Flow::Cold(load_slowly);
    }
    let (access, form) = access(unit);
    let place = Place::of_load(form);
    let (address, offset) = (place.base(r), place.offset(r));
    let raw = match access.size {
        1 => r.load_cell::<u8>(address, offset).map(u64::from),
        2 => r.load_cell::<u16>(address, offset).map(u64::from),
        4 => r.load_cell::<u32>(address, offset).map(u64::from),
        _ => r.load_cell::<u64>(address, offset),
    };
    match raw {
        Some(raw) => {
            memory::give_loaded(r, access, raw, usize::from(place.result));
            r.advance(usize::from(place.units));
            Flow::Next
        }
        None => Flow::Cold(load_slowly),
    }
}

fn store(unit: u16, r: &mut Regs<'_, '_>) -> Flow {
    if cfg!(wasmote_assembly) {
        return Flow::Cold(store_slowly);
    }
    let (access, form) = access(unit);
    let place = Place::of_store(form);
    let (address, offset) = (place.base(r), place.offset(r));
    let bits = match form {
        form::ZERO => 0,
        form::VALUE | form::SUM_ACC => accumulated(r, access.ty),
        _ => slot(r, access.ty, usize::from(place.value)),
    };
    let stored = match access.size {
        1 => r.store_cell(address, offset, bits as u8),
        2 => r.store_cell(address, offset, bits as u16),
        4 => r.store_cell(address, offset, bits as u32),
        _ => r.store_cell(address, offset, bits),
    };
    if !stored {
        return Flow::Cold(store_slowly);
    }
    r.advance(usize::from(place.units));
    Flow::Next
}

/// The bits of the value in the slot that unit `n` names.
pub(super) fn slot(r: &Regs<'_, '_>, ty: ValType, n: usize) -> u64 {
    if ty.slots() == 2 { r.get(n) } else { u64::from(r.get::<u32>(n)) }
}

/// The bits of the value of this type in the accumulator.
pub(super) fn accumulated(r: &Regs<'_, '_>, ty: ValType) -> u64 {
    match ty {
        ValType::F32 => u64::from(f32::take(r).to_bits()),
        ValType::F64 => f64::take(r).to_bits(),
        ValType::I64 => u64::take(r),
        _ => u64::from(u32::take(r)),
    }
}

/// Leaves a value of this type in the accumulator.
pub(super) fn accumulate(r: &mut Regs<'_, '_>, ty: ValType, bits: u64) {
    match ty {
        ValType::F32 => f32::from_bits(bits as u32).put(r),
        ValType::F64 => f64::from_bits(bits).put(r),
        ValType::I64 => bits.put(r),
        _ => (bits as u32).put(r),
    }
}

/// A value as bits.
trait Raw {
    fn of(bits: u64) -> Self;
    fn bits(self) -> u64;
}
macro_rules! raw {
    ($($ty:ty: $of:expr, $bits:expr;)*) => { $(
        impl Raw for $ty {
            #[inline(always)]
            fn of(bits: u64) -> $ty {
                $of(bits)
            }
            #[inline(always)]
            fn bits(self) -> u64 {
                $bits(self)
            }
        }
    )* };
}
raw! {
    u32: |bits| bits as u32, u64::from;
    u64: u64::from, u64::from;
    f32: |bits| f32::from_bits(bits as u32), |value: f32| u64::from(value.to_bits());
    f64: f64::from_bits, f64::to_bits;
    bool: |bits| bits != 0, u64::from;
}

/// What a meaning gives, as bits or a trap.
trait Given {
    fn given(self) -> Result<u64, Trap>;
}
macro_rules! given {
    ($($ty:ty),*) => { $(
        impl Given for $ty {
            #[inline(always)]
            fn given(self) -> Result<u64, Trap> {
                Ok(self.bits())
            }
        }
        impl Given for Result<$ty, Trap> {
            #[inline(always)]
            fn given(self) -> Result<u64, Trap> {
                self.map(Raw::bits)
            }
        }
    )* };
}
given!(u32, u64, f32, f64, bool);

#[inline(always)]
fn one<A: Raw, R: Given>(f: impl Fn(A) -> R, a: u64) -> Result<u64, Trap> {
    f(A::of(a)).given()
}

#[inline(always)]
fn two<A: Raw, R: Given>(f: impl Fn(A, A) -> R, a: u64, b: u64) -> Result<u64, Trap> {
    f(A::of(a), A::of(b)).given()
}

macro_rules! define_rows {
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
        /// The meaning of a row, on bits.
        fn compute(row: usize, left: u64, right: u64) -> Result<u64, Trap> {
            match row {
                $(forms::$u::ROW if const { !finishes(forms::$u::F0) } => one(num::$u_fn, left),)*
                $(forms::$b::ROW if const { !finishes(forms::$b::F0) } => two(num::$b_fn, left, right),)*
                $(forms::$f::ROW if const { !finishes(forms::$f::F0) } => two(num::$f_fn, left, right),)*
                $(forms::$c::ROW if const { !finishes(forms::$c::F0) } => two(num::$c_fn, left, right),)*
                $(forms::$n::ROW if const { !finishes(forms::$n::F0) } => two(num::$n_fn, left, right),)*
                _ => Ok(0),
            }
        }

        /// The operations that have one form each.
        fn other(unit: u16, r: &mut Regs<'_, '_>) -> Flow {
            match unit {
                $(forms::$o::F0 if const { !finishes(forms::$o::F0) } => $o_fn(r),)*
                _ => control::stop(r, Trap::Unreachable),
            }
        }
    };
}

with_ops!(define_rows);
