//! Controllers: eight loops with a proportional, an integral and a derivative part hold eight simulated plants, in floating
//! numbers of 32 bits, with limits and with measurements that are filtered.

use crate::input::{Numbers, mix_f32};

const LOOPS: usize = 8;
const STEPS: usize = 40;
const SECONDS: f32 = 0.01;

struct Controller {
    gain: [f32; 3],
    integral: f32,
    last: f32,
    filtered: f32,
    limit: f32,
}

impl Controller {
    fn next(&mut self, target: f32, measured: f32) -> f32 {
        self.filtered += 0.3 * (measured - self.filtered);
        let error = target - self.filtered;
        let derivative = (self.last - self.filtered) / SECONDS;
        self.last = self.filtered;
        let wanted = self.gain[0] * error + self.gain[1] * self.integral + self.gain[2] * derivative;
        let given = wanted.clamp(-self.limit, self.limit);
        // What is at its limit does not wind up.
        if given == wanted || (error > 0.0) != (wanted > 0.0) {
            self.integral += error * SECONDS;
        }
        given
    }
}

/// A mass with friction that a force moves.
struct Plant {
    place: f32,
    speed: f32,
    friction: f32,
    mass: f32,
}

impl Plant {
    fn step(&mut self, force: f32) -> f32 {
        let against = if self.speed > 0.0 { self.friction } else { -self.friction };
        self.speed += (force - against * self.speed.abs().min(1.0)) / self.mass * SECONDS;
        self.place += self.speed * SECONDS;
        self.place
    }
}

/// Forty steps of each loop in each round.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(9);
    let mut controllers: [Controller; LOOPS] = core::array::from_fn(|at| Controller {
        gain: [8.0 + at as f32, 1.5, 0.4 + at as f32 / 16.0],
        integral: 0.0,
        last: 0.0,
        filtered: 0.0,
        limit: 25.0,
    });
    let mut plants: [Plant; LOOPS] = core::array::from_fn(|at| Plant {
        place: 0.0,
        speed: 0.0,
        friction: 0.2 + at as f32 * 0.05,
        mass: 0.5 + at as f32 * 0.1,
    });
    let mut sum = 0;
    for _ in 0..rounds {
        let targets: [f32; LOOPS] = core::array::from_fn(|_| numbers.unit() * 10.0);
        for _ in 0..STEPS {
            for ((controller, plant), target) in controllers.iter_mut().zip(&mut plants).zip(targets) {
                let noise = numbers.unit() * 0.01;
                let force = controller.next(target, plant.place + noise);
                plant.step(force);
            }
        }
        sum = plants.iter().fold(sum, |sum, plant| mix_f32(sum, plant.place));
    }
    sum
}
