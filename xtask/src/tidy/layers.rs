//! Dependencies point one way: between the folders of the core, and between the crates.

use super::Findings;
use super::rust_source::{code, files};
use crate::setup::process;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The road of a module. A folder may use those before it.
const ROAD: [&str; 7] = ["isa", "decode", "validate", "prepare", "instance", "run", "host"];
/// What every folder may use; these in turn may use only the first of the road.
const COMMON: [&str; 2] = ["raw", "engine"];
/// The crates from the bottom up; those of one row do not know each other, but boards share `boards/common`.
const CRATES: [&[&str]; 3] = [&["runtime-core"], &["wasi-p1", "wasi-embedded"], &["boards"]];

/// Checks folders and crates.
pub(super) fn check() -> Result<Findings> {
    let mut findings = folders(&process::root().join("runtime-core/src"))?;
    findings.extend(crates(&process::root())?);
    Ok(findings)
}

// ---- folders of the core ----

fn folders(source: &Path) -> Result<Findings> {
    let names = reexports(&code(&fs::read_to_string(source.join("lib.rs"))?));
    let mut findings = Findings::new();
    let mut uses = 0;
    for path in files(source)? {
        let relative = path.strip_prefix(source)?.to_owned();
        let Some(own) = folder_of(&relative) else { continue };
        let text = code(&fs::read_to_string(&path)?);
        for (line, used) in used_by(&relative, &text) {
            let used = names.get(&used).unwrap_or(&used);
            uses += 1;
            if !may_use(&own, used) {
                findings.push(format!("runtime-core/src/{}:{line}: `{own}` must not use `{used}`", relative.display()));
            }
        }
    }
    println!("  {uses} uses between the folders {} (and {})", ROAD.join(" <- "), COMMON.join(", "));
    Ok(findings)
}

/// The folder that a file belongs to; none for lib.rs.
fn folder_of(relative: &Path) -> Option<String> {
    let first = relative.iter().next()?.to_string_lossy();
    let name = first.strip_suffix(".rs").unwrap_or(&first);
    (name != "lib").then(|| name.to_owned())
}

fn may_use(own: &str, used: &str) -> bool {
    let place = |name: &str| ROAD.iter().position(|folder| *folder == name);
    match (place(own), place(used)) {
        _ if own == used => true,
        (Some(own), Some(used)) => used < own,
        (Some(_), None) => COMMON.contains(&used),
        (None, Some(used)) => used == 0,
        (None, None) => COMMON.contains(&used),
    }
}

/// The names that lib.rs offers, each with the folder that it comes from.
fn reexports(lib: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in lib.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let Some((folder, list)) = statement.split_once("::") else { continue };
        for name in list.trim_matches(|c| c == '{' || c == '}').split(',') {
            names.insert(name.trim().trim_matches(['{', '}']).trim().to_owned(), folder.trim().to_owned());
        }
    }
    names
}

/// What a file names of the crate's root, by `crate::` or by enough `super::`, with the line.
fn used_by(relative: &Path, text: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        used.extend(heads(&text[at + "crate::".len()..]).into_iter().map(|name| (at, name)));
    }
    let parents = "super::".repeat(depth(relative));
    for (at, _) in text.match_indices(&parents).filter(|_| !parents.is_empty()) {
        let known = |name: &String| ROAD.contains(&name.as_str());
        used.extend(heads(&text[at + parents.len()..]).into_iter().filter(known).map(|name| (at, name)));
    }
    used.into_iter().map(|(at, name)| (text[..at].matches('\n').count() + 1, name)).collect()
}

/// How many modules a file is below the root.
fn depth(relative: &Path) -> usize {
    let is_mod = relative.file_stem().is_some_and(|stem| stem == "mod");
    relative.iter().count() - usize::from(is_mod)
}

/// The first names of a path, or of each path in a group.
fn heads(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                heads.push(word(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

// ---- crates ----

fn crates(root: &Path) -> Result<Findings> {
    let workspace = manifest(&root.join("Cargo.toml"))?;
    let mut findings = Findings::new();
    let mut edges = 0;
    for (level, row) in CRATES.iter().enumerate().take(CRATES.len() - 1) {
        for own in row.iter().filter(|own| root.join(own).join("Cargo.toml").exists()) {
            for used in path_dependencies(&manifest(&root.join(own).join("Cargo.toml"))?, &workspace) {
                edges += 1;
                let used = used.trim_start_matches("../").to_owned();
                let used_level = CRATES.iter().position(|row| row.iter().any(|name| used.starts_with(name)));
                if used_level.is_none_or(|used| used >= level) {
                    findings.push(format!("{own} must not depend on {used}"));
                }
            }
        }
    }
    println!("  {edges} dependencies of {} on crates of this tree", CRATES[..2].concat().join(", "));
    Ok(findings)
}

fn manifest(path: &Path) -> Result<toml::Table> {
    fs::read_to_string(path)?.parse().with_context(|| path.display().to_string())
}

/// The paths of all dependencies of a package, of every kind, that are crates of this tree.
fn path_dependencies(package: &toml::Table, workspace: &toml::Table) -> Vec<String> {
    let shared = workspace.get("workspace").and_then(|table| table.get("dependencies"));
    let path = |dependency: &toml::Value| dependency.get("path").and_then(|path| path.as_str()).map(str::to_owned);
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let entries = tables.iter().filter_map(|name| package.get(*name)?.as_table()).flatten();
    entries.filter_map(|(name, entry)| path(entry).or_else(|| shared?.get(name).and_then(path))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn an_upward_use_is_refused() {
        assert!(may_use("run", "isa") && may_use("run", "raw") && may_use("raw", "isa"));
        assert!(!may_use("isa", "decode") && !may_use("prepare", "host") && !may_use("raw", "run"));
    }

    #[test]
    fn groups_nests_and_parents_are_seen() {
        let text = "use crate::{a::{b, c}, d};\nuse crate::e::f; use super::super::run::g; use super::x;";
        let file: PathBuf = ["decode", "reader.rs"].iter().collect();
        let names: Vec<_> = used_by(&file, text).into_iter().map(|(line, name)| format!("{line} {name}")).collect();
        assert_eq!(names, ["1 a", "1 d", "2 e", "2 run"]);
    }

    #[test]
    fn a_name_of_the_root_counts_as_its_folder() {
        let names = reexports("pub use decode::{ErrorKind, ModuleError};\npub use engine::Engine;");
        assert_eq!(names["ModuleError"], "decode");
        assert_eq!(names["Engine"], "engine");
    }
}
