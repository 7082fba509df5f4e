//! Where modules lie that are built in: a part of the image that `cargo xtask flash` fills.

use core::hint::black_box;
use wasmote::BuiltIns;

/// The room for them.
const ROOM_BYTES: usize = 128 << 10;

#[repr(C, align(8))]
struct Room([u8; ROOM_BYTES]);

/// As erased: no modules. Its name is what `cargo xtask flash` looks for.
#[unsafe(no_mangle)]
#[used]
static WASMOTE_MODULES: Room = Room([0xff; ROOM_BYTES]);

/// The modules that are built in.
pub(crate) fn modules() -> BuiltIns<'static> {
    // The compiler must not take the bytes for those that it knows.
    let room: &'static Room = black_box(&WASMOTE_MODULES);
    // SAFETY: only `cargo xtask flash` fills the room, with what `Module::build_in` wrote; nothing on the chip writes there.
    unsafe { BuiltIns::new(&room.0) }
}
