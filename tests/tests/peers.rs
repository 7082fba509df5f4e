//! Modules that other engines' decoders and validators stumbled over, each as small as it can be. The comment before a test
//! names the kind of bug. What runs is in `peers_run.rs`, what branches far in `wide_branches.rs`.

use std::time::{Duration, Instant};
use wasmote::{Engine, ErrorKind, Module, ModuleError, Phase};
use wasmote_tests::binary::{function, leb, module, section};
use wasmote_tests::embed::assemble;

/// No module here takes longer to check on the slowest machine; what is quadratic takes hours.
const PATIENCE: Duration = Duration::from_secs(30);

fn accepts(wasm: &[u8]) -> Result<(), ModuleError> {
    let mut code = vec![0; (4 << 20) + wasm.len() * 24];
    let started = Instant::now();
    let checked = Module::new(&Engine::default(), wasm, &mut code).map(drop);
    assert!(started.elapsed() < PATIENCE, "{} bytes took {:?}", wasm.len(), started.elapsed());
    checked
}

fn kind_of(text: &str) -> Result<(), ErrorKind> {
    accepts(&assemble(text)).map_err(|error| error.kind)
}

/// Time to check a module, the best of three.
fn time(wasm: &[u8]) -> Duration {
    let once = || {
        let started = Instant::now();
        accepts(wasm).unwrap_or_else(|error| panic!("{error}"));
        started.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// Asserts that a module four times as long takes less than twelve times as long: n log n does, n^2 does not.
fn is_nearly_linear(what: &str, small: &[u8], large: &[u8]) {
    let (short, long) = (time(small), time(large));
    println!("{what}: {} bytes in {short:?}, {} bytes in {long:?}", small.len(), large.len());
    assert!(long < 12 * short + Duration::from_millis(50), "{what}: {short:?}, then {long:?}");
}

/// Constant expressions evaluated without the validator's care: operands that are missing, globals that do not exist or may
/// change, more values than there is room for, no end.
#[test]
fn constant_expressions_are_typed_and_bounded() {
    let global = |expression: &str| kind_of(&format!("(module (global i32 {expression}) (func))"));
    assert_eq!(global("(i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3)))"), Ok(()));
    assert_eq!(global("i32.add"), Err(ErrorKind::StackUnderflow));
    assert_eq!(global("i32.const 1 i32.add"), Err(ErrorKind::StackUnderflow));
    assert_eq!(global("i32.const 1 i32.const 2"), Err(ErrorKind::TypeMismatch));
    assert_eq!(global(""), Err(ErrorKind::StackUnderflow));
    assert_eq!(global("i64.const 1"), Err(ErrorKind::TypeMismatch));
    assert_eq!(global("i32.const 1 i64.const 2 i32.add"), Err(ErrorKind::TypeMismatch));
    assert_eq!(global("global.get 0"), Err(ErrorKind::UnknownGlobal));
    assert_eq!(global("global.get 4294967295"), Err(ErrorKind::UnknownGlobal));
    assert_eq!(global("i32.const 1 i32.const 1 i32.div_s"), Err(ErrorKind::ConstantExpected));
    assert_eq!(global("call 0"), Err(ErrorKind::ConstantExpected));
    assert_eq!(
        kind_of("(module (import \"\" \"g\" (global (mut i32))) (global i32 (global.get 0)))"),
        Err(ErrorKind::ConstantExpected)
    );
    assert_eq!(kind_of("(module (global funcref (ref.func 1)) (func))"), Err(ErrorKind::UnknownFunction));
    assert_eq!(kind_of("(module (global funcref (ref.func 4294967295)) (func))"), Err(ErrorKind::UnknownFunction));
    // 32 values at once are our limit, and one that is named.
    let nested = |depth: usize| global(&format!("{}{}", "i32.const 1 ".repeat(depth), "i32.add ".repeat(depth - 1)));
    assert_eq!(nested(32), Ok(()));
    assert_eq!(nested(33).map_err(ErrorKind::phase), Err(Phase::Limit));
    assert_eq!(nested(100_000).map_err(ErrorKind::phase), Err(Phase::Limit));
    assert_eq!(global(&format!("i32.const 1 {}", "i32.const 1 i32.add ".repeat(100_000))), Ok(()));
    // No end: the section's end, or the module's, comes first.
    let endless = module(&[section(6, &[1, 0x7F, 0, 0x41, 1])]);
    assert_eq!(accepts(&endless).map_err(|error| error.kind), Err(ErrorKind::UnexpectedEnd));
}

/// An operand taken from below the innermost block, where the blocks of `else` and `loop` begin or after a block in which
/// the stack was of any type.
#[test]
fn no_operand_is_taken_from_below_a_block() {
    for body in [
        "i32.const 7 loop drop end",
        "i32.const 7 block drop end",
        "i32.const 7 i32.const 1 if drop end",
        "i32.const 7 i32.const 1 if else drop end",
        "i32.const 7 i32.const 1 if i32.const 1 drop else drop end",
        "i32.const 1 if unreachable else drop end",
        "i32.const 1 if unreachable else i32.add drop end",
        "i32.const 1 if (result i32) unreachable else end drop",
        "block unreachable end drop",
        "loop unreachable end drop",
        "loop br 0 end i32.eqz drop",
        "loop (param i32) drop end",
        "block (param i32) drop end",
        "i32.const 1 if (param i32) drop else drop end",
        "i32.const 7 loop (param i32) drop drop end",
        "block (result i32) end drop",
        "loop (result i32) end drop",
        "i32.const 7 loop (result i32) end drop drop",
        "i32.const 7 block br 0 i32.const 1 drop end i32.add drop",
        "block (result i32) br 0 end drop",
        "block (result i32) i32.const 0 br_if 0 end drop",
        "block (result i32) i32.const 0 br_table 0 end drop",
        "loop (param i32) drop br 0 end",
    ] {
        assert_eq!(kind_of(&format!("(module (func {body}))")), Err(ErrorKind::StackUnderflow), "{body}");
    }
    for body in [
        "i32.const 7 loop drop end unreachable",
        "unreachable i32.add drop",
        "i32.const 1 if unreachable i32.add drop else end",
    ] {
        let expected = if body.starts_with("i32.const 7") { Err(ErrorKind::StackUnderflow) } else { Ok(()) };
        assert_eq!(kind_of(&format!("(module (func {body}))")), expected, "{body}");
    }
    assert_eq!(kind_of("(module (func i32.const 7 i32.const 1 if else end drop))"), Ok(()));
}

/// `else` that belongs to nothing. The text format does not know it.
#[test]
fn an_else_needs_an_if() {
    for body in [[0, 0x05, 0x0B].as_slice(), &[0, 0x02, 0x40, 0x05, 0x0B, 0x0B], &[0, 0x03, 0x40, 0x05, 0x0B, 0x0B]] {
        assert_eq!(accepts(&function(body)).map_err(|error| error.kind), Err(ErrorKind::ElseWithoutIf), "{body:02x?}");
    }
    let twice = [0, 0x41, 1, 0x04, 0x40, 0x05, 0x05, 0x0B, 0x0B];
    assert_eq!(accepts(&function(&twice)).map_err(|error| error.kind), Err(ErrorKind::ElseWithoutIf));
}

/// Locals that are allocated before they are counted, or counted in 16 or 32 bits. The limit of 16 383 slots is ours; its error
/// points into the function's locals.
#[test]
fn many_locals_meet_a_limit_with_a_name() {
    let locals = |groups: &[(u64, u8)]| {
        let groups_bytes = groups.iter().flat_map(|(count, ty)| [leb(*count), vec![*ty]].concat());
        let mut body = leb(groups.len() as u64);
        body.extend(groups_bytes);
        body.push(0x0B);
        let wasm = function(&body);
        let start = wasm.len() - body.len();
        accepts(&wasm).map_err(|error| {
            let range = start..wasm.len();
            assert!(range.contains(&(error.offset as usize)), "{error} is not in the function, {range:x?}");
            error.kind
        })
    };
    assert_eq!(locals(&[(16_383, 0x7F)]), Ok(()));
    assert_eq!(locals(&[(16_384, 0x7F)]), Err(ErrorKind::FrameTooLarge));
    assert_eq!(locals(&[(8191, 0x7E)]), Ok(()));
    assert_eq!(locals(&[(8192, 0x7E)]), Err(ErrorKind::FrameTooLarge));
    assert_eq!(locals(&[(8191, 0x7C), (1, 0x7F)]), Ok(()));
    assert_eq!(locals(&[(50_000, 0x7F)]), Err(ErrorKind::FrameTooLarge));
    assert_eq!(locals(&[(0xFFFF_FFFF, 0x7F)]), Err(ErrorKind::FrameTooLarge));
    assert_eq!(locals(&[(1, 0x7F), (0xFFFF_FFFF, 0x7F)]), Err(ErrorKind::TooManyLocals));
    assert_eq!(locals(&[(0x8000_0000, 0x7E), (0x8000_0000, 0x7E)]), Err(ErrorKind::TooManyLocals));
    assert_eq!(locals(&[(0x1_0000_0001, 0x7F)]), Err(ErrorKind::LebTooLarge));
    assert_eq!(locals(&[(0, 0x7F); 1000]), Ok(()));
    // Operands count as locals do.
    let deep =
        |count: usize| kind_of(&format!("(module (func {} {}))", "i32.const 1 ".repeat(count), "drop ".repeat(count)));
    assert_eq!(deep(16_383), Ok(()));
    assert_eq!(deep(16_384), Err(ErrorKind::FrameTooLarge));
}

/// Blocks nested so deeply that a recursive validator overflows its stack, or one that copies its stack is quadratic.
#[test]
fn blocks_nest_in_linear_time() {
    let nested = |kind: u8, depth: usize| {
        let body = [vec![0], [kind, 0x40].repeat(depth), vec![0x0B; depth + 1]].concat();
        function(&body)
    };
    let ifs = |depth: usize| {
        let body = [vec![0], [0x41, 1, 0x04, 0x40].repeat(depth), [0x05, 0x0B].repeat(depth), vec![0x0B]].concat();
        function(&body)
    };
    for kind in [0x02, 0x03] {
        accepts(&nested(kind, 3_457)).unwrap_or_else(|error| panic!("{error}"));
        is_nearly_linear("nested blocks", &nested(kind, 25_000), &nested(kind, 100_000));
    }
    is_nearly_linear("nested ifs", &ifs(25_000), &ifs(100_000));
    // A branch from the innermost to each.
    let branches = |depth: usize| {
        let tests = (0..depth as u64).flat_map(|label| [vec![0x41, 0, 0x0D], leb(label)].concat());
        let body = [vec![0], [0x02, 0x40].repeat(depth), tests.collect(), vec![0x0B; depth + 1]].concat();
        function(&body)
    };
    is_nearly_linear("branches out of nested blocks", &branches(5_000), &branches(20_000));
}

/// Duplicates among exports found by comparing each with each.
#[test]
fn exports_are_compared_in_nearly_linear_time() {
    let exports = |count: usize| {
        let names = (0..count).map(|n| format!("(export \"export number {n}\" (func 0))"));
        assemble(&format!("(module (func) {})", names.collect::<String>()))
    };
    is_nearly_linear("exports", &exports(25_000), &exports(100_000));
    // Names that are one another's beginnings, and long.
    let nested = |count: usize| {
        let entries = (0..count).flat_map(|n| [leb(n as u64), vec![b'a'; n], vec![0, 0]].concat());
        let content: Vec<u8> = leb(count as u64).into_iter().chain(entries).collect();
        let code = [1, 2, 0, 0x0B];
        module(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(7, &content), section(10, &code)])
    };
    println!("2000 names that begin with one another: {:?}", time(&nested(2000)));
}

/// `br_table` in which each label's types are checked against each operand: 10 000 labels of 1000 results.
#[test]
fn a_jump_table_of_many_labels_with_many_results() {
    let table = |labels: usize, results: usize| {
        let ty = [vec![2, 0x60, 0, 0, 0x60, 0], leb(results as u64), vec![0x7F; results]].concat();
        let values = [0x41, 0].repeat(results + 1);
        let targets = [vec![0x0E], leb(labels as u64), vec![0; labels + 1]].concat();
        let drops = vec![0x1A; results];
        let body = [vec![0, 0x02, 1], values, targets, vec![0x0B], drops, vec![0x0B]].concat();
        let code = [&[1], leb(body.len() as u64).as_slice(), &body].concat();
        module(&[section(1, &ty), section(3, &[1, 0]), section(10, &code)])
    };
    let (labels, results) = (time(&table(10_000, 1)), time(&table(1, 1000)));
    let both = time(&table(10_000, 1000));
    println!("10 000 labels {labels:?}, 1000 results {results:?}, both {both:?}");
    assert!(both < 10 * (labels + results) + Duration::from_millis(5), "labels times results: {both:?}");
}

/// Code that is left over from a function that breaks off: what comes after it in the prepared module would not be aligned.
#[test]
fn a_function_that_breaks_off_is_refused() {
    for declared in [0x7Eu8, 0x7F, 0x70] {
        let first = [0x01, 0x01, declared, 0x0B];
        for second in [&[0x01, 0x0A, 0x9F, 0x9F, 0x9F][..], &[0x00, 0x41], &[0x00, 0x10], &[0x00, 0x0C, 0x80]] {
            for count in [2, 3] {
                let types = section(1, &[1, 0x60, 0, 0]);
                let funcs = section(3, &[[count].as_slice(), &vec![0; usize::from(count)]].concat());
                let mut bodies = vec![count];
                for body in [&first[..], second] {
                    bodies.push(body.len() as u8);
                    bodies.extend(body);
                }
                let wasm = module(&[types, funcs, section(10, &bodies)]);
                accepts(&wasm).expect_err("a body ends within an instruction");
                for len in 0..wasm.len() {
                    accepts(&wasm[..len]).map(drop).unwrap_or_default();
                }
            }
        }
    }
}

/// Counts that promise 2^32 - 1 elements: room is taken for them, or the loop over them is long.
#[test]
fn counts_that_lie_are_refused_at_once() {
    const LIE: [u8; 5] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    let lie = |before: &[u8]| [before, &LIE].concat();
    let types = section(1, &[1, 0x60, 0, 0]);
    let funcs = [types.clone(), section(3, &[1, 0])].concat();
    let code = |body: &[u8]| section(10, &[&[1], leb(body.len() as u64).as_slice(), body].concat());
    let mut modules: Vec<(String, Vec<u8>)> = Vec::new();
    for id in 0..=12u8 {
        modules.push((format!("section {id}"), module(&[section(id, &LIE)])));
        modules.push((format!("size of section {id}"), module(&[[&[id], LIE.as_slice(), &[0]].concat()])));
    }
    let mut add = |what: &str, sections: &[Vec<u8>]| modules.push((what.into(), module(sections)));
    add("parameters", &[section(1, &lie(&[1, 0x60]))]);
    add("results", &[section(1, &lie(&[1, 0x60, 0]))]);
    add("import's module", &[section(2, &lie(&[1]))]);
    add("import's name", &[section(2, &lie(&[1, 0]))]);
    add("export's name", &[section(7, &lie(&[1]))]);
    add("functions without code", &[types.clone(), section(3, &LIE)]);
    add("segment's functions", &[funcs.clone(), section(9, &lie(&[1, 1, 0]))]);
    add("segment's expressions", &[funcs.clone(), section(9, &lie(&[1, 5, 0x70]))]);
    add("code bodies", &[funcs.clone(), section(10, &LIE)]);
    add("body's size", &[funcs.clone(), section(10, &lie(&[1]))]);
    add("groups of locals", &[funcs.clone(), code(&LIE)]);
    add("labels", &[funcs.clone(), code(&[[0, 0x41, 0, 0x0E].as_slice(), &LIE, &[0, 0x0B]].concat())]);
    add("select's types", &[funcs.clone(), code(&[[0, 0x1C].as_slice(), &LIE, &[0x7F, 0x0B]].concat())]);
    add("label", &[funcs.clone(), code(&[[0, 0x0C].as_slice(), &LIE, &[0x0B]].concat())]);
    add("local", &[funcs.clone(), code(&[[0, 0x20].as_slice(), &LIE, &[0x1A, 0x0B]].concat())]);
    add("function", &[funcs.clone(), code(&[[0, 0x10].as_slice(), &LIE, &[0x0B]].concat())]);
    add("type", &[funcs.clone(), code(&[[0, 0x41, 0, 0x11].as_slice(), &LIE, &[0, 0x0B]].concat())]);
    add("data's bytes", &[section(5, &[1, 0, 1]), section(11, &lie(&[1, 1]))]);
    add("data count", &[section(12, &LIE), section(11, &[0])]);
    add("start", &[funcs.clone(), section(8, &LIE), code(&[0, 0x0B])]);
    add("function's type", &[types, section(3, &lie(&[1]))]);
    for (what, wasm) in &modules {
        let started = Instant::now();
        // Less room than any of these could fill.
        let checked = Module::new(&Engine::default(), wasm, &mut [0; 16 << 10]).map(drop);
        let error = checked.expect_err(what);
        assert_ne!(error.kind.phase(), Phase::Limit, "{what}: {error}");
        assert!(started.elapsed() < Duration::from_secs(1), "{what} took {:?}", started.elapsed());
    }
    // Only this may be as great as it likes: a maximum that is never reached.
    assert_eq!(accepts(&module(&[section(4, &lie(&[1, 0x70, 1, 0]))])), Ok(()));
}
