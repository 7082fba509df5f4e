//! Branches and charges.

use super::{Flow, Regs};
use crate::isa::Trap;
use crate::isa::ops::form;
use crate::raw::{Exit, Slot};

/// Stops the machine with a trap.
#[inline(always)]
pub(super) fn stop(r: &mut Regs<'_, '_>, trap: Trap) -> Flow {
    r.set_exit(Exit::Trapped(trap));
    Flow::Stop
}

#[inline(always)]
pub(super) fn unreachable(r: &mut Regs<'_, '_>) -> Flow {
    stop(r, Trap::Unreachable)
}

/// Goes on if there is fuel.
#[inline(always)]
fn go_on(r: &mut Regs<'_, '_>, fuel: bool) -> Flow {
    if fuel {
        Flow::Next
    } else {
        r.set_exit(Exit::OutOfFuel);
        Flow::Stop
    }
}

#[inline(always)]
pub(super) fn charge(r: &mut Regs<'_, '_>) -> Flow {
    let fuel = r.charge(r.unit(1) as isize);
    r.advance(2);
    go_on(r, fuel)
}

#[inline(always)]
pub(super) fn charge_wide(r: &mut Regs<'_, '_>) -> Flow {
    let fuel = r.charge(r.word(1) as isize);
    r.advance(3);
    go_on(r, fuel)
}

#[inline(always)]
pub(super) fn skip(r: &mut Regs<'_, '_>) -> Flow {
    r.advance(1 + r.unit(1) as usize);
    Flow::Next
}

#[inline(always)]
pub(super) fn br(r: &mut Regs<'_, '_>) -> Flow {
    let fuel = r.branch(1);
    go_on(r, fuel)
}

#[inline(always)]
pub(super) fn br_wide(r: &mut Regs<'_, '_>) -> Flow {
    let fuel = r.branch_wide(1);
    go_on(r, fuel)
}

/// Takes the branch with its cell at unit `n`, the operation's last two, if the condition holds.
#[inline(always)]
pub(super) fn branch_if(r: &mut Regs<'_, '_>, holds: bool, n: usize) -> Flow {
    if holds {
        let fuel = r.branch(n);
        go_on(r, fuel)
    } else {
        r.advance(n + 2);
        Flow::Next
    }
}

#[inline(always)]
pub(super) fn br_if(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u32>(1) != 0;
    branch_if(r, holds, 2)
}

#[inline(always)]
pub(super) fn br_if_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u32::take(r) != 0;
    branch_if(r, holds, 1)
}

#[inline(always)]
pub(super) fn br_unless(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u32>(1) == 0;
    branch_if(r, holds, 2)
}

#[inline(always)]
pub(super) fn br_unless_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u32::take(r) == 0;
    branch_if(r, holds, 1)
}

#[inline(always)]
pub(super) fn br_if_64(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u64>(1) != 0;
    branch_if(r, holds, 2)
}

#[inline(always)]
pub(super) fn br_if_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u64::take(r) != 0;
    branch_if(r, holds, 1)
}

#[inline(always)]
pub(super) fn br_unless_64(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u64>(1) == 0;
    branch_if(r, holds, 2)
}

#[inline(always)]
pub(super) fn br_unless_64_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u64::take(r) == 0;
    branch_if(r, holds, 1)
}

#[inline(always)]
pub(super) fn br_if_and(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u32>(1) & r.imm(2) as u32 != 0;
    branch_if(r, holds, 3)
}

#[inline(always)]
pub(super) fn br_if_and_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u32::take(r) & r.imm(1) as u32 != 0;
    branch_if(r, holds, 2)
}

#[inline(always)]
pub(super) fn br_unless_and(r: &mut Regs<'_, '_>) -> Flow {
    let holds = r.get::<u32>(1) & r.imm(2) as u32 == 0;
    branch_if(r, holds, 3)
}

#[inline(always)]
pub(super) fn br_unless_and_acc(r: &mut Regs<'_, '_>) -> Flow {
    let holds = u32::take(r) & r.imm(1) as u32 == 0;
    branch_if(r, holds, 2)
}

/// Adds the immediate at unit 3 to the value that unit 2 names and keeps the sum.
#[inline(always)]
fn add_step(r: &mut Regs<'_, '_>) -> u32 {
    let value = r.get::<u32>(2).wrapping_add(r.imm(3) as u32);
    r.set(1, value);
    value
}

#[inline(always)]
pub(super) fn br_step(r: &mut Regs<'_, '_>) -> Flow {
    let holds = add_step(r) != 0;
    branch_if(r, holds, 4)
}

/// A step, then a branch if the comparison holds.
#[inline(always)]
pub(super) fn step<const FORM: u16>(r: &mut Regs<'_, '_>, f: impl Fn(u32, u32) -> bool) -> Flow {
    let value = add_step(r);
    let right = if FORM & form::IMM != 0 { r.imm(4) as u32 } else { r.get(4) };
    branch_if(r, f(value, right), 5)
}

#[inline(always)]
pub(super) fn br_table(r: &mut Regs<'_, '_>) -> Flow {
    let entry = r.get::<u32>(1).min(r.word(2));
    let fuel = r.branch(4 + entry as usize * 2);
    go_on(r, fuel)
}

#[inline(always)]
pub(super) fn br_table_wide(r: &mut Regs<'_, '_>) -> Flow {
    let entry = r.get::<u32>(1).min(r.word(2));
    let fuel = r.branch_wide(4 + entry as usize * 4);
    go_on(r, fuel)
}
