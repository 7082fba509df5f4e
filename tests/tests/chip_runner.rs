//! The chip's half of the core tests, run on this machine: it counts what the computer's own runner counts, and it tells
//! when an engine's answer is wrong.

use wasmote::Dispatch;
use wasmote_chip::runner::{self, Counts, Failure, Observer};
use wasmote_chip::{Head, open};
use wasmote_tests::conformance::{compile, is_skipped, official, run_folder, setups};

/// What the smaller of the emulated machines lends.
const MEMORY_BYTES: usize = 14 << 20;

#[derive(Default)]
struct Told(Vec<String>);

impl Observer for Told {
    fn failed(&mut self, line: u32, failure: &Failure<'_>) {
        self.0.push(format!("{line}: {failure:?}"));
    }
    fn skipped(&mut self, line: u32) {
        self.0.push(format!("{line}: skipped"));
    }
}

fn run(image: &[u8], memory_bytes: usize) -> (Counts, Vec<String>) {
    let (head, steps) = open(image).expect("an image of ours");
    let Head::Script(settings) = head else { panic!("not a script") };
    let (mut memory, mut told) = (vec![0; memory_bytes], Told::default());
    let counts = runner::run(settings, steps, &mut memory, &mut told);
    (counts, told.0)
}

#[test]
fn the_official_tests_count_as_on_the_computer() {
    for folder in official() {
        let mut passed = 0;
        for (name, text) in folder.scripts.iter().filter(|(name, _)| !is_skipped(&folder.name, name)) {
            let script = compile(&folder.name, text).unwrap_or_else(|why| panic!("{}/{name}:{why}", folder.name));
            let (counts, told) = run(&script.image, MEMORY_BYTES);
            assert_eq!((counts.failed, counts.skipped), (0, 0), "{}/{name}: {told:?}", folder.name);
            assert_eq!(counts.passed as usize, script.assertions, "{}/{name}", folder.name);
            passed += counts.passed as usize + script.of_text;
        }
        let host = run_folder(&folder, &setups(&[Dispatch::Loop], &[true], &[None]));
        assert_eq!(passed, host.passed, "{}", folder.name);
    }
}

#[test]
fn wrong_expectations_fail_each_with_its_line() {
    let text = r#"(module (func (export "f") (param i32) (result i32) (i32.div_u (i32.const 6) (local.get 0)))
  (func (export "nan") (result f32) (f32.const nan:0x200000)))
(assert_return (invoke "f" (i32.const 2)) (i32.const 3))
(assert_return (invoke "f" (i32.const 2)) (i32.const 4))
(assert_trap (invoke "f" (i32.const 0)) "integer divide by zero")
(assert_trap (invoke "f" (i32.const 0)) "unreachable")
(assert_trap (invoke "f" (i32.const 1)) "integer divide by zero")
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_return (invoke "f" (i32.const 1)))
(assert_invalid (module (func)) "type mismatch")
(assert_unlinkable (module (func)) "unknown import")
(assert_exhaustion (invoke "f" (i32.const 1)) "call stack exhausted")
(assert_return (invoke "absent"))"#;
    let (counts, told) = run(&compile("none", text).expect("a script").image, 1 << 16);
    let lines: Vec<u32> = told.iter().filter_map(|line| line.split_once(':')?.0.parse().ok()).collect();
    assert_eq!(lines, [4, 6, 7, 8, 9, 10, 11, 12, 13], "{told:?}");
    assert_eq!((counts.passed, counts.failed, counts.skipped), (2, 9, 0));
}

#[test]
fn what_does_not_fit_is_skipped_and_not_passed() {
    let text = r#"(module (memory 1) (data (i32.const 0) "begin") (data (i32.const 60000) "end")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))))
(assert_return (invoke "load" (i32.const 0)) (i32.const 98))
(assert_return (invoke "fill"))
(assert_return (invoke "load" (i32.const 0)) (i32.const 7))"#;
    let image = compile("none", text).expect("a script").image;
    assert_eq!(run(&image, 1 << 20).0, Counts { passed: 3, failed: 0, skipped: 0 });
    assert_eq!(run(&image, 12 << 10).0, Counts { passed: 1, failed: 0, skipped: 2 });
}

#[test]
fn a_broken_image_is_an_error() {
    let image = compile("none", "(module)\n(assert_invalid (module (func i32.add)) \"type mismatch\")")
        .expect("a script")
        .image;
    assert!(open(&image[..image.len() - 1]).is_none());
    let mut cut = image[4..image.len() - 3].to_vec();
    let len = cut.len() as u32;
    cut.splice(0..0, len.to_le_bytes());
    assert_eq!(run(&cut, 1 << 16).0.failed, 1);
}
