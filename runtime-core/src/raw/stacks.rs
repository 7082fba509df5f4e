//! Several growing stacks in one lent buffer. When one is full the others slide to share what is left (Garwick's method),
//! so that a pass needs no limits of its own beside the buffer's.

use super::Lent;
use crate::isa::OutOfMemory;

/// The buffer is full; [`Stacks::lack`] says how much is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Full;

/// `N` stacks of plain values; the first begins at the buffer's start and never moves.
pub(crate) struct Stacks<'a, const N: usize> {
    memory: Lent<'a>,
    /// What the last push that failed would have needed.
    lack: OutOfMemory,
    parts: [Part; N],
}

/// Where a stack is.
#[derive(Clone, Copy, Default)]
struct Part {
    start: u32,
    len: u32,
}

impl<'a, const N: usize> Stacks<'a, N> {
    pub(crate) fn new(memory: Lent<'a>) -> Stacks<'a, N> {
        let mut stacks = Stacks { memory, lack: OutOfMemory { missing_bytes: 0 }, parts: [Part::default(); N] };
        let _ = stacks.share(0, 0);
        stacks
    }

    /// What the buffer lacked when a push failed.
    pub(crate) fn lack(&self) -> OutOfMemory {
        self.lack
    }

    pub(crate) fn memory(&self) -> Lent<'a> {
        self.memory
    }

    #[inline(always)]
    fn part(&self, stack: usize) -> Part {
        self.parts.get(stack).copied().unwrap_or_default()
    }

    /// Bytes in a stack.
    #[inline(always)]
    pub(crate) fn len(&self, stack: usize) -> u32 {
        self.part(stack).len
    }

    #[inline(always)]
    pub(crate) fn truncate(&mut self, stack: usize, len: u32) {
        if let Some(part) = self.parts.get_mut(stack) {
            debug_assert!(len <= part.len);
            part.len = len;
        }
    }

    /// Pushes a value.
    #[inline(always)]
    pub(crate) fn push<T: Copy>(&mut self, stack: usize, value: T) -> Result<(), Full> {
        let at = self.reserve(stack, size_of::<T>() as u32)?;
        debug_assert!(at.is_multiple_of(align_of::<T>() as u32));
        // SAFETY: `reserve` made room there, and it is aligned: stacks begin at multiples of 8 in a buffer that does too, and what
        // is pushed on one has one size, or on the image one after the other so that it fits.
        unsafe { self.memory.pointer(at).cast::<T>().write(value) };
        Ok(())
    }

    /// Makes room for `len` bytes of arbitrary content and gives their offset in the buffer.
    fn reserve(&mut self, stack: usize, len: u32) -> Result<u32, Full> {
        let end = self.parts.get(stack + 1).map_or(self.memory.len(), |next| next.start);
        let part = self.part(stack);
        if end - part.start - part.len < len {
            self.share(stack, len)?;
        }
        let part = self.part(stack);
        if let Some(part) = self.parts.get_mut(stack) {
            part.len += len;
        }
        Ok(part.start + part.len)
    }

    /// Address of a value in a stack, at a byte offset; none if it is not in it, as may be the case after a failure.
    #[cfg_attr(wasmote_small, inline(never))]
    #[cfg_attr(not(wasmote_small), inline(always))]
    fn inside<T>(&self, stack: usize, at: u32) -> Option<*mut T> {
        let part = self.part(stack);
        let is_inside = at <= part.len && size_of::<T>() as u32 <= part.len - at;
        debug_assert!(at.is_multiple_of(align_of::<T>() as u32));
        is_inside.then(|| self.memory.pointer(part.start + at).cast())
    }

    /// The value at a byte offset in the stack.
    #[inline(always)]
    pub(crate) fn get<T: Copy + Default>(&self, stack: usize, at: u32) -> T {
        // SAFETY: inside, aligned as in `push`, and a `T` was pushed there.
        self.inside::<T>(stack, at).map_or_else(T::default, |place| unsafe { place.read() })
    }

    /// The same, not copied.
    #[inline(always)]
    pub(crate) fn view<T: Copy>(&self, stack: usize, at: u32) -> Option<&T> {
        // SAFETY: as in `get`; the borrow of `self` keeps writers out.
        self.inside::<T>(stack, at).map(|place| unsafe { &*place })
    }

    /// The same, to write.
    #[inline(always)]
    pub(crate) fn view_mut<T: Copy>(&mut self, stack: usize, at: u32) -> Option<&mut T> {
        // SAFETY: as in `get`; the borrow of `self` is exclusive.
        self.inside::<T>(stack, at).map(|place| unsafe { &mut *place })
    }

    #[inline(always)]
    pub(crate) fn set<T: Copy>(&mut self, stack: usize, at: u32, value: T) {
        if let Some(place) = self.inside::<T>(stack, at) {
            // SAFETY: as in `get`.
            unsafe { place.write(value) }
        }
    }

    #[inline(always)]
    pub(crate) fn pop<T: Copy + Default>(&mut self, stack: usize) -> Option<T> {
        let len = self.len(stack).checked_sub(size_of::<T>() as u32)?;
        let value = self.get(stack, len);
        self.truncate(stack, len);
        Some(value)
    }

    /// Slides all stacks so that `stack` has room for `need` more bytes and the rest is shared evenly.
    #[cold]
    #[inline(never)]
    fn share(&mut self, stack: usize, need: u32) -> Result<(), Full> {
        // Stacks begin at multiples of 8, so that what they take so is in the buffer.
        let used = self.parts.iter().fold(0, |sum, part| sum + part.len.next_multiple_of(8));
        let free = self.memory.len() - used;
        let wanted = need.saturating_add(8);
        if wanted > free {
            self.lack.missing_bytes = wanted - free;
            return Err(Full);
        }
        // Half of what is free goes to the stack that asks, the other half is spread, so that repeated growth of
        // one stack slides its neighbours a logarithmic number of times.
        let free = free - wanted;
        let each = (free / 2 / N as u32) & !7;
        let own = (free / 2) & !7;
        let mut starts = [0; N];
        let mut next = 0;
        for (i, (start, part)) in starts.iter_mut().zip(&self.parts).enumerate() {
            *start = next;
            next += part.len.next_multiple_of(8) + each;
            if i == stack {
                next += need.next_multiple_of(8) + own;
            }
        }
        self.slide(starts);
        Ok(())
    }

    /// Moves each stack to its new start: those that go down from the first on, those that go up from the last on.
    fn slide(&mut self, starts: [u32; N]) {
        let mut moves = |part: &mut Part, new: u32, is_down: bool| {
            if (new < part.start) == is_down {
                self.memory.slide(part.start, new, part.len);
                part.start = new;
            }
        };
        for (part, &new) in self.parts.iter_mut().zip(&starts) {
            moves(part, new, true);
        }
        for (part, &new) in self.parts.iter_mut().zip(&starts).rev() {
            moves(part, new, false);
        }
    }
}
