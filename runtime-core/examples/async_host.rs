//! A guest as a task beside others: the thread runs in slices of fuel, other tasks run between them, and a host call awaits what
//! it needs. `run_async` knows no executor; on embassy the body of `guest` is an `#[embassy_executor::task]`, and what it awaits a
//! pin's edge or a timer. Here a loop polls two tasks in turn.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmote::{Caller, Engine, HostError, HostFunc, Linker, Module, Run, Store, Thread};

/// (module (import "pin" "edge" (func $edge (result i32)))
///   (func (export "run") (result i32) call $edge  call $edge  i32.add))
static WASM: &[u8] = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x02\x0c\x01\x03pin\x04edge\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\x01\x0a\x09\x01\x07\0\x10\0\x10\0\x6a\x0b";

/// A pin whose next edge comes after a few polls.
struct Pin {
    edge: Option<i32>,
    waited: u32,
}

impl Pin {
    /// As `embassy_rp::gpio::Input::wait_for_any_edge` would be awaited.
    async fn wait_for_edge(&mut self) {
        let mut left = 3;
        std::future::poll_fn(|_| {
            left -= 1;
            if left == 0 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.waited += 1;
        self.edge = Some(21);
    }
}

/// Not yet, until the wait below has brought an edge.
fn edge(caller: &mut Caller<'_, '_, Pin>) -> Result<i32, HostError> {
    caller.data().edge.take().ok_or(HostError::Pending)
}
static TABLE: [HostFunc<Pin>; 1] = [HostFunc::wrap("pin", "edge", edge)];
static TABLES: [&[HostFunc<Pin>]; 1] = [&TABLE];

async fn guest(linker: Linker<'_, Pin>, store: &mut Store<'_>, thread: Thread, pin: &mut Pin) -> Run {
    linker.run_async(store, thread, pin, 1000, async |pin: &mut Pin| pin.wait_for_edge().await).await
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (engine, mut code, mut arena) = (Engine::default(), [0; 2048], [0; 4096]);
    let module = Module::new(&engine, WASM, &mut code)?;
    let mut store = Store::new(&engine, &mut arena)?;
    let (linker, mut input) = (Linker::new(&TABLES), Pin { edge: None, waited: 0 });
    let instance = linker.instantiate(&mut store, &module, &mut input)?;
    let run = instance.get_func(&store, "run").ok_or("no function")?;
    let thread = store.spawn(run, &[])?;

    let mut other_task = 0;
    let ended = {
        let mut task = pin!(guest(linker, &mut store, thread, &mut input));
        loop {
            match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(run) => break run,
                Poll::Pending => other_task += 1,
            }
        }
    };
    let mut result = [wasmote::Val::I32(0)];
    store.results(thread, &mut result);
    println!("{ended:?} with {result:?} after {} edges; another task ran {other_task} times", input.waited);
    assert_eq!((ended, result, input.waited), (Run::Finished, [wasmote::Val::I32(42)], 2));
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("the example runs");
}
