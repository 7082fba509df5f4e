//! The arena: an ordered list of segments in one lent buffer. Memories, tables, instances and records of host functions lie from
//! the bottom up in the order of their creation, frame stacks from the top down; what is between is free. A segment that grows
//! slides its neighbours. Segments are named by their index in the directory, which lies at the bottom; nothing
//! outside keeps an address across a growth.

use crate::isa::OutOfMemory;
use crate::raw::Lent;

/// Names a segment.
pub(crate) type SegmentId = u32;

/// What a segment is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Kind {
    Free,
    Instance,
    Host,
    Memory,
    Table,
    Global,
    Thread,
}

/// Bytes of an entry of the directory: start, length, kind, reserved.
const ENTRY: u32 = 16;

/// The segments of a lent buffer.
pub(crate) struct Arena<'a> {
    pub(crate) bytes: Lent<'a>,
    count: u32,
    /// End of the lower segments.
    low: u32,
    /// Start of the upper segments.
    high: u32,
    peak: u32,
    /// Counts what makes the registers of a machine stale: segments that move, memories that change their window or size.
    version: u32,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(bytes: Lent<'a>) -> Arena<'a> {
        Arena { bytes, count: 0, low: 0, high: bytes.len(), peak: 0, version: 0 }
    }

    pub(crate) fn free_bytes(&self) -> u32 {
        self.high - self.low
    }

    pub(crate) fn len_bytes(&self) -> u32 {
        self.bytes.len()
    }

    pub(crate) fn peak_bytes(&self) -> u32 {
        self.peak
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    pub(crate) fn start(&self, id: SegmentId) -> u32 {
        self.bytes.get32(id * ENTRY)
    }

    pub(crate) fn len(&self, id: SegmentId) -> u32 {
        self.bytes.get32(id * ENTRY + 4)
    }

    pub(crate) fn kind(&self, id: SegmentId) -> Kind {
        match self.bytes.get32(id * ENTRY + 8) {
            1 => Kind::Instance,
            2 => Kind::Host,
            3 => Kind::Memory,
            4 => Kind::Table,
            5 => Kind::Global,
            6 => Kind::Thread,
            _ => Kind::Free,
        }
    }

    /// Whether there is a segment of this name and kind. A handle may come from another arena.
    pub(crate) fn has(&self, id: SegmentId, kind: Kind) -> bool {
        id < self.count && self.kind(id) == kind
    }

    /// Word of a segment.
    pub(crate) fn word(&self, id: SegmentId, at: u32) -> u32 {
        self.bytes.get32(self.start(id) + at)
    }

    pub(crate) fn set_word(&mut self, id: SegmentId, at: u32, value: u32) {
        let start = self.start(id);
        self.bytes.set32(start + at, value);
    }

    fn require(&self, need: u64) -> Result<(), OutOfMemory> {
        let free = u64::from(self.free_bytes());
        if need <= free {
            Ok(())
        } else {
            Err(OutOfMemory { missing_bytes: (need - free).min(u64::from(u32::MAX)) as u32 })
        }
    }

    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// Whoever keeps addresses or sizes has to look again.
    pub(crate) fn note_change(&mut self) {
        self.version = self.version.wrapping_add(1);
    }

    fn note_peak(&mut self) {
        self.note_change();
        self.peak = self.peak.max(self.low + (self.bytes.len() - self.high));
    }

    /// A directory entry for a new segment, and what making it costs.
    fn entry(&mut self, need: u64) -> Result<SegmentId, OutOfMemory> {
        for id in 0..self.count {
            if self.kind(id) == Kind::Free {
                self.require(need)?;
                return Ok(id);
            }
        }
        self.require(need + u64::from(ENTRY))?;
        let end = self.count * ENTRY;
        self.bytes.slide(end, end + ENTRY, self.low - end);
        for id in 0..self.count {
            if self.start(id) < self.low && self.kind(id) != Kind::Free {
                self.shift(id, ENTRY);
            }
        }
        self.low += ENTRY;
        self.count += 1;
        Ok(self.count - 1)
    }

    fn shift(&mut self, id: SegmentId, by: u32) {
        let start = self.start(id).wrapping_add(by);
        self.bytes.set32(id * ENTRY, start);
    }

    fn describe(&mut self, id: SegmentId, start: u32, len: u32, kind: Kind) {
        for (at, word) in [(0, start), (4, len), (8, kind as u32), (12, 0)] {
            self.bytes.set32(id * ENTRY + at, word);
        }
        self.note_peak();
    }

    /// Makes a lower segment of `len` zero bytes, rounded up to 8.
    pub(crate) fn allocate(&mut self, kind: Kind, len: u64) -> Result<SegmentId, OutOfMemory> {
        let len = len.saturating_add(7) & !7;
        let id = self.entry(len)?;
        let (start, len) = (self.low, len as u32);
        self.bytes.zero(start, len);
        self.low += len;
        self.describe(id, start, len, kind);
        Ok(id)
    }

    /// Makes an upper segment of `len` bytes, a multiple of 8.
    pub(crate) fn allocate_upper(&mut self, kind: Kind, len: u32) -> Result<SegmentId, OutOfMemory> {
        let id = self.entry(u64::from(len))?;
        self.high -= len;
        self.describe(id, self.high, len, kind);
        Ok(id)
    }

    /// Puts `len` zero bytes, a multiple of 8, into a lower segment at offset `at`.
    pub(crate) fn insert(&mut self, id: SegmentId, at: u32, len: u64) -> Result<(), OutOfMemory> {
        self.require(len)?;
        let (len, from) = (len as u32, self.start(id) + at);
        self.bytes.slide(from, from + len, self.low - from);
        self.bytes.zero(from, len);
        self.move_behind(id, from, len);
        Ok(())
    }

    /// Takes `len` bytes out of a lower segment at offset `at`.
    pub(crate) fn remove(&mut self, id: SegmentId, at: u32, len: u32) {
        let from = self.start(id) + at;
        self.bytes.slide(from + len, from, self.low - from - len);
        self.move_behind(id, from, len.wrapping_neg());
    }

    fn move_behind(&mut self, id: SegmentId, from: u32, by: u32) {
        for other in 0..self.count {
            let start = self.start(other);
            if other != id && start >= from && start < self.low && self.kind(other) != Kind::Free {
                self.shift(other, by);
            }
        }
        let len = self.len(id).wrapping_add(by);
        self.bytes.set32(id * ENTRY + 4, len);
        self.low = self.low.wrapping_add(by);
        self.note_peak();
    }

    /// Gives an upper segment `len` more bytes, a multiple of 8. The bytes before offset `split` stay at its start, those
    /// behind stay at its end. Gives how far what lies before `split` has moved down.
    pub(crate) fn grow_upper(&mut self, id: SegmentId, split: u32, len: u32) -> Result<(), OutOfMemory> {
        self.require(u64::from(len))?;
        let start = self.start(id);
        self.bytes.slide(self.high, self.high - len, start + split - self.high);
        self.move_below(id, start, len);
        Ok(())
    }

    /// Takes `len` bytes, a multiple of 8, out of an upper segment in front of offset `split` + `len`.
    pub(crate) fn shrink_upper(&mut self, id: SegmentId, split: u32, len: u32) {
        let start = self.start(id);
        self.bytes.slide(self.high, self.high + len, start + split - self.high);
        self.move_below(id, start, len.wrapping_neg());
    }

    fn move_below(&mut self, id: SegmentId, start: u32, by: u32) {
        for other in 0..self.count {
            if self.kind(other) == Kind::Thread && self.start(other) <= start {
                self.shift(other, by.wrapping_neg());
            }
        }
        let len = self.len(id).wrapping_add(by);
        self.bytes.set32(id * ENTRY + 4, len);
        self.high = self.high.wrapping_sub(by);
        self.note_peak();
    }

    /// Frees an upper segment.
    pub(crate) fn free_upper(&mut self, id: SegmentId) {
        let (start, len) = (self.start(id), self.len(id));
        self.bytes.slide(self.high, self.high + len, start - self.high);
        self.bytes.set32(id * ENTRY + 8, Kind::Free as u32);
        for other in 0..self.count {
            if self.kind(other) == Kind::Thread && self.start(other) < start {
                self.shift(other, len);
            }
        }
        self.high += len;
        self.note_change();
    }
}
