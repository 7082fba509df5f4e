//! Intersections, formats, and bytes of all kinds.

extern crate std;

use super::*;
use std::string::{String, ToString};
use std::vec::Vec;
use wasmote_wasi_embedded::{ActiveLevel, Address, Class, Denied, Grants, PinMode, Pull};

fn label(text: &str) -> Label {
    Label::try_from(text).unwrap()
}

fn pin(name: &str, kind: PinKind, direction: Direction) -> Pin {
    Pin { label: label(name), kind, direction, pull: None, active: None }
}

fn rule(name: &str, kind: PinKind, direction: Direction) -> AllowedPin {
    AllowedPin { label: label(name), kind, direction, pull: None, active: None }
}

/// A request with all that there is.
fn full() -> Request {
    let mut request = Request { module: label("full"), ..Request::default() };
    request.pins.push(pin("led", PinKind::Digital, Direction::Out)).unwrap();
    let button =
        Pin { pull: Some(Resistor::Up), active: Some(Active::Low), ..pin("button", PinKind::Digital, Direction::In) };
    request.pins.push(button).unwrap();
    request.pins.push(pin("pot", PinKind::Analog, Direction::In)).unwrap();
    let addresses = Addresses::These(heapless::Vec::from_slice(&[0x48, 0x50]).unwrap());
    request.buses.push(Bus { label: label("i2c0"), addresses, max_clock_hz: Some(100_000) }).unwrap();
    request.devices.push(Device { label: label("flash"), mode: Some(3), max_clock_hz: None }).unwrap();
    request.directories.push(Directory { path: Path::try_from("/data").unwrap(), access: Access::Write }).unwrap();
    let value = Value::try_from("25").unwrap();
    request.environment.push(Variable { name: label("LEVEL"), value }).unwrap();
    (request.memory_bytes, request.fuel, request.max_transfer_bytes) = (Some(65536), Some(1000), Some(512));
    request
}

/// A policy that allows all of it.
fn generous() -> Policy {
    let mut policy = Policy::default();
    policy.pins.push(rule("led", PinKind::Digital, Direction::InOut)).unwrap();
    policy.pins.push(rule("button", PinKind::Digital, Direction::In)).unwrap();
    policy.pins.push(rule("pot", PinKind::Analog, Direction::In)).unwrap();
    policy.buses.push(AllowedBus { label: label("i2c0"), addresses: Addresses::All, max_clock_hz: None }).unwrap();
    policy.devices.push(AllowedDevice { label: label("flash"), modes: 0b1001, max_clock_hz: Some(1_000_000) }).unwrap();
    policy.directories.push(Directory { path: Path::try_from("/data").unwrap(), access: Access::Write }).unwrap();
    policy.variables.push(label("LEVEL")).unwrap();
    policy
}

fn intersect(request: Request, policy: &Policy) -> (Grant, Vec<String>) {
    let mut told = Vec::new();
    let grant = Grant::new(request, policy, |refused| told.push(refused.to_string()));
    (grant, told)
}

#[test]
fn what_is_allowed_is_granted_with_the_narrower_limits() {
    let (grant, told) = intersect(full(), &generous());
    assert_eq!(told, Vec::<String>::new());
    let mut expected = full();
    expected.devices[0].max_clock_hz = Some(1_000_000);
    assert_eq!(*grant.granted(), expected);
}

#[test]
fn an_empty_policy_refuses_everything_by_name() {
    let (grant, told) = intersect(full(), &Policy::default());
    let expected = [
        "led: not allowed",
        "button: not allowed",
        "pot: not allowed",
        "i2c0: not allowed",
        "flash: not allowed",
        "directory /data: not allowed",
        "variable LEVEL: not allowed",
    ];
    assert_eq!(told, expected);
    assert_eq!(grant.open(Class::Digital(PinMode::Out), "led"), Err(Denied::Label));
    assert_eq!(grant.open(Class::I2c, "i2c0"), Err(Denied::Label));
    assert!(!grant.address("i2c0", Address::new(0x48)));
}

#[test]
fn each_part_of_a_request_is_refused_alone() {
    let mut policy = generous();
    policy.pins[0].direction = Direction::In;
    policy.pins[1].pull = Some(Resistor::Down);
    policy.pins[2].kind = PinKind::Digital;
    policy.buses[0].addresses = Addresses::These(heapless::Vec::from_slice(&[0x48]).unwrap());
    policy.devices[0].modes = 0b0001;
    policy.directories[0].access = Access::Read;
    (policy.memory_bytes, policy.fuel, policy.max_transfer_bytes) = (Some(4096), Some(999), Some(64));
    let (grant, told) = intersect(full(), &policy);
    let expected = [
        "led: not allowed in this direction",
        "button: another resistor is needed",
        "pot: not allowed",
        "i2c0: address 0x50 is not allowed",
        "flash: mode 3 is not allowed",
        "directory /data: not allowed",
        "memory: limited to 4096 bytes",
        "fuel: limited to 999",
        "transfers: limited to 64 bytes",
    ];
    assert_eq!(told, expected);
    assert!(grant.address("i2c0", Address::new(0x48)) && !grant.address("i2c0", Address::new(0x50)));
    assert_eq!(grant.max_transfer_bytes(), 64);
    policy.pins[1].pull = None;
    policy.pins[1].active = Some(Active::High);
    assert_eq!(intersect(full(), &policy).1[1], "button: its active level is the other one");
}

#[test]
fn what_is_not_asked_for_comes_from_the_policy() {
    let mut request = full();
    request.pins[1].pull = None;
    request.pins[1].active = None;
    request.devices[0].mode = None;
    request.buses[0].addresses = Addresses::All;
    request.memory_bytes = None;
    let mut policy = generous();
    policy.pins[1].pull = Some(Resistor::Down);
    policy.pins[1].active = Some(Active::Low);
    policy.buses[0].addresses = Addresses::These(heapless::Vec::from_slice(&[0x3c]).unwrap());
    policy.memory_bytes = Some(8192);
    policy.devices[0].modes = 0b1010;
    let (grant, told) = intersect(request, &policy);
    assert_eq!(told, Vec::<String>::new());
    let settings = grant.open(Class::Digital(PinMode::In), "button").unwrap();
    assert_eq!((settings.active, settings.pull), (ActiveLevel::Low, Some(Pull::Down)));
    assert_eq!(grant.open(Class::Spi, "flash").unwrap().spi_mode, Some(embedded_hal::spi::MODE_1));
    assert!(grant.address("i2c0", Address::new(0x3c)) && !grant.address("i2c0", Address::new(0x48)));
    assert_eq!(grant.granted().memory_bytes, Some(8192));
}

#[test]
fn a_policy_alone_grants_all_that_it_allows() {
    let mut policy = generous();
    (policy.memory_bytes, policy.fuel) = (Some(4096), Some(9));
    let request = policy.to_request(label("free"));
    let (grant, told) = intersect(request.clone(), &policy);
    assert_eq!((grant.granted(), told), (&request, Vec::new()));
    assert_eq!(request.devices[0].mode, Some(0), "the lowest that is allowed");
    assert!(grant.open(Class::Digital(PinMode::Out), "led").is_ok() && grant.address("i2c0", Address::new(0x10)));
}

#[test]
fn a_granted_pin_opens_in_its_direction_alone() {
    let (grant, _) = intersect(full(), &generous());
    let open = |mode, label| grant.open(Class::Digital(mode), label).map(|_| ());
    assert_eq!(open(PinMode::Out, "led"), Ok(()));
    assert_eq!(open(PinMode::In, "led"), Err(Denied::Mode));
    assert_eq!(open(PinMode::InOut, "led"), Err(Denied::Mode));
    assert_eq!(open(PinMode::In, "pot"), Err(Denied::Label), "an analog pin is no digital one");
    assert_eq!(grant.open(Class::Analog(PinMode::In), "pot").map(|_| ()), Ok(()));
}

#[test]
fn both_formats_come_back_as_they_were() {
    let mut buffer = [0; MAX_ENCODED_BYTES];
    assert_eq!(Request::decode(full().encode(&mut buffer).unwrap()), Ok(full()));
    assert_eq!(Policy::decode(generous().encode(&mut buffer).unwrap()), Ok(generous()));
}

#[test]
fn the_largest_request_fits() {
    let long = "l".repeat(32);
    let mut request = Request { module: label(&long), ..Request::default() };
    let largest =
        Pin { pull: Some(Resistor::Down), active: Some(Active::Low), ..pin(&long, PinKind::Analog, Direction::InOut) };
    while request.pins.push(largest.clone()).is_ok() {}
    let addresses = Addresses::These(heapless::Vec::from_slice(&[0x3ff; MAX_ADDRESSES]).unwrap());
    while request
        .buses
        .push(Bus { label: label(&long), addresses: addresses.clone(), max_clock_hz: Some(u32::MAX) })
        .is_ok()
    {}
    while request.devices.push(Device { label: label(&long), mode: Some(3), max_clock_hz: Some(u32::MAX) }).is_ok() {}
    let path = Path::try_from("p".repeat(64).as_str()).unwrap();
    while request.directories.push(Directory { path: path.clone(), access: Access::Write }).is_ok() {}
    while request.environment.push(Variable { name: label(&long), value: path.clone() }).is_ok() {}
    (request.memory_bytes, request.fuel, request.max_transfer_bytes) = (Some(u32::MAX), Some(u64::MAX), Some(u32::MAX));
    let mut buffer = [0; MAX_ENCODED_BYTES];
    assert_eq!(Request::decode(request.encode(&mut buffer).unwrap()), Ok(request));
}

#[test]
fn damaged_bytes_are_errors() {
    let mut buffer = [0; MAX_ENCODED_BYTES];
    let bytes = full().encode(&mut buffer).unwrap().to_vec();
    for len in 0..bytes.len() {
        assert_eq!(Request::decode(&bytes[..len]), Err(DecodeError::Damaged), "cut at {len}");
    }
    assert_eq!(Request::decode(&[&bytes[..], &[0]].concat()), Err(DecodeError::TooLong));
    assert_eq!(Request::decode(&[2, 0]), Err(DecodeError::Version(2)));
    for len in 0..bytes.len() {
        assert_eq!(full().encode(&mut vec_of(len)), Err(DecodeError::NoRoom), "room for {len}");
    }
}

fn vec_of(len: usize) -> Vec<u8> {
    std::vec![0; len]
}

#[test]
fn random_and_changed_bytes_never_panic_and_what_decodes_encodes_again() {
    let mut random = fastrand::Rng::with_seed(11);
    let mut buffer = [0; MAX_ENCODED_BYTES];
    let (request, policy) = (
        full().encode(&mut buffer).unwrap().to_vec(),
        generous().encode(&mut [0; MAX_ENCODED_BYTES]).unwrap().to_vec(),
    );
    let mut decoded = 0;
    for round in 0..200_000 {
        let mut bytes = match round % 3 {
            0 => request.clone(),
            1 => policy.clone(),
            _ => std::iter::once(1).chain((0..random.usize(..200)).map(|_| random.u8(..))).collect(),
        };
        for _ in 0..random.usize(..3) {
            let at = random.usize(1..bytes.len().max(2));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.u8(..);
            }
        }
        let mut again = [0; MAX_ENCODED_BYTES];
        if let Ok(request) = Request::decode(&bytes) {
            assert_eq!(Request::decode(request.encode(&mut again).unwrap()), Ok(request.clone()));
            // What a stranger asks for can be judged.
            let (grant, _) = intersect(request, &generous());
            let _ = (grant.open(Class::Spi, "flash"), grant.address("i2c0", Address::new(0x48)));
            decoded += 1;
        }
        if let Ok(policy) = Policy::decode(&bytes) {
            assert_eq!(Policy::decode(policy.encode(&mut again).unwrap()), Ok(policy.clone()));
            intersect(full(), &policy);
            decoded += 1;
        }
    }
    assert!(decoded > 10_000, "only {decoded} were no rubbish");
}

#[cfg(feature = "toml")]
mod text {
    use super::super::text;
    use super::*;

    const MANIFEST: &str = r#"
module = "full"
memory = "64K"
fuel = 1000
transfer = 512
[digital]
button = { direction = "in", pull = "up", active = "low" }
led = { direction = "out" }
[analog]
pot = { direction = "in" }
[i2c]
i2c0 = { addresses = [0x48, 0x50], clock = "100 kHz" }
[spi]
flash = { mode = 3 }
[directories]
"/data" = "write"
[environment]
LEVEL = "25"
"#;

    #[test]
    fn a_manifest_says_all_that_a_request_can_hold() {
        let mut expected = full();
        expected.pins.swap(0, 1);
        assert_eq!(text::request(MANIFEST), Ok(expected));
    }

    #[test]
    fn a_policy_is_written_alike() {
        let policy = r#"
variables = ["LEVEL"]
[digital]
led = { direction = "in-out" }
button = { direction = "in" }
[analog]
pot = { direction = "in" }
[i2c]
i2c0 = { addresses = "all" }
[spi]
flash = { modes = [0, 3], clock = "1 MHz" }
[directories]
"/data" = "write"
"#;
        let mut expected = generous();
        expected.pins.swap(0, 1);
        assert_eq!(text::policy(policy), Ok(expected));
    }

    #[test]
    fn a_policy_says_where_its_labels_are_and_a_manifest_cannot() {
        let written = "[digital]\nled0 = { direction = \"out\", at = \"GPIO17\" }\nfree = { direction = \"in\" }\n\
                    [i2c]\ni2c0 = { addresses = \"all\", at = \"i2c-1\" }\n[spi]\nflash = { modes = [0], at = \"spidev0.0\" }\n\
                    [analog]\npot = { direction = \"in\", at = \"iio:device0/voltage0\" }\n";
        let (policy, places) = text::policy_with_places(written).unwrap();
        assert_eq!(policy, text::policy(written).unwrap());
        let told: Vec<_> = places.iter().map(|place| (place.kind, place.label.as_str(), place.at.as_deref())).collect();
        assert_eq!(
            told,
            [
                (text::PlaceKind::Digital, "free", None),
                (text::PlaceKind::Digital, "led0", Some("GPIO17")),
                (text::PlaceKind::Analog, "pot", Some("iio:device0/voltage0")),
                (text::PlaceKind::I2c, "i2c0", Some("i2c-1")),
                (text::PlaceKind::Spi, "flash", Some("spidev0.0")),
            ]
        );
        let manifest = "module = \"m\"\n[digital]\nled0 = { direction = \"out\", at = \"GPIO17\" }\n";
        let error = text::request(manifest).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("unknown field `at`"), "{error}");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let mistakes = [
            ("memory = \"16K\"", "missing field `module`", 1),
            ("module = \"m\"\nmemory = \"16Q\"", "a size such as 16384", 2),
            ("module = \"m\"\n[digital]\nled = { direction = \"up\" }", "unknown variant `up`", 3),
            ("module = \"m\"\n[i2c]\ni2c0 = { addresses = [0x400] }", "a list of at most 16 addresses", 3),
            ("module = \"m\"\n[spi]\nflash = { mode = 4 }", "a mode from 0 to 3", 3),
            ("module = \"m\"\n[i2c]\ni2c0 = { addresses = \"all\", clock = \"1 THz\" }", "a frequency such as", 3),
            ("module = \"m\"\nfule = 3", "unknown field `fule`", 2),
            ("module = \"a name that is longer than thirty-two characters\"", "line 1", 1),
            ("module = ", "line 1", 1),
        ];
        for (manifest, part, line) in mistakes {
            let error = text::request(manifest).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(&std::format!("line {line}")), "{manifest}: {error}");
        }
    }
}
