//! `wasi:i2c/delay` and `wasi:gpio/delay`.

use super::Call;
use crate::{Blocked, Board, HardwareView};
use wasmote::HostError;

/// What a delay counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// Nanoseconds, behind the handle of a delay.
    OfHandle,
    Nanoseconds,
    Microseconds,
    Milliseconds,
}

impl Unit {
    fn ns(self) -> u64 {
        match self {
            Unit::OfHandle | Unit::Nanoseconds => 1,
            Unit::Microseconds => 1_000,
            Unit::Milliseconds => 1_000_000,
        }
    }
}

/// Waits: on the spot if it is short or the board has no clock, otherwise with the machine paused.
pub(crate) fn answer<T: HardwareView>(call: &mut Call<'_, '_, '_, T>, unit: Unit) -> Result<(), HostError> {
    let count = call.u32(usize::from(matches!(unit, Unit::OfHandle)));
    let duration_ns = u64::from(count) * unit.ns();
    let (hardware, board) = call.hardware();
    let now_ns = if duration_ns > board.spin_ns() { board.now_ns() } else { None };
    let Some(now_ns) = now_ns else {
        match unit {
            Unit::OfHandle | Unit::Nanoseconds => board.delay().delay_ns(count),
            Unit::Microseconds => board.delay().delay_us(count),
            Unit::Milliseconds => board.delay().delay_ms(count),
        }
        return Ok(());
    };
    let begun = hardware.pause.blocked.and_then(|blocked| blocked.deadline_ns);
    match begun {
        Some(deadline_ns) if now_ns >= deadline_ns => Ok(()),
        Some(_) => Err(HostError::Pending),
        None => {
            let deadline_ns = Some(now_ns.saturating_add(duration_ns));
            Err(call.wait(Blocked { deadline_ns, sampled: false }))
        }
    }
}
