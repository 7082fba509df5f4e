//! Threads, and the Rust types that stand for values.

use crate::isa::ValType;
use crate::run::ThreadSegment;

/// A thread in a store: one call from outside, with its frame stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thread(pub(crate) ThreadSegment);

/// A Rust type that stands for a WebAssembly type in typed functions.
pub trait GuestValue: Copy {
    /// The WebAssembly type.
    const TYPE: ValType;
    /// The value as bits.
    fn to_bits(self) -> u64;
    /// The value of these bits.
    fn from_bits(bits: u64) -> Self;
}

macro_rules! guest_values {
    ($($rust:ty = $wasm:ident, $to:expr, $from:expr;)*) => { $(
        impl GuestValue for $rust {
            const TYPE: ValType = ValType::$wasm;
            fn to_bits(self) -> u64 { $to(self) }
            fn from_bits(bits: u64) -> Self { $from(bits) }
        }
    )* };
}
guest_values! {
    i32 = I32, |v: i32| u64::from(v as u32), |b: u64| b as i32;
    u32 = I32, u64::from, |b: u64| b as u32;
    i64 = I64, |v: i64| v as u64, |b: u64| b as i64;
    u64 = I64, |v: u64| v, |b: u64| b;
    f32 = F32, |v: f32| u64::from(v.to_bits()), |b: u64| f32::from_bits(b as u32);
    f64 = F64, f64::to_bits, f64::from_bits;
}
