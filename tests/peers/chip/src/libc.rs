//! The functions of a C library's mathematics that wasm3 calls, from the same crate that Rust's own programs have them of. The rest is
//! tinyrlibc's.

use tinyrlibc as _;

macro_rules! functions {
    ($($name:ident($($argument:ident),+) $float:ty;)*) => {
        $(
            /// As C has it.
            #[unsafe(no_mangle)]
            extern "C" fn $name($($argument: $float),+) -> $float {
                libm::$name($($argument),+)
            }
        )*
    };
}

functions! {
    sqrt(x) f64; floor(x) f64; ceil(x) f64; trunc(x) f64; rint(x) f64; fabs(x) f64; copysign(x, y) f64;
    sqrtf(x) f32; floorf(x) f32; ceilf(x) f32; truncf(x) f32; rintf(x) f32; fabsf(x) f32; copysignf(x, y) f32;
}
