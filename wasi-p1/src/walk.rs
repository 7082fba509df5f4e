//! Walking a path through a tree of nodes, for file systems that keep one (RAM, flash, a tree bundled with firmware).
//!
//! Every component is walked from the directory that the path starts from. `..` goes to the parent that the tree
//! knows, never by cutting text, and is `PERM` in the starting directory itself; so is a symbolic link to an
//! absolute path. Links are followed with a stack of links whose text is not yet used up, so nothing is copied
//! together and the memory is bounded.

use crate::{Errno, Filetype};

/// The longest name in bytes, as on Linux; it fits a length of one byte.
pub const NAME_BYTES_MAX: usize = 255;
/// How many links one path may lead through, as on Linux.
const LINKS_MAX: u32 = 40;
/// How many links may be in use at a time: a link within a link's path counts, one at its end does not.
const DEPTH_MAX: usize = 8;

/// What a tree must answer. To look may move something (a cursor, a bus), so it is not shared.
pub trait Tree {
    /// A file, directory or symbolic link.
    type Node: Copy + Eq;

    /// What the node is.
    fn kind(&mut self, node: Self::Node) -> Result<Filetype, Errno>;
    /// What has this name in the directory; never asked for `.` and `..`.
    fn find(&mut self, directory: Self::Node, name: &[u8]) -> Result<Option<Self::Node>, Errno>;
    /// The directory that the directory is in.
    fn parent(&mut self, directory: Self::Node) -> Result<Self::Node, Errno>;
    /// Copies the symbolic link's text from byte `at` on, as far as it fits, and says how much that was.
    fn text(&mut self, symlink: Self::Node, at: u32, into: &mut [u8]) -> Result<usize, Errno>;
}

/// What happens to a symbolic link at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Last {
    /// It is followed.
    Follow,
    /// It is meant itself, unless a slash comes after it.
    FollowBeforeSlash,
    /// It is meant itself.
    Keep,
}

/// A name.
#[derive(Clone, Copy)]
pub struct Name {
    bytes: [u8; NAME_BYTES_MAX + 1],
    len: usize,
}

impl Name {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Where a path leads.
#[allow(clippy::large_enum_variant, reason = "it lives for one operation, and there is nowhere to box it")]
pub enum Place<N> {
    /// To a directory that has no name in the path (`.`, `..`).
    Directory(N),
    /// To a name in a directory.
    Entry {
        /// The directory.
        parent: N,
        /// The name in it.
        name: Name,
        /// What has the name, if anything.
        node: Option<N>,
        /// A slash came after it: only a directory will do.
        slash: bool,
    },
}

impl<N: Copy> Place<N> {
    /// What is there: `NOENT` if nothing is, `NOTDIR` if the path demands a directory and it is none.
    pub fn existing<T: Tree<Node = N>>(&self, tree: &mut T) -> Result<N, Errno> {
        match *self {
            Place::Directory(node) => Ok(node),
            Place::Entry { node: None, .. } => Err(Errno::NoEnt),
            Place::Entry { node: Some(node), slash, .. } => {
                if slash && tree.kind(node)? != Filetype::Directory {
                    Err(Errno::NotDir)
                } else {
                    Ok(node)
                }
            }
        }
    }
}

/// A text that a path is read from: the path itself or a symbolic link.
#[derive(Clone, Copy)]
enum Text<N> {
    Path,
    Link(N),
}

/// A walk under way.
struct Walk<'p, N> {
    path: &'p [u8],
    /// The texts in use and how far they are read, the innermost last.
    stack: [(Text<N>, u32); DEPTH_MAX + 1],
    depth: usize,
    /// A slash came after the component that was read last.
    slash: bool,
}

impl<N: Copy + Eq> Walk<'_, N> {
    /// Copies from the innermost text.
    fn peek<T: Tree<Node = N>>(&self, tree: &mut T, into: &mut [u8]) -> Result<usize, Errno> {
        let Some((text, at)) = self.stack.get(self.depth.wrapping_sub(1)) else { return Ok(0) };
        match text {
            Text::Path => {
                let rest = self.path.get(*at as usize..).unwrap_or_default();
                let len = rest.len().min(into.len());
                into[..len].copy_from_slice(&rest[..len]);
                Ok(len)
            }
            Text::Link(node) => tree.text(*node, *at, into),
        }
    }

    fn advance(&mut self, len: usize) {
        if let Some((_, at)) = self.stack.get_mut(self.depth.wrapping_sub(1)) {
            *at = at.saturating_add(len as u32);
        }
    }

    /// Skips slashes, and leaves the texts that are used up. Afterwards the next component begins, or `depth` is 0.
    fn skip_slashes<T: Tree<Node = N>>(&mut self, tree: &mut T) -> Result<(), Errno> {
        let mut byte = [0];
        while self.depth > 0 {
            match self.peek(tree, &mut byte)? {
                0 => self.depth -= 1,
                _ if byte[0] == b'/' => {
                    self.slash = true;
                    self.advance(1);
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Reads the next component into `name`, and what separates it from the one after it. (Given back by value it would lie on the
    /// native stack more than once.)
    fn component<T: Tree<Node = N>>(&mut self, tree: &mut T, name: &mut Name) -> Result<(), Errno> {
        let len = self.peek(tree, &mut name.bytes)?;
        name.len = name.bytes.iter().take(len).position(|byte| *byte == b'/').unwrap_or(len);
        if name.len > NAME_BYTES_MAX {
            return Err(Errno::NameTooLong);
        }
        self.advance(name.len);
        self.slash = false;
        self.skip_slashes(tree)
    }

    /// Goes on in the text of a symbolic link.
    fn enter<T: Tree<Node = N>>(&mut self, tree: &mut T, symlink: N) -> Result<(), Errno> {
        let slot = self.stack.get_mut(self.depth).ok_or(Errno::Loop)?;
        *slot = (Text::Link(symlink), 0);
        self.depth += 1;
        let mut byte = [0];
        match self.peek(tree, &mut byte)? {
            0 => Err(Errno::NoEnt),
            _ if byte[0] == b'/' => Err(Errno::Perm),
            _ => Ok(()),
        }
    }
}

/// Walks `path` from the directory `base`.
pub fn walk<T: Tree>(tree: &mut T, base: T::Node, path: &str, last: Last) -> Result<Place<T::Node>, Errno> {
    if path.starts_with('/') {
        return Err(Errno::Perm);
    }
    let mut walk = Walk { path: path.as_bytes(), stack: [(Text::Path, 0); DEPTH_MAX + 1], depth: 1, slash: false };
    let mut directory = base;
    let mut links = 0;
    let mut slash_at_end = false;
    let mut name = Name { bytes: [0; NAME_BYTES_MAX + 1], len: 0 };
    if path.is_empty() {
        return Err(Errno::NoEnt);
    }
    loop {
        if tree.kind(directory)? != Filetype::Directory {
            return Err(Errno::NotDir);
        }
        walk.component(tree, &mut name)?;
        let is_last = walk.depth == 0;
        // A slash after a link at the end holds for what the link leads to.
        slash_at_end |= is_last && walk.slash;
        match name.as_bytes() {
            b"." => {}
            b".." if directory == base => return Err(Errno::Perm),
            b".." => directory = tree.parent(directory)?,
            bytes => {
                let node = tree.find(directory, bytes)?;
                let is_link = match node {
                    Some(node) => tree.kind(node)? == Filetype::SymbolicLink,
                    None => false,
                };
                match node {
                    Some(node) if is_link && (!is_last || follows(last, slash_at_end)) => {
                        links += 1;
                        if links > LINKS_MAX {
                            return Err(Errno::Loop);
                        }
                        walk.enter(tree, node)?;
                        continue;
                    }
                    _ if is_last => {
                        return Ok(Place::Entry { parent: directory, name, node, slash: slash_at_end });
                    }
                    Some(node) => directory = node,
                    None => return Err(Errno::NoEnt),
                }
            }
        }
        if is_last {
            return Ok(Place::Directory(directory));
        }
    }
}

/// Is a link at the end of the path followed?
fn follows(last: Last, slash: bool) -> bool {
    match last {
        Last::Follow => true,
        Last::FollowBeforeSlash => slash,
        Last::Keep => false,
    }
}
