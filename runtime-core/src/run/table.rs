//! Tables and references.

use super::machine::Machine;
use super::{Flow, Regs, rare};
use crate::instance::{ElementSegment, Part};
use crate::isa::Trap;

rare! {
    get = get_slowly, 4;
    set = set_slowly, 4;
    size = size_slowly, 3;
    grow = grow_slowly, 5;
    fill = fill_slowly, 5;
    copy = copy_slowly, 6;
    init = init_slowly, 7;
    elem_drop = elem_drop_slowly, 3;
    ref_func = ref_func_slowly, 4;
}

fn get_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (index, table) = (r.get::<u32>(2), u32::from(r.unit(3)));
    let handle = m.table(table).get(&m.arena, index).ok_or(Trap::TableOutOfBounds)?;
    m.operands().set(1, handle);
    Ok(())
}

fn set_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (index, handle, table) = (r.get::<u32>(1), r.get::<u32>(2), u32::from(r.unit(3)));
    m.table(table).set(&mut m.arena, index, handle).then_some(()).ok_or(Trap::TableOutOfBounds)
}

fn size_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let table = u32::from(m.operands().unit(2));
    let size = m.table(table).size(&m.arena);
    m.operands().set(1, size);
    Ok(())
}

fn grow_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let r = m.operands();
    let (handle, delta, table) = (r.get::<u32>(2), r.get::<u32>(3), u32::from(r.unit(4)));
    let old = m.table(table).grow(&mut m.arena, delta, handle);
    if old.is_some() {
        m.charge_bulk(delta);
    }
    m.operands().set(1, old.unwrap_or(u32::MAX));
    Ok(())
}

fn fill_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let (to, handle, len) = m.bulk_operands();
    let table = u32::from(m.operands().unit(4));
    let table = m.table(table);
    table.check(&m.arena, to, len)?;
    m.charge_bulk(len);
    table.fill(&mut m.arena, to, handle, len);
    Ok(())
}

fn copy_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let (to, from, len) = m.bulk_operands();
    let r = m.operands();
    let (target, source) = (u32::from(r.unit(4)), u32::from(r.unit(5)));
    let (target, source) = (m.table(target), m.table(source));
    target.check(&m.arena, to, len)?;
    source.check(&m.arena, from, len)?;
    m.charge_bulk(len);
    target.copy(&mut m.arena, to, source, from, len);
    Ok(())
}

fn init_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let (to, from, len) = m.bulk_operands();
    let r = m.operands();
    let (table, element) = (u32::from(r.unit(4)), r.word(5));
    let (table, instance) = (m.table(table), m.instance);
    let mut segment = ElementSegment::find(&m.arena, instance, element);
    if instance.is_dropped(&m.arena, Part::DroppedElements, element) {
        segment = segment.without_elements();
    }
    segment.check(&m.arena, table, to, from, len)?;
    m.charge_bulk(len);
    segment.init(&mut m.arena, instance, table, to, from, len);
    Ok(())
}

fn elem_drop_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let index = m.operands().word(1);
    m.instance.drop_segment(&mut m.arena, Part::DroppedElements, index);
    Ok(())
}

fn ref_func_slowly(m: &mut Machine<'_>) -> Result<(), Trap> {
    let index = m.operands().word(2);
    let handle = m.instance.func(&m.arena, index);
    m.operands().set(1, handle);
    Ok(())
}
