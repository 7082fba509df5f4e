//! The functions as a `Linker` takes them, made of the table of interfaces when the crate is compiled.

use crate::interfaces::{INTERFACES, Verb};
use crate::types::{Flat, Type};
use crate::{HardwareView, call};
use core::marker::PhantomData;
use wasmote::{FuncType, HostFunc};

/// The functions for an embedder's data `T`.
pub struct Embedded<'t, T>(PhantomData<&'t T>);

/// What the code needs to know of a function when it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) params: &'static [Type],
    pub(crate) result: Option<&'static Type>,
    pub(crate) verb: Verb,
}

/// A function with its names, for linking.
#[derive(Clone, Copy)]
struct Row {
    module: &'static str,
    name: &'static str,
    flat: Flat,
    signature: Signature,
}

/// How many functions there are.
const COUNT: usize = {
    let (mut count, mut interface) = (0, 0);
    while interface < INTERFACES.len() {
        let groups = INTERFACES[interface].1;
        let mut group = 0;
        while group < groups.len() {
            count += groups[group].len();
            group += 1;
        }
        interface += 1;
    }
    count
};

/// All functions in the order of the interfaces; a function's row is its place here.
const ROWS: [Row; COUNT] = {
    let nothing = Signature { params: &[], result: None, verb: Verb::Drop };
    let mut rows = [Row { module: "", name: "", flat: Flat::new(&[], None), signature: nothing }; COUNT];
    let (mut row, mut interface) = (0, 0);
    while interface < INTERFACES.len() {
        let (module, groups) = INTERFACES[interface];
        let mut group = 0;
        while group < groups.len() {
            let mut n = 0;
            while n < groups[group].len() {
                let function = groups[group][n];
                let signature = Signature { params: function.params, result: function.result, verb: function.verb };
                let flat = Flat::new(function.params, function.result);
                rows[row] = Row { module, name: function.name, flat, signature };
                row += 1;
                n += 1;
            }
            group += 1;
        }
        interface += 1;
    }
    rows
};

/// The types by row.
pub(crate) static SIGNATURES: [Signature; COUNT] = {
    let mut signatures = [ROWS[0].signature; COUNT];
    let mut row = 0;
    while row < COUNT {
        signatures[row] = ROWS[row].signature;
        row += 1;
    }
    signatures
};

/// The core types by row.
const FLATS: &[Flat; COUNT] = &{
    let mut flats = [ROWS[0].flat; COUNT];
    let mut row = 0;
    while row < COUNT {
        flats[row] = ROWS[row].flat;
        row += 1;
    }
    flats
};

impl<'t, T: HardwareView> Embedded<'t, T> {
    /// All functions, for a `Linker`: the 78 of wasi-i2c, wasi-spi, wasi-gpio and wasi-io's poll, and those that open labels.
    pub const FUNCTIONS: &'t [HostFunc<T>] = &{
        let nothing = FuncType { params: &[], results: &[] };
        let mut table = [HostFunc::row("", "", nothing, 0, call::entry::<T>); COUNT];
        let mut row = 0;
        while row < COUNT {
            let ty = FuncType { params: FLATS[row].params(), results: FLATS[row].results() };
            table[row] = HostFunc::row(ROWS[row].module, ROWS[row].name, ty, row as u32, call::entry::<T>);
            row += 1;
        }
        table
    };
}
