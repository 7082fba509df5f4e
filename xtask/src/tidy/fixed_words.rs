//! Where control goes in machine code of 32-bit words: A64, and A32 on 32-bit Linux boards.
//!
//! Source: Arm ARM DDI 0487, chapter C4.1 (branches) for A64 and F4.1 for A32.

use super::transfers::{Transfer, bits, displaced};

/// A64. Register 30 holds the return address, but `RET` says itself what it is.
pub(super) fn a64(at: u64, word: u32, _: u32) -> (u64, Option<Transfer>) {
    let jump = |from, count| Some(Transfer::Jump(displaced(at, bits(word, from, count) << 2, count + 2)));
    let transfer = match word {
        _ if word & 0xfc00_0000 == 0x9400_0000 => Some(Transfer::Call(displaced(at, bits(word, 0, 26) << 2, 28))),
        _ if word & 0xfc00_0000 == 0x1400_0000 => jump(0, 26),
        _ if word & 0xff00_0000 == 0x5400_0000 => jump(5, 19),
        _ if word & 0x7e00_0000 == 0x3400_0000 => jump(5, 19),
        _ if word & 0x7e00_0000 == 0x3600_0000 => jump(5, 14),
        _ if word & 0xffff_fc1f == 0xd63f_0000 => Some(Transfer::CallIndirect),
        _ if word & 0xffff_fc1f == 0xd61f_0000 => Some(Transfer::JumpIndirect),
        _ if word & 0xffff_fc1f == 0xd65f_0000 => Some(Transfer::Return),
        _ => None,
    };
    (4, transfer)
}

/// A32. Register 15 is the program counter, 14 holds the return address, 13 is the stack pointer. A call may be made by hand:
/// the counter is copied to register 14, and then jumped.
pub(super) fn a32(at: u64, word: u32, before: u32) -> (u64, Option<Transfer>) {
    let target = || displaced(at + 8, bits(word, 0, 24) << 2, 26);
    let by_hand = before & 0x0fff_ffff == 0x01a0_e00f;
    let indirect = if by_hand { Transfer::CallIndirect } else { Transfer::JumpIndirect };
    let loads_counter = bits(word, 12, 4) == 15;
    let transfer = match word {
        _ if word >> 28 == 15 => (word & 0xfe00_0000 == 0xfa00_0000).then(|| Transfer::Call(target())),
        _ if word & 0x0f00_0000 == 0x0a00_0000 => Some(Transfer::Jump(target())),
        _ if word & 0x0f00_0000 == 0x0b00_0000 => Some(Transfer::Call(target())),
        _ if word & 0x0fff_fff0 == 0x012f_ff30 => Some(Transfer::CallIndirect),
        _ if word & 0x0fff_ffff == 0x012f_ff1e => Some(Transfer::Return),
        _ if word & 0x0fff_fff0 == 0x012f_ff10 => Some(indirect),
        _ if word & 0x0fff_ffff == 0x01a0_f00e => Some(Transfer::Return),
        _ if word & 0x0fff_fff0 == 0x01a0_f000 => Some(indirect),
        // pop {pc} and pop {..., pc}
        _ if word & 0x0fff_0000 == 0x049d_0000 && loads_counter => Some(Transfer::Return),
        _ if word & 0x0e10_8000 == 0x0810_8000 => Some(Transfer::Return),
        _ if word & 0x0c10_0000 == 0x0410_0000 && loads_counter => Some(indirect),
        // add pc, pc, register
        _ if word & 0x0fef_f010 == 0x008f_f000 => Some(Transfer::JumpTable),
        _ => None,
    };
    (4, transfer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_of_a64_are_known() {
        for (word, expected) in [
            (0x9400_0002, Some(Transfer::Call(0x1008))),
            (0x17ff_ffff, Some(Transfer::Jump(0xffc))),
            (0x5400_0041, Some(Transfer::Jump(0x1008))),
            (0xb400_0040, Some(Transfer::Jump(0x1008))),
            (0x3700_0040, Some(Transfer::Jump(0x1008))),
            (0xd63f_0100, Some(Transfer::CallIndirect)),
            (0xd61f_0100, Some(Transfer::JumpIndirect)),
            (0xd65f_03c0, Some(Transfer::Return)),
            (0x8b00_0000, None),
        ] {
            assert_eq!(a64(0x1000, word, 0), (4, expected), "{word:x}");
        }
    }

    #[test]
    fn transfers_of_a32_are_known() {
        for (word, before, expected) in [
            (0xeb00_0000, 0, Some(Transfer::Call(0x1008))),
            (0xeaff_fffe, 0, Some(Transfer::Jump(0x1000))),
            (0x1a00_0000, 0, Some(Transfer::Jump(0x1008))),
            (0xe12f_ff33, 0, Some(Transfer::CallIndirect)),
            (0xe12f_ff13, 0, Some(Transfer::JumpIndirect)),
            (0xe12f_ff13, 0xe1a0_e00f, Some(Transfer::CallIndirect)),
            (0xe12f_ff1e, 0, Some(Transfer::Return)),
            (0xe8bd_8ff0, 0, Some(Transfer::Return)),
            (0xe49d_f004, 0, Some(Transfer::Return)),
            (0xe592_f000, 0, Some(Transfer::JumpIndirect)),
            (0xe792_f103, 0, Some(Transfer::JumpIndirect)),
            (0xe08f_f103, 0, Some(Transfer::JumpTable)),
            (0xe080_0001, 0, None),
        ] {
            assert_eq!(a32(0x1000, word, before), (4, expected), "{word:x}");
        }
    }
}
