//! Traps: the guest's faults, as the specification names them, and the few of our own.

/// Why a guest stopped for good. The thread that trapped cannot go on; its instance can be called again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Trap {
    /// `unreachable` was executed.
    Unreachable,
    /// Integer division or remainder by zero.
    IntegerDivideByZero,
    /// The quotient or the truncated float does not fit the integer type.
    IntegerOverflow,
    /// A NaN was truncated to an integer.
    InvalidConversionToInteger,
    /// A memory access beyond the memory's current size, or a data segment shorter than asked for.
    MemoryOutOfBounds,
    /// A table access beyond the table's size, or an element segment shorter than asked for.
    TableOutOfBounds,
    /// `call_indirect` beyond the table's size.
    UndefinedElement,
    /// `call_indirect` on a null reference.
    UninitializedElement,
    /// `call_indirect` on a function of another type.
    IndirectCallTypeMismatch,
    /// The frame stack cannot grow: the guest's calls are nested too deeply for the arena.
    StackOverflow,
    /// The arena cannot commit the memory that the guest touched.
    OutOfMemory,
    /// The guest called an import while a host call was waiting for its `cabi_realloc`.
    ReentrantImport,
    /// A host function refused to go on, with a code of the host's own.
    Host(u32),
}

impl Trap {
    /// The trap in the words of the specification's tests.
    pub const fn message(self) -> &'static str {
        match self {
            Trap::Unreachable => "unreachable",
            Trap::IntegerDivideByZero => "integer divide by zero",
            Trap::IntegerOverflow => "integer overflow",
            Trap::InvalidConversionToInteger => "invalid conversion to integer",
            Trap::MemoryOutOfBounds => "out of bounds memory access",
            Trap::TableOutOfBounds => "out of bounds table access",
            Trap::UndefinedElement => "undefined element",
            Trap::UninitializedElement => "uninitialized element",
            Trap::IndirectCallTypeMismatch => "indirect call type mismatch",
            Trap::StackOverflow => "call stack exhausted",
            Trap::OutOfMemory => "out of memory: the arena cannot hold what the guest touches",
            Trap::ReentrantImport => "import called inside cabi_realloc",
            Trap::Host(_) => "host function failed",
        }
    }
}

#[cfg(feature = "prose")]
impl core::fmt::Display for Trap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.message())
    }
}

#[cfg(feature = "prose")]
impl core::error::Error for Trap {}
