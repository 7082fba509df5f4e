//! Sorting in lent memory: heapsort of the numbers in `stack::SORT`. It takes n log n comparisons whatever a module's author had
//! in mind, where a hash table without a secret takes n^2.

use super::Context;
use super::context::stack;
use core::cmp::Ordering;

/// How two of the numbers compare.
pub(super) type Compare<'m> = fn(&Context<'m>, u32, u32) -> Ordering;

/// Sorts the first `count` numbers.
pub(super) fn sort<'m>(context: &mut Context<'m>, count: u32, compare: Compare<'m>) {
    for root in (0..count / 2).rev() {
        sift(context, root, count, compare);
    }
    for end in (1..count).rev() {
        swap(context, 0, end);
        sift(context, 0, end, compare);
    }
}

/// The number at a place.
pub(super) fn sorted(context: &Context<'_>, index: u32) -> u32 {
    context.stacks.get(stack::SORT, index * 4)
}

/// Lets the number at `root` sink until none below it is greater.
fn sift<'m>(context: &mut Context<'m>, mut root: u32, end: u32, compare: Compare<'m>) {
    let is_less =
        |context: &Context<'m>, a: u32, b: u32| compare(context, sorted(context, a), sorted(context, b)).is_lt();
    loop {
        let mut child = root * 2 + 1;
        if child >= end {
            return;
        }
        if child + 1 < end && is_less(context, child, child + 1) {
            child += 1;
        }
        if !is_less(context, root, child) {
            return;
        }
        swap(context, root, child);
        root = child;
    }
}

fn swap(context: &mut Context<'_>, a: u32, b: u32) {
    let (at_a, at_b) = (sorted(context, a), sorted(context, b));
    context.stacks.set(stack::SORT, a * 4, at_b);
    context.stacks.set(stack::SORT, b * 4, at_a);
}
