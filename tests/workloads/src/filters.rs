//! Stages behind a trait: each sample goes through a chain of filters of different types, called through their tables of functions.

use crate::input::{Numbers, mix};

trait Stage {
    fn next(&mut self, sample: i32) -> i32;
    fn reset(&mut self) {}
}

struct Gain(i32);
struct Average {
    last: [i32; 8],
    at: usize,
    sum: i32,
}
struct Median([i32; 3]);
struct Envelope {
    level: i32,
    fall: i32,
}
struct Gate {
    open: bool,
    on: i32,
    off: i32,
}
struct Quantise(u32);

impl Stage for Gain {
    fn next(&mut self, sample: i32) -> i32 {
        (sample * self.0) >> 8
    }
}

impl Stage for Average {
    fn next(&mut self, sample: i32) -> i32 {
        self.sum += sample - core::mem::replace(&mut self.last[self.at], sample);
        self.at = (self.at + 1) % self.last.len();
        self.sum / self.last.len() as i32
    }

    fn reset(&mut self) {
        *self = Average { last: [0; 8], at: 0, sum: 0 };
    }
}

impl Stage for Median {
    fn next(&mut self, sample: i32) -> i32 {
        self.0 = [self.0[1], self.0[2], sample];
        let [a, b, c] = self.0;
        a.min(b).max(a.max(b).min(c))
    }

    fn reset(&mut self) {
        self.0 = [0; 3];
    }
}

impl Stage for Envelope {
    fn next(&mut self, sample: i32) -> i32 {
        self.level = (self.level - self.level / self.fall).max(sample.abs());
        self.level
    }
}

impl Stage for Gate {
    fn next(&mut self, sample: i32) -> i32 {
        self.open = if self.open { sample > self.off } else { sample > self.on };
        if self.open { sample } else { 0 }
    }

    fn reset(&mut self) {
        self.open = false;
    }
}

impl Stage for Quantise {
    fn next(&mut self, sample: i32) -> i32 {
        (sample >> self.0) << self.0
    }
}

/// 64 samples through a chain of six in each round; the order of the chain changes.
pub fn run(rounds: u32) -> u32 {
    let (mut gain, mut average, mut median) = (Gain(300), Average { last: [0; 8], at: 0, sum: 0 }, Median([0; 3]));
    let (mut envelope, mut gate, mut quantise) =
        (Envelope { level: 0, fall: 16 }, Gate { open: false, on: 9000, off: 4000 }, Quantise(3));
    let mut chain: [&mut dyn Stage; 6] =
        [&mut gain, &mut median, &mut average, &mut envelope, &mut gate, &mut quantise];
    let mut numbers = Numbers::new(23);
    let mut sum = 0;
    for round in 0..rounds {
        for _ in 0..64 {
            let mut sample = (numbers.next() >> 17) as i32 - 16384;
            for stage in &mut chain {
                sample = stage.next(sample);
            }
            sum = mix(sum, sample as u32);
        }
        chain.swap(round as usize % 6, (round as usize + 1) % 6);
        if round % 16 == 15 {
            chain.iter_mut().for_each(|stage| stage.reset());
        }
    }
    sum
}
