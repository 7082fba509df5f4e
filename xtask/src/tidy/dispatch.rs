//! The tail-call dispatcher calls nothing that dispatches: in the machine code of each target, no handler contains a
//! call of a handler or of anything unknown, and each ends in a jump.
//!
//! Rust does not promise tail calls. They come about when all arguments are in registers and nothing needs cleaning up,
//! so whether they did is read off the release build. The handlers are those in the dispatcher's own table.

use super::Findings;
use super::image::{Build, Image, Symbol};
use super::transfers::{Transfer, transfers};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

/// Where tail calls are expected. On thumbv6m there are too few registers, and it has the loop.
const TRIPLES: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "armv7-unknown-linux-gnueabihf",
    "thumbv7em-none-eabihf",
    "thumbv8m.main-none-eabihf",
    "riscv32imc-unknown-none-elf",
];
/// The module of the dispatcher, and its table.
const MODULE: &str = "wasmote::run::dispatch::tail::";
const TABLE: &str = "wasmote::run::dispatch::tail::HANDLERS";
/// The function that starts the machine: the only one that calls a handler.
const ENTRY: &str = "wasmote::run::dispatch::tail::run";

/// Checks the dispatcher on every target that uses it.
pub(super) fn check() -> Result<Findings> {
    let mut findings = Findings::new();
    for triple in TRIPLES {
        let image = Build { triple, opt_level: "3", features: "prose", all_dispatchers: true }.image()?;
        let found = check_image(triple, &image).with_context(|| triple.to_owned())?;
        findings.extend(found.into_iter().map(|finding| format!("{triple}: {finding}")));
    }
    Ok(findings)
}

fn check_image(triple: &str, image: &Image) -> Result<Findings> {
    let entries = table(image)?;
    let handlers: BTreeSet<u64> = entries.iter().copied().collect();
    let others =
        image.functions().filter(|function| function.name.starts_with(MODULE) && !function.name.starts_with(ENTRY));
    let dispatching: BTreeSet<u64> = handlers.iter().copied().chain(others.map(|function| function.address)).collect();
    let (mut direct, mut findings) = (0, Findings::new());
    for &address in &handlers {
        let Some(handler) = image.function_at(address) else {
            findings.push(format!("an entry of the table is no function: {address:#x}"));
            continue;
        };
        let all = transfers(image, handler);
        findings.extend(all.iter().filter_map(|(at, transfer)| wrong(image, handler, &dispatching, *at, *transfer)));
        let ends_indirect = all.iter().any(|(_, transfer)| *transfer == Transfer::JumpIndirect);
        direct += usize::from(!ends_indirect);
        if !ends_indirect && !leaves(handler, &all, &dispatching) {
            findings.push(format!("{} does not go on to another handler", handler.name));
        }
    }
    // Resuming a thread does call through a pointer: were none found there, the decoder would be blind.
    let calls =
        |function: &Symbol| transfers(image, function).iter().any(|(_, transfer)| *transfer == Transfer::CallIndirect);
    if !image.functions().any(|function| function.name.contains("wasmote::host") && calls(function)) {
        findings.push("the check finds no indirect call where one must be".to_owned());
    }
    println!(
        "  {triple}: {} operations, {} handlers: {} end in an indirect jump, {direct} in a jump to a shared tail",
        entries.len(),
        handlers.len(),
        handlers.len() - direct,
    );
    Ok(findings)
}

/// The handlers' addresses, in the order of the operations.
fn table(image: &Image) -> Result<Vec<u64>> {
    let symbol =
        image.symbols.iter().find(|symbol| symbol.name == TABLE).with_context(|| format!("no symbol {TABLE}"))?;
    let bytes = image.bytes_of(symbol).context("the table has no content")?;
    let address = |entry: &[u8]| entry.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let thumb = u64::from(image.architecture == object::Architecture::Arm);
    let entries: Vec<u64> = bytes.chunks_exact(image.address_len_bytes).map(|entry| address(entry) & !thumb).collect();
    ensure!(
        entries.iter().all(|&entry| entry != 0),
        "the table holds no addresses: the image is not linked statically"
    );
    Ok(entries)
}

fn wrong(image: &Image, handler: &Symbol, dispatching: &BTreeSet<u64>, at: u64, transfer: Transfer) -> Option<String> {
    let name = &handler.name;
    match transfer {
        Transfer::CallIndirect => Some(format!("{name} calls through a register at {at:#x}")),
        Transfer::Call(target) if dispatching.contains(&target) => {
            let callee = image.function_at(target).map_or("?", |function| function.name.as_str());
            Some(format!("{name} calls {callee} at {at:#x}"))
        }
        _ => None,
    }
}

/// Whether a function jumps to another one that dispatches.
fn leaves(handler: &Symbol, all: &[(u64, Transfer)], dispatching: &BTreeSet<u64>) -> bool {
    let goes_on = |target: u64| target != handler.address && dispatching.contains(&target);
    all.iter().any(|(_, transfer)| matches!(transfer, Transfer::Jump(target) if goes_on(*target)))
}
