//! The future over a thread: it yields between slices, awaits what a host function waits for, and can be dropped.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Val};

fn sample(caller: &mut Caller<'_, '_, Option<i32>>) -> Result<i32, HostError> {
    (*caller.data()).ok_or(HostError::Pending)
}

static TABLE: [HostFunc<Option<i32>>; 1] = [HostFunc::wrap("host", "sample", sample)];

#[test]
fn a_dropped_future_leaves_a_thread_that_another_one_finishes() {
    let wasm = wat::parse_str(
        "(module (import \"host\" \"sample\" (func $s (result i32))) (func (export \"f\") (result i32) (local i32)
        (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100))))
        (i32.add (call $s) (local.get 0))))",
    )
    .expect("the text is a module");
    let (engine, mut code, mut arena) = (Engine::default(), vec![0; 65536], vec![0; 16384]);
    let module = Module::new(&engine, &wasm, &mut code).expect("valid");
    let mut store = Store::new(&engine, &mut arena).expect("room");
    let tables = [&TABLE[..]];
    let (linker, mut data) = (Linker::new(&tables), None);
    let instance = linker.instantiate(&mut store, &module, &mut data).expect("linked");
    let func = store.export(instance, "f").and_then(|item| item.func()).expect("exported");
    let thread = store.spawn(func, &[]).expect("no arguments");
    let mut context = Context::from_waker(Waker::noop());
    {
        let wait = async |_: &mut Option<i32>| unreachable!("no host call yet");
        let mut first = pin!(linker.run_async(&mut store, thread, &mut data, 10, wait));
        for _ in 0..5 {
            assert_eq!(first.as_mut().poll(&mut context), Poll::Pending);
        }
    }
    let mut waits = 0;
    let wait = async |data: &mut Option<i32>| {
        waits += 1;
        *data = Some(7);
    };
    let mut polls = 1;
    {
        let mut second = pin!(linker.run_async(&mut store, thread, &mut data, 10, wait));
        while second.as_mut().poll(&mut context) != Poll::Ready(Run::Finished) {
            polls += 1;
            assert!(polls < 1000, "it finishes");
        }
    }
    let mut results = [Val::I32(0)];
    store.results(thread, &mut results);
    assert_eq!((results, waits), ([Val::I32(107)], 1));
    assert!(polls > 10, "it yielded between slices");
}
