//! Gives the linker the chip's memory, as the HAL has it.

fn main() {
    println!("cargo::rustc-link-arg=-Tlinkall.x");
}
