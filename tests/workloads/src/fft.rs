//! The Fourier transform of 128 points, forward and back, in floating numbers of 32 bits.

use crate::input::{Numbers, mix_f32};

const POINTS: usize = 128;
const LOG2: u32 = POINTS.trailing_zeros();

#[derive(Clone, Copy)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    const ZERO: Complex = Complex { re: 0.0, im: 0.0 };

    fn times(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn plus(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }

    fn minus(self, other: Complex) -> Complex {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }
}

/// The roots of one, each by turning the one before it by 2 pi / POINTS.
fn roots() -> [Complex; POINTS / 2] {
    let step = Complex { re: 0.998_795_45, im: -0.049_067_676 };
    let mut roots = [Complex { re: 1.0, im: 0.0 }; POINTS / 2];
    for at in 1..POINTS / 2 {
        roots[at] = roots[at - 1].times(step);
    }
    roots
}

fn transform(points: &mut [Complex; POINTS], roots: &[Complex; POINTS / 2], back: bool) {
    for at in 0..POINTS {
        let other = (at as u32).reverse_bits() >> (32 - LOG2);
        if (other as usize) > at {
            points.swap(at, other as usize);
        }
    }
    let mut half = 1;
    while half < POINTS {
        let stride = POINTS / 2 / half;
        let mut start = 0;
        while start < POINTS {
            for at in 0..half {
                let mut root = roots[at * stride];
                if back {
                    root.im = -root.im;
                }
                let (upper, lower) = (points[start + at], points[start + at + half].times(root));
                points[start + at] = upper.plus(lower);
                points[start + at + half] = upper.minus(lower);
            }
            start += 2 * half;
        }
        half *= 2;
    }
}

/// Forward, a filter, and back in each round.
pub fn run(rounds: u32) -> u32 {
    let roots = roots();
    let mut points = [Complex::ZERO; POINTS];
    let mut sum = 0;
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        for point in &mut points {
            *point = Complex { re: numbers.unit(), im: 0.0 };
        }
        transform(&mut points, &roots, false);
        let power = points.iter().map(|point| point.re * point.re + point.im * point.im).fold(0.0, f32::max);
        sum = mix_f32(sum, power);
        points[POINTS / 4..POINTS * 3 / 4].fill(Complex::ZERO);
        transform(&mut points, &roots, true);
        sum = mix_f32(mix_f32(sum, points[1].re / POINTS as f32), points[POINTS / 2].im);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_and_back_is_where_it_was() {
        let roots = roots();
        let mut numbers = Numbers::new(3);
        let before: [Complex; POINTS] = core::array::from_fn(|_| Complex { re: numbers.unit(), im: numbers.unit() });
        let mut points = before;
        transform(&mut points, &roots, false);
        let sum: f32 = before.iter().map(|point| point.re).sum();
        assert!((points[0].re - sum).abs() < 1e-3);
        transform(&mut points, &roots, true);
        for (point, before) in points.iter().zip(before) {
            assert!((point.re / POINTS as f32 - before.re).abs() < 1e-4);
        }
    }
}
