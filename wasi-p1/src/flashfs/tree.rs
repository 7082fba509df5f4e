//! The tree of names, each a record of its own.

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::CacheImpl;

use super::{
    FlashFs, Key, ROOT,
    record::{Id, NAME_HEAD_BYTES, NAME_RECORD_BYTES_MAX, NameRecord},
    table::{NameSlot, hash},
};
use crate::{Errno, Filetype, names::Names, walk::Tree};

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> FlashFs<'_, F, C> {
    /// Where the slot of this name is.
    fn find_name(&mut self, parent: u32, text: &[u8]) -> Result<Option<usize>, Errno> {
        let hash = hash(text);
        for index in 0..self.names.len() {
            let Some(slot) = self.names.get(index).copied() else { break };
            let candidate = slot.is_used() && slot.parent == parent && slot.hash == hash;
            if candidate && usize::from(slot.len) == text.len() && self.name_text(slot.serial)? == text {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// The text of the name of this serial.
    pub(super) fn name_text(&mut self, serial: u32) -> Result<&[u8], Errno> {
        let record = self.fetch(Id::Name(serial))?.and_then(NameRecord::read);
        Ok(record.ok_or(Errno::Io)?.text)
    }

    /// Writes a name's record.
    fn store_name(&mut self, serial: u32, record: &NameRecord<'_>) -> Result<(), Errno> {
        let mut bytes = [0; NAME_RECORD_BYTES_MAX];
        let bytes = record.write(&mut bytes).ok_or(Errno::NameTooLong)?;
        self.store(Id::Name(serial), bytes)
    }

    /// Removes the name in a slot, and its node if nothing else holds it.
    fn remove_slot(&mut self, index: usize) -> Result<(), Errno> {
        let slot = *self.names.get(index).ok_or(Errno::Io)?;
        self.discard(Id::Name(slot.serial))?;
        if let Some(place) = self.names.get_mut(index) {
            *place = NameSlot::FREE;
        }
        self.touch(slot.parent)?;
        self.free_if_unused(slot.node)
    }
}

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> Tree for FlashFs<'_, F, C> {
    type Node = u32;

    fn kind(&mut self, node: u32) -> Result<Filetype, Errno> {
        Ok(self.node(node)?.kind.filetype())
    }

    fn find(&mut self, directory: u32, name: &[u8]) -> Result<Option<u32>, Errno> {
        let index = self.find_name(directory, name)?;
        Ok(index.and_then(|index| self.names.get(index)).map(|slot| slot.node))
    }

    fn parent(&mut self, directory: u32) -> Result<u32, Errno> {
        if directory == ROOT {
            return Ok(ROOT);
        }
        // A removed directory is nowhere any more.
        let name = self.names.iter().find(|slot| slot.is_used() && slot.node == directory);
        name.map(|slot| slot.parent).ok_or(Errno::NoEnt)
    }

    fn text(&mut self, symlink: u32, at: u32, into: &mut [u8]) -> Result<usize, Errno> {
        self.read_content(symlink, at, into)
    }
}

impl<F: MultiwriteNorFlash, C: CacheImpl<Key>> Names for FlashFs<'_, F, C> {
    fn root(&self) -> u32 {
        ROOT
    }

    fn has_name(&mut self, node: u32) -> Result<bool, Errno> {
        Ok(node == ROOT || self.names.iter().any(|slot| slot.is_used() && slot.node == node))
    }

    fn is_empty(&mut self, directory: u32) -> Result<bool, Errno> {
        Ok(!self.names.iter().any(|slot| slot.is_used() && slot.parent == directory))
    }

    fn make(&mut self, parent: u32, name: &[u8], kind: Filetype, text: &[u8]) -> Result<u32, Errno> {
        let node = self.new_node(kind, text)?;
        match self.add(parent, name, node) {
            Ok(()) => Ok(node),
            Err(errno) => {
                self.free_if_unused(node)?;
                Err(errno)
            }
        }
    }

    fn add(&mut self, parent: u32, name: &[u8], node: u32) -> Result<(), Errno> {
        let len = u8::try_from(name.len()).map_err(|_| Errno::NameTooLong)?;
        let index = self.names.iter().position(|slot| !slot.is_used()).ok_or(Errno::NoSpc)?;
        self.require_room(self.cost(NAME_HEAD_BYTES + name.len()))?;
        let serial = self.next_serial;
        self.next_serial = serial.checked_add(1).ok_or(Errno::NoSpc)?;
        self.store_name(serial, &NameRecord { parent, node, replaces: 0, text: name })?;
        let slot = NameSlot { serial, parent, node, hash: hash(name), len };
        *self.names.get_mut(index).ok_or(Errno::Io)? = slot;
        self.touch(parent)
    }

    fn take(&mut self, parent: u32, name: &[u8]) -> Result<(), Errno> {
        let index = self.find_name(parent, name)?.ok_or(Errno::NoEnt)?;
        self.remove_slot(index)
    }

    fn shift(&mut self, from: (u32, &[u8]), to: (u32, &[u8]), node: u32) -> Result<(), Errno> {
        let len = u8::try_from(to.1.len()).map_err(|_| Errno::NameTooLong)?;
        let index = self.find_name(from.0, from.1)?.ok_or(Errno::NoEnt)?;
        let replaced = self.find_name(to.0, to.1)?;
        let serial_at = |slots: &[NameSlot], index: usize| slots.get(index).map(|slot| slot.serial);
        let serial = serial_at(self.names, index).ok_or(Errno::Io)?;
        let replaces = replaced.and_then(|index| serial_at(self.names, index)).unwrap_or(0);
        if replaced.is_none() {
            self.require_room(self.cost(NAME_HEAD_BYTES + to.1.len()))?;
        }
        // From here on the old name is gone, and so is what had the new one.
        self.store_name(serial, &NameRecord { parent: to.0, node, replaces, text: to.1 })?;
        let slot = NameSlot { serial, parent: to.0, node, hash: hash(to.1), len };
        *self.names.get_mut(index).ok_or(Errno::Io)? = slot;
        self.touch(from.0)?;
        self.touch(to.0)?;
        replaced.map_or(Ok(()), |index| self.remove_slot(index))
    }

    fn empty(&mut self, file: u32) -> Result<(), Errno> {
        self.resize(file, 0)
    }
}
