//! Matrices of floating numbers: products in 32 bits, a linear system in 64.

use crate::input::{Numbers, mix, mix_f32, mix_f64};

const SIDE: usize = 16;

fn multiply(a: &[[f32; SIDE]; SIDE], b: &[[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut product = [[0.0; SIDE]; SIDE];
    for i in 0..SIDE {
        for j in 0..SIDE {
            let mut sum = 0.0;
            for k in 0..SIDE {
                sum += a[i][k] * b[k][j];
            }
            product[i][j] = sum;
        }
    }
    product
}

/// Elimination with the largest pivot of each column; none if there is no solution.
fn solve(a: &mut [[f64; SIDE]; SIDE], x: &mut [f64; SIDE]) -> Option<()> {
    for column in 0..SIDE {
        let mut pivot = column;
        for row in column + 1..SIDE {
            if a[row][column].abs() > a[pivot][column].abs() {
                pivot = row;
            }
        }
        if a[pivot][column].abs() < 1e-12 {
            return None;
        }
        a.swap(pivot, column);
        x.swap(pivot, column);
        for row in column + 1..SIDE {
            let factor = a[row][column] / a[column][column];
            for at in column..SIDE {
                a[row][at] -= factor * a[column][at];
            }
            x[row] -= factor * x[column];
        }
    }
    for row in (0..SIDE).rev() {
        let mut rest = x[row];
        for at in row + 1..SIDE {
            rest -= a[row][at] * x[at];
        }
        x[row] = rest / a[row][row];
    }
    Some(())
}

/// A product and a solution in each round.
pub fn run(rounds: u32) -> u32 {
    let mut sum = 0;
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        let a: [[f32; SIDE]; SIDE] = core::array::from_fn(|_| core::array::from_fn(|_| numbers.unit()));
        let b: [[f32; SIDE]; SIDE] = core::array::from_fn(|_| core::array::from_fn(|_| numbers.unit()));
        let product = multiply(&a, &b);
        sum = product.iter().fold(sum, |sum, row| mix_f32(sum, row[3] + row[SIDE - 1]));
        let mut system = product.map(|row| row.map(f64::from));
        let mut x: [f64; SIDE] = core::array::from_fn(|at| f64::from(a[at][0]));
        match solve(&mut system, &mut x) {
            Some(()) => sum = x.iter().fold(sum, |sum, value| mix_f64(sum, *value)),
            None => sum = mix(sum, 1),
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_solves() {
        let mut numbers = Numbers::new(5);
        let a: [[f64; SIDE]; SIDE] = core::array::from_fn(|_| core::array::from_fn(|_| f64::from(numbers.unit())));
        let right: [f64; SIDE] = core::array::from_fn(|_| f64::from(numbers.unit()));
        let (mut system, mut x) = (a, right);
        assert!(solve(&mut system, &mut x).is_some());
        for (row, right) in a.iter().zip(right) {
            let left: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((left - right).abs() < 1e-9, "{left} {right}");
        }
    }
}
