//! `cargo xtask tidy`: what must be true of the tree and of what is built from it, and can be read off them.
//!
//! Each check prints what it looked at, with numbers, and its findings; one finding anywhere fails the verb.

mod builds;
mod dispatch;
mod fixed_words;
pub(crate) mod image;
mod layers;
mod panics;
mod rust_source;
mod sources;
mod transfers;

use anyhow::{Result, ensure};

/// Checks layers, sources, panics, targets and dispatch
#[derive(clap::Args, Debug)]
pub(crate) struct TidyArgs {
    /// Only these checks [default: all]
    #[arg(value_enum)]
    checks: Vec<Check>,
}

/// A check.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Check {
    /// Dependencies between folders and crates point one way
    Layers,
    /// Every file says what it is; `unsafe` stays in its room
    Sources,
    /// A thumbv6m image that calls the whole core can neither panic, format nor allocate
    Panics,
    /// The core builds for every target
    Targets,
    /// No handler of the tail-call dispatcher calls another
    Dispatch,
}

const ALL: [Check; 5] = [Check::Layers, Check::Sources, Check::Panics, Check::Targets, Check::Dispatch];

/// What a check found wrong: a sentence for each.
type Findings = Vec<String>;

/// Runs the verb.
pub(crate) fn run(args: TidyArgs) -> Result<()> {
    let mut total = 0;
    for check in ALL.into_iter().filter(|check| args.checks.is_empty() || args.checks.contains(check)) {
        println!("{check:?}");
        let findings = match check {
            Check::Layers => layers::check(),
            Check::Sources => sources::check(),
            Check::Panics => panics::check(),
            Check::Targets => builds::check(),
            Check::Dispatch => dispatch::check(),
        };
        // A check that cannot be made is a finding, and the others are made all the same.
        let findings = findings.unwrap_or_else(|error| vec![format!("{error:#}")]);
        findings.iter().for_each(|finding| println!("  FOUND {finding}"));
        total += findings.len();
    }
    ensure!(total == 0, "{total} findings");
    println!("tidy");
    Ok(())
}
