//! Where control goes: the calls, jumps and returns in a function's machine code, for Thumb, RISC-V and x86-64; `fixed_words`
//! has those of the larger Arm processors.
//!
//! Thumb and RISC-V instructions are told apart by fixed bits (Arm ARM DDI 0403, chapter A5; RISC-V unprivileged
//! specification, chapters 2 and "C"), so only the few that transfer control are decoded here. x86-64 needs a real
//! decoder.

use super::fixed_words::{a32, a64};
use super::image::{Image, Symbol};
use iced_x86::{Decoder, DecoderOptions, FlowControl};
use object::Architecture;

/// One transfer of control.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Transfer {
    /// A call of the function at an address.
    Call(u64),
    /// A call through a register or memory.
    CallIndirect,
    /// A jump to an address, conditional or not.
    Jump(u64),
    /// A jump through a register or memory.
    JumpIndirect,
    /// A jump through a table inside the function.
    JumpTable,
    /// A return.
    Return,
}

/// All transfers of a function, each with its address.
pub(super) fn transfers(image: &Image, function: &Symbol) -> Vec<(u64, Transfer)> {
    let Some(bytes) = image.bytes_of(function) else { return Vec::new() };
    match image.architecture {
        Architecture::X86_64 => x86(bytes, function.address),
        Architecture::Arm if is_a32(image, function) => halfwords(image, function, bytes, a32),
        Architecture::Arm => halfwords(image, function, bytes, thumb),
        Architecture::Aarch64 => halfwords(image, function, bytes, a64),
        Architecture::Riscv32 => halfwords(image, function, bytes, riscv),
        _ => Vec::new(),
    }
}

/// Whether a function is of 32-bit words: the mapping symbol at or before it says so.
fn is_a32(image: &Image, function: &Symbol) -> bool {
    let marks = image.symbols.iter().filter(|mark| mark.name.starts_with('$') && mark.address <= function.address);
    marks.max_by_key(|mark| mark.address).is_some_and(|mark| mark.name.starts_with("$a"))
}

/// An instruction's length in bytes and what it transfers. `before` is the instruction before it.
type Decode = fn(at: u64, word: u32, before: u32) -> (u64, Option<Transfer>);

/// Decodes code of 16-bit units, without the data that mapping symbols mark.
fn halfwords(image: &Image, function: &Symbol, bytes: &[u8], decode: Decode) -> Vec<(u64, Transfer)> {
    let end = function.address + function.len_bytes;
    let marks: Vec<&Symbol> = image.symbols.iter().filter(|mark| mark.name.starts_with('$')).collect();
    let is_data = |at: u64| {
        let last = marks.partition_point(|mark| mark.address <= at);
        last > 0 && marks[last - 1].name.starts_with("$d")
    };
    let unit = |at: u64| {
        let from = (at - function.address) as usize;
        bytes.get(from..from + 2).map_or(0, |two| u32::from(two[0]) | u32::from(two[1]) << 8)
    };
    let (mut at, mut before, mut found) = (function.address, 0, Vec::new());
    while at < end {
        if is_data(at) {
            at += 2;
            continue;
        }
        let word = unit(at) | unit(at + 2) << 16;
        let (len_bytes, transfer) = decode(at, word, before);
        found.extend(transfer.map(|transfer| (at, transfer)));
        before = word;
        at += len_bytes;
    }
    found
}

/// The `count` bits of a word from bit `from`.
pub(super) const fn bits(word: u32, from: u32, count: u32) -> u32 {
    word >> from & ((1 << count) - 1)
}

/// A number of `count` bits with a sign, added to an address.
pub(super) const fn displaced(from: u64, value: u32, count: u32) -> u64 {
    let shift = 32 - count;
    from.wrapping_add_signed((((value << shift) as i32) >> shift) as i64)
}

/// Register 15 is the program counter, 14 holds the return address. The first halfword is the lower one of `word`.
fn thumb(at: u64, word: u32, _: u32) -> (u64, Option<Transfer>) {
    let (first, second) = (word & 0xffff, word >> 16);
    if first >> 11 >= 0b11101 {
        return (4, thumb_wide(at, first, second));
    }
    let register = bits(first, 3, 4);
    let transfer = match first {
        _ if first & 0xff80 == 0x4780 => Some(Transfer::CallIndirect),
        _ if first & 0xff80 == 0x4700 && register == 14 => Some(Transfer::Return),
        _ if first & 0xff80 == 0x4700 || first & 0xff87 == 0x4687 => Some(Transfer::JumpIndirect),
        _ if first & 0xff00 == 0xbd00 => Some(Transfer::Return),
        _ if first & 0xf800 == 0xe000 => Some(Transfer::Jump(displaced(at + 4, bits(first, 0, 11) << 1, 12))),
        _ if first & 0xf000 == 0xd000 && bits(first, 8, 4) < 14 => {
            Some(Transfer::Jump(displaced(at + 4, bits(first, 0, 8) << 1, 9)))
        }
        _ => None,
    };
    (2, transfer)
}

fn thumb_wide(at: u64, first: u32, second: u32) -> Option<Transfer> {
    let is_branch = first & 0xf800 == 0xf000 && second & 0x8000 != 0;
    match second & 0xd000 {
        0xd000 if is_branch => return Some(Transfer::Call(thumb_target(at, first, second))),
        0xc000 if is_branch => return Some(Transfer::CallIndirect), // to Arm code, which no chip of ours has
        0x9000 if is_branch => return Some(Transfer::Jump(thumb_target(at, first, second))),
        0x8000 if is_branch && bits(first, 7, 3) != 7 => return Some(Transfer::Jump(thumb_near(at, first, second))),
        _ => {}
    }
    let loads_counter = second >> 12 == 15;
    match first & 0xfff0 {
        0xe8d0 if second & 0xffe0 == 0xf000 => Some(Transfer::JumpTable),
        0xf850 if loads_counter && first & 15 == 13 => Some(Transfer::Return),
        0xf850 | 0xf8d0 if loads_counter => Some(Transfer::JumpIndirect),
        0xe8b0 if second & 0x8000 != 0 => Some(Transfer::Return),
        _ => None,
    }
}

/// The target of BL and of B.W without a condition: 25 bits in five pieces.
fn thumb_target(at: u64, first: u32, second: u32) -> u64 {
    let sign = bits(first, 10, 1);
    let (high, low) = (bits(second, 13, 1) ^ sign ^ 1, bits(second, 11, 1) ^ sign ^ 1);
    let value = sign << 24 | high << 23 | low << 22 | bits(first, 0, 10) << 12 | bits(second, 0, 11) << 1;
    displaced(at + 4, value, 25)
}

/// The target of B.W with a condition: 21 bits.
fn thumb_near(at: u64, first: u32, second: u32) -> u64 {
    let value = bits(first, 10, 1) << 20
        | bits(second, 11, 1) << 19
        | bits(second, 13, 1) << 18
        | bits(first, 0, 6) << 12
        | bits(second, 0, 11) << 1;
    displaced(at + 4, value, 21)
}

/// Register 1 holds the return address, register 5 that of the compiler's own routines.
fn riscv(at: u64, word: u32, before: u32) -> (u64, Option<Transfer>) {
    if word & 3 != 3 {
        return (2, riscv_compressed(at, word & 0xffff));
    }
    let (into, from) = (bits(word, 7, 5), bits(word, 15, 5));
    let transfer = match word & 0x7f {
        0x6f => {
            let value =
                bits(word, 31, 1) << 20 | bits(word, 12, 8) << 12 | bits(word, 20, 1) << 11 | bits(word, 21, 10) << 1;
            let target = displaced(at, value, 21);
            Some(if into == 0 { Transfer::Jump(target) } else { Transfer::Call(target) })
        }
        0x67 => {
            // A far target: AUIPC into the same register comes first.
            let far = (before & 0x7f == 0x17 && bits(before, 7, 5) == from)
                .then(|| displaced(displaced(at - 4, before & 0xffff_f000, 32), bits(word, 20, 12), 12));
            Some(match (into, from, far) {
                (0, _, Some(target)) => Transfer::Jump(target),
                (_, _, Some(target)) => Transfer::Call(target),
                (0, 1 | 5, None) => Transfer::Return,
                (0, _, None) => Transfer::JumpIndirect,
                (_, _, None) => Transfer::CallIndirect,
            })
        }
        0x63 => {
            let value =
                bits(word, 31, 1) << 12 | bits(word, 7, 1) << 11 | bits(word, 25, 6) << 5 | bits(word, 8, 4) << 1;
            Some(Transfer::Jump(displaced(at, value, 13)))
        }
        _ => None,
    };
    (4, transfer)
}

fn riscv_compressed(at: u64, unit: u32) -> Option<Transfer> {
    let register = bits(unit, 7, 5);
    match (unit & 3, bits(unit, 13, 3)) {
        (1, 0b001) => Some(Transfer::Call(compressed_target(at, unit))),
        (1, 0b101) => Some(Transfer::Jump(compressed_target(at, unit))),
        (1, 0b110 | 0b111) => {
            let value = bits(unit, 12, 1) << 8
                | bits(unit, 5, 2) << 6
                | bits(unit, 2, 1) << 5
                | bits(unit, 10, 2) << 3
                | bits(unit, 3, 2) << 1;
            Some(Transfer::Jump(displaced(at, value, 9)))
        }
        (2, 0b100) if bits(unit, 2, 5) == 0 && register != 0 => Some(match (bits(unit, 12, 1), register) {
            (1, _) => Transfer::CallIndirect,
            (_, 1 | 5) => Transfer::Return,
            _ => Transfer::JumpIndirect,
        }),
        _ => None,
    }
}

/// The target of C.J and C.JAL: eleven bits in eight pieces.
fn compressed_target(at: u64, unit: u32) -> u64 {
    let value = bits(unit, 12, 1) << 11
        | bits(unit, 8, 1) << 10
        | bits(unit, 9, 2) << 8
        | bits(unit, 6, 1) << 7
        | bits(unit, 7, 1) << 6
        | bits(unit, 2, 1) << 5
        | bits(unit, 11, 1) << 4
        | bits(unit, 3, 3) << 1;
    displaced(at, value, 12)
}

fn x86(bytes: &[u8], address: u64) -> Vec<(u64, Transfer)> {
    let decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let transfer = |instruction: iced_x86::Instruction| {
        let target = instruction.near_branch_target();
        let transfer = match instruction.flow_control() {
            FlowControl::Call => Transfer::Call(target),
            // Through the linker's table at a fixed place: a function of a shared library, such as memcpy.
            FlowControl::IndirectCall if instruction.is_ip_rel_memory_operand() => {
                Transfer::Call(instruction.ip_rel_memory_address())
            }
            FlowControl::IndirectCall => Transfer::CallIndirect,
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => Transfer::Jump(target),
            FlowControl::IndirectBranch => Transfer::JumpIndirect,
            FlowControl::Return => Transfer::Return,
            _ => return None,
        };
        Some((instruction.ip(), transfer))
    };
    decoder.into_iter().filter_map(transfer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings as two assemblers give them.
    #[test]
    fn thumb_transfers_are_decoded() {
        let decoded = |first: u32, second: u32| thumb(0x1000, first | second << 16, 0);
        assert_eq!(decoded(0x4760, 0), (2, Some(Transfer::JumpIndirect))); // bx r12
        assert_eq!(decoded(0x4770, 0), (2, Some(Transfer::Return))); // bx lr
        assert_eq!(decoded(0x47a0, 0), (2, Some(Transfer::CallIndirect))); // blx r4
        assert_eq!(decoded(0xbdb0, 0), (2, Some(Transfer::Return))); // pop {r4, r5, r7, pc}
        assert_eq!(decoded(0xf7ff, 0xfff8), (4, Some(Transfer::Call(0x1000 + 4 - 0x10)))); // bl
        assert_eq!(decoded(0xf000, 0xb802), (4, Some(Transfer::Jump(0x1000 + 4 + 4)))); // b.w
        assert_eq!(decoded(0xe7fe, 0), (2, Some(Transfer::Jump(0x1000)))); // b .
        assert_eq!(decoded(0xf855, 0xf021), (4, Some(Transfer::JumpIndirect))); // ldr.w pc, [r5, r1, lsl #2]
        assert_eq!(decoded(0xf85d, 0xfb04), (4, Some(Transfer::Return))); // ldr pc, [sp], #4
        assert_eq!(decoded(0x1840, 0), (2, None)); // adds
    }

    #[test]
    fn riscv_transfers_are_decoded() {
        assert_eq!(riscv(0x1000, 0x8782, 0), (2, Some(Transfer::JumpIndirect))); // jr a5
        assert_eq!(riscv(0x1000, 0x8082, 0), (2, Some(Transfer::Return))); // ret
        assert_eq!(riscv(0x1000, 0x9782, 0), (2, Some(Transfer::CallIndirect))); // jalr a5
        assert_eq!(riscv(0x1000, 0xa001, 0), (2, Some(Transfer::Jump(0x1000)))); // j .
        assert_eq!(riscv(0x1000, 0xff1f_f0ef, 0), (4, Some(Transfer::Call(0x1000 - 16)))); // jal -16
        assert_eq!(riscv(0x1000, 0x0007_8067, 0), (4, Some(Transfer::JumpIndirect))); // jr a5, wide
        // auipc ra, 1; jalr ra, 8(ra)
        assert_eq!(riscv(0x1004, 0x0080_80e7, 0x0000_1097), (4, Some(Transfer::Call(0x2008))));
        assert_eq!(riscv(0x1000, 0x0505, 0), (2, None)); // addi a0, a0, 1
    }
}
