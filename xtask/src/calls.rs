//! What host calls cost on a chip, in instructions: an emulator logs each one that it executes, and the firmware has functions
//! that mark where a call reaches its device (`tests/chip/src/firmware/calls.rs`).
//!
//! A call begins where the handlers in assembly are left for it, and is over when they are entered again. The guest's own
//! allocator and the device are aside. The figures are of the firmware as it ships and the same every time.

use crate::tidy::image::Image;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use wasmote_tests::emulated::Chip;
use wasmote_tests::hardware;

/// A figure and what it may be at most.
pub(crate) struct Cost {
    pub(crate) what: &'static str,
    pub(crate) instructions: usize,
    pub(crate) ceiling: usize,
}

/// Where the marks are.
struct Marks {
    begins: u64,
    ends: u64,
    /// The device of each kind of call, from its first to its last instruction.
    devices: [Range<u64>; 3],
    /// The handlers in assembly, where they are entered, and where they are left.
    handlers: Range<u64>,
    enter: Range<u64>,
    leave: u64,
}

/// The exports of the guest, in the order in which they run, three times each; and the device that they reach.
const RUNS: [Option<usize>; 5] = [None, Some(0), Some(1), None, Some(2)];
/// Runs of one export: twice with one call, then with many.
const REPETITIONS: usize = 3;

/// Counts.
pub(crate) fn count(chip: &Chip<'_>) -> Result<Vec<Cost>> {
    let marks = marks(&Image::read(&fs::read(chip.firmware)?)?)?;
    let directory = tempfile::tempdir()?;
    let (image, log) = (directory.path().join("image"), directory.path().join("log"));
    fs::write(&image, hardware::calls_image()?)?;
    let mut qemu = chip.command(&image)?;
    qemu.args(["-singlestep", "-d", "exec,nochain", "-D"]).arg(&log);
    let output = qemu.output().context("the emulator does not start")?;
    ensure!(output.stderr.is_empty(), "the firmware complains: {}", String::from_utf8_lossy(&output.stderr));
    let executed = executed(&log)?;
    let runs = runs(&executed, &marks);
    // One call before all others opens the devices.
    ensure!(runs.len() == 1 + RUNS.len() * REPETITIONS, "{} runs are in the emulator's log", runs.len());
    let call = |device: usize| -> Result<Call> {
        let export = RUNS.iter().position(|reached| *reached == Some(device)).context("the device has an export")?;
        let many = runs.get(1 + export * REPETITIONS + REPETITIONS - 1).context("the export has run")?;
        Call::of(many, &marks, device)
    };
    let (empty, toggle, read) = (call(0)?, call(1)?, call(2)?);
    let cost = |what, instructions, ceiling| Cost { what, instructions, ceiling };
    Ok(vec![
        cost("a call without arguments, to the host function", empty.to_device, 200),
        cost("the same, and back in the guest", empty.whole, 350),
        cost("GPIO toggle, to the pin", toggle.to_device, 400),
        cost("the same, and back in the guest", toggle.whole, 750),
        cost("I2C read and back, bus and cabi_realloc aside", read.whole, 1500),
    ])
}

/// What one call takes.
struct Call {
    /// From where the handlers are left to the device.
    to_device: usize,
    /// Until they are entered again, less the device and the guest's own operations in between.
    whole: usize,
}

impl Call {
    /// The sixth call of a run, which finds everything as it usually is.
    fn of(run: &[u64], marks: &Marks, device: usize) -> Result<Call> {
        let device = marks.devices.get(device).context("a device has a mark")?;
        let reached: Vec<usize> = (0..run.len()).filter(|&at| run.get(at) == Some(&device.start)).collect();
        let (Some(&before), Some(&here)) = (reached.get(4), reached.get(5)) else {
            anyhow::bail!("the device is reached {} times", reached.len());
        };
        let left: Vec<usize> = (before..here).filter(|&at| run.get(at) == Some(&marks.leave)).collect();
        let entered = |from: usize| (from..run.len()).find(|&at| run.get(at) == Some(&marks.enter.start));
        let first_after = entered(before).context("the guest goes on")?;
        let begin = left.into_iter().find(|&at| at > first_after && !returns_at_once(run, marks, at));
        let begin = begin.context("the call begins")?;
        let end = entered(here).context("the call ends")?;
        let mut leaving = false;
        let ours = run.get(begin..end).unwrap_or_default().iter().filter(|pc| {
            let handler = marks.handlers.contains(pc);
            leaving = handler && (leaving || **pc == marks.leave);
            (!handler || leaving || marks.enter.contains(pc)) && !device.contains(pc)
        });
        Ok(Call { to_device: here - begin, whole: ours.count() })
    }
}

/// Whether the handlers are left for an operation of the guest's own that has none, and entered again.
fn returns_at_once(run: &[u64], marks: &Marks, at: usize) -> bool {
    const OPERATION: usize = 160;
    let next = run.get(at + 1..).unwrap_or_default().iter().position(|pc| *pc == marks.enter.start);
    next.is_some_and(|next| next < OPERATION)
}

fn marks(image: &Image) -> Result<Marks> {
    let function = |name: &str| {
        let found = image.functions().find(|symbol| symbol.name.ends_with(name));
        found
            .map(|symbol| symbol.address..symbol.address + symbol.len_bytes)
            .with_context(|| format!("the firmware has no {name}"))
    };
    let label = |name: &str| {
        let found = image.symbols.iter().find(|symbol| symbol.name == name);
        found.map(|symbol| symbol.address).with_context(|| format!("the firmware has no {name}"))
    };
    let enter = label("wasmote_run_assembly")?;
    let leave = label("leave")?;
    // Labels within assembly have no length; the next function with one ends it.
    let end = image.functions().map(|symbol| symbol.address).filter(|address| *address > leave).min();
    Ok(Marks {
        begins: function("calls::run_begins")?.start,
        ends: function("calls::run_ends")?.start,
        devices: [function("calls::reach_nothing")?, function("calls::reach_pin")?, function("calls::reach_bus")?],
        handlers: enter..end.context("something follows the handlers")?,
        enter: enter..leave,
        leave,
    })
}

/// The addresses of all instructions in the order in which they were executed.
fn executed(log: &std::path::Path) -> Result<Vec<u64>> {
    let mut executed = Vec::new();
    for line in BufReader::new(fs::File::open(log)?).lines() {
        // Trace 0: 0x7f... [00000400/00000a6c/00000110/ff020001] name
        let line = line?;
        let fields = line.strip_prefix("Trace ").and_then(|rest| rest.split_once('[')).map(|(_, rest)| rest);
        if let Some(pc) = fields.and_then(|fields| fields.split('/').nth(1)) {
            executed.push(u64::from_str_radix(pc, 16)?);
        }
    }
    Ok(executed)
}

/// What was executed between the marks of a run.
fn runs<'e>(executed: &'e [u64], marks: &Marks) -> Vec<&'e [u64]> {
    let (mut runs, mut begun) = (Vec::new(), None);
    for (at, pc) in executed.iter().enumerate() {
        if *pc == marks.begins {
            begun = Some(at);
        } else if *pc == marks.ends
            && let Some(run) = begun.take().and_then(|from| executed.get(from..at))
        {
            runs.push(run);
        }
    }
    runs
}
