//! A script of the core tests on the chip: failures line by line, then the counts and the stack that the engine used.

use super::stack::Stack;
use crate::runner::{self, Failure, Observer, Work};
use crate::script::Settings;
use semihosting::{print, println};

/// Measures each call of the engine.
struct Watch<'s> {
    stack: &'s Stack,
    from: usize,
    most: [usize; 3],
}

impl Observer for Watch<'_> {
    fn failed(&mut self, line: u32, failure: &Failure<'_>) {
        println!("{line}: {failure:?}");
    }

    fn before(&mut self, _: Work) {
        self.from = self.stack.begin();
    }

    fn after(&mut self, work: Work) {
        let used = self.stack.end(self.from);
        if let Some(most) = self.most.get_mut(work as usize) {
            *most = used.max(*most);
        }
    }
}

pub(super) fn run(settings: Settings, steps: &'static [u8], memory: &'static mut [u8], stack: &Stack) {
    let mut watch = Watch { stack, from: 0, most: [0; 3] };
    let counts = runner::run(settings, steps, memory, &mut watch);
    let [prepare, instantiate, run] = watch.most;
    print!("\x1epassed={} failed={} skipped={} ", counts.passed, counts.failed, counts.skipped);
    print!("prepare={prepare} instantiate={instantiate} run={run} ");
}
