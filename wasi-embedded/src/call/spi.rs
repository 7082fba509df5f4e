//! `wasi:spi/spi`, except `open`.

use super::Call;
use crate::buffers::{Buffer, Buffers, MAX_OPERATIONS, split};
use crate::interfaces::{SPI_OPERATION, SPI_OPERATION_RESULT};
use crate::lift::{self, Lifted, load};
use crate::lower::{Space, Value};
use crate::{Abuse, Board, Class, HardwareView, Line};
use embedded_hal::spi::{ErrorKind, Operation};
use heapless::Vec;
use wasmote::{HostError, Piece};

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Read,
    Write,
    Transfer,
    Transaction,
}

/// Why a call did not give what it should.
enum Failure {
    /// The device failed.
    Error(ErrorKind),
    /// One of our limits, in words, since nothing has happened yet.
    Refused(&'static str),
    Host(HostError),
}

impl<E: Into<HostError>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Host(error.into())
    }
}

const TOO_LONG: Failure = Failure::Refused("longer than this module may read");
const TOO_MANY: Failure = Failure::Refused("too many operations");
const GONE: Failure = Failure::Refused("no such device");

/// Answers a call.
pub(crate) fn answer<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, verb: Verb, line: Line) -> Result<(), HostError> {
    let outcome = match verb {
        Verb::Read => read(call, line).map(Some),
        Verb::Write => write(call, line).map(|()| None),
        Verb::Transfer => transfer(call, line).map(Some),
        Verb::Transaction => transaction(call, line).map(Some),
    };
    let error = match outcome {
        Ok(None) => {
            // All of the result, since guests built from the published WIT lift an error from `ok`.
            call.clear_result()?;
            return call.finish(&Value::Case(0, Some(&Value::Case(0, None))));
        }
        Ok(Some(space)) => return call.finish(&Value::Case(0, Some(&Value::Placed(space)))),
        Err(Failure::Host(error)) => return Err(error),
        Err(Failure::Error(kind)) => case(kind),
        Err(Failure::Refused(text)) => {
            let space = call.allocate_bytes(text.len() as u32)?;
            call.put_text(space, text)?;
            return finish_error(call, verb, &Value::Case(OTHER, Some(&Value::Placed(space))));
        }
    };
    match error {
        OTHER => finish_error(call, verb, &Value::Case(OTHER, Some(&Value::Placed(Space::EMPTY)))),
        case => finish_error(call, verb, &Value::Case(case, None)),
    }
}

/// The case that has a string.
const OTHER: u8 = 4;

/// `embedded-hal`'s kinds of errors, one to one.
fn case(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Overrun => 0,
        ErrorKind::ModeFault => 1,
        ErrorKind::FrameFormat => 2,
        ErrorKind::ChipSelectFault => 3,
        _ => OTHER,
    }
}

fn finish_error<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    verb: Verb,
    error: &Value<'_>,
) -> Result<(), HostError> {
    if matches!(verb, Verb::Write) {
        call.clear_result()?;
    }
    call.finish(&Value::Case(1, Some(error)))
}

fn read<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line) -> Result<Space, Failure> {
    let len = call.u64(1);
    let len = call.admitted(Class::Spi, line, len).ok_or(TOO_LONG)?;
    let space = call.allocate_bytes(len)?;
    let (data, into) = call.caller.parts(space.at, space.len)?;
    let device = data.hardware().1.spi(line).ok_or(GONE)?;
    device.read(into).map_err(Failure::Error)?;
    Ok(space)
}

fn write<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line) -> Result<(), Failure> {
    let from = call.space(1);
    let (data, from) = lift::bytes(call.caller, from)?;
    let device = data.hardware().1.spi(line).ok_or(GONE)?;
    device.write(from).map_err(Failure::Error)
}

fn transfer<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line) -> Result<Space, Failure> {
    let from = call.space(1);
    let len = call.admitted(Class::Spi, line, from.len.into()).ok_or(TOO_LONG)?;
    let space = call.allocate_bytes(len)?;
    call.copy(from, space)?;
    let (data, bytes) = call.caller.parts(space.at, space.len)?;
    let device = data.hardware().1.spi(line).ok_or(GONE)?;
    device.transfer_in_place(bytes).map_err(Failure::Error)?;
    Ok(space)
}

/// An operation of a transaction. What is read has a length and no place yet; what is transferred lies where the guest has it, and
/// then where the result is.
#[derive(Clone, Copy)]
enum Step {
    Read(Space),
    Write(Space),
    Transfer(Space),
    Delay(u32),
}

type Steps = Vec<Step, MAX_OPERATIONS>;

/// Reads the operations. (They are long for the native stack, so nobody gives them back by value.)
#[inline(never)]
fn read_steps<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line, steps: &mut Steps) -> Result<(), Failure> {
    let list = call.space(1);
    let mut total = 0u64;
    for n in 0..list.len {
        let at = list.at.wrapping_add(n.wrapping_mul(SPI_OPERATION.size()));
        let Lifted::Case(case, Some((ty, at))) = load(call.caller, &SPI_OPERATION, at)? else {
            return Err(Abuse::UnknownCase.into());
        };
        let step = match (case, load(call.caller, ty, at)?) {
            (0, Lifted::U64(len)) => {
                total = total.saturating_add(len);
                call.admitted(Class::Spi, line, total).ok_or(TOO_LONG)?;
                Step::Read(Space { at: 0, len: len as u32 })
            }
            (1, Lifted::Space(space)) => Step::Write(space),
            (2, Lifted::Space(space)) => {
                total = total.saturating_add(space.len.into());
                call.admitted(Class::Spi, line, total).map(|_| Step::Transfer(space)).ok_or(TOO_LONG)?
            }
            (3, Lifted::U32(ns)) => Step::Delay(ns),
            _ => return Err(Abuse::UnknownCase.into()),
        };
        steps.push(step).map_err(|_| TOO_MANY)?;
    }
    Ok(())
}

// Out of line, since its lists take more of the native stack than all else.
#[inline(never)]
fn transaction<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line) -> Result<Space, Failure> {
    let mut steps = Steps::new();
    read_steps(call, line, &mut steps)?;
    let list = call.allocate(&SPI_OPERATION_RESULT, steps.len() as u32)?;
    // All the space first, and what is transferred copied there; then the bus.
    let mut pieces: Vec<Piece, MAX_OPERATIONS> = Vec::new();
    for step in &steps {
        let piece = match *step {
            Step::Read(space) | Step::Transfer(space) => call.allocate_bytes(space.len)?.piece(true),
            Step::Write(space) => space.piece(false),
            Step::Delay(_) => Space::EMPTY.piece(false),
        };
        // As many as steps at most, so there is room; the same below.
        let _ = pieces.push(piece);
    }
    for (step, piece) in steps.iter_mut().zip(&pieces) {
        let given = Space { at: piece.at, len: piece.len };
        match step {
            Step::Transfer(space) => {
                call.copy(*space, given)?;
                *space = given;
            }
            Step::Read(space) => *space = given,
            Step::Write(_) | Step::Delay(_) => {}
        }
    }
    run(call, line, &steps, &mut pieces)?;
    for (n, step) in (0..).zip(&steps) {
        let result = match *step {
            Step::Read(space) => Value::Case(0, Some(&Value::Placed(space))),
            Step::Write(_) => Value::Case(1, None),
            Step::Transfer(space) => Value::Case(2, Some(&Value::Placed(space))),
            Step::Delay(_) => Value::Case(3, None),
        };
        call.put_element(&SPI_OPERATION_RESULT, list, n, &result)?;
    }
    Ok(list)
}

/// Does the operations on the guest's memory itself.
fn run<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    line: Line,
    steps: &[Step],
    pieces: &mut [Piece],
) -> Result<(), Failure> {
    let (data, memory) = call.caller.pieces(pieces)?;
    let mut buffers = Buffers::new();
    split(memory, pieces, &mut buffers)?;
    let mut operations: Vec<Operation<'_, u8>, MAX_OPERATIONS> = Vec::new();
    for (step, buffer) in steps.iter().zip(&mut buffers) {
        let _ = operations.push(match (step, buffer.take()) {
            (Step::Delay(ns), _) => Operation::DelayNs(*ns),
            (Step::Transfer(_), Buffer::Read(bytes)) => Operation::TransferInPlace(bytes),
            (_, Buffer::Read(into)) => Operation::Read(into),
            (_, Buffer::Write(from)) => Operation::Write(from),
        });
    }
    let device = data.hardware().1.spi(line).ok_or(GONE)?;
    device.transaction(&mut operations).map_err(Failure::Error)
}
