//! What operations become together or turned round: look-ups in the table's lists for whoever folds.

use super::{COMPARISONS, Class, FUSIONS, Op, STEP, STEPPED, WORDS, form};

/// Two operators in one operation.
#[derive(Clone, Copy)]
pub(crate) struct Fusion {
    /// The operation, in its first form.
    pub(crate) op: Op,
    pub(crate) first: Op,
    /// Takes the first one's result, and commutes unless its other operand is an immediate.
    pub(crate) second: Op,
    /// Letters of the first one's right operand and of the second one's.
    pub(crate) rest: [u8; 2],
}

pub(super) const fn letters(rest: &str) -> [u8; 2] {
    match rest.as_bytes() {
        [first, second] => [*first, *second],
        _ => panic!("two operands follow the first"),
    }
}

/// The fusion of the operation `unit`, in whatever form, with `second`, whose other operand has this letter; and the form of
/// the fused operation that has the first operand where `unit` has it.
pub(crate) fn fusion(unit: u16, second: u16, other: u8) -> Option<u16> {
    FUSIONS.iter().find_map(|fusion| {
        let form = unit.checked_sub(fusion.first as u16)?;
        let (in_acc, immediate) = match Class::of_float(fusion.first) {
            true => (form & form::FIRST != 0, false),
            false => (form & form::ACC != 0, form & form::IMM != 0),
        };
        let forms = if Class::of_float(fusion.first) { form::FLOAT } else { form::INT } as u16 * STEP;
        let fits = form < forms && immediate == (fusion.rest[0] == b'i');
        let same = fusion.second as u16 == second && fusion.rest[1] == other;
        (fits && same).then(|| fusion.op.form(if in_acc { form::FIRST } else { 0 }))
    })
}

/// The operation with a word in the code for this one, in their first forms.
pub(crate) fn with_word(op: u16) -> Option<u16> {
    WORDS.iter().find_map(|&(word, plain)| (plain as u16 == op).then_some(word as u16))
}

/// The step that ends in this comparison, in their first forms.
pub(crate) fn step_to(comparison: u16) -> Option<u16> {
    STEPPED.iter().find_map(|&(step, plain)| (plain as u16 == comparison).then_some(step as u16))
}

/// An operator on integers in its first form, and its right operand that is an immediate: the amount of a shift is less than the
/// width, so that handlers need not see to that, and a rotation goes to the right.
pub(crate) fn with_immediate(op: u16, value: u16) -> (u16, u16) {
    const { assert!(Op::I32Rotr as u16 == Op::I32Rotl as u16 + ROW && Op::I64Rotr as u16 == Op::I64Rotl as u16 + ROW) }
    const ROW: u16 = form::INT as u16 * STEP;
    let mask = if (Op::I32Shl as u16..=Op::I32Rotr as u16).contains(&op) {
        31
    } else if (Op::I64Shl as u16..=Op::I64Rotr as u16).contains(&op) {
        63
    } else {
        return (op, value);
    };
    if op == Op::I32Rotl as u16 || op == Op::I64Rotl as u16 {
        return (op + ROW, value.wrapping_neg() & mask);
    }
    (op, value & mask)
}

fn comparison(op: u16) -> (u16, u16) {
    let row = op.wrapping_sub(Op::I32Eq as u16) / STEP / form::INT as u16;
    COMPARISONS.get(row as usize).copied().unwrap_or((op, op))
}

/// The comparison of integers that holds where this one does not; both in their first form.
pub(crate) fn opposite(op: u16) -> u16 {
    comparison(op).0
}

/// The comparison of integers that holds if its operands are exchanged; both in their first form.
pub(crate) fn exchanged(op: u16) -> u16 {
    comparison(op).1
}
