//! Host calls answered by the host: the functions of this build, over the world that the command line describes.

use crate::{
    drive::{Ending, Outside},
    log::End,
    message::Failure,
    world::{self, World},
};
use wasmote::{HostCall, Run, Store, Thread};
use wasmote_board_sim::Waited;

/// The outside world.
pub(crate) struct Live {
    world: World,
}

impl Live {
    /// Host calls happen in `world`.
    pub(crate) fn new(world: World) -> Live {
        Live { world }
    }

    /// Answers a call, however long it waits; `look` sees the store whenever the host's function has run.
    pub(crate) fn serve_watched(
        &mut self,
        store: &mut Store<'_>,
        thread: Thread,
        call: HostCall,
        look: &mut dyn FnMut(&mut Store<'_>),
    ) -> Result<Option<Ending>, Failure> {
        loop {
            let end = world::LINKER.answer(store, thread, &mut self.world, call);
            look(store);
            let is_on = self.world.look_at_board();
            match end {
                // Without power the module's run is over, wherever it is.
                None => return Ok((!is_on).then_some(Ending::Exited(0))),
                Some(Run::Pending) => match self.world.wait()? {
                    Waited::Look => {}
                    Waited::Stopped => return Ok(Some(Ending::Exited(0))),
                    Waited::Forever => {
                        return Err(Failure::new("the guest waits for what never comes: no input is left"));
                    }
                },
                Some(Run::Exited(code)) => return Ok(Some(Ending::Exited(code))),
                Some(Run::Trapped(trap)) => return Ok(Some(Ending::Trapped(trap))),
                Some(other) => {
                    return Err(Failure::new(format!("host call {} was answered with {other:?}", call.id)));
                }
            }
        }
    }
}

impl Outside for Live {
    fn serve(&mut self, store: &mut Store<'_>, thread: Thread, call: HostCall) -> Result<Option<Ending>, Failure> {
        self.serve_watched(store, thread, call, &mut |_| ())
    }

    fn sleep_until(&mut self, at_ns: u64) -> bool {
        self.world.sleep_until(at_ns)
    }

    fn end(&mut self, _: End) -> Result<(), Failure> {
        self.world.finish()
    }
}
