//! The core cannot panic, format or allocate: an image for the smallest target that calls every public function of it
//! holds no symbol of the library's panicking, formatting or allocating parts, and not the image's own panic handler.
//!
//! The check checks itself: with one panic added on purpose it must find it, and a public function that the image does
//! not call is a finding too.

use super::Findings;
use super::image::{Build, Image};
use super::rust_source::{code, files, words};
use super::transfers::{Transfer, transfers};
use crate::setup::process;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Parts of names that must not be there.
const FORBIDDEN: [&str; 12] = [
    "core::panicking",
    "core::fmt",
    "slice_index",
    "slice_error_fail",
    "len_mismatch_fail",
    "unwrap_failed",
    "expect_failed",
    "rust_begin_unwind",
    "wasmote_image_can_panic",
    "__rust_alloc",
    "__rdl_alloc",
    "alloc::alloc",
];
/// Names that are admitted nevertheless. It is empty, and meant to stay so.
const EXCEPTIONS: [&str; 0] = [];

const IMAGE: Build = Build { triple: "thumbv6m-none-eabi", opt_level: "s", features: "", all_dispatchers: false };

/// Builds and reads the image.
pub(super) fn check() -> Result<Findings> {
    let mut findings = uncalled()?;
    for (what, features) in
        [("without texts", ""), ("with texts", "prose"), ("with the hardware interfaces and the policy", "hardware")]
    {
        let image = Build { features, ..IMAGE }.image()?;
        let found = forbidden(&image);
        println!(
            "  {}, {what}: {} symbols, {} forbidden, {} exceptions",
            IMAGE.triple,
            image.symbols.len(),
            found.len(),
            EXCEPTIONS.len()
        );
        print_sizes(&image);
        findings.extend(found.into_iter().map(|name| format!("{what}: {name}")));
    }
    let counterexample = Build { features: "counterexample,prose", ..IMAGE }.image()?;
    if forbidden(&counterexample).is_empty() {
        findings.push("the check finds nothing in an image that does panic".to_owned());
    }
    Ok(findings)
}

/// What should not be in the image, each with the functions of the core that bring it along.
fn forbidden(image: &Image) -> Findings {
    let is_forbidden = |name: &str| {
        FORBIDDEN.iter().any(|part| name.contains(part))
            && !EXCEPTIONS.iter().any(|admitted: &&str| name.contains(admitted))
    };
    let users = |address: u64| {
        let uses = |code: &&super::image::Symbol| {
            transfers(image, code)
                .iter()
                .any(|(_, transfer)| *transfer == Transfer::Call(address) || *transfer == Transfer::Jump(address))
        };
        let names: Vec<&str> = image.functions().filter(uses).map(|function| function.name.as_str()).collect();
        names.join(", ")
    };
    let found = image.symbols.iter().filter(|symbol| is_forbidden(&symbol.name));
    found.map(|symbol| format!("{} (used by: {})", symbol.name, users(symbol.address))).collect()
}

fn print_sizes(image: &Image) {
    for section in image.sections.iter().filter(|section| section.len_bytes > 0) {
        println!("    {:12} {:7} bytes", section.name, section.len_bytes);
    }
    let mut folders: BTreeMap<&str, u64> = BTreeMap::new();
    for function in image.functions() {
        let path = function.name.trim_start_matches('<');
        if path.starts_with("wasmote_wasi_embedded") {
            *folders.entry("wasi-embedded").or_default() += function.len_bytes;
            continue;
        }
        let folder = path.strip_prefix("wasmote::").and_then(|rest| rest.split("::").next());
        let other = if path.starts_with("panic_free") { "the image itself" } else { "libraries" };
        *folders.entry(folder.unwrap_or(other)).or_default() += function.len_bytes;
    }
    let parts: Vec<String> = folders.iter().map(|(folder, len_bytes)| format!("{folder} {len_bytes}")).collect();
    println!("    code by folder: {}", parts.join(", "));
}

/// The public functions of the core that the image does not name.
fn uncalled() -> Result<Findings> {
    let root = process::root();
    let mut named = BTreeSet::new();
    for path in files(&root.join("tests/panic-free/src"))? {
        let text = code(&fs::read_to_string(path)?);
        named.extend(words(&text).map(|(_, word)| word.to_owned()));
    }
    let mut findings = Findings::new();
    let mut count = 0;
    for path in files(&root.join("runtime-core/src"))? {
        let text = code(&fs::read_to_string(&path)?);
        for name in text.lines().filter_map(public_function) {
            count += 1;
            if !named.contains(name) {
                findings.push(format!("the image of tests/panic-free does not call `{name}` of {}", path.display()));
            }
        }
    }
    println!("  the image calls {} of {count} public functions", count - findings.len());
    Ok(findings)
}

/// The name of the public function that a line begins.
fn public_function(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let rest = rest.strip_prefix("const ").unwrap_or(rest).strip_prefix("fn ")?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}
