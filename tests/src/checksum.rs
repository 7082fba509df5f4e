//! Which file a suite ran: the checksum of POSIX's `cksum`, which every computer has.

use crc::{CRC_32_CKSUM, Crc};

/// What `cksum` prints first.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    let crc = Crc::<u32>::new(&CRC_32_CKSUM);
    let mut digest = crc.digest();
    digest.update(bytes);
    // The length follows, low byte first, without its zeros at the end.
    let length = bytes.len().to_le_bytes();
    let used = length.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    digest.update(&length[..used]);
    digest.finalize()
}

/// A module and its checksum, as every suite prints them: `blinky.wasm cksum 1234567890`.
#[must_use]
pub fn line(name: &str, bytes: &[u8]) -> String {
    format!("{name}.wasm cksum {}", checksum(bytes))
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn it_is_that_of_cksum() {
        assert_eq!(checksum(b""), 4_294_967_295);
        assert_eq!(checksum(b"123456789"), 930_766_865);
    }
}
