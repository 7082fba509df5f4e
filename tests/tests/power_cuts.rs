//! The file system in flash under cuts of the power: at every single program and erasure, torn in every way that
//! [`Tear`] knows, also in the middle of the repairs that the cut before made necessary.
//!
//! The same operations run on a file system in RAM, which is the expectation: after a cut the tree in flash must be the
//! one before the operation or the one after it (or between its parts, where an operation has some), with every byte.

use std::{cell::RefCell, collections::BTreeMap};

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use wasmote_tests::nor::{Fault, SimulatedNor, Tear};
use wasmote_wasi_p1::{
    Errno, Filetype,
    capability::{Change, FileSystem, Kind, New, Open, Position},
    flashfs::{
        FlashFs, Key, Lent, NameSlot, NodeSlot,
        cache::{
            Cache, CacheImpl, key_pointers::ArrayKeyPointers, page_pointers::ArrayPagePointers,
            page_states::ArrayPageStates,
        },
    },
    ramfs::RamFs,
};

/// The journal's page and as few others as hold what the operations make, so that pages are used again and again.
const PAGES: usize = 7;
const SLOTS: usize = 24;

const TEARS: [Tear; 8] = [
    Tear::Before,
    Tear::FirstHalf,
    Tear::SecondHalf,
    Tear::Middle,
    Tear::Bits(1),
    Tear::Bits(2),
    Tear::Bits(3),
    Tear::After,
];

/// Something that a guest does.
#[derive(Clone, Debug)]
enum Step {
    /// Makes an empty file.
    Make(&'static str),
    /// Writes `len` bytes of `fill` at a place, and closes.
    Write {
        path: &'static str,
        at: u64,
        fill: u8,
        len: usize,
    },
    /// Cuts or lengthens.
    Resize(&'static str, u64),
    Directory(&'static str),
    Symlink(&'static str, &'static str),
    Link(&'static str, &'static str),
    Rename(&'static str, &'static str),
    Unlink(&'static str),
    RemoveDirectory(&'static str),
    /// Removes the name of an open file, writes to it, and closes it.
    UnlinkOpen(&'static str),
}

/// The chunks in which content is replaced, which are the parts that a write over several of them has.
const CHUNK: u64 = 512;

impl Step {
    /// What of it happens at once each; `size` is that of its file. What a write puts behind the end counts when the file
    /// is closed, all at once.
    fn parts(&self, size: u64) -> Vec<Step> {
        match *self {
            Step::Write { path, mut at, fill, len } => {
                let (mut parts, end) = (Vec::new(), at + len as u64);
                while at < end {
                    let next = if at < size { size.min(end).min((at / CHUNK + 1) * CHUNK) } else { end };
                    parts.push(Step::Write { path, at, fill, len: (next - at) as usize });
                    at = next;
                }
                parts
            }
            Step::UnlinkOpen(path) => vec![Step::Unlink(path)],
            _ => vec![self.clone()],
        }
    }

    fn run<F: FileSystem>(&self, files: &mut F, root: &F::Handle) -> Result<(), Errno> {
        let write = Open { write: true, read: true, ..Open::default() };
        match *self {
            Step::Make(path) => {
                let (file, _) = files.open(root, path, Open { create: true, ..write })?;
                files.close(file)
            }
            Step::Write { path, at, fill, len } => {
                let (file, _) = files.open(root, path, write)?;
                let bytes = vec![fill; len];
                let mut done = 0;
                while done < len {
                    done += files.write(&file, Position::At(at + done as u64), &bytes[done..])?;
                }
                files.close(file)
            }
            Step::Resize(path, size) => {
                let (file, _) = files.open(root, path, write)?;
                files.change(&file, Change::Size(size))?;
                files.close(file)
            }
            Step::Directory(path) => files.create(root, path, New::Directory),
            Step::Symlink(path, target) => files.create(root, path, New::Symlink(target)),
            Step::Link(from, to) => files.link(root, from, root, to),
            Step::Rename(from, to) => files.rename(root, from, root, to),
            Step::Unlink(path) => files.remove(root, path, Kind::File),
            Step::RemoveDirectory(path) => files.remove(root, path, Kind::Directory),
            Step::UnlinkOpen(path) => {
                let (file, _) = files.open(root, path, write)?;
                files.remove(root, path, Kind::File)?;
                files.write(&file, Position::End, &[0xee; 700])?;
                files.close(file)
            }
        }
    }
}

/// What is seen of a tree: for each path what it is, its content or target, and how many names it has.
type Seen = BTreeMap<String, (Filetype, Vec<u8>, u64)>;

/// Reads everything.
fn see<F: FileSystem>(files: &mut F, root: &F::Handle) -> Result<Seen, Errno> {
    let mut seen = Seen::new();
    see_in(files, root, "", &mut seen)?;
    Ok(seen)
}

fn see_in<F: FileSystem>(files: &mut F, root: &F::Handle, at: &str, seen: &mut Seen) -> Result<(), Errno> {
    let open = Open { read: true, ..Open::default() };
    let (directory, _) = files.open(root, if at.is_empty() { "." } else { at }, open)?;
    let mut names = Vec::new();
    files.list(&directory, 0, &mut |entry| {
        names.push((String::from_utf8_lossy(entry.name).into_owned(), entry.filetype));
        true
    })?;
    files.close(directory)?;
    for (name, filetype) in names.into_iter().filter(|(name, _)| name != "." && name != "..") {
        let path = format!("{at}{name}");
        let stat = files.stat_at(root, &path, false)?;
        assert_eq!(stat.filetype, filetype, "{path}");
        let mut content = vec![0; stat.size_bytes as usize];
        let mut links = stat.links;
        match filetype {
            Filetype::Directory => {
                (content, links) = (Vec::new(), 1);
                see_in(files, root, &format!("{path}/"), seen)?;
            }
            Filetype::SymbolicLink => assert_eq!(files.read_link(root, &path, &mut content)?, content.len()),
            _ => {
                let (file, _) = files.open(root, &path, open)?;
                assert_eq!(files.read(&file, 0, &mut content)?, content.len());
                files.close(file)?;
            }
        }
        seen.insert(path, (filetype, content, links));
    }
    Ok(())
}

/// The life of a small device: it keeps settings, rotates a log, updates a file by renaming, and moves things about.
fn script() -> Vec<Step> {
    let write = |path, at, fill, len| Step::Write { path, at, fill, len };
    let mut steps = vec![
        Step::Directory("etc"),
        Step::Make("etc/settings"),
        write("etc/settings", 0, 1, 300),
        write("etc/settings", 100, 2, 50),
        Step::Symlink("conf", "etc/settings"),
        Step::Link("etc/settings", "same"),
        write("same", 250, 3, 100),
        Step::Make("big"),
        write("big", 0, 4, 1400),
        write("big", 500, 5, 600),
        Step::Resize("big", 700),
        Step::Resize("big", 1900),
        write("big", 2100, 6, 10),
        Step::Directory("etc/deep"),
        Step::Rename("etc/deep", "deep"),
        Step::Rename("etc", "deep/etc"),
        Step::Rename("deep/etc/settings", "settings"),
        Step::Unlink("same"),
        Step::Unlink("conf"),
        Step::RemoveDirectory("deep/etc"),
        Step::Directory("empty"),
        Step::Rename("deep", "empty"),
        Step::UnlinkOpen("big"),
    ];
    for round in 0..14 {
        steps.extend([
            Step::Make("new"),
            write("new", 0, 10 + round, 900),
            Step::Rename("new", "state"),
            Step::Make("log"),
            write("log", 0, 40 + round, 200),
            write("log", 200, 60 + round, 200),
            write("log", 400, 80 + round, 400),
            write("state", 300, 100 + round, 500),
            Step::Rename("log", "log.1"),
        ]);
    }
    steps.extend([Step::Unlink("log.1"), Step::Unlink("state"), Step::Unlink("settings")]);
    steps
}

/// Mounts the file system for as long as `work` needs it. Cutting the power is dropping it.
fn mounted<C: CacheImpl<Key>, R>(
    flash: &mut SimulatedNor,
    cache: C,
    work: impl FnOnce(&mut FlashFs<'_, &mut SimulatedNor, C>) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let (mut names, mut nodes) = ([NameSlot::FREE; SLOTS], [NodeSlot::FREE; SLOTS]);
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: || 5 };
    let range = flash.range();
    work(&mut FlashFs::mount(flash, range, cache, lent)?)
}

/// Mounts, runs a step, and drops the file system without another word.
fn run<C: CacheImpl<Key>>(flash: &mut SimulatedNor, cache: C, step: &Step) -> Result<(), Errno> {
    mounted(flash, cache, |files| {
        let root = files.root()?;
        step.run(files, &root)
    })
}

/// Mounts and reads everything.
fn look<C: CacheImpl<Key>>(flash: &mut SimulatedNor, cache: C) -> Result<Seen, Errno> {
    mounted(flash, cache, |files| {
        let root = files.root()?;
        see(files, &root)
    })
}

/// The trees that a step goes through on a file system in RAM; the first is the one before it.
fn states(files: &mut RamFs<'_>, step: &Step) -> Vec<Seen> {
    let root = files.root().expect("a root");
    let mut states = vec![see(files, &root).expect("a tree")];
    let size = match step {
        Step::Write { path, .. } => files.stat_at(&root, path, true).expect("there").size_bytes,
        _ => 0,
    };
    for part in step.parts(size) {
        part.run(files, &root).expect("room");
        states.push(see(files, &root).expect("a tree"));
    }
    states
}

/// Cuts a step at every operation and in every way; answers how many cuts that were.
fn cut_step<C: CacheImpl<Key>>(before: &SimulatedNor, cache: fn() -> C, step: &Step, allowed: &[Seen]) -> u64 {
    let mut whole = before.clone();
    run(&mut whole, cache(), step).expect("room");
    let operations = whole.operations() - before.operations();
    let mut cuts = 0;
    for (operation, tear) in (0..operations).flat_map(|operation| TEARS.map(|tear| (operation, tear))) {
        let mut flash = before.clone();
        flash.cut(operation, tear);
        assert_eq!(run(&mut flash, cache(), step), Err(Errno::Io), "{step:?}: {tear:?} at {operation}");
        assert!(flash.power_up());
        check(&flash, cache, allowed, &format!("{step:?}: {tear:?} at {operation} of {operations}"));
        cuts += 1;
        if matches!(tear, Tear::FirstHalf | Tear::Bits(1)) {
            cuts += cut_repair(&flash, cache, allowed, &format!("{step:?}: {tear:?} at {operation}"));
        }
    }
    cuts
}

/// Cuts the repair after a cut at every operation.
fn cut_repair<C: CacheImpl<Key>>(broken: &SimulatedNor, cache: fn() -> C, allowed: &[Seen], what: &str) -> u64 {
    let mut whole = broken.clone();
    run(&mut whole, cache(), &Step::Directory("proof")).expect("room");
    let operations = whole.operations() - broken.operations();
    let with_proof: Vec<Seen> = allowed.iter().map(proven).collect();
    let allowed = [allowed, &with_proof].concat();
    for operation in 0..operations {
        let tear = if operation % 2 == 0 { Tear::Bits(operation) } else { Tear::SecondHalf };
        let mut flash = broken.clone();
        flash.cut(operation, tear);
        assert_eq!(run(&mut flash, cache(), &Step::Directory("proof")), Err(Errno::Io));
        assert!(flash.power_up());
        let seen =
            look(&mut flash, cache()).unwrap_or_else(|errno| panic!("{what}, {tear:?} at {operation}: {errno:?}"));
        assert!(allowed.contains(&seen), "{what}, then {tear:?} at {operation}: {seen:?}");
    }
    operations
}

/// The tree with the directory `proof` in it.
fn proven(seen: &Seen) -> Seen {
    let mut seen = seen.clone();
    seen.insert("proof".into(), (Filetype::Directory, Vec::new(), 1));
    seen
}

/// What is found after a cut is allowed, stays so, and can be worked with.
fn check<C: CacheImpl<Key>>(flash: &SimulatedNor, cache: fn() -> C, allowed: &[Seen], what: &str) {
    let mut flash = flash.clone();
    let seen = look(&mut flash, cache()).unwrap_or_else(|errno| panic!("{what}: {errno:?}"));
    assert!(allowed.contains(&seen), "{what}: {seen:?}\n\nallowed: {allowed:?}");
    run(&mut flash, cache(), &Step::Directory("proof")).unwrap_or_else(|errno| panic!("{what}: {errno:?}"));
    assert_eq!(look(&mut flash, cache()), Ok(proven(&seen)), "{what}");
}

/// Cuts the whole script and prints how the pages were worn.
fn cut_everywhere<C: CacheImpl<Key>>(cache: fn() -> C) {
    let mut memory = vec![0; 64 * 1024];
    let mut expected = RamFs::new(&mut memory, 1, || 5).expect("room");
    let mut flash = SimulatedNor::new(PAGES);
    let mut cuts = 0;
    for step in script() {
        let allowed = states(&mut expected, &step);
        cuts += cut_step(&flash, cache, &step, &allowed);
        run(&mut flash, cache(), &step).expect("room");
        assert_eq!(look(&mut flash, cache()).ok().as_ref(), allowed.last(), "{step:?}");
    }
    println!("{cuts} cuts; erasures of each page without them, the journal's first: {:?}", flash.wear());
    assert!(flash.wear()[1..].iter().all(|count| *count > 0), "every page was used again");
}

/// A step of a life that nobody planned.
fn any_step(random: &mut fastrand::Rng) -> Step {
    const FILES: [&str; 5] = ["a", "b", "d/a", "d/b", "d/d/c"];
    const DIRECTORIES: [&str; 3] = ["d", "d/d", "e"];
    let file = FILES[random.usize(..FILES.len())];
    let other = FILES[random.usize(..FILES.len())];
    let directory = DIRECTORIES[random.usize(..DIRECTORIES.len())];
    match random.u8(..16) {
        0..3 => Step::Make(file),
        3..8 => Step::Write { path: file, at: random.u64(..1200), fill: random.u8(..), len: random.usize(1..900) },
        8 => Step::Resize(file, random.u64(..1500)),
        9 => Step::Directory(directory),
        10 => Step::Rename(directory, DIRECTORIES[random.usize(..DIRECTORIES.len())]),
        11 => Step::Symlink(file, other),
        12 => Step::Link(file, other),
        13 => Step::Rename(file, other),
        14 => Step::Unlink(file),
        _ => Step::RemoveDirectory(directory),
    }
}

/// Applies a row of steps to a new file system in RAM and hands it over.
fn replayed<R>(history: &[Step], work: impl FnOnce(&mut RamFs<'_>) -> R) -> R {
    let mut memory = vec![0; 64 * 1024];
    let mut files = RamFs::new(&mut memory, 1, || 5).expect("room");
    let root = files.root().expect("a root");
    history.iter().for_each(|step| step.run(&mut files, &root).expect("it was possible"));
    work(&mut files)
}

/// One device whose power goes again and again: what a cut leaves is what the next step works with.
#[test]
fn a_life_of_cuts_is_always_at_some_step() {
    let mut cuts = 0;
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut flash = SimulatedNor::new(PAGES);
        let mut history: Vec<Step> = Vec::new();
        for _ in 0..1000 {
            let step = any_step(&mut random);
            let possible = replayed(&history, |files| {
                let root = files.root()?;
                step.run(files, &root)
            });
            if let Err(errno) = possible {
                assert_eq!(run(&mut flash, Cache::new_uncached(), &step), Err(errno), "{step:?}");
                continue;
            }
            let tear = if random.bool() { Tear::Bits(random.u64(..)) } else { TEARS[random.usize(..TEARS.len())] };
            flash.cut(random.u64(..12), tear);
            let told = run(&mut flash, Cache::new_uncached(), &step);
            let struck = flash.power_up();
            assert!(struck || told.is_ok(), "{step:?}: {told:?}");
            cuts += u64::from(struck);
            let allowed = replayed(&history, |files| states(files, &step));
            let seen = look(&mut flash, Cache::new_uncached()).expect("it can be read");
            let reached = allowed.iter().rposition(|state| *state == seen);
            let reached = reached.unwrap_or_else(|| panic!("{seed}, {step:?}, {tear:?}: {seen:?}"));
            assert!(struck || reached + 1 == allowed.len(), "{step:?}");
            let size = match &step {
                Step::Write { path, .. } => allowed[0][*path].1.len() as u64,
                _ => 0,
            };
            history.extend(step.parts(size).into_iter().take(reached));
        }
    }
    println!("{cuts} cuts in a row");
    assert!(cuts > 2000);
}

#[test]
fn no_cut_loses_what_was_there_without_a_cache() {
    cut_everywhere(Cache::new_uncached);
}

#[test]
fn no_cut_loses_what_was_there_with_a_cache() {
    cut_everywhere(|| {
        Cache::new(
            ArrayPageStates::<{ PAGES - 1 }>::new(),
            ArrayPagePointers::<{ PAGES - 1 }>::new(),
            ArrayKeyPointers::<Key, 32>::new(),
        )
    });
}

/// A flash that somebody else holds too, who lets it fail and work again while it is mounted.
struct Held<'f>(&'f RefCell<SimulatedNor>);

impl ErrorType for Held<'_> {
    type Error = Fault;
}

impl ReadNorFlash for Held<'_> {
    const READ_SIZE: usize = SimulatedNor::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        self.0.borrow_mut().read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.borrow().capacity()
    }
}

impl NorFlash for Held<'_> {
    const WRITE_SIZE: usize = SimulatedNor::WRITE_SIZE;
    const ERASE_SIZE: usize = SimulatedNor::ERASE_SIZE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        self.0.borrow_mut().erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        self.0.borrow_mut().write(offset, bytes)
    }
}

impl MultiwriteNorFlash for Held<'_> {}

/// Not the power but an operation fails, and the same mount goes on: what is done afterwards is kept.
#[test]
fn a_failure_is_told_and_what_comes_after_it_is_kept() {
    let steps = script();
    for (at, tear) in (0..steps.len()).flat_map(|at| [Tear::Before, Tear::Bits(9), Tear::After].map(|tear| (at, tear)))
    {
        for after in [0, 2, 9] {
            let flash = RefCell::new(SimulatedNor::new(PAGES));
            let (mut names, mut nodes) = ([NameSlot::FREE; SLOTS], [NodeSlot::FREE; SLOTS]);
            let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: || 5 };
            let range = flash.borrow().range();
            let mut files = FlashFs::mount(Held(&flash), range.clone(), Cache::new_uncached(), lent).expect("mounted");
            let root = files.root().expect("a root");
            steps[..at].iter().for_each(|step| step.run(&mut files, &root).expect("room"));
            flash.borrow_mut().cut(after, tear);
            let told = steps[at].run(&mut files, &root);
            let failed = flash.borrow_mut().power_up();
            assert_eq!(told.is_err(), failed, "{:?}: {told:?}", steps[at]);
            for round in 0..12 {
                let write = Step::Write { path: "later", at: 0, fill: round, len: 1500 };
                for step in [Step::Make("later"), write] {
                    let done = step.run(&mut files, &root);
                    assert_eq!(done, Ok(()), "{step:?} after {:?}, {tear:?} at {after}", steps[at]);
                }
            }
            let seen = look(&mut flash.borrow_mut(), Cache::new_uncached()).expect("mounted again");
            assert_eq!(seen["later"], (Filetype::RegularFile, vec![11; 1500], 1), "{:?}", steps[at]);
        }
    }
}
