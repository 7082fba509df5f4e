//! `wasmote`: runs, checks and disassembles WebAssembly modules on Linux.
//!
//! The road of a run: `source` reads the file, `prepare` lends memory and asks the core for a module, `link` makes an
//! instance of it, `run` plans which functions are called, and `drive` runs them while something answers their host calls:
//! `live`, the host's functions over the `world` that the command line describes; `record`, the same with a log; or
//! `replay`, a log alone. The hardware in the world is the `bench`, a simulated board or this machine's `devices`, of which a
//! module may have what its `permit` says. `check` and `disasm` leave the road where they know enough.
//!
//! Promises: one message for each failure, on standard error, and the exit codes of `message`; nothing that comes out of a
//! module reaches the terminal through these messages with its control characters.

#![forbid(unsafe_code)]

mod bench;
mod check;
mod cli;
mod devices;
mod disasm;
mod drive;
mod features;
mod imports;
mod lend;
mod link;
mod listing;
mod live;
mod log;
mod message;
mod permit;
mod prepare;
mod record;
mod replay;
mod run;
mod settings;
mod source;
mod stats;
mod text;
mod trace;
mod values;
mod wasi;
mod world;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Devices(args) => devices::devices(&args),
        Command::Disasm(args) => disasm::disasm(&args),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            message::tell(format_args!("wasmote: {failure}"));
            ExitCode::from(failure.code)
        }
    }
}
