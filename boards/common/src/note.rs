//! What stands beside a module that is built into a firmware: its name, what it is granted, its environment, its files and when it is called.
//!
//! `cargo xtask bundle` compares the manifest with the board's policy and writes the outcome, so that a board neither has
//! to decide nor can be talked into anything else.

use serde::{Deserialize, Serialize};

/// The note of a module, in postcard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Note<'n> {
    /// The module's name, for messages; its first argument.
    pub name: &'n str,
    /// What it is granted: an encoded [`Request`](crate::policy::Request). Empty: whatever the board has.
    pub grant: &'n [u8],
    /// Its environment: texts `NAME=value`, each in postcard.
    pub environment: &'n [u8],
    /// Its files: pairs of path and content, each in postcard, directories before what is in them.
    pub files: &'n [u8],
    /// What is called again and again once it has started: pairs of an export and [`When`], each in postcard.
    pub calls: &'n [u8],
}

/// When an export is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum When<'n> {
    /// Every so many nanoseconds.
    Every(u64),
    /// When the pin of this label has seen an edge: any, or only a rising one (`true`), or only a falling one.
    Edge(&'n str, Option<bool>),
}

impl<'n> Note<'n> {
    /// Reads a note; `None` if it is none.
    pub fn read(bytes: &'n [u8]) -> Option<Note<'n>> {
        postcard::from_bytes(bytes).ok()
    }

    /// The variables, each as `NAME=value`.
    pub fn variables(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        sequence(self.environment)
    }

    /// The files: path and content.
    pub fn entries(&self) -> impl Iterator<Item = (&'n str, &'n [u8])> + use<'n> {
        sequence(self.files)
    }

    /// What is called again: the export, and when.
    pub fn calls(&self) -> impl Iterator<Item = (&'n str, When<'n>)> + use<'n> {
        sequence(self.calls)
    }
}

/// The values that lie one after the other, up to the first that is none.
fn sequence<'n, T: Deserialize<'n>>(mut bytes: &'n [u8]) -> impl Iterator<Item = T> + use<'n, T> {
    core::iter::from_fn(move || {
        let (item, rest) = postcard::take_from_bytes(bytes).ok()?;
        bytes = rest;
        Some(item)
    })
}
