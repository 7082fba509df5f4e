//! Time on this machine: rounds in which every engine runs the same program.

use super::engines::Started;
use super::statistics::Table;
use crate::programs::{KNOWN, Program};
use anyhow::{Result, bail};

/// A program that takes longer than this many times what it was given is not repeated within a round.
const MOST_ROUNDS: u32 = 1 << 24;

/// Nanoseconds for each round of each program under each engine.
pub(super) fn measure(
    engines: &mut [Started],
    programs: &[Program],
    rounds: usize,
    milliseconds: u64,
) -> Result<Table> {
    let mut table = Table::new(engines.iter().map(|started| started.engine), programs.iter().map(|p| p.name.as_str()));
    for (row, program) in programs.iter().enumerate() {
        let mut known = program.checksum;
        let mut given: Vec<Option<u32>> = Vec::new();
        for started in engines.iter_mut() {
            let ready = ready(started, program, &mut known, milliseconds * 1_000_000);
            if let Err(error) = &ready {
                eprintln!("{} does not run {}: {error:#}", started.engine.title, program.name);
            }
            given.push(ready.ok());
        }
        for round in 0..rounds {
            // Who is first changes.
            for turn in 0..engines.len() {
                let column = (turn + round) % engines.len();
                if let Some(repeats) = given[column] {
                    let (_, nanoseconds) = engines[column].runner.run(repeats)?;
                    table.add(row, column, nanoseconds as f64 / f64::from(repeats));
                }
            }
        }
        eprintln!("{:2} of {}  {}", row + 1, programs.len(), program.name);
    }
    Ok(table)
}

/// Loads a program, looks at its checksum, and finds how often it fits into the time that it is given.
fn ready(started: &mut Started, program: &Program, known: &mut Option<u32>, nanoseconds: u64) -> Result<u32> {
    let runner = &mut started.runner;
    runner.load(program.module(started.engine.first_version))?;
    let (sum, _) = runner.run(KNOWN)?;
    if *known.get_or_insert(sum) != sum {
        bail!("its checksum is {sum:#010x}, not {:#010x}", known.unwrap_or_default());
    }
    let mut repeats = 1;
    loop {
        let (_, taken) = runner.run(repeats)?;
        if taken * 4 >= nanoseconds || repeats >= MOST_ROUNDS {
            let fitting = f64::from(repeats) * nanoseconds as f64 / taken.max(1) as f64;
            return Ok((fitting as u32).max(1));
        }
        repeats *= 2;
    }
}
