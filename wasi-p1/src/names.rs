//! The rules of names, once for every file system that keeps its own tree: what may be opened, made, removed, renamed
//! and linked, and with which errno it is refused.
//!
//! A file system says how a name is stored, by [`Names`]; when that may happen is decided here. Every check comes
//! before the first change, so a refusal leaves everything as it was.

use crate::{
    Errno, Filetype,
    capability::{Kind, New, Open},
    walk::{Last, Name, Place, Tree, walk},
};

/// The longest text of a symbolic link in bytes, as on Linux.
const LINK_BYTES_MAX: usize = 4095;

/// How a file system stores names.
pub(crate) trait Names: Tree {
    /// The directory in which everything is.
    fn root(&self) -> Self::Node;
    /// Has the node a name still? The root always has.
    fn has_name(&mut self, node: Self::Node) -> Result<bool, Errno>;
    /// Has the directory no names in it?
    fn is_empty(&mut self, directory: Self::Node) -> Result<bool, Errno>;
    /// Makes a node under a name that is not taken; `text` is the content of a symbolic link. `NOSPC` changes nothing.
    fn make(&mut self, parent: Self::Node, name: &[u8], kind: Filetype, text: &[u8]) -> Result<Self::Node, Errno>;
    /// Gives the node one more name, which is not taken.
    fn add(&mut self, parent: Self::Node, name: &[u8], node: Self::Node) -> Result<(), Errno>;
    /// Takes a name away, and the node with it if it has neither another nor a handle.
    fn take(&mut self, parent: Self::Node, name: &[u8]) -> Result<(), Errno>;
    /// Moves a name; what has the new one already loses it.
    fn shift(&mut self, from: (Self::Node, &[u8]), to: (Self::Node, &[u8]), node: Self::Node) -> Result<(), Errno>;
    /// Cuts a file to no bytes.
    fn empty(&mut self, file: Self::Node) -> Result<(), Errno>;
}

/// The existing node at a path.
pub(crate) fn lookup<T: Names>(tree: &mut T, base: T::Node, path: &str, follow: bool) -> Result<T::Node, Errno> {
    let last = if follow { Last::Follow } else { Last::FollowBeforeSlash };
    walk(tree, base, path, last)?.existing(tree)
}

/// A path's last name, where an operation is on the name itself.
struct LastName<N> {
    parent: N,
    name: Name,
    node: Option<N>,
    slash: bool,
}

/// [`LastName`] of a path: `dots` if the path ends without one.
fn last_name<T: Names>(tree: &mut T, base: T::Node, path: &str, dots: Errno) -> Result<LastName<T::Node>, Errno> {
    last_of(walk(tree, base, path, Last::Keep)?, dots)
}

fn last_of<N>(place: Place<N>, dots: Errno) -> Result<LastName<N>, Errno> {
    match place {
        Place::Directory(_) => Err(dots),
        Place::Entry { parent, name, node, slash } => Ok(LastName { parent, name, node, slash }),
    }
}

/// Is `node` the directory `above`, or somewhere in it? `NOENT` if it was removed: only what has a name is anywhere.
fn is_within<T: Names>(tree: &mut T, node: T::Node, above: T::Node) -> Result<bool, Errno> {
    if !tree.has_name(node)? {
        return Err(Errno::NoEnt);
    }
    let mut at = node;
    while at != above {
        if at == tree.root() {
            return Ok(false);
        }
        at = tree.parent(at)?;
    }
    Ok(true)
}

/// A directory in which something may be made: `NOENT` if it was removed while it was open.
fn require_named<T: Names>(tree: &mut T, directory: T::Node) -> Result<(), Errno> {
    if tree.has_name(directory)? { Ok(()) } else { Err(Errno::NoEnt) }
}

/// Finds or makes what is to be opened.
pub(crate) fn open<T: Names>(tree: &mut T, base: T::Node, path: &str, how: Open) -> Result<(T::Node, Filetype), Errno> {
    let last = match (how.create && how.exclusive, how.follow) {
        (true, _) => Last::Keep,
        (false, true) => Last::Follow,
        (false, false) => Last::FollowBeforeSlash,
    };
    match walk(tree, base, path, last)? {
        Place::Directory(node) => open_existing(tree, node, false, how),
        Place::Entry { node: Some(node), slash, .. } => open_existing(tree, node, slash, how),
        Place::Entry { node: None, .. } if !how.create => Err(Errno::NoEnt),
        Place::Entry { slash: true, .. } => Err(Errno::IsDir),
        Place::Entry { parent, name, .. } => {
            require_named(tree, parent)?;
            Ok((tree.make(parent, name.as_bytes(), Filetype::RegularFile, &[])?, Filetype::RegularFile))
        }
    }
}

/// Checks that what is there may be opened so, and cuts it if that is asked for.
fn open_existing<T: Names>(tree: &mut T, node: T::Node, slash: bool, how: Open) -> Result<(T::Node, Filetype), Errno> {
    if how.create && how.exclusive {
        return Err(Errno::Exist);
    }
    let filetype = tree.kind(node)?;
    match filetype {
        Filetype::Directory if how.write || how.create || how.truncate => return Err(Errno::IsDir),
        Filetype::Directory => {}
        _ if slash || how.directory => return Err(Errno::NotDir),
        Filetype::SymbolicLink => return Err(Errno::Loop),
        _ if how.truncate => tree.empty(node)?,
        _ => {}
    }
    Ok((node, filetype))
}

/// Makes something new that is not opened.
pub(crate) fn create<T: Names>(tree: &mut T, base: T::Node, path: &str, new: New<'_>) -> Result<(), Errno> {
    let LastName { parent, name, node, slash } = last_name(tree, base, path, Errno::Exist)?;
    if node.is_some() {
        return Err(Errno::Exist);
    }
    require_named(tree, parent)?;
    match new {
        New::Directory => tree.make(parent, name.as_bytes(), Filetype::Directory, &[])?,
        New::Symlink(_) if slash => return Err(Errno::NoEnt),
        New::Symlink(target) if target.len() > LINK_BYTES_MAX => return Err(Errno::NameTooLong),
        New::Symlink(target) => tree.make(parent, name.as_bytes(), Filetype::SymbolicLink, target.as_bytes())?,
    };
    Ok(())
}

/// Removes a name.
pub(crate) fn remove<T: Names>(tree: &mut T, base: T::Node, path: &str, kind: Kind) -> Result<(), Errno> {
    let dots = if kind == Kind::File { Errno::IsDir } else { Errno::Inval };
    let LastName { parent, name, node, slash } = last_name(tree, base, path, dots)?;
    let node = node.ok_or(Errno::NoEnt)?;
    let is_directory = tree.kind(node)? == Filetype::Directory;
    match kind {
        Kind::File if is_directory => return Err(Errno::IsDir),
        Kind::File if slash => return Err(Errno::NotDir),
        Kind::Directory if !is_directory => return Err(Errno::NotDir),
        Kind::Directory if !tree.is_empty(node)? => return Err(Errno::NotEmpty),
        Kind::File | Kind::Directory => {}
    }
    tree.take(parent, name.as_bytes())
}

/// Renames.
pub(crate) fn rename<T: Names>(
    tree: &mut T,
    (base, from): (T::Node, &str),
    (to_base, to): (T::Node, &str),
) -> Result<(), Errno> {
    let (from, to) = (walk(tree, base, from, Last::Keep)?, walk(tree, to_base, to, Last::Keep)?);
    let (from, to) = (last_of(from, Errno::Busy)?, last_of(to, Errno::Busy)?);
    let node = from.node.ok_or(Errno::NoEnt)?;
    let is_directory = tree.kind(node)? == Filetype::Directory;
    if (from.slash || to.slash) && !is_directory {
        return Err(Errno::NotDir);
    }
    if is_directory && is_within(tree, to.parent, node)? {
        return Err(Errno::Inval);
    }
    require_named(tree, to.parent)?;
    match to.node {
        Some(to_node) if to_node == node => return Ok(()),
        // What is moved is in there.
        Some(to_node) if is_within(tree, from.parent, to_node)? => return Err(Errno::NotEmpty),
        Some(to_node) => may_replace(tree, node, to_node)?,
        None => {}
    }
    tree.shift((from.parent, from.name.as_bytes()), (to.parent, to.name.as_bytes()), node)
}

/// May `from` take the place of `to`?
fn may_replace<T: Names>(tree: &mut T, from: T::Node, to: T::Node) -> Result<(), Errno> {
    let (moved, replaced) = (tree.kind(from)?, tree.kind(to)?);
    match (moved == Filetype::Directory, replaced == Filetype::Directory) {
        (false, true) => Err(Errno::IsDir),
        (true, false) => Err(Errno::NotDir),
        (true, true) if !tree.is_empty(to)? => Err(Errno::NotEmpty),
        _ => Ok(()),
    }
}

/// Gives one more name.
pub(crate) fn link<T: Names>(
    tree: &mut T,
    (base, from): (T::Node, &str),
    (to_base, to): (T::Node, &str),
) -> Result<(), Errno> {
    let (from, to) = (walk(tree, base, from, Last::Keep)?, walk(tree, to_base, to, Last::Keep)?);
    let (node, to) = (from.existing(tree)?, last_of(to, Errno::Exist)?);
    if to.node.is_some() {
        return Err(Errno::Exist);
    }
    if to.slash {
        return Err(Errno::NoEnt);
    }
    if tree.kind(node)? == Filetype::Directory {
        return Err(Errno::Perm);
    }
    require_named(tree, to.parent)?;
    tree.add(to.parent, to.name.as_bytes(), node)
}

/// The text of a symbolic link, as far as it fits.
pub(crate) fn read_link<T: Names>(tree: &mut T, base: T::Node, path: &str, into: &mut [u8]) -> Result<usize, Errno> {
    let node = lookup(tree, base, path, false)?;
    if tree.kind(node)? != Filetype::SymbolicLink {
        return Err(Errno::Inval);
    }
    tree.text(node, 0, into)
}
