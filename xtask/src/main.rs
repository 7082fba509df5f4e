//! The verbs of the workspace, one file each: `cargo xtask VERB`.

mod bench;
mod bench_chips;
mod board;
mod bundle;
mod calls;
mod ci;
mod counts;
mod embedded;
mod examples;
mod firmware;
mod flash;
mod guests;
mod linux;
mod programs;
mod setup;
mod shipped;
mod size;
mod testsuite;
mod tidy;
mod workloads;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The verbs of the workspace")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Measure programs under Wasmote, its peers, and natively
    Bench(bench::BenchArgs),
    /// Validate and prepare modules for a firmware
    Bundle(bundle::BundleArgs),
    /// Run what continuous integration runs
    Ci(ci::CiArgs),
    /// Build the example guests and compare them with the kept ones
    Examples(examples::ExamplesArgs),
    /// Bring a firmware with modules to a board
    Flash(flash::FlashArgs),
    /// Compare with other implementations on generated modules
    Fuzz(testsuite::FuzzArgs),
    /// Rebuild the guest programs of the tests
    Guests(guests::GuestsArgs),
    /// Build the command as one static program for each kind of Linux board
    Linux(linux::LinuxArgs),
    /// Install targets, compilers and emulators
    Setup(setup::SetupArgs),
    /// Tell flash and RAM of each board by crate, and hold them against the budget
    Size(size::SizeArgs),
    /// Run an official suite
    Testsuite(testsuite::TestsuiteArgs),
    /// Check the structure, panics, targets and dispatch
    Tidy(tidy::TidyArgs),
    /// Build the programs that interpreters are measured with, and compare them with the kept modules
    Workloads(workloads::WorkloadsArgs),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    match Arguments::parse().verb {
        Verb::Bench(args) => bench::run(args),
        Verb::Bundle(args) => bundle::run(args),
        Verb::Ci(args) => ci::run(args),
        Verb::Examples(args) => examples::run(args),
        Verb::Flash(args) => flash::run(args),
        Verb::Fuzz(args) => testsuite::fuzz(args),
        Verb::Guests(args) => guests::run(args),
        Verb::Linux(args) => linux::run(args),
        Verb::Setup(args) => setup::run(args),
        Verb::Size(args) => size::run(args),
        Verb::Testsuite(args) => testsuite::run(args),
        Verb::Tidy(args) => tidy::run(args),
        Verb::Workloads(args) => workloads::run(args),
    }
}
