//! `cargo xtask setup`: makes the targets (and with --guests the guests' compilers) of this project available.
//!
//! Targets come from rustup where it reaches its server, else from Debian's packages. What is there is left alone, so
//! the verb can be run as often as one likes; at the end it prints what is there, what it installed, and what is
//! missing together with the command that would help. It fails only when something is missing.

pub(crate) mod compilers;
mod emulators;
pub(crate) mod linux;
pub(crate) mod measuring;
mod nightly;
pub(crate) mod packages;
pub(crate) mod process;
pub(crate) mod rp2040;
pub(crate) mod targets;

use anyhow::{Result, ensure};

/// Installs the targets and, on request, the guests' compilers
#[derive(clap::Args, Debug)]
pub(crate) struct SetupArgs {
    /// Installs the guests' compilers and the reference runtime as well
    #[arg(long)]
    guests: bool,

    /// Installs the nightly compiler with Miri, and cargo-fuzz, for `ci --full`
    #[arg(long)]
    nightly: bool,

    /// Installs what `cargo xtask bench` wants for all peers
    #[arg(long)]
    bench: bool,

    /// Builds the toolchain `embedded` from Debian's packages even where rustup has the targets
    #[arg(long)]
    packages: bool,

    /// Installs nothing, only tells what is there
    #[arg(long)]
    check: bool,
}

/// One thing that the project wants, and what became of it.
pub(crate) struct Item {
    /// What it is.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) state: State,
}

/// What became of a wanted thing.
pub(crate) enum State {
    /// It was there before; where.
    There(String),
    /// This run installed it; where.
    Installed(String),
    /// It is not there; the command that would install it.
    Missing(String),
}

impl Item {
    /// Whether the thing cannot be used.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.state, State::Missing(_))
    }

    fn print(&self) {
        let (word, note) = match &self.state {
            State::There(place) => ("there", place),
            State::Installed(place) => ("installed", place),
            State::Missing(command) => ("MISSING", command),
        };
        println!("{word:10} {:52} {note}", self.name);
    }
}

/// Runs the verb.
pub(crate) fn run(args: SetupArgs) -> Result<()> {
    let mut items = targets::provide(!args.check, args.packages)?;
    items.extend(emulators::provide(!args.check));
    items.push(rp2040::provide(!args.check));
    items.extend(linux::provide(!args.check));
    if args.guests {
        items.extend(compilers::provide(!args.check));
    }
    if args.nightly {
        items.extend(nightly::provide(!args.check));
    }
    if args.bench {
        items.extend(measuring::provide(!args.check));
    }
    items.iter().for_each(Item::print);
    let missing = items.iter().filter(|item| item.is_missing()).count();
    ensure!(missing == 0, "{missing} of {} things are missing; the commands stand beside them", items.len());
    Ok(())
}

/// Where a suite runs that is not this machine alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emulated {
    Chip,
    Rp2040,
    Linux,
}

/// Provides what a suite needs there, and tells of what was not there before. What stays missing is named by the suite.
pub(crate) fn provide_for(place: Emulated) -> Result<()> {
    let mut items = targets::provide(true, false)?;
    match place {
        Emulated::Chip => items.extend(emulators::provide(true)),
        Emulated::Rp2040 => items.push(rp2040::provide(true)),
        Emulated::Linux => items.extend(linux::provide(true)),
    }
    items.iter().filter(|item| !matches!(item.state, State::There(_))).for_each(Item::print);
    Ok(())
}
