//! Which locals must begin as zeros: those that can be read before anything has set them. Those of compilers seldom are, and zeros
//! for all of them would be most of what a call costs.

use super::Body;

/// Slots of locals that may not have been set on some way to here, a bit for each of the frame's first. Where nothing leads there
/// are none; ways that meet have those of each.
pub(crate) type Unset = u32;

/// The bit of a slot; of one so far behind that nothing is known of it, none.
fn bit(slot: u16) -> Unset {
    if slot < 128 { 1 << (slot / 4) } else { 0 }
}

impl Body<'_, '_> {
    /// What is behind the parameters is unset.
    pub(super) fn begin_unset(&mut self, params: u32) {
        self.unset = Unset::MAX.checked_shl(params / 4).unwrap_or(0);
    }

    pub(super) fn note_set(&mut self, slot: u16) {
        self.unset &= !bit(slot);
    }

    /// Notes that a local is read.
    pub(super) fn note_read(&mut self, slot: u16) {
        let bit = bit(slot);
        self.zeros |= self.live && bit & !self.unset == 0;
    }
}
