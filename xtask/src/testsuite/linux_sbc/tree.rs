//! Device trees: switching on what a board has and its tree has switched off.

use anyhow::{Context, Result, bail, ensure};
use std::path::Path;

/// What a flattened tree consists of, by the specification's numbers.
const BEGIN_NODE: u32 = 1;
const END_NODE: u32 = 2;
const PROPERTY: u32 = 3;
const NOP: u32 = 4;
const END: u32 = 9;
/// Where the header has the places of the structure and of the properties' names.
const STRUCTURE: usize = 8;
const STRINGS: usize = 12;

/// A tree with these nodes switched on.
pub(super) fn with(path: &Path, nodes: &[&str]) -> Result<Vec<u8>> {
    let mut tree = std::fs::read(path).with_context(|| path.display().to_string())?;
    for node in nodes {
        switch_on(&mut tree, node).with_context(|| format!("{} in {}", node, path.display()))?;
    }
    Ok(tree)
}

fn word(tree: &[u8], at: usize) -> Result<u32> {
    let bytes = tree.get(at..at + 4).context("the tree is cut off")?;
    Ok(u32::from_be_bytes(bytes.try_into()?))
}

/// The text at a place.
fn text(tree: &[u8], at: usize) -> &[u8] {
    tree.get(at..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Writes `okay` over the status of a node, whose length stays: the kernel reads up to the zero.
fn switch_on(tree: &mut [u8], node: &str) -> Result<()> {
    let (mut at, strings) = (word(tree, STRUCTURE)? as usize, word(tree, STRINGS)? as usize);
    let mut path: Vec<bool> = Vec::new();
    loop {
        let token = word(tree, at)?;
        at += 4;
        match token {
            BEGIN_NODE => {
                let name = text(tree, at);
                path.push(name == node.as_bytes());
                at += (name.len() + 1).next_multiple_of(4);
            }
            END_NODE => drop(path.pop()),
            PROPERTY => {
                let (len, name) = (word(tree, at)? as usize, word(tree, at + 4)? as usize);
                at += 8;
                if path.last() == Some(&true) && text(tree, strings + name) == b"status" {
                    const OKAY: &[u8] = b"okay\0";
                    let status = tree.get_mut(at..at + len).context("the tree is cut off")?;
                    ensure!(len >= OKAY.len(), "its status is too short");
                    status.fill(0);
                    status[..OKAY.len()].copy_from_slice(OKAY);
                    return Ok(());
                }
                at += len.next_multiple_of(4);
            }
            NOP => {}
            END => bail!("no such node with a status"),
            other => bail!("{other} is no part of a tree"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree with one node, `adc@1`, that is switched off.
    fn tree() -> Vec<u8> {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let mut tree = words(&[0xd00d_feed, 0, 16, 76]);
        tree.extend(words(&[BEGIN_NODE, 0, BEGIN_NODE]));
        tree.extend(b"adc@1\0\0\0");
        tree.extend(words(&[PROPERTY, 9, 0]));
        tree.extend(b"disabled\0\0\0\0");
        tree.extend(words(&[END_NODE, END_NODE, END, 0]));
        tree.extend(b"status\0");
        tree
    }

    #[test]
    fn a_node_is_switched_on_in_place() {
        let mut changed = tree();
        switch_on(&mut changed, "adc@1").unwrap();
        let expected: Vec<u8> = tree();
        let at = expected.windows(8).position(|window| window == b"disabled").unwrap();
        assert_eq!(&changed[at..at + 9], b"okay\0\0\0\0\0");
        assert_eq!((&changed[..at], &changed[at + 9..]), (&expected[..at], &expected[at + 9..]));
    }

    #[test]
    fn a_node_that_is_not_there_and_a_tree_that_is_cut_are_errors() {
        assert!(switch_on(&mut tree(), "adc@2").is_err());
        for len in 0..tree().len() - 20 {
            assert!(switch_on(&mut tree()[..len].to_vec(), "adc@2").is_err(), "{len}");
        }
    }
}
