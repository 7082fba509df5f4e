//! Five bodies that attract each other, in floating numbers of 64 bits.

use crate::input::mix_f64;

const BODIES: usize = 5;
const STEP: f64 = 0.01;

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

fn bodies() -> [Body; BODIES] {
    core::array::from_fn(|at| {
        let distance = at as f64 * 1.7 + 0.3;
        let speed = if at == 0 { 0.0 } else { 6.0 / (distance + 0.5) };
        Body {
            place: [distance, distance * 0.1, -0.2 * distance],
            speed: [-0.1 * speed, speed, 0.05 * speed],
            mass: if at == 0 { 39.0 } else { 0.01 / (at as f64) },
        }
    })
}

/// `core` has no square root; Newton's steps from an estimate by the exponent converge in four.
fn root(value: f64) -> f64 {
    let mut root = f64::from_bits((value.to_bits() >> 1) + (1023 << 51));
    for _ in 0..4 {
        root = 0.5 * (root + value / root);
    }
    root
}

fn advance(bodies: &mut [Body; BODIES]) {
    for i in 0..BODIES {
        for j in i + 1..BODIES {
            let between: [f64; 3] = core::array::from_fn(|axis| bodies[i].place[axis] - bodies[j].place[axis]);
            let square = between.iter().map(|length| length * length).fold(0.01, |sum, square| sum + square);
            let magnitude = STEP / (square * root(square));
            let (mass_i, mass_j) = (bodies[i].mass, bodies[j].mass);
            for axis in 0..3 {
                bodies[i].speed[axis] -= between[axis] * mass_j * magnitude;
                bodies[j].speed[axis] += between[axis] * mass_i * magnitude;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += STEP * body.speed[axis];
        }
    }
}

/// Ten steps in each round.
pub fn run(rounds: u32) -> u32 {
    let mut bodies = bodies();
    let mut sum = 0;
    for _ in 0..rounds {
        for _ in 0..10 {
            advance(&mut bodies);
        }
        sum = bodies.iter().fold(sum, |sum, body| mix_f64(sum, body.place[0]));
    }
    sum
}
