//! The hardware interfaces of WASI for Wasmote.
#![no_std]
#![forbid(unsafe_code)]

mod abuse;
mod board;
mod buffers;
mod call;
pub mod device;
mod events;
mod functions;
mod grant;
mod handles;
mod hardware;
mod interfaces;
mod lift;
mod line;
mod lower;
mod types;
mod watch;

pub use abuse::Abuse;
pub use board::{Board, PinError};
pub use events::PinEvents;
pub use functions::Embedded;
pub use grant::{Denied, Everything, Grants, MAX_TRANSFER_BYTES, NAME_BYTES, Reason, Refusal, Settings};
pub use handles::Slot;
pub use hardware::{Blocked, Hardware, HardwareView};
pub use line::{ActiveLevel, Address, Class, Edge, Edges, Line, PinMode, Pull};
