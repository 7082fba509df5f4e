//! The board, the places, the words for what goes wrong, and the survey, on machines that are not there.

use super::board::LinuxBoard;
use super::draft::draft;
use super::fake::Fake;
use super::place::{ChannelAt, LineAt, device_path};
use super::show::show;
use super::survey::Survey;
use super::wait::monotonic_ns;
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal::spi::MODE_0;
use rustix::io::Errno;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use wasmote_board::policy::text;
use wasmote_board_sim::Waited;
use wasmote_wasi_embedded::{
    ActiveLevel, Address, Blocked, Board, Class, Edge, Edges, Line, PinError, PinMode, Pull, Settings,
};

const POLICY: &str = r#"
[digital]
led0 = { direction = "in-out", at = "GPIO17" }
button = { direction = "in", at = "gpiochip0/1" }
nowhere = { direction = "in" }
[analog]
pot = { direction = "in", at = "iio:device0/voltage3" }
[i2c]
i2c0 = { addresses = "all", at = "i2c-1" }
[spi]
flash = { modes = [0], at = "spidev0.0" }
"#;

const IN: Class = Class::Digital(PinMode::In);
const OUT: Class = Class::Digital(PinMode::Out);

/// A machine with two lines that the policy names.
fn machine() -> Fake {
    Fake::new().chip(
        "gpiochip0",
        "pinctrl",
        &[("GPIO17", None), ("", None), ("BUSY", Some("heartbeat")), ("TWICE", None)],
    )
}

fn board(fake: &Fake) -> LinuxBoard {
    let (_, places) = text::policy_with_places(POLICY).unwrap();
    LinuxBoard::on(Box::new(fake.clone()), places, "p.toml", None)
}

/// Opens a label; the line, or the error and what is told.
fn open(
    board: &mut LinuxBoard,
    class: Class,
    label: &str,
    settings: Settings,
) -> Result<Line, (PinError, Vec<String>)> {
    let line = board.find(class, label).unwrap();
    board.open(class, line, &settings).map(|()| line).map_err(|error| (error, board.take_notes()))
}

/// The only note of a label that does not open.
fn complaint(fake: &Fake, class: Class, label: &str, settings: Settings) -> (PinError, String) {
    let (error, notes) = open(&mut board(fake), class, label, settings).unwrap_err();
    assert_eq!(notes.len(), 1, "{notes:?}");
    (error, notes[0].clone())
}

#[test]
fn pins_are_taken_as_granted_and_given_back() {
    let fake = machine();
    let mut board = board(&fake);
    let pull_up = Settings { pull: Some(Pull::Up), active: ActiveLevel::Low, ..Settings::default() };
    let button = open(&mut board, IN, "button", pull_up).unwrap();
    let led = open(&mut board, OUT, "led0", pull_up).unwrap();
    // An output has no resistor, and begins inactive: here that is high.
    assert_eq!(
        fake.done(),
        ["take /dev/gpiochip0 1 None Some(Up) wasmote button", "take /dev/gpiochip0 0 Some(true) None wasmote led0",]
    );
    let out = board.digital_out(led).unwrap();
    assert_eq!((out.is_set_high(), out.set_high(false), out.is_set_high()), (Ok(true), Ok(()), Ok(false)));
    fake.state.is_high.set(true);
    assert_eq!(board.digital_in(button).unwrap().is_high(), Ok(true));
    assert_eq!(open(&mut board, IN, "button", pull_up).unwrap_err().0, PinError::AlreadyInUse);
    board.close(IN, button);
    assert!(board.digital_in(button).is_none());
    assert!(open(&mut board, IN, "button", pull_up).is_ok());
}

#[test]
fn a_line_in_use_is_told_with_its_user() {
    let fake = machine();
    fake.state.failure.set(Some(Errno::BUSY));
    let (error, text) = complaint(&fake, OUT, "led0", Settings::default());
    assert_eq!(error, PinError::AlreadyInUse);
    assert!(text.starts_with("led0: line 0 of /dev/gpiochip0 (GPIO17) is in use: end the program"), "{text}");
    fake.state.chips.borrow_mut()[0].lines[0].user = Some("heartbeat".into());
    let (error, text) = complaint(&fake, OUT, "led0", Settings::default());
    assert_eq!(error, PinError::AlreadyInUse);
    assert!(text.contains("is in use by \"heartbeat\": end that program"), "{text}");
}

#[test]
fn a_line_that_cannot_be_an_output_is_told() {
    let fake = machine();
    fake.state.failure.set(Some(Errno::INVAL));
    let (error, text) = complaint(&fake, OUT, "led0", Settings::default());
    assert_eq!(error, PinError::ModeNotAvailable);
    assert!(text.contains("cannot be an output"), "{text}");
}

#[test]
fn a_label_without_a_place_and_one_that_is_unknown_are_told() {
    let fake = machine();
    let (error, text) = complaint(&fake, IN, "nowhere", Settings::default());
    assert_eq!(error, PinError::HardwareFault);
    assert_eq!(text, "nowhere: p.toml does not say where it is; add `at` (`wasmote devices --draft` shows how)");
    let mut board = board(&fake);
    assert_eq!(board.find(Class::I2c, "led0"), None);
    assert_eq!(board.take_notes(), ["led0: p.toml has no such label in [i2c]"]);
    // Once is enough.
    assert_eq!(board.find(Class::I2c, "led0"), None);
    assert_eq!(board.take_notes(), Vec::<String>::new());
}

#[test]
fn lines_are_found_by_number_name_and_label() {
    let fake = machine().chip("gpiochip1", "expander", &[("TWICE", None)]);
    let chips = fake.state.chips.borrow();
    let find = |at: &str| {
        let found = LineAt::parse(at)
            .and_then(|at| at.find(&chips).map(|(chip, line)| format!("{} {}", chip.name, line.offset)));
        found.map_err(|trouble| trouble.text)
    };
    for (at, found) in [
        ("GPIO17", "gpiochip0 0"),
        ("gpiochip0/1", "gpiochip0 1"),
        ("/dev/gpiochip0/GPIO17", "gpiochip0 0"),
        ("expander/TWICE", "gpiochip1 0"),
        ("expander/0", "gpiochip1 0"),
    ] {
        assert_eq!(find(at).as_deref(), Ok(found), "{at}");
    }
    for (at, complaint) in [
        ("", "names no line"),
        ("gpiochip0/", "names no line"),
        ("GPIO99", "no GPIO line is called \"GPIO99\""),
        ("17", "a number needs its chip: gpiochip0/NUMBER"),
        ("TWICE", "2 lines are called \"TWICE\"; write the one that is meant: \"gpiochip0/3\" or \"gpiochip1/0\""),
        (
            "gpiochip7/1",
            "there is no GPIO chip \"gpiochip7\"; this machine has gpiochip0 (pinctrl), gpiochip1 (expander)",
        ),
        ("gpiochip0/4", "/dev/gpiochip0 has no line 4: its lines are 0 to 3"),
        ("gpiochip0/NOPE", "has no line called \"NOPE\""),
    ] {
        let text = find(at).unwrap_err();
        assert!(text.contains(complaint), "{at}: {text}");
    }
    assert!(LineAt::parse("GPIO1").unwrap().find(&[]).unwrap_err().text.contains("no /dev/gpiochip*"));
}

#[test]
fn files_of_buses_and_devices_have_short_names() {
    for (at, prefix, path) in [
        ("i2c-1", "i2c-", "/dev/i2c-1"),
        ("1", "i2c-", "/dev/i2c-1"),
        ("spidev0.1", "spidev", "/dev/spidev0.1"),
        ("0.1", "spidev", "/dev/spidev0.1"),
        ("/dev/by-name/display", "i2c-", "/dev/by-name/display"),
    ] {
        assert_eq!(device_path(at, prefix), Path::new(path));
    }
}

#[test]
fn an_edge_wakes_whoever_waits_and_is_counted() {
    let fake = machine();
    let mut board = board(&fake);
    let button = open(&mut board, IN, "button", Settings::default()).unwrap();
    assert_eq!(
        board.wait(Blocked { deadline_ns: None, sampled: false }).unwrap(),
        Waited::Forever,
        "nothing is watched"
    );
    board.watch(button).unwrap();
    board.watch(button).unwrap();
    let began_ns = monotonic_ns();
    let deadline_ns = Some(began_ns + 20_000_000);
    assert_eq!(board.wait(Blocked { deadline_ns, sampled: false }).unwrap(), Waited::Look);
    assert!(monotonic_ns() - began_ns >= 20_000_000, "it slept until the deadline");
    fake.edge(Edge::Rising, 1);
    fake.edge(Edge::Falling, 2);
    assert_eq!(board.wait(Blocked { deadline_ns: None, sampled: false }).unwrap(), Waited::Look);
    assert_eq!(board.edges(button), Edges { rising: 1, falling: 1 });
    board.unwatch(button);
    fake.edge(Edge::Rising, 3);
    assert_eq!(board.edges(button), Edges { rising: 2, falling: 1 });
    board.unwatch(button);
    assert_eq!(fake.done()[1..], ["watch true", "watch false"]);
}

#[test]
fn edges_that_the_kernel_dropped_are_counted_by_their_numbers() {
    let fake = machine();
    let mut board = board(&fake);
    let button = open(&mut board, IN, "button", Settings::default()).unwrap();
    board.watch(button).unwrap();
    // The first three are lost: up, down, up.
    fake.edge(Edge::Falling, 4);
    assert_eq!(board.edges(button), Edges { rising: 2, falling: 2 });
    // Up and down are lost.
    fake.edge(Edge::Rising, 7);
    assert_eq!(board.edges(button), Edges { rising: 4, falling: 3 });
}

#[test]
fn a_line_without_interrupts_cannot_be_watched() {
    let fake = machine();
    let mut board = board(&fake);
    let button = open(&mut board, IN, "button", Settings::default()).unwrap();
    fake.state.failure.set(Some(Errno::NXIO));
    assert_eq!(board.watch(button), Err(PinError::NotSupported));
    assert!(board.take_notes()[0].starts_with("button: the kernel cannot tell its edges"));
}

#[test]
fn a_run_ends_in_the_middle_of_a_wait() {
    let fake = machine();
    let (_, places) = text::policy_with_places(POLICY).unwrap();
    let mut board = LinuxBoard::on(Box::new(fake.clone()), places, "p.toml", Some(10_000_000));
    let deadline_ns = Some(monotonic_ns() + 60_000_000_000);
    assert_eq!(board.wait(Blocked { deadline_ns, sampled: false }).unwrap(), Waited::Stopped);
    assert!(board.is_stopped() && !board.sleep_until(0).unwrap());
}

#[test]
fn errors_of_the_kernel_become_kinds() {
    let fake = machine();
    let mut board = board(&fake);
    let line = open(&mut board, Class::I2c, "i2c0", Settings::default()).unwrap();
    let no_answer = |source| ErrorKind::NoAcknowledge(source);
    for (errno, kind) in [
        (Errno::NXIO, no_answer(NoAcknowledgeSource::Address)),
        (Errno::REMOTEIO, no_answer(NoAcknowledgeSource::Unknown)),
        (Errno::TIMEDOUT, no_answer(NoAcknowledgeSource::Unknown)),
        (Errno::AGAIN, ErrorKind::ArbitrationLoss),
        (Errno::IO, ErrorKind::Bus),
        (Errno::BUSY, ErrorKind::Other),
        (Errno::OPNOTSUPP, ErrorKind::Other),
    ] {
        fake.state.failure.set(Some(errno));
        let bus = board.i2c(line).unwrap();
        assert_eq!(bus.write(Address::new(0x48), &[1]), Err(kind), "{errno:?}");
    }
    let bus = board.i2c(line).unwrap();
    assert_eq!(bus.write_read(Address::new(0x48), &[0], &mut [0; 2]), Ok(()));
    assert_eq!(bus.transaction(Address::new(0x48), &mut []), Ok(()));
    assert_eq!(bus.write(Address::new(0x3ff), &[1]), Err(ErrorKind::Other), "no 10-bit addresses");
    let done = fake.done();
    assert_eq!(done.last().unwrap(), "transfer 0x48 [Write([00]), Read([00, 00])]");
    assert_eq!(done.len(), 1 + 7 + 1);
}

#[test]
fn an_address_of_a_driver_is_told_with_the_command_that_frees_it() {
    let fake = machine().link("/sys/bus/i2c/devices/1-0048/driver", "sys/bus/i2c/drivers/lm75");
    let mut board = board(&fake);
    let line = open(&mut board, Class::I2c, "i2c0", Settings::default()).unwrap();
    fake.state.failure.set(Some(Errno::BUSY));
    let _ = board.i2c(line).unwrap().write(Address::new(0x48), &[1]);
    assert_eq!(
        board.take_notes(),
        ["i2c0: address 0x48 on /dev/i2c-1 belongs to the kernel's driver lm75; take it away with \
          `echo 1-0048 | sudo tee /sys/bus/i2c/drivers/lm75/unbind`"]
    );
}

#[test]
fn a_bus_that_is_known_to_be_too_fast_is_not_opened() {
    let clock = "/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency";
    let fake = machine().file(clock, &400_000u32.to_be_bytes());
    let granted = |limit_hz| Settings { max_clock_hz: Some(limit_hz), ..Settings::default() };
    let (error, text) = complaint(&fake, Class::I2c, "i2c0", granted(100_000));
    assert_eq!(error, PinError::ModeNotAvailable);
    assert!(text.contains("/dev/i2c-1 runs at 400000 Hz, and at most 100000 Hz are granted"), "{text}");
    assert!(open(&mut board(&fake), Class::I2c, "i2c0", granted(400_000)).is_ok());
    assert_eq!(fake.done(), ["bus /dev/i2c-1"]);
}

#[test]
fn buses_are_shared_and_devices_are_not() {
    let fake = machine();
    let mut board = board(&fake);
    let settings = Settings { spi_mode: Some(MODE_0), max_clock_hz: Some(1_000_000), ..Settings::default() };
    let bus = open(&mut board, Class::I2c, "i2c0", Settings::default()).unwrap();
    open(&mut board, Class::I2c, "i2c0", Settings::default()).unwrap();
    board.close(Class::I2c, bus);
    assert!(board.i2c(bus).is_some());
    board.close(Class::I2c, bus);
    assert!(board.i2c(bus).is_none());
    let device = open(&mut board, Class::Spi, "flash", settings).unwrap();
    assert_eq!(open(&mut board, Class::Spi, "flash", settings).unwrap_err().0, PinError::AlreadyInUse);
    let device = board.spi(device).unwrap();
    device.transfer_in_place(&mut [0x9f, 0]).unwrap();
    fake.state.failure.set(Some(Errno::MSGSIZE));
    assert!(device.write(&[0; 4]).is_err());
    assert!(board.take_notes()[0].contains("spidev.bufsiz=65536"));
    let done = fake.done();
    assert!(done[1].starts_with("device /dev/spidev0.0 Some(Mode") && done[1].ends_with("Some(1000000)"), "{done:?}");
    assert_eq!(done[2], "exchange [TransferInPlace([9f, 00])]");
}

#[test]
fn files_that_do_not_open_are_told_with_what_there_is_and_what_to_do() {
    let i2c = |fake: &Fake, errno| {
        fake.state.failure.set(Some(errno));
        complaint(fake, Class::I2c, "i2c0", Settings::default()).1
    };
    let none = machine();
    let text = i2c(&none, Errno::NOENT);
    assert_eq!(
        text,
        "i2c0: there is no /dev/i2c-1: this machine has no I2C buses (no /dev/i2c-*): `sudo modprobe i2c-dev` makes the \
         files of the buses that have drivers"
    );
    let pi = machine().file("/proc/device-tree/model", b"Raspberry Pi 4 Model B Rev 1.4\0");
    assert!(i2c(&pi, Errno::NOENT).contains("`sudo raspi-config nonint do_i2c 0` switches it on"));
    let others = machine().file("/dev/i2c-10", b"").file("/dev/i2c-2", b"");
    assert_eq!(i2c(&others, Errno::NOENT), "i2c0: there is no /dev/i2c-1; this machine has /dev/i2c-2, /dev/i2c-10");
    let forbidden = machine().file("/dev/i2c-1", b"");
    let gid = std::fs::metadata(forbidden.machine.path("/dev/i2c-1")).unwrap().gid();
    let forbidden = forbidden.file("/etc/group", format!("root:x:99999:\ni2c:x:{gid}:me\n").as_bytes());
    assert_eq!(
        i2c(&forbidden, Errno::ACCESS),
        "i2c0: no permission for /dev/i2c-1, which is for the group i2c: `sudo usermod -aG i2c $USER`, and log in again"
    );
    let roots = machine().file("/dev/i2c-1", b"");
    assert!(i2c(&roots, Errno::ACCESS).contains("SUBSYSTEM==\"i2c-dev\""));
    assert_eq!(i2c(&roots, Errno::BUSY), "i2c0: /dev/i2c-1 is in use by another program, which must end first");
}

#[test]
fn a_converters_channel_is_read_with_its_scale() {
    let dir = "/sys/bus/iio/devices/iio:device0";
    let absent = complaint(&machine(), Class::Analog(PinMode::In), "pot", Settings::default());
    assert!(absent.1.contains("there is no converter \"iio:device0\": this machine has none"), "{absent:?}");
    let fake = machine().file(&format!("{dir}/in_voltage3_raw"), b"513\n").file(&format!("{dir}/name"), b"ads\n");
    let mut board = board(&fake);
    let pot = open(&mut board, Class::Analog(PinMode::In), "pot", Settings::default()).unwrap();
    let channel = board.analog_in(pot).unwrap();
    assert_eq!((channel.full_scale(), channel.read()), (4095, Ok(513)));
    let fake = fake.file(&format!("{dir}/scan_elements/in_voltage3_type"), b"le:u10/16>>0\n");
    let fake = fake.file(&format!("{dir}/in_voltage3_raw"), b"5000");
    let mut board = self::board(&fake);
    let pot = open(&mut board, Class::Analog(PinMode::In), "pot", Settings::default()).unwrap();
    let channel = board.analog_in(pot).unwrap();
    assert_eq!((channel.full_scale(), channel.read()), (1023, Ok(1023)), "never more than the scale");
    let _ = fake.file(&format!("{dir}/in_voltage3_raw"), b"what?");
    assert_eq!(board.analog_in(pot).unwrap().read(), Err(PinError::Other));
}

#[test]
fn a_channel_says_its_bits_where_the_kernel_does_not() {
    let read = |at| ChannelAt::parse(at).map(|at| (at.converter, at.channel, at.bits)).map_err(|trouble| trouble.text);
    assert_eq!(read("ads1015/voltage0"), Ok(("ads1015", "voltage0", None)));
    assert_eq!(read("iio:device0/voltage0 10 bits"), Ok(("iio:device0", "voltage0", Some(10))));
    for at in
        ["voltage0", "/voltage0", "ads/", "ads/voltage0 33 bits", "ads/voltage0 ten bits", "ads/voltage0 0 bits", ""]
    {
        assert!(read(at).unwrap_err().contains("names no channel"), "{at}");
    }
}

/// A machine with some of all.
fn full() -> Fake {
    let lines: Vec<String> = (0..40).map(|n| format!("GPIO{n}")).collect();
    let lines: Vec<(&str, Option<&str>)> =
        lines.iter().enumerate().map(|(n, name)| (name.as_str(), (n == 4).then_some("led \"0\""))).collect();
    Fake::new()
        .chip("gpiochip0", "pinctrl", &lines)
        .chip("gpiochip1", "expander", &[("", None), ("GPIO3", None), ("od\"d", None), ("", Some(""))])
        .file("/proc/device-tree/model", b"Some Board\0")
        .file("/dev/i2c-1", b"")
        .file("/sys/bus/i2c/devices/i2c-1/name", b"bcm2835 (i2c@7e804000)\n")
        .file("/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency", &100_000u32.to_be_bytes())
        .file("/sys/bus/i2c/devices/1-0048/name", b"tmp105\n")
        .link("/sys/bus/i2c/devices/1-0048/driver", "sys/bus/i2c/drivers/lm75")
        .file("/dev/spidev0.0", b"")
        .file("/sys/bus/spi/devices/spi0.1/modalias", b"spi:jedec,spi-nor\n")
        .file("/sys/bus/iio/devices/iio:device0/in_voltage0_raw", b"1\n")
        .file("/sys/bus/iio/devices/iio:device0/name", b"ads1015\n")
}

#[test]
fn a_survey_tells_lines_with_their_users_and_devices_with_their_drivers() {
    let text = show(&Survey::of(&full()));
    for line in [
        "Some Board",
        "GPIO chip /dev/gpiochip0 (pinctrl), 40 lines",
        "    4 GPIO4                input   in use by \"led \"0\"\"",
        "I2C bus /dev/i2c-1 (bcm2835 (i2c@7e804000)), 100000 Hz",
        "  0x48 tmp105: the kernel's driver lm75 has it",
        "SPI device /dev/spidev0.0",
        "analog input iio:device0/voltage0 of ads1015",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    assert!(
        text.contains("SPI device spi0.1 (jedec,spi-nor): no driver has it; to use it, `echo spidev | sudo tee"),
        "{text}"
    );
    let nothing = show(&Survey::of(&Fake::new()));
    for missing in ["no GPIO chips", "no I2C buses", "no SPI devices for programs"] {
        assert!(nothing.contains(&format!("this machine has {missing}")), "{nothing}");
    }
}

#[test]
fn a_draft_is_a_policy_and_leads_to_the_devices() {
    let draft = draft(&Survey::of(&full()));
    let (policy, places) = text::policy_with_places(&draft).unwrap_or_else(|error| panic!("{error}\n{draft}"));
    assert_eq!((policy.pins.len(), policy.buses.len(), policy.devices.len()), (16, 1, 1));
    let at = |label: &str| {
        let place = places.iter().find(|place| place.label == label);
        place.and_then(|place| place.at.clone()).unwrap_or_else(|| panic!("{label}\n{draft}"))
    };
    assert_eq!([at("gpio0"), at("i2c1"), at("spidev0-0")], ["GPIO0", "i2c-1", "spidev0.0"]);
    // Two lines have this name.
    assert_eq!(at("gpiochip0-3"), "gpiochip0/3");
    let nameless = "# gpiochip1-0 = { direction = \"in\", at = \"gpiochip1/0\" }  # lines up to gpiochip1/0 have no names and are free";
    assert!(draft.contains(nameless), "{draft}");
    assert!(draft.contains("# gpio4 = { direction = \"in\", at = \"GPIO4\" }  # in use by \"led 0\""), "{draft}");
    assert!(draft.contains("# gpiochip1-2 = { direction = \"in\", at = \"gpiochip1/2\" }"), "{draft}");
    // With room for it, the converter is in force.
    let few = Fake::new().file("/sys/bus/iio/devices/iio:device0/in_voltage0_raw", b"1\n");
    let (policy, places) = text::policy_with_places(&super::draft::draft(&Survey::of(&few))).unwrap();
    assert_eq!((policy.pins.len(), places[0].at.as_deref()), (1, Some("iio:device0/voltage0")));
}
