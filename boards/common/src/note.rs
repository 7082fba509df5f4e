//! What stands beside a module that is built into a firmware: its name, what it is granted, its environment, its files and when it is called.
//!
//! `cargo xtask bundle` compares the manifest with the board's policy and writes the outcome, so that a board neither has
//! to decide nor can be talked into anything else.

use serde::{Deserialize, Serialize};
use wasmote_wasi_p1::bundle::{Content, Item, Items};

/// The note of a module, in postcard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Note<'n> {
    /// The module's name, for messages; its first argument.
    pub name: &'n str,
    /// What it is granted: an encoded [`Request`](crate::policy::Request). Empty: whatever the board has.
    pub grant: &'n [u8],
    /// Its environment: texts `NAME=value`, each in postcard.
    pub environment: &'n [u8],
    /// Its files and directories; see [`Bundled`].
    pub files: Bundled<'n>,
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

    /// What is called again: the export, and when.
    pub fn calls(&self) -> impl Iterator<Item = (&'n str, When<'n>)> + use<'n> {
        sequence(self.calls)
    }
}

/// Files and directories where they lie: rows of parent, name and content (none for a directory), each in postcard. A parent is the
/// number of a row before, counted from one, or 0 for the root.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Bundled<'n>(#[serde(borrow)] pub &'n [u8]);

/// A row of [`Bundled`].
pub type FileRow<'n> = (u32, &'n str, Option<&'n [u8]>);

impl<'n> Items<'n> for Bundled<'n> {
    fn all(self) -> impl Iterator<Item = Item<'n>> {
        let root = Item { parent: 0, name: "", content: Content::Directory };
        let rows = sequence(self.0).map(|(parent, name, content): FileRow<'n>| Item {
            parent,
            name,
            content: content.map_or(Content::Directory, Content::File),
        });
        core::iter::once(root).chain(rows)
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
