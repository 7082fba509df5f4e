//! A future over `Linker::run`, for embassy or any other executor: it allocates nothing and knows no executor.

use super::linker::{Linker, Run};
use super::store::Store;
use super::values::Thread;
use core::future::poll_fn;
use core::task::Poll;

impl<T> Linker<'_, T> {
    /// Runs a thread in slices of `slice_fuel` units (at least one), lets the executor's other tasks run between them, and
    /// awaits `wait` when a host function is pending, before that function is asked again. Never gives `OutOfFuel` or `Pending`.
    /// Dropping the future loses nothing: the thread is paused in its store and can be run on or ended.
    ///
    /// ```
    /// # use wasmote::{Linker, Run, Store, Thread};
    /// # struct Pin; impl Pin { async fn wait_for_edge(&mut self) {} }
    /// async fn guest(linker: Linker<'_, Pin>, store: &mut Store<'_>, thread: Thread, pin: &mut Pin) -> Run {
    ///     linker.run_async(store, thread, pin, 10_000, async |pin: &mut Pin| pin.wait_for_edge().await).await
    /// }
    /// ```
    pub async fn run_async(
        &self,
        store: &mut Store<'_>,
        thread: Thread,
        data: &mut T,
        slice_fuel: u64,
        mut wait: impl AsyncFnMut(&mut T),
    ) -> Run {
        loop {
            match self.run(store, thread, data, slice_fuel.max(1)) {
                Run::OutOfFuel => yield_once().await,
                Run::Pending => wait(data).await,
                run => return run,
            }
        }
    }
}

/// Is pending once, and wakes its task at once.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
