//! A reader over the module's bytes. After a failure it stands at the byte at fault; reading never allocates or panics.

use super::{ErrorKind, Failure};
use crate::isa::{FuncType, ValType};
use crate::raw;

/// A position in the module's bytes, and the end of the part that is being read. The first failure sticks: from then on there is
/// nothing more to read, so that every loop ends, and what is read is zero. Whoever uses what was read for good looks for it.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'m> {
    bytes: &'m [u8],
    pos: usize,
    end: usize,
    failure: Option<Failure>,
    /// Where that is.
    failed_at: u32,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(bytes: &'m [u8]) -> Reader<'m> {
        Reader { bytes, pos: 0, end: bytes.len(), failure: None, failed_at: 0 }
    }

    /// A reader of the bytes `from..to`, which lie in the module.
    pub(crate) fn at(bytes: &'m [u8], from: u32, to: u32) -> Reader<'m> {
        let end = (to as usize).min(bytes.len());
        Reader { bytes, pos: (from as usize).min(end), end, failure: None, failed_at: 0 }
    }

    /// What failed first, and where.
    pub(crate) fn failure(&self) -> Option<(Failure, u32)> {
        self.failure.map(|failure| (failure, self.failed_at))
    }

    #[inline(always)]
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
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
    pub(crate) fn fail(&mut self, kind: ErrorKind) {
        self.fail_at(self.offset(), kind);
    }

    /// A failure at a byte that was passed already.
    #[inline(always)]
    pub(crate) fn fail_at(&mut self, offset: u32, kind: ErrorKind) {
        self.note(offset, Failure::new(kind));
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, offset: u32, failure: Failure) {
        if self.failure.is_none() {
            (self.failure, self.failed_at) = (Some(failure), offset);
            (self.pos, self.end) = (0, 0);
        }
    }

    /// Goes to an offset in what is read.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, offset: u32) {
        self.pos = (offset as usize).min(self.end);
    }

    #[cfg_attr(not(wasmote_small), inline(always))]
    pub(crate) fn byte(&mut self) -> u8 {
        if self.pos < self.end
            && let Some(&byte) = self.bytes.get(self.pos)
        {
            self.pos += 1;
            return byte;
        }
        self.fail(ErrorKind::UnexpectedEnd);
        0
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        if self.pos < self.end { self.bytes.get(self.pos).copied() } else { None }
    }

    pub(crate) fn bytes(&mut self, len: u32) -> &'m [u8] {
        let to = self.pos.saturating_add(len as usize);
        match self.bytes.get(self.pos..to) {
            Some(bytes) if to <= self.end => {
                self.pos = to;
                bytes
            }
            _ => {
                self.fail(ErrorKind::UnexpectedEnd);
                &[]
            }
        }
    }

    /// A reader of the next `len` bytes, which are passed over here.
    pub(crate) fn part(&mut self, len: u32) -> Reader<'m> {
        let start = self.pos;
        self.bytes(len);
        Reader { pos: start.min(self.pos), end: self.pos, ..*self }
    }

    /// Makes the next `len` bytes all that there is; gives what `leave` needs.
    pub(crate) fn enter(&mut self, len: u32) -> u32 {
        let outer = self.end_offset();
        match self.pos.checked_add(len as usize) {
            Some(end) if end <= self.end => self.end = end,
            _ => self.fail(ErrorKind::UnexpectedEnd),
        }
        outer
    }

    /// Lets the part end that `enter` began.
    pub(crate) fn leave(&mut self, outer: u32) {
        if !self.has_failed() {
            self.end = outer as usize;
        }
    }

    /// Unsigned LEB128 of at most 32 bits.
    #[cfg_attr(not(wasmote_small), inline(always))]
    pub(crate) fn u32(&mut self) -> u32 {
        let byte = self.byte();
        if byte < 0x80 { u32::from(byte) } else { self.long_u32(u32::from(byte & 0x7F)) }
    }

    fn long_u32(&mut self, mut value: u32) -> u32 {
        let mut shift = 7;
        loop {
            let byte = self.byte();
            // The fifth byte has room for four bits.
            if shift == 28 && byte > 0x0F {
                self.overlong(byte);
                return 0;
            }
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }

    #[cold]
    fn overlong(&mut self, byte: u8) {
        let kind = if byte < 0x80 { ErrorKind::LebTooLarge } else { ErrorKind::LebTooLong };
        self.fail_at(self.offset() - 1, kind);
    }

    pub(crate) fn i32(&mut self) -> i32 {
        self.signed(32) as i32
    }

    pub(crate) fn i64(&mut self) -> i64 {
        self.signed(64)
    }

    /// Signed LEB128 of 33 bits, as block types have it.
    pub(crate) fn i33(&mut self) -> i64 {
        self.signed(33)
    }

    fn signed(&mut self, bits: u32) -> i64 {
        let mut value = 0i64;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            let left = bits - shift;
            // The unused bits of the last byte repeat the sign.
            let sign_and_unused = if left < 7 { ((byte << 1) as i8) >> left } else { 0 };
            if (sign_and_unused != 0 && sign_and_unused != -1) || (left <= 7 && byte >= 0x80) {
                self.overlong(byte);
                return 0;
            }
            value |= i64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                return if shift < 64 { value << (64 - shift) >> (64 - shift) } else { value };
            }
        }
    }

    pub(crate) fn f32_bits(&mut self) -> u32 {
        let mut bits = [0; 4];
        for (to, &from) in bits.iter_mut().zip(self.bytes(4)) {
            *to = from;
        }
        u32::from_le_bytes(bits)
    }

    pub(crate) fn f64_bits(&mut self) -> u64 {
        let low = self.f32_bits();
        u64::from(low) | u64::from(self.f32_bits()) << 32
    }

    /// The length of a vector. Each element takes a byte at least, so that a count beyond the remaining bytes is a lie.
    pub(crate) fn count(&mut self) -> u32 {
        let count = self.u32();
        if count as usize > self.remaining() {
            self.fail(ErrorKind::UnexpectedEnd);
            return 0;
        }
        count
    }

    /// A name: a vector of bytes in UTF-8.
    pub(crate) fn name(&mut self) -> &'m str {
        let len = self.u32();
        let at = self.offset();
        let bytes = self.bytes(len);
        if is_utf8(bytes) {
            return raw::checked_str(bytes);
        }
        self.fail_at(at, ErrorKind::MalformedUtf8);
        ""
    }

    /// A value type; those of proposals that are not supported are named.
    pub(crate) fn val_type(&mut self) -> ValType {
        let byte = self.byte();
        ValType::from_byte(byte).unwrap_or_else(|| {
            self.refuse_type(byte);
            ValType::I32
        })
    }

    /// Fails at the last byte, which is no type.
    #[cold]
    pub(crate) fn refuse_type(&mut self, byte: u8) {
        self.fail_at(self.offset().saturating_sub(1), unsupported(byte).unwrap_or(ErrorKind::MalformedValueType));
    }

    pub(crate) fn ref_type(&mut self) -> ValType {
        let at = self.offset();
        let byte = self.byte();
        match ValType::from_byte(byte) {
            Some(ty) if ty.is_ref() => return ty,
            _ => {}
        }
        let kind = unsupported(byte).filter(|&kind| kind != ErrorKind::Simd);
        self.fail_at(at, kind.unwrap_or(ErrorKind::MalformedRefType));
        ValType::FuncRef
    }

    fn val_types(&mut self) -> &'m [ValType] {
        let count = self.count();
        let mut again = *self;
        for _ in 0..count {
            self.val_type();
        }
        if self.has_failed() { &[] } else { again.types(count) }
    }

    /// Value types that were checked before.
    pub(crate) fn types(&mut self, count: u32) -> &'m [ValType] {
        raw::val_types(self.bytes(count))
    }

    /// A function type, with its leading byte.
    pub(crate) fn func_type(&mut self) -> FuncType<'m> {
        let at = self.offset();
        match self.byte() {
            0x60 => {}
            0x4E | 0x4F | 0x50 | 0x5E | 0x5F => self.fail_at(at, ErrorKind::Gc),
            _ => self.fail_at(at, ErrorKind::MalformedType),
        }
        FuncType { params: self.val_types(), results: self.val_types() }
    }
}

/// The proposal that a type is of which is not supported.
fn unsupported(byte: u8) -> Option<ErrorKind> {
    Some(match byte {
        0x7B => ErrorKind::Simd,
        0x63 | 0x64 | 0x6A..=0x6E | 0x71..=0x73 => ErrorKind::Gc,
        0x69 | 0x74 => ErrorKind::Exceptions,
        _ => return None,
    })
}

/// Whether bytes are UTF-8. The library's own check is three times as long.
fn is_utf8(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        let (more, least) = match first {
            ..0x80 => continue,
            0xC0..0xE0 => (1, 0x80),
            0xE0..0xF0 => (2, 0x800),
            0xF0..0xF8 => (3, 0x1_0000),
            _ => return false,
        };
        let mut code = u32::from(first) & (0x3F >> more);
        for _ in 0..more {
            match rest.next() {
                Some(&byte) if byte & 0xC0 == 0x80 => code = code << 6 | u32::from(byte & 0x3F),
                _ => return false,
            }
        }
        if code < least || char::from_u32(code).is_none() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_utf8;

    #[test]
    fn utf8_is_what_the_library_says() {
        // Every pair of bytes, and what follows it at the edges of what a byte of text may be; some of them where that takes minutes.
        let step = if cfg!(miri) { 17 } else { 1 };
        for first in (0..=255).step_by(step) {
            for second in (0..=255).step_by(step) {
                for rest in [&[][..], b"a", b"\x80", b"\xBF", b"\xC0", b"\x80\x80", b"\xBF\xBF", b"\x80a", b"\xBF\x7F"]
                {
                    let bytes = [&[first, second], rest].concat();
                    assert_eq!(is_utf8(&bytes), core::str::from_utf8(&bytes).is_ok(), "{bytes:x?}");
                }
            }
        }
    }
}
