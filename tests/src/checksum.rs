//! Which file a suite ran: the checksum of POSIX's `cksum`, which every system has, emulated boards with busybox too.

/// The polynomial of Ethernet's CRC.
const POLYNOMIAL: u32 = 0x04C1_1DB7;

/// What `cksum` prints first.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    let mut length = bytes.len();
    let mut tail = Vec::new();
    while length > 0 {
        tail.push(length as u8);
        length >>= 8;
    }
    !bytes.iter().chain(&tail).fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { POLYNOMIAL } else { 0 })
    })
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
