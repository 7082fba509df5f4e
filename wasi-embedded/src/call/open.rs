//! `open`, of labels; and what pins of both kinds share.

use super::Call;
use crate::handles::{Object, Opened};
use crate::lower::{Space, Value};
use crate::watch::{Condition, Watch};
use crate::{Board, Class, Denied, Grants, HardwareView, PinError, Reason, lift};
use wasmote::HostError;

/// Opens the line of the label that is the first argument.
pub(crate) fn line<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, class: Class) -> Result<(), HostError> {
    call.hardware().0.table.require_room()?;
    let outcome = open(call, class)?;
    match (outcome, class) {
        (Ok(object), _) => {
            let handle = call.hardware().0.table.insert(object)?;
            call.finish(&Value::Case(0, Some(&Value::Own(handle))))
        }
        (Err(error), Class::I2c) => {
            let case = match error {
                PinError::UndefinedLabel => 0,
                PinError::NotAllowed | PinError::ModeNotAllowed => 1,
                PinError::AlreadyInUse => 2,
                _ => 3,
            };
            call.finish(&Value::Case(1, Some(&Value::Case(case, None))))
        }
        (Err(_), Class::Spi) => finish_spi_refusal(call),
        (Err(error), _) => finish_pin_error(call, error),
    }
}

/// Asks the board and the policy, in this order: what the board does not have cannot be granted.
fn open<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, class: Class) -> Result<Result<Object, PinError>, HostError> {
    let label = call.space(0);
    let (data, label) = lift::bytes(call.caller, label)?;
    let (hardware, board) = data.hardware();
    // It was checked when it was lifted.
    let label = core::str::from_utf8(label).unwrap_or_default();
    let outcome = admit(&hardware.grants, board, class, label);
    if let Err(error) = outcome {
        hardware.refuse(class, label, Reason::Open(error));
    }
    Ok(outcome)
}

fn admit<G: Grants, B: Board + ?Sized>(
    grants: &G,
    board: &mut B,
    class: Class,
    label: &str,
) -> Result<Object, PinError> {
    let line = board.find(class, label).ok_or(PinError::UndefinedLabel)?;
    let settings = grants.open(class, label).map_err(|denied| match denied {
        Denied::Label => PinError::NotAllowed,
        Denied::Mode => PinError::ModeNotAllowed,
    })?;
    board.open(class, line, &settings)?;
    Ok(Object::Opened { opened: Opened::new(class, line, settings.active), pull: settings.pull, children: 0 })
}

/// The only error of wasi-spi that fits is `other`; nothing has happened, so it can say why.
fn finish_spi_refusal<T: HardwareView>(call: &mut Call<'_, '_, '_, T>) -> Result<(), HostError> {
    let (hardware, _) = call.hardware();
    let text = hardware.refusal.as_ref().map(|refusal| refusal.text(&hardware.module)).unwrap_or_default();
    let space = call.allocate_bytes(text.len() as u32)?;
    call.put_text(space, &text)?;
    call.finish(&Value::Case(1, Some(&Value::Case(4, Some(&Value::Placed(space))))))
}

/// Opens the delay.
pub(crate) fn delay<T: HardwareView>(call: &mut Call<'_, '_, '_, T>) -> Result<u32, HostError> {
    Ok(call.hardware().0.table.insert(Object::Delay)?)
}

/// Lowers an error of wasi-gpio. A pin's failure has no words: they would have to be allocated after it.
pub(super) fn finish_pin_error<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    error: PinError,
) -> Result<(), HostError> {
    let empty = Value::Placed(Space::EMPTY);
    let text = (error == PinError::Other).then_some(&empty);
    call.finish(&Value::Case(1, Some(&Value::Case(error as u8, text))))
}

/// Makes a pollable of a pin. There is room for its handle.
pub(super) fn watch<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    pin: u32,
    opened: Opened,
    condition: Condition,
) -> Result<u32, PinError> {
    let (hardware, board) = call.hardware();
    let watch = Watch::begin(pin, opened.line, condition, board)?;
    hardware.table.insert_watch(watch).map_err(|_| PinError::Other)
}

/// Makes the pollable that is ready when the line is.
pub(super) fn watch_for_ready<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    pin: u32,
    opened: Opened,
) -> Result<u32, HostError> {
    call.hardware().0.table.require_room()?;
    watch(call, pin, opened, Condition::Ready(opened.class())).map_err(|_| crate::Abuse::TableFull.into())
}
