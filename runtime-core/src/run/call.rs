//! Calls and returns. Calls within an instance are fast; the rest is the machine's.

use super::machine::{Entry, Machine};
use super::{Cold, Flow, Regs};
use crate::instance::{HostSegment, type_of};
use crate::isa::Trap;

#[inline(always)]
pub(super) fn ret(r: &mut Regs<'_, '_>) -> Flow {
    if r.leave() { Flow::Next } else { Flow::Cold(|m| m.return_slowly()) }
}

#[inline(always)]
pub(super) fn ret_32(r: &mut Regs<'_, '_>) -> Flow {
    let value: u32 = r.get(1);
    r.set_first(value);
    ret(r)
}

/// Returns a value from the machine itself.
pub(super) fn return_32_slowly(m: &mut Machine<'_>) -> bool {
    let mut r = m.operands();
    let value: u32 = r.get(1);
    r.set_first(value);
    m.return_slowly()
}

#[inline(always)]
pub(super) fn ret_64(r: &mut Regs<'_, '_>) -> Flow {
    let value: u64 = r.get(1);
    r.set_first(value);
    ret(r)
}

/// Enters an own function; `slowly` does the whole operation where there is no fuel or no room. Handlers in assembly do what is
/// fast, so that the machine's way is the only one there.
#[inline(always)]
fn enter(r: &mut Regs<'_, '_>, index: u32, arguments: u16, units: usize, slowly: Cold) -> Flow {
    if !cfg!(wasmote_assembly) && r.enter(index, arguments, units) { Flow::Next } else { Flow::Cold(slowly) }
}

#[inline(always)]
pub(super) fn call(r: &mut Regs<'_, '_>) -> Flow {
    enter(r, u32::from(r.unit(1)), r.unit(2), 3, |m| enter_slowly(m, 1))
}

/// The call whose function and arguments are at unit `n`, where there was no room or no fuel.
fn enter_slowly(m: &mut Machine<'_>, n: usize) -> bool {
    let r = m.operands();
    let (index, arguments) = (u32::from(r.unit(n)), u32::from(r.unit(n + 1)));
    own(m, index, arguments, Entry::Call(n as u32 + 2))
}

/// The last argument is copied from where it is. Doing so once more, where there was no fuel, changes nothing.
#[inline(always)]
pub(super) fn call_copy_32(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, r.get::<u32>(2));
    enter(r, u32::from(r.unit(3)), r.unit(4), 5, |m| enter_slowly(m, 3))
}

/// The last two arguments are copied.
#[inline(always)]
pub(super) fn call_copy_two_32(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, r.get::<u32>(2));
    r.set(3, r.get::<u32>(4));
    enter(r, u32::from(r.unit(5)), r.unit(6), 7, |m| enter_slowly(m, 5))
}

#[inline(always)]
pub(super) fn call_far(r: &mut Regs<'_, '_>) -> Flow {
    enter(r, r.word(1), r.unit(3), 4, call_far_slowly)
}

fn call_far_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, arguments) = (r.word(1), u32::from(r.unit(3)));
    own(m, index, arguments, Entry::Call(4))
}

/// Enters a function of the current instance for which there was no room or no fuel.
fn own(m: &mut Machine<'_>, index: u32, arguments: u32, entry: Entry) -> bool {
    m.invoke_own(m.instance, index, arguments, entry)
}

#[inline(always)]
pub(super) fn call_import(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(call_import_slowly)
}

/// Calls an imported function: of a host mostly, which is found at once.
pub(super) fn call_import_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (handle, arguments) = (r.imported(1), u32::from(r.unit(3)));
    match HostSegment::of(handle) {
        Some(host) => m.invoke_host(host, arguments, Entry::Call(4)),
        None => m.invoke(handle, arguments, Entry::Call(4)),
    }
}

#[inline(always)]
pub(super) fn call_indirect(r: &mut Regs<'_, '_>) -> Flow {
    if !cfg!(wasmote_assembly)
        && r.unit(3) == 0
        && let Some(handle) = r.element(r.get(1))
        && let Some(index) = r.own_function(handle, u32::from(r.unit(2)))
    {
        return enter(r, index, r.unit(4), 5, call_indirect_slowly);
    }
    Flow::Cold(call_indirect_slowly)
}

fn call_indirect_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, ty, table, arguments) = (r.get::<u32>(1), r.unit(2), r.unit(3), r.unit(4));
    match resolve(m, u32::from(table), index, u32::from(ty)) {
        Ok(handle) => m.invoke(handle, u32::from(arguments), Entry::Call(5)),
        Err(trap) => m.stop_at(trap),
    }
}

/// The handle of a table's element, checked against a type.
fn resolve(m: &mut Machine<'_>, table: u32, index: u32, ty: u32) -> Result<u32, Trap> {
    let handle = m.table(table).get(&m.arena, index).ok_or(Trap::UndefinedElement)?;
    if handle == 0 {
        return Err(Trap::UninitializedElement);
    }
    let wanted = m.instance.module(&m.arena).map(|module| module.func_type(ty));
    if wanted == type_of(&m.arena, handle) { Ok(handle) } else { Err(Trap::IndirectCallTypeMismatch) }
}

#[inline(always)]
pub(super) fn return_call(r: &mut Regs<'_, '_>) -> Flow {
    if r.enter_instead(r.word(1), r.unit(3), r.unit(4)) { Flow::Next } else { Flow::Cold(return_call_slowly) }
}

fn return_call_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, arguments, len) = (r.word(1), u32::from(r.unit(3)), u32::from(r.unit(4)));
    own(m, index, arguments, Entry::Tail(len))
}

#[inline(always)]
pub(super) fn return_call_import(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(return_call_import_slowly)
}

fn return_call_import_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (handle, arguments, len) = (r.imported(1), u32::from(r.unit(3)), u32::from(r.unit(4)));
    m.invoke(handle, arguments, Entry::Tail(len))
}

#[inline(always)]
pub(super) fn return_call_indirect(r: &mut Regs<'_, '_>) -> Flow {
    if r.unit(3) == 0
        && let Some(handle) = r.element(r.get(1))
        && let Some(index) = r.own_function(handle, u32::from(r.unit(2)))
        && r.enter_instead(index, r.unit(4), r.unit(5))
    {
        return Flow::Next;
    }
    Flow::Cold(return_call_indirect_slowly)
}

fn return_call_indirect_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, ty, table) = (r.get::<u32>(1), r.unit(2), r.unit(3));
    let (arguments, len) = (u32::from(r.unit(4)), u32::from(r.unit(5)));
    match resolve(m, u32::from(table), index, u32::from(ty)) {
        Ok(handle) => m.invoke(handle, arguments, Entry::Tail(len)),
        Err(trap) => m.stop_at(trap),
    }
}
