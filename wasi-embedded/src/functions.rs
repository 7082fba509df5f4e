//! The functions as a `Linker` takes them, made of the table of interfaces when the crate is compiled.

use crate::handles::Resource;
use crate::interfaces::{INTERFACES, Verb};
use crate::types::{Flat, Type};
use crate::{HardwareView, call};
use core::marker::PhantomData;
use wasmote::{FuncType, HostFunc, ValType};

/// The functions for an embedder's data `T`.
pub struct Embedded<'t, T>(PhantomData<&'t T>);

/// Parameters that a function may have, the longest being i2c's.
const MAX_PARAMS: usize = 4;
/// Bits of a slot's number, and the greatest number.
const SLOT_BITS: u32 = 4;
const SLOT: u8 = (1 << SLOT_BITS) - 1;

/// What the code needs to know of a function when it is called: its type, and what follows from that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    pub(crate) params: &'static [Type],
    pub(crate) result: Option<&'static Type>,
    pub(crate) verb: Verb,
    /// The resource that the first parameter is a handle of, if it is one.
    pub(crate) handle: Option<Resource>,
    /// Whether other parameters must be looked at before the function does anything.
    pub(crate) is_checked: bool,
    /// Whether what it does depends on what it found in lists other than of bytes, or in strings.
    pub(crate) is_deep: bool,
    /// The slots of 32 bits in which the parameters begin, four bits for each, the first one's lowest.
    slots: u16,
    /// The slot that points to where the result goes.
    pub(crate) out: u8,
    /// The result's size and alignment in bytes, if it goes to memory; 0 otherwise.
    pub(crate) out_size: u8,
    pub(crate) out_align: u8,
}

impl Signature {
    const fn new(params: &'static [Type], result: Option<&'static Type>, verb: Verb) -> Signature {
        let mut signature = Signature {
            params,
            result,
            verb,
            handle: None,
            is_checked: false,
            is_deep: false,
            slots: 0,
            out: 0,
            out_size: 0,
            out_align: 1,
        };
        let mut n = 0;
        while n < params.len() {
            assert!(n < MAX_PARAMS && signature.out <= SLOT);
            signature.slots |= (signature.out as u16) << (n as u32 * SLOT_BITS);
            signature.out += if let Type::U64 | Type::String | Type::List(_) = params[n] { 2 } else { 1 };
            match params[n] {
                Type::Own(resource) | Type::Borrow(resource) if n == 0 => signature.handle = Some(resource),
                Type::U16 | Type::U32 | Type::U64 | Type::F32 => {}
                Type::Enum(_) | Type::Bool | Type::U8 | Type::List(Type::U8) => signature.is_checked = true,
                _ => (signature.is_checked, signature.is_deep) = (true, true),
            }
            n += 1;
        }
        if let Some(result) = result
            && result.scalar().is_none()
        {
            assert!(result.size() <= u8::MAX as u32);
            (signature.out_size, signature.out_align) = (result.size() as u8, result.align() as u8);
        }
        signature
    }

    /// The slot in which parameter `n` begins.
    pub(crate) fn slot(&self, n: usize) -> u32 {
        u32::from(self.slots >> (n as u32 % MAX_PARAMS as u32 * SLOT_BITS)) & u32::from(SLOT)
    }
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
    let nothing = Signature::new(&[], None, Verb::Drop);
    let mut rows = [Row { module: "", name: "", flat: Flat::new(&[], None), signature: nothing }; COUNT];
    let (mut row, mut interface) = (0, 0);
    while interface < INTERFACES.len() {
        let (module, groups) = INTERFACES[interface];
        let mut group = 0;
        while group < groups.len() {
            let mut n = 0;
            while n < groups[group].len() {
                let function = groups[group][n];
                let signature = Signature::new(function.params, function.result, function.verb);
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

/// Core types in an order in which every function's parameters are found, one behind the other, so that flash holds them once.
const POOL: &[ValType] = {
    const I32: ValType = ValType::I32;
    &[I32, I32, I32, I32, I32, ValType::I64, I32, ValType::F32, I32]
};

/// These types where they are in the pool. What is not there does not compile.
const fn pooled(types: &[ValType]) -> &'static [ValType] {
    let mut at = 0;
    loop {
        let (found, _) = POOL.split_at(at).1.split_at(types.len());
        let mut same = 0;
        while same < types.len() && found[same] as u8 == types[same] as u8 {
            same += 1;
        }
        if same == types.len() {
            return found;
        }
        at += 1;
    }
}

impl<'t, T: HardwareView> Embedded<'t, T> {
    /// All functions, for a `Linker`: the 78 of wasi-i2c, wasi-spi, wasi-gpio and wasi-io's poll, and those that open labels.
    pub const FUNCTIONS: &'t [HostFunc<T>] = &{
        let nothing = FuncType { params: &[], results: &[] };
        let mut table = [HostFunc::row("", "", nothing, 0, call::entry::<T>); COUNT];
        let mut row = 0;
        while row < COUNT {
            let flat = &ROWS[row].flat;
            let ty = FuncType { params: pooled(flat.params()), results: pooled(flat.results()) };
            table[row] = HostFunc::row(ROWS[row].module, ROWS[row].name, ty, row as u32, call::entry::<T>);
            row += 1;
        }
        table
    };
}
