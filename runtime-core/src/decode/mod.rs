//! From bytes to the terms of the binary format: a reader that knows where it is, sections, types, names. Checks whatever can be
//! seen without knowing another part of the module; the rest is `validate`'s.

mod error;
mod reader;
mod sections;

pub use error::{ErrorKind, ModuleError, Phase};
pub(crate) use error::{Failure, NO_ROOM};
pub(crate) use reader::Reader;
pub(crate) use sections::{Section, limits, read_import};
