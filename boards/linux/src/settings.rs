//! What decides a run besides the module and the outside world: taken from the command line, or from a log.

use crate::{
    cli::{Budget, RunArgs},
    log::{Header, fingerprint},
    message::{Failure, Plain},
    prepare,
};
use wasmote_board::policy::Request;

/// What decides a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Length of the arena.
    pub(crate) memory_bytes: u32,
    /// The limit of fuel, if there is one.
    pub(crate) fuel: Option<u64>,
    /// The function to call instead of `_start`.
    pub(crate) invoke: Option<String>,
    /// What follows the file's name.
    pub(crate) args: Vec<String>,
}

impl Settings {
    /// As the command line has them, or else what the module is granted.
    pub(crate) fn of(args: &RunArgs, granted: Option<&Request>) -> Settings {
        let asked = granted.and_then(|request| request.memory_bytes);
        let budget = Budget { memory: args.budget.memory.or(asked), ..args.budget };
        Settings {
            memory_bytes: prepare::arena_len_bytes(budget),
            fuel: args.fuel.or(granted.and_then(|request| request.fuel)),
            invoke: args.invoke.clone(),
            args: args.args().to_vec(),
        }
    }

    /// As a log has them. The command line may repeat them, but not change them: it would be another run.
    pub(crate) fn recorded(args: &RunArgs, header: &Header) -> Result<Settings, Failure> {
        let differing = if args.budget.memory.is_some_and(|bytes| bytes != header.memory_bytes) {
            Some(("--memory", header.memory_bytes.to_string()))
        } else if args.fuel.is_some() && args.fuel != header.fuel {
            Some(("--fuel", header.fuel.map_or("no limit".into(), |fuel| fuel.to_string())))
        } else if args.invoke.is_some() && args.invoke != header.invoke {
            Some(("--invoke", header.invoke.clone().unwrap_or("_start".into())))
        } else if !args.args().is_empty() && args.args() != header.args {
            Some(("ARGS", header.args.join(" ")))
        } else {
            None
        };
        if let Some((option, recorded)) = differing {
            return Err(Failure::usage(format!(
                "{option} differs from the recorded run's ({}); leave it out with --replay",
                Plain(&recorded)
            )));
        }
        Ok(Settings {
            memory_bytes: header.memory_bytes,
            fuel: header.fuel,
            invoke: header.invoke.clone(),
            args: header.args.clone(),
        })
    }

    /// The header of a log of this run.
    pub(crate) fn header(&self, wasm: &[u8]) -> Header {
        let (module_len_bytes, module_crc32) = fingerprint(wasm);
        Header {
            module_len_bytes,
            module_crc32,
            memory_bytes: self.memory_bytes,
            fuel: self.fuel,
            invoke: self.invoke.clone(),
            args: self.args.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn run_args(line: &[&str]) -> RunArgs {
        match Cli::try_parse_from(["wasmote", "run"].iter().chain(line)).unwrap().command {
            Command::Run(args) => *args,
            other => panic!("not a run: {other:?}"),
        }
    }

    fn recorded() -> Settings {
        Settings::of(&run_args(&["--memory", "24K", "--fuel", "9", "--invoke", "f", "m.wasm", "1", "2"]), None)
    }

    #[test]
    fn a_log_brings_its_settings() {
        let header = recorded().header(b"\0asm");
        assert_eq!(Settings::recorded(&run_args(&["m.wasm"]), &header).unwrap(), recorded());
    }

    #[test]
    fn settings_may_be_repeated_but_not_changed() {
        let header = recorded().header(b"\0asm");
        let replay = |line: &[&str]| Settings::recorded(&run_args(line), &header).map_err(|failure| failure.text);
        assert!(replay(&["--memory", "24K", "--fuel", "9", "--invoke", "f", "m.wasm", "1", "2"]).is_ok());
        let changed: [(&[&str], &str); 4] = [
            (&["--memory", "25K", "m.wasm"], "--memory differs from the recorded run's (24576)"),
            (&["--fuel", "8", "m.wasm"], "--fuel differs from the recorded run's (9)"),
            (&["--invoke", "g", "m.wasm"], "--invoke differs from the recorded run's (f)"),
            (&["m.wasm", "1"], "ARGS differs from the recorded run's (1 2)"),
        ];
        for (line, start) in changed {
            let text = replay(line).unwrap_err();
            assert!(text.starts_with(start), "{text}");
        }
    }
}
