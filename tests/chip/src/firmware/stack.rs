//! The native stack, painted and measured: what lies between the stack pointer and the stack's end is filled with a pattern,
//! and what no longer has it was used. The addresses come from the board; nothing but the free part of the stack is written.

use core::cell::Cell;

/// What free stack is filled with.
const PAINT: u32 = 0xA5C3_3C5A;
/// Bytes below the caller that are not painted, because painting itself uses them.
const OWN_BYTES: usize = 256;
/// The most that is painted at all.
const STACK_BYTES: usize = 64 << 10;
/// How deep is looked for what a single call uses.
const CALL_BYTES: usize = 8 << 10;

/// The painted stack.
pub(super) struct Stack {
    limit: usize,
    top: usize,
    /// The lowest address that was used and has been painted again.
    lowest: Cell<usize>,
}

impl Stack {
    /// Paints everything below the caller, which is taken for the stack's beginning.
    pub(super) fn paint(limit: usize) -> Stack {
        Stack::paint_within(limit, STACK_BYTES)
    }

    /// Likewise, but so many bytes at most.
    pub(super) fn paint_within(limit: usize, most_bytes: usize) -> Stack {
        let top = here();
        let limit = limit.max(top.saturating_sub(most_bytes));
        fill(limit, top - OWN_BYTES);
        Stack { limit, top, lowest: Cell::new(top) }
    }

    /// The most that was used since `paint`, below the frame of the caller of `paint`, which is not counted.
    pub(super) fn used_bytes(&self) -> usize {
        self.top - self.lowest.get().min(first_used(self.limit, self.top - OWN_BYTES))
    }

    /// Paints again what a call is going to use, and gives where it begins.
    #[inline(never)]
    pub(super) fn begin(&self) -> usize {
        let from = here();
        let floor = self.floor(from);
        self.lowest.set(self.lowest.get().min(first_used(floor, from - OWN_BYTES)));
        fill(floor, from - OWN_BYTES);
        from
    }

    /// What was used below `from` since `begin`.
    #[inline(never)]
    pub(super) fn end(&self, from: usize) -> usize {
        from - first_used(self.floor(from), from - OWN_BYTES)
    }

    fn floor(&self, from: usize) -> usize {
        from.saturating_sub(CALL_BYTES).max(self.limit)
    }
}

/// About the stack pointer, aligned.
#[inline(never)]
fn here() -> usize {
    let local = 0u32;
    core::hint::black_box(&raw const local) as usize & !3
}

#[inline(never)]
fn fill(from: usize, to: usize) {
    let mut at = from.next_multiple_of(4);
    while at < to {
        // SAFETY: the board says that `from` is the stack's end, and `to` lies `OWN_BYTES` below every live frame but this one,
        // which is smaller than that: nobody owns these words.
        unsafe { (at as *mut u32).write_volatile(PAINT) };
        at += 4;
    }
}

/// The lowest address that is not painted any more; `to` if all are.
#[inline(never)]
fn first_used(from: usize, to: usize) -> usize {
    let mut at = from.next_multiple_of(4);
    while at < to {
        // SAFETY: aligned, and within the memory of the stack, all of which was written by `paint`.
        if unsafe { (at as *const u32).read_volatile() } != PAINT {
            return at;
        }
        at += 4;
    }
    to
}
