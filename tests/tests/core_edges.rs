//! The core at its edges, through its public interface: what bugs of other engines were made of, host calls that take
//! their time, and every byte of a module changed.

use wasmote::{Engine, Extern, FuncType, Module, Outcome, Store, Trap, Val, ValType};

const ROOM: usize = 4 << 20;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is a module")
}

fn accepts(wasm: &[u8]) -> Result<(), wasmote::ModuleError> {
    Module::new(&Engine::default(), wasm, &mut vec![0; ROOM + wasm.len() * 16]).map(drop)
}

fn with_store<R>(modules: &[&[u8]], arena: usize, run: impl FnOnce(&mut Store<'_>, &[wasmote::Instance]) -> R) -> R {
    let engine = Engine::default();
    let mut codes: Vec<Vec<u8>> = modules.iter().map(|wasm| vec![0; wasm.len() * 16 + (64 << 10)]).collect();
    let mut arena = vec![0; arena];
    let mut store = Store::new(&engine, &mut arena).expect("the arena holds a store");
    let mut instances = Vec::new();
    for (wasm, code) in modules.iter().zip(&mut codes) {
        let module = Module::new(&engine, wasm, code).expect("the module is valid");
        let earlier = instances.clone();
        let made = store.instantiate(&module, &mut |import, store| {
            if import.module == "host" {
                let wasmote::ExternType::Func(ty) = import.ty else { return None };
                return store.host_func(import.name.len() as u32, ty).ok().map(Extern::Func);
            }
            earlier.iter().find_map(|instance| store.export(*instance, import.name))
        });
        instances.push(made.expect("the module can be instantiated"));
    }
    run(&mut store, &instances)
}

fn call(
    store: &mut Store<'_>,
    instance: wasmote::Instance,
    name: &str,
    arguments: &[Val],
) -> Result<Option<Val>, Trap> {
    let func = store.export(instance, name).and_then(Extern::func).expect("the function is exported");
    let thread = store.spawn(func, arguments).expect("the arguments fit");
    let outcome = store.resume(thread, u64::MAX);
    let mut results = [Val::I32(0)];
    let count = store.results(thread, &mut results);
    store.end(thread);
    match outcome {
        Outcome::Finished => Ok(results.first().copied().filter(|_| count == 1)),
        Outcome::Trapped(trap) => Err(trap),
        other => panic!("neither finished nor trapped: {other:?}"),
    }
}

#[test]
fn a_hundred_thousand_exports_are_checked_quickly_and_a_duplicate_is_found() {
    let exports = |twice: bool| {
        let last = if twice { 77 } else { 99_999 };
        let names = (0..99_999).chain([last]).map(|n| format!("(export \"e{n}\" (func 0))"));
        wasm(&format!("(module (func) {})", names.collect::<String>()))
    };
    accepts(&exports(false)).expect("all names differ");
    let error = accepts(&exports(true)).expect_err("two names are the same");
    assert_eq!(error.kind, wasmote::ErrorKind::DuplicateExport);
}

#[test]
fn blocks_nest_as_deeply_as_the_code_memory_allows() {
    for depth in [3_457, 20_000] {
        let mut body = vec![0];
        body.extend([0x02, 0x40].repeat(depth));
        body.extend(vec![0x0B; depth + 1]);
        let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0".to_vec();
        let leb = |mut n: usize| {
            let mut bytes = Vec::new();
            while n >= 0x80 {
                bytes.push(n as u8 | 0x80);
                n >>= 7;
            }
            bytes.push(n as u8);
            bytes
        };
        let mut section = vec![1];
        section.extend(leb(body.len()));
        section.extend(&body);
        module.push(10);
        module.extend(leb(section.len()));
        module.extend(section);
        accepts(&module).unwrap_or_else(|error| panic!("{depth} blocks: {error}"));
    }
}

#[test]
fn counts_that_lie_are_refused_at_once() {
    for section in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11] {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([section, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
        assert!(accepts(&module).is_err(), "section {section}");
    }
}

#[test]
fn a_million_tail_calls_between_instances_fit_a_small_arena() {
    let odd = wasm(
        "(module (table (export \"t\") 1 funcref) (type $f (func (param i32) (result i32)))
        (func (export \"odd\") (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
            (else (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))",
    );
    let even = wasm(
        "(module (import \"\" \"odd\" (func $odd (param i32) (result i32))) (import \"\" \"t\" (table 1 funcref))
        (elem (i32.const 0) $even)
        (func $even (export \"even\") (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
            (else (return_call $odd (i32.sub (local.get 0) (i32.const 1)))))))",
    );
    with_store(&[&odd, &even], 4096, |store, instances| {
        assert_eq!(call(store, instances[1], "even", &[Val::I32(1_000_001)]), Ok(Some(Val::I32(0))));
    });
}

#[test]
fn addresses_do_not_wrap_and_recursion_ends_in_a_trap() {
    let module = wasm(
        "(module (memory 1)
        (func (export \"load\") (param i32) (result i32) (i32.load offset=0xffffffff (local.get 0)))
        (func (export \"grow\") (result i32) (memory.grow (i32.const -1)))
        (func $r (export \"deep\") (result i32) (i32.add (call $r) (i32.const 1))))",
    );
    with_store(&[&module], 16 << 10, |store, instances| {
        for address in [0, 1, 2, -1, -4] {
            assert_eq!(call(store, instances[0], "load", &[Val::I32(address)]), Err(Trap::MemoryOutOfBounds));
        }
        assert_eq!(call(store, instances[0], "grow", &[]), Ok(Some(Val::I32(-1))));
        assert_eq!(call(store, instances[0], "deep", &[]), Err(Trap::StackOverflow));
    });
}

#[test]
fn a_host_call_is_answered_a_thousand_resumes_later_while_another_instance_runs() {
    let waits = wasm(
        "(module (import \"host\" \"ask\" (func $ask (param i32) (result i32)))
        (func (export \"f\") (result i32) (i32.add (i32.const 1) (call $ask (i32.const 20)))))",
    );
    let works = wasm(
        "(module (func (export \"g\") (result i32) (local i32)
        (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 100000))))
        (local.get 0)))",
    );
    with_store(&[&waits, &works], 16 << 10, |store, instances| {
        let spawn = |store: &mut Store<'_>, instance, name| {
            let func = store.export(instance, name).and_then(Extern::func).expect("exported");
            store.spawn(func, &[]).expect("no arguments")
        };
        let (one, other) = (spawn(store, instances[0], "f"), spawn(store, instances[1], "g"));
        assert!(matches!(store.resume(one, 1000), Outcome::HostCall(call) if call.id == 3));
        for _ in 0..1000 {
            assert_eq!(store.resume(other, 50), Outcome::OutOfFuel);
            assert!(matches!(store.resume(one, 1), Outcome::HostCall(_)));
        }
        let mut arguments = [Val::I32(0)];
        assert_eq!((store.host_args(one, &mut arguments), arguments[0]), (1, Val::I32(20)));
        store.answer(one, &[Val::I32(41)]).expect("the thread waits");
        assert_eq!(store.resume(one, 1000), Outcome::Finished);
        let mut results = [Val::I32(0)];
        store.results(one, &mut results);
        assert_eq!(results, [Val::I32(42)]);
        assert_eq!(store.resume(other, u64::MAX), Outcome::Finished);
    });
}

#[test]
fn a_callback_runs_on_the_guests_stack_and_may_not_call_imports() {
    let module = wasm("(module (import \"host\" \"ask\" (func $ask (result i32)))
        (global $g (mut i32) (i32.const 7))
        (func (export \"realloc\") (param i32) (result i32) (global.set $g (local.get 0)) (i32.add (local.get 0) (i32.const 1)))
        (func (export \"bad\") (result i32) (call $ask))
        (func (export \"f\") (result i32) (i32.add (call $ask) (global.get $g))))");
    for (callback, fails) in [("realloc", false), ("bad", true)] {
        with_store(&[&module], 8192, |store, instances| {
            let export =
                |store: &Store<'_>, name| store.export(instances[0], name).and_then(Extern::func).expect("exported");
            let thread = store.spawn(export(store, "f"), &[]).expect("no arguments");
            assert!(matches!(store.resume(thread, 1000), Outcome::HostCall(call) if !call.called_back));
            let arguments: &[Val] = if fails { &[] } else { &[Val::I32(100)] };
            store.call_back(thread, export(store, callback), arguments).expect("the thread waits");
            if fails {
                assert_eq!(store.resume(thread, 1000), Outcome::Trapped(Trap::ReentrantImport));
                return;
            }
            assert!(matches!(store.resume(thread, 1000), Outcome::HostCall(call) if call.called_back));
            let mut results = [Val::I32(0)];
            assert_eq!((store.callback_results(thread, &mut results), results[0]), (1, Val::I32(101)));
            store.answer(thread, &[Val::I32(5)]).expect("the thread waits");
            assert_eq!(store.resume(thread, 1000), Outcome::Finished);
            store.results(thread, &mut results);
            assert_eq!(results, [Val::I32(105)]);
        });
    }
}

#[test]
fn every_prefix_and_every_changed_byte_of_a_module_is_refused_or_runs() {
    let module = wasm(
        "(module (memory 1) (table 2 funcref) (global (mut i64) (i64.const 5)) (data (i32.const 8) \"abc\")
        (elem (i32.const 0) 0 1) (func (export \"f\") (param i32 f64) (result i32) (local i64)
          (block (result i32) (loop (br_if 1 (i32.const 3) (i32.lt_s (local.get 0) (i32.const 4))) drop
            (local.set 0 (i32.sub (local.get 0) (i32.load8_u (i32.const 8)))) (br 0)) (i32.const 9)))
        (func (result i32) (call_indirect (param i32 f64) (result i32) (i32.const 1) (f64.const 2) (i32.const 0))))",
    );
    let engine = Engine::default();
    let mut code = vec![0; 128 << 10];
    let mut arena = vec![0; 64 << 10];
    let mut accepted = 0;
    let mut attempt = |bytes: &[u8]| {
        let Ok(module) = Module::new(&engine, bytes, &mut code) else { return };
        accepted += 1;
        let mut store = Store::new(&engine, &mut arena).expect("the arena holds a store");
        let Ok(instance) = store.instantiate(&module, &mut |_, _| None) else { return };
        let Some(func) = store.export(instance, "f").and_then(Extern::func) else { return };
        let FuncType { params, .. } = store.func_type(func);
        let arguments: Vec<Val> = params
            .iter()
            .map(|ty| match ty {
                ValType::I32 => Val::I32(9),
                ValType::I64 => Val::I64(9),
                ValType::F32 => Val::F32(0),
                ValType::F64 => Val::F64(0),
                ValType::FuncRef => Val::FuncRef(None),
                ValType::ExternRef => Val::ExternRef(None),
            })
            .collect();
        if let Ok(thread) = store.spawn(func, &arguments) {
            store.resume(thread, 10_000);
        }
    };
    for len in 0..module.len() {
        attempt(&module[..len]);
    }
    for at in 0..module.len() {
        for value in 0..=255 {
            let mut changed = module.clone();
            changed[at] = value;
            attempt(&changed);
        }
    }
    assert!(accepted > module.len(), "only {accepted} changed modules are valid");
}
