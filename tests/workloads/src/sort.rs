//! Sorting records through functions that compare: quick, heap and insertion sort, each chosen and called through a pointer.

use crate::input::{Numbers, mix};

const RECORDS: usize = 96;

#[derive(Clone, Copy)]
struct Record {
    key: u32,
    time: i16,
    kind: u8,
    name: [u8; 5],
}

type Before = fn(&Record, &Record) -> bool;
type Sort = fn(&mut [Record], Before);

static ORDERS: [Before; 4] = [
    |a, b| a.key < b.key,
    |a, b| (a.kind, a.time, a.key) < (b.kind, b.time, b.key),
    |a, b| (a.name, a.key) < (b.name, b.key),
    |a, b| a.time > b.time || (a.time == b.time && a.key < b.key),
];

static SORTS: [Sort; 3] = [quick, heap, insertion];

fn insertion(records: &mut [Record], before: Before) {
    for at in 1..records.len() {
        let record = records[at];
        let mut to = at;
        while to > 0 && before(&record, &records[to - 1]) {
            records[to] = records[to - 1];
            to -= 1;
        }
        records[to] = record;
    }
}

fn quick(records: &mut [Record], before: Before) {
    if records.len() <= 6 {
        return insertion(records, before);
    }
    let pivot = records[records.len() / 2];
    let (mut low, mut high) = (0, records.len() - 1);
    loop {
        while before(&records[low], &pivot) {
            low += 1;
        }
        while before(&pivot, &records[high]) {
            high -= 1;
        }
        if low >= high {
            break;
        }
        records.swap(low, high);
        low += 1;
        high -= 1;
    }
    let (left, right) = records.split_at_mut(low);
    quick(left, before);
    quick(right, before);
}

fn heap(records: &mut [Record], before: Before) {
    fn sink(records: &mut [Record], mut at: usize, before: Before) {
        loop {
            let mut child = 2 * at + 1;
            if child >= records.len() {
                return;
            }
            if child + 1 < records.len() && before(&records[child], &records[child + 1]) {
                child += 1;
            }
            if !before(&records[at], &records[child]) {
                return;
            }
            records.swap(at, child);
            at = child;
        }
    }
    for at in (0..records.len() / 2).rev() {
        sink(records, at, before);
    }
    for end in (1..records.len()).rev() {
        records.swap(0, end);
        sink(&mut records[..end], 0, before);
    }
}

/// Each sort, with one of the orders, in each round.
pub fn run(rounds: u32) -> u32 {
    let mut records = [Record { key: 0, time: 0, kind: 0, name: [0; 5] }; RECORDS];
    let mut sum = 0;
    for round in 0..rounds {
        let mut numbers = Numbers::new(round);
        for (which, sort) in SORTS.iter().enumerate() {
            for record in &mut records {
                let key = numbers.next();
                let name = core::array::from_fn(|_| b'a' + (numbers.next() >> 10) as u8 % 4);
                *record = Record { key, time: (key >> 9) as i16 % 50, kind: key as u8 % 5, name };
            }
            let order = ORDERS[(round as usize + which) % ORDERS.len()];
            sort(&mut records, order);
            let ordered = records.windows(2).all(|pair| !order(&pair[1], &pair[0]));
            sum = records.iter().step_by(8).fold(mix(sum, u32::from(ordered)), |sum, record| mix(sum, record.key));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sorts_agree_in_every_order() {
        let mut numbers = Numbers::new(2);
        let records: [Record; RECORDS] = core::array::from_fn(|_| {
            let key = numbers.next();
            Record { key, time: (key >> 9) as i16 % 50, kind: key as u8 % 5, name: [key as u8 % 3; 5] }
        });
        for order in ORDERS {
            let keys = SORTS.map(|sort| {
                let mut sorted = records;
                sort(&mut sorted, order);
                sorted.map(|record| record.key)
            });
            assert!(keys[0] == keys[1] && keys[1] == keys[2]);
        }
    }
}
