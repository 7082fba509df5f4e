//! Copies, constants, selections and globals.

use super::machine::Machine;
use super::{Flow, Regs, rare};
use crate::isa::Trap;
use crate::raw::Slot;

#[inline(always)]
fn copy<T: Slot>(r: &mut Regs<'_, '_>) -> Flow {
    let value: T = r.get(2);
    r.set(1, value);
    r.advance(3);
    Flow::Next
}

#[inline(always)]
pub(super) fn copy_32(r: &mut Regs<'_, '_>) -> Flow {
    copy::<u32>(r)
}

/// Two copies, one after the other.
#[inline(always)]
pub(super) fn copy_two_32(r: &mut Regs<'_, '_>) -> Flow {
    let value: u32 = r.get(2);
    r.set(1, value);
    let value: u32 = r.get(4);
    r.set(3, value);
    r.advance(5);
    Flow::Next
}

#[inline(always)]
pub(super) fn copy_64(r: &mut Regs<'_, '_>) -> Flow {
    copy::<u64>(r)
}

#[inline(always)]
pub(super) fn copy_block(r: &mut Regs<'_, '_>) -> Flow {
    r.copy_block(1, 2, r.unit(3));
    r.advance(4);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_16(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, r.imm(2) as u32);
    r.advance(3);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_16_acc(r: &mut Regs<'_, '_>) -> Flow {
    (r.imm(1) as u32).put(r);
    r.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_32(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, r.word(2));
    r.advance(4);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_32_acc(r: &mut Regs<'_, '_>) -> Flow {
    r.word(1).put(r);
    r.advance(3);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_64_imm(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, i64::from(r.imm(2)) as u64);
    r.advance(3);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_64_imm_acc(r: &mut Regs<'_, '_>) -> Flow {
    (i64::from(r.imm(1)) as u64).put(r);
    r.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_64(r: &mut Regs<'_, '_>) -> Flow {
    r.set(1, u64::from(r.word(2)) | u64::from(r.word(4)) << 32);
    r.advance(6);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    (u64::from(r.word(1)) | u64::from(r.word(3)) << 32).put(r);
    r.advance(5);
    Flow::Next
}

/// Chooses between the slots that two units from `n` on name.
#[inline(always)]
fn select<T: Slot>(r: &mut Regs<'_, '_>, condition: u32, n: usize) -> Flow {
    let value: T = if condition != 0 { r.get(n) } else { r.get(n + 1) };
    value.put(r);
    r.set(1, value);
    r.advance(n + 2);
    Flow::Next
}

#[inline(always)]
pub(super) fn select_32(r: &mut Regs<'_, '_>) -> Flow {
    select::<u32>(r, r.get(2), 3)
}

#[inline(always)]
pub(super) fn select_32_acc(r: &mut Regs<'_, '_>) -> Flow {
    select::<u32>(r, u32::take(r), 2)
}

#[inline(always)]
pub(super) fn select_64(r: &mut Regs<'_, '_>) -> Flow {
    select::<u64>(r, r.get(2), 3)
}

#[inline(always)]
pub(super) fn select_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    select::<u64>(r, u32::take(r), 2)
}

/// Reads the global that unit `n` names.
#[inline(always)]
fn global_get<T: Slot>(r: &mut Regs<'_, '_>, n: usize) -> Flow {
    let value: T = r.global(n);
    value.put(r);
    if n == 2 {
        r.set(1, value);
    }
    r.advance(n + 1);
    Flow::Next
}

#[inline(always)]
pub(super) fn global_get_32(r: &mut Regs<'_, '_>) -> Flow {
    global_get::<u32>(r, 2)
}

#[inline(always)]
pub(super) fn global_get_32_acc(r: &mut Regs<'_, '_>) -> Flow {
    global_get::<u32>(r, 1)
}

#[inline(always)]
pub(super) fn global_get_64(r: &mut Regs<'_, '_>) -> Flow {
    global_get::<u64>(r, 2)
}

#[inline(always)]
pub(super) fn global_get_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    global_get::<u64>(r, 1)
}

/// Writes the global that unit `n` names.
#[inline(always)]
fn global_set<T: Slot>(r: &mut Regs<'_, '_>, value: T, n: usize) -> Flow {
    r.set_global(n, value);
    r.advance(n + 1);
    Flow::Next
}

#[inline(always)]
pub(super) fn global_set_32(r: &mut Regs<'_, '_>) -> Flow {
    global_set::<u32>(r, r.get(1), 2)
}

#[inline(always)]
pub(super) fn global_set_32_acc(r: &mut Regs<'_, '_>) -> Flow {
    global_set(r, u32::take(r), 1)
}

/// A local and a number, added: how a function gives back its frame in memory.
#[inline(always)]
pub(super) fn global_set_sum(r: &mut Regs<'_, '_>) -> Flow {
    let sum = r.get::<u32>(1).wrapping_add(r.imm(2) as u32);
    global_set(r, sum, 3)
}

/// A number is taken from a global, and the difference kept: how a function takes its frame in memory.
#[inline(always)]
pub(super) fn global_sub(r: &mut Regs<'_, '_>) -> Flow {
    let difference = r.global::<u32>(3).wrapping_sub(r.imm(2) as u32);
    r.set(1, difference);
    difference.put(r);
    global_set(r, difference, 3)
}

#[inline(always)]
pub(super) fn global_set_64(r: &mut Regs<'_, '_>) -> Flow {
    global_set::<u64>(r, r.get(1), 2)
}

#[inline(always)]
pub(super) fn global_set_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    global_set(r, u64::take(r), 1)
}

rare! {
    global_get_import = get_imported, 4;
    global_set_import = set_imported, 4;
}

fn get_imported(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (index, is_wide) = (u32::from(r.unit(2)), r.unit(3) != 0);
    let bits = m.instance.global(&m.arena, index).get(&m.arena);
    let mut r = m.operands();
    if is_wide {
        r.set(1, bits);
    } else {
        r.set(1, bits as u32);
    }
    Ok(())
}

fn set_imported(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let index = u32::from(r.unit(2));
    let bits = if r.unit(3) != 0 { r.get::<u64>(1) } else { u64::from(r.get::<u32>(1)) };
    m.instance.global(&m.arena, index).set(&mut m.arena, bits);
    Ok(())
}
