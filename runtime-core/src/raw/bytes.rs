//! A lent buffer addressed by 32-bit offsets. Accesses are checked and never panic: an offset that is out of range is our own
//! mistake, asserted in debug builds, and reads as zero otherwise.

use core::marker::PhantomData;
use core::ptr::NonNull;

/// A struct of 32-bit words: any bytes are one.
///
/// # Safety
/// It is `repr(C)` and has no fields but `u32` and arrays of them.
pub(crate) unsafe trait Words: Copy {}

// SAFETY: a word.
unsafe impl Words for u32 {}

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

    /// Where a range begins; `None` if it is not within the buffer.
    #[inline(always)]
    fn range(&self, at: u32, len: u32) -> Option<NonNull<u8>> {
        let fits = at <= self.len && len <= self.len - at;
        debug_assert!(fits, "offset {at} + {len} outside of {} lent bytes", self.len);
        if fits { NonNull::new(self.pointer(at)) } else { None }
    }

    #[inline(always)]
    fn fits(&self, at: u32, len: u32) -> bool {
        self.range(at, len).is_some()
    }

    /// The same for structs of words.
    fn place<T: Words>(&self, at: u32) -> Option<NonNull<T>> {
        self.range(at & !3, size_of::<T>() as u32).map(NonNull::cast)
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
    pub(crate) fn set_words<const N: usize>(&mut self, at: u32, words: [u32; N]) {
        if let Some(place) = self.place::<[u32; N]>(at) {
            // SAFETY: in range and aligned to 4.
            unsafe { place.write(words) }
        }
    }

    /// The same for a list of them.
    pub(crate) fn set_list(&mut self, at: u32, words: &[u32]) {
        self.list_mut(at, words.len() as u32).iter_mut().zip(words).for_each(|(to, from)| *to = *from);
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

    /// The same for a value that may move or be overwritten later.
    pub(crate) fn peek<T: Copy>(&self, at: u32) -> Option<&T> {
        self.view(at)
    }

    /// A struct of words.
    pub(crate) fn words<T: Words>(&self, at: u32) -> Option<&T> {
        // SAFETY: in range and aligned to 4, and any words are a `T`; the borrow of `self` keeps writers out.
        self.place(at).map(|place| unsafe { place.as_ref() })
    }

    /// As `words`, to write.
    pub(crate) fn words_mut<T: Words>(&mut self, at: u32) -> Option<&mut T> {
        // SAFETY: as in `words`; the borrow of `self` is exclusive.
        self.place(at).map(|mut place| unsafe { place.as_mut() })
    }

    /// Where structs of words lie, one behind the other, and how many: none of them if one is not in the buffer.
    fn listed<T: Words>(&self, at: u32, count: u32) -> (NonNull<T>, usize) {
        match self.range(at & !3, count.saturating_mul(size_of::<T>() as u32)) {
            Some(place) => (place.cast(), count as usize),
            None => (NonNull::dangling(), 0),
        }
    }

    /// Structs of words, one behind the other.
    pub(crate) fn list<T: Words>(&self, at: u32, count: u32) -> &[T] {
        let (place, count) = self.listed::<T>(at, count);
        // SAFETY: as in `words`, for all of them.
        unsafe { core::slice::from_raw_parts(place.as_ptr(), count) }
    }

    /// As `list`, to write.
    pub(crate) fn list_mut<T: Words>(&mut self, at: u32, count: u32) -> &mut [T] {
        let (place, count) = self.listed::<T>(at, count);
        // SAFETY: as in `list`; the borrow of `self` is exclusive.
        unsafe { core::slice::from_raw_parts_mut(place.as_ptr(), count) }
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
        self.slice_mut(at, len).fill(byte);
    }

    /// Reads bytes.
    pub(crate) fn read(&self, at: u32, out: &mut [u8]) {
        if let Some(from) = self.range(at, out.len().min(u32::MAX as usize) as u32) {
            // SAFETY: in range, and nobody else has `out`.
            unsafe { from.copy_to_nonoverlapping(NonNull::from(&mut *out).cast(), out.len()) }
        }
    }

    /// Writes bytes.
    pub(crate) fn write(&mut self, at: u32, bytes: &[u8]) {
        if let Some(to) = self.range(at, bytes.len().min(u32::MAX as usize) as u32) {
            // SAFETY: in range, and nothing else borrows the buffer.
            unsafe { to.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) }
        }
    }

    /// Moves bytes; the ranges may overlap.
    pub(crate) fn slide(&mut self, from: u32, to: u32, len: u32) {
        if let (Some(from), Some(to)) = (self.range(from, len), self.range(to, len)) {
            // SAFETY: both in range; `copy` allows overlap.
            unsafe { from.copy_to(to, len as usize) }
        }
    }

    /// The bytes, for as long as the lent buffer is not used otherwise.
    pub(crate) fn slice(&self, at: u32, len: u32) -> &[u8] {
        match self.range(at, len) {
            // SAFETY: in range; the borrow of `self` keeps writers out.
            Some(place) => unsafe { core::slice::from_raw_parts(place.as_ptr(), len as usize) },
            None => &[],
        }
    }

    /// As `slice`, to write.
    pub(crate) fn slice_mut(&mut self, at: u32, len: u32) -> &mut [u8] {
        match self.range(at, len) {
            // SAFETY: in range; the borrow of `self` is exclusive.
            Some(place) => unsafe { core::slice::from_raw_parts_mut(place.as_ptr(), len as usize) },
            None => &mut [],
        }
    }
}
