//! The policy of `wasmote-board`: bytes from outside become requests and rules, and what both allow is asked for.

use core::hint::black_box;
use wasmote_board::policy::{Grant, Policy, Request};
use wasmote_wasi_embedded::{Address, Class, Grants, PinMode};

/// Calls everything that a device does with a request and its policy.
pub(crate) fn every_function(bytes: &[u8], into: &mut [u8]) {
    let (Ok(request), Ok(policy)) = (Request::decode(bytes), Policy::decode(bytes)) else { return };
    black_box(request.encode(into).is_ok());
    black_box(policy.encode(into).is_ok());
    let grant = Grant::new(request, &policy, |refused| {
        black_box(refused);
    });
    for class in black_box([Class::I2c, Class::Spi, Class::Digital(PinMode::In), Class::Analog(PinMode::Out)]) {
        black_box(grant.open(class, black_box("label")).is_ok());
    }
    black_box(grant.address(black_box("label"), Address::new(black_box(0x48))));
    black_box(grant.max_transfer_bytes());
    black_box(Grant::whole(grant.granted().clone()).granted().fuel);
}
