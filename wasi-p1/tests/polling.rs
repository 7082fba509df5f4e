//! `poll_oneoff`: clocks and descriptors together, and what an embedder sees while the guest waits.

mod common;

use common::{
    Answer::{self, Errno, Pending},
    errno::*,
    host::{LISTENER, ROOT},
    new_guest,
};
use wasmote_wasi_p1::{Interest, Source};

type Guest = common::Guest<wasmote_wasi_p1::Wasi<common::TestHost>>;

const OK: Answer = Errno(SUCCESS);
const IN: u32 = 1024;
const EVENTS: u32 = 4096;
const COUNT: u32 = 16;
const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;

/// A subscription of a clock.
fn clock(userdata: u64, id: u32, timeout: u64, absolute: bool) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[16..20].copy_from_slice(&id.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40] = u8::from(absolute);
    bytes
}

/// A subscription of a descriptor, to read it or to write it.
fn descriptor(userdata: u64, fd: u64, write: bool) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8] = 1 + u8::from(write);
    bytes[16..20].copy_from_slice(&(fd as u32).to_le_bytes());
    bytes
}

fn poll(guest: &mut Guest, subscriptions: &[[u8; 48]]) -> Answer {
    guest.put(IN, &subscriptions.concat());
    let count = subscriptions.len() as u64;
    guest.call("poll_oneoff", &[u64::from(IN), u64::from(EVENTS), count, u64::from(COUNT)])
}

/// The events: user data, errno, kind, bytes, flags.
fn events(guest: &Guest) -> Vec<(u64, u32, u8, u64, u8)> {
    (0..guest.get_u32(COUNT))
        .map(|index| {
            let at = EVENTS + index * 32;
            let small = guest.get(at + 8, 3);
            let errno = u32::from(small[0]) | u32::from(small[1]) << 8;
            (guest.get_u64(at), errno, small[2], guest.get_u64(at + 16), guest.get(at + 24, 1)[0])
        })
        .collect()
}

#[test]
fn sleeping_pauses_until_the_deadline_counted_from_the_first_call() {
    let (mut guest, world) = new_guest();
    world.now_ns.set(1000);
    assert_eq!(poll(&mut guest, &[clock(7, MONOTONIC, 500, false), clock(8, REALTIME, 600, false)]), Pending);
    let blocked = guest.data.blocked().expect("it waits");
    assert_eq!((blocked.started_ns, blocked.deadline_ns), (1000, Some(1500)));
    world.now_ns.set(1499);
    assert_eq!(guest.again(), Pending);
    assert_eq!(guest.data.blocked().and_then(|blocked| blocked.deadline_ns), Some(1500));
    world.now_ns.set(1500);
    assert_eq!(guest.again(), OK);
    assert_eq!(events(&guest), [(7, 0, 0, 0, 0)]);
    assert_eq!(guest.data.blocked(), None);
}

#[test]
fn absolute_times_are_of_their_own_clock() {
    let (mut guest, world) = new_guest();
    world.now_ns.set(1000);
    // The test host's time of day is a millisecond ahead.
    assert_eq!(poll(&mut guest, &[clock(1, REALTIME, 1_002_000, true)]), Pending);
    assert_eq!(guest.data.blocked().and_then(|blocked| blocked.deadline_ns), Some(2000));
    world.now_ns.set(5000);
    assert_eq!(guest.again(), OK);
    assert_eq!(poll(&mut guest, &[clock(2, MONOTONIC, 4000, true), clock(3, REALTIME, 0, true)]), OK);
    assert_eq!(events(&guest), [(2, 0, 0, 0, 0), (3, 0, 0, 0, 0)]);
    assert_eq!(poll(&mut guest, &[clock(4, MONOTONIC, u64::MAX, false)]), Pending);
    assert_eq!(guest.data.blocked().and_then(|blocked| blocked.deadline_ns), Some(u64::MAX));
    guest.give_up();
}

#[test]
fn input_ends_a_sleep_and_the_clock_ends_a_wait_for_input() {
    let (mut guest, world) = new_guest();
    let both = [clock(1, MONOTONIC, 100, false), descriptor(2, 0, false)];
    assert_eq!(poll(&mut guest, &both), Pending);
    let sources: Vec<Interest> = guest.data.sources().map(|(_, interest)| interest).collect();
    assert_eq!(sources, [Interest::Read]);
    world.input.borrow_mut().extend(b"hello");
    assert_eq!(guest.again(), OK);
    assert_eq!(events(&guest), [(2, 0, 1, 5, 0)]);
    world.input.borrow_mut().clear();
    assert_eq!(poll(&mut guest, &both), Pending);
    world.now_ns.set(100);
    assert_eq!(guest.again(), OK);
    assert_eq!(events(&guest), [(1, 0, 0, 0, 0)]);
    world.input_ended.set(true);
    assert_eq!(poll(&mut guest, &both[1..]), OK);
    assert_eq!(events(&guest), [(2, 0, 1, 0, 1)]);
}

#[test]
fn what_is_ready_does_not_wait_for_what_is_not() {
    let (mut guest, world) = new_guest();
    let all = [descriptor(1, 0, false), descriptor(2, 1, true), descriptor(3, 2, true), clock(4, MONOTONIC, 9, false)];
    assert_eq!(poll(&mut guest, &all), OK);
    assert_eq!(events(&guest), [(2, 0, 2, 0, 0), (3, 0, 2, 0, 0)]);
    world.output_full.set(true);
    assert_eq!(poll(&mut guest, &all), Pending);
    assert_eq!(guest.data.sources().count(), 3);
    guest.give_up();
    assert_eq!((guest.data.blocked(), guest.data.sources().count()), (None, 0));
}

#[test]
fn errors_of_one_subscription_are_in_its_event() {
    let (mut guest, _) = new_guest();
    let all = [
        descriptor(1, 11, false),
        descriptor(2, 0, true),
        descriptor(3, 1, false),
        descriptor(4, ROOT, false),
        clock(5, 2, 1, false),
        clock(6, 9, 1, false),
        descriptor(7, LISTENER, false),
    ];
    assert_eq!(poll(&mut guest, &all), OK);
    let found: Vec<(u64, u32)> = events(&guest).iter().map(|event| (event.0, event.1)).collect();
    // A directory has no right to be waited for.
    assert_eq!(found, [(1, BADF), (2, BADF), (3, BADF), (4, NOTCAPABLE), (5, NOTSUP), (6, INVAL)]);
}

#[test]
fn a_broken_clock_is_an_error_of_the_event() {
    let (mut guest, world) = new_guest();
    world.fail.set(Some((0, wasmote_wasi_p1::Errno::NotSup)));
    assert_eq!(poll(&mut guest, &[clock(1, MONOTONIC, 5, false), descriptor(2, 1, true)]), OK);
    assert_eq!(events(&guest), [(1, NOTSUP, 0, 0, 0), (2, 0, 2, 0, 0)]);
}

#[test]
fn the_call_itself_fails_where_no_event_could_say_so() {
    let (mut guest, _) = new_guest();
    assert_eq!(poll(&mut guest, &[]), Errno(INVAL));
    let mut unknown = clock(1, MONOTONIC, 0, false);
    unknown[8] = 3;
    assert_eq!(poll(&mut guest, &[unknown]), Errno(INVAL));
    let mut flags = clock(1, MONOTONIC, 0, false);
    flags[40] = 2;
    assert_eq!(poll(&mut guest, &[flags]), Errno(INVAL));
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 1025, 0]), Errno(INVAL));
    assert_eq!(guest.call("poll_oneoff", &[65536 - 47, 0, 1, 0]), Errno(FAULT));
    assert_eq!(guest.call("poll_oneoff", &[0, 65536 - 31, 1, 0]), Errno(FAULT));
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 1, 65536 - 3]), Errno(FAULT));
}

#[test]
fn events_may_take_the_place_of_their_subscriptions() {
    let (mut guest, _) = new_guest();
    let all: Vec<[u8; 48]> = (0..9).map(|userdata| descriptor(userdata, 1 + userdata % 2, true)).collect();
    guest.put(IN, &all.concat());
    assert_eq!(guest.call("poll_oneoff", &[u64::from(IN), u64::from(IN), 9, u64::from(COUNT)]), OK);
    let found: Vec<u64> = (0..guest.get_u32(COUNT)).map(|index| guest.get_u64(IN + index * 32)).collect();
    assert_eq!(found, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_listener_is_waited_for_like_an_input() {
    let (mut guest, world) = new_guest();
    assert_eq!(poll(&mut guest, &[descriptor(1, LISTENER, false)]), Pending);
    assert!(guest.data.sources().all(|(source, _)| matches!(source, Source::Socket(_))));
    world.arriving.borrow_mut().push_back(Default::default());
    assert_eq!(guest.again(), OK);
    assert_eq!(events(&guest), [(1, 0, 1, 0, 0)]);
}
