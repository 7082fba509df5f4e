//! A lent buffer addressed by 32-bit offsets. Accesses are checked and never panic: an offset that is out of range is our own
//! mistake, asserted in debug builds, and reads as zero otherwise.

use core::marker::PhantomData;

/// A struct of 32-bit words: any bytes are one.
///
/// # Safety
/// It is `repr(C)` and has no fields but `u32` and arrays of them.
pub(crate) unsafe trait Words: Copy {}

// SAFETY: an array of words.
unsafe impl<const N: usize> Words for [u32; N] {}

/// Defines a struct of words, which is [`Words`] by its making.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $field:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        pub(crate) struct $name { $($(#[$about])* pub(super) $field: u32),* }
        // SAFETY: the fields are words.
        unsafe impl $crate::raw::Words for $name {}
    };
}
pub(crate) use words;

/// A buffer lent for `'a`. It is copied freely and hands out no reference that outlives a call, so that the machine's
/// registers may point into it at the same time.
#[derive(Clone, Copy)]
pub(crate) struct Lent<'a> {
    base: *mut u8,
    len: u32,
    life: PhantomData<&'a mut [u8]>,
}

// SAFETY: the buffer is lent exclusively; whoever has the `Lent` has the bytes.
unsafe impl Send for Lent<'_> {}

impl<'a> Lent<'a> {
    /// Takes the buffer, less what alignment to 8 bytes and the 32-bit offsets leave unused.
    pub(crate) fn new(buffer: &'a mut [u8]) -> Lent<'a> {
        let skip = buffer.as_ptr().align_offset(8).min(buffer.len());
        let len = (buffer.len() - skip).min((u32::MAX - 7) as usize) as u32 & !7;
        // SAFETY: `skip` is at most the buffer's length.
        Lent { base: unsafe { buffer.as_mut_ptr().add(skip) }, len, life: PhantomData }
    }

    /// Bytes that are never written: only `Image` makes one of these, and it only reads.
    pub(super) fn read_only(bytes: &'a [u8]) -> Lent<'a> {
        Lent { base: bytes.as_ptr().cast_mut(), len: bytes.len().min(u32::MAX as usize) as u32, life: PhantomData }
    }

    /// All bytes of an image, which nothing writes any more.
    pub(super) fn whole(&self) -> &'a [u8] {
        // SAFETY: the whole buffer, for its life; `Image`, the only caller, has no writers.
        unsafe { core::slice::from_raw_parts(self.base, self.len as usize) }
    }

    /// The first `len` bytes of the same buffer, and what completes the last word.
    pub(crate) fn shortened(self, len: u32) -> Lent<'a> {
        Lent { len: (len.min(self.len) + 3) & !3, ..self }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Address of a byte, for the machine's registers; `at` may be one past the end.
    #[inline(always)]
    pub(crate) fn pointer(&self, at: u32) -> *mut u8 {
        debug_assert!(at <= self.len);
        self.base.wrapping_add(at as usize)
    }

    /// Distance of a pointer that `pointer` gave.
    #[inline(always)]
    pub(crate) fn offset_of(&self, pointer: *const u8) -> u32 {
        (pointer as usize).wrapping_sub(self.base as usize) as u32
    }

    #[inline(always)]
    fn fits(&self, at: u32, len: u32) -> bool {
        let fits = at <= self.len && len <= self.len - at;
        debug_assert!(fits, "offset {at} + {len} outside of {} lent bytes", self.len);
        fits
    }

    /// The offset of a word.
    #[inline(always)]
    fn word(&self, at: u32) -> u32 {
        debug_assert!(at.is_multiple_of(4) && at < self.len, "word {at} outside of {} lent bytes", self.len);
        at & !3
    }

    pub(crate) fn get16(&self, at: u32) -> u16 {
        // SAFETY: in range; alignment is not assumed.
        if self.fits(at, 2) { unsafe { self.pointer(at).cast::<u16>().read_unaligned() } } else { 0 }
    }

    #[inline(always)]
    pub(crate) fn get32(&self, at: u32) -> u32 {
        let at = self.word(at);
        // SAFETY: below the length, both being multiples of 4, from a base aligned to 8.
        if at < self.len { unsafe { self.pointer(at).cast::<u32>().read() } } else { 0 }
    }

    #[inline(always)]
    pub(crate) fn set32(&mut self, at: u32, value: u32) {
        let at = self.word(at);
        if at < self.len {
            // SAFETY: as in `get32`.
            unsafe { self.pointer(at).cast::<u32>().write(value) }
        }
    }

    /// Writes words one behind the other.
    pub(crate) fn set_words(&mut self, at: u32, words: &[u32]) {
        let at = at & !3;
        if self.fits(at, words.len() as u32 * 4) {
            // SAFETY: in range and aligned to 4; nothing else borrows the buffer.
            unsafe { core::slice::from_raw_parts_mut(self.pointer(at).cast::<u32>(), words.len()) }
                .copy_from_slice(words);
        }
    }

    pub(crate) fn get64(&self, at: u32) -> u64 {
        u64::from(self.get32(at)) | u64::from(self.get32(at + 4)) << 32
    }

    pub(crate) fn set64(&mut self, at: u32, value: u64) {
        self.set32(at, value as u32);
        self.set32(at + 4, (value >> 32) as u32);
    }

    /// Reads a plain value that `put` wrote.
    pub(crate) fn take<T: Copy + Default>(&self, at: u32) -> T {
        // SAFETY: in range, and `T` was written here by `put`; the buffer outlives no borrow in `T`, for the
        // callers store only values that live as long as the buffer is lent.
        if self.fits(at, size_of::<T>() as u32) {
            unsafe { self.pointer(at).cast::<T>().read_unaligned() }
        } else {
            T::default()
        }
    }

    /// A plain value that `put` wrote and that nothing changes for as long as the buffer is lent.
    pub(crate) fn view<T: Copy>(&self, at: u32) -> Option<&'a T> {
        let pointer = self.pointer(at).cast::<T>();
        let there = self.fits(at, size_of::<T>() as u32) && pointer.is_aligned();
        // SAFETY: in range and aligned, and the caller's claim.
        there.then(|| unsafe { &*pointer })
    }

    /// A struct of words.
    pub(crate) fn words<T: Words>(&self, at: u32) -> Option<&T> {
        let at = at & !3;
        // SAFETY: in range and aligned to 4, and any words are a `T`; the borrow of `self` keeps writers out.
        self.fits(at, size_of::<T>() as u32).then(|| unsafe { &*self.pointer(at).cast::<T>() })
    }

    /// As `words`, to write.
    pub(crate) fn words_mut<T: Words>(&mut self, at: u32) -> Option<&mut T> {
        let at = at & !3;
        // SAFETY: as in `words`; the borrow of `self` is exclusive.
        self.fits(at, size_of::<T>() as u32).then(|| unsafe { &mut *self.pointer(at).cast::<T>() })
    }

    /// Writes a plain value.
    pub(crate) fn put<T: Copy>(&mut self, at: u32, value: T) {
        if self.fits(at, size_of::<T>() as u32) {
            // SAFETY: in range.
            unsafe { self.pointer(at).cast::<T>().write_unaligned(value) }
        }
    }

    pub(crate) fn zero(&mut self, at: u32, len: u32) {
        self.fill(at, 0, len);
    }

    pub(crate) fn fill(&mut self, at: u32, byte: u8, len: u32) {
        if self.fits(at, len) {
            // SAFETY: in range.
            unsafe { self.pointer(at).write_bytes(byte, len as usize) }
        }
    }

    /// Moves bytes; the ranges may overlap.
    pub(crate) fn slide(&mut self, from: u32, to: u32, len: u32) {
        if self.fits(from, len) && self.fits(to, len) {
            // SAFETY: both in range; `copy` allows overlap.
            unsafe { core::ptr::copy(self.pointer(from), self.pointer(to), len as usize) }
        }
    }

    /// The bytes, for as long as the lent buffer is not used otherwise.
    pub(crate) fn slice(&self, at: u32, len: u32) -> &[u8] {
        // SAFETY: in range; the borrow of `self` keeps writers out.
        if self.fits(at, len) { unsafe { core::slice::from_raw_parts(self.pointer(at), len as usize) } } else { &[] }
    }

    /// As `slice`, to write.
    pub(crate) fn slice_mut(&mut self, at: u32, len: u32) -> &mut [u8] {
        // SAFETY: in range; the borrow of `self` is exclusive.
        if self.fits(at, len) {
            unsafe { core::slice::from_raw_parts_mut(self.pointer(at), len as usize) }
        } else {
            &mut []
        }
    }
}
