//! What an embedder works with: stores and their handles, host functions in static tables, linkers, typed calls.

mod callback;
mod caller;
mod func;
mod future;
mod handles;
mod linker;
mod names;
mod pieces;
#[cfg(feature = "prose")]
mod prose;
mod store;
mod typed;
mod values;

pub use crate::instance::{Extern, Func, Global, Instance, Memory, Table, Val};
pub use callback::Requested;
pub use caller::Caller;
pub use func::{HostError, HostFunc, IntoHost, Slots};
pub use linker::{InstantiateError, Linker, Run};
pub use pieces::Piece;
pub use store::{FrameInfo, HostCall, Outcome, SpawnError, Stats, Store};
pub use typed::{CallError, TypedFunc, Values};
pub use values::{GuestValue, Thread};
