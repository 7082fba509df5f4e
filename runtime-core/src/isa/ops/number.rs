//! From the number of an operation back to its row and its form, for what looks at them at run time.

use super::{
    ACCESSES, Access, BINARY_FLOAT, BINARY_INT, COMPARE_FLOAT, COMPARE_INT, FUSED, LOAD, OTHER, STEP, STEPS, STORE,
    UNARY, WORD, form,
};
use crate::isa::ValType;

/// A class' number of forms, and what to multiply with in place of dividing by it, which small chips do in software.
const fn by(forms: usize) -> (usize, usize) {
    (forms, (1usize << RECIPROCAL_BITS).div_ceil(forms))
}
const RECIPROCAL_BITS: u32 = 14;

/// Division by the number of forms, of what is less than 1024.
const fn divided(distance: usize, (_, reciprocal): (usize, usize)) -> usize {
    (distance * reciprocal) >> RECIPROCAL_BITS
}

/// The row of the operation with this number, and its form.
pub(crate) fn row_and_form(unit: u16) -> (usize, u16) {
    let unit = (unit / STEP) as usize;
    if unit >= OTHER.0 {
        return (OTHER.1 + unit - OTHER.0, 0);
    }
    let (class, forms) = match unit {
        _ if unit >= STEPS.0 => (STEPS, const { by(form::STEPS) }),
        _ if unit >= WORD.0 => (WORD, const { by(form::WORD) }),
        _ if unit >= FUSED.0 => (FUSED, const { by(form::FUSED) }),
        _ if unit >= STORE.0 => (STORE, const { by(form::STORE) }),
        _ if unit >= LOAD.0 => (LOAD, const { by(form::LOAD) }),
        _ if unit >= COMPARE_FLOAT.0 => (COMPARE_FLOAT, const { by(form::COMPARE_FLOAT) }),
        _ if unit >= COMPARE_INT.0 => (COMPARE_INT, const { by(form::INT) }),
        _ if unit >= BINARY_FLOAT.0 => (BINARY_FLOAT, const { by(form::FLOAT) }),
        _ if unit >= BINARY_INT.0 => (BINARY_INT, const { by(form::INT) }),
        _ => (UNARY, const { by(form::UNARY) }),
    };
    let distance = unit - class.0;
    let rows = divided(distance, forms);
    (class.1 + rows, (distance - rows * forms.0) as u16 * STEP)
}

/// The access that a load or a store makes, and its form.
pub(crate) fn access(unit: u16) -> (Access, u16) {
    let (row, form) = row_and_form(unit);
    let row = row.wrapping_sub(LOAD.1);
    let unknown = Access { size: 1, signed: false, ty: ValType::I32 };
    (ACCESSES.get(row).copied().unwrap_or(unknown), form)
}

#[cfg(test)]
mod tests {
    use super::{by, divided};

    #[test]
    fn forms_are_divided_by_multiplying() {
        for forms in 1..=10 {
            (0..1024).for_each(|distance| assert_eq!(divided(distance, by(forms)), distance / forms, "{distance}"));
        }
    }
}
