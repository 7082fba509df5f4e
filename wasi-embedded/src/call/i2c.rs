//! `wasi:i2c/i2c`.

use super::Call;
use crate::buffers::{Buffer, Buffers, MAX_OPERATIONS, split};
use crate::interfaces::I2C_OPERATION;
use crate::lift::{self, Lifted, load};
use crate::lower::{Space, Value};
use crate::types::BYTES;
use crate::{Abuse, Address, Board, Class, Grants, HardwareView, Line, Reason};
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource, Operation};
use heapless::Vec;
use wasmote::{HostError, Piece};

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verb {
    Read,
    Write,
    WriteRead,
    Transaction,
}

/// A device that a guest talks to.
#[derive(Clone, Copy)]
struct Target {
    line: Line,
    address: Address,
}

/// Why a call did not give what it should: the bus, or one of our limits, as the guest sees it; or it is not over.
enum Failure {
    Error(ErrorKind),
    Host(HostError),
}

impl<E: Into<HostError>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Host(error.into())
    }
}

/// Answers a call.
pub(crate) fn answer<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, verb: Verb, line: Line) -> Result<(), HostError> {
    let outcome = target(call, line).and_then(|target| match verb {
        Verb::Read => read(call, target).map(Some),
        Verb::Write => write(call, target).map(|()| None),
        Verb::WriteRead => write_read(call, target).map(Some),
        Verb::Transaction => transaction(call, target).map(Some),
    });
    match outcome {
        Ok(None) => call.finish(&Value::Case(0, None)),
        Ok(Some(space)) => call.finish(&Value::Case(0, Some(&Value::Placed(space)))),
        Err(Failure::Host(error)) => Err(error),
        Err(Failure::Error(kind)) => finish_error(call, kind),
    }
}

/// `embedded-hal`'s kinds of errors, one to one.
fn finish_error<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, kind: ErrorKind) -> Result<(), HostError> {
    let source = |source| match source {
        NoAcknowledgeSource::Address => 0,
        NoAcknowledgeSource::Data => 1,
        NoAcknowledgeSource::Unknown => 2,
    };
    let error = match kind {
        ErrorKind::Bus => Value::Case(0, None),
        ErrorKind::ArbitrationLoss => Value::Case(1, None),
        ErrorKind::NoAcknowledge(from) => {
            return call.finish(&Value::Case(1, Some(&Value::Case(2, Some(&Value::Case(source(from), None))))));
        }
        ErrorKind::Overrun => Value::Case(3, None),
        _ => Value::Case(4, None),
    };
    call.finish(&Value::Case(1, Some(&error)))
}

/// The device on the bus that the second argument names, if the guest may talk to it. To a guest that may not, it is not there.
fn target<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line) -> Result<Target, Failure> {
    let address = Address::new(call.u16(1));
    if call.is_allocated() {
        // It was admitted before the allocator ran.
        return Ok(Target { line, address });
    }
    let (hardware, board) = call.hardware();
    let label = board.label(Class::I2c, line);
    if hardware.grants.address(label, address) {
        return Ok(Target { line, address });
    }
    hardware.refuse(Class::I2c, label, Reason::Address(address));
    Err(Failure::Error(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)))
}

/// A length that the guest may read.
fn admitted<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, line: Line, len: u64) -> Result<u32, Failure> {
    call.admitted(Class::I2c, line, len).ok_or(Failure::Error(ErrorKind::Other))
}

fn read<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, target: Target) -> Result<Space, Failure> {
    let Target { line, address } = target;
    let space = match call.first_bytes() {
        Some(space) => space,
        None => {
            let len = call.u64(2);
            let len = admitted(call, line, len)?;
            call.allocate_bytes(len)?
        }
    };
    let (data, into) = call.caller.parts(space.at, space.len)?;
    let bus = data.hardware().1.i2c(line).ok_or(Failure::Error(ErrorKind::Other))?;
    bus.read(address, into).map_err(Failure::Error)?;
    Ok(space)
}

fn write<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, target: Target) -> Result<(), Failure> {
    let Target { line, address } = target;
    let from = call.space(2);
    let (data, from) = lift::bytes(call.caller, from)?;
    let bus = data.hardware().1.i2c(line).ok_or(Failure::Error(ErrorKind::Other))?;
    bus.write(address, from).map_err(Failure::Error)
}

fn write_read<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, target: Target) -> Result<Space, Failure> {
    let Target { line, address } = target;
    let from = call.space(2);
    let space = match call.first_bytes() {
        Some(space) => space,
        None => {
            let len = call.u64(3);
            let len = admitted(call, line, len)?;
            call.allocate_bytes(len)?
        }
    };
    let mut pieces = [from.piece(false), space.piece(true)];
    let (data, memory) = call.caller.pieces(&mut pieces)?;
    let mut buffers = Buffers::new();
    split(memory, &pieces, &mut buffers)?;
    let [from, into] = buffers.as_mut_slice() else { return Err(Abuse::BadRealloc.into()) };
    let (Buffer::Write(from), Buffer::Read(into)) = (from.take(), into.take()) else {
        return Err(Abuse::BadRealloc.into());
    };
    let bus = data.hardware().1.i2c(line).ok_or(Failure::Error(ErrorKind::Other))?;
    bus.write_read(address, from, into).map_err(Failure::Error)?;
    Ok(space)
}

/// Operations as the guest gave them, lists where they lie.
type Operations = Vec<Piece, MAX_OPERATIONS>;

/// Reads the operations; those that read have a length and no place yet. (They are long for the native stack, so nobody gives them
/// back by value.)
#[inline(never)]
fn read_operations<T: HardwareView>(
    call: &mut Call<'_, '_, '_, T>,
    line: Line,
    operations: &mut Operations,
) -> Result<(), Failure> {
    let list = call.space(2);
    let mut total = 0u64;
    for n in 0..list.len {
        let at = list.at.wrapping_add(n.wrapping_mul(I2C_OPERATION.size()));
        let piece = match load(call.caller, &I2C_OPERATION, at)? {
            Lifted::Case(0, Some((ty, at))) => match load(call.caller, ty, at)? {
                Lifted::U64(len) => {
                    total = total.saturating_add(len);
                    Piece { at: 0, len: admitted(call, line, total).map(|_| len as u32)?, written: true }
                }
                _ => return Err(Abuse::UnknownCase.into()),
            },
            Lifted::Case(_, Some((ty, at))) => match load(call.caller, ty, at)? {
                Lifted::Space(space) => space.piece(false),
                _ => return Err(Abuse::UnknownCase.into()),
            },
            _ => return Err(Abuse::UnknownCase.into()),
        };
        operations.push(piece).map_err(|_| Failure::Error(ErrorKind::Other))?;
    }
    Ok(())
}

// Out of line, since its lists take more of the native stack than all else.
#[inline(never)]
fn transaction<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, target: Target) -> Result<Space, Failure> {
    let mut pieces = Operations::new();
    read_operations(call, target.line, &mut pieces)?;
    let reads = pieces.iter().filter(|piece| piece.written).count() as u32;
    let lists = call.allocate(&BYTES, reads)?;
    let mut results: Vec<Space, MAX_OPERATIONS> = Vec::new();
    for piece in pieces.iter_mut().filter(|piece| piece.written) {
        let space = call.allocate_bytes(piece.len)?;
        piece.at = space.at;
        // As many as operations at most, so there is room.
        let _ = results.push(space);
    }
    run(call, target, &mut pieces)?;
    for (n, space) in (0..).zip(&results) {
        call.put_element(&BYTES, lists, n, &Value::Placed(*space))?;
    }
    Ok(lists)
}

/// Does the operations on the guest's memory itself.
fn run<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, target: Target, pieces: &mut [Piece]) -> Result<(), Failure> {
    let (data, memory) = call.caller.pieces(pieces)?;
    let mut buffers = Buffers::new();
    split(memory, pieces, &mut buffers)?;
    let mut operations: Vec<Operation<'_>, MAX_OPERATIONS> = Vec::new();
    for buffer in &mut buffers {
        let _ = operations.push(match buffer.take() {
            Buffer::Read(into) => Operation::Read(into),
            Buffer::Write(from) => Operation::Write(from),
        });
    }
    let bus = data.hardware().1.i2c(target.line).ok_or(Failure::Error(ErrorKind::Other))?;
    bus.transaction(target.address, &mut operations).map_err(Failure::Error)
}
