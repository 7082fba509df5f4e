//! Memory: accesses in the window are fast, all others meet the memory's segment.

use super::call::or_stop;
use super::compact::accumulate;
use super::machine::Machine;
use super::{Flow, Regs};
use crate::instance::{DataSegment, MemorySegment, copy_memory};
use crate::isa::Trap;
use crate::isa::ops::{Access, access, form};
use crate::raw::Slot;

/// Where the operands of a load or a store are: numbers of units, 0 for the accumulator or for none.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: usize,
    /// What is added to the first part of the address.
    addend: Addend,
    pub(super) result: usize,
    pub(super) value: usize,
    offset: usize,
    pub(super) units: usize,
}

/// The second part of an address, at this unit.
#[derive(Clone, Copy)]
enum Addend {
    None,
    Immediate(usize),
    Slot(usize),
}

impl Place {
    #[inline(always)]
    pub(super) const fn of_load(form: u16) -> Place {
        let (first, addend, result, offset) = match form {
            form::FIRST => (0, Addend::None, 1, 2),
            form::ONLY => (1, Addend::None, 0, 2),
            form::SUM => (2, Addend::Immediate(3), 1, 4),
            form::SUM_ACC => (1, Addend::Immediate(2), 0, 3),
            form::INDEX => (2, Addend::Slot(3), 1, 4),
            form::INDEX_ACC => (1, Addend::Slot(2), 0, 3),
            form::FAR | 0 => (2, Addend::None, 1, 3),
            _ => (0, Addend::None, 0, 1),
        };
        Place { first, addend, result, value: 0, offset, units: offset + if form == form::FAR { 2 } else { 1 } }
    }

    #[inline(always)]
    pub(super) const fn of_store(form: u16) -> Place {
        let (first, addend, value, offset) = match form {
            form::FIRST => (0, Addend::None, 1, 2),
            form::VALUE | form::ZERO => (1, Addend::None, 0, 2),
            form::SUM => (1, Addend::Immediate(2), 3, 4),
            form::SUM_ACC => (1, Addend::Immediate(2), 0, 3),
            _ => (1, Addend::None, 2, 3),
        };
        Place { first, addend, result: 0, value, offset, units: offset + if form == form::FAR { 2 } else { 1 } }
    }

    #[inline(always)]
    pub(super) fn offset(self, r: &Regs<'_, '_>, form: u16) -> u32 {
        if form == form::FAR { r.word(self.offset) } else { u32::from(r.unit(self.offset)) }
    }

    /// The address operand, the sum of both parts.
    #[inline(always)]
    pub(super) fn base(self, r: &Regs<'_, '_>) -> u32 {
        let first: u32 = if self.first == 0 { u32::take(r) } else { r.get(self.first) };
        match self.addend {
            Addend::None => first,
            Addend::Immediate(n) => first.wrapping_add(r.imm(n) as u32),
            Addend::Slot(n) => first.wrapping_add(r.get(n)),
        }
    }

    /// The effective address.
    fn address(self, r: &Regs<'_, '_>, form: u16) -> u64 {
        u64::from(self.base(r)) + u64::from(self.offset(r, form))
    }
}

/// A load outside of the window: from another extent, to which the window moves, or zeros.
pub(super) fn load_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (access, form) = access(r.unit(0));
    let place = Place::of_load(form);
    let address = place.address(&r, form);
    let Some(memory) = m.memory(0) else { return m.stop_at(Trap::MemoryOutOfBounds) };
    if let Some(extent) = memory.extent_with(&m.arena, address, address + u64::from(access.size)) {
        memory.open_window(&mut m.arena, extent);
        m.refresh_window();
    }
    load_from(m, memory, address, access, place.result, place.units)
}

/// Reads a value into a slot, if unit `to` is one, and into the accumulator.
fn load_from(
    m: &mut Machine<'_>,
    memory: MemorySegment,
    address: u64,
    access: Access,
    to: usize,
    units: usize,
) -> bool {
    let mut bytes = [0; 8];
    let Some(part) = bytes.get_mut(..access.size as usize) else { return false };
    if let Err(trap) = memory.read(&m.arena, address, part) {
        return m.stop_at(trap);
    }
    let raw = u64::from_le_bytes(bytes);
    let mut r = m.operands();
    give_loaded(&mut r, access, raw, to);
    r.advance(units);
    r.save();
    true
}

/// Widens what was loaded and leaves it in the accumulator, and in a slot if unit `to` is one.
pub(super) fn give_loaded(r: &mut Regs<'_, '_>, access: Access, raw: u64, to: usize) {
    let unused = 64 - u32::from(access.size) * 8;
    let raw = raw << unused;
    let value = if access.signed { (raw as i64 >> unused) as u64 } else { raw >> unused };
    accumulate(r, access.ty, value);
    if to != 0 {
        if access.ty.slots() == 2 {
            r.set(to, value);
        } else {
            r.set(to, value as u32);
        }
    }
}

/// A store outside of the window: the bytes are committed, the window moves there, and the operation runs again.
pub(super) fn store_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (access, form) = access(r.unit(0));
    let address = Place::of_store(form).address(&r, form);
    let Some(memory) = m.memory(0) else { return m.stop_at(Trap::MemoryOutOfBounds) };
    let mut committed = memory.commit(&mut m.arena, address, u64::from(access.size));
    if committed == Err(Trap::OutOfMemory) && m.reclaim() {
        committed = memory.commit(&mut m.arena, address, u64::from(access.size));
    }
    match committed {
        Ok(extent) => {
            memory.open_window(&mut m.arena, extent);
            m.refresh();
            true
        }
        Err(trap) => m.stop_at(trap),
    }
}

#[inline(always)]
pub(super) fn load_any(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(load_any_slowly)
}

fn load_any_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (access, _) = access(r.unit(1));
    let (address, index) = (u64::from(r.get::<u32>(3)) + u64::from(r.word(4)), u32::from(r.unit(6)));
    match m.memory(index) {
        Some(memory) => load_from(m, memory, address, access, 2, 7),
        None => m.stop_at(Trap::MemoryOutOfBounds),
    }
}

#[inline(always)]
pub(super) fn store_any(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(store_any_slowly)
}

fn store_any_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (access, _) = access(r.unit(1));
    let (address, index) = (u64::from(r.get::<u32>(2)) + u64::from(r.word(4)), u32::from(r.unit(6)));
    let value = if access.ty.slots() == 2 { r.get::<u64>(3) } else { u64::from(r.get::<u32>(3)) };
    let bytes = value.to_le_bytes();
    let part = bytes.get(..access.size as usize).unwrap_or(&[]);
    finish(m, 7, |m| m.memory(index).ok_or(Trap::MemoryOutOfBounds)?.write(&mut m.arena, address, part))
}

/// Does something to a memory that may move the arena, and passes over the operation if it succeeds.
fn finish(m: &mut Machine<'_>, units: usize, f: impl FnOnce(&mut Machine<'_>) -> Result<(), Trap>) -> bool {
    let result = f(m);
    m.refresh();
    if result.is_ok() {
        let mut r = m.operands();
        r.advance(units);
        r.save();
    }
    or_stop(m, result)
}

#[inline(always)]
pub(super) fn size(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(size_slowly)
}

fn size_slowly(m: &mut Machine<'_>) -> bool {
    let index = u32::from(m.operands().unit(2));
    let pages = m.memory(index).map_or(0, |memory| memory.pages(&m.arena));
    give(m, pages as u32, 3)
}

/// Writes a cold path's result and passes over the operation.
pub(super) fn give(m: &mut Machine<'_>, value: u32, units: usize) -> bool {
    let mut r = m.operands();
    r.set(1, value);
    r.advance(units);
    r.save();
    true
}

#[inline(always)]
pub(super) fn grow(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(grow_slowly)
}

fn grow_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (delta, index) = (r.get::<u32>(2), u32::from(r.unit(3)));
    let old = m.memory(index).and_then(|memory| memory.grow(&mut m.arena, u64::from(delta)));
    m.refresh_window();
    give(m, old.map_or(u32::MAX, |pages| pages as u32), 4)
}

#[inline(always)]
pub(super) fn fill(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(fill_slowly)
}

fn fill_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, value, len] = [1, 2, 3].map(|n| r.get::<u32>(n));
    let index = u32::from(r.unit(4));
    finish(m, 5, |m| {
        let memory = m.memory(index).ok_or(Trap::MemoryOutOfBounds)?;
        memory.check(&m.arena, u64::from(to), u64::from(len))?;
        m.charge_bulk(u64::from(len));
        memory.fill(&mut m.arena, u64::from(to), value as u8, u64::from(len))
    })
}

#[inline(always)]
pub(super) fn copy(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(copy_slowly)
}

fn copy_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, from, len] = [1, 2, 3].map(|n| u64::from(r.get::<u32>(n)));
    let [target, source] = [4, 5].map(|n| u32::from(r.unit(n)));
    finish(m, 6, |m| {
        let target = m.memory(target).ok_or(Trap::MemoryOutOfBounds)?;
        let source = m.memory(source).ok_or(Trap::MemoryOutOfBounds)?;
        target.check(&m.arena, to, len)?;
        source.check(&m.arena, from, len)?;
        m.charge_bulk(len);
        copy_memory(&mut m.arena, target, to, source, from, len)
    })
}

#[inline(always)]
pub(super) fn init(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(init_slowly)
}

fn init_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, from, len] = [1, 2, 3].map(|n| r.get::<u32>(n));
    let (memory, data) = (u32::from(r.unit(4)), r.word(5));
    finish(m, 7, |m| {
        let memory = m.memory(memory).ok_or(Trap::MemoryOutOfBounds)?;
        let instance = m.instance.ok_or(Trap::MemoryOutOfBounds)?;
        let dropped = instance.is_dropped(&m.arena, |parts| parts.dropped_datas, data);
        let bytes = DataSegment::find(&m.arena, instance, data).map_or(&[][..], |segment| segment.bytes);
        let bytes = if dropped { &[] } else { bytes };
        let end = (from as usize).checked_add(len as usize);
        let bytes = end.and_then(|end| bytes.get(from as usize..end)).ok_or(Trap::MemoryOutOfBounds)?;
        memory.check(&m.arena, u64::from(to), u64::from(len))?;
        m.charge_bulk(u64::from(len));
        memory.write(&mut m.arena, u64::from(to), bytes)
    })
}

#[inline(always)]
pub(super) fn data_drop(_: &mut Regs<'_, '_>) -> Flow {
    Flow::Cold(data_drop_slowly)
}

fn data_drop_slowly(m: &mut Machine<'_>) -> bool {
    let index = m.operands().word(1);
    finish(m, 3, |m| {
        if let Some(instance) = m.instance {
            instance.drop_segment(&mut m.arena, |parts| parts.dropped_datas, index);
        }
        Ok(())
    })
}
