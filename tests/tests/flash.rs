//! The file system in flash in good times: content, links, listing, room, wear, and what it refuses to mount.

use wasmote_tests::nor::SimulatedNor;
use wasmote_wasi_p1::{
    Errno,
    capability::{Change, FileSystem, Files, Kind, New, Open, Position, Stamp, Times},
    flashfs::{
        FlashFs, FlashHandle, Key, Lent, NameSlot, NodeSlot,
        cache::{
            Cache, key_pointers::ArrayKeyPointers, page_pointers::ArrayPagePointers, page_states::ArrayPageStates,
        },
    },
};

const NEW: Open =
    Open { follow: true, read: true, write: true, create: true, exclusive: false, truncate: false, directory: false };
const PAGES: usize = 16;
const SLOTS: usize = 40;

/// The file system of these tests, with a cache as firmware would have it.
type Flash<'m, 'f> = FlashFs<
    'm,
    &'f mut SimulatedNor,
    Cache<ArrayPageStates<{ PAGES - 1 }>, ArrayPagePointers<{ PAGES - 1 }>, ArrayKeyPointers<Key, 64>, Key>,
>;

/// Mounts for as long as `work` needs it.
fn mounted<R>(flash: &mut SimulatedNor, work: impl FnOnce(&mut Flash<'_, '_>, FlashHandle) -> R) -> R {
    let (mut names, mut nodes) = ([NameSlot::FREE; SLOTS], [NodeSlot::FREE; SLOTS]);
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: || 77 };
    let cache = Cache::new(ArrayPageStates::new(), ArrayPagePointers::new(), ArrayKeyPointers::new());
    let range = flash.range();
    let mut files = FlashFs::mount(flash, range, cache, lent).expect("mounted");
    let root = files.root().expect("a root");
    work(&mut files, root)
}

fn write_new(files: &mut Flash<'_, '_>, root: &FlashHandle, path: &str, content: &[u8]) -> Result<(), Errno> {
    let (file, _) = files.open(root, path, NEW)?;
    let mut done = 0;
    while done < content.len() {
        match files.write(&file, Position::End, &content[done..]) {
            Ok(len) => done += len,
            Err(errno) => {
                files.close(file)?;
                return Err(errno);
            }
        }
    }
    files.close(file)
}

fn read_all(files: &mut Flash<'_, '_>, root: &FlashHandle, path: &str) -> Result<Vec<u8>, Errno> {
    let (file, _) = files.open(root, path, Open { create: false, write: false, ..NEW })?;
    let mut content = vec![0; files.stat(&file)?.size_bytes as usize];
    assert_eq!(files.read(&file, 0, &mut content)?, content.len());
    files.close(file)?;
    Ok(content)
}

#[test]
fn random_access_agrees_with_a_vector_and_survives_mounting() {
    let mut flash = SimulatedNor::new(PAGES);
    let mut model: Vec<u8> = Vec::new();
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..20u8 {
        mounted(&mut flash, |files, root| {
            let (file, _) = files.open(&root, "f", NEW).expect("opened");
            for step in 0..100 {
                let (at, len) = (random.usize(..6000), random.usize(..1400));
                match random.u8(..8) {
                    0 => {
                        files.change(&file, Change::Size(at as u64)).expect("room");
                        model.resize(at, 0);
                    }
                    1..4 => {
                        let bytes = vec![round ^ step; len];
                        assert_eq!(files.write(&file, Position::At(at as u64), &bytes), Ok(len));
                        if len > 0 {
                            model.resize(model.len().max(at + len), 0);
                            model[at..at + len].copy_from_slice(&bytes);
                        }
                    }
                    _ => {
                        let mut bytes = vec![0xee; len];
                        let read = files.read(&file, at as u64, &mut bytes).expect("readable");
                        assert_eq!(&bytes[..read], model.get(at..(at + len).min(model.len())).unwrap_or_default());
                    }
                }
                assert_eq!(files.stat(&file).map(|stat| stat.size_bytes), Ok(model.len() as u64));
            }
            files.close(file).expect("closed");
        });
        assert_eq!(mounted(&mut flash, |files, root| read_all(files, &root, "f")), Ok(model.clone()));
    }
}

#[test]
fn a_full_file_system_says_so_and_loses_nothing() {
    let mut flash = SimulatedNor::new(PAGES);
    let content = |index: usize| vec![index as u8; 3000];
    let count = mounted(&mut flash, |files, root| {
        let free = files.free_bytes();
        let full = (0..).find(|index| write_new(files, &root, &format!("f{index}"), &content(*index)).is_err());
        let count = full.expect("it is finite");
        assert!((count * 3000) as u64 > free * 9 / 10, "{count} files of 3000 bytes in {free}");
        assert!(files.free_bytes() < 3000);
        // Nothing more fits, however often it is tried; what is there can be rewritten.
        for _ in 0..50 {
            assert_eq!(write_new(files, &root, "last", &[1; 3000]), Err(Errno::NoSpc));
            files.remove(&root, "last", Kind::File).expect("removed");
            files
                .open(&root, "f0", NEW)
                .and_then(|(file, _)| files.write(&file, Position::At(0), &[0; 512]))
                .expect("room");
        }
        assert_eq!(
            files.create(&root, &"d".repeat(255), New::Directory).map_err(|errno| errno == Errno::NoSpc),
            Ok(())
        );
        count
    });
    mounted(&mut flash, |files, root| {
        for index in 0..count {
            assert_eq!(read_all(files, &root, &format!("f{index}")), Ok(content(index)), "f{index}");
        }
        for index in 0..count {
            files.remove(&root, &format!("f{index}"), Kind::File).expect("removed");
        }
        write_new(files, &root, "again", &[7; 20_000]).expect("room again");
    });
}

#[test]
fn names_and_files_end_with_their_slots() {
    let mut flash = SimulatedNor::new(PAGES);
    mounted(&mut flash, |files, root| {
        for index in 0..SLOTS - 1 {
            files.create(&root, &format!("d{index}"), New::Directory).expect("a slot");
        }
        assert_eq!(files.create(&root, "more", New::Directory), Err(Errno::NoSpc));
        assert_eq!(files.open(&root, "more", NEW).err(), Some(Errno::NoSpc));
        files.remove(&root, "d7", Kind::Directory).expect("removed");
        files.create(&root, "more", New::Directory).expect("a slot");
    });
    let (mut names, mut nodes) = ([NameSlot::FREE; SLOTS - 10], [NodeSlot::FREE; SLOTS]);
    let lent = Lent { names: &mut names, nodes: &mut nodes, device: 1, now_ns: || 0 };
    let range = flash.range();
    assert_eq!(FlashFs::mount(flash, range, Cache::new_uncached(), lent).err(), Some(Errno::NoMem));
}

#[test]
fn a_removed_file_that_is_open_stays_usable_and_leaves_no_trace() {
    let mut flash = SimulatedNor::new(PAGES);
    mounted(&mut flash, |files, root| {
        let free = files.free_bytes();
        let (file, _) = files.open(&root, "f", NEW).expect("made");
        assert_eq!(files.write(&file, Position::At(0), &[1; 2000]), Ok(2000));
        files.link(&root, "f", &root, "g").expect("linked");
        assert_eq!(files.stat(&file).map(|stat| stat.links), Ok(2));
        files.remove(&root, "f", Kind::File).expect("removed");
        files.remove(&root, "g", Kind::File).expect("removed");
        assert_eq!(files.stat(&file).map(|stat| (stat.links, stat.size_bytes)), Ok((0, 2000)));
        assert_eq!(files.write(&file, Position::End, &[2; 100]), Ok(100));
        let mut tail = [0; 150];
        assert_eq!(files.read(&file, 1950, &mut tail), Ok(150));
        assert_eq!(tail[..50], [1; 50]);
        assert_eq!(tail[50..], [2; 100]);
        files.close(file).expect("closed");
        assert_eq!(files.free_bytes(), free);
    });
}

#[test]
fn a_listing_goes_on_at_every_cookie_while_names_come_and_go() {
    let mut flash = SimulatedNor::new(PAGES);
    mounted(&mut flash, |files, root| {
        (0..20).for_each(|index| files.create(&root, &format!("d{index}"), New::Directory).expect("made"));
        let (mut cookie, mut seen) = (0, Vec::new());
        loop {
            let before = seen.len();
            files
                .list(&root, cookie, &mut |entry| {
                    seen.push(String::from_utf8_lossy(entry.name).into_owned());
                    cookie = entry.next;
                    false
                })
                .expect("listed");
            let Some(last) = seen.get(before).cloned() else { break };
            if last.starts_with('d') {
                files.remove(&root, &last, Kind::Directory).expect("removed");
            }
        }
        let expected: Vec<String> = ["..".into()].into_iter().chain((0..20).map(|index| format!("d{index}"))).collect();
        assert_eq!((seen[0].as_str(), &seen[1..]), (".", &expected[..]));
    });
}

#[test]
fn times_are_kept() {
    let mut flash = SimulatedNor::new(PAGES);
    mounted(&mut flash, |files, root| {
        write_new(files, &root, "f", b"x").expect("room");
        let times = Times { accessed: Some(Stamp::At(5)), modified: Some(Stamp::At(6)) };
        files.set_times_at(&root, "f", true, times).expect("set");
    });
    let stat = mounted(&mut flash, |files, root| files.stat_at(&root, "f", true)).expect("there");
    assert_eq!((stat.accessed_ns, stat.modified_ns, stat.changed_ns), (5, 6, 77));
}

#[test]
fn wear_is_spread_over_all_pages() {
    let mut flash = SimulatedNor::new(PAGES);
    mounted(&mut flash, |files, root| {
        write_new(files, &root, "settled", &[9; 20_000]).expect("room");
        for round in 0..4000u32 {
            // A log of which the last hundred lines are kept, as a device does it that never stops.
            let (log, _) = files.open(&root, "log", NEW).expect("opened");
            let line = format!("line {round:8} of a log that is written for years\n");
            assert_eq!(files.write(&log, Position::End, line.as_bytes()), Ok(line.len()));
            files.close(log).expect("closed");
            if round % 100 == 99 {
                files.rename(&root, "log", &root, "log.1").expect("renamed");
            }
        }
        assert_eq!(read_all(files, &root, "settled"), Ok(vec![9; 20_000]));
    });
    let (journal, pages) = flash.wear().split_first().expect("pages");
    let (least, most) = (pages.iter().min().expect("pages"), pages.iter().max().expect("pages"));
    println!("4000 lines: each page erased {least} to {most} times, the journal's {journal} times");
    assert!(*least > 0 && most - least <= 1, "{pages:?}");
    assert!(*journal > 0 && *journal < *least);
}

#[test]
fn what_is_no_file_system_is_not_mounted_but_formatted() {
    fn lend<'m>(names: &'m mut [NameSlot], nodes: &'m mut [NodeSlot]) -> Lent<'m> {
        Lent { names, nodes, device: 1, now_ns: || 0 }
    }
    let (mut names, mut nodes) = ([NameSlot::FREE; 4], [NodeSlot::FREE; 4]);
    for range in [0..4096, 0..3 * 4096, 100..20_480, 4096..20_481, 0..u32::MAX] {
        let lent = lend(&mut names, &mut nodes);
        let mounted = FlashFs::mount(SimulatedNor::new(8), range.clone(), Cache::new_uncached(), lent);
        assert_eq!(mounted.err(), Some(Errno::Inval), "{range:?}");
    }
    let mut flash = SimulatedNor::new(8);
    flash.scribble(3);
    let range = 4096..7 * 4096;
    if let Ok(mut files) =
        FlashFs::mount(&mut flash, range.clone(), Cache::new_uncached(), lend(&mut names, &mut nodes))
    {
        // Noise may look like an empty map; then it must be one.
        let root = files.root().expect("a root");
        assert_eq!(files.stat_at(&root, "f", true).err(), Some(Errno::NoEnt));
    }
    let lent = lend(&mut names, &mut nodes);
    let mut files = FlashFs::format(&mut flash, range, Cache::new_uncached(), lent).expect("formatted");
    let root = files.root().expect("a root");
    files.create(&root, "d", New::Directory).expect("made");
    assert!(flash.wear()[0] == 0 && flash.wear()[7] == 0, "beyond the range nothing is touched");
}
