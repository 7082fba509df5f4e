//! One module from its note to its end.

use super::chip::{Chip, MEAL_NS};
use super::line::{Word, say};
use super::{AGAIN, App, HANDLES, files, host, log, reactor, why};
use crate::note::Note;
use crate::permit::Permit;
use crate::policy::DecodeError;
use wasmote::{BuiltIn, Engine, Func, Instance, InstantiateError, LinkErrorKind, Run, Store, Thread, Trap};
use wasmote_wasi_embedded::{Hardware, Slot};

/// Fuel between two meals of the watchdog: some tens of milliseconds.
const SLICE_FUEL: u64 = 100_000;
/// How often something is looked at that no interrupt tells.
const SAMPLE_NS: u64 = 1_000_000;
/// What is kept from the guest, to find the places of a backtrace with.
const SCRATCH_BYTES: usize = 8 << 10;

/// How a call ended.
#[derive(PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Exited(u32),
    Trapped(Trap),
    /// What is granted is used up.
    OutOfFuel,
    /// A host function that is in no table was called.
    Unknown(u32),
    /// It could not be called.
    NotCalled,
}

/// Runs a module to its end and says how that was.
pub(super) fn module<C: Chip>(app: &mut App<C>, built_in: BuiltIn<'static>, memory: &mut [u8]) {
    let Some(note) = Note::read(built_in.note) else {
        return say!(C, "the module cannot be used: its note is damaged", AGAIN);
    };
    let name = note.name;
    if let Err(error) = set_up(app, note) {
        return say!(C, name, ": its grant cannot be read: ", why::not_readable(error), AGAIN);
    }
    let granted = app.hardware.grants.granted();
    let (bytes, fuel) = granted.map_or((None, None), |granted| (granted.memory_bytes, granted.fuel));
    let (scratch, rest) = memory.split_at_mut(SCRATCH_BYTES.min(memory.len() / 8));
    let len = rest.len().min(bytes.map_or(usize::MAX, |bytes| bytes as usize));
    let arena = rest.get_mut(..len).unwrap_or(&mut []);
    match Store::new(&Engine::default(), arena) {
        Ok(mut store) => start(app, &mut store, &note, built_in, fuel.unwrap_or(u64::MAX), scratch),
        Err(_) => say!(C, name, ": ", len as u32, " bytes of memory are too few (memory in its manifest)"),
    }
    app.hardware.close_all(&mut app.board);
    app.wasi.close_all();
}

/// Gives the guest its state. Out of line, as all that is over when it runs.
#[inline(never)]
fn set_up<C: Chip>(app: &mut App<C>, note: Note<'static>) -> Result<(), DecodeError> {
    let permit = Permit::decode(note.grant)?;
    forget(app, note, permit);
    if let Err(path) = files::give(&mut app.wasi, &note, &permit) {
        say!(C, note.name, ": ", path, " ", files::MISSING);
    }
    Ok(())
}

/// Makes the state that of a guest that has nothing. Out of line, so that nothing of it stays on the native stack.
#[inline(never)]
fn forget<C: Chip>(app: &mut App<C>, note: Note<'static>, permit: Permit) {
    app.hardware = Hardware::new(note.name, permit, [Slot::FREE; HANDLES]);
    host::restart(&mut app.wasi, note);
}

/// Instantiates the module and calls what it exports to be called.
fn start<C: Chip>(
    app: &mut App<C>,
    store: &mut Store<'_>,
    note: &Note<'static>,
    built_in: BuiltIn<'static>,
    mut fuel: u64,
    scratch: &mut [u8],
) {
    let name = note.name;
    let instance = match instantiate(app, store, &built_in) {
        Ok(instance) => instance,
        Err(error) => return refuse::<C>(name, built_in, error),
    };
    say!(C, "running ", name);
    let slept = C::sleeps();
    let mut end = End::Finished;
    let mut called = false;
    for entry in ["_initialize", "_start"] {
        let Some(func) = store.export(instance, entry).and_then(|export| export.func()) else { continue };
        called = true;
        end = call(app, store, name, func, &mut fuel, scratch);
        if end != End::Finished {
            break;
        }
    }
    if end == End::Finished && reactor::run(app, store, instance, note, &mut fuel, scratch) {
        // It has said how that ended.
    } else if !called {
        say!(C, name, ": nothing to run: it exports neither _start nor _initialize");
    } else if end == End::Finished {
        say!(C, name, " finished");
    }
    let (peak, slept) = (store.stats().peak, C::sleeps().wrapping_sub(slept));
    say!(C, name, ": ", peak, " bytes of memory at most, slept ", slept, " times");
}

/// Instantiates the module. Out of line, as all that is over when a guest runs.
#[inline(never)]
fn instantiate<C: Chip>(
    app: &mut App<C>,
    store: &mut Store<'_>,
    built_in: &BuiltIn<'static>,
) -> Result<Instance, InstantiateError> {
    App::LINKER.instantiate(store, &built_in.module, app)
}

/// Calls a function without parameters to its end, and tells of an end that is not its return.
pub(super) fn call<C: Chip>(
    app: &mut App<C>,
    store: &mut Store<'_>,
    name: &str,
    func: Func,
    fuel: &mut u64,
    scratch: &mut [u8],
) -> End {
    let Ok(thread) = store.spawn(func, &[]) else {
        say!(C, name, ": no memory for a call, or what is called takes arguments");
        return End::NotCalled;
    };
    let end = drive(app, store, thread, fuel);
    tell::<C>(name, &end, store, thread, scratch);
    store.end(thread);
    end
}

/// Runs a thread until it ends. The watchdog is fed between slices of fuel, and the chip sleeps while the guest waits.
fn drive<C: Chip>(app: &mut App<C>, store: &mut Store<'_>, thread: Thread, fuel: &mut u64) -> End {
    loop {
        let before = store.fuel_consumed(thread);
        let run = App::LINKER.run(store, thread, app, SLICE_FUEL.min(*fuel));
        if *fuel != u64::MAX {
            *fuel = fuel.saturating_sub(store.fuel_consumed(thread) - before);
        }
        C::feed();
        if let Some(refusal) = app.hardware.take_refusal() {
            say!(C, refusal.text(app.hardware.module()).as_str());
        }
        match run {
            Run::Finished => return End::Finished,
            Run::Exited(code) => return End::Exited(code),
            Run::Trapped(trap) => return End::Trapped(trap),
            Run::HostCall(call) => return End::Unknown(call.id),
            Run::OutOfFuel if *fuel == 0 => return End::OutOfFuel,
            Run::OutOfFuel => {}
            Run::Pending => C::sleep(until::<C>(app)),
        }
    }
}

/// When to look again at what the guest waits for, unless an interrupt comes first.
fn until<C: Chip>(app: &App<C>) -> u64 {
    let now_ns = C::now_ns();
    let hardware = app.hardware.blocked();
    let sample_ns = hardware.filter(|blocked| blocked.sampled).map(|_| now_ns.saturating_add(SAMPLE_NS));
    let deadlines = [hardware.and_then(|blocked| blocked.deadline_ns), sample_ns];
    let wasi = app.wasi.blocked().and_then(|blocked| blocked.deadline_ns);
    deadlines.into_iter().chain([wasi]).flatten().fold(now_ns.saturating_add(MEAL_NS), u64::min)
}

/// Says why the module cannot be instantiated.
#[inline(never)]
fn refuse<C: Chip>(name: &str, built_in: BuiltIn<'static>, error: InstantiateError) {
    match error {
        InstantiateError::Link(link) => match (link.kind, built_in.module.imports().nth(link.import as usize)) {
            (LinkErrorKind::UnknownImport | LinkErrorKind::IncompatibleImport, Some(import)) => {
                say!(C, name, ": this board has no function ", import.module, " ", import.name, " of that type");
            }
            (LinkErrorKind::OutOfMemory(lack), _) => {
                say!(C, name, ": ", lack.missing_bytes, " bytes of memory are missing (memory in its manifest)");
            }
            (kind, _) => say!(C, name, ": cannot be instantiated: ", why::not_linked(kind)),
        },
        InstantiateError::Spawn(_) => say!(C, name, ": no memory for its start function"),
        InstantiateError::Start(run) => {
            say!(C, name, ": its start function did not finish: ", why::not_started(run));
        }
    }
}

/// Says how a call ended, and where. Out of line: while the guest runs, nothing of this is on the native stack.
#[inline(never)]
fn tell<C: Chip>(name: &str, end: &End, store: &Store<'_>, thread: Thread, scratch: &mut [u8]) {
    if let End::Trapped(trap) = end {
        log::trap(name, *trap);
    }
    match end {
        End::Finished | End::NotCalled => return,
        End::Exited(code) => return say!(C, name, " exited with ", *code),
        End::Trapped(Trap::Host(code)) => say!(C, name, " trapped: host function failed, code ", *code),
        End::Trapped(trap) => say!(C, name, " trapped: ", trap.message()),
        End::OutOfFuel => say!(C, name, " has used up its fuel (fuel in its manifest)"),
        End::Unknown(id) => say!(C, name, " called host function ", *id, ", which is missing"),
    }
    store.backtrace(thread, scratch, &mut |frame| {
        let function = frame.name.unwrap_or("?");
        let place = frame.offset.map_or([Word::Text(""); 2], |offset| [Word::Text(" at "), Word::Hex(offset)]);
        say!(C, "  in function ", frame.func_index, " (", function, ")", place[0], place[1]);
    });
}
