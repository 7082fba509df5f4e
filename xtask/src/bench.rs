//! `cargo xtask bench`: the programs of tests/workloads under Wasmote, its peers and natively, side by side on this machine.
//!
//! Each engine is a process of its own that waits for commands (`tests/peers`), built as it would ship. In each round every
//! engine runs the same program once, one after the other, so that what disturbs the machine disturbs all of them; figures are
//! medians over the rounds of ratios within a round. Time is that of the process, not of the clock on the wall.

mod chart;
mod engines;
mod host;
mod instructions;
mod load;
mod report;
mod runner;
mod space;
mod statistics;

use crate::bench_chips::Asked;
use crate::programs::{self, Sources};
use anyhow::Result;
use std::path::PathBuf;

/// Measure programs under Wasmote, its peers, and natively
#[derive(clap::Args, Debug)]
pub(crate) struct BenchArgs {
    /// Count instructions on an emulated chip instead: its name, or `all`
    #[arg(long)]
    on: Option<String>,
    /// With `--on`: also what fuel costs, by a build that charges nothing
    #[arg(long, requires = "on")]
    fuel: bool,
    /// With `--on`: the peers too that build for the machine
    #[arg(long, requires = "on", conflicts_with = "fuel")]
    peers: bool,
    /// Only the programs whose name contains this
    #[arg(default_value = "")]
    program: String,
    /// Only these engines, separated by commas, as `--list` names them
    #[arg(long, value_delimiter = ',')]
    engines: Vec<String>,
    /// Name the engines and programs
    #[arg(long)]
    list: bool,
    /// Rounds in which every engine runs every program
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Time that a program is given in each round
    #[arg(long, default_value_t = 20)]
    milliseconds: u64,
    /// Count instructions under valgrind, which are the same each time, instead of taking time
    #[arg(long)]
    instructions: bool,
    /// A folder of other modules with an export `run: [i32] -> [i32]` instead of the programs of the tree
    #[arg(long, conflicts_with = "update")]
    modules: Option<PathBuf>,
    /// Also tell how long large modules load, and what memory is taken
    #[arg(long)]
    all: bool,
    /// Write everything that was measured to a file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Keep the figures and the chart in runtime-core/bench
    #[arg(long)]
    update: bool,
}

/// Runs the verb.
pub(crate) fn run(args: BenchArgs) -> Result<()> {
    if let Some(on) = &args.on {
        let (program, fuel, peers, update) = (args.program.as_str(), args.fuel, args.peers, args.update);
        let modules = args.modules.as_deref();
        return crate::bench_chips::run(&Asked { on, program, modules, fuel, peers, update });
    }
    let programs = match &args.modules {
        Some(folder) => programs::of_folder(folder, &args.program)?,
        None => programs::of_tree(Sources::All, &args.program, true)?,
    };
    if args.list {
        engines::ENGINES.iter().for_each(|engine| println!("{:20} {}", engine.name, engine.title));
        programs.iter().for_each(|program| println!("{}", program.name));
        return Ok(());
    }
    let mut engines = engines::start(&args.engines)?;
    if args.instructions {
        let counts = instructions::count(&engines, &programs)?;
        report::print(&counts, "instructions");
        return report::keep(&args, &report::Figures { counts: Some(counts), ..report::Figures::default() });
    }
    let times = host::measure(&mut engines, &programs, args.rounds, args.milliseconds)?;
    report::print(&times, "time");
    let mut figures = report::Figures { times: Some(times), ..report::Figures::default() };
    if args.all || args.update {
        figures.loads = load::measure(&mut engines)?;
        figures.space = space::measure(&mut engines)?;
    }
    report::keep(&args, &figures)
}
