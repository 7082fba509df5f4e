//! The official core tests: scripts of the text format's test language, run against the public interface of the core under
//! every dispatcher, folded and unfolded, with and without slices of fuel.

mod image;
mod script;
mod suite;

pub use image::{Compiled, Image, compile};
pub use script::{Report, run, run_all};
pub use suite::{Counts, Folder, Setup, is_skipped, official, run_folder, setups, tree};
