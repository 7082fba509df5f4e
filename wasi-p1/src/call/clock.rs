//! What time it is.

use wasmote::Caller;

use super::Outcome;
use crate::{ClockId, WasiView, capability::Clock, guest::Out};

/// `clock_res_get`.
pub(crate) fn clock_res_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, clock: u32, out: u32) -> Outcome {
    let out = Out::<8>::check(caller, out)?;
    let step_ns = caller.data().wasi().host.clock.resolution(ClockId::from_number(clock)?)?;
    Ok(out.put(caller, step_ns.to_le_bytes())?)
}

/// `clock_time_get`; the wanted precision is always given.
pub(crate) fn clock_time_get<T: WasiView>(
    caller: &mut Caller<'_, '_, T>,
    clock: u32,
    _precision: u64,
    out: u32,
) -> Outcome {
    let out = Out::<8>::check(caller, out)?;
    let now_ns = caller.data().wasi().host.clock.now(ClockId::from_number(clock)?)?;
    Ok(out.put(caller, now_ns.to_le_bytes())?)
}
