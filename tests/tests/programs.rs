//! Programs of real toolchains, run by the command `wasmote` as a user would: each prints what it prints under wasmtime
//! (`tests/programs/expected`, which `cargo xtask guests` compares with wasmtime), in every way of dispatching and
//! preparing, within the memory that `programs.toml` grants. And what is no good program ends with one clear message
//! and the right exit code.

#[path = "../programs/manifest.rs"]
#[allow(dead_code, reason = "how a program is built concerns only the verb that builds it")]
mod manifest;

use manifest::{Manifest, Run};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};
use wasmote_tests::command::{target_dir, wasmote};

/// No run takes longer than this, even the slowest way of dispatching.
const PATIENCE: Duration = Duration::from_secs(120);
/// Every way to dispatch and prepare.
const WAYS: [&[&str]; 4] = [&[], &["--dispatch", "loop"], &["--dispatch", "trampoline"], &["--unfolded"]];

const EXIT_REFUSED: i32 = 1;
const EXIT_OUT_OF_FUEL: i32 = 124;
const EXIT_TRAP: i32 = 134;

/// What a run of the command gave.
struct Given {
    exit: i32,
    stdout: Vec<u8>,
    stderr: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}

fn give(command: &mut Command) -> Given {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let exit = wait(&mut child);
    let stdout = stdout.join().expect("the pipe is read");
    let stderr = String::from_utf8_lossy(&stderr.join().expect("the pipe is read")).into_owned();
    Given { exit, stdout, stderr }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    spawn(move || {
        let mut bytes = Vec::new();
        pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

fn wait(child: &mut Child) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            return status.code().expect("the command ends by itself, not by a signal");
        }
        if begun.elapsed() > PATIENCE {
            child.kill().expect("a child can be ended");
            panic!("the command did not end");
        }
        sleep(Duration::from_millis(2));
    }
}

/// Runs a program of the manifest.
fn run_program(run: &Run, module: &Path, way: &[&str]) -> Given {
    let scratch = tempfile::tempdir().expect("a folder for the guest");
    let mut command = Command::new(wasmote());
    command.arg("run").args(way);
    if run.files {
        Run::copy_files(&folder(), scratch.path()).expect("the files are copied");
        command.arg("--dir").arg(format!("{}::/", scratch.path().display()));
    }
    if let Some(memory) = &run.memory {
        command.args(["--memory", memory]);
    }
    match &run.stdin {
        Some(file) => command.stdin(fs::File::open(folder().join(file)).expect("the input is there")),
        None => command.stdin(Stdio::null()),
    };
    give(command.arg(module).args(&run.args))
}

/// Names a program that is not run, beside the output of tests, which is seen only if they fail, and counts its runs.
fn tell_of_skipped(name: &str, runs: usize) {
    let text = format!(
        "\n{name} is not built; it is too large to be kept: cargo xtask guests {name}\n0 passed, 0 failed, {runs} skipped\n"
    );
    std::io::stdout().write_all(text.as_bytes()).expect("standard output is there");
}

/// Runs every run of the programs whose name begins so, in every way; how many runs that were.
fn all_runs(prefix: &str) -> usize {
    let manifest = Manifest::load(&folder()).expect("programs.toml is right");
    let mut wrong = Vec::new();
    let mut count = 0;
    for run in manifest.runs.iter().filter(|run| run.program.starts_with(prefix)) {
        let program =
            manifest.programs.iter().find(|program| program.name == run.program).expect("a run has a program");
        let module = program.module(&folder(), &target_dir());
        if !module.exists() {
            tell_of_skipped(&program.name, WAYS.len());
            continue;
        }
        let expected = fs::read(run.expected(&folder())).expect("expected output is kept");
        for way in WAYS {
            let given = run_program(run, &module, way);
            if given.stdout != expected || given.exit != run.exit {
                let printed = String::from_utf8_lossy(&given.stdout).into_owned();
                wrong.push(format!(
                    "{} {way:?}: exit code {}, printed {printed:?}, said {}",
                    run.name, given.exit, given.stderr
                ));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} runs are wrong:\n{}", wrong.len(), wrong.join("\n"));
    count
}

#[test]
fn hello_of_every_toolchain_prints_its_lines_in_24_kib() {
    // Go's is not kept in the tree, and needs more.
    assert!(all_runs("hello-") >= 4 * WAYS.len());
}

#[test]
fn copying_a_file_works() {
    assert_eq!(all_runs("copy-"), 7 * WAYS.len());
}

#[test]
fn a_path_out_of_the_folder_is_not_opened() {
    let scratch = tempfile::tempdir().expect("a folder");
    let root = scratch.path().join("root");
    fs::create_dir(&root).expect("a root for the guest");
    fs::write(scratch.path().join("secret"), "secret").expect("a file beside it");
    std::os::unix::fs::symlink("../secret", root.join("link")).expect("a link to it");
    for name in ["../secret", "link", "/../secret"] {
        let mut command = Command::new(wasmote());
        command.arg("run").arg("--dir").arg(format!("{}::/", root.display()));
        command.arg(folder().join("prebuilt/copy-clang.wasm")).arg(name);
        let given = give(command.stdin(Stdio::null()));
        let printed = String::from_utf8_lossy(&given.stdout).into_owned();
        assert_eq!(given.exit, 1, "{name}: {printed}");
        assert_eq!(printed, format!("cannot open {name}: Operation not permitted\n"));
    }
}

#[test]
fn lua_runs_a_program() {
    assert_eq!(all_runs("lua-"), 3 * WAYS.len());
}

#[test]
fn a_lisp_in_assemblyscript_runs_a_program() {
    assert_eq!(all_runs("lisp-"), 2 * WAYS.len());
}

#[test]
fn quickjs_runs_a_program() {
    assert_eq!(all_runs("quickjs-"), WAYS.len());
}

#[test]
fn a_tree_is_built_walked_and_removed() {
    assert_eq!(all_runs("walk-"), WAYS.len());
}

#[test]
fn random_calls_are_answered_as_under_wasmtime() {
    assert_eq!(all_runs("calls-"), 4 * WAYS.len());
}

#[test]
fn sqlite_keeps_a_database_in_a_file() {
    assert_eq!(all_runs("sqlite-"), 2 * WAYS.len());
}

/// The first guest prints a file, the second sorts it, both at the same time.
#[test]
fn cat_and_sort_work_over_a_pipe() {
    assert_eq!(all_runs("lines-"), WAYS.len());
    let scratch = tempfile::tempdir().expect("a folder for the guest");
    let numbers: Vec<String> = (0..20_000u32).map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761))).collect();
    fs::write(scratch.path().join("numbers"), numbers.concat()).expect("written");
    let prebuilt = folder().join("prebuilt");
    let mut cat = Command::new(wasmote())
        .args(["run", "--dir", &format!("{}::/", scratch.path().display())])
        .args([&prebuilt.join("copy-clang.wasm"), Path::new("numbers")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let pipe = cat.stdout.take().expect("a pipe");
    let sorted = give(Command::new(wasmote()).arg("run").arg(prebuilt.join("lines-clang.wasm")).stdin(pipe));
    assert_eq!((wait(&mut cat), sorted.exit, sorted.stderr.as_str()), (0, 0, ""));
    let mut expected = numbers;
    expected.sort();
    assert!(sorted.stdout == expected.concat().into_bytes(), "the lines are sorted");
}

/// A program of the standard library's sockets, and real clients one after the other.
#[test]
fn a_server_serves_real_clients_at_the_socket_of_listen() {
    let mut server = Command::new(wasmote())
        .args(["run", "--listen", "127.0.0.1:0"])
        .arg(folder().join("prebuilt/serve-rust.wasm"))
        .arg("3")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut said = String::new();
    BufReader::new(server.stderr.take().expect("a pipe")).read_line(&mut said).expect("it says where it listens");
    let address = said.trim().strip_prefix("wasmote: descriptor 3 listens at ").expect("an address").to_owned();
    let long = "many words ".repeat(20_000) + "\n";
    for text in ["one\ntwo\n", "", &long] {
        let mut client = TcpStream::connect(&address).expect("connected");
        let (mut sender, sent) = (client.try_clone().expect("two halves"), text.to_owned());
        let sending = spawn(move || {
            sender.write_all(sent.as_bytes()).expect("sent");
            sender.shutdown(Shutdown::Write).expect("shut");
        });
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("received");
        sending.join().expect("all was sent");
        assert!(answer == text.to_uppercase(), "{} bytes came back of {}", answer.len(), text.len());
    }
    let printed = drain(server.stdout.take());
    assert_eq!(wait(&mut server), 0);
    let printed = printed.join().expect("the pipe is read");
    assert_eq!(
        String::from_utf8_lossy(&printed),
        "connection 1: 2 lines\nconnection 2: 0 lines\nconnection 3: 1 lines\n"
    );
}

#[test]
fn the_json_tool_prints_and_refuses() {
    assert_eq!(all_runs("json-"), 2 * WAYS.len());
}

#[test]
fn computing_programs_give_the_reference_results() {
    for name in ["mix", "sha256", "fib", "sort", "nbody", "mandelbrot", "text"] {
        assert_eq!(all_runs(name), WAYS.len(), "{name}");
    }
}

#[test]
fn a_page_touched_in_36_places_needs_no_page() {
    assert_eq!(all_runs("scattered"), WAYS.len());
}

// ---- what is no good program ----

/// Runs a file with these bytes, or this text, and checks the exit code and that one clear message says why.
fn refused(name: &str, bytes: &[u8], options: &[&str], exit: i32, reason: &str) -> Given {
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join(name);
    fs::write(&file, bytes).expect("the file is written");
    let given = give(Command::new(wasmote()).arg("run").args(options).arg(&file).stdin(Stdio::null()));
    assert_eq!(given.exit, exit, "{name}: {}", given.stderr);
    assert!(given.stdout.is_empty(), "{name} printed {:?}", given.stdout);
    let said = given.stderr.to_lowercase();
    assert!(said.contains(&reason.to_lowercase()), "{name}: `{reason}` is not in: {said}");
    assert!(!said.contains("panicked") && !said.contains("rust_backtrace"), "{name}: {said}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("wasmote: ")).count(),
        1,
        "{name} gives one message: {said}"
    );
    given
}

fn kept(name: &str) -> Vec<u8> {
    fs::read(folder().join("prebuilt").join(name)).expect("the module is kept")
}

fn assembled(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is right")
}

#[test]
fn a_truncated_file_is_refused_at_any_length() {
    let whole = kept("hello-clang.wasm");
    for len in [0, 1, 4, 7, 9, 100, whole.len() / 2, whole.len() - 1] {
        let given = refused("cut.wasm", &whole[..len], &[], EXIT_REFUSED, "cut.wasm");
        assert!(given.stderr.lines().count() <= 3, "{}", given.stderr);
    }
}

#[test]
fn a_jpeg_named_wasm_is_refused_as_no_module() {
    let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xdb];
    refused("picture.wasm", &jpeg, &[], EXIT_REFUSED, "not a WebAssembly module");
}

#[test]
fn a_component_is_refused_as_a_component() {
    let component = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    refused("component.wasm", &component, &[], EXIT_REFUSED, "component, not a core module");
}

#[test]
fn simd_is_refused_by_name() {
    let module = assembled("(module (func (export \"_start\") (drop (v128.const i64x2 1 2))))");
    refused("vectors.wasm", &module, &[], EXIT_REFUSED, "SIMD");
}

#[test]
fn an_unknown_import_is_named() {
    let module = assembled("(module (import \"elsewhere\" \"something\" (func)) (func (export \"_start\")))");
    let given = refused("import.wasm", &module, &[], EXIT_REFUSED, "something");
    assert!(given.stderr.contains("elsewhere"), "{}", given.stderr);
}

#[test]
fn an_endless_loop_ends_when_its_fuel_does() {
    let module = assembled("(module (func (export \"_start\") (loop (br 0))))");
    for way in WAYS {
        refused("loop.wasm", &module, &[way, &["--fuel", "1000000"]].concat(), EXIT_OUT_OF_FUEL, "fuel");
    }
}

#[test]
fn recursion_without_end_traps_when_the_arena_is_full() {
    let module = assembled("(module (func $again (export \"_start\") (call $again) (call $again)))");
    for way in WAYS {
        for memory in ["4K", "64K", "16M"] {
            refused("again.wasm", &module, &[way, &["--memory", memory]].concat(), EXIT_TRAP, "stack");
        }
    }
}

#[test]
fn a_trap_tells_its_place_and_ends_with_134() {
    let module = assembled(
        "(module (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
                 (func (export \"_start\") (drop (call $divide (i32.const 0)))))",
    );
    for way in WAYS {
        let given = refused("trap.wasm", &module, way, EXIT_TRAP, "integer divide by zero");
        assert!(given.stderr.contains("divide"), "{}", given.stderr);
    }
}

#[test]
fn a_guest_that_does_not_fit_ends_for_want_of_memory() {
    refused("hello.wasm", &kept("hello-rust.wasm"), &["--memory", "1K"], EXIT_REFUSED, "out of memory");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let given = give(Command::new(wasmote()).args(["run", "/nowhere/absent.wasm"]).stdin(Stdio::null()));
    assert_eq!(given.exit, EXIT_REFUSED, "{}", given.stderr);
    assert!(given.stderr.contains("/nowhere/absent.wasm"), "{}", given.stderr);
}
