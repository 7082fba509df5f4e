//! The types of WebAssembly as the binary format writes them: values, functions, tables, memories, globals.

/// A value type; the discriminant is its byte in the binary format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ValType {
    /// 32-bit integer
    I32 = 0x7F,
    /// 64-bit integer
    I64 = 0x7E,
    /// 32-bit float
    F32 = 0x7D,
    /// 64-bit float
    F64 = 0x7C,
    /// Reference to a function
    FuncRef = 0x70,
    /// Reference to something of the host's
    ExternRef = 0x6F,
}

impl ValType {
    pub(crate) const fn from_byte(byte: u8) -> Option<ValType> {
        Some(match byte {
            0x7F => ValType::I32,
            0x7E => ValType::I64,
            0x7D => ValType::F32,
            0x7C => ValType::F64,
            0x70 => ValType::FuncRef,
            0x6F => ValType::ExternRef,
            _ => return None,
        })
    }

    /// Slots of 32 bits that a value takes in a frame.
    pub(crate) const fn slots(self) -> u32 {
        match self {
            ValType::I64 | ValType::F64 => 2,
            _ => 1,
        }
    }

    pub(crate) const fn is_ref(self) -> bool {
        matches!(self, ValType::FuncRef | ValType::ExternRef)
    }

    /// The type's name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
        }
    }
}

/// A type on the operand stack, as a byte: a value type's, or that of any type, in unreachable code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub(crate) struct Typed(u8);

impl Typed {
    pub(crate) const fn of_byte(byte: u8) -> Typed {
        Typed(byte)
    }

    pub(crate) const fn byte(self) -> u8 {
        self.0
    }

    /// Any type.
    pub(crate) const ANY: Typed = Typed(0);

    /// Whether a value of this type can be one of the other.
    pub(crate) fn fits(self, other: Typed) -> bool {
        self == other || self == Typed::ANY || other == Typed::ANY
    }

    /// Whether it takes two slots.
    pub(crate) fn is_wide(self) -> bool {
        self.0 | 2 == ValType::I64 as u8
    }

    pub(crate) fn is_float(self) -> bool {
        self.0 == ValType::F32 as u8 || self.0 == ValType::F64 as u8
    }

    pub(crate) fn is_ref(self) -> bool {
        self.0 == ValType::FuncRef as u8 || self.0 == ValType::ExternRef as u8
    }

    pub(crate) fn is(self, ty: ValType) -> bool {
        self.0 == ty as u8
    }

    /// This type, or the other if it is any.
    pub(crate) fn or(self, other: Typed) -> Typed {
        if self == Typed::ANY { other } else { self }
    }

    /// Slots of 32 bits that a value takes in a frame.
    pub(crate) fn slots(self) -> u32 {
        1 + u32::from(self.is_wide())
    }
}

impl From<ValType> for Typed {
    #[inline(always)]
    fn from(ty: ValType) -> Typed {
        Typed(ty as u8)
    }
}

/// A function's parameters and results.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuncType<'m> {
    /// Types of the parameters, in order.
    pub params: &'m [ValType],
    /// Types of the results, in order.
    pub results: &'m [ValType],
}

impl FuncType<'_> {
    pub(crate) fn param_slots(&self) -> u32 {
        self.params.iter().map(|t| t.slots()).sum()
    }

    pub(crate) fn result_slots(&self) -> u32 {
        self.results.iter().map(|t| t.slots()).sum()
    }
}

/// log2 of the size of an ordinary page, 64 KiB.
pub const PAGE_SIZE_LOG2: u8 = 16;

/// A memory's limits, in pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryType {
    /// Pages at the start.
    pub minimum: u64,
    /// Pages that the memory never outgrows.
    pub maximum: Option<u64>,
    /// log2 of the page size in bytes: 16, or 0 with the custom-page-sizes proposal.
    pub page_size_log2: u8,
}

/// A table's element type and limits, in elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableType {
    /// `FuncRef` or `ExternRef`.
    pub element: ValType,
    /// Elements at the start.
    pub minimum: u32,
    /// Elements that the table never outgrows.
    pub maximum: Option<u32>,
}

/// A global's content and mutability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GlobalType {
    /// Type of the value.
    pub content: ValType,
    /// Whether `global.set` is allowed.
    pub mutable: bool,
}

/// The type of something imported or exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExternType<'m> {
    /// A function
    Func(FuncType<'m>),
    /// A table
    Table(TableType),
    /// A memory
    Memory(MemoryType),
    /// A global
    Global(GlobalType),
}

/// A lent buffer was too small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfMemory {
    /// Bytes more that the step which failed would have needed.
    pub missing_bytes: u32,
}

#[cfg(feature = "prose")]
impl core::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "out of memory: {} bytes more are needed", self.missing_bytes)
    }
}

#[cfg(feature = "prose")]
impl core::error::Error for OutOfMemory {}
