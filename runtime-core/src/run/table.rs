//! Tables and references.

use super::call::or_stop;
use super::machine::Machine;
use super::memory::give;
use super::{Flow, Regs};
use crate::instance::ElementSegment;
use crate::isa::Trap;

macro_rules! cold {
    ($($name:ident = $slow:ident)*) => { $(
        #[inline(always)]
        pub(super) fn $name(_: &mut Regs<'_, '_>) -> Flow {
            Flow::Cold($slow)
        }
    )* };
}

cold! {
    get = get_slowly
    set = set_slowly
    size = size_slowly
    grow = grow_slowly
    fill = fill_slowly
    copy = copy_slowly
    init = init_slowly
    elem_drop = elem_drop_slowly
    ref_func = ref_func_slowly
}

fn get_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, table) = (r.get::<u32>(2), u32::from(r.unit(3)));
    match m.table(table).and_then(|table| table.get(&m.arena, index)) {
        Some(handle) => give(m, handle, 4),
        None => m.stop_at(Trap::TableOutOfBounds),
    }
}

/// Does something to a table, and passes over the operation if it succeeds.
fn finish(m: &mut Machine<'_>, units: usize, f: impl FnOnce(&mut Machine<'_>) -> Result<(), Trap>) -> bool {
    let result = f(m);
    if result.is_ok() {
        let mut r = m.operands();
        r.advance(units);
        r.save();
    }
    or_stop(m, result)
}

fn set_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (index, handle, table) = (r.get::<u32>(1), r.get::<u32>(2), u32::from(r.unit(3)));
    finish(m, 4, |m| m.table(table).ok_or(Trap::TableOutOfBounds)?.set(&mut m.arena, index, handle))
}

fn size_slowly(m: &mut Machine<'_>) -> bool {
    let table = u32::from(m.operands().unit(2));
    let size = m.table(table).map_or(0, |table| table.size(&m.arena));
    give(m, size, 3)
}

fn grow_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let (handle, delta, table) = (r.get::<u32>(2), r.get::<u32>(3), u32::from(r.unit(4)));
    let old = m.table(table).and_then(|table| table.grow(&mut m.arena, delta, handle));
    m.charge_bulk(if old.is_some() { u64::from(delta) } else { 0 });
    m.refresh();
    give(m, old.unwrap_or(u32::MAX), 5)
}

fn fill_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, handle, len] = [1, 2, 3].map(|n| r.get::<u32>(n));
    let table = u32::from(r.unit(4));
    finish(m, 5, |m| {
        let table = m.table(table).ok_or(Trap::TableOutOfBounds)?;
        table.check(&m.arena, to, len)?;
        m.charge_bulk(u64::from(len));
        table.fill(&mut m.arena, to, handle, len)
    })
}

fn copy_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, from, len] = [1, 2, 3].map(|n| r.get::<u32>(n));
    let [target, source] = [4, 5].map(|n| u32::from(r.unit(n)));
    finish(m, 6, |m| {
        let target = m.table(target).ok_or(Trap::TableOutOfBounds)?;
        let source = m.table(source).ok_or(Trap::TableOutOfBounds)?;
        target.check(&m.arena, to, len)?;
        source.check(&m.arena, from, len)?;
        m.charge_bulk(u64::from(len));
        target.copy(&mut m.arena, to, source, from, len)
    })
}

fn init_slowly(m: &mut Machine<'_>) -> bool {
    let r = m.operands();
    let [to, from, len] = [1, 2, 3].map(|n| r.get::<u32>(n));
    let (table, element) = (u32::from(r.unit(4)), r.word(5));
    finish(m, 7, |m| {
        let table = m.table(table).ok_or(Trap::TableOutOfBounds)?;
        let instance = m.instance.ok_or(Trap::TableOutOfBounds)?;
        let dropped = instance.is_dropped(&m.arena, |parts| parts.dropped_elements, element);
        let segment = ElementSegment::find(&m.arena, instance, element).map_err(|_| Trap::TableOutOfBounds)?;
        let count = if dropped { 0 } else { segment.count() };
        if from.checked_add(len).is_none_or(|end| end > count) {
            return Err(Trap::TableOutOfBounds);
        }
        table.check(&m.arena, to, len)?;
        m.charge_bulk(u64::from(len));
        if dropped { Ok(()) } else { segment.init(&mut m.arena, instance, table, to, from, len) }
    })
}

fn elem_drop_slowly(m: &mut Machine<'_>) -> bool {
    let index = m.operands().word(1);
    finish(m, 3, |m| {
        if let Some(instance) = m.instance {
            instance.drop_segment(&mut m.arena, |parts| parts.dropped_elements, index);
        }
        Ok(())
    })
}

fn ref_func_slowly(m: &mut Machine<'_>) -> bool {
    let index = m.operands().word(2);
    let handle = m.instance.map_or(0, |instance| instance.func(&m.arena, index));
    give(m, handle, 4)
}
