//! A search tree whose nodes lie in an array: insertion with random priorities (a treap), search, removal, a walk in order.

use crate::input::{Numbers, mix};

const MOST: usize = 200;
const NONE: u16 = u16::MAX;

#[derive(Clone, Copy)]
struct Node {
    key: u32,
    value: u32,
    priority: u32,
    left: u16,
    right: u16,
}

struct Tree {
    nodes: [Node; MOST],
    free: u16,
    root: u16,
}

impl Tree {
    fn new() -> Tree {
        let free = |at: usize| Node {
            key: 0,
            value: 0,
            priority: 0,
            left: if at + 1 == MOST { NONE } else { at as u16 + 1 },
            right: NONE,
        };
        Tree { nodes: core::array::from_fn(free), free: 0, root: NONE }
    }

    fn node(&mut self, at: u16) -> &mut Node {
        &mut self.nodes[at as usize]
    }

    fn turn_right(&mut self, at: u16) -> u16 {
        let up = self.node(at).left;
        self.node(at).left = self.node(up).right;
        self.node(up).right = at;
        up
    }

    fn turn_left(&mut self, at: u16) -> u16 {
        let up = self.node(at).right;
        self.node(at).right = self.node(up).left;
        self.node(up).left = at;
        up
    }

    /// The root of the tree with the key in it.
    fn insert(&mut self, at: u16, key: u32, value: u32, priority: u32) -> u16 {
        if at == NONE {
            let new = self.free;
            if new != NONE {
                self.free = self.node(new).left;
                *self.node(new) = Node { key, value, priority, left: NONE, right: NONE };
            }
            return new;
        }
        let here = *self.node(at);
        if key == here.key {
            self.node(at).value = value;
            at
        } else if key < here.key {
            let left = self.insert(here.left, key, value, priority);
            self.node(at).left = left;
            if left != NONE && self.node(left).priority > here.priority { self.turn_right(at) } else { at }
        } else {
            let right = self.insert(here.right, key, value, priority);
            self.node(at).right = right;
            if right != NONE && self.node(right).priority > here.priority { self.turn_left(at) } else { at }
        }
    }

    /// The root of the tree without the key.
    fn remove(&mut self, at: u16, key: u32) -> u16 {
        if at == NONE {
            return NONE;
        }
        let here = *self.node(at);
        if key < here.key {
            self.node(at).left = self.remove(here.left, key);
            at
        } else if key > here.key {
            self.node(at).right = self.remove(here.right, key);
            at
        } else if here.left == NONE || here.right == NONE {
            self.node(at).left = self.free;
            self.free = at;
            if here.left == NONE { here.right } else { here.left }
        } else if self.node(here.left).priority > self.node(here.right).priority {
            let up = self.turn_right(at);
            self.node(up).right = self.remove(at, key);
            up
        } else {
            let up = self.turn_left(at);
            self.node(up).left = self.remove(at, key);
            up
        }
    }

    fn find(&self, key: u32) -> Option<u32> {
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at as usize) {
            if node.key == key {
                return Some(node.value);
            }
            at = if key < node.key { node.left } else { node.right };
        }
        None
    }

    fn walk(&self, at: u16, visit: &mut dyn FnMut(&Node)) {
        if let Some(node) = self.nodes.get(at as usize) {
            self.walk(node.left, visit);
            visit(node);
            self.walk(node.right, visit);
        }
    }
}

/// Fifty insertions, searches and removals, and a walk, in each round.
pub fn run(rounds: u32) -> u32 {
    let mut numbers = Numbers::new(31);
    let mut tree = Tree::new();
    let mut sum = 0;
    for round in 0..rounds {
        for _ in 0..50 {
            let (key, priority) = (numbers.below(500), numbers.next());
            tree.root = tree.insert(tree.root, key, round, priority);
            sum = mix(sum, tree.find(numbers.below(500)).unwrap_or(u32::MAX));
            tree.root = tree.remove(tree.root, numbers.below(500));
        }
        let (mut last, mut ordered, mut count) = (None, true, 0);
        tree.walk(tree.root, &mut |node| {
            ordered &= last.is_none_or(|last| last < node.key);
            last = Some(node.key);
            count += 1;
        });
        sum = mix(mix(sum, u32::from(ordered)), count);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_holds_what_a_tree_of_the_library_holds() {
        let (mut tree, mut model, mut numbers) = (Tree::new(), BTreeMap::new(), Numbers::new(1));
        for round in 0..2000 {
            let (key, priority) = (numbers.below(120), numbers.next());
            tree.root = tree.insert(tree.root, key, round, priority);
            model.insert(key, round);
            let gone = numbers.below(120);
            tree.root = tree.remove(tree.root, gone);
            model.remove(&gone);
            assert_eq!(tree.find(key), model.get(&key).copied());
        }
        let mut pairs = std::vec::Vec::new();
        tree.walk(tree.root, &mut |node| pairs.push((node.key, node.value)));
        assert_eq!(pairs, model.into_iter().collect::<std::vec::Vec<_>>());
    }
}
