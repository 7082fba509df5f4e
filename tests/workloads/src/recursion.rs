//! Functions that call themselves: queens on a board, Ackermann's function, towers, permutations, Fibonacci's numbers.

use crate::input::mix;

fn queens(row: u32, size: u32, columns: u32, left: u32, right: u32) -> u32 {
    if row == size {
        return 1;
    }
    let mut free = !(columns | left | right) & ((1 << size) - 1);
    let mut count = 0;
    while free != 0 {
        let place = free & free.wrapping_neg();
        free ^= place;
        count += queens(row + 1, size, columns | place, (left | place) << 1, (right | place) >> 1);
    }
    count
}

fn ackermann(m: u32, n: u32) -> u32 {
    match (m, n) {
        (0, n) => n + 1,
        (m, 0) => ackermann(m - 1, 1),
        (m, n) => ackermann(m - 1, ackermann(m, n - 1)),
    }
}

fn towers(disks: u32, from: usize, to: usize, pegs: &mut [u32; 3]) -> u32 {
    if disks == 0 {
        return 0;
    }
    let spare = 3 - from - to;
    let before = towers(disks - 1, from, spare, pegs);
    pegs[from] -= disks;
    pegs[to] += disks;
    before + 1 + towers(disks - 1, spare, to, pegs)
}

fn permute(items: &mut [u8; 5], at: usize, sum: &mut u32) {
    if at == items.len() {
        *sum = mix(*sum, u32::from(items[0]) << 8 | u32::from(items[4]));
        return;
    }
    for other in at..items.len() {
        items.swap(at, other);
        permute(items, at + 1, sum);
        items.swap(at, other);
    }
}

fn fibonacci(n: u32) -> u32 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

/// Each of them once in each round.
pub fn run(rounds: u32) -> u32 {
    let mut sum = 0;
    for round in 0..rounds {
        sum = mix(sum, queens(0, 6, 0, 0, 0));
        sum = mix(sum, ackermann(2, 3 + round % 4));
        let mut pegs = [36, 0, 0];
        sum = mix(sum, towers(8, 0, 2, &mut pegs));
        sum = mix(sum, pegs[2]);
        permute(&mut [1, 2, 3, 4, round as u8], 0, &mut sum);
        sum = mix(sum, fibonacci(12 + round % 2));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(queens(0, 8, 0, 0, 0), 92);
        assert_eq!(ackermann(2, 3), 9);
        assert_eq!(towers(8, 0, 2, &mut [36, 0, 0]), 255);
        assert_eq!(fibonacci(20), 6765);
    }
}
