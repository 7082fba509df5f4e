//! What every source file owes its reader: a first line that says what it is, a length that can be read, and no
//! `unsafe` where none is admitted.

use super::Findings;
use super::rust_source::{code, files, words};
use crate::setup::process;
use anyhow::{Context, Result};
use std::fs;

/// Files longer than this are listed: they want a second look, and perhaps a second file.
const LONG_LINES: usize = 600;

/// Where `unsafe` is admitted, and why.
const UNSAFE: [(&str, &str); 17] = [
    ("runtime-core/src/raw/", "the one room for it"),
    ("wasi-embedded/guest/src/abi.rs", "imports and `cabi_realloc` of guests"),
    ("wasi-embedded/guest/examples/check.rs", "the names of a guest's exports"),
    ("tests/panic-free/", "the names of the image's entry and its critical section"),
    ("tests/chip/src/firmware/stack.rs", "the native stack, painted"),
    ("tests/peers/native/", "programs in C, compiled for this machine"),
    ("tests/peers/spacewasm/", "the allocator that this peer asks for"),
    ("tests/peers/chip/", "the heap and the C library that peers ask for, each machine's memory"),
    ("tests/chip/src/firmware/bench.rs", "the counter of instructions"),
    ("tests/engine-alone/", "the name of the image's entry"),
    ("boards/qemu-", "the addresses of each machine's memory"),
    ("boards/rp/src/", "the memory that the linker file sets aside, registers, interrupts"),
    ("boards/pico", "the place of the boot loader's second stage"),
    ("boards/examples/bare-loop-pico", "the place of the boot loader's second stage, interrupts"),
    ("boards/esp32c3", "the room for modules in the image, which `cargo xtask flash` fills"),
    ("tests/programs/serve/", "a descriptor that the guest was lent"),
    ("tests/tests/built_in.rs", "what a firmware claims of its flash"),
];

/// Checks every Rust file of the tree.
pub(super) fn check() -> Result<Findings> {
    let root = process::root();
    let mut findings = Findings::new();
    let (mut count, mut lines, mut admitted) = (0, 0, [0; UNSAFE.len()]);
    for path in files(&root)? {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).with_context(|| name.clone())?;
        (count, lines) = (count + 1, lines + text.lines().count());
        if !text.starts_with("//!") {
            findings.push(format!("{name} does not open with `//!`"));
        }
        if text.lines().count() > LONG_LINES {
            println!("  long: {name} has {} lines", text.lines().count());
        }
        for (line, _) in words(&code(&text)).filter(|(_, word)| *word == "unsafe") {
            match UNSAFE.iter().position(|(place, _)| name.starts_with(place)) {
                Some(place) => admitted[place] += 1,
                None => findings.push(format!("{name}:{line} has `unsafe`")),
            }
        }
    }
    println!("  {count} files, {lines} lines");
    for ((place, reason), count) in UNSAFE.iter().zip(admitted) {
        println!("  {count:3} times `unsafe` in {place} ({reason})");
    }
    Ok(findings)
}
