//! What the emulated chip is asked beside the examples: times of edges, serial input, and how the firmware tells
//! of guests that end badly.

use super::super::FIRMWARE_STACK_BYTES;
use super::{Counts, Pico, figures, with_call};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;
use wasmote_tests::rp2040::Said;

/// A check: what it is called, and what it does.
type Check = (&'static str, fn(&Pico) -> Result<String>);

const CHECKS: [Check; 12] = [
    ("edges of blinky are 500 ms apart, and the chip sleeps between them", edges),
    ("a guest reads what is typed", typing),
    ("an export is called on a pin's edge", edge_calls),
    ("a guest reads what is typed on USB, and a terminal there sees it", usb),
    ("a trap is told with its place", trap),
    ("a guest that never ends is stopped by its fuel, and the watchdog is fed meanwhile", fuel),
    ("a firmware that stands still is bitten by the watchdog", still),
    ("what is not granted is named", refused),
    ("a guest reads a bundled file and writes to one in RAM, which the next guest reads", files),
    ("what a firmware without files cannot give is named", no_files),
    ("two modules run one after the other", two),
    ("a firmware without modules says how to get one", empty),
];

/// How exact the times of a sleeping guest are: an interrupt, a call and a few thousand instructions.
const EXACT_NS: u64 = 300_000;

/// Runs all checks.
pub(super) fn run(pico: &Pico, counts: &mut Counts) {
    for (name, check) in CHECKS {
        counts.add(name, check(pico));
    }
}

impl Pico {
    /// Runs a module that is given as text, with its manifest.
    fn run_text(&self, name: &str, wat: &str, manifest: &str, typing: &[(&str, &str)]) -> Result<Said> {
        let directory = tempfile::tempdir()?;
        let module = directory.path().join(format!("{name}.wat"));
        fs::write(&module, wat)?;
        fs::write(directory.path().join(format!("{name}.toml")), format!("module = {name:?}\n{manifest}"))?;
        self.run(&[module], "", typing)
    }
}

/// The native stack was no more than may be.
pub(super) fn stack(said: &Said) -> Result<()> {
    let bytes = said.counts.get("stack").copied().unwrap_or(u64::MAX);
    ensure!(bytes < FIRMWARE_STACK_BYTES, "{bytes} bytes of native stack");
    Ok(())
}

fn example(name: &str) -> PathBuf {
    crate::setup::process::root().join(format!("wasi-embedded/guest/examples/{name}.wasm"))
}

/// The firmware said this.
fn heard(said: &Said, note: &str) -> Result<()> {
    ensure!(said.notes.iter().any(|(_, text)| text.contains(note)), "{note:?} was not said, but {:?}", said.notes);
    Ok(())
}

fn edges(pico: &Pico) -> Result<String> {
    let said = pico.run(&[example("blinky")], "at 3s stop", &[])?;
    let times: Vec<u64> = said.lines.iter().filter(|line| line.1.starts_with("led0")).map(|line| line.0).collect();
    ensure!(times.len() == 6, "{} edges", times.len());
    let worst = times.windows(2).map(|pair| (pair[1] - pair[0]).abs_diff(500_000_000)).max().context("edges")?;
    ensure!(worst <= EXACT_NS, "{worst} ns away from 500 ms");
    stack(&said)?;
    let of = |name: &str| said.counts.get(name).copied().unwrap_or(0);
    let (sleeps, slept_us, total_us) = (of("sleeps"), of("slept_us"), of("total_us"));
    ensure!(sleeps >= 6 && slept_us * 100 >= total_us * 99, "{sleeps} sleeps, {slept_us} of {total_us} us");
    Ok(format!("at most {worst} ns away; {}", figures(&said)))
}

/// The watchdog's period and the longest that the firmware's last meal was ago, in microseconds.
const BITE_US: std::ops::RangeInclusive<u64> = 1_400_000..=2_100_000;

fn still(pico: &Pico) -> Result<String> {
    const AFTER_S: u32 = 3;
    let records = crate::bundle::records(&with_call(&[example("blinky")], None)?)?;
    let said = pico.run_still(&records, AFTER_S)?;
    ensure!(said.bitten, "it did not bite");
    let micros = said.counts.get("total_us").copied().unwrap_or(0).saturating_sub(u64::from(AFTER_S) * 1_000_000);
    ensure!(BITE_US.contains(&micros), "it bit {micros} us after the core stood still");
    Ok(format!("{} ms after it stood still", micros / 1000))
}

/// Reads from descriptor 0 and writes what it got to descriptor 1, until that ends in a full stop.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\06\00\00\00") (data (i32.const 32) "ready\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (loop $more
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 16))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (i32.store (i32.const 4) (i32.load (i32.const 16)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 20)))
      (br_if $more (i32.ne (i32.const 46)
        (i32.load8_u (i32.add (i32.const 63) (i32.load (i32.const 16)))))))))"#;

fn typing(pico: &Pico) -> Result<String> {
    let said = pico.run_text("echo", ECHO, "memory = \"4K\"\n", &[("ready", "typed\nand more\n.")])?;
    let text: Vec<&str> = said.lines.iter().filter_map(|line| line.1.strip_prefix("serial")).map(str::trim).collect();
    // What the guest says last ends no line, so that the firmware's own words follow in the same one.
    let expected = ["ready", "typed", "and more", ".wasmote: echo finished"];
    ensure!(text.iter().map(|line| line.trim_end_matches('\u{fffd}')).eq(expected), "{text:?}, {:?}", said.notes);
    Ok(figures(&said))
}

/// A reactor that says a line at each call, and reads no pin itself.
const PRESSED: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\08\00\00\00") (data (i32.const 32) "pressed\n")
  (func (export "pressed") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

fn edge_calls(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let module = directory.path().join("doorbell.wat");
    fs::write(&module, PRESSED)?;
    fs::write(
        directory.path().join("doorbell.toml"),
        "module = \"doorbell\"\n[digital]\nbutton = { direction = \"in\", pull = \"up\" }\n",
    )?;
    let script = "at 500ms button press\nafter 80ms button release\nat 1s button press\nat 1.2s stop";
    let said = pico.run_args(&with_call(&[module], Some("pressed=button:falling"))?, script, &[])?;
    let times: Vec<u64> = said
        .lines
        .iter()
        .filter(|line| line.1.contains("pressed") && line.1.starts_with("serial"))
        .map(|line| line.0)
        .collect();
    let [first, second] = times.as_slice() else { anyhow::bail!("{} calls, and {:?}", times.len(), said.notes) };
    // A line of eight bytes takes 0.7 ms.
    let late = first.saturating_sub(500_000_000).max(second.saturating_sub(1_000_000_000));
    ensure!(*first > 500_000_000 && late < 2_000_000, "at {first} and {second} ns");
    Ok(format!("two calls; {}", figures(&said)))
}

fn usb(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let module = directory.path().join("echo.wat");
    fs::write(&module, ECHO)?;
    let records = crate::bundle::records(&with_call(&[module], None)?)?;
    let said = pico.run_on_usb(&records, &[("ready", "over USB\n.")])?;
    let text = String::from_utf8_lossy(&said.usb);
    // What was said before there was a terminal is lost there.
    ensure!(text.starts_with("over USB\n.wasmote: echo finished\r\n"), "USB said {text:?}");
    ensure!(said.lines.iter().any(|line| line.1.contains("over USB")), "the UART did not say it too");
    Ok(format!("{} bytes", said.usb.len()))
}

fn trap(pico: &Pico) -> Result<String> {
    let wat = r#"(module (func $inner unreachable) (func (export "_start") (call $inner)))"#;
    let said = pico.run_text("broken", wat, "", &[])?;
    heard(&said, "broken trapped: unreachable")?;
    heard(&said, "in function 0 (inner) at 0x")?;
    heard(&said, "in function 1 (?) at 0x")?;
    stack(&said)?;
    Ok(format!("with function and offset; {}", figures(&said)))
}

fn refused(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let module = directory.path().join("blinky.wasm");
    fs::copy(example("blinky"), &module)?;
    fs::write(directory.path().join("blinky.toml"), "module = \"blinky\"\n")?;
    let said = pico.run(&[module], "at 1s stop", &[])?;
    heard(&said, "led0: not granted (module blinky)")?;
    ensure!(!said.lines.iter().any(|line| line.1.starts_with("led0")), "the LED was driven");
    Ok("and the pin stays undriven".to_owned())
}

fn fuel(pico: &Pico) -> Result<String> {
    let wat = r#"(module (func (export "_start") (loop $for_ever (br $for_ever))))"#;
    let said = pico.run_text("endless", wat, "fuel = 20_000_000\n", &[])?;
    heard(&said, "endless has used up its fuel")?;
    let micros = said.counts.get("total_us").copied().unwrap_or(0);
    // Longer than the watchdog's period of two seconds, or it proves nothing.
    ensure!(micros > 2_200_000, "it took {micros} us");
    Ok(format!("{} ms", micros / 1000))
}

/// Reads the file `it` of the directory of descriptor 4 and writes it to descriptor 1; if COPIES is 1, it makes it before that with what
/// the file `data/hello` of descriptor 3 holds. It ends with the errno that it meets.
const READER: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "data/hello") (data (i32.const 96) "copies/it") (data (i32.const 128) "data/new")
  (func $must (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
  (func $buffer (param i32) (i32.store (i32.const 0) (i32.const 512)) (i32.store (i32.const 4) (local.get 0)))
  ;; Reads up to 100 bytes of a file; how many there were.
  (func $get (param $fd i32) (result i32)
    (call $buffer (i32.const 100))
    (call $must (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))
  (func $put (param $fd i32) (param $len i32)
    (call $buffer (local.get $len))
    (call $must (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") (local $fd i32)
    (if (i32.const COPIES) (then
      (call $must (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 10) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))
      (local.set $fd (call $get (i32.load (i32.const 12))))
      ;; Nothing can be made among the bundled files.
      (if (i32.eqz (call $open (i32.const 3) (i32.const 1) (i32.const 128) (i32.const 8) (i32.const 1)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12))) (then (call $exit (i32.const 200))))
      (call $must (call $open (i32.const 4) (i32.const 1) (i32.const 103) (i32.const 2) (i32.const 1)
        (i64.const 70) (i64.const 0) (i32.const 0) (i32.const 12)))
      (call $put (i32.load (i32.const 12)) (local.get $fd))
      (call $must (call $seek (i32.load (i32.const 12)) (i64.const 0) (i32.const 0) (i32.const 16))))
    (else
      (call $must (call $open (i32.const 4) (i32.const 1) (i32.const 103) (i32.const 2) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))))
    (call $put (i32.const 1) (call $get (i32.load (i32.const 12))))))"#;

/// The two modules, their manifest and their bundled file.
fn readers(directory: &std::path::Path) -> Result<crate::bundle::ModuleArgs> {
    let mut args = crate::bundle::ModuleArgs::default();
    for (name, copies) in [("writer", "1"), ("reader", "0")] {
        let module = directory.join(name).with_extension("wat");
        fs::write(&module, READER.replace("COPIES", copies))?;
        let directories = "[directories]\n\"/\" = \"read\"\n\"/tmp/x\" = \"write\"\n";
        fs::write(module.with_extension("toml"), format!("module = {name:?}\n{directories}"))?;
        args.modules.push(module);
    }
    let file = directory.join("hello");
    fs::write(&file, "from flash\n")?;
    args.files.push(format!("{}::/data/hello", file.display()));
    Ok(args)
}

fn files(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let records = crate::bundle::records(&readers(directory.path())?)?;
    let said = pico.run_files(&records, 1)?;
    let text: Vec<&str> = said.lines.iter().filter_map(|line| line.1.strip_prefix("serial")).map(str::trim).collect();
    ensure!(text == ["from flash", "from flash"], "{text:?}, {:?}", said.notes);
    heard(&said, "writer finished")?;
    heard(&said, "reader finished")?;
    stack(&said)?;
    Ok(figures(&said))
}

fn no_files(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let records = crate::bundle::records(&readers(directory.path())?)?;
    let said = pico.run_until(&records, 1)?;
    heard(&said, "writer: / is asked for, and this firmware has no files")?;
    heard(&said, "writer exited with 8")?;
    Ok("and the guest gets BADF".to_owned())
}

fn two(pico: &Pico) -> Result<String> {
    let directory = tempfile::tempdir()?;
    let modules = ["first", "second"].map(|name| directory.path().join(format!("{name}.wat")));
    for module in &modules {
        fs::write(module, r#"(module (func (export "_start")))"#)?;
    }
    let records =
        crate::bundle::records(&crate::bundle::ModuleArgs { modules: modules.to_vec(), ..Default::default() })?;
    let said = pico.run_until(&records, 1)?;
    heard(&said, "first finished")?;
    heard(&said, "second finished")?;
    Ok(String::from("both finished"))
}

fn empty(pico: &Pico) -> Result<String> {
    let said = pico.run_until(&[], 1)?;
    heard(&said, "cargo xtask flash pico --module FILE")?;
    Ok(String::from("it does"))
}
