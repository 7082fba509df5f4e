//! UF2: a firmware as blocks of 512 bytes, each of which says where 256 bytes belong.
//!
//! Source: the format's specification, microsoft/uf2.

use std::collections::BTreeMap;

const MAGIC: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const MAGIC_END: u32 = 0x0AB1_6F30;
/// The family's number is there.
const FLAGS: u32 = 0x2000;
const BLOCK_BYTES: usize = 512;
/// Bytes of content in a block: a page of the flash.
const PAGE_BYTES: usize = 256;

/// A file with these parts, each an address and its bytes. What no part has in a page is as erased.
pub(super) fn file(parts: &[(u32, Vec<u8>)], family: u32) -> Vec<u8> {
    let mut pages: BTreeMap<u32, [u8; PAGE_BYTES]> = BTreeMap::new();
    for (start, bytes) in parts {
        for (address, byte) in (*start..).zip(bytes) {
            let offset = address as usize % PAGE_BYTES;
            pages.entry(address - offset as u32).or_insert([0xff; PAGE_BYTES])[offset] = *byte;
        }
    }
    let count = pages.len() as u32;
    let mut file = Vec::new();
    for (number, (address, page)) in (0..).zip(&pages) {
        let head = [MAGIC[0], MAGIC[1], FLAGS, *address, PAGE_BYTES as u32, number, count, family];
        let end = file.len() + BLOCK_BYTES;
        head.iter().for_each(|word| file.extend(word.to_le_bytes()));
        file.extend(page);
        file.resize(end - 4, 0);
        file.extend(MAGIC_END.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_begins_within_a_page_leaves_the_rest_erased() {
        let file = file(&[(0x1000_01fe, vec![1, 2, 3]), (0x1008_0000, vec![4])], 0xe48b_ff56);
        assert_eq!(file.len(), 3 * BLOCK_BYTES);
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), word(12), word(20), word(24), word(28)), (MAGIC[0], 0x1000_0100, 0, 3, 0xe48b_ff56));
        assert_eq!(file[32 + 0xfe..32 + 0x100], [1, 2]);
        assert_eq!(file[32 + 0xfd], 0xff);
        assert_eq!((word(512 + 12), file[512 + 32]), (0x1000_0200, 3));
        assert_eq!((word(1024 + 12), file[1024 + 32], word(1536 - 4)), (0x1008_0000, 4, MAGIC_END));
    }
}
