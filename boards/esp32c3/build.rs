//! Gives the linker the chip's memory, as the HAL has it.

fn main() {
    println!("cargo::rustc-link-arg=-Tlinkall.x");
    if std::env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo::rustc-link-arg=-Tdefmt.x");
    }
}
