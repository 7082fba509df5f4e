//! Codes of the instructions that are not plain operators, as the binary format has them. Codes of the prefix 0xFC are
//! written with 0x100 added, as in the table of `ops`.

macro_rules! codes {
    ($($name:ident = $code:literal)*) => { $(pub(crate) const $name: u16 = $code;)* };
}

codes! {
    UNREACHABLE = 0x00  NOP = 0x01  BLOCK = 0x02  LOOP = 0x03  IF = 0x04  ELSE = 0x05  END = 0x0B
    BR = 0x0C  BR_IF = 0x0D  BR_TABLE = 0x0E  RETURN = 0x0F
    CALL = 0x10  CALL_INDIRECT = 0x11  RETURN_CALL = 0x12  RETURN_CALL_INDIRECT = 0x13
    DROP = 0x1A  SELECT = 0x1B  SELECT_TYPED = 0x1C
    LOCAL_GET = 0x20  LOCAL_SET = 0x21  LOCAL_TEE = 0x22  GLOBAL_GET = 0x23  GLOBAL_SET = 0x24
    TABLE_GET = 0x25  TABLE_SET = 0x26
    MEMORY_SIZE = 0x3F  MEMORY_GROW = 0x40
    I32_CONST = 0x41  I64_CONST = 0x42  F32_CONST = 0x43  F64_CONST = 0x44
    I32_ADD = 0x6A  I32_MUL = 0x6C  I64_ADD = 0x7C  I64_MUL = 0x7E
    REF_NULL = 0xD0  REF_IS_NULL = 0xD1  REF_FUNC = 0xD2
    PREFIX = 0xFC
    MEMORY_INIT = 0x108  DATA_DROP = 0x109  MEMORY_COPY = 0x10A  MEMORY_FILL = 0x10B
    TABLE_INIT = 0x10C  ELEM_DROP = 0x10D  TABLE_COPY = 0x10E  TABLE_GROW = 0x10F  TABLE_SIZE = 0x110  TABLE_FILL = 0x111
}
