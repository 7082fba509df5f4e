//! Why a module is refused: one row for each reason, with the construct's name in the words of the specification.

use crate::isa::OutOfMemory;
use core::num::NonZeroU32;

/// Which promise of the module's was broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// The bytes are not in the binary format.
    Malformed,
    /// The module breaks a validation rule.
    Invalid,
    /// A proposal that this build does not run.
    Unsupported,
    /// A limit of ours, or a lent buffer, was too small.
    Limit,
}

macro_rules! error_kinds {
    ($($phase:ident { $($name:ident $text:literal;)* })*) => {
        /// Why a module is refused.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum ErrorKind {
            $($(#[doc = $text] $name,)*)*
            /// the lent code memory is too small
            OutOfMemory(OutOfMemory),
        }

        /// The reasons, counted.
        #[allow(clippy::enum_variant_names)]
        enum Code { $($($name,)*)* OutOfMemory }

        impl ErrorKind {
            const fn code(self) -> u32 {
                match self {
                    $($(ErrorKind::$name => Code::$name as u32,)*)*
                    ErrorKind::OutOfMemory(_) => Code::OutOfMemory as u32,
                }
            }

            fn of_code(code: u32, lack: OutOfMemory) -> ErrorKind {
                match code {
                    $($(code if code == Code::$name as u32 => ErrorKind::$name,)*)*
                    _ => ErrorKind::OutOfMemory(lack),
                }
            }

            /// Which promise was broken.
            pub const fn phase(self) -> Phase {
                match self {
                    $($(ErrorKind::$name => Phase::$phase,)*)*
                    ErrorKind::OutOfMemory(_) => Phase::Limit,
                }
            }

            /// The reason in words.
            #[cfg(feature = "prose")]
            pub const fn message(self) -> &'static str {
                match self {
                    $($(ErrorKind::$name => $text,)*)*
                    ErrorKind::OutOfMemory(_) => "the lent code memory is too small",
                }
            }
        }
    };
}

error_kinds! {
    Malformed {
        UnexpectedEnd "unexpected end of the module, section or function";
        BadMagic "not a WebAssembly module: magic header not detected";
        BadVersion "unknown binary version";
        LebTooLong "integer representation too long";
        LebTooLarge "integer too large";
        MalformedUtf8 "malformed UTF-8 encoding in a name";
        MalformedSectionId "malformed section id";
        SectionOrder "unexpected content after last section: a section is repeated or out of order";
        SectionSize "section size mismatch";
        FunctionCodeMismatch "function and code section have inconsistent lengths";
        DataCountMismatch "data count and data section have inconsistent lengths";
        DataCountRequired "data count section required";
        MalformedType "malformed type: a function type expected";
        MalformedValueType "malformed value type";
        MalformedRefType "malformed reference type";
        MalformedImportKind "malformed import kind";
        MalformedExportKind "malformed export kind";
        MalformedLimits "malformed limits flags";
        MalformedMutability "malformed mutability";
        MalformedElementKind "malformed element segment kind";
        MalformedDataKind "malformed data segment kind";
        MalformedMemop "malformed memop flags";
        ZeroByteExpected "zero byte expected";
        IllegalOpcode "illegal opcode";
        TooManyLocals "too many locals";
        EndExpected "END opcode expected";
        BodySize "function body size mismatch";
    }
    Invalid {
        UnknownType "unknown type";
        UnknownFunction "unknown function";
        UnknownTable "unknown table";
        UnknownMemory "unknown memory";
        UnknownGlobal "unknown global";
        UnknownLocal "unknown local";
        UnknownLabel "unknown label";
        UnknownData "unknown data segment";
        UnknownElem "unknown elem segment";
        TypeMismatch "type mismatch";
        StackUnderflow "type mismatch: an operand is missing on the stack";
        StackLeftover "type mismatch: values remain on the stack at the end of a block";
        IfWithoutElse "type mismatch: if without else must leave the types of its parameters";
        BranchArity "type mismatch: labels of a br_table differ in arity";
        SelectType "type mismatch: select without a type takes numbers only";
        SelectArity "invalid result arity: select takes one type";
        TailCallResults "type mismatch: a tail call's results differ from its function's";
        ElseWithoutIf "else without if";
        DuplicateExport "duplicate export name";
        StartType "start function must have type [] -> []";
        ImmutableGlobal "global is immutable";
        Alignment "alignment must not be larger than natural";
        ConstantExpected "constant expression required";
        MultipleMemories "multiple memories";
        LimitsOrder "size minimum must not be greater than maximum";
        MemorySize "memory size must be at most 65536 pages (4GiB)";
        PageSize "invalid custom page size: 1 or 65536 expected";
        UndeclaredFunction "undeclared function reference";
    }
    Unsupported {
        Component "a component, not a core module: this build runs core modules";
        Simd "SIMD (v128) is not supported by this build";
        Threads "threads (shared memories and atomics) are not supported by this build";
        Memory64 "memory64 is not supported by this build";
        Exceptions "exception handling is not supported by this build";
        Gc "GC and typed function references are not supported by this build";
    }
    Limit {
        FrameTooLarge "the function needs more than 16383 slots of 32 bits for locals and operands";
        TooManyTypes "more than 65535 types";
        LongType "a function type of more than 1000 parameters or results";
        TooManyTables "more than 100 tables or memories";
        TooManyGlobals "more than 8191 globals of the module's own or imported";
        TooManyFunctions "more than 1000000 functions";
        CodeTooLarge "prepared code of a module exceeds 2 GiB";
    }
}

/// The lent buffer has no room; it knows how much it lacks.
pub(crate) const NO_ROOM: ErrorKind = ErrorKind::OutOfMemory(OutOfMemory { missing_bytes: 0 });

/// What failed, in a word. Where is not in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Failure(NonZeroU32);

impl Failure {
    #[inline(always)]
    pub(crate) const fn new(kind: ErrorKind) -> Failure {
        Failure(NonZeroU32::MIN.saturating_add(kind.code()))
    }

    /// What failed; `lack` is what the lent buffer lacks, if it is that.
    pub(crate) fn kind(self, lack: OutOfMemory) -> ErrorKind {
        ErrorKind::of_code(self.0.get() - 1, lack)
    }
}

/// A module was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ModuleError {
    /// Byte offset in the module of the construct that is at fault.
    pub offset: u32,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

#[cfg(feature = "prose")]
mod prose {
    use super::{ErrorKind, ModuleError};
    use core::fmt::{Display, Formatter, Result};

    impl Display for ErrorKind {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            match self {
                ErrorKind::OutOfMemory(lack) => {
                    write!(f, "{}: {} bytes more are needed", self.message(), lack.missing_bytes)
                }
                _ => f.write_str(self.message()),
            }
        }
    }

    impl Display for ModuleError {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            write!(f, "{} (at offset {:#x})", self.kind, self.offset)
        }
    }

    impl core::error::Error for ModuleError {}
}
