//! Programs of the kinds that embedded firmware is made of, all written for this project, to measure interpreters with: on the host
//! and on chips, natively and as WebAssembly (`prebuilt/`, one module for each, made by `cargo xtask workloads`).
//!
//! Each is a function from a number of rounds to a checksum, which is the same wherever it runs. It allocates nothing, keeps what
//! it works on below its stack frame (at most 12 KiB), and calls nothing but `core`. The inputs come from a seed and
//! from the number of the round, so that no compiler can work anything out in advance.
#![no_std]
#![forbid(unsafe_code)]
#![allow(clippy::needless_range_loop, reason = "loops over indices are a part of what programs are made of")]

#[cfg(test)]
extern crate std;

mod input;

pub mod aes;
pub mod bits;
pub mod bytecode;
pub mod coremark;
pub mod fft;
pub mod filters;
pub mod fir;
pub mod format;
pub mod graph;
pub mod json;
pub mod lz;
pub mod matrix_float;
pub mod matrix_int;
pub mod nbody;
pub mod neural;
pub mod pid;
pub mod protocol;
pub mod queue;
pub mod recursion;
pub mod sha256;
pub mod sort;
pub mod text;
pub mod tree;
pub mod wide;

/// A program.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Its name, also of its module.
    pub name: &'static str,
    /// Does this many rounds; the checksum of what was worked out.
    pub run: fn(rounds: u32) -> u32,
    /// What `run` gives for two rounds.
    pub checksum: u32,
}

/// A program in C (`c/`), here as a module only: other compilers give other code.
#[derive(Clone, Copy, Debug)]
pub struct CProgram {
    /// Its name, also of its source and its module.
    pub name: &'static str,
    /// What `run` gives for two rounds.
    pub checksum: u32,
}

/// All programs in C.
pub static C_PROGRAMS: &[CProgram] = &[
    CProgram { name: "c_fixed", checksum: 0x2050_255d },
    CProgram { name: "c_machine", checksum: 0xb99a_ba68 },
    CProgram { name: "c_pointers", checksum: 0x0214_3500 },
    CProgram { name: "c_wave", checksum: 0x7725_0247 },
];

macro_rules! workloads {
    ($($name:ident $checksum:literal)*) => {
        /// All programs, by name.
        pub static WORKLOADS: &[Workload] = &[
            $(Workload { name: stringify!($name), run: $name::run, checksum: $checksum },)*
        ];
    };
}

workloads! {
    aes 0x3d81_b902
    bits 0x643c_d824
    bytecode 0x142d_82a0
    coremark 0xb466_f375
    fft 0xdbe6_f551
    filters 0x0f15_88dd
    fir 0x366a_7cd5
    format 0x1b7e_3324
    graph 0x8cdb_757c
    json 0x5ed3_c7ac
    lz 0x0632_e95f
    matrix_float 0x84e3_af72
    matrix_int 0x7d44_4965
    nbody 0xd5d4_47f0
    neural 0xaa4a_e611
    pid 0x3445_ab3f
    protocol 0xde33_a519
    queue 0x0c81_8af8
    recursion 0x92e3_c65b
    sha256 0x8508_a1ce
    sort 0xd0c3_9d33
    text 0x3663_86b5
    tree 0x28b0_932e
    wide 0x41dd_5a1c
}

#[cfg(test)]
mod tests {
    use super::WORKLOADS;

    #[test]
    fn each_gives_its_checksum() {
        for workload in WORKLOADS {
            let given = (workload.run)(2);
            assert_eq!(given, workload.checksum, "{} gave {given:#010x}", workload.name);
        }
    }

    #[test]
    fn rounds_differ() {
        for workload in WORKLOADS {
            assert_ne!((workload.run)(1), (workload.run)(3), "{}", workload.name);
        }
    }
}
