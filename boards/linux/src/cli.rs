//! The command line: what can be asked for, and what each option promises.

use crate::message::EXIT_CODES;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// Runs WebAssembly modules inside a fixed budget of memory and fuel.
#[derive(Parser, Debug)]
#[command(name = "wasmote", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Runs a module: its `_start`, or the function that --invoke names
    #[command(after_help = EXIT_CODES, override_usage = "wasmote run [OPTIONS] FILE [ARGS]...")]
    Run(Box<RunArgs>),
    /// Prints what a module needs, and why it would not run, if so (exit code 1)
    Check(CheckArgs),
    /// Lists the GPIO lines, I2C buses, SPI devices and converters of this machine, or drafts a policy of them
    Devices(DevicesArgs),
    /// Prints a module's instructions and the code prepared from them side by side
    Disasm(DisasmArgs),
}

/// Arguments of `wasmote run`.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Lets the guest use the directory HOST, under the name GUEST (may be repeated)
    #[arg(long = "dir", value_name = "HOST[::GUEST]", value_parser = parse_dir)]
    pub(crate) dirs: Vec<Dir>,

    /// Listens at ADDR (such as 127.0.0.1:8080; port 0 takes a free one and prints it) and gives the guest the socket as a
    /// descriptor after those of its directories (may be repeated)
    #[arg(long = "listen", value_name = "ADDR")]
    pub(crate) listeners: Vec<String>,

    /// Sets an environment variable of the guest; without `=V` the value is taken from here (may be repeated)
    #[arg(long = "env", value_name = "K=V", value_parser = parse_env)]
    pub(crate) env: Vec<(String, String)>,

    /// Calls this exported function with ARGS (by its type: integers, floats, nan, inf) and prints its results
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Ends the run after N units of fuel, about one for each instruction (exit code 124)
    #[arg(long, value_name = "N", value_parser = parse_fuel, allow_negative_numbers = true)]
    pub(crate) fuel: Option<u64>,

    #[command(flatten)]
    pub(crate) budget: Budget,

    /// Prints fuel, memory, code size and time to standard error at the end
    #[arg(long)]
    pub(crate) stats: bool,

    /// Writes the results of every host call to the file LOG
    #[arg(long, value_name = "LOG", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,

    /// Repeats the run in the file LOG without the outside world: ARGS, --invoke, --fuel and --memory come from the log,
    /// and --dir, --listen and --env have no effect; of its output only what went to standard output and error is seen
    #[arg(long, value_name = "LOG")]
    pub(crate) replay: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) board: BoardArgs,

    #[command(flatten)]
    pub(crate) mode: Mode,

    /// The module, a `.wasm` or `.wat` file; all that follows it are arguments of the guest
    #[arg(value_name = "FILE [ARGS]", required = true, trailing_var_arg = true)]
    pub(crate) file_and_args: Vec<String>,
}

impl RunArgs {
    /// The module's file.
    pub(crate) fn file(&self) -> &Path {
        // At least one is required.
        Path::new(self.file_and_args.first().map_or("", |file| file))
    }

    /// Arguments of the guest.
    pub(crate) fn args(&self) -> &[String] {
        self.file_and_args.get(1..).unwrap_or_default()
    }
}

/// What describes the board on which modules run that use hardware.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Board, for modules that use hardware")]
pub(crate) struct BoardArgs {
    /// Which board: a simulated one, or this machine's hardware, as --policy has it
    #[arg(long = "board", value_name = "BOARD", default_value = "sim")]
    pub(crate) kind: BoardKind,

    /// What the module asks for: labels, addresses, directories, variables, memory, fuel [default: everything]
    #[arg(long, value_name = "TOML")]
    pub(crate) manifest: Option<PathBuf>,

    /// What the board allows of it, and with --board linux where it is (`wasmote devices --draft`) [default: everything]
    #[arg(long, value_name = "TOML")]
    pub(crate) policy: Option<PathBuf>,

    /// What happens to the simulated board over time, in lines such as `at 1.5s button press`
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// Writes every wire of the simulated board to a VCD file, for GTKWave or PulseView
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,

    /// Switches the board off after this time, such as 10s (exit code 0)
    #[arg(long = "for", value_name = "TIME", value_parser = parse_time)]
    pub(crate) stop_ns: Option<u64>,

    /// Calls what --invoke names again and again, in this distance of time
    #[arg(long = "every", value_name = "TIME", value_parser = parse_time, requires = "invoke")]
    #[arg(conflicts_with_all = ["record", "replay"])]
    pub(crate) every_ns: Option<u64>,

    /// How the simulated board's time goes on [default: virtual with --script or --for, otherwise real]
    #[arg(long, value_name = "PACE")]
    pub(crate) pace: Option<Pace>,

    /// Prints only the guest's own output, and not what happens on the simulated board
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A board.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BoardKind {
    /// Simulated parts: two LEDs, a button, a potentiometer, a thermometer, an EEPROM, a display, a flash
    #[default]
    Sim,
    /// GPIO lines, I2C buses, SPI devices and converters of this machine
    Linux,
}

/// How the board's time goes on.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Waits are over when they begin, and a run is the same every time
    Virtual,
    /// As on this computer
    Real,
}

/// Arguments of `wasmote check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) budget: Budget,

    /// The module: a `.wasm` or `.wat` file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Arguments of `wasmote devices`.
#[derive(Args, Debug)]
pub(crate) struct DevicesArgs {
    /// Writes a policy with all that can be used, to be edited
    #[arg(long)]
    pub(crate) draft: bool,
}

/// Arguments of `wasmote disasm`.
#[derive(Args, Debug)]
pub(crate) struct DisasmArgs {
    /// Shows only the function of this index or name (may be repeated)
    #[arg(long = "func", value_name = "INDEX|NAME")]
    pub(crate) funcs: Vec<String>,

    #[command(flatten)]
    pub(crate) budget: Budget,

    #[command(flatten)]
    pub(crate) mode: Mode,

    /// The module: a `.wasm` or `.wat` file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// How much memory a run may have.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// The whole arena: memories, tables, globals and frame stacks, such as 24K or 1M [default: 64M]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_negative_numbers = true)]
    pub(crate) memory: Option<u32>,

    /// The most that the prepared code and the scratch of preparing may take [default: by the size of the file]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_negative_numbers = true)]
    pub(crate) code_memory: Option<u32>,
}

/// How code is prepared and dispatched. None of it changes a result or the fuel.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct Mode {
    /// How operations are dispatched [default: what is fastest in this build]
    #[arg(long, value_name = "WAY")]
    pub(crate) dispatch: Option<Way>,

    /// Prepares one operation for each instruction
    #[arg(long)]
    pub(crate) unfolded: bool,
}

/// A way to dispatch.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// One loop
    Loop,
    /// Each operation jumps to the next
    Tail,
    /// Each operation returns the next
    Trampoline,
    /// A loop that fetches operands by their form: the smallest
    Compact,
}

/// A directory lent to the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dir {
    /// Where it is.
    pub(crate) host: PathBuf,
    /// What the guest calls it.
    pub(crate) guest: String,
}

/// `HOST` or `HOST::GUEST`; without a name of its own the guest uses the host's.
fn parse_dir(text: &str) -> Result<Dir, String> {
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("neither HOST nor GUEST may be empty".into());
    }
    Ok(Dir { host: host.into(), guest: guest.into() })
}

/// `K=V`, or `K` for the value that it has here.
fn parse_env(text: &str) -> Result<(String, String), String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, value.to_string()),
        None => (text, std::env::var(text).map_err(|_| format!("{text} is not set here; write {text}=VALUE"))?),
    };
    if key.is_empty() {
        return Err("a name is expected before `=`".into());
    }
    Ok((key.to_string(), value))
}

/// A time of the board.
fn parse_time(text: &str) -> Result<u64, String> {
    match wasmote_board_sim::script::duration_ns(text) {
        Ok(0) => Err("a time is longer than nothing".into()),
        other => other,
    }
}

/// Units of fuel.
fn parse_fuel(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("fuel is a number of units, from 0 to {}", u64::MAX))
}

/// What a size is.
const SIZE: &str = "a size is a number and K, M or G, such as 24K";

/// Bytes, or KiB, MiB, GiB with a `K`, `M` or `G`; at most 4 GiB - 1, because the arena counts in 32 bits.
fn parse_size(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KIB" => 1 << 10,
        "M" | "MIB" => 1 << 20,
        "G" | "GIB" => 1 << 30,
        _ => return Err(SIZE.into()),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(SIZE.into());
    }
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    let bytes = bytes.and_then(|bytes| u32::try_from(bytes).ok());
    bytes.ok_or_else(|| "at most 4G - 1 (4294967295) bytes can be lent".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn run_args(line: &[&str]) -> RunArgs {
        match Cli::try_parse_from(["wasmote", "run"].iter().chain(line)).unwrap().command {
            Command::Run(args) => *args,
            other => panic!("not a run: {other:?}"),
        }
    }

    #[test]
    fn the_declaration_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_suffixes_and_a_limit() {
        let parsed: Vec<Option<u32>> =
            ["24K", "1m", "3G", "17", "16KiB", "4294967295", "4G", "K", "-1", "1T", "", "18446744073709551615K"]
                .map(|text| parse_size(text).ok())
                .into();
        let some = [24 << 10, 1 << 20, 3 << 30, 17, 16 << 10, u32::MAX].map(Some);
        assert_eq!(parsed, [&some[..], &[None; 6]].concat());
    }

    #[test]
    fn a_directory_without_a_name_keeps_its_own() {
        assert_eq!(parse_dir("data"), Ok(Dir { host: "data".into(), guest: "data".into() }));
        assert_eq!(parse_dir("/a b::/"), Ok(Dir { host: "/a b".into(), guest: "/".into() }));
        assert!(parse_dir("::x").is_err() && parse_dir("x::").is_err());
    }

    #[test]
    fn a_variable_may_hold_equal_signs() {
        assert_eq!(parse_env("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert!(parse_env("=x").is_err());
        assert!(parse_env("WASMOTE_TEST_NEVER_SET").is_err());
    }

    #[test]
    fn all_that_follows_the_file_belongs_to_the_guest() {
        let args = run_args(&["--fuel", "5", "m.wasm", "--fuel", "-1", "--", "x"]);
        assert_eq!(args.fuel, Some(5));
        assert_eq!(args.file(), Path::new("m.wasm"));
        assert_eq!(args.args(), ["--fuel", "-1", "--", "x"]);
    }

    #[test]
    fn an_unknown_option_is_no_file() {
        assert!(Cli::try_parse_from(["wasmote", "run", "--fule", "5", "m.wasm"]).is_err());
        assert!(Cli::try_parse_from(["wasmote", "run"]).is_err());
    }

    #[test]
    fn recording_and_replaying_exclude_each_other() {
        assert!(Cli::try_parse_from(["wasmote", "run", "--record", "a", "--replay", "b", "m.wasm"]).is_err());
    }
}
