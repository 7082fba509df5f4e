//! `wasi:gpio/analog`.
//!
//! A fraction is of the converter's full scale. What the guest gives beyond it, or below zero, counts as full, or zero;
//! what is not a number is an error. For a pin that is active low, more is less: values are mirrored.

use super::open::{finish_pin_error, watch, watch_for_ready};
use super::{Call, digital};
use crate::handles::Opened;
use crate::lower::Value;
use crate::watch::Condition;
use crate::{ActiveLevel, Board, Class, HardwareView, PinError, PinMode};
use wasmote::HostError;

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    GetConfig,
    WatchForReady,
    Set(Scale),
    Read(Scale),
    Watch { above: bool, scale: Scale },
}

/// What a value counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scale {
    /// The converter's steps.
    Raw,
    /// Parts of its full scale.
    Fraction,
}

/// Answers a call; gives the result if it does not go to memory.
pub(crate) fn answer<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    verb: Verb,
    opened: Opened,
) -> Result<Option<u32>, HostError> {
    let handle = call.u32(0);
    match verb {
        Verb::GetConfig => get_config(call, opened),
        Verb::WatchForReady => return watch_for_ready(call, handle, opened).map(Some),
        Verb::Set(scale) => match set(call, opened, scale) {
            Ok(()) => call.finish(&Value::Case(0, None)),
            Err(error) => finish_pin_error(call, error),
        },
        Verb::Read(scale) => match read(call.hardware().1, opened, scale) {
            Ok(value) => call.finish(&Value::Case(0, Some(&value))),
            Err(error) => finish_pin_error(call, error),
        },
        Verb::Watch { above, scale } => {
            call.hardware().0.table.require_room()?;
            match begin_watch(call, handle, opened, above, scale) {
                Ok(pollable) => call.finish(&Value::Case(0, Some(&Value::Own(pollable)))),
                Err(error) => finish_pin_error(call, error),
            }
        }
    }
    .map(|()| None)
}

fn set<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, opened: Opened, scale: Scale) -> Result<(), PinError> {
    let (raw, fraction) = (call.u32(1), call.f32(1));
    let pin = call.hardware().1.analog_out(opened.line).ok_or(PinError::NotSupported)?;
    let value = electrical(opened, scale, raw, fraction, pin.full_scale())?;
    pin.write(value)
}

fn read<B: Board + ?Sized>(board: &mut B, opened: Opened, scale: Scale) -> Result<Value<'static>, PinError> {
    let pin = board.analog_in(opened.line).ok_or(PinError::NotSupported)?;
    let full = pin.full_scale();
    let value = mirrored(opened, pin.read()?.min(full), full);
    Ok(match scale {
        Scale::Raw => Value::U32(value),
        Scale::Fraction => Value::F32(if full == 0 { 0.0 } else { value as f32 / full as f32 }),
    })
}

fn begin_watch<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    handle: u32,
    opened: Opened,
    above: bool,
    scale: Scale,
) -> Result<u32, PinError> {
    let (raw, fraction) = (call.u32(1), call.f32(1));
    let pin = call.hardware().1.analog_in(opened.line).ok_or(PinError::NotSupported)?;
    let limit = electrical(opened, scale, raw, fraction, pin.full_scale())?;
    let above = above == (opened.active == ActiveLevel::High);
    watch(call, handle, opened, Condition::Analog { above, limit })
}

/// The guest's value in steps of the converter, ground being 0.
fn electrical(opened: Opened, scale: Scale, raw: u32, fraction: f32, full: u32) -> Result<u32, PinError> {
    let value = match scale {
        Scale::Raw => raw.min(full),
        Scale::Fraction if fraction.is_nan() => return Err(PinError::Other),
        // To the nearest step. Casts saturate; a full scale beyond 24 bits may be rounded up, hence the minimum.
        Scale::Fraction => ((fraction.clamp(0.0, 1.0) * full as f32 + 0.5) as u32).min(full),
    };
    Ok(mirrored(opened, value, full))
}

fn mirrored(opened: Opened, value: u32, full: u32) -> u32 {
    if opened.active == ActiveLevel::Low { full.saturating_sub(value) } else { value }
}

fn get_config<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, opened: Opened) -> Result<(), HostError> {
    let label = digital::label(call, opened)?;
    let mode = if let Class::Analog(mode) = opened.class() { mode } else { PinMode::In };
    call.finish(&Value::Record(&[Value::Placed(label), Value::Case(mode as u8, None)]))
}
