//! `cargo xtask testsuite --suite embedded`: the example guests with their pins and buses, on this machine or on an emulated chip; on
//! the smallest chip, what their host calls cost.

use crate::calls::{self, Cost};
use crate::firmware;
use crate::setup::process;
use anyhow::{Context, Result};
use std::process::Command;
use wasmote_tests::checksum;
use wasmote_tests::emulated::{Chip, Machine};
use wasmote_tests::hardware::{self, EXAMPLES, Example};

/// Passed and failed.
type Counts = (usize, usize);

/// Runs the suite; gives how many passed and failed.
pub(crate) fn run(machine: Option<Machine>) -> Result<Counts> {
    let Some(machine) = machine else { return on_host() };
    let machine = with_hardware(machine);
    let firmware = firmware::build(machine)?;
    let chip = Chip::new(machine, &firmware);
    if machine.flash.is_some() {
        return Ok(costs(&calls::count(&chip)?));
    }
    let mut counts = (0, 0);
    for example in &EXAMPLES {
        let ran = hardware::run(&chip, example)?;
        let mut complaint = ran.complaints.trim().to_owned();
        if ran.code != Some(0) {
            complaint = format!("it ended with {:?}; {complaint}", ran.code);
        }
        verdict(&mut counts, example, &ran.told, complaint, &format!("native stack {} bytes", ran.stack_bytes))?;
    }
    if machine.arguments.iter().any(|argument| argument.starts_with("mps2")) {
        // After a reset the part has a resolution of half a degree.
        for (millidegrees, expected) in [(23_500, 23 * 256 + 128), (-10_500, -10 * 256 - 128)] {
            match hardware::read_sensor(&chip, millidegrees) {
                Ok(given) if given == expected => {
                    println!("  {:12} {millidegrees} thousandths of a degree", "TMP105");
                    counts.0 += 1;
                }
                outcome => {
                    println!("  {:12} {millidegrees} thousandths, FAILED: {outcome:?}", "TMP105");
                    counts.1 += 1;
                }
            }
        }
    }
    Ok(counts)
}

/// The machine with firmware that has pins and buses.
fn with_hardware(machine: Machine) -> Machine {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let name = leak(format!("{}-hardware", machine.name));
    // The smallest chip's flash is divided otherwise.
    let flash = machine.flash.map(|_| (0x3_0000, 64 << 10));
    Machine { name, features: leak(format!("{},hardware", machine.features)), flash, ..machine }
}

/// The examples by the command `wasmote`.
fn on_host() -> Result<Counts> {
    let command = crate::ci::built_command()?;
    let mut counts = (0, 0);
    for example in &EXAMPLES {
        let file = |extension| hardware::folder().join(example.name).with_extension(extension);
        let mut wasmote = Command::new(&command);
        wasmote.arg("run").arg("--manifest").arg(file("toml")).arg("--script").arg(file("script"));
        if let Some((name, every_ns)) = example.tick {
            wasmote.args(["--every", &format!("{}ms", every_ns / 1_000_000), "--invoke", name]);
        }
        let output = wasmote.arg(file("wasm")).output().with_context(|| process::shown(&wasmote))?;
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        verdict(&mut counts, example, &String::from_utf8_lossy(&output.stdout), complaint, "")?;
    }
    Ok(counts)
}

/// Compares what an example tells with its file.
fn verdict(counts: &mut Counts, example: &Example, told: &str, complaint: String, remark: &str) -> Result<()> {
    let expected = hardware::expected(example)?;
    let differing = told.lines().zip(expected.lines()).position(|(told, expected)| told != expected);
    let first = differing.unwrap_or_else(|| told.lines().count().min(expected.lines().count()));
    let module = std::fs::read(hardware::folder().join(example.name).with_extension("wasm"))?;
    let module = checksum::line(example.name, &module);
    if told == expected && complaint.is_empty() {
        println!("  {module}: {} lines as on the simulated board  {remark}", expected.lines().count());
        counts.0 += 1;
    } else {
        println!("  {:12} DIFFERS in line {}: {complaint}", example.name, first + 1);
        println!("    told     {}", told.lines().nth(first).unwrap_or("nothing"));
        println!("    expected {}", expected.lines().nth(first).unwrap_or("nothing"));
        counts.1 += 1;
    }
    Ok(())
}

/// Holds the costs of host calls against their ceilings.
fn costs(costs: &[Cost]) -> Counts {
    let mut counts = (0, 0);
    for Cost { what, instructions, ceiling } in costs {
        let good = instructions <= ceiling;
        println!("  {instructions:5} of {ceiling} instructions: {what}{}", if good { "" } else { "  TOO MANY" });
        if good {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
    }
    counts
}
