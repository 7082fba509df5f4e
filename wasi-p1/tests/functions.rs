//! The functions one by one, where the official suite does not look: streams, sockets, syncing, signals, sizes, and
//! what a guest is told when it asks for what it may not have.

mod common;

use common::{
    Answer::{self, Errno, Exit, Pending},
    errno::*,
    host::{LISTENER, ROOT},
    new_guest,
};

type Guest = common::Guest<wasmote_wasi_p1::Wasi<common::TestHost>>;

const OK: Answer = Errno(SUCCESS);
/// Where the tests keep things in the guest's memory.
const IOVECS: u32 = 64;
const BUFFER: u32 = 1024;
const OUT: u32 = 16;
const PATH: u32 = 512;
const ALL: u64 = (1 << 30) - 1;
/// A bit of `oflags`.
const CREAT: u64 = 1;
const APPEND: u64 = 1;
const NONBLOCK: u64 = 4;

/// One buffer of `len` bytes at `BUFFER`.
fn one_buffer(guest: &mut Guest, len: u32) {
    guest.put(IOVECS, &[BUFFER.to_le_bytes(), len.to_le_bytes()].concat());
}

fn open(guest: &mut Guest, path: &str, oflags: u64, base: u64, fdflags: u64) -> Result<u64, u32> {
    guest.put(PATH, path.as_bytes());
    let args = [ROOT, 1, u64::from(PATH), path.len() as u64, oflags, base, ALL, fdflags, u64::from(OUT)];
    match guest.call("path_open", &args) {
        OK => Ok(u64::from(guest.get_u32(OUT))),
        Errno(errno) => Err(errno),
        other => panic!("{other:?}"),
    }
}

fn transfer(guest: &mut Guest, name: &str, fd: u64, len: u32) -> Answer {
    one_buffer(guest, len);
    guest.call(name, &[fd, u64::from(IOVECS), 1, u64::from(OUT)])
}

#[test]
fn arguments_and_variables_arrive_with_their_sizes() {
    let (mut guest, _) = new_guest();
    assert_eq!(guest.call("args_sizes_get", &[0, 4]), OK);
    assert_eq!((guest.get_u32(0), guest.get_u32(4)), (3, 16));
    assert_eq!(guest.call("args_get", &[32, 100]), OK);
    assert_eq!(guest.get(100, 16), b"prog\0\0two words\0");
    assert_eq!([guest.get_u32(32), guest.get_u32(36), guest.get_u32(40)], [100, 105, 106]);
    assert_eq!(guest.call("environ_sizes_get", &[0, 4]), OK);
    assert_eq!((guest.get_u32(0), guest.get_u32(4)), (1, 4));
    assert_eq!(guest.call("environ_get", &[32, 65532]), OK);
    assert_eq!(guest.get(65532, 4), b"A=1\0");
    assert_eq!(guest.call("environ_get", &[32, 65533]), Errno(FAULT));
}

#[test]
fn reading_an_idle_input_pauses_until_something_arrives() {
    let (mut guest, world) = new_guest();
    assert_eq!(transfer(&mut guest, "fd_read", 0, 100), Pending);
    assert_eq!(guest.data.blocked().map(|blocked| blocked.deadline_ns), Some(None));
    assert_eq!(guest.data.sources().count(), 1);
    assert_eq!(guest.again(), Pending);
    world.input.borrow_mut().extend(b"hello, this is more than a piece");
    assert_eq!(guest.again(), OK);
    assert_eq!(guest.get_u32(OUT), 32);
    assert_eq!(guest.get(BUFFER, 32), b"hello, this is more than a piece");
    assert_eq!(guest.data.blocked(), None);
    assert_eq!(guest.data.sources().count(), 0);
    world.input_ended.set(true);
    assert_eq!(transfer(&mut guest, "fd_read", 0, 100), OK);
    assert_eq!(guest.get_u32(OUT), 0);
}

#[test]
fn a_stream_that_must_not_wait_answers_again() {
    let (mut guest, world) = new_guest();
    assert_eq!(guest.call("fd_fdstat_set_flags", &[0, NONBLOCK]), OK);
    assert_eq!(transfer(&mut guest, "fd_read", 0, 10), Errno(AGAIN));
    world.output_full.set(true);
    assert_eq!(transfer(&mut guest, "fd_write", 1, 10), Pending);
    world.output_full.set(false);
    assert_eq!(guest.again(), OK);
    assert_eq!(world.output.borrow().len(), 10);
    assert_eq!(transfer(&mut guest, "fd_write", 0, 10), Errno(BADF));
    assert_eq!(transfer(&mut guest, "fd_read", 1, 10), Errno(BADF));
}

#[test]
fn several_buffers_are_one_write_and_one_read() {
    let (mut guest, world) = new_guest();
    guest.put(BUFFER, b"abcdefghijklmnopqrstuvwxyz");
    let list = [BUFFER, 3, BUFFER + 10, 0, BUFFER + 20, 5, BUFFER, 26];
    let bytes: Vec<u8> = list.iter().flat_map(|word| word.to_le_bytes()).collect();
    guest.put(IOVECS, &bytes);
    assert_eq!(guest.call("fd_write", &[1, u64::from(IOVECS), 4, u64::from(OUT)]), OK);
    assert_eq!(guest.get_u32(OUT), 34);
    assert_eq!(*world.output.borrow(), b"abcuvwxyabcdefghijklmnopqrstuvwxyz");
    world.input.borrow_mut().extend(b"0123456789");
    assert_eq!(guest.call("fd_read", &[0, u64::from(IOVECS), 4, u64::from(OUT)]), OK);
    assert_eq!(guest.get_u32(OUT), 10);
    // 012 went to the first buffer, 34567 to the third, and 89 over the first again.
    assert_eq!(guest.get(BUFFER, 26), b"892defghijklmnopqrst34567z");
}

#[test]
fn sums_of_buffers_do_not_wrap() {
    let (mut guest, world) = new_guest();
    let whole = [0u32, 65536].map(u32::to_le_bytes).concat();
    guest.put(0, &whole.repeat(1024));
    assert_eq!(guest.call("fd_write", &[1, 0, 1025, 60000]), Errno(INVAL));
    assert_eq!(guest.call("fd_write", &[1, 0, 1024, 60000]), OK);
    assert_eq!((guest.get_u32(60000), world.output.borrow().len()), (1 << 26, 1 << 26));
    guest.put(8, &[1u32, 65536].map(u32::to_le_bytes).concat());
    world.output.borrow_mut().clear();
    assert_eq!(guest.call("fd_write", &[1, 0, 1024, 60000]), Errno(FAULT));
    assert!(world.output.borrow().is_empty(), "a bad list is found before the first byte is written");
}

#[test]
fn a_read_that_overwrites_its_own_list_stays_in_bounds() {
    let (mut guest, world) = new_guest();
    // The first buffer is the list itself; what arrives makes the second one a lie.
    guest.put(IOVECS, &[IOVECS, 16, BUFFER, 16].map(u32::to_le_bytes).concat());
    world.input.borrow_mut().extend([0xff; 40]);
    assert_eq!(guest.call("fd_read", &[0, u64::from(IOVECS), 2, u64::from(OUT)]), Errno(FAULT));
}

#[test]
fn appending_minds_no_position_and_moves_to_the_end() {
    let (mut guest, _) = new_guest();
    let file = open(&mut guest, "f", CREAT, ALL, APPEND).expect("a new file");
    guest.put(BUFFER, b"0123456789abcdefghij");
    assert_eq!(transfer(&mut guest, "fd_write", file, 20), OK);
    assert_eq!(guest.call("fd_seek", &[file, 0, 0, u64::from(OUT)]), OK);
    assert_eq!(guest.call("fd_pwrite", &[file, u64::from(IOVECS), 1, 5, u64::from(OUT)]), OK);
    assert_eq!(guest.call("fd_tell", &[file, u64::from(OUT)]), OK);
    assert_eq!(guest.get_u64(OUT), 0);
    assert_eq!(transfer(&mut guest, "fd_write", file, 20), OK);
    assert_eq!(guest.call("fd_tell", &[file, u64::from(OUT)]), OK);
    assert_eq!(guest.get_u64(OUT), 60);
    assert_eq!(guest.call("fd_fdstat_get", &[file, 32]), OK);
    assert_eq!(guest.get(34, 2), [APPEND as u8, 0]);
}

#[test]
fn seeking_knows_its_bounds() {
    let (mut guest, _) = new_guest();
    let file = open(&mut guest, "f", CREAT, ALL, 0).expect("a new file");
    let mut seek =
        |offset: i64, whence: u64| match guest.call("fd_seek", &[file, offset as u64, whence, u64::from(OUT)]) {
            OK => Ok(guest.get_u64(OUT)),
            Errno(errno) => Err(errno),
            other => panic!("{other:?}"),
        };
    assert_eq!(seek(i64::MAX, 0), Ok(i64::MAX as u64));
    assert_eq!(seek(1, 1), Err(INVAL));
    assert_eq!(seek(-1, 1), Ok(i64::MAX as u64 - 1));
    assert_eq!(seek(i64::MIN, 1), Err(INVAL));
    assert_eq!(seek(-1, 0), Err(INVAL));
    assert_eq!(seek(-1, 2), Err(INVAL));
    assert_eq!(seek(5, 2), Ok(5));
    assert_eq!(seek(0, 3), Err(INVAL));
    assert_eq!(guest.call("fd_seek", &[0, 0, 1, u64::from(OUT)]), Errno(SPIPE));
    assert_eq!(guest.call("fd_seek", &[ROOT, 0, 1, u64::from(OUT)]), Errno(ISDIR));
}

#[test]
fn syncing_is_for_files() {
    let (mut guest, world) = new_guest();
    let file = open(&mut guest, "f", CREAT, ALL, 0).expect("a new file");
    for name in ["fd_sync", "fd_datasync"] {
        assert_eq!(guest.call(name, &[file]), OK);
        assert_eq!(guest.call(name, &[ROOT]), OK);
        assert_eq!(guest.call(name, &[1]), Errno(INVAL));
        assert_eq!(guest.call(name, &[11]), Errno(BADF));
        world.fail.set(Some((0, wasmote_wasi_p1::Errno::Io)));
        assert_eq!(guest.call(name, &[file]), Errno(IO));
    }
    let without_syncing = guest_rights(&mut guest, file) & !(1 | 1 << 4);
    assert_eq!(guest.call("fd_fdstat_set_rights", &[file, without_syncing, 0]), OK);
    assert_eq!(guest.call("fd_sync", &[file]), Errno(NOTCAPABLE));
    assert_eq!(guest.call("fd_datasync", &[file]), Errno(NOTCAPABLE));
}

/// The rights that a descriptor has.
fn guest_rights(guest: &mut Guest, fd: u64) -> u64 {
    assert_eq!(guest.call("fd_fdstat_get", &[fd, 32]), OK);
    guest.get_u64(40)
}

#[test]
fn synchronised_writes_reach_the_storage() {
    let (mut guest, world) = new_guest();
    for (flags, calls) in [(0, 1), (2, 2), (16, 2)] {
        let file = open(&mut guest, "f", CREAT, ALL, flags).expect("a file");
        let before = world.calls.get();
        assert_eq!(transfer(&mut guest, "fd_write", file, 4), OK);
        assert_eq!(world.calls.get() - before, calls, "flags {flags}");
        assert_eq!(guest.call("fd_close", &[file]), OK);
    }
}

#[test]
fn signals_do_what_they_do_to_a_process_that_catches_none() {
    let (mut guest, _) = new_guest();
    for signal in [0, 16, 17, 22, 27] {
        assert_eq!(guest.call("proc_raise", &[signal]), OK);
    }
    for signal in [18, 19, 20, 21] {
        assert_eq!(guest.call("proc_raise", &[signal]), Errno(NOTSUP));
    }
    for signal in [1, 2, 6, 9, 15, 30] {
        assert_eq!(guest.call("proc_raise", &[signal]), Exit(128 + signal as u32));
    }
    assert_eq!(guest.call("proc_raise", &[31]), Errno(INVAL));
    assert_eq!(guest.call("proc_exit", &[u64::from(u32::MAX)]), Exit(u32::MAX));
    assert_eq!(guest.call("sched_yield", &[]), OK);
}

#[test]
fn a_connection_is_accepted_read_written_and_shut() {
    let (mut guest, world) = new_guest();
    let accept = [LISTENER, 0, u64::from(OUT)];
    assert_eq!(guest.call("sock_accept", &accept), Pending);
    let connection = std::rc::Rc::new(common::host::Connection::default());
    world.arriving.borrow_mut().push_back(connection.clone());
    assert_eq!(guest.again(), OK);
    let fd = u64::from(guest.get_u32(OUT));
    assert_eq!(guest.call("fd_fdstat_get", &[fd, 32]), OK);
    assert_eq!(guest.get(32, 1), [6]);

    one_buffer(&mut guest, 100);
    let receive = |flags: u64| [fd, u64::from(IOVECS), 1, flags, u64::from(OUT), u64::from(OUT) + 4];
    assert_eq!(guest.call("sock_recv", &receive(0)), Pending);
    connection.to_guest.borrow_mut().extend(b"a request, longer than one piece");
    assert_eq!(guest.again(), OK);
    assert_eq!(guest.get_u32(OUT), 32);
    connection.to_guest.borrow_mut().extend(b"again");
    assert_eq!(guest.call("sock_recv", &receive(1)), OK);
    assert_eq!((guest.get_u32(OUT), guest.get(BUFFER, 5)), (5, b"again".to_vec()));
    assert_eq!(transfer(&mut guest, "fd_read", fd, 100), OK);
    assert_eq!(guest.get_u32(OUT), 5);
    assert_eq!(guest.call("sock_recv", &receive(2)), Errno(NOTSUP));
    assert_eq!(guest.call("sock_recv", &receive(4)), Errno(INVAL));

    guest.put(BUFFER, b"an answer");
    one_buffer(&mut guest, 9);
    assert_eq!(guest.call("sock_send", &[fd, u64::from(IOVECS), 1, 0, u64::from(OUT)]), OK);
    assert_eq!(transfer(&mut guest, "fd_write", fd, 2), OK);
    assert_eq!(*connection.from_guest.borrow(), b"an answeran");
    assert_eq!(guest.call("sock_send", &[fd, u64::from(IOVECS), 1, 1, u64::from(OUT)]), Errno(INVAL));
    assert_eq!(guest.call("sock_shutdown", &[fd, 0]), Errno(INVAL));
    assert_eq!(guest.call("sock_shutdown", &[fd, 3]), OK);
    assert_eq!(connection.shut.get(), 3);
    connection.ended.set(true);
    assert_eq!(guest.call("sock_recv", &receive(0)), OK);
    assert_eq!(guest.get_u32(OUT), 0);
    assert_eq!(guest.call("fd_close", &[fd]), OK);
    assert_eq!(world.open.get(), 2);
}

#[test]
fn sockets_and_other_descriptors_are_not_confused() {
    let (mut guest, _) = new_guest();
    let (iovecs, out) = (u64::from(IOVECS), u64::from(OUT));
    for (fd, expected) in [(1, NOTSOCK), (ROOT, NOTSOCK), (11, BADF), (u64::from(u32::MAX), BADF)] {
        assert_eq!(guest.call("sock_accept", &[fd, 0, out]), Errno(expected));
        assert_eq!(guest.call("sock_recv", &[fd, iovecs, 0, 0, out, out]), Errno(expected));
        assert_eq!(guest.call("sock_send", &[fd, iovecs, 0, 0, out]), Errno(expected));
        assert_eq!(guest.call("sock_shutdown", &[fd, 1]), Errno(expected));
    }
    assert_eq!(guest.call("sock_recv", &[LISTENER, iovecs, 0, 0, out, out]), Errno(NOTCAPABLE));
    assert_eq!(guest.call("fd_seek", &[LISTENER, 0, 0, out]), Errno(SPIPE));
    assert_eq!(guest.call("fd_readdir", &[LISTENER, 0, 10, 0, out]), Errno(NOTCAPABLE));
}

#[test]
fn a_full_table_is_said_before_anything_is_opened() {
    let (mut guest, world) = new_guest();
    let mut opened = 0;
    let errno = loop {
        match open(&mut guest, &format!("f{opened}"), CREAT, ALL, 0) {
            Ok(_) => opened += 1,
            Err(errno) => break errno,
        }
    };
    assert_eq!((errno, opened), (MFILE, 7));
    assert_eq!(world.open.get(), 2 + 7);
    guest.put(PATH, b"f7");
    assert_eq!(guest.call("path_filestat_get", &[ROOT, 0, u64::from(PATH), 2, 0]), Errno(NOENT));
    world.arriving.borrow_mut().push_back(Default::default());
    assert_eq!(guest.call("sock_accept", &[LISTENER, 0, u64::from(OUT)]), Errno(MFILE));
    assert_eq!(world.arriving.borrow().len(), 1);
    guest.data.close_all();
    assert_eq!(world.open.get(), 0);
}

#[test]
fn what_a_path_may_not_be_is_refused_before_it_is_walked() {
    let (mut guest, world) = new_guest();
    let before = world.calls.get();
    for (path, expected) in [
        (&b""[..], NOENT),
        (b"a\0b", INVAL),
        (b"a\0", INVAL),
        (b"\xff", ILSEQ),
        (b"/", PERM),
        (b"//a", PERM),
        (&[b'a'; 65], NAMETOOLONG),
    ] {
        guest.put(PATH, path);
        let (at, len) = (u64::from(PATH), path.len() as u64);
        assert_eq!(guest.call("path_create_directory", &[ROOT, at, len]), Errno(expected), "{path:?}");
        assert_eq!(guest.call("path_filestat_get", &[ROOT, 1, at, len, 0]), Errno(expected), "{path:?}");
        assert_eq!(guest.call("path_symlink", &[at, len, ROOT, at, len]), Errno(expected), "{path:?}");
    }
    assert_eq!(world.calls.get(), before);
    guest.put(PATH, b"a");
    for (fd, expected) in [(1, NOTDIR), (LISTENER, NOTDIR), (11, BADF)] {
        assert_eq!(guest.call("path_create_directory", &[fd, u64::from(PATH), 1]), Errno(expected));
    }
}

#[test]
fn rights_are_given_up_and_never_gained() {
    let (mut guest, _) = new_guest();
    let file = open(&mut guest, "f", CREAT, ALL, 0).expect("a new file");
    let rights = guest_rights(&mut guest, file);
    for bit in (0..30).filter(|bit| rights >> bit & 1 == 1) {
        let file = open(&mut guest, "f", 0, ALL, 0).expect("the file");
        assert_eq!(guest.call("fd_fdstat_set_rights", &[file, rights & !(1 << bit), 0]), OK);
        assert_eq!(guest.call("fd_fdstat_set_rights", &[file, rights, 0]), Errno(NOTCAPABLE));
        assert_eq!(guest.call("fd_fdstat_set_rights", &[file, 0, 1]), Errno(NOTCAPABLE));
        let (iovecs, out) = (u64::from(IOVECS), u64::from(OUT));
        let denied = match bit {
            0 => guest.call("fd_datasync", &[file]),
            1 => guest.call("fd_read", &[file, iovecs, 0, out]),
            2 => guest.call("fd_seek", &[file, 1, 0, out]),
            3 => guest.call("fd_fdstat_set_flags", &[file, 0]),
            4 => guest.call("fd_sync", &[file]),
            // To seek is to tell.
            5 => Errno(NOTCAPABLE),
            6 => guest.call("fd_write", &[file, iovecs, 0, out]),
            7 => guest.call("fd_advise", &[file, 0, 0, 0]),
            8 => guest.call("fd_allocate", &[file, 0, 1]),
            21 => guest.call("fd_filestat_get", &[file, 1024]),
            22 => guest.call("fd_filestat_set_size", &[file, 1]),
            23 => guest.call("fd_filestat_set_times", &[file, 0, 0, 0]),
            27 => Errno(NOTCAPABLE),
            other => panic!("right {other} is not a file's"),
        };
        assert_eq!(denied, Errno(NOTCAPABLE), "right {bit}");
        assert_eq!(guest.call("fd_close", &[file]), OK);
    }
}

#[test]
fn a_read_only_directory_gives_nothing_to_write() {
    let (mut guest, _) = new_guest();
    open(&mut guest, "f", CREAT, ALL, 0).expect("a new file");
    let read_only = wasmote_wasi_p1::Rights::READ_ONLY.bits();
    let base = guest_rights(&mut guest, ROOT) & read_only;
    assert_eq!(guest.call("fd_fdstat_set_rights", &[ROOT, base, read_only]), OK);
    let (read, write) = (1 << 1, 1 << 6);
    assert_eq!(open(&mut guest, "f", 0, read | write, 0), Err(NOTCAPABLE));
    assert_eq!(open(&mut guest, "new", CREAT, read, 0), Err(NOTCAPABLE));
    let file = open(&mut guest, "f", 0, ALL & !write, 0).expect("to be read");
    assert_eq!(guest_rights(&mut guest, file) & !read_only, 0);
    assert_eq!(guest.call("fd_filestat_set_size", &[file, 0]), Errno(NOTCAPABLE));
    guest.put(PATH, b"d");
    assert_eq!(guest.call("path_create_directory", &[ROOT, u64::from(PATH), 1]), Errno(NOTCAPABLE));
    assert_eq!(guest.call("path_unlink_file", &[ROOT, u64::from(PATH), 1]), Errno(NOTCAPABLE));
}
