//! A reader over the module's bytes. After a failure it stands at the byte at fault; reading never allocates or panics.

use super::{ErrorKind, Failure};
use crate::isa::{FuncType, ValType};
use crate::raw;

/// A step of decoding, validating or preparing. Whoever makes a reader of a part sees to it that the place of a failure is known.
pub(crate) type Result<T> = core::result::Result<T, Failure>;

/// A position in the module's bytes, and the end of the part that is being read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'m> {
    bytes: &'m [u8],
    pos: usize,
    end: usize,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(bytes: &'m [u8]) -> Reader<'m> {
        Reader { bytes, pos: 0, end: bytes.len() }
    }

    /// A reader of the bytes `from..to`, which lie in the module.
    pub(crate) fn at(bytes: &'m [u8], from: u32, to: u32) -> Reader<'m> {
        let end = (to as usize).min(bytes.len());
        Reader { bytes, pos: (from as usize).min(end), end }
    }

    #[inline(always)]
    pub(crate) fn offset(&self) -> u32 {
        self.pos as u32
    }

    pub(crate) fn end_offset(&self) -> u32 {
        self.end as u32
    }

    #[inline(always)]
    pub(crate) fn is_at_end(&self) -> bool {
        self.pos >= self.end
    }

    pub(crate) fn remaining(&self) -> usize {
        self.end - self.pos
    }

    /// A failure at the next byte.
    #[inline(always)]
    pub(crate) fn error<T>(&self, kind: ErrorKind) -> Result<T> {
        Err(Failure::new(kind))
    }

    /// A failure at a byte that was passed already.
    #[inline(always)]
    pub(crate) fn error_at<T>(&mut self, offset: u32, kind: ErrorKind) -> Result<T> {
        self.go_to(offset);
        self.error(kind)
    }

    /// Goes to an offset in what is read.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, offset: u32) {
        self.pos = (offset as usize).min(self.end);
    }

    #[cfg_attr(not(wasmote_small), inline(always))]
    pub(crate) fn byte(&mut self) -> Result<u8> {
        if self.pos < self.end
            && let Some(&byte) = self.bytes.get(self.pos)
        {
            self.pos += 1;
            return Ok(byte);
        }
        self.error(ErrorKind::UnexpectedEnd)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        if self.pos < self.end { self.bytes.get(self.pos).copied() } else { None }
    }

    pub(crate) fn bytes(&mut self, len: u32) -> Result<&'m [u8]> {
        let to = self.pos.saturating_add(len as usize);
        match self.bytes.get(self.pos..to) {
            Some(bytes) if to <= self.end => {
                self.pos = to;
                Ok(bytes)
            }
            _ => self.error(ErrorKind::UnexpectedEnd),
        }
    }

    /// A reader of the next `len` bytes, which are passed over here.
    pub(crate) fn part(&mut self, len: u32) -> Result<Reader<'m>> {
        let start = self.pos;
        self.bytes(len)?;
        Ok(Reader { bytes: self.bytes, pos: start, end: self.pos })
    }

    /// Makes the next `len` bytes all that there is; gives what `leave` needs.
    pub(crate) fn enter(&mut self, len: u32) -> Result<u32> {
        let outer = self.end_offset();
        match self.pos.checked_add(len as usize) {
            Some(end) if end <= self.end => {
                self.end = end;
                Ok(outer)
            }
            _ => self.error(ErrorKind::UnexpectedEnd),
        }
    }

    /// Lets the part end that `enter` began.
    pub(crate) fn leave(&mut self, outer: u32) {
        self.end = outer as usize;
    }

    /// Unsigned LEB128 of at most 32 bits.
    #[cfg_attr(not(wasmote_small), inline(always))]
    pub(crate) fn u32(&mut self) -> Result<u32> {
        let byte = self.byte()?;
        if byte < 0x80 { Ok(u32::from(byte)) } else { self.long_u32(u32::from(byte & 0x7F)) }
    }

    fn long_u32(&mut self, mut value: u32) -> Result<u32> {
        let mut shift = 7;
        loop {
            let byte = self.byte()?;
            // The fifth byte has room for four bits.
            if shift == 28 && byte > 0x0F {
                return self.overlong(byte);
            }
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    #[cold]
    fn overlong<T>(&mut self, byte: u8) -> Result<T> {
        self.pos -= 1;
        self.error(if byte < 0x80 { ErrorKind::LebTooLarge } else { ErrorKind::LebTooLong })
    }

    pub(crate) fn i32(&mut self) -> Result<i32> {
        self.signed(32).map(|v| v as i32)
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.signed(64)
    }

    /// Signed LEB128 of 33 bits, as block types have it.
    pub(crate) fn i33(&mut self) -> Result<i64> {
        self.signed(33)
    }

    fn signed(&mut self, bits: u32) -> Result<i64> {
        let mut value = 0i64;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let left = bits - shift;
            if left < 7 {
                // The unused bits of the last byte repeat the sign.
                let sign_and_unused = ((byte << 1) as i8) >> left;
                if sign_and_unused != 0 && sign_and_unused != -1 {
                    return self.overlong(byte);
                }
            }
            value |= i64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(if shift < 64 { value << (64 - shift) >> (64 - shift) } else { value });
            }
            if left <= 7 {
                return self.overlong(byte);
            }
        }
    }

    pub(crate) fn f32_bits(&mut self) -> Result<u32> {
        let mut bits = [0; 4];
        for (to, &from) in bits.iter_mut().zip(self.bytes(4)?) {
            *to = from;
        }
        Ok(u32::from_le_bytes(bits))
    }

    pub(crate) fn f64_bits(&mut self) -> Result<u64> {
        let low = self.f32_bits()?;
        Ok(u64::from(low) | u64::from(self.f32_bits()?) << 32)
    }

    /// The length of a vector. Each element takes a byte at least, so that a count beyond the remaining bytes is a lie.
    pub(crate) fn count(&mut self) -> Result<u32> {
        let count = self.u32()?;
        if count as usize > self.remaining() { self.error(ErrorKind::UnexpectedEnd) } else { Ok(count) }
    }

    /// A name: a vector of bytes in UTF-8.
    pub(crate) fn name(&mut self) -> Result<&'m str> {
        let len = self.u32()?;
        let at = self.offset();
        let bytes = self.bytes(len)?;
        match core::str::from_utf8(bytes) {
            Ok(name) => Ok(name),
            Err(_) => self.error_at(at, ErrorKind::MalformedUtf8),
        }
    }

    /// A value type; those of proposals that are not supported are named.
    pub(crate) fn val_type(&mut self) -> Result<ValType> {
        let byte = self.byte()?;
        ValType::from_byte(byte).map_or_else(|| self.refuse_type(byte), Ok)
    }

    #[cold]
    pub(crate) fn refuse_type<T>(&mut self, byte: u8) -> Result<T> {
        self.pos -= 1;
        self.error(match byte {
            0x7B => ErrorKind::Simd,
            0x63 | 0x64 | 0x6A..=0x6E | 0x71..=0x73 => ErrorKind::Gc,
            0x69 | 0x74 => ErrorKind::Exceptions,
            _ => ErrorKind::MalformedValueType,
        })
    }

    pub(crate) fn ref_type(&mut self) -> Result<ValType> {
        let at = self.offset();
        match self.val_type() {
            Ok(ty) if ty.is_ref() => Ok(ty),
            Err(e) if e == Failure::new(ErrorKind::Gc) || e == Failure::new(ErrorKind::Exceptions) => Err(e),
            _ => self.error_at(at, ErrorKind::MalformedRefType),
        }
    }

    fn val_types(&mut self) -> Result<&'m [ValType]> {
        let count = self.count()?;
        let start = *self;
        for _ in 0..count {
            self.val_type()?;
        }
        let mut again = start;
        again.types(count)
    }

    /// Value types that were checked before.
    pub(crate) fn types(&mut self, count: u32) -> Result<&'m [ValType]> {
        self.bytes(count).map(raw::val_types)
    }

    /// A function type, with its leading byte.
    pub(crate) fn func_type(&mut self) -> Result<FuncType<'m>> {
        match self.byte()? {
            0x60 => Ok(FuncType { params: self.val_types()?, results: self.val_types()? }),
            0x4E | 0x4F | 0x50 | 0x5E | 0x5F => {
                self.pos -= 1;
                self.error(ErrorKind::Gc)
            }
            _ => {
                self.pos -= 1;
                self.error(ErrorKind::MalformedType)
            }
        }
    }
}
