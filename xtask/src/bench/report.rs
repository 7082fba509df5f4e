//! Tables for people, JSON for programs, and what is kept in the tree.

use super::statistics::Table;
use super::{BenchArgs, chart};
use crate::setup::process;
use anyhow::Result;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// Everything that was measured.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) times: Option<Table>,
    pub(super) counts: Option<Table>,
    pub(super) loads: Vec<Value>,
    pub(super) space: Vec<Value>,
}

/// What must be reached: an engine of ours, what it is compared with, the ratio that is required, and the one that is aimed at.
const TARGETS: [(&str, &str, f64, f64); 4] = [
    ("wasmote", "wasmi-fuel", 0.90, 0.70),
    ("wasmote-loop", "wasmi-loop-fuel", 0.85, 0.70),
    ("wasmote", "unmetered", 1.05, 1.03),
    ("wasmote-loop", "unmetered-loop", 1.05, 1.03),
];

/// Prints a table: a row for each program, a column for each engine, ratios to the reference.
pub(super) fn print(table: &Table, what: &str) {
    let reference = table.reference();
    println!(
        "\n{what}, that of {} being 1.00 (its own: microseconds or thousands, for each round)",
        table.engines[reference].title
    );
    for (column, engine) in table.engines.iter().enumerate() {
        println!("  {}: {}", letter(column), engine.title);
    }
    print!("{:14} {:>9}", "", "its own");
    (0..table.engines.len()).for_each(|column| print!(" {:>6}", letter(column)));
    println!();
    for (row, program) in table.programs.iter().enumerate() {
        let own = table.median(row, reference).map_or("-".to_owned(), |sample| format!("{:.1}", sample / 1000.0));
        print!("{program:14} {own:>9}");
        for column in 0..table.engines.len() {
            print!(" {:>6}", shown(table.ratio(row, column, reference)));
        }
        println!();
    }
    print!("{:14} {:>9}", "geometric mean", "");
    (0..table.engines.len()).for_each(|column| {
        print!(" {:>6}", shown(table.mean(column, reference).map(|mean| mean.mean)));
    });
    println!();
    for (ours, peer, required, goal) in TARGETS {
        let columns = table.column(ours).zip(table.column(peer));
        if let Some(mean) = columns.and_then(|(ours, peer)| table.mean(ours, peer)) {
            println!(
                "{ours} against {peer}: {:.3} ({:.3} to {:.3} in single rounds, {} programs; required {required:.2}, goal {goal:.2})",
                mean.mean, mean.least, mean.most, mean.programs
            );
        }
    }
}

fn letter(column: usize) -> char {
    char::from(b'A' + (column % 26) as u8)
}

fn shown(ratio: Option<f64>) -> String {
    match ratio {
        None => "-".to_owned(),
        Some(ratio) if ratio < 0.095 => format!("{ratio:.3}"),
        Some(ratio) => format!("{ratio:.2}"),
    }
}

/// Writes what was measured where it was asked for.
pub(super) fn keep(args: &BenchArgs, figures: &Figures) -> Result<()> {
    let text = |samples| {
        serde_json::to_string_pretty(&json!({
            "commit": process::text(Command::new("git").args(["rev-parse", "--short", "HEAD"])).unwrap_or_default(),
            "processor": processor(),
            "rounds": args.rounds,
            "milliseconds": args.milliseconds,
            "times": figures.times.as_ref().map(|table| table.as_json(samples)),
            "instructions": figures.counts.as_ref().map(|table| table.as_json(samples)),
            "loads": figures.loads,
            "space": figures.space,
        }))
    };
    if let Some(path) = &args.json {
        fs::write(path, text(true)?)?;
    }
    if let Some(times) = figures.times.as_ref().filter(|_| args.update) {
        let folder = process::root().join("runtime-core/bench");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("host.json"), text(false)? + "\n")?;
        fs::write(folder.join("host.svg"), chart::bars(times))?;
    }
    Ok(())
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("model name"));
    line.and_then(|line| line.split_once(':')).map_or(String::new(), |(_, name)| name.trim().to_owned())
}
