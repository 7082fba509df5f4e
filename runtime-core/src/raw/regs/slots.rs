//! Values as slots of a frame, the accumulator and the guest's memory hold them.

#[cfg(target_pointer_width = "64")]
use super::{AccF32, AccF64};
use super::{AccInt, HasHot, Regs};

/// A Rust type that slots hold.
pub(crate) trait Slot: Copy {
    fn read(at: *const u8) -> Self;
    fn write(self, at: *mut u8);
    /// The value in the accumulator.
    fn take<M: HasHot>(r: &Regs<'_, M>) -> Self;
    /// Leaves the value in the accumulator.
    fn put<M: HasHot>(self, r: &mut Regs<'_, M>);
}

impl Slot for u32 {
    #[inline(always)]
    fn read(at: *const u8) -> u32 {
        // SAFETY: slots are aligned to 4 bytes and lie within the frame stack.
        unsafe { at.cast::<u32>().read() }
    }
    #[inline(always)]
    fn write(self, at: *mut u8) {
        // SAFETY: as for `read`.
        unsafe { at.cast::<u32>().write(self) }
    }
    #[inline(always)]
    fn take<M: HasHot>(r: &Regs<'_, M>) -> u32 {
        r.acc.int.0 as u32
    }
    #[inline(always)]
    fn put<M: HasHot>(self, r: &mut Regs<'_, M>) {
        r.acc.int = AccInt(self as usize);
    }
}

impl Slot for u64 {
    #[inline(always)]
    fn read(at: *const u8) -> u64 {
        if cfg!(target_pointer_width = "64") {
            // SAFETY: two slots; the address is aligned to 4 bytes only.
            unsafe { at.cast::<u64>().read_unaligned() }
        } else {
            u64::from(u32::read(at)) | u64::from(u32::read(at.wrapping_add(4))) << 32
        }
    }
    #[inline(always)]
    fn write(self, at: *mut u8) {
        if cfg!(target_pointer_width = "64") {
            // SAFETY: as for `read`.
            unsafe { at.cast::<u64>().write_unaligned(self) }
        } else {
            (self as u32).write(at);
            ((self >> 32) as u32).write(at.wrapping_add(4));
        }
    }
    #[inline(always)]
    fn take<M: HasHot>(r: &Regs<'_, M>) -> u64 {
        let low = r.acc.int.0 as u64;
        if cfg!(target_pointer_width = "64") { low } else { low | u64::from(r.hot().acc_high) << 32 }
    }
    #[inline(always)]
    fn put<M: HasHot>(self, r: &mut Regs<'_, M>) {
        r.acc.int = AccInt(self as usize);
        if cfg!(not(target_pointer_width = "64")) {
            r.hot_mut().acc_high = (self >> 32) as u32;
        }
    }
}

macro_rules! slot_as {
    ($($ty:ident as $bits:ident: $from:expr, $to:expr, $acc:ident;)*) => { $(
        impl Slot for $ty {
            #[inline(always)]
            fn read(at: *const u8) -> $ty { $from(<$bits>::read(at)) }
            #[inline(always)]
            fn write(self, at: *mut u8) { let bits: $bits = $to(self); bits.write(at); }
            $acc!($ty, $bits, $from, $to);
        }
    )* };
}
/// In the accumulator for integers.
macro_rules! as_bits {
    ($ty:ident, $bits:ident, $from:expr, $to:expr) => {
        #[inline(always)]
        fn take<M: HasHot>(r: &Regs<'_, M>) -> $ty {
            $from(<$bits>::take(r))
        }
        #[inline(always)]
        fn put<M: HasHot>(self, r: &mut Regs<'_, M>) {
            let bits: $bits = $to(self);
            bits.put(r);
        }
    };
}
/// In an accumulator of its own.
#[cfg(target_pointer_width = "64")]
macro_rules! as_float {
    (f32, $bits:ident, $from:expr, $to:expr) => {
        as_float!(f32, f32, AccF32);
    };
    (f64, $bits:ident, $from:expr, $to:expr) => {
        as_float!(f64, f64, AccF64);
    };
    ($ty:ident, $acc:ident, $wrap:ident) => {
        #[inline(always)]
        fn take<M: HasHot>(r: &Regs<'_, M>) -> $ty {
            r.acc.$acc.0
        }
        #[inline(always)]
        fn put<M: HasHot>(self, r: &mut Regs<'_, M>) {
            r.acc.$acc = $wrap(self);
        }
    };
}
#[cfg(not(target_pointer_width = "64"))]
use as_bits as as_float;
slot_as! {
    f32 as u32: f32::from_bits, f32::to_bits, as_float;
    f64 as u64: f64::from_bits, f64::to_bits, as_float;
    bool as u32: |v| v != 0, u32::from, as_bits;
}

/// A type as guest memory holds it.
pub(crate) trait Cell: Copy {
    const LOG2: usize;
    fn load(at: *const u8) -> Self;
    fn store(self, at: *mut u8);
}

/// Whether the target faults, or is slow, on accesses that are not aligned.
const STRICT: bool = cfg!(any(all(target_arch = "arm", not(wasmote_thumb2)), target_arch = "riscv32"));

macro_rules! cells {
    ($($ty:ty = $log2:literal),*) => { $(
        impl Cell for $ty {
            const LOG2: usize = $log2;
            #[inline(always)]
            fn load(at: *const u8) -> $ty {
                if STRICT && $log2 != 0 && at as usize & ((1usize << $log2.min(2)) - 1) == 0 {
                    // SAFETY: within the window, and aligned as far as the target asks for.
                    if $log2 == 3 {
                        return (u64::from(u32::read(at)) | u64::from(u32::read(at.wrapping_add(4))) << 32) as $ty;
                    }
                    return unsafe { at.cast::<$ty>().read() };
                }
                // SAFETY: within the window.
                <$ty>::from_le(unsafe { at.cast::<$ty>().read_unaligned() })
            }
            #[inline(always)]
            fn store(self, at: *mut u8) {
                if STRICT && $log2 != 0 && at as usize & ((1usize << $log2.min(2)) - 1) == 0 {
                    if $log2 == 3 {
                        (self as u64 as u32).write(at);
                        ((self as u64 >> 32) as u32).write(at.wrapping_add(4));
                        return;
                    }
                    // SAFETY: as for `load`.
                    return unsafe { at.cast::<$ty>().write(self) };
                }
                // SAFETY: within the window.
                unsafe { at.cast::<$ty>().write_unaligned(self.to_le()) }
            }
        }
    )* };
}
cells!(u8 = 0usize, i8 = 0usize, u16 = 1usize, i16 = 1usize, u32 = 2usize, i32 = 2usize, u64 = 3usize);
