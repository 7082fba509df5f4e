//! Memory: accesses in the window are fast, all others meet the memory's segment.

use super::compact::{accumulate, accumulated, slot};
use super::machine::Machine;
use super::{Flow, Regs, rare};
use crate::instance::{DataSegment, MemorySegment, Part, copy_memory};
use crate::isa::Trap;
use crate::isa::ops::{Access, access, form};
use crate::raw::Slot;

/// Where the operands of a load or a store are: numbers of units, 0 for the accumulator or for none.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The first part of the address; `NOTHING` if it has none.
    first: u8,
    /// What is added to the first part of the address.
    addend: Addend,
    pub(super) result: u8,
    pub(super) value: u8,
    offset: u8,
    /// Whether the offset is a word.
    is_word: bool,
    pub(super) units: u8,
}

/// Stands for the first part of an address that is in the code as a whole.
const NOTHING: u8 = u8::MAX;

/// The second part of an address, at this unit.
#[derive(Clone, Copy)]
enum Addend {
    None,
    Immediate(u8),
    Slot(u8),
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
            form::AT => (NOTHING, Addend::None, 1, 2),
            _ => (0, Addend::None, 0, 1),
        };
        let is_word = form == form::FAR || form == form::AT;
        Place { first, addend, result, value: 0, offset, is_word, units: offset + 1 + is_word as u8 }
    }

    #[inline(always)]
    pub(super) const fn of_store(form: u16) -> Place {
        let (first, addend, value, offset) = match form {
            form::FIRST => (0, Addend::None, 1, 2),
            form::VALUE | form::ZERO => (1, Addend::None, 0, 2),
            form::SUM => (1, Addend::Immediate(2), 3, 4),
            form::SUM_ACC => (1, Addend::Immediate(2), 0, 3),
            form::STORE_AT => (NOTHING, Addend::None, 1, 2),
            _ => (1, Addend::None, 2, 3),
        };
        let is_word = form == form::FAR || form == form::STORE_AT;
        Place { first, addend, result: 0, value, offset, is_word, units: offset + 1 + is_word as u8 }
    }

    #[inline(always)]
    pub(super) fn offset(self, r: &Regs<'_, '_>) -> u32 {
        let n = usize::from(self.offset);
        if self.is_word { r.word(n) } else { u32::from(r.unit(n)) }
    }

    /// The address operand, the sum of both parts.
    #[inline(always)]
    pub(super) fn base(self, r: &Regs<'_, '_>) -> u32 {
        let first: u32 = match self.first {
            0 => u32::take(r),
            NOTHING => 0,
            n => r.get(usize::from(n)),
        };
        match self.addend {
            Addend::None => first,
            Addend::Immediate(n) => first.wrapping_add(r.imm(usize::from(n)) as u32),
            Addend::Slot(n) => first.wrapping_add(r.get(usize::from(n))),
        }
    }

    /// The effective address, which no memory has if it takes more than 32 bits.
    fn address(self, r: &Regs<'_, '_>) -> Result<u32, Trap> {
        self.base(r).checked_add(self.offset(r)).ok_or(Trap::MemoryOutOfBounds)
    }
}

rare! {
    load_any = load_any_slowly, 7;
    store_any = store_any_slowly, 7;
    size = size_slowly, 3;
    grow = grow_slowly, 4;
    fill = fill_slowly, 5;
    copy = copy_slowly, 6;
    init = init_slowly, 7;
    data_drop = data_drop_slowly, 3;
}

/// A load outside of the window, or one that handlers in assembly do not know.
pub(super) fn load_slowly(m: &mut Machine<'_>) -> bool {
    let done = load(m);
    m.finish(0, done)
}

fn load(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (access, form) = access(r.unit(0));
    let place = Place::of_load(form);
    let address = place.address(&r)?;
    load_from(m, m.memory(0), address, access, usize::from(place.result))?;
    m.skip(u32::from(place.units));
    Ok(())
}

/// Reads a value into a slot, if unit `to` is one, and into the accumulator. The window moves to it; what was never touched is
/// zero.
fn load_from(m: &mut Machine<'_>, memory: MemorySegment, address: u32, access: Access, to: usize) -> Result<(), Trap> {
    let (mut bytes, len) = ([0; 8], u32::from(access.size));
    let part = bytes.get_mut(..len as usize).unwrap_or_default();
    match m.window_on(memory, address, len) {
        Some(at) => m.arena.bytes.read(at, part),
        None => {
            memory.check(&m.arena, address, len)?;
            m.look_at(memory, address, len);
            memory.read(&m.arena, address, part);
        }
    }
    let mut r = m.operands();
    give_loaded(&mut r, access, u64::from_le_bytes(bytes), to);
    r.save();
    Ok(())
}

/// Widens what was loaded and leaves it in the accumulator, and in a slot if unit `to` is one.
pub(super) fn give_loaded(r: &mut Regs<'_, '_>, access: Access, raw: u64, to: usize) {
    // A signed access has four bytes at most.
    let sign = if access.signed { u64::from(1u32 << (u32::from(access.size) * 8 - 1)) } else { 0 };
    let value = (raw ^ sign).wrapping_sub(sign);
    accumulate(r, access.ty, value);
    if to != 0 {
        if access.ty.slots() == 2 {
            r.set(to, value);
        } else {
            r.set(to, value as u32);
        }
    }
}

/// A store outside of the window, or one that handlers in assembly do not know.
pub(super) fn store_slowly(m: &mut Machine<'_>) -> bool {
    let done = store(m);
    m.finish(0, done)
}

fn store(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (access, form) = access(r.unit(0));
    let place = Place::of_store(form);
    let address = place.address(&r)?;
    let bits = match form {
        form::ZERO => 0,
        form::VALUE | form::SUM_ACC => accumulated(&r, access.ty),
        _ => slot(&r, access.ty, usize::from(place.value)),
    };
    store_to(m, m.memory(0), address, access, bits)?;
    m.skip(u32::from(place.units));
    Ok(())
}

/// Writes a value. Its bytes are committed, and the window moves there.
fn store_to(m: &mut Machine<'_>, memory: MemorySegment, address: u32, access: Access, bits: u64) -> Result<(), Trap> {
    let len = u32::from(access.size);
    let at = match m.window_on(memory, address, len) {
        Some(at) => at,
        None => {
            memory.check(&m.arena, address, len)?;
            let mut committed = memory.commit(&mut m.arena, address, len);
            if committed.is_none() && m.reclaim() {
                committed = memory.commit(&mut m.arena, address, len);
            }
            m.look_at(memory, address, len);
            committed.ok_or(Trap::OutOfMemory)?
        }
    };
    m.arena.bytes.write(at, bits.to_le_bytes().get(..len as usize).unwrap_or(&[]));
    Ok(())
}

/// Does what may lack memory; for want of it what is not needed is given back, and it goes on.
fn with_room(m: &mut Machine<'_>, f: fn(&mut Machine<'_>) -> Result<(), Trap>) -> Result<(), Trap> {
    m.copied = 0;
    match f(m) {
        Err(Trap::OutOfMemory) if m.reclaim() => f(m),
        done => done,
    }
}

fn load_any_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (access, _) = access(r.unit(1));
    let (address, index) = (r.get::<u32>(3).checked_add(r.word(4)), u32::from(r.unit(6)));
    load_from(m, m.memory(index), address.ok_or(Trap::MemoryOutOfBounds)?, access, 2)
}

fn store_any_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (access, _) = access(r.unit(1));
    let (address, index) = (r.get::<u32>(2).checked_add(r.word(4)), u32::from(r.unit(6)));
    let bits = slot(&r, access.ty, 3);
    store_to(m, m.memory(index), address.ok_or(Trap::MemoryOutOfBounds)?, access, bits)
}

fn size_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let index = u32::from(m.operands().unit(2));
    let pages = m.memory(index).pages(&m.arena);
    m.operands().set(1, pages as u32);
    Ok(())
}

fn grow_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (delta, index) = (r.get::<u32>(2), u32::from(r.unit(3)));
    let old = m.memory(index).grow(&mut m.arena, u64::from(delta));
    m.operands().set(1, old.map_or(u32::MAX, |pages| pages as u32));
    Ok(())
}

fn fill_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    with_room(m, |m| {
        let (to, value, len) = m.bulk_operands();
        let index = u32::from(m.operands().unit(4));
        if index != 0 || !m.fill_shown(to, value as u8, len) {
            m.memory(index).fill(&mut m.arena, to, value as u8, len)?;
        }
        m.charge_bulk(len);
        Ok(())
    })
}

fn copy_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    with_room(m, |m| {
        let (to, from, len) = m.bulk_operands();
        let r = m.operands();
        let (target, source) = (u32::from(r.unit(4)), u32::from(r.unit(5)));
        if m.copied | target | source != 0 || !m.slide_shown(from, to, len) {
            let (target, source) = (m.memory(target), m.memory(source));
            copy_memory(&mut m.arena, (target, to), (source, from), len, &mut m.copied)?;
        }
        m.charge_bulk(len);
        Ok(())
    })
}

fn init_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    with_room(m, |m| {
        let (to, from, len) = m.bulk_operands();
        let r = m.operands();
        let (memory, data) = (u32::from(r.unit(4)), r.word(5));
        let (memory, instance) = (m.memory(memory), m.instance);
        let bytes = if instance.is_dropped(&m.arena, Part::DroppedDatas, data) {
            &[]
        } else {
            DataSegment::find(&m.arena, instance, data).bytes
        };
        let end = (from as usize).checked_add(len as usize);
        let bytes = end.and_then(|end| bytes.get(from as usize..end)).ok_or(Trap::MemoryOutOfBounds)?;
        memory.write(&mut m.arena, to, bytes)?;
        m.charge_bulk(len);
        Ok(())
    })
}

fn data_drop_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let index = m.operands().word(1);
    m.instance.drop_segment(&mut m.arena, Part::DroppedDatas, index);
    Ok(())
}
