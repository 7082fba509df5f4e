//! Waiting for pins: the module pauses until one of them has something to tell.

use crate::abi::{self, Area, Buffers, Handle, Lists, host};

/// Something to wait for. What it has told is used up; it can be waited for again.
pub struct Pollable(Handle);

/// The most pollables that are waited for at once.
pub const MAX_POLLED: usize = 16;

impl Pollable {
    pub(crate) fn new(handle: u32) -> Pollable {
        Pollable(Handle::new(handle, abi::pollable_drop))
    }

    /// Has it come? Looking does not use it up.
    pub fn is_ready(&self) -> bool {
        host!(pollable_ready(self.0.number())) != 0
    }

    /// Waits until it has come.
    pub fn block(&self) {
        host!(pollable_block(self.0.number()));
    }
}

/// Waits until one of these has come; the result has a bit for each that has, bit 0 for the first. Those after the
/// sixteenth are not waited for; of none at all the host traps.
pub fn poll(pollables: &[&Pollable]) -> u16 {
    let mut handles = [0; MAX_POLLED];
    for (handle, pollable) in handles.iter_mut().zip(pollables) {
        *handle = pollable.0.number();
    }
    let count = pollables.len().min(MAX_POLLED);
    let mut indices = Lists::EMPTY;
    let buffers = Buffers::new().with(indices.bytes(4 * count));
    let area = Area::of(|area| host!(poll(handles.as_ptr(), count, area)));
    drop(buffers);
    (0..area.word(4) as usize).fold(0, |bits, n| bits | 1 << (indices.byte(4 * n) % 16))
}
