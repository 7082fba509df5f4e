//! Filters of fixed point: a FIR of 32 taps over samples of 16 bits, then two biquads, then a decimation.

use crate::input::{Numbers, mix};

const TAPS: usize = 32;
const SAMPLES: usize = 160;

/// A second-order section with coefficients of 14 fractional bits.
struct Biquad {
    b: [i32; 3],
    a: [i32; 2],
    x: [i32; 2],
    y: [i32; 2],
}

impl Biquad {
    fn next(&mut self, sample: i32) -> i32 {
        let sum = self.b[0] * sample + self.b[1] * self.x[0] + self.b[2] * self.x[1]
            - self.a[0] * self.y[0]
            - self.a[1] * self.y[1];
        let result = (sum >> 14).clamp(-32768, 32767);
        self.x = [sample, self.x[0]];
        self.y = [result, self.y[0]];
        result
    }
}

fn fir(samples: &[i16; SAMPLES + TAPS], taps: &[i16; TAPS], filtered: &mut [i16; SAMPLES]) {
    for (at, out) in filtered.iter_mut().enumerate() {
        let mut sum = 1 << 14;
        for (sample, tap) in samples[at..at + TAPS].iter().zip(taps) {
            sum += i32::from(*sample) * i32::from(*tap);
        }
        *out = (sum >> 15).clamp(-32768, 32767) as i16;
    }
}

/// 160 samples in each round.
pub fn run(rounds: u32) -> u32 {
    let taps: [i16; TAPS] = core::array::from_fn(|at| {
        let distance = (2 * at as i32 - TAPS as i32 + 1).abs();
        ((TAPS as i32 + 1 - distance) * 60) as i16
    });
    let mut low = Biquad { b: [1106, 2212, 1106], a: [-18727, 6767], x: [0; 2], y: [0; 2] };
    let mut high = Biquad { b: [12000, -24000, 12000], a: [-22000, 9000], x: [0; 2], y: [0; 2] };
    let mut samples = [0i16; SAMPLES + TAPS];
    let mut filtered = [0i16; SAMPLES];
    let mut numbers = Numbers::new(7);
    let mut sum = 0;
    for _ in 0..rounds {
        samples.copy_within(SAMPLES.., 0);
        for sample in &mut samples[TAPS..] {
            *sample = numbers.next() as i16 >> 1;
        }
        fir(&samples, &taps, &mut filtered);
        let (mut peak, mut energy) = (0, 0u32);
        for pair in filtered.chunks_exact(2) {
            let first = high.next(low.next(i32::from(pair[0])));
            let second = high.next(low.next(i32::from(pair[1])));
            let kept = (first + second) / 2;
            peak = peak.max(kept.abs());
            energy = energy.wrapping_add((kept * kept) as u32 >> 4);
        }
        sum = mix(mix(sum, peak as u32), energy);
    }
    sum
}
