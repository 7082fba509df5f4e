//! An interpreter inside the interpreter: a stack machine of twenty operations runs a sieve and a common divisor.

use crate::input::mix;

/// The machine's operations; each has an operand, which some do not use.
mod op {
    pub(super) const PUSH: u8 = 0; // value
    pub(super) const LOAD: u8 = 1; // variable
    pub(super) const STORE: u8 = 2; // variable
    pub(super) const ADD: u8 = 3;
    pub(super) const SUB: u8 = 4;
    pub(super) const MUL: u8 = 5;
    pub(super) const REM: u8 = 6;
    pub(super) const LESS: u8 = 7;
    pub(super) const NOT: u8 = 8;
    pub(super) const JUMP: u8 = 9; // place
    pub(super) const BRANCH: u8 = 10; // place, taken if zero
    pub(super) const GET: u8 = 11; // cell
    pub(super) const PUT: u8 = 12; // cell
    pub(super) const DUP: u8 = 13;
    pub(super) const DROP: u8 = 14;
    pub(super) const CALL: u8 = 15; // place
    pub(super) const RETURN: u8 = 16;
    pub(super) const AND: u8 = 17;
    pub(super) const SHIFT: u8 = 18; // bits
    pub(super) const HALT: u8 = 19;
}

/// An operation and its operand. Variables: 0 the limit, 1 the candidate, 2 the multiple, 3 the count, 4 and 5 of the divisor,
/// 6 the sum.
#[rustfmt::skip]
static PROGRAM: [[u8; 2]; 66] = [
    /* 0 */ [op::PUSH, 2], [op::STORE, 1],
    /* 2 outer */ [op::LOAD, 1], [op::LOAD, 0], [op::LESS, 0], [op::BRANCH, 36],
    /* 6 */ [op::LOAD, 1], [op::GET, 0], [op::NOT, 0], [op::BRANCH, 30],
    /* 10 */ [op::LOAD, 3], [op::PUSH, 1], [op::ADD, 0], [op::STORE, 3],
    /* 14 */ [op::LOAD, 1], [op::DUP, 0], [op::ADD, 0], [op::STORE, 2],
    /* 18 inner */ [op::LOAD, 2], [op::LOAD, 0], [op::LESS, 0], [op::BRANCH, 30],
    /* 22 */ [op::PUSH, 1], [op::LOAD, 2], [op::PUT, 0],
    /* 25 */ [op::LOAD, 2], [op::LOAD, 1], [op::ADD, 0], [op::STORE, 2], [op::JUMP, 18],
    /* 30 next */ [op::CALL, 37], [op::LOAD, 1], [op::PUSH, 1], [op::ADD, 0], [op::STORE, 1], [op::JUMP, 2],
    /* 36 done */ [op::HALT, 0],
    /* 37 divide */ [op::LOAD, 1], [op::PUSH, 7], [op::MUL, 0], [op::STORE, 4],
    /* 41 */ [op::LOAD, 3], [op::PUSH, 84], [op::ADD, 0], [op::STORE, 5],
    /* 45 again */ [op::LOAD, 5], [op::BRANCH, 54],
    /* 47 */ [op::LOAD, 5], [op::LOAD, 4], [op::LOAD, 5], [op::REM, 0], [op::STORE, 5], [op::STORE, 4], [op::JUMP, 45],
    /* 54 sum */ [op::LOAD, 4], [op::SHIFT, 1], [op::LOAD, 6], [op::ADD, 0], [op::STORE, 6],
    /* 59 */ [op::LOAD, 6], [op::PUSH, 127], [op::AND, 0], [op::PUSH, 3], [op::SUB, 0], [op::DROP, 0],
    /* 65 */ [op::RETURN, 0],
];

struct Vm<'p> {
    program: &'p [[u8; 2]],
    variables: [i32; 8],
    cells: [u8; 256],
    stack: [i32; 32],
    depth: usize,
}

impl Vm<'_> {
    fn push(&mut self, value: i32) {
        self.stack[self.depth & 31] = value;
        self.depth += 1;
    }

    fn pop(&mut self) -> i32 {
        self.depth = self.depth.wrapping_sub(1);
        self.stack[self.depth & 31]
    }

    fn two(&mut self, meaning: impl Fn(i32, i32) -> i32) {
        let (right, left) = (self.pop(), self.pop());
        self.push(meaning(left, right));
    }

    /// The number of operations that were done.
    fn run(&mut self) -> u32 {
        let (mut at, mut count) = (0, 0);
        let mut returns = [0; 8];
        let mut calls = 0;
        loop {
            let [operation, operand] = self.program[at];
            at += 1;
            count += 1;
            match operation {
                op::PUSH => self.push(i32::from(operand)),
                op::LOAD => self.push(self.variables[operand as usize & 7]),
                op::STORE => self.variables[operand as usize & 7] = self.pop(),
                op::ADD => self.two(i32::wrapping_add),
                op::SUB => self.two(i32::wrapping_sub),
                op::MUL => self.two(i32::wrapping_mul),
                op::REM => self.two(|left, right| left.checked_rem(right).unwrap_or(0)),
                op::LESS => self.two(|left, right| i32::from(left < right)),
                op::AND => self.two(|left, right| left & right),
                op::NOT => {
                    let value = self.pop();
                    self.push(i32::from(value == 0));
                }
                op::JUMP => at = operand as usize,
                op::BRANCH => {
                    if self.pop() == 0 {
                        at = operand as usize;
                    }
                }
                op::GET => {
                    let at = self.pop();
                    self.push(i32::from(self.cells[at as usize & 255]));
                }
                op::PUT => {
                    let at = self.pop();
                    self.cells[at as usize & 255] = self.pop() as u8;
                }
                op::DUP => {
                    let value = self.pop();
                    self.push(value);
                    self.push(value);
                }
                op::DROP => drop(self.pop()),
                op::CALL => {
                    returns[calls & 7] = at;
                    calls += 1;
                    at = operand as usize;
                }
                op::RETURN => {
                    calls = calls.wrapping_sub(1);
                    at = returns[calls & 7];
                }
                op::SHIFT => {
                    let value = self.pop();
                    self.push((value << (operand & 31)) & 255);
                }
                _ => return count,
            }
        }
    }
}

/// The program runs once in each round.
pub fn run(rounds: u32) -> u32 {
    let mut sum = 0;
    for round in 0..rounds {
        let mut vm = Vm { program: &PROGRAM, variables: [0; 8], cells: [0; 256], stack: [0; 32], depth: 0 };
        vm.variables[0] = 100 + (round % 28) as i32;
        let count = vm.run();
        sum = vm.variables.iter().fold(mix(sum, count), |sum, value| mix(sum, *value as u32));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_25_primes_below_100() {
        let mut vm = Vm { program: &PROGRAM, variables: [0; 8], cells: [0; 256], stack: [0; 32], depth: 0 };
        vm.variables[0] = 100;
        assert!(vm.run() > 5000);
        assert_eq!(vm.variables[3], 25);
    }
}
