//! Several growing stacks in one lent buffer. When one is full the others slide to share what is left (Garwick's method),
//! so that a pass needs no limits of its own beside the buffer's.

use super::Lent;
use crate::isa::OutOfMemory;

/// `N` stacks of plain values; the first begins at the buffer's start and never moves.
pub(crate) struct Stacks<'a, const N: usize> {
    memory: Lent<'a>,
    start: [u32; N],
    len: [u32; N],
}

impl<'a, const N: usize> Stacks<'a, N> {
    pub(crate) fn new(memory: Lent<'a>) -> Stacks<'a, N> {
        let mut stacks = Stacks { memory, start: [0; N], len: [0; N] };
        let _ = stacks.share(0, 0);
        stacks
    }

    pub(crate) fn memory(&self) -> Lent<'a> {
        self.memory
    }

    /// Bytes in a stack.
    #[inline(always)]
    pub(crate) fn len(&self, stack: usize) -> u32 {
        self.len.get(stack).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn start(&self, stack: usize) -> u32 {
        self.start.get(stack).copied().unwrap_or(0)
    }

    fn end(&self, stack: usize) -> u32 {
        self.start.get(stack + 1).copied().unwrap_or(self.memory.len())
    }

    #[inline(always)]
    pub(crate) fn truncate(&mut self, stack: usize, len: u32) {
        if let Some(l) = self.len.get_mut(stack) {
            debug_assert!(len <= *l);
            *l = len;
        }
    }

    /// Pushes a value; the error says how many bytes the buffer lacks.
    #[inline(always)]
    pub(crate) fn push<T: Copy>(&mut self, stack: usize, value: T) -> Result<(), OutOfMemory> {
        let at = self.reserve(stack, size_of::<T>() as u32)?;
        self.memory.put(at, value);
        Ok(())
    }

    /// Makes room for `len` bytes of arbitrary content and gives their offset in the buffer.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, stack: usize, len: u32) -> Result<u32, OutOfMemory> {
        let at = self.start(stack) + self.len(stack);
        if self.end(stack) - at < len {
            self.share(stack, len)?;
        }
        let at = self.start(stack) + self.len(stack);
        if let Some(l) = self.len.get_mut(stack) {
            *l += len;
        }
        Ok(at)
    }

    /// The value at a byte offset in the stack.
    #[inline(always)]
    pub(crate) fn get<T: Copy + Default>(&self, stack: usize, at: u32) -> T {
        debug_assert!(at + size_of::<T>() as u32 <= self.len(stack));
        self.memory.take(self.start(stack) + at)
    }

    #[inline(always)]
    pub(crate) fn set<T: Copy>(&mut self, stack: usize, at: u32, value: T) {
        debug_assert!(at + size_of::<T>() as u32 <= self.len(stack));
        let start = self.start(stack);
        self.memory.put(start + at, value);
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
    fn share(&mut self, stack: usize, need: u32) -> Result<(), OutOfMemory> {
        let used = self.len.iter().fold(0u64, |sum, &l| sum + u64::from(l.next_multiple_of(8)));
        let total = u64::from(self.memory.len());
        let wanted = used + u64::from(need) + 8;
        if wanted > total {
            return Err(OutOfMemory { missing_bytes: (wanted - total).min(u64::from(u32::MAX)) as u32 });
        }
        // Half of what is free goes to the stack that asks, the other half is spread, so that repeated growth of
        // one stack slides its neighbours a logarithmic number of times.
        let free = (total - wanted) as u32;
        let each = (free / 2 / N as u32) & !7;
        let own = (free / 2) & !7;
        let mut starts = self.start;
        let mut next = 0;
        for (i, start) in starts.iter_mut().enumerate() {
            *start = next;
            next += self.len(i).next_multiple_of(8) + each;
            if i == stack {
                next += need.next_multiple_of(8) + own;
            }
        }
        self.slide(starts);
        Ok(())
    }

    /// Moves each stack to its new start: those that go down from the first on, those that go up from the last on.
    fn slide(&mut self, starts: [u32; N]) {
        for i in 0..N {
            self.slide_one(i, &starts, |new, old| new < old);
        }
        for i in (0..N).rev() {
            self.slide_one(i, &starts, |new, old| new > old);
        }
        self.start = starts;
    }

    fn slide_one(&mut self, i: usize, starts: &[u32; N], moves: fn(u32, u32) -> bool) {
        if let (Some(&new), Some(&old), Some(&len)) = (starts.get(i), self.start.get(i), self.len.get(i))
            && moves(new, old)
        {
            self.memory.slide(old, new, len);
        }
    }
}
