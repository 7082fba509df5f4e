//! The hardware interfaces of WASI for Wasmote: wasi-i2c, wasi-spi, wasi-gpio, their delays, and wasi-io's `poll`, as core
//! imports in canonical-ABI form, over the traits of `embedded-hal`.
//!
//! A guest that the ordinary wit-bindgen builds for a core target imports these 78 functions by the names and types of their
//! canonical lowering; here they are, with eight more that open labels (`wit/open.wit`), in [`Embedded::FUNCTIONS`] for a
//! `Linker`. A board implements [`Board`]: labels, and what lies behind them, mostly its HAL's own types. A policy implements
//! [`Grants`]. Each guest has a [`Hardware`]: its handles, and what its last call waits for.
//!
//! Promises: nothing is allocated; nothing panics, whatever a guest does; nothing blocks but what the board's own
//! bus functions and short delays take; whatever a guest breaks, it is the only one to notice.
//!
//! # How a call goes
//! 1. *Lift.* The function's row in the table of interfaces says its types. All arguments are checked to their last
//!    element, and the place of the result with them: ranges, alignment, tags, UTF-8, handles. What is wrong traps
//!    ([`Abuse`]).
//! 2. *Admit.* Lengths and addresses are compared with the grants. What is refused is an error to the guest, and kept with
//!    names for the embedder ([`Hardware::take_refusal`]).
//! 3. *Allocate.* Space for every list of the result is asked of the guest's `cabi_realloc`, one after the other, while the
//!    machine runs and the host waits outside. Fuel may run out in there; imports trap meanwhile.
//! 4. *Do.* The bus works on the guest's memory itself; several buffers of one transaction are borrowed at once.
//! 5. *Lower.* The result is laid out where the guest wants it.
//!
//! A call that has to wait (`block`, `poll`, a long delay) ends with `Pending`; see [`Hardware::blocked`].
//!
//! # What the interfaces leave open, and what is decided here
//! - **Handles** come from `open` in the package `wasmote:open`, by the label that the board gave a line; wasi-spi has its own
//!   `open`. The order is: does the board have the label (else `undefined-pin-label`), does the policy grant it
//!   (`pin-not-allowed`, `pin-mode-not-allowed`), can the board set it up (`already-in-use`, `pin-mode-not-available`).
//!   For SPI devices, whose errors have no such cases, `other` carries a sentence with label and module.
//! - **The table of handles** has as many slots as the embedder lends. One more traps, as at the ABI's own limit. Index 0 is
//!   never valid, freed indices are reused last-in first-out.
//! - **wasi-spi's `write`** is `result<error>` in the published text, whose `ok` carries the error. What is meant has the same
//!   core type: 0 is ok and 1 is the error. All 16 bytes of the result are written, so that a guest of the published text,
//!   which lifts an error from `ok`, lifts zeros (`overrun`, to be ignored).
//! - **A transaction** gives one list for each read, in order; reads of nothing give empty lists. It has at most 16
//!   operations; more are `other`, before the bus is touched.
//! - **Addresses** up to 0x7f are 7-bit ones, above 10-bit ones ([`device::TenBit`]); on a bus without these they are `other`.
//!   An address that the policy does not grant is `no-acknowledge(address)`: to this guest, nobody is there.
//! - **Lengths** of reads and transfers are limited by [`Grants::max_transfer_bytes`], for a transaction taken
//!   together. Beyond it they are `other`, before anything is allocated.
//! - **`other` with a string** is empty when the failure came from the hardware, since its words would have to be
//!   allocated afterwards; its pointer is 1, never null, since guests make a slice of it.
//! - **When the bus fails**, the space that was allocated for its data is not given to the guest. A guest with wit-bindgen's
//!   allocator loses these bytes; one that serves `cabi_realloc` from its caller's buffer, as the guest crate does, loses
//!   nothing. The host never uses the space for a later call: it may be gone.
//! - **Active and inactive** are what the label says, also for edges, and for analog pins mirror the scale. Analog values
//!   beyond the scale count as its ends; what is not a number is `other`.
//! - **Edges** are counted from when the pollable was made. `poll` and `block` use up what they tell, `ready` does not. A
//!   pollable of a state is ready while the state lasts, and if it was reached since it was told last. A pin that fails is
//!   ready, so that its next use tells. Analog pins are sampled.
//! - **`poll`** takes at most 1024 handles; of none it traps. Dropping a pin before its pollables traps.
//! - **Delays** longer than [`Board::spin_ns`] pause the machine if the board has a clock.
//!
//! Source: the WIT files of the interfaces, and the component model's `CanonicalABI.md`.
//!
//! ```
//! use embedded_hal::{delay::DelayNs, digital};
//! use wasmote::{Engine, Linker, Module, Run, Store};
//! use wasmote_wasi_embedded::{
//!     Board, Class, Embedded, Everything, Hardware, HardwareView, Line, PinError, Settings, Slot, device,
//! };
//!
//! /// A board with one LED. The HAL's own pin would stand here.
//! struct Chip {
//!     led: Led,
//!     delay: Spin,
//! }
//! #[derive(Default)]
//! struct Led(bool);
//! # impl digital::ErrorType for Led { type Error = core::convert::Infallible; }
//! # impl digital::OutputPin for Led {
//! #     fn set_low(&mut self) -> Result<(), Self::Error> { self.0 = false; Ok(()) }
//! #     fn set_high(&mut self) -> Result<(), Self::Error> { self.0 = true; Ok(()) }
//! # }
//! # impl digital::StatefulOutputPin for Led {
//! #     fn is_set_high(&mut self) -> Result<bool, Self::Error> { Ok(self.0) }
//! #     fn is_set_low(&mut self) -> Result<bool, Self::Error> { Ok(!self.0) }
//! # }
//! # struct Spin;
//! # impl DelayNs for Spin { fn delay_ns(&mut self, _: u32) {} }
//!
//! impl Board for Chip {
//!     fn find(&mut self, class: Class, label: &str) -> Option<Line> {
//!         matches!((class, label), (Class::Digital(_), "led")).then_some(Line(0))
//!     }
//!     fn label(&self, _: Class, _: Line) -> &str {
//!         "led"
//!     }
//!     fn open(&mut self, _: Class, _: Line, _: &Settings) -> Result<(), PinError> {
//!         Ok(())
//!     }
//!     fn close(&mut self, _: Class, _: Line) {}
//!     fn digital_out(&mut self, _: Line) -> Option<&mut dyn device::DigitalOut> {
//!         Some(&mut self.led)
//!     }
//!     fn delay(&mut self) -> &mut dyn DelayNs {
//!         &mut self.delay
//!     }
//! }
//!
//! /// What host functions work on: the guest's state and the board.
//! struct App {
//!     hardware: Hardware<Everything, [Slot; 4]>,
//!     chip: Chip,
//! }
//! impl HardwareView for App {
//!     type Board = Chip;
//!     type Grants = Everything;
//!     type Slots = [Slot; 4];
//!     fn hardware(&mut self) -> (&mut Hardware<Everything, [Slot; 4]>, &mut Chip) {
//!         (&mut self.hardware, &mut self.chip)
//!     }
//! }
//!
//! # let wasm = wat::parse_str(r#"(module
//! #     (import "wasmote:open/digital@0.1.0" "open-out" (func $open (param i32 i32 i32)))
//! #     (import "wasi:gpio/digital@0.2.0" "[method]digital-out-pin.set-active" (func $set (param i32 i32)))
//! #     (memory (export "memory") 1) (data (i32.const 0) "led")
//! #     (func (export "run")
//! #         (call $open (i32.const 0) (i32.const 3) (i32.const 16))
//! #         (call $set (i32.load (i32.const 20)) (i32.const 32))))"#).unwrap();
//! let hardware = Hardware::new("blinky", Everything, [Slot::FREE; 4]);
//! let mut app = App { hardware, chip: Chip { led: Led::default(), delay: Spin } };
//! let (mut code, mut arena) = ([0; 4096], [0; 8192]);
//! let engine = Engine::default();
//! let module = Module::new(&engine, &wasm, &mut code).unwrap();
//! let mut store = Store::new(&engine, &mut arena).unwrap();
//! let linker = Linker::new(&[Embedded::<App>::FUNCTIONS]);
//! let instance = linker.instantiate(&mut store, &module, &mut app).unwrap();
//! let run = store.export(instance, "run").and_then(|export| export.func()).unwrap();
//! let thread = store.spawn(run, &[]).unwrap();
//! assert_eq!(linker.run(&mut store, thread, &mut app, u64::MAX), Run::Finished);
//! assert!(app.chip.led.0);
//! app.hardware.close_all(&mut app.chip);
//! ```
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
