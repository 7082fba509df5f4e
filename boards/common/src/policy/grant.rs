//! What a module gets.

use super::request::{Active, Addresses, Bus, Device, Direction, Pin, PinKind, Request, Resistor};
use super::rules::{AllowedBus, AllowedDevice, AllowedPin, Policy};
use core::fmt::{self, Display, Formatter};
use embedded_hal::spi::{MODE_0, MODE_1, MODE_2, MODE_3, Mode};
use wasmote_wasi_embedded::{ActiveLevel, Address, Class, Denied, Grants, MAX_TRANSFER_BYTES, PinMode, Pull, Settings};

/// What a module gets: what it asks for, as far as the board allows it. Fields are those of the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant(Request);

/// What of a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusedWhat {
    /// The label is not allowed.
    Label,
    /// The direction of a pin.
    Direction,
    /// The resistor of a pin: it does not suit what is connected.
    Pull,
    /// The active level of a pin: it is not that of what is connected.
    Active,
    /// An address on a bus.
    Address(u16),
    /// The mode of an SPI device.
    Mode(u8),
    /// A directory, or writing in it.
    Directory,
    /// An environment variable.
    Variable,
    /// More memory than this, in bytes. The module gets this.
    Memory(u32),
    /// More fuel than this. The module gets this.
    Fuel(u64),
    /// Longer transfers than this, in bytes. The module gets this.
    Transfer(u32),
}

/// Something that is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused<'r> {
    /// The label, path or variable; empty for memory, fuel and transfers.
    pub label: &'r str,
    /// What of it.
    pub what: RefusedWhat,
}

impl Display for Refused<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let label = self.label;
        match self.what {
            RefusedWhat::Label => write!(f, "{label}: not allowed"),
            RefusedWhat::Direction => write!(f, "{label}: not allowed in this direction"),
            RefusedWhat::Pull => write!(f, "{label}: another resistor is needed"),
            RefusedWhat::Active => write!(f, "{label}: its active level is the other one"),
            RefusedWhat::Address(address) => write!(f, "{label}: address {address:#04x} is not allowed"),
            RefusedWhat::Mode(mode) => write!(f, "{label}: mode {mode} is not allowed"),
            RefusedWhat::Directory => write!(f, "directory {label}: not allowed"),
            RefusedWhat::Variable => write!(f, "variable {label}: not allowed"),
            RefusedWhat::Memory(bytes) => write!(f, "memory: limited to {bytes} bytes"),
            RefusedWhat::Fuel(fuel) => write!(f, "fuel: limited to {fuel}"),
            RefusedWhat::Transfer(bytes) => write!(f, "transfers: limited to {bytes} bytes"),
        }
    }
}

impl Grant {
    /// The whole request, on a board that has no policy.
    #[must_use]
    pub fn whole(request: Request) -> Grant {
        Grant(request)
    }

    /// The intersection of a request with a policy; `refused` is told everything that is left out.
    #[must_use]
    pub fn new(mut request: Request, policy: &Policy, mut refused: impl FnMut(Refused<'_>)) -> Grant {
        let mut tell = |label: &str, what| refused(Refused { label, what });
        request.pins.retain_mut(|pin| keep(&pin.label.clone(), allow_pin(pin, policy), &mut tell));
        for bus in &mut request.buses {
            if let Some(rule) = find(&policy.buses, |rule| rule.label == bus.label) {
                allow_bus(bus, rule, &mut tell);
            }
        }
        request.buses.retain(|bus| {
            let rule = find(&policy.buses, |rule| rule.label == bus.label);
            keep(&bus.label, rule.map(|_| ()).ok_or(RefusedWhat::Label), &mut tell)
        });
        request.devices.retain_mut(|device| keep(&device.label.clone(), allow_device(device, policy), &mut tell));
        request.directories.retain(|directory| {
            let rule = find(&policy.directories, |rule| rule.path == directory.path);
            let allowed = rule.is_some_and(|rule| rule.access.allows(directory.access));
            keep(&directory.path, allowed.then_some(()).ok_or(RefusedWhat::Directory), &mut tell)
        });
        request.environment.retain(|variable| {
            let allowed = policy.variables.contains(&variable.name);
            keep(&variable.name, allowed.then_some(()).ok_or(RefusedWhat::Variable), &mut tell)
        });
        limit(&mut request.memory_bytes, policy.memory_bytes, |bytes| tell("", RefusedWhat::Memory(bytes)));
        limit(&mut request.fuel, policy.fuel, |fuel| tell("", RefusedWhat::Fuel(fuel)));
        limit(&mut request.max_transfer_bytes, policy.max_transfer_bytes, |bytes| {
            tell("", RefusedWhat::Transfer(bytes));
        });
        Grant(request)
    }

    /// What is granted.
    #[must_use]
    pub fn granted(&self) -> &Request {
        &self.0
    }
}

fn find<T>(rules: &[T], is_it: impl Fn(&T) -> bool) -> Option<&T> {
    rules.iter().find(|rule| is_it(rule))
}

/// Tells what is refused; is it kept?
fn keep(label: &str, outcome: Result<(), RefusedWhat>, tell: &mut impl FnMut(&str, RefusedWhat)) -> bool {
    outcome.map_err(|what| tell(label, what)).is_ok()
}

/// The smaller one; what is asked for beyond the limit is told.
fn limit<N: Copy + PartialOrd>(asked: &mut Option<N>, limit: Option<N>, tell: impl FnOnce(N)) {
    let Some(limit) = limit else { return };
    match *asked {
        Some(asked) if asked <= limit => return,
        Some(_) => tell(limit),
        None => {}
    }
    *asked = Some(limit);
}

/// The clock that both sides can do.
fn slower(asked: Option<u32>, allowed: Option<u32>) -> Option<u32> {
    asked.into_iter().chain(allowed).min()
}

fn allow_pin(pin: &mut Pin, policy: &Policy) -> Result<(), RefusedWhat> {
    let of_pin = |rule: &&AllowedPin| rule.label == pin.label && rule.kind == pin.kind;
    let rule = policy.pins.iter().find(of_pin).ok_or(RefusedWhat::Label)?;
    if !rule.direction.allows(pin.direction) {
        return Err(RefusedWhat::Direction);
    }
    if pin.pull.is_some() && rule.pull.is_some() && pin.pull != rule.pull {
        return Err(RefusedWhat::Pull);
    }
    if pin.active.is_some() && rule.active.is_some() && pin.active != rule.active {
        return Err(RefusedWhat::Active);
    }
    pin.pull = pin.pull.or(rule.pull);
    pin.active = pin.active.or(rule.active);
    Ok(())
}

fn allow_bus(bus: &mut Bus, rule: &AllowedBus, tell: &mut impl FnMut(&str, RefusedWhat)) {
    bus.max_clock_hz = slower(bus.max_clock_hz, rule.max_clock_hz);
    match &mut bus.addresses {
        all @ Addresses::All => *all = rule.addresses.clone(),
        Addresses::These(addresses) => addresses.retain(|address| {
            let allowed = rule.addresses.contains(*address);
            keep(&bus.label, allowed.then_some(()).ok_or(RefusedWhat::Address(*address)), tell)
        }),
    }
}

fn allow_device(device: &mut Device, policy: &Policy) -> Result<(), RefusedWhat> {
    let of_device = |rule: &&AllowedDevice| rule.label == device.label;
    let rule = policy.devices.iter().find(of_device).ok_or(RefusedWhat::Label)?;
    match device.mode {
        Some(mode) if mode > 3 || rule.modes >> mode & 1 == 0 => return Err(RefusedWhat::Mode(mode)),
        Some(_) => {}
        // The lowest of those that are allowed.
        None => device.mode = (0..4).find(|mode| rule.modes >> mode & 1 == 1),
    }
    device.max_clock_hz = slower(device.max_clock_hz, rule.max_clock_hz);
    Ok(())
}

impl From<PinMode> for Direction {
    fn from(mode: PinMode) -> Direction {
        match mode {
            PinMode::In => Direction::In,
            PinMode::Out => Direction::Out,
            PinMode::InOut => Direction::InOut,
        }
    }
}

pub(crate) fn spi_mode(number: u8) -> Option<Mode> {
    [MODE_0, MODE_1, MODE_2, MODE_3].get(usize::from(number)).copied()
}

impl Grants for Grant {
    fn open(&self, class: Class, label: &str) -> Result<Settings, Denied> {
        match class {
            Class::I2c => {
                let bus = find(&self.0.buses, |bus| bus.label == label).ok_or(Denied::Label)?;
                Ok(Settings { max_clock_hz: bus.max_clock_hz, ..Settings::default() })
            }
            Class::Spi => {
                let device = find(&self.0.devices, |device| device.label == label).ok_or(Denied::Label)?;
                let spi_mode = device.mode.and_then(spi_mode);
                Ok(Settings { max_clock_hz: device.max_clock_hz, spi_mode, ..Settings::default() })
            }
            Class::Digital(mode) => self.pin(PinKind::Digital, mode, label),
            Class::Analog(mode) => self.pin(PinKind::Analog, mode, label),
        }
    }

    fn address(&self, label: &str, address: Address) -> bool {
        find(&self.0.buses, |bus| bus.label == label).is_some_and(|bus| bus.addresses.contains(address.number()))
    }

    fn max_transfer_bytes(&self) -> u32 {
        self.0.max_transfer_bytes.unwrap_or(MAX_TRANSFER_BYTES)
    }
}

impl Grant {
    fn pin(&self, kind: PinKind, mode: PinMode, label: &str) -> Result<Settings, Denied> {
        let pin = find(&self.0.pins, |pin| pin.label == label && pin.kind == kind).ok_or(Denied::Label)?;
        pin_settings(pin.direction, pin.pull, pin.active, mode)
    }
}

/// How a granted pin is set up in a mode.
pub(crate) fn pin_settings(
    direction: Direction,
    pull: Option<Resistor>,
    active: Option<Active>,
    mode: PinMode,
) -> Result<Settings, Denied> {
    if !direction.allows(mode.into()) {
        return Err(Denied::Mode);
    }
    let active = match active {
        Some(Active::Low) => ActiveLevel::Low,
        Some(Active::High) | None => ActiveLevel::High,
    };
    let pull = pull.map(|pull| match pull {
        Resistor::Up => Pull::Up,
        Resistor::Down => Pull::Down,
    });
    Ok(Settings { active, pull, ..Settings::default() })
}
