//! Mounting: what the records say, without what was under way when the power went.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::CacheImpl;

use super::{
    FlashFs, Key, ROOT,
    record::{CHUNK_BYTES, Id, NameRecord, NodeRecord},
    table::{Kind, NameSlot, NodeSlot, hash},
};
use crate::Errno;

/// How many records are removed for each reading of the flash.
const BATCH: usize = 32;

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'_, F, C> {
    /// Fills the tables from the flash, and clears the flash of what does not belong to them.
    pub(super) fn rebuild(&mut self) -> Result<(), Errno> {
        if self.capacity_bytes() == 0 {
            return Err(Errno::Inval);
        }
        let mut found = Found::default();
        let (names, nodes) = (core::mem::take(&mut self.names), core::mem::take(&mut self.nodes));
        let outcome = self
            .each(|key, record| found.note(names, nodes, key, record))
            .and_then(|()| found.finish(nodes))
            .and_then(|()| self.each(|key, record| drop_replaced(names, key, record)));
        drop_loose(names, nodes);
        (self.names, self.nodes) = (names, nodes);
        outcome?;
        self.next_serial = found.last_serial.checked_add(1).ok_or(Errno::Overflow)?;
        self.next_node = found.last_node.checked_add(1).ok_or(Errno::Overflow)?;
        self.clear_remains()
    }

    /// Removes the records that nothing leads to.
    fn clear_remains(&mut self) -> Result<(), Errno> {
        loop {
            let (mut batch, mut count) = ([None; BATCH], 0);
            let (names, nodes) = (core::mem::take(&mut self.names), core::mem::take(&mut self.nodes));
            let outcome = self.each(|key, _| {
                let remain = remain(names, nodes, Id::of(key).ok_or(Errno::Io)?);
                if remain.is_some()
                    && !batch.contains(&remain)
                    && let Some(place) = batch.get_mut(count)
                {
                    *place = remain;
                    count += 1;
                }
                Ok(())
            });
            (self.names, self.nodes) = (names, nodes);
            outcome?;
            if count == 0 {
                return Ok(());
            }
            for remain in batch.into_iter().flatten() {
                match remain {
                    Remain::Record(id) => self.discard(id)?,
                    Remain::Content(content) => self.discard_chunks(content)?,
                }
            }
        }
    }
}

/// What was seen besides the tables.
struct Found {
    last_serial: u32,
    last_node: u32,
}

impl Default for Found {
    fn default() -> Self {
        Found { last_serial: 0, last_node: ROOT }
    }
}

impl Found {
    /// Puts what a record says into the tables, in place of what an older one of its key said.
    fn note(&mut self, names: &mut [NameSlot], nodes: &mut [NodeSlot], key: Key, record: &[u8]) -> Result<(), Errno> {
        match Id::of(key).ok_or(Errno::Io)? {
            Id::Name(serial) => {
                let record = NameRecord::read(record).ok_or(Errno::Io)?;
                self.last_serial = self.last_serial.max(serial).max(record.replaces);
                let slot = NameSlot {
                    serial,
                    parent: record.parent,
                    node: record.node,
                    hash: hash(record.text),
                    len: u8::try_from(record.text.len()).map_err(|_| Errno::Io)?,
                };
                *place(names, |old| old.serial == serial, |old| !old.is_used())? = slot;
            }
            Id::Node(id) => {
                let record = NodeRecord::read(record).ok_or(Errno::Io)?;
                self.last_node = self.last_node.max(id).max(record.content);
                let slot = NodeSlot {
                    id,
                    content: record.content,
                    size: record.size,
                    kind: Kind::of(record.kind),
                    ..NodeSlot::FREE
                };
                *place(nodes, |old| old.id == id, |old| !old.is_used())? = slot;
            }
            Id::Chunk(id, _) => self.last_node = self.last_node.max(id),
        }
        Ok(())
    }

    /// The root is there even if it has no record yet.
    fn finish(&mut self, nodes: &mut [NodeSlot]) -> Result<(), Errno> {
        if !nodes.iter().any(|slot| slot.id == ROOT) {
            let root = NodeSlot { id: ROOT, content: ROOT, kind: Kind::Directory, ..NodeSlot::FREE };
            *place(nodes, |_| false, |old| !old.is_used())? = root;
        }
        Ok(())
    }
}

/// The slot that is the wanted one, or else a free one; `NOMEM` if there is none.
fn place<S>(slots: &mut [S], wanted: impl Fn(&S) -> bool, free: impl Fn(&S) -> bool) -> Result<&mut S, Errno> {
    let index = slots.iter().position(wanted).or_else(|| slots.iter().position(free));
    index.and_then(|index| slots.get_mut(index)).ok_or(Errno::NoMem)
}

/// Drops the name that a rename replaced, if the power went before it was removed.
///
/// Older records are asked as well; what they replaced is long gone, and its serial is not used again.
fn drop_replaced(names: &mut [NameSlot], key: Key, record: &[u8]) -> Result<(), Errno> {
    let Some(Id::Name(serial)) = Id::of(key) else { return Ok(()) };
    let replaces = NameRecord::read(record).ok_or(Errno::Io)?.replaces;
    if replaces != 0
        && names.iter().any(|slot| slot.serial == serial)
        && let Some(slot) = names.iter_mut().find(|slot| slot.serial == replaces)
    {
        *slot = NameSlot::FREE;
    }
    Ok(())
}

/// Drops names without nodes, and nodes without names.
fn drop_loose(names: &mut [NameSlot], nodes: &mut [NodeSlot]) {
    for name in names.iter_mut().filter(|name| name.is_used()) {
        if ![name.node, name.parent].iter().all(|id| nodes.iter().any(|node| node.id == *id)) {
            *name = NameSlot::FREE;
        }
    }
    for node in nodes.iter_mut().filter(|node| node.is_used() && node.id != ROOT) {
        if !names.iter().any(|name| name.is_used() && name.node == node.id) {
            *node = NodeSlot::FREE;
        }
    }
}

/// What is to be removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remain {
    Record(Id),
    /// All chunks of a content.
    Content(u32),
}

/// What is to be removed because of this record: nothing, if something in the tables leads to it.
fn remain(names: &[NameSlot], nodes: &[NodeSlot], id: Id) -> Option<Remain> {
    let belongs = match id {
        Id::Name(serial) => names.iter().any(|slot| slot.serial == serial),
        Id::Node(id) => nodes.iter().any(|slot| slot.id == id),
        Id::Chunk(content, index) => {
            let slot = nodes.iter().find(|slot| slot.is_used() && slot.content == content);
            let Some(slot) = slot else { return Some(Remain::Content(content)) };
            index < slot.size.div_ceil(CHUNK_BYTES as u32)
        }
    };
    (!belongs).then_some(Remain::Record(id))
}
