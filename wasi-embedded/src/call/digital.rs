//! `wasi:gpio/digital`.

use super::Call;
use super::open::{finish_pin_error, watch};
use crate::handles::Opened;
use crate::lower::{Space, Value};
use crate::watch::Condition;
use crate::{ActiveLevel, Board, Class, Edge, HardwareView, PinError, PinMode};
use embedded_hal::digital::ErrorKind;
use wasmote::HostError;

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    GetConfig,
    WatchForReady,
    SetState,
    Set { active: bool },
    Toggle,
    Read,
    Is { active: bool },
    WatchState,
    WatchFor { active: bool },
    WatchEdge { to_active: bool },
}

/// `pin-state`, the first case being active.
fn state(active: bool) -> u8 {
    u8::from(!active)
}

/// What a call gives: a value of the ok arm.
enum Given {
    Nothing,
    Bool(bool),
    State(bool),
    Pollable(u32),
}

/// Answers a call; gives the result if it does not go to memory.
pub(crate) fn answer<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    verb: Verb,
    opened: Opened,
) -> Result<Option<u32>, HostError> {
    let given = match verb {
        Verb::GetConfig => return get_config(call, opened).map(|()| None),
        Verb::WatchForReady => {
            let handle = call.u32(0);
            return super::open::watch_for_ready(call, handle, opened).map(Some);
        }
        Verb::WatchState | Verb::WatchFor { .. } | Verb::WatchEdge { .. } => {
            call.hardware().0.table.require_room()?;
            let (handle, given) = (call.u32(0), call.u32(1));
            watch(call, handle, opened, condition(opened, verb, given)).map(Given::Pollable)
        }
        Verb::SetState => {
            let active = call.u32(1) == u32::from(state(true));
            pin(call.hardware().1, opened, Verb::Set { active })
        }
        _ => pin(call.hardware().1, opened, verb),
    };
    match given {
        Ok(Given::Nothing) => call.finish(&Value::Case(0, None)),
        Ok(Given::Bool(value)) => call.finish(&Value::Case(0, Some(&Value::Bool(value)))),
        Ok(Given::State(active)) => call.finish(&Value::Case(0, Some(&Value::Case(state(active), None)))),
        Ok(Given::Pollable(handle)) => call.finish(&Value::Case(0, Some(&Value::Own(handle)))),
        Err(error) => finish_pin_error(call, error),
    }
    .map(|()| None)
}

/// Drives or reads a pin.
fn pin<B: Board + ?Sized>(board: &mut B, opened: Opened, verb: Verb) -> Result<Given, PinError> {
    let failed = |_: ErrorKind| PinError::Other;
    let is_high = |active: bool| active == (opened.active == ActiveLevel::High);
    if let Verb::Set { .. } | Verb::Toggle = verb {
        let pin = board.digital_out(opened.line).ok_or(PinError::NotSupported)?;
        let high = match verb {
            Verb::Set { active } => is_high(active),
            _ => !pin.is_set_high().map_err(failed)?,
        };
        return pin.set_high(high).map(|()| Given::Nothing).map_err(failed);
    }
    let high = board.digital_in(opened.line).ok_or(PinError::NotSupported)?.is_high().map_err(failed)?;
    let now = high == is_high(true);
    Ok(if let Verb::Is { active } = verb { Given::Bool(now == active) } else { Given::State(now) })
}

/// What a guest waits for, electrically: active and inactive are what the label says.
fn condition(opened: Opened, verb: Verb, state_given: u32) -> Condition {
    let high_is_active = opened.active == ActiveLevel::High;
    match verb {
        Verb::WatchEdge { to_active } if to_active == high_is_active => Condition::Edge(Edge::Rising),
        Verb::WatchEdge { .. } => Condition::Edge(Edge::Falling),
        Verb::WatchFor { active } => Condition::Level { high: active == high_is_active },
        _ => Condition::Level { high: (state_given == u32::from(state(true))) == high_is_active },
    }
}

fn get_config<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, opened: Opened) -> Result<(), HostError> {
    let label = label(call, opened)?;
    let mode = match opened.class() {
        Class::Digital(mode) | Class::Analog(mode) => mode,
        Class::I2c | Class::Spi => PinMode::In,
    };
    let handle = call.u32(0);
    let pull = call.hardware().0.table.pull(handle).map(|pull| Value::Case(pull as u8, None));
    call.finish(&Value::Record(&[
        Value::Placed(label),
        Value::Case(mode as u8, None),
        Value::Case(opened.active as u8, None),
        Value::Case(u8::from(pull.is_some()), pull.as_ref()),
    ]))
}

/// The label of a line, in the guest's memory.
pub(super) fn label<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, opened: Opened) -> Result<Space, HostError> {
    let len = call.hardware().1.label(opened.class(), opened.line).len();
    let space = call.allocate_bytes(len as u32)?;
    let (data, into) = call.caller.parts(space.at, space.len)?;
    let label = data.hardware().1.label(opened.class(), opened.line);
    into.iter_mut().zip(label.as_bytes()).for_each(|(to, from)| *to = *from);
    Ok(space)
}
