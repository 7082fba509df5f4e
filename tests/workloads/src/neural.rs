//! A neural network of 8 bits: two convolutions, a pooling and two dense layers over a picture of 12 by 12, with the scaling and the
//! clamping that quantised networks have.

use crate::input::{Numbers, mix};

const SIDE: usize = 12;
const CHANNELS: usize = 4;
const POOLED: usize = (SIDE - 4) / 2;
const FEATURES: usize = POOLED * POOLED * CHANNELS;
const HIDDEN: usize = 16;
const CLASSES: usize = 10;

struct Network {
    first: [[i8; 9]; CHANNELS],
    second: [[[i8; 9]; CHANNELS]; CHANNELS],
    hidden: [[i8; FEATURES]; HIDDEN],
    last: [[i8; HIDDEN]; CLASSES],
    bias: [i32; HIDDEN],
}

/// A sum scaled down to 8 bits, rounded to nearest, without what is negative.
fn activate(sum: i32, multiplier: i32, shift: u32) -> i8 {
    let scaled = (i64::from(sum) * i64::from(multiplier) + (1 << (shift - 1))) >> shift;
    scaled.clamp(0, 127) as i8
}

fn convolve<const FROM: usize, const TO: usize>(
    picture: &[[i8; FROM]; FROM],
    weights: &[i8; 9],
    sums: &mut [[i32; TO]; TO],
) {
    for y in 0..TO {
        for x in 0..TO {
            let mut sum = 0;
            for dy in 0..3 {
                for dx in 0..3 {
                    sum += i32::from(picture[y + dy][x + dx]) * i32::from(weights[3 * dy + dx]);
                }
            }
            sums[y][x] += sum;
        }
    }
}

impl Network {
    fn new(numbers: &mut Numbers) -> Network {
        let mut weight = || (numbers.next() >> 24) as i8 >> 1;
        Network {
            first: core::array::from_fn(|_| core::array::from_fn(|_| weight())),
            second: core::array::from_fn(|_| core::array::from_fn(|_| core::array::from_fn(|_| weight()))),
            hidden: core::array::from_fn(|_| core::array::from_fn(|_| weight())),
            last: core::array::from_fn(|_| core::array::from_fn(|_| weight())),
            bias: core::array::from_fn(|_| i32::from(weight()) * 16),
        }
    }

    fn classify(&self, picture: &[[i8; SIDE]; SIDE]) -> [i32; CLASSES] {
        const AFTER_ONE: usize = SIDE - 2;
        const AFTER_TWO: usize = SIDE - 4;
        let mut features = [[[0i8; AFTER_ONE]; AFTER_ONE]; CHANNELS];
        for (feature, weights) in features.iter_mut().zip(&self.first) {
            let mut sums = [[0; AFTER_ONE]; AFTER_ONE];
            convolve(picture, weights, &mut sums);
            for (row, sums) in feature.iter_mut().zip(sums) {
                *row = sums.map(|sum| activate(sum, 17_000, 21));
            }
        }
        let mut pooled = [0i8; FEATURES];
        for (channel, of_inputs) in self.second.iter().enumerate() {
            let mut sums = [[0; AFTER_TWO]; AFTER_TWO];
            for (feature, weights) in features.iter().zip(of_inputs) {
                convolve(feature, weights, &mut sums);
            }
            for y in 0..POOLED {
                for x in 0..POOLED {
                    let most = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(dy, dx)| sums[2 * y + dy][2 * x + dx]);
                    let most = most.into_iter().fold(i32::MIN, i32::max);
                    pooled[(channel * POOLED + y) * POOLED + x] = activate(most, 21_000, 22);
                }
            }
        }
        let mut hidden = [0i8; HIDDEN];
        for ((neuron, weights), bias) in hidden.iter_mut().zip(&self.hidden).zip(self.bias) {
            *neuron = activate(bias + dot(weights, &pooled), 19_000, 22);
        }
        core::array::from_fn(|class| dot(&self.last[class], &hidden))
    }
}

fn dot<const N: usize>(a: &[i8; N], b: &[i8; N]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// One picture in each round.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(13);
    let network = Network::new(&mut numbers);
    let mut sum = 0;
    for _ in 0..rounds {
        let picture = core::array::from_fn(|_| core::array::from_fn(|_| (numbers.next() >> 25) as i8));
        let classes = network.classify(&picture);
        let best = classes.iter().enumerate().max_by_key(|(_, score)| **score).map_or(0, |(class, _)| class);
        sum = mix(mix(sum, best as u32), classes[best] as u32);
    }
    sum
}
