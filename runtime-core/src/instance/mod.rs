//! Instances in lent memory: the arena and its segments, memories committed when touched, tables, globals, and the linking
//! of imports. Everything here is cold: the machine calls in when its fast paths end.

mod arena;
mod instantiate;
mod memory;
mod record;
mod table;
mod values;

pub(crate) use arena::{Arena, Kind, SegmentId};
pub(crate) use instantiate::{DataSegment, ElementSegment, Linking};
pub use instantiate::{LinkError, LinkErrorKind};
pub(crate) use memory::{MemorySegment, copy as copy_memory};
pub(crate) use record::{HOST_HANDLE, HostSegment, InstanceSegment, Part, allocate_global, owner, type_of};
pub(crate) use table::TableSegment;
pub use values::{Extern, Func, Global, Instance, Memory, Table, Val};
pub(crate) use values::{fit, put_values, take_values};
