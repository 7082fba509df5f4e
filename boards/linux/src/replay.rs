//! `--replay`: host calls answered from a log, without the outside world.
//!
//! A run that asks for something else than the recorded one did, in another order or with other arguments, is not the
//! recorded run; it ends with an error that shows both calls. What the guest wrote to standard output and standard error
//! is written again, because it is what a person recognises a run by.

use crate::{
    drive::{Ending, Outside},
    imports::{Imported, Imports},
    log::{Answer, Call, End, Entry, Header, How, Reader, fingerprint},
    message::Failure,
    source::shown,
    values,
};
use std::{
    io::{self, Write},
    path::Path,
};
use wasmote::{Extern, HostCall, Memory, Store, Thread, Val};

/// Opens a log and checks that it belongs to the module `wasm`.
pub(crate) fn open(path: &Path, file: &Path, wasm: &[u8]) -> Result<(Reader, Header), Failure> {
    let (reader, header) = Reader::open(path)?;
    if (header.module_len_bytes, header.module_crc32) == fingerprint(wasm) {
        return Ok((reader, header));
    }
    let (len, crc32) = fingerprint(wasm);
    Err(reader.error(&format!(
        "belongs to another module: of {} bytes with the checksum {:08x}, and {} has {len} bytes and {crc32:08x}",
        header.module_len_bytes,
        header.module_crc32,
        shown(file)
    )))
}

/// A world that remembers.
pub(crate) struct Replayer {
    log: Reader,
    imports: Imports,
    /// Host calls answered so far.
    count: u64,
}

impl Replayer {
    /// Host calls are answered from `log`.
    pub(crate) fn new(log: Reader, imports: Imports) -> Replayer {
        Replayer { log, imports, count: 0 }
    }

    /// The recorded call that this one must be.
    fn expect(&mut self, imported: &Imported, args: &[u64]) -> Result<Call, Failure> {
        self.count += 1;
        let recorded = match self.log.next()? {
            Some(Entry::Call(call)) if call.import == imported.number && call.args == args => return Ok(call),
            Some(Entry::Call(call)) => match self.imports.by_number(call.import) {
                Some(other) => other.show_call(&call.args),
                None => format!("import {}", call.import),
            },
            Some(Entry::End(_)) => "the end of the run".into(),
            None => return Err(self.cut()),
        };
        let called = imported.show_call(args);
        let count = self.count;
        Err(self.log.error(&format!(
            "diverges: host call {count} of this run is {called}, where the recorded run has {recorded}"
        )))
    }

    fn cut(&self) -> Failure {
        self.log.error(&format!("ends after {} host calls: the recording was cut off there", self.count.max(1) - 1))
    }
}

impl Outside for Replayer {
    fn serve(&mut self, store: &mut Store<'_>, thread: Thread, call: HostCall) -> Result<Option<Ending>, Failure> {
        let Some(imported) = self.imports.by_host_id(call.id).cloned() else {
            return Err(Failure::new(format!("host call {} is none of the module's imports", call.id)));
        };
        let args = imported.args(store, thread);
        let recorded = self.expect(&imported, &args)?;
        let memory = call.instance.and_then(|instance| store.memory_of(instance, 0));
        for patch in &recorded.writes {
            let written = memory.map(|memory| store.write(memory, u64::from(patch.address), &patch.bytes));
            if written != Some(Ok(())) {
                return Err(self.log.error("writes where the caller has no memory"));
            }
        }
        if let (Some(memory), Answer::Returned(_)) = (memory, &recorded.answer) {
            echo(store, memory, &imported, &args)?;
        }
        if let Answer::CalledBack(name, args) = &recorded.answer {
            return self.call_back(store, thread, call, name, args);
        }
        self.answer(store, thread, &imported, recorded.answer)
    }

    fn end(&mut self, end: End) -> Result<(), Failure> {
        self.count += 1;
        match self.log.next()? {
            Some(Entry::End(recorded)) if recorded == end => Ok(()),
            Some(Entry::End(recorded)) => Err(self.log.error(&format!(
                "diverges: it ends with {}, this run with {}",
                told(&recorded),
                told(&end)
            ))),
            Some(Entry::Call(_)) => {
                Err(self.log.error(&format!("diverges: this run ends ({}) before the recorded one", told(&end))))
            }
            None => Err(self.cut()),
        }
    }
}

impl Replayer {
    /// Lets the guest run the export that the host function called back.
    fn call_back(
        &self,
        store: &mut Store<'_>,
        thread: Thread,
        call: HostCall,
        name: &str,
        args: &[u64],
    ) -> Result<Option<Ending>, Failure> {
        let Some(Extern::Func(func)) = call.instance.and_then(|instance| store.export(instance, name)) else {
            return Err(self.log.error("calls back what the module does not export"));
        };
        let typed = store.func_type(func).params.iter().zip(args);
        let args: Option<Vec<Val>> = typed.map(|(ty, bits)| values::from_bits(*ty, *bits)).collect();
        match args.map(|args| store.call_back(thread, func, &args)) {
            Some(Ok(())) => Ok(None),
            _ => Err(self.log.error("calls back with other arguments than the export has")),
        }
    }

    /// Gives the machine the recorded answer.
    fn answer(
        &self,
        store: &mut Store<'_>,
        thread: Thread,
        imported: &Imported,
        answer: Answer,
    ) -> Result<Option<Ending>, Failure> {
        match answer {
            Answer::Exited(code) => Ok(Some(Ending::Exited(code))),
            Answer::CalledBack(..) => Err(self.log.error("holds a callback where an answer is expected")),
            Answer::Trapped(cause) => {
                let trap = cause.trap().ok_or_else(|| self.log.error("holds a trap of a newer version"))?;
                store.fail(thread, trap);
                Ok(Some(Ending::Trapped(trap)))
            }
            Answer::Returned(bits) => {
                let typed = imported.results.iter().zip(&bits);
                let results: Option<Vec<_>> = typed.map(|(ty, bits)| values::from_bits(*ty, *bits)).collect();
                match results.filter(|results| results.len() == bits.len()) {
                    Some(results) if store.answer(thread, &results).is_ok() => Ok(None),
                    _ => Err(self.log.error("holds results of other types than the function has")),
                }
            }
        }
    }
}

/// The end of a run in words.
fn told(end: &End) -> String {
    let how = match end.how {
        How::Finished => "a return".to_string(),
        How::Exited(code) => format!("exit code {code}"),
        How::Trapped(cause) => cause.trap().map_or("a trap".into(), |trap| format!("the trap `{}`", trap.message())),
        How::OutOfFuel => "no fuel left".into(),
    };
    let results: Vec<String> = end.results.iter().map(|bits| format!("{bits:#x}")).collect();
    format!("{how}, fuel {}, results [{}]", end.fuel_consumed, results.join(", "))
}

/// Writes again what an answered `fd_write` wrote to descriptor 1 or 2.
///
/// Its arguments are the descriptor, the array of (address, length) pairs, their count, and where the host has written
/// how many bytes it took. Descriptors that the guest renumbered are not followed.
fn echo(store: &Store<'_>, memory: Memory, imported: &Imported, args: &[u64]) -> Result<(), Failure> {
    let &[fd @ (1 | 2), vectors, count, taken] = args else { return Ok(()) };
    if (imported.module.as_str(), imported.name.as_str()) != ("wasi_snapshot_preview1", "fd_write") {
        return Ok(());
    }
    let mut left = read_u32(store, memory, taken).unwrap_or(0);
    let mut text = Vec::new();
    for vector in 0..count {
        if left == 0 {
            break;
        }
        let place = vectors + 8 * vector;
        let (Some(address), Some(len)) = (read_u32(store, memory, place), read_u32(store, memory, place + 4)) else {
            break;
        };
        let len = len.min(left);
        let mut bytes = vec![0; len as usize];
        if store.read(memory, u64::from(address), &mut bytes).is_err() {
            continue;
        }
        text.extend_from_slice(&bytes);
        left -= len;
    }
    let written = if fd == 1 { put(io::stdout(), &text) } else { put(io::stderr(), &text) };
    written.map_err(|error| Failure::new(format!("cannot write the guest's output: {error}")))
}

fn put(mut stream: impl Write, text: &[u8]) -> io::Result<()> {
    stream.write_all(text)?;
    stream.flush()
}

fn read_u32(store: &Store<'_>, memory: Memory, address: u64) -> Option<u32> {
    let mut bytes = [0; 4];
    store.read(memory, address, &mut bytes).ok().map(|()| u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Cause;

    #[test]
    fn ends_are_told_with_fuel_and_results() {
        let end = |how| End { how, fuel_consumed: 7, results: vec![1, 255] };
        assert_eq!(told(&end(How::Finished)), "a return, fuel 7, results [0x1, 0xff]");
        assert_eq!(told(&end(How::Exited(3))), "exit code 3, fuel 7, results [0x1, 0xff]");
        let trap = told(&end(How::Trapped(Cause::Core(0))));
        assert_eq!(trap, "the trap `unreachable`, fuel 7, results [0x1, 0xff]");
        assert_eq!(told(&end(How::OutOfFuel)), "no fuel left, fuel 7, results [0x1, 0xff]");
    }
}
