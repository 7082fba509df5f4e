//! Entropy.

use wasmote::Caller;

use super::Outcome;
use crate::{
    WasiView,
    capability::{Host, Random},
    guest::Region,
};

/// `random_get`.
pub(crate) fn random_get<T: WasiView>(caller: &mut Caller<'_, '_, T>, buffer: u32, len: u32) -> Outcome {
    let region = Region::check(caller, buffer, len)?;
    let mut at = 0;
    while at < len {
        let piece = region.part(at, <T::Host as Host>::PIECE_BYTES);
        let (data, bytes) = piece.parts(caller)?;
        data.wasi().host.random.fill(bytes)?;
        at += piece.len();
    }
    Ok(())
}
