//! A simulation by events: a binary heap of timers drives machines that put new timers into it.

use crate::input::{Numbers, mix};

const MOST: usize = 128;
const MACHINES: usize = 24;

#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Timer {
    time: u32,
    machine: u16,
    kind: u16,
}

struct Heap {
    timers: [Timer; MOST],
    len: usize,
}

impl Heap {
    fn push(&mut self, timer: Timer) -> bool {
        if self.len == MOST {
            return false;
        }
        let mut at = self.len;
        self.len += 1;
        while at > 0 && timer < self.timers[(at - 1) / 2] {
            self.timers[at] = self.timers[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        self.timers[at] = timer;
        true
    }

    fn pop(&mut self) -> Option<Timer> {
        let first = *self.timers[..self.len].first()?;
        self.len -= 1;
        let last = self.timers[self.len];
        let mut at = 0;
        loop {
            let mut child = 2 * at + 1;
            if child >= self.len {
                break;
            }
            if child + 1 < self.len && self.timers[child + 1] < self.timers[child] {
                child += 1;
            }
            if last <= self.timers[child] {
                break;
            }
            self.timers[at] = self.timers[child];
            at = child;
        }
        self.timers[at] = last;
        Some(first)
    }
}

/// Two hundred events in each round.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(19);
    let mut heap = Heap { timers: [Timer { time: 0, machine: 0, kind: 0 }; MOST], len: 0 };
    let mut work = [0u32; MACHINES];
    for machine in 0..MACHINES as u16 {
        heap.push(Timer { time: u32::from(machine) * 3, machine, kind: machine % 3 });
    }
    let (mut sum, mut lost) = (0, 0);
    for _ in 0..rounds {
        for _ in 0..200 {
            let Some(timer) = heap.pop() else { break };
            let done = &mut work[timer.machine as usize];
            *done = done.wrapping_add(timer.time | u32::from(timer.kind));
            let later = |delay: u32, machine: u16, kind| Timer { time: timer.time.wrapping_add(delay), machine, kind };
            let pushed = match timer.kind {
                0 => heap.push(later(10, timer.machine, 1)),
                1 => heap.push(later(numbers.below(50), timer.machine, 2)),
                2 => {
                    let other = numbers.below(MACHINES as u32) as u16;
                    heap.push(later(5, other, 3)) & heap.push(later(7, timer.machine, 0))
                }
                _ => true,
            };
            lost += u32::from(!pushed);
        }
        sum = work.iter().fold(mix(sum, lost), |sum, done| mix(sum, *done));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_order() {
        let mut numbers = Numbers::new(4);
        let mut heap = Heap { timers: [Timer { time: 0, machine: 0, kind: 0 }; MOST], len: 0 };
        for machine in 0..100 {
            assert!(heap.push(Timer { time: numbers.below(1000), machine, kind: 0 }));
        }
        let mut last = 0;
        while let Some(timer) = heap.pop() {
            assert!(timer.time >= last);
            last = timer.time;
        }
        assert_eq!(heap.len, 0);
    }
}
