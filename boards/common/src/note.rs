//! What stands beside a module that is built into a firmware: its name, what it is granted, its environment, its files and when it is called.
//!
//! `cargo xtask bundle` compares the manifest with the board's policy and writes the outcome, so that a board neither has
//! to decide nor can be talked into anything else.

use crate::reader::{Reader, rows};
use serde::Serialize;
use wasmote_wasi_p1::bundle::{Content, Item, Items};

/// The note of a module, in postcard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum When<'n> {
    /// Every so many nanoseconds.
    Every(u64),
    /// When the pin of this label has seen an edge: any, or only a rising one (`true`), or only a falling one.
    Edge(&'n str, Option<bool>),
}

impl<'n> When<'n> {
    fn read(from: &mut Reader<'n>) -> Option<When<'n>> {
        match from.u32()? {
            0 => from.u64().map(When::Every),
            1 => Some(When::Edge(from.text()?, from.option(|from| from.byte().map(|byte| byte != 0))?)),
            _ => None,
        }
    }
}

impl<'n> Note<'n> {
    /// Reads a note; `None` if it is none.
    pub fn read(bytes: &'n [u8]) -> Option<Note<'n>> {
        let mut from = Reader(bytes);
        let (name, grant, environment) = (from.text()?, from.bytes()?, from.bytes()?);
        Some(Note { name, grant, environment, files: Bundled(from.bytes()?), calls: from.bytes()? })
    }

    /// The variables, each as `NAME=value`.
    pub fn variables(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        rows(self.environment, Reader::text)
    }

    /// What is called again: the export, and when.
    pub fn calls(&self) -> impl Iterator<Item = (&'n str, When<'n>)> + use<'n> {
        rows(self.calls, |from| Some((from.text()?, When::read(from)?)))
    }
}

/// Files and directories where they lie: rows of parent, name and content (none for a directory), each in postcard. A parent is the
/// number of a row before, counted from one, or 0 for the root.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Bundled<'n>(pub &'n [u8]);

/// A row of [`Bundled`].
pub type FileRow<'n> = (u32, &'n str, Option<&'n [u8]>);

impl<'n> Items<'n> for Bundled<'n> {
    fn all(self) -> impl Iterator<Item = Item<'n>> {
        let root = Item { parent: 0, name: "", content: Content::Directory };
        let row = |from: &mut Reader<'n>| {
            let (parent, name, content) = (from.u32()?, from.text()?, from.option(Reader::bytes)?);
            Some(Item { parent, name, content: content.map_or(Content::Directory, Content::File) })
        };
        core::iter::once(root).chain(rows(self.0, row))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bundled, Note, When};

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let mut space = [0; 64];
        let mut len = 0;
        let calls = [
            ("tick", When::Every(250_000_000)),
            ("low", When::Edge("button", Some(false))),
            ("a", When::Edge("b", None)),
        ];
        for call in calls {
            len += postcard::to_slice(&call, &mut space[len..]).unwrap().len();
        }
        let calls_bytes = &space[..len];
        let mut names = [0; 16];
        let environment = postcard::to_slice(&("A=1", "B="), &mut names).unwrap();
        let note =
            Note { name: "blinky", grant: &[1, 2], environment, files: Bundled(&[0, 1, b'd', 0]), calls: calls_bytes };
        let mut bytes = [0; 128];
        let bytes = postcard::to_slice(&note, &mut bytes).unwrap();
        let read = Note::read(bytes).unwrap();
        assert_eq!(read, note);
        assert!(read.calls().eq(calls));
        assert!(read.variables().eq(["A=1", "B="]));
        assert!((0..bytes.len()).all(|len| Note::read(&bytes[..len]).is_none()));
    }
}
