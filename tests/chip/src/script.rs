//! A script of the core tests without its text: one record for each command, modules in binary, values as bits.

use serde::{Deserialize, Serialize};
use wasmote::Val;

/// What holds for a whole script.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Modules may have more than one memory.
    pub multi_memory: bool,
    /// The script imports from `spectest`.
    pub spectest: bool,
}

/// A command and where it stands in the text.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step<'a> {
    /// Line, from 1.
    pub line: u32,
    /// The command.
    #[serde(borrow)]
    pub action: Action<'a>,
}

#[allow(missing_docs, reason = "the fields are the commands' own words")]
/// A command. An instance without a name is the last one.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action<'a> {
    /// Instantiates a module.
    Module { name: Option<&'a str>, wasm: &'a [u8] },
    /// Keeps a module to be instantiated later.
    Definition { name: &'a str, wasm: &'a [u8] },
    /// Instantiates a kept module.
    Instance { name: Option<&'a str>, definition: &'a str },
    /// Lets modules import from an instance.
    Register { instance: Option<&'a str>, name: &'a str },
    /// Asserts that a module is malformed or invalid.
    Refused { wasm: &'a [u8] },
    /// Asserts that a module cannot be linked.
    Unlinkable { wasm: &'a [u8] },
    /// Calls an exported function.
    Call {
        instance: Option<&'a str>,
        function: &'a str,
        /// [`Value`]s.
        arguments: &'a [u8],
        #[serde(borrow)]
        expect: Expect<'a>,
    },
    /// Asserts what instantiating a module and its start function come to.
    Start {
        wasm: &'a [u8],
        #[serde(borrow)]
        expect: Expect<'a>,
    },
    /// Asserts the value of an exported global.
    Get {
        instance: Option<&'a str>,
        global: &'a str,
        #[serde(borrow)]
        expect: Expect<'a>,
    },
}

/// What a call should come to.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect<'a> {
    /// An end, and nothing is asserted.
    End,
    /// These [`Pattern`]s.
    Values(&'a [u8]),
    /// A trap with this message.
    Trap(&'a str),
    /// A full stack.
    Exhaustion,
}

#[allow(missing_docs, reason = "the types' names")]
/// An argument.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    NullFunc,
    NullExtern,
    Extern(u32),
}

impl From<Value> for Val {
    fn from(value: Value) -> Val {
        match value {
            Value::I32(value) => Val::I32(value),
            Value::I64(value) => Val::I64(value),
            Value::F32(bits) => Val::F32(bits),
            Value::F64(bits) => Val::F64(bits),
            Value::NullFunc => Val::FuncRef(None),
            Value::NullExtern => Val::ExternRef(None),
            Value::Extern(number) => Val::ExternRef(Some(number)),
        }
    }
}

/// What a result should be.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// This value, bit for bit.
    Exactly(Value),
    /// A canonical NaN of 32 or 64 bits, of either sign.
    CanonicalNan,
    /// A quiet NaN of 32 or 64 bits.
    ArithmeticNan,
    /// A null reference of any type.
    Null,
    /// A function.
    AnyFunc,
    /// A reference of the host's.
    AnyExtern,
}

impl Pattern {
    /// Whether a value is as it should be.
    pub fn fits(self, value: Val) -> bool {
        match (self, value) {
            (Pattern::Exactly(expected), value) => Val::from(expected) == value,
            (Pattern::CanonicalNan, Val::F32(bits)) => bits & 0x7FFF_FFFF == 0x7FC0_0000,
            (Pattern::CanonicalNan, Val::F64(bits)) => bits & (u64::MAX >> 1) == 0x7FF8 << 48,
            (Pattern::ArithmeticNan, Val::F32(bits)) => bits & 0x7FC0_0000 == 0x7FC0_0000,
            (Pattern::ArithmeticNan, Val::F64(bits)) => bits & 0x7FF8 << 48 == 0x7FF8 << 48,
            (Pattern::Null, Val::FuncRef(None) | Val::ExternRef(None)) => true,
            (Pattern::AnyFunc, Val::FuncRef(Some(_))) | (Pattern::AnyExtern, Val::ExternRef(Some(_))) => true,
            _ => false,
        }
    }
}

impl Action<'_> {
    /// Whether the command asserts something.
    pub fn asserts(&self) -> bool {
        match self {
            Action::Module { .. }
            | Action::Definition { .. }
            | Action::Instance { .. }
            | Action::Register { .. }
            | Action::Call { expect: Expect::End, .. } => false,
            Action::Refused { .. }
            | Action::Unlinkable { .. }
            | Action::Call { .. }
            | Action::Start { .. }
            | Action::Get { .. } => true,
        }
    }
}
