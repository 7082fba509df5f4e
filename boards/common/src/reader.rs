//! Postcard as a firmware reads it where it lies: numbers, texts and options, one after the other. serde's own way through it
//! would be 2 KB more of flash.

/// Bits that a byte of a number carries; the eighth says that more follow.
const BITS: u32 = 7;

/// Bytes that are still to be read. Whatever cannot be read is `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl<'b> Reader<'b> {
    /// A byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// A number of up to 64 bits.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let moved = bits.checked_shl(shift)?;
            if moved >> shift != bits {
                return None;
            }
            number |= moved;
            if byte < 0x80 {
                return Some(number);
            }
            shift += BITS;
        }
    }

    /// A number of up to 32 bits.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.u64()?.try_into().ok()
    }

    /// A case of an enum.
    pub(crate) fn case<T: Copy>(&mut self, cases: &[T]) -> Option<T> {
        cases.get(self.u32()? as usize).copied()
    }

    /// Bytes, with their length before them.
    pub(crate) fn bytes(&mut self) -> Option<&'b [u8]> {
        let len = self.u32()? as usize;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Option<&'b str> {
        core::str::from_utf8(self.bytes()?).ok()
    }

    /// What may be there or not.
    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }
}

/// Rows that lie one after the other, up to the first that is none.
pub(crate) fn rows<'b, T>(bytes: &'b [u8], read: impl Fn(&mut Reader<'b>) -> Option<T>) -> impl Iterator<Item = T> {
    let mut reader = Reader(bytes);
    core::iter::from_fn(move || read(&mut reader))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Reader;

    #[test]
    fn it_reads_what_postcard_writes() {
        let texts = ["", "led0", "°"];
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), 1 << 32, u64::MAX] {
            for text in texts {
                let value = (7_u8, number, text, Some(3_u32), None::<u32>, true);
                let mut buffer = [0; 64];
                let bytes = postcard::to_slice(&value, &mut buffer).unwrap();
                for len in 0..bytes.len() {
                    assert_eq!(read(&mut Reader(&bytes[..len])), None);
                }
                let mut reader = Reader(bytes);
                assert_eq!(read(&mut reader), Some(value));
                assert!(reader.0.is_empty());
            }
        }
    }

    type Row<'b> = (u8, u64, &'b str, Option<u32>, Option<u32>, bool);

    fn read<'b>(from: &mut Reader<'b>) -> Option<Row<'b>> {
        let head = (from.byte()?, from.u64()?, from.text()?);
        let (some, none) = (from.option(Reader::u32)?, from.option(Reader::u32)?);
        Some((head.0, head.1, head.2, some, none, from.byte()? == 1))
    }

    #[test]
    fn numbers_and_cases_that_are_too_large_are_none() {
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0x1f]).u32(), None);
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).u64(), None);
        assert_eq!(Reader(&[0x80; 20]).u64(), None);
        assert_eq!(Reader(&[3]).case(&[false, true]), None);
        assert_eq!(Reader(&[2, 1]).option(Reader::byte), None);
        assert_eq!(Reader(&[5, b'a']).text(), None);
        assert_eq!(Reader(&[1, 0xff]).text(), None);
    }
}
