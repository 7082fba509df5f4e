//! `--record`: host calls answered by the host, and each answer written to a log.

use crate::{
    drive::{Ending, Outside},
    imports::{Imports, bits},
    live::Live,
    log::{Answer, Call, Cause, End, Entry, Patch, Writer},
    message::Failure,
    values,
};
use wasmote::{Extern, HostCall, Store, Thread};

/// The outside world with a witness.
pub(crate) struct Recorder {
    live: Live,
    imports: Imports,
    log: Writer,
}

impl Recorder {
    /// Host calls happen in `live` and are written to `log`; from now on `store` notes what hosts write to memory.
    pub(crate) fn new(live: Live, imports: Imports, log: Writer, store: &mut Store<'_>) -> Recorder {
        store.watch_writes();
        Recorder { live, imports, log }
    }
}

impl Outside for Recorder {
    fn serve(&mut self, store: &mut Store<'_>, thread: Thread, call: HostCall) -> Result<Option<Ending>, Failure> {
        let Some(imported) = self.imports.by_host_id(call.id) else {
            return Err(Failure::new(format!("host call {} is none of the module's imports", call.id)));
        };
        let args = imported.args(store, thread);
        store.forget_writes();
        let mut touched: Vec<(u32, u32)> = Vec::new();
        let mut note = |store: &mut Store<'_>| {
            touched.extend_from_slice(store.host_writes());
            store.forget_writes();
        };
        let ending = self.live.serve_watched(store, thread, call, &mut note)?;
        let answer = match ending {
            None => match called_back(store, thread, call)? {
                Some(answer) => answer,
                None => Answer::Returned(store.last_answer().map(bits).into_iter().collect()),
            },
            Some(Ending::Exited(code)) => Answer::Exited(code),
            Some(Ending::Trapped(trap)) => Answer::Trapped(Cause::of(trap)),
            Some(other) => return Err(Failure::new(format!("a host call ended with {other:?}"))),
        };
        let writes = patches(store, call, merge(touched))?;
        self.log.write(&Entry::Call(Call { import: imported.number, args, writes, answer }))?;
        Ok(ending)
    }

    fn end(&mut self, end: End) -> Result<(), Failure> {
        self.live.end(End { results: Vec::new(), ..end.clone() })?;
        self.log.write(&Entry::End(end))
    }
}

/// The exports that host functions call back: the canonical ABI's, by its present and its draft name.
const CALLBACKS: [&str; 2] = ["cabi_realloc", "cm32p2_realloc"];
/// Parameters of any of them.
const CALLBACK_PARAMS: usize = 4;

/// The callback that the host function has asked for, if it has.
fn called_back(store: &Store<'_>, thread: Thread, call: HostCall) -> Result<Option<Answer>, Failure> {
    let mut args = [values::BLANK; CALLBACK_PARAMS];
    let Some(func) = store.callback_args(thread, &mut args) else { return Ok(None) };
    let is_it = |name: &&&str| {
        let export = call.instance.and_then(|instance| store.export(instance, name));
        matches!(export, Some(Extern::Func(export)) if export == func)
    };
    let name =
        CALLBACKS.iter().find(is_it).ok_or_else(|| Failure::new("a host function calls back what has no name"))?;
    let args = args.iter().take(store.func_type(func).params.len()).map(|value| bits(*value));
    Ok(Some(Answer::CalledBack((*name).to_string(), args.collect())))
}

/// The bytes that stand now where the host wrote.
fn patches(store: &Store<'_>, call: HostCall, ranges: Vec<(u32, u32)>) -> Result<Vec<Patch>, Failure> {
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let memory = call.instance.and_then(|instance| store.memory_of(instance, 0));
    let memory = memory.ok_or_else(|| Failure::new("the host wrote to a memory that the caller does not have"))?;
    let read = |(address, len): (u32, u32)| {
        // A write that failed is noted too, wherever it would have led.
        let after = store.memory_size(memory).saturating_sub(u64::from(address));
        let mut bytes = vec![0; u64::from(len).min(after) as usize];
        match store.read(memory, u64::from(address), &mut bytes) {
            Ok(()) => Ok(Patch { address, bytes }),
            Err(trap) => Err(Failure::new(format!("what the host wrote cannot be read: {}", trap.message()))),
        }
    };
    ranges.into_iter().map(read).collect()
}

/// Ranges in ascending order, those that touch one another joined, empty ones left out.
fn merge(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (address, len) in ranges.into_iter().filter(|range| range.1 != 0) {
        let end = u64::from(address) + u64::from(len);
        match merged.last_mut() {
            Some(last) if u64::from(address) <= u64::from(last.0) + u64::from(last.1) => {
                let joined = end.max(u64::from(last.0) + u64::from(last.1)) - u64::from(last.0);
                last.1 = u32::try_from(joined).unwrap_or(u32::MAX);
            }
            _ => merged.push((address, len)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_joined() {
        let ranges = vec![(20, 4), (0, 8), (8, 2), (24, 0), (21, 1), (40, 1), (4, 5)];
        assert_eq!(merge(ranges), [(0, 10), (20, 4), (40, 1)]);
    }

    #[test]
    fn ranges_at_the_end_of_a_memory_do_not_wrap() {
        assert_eq!(merge(vec![(u32::MAX, 1), (u32::MAX - 1, 1)]), [(u32::MAX - 1, 2)]);
        assert_eq!(merge(vec![]), []);
    }
}
