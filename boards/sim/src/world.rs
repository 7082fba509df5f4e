//! The board's state: time, parts, pins, what is still to come, and what is told about it.
//!
//! Everything happens at a time of the board. In virtual time nothing else moves it than what takes time on a board: a
//! transfer, a delay, and a microsecond for each look at a pin or a clock, so that a guest that only looks gets on too. In
//! real time the board's clock follows this computer's.

use crate::journal::Journal;
use crate::part::{I2cPart, eeprom::Eeprom, flash::Flash, ssd1306::Ssd1306, tmp102::Tmp102};
use crate::script::{Event, Input, Part};
use crate::wave::{SERIAL_BIT_NS, Wire};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use wasmote_wasi_embedded::{Edge, Edges};

/// A look at a pin or a clock takes so long.
const LOOK_NS: u64 = 1_000;
/// The greatest value of the converter behind the potentiometer: 12 bits.
pub(crate) const POT_FULL_SCALE: u32 = 4095;

/// Bytes of serial output that wait to be sent; whoever writes more waits.
const SERIAL_BYTES: u64 = 256;

/// How time goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pace {
    /// At once: a wait is over when it begins, and a run is the same every time.
    #[default]
    Virtual,
    /// As on this computer.
    Real,
}

/// A pin's wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Net {
    Led0,
    Led1,
    Button,
    Alert,
}

pub(crate) const NETS: usize = 4;
const NET_NAMES: [&str; NETS] = ["led0", "led1", "button", "alert"];
pub(crate) const WIRES: [(Net, Wire); NETS] =
    [(Net::Led0, Wire::Led0), (Net::Led1, Wire::Led1), (Net::Button, Wire::Button), (Net::Alert, Wire::Alert)];

/// The state.
pub(crate) struct World {
    pub(crate) now_ns: u64,
    pub(crate) pace: Pace,
    started: Instant,
    script: VecDeque<Event>,
    pub(crate) stopped: bool,
    pub(crate) thermometer: Tmp102,
    pub(crate) eeprom: Eeprom,
    pub(crate) display: Ssd1306,
    pub(crate) flash: Flash,
    unplugged: Vec<Part>,
    /// The picture that was told last; at first that of a dark display.
    told_picture: String,
    /// When the serial output has sent what it has.
    sent_ns: u64,
    levels: [bool; NETS],
    edges: [Edges; NETS],
    pub(crate) pot: u32,
    pub(crate) journal: Journal,
}

impl World {
    pub(crate) fn new(pace: Pace, eeprom: Eeprom, script: Vec<Event>) -> World {
        World {
            now_ns: 0,
            pace,
            started: Instant::now(),
            script: script.into(),
            stopped: false,
            thermometer: Tmp102::new(crate::THERMOMETER),
            eeprom,
            sent_ns: 0,
            told_picture: Ssd1306::new(crate::DISPLAY).to_text(),
            display: Ssd1306::new(crate::DISPLAY),
            flash: Flash::new(),
            unplugged: Vec::new(),
            levels: [false, false, true, true],
            edges: [Edges::default(); NETS],
            pot: POT_FULL_SCALE / 2,
            journal: Journal::default(),
        }
    }

    /// The time, after a look at the clock.
    pub(crate) fn look(&mut self) -> u64 {
        match self.pace {
            Pace::Virtual => self.advance_to(self.now_ns.saturating_add(LOOK_NS)),
            Pace::Real => self.advance_to(self.real_ns()),
        }
        self.now_ns
    }

    /// Lets `ns` nanoseconds pass.
    pub(crate) fn spend(&mut self, ns: u64) {
        self.wait_until(self.now_ns.saturating_add(ns));
    }

    /// Lets time pass until `deadline_ns`; in real time it sleeps.
    pub(crate) fn wait_until(&mut self, deadline_ns: u64) {
        if self.pace == Pace::Real {
            let ahead_ns = deadline_ns.saturating_sub(self.real_ns());
            std::thread::sleep(Duration::from_nanos(ahead_ns));
        }
        self.advance_to(deadline_ns);
    }

    fn real_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// When something next happens by itself.
    pub(crate) fn next_event_ns(&self) -> Option<u64> {
        let script = self.script.front().map(|event| event.at_ns);
        let parts = self.thermometer.next_event_ns();
        script.into_iter().chain(parts).min()
    }

    /// When something next comes from outside.
    pub(crate) fn next_input_ns(&self) -> Option<u64> {
        self.script.front().map(|event| event.at_ns)
    }

    /// Moves the time, event by event. Time never goes back, and stops when the power goes.
    pub(crate) fn advance_to(&mut self, target_ns: u64) {
        while let Some(at_ns) = self.next_event_ns().filter(|at_ns| *at_ns <= target_ns && !self.stopped) {
            self.now_ns = self.now_ns.max(at_ns);
            while let Some(event) = self.script.pop_front_if(|event| event.at_ns <= at_ns) {
                self.apply(event.input);
            }
            self.thermometer.run_until(at_ns);
            self.follow_alert();
        }
        if !self.stopped {
            self.now_ns = self.now_ns.max(target_ns);
        }
        if let Some(wave) = &mut self.journal.wave {
            wave.write_until(self.now_ns);
        }
    }

    fn apply(&mut self, input: Input) {
        self.journal.line(self.now_ns, "input", &input.to_string());
        match input {
            Input::Button(is_pressed) => self.set_level(Net::Button, !is_pressed),
            Input::Temperature(celsius) => self.thermometer.set_temperature(celsius),
            Input::Pot(fraction) => self.pot = (fraction * f64::from(POT_FULL_SCALE)).round() as u32,
            Input::Plug(part, true) => self.unplugged.retain(|other| *other != part),
            Input::Plug(part, false) => self.unplugged.push(part),
            Input::Stop => self.stopped = true,
        }
    }

    /// Sends bytes, behind what is still going out. A full buffer takes time, so that a guest that only prints gets on.
    pub(crate) fn serial(&mut self, bytes: &[u8]) {
        const BYTE_NS: u64 = 10 * SERIAL_BIT_NS;
        self.journal.serial(self.now_ns, bytes);
        let begins_ns = self.sent_ns.max(self.now_ns);
        if let Some(wave) = &mut self.journal.wave {
            wave.serial(begins_ns, bytes);
        }
        self.sent_ns = begins_ns.saturating_add(BYTE_NS * bytes.len() as u64);
        let room_ns = self.sent_ns.saturating_sub(SERIAL_BYTES * BYTE_NS);
        if room_ns > self.now_ns {
            self.wait_until(room_ns);
        }
    }

    /// Tells the picture on the display, if it has changed since it was told.
    pub(crate) fn show_display(&mut self) {
        let picture = self.display.to_text();
        if picture == self.told_picture {
            return;
        }
        self.journal.picture(self.now_ns, "display", &picture);
        self.told_picture = picture;
    }

    pub(crate) fn is_plugged(&self, part: Part) -> bool {
        !self.unplugged.contains(&part)
    }

    /// The parts on the I2C bus.
    pub(crate) fn i2c_parts(&mut self) -> impl Iterator<Item = (Part, &mut dyn I2cPart)> {
        let unplugged = &self.unplugged;
        let parts: [(Part, &mut dyn I2cPart); 3] = [
            (Part::Thermometer, &mut self.thermometer),
            (Part::Eeprom, &mut self.eeprom),
            (Part::Display, &mut self.display),
        ];
        parts.into_iter().filter(|row| !unplugged.contains(&row.0))
    }

    /// The ALERT pin has the level that the thermometer gives it.
    pub(crate) fn follow_alert(&mut self) {
        self.set_level(Net::Alert, self.thermometer.alert_is_high());
    }

    pub(crate) fn level(&self, net: Net) -> bool {
        self.levels[net as usize]
    }

    pub(crate) fn edges(&self, net: Net) -> Edges {
        self.edges[net as usize]
    }

    pub(crate) fn set_level(&mut self, net: Net, high: bool) {
        let n = net as usize;
        if std::mem::replace(&mut self.levels[n], high) == high {
            return;
        }
        let edge = if high { Edge::Rising } else { Edge::Falling };
        match edge {
            Edge::Rising => self.edges[n].rising = self.edges[n].rising.wrapping_add(1),
            Edge::Falling => self.edges[n].falling = self.edges[n].falling.wrapping_add(1),
        }
        self.journal.line(self.now_ns, NET_NAMES[n], if high { "high" } else { "low" });
        if let Some(wave) = &mut self.journal.wave {
            wave.level(self.now_ns, WIRES[n].1, high);
        }
    }
}
