//! The adapter for the official Python runner of the WASI suite, used as that runner uses it: loaded as a module that says
//! nothing by itself, asked for names and command lines, which are then run.

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use wasmote_tests::command::wasmote;
use wasmote_tests::wasi_suite::{Case, copy, find_suite, modules, run_line};

fn adapter() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wasi-testsuite-adapter/wasmote.py").display().to_string()
}

/// What the runner does with an adapter, the questions and answers as JSON.
const RUNNER: &str = r#"
import importlib.util, json, pathlib, sys
path = pathlib.Path(sys.argv[1])
spec = importlib.util.spec_from_file_location(path.name, path)
adapter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(adapter)
lines = []
for test in json.load(sys.stdin):
    dirs = [(pathlib.Path(host), guest) for host, guest in test["dirs"]]
    line = adapter.compute_argv(test["path"], (test["args"], test["env"], dirs), [], "wasm32-wasip1")
    assert isinstance(line, list) and all(isinstance(word, str) for word in line)
    lines.append(line)
answer = {"name": adapter.get_name(), "version": adapter.get_version(), "wasi": adapter.get_wasi_versions(), "lines": lines}
json.dump(answer, sys.stdout)
"#;

/// Asks the adapter, for these tests.
fn ask(tests: &Value) -> Value {
    let mut python = Command::new("python3")
        .args(["-c", RUNNER, &adapter()])
        .env("WASMOTE", wasmote())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    python.stdin.take().expect("a pipe").write_all(tests.to_string().as_bytes()).expect("asked");
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the adapter fails");
    serde_json::from_slice(&output.stdout).expect("an answer")
}

#[test]
fn the_adapter_is_a_module_that_says_nothing_by_itself() {
    let output = Command::new("python3").args([&adapter(), "--version"]).output().expect("python3 is there");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let answer = ask(&json!([]));
    assert_eq!((&answer["name"], &answer["wasi"]), (&json!("wasmote"), &json!(["wasm32-wasip1"])));
    assert_eq!(answer["version"], json!(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_test_of_the_suite_passes_by_the_adapters_command_lines() {
    let Some(suite) = find_suite() else {
        panic!("the official WASI suite is not here: README.md says where it is found")
    };
    let cases: Vec<Case> = modules(&suite).iter().map(|module| Case::read(module).expect("a test")).collect();
    let roots: Vec<_> = cases.iter().map(|_| tempfile::tempdir().expect("a directory")).collect();
    let tests: Vec<Value> = cases
        .iter()
        .zip(&roots)
        .map(|(case, root)| {
            let dirs: Vec<Value> = case.root.iter().map(|_| json!([root.path(), "/"])).collect();
            let env: serde_json::Map<String, Value> =
                case.variables.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({ "path": case.module, "args": case.arguments, "env": env, "dirs": dirs })
        })
        .collect();
    let answer = ask(&Value::Array(tests));
    let lines: Vec<Vec<String>> = serde_json::from_value(answer["lines"].clone()).expect("command lines");
    let mut wrong = Vec::new();
    for ((case, root), line) in cases.iter().zip(&roots).zip(&lines) {
        if let Some(fixture) = &case.root {
            copy(fixture, root.path()).expect("copied");
        }
        wrong.extend(case.complaint(&run_line(line)).map(|why| format!("{}: {why}", case.module.display())));
    }
    assert_eq!((wrong, lines.len()), (Vec::new(), 72));
}
