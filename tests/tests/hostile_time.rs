//! Modules made to take long: each asks for something that is quickly done once, as often as its bytes allow. Checking one takes
//! time in proportion to its length, or n log n, whatever it holds.

use std::time::{Duration, Instant};
use wasmote::{Engine, ErrorKind, ExternType, Module, ModuleError, Phase};
use wasmote_tests::binary::{code, function, leb, module, section, types};

fn check<R>(wasm: &[u8], look: impl Fn(&Module<'_>) -> R) -> Result<R, ModuleError> {
    let mut memory = vec![0; (4 << 20) + wasm.len() * 24];
    Module::new(&Engine::default(), wasm, &mut memory).map(|module| look(&module))
}

/// Time to check a module and look at it, the best of five.
fn time(wasm: &[u8], look: fn(&Module<'_>)) -> Duration {
    let once = || {
        let started = Instant::now();
        check(wasm, look).unwrap_or_else(|error| panic!("{error}"));
        started.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}

/// Asserts that a module four times as long takes less than ten times as long: n log n does, n^2 does not.
fn is_nearly_linear(what: &str, make: impl Fn(usize) -> Vec<u8>, size: usize, look: fn(&Module<'_>)) {
    let (small, large) = (make(size), make(size * 4));
    let (short, long) = (time(&small, look), time(&large, look));
    println!("{what}: {} bytes in {short:?}, {} bytes in {long:?}", small.len(), large.len());
    assert!(long < 10 * short + Duration::from_millis(20), "{what}: {short:?}, then {long:?}");
}

/// Labels of two long types in turn: neither is the one that was checked last.
#[test]
fn a_jump_table_whose_labels_alternate_between_long_types() {
    let table = |size: usize| {
        let results = 60;
        // Two types with the same results, so that both blocks fit all labels.
        let ty = section(1, &types(&[(0, 0), (0, results), (1, results)]));
        let labels: Vec<u8> = (0..=size * 20).map(|label| (label % 2) as u8).collect();
        let body = [
            vec![0, 0x41, 0, 0x02, 2, 0x1A, 0x02, 1],
            [0x41, 0].repeat(results + 1),
            [vec![0x0E], leb(size as u64 * 20), labels].concat(),
            vec![0x0B, 0x0B],
            vec![0x1A; results],
            vec![0x0B],
        ];
        module(&[ty, section(3, &[1, 0]), section(10, &code(&body.concat()))])
    };
    is_nearly_linear("labels of two types", table, 2000, |_| ());
    // Each of the labels costs as much as one of a short type would.
    let both = time(&table(8000), |_| ());
    assert!(both < Duration::from_millis(400), "160 000 labels of 60 results: {both:?}");
}

/// The checks of a `br_table` that are left out are those that were made: a label of another type is still found.
#[test]
fn a_jump_table_with_one_label_of_another_type_is_refused() {
    for results in [1, 15, 16, 40] {
        for wrong in 0..6 {
            let label = |ty: u8| [vec![0x60, 0], leb(results as u64), vec![ty; results]].concat();
            let ty = [vec![3, 0x60, 0, 0], label(0x7F), label(0x7E)].concat();
            // The inner block has 32-bit results, the outer one 64-bit ones.
            let labels: Vec<u8> = (0..6).map(|at| u8::from(at == wrong)).collect();
            let body = [
                vec![0, 0x02, 2, 0x02, 1],
                [0x41, 0].repeat(results + 1),
                [vec![0x0E, 5], labels].concat(),
                vec![0x0B, 0x00, 0x0B, 0x00, 0x0B],
            ];
            let wasm = module(&[section(1, &ty), section(3, &[1, 0]), section(10, &code(&body.concat()))]);
            let error = check(&wasm, |_| ()).expect_err("a label of another type");
            assert_eq!(error.kind, ErrorKind::TypeMismatch, "{results} results, label {wrong}");
        }
    }
}

/// Types that a hash without a secret would put in the same place, and types that differ in their last value only.
#[test]
fn equal_types_are_found_in_nearly_linear_time() {
    let many = |count: usize| {
        // Each type is a number of 16 digits, the digits being types of values.
        let one = |number: usize| {
            let digits = (0..16).map(|digit| if number >> digit & 1 == 1 { 0x7F } else { 0x7E });
            [vec![0x60, 16], digits.collect(), vec![0]].concat()
        };
        module(&[section(1, &leb(count as u64).into_iter().chain((0..count).flat_map(one)).collect::<Vec<u8>>())])
    };
    is_nearly_linear("types", many, 15_000, |_| ());
    let equal = |count: usize| {
        let one = [0x60, 3, 0x7F, 0x7E, 0x7D, 1, 0x7C];
        module(&[section(1, &[leb(count as u64), one.repeat(count)].concat())])
    };
    is_nearly_linear("equal types", equal, 15_000, |_| ());
}

/// Operands that all stand for the same local, and are written to their slots one after another.
#[test]
fn operands_that_stand_for_one_local_are_settled_in_linear_time() {
    let gets = |count: usize| {
        let once = [[0x20, 0].repeat(4000), vec![0x02, 0x40, 0x0B], vec![0x1A; 4000]].concat();
        function(&[vec![1, 1, 0x7F], once.repeat(count / 4000), vec![0x0B]].concat())
    };
    is_nearly_linear("operands of one local", gets, 40_000, |_| ());
    let all = |count: usize| {
        function(
            &[vec![1, 1, 0x7F], [0x20, 0].repeat(count), vec![0x02, 0x40, 0x0B], vec![0x1A; count], vec![0x0B]]
                .concat(),
        )
    };
    is_nearly_linear("as many operands as a frame has slots", all, 4_000, |_| ());
}

/// Exports of memories and tables, whose types are asked for one by one, behind very many imports.
#[test]
fn exports_are_told_in_linear_time() {
    let exports = |count: usize| {
        let import = [1, b'm', 1, b'f', 0, 0];
        let imports = [leb(count as u64), import.repeat(count)].concat();
        let export = |n: usize| [leb(8), format!("{n:08}").into_bytes(), vec![1 + (n % 2) as u8, 0]].concat();
        let content: Vec<u8> = leb(count as u64).into_iter().chain((0..count).flat_map(export)).collect();
        let (table, memory) = ([1, 0x70, 0, 3], [1, 1, 1, 2]);
        let types = section(1, &types(&[(0, 0)]));
        module(&[types, section(2, &imports), section(4, &table), section(5, &memory), section(7, &content)])
    };
    is_nearly_linear("exports", exports, 10_000, |module| {
        let kinds = module.exports().fold([0; 2], |[tables, memories], export| match export.ty {
            ExternType::Table(ty) => [tables + u64::from(ty.minimum), memories],
            ExternType::Memory(ty) => [tables, memories + ty.maximum.unwrap_or(0)],
            _ => [tables, memories],
        });
        let each = module.imports().count() as u64 / 2;
        assert_eq!(kinds, [each * 3, each * 2]);
    });
}

/// What each use of takes time in proportion to itself has a limit, and the limit a name.
#[test]
fn long_types_and_many_memories_are_beyond_limits() {
    let long = |params: usize, results: usize| {
        check(&module(&[section(1, &types(&[(params, results)]))]), |_| ()).map_err(|error| error.kind)
    };
    assert_eq!([long(1000, 0), long(0, 1000), long(1000, 1000)], [Ok(()); 3]);
    assert_eq!([long(1001, 0), long(0, 1001)], [Err(ErrorKind::LongType); 2]);
    let memories = |count: usize| [leb(count as u64), [0, 0].repeat(count)].concat();
    let tables = |count: usize| [leb(count as u64), [0x70, 0, 0].repeat(count)].concat();
    for (count, fits) in [(100, true), (101, false)] {
        for wasm in [module(&[section(4, &tables(count))]), module(&[section(5, &memories(count))])] {
            let phase = check(&wasm, |_| ()).map_err(|error| error.kind.phase());
            assert_eq!(phase, if fits { Ok(()) } else { Err(Phase::Limit) });
        }
    }
}
