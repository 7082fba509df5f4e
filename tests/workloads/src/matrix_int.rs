//! Matrices of integers: product, transposition, sums of rows.

use crate::input::{Numbers, mix};

const SIDE: usize = 20;
type Matrix = [[i32; SIDE]; SIDE];

fn multiply(a: &Matrix, b: &Matrix, product: &mut Matrix) {
    for i in 0..SIDE {
        for j in 0..SIDE {
            let mut sum = 0i32;
            for k in 0..SIDE {
                sum = sum.wrapping_add(a[i][k].wrapping_mul(b[k][j]));
            }
            product[i][j] = sum;
        }
    }
}

fn transpose(matrix: &mut Matrix) {
    for i in 0..SIDE {
        for j in 0..i {
            let other = matrix[j][i];
            matrix[j][i] = matrix[i][j];
            matrix[i][j] = other;
        }
    }
}

/// Three matrices of 20 by 20: two products in each round.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(20);
    let mut a: Matrix = core::array::from_fn(|_| core::array::from_fn(|_| numbers.below(1000) as i32 - 500));
    let b: Matrix = core::array::from_fn(|_| core::array::from_fn(|_| numbers.below(1000) as i32 - 500));
    let mut c = [[0; SIDE]; SIDE];
    let mut sum = 0;
    for round in 0..rounds {
        multiply(&a, &b, &mut c);
        transpose(&mut c);
        a[round as usize % SIDE][3] = round as i32;
        for (row, other) in a.iter_mut().zip(&c) {
            for (cell, other) in row.iter_mut().zip(other) {
                *cell = (*cell ^ (other >> 3)) & 0xffff;
            }
        }
        multiply(&b, &a, &mut c);
        for row in &c {
            sum = mix(sum, row.iter().fold(0, |sum: i32, cell| sum.wrapping_add(*cell)) as u32);
        }
    }
    sum
}
