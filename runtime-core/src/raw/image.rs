//! The bytes of a prepared module, which nothing writes any more, and the claim that lets a firmware bring its own.

use super::Lent;

/// A prepared module's image. It may be in memory that cannot be written.
#[derive(Clone, Copy)]
pub(crate) struct Image<'a>(Lent<'a>);

impl<'a> Image<'a> {
    /// The image that was made in lent memory.
    pub(crate) fn made(memory: Lent<'a>) -> Image<'a> {
        Image(memory)
    }

    /// The image in a firmware's own bytes; `None` unless they are aligned to 8.
    pub(crate) fn built_in(image: &'a [u8]) -> Option<Image<'a>> {
        let aligned = (image.as_ptr() as usize).is_multiple_of(8) && image.len().is_multiple_of(4);
        aligned.then(|| Image(Lent::read_only(image)))
    }

    pub(crate) fn len(&self) -> u32 {
        self.0.len()
    }

    /// Address of a byte, for the machine's registers.
    pub(crate) fn pointer(&self, at: u32) -> *const u8 {
        self.0.pointer(at)
    }

    pub(crate) fn get16(&self, at: u32) -> u16 {
        self.0.get16(at)
    }

    pub(crate) fn get32(&self, at: u32) -> u32 {
        self.0.get32(at)
    }

    /// Reads a plain value that preparing put there.
    pub(crate) fn take<T: Copy + Default>(&self, at: u32) -> T {
        self.0.take(at)
    }

    /// A plain value that preparing put there.
    pub(crate) fn view<T: Copy>(&self, at: u32) -> Option<&'a T> {
        self.0.view(at)
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.0.whole()
    }
}

/// The modules that were built into a firmware, one record after the other, as `Module::build_in` writes them. Having it
/// is the proof that their code may run without being checked again: it is as much a part of the firmware as the engine.
#[derive(Clone, Copy)]
pub struct BuiltIns<'m>(&'m [u8]);

impl<'m> BuiltIns<'m> {
    /// No modules.
    pub const NONE: BuiltIns<'static> = BuiltIns(&[]);

    /// The modules in these bytes, which are best aligned to 8.
    ///
    /// # Safety
    /// Everything up to the first erased or missing record was written by `Module::build_in`, and no push, guest or
    /// device writes there. What accidents do to it is found out by a checksum; what an attacker does is not.
    pub const unsafe fn new(bytes: &'m [u8]) -> BuiltIns<'m> {
        BuiltIns(bytes)
    }

    /// The bytes from the next record on.
    pub(crate) fn bytes(&self) -> &'m [u8] {
        self.0
    }

    /// The records after the first `len` bytes.
    pub(crate) fn after(self, len: usize) -> BuiltIns<'m> {
        BuiltIns(self.0.get(len..).unwrap_or(&[]))
    }
}
