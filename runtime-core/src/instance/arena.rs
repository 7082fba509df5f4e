//! The arena: an ordered list of segments in one lent buffer. Memories, tables, instances and records of host functions lie from
//! the bottom up in the order of their creation, frame stacks from the top down; what is between is free. A segment that grows
//! slides its neighbours. Segments are named by their index in the directory, which lies at the bottom; nothing
//! outside keeps an address across a growth.

use crate::isa::OutOfMemory;
use crate::raw::{Lent, words};

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

words! {
    /// An entry of the directory.
    Entry {
        start,
        len,
        kind,
        reserved,
    }
}

/// Bytes of an entry.
const ENTRY: u32 = size_of::<Entry>() as u32;

/// The segments of a lent buffer.
pub(crate) struct Arena<'a> {
    pub(crate) bytes: Lent<'a>,
    count: u32,
    /// End of the lower segments.
    low: u32,
    /// Start of the upper segments.
    high: u32,
    peak: u32,
    /// Counts growths that there was no room for.
    refused: u32,
    /// Counts what makes the registers of a machine stale: segments that move, memories that change their window or size.
    version: u32,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(bytes: Lent<'a>) -> Arena<'a> {
        Arena { bytes, count: 0, low: 0, high: bytes.len(), peak: 0, refused: 0, version: 0 }
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

    #[inline]
    pub(crate) fn start(&self, id: SegmentId) -> u32 {
        debug_assert!(id < self.count);
        if id < self.count { self.bytes.get32(id * ENTRY) } else { 0 }
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
        id < self.count && self.bytes.get32(id * ENTRY + 8) == kind as u32
    }

    /// The segments of a kind.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = SegmentId> + '_ {
        (0..self.count).filter(move |&id| self.has(id, kind))
    }

    /// Word of a segment.
    pub(crate) fn word(&self, id: SegmentId, at: u32) -> u32 {
        self.bytes.get32(self.start(id) + at)
    }

    pub(crate) fn set_word(&mut self, id: SegmentId, at: u32, value: u32) {
        let start = self.start(id);
        self.bytes.set32(start + at, value);
    }

    fn require(&self, need: u32) -> Result<(), OutOfMemory> {
        match need.checked_sub(self.free_bytes()) {
            None | Some(0) => Ok(()),
            Some(missing_bytes) => Err(OutOfMemory { missing_bytes }),
        }
    }

    /// A guest asked for more and was refused, which it only sees as -1.
    pub(crate) fn note_refusal(&mut self) {
        self.refused = self.refused.wrapping_add(1);
    }

    pub(crate) fn refused(&self) -> u32 {
        self.refused
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

    /// Notes that the segments which began in `from..to` lie `by` bytes further on. What a free entry says does not matter.
    fn shift(&mut self, from: u32, to: u32, by: u32) {
        for entry in self.bytes.list_mut::<Entry>(0, self.count) {
            if from <= entry.start && entry.start < to {
                entry.start = entry.start.wrapping_add(by);
            }
        }
    }

    fn lengthen(&mut self, id: SegmentId, by: u32) {
        let len = self.len(id).wrapping_add(by);
        self.bytes.set32(id * ENTRY + 4, len);
        self.note_peak();
    }

    /// A directory entry for a new segment, and what making it costs.
    fn entry(&mut self, need: u32) -> Result<SegmentId, OutOfMemory> {
        if let Some(id) = self.all(Kind::Free).next() {
            self.require(need)?;
            return Ok(id);
        }
        self.require(need.saturating_add(ENTRY))?;
        let (id, low) = (self.count, self.low);
        self.bytes.slide(id * ENTRY, id * ENTRY + ENTRY, low - id * ENTRY);
        self.shift(0, low, ENTRY);
        self.low = low + ENTRY;
        self.count = id + 1;
        Ok(id)
    }

    fn describe(&mut self, id: SegmentId, start: u32, len: u32, kind: Kind) {
        self.bytes.set_words(id * ENTRY, [start, len, kind as u32, 0]);
        self.note_peak();
    }

    /// Makes a lower segment of `len` zero bytes, rounded up to 8.
    pub(crate) fn allocate(&mut self, kind: Kind, len: u32) -> Result<SegmentId, OutOfMemory> {
        let len = len.saturating_add(7) & !7;
        let id = self.entry(len)?;
        let start = self.low;
        self.bytes.zero(start, len);
        self.low += len;
        self.describe(id, start, len, kind);
        Ok(id)
    }

    /// Makes an upper segment of `len` bytes, a multiple of 8.
    pub(crate) fn allocate_upper(&mut self, kind: Kind, len: u32) -> Result<SegmentId, OutOfMemory> {
        let id = self.entry(len)?;
        self.high -= len;
        self.describe(id, self.high, len, kind);
        Ok(id)
    }

    /// Puts `len` zero bytes, a multiple of 8, into a lower segment at offset `at`, which is not its start.
    pub(crate) fn insert(&mut self, id: SegmentId, at: u32, len: u32) -> Result<(), OutOfMemory> {
        self.require(len)?;
        if len == 0 {
            return Ok(());
        }
        let from = self.start(id) + at;
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
        self.shift(from, self.low, by);
        self.low = self.low.wrapping_add(by);
        self.lengthen(id, by);
    }

    /// Gives an upper segment `len` more bytes, a multiple of 8. The bytes before offset `split` stay at its start, those
    /// behind stay at its end.
    pub(crate) fn grow_upper(&mut self, id: SegmentId, split: u32, len: u32) -> Result<(), OutOfMemory> {
        self.require(len)?;
        self.move_below(id, split, len);
        Ok(())
    }

    /// Takes `len` bytes, a multiple of 8, out of an upper segment in front of offset `split` + `len`.
    pub(crate) fn shrink_upper(&mut self, id: SegmentId, split: u32, len: u32) {
        self.move_below(id, split, len.wrapping_neg());
    }

    /// Moves what lies below offset `split` of an upper segment down by so many bytes.
    fn move_below(&mut self, id: SegmentId, split: u32, by: u32) {
        let (high, start) = (self.high, self.start(id));
        self.high = high.wrapping_sub(by);
        self.bytes.slide(high, self.high, start + split - high);
        self.shift(high, start + 1, by.wrapping_neg());
        self.lengthen(id, by);
    }

    /// Frees an upper segment.
    pub(crate) fn free_upper(&mut self, id: SegmentId) {
        self.shrink_upper(id, 0, self.len(id));
        self.bytes.set32(id * ENTRY + 8, Kind::Free as u32);
    }
}
