//! An image that calls every public function of the core with arguments that the compiler cannot know.
//!
//! It never runs: its symbols are read. Whatever the core can reach is in it, and whatever could panic would bring
//! `on_panic` along, which nothing can remove because it writes where the compiler cannot look.
#![no_std]
#![no_main]

#[cfg(feature = "hardware")]
mod hardware;
mod host;
mod modules;
#[cfg(feature = "hardware")]
mod policy;
mod stores;

use core::hint::black_box;
use core::panic::PanicInfo;

/// The entry of the image.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let (mut code, mut arena) = ([0; 2048], [0; 2048]);
    let wasm: &[u8] = black_box(&[0; 64]);
    let engine = modules::engine();
    if let Ok(module) = modules::module(&engine, wasm, black_box(&mut code)) {
        stores::every_function(&engine, &module, black_box(&mut arena));
    }
    #[cfg(feature = "hardware")]
    policy::every_function(wasm, black_box(&mut arena));
    #[cfg(feature = "counterexample")]
    black_box(wasm[black_box(70)]);
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn on_panic(_: &PanicInfo<'_>) -> ! {
    wasmote_image_can_panic();
    loop {
        core::hint::spin_loop();
    }
}

/// A name of its own for the check to find, should inlining hide those of the library.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn wasmote_image_can_panic() {
    black_box(0);
}
