//! The one table of opcodes. A row carries an operator's code in the binary format, its forms in prepared code, its
//! mnemonic and its meaning; decoder, validator, translator, disassembler and the three dispatchers are expansions of it.
//!
//! Prepared code is a sequence of 16-bit units. The first unit of an operation is its number, an `Op` and a *form* added;
//! operands follow, each a unit unless said otherwise. Frames are made of 32-bit slots and an operand names a slot by its
//! byte offset in the frame. An operation that takes values and gives one leaves it in the *accumulator* too, and there are
//! forms that read their first operand there, or write nowhere else. Copies and constants leave the accumulator alone; it
//! holds nothing at a block's head or after a call.
//!
//! Letters in the layouts: `d` destination slot, `s` source slot, `a` the accumulator (no unit), `i` signed immediate, `u`
//! unsigned one, `w` word of 32 bits in two units, low half first, `b` branch: displacement in units from its own unit,
//! then the fuel delta, `B` the same with a word each, `t` and `T` a `br_table`'s count (a word) with `b` and `B` entries.
//!
//! The codes of the prefix 0xFC are written with 0x100 added to what follows the prefix.

/// Hands the whole table to the macro `$expand`.
macro_rules! with_ops {
    ($expand:ident) => {
        $expand! {
            unary {
                0x45 I32Eqz "i32.eqz" i32_eqz;
                0x50 I64Eqz "i64.eqz" i64_eqz;
                0x67 I32Clz "i32.clz" i32_clz;
                0x68 I32Ctz "i32.ctz" i32_ctz;
                0x69 I32Popcnt "i32.popcnt" i32_popcnt;
                0x79 I64Clz "i64.clz" i64_clz;
                0x7A I64Ctz "i64.ctz" i64_ctz;
                0x7B I64Popcnt "i64.popcnt" i64_popcnt;
                0x8B F32Abs "f32.abs" f32_abs;
                0x8C F32Neg "f32.neg" f32_neg;
                0x8D F32Ceil "f32.ceil" f32_ceil;
                0x8E F32Floor "f32.floor" f32_floor;
                0x8F F32Trunc "f32.trunc" f32_trunc;
                0x90 F32Nearest "f32.nearest" f32_nearest;
                0x91 F32Sqrt "f32.sqrt" f32_sqrt;
                0x99 F64Abs "f64.abs" f64_abs;
                0x9A F64Neg "f64.neg" f64_neg;
                0x9B F64Ceil "f64.ceil" f64_ceil;
                0x9C F64Floor "f64.floor" f64_floor;
                0x9D F64Trunc "f64.trunc" f64_trunc;
                0x9E F64Nearest "f64.nearest" f64_nearest;
                0x9F F64Sqrt "f64.sqrt" f64_sqrt;
                0xA7 I32WrapI64 "i32.wrap_i64" i32_wrap_i64;
                0xA8 I32TruncF32S "i32.trunc_f32_s" i32_trunc_f32_s;
                0xA9 I32TruncF32U "i32.trunc_f32_u" i32_trunc_f32_u;
                0xAA I32TruncF64S "i32.trunc_f64_s" i32_trunc_f64_s;
                0xAB I32TruncF64U "i32.trunc_f64_u" i32_trunc_f64_u;
                0xAC I64ExtendI32S "i64.extend_i32_s" i64_extend_i32_s;
                0xAD I64ExtendI32U "i64.extend_i32_u" i64_extend_i32_u;
                0xAE I64TruncF32S "i64.trunc_f32_s" i64_trunc_f32_s;
                0xAF I64TruncF32U "i64.trunc_f32_u" i64_trunc_f32_u;
                0xB0 I64TruncF64S "i64.trunc_f64_s" i64_trunc_f64_s;
                0xB1 I64TruncF64U "i64.trunc_f64_u" i64_trunc_f64_u;
                0xB2 F32ConvertI32S "f32.convert_i32_s" f32_convert_i32_s;
                0xB3 F32ConvertI32U "f32.convert_i32_u" f32_convert_i32_u;
                0xB4 F32ConvertI64S "f32.convert_i64_s" f32_convert_i64_s;
                0xB5 F32ConvertI64U "f32.convert_i64_u" f32_convert_i64_u;
                0xB6 F32DemoteF64 "f32.demote_f64" f32_demote_f64;
                0xB7 F64ConvertI32S "f64.convert_i32_s" f64_convert_i32_s;
                0xB8 F64ConvertI32U "f64.convert_i32_u" f64_convert_i32_u;
                0xB9 F64ConvertI64S "f64.convert_i64_s" f64_convert_i64_s;
                0xBA F64ConvertI64U "f64.convert_i64_u" f64_convert_i64_u;
                0xBB F64PromoteF32 "f64.promote_f32" f64_promote_f32;
                0xBC I32ReinterpretF32 "i32.reinterpret_f32" i32_reinterpret_f32;
                0xBD I64ReinterpretF64 "i64.reinterpret_f64" i64_reinterpret_f64;
                0xBE F32ReinterpretI32 "f32.reinterpret_i32" f32_reinterpret_i32;
                0xBF F64ReinterpretI64 "f64.reinterpret_i64" f64_reinterpret_i64;
                0xC0 I32Extend8S "i32.extend8_s" i32_extend8_s;
                0xC1 I32Extend16S "i32.extend16_s" i32_extend16_s;
                0xC2 I64Extend8S "i64.extend8_s" i64_extend8_s;
                0xC3 I64Extend16S "i64.extend16_s" i64_extend16_s;
                0xC4 I64Extend32S "i64.extend32_s" i64_extend32_s;
                0x100 I32TruncSatF32S "i32.trunc_sat_f32_s" i32_trunc_sat_f32_s;
                0x101 I32TruncSatF32U "i32.trunc_sat_f32_u" i32_trunc_sat_f32_u;
                0x102 I32TruncSatF64S "i32.trunc_sat_f64_s" i32_trunc_sat_f64_s;
                0x103 I32TruncSatF64U "i32.trunc_sat_f64_u" i32_trunc_sat_f64_u;
                0x104 I64TruncSatF32S "i64.trunc_sat_f32_s" i64_trunc_sat_f32_s;
                0x105 I64TruncSatF32U "i64.trunc_sat_f32_u" i64_trunc_sat_f32_u;
                0x106 I64TruncSatF64S "i64.trunc_sat_f64_s" i64_trunc_sat_f64_s;
                0x107 I64TruncSatF64U "i64.trunc_sat_f64_u" i64_trunc_sat_f64_u;
            }
            // commutative ones can take either operand from the accumulator
            binary_int {
                0x6A I32Add "i32.add" i32_add;
                0x6B I32Sub "i32.sub" i32_sub;
                0x6C I32Mul "i32.mul" i32_mul;
                0x6D I32DivS "i32.div_s" i32_div_s;
                0x6E I32DivU "i32.div_u" i32_div_u;
                0x6F I32RemS "i32.rem_s" i32_rem_s;
                0x70 I32RemU "i32.rem_u" i32_rem_u;
                0x71 I32And "i32.and" i32_and;
                0x72 I32Or "i32.or" i32_or;
                0x73 I32Xor "i32.xor" i32_xor;
                0x74 I32Shl "i32.shl" i32_shl;
                0x75 I32ShrS "i32.shr_s" i32_shr_s;
                0x76 I32ShrU "i32.shr_u" i32_shr_u;
                0x77 I32Rotl "i32.rotl" i32_rotl;
                0x78 I32Rotr "i32.rotr" i32_rotr;
                0x7C I64Add "i64.add" i64_add;
                0x7D I64Sub "i64.sub" i64_sub;
                0x7E I64Mul "i64.mul" i64_mul;
                0x7F I64DivS "i64.div_s" i64_div_s;
                0x80 I64DivU "i64.div_u" i64_div_u;
                0x81 I64RemS "i64.rem_s" i64_rem_s;
                0x82 I64RemU "i64.rem_u" i64_rem_u;
                0x83 I64And "i64.and" i64_and;
                0x84 I64Or "i64.or" i64_or;
                0x85 I64Xor "i64.xor" i64_xor;
                0x86 I64Shl "i64.shl" i64_shl;
                0x87 I64ShrS "i64.shr_s" i64_shr_s;
                0x88 I64ShrU "i64.shr_u" i64_shr_u;
                0x89 I64Rotl "i64.rotl" i64_rotl;
                0x8A I64Rotr "i64.rotr" i64_rotr;
            }
            binary_float {
                0x92 F32Add "f32.add" f32_add;
                0x93 F32Sub "f32.sub" f32_sub;
                0x94 F32Mul "f32.mul" f32_mul;
                0x95 F32Div "f32.div" f32_div;
                0x96 F32Min "f32.min" f32_min;
                0x97 F32Max "f32.max" f32_max;
                0x98 F32Copysign "f32.copysign" f32_copysign;
                0xA0 F64Add "f64.add" f64_add;
                0xA1 F64Sub "f64.sub" f64_sub;
                0xA2 F64Mul "f64.mul" f64_mul;
                0xA3 F64Div "f64.div" f64_div;
                0xA4 F64Min "f64.min" f64_min;
                0xA5 F64Max "f64.max" f64_max;
                0xA6 F64Copysign "f64.copysign" f64_copysign;
            }
            // operator, the opposite comparison, the one with its operands exchanged
            compare_int {
                0x46 I32Eq I32Ne I32Eq "i32.eq" i32_eq;
                0x47 I32Ne I32Eq I32Ne "i32.ne" i32_ne;
                0x48 I32LtS I32GeS I32GtS "i32.lt_s" i32_lt_s;
                0x49 I32LtU I32GeU I32GtU "i32.lt_u" i32_lt_u;
                0x4A I32GtS I32LeS I32LtS "i32.gt_s" i32_gt_s;
                0x4B I32GtU I32LeU I32LtU "i32.gt_u" i32_gt_u;
                0x4C I32LeS I32GtS I32GeS "i32.le_s" i32_le_s;
                0x4D I32LeU I32GtU I32GeU "i32.le_u" i32_le_u;
                0x4E I32GeS I32LtS I32LeS "i32.ge_s" i32_ge_s;
                0x4F I32GeU I32LtU I32LeU "i32.ge_u" i32_ge_u;
                0x51 I64Eq I64Ne I64Eq "i64.eq" i64_eq;
                0x52 I64Ne I64Eq I64Ne "i64.ne" i64_ne;
                0x53 I64LtS I64GeS I64GtS "i64.lt_s" i64_lt_s;
                0x54 I64LtU I64GeU I64GtU "i64.lt_u" i64_lt_u;
                0x55 I64GtS I64LeS I64LtS "i64.gt_s" i64_gt_s;
                0x56 I64GtU I64LeU I64LtU "i64.gt_u" i64_gt_u;
                0x57 I64LeS I64GtS I64GeS "i64.le_s" i64_le_s;
                0x58 I64LeU I64GtU I64GeU "i64.le_u" i64_le_u;
                0x59 I64GeS I64LtS I64LeS "i64.ge_s" i64_ge_s;
                0x5A I64GeU I64LtU I64LeU "i64.ge_u" i64_ge_u;
            }
            compare_float {
                0x5B F32Eq "f32.eq" f32_eq;
                0x5C F32Ne "f32.ne" f32_ne;
                0x5D F32Lt "f32.lt" f32_lt;
                0x5E F32Gt "f32.gt" f32_gt;
                0x5F F32Le "f32.le" f32_le;
                0x60 F32Ge "f32.ge" f32_ge;
                0x61 F64Eq "f64.eq" f64_eq;
                0x62 F64Ne "f64.ne" f64_ne;
                0x63 F64Lt "f64.lt" f64_lt;
                0x64 F64Gt "f64.gt" f64_gt;
                0x65 F64Le "f64.le" f64_le;
                0x66 F64Ge "f64.ge" f64_ge;
            }
            // operator, type in memory, type in the frame, type of the value
            load {
                0x28 I32Load "i32.load" u32 u32 I32;
                0x29 I64Load "i64.load" u64 u64 I64;
                0x2A F32Load "f32.load" u32 u32 F32;
                0x2B F64Load "f64.load" u64 u64 F64;
                0x2C I32Load8S "i32.load8_s" i8 u32 I32;
                0x2D I32Load8U "i32.load8_u" u8 u32 I32;
                0x2E I32Load16S "i32.load16_s" i16 u32 I32;
                0x2F I32Load16U "i32.load16_u" u16 u32 I32;
                0x30 I64Load8S "i64.load8_s" i8 u64 I64;
                0x31 I64Load8U "i64.load8_u" u8 u64 I64;
                0x32 I64Load16S "i64.load16_s" i16 u64 I64;
                0x33 I64Load16U "i64.load16_u" u16 u64 I64;
                0x34 I64Load32S "i64.load32_s" i32 u64 I64;
                0x35 I64Load32U "i64.load32_u" u32 u64 I64;
            }
            store {
                0x36 I32Store "i32.store" u32 u32 I32;
                0x37 I64Store "i64.store" u64 u64 I64;
                0x38 F32Store "f32.store" u32 u32 F32;
                0x39 F64Store "f64.store" u64 u64 F64;
                0x3A I32Store8 "i32.store8" u8 u32 I32;
                0x3B I32Store16 "i32.store16" u16 u32 I32;
                0x3C I64Store8 "i64.store8" u8 u64 I64;
                0x3D I64Store16 "i64.store16" u16 u64 I64;
                0x3E I64Store32 "i64.store32" u32 u64 I64;
            }
            // two operators in one operation, the first one's result being an operand of the second and nowhere else: the
            // operands behind the first one, then each operator
            fused {
                I32MulAdd "i32.mul_add" "ss" slots I32Mul i32_mul I32Add i32_add;
                I32MulImmAdd "i32.mul_add.imm" "is" shift I32Mul i32_mul I32Add i32_add;
                I32AddAdd "i32.add_add" "ss" slots I32Add i32_add I32Add i32_add;
                I32XorXor "i32.xor_xor" "ss" slots I32Xor i32_xor I32Xor i32_xor;
                I32ShlAdd "i32.shl_add" "is" shift I32Shl i32_shl I32Add i32_add;
                I32ShlOr "i32.shl_or" "is" shift I32Shl i32_shl I32Or i32_or;
                I32ShlXor "i32.shl_xor" "is" shift I32Shl i32_shl I32Xor i32_xor;
                I32ShrUXor "i32.shr_u_xor" "is" shift I32ShrU i32_shr_u I32Xor i32_xor;
                I32RotrXor "i32.rotr_xor" "is" shift I32Rotr i32_rotr I32Xor i32_xor;
                I32ShrUAnd "i32.shr_u_and" "ii" fields I32ShrU i32_shr_u I32And i32_and;
                I32AddImmAdd "i32.add_add.imm" "is" shift I32Add i32_add I32Add i32_add;
                I32AddAnd "i32.add_and" "ii" fields I32Add i32_add I32And i32_and;
                F32MulAdd "f32.mul_add" "ss" slots F32Mul f32_mul F32Add f32_add;
                F64MulAdd "f64.mul_add" "ss" slots F64Mul f64_mul F64Add f64_add;
            }
            // operators whose right operand is a word in the code, an `f64` being an `f32` there
            word {
                I32AddWord "i32.add.word" I32Add i32_add;
                I32MulWord "i32.mul.word" I32Mul i32_mul;
                I32AndWord "i32.and.word" I32And i32_and;
                F32AddWord "f32.add.word" F32Add f32_add;
                F32MulWord "f32.mul.word" F32Mul f32_mul;
                F64AddWord "f64.add.word" F64Add f64_add;
                F64MulWord "f64.mul.word" F64Mul f64_mul;
            }
            // an immediate is added to a value, the sum is kept and compared, and a branch taken if that holds: how loops end
            step {
                I32StepNe "br.step.i32.ne" I32Ne i32_ne;
                I32StepLtU "br.step.i32.lt_u" I32LtU i32_lt_u;
            }
            // operation, mnemonic, layout, function that does it
            other {
                Unreachable "unreachable" "" control::unreachable;
                Charge "charge" "u" control::charge;
                ChargeWide "charge.wide" "w" control::charge_wide;
                Skip "skip" "u" control::skip;
                Br "br" "b" control::br;
                BrWide "br.wide" "B" control::br_wide;
                BrIf "br_if" "sb" control::br_if;
                BrIfAcc "br_if" "ab" control::br_if_acc;
                BrUnless "br_unless" "sb" control::br_unless;
                BrUnlessAcc "br_unless" "ab" control::br_unless_acc;
                BrIf64 "br_if.i64" "sb" control::br_if_64;
                BrIf64Acc "br_if.i64" "ab" control::br_if_64_acc;
                BrUnless64 "br_unless.i64" "sb" control::br_unless_64;
                BrUnless64Acc "br_unless.i64" "ab" control::br_unless_64_acc;
                BrIfAnd "br_if.and" "sib" control::br_if_and;
                BrIfAndAcc "br_if.and" "aib" control::br_if_and_acc;
                BrUnlessAnd "br_unless.and" "sib" control::br_unless_and;
                BrUnlessAndAcc "br_unless.and" "aib" control::br_unless_and_acc;
                BrStep "br_if.step" "dsib" control::br_step;
                BrTable "br_table" "st" control::br_table;
                BrTableWide "br_table.wide" "sT" control::br_table_wide;
                Return "return" "" call::ret;
                Return32 "return.32" "s" call::ret_32;
                Return64 "return.64" "s" call::ret_64;
                Call "call" "uu" call::call;
                CallCopy32 "call.copy" "dsuu" call::call_copy_32;
                CallCopyTwo32 "call.copy" "dsdsuu" call::call_copy_two_32;
                CallFar "call.far" "wu" call::call_far;
                CallImport "call.import" "wu" call::call_import;
                CallIndirect "call_indirect" "suuu" call::call_indirect;
                ReturnCall "return_call" "wuu" call::return_call;
                ReturnCallImport "return_call.import" "wuu" call::return_call_import;
                ReturnCallIndirect "return_call_indirect" "suuuu" call::return_call_indirect;
                Copy32 "copy.32" "ds" data::copy_32;
                CopyTwo32 "copy.32" "dsds" data::copy_two_32;
                Copy64 "copy.64" "ds" data::copy_64;
                CopyBlock "copy.block" "dsu" data::copy_block;
                Const16 "const.16" "di" data::const_16;
                Const16Acc "const.16" "ai" data::const_16_acc;
                Const32 "const.32" "dw" data::const_32;
                Const32Acc "const.32" "aw" data::const_32_acc;
                Const64Imm "const.64.imm" "di" data::const_64_imm;
                Const64ImmAcc "const.64.imm" "ai" data::const_64_imm_acc;
                Const64 "const.64" "dww" data::const_64;
                Const64Acc "const.64" "aww" data::const_64_acc;
                Select32 "select.32" "dsss" data::select_32;
                Select32Acc "select.32" "dass" data::select_32_acc;
                Select64 "select.64" "dsss" data::select_64;
                Select64Acc "select.64" "dass" data::select_64_acc;
                GlobalGet32 "global.get.32" "du" data::global_get_32;
                GlobalGet32Acc "global.get.32" "au" data::global_get_32_acc;
                GlobalGet64 "global.get.64" "du" data::global_get_64;
                GlobalGet64Acc "global.get.64" "au" data::global_get_64_acc;
                GlobalSet32 "global.set.32" "su" data::global_set_32;
                GlobalSet32Acc "global.set.32" "au" data::global_set_32_acc;
                GlobalSetSum "global.set.sum" "siu" data::global_set_sum;
                GlobalSub "global.sub" "diu" data::global_sub;
                GlobalSet64 "global.set.64" "su" data::global_set_64;
                GlobalSet64Acc "global.set.64" "au" data::global_set_64_acc;
                GlobalGetImport "global.get.import" "duu" data::global_get_import;
                GlobalSetImport "global.set.import" "suu" data::global_set_import;
                LoadAny "load.any" "udswu" memory::load_any;
                StoreAny "store.any" "usswu" memory::store_any;
                MemorySize "memory.size" "du" memory::size;
                MemoryGrow "memory.grow" "dsu" memory::grow;
                MemoryFill "memory.fill" "sssu" memory::fill;
                MemoryCopy "memory.copy" "sssuu" memory::copy;
                MemoryInit "memory.init" "sssuw" memory::init;
                DataDrop "data.drop" "w" memory::data_drop;
                TableGet "table.get" "dsu" table::get;
                TableSet "table.set" "ssu" table::set;
                TableSize "table.size" "du" table::size;
                TableGrow "table.grow" "dssu" table::grow;
                TableFill "table.fill" "sssu" table::fill;
                TableCopy "table.copy" "sssuu" table::copy;
                TableInit "table.init" "sssuw" table::init;
                ElemDrop "elem.drop" "w" table::elem_drop;
                RefFunc "ref.func" "dw" table::ref_func;
            }
        }
    };
}
pub(crate) use with_ops;

/// Numbers of operations are multiples of this: they are offsets in a table of words, ready to use.
pub(crate) const STEP: u16 = 4;

/// Bits that are added to an operation for its forms. Each class has those that its handlers take.
pub(crate) mod form {
    use super::STEP;

    /// The right operand is an immediate (`BinaryInt`, `CompareInt`)
    pub(crate) const IMM: u16 = STEP;
    /// The left operand is in the accumulator (the same)
    pub(crate) const ACC: u16 = 2 * STEP;
    /// The result goes to the accumulator only (`BinaryInt`)
    pub(crate) const BARE: u16 = 4 * STEP;
    /// A branch on the comparison (`CompareInt`)
    pub(crate) const BRANCH: u16 = 4 * STEP;
    /// The first operand is in the accumulator (`Unary`, `BinaryFloat`, fused ones and those with a word; the address of a `Load` or a `Store`)
    pub(crate) const FIRST: u16 = STEP;
    /// The result goes to the accumulator only (`BinaryFloat`, `Load`, fused ones and those with a word)
    pub(crate) const ONLY: u16 = 2 * STEP;
    /// The value is in the accumulator (`Store`)
    pub(crate) const VALUE: u16 = 2 * STEP;
    /// The value is zero (`Store`, with no other bit)
    pub(crate) const ZERO: u16 = 3 * STEP;
    /// The offset is a word (`Load`, `Store`, with no other bit)
    pub(crate) const FAR: u16 = 4 * STEP;
    /// An immediate is added to the address (`Load`, `Store`, with no other bit)
    pub(crate) const SUM: u16 = 5 * STEP;
    /// The same with the result in the accumulator only (`Load`) or the value there (`Store`)
    pub(crate) const SUM_ACC: u16 = 6 * STEP;
    /// The address is the sum of two slots (`Load`)
    pub(crate) const INDEX: u16 = 7 * STEP;
    /// The same with the result in the accumulator only (`Load`)
    pub(crate) const INDEX_ACC: u16 = 8 * STEP;
    /// The address is a word, to which nothing is added (`Load`)
    pub(crate) const AT: u16 = 9 * STEP;
    /// The same (`Store`)
    pub(crate) const STORE_AT: u16 = 7 * STEP;
    /// A branch if the comparison holds (`CompareFloat`)
    pub(crate) const IF: u16 = STEP;
    /// A branch unless it holds: with a NaN not the opposite comparison (`CompareFloat`)
    pub(crate) const UNLESS: u16 = 2 * STEP;

    /// How many forms each class has.
    pub(crate) const UNARY: usize = 2;
    pub(crate) const INT: usize = 8;
    pub(crate) const FLOAT: usize = 4;
    pub(crate) const COMPARE_FLOAT: usize = 3;
    pub(crate) const LOAD: usize = 10;
    pub(crate) const STORE: usize = 8;
    pub(crate) const FUSED: usize = 4;
    pub(crate) const WORD: usize = 4;
    pub(crate) const STEPS: usize = 2;
}

macro_rules! define_ops {
    (
        unary { $($u_code:literal $u:ident $u_name:literal $u_fn:ident;)* }
        binary_int { $($b_code:literal $b:ident $b_name:literal $b_fn:ident;)* }
        binary_float { $($f_code:literal $f:ident $f_name:literal $f_fn:ident;)* }
        compare_int { $($c_code:literal $c:ident $c_not:ident $c_swap:ident $c_name:literal $c_fn:ident;)* }
        compare_float { $($n_code:literal $n:ident $n_name:literal $n_fn:ident;)* }
        load { $($l_code:literal $l:ident $l_name:literal $l_mem:ident $l_slot:ident $l_ty:ident;)* }
        store { $($s_code:literal $s:ident $s_name:literal $s_mem:ident $s_slot:ident $s_ty:ident;)* }
        fused { $($k:ident $k_name:literal $k_rest:literal $k_kind:ident $k_one:ident $k_one_fn:ident $k_two:ident $k_two_fn:ident;)* }
        word { $($w:ident $w_name:literal $w_op:ident $w_fn:ident;)* }
        step { $($p:ident $p_name:literal $p_op:ident $p_fn:ident;)* }
        other { $($o:ident $o_name:literal $o_layout:literal $o_fn:path;)* }
    ) => {
        /// The rows, counted.
        #[derive(Clone, Copy)]
        #[repr(u16)]
        pub(crate) enum Row { $($u,)* $($b,)* $($f,)* $($c,)* $($n,)* $($l,)* $($s,)* $($k,)* $($w,)* $($p,)* $($o,)* }

        /// Where a class begins: its first number, and the rows before it.
        pub(crate) const UNARY: (usize, usize) = (0, 0);
        pub(crate) const BINARY_INT: (usize, usize) = after(UNARY, [$(Row::$u),*].len(), form::UNARY);
        pub(crate) const BINARY_FLOAT: (usize, usize) = after(BINARY_INT, [$(Row::$b),*].len(), form::INT);
        pub(crate) const COMPARE_INT: (usize, usize) = after(BINARY_FLOAT, [$(Row::$f),*].len(), form::FLOAT);
        pub(crate) const COMPARE_FLOAT: (usize, usize) = after(COMPARE_INT, [$(Row::$c),*].len(), form::INT);
        pub(crate) const LOAD: (usize, usize) = after(COMPARE_FLOAT, [$(Row::$n),*].len(), form::COMPARE_FLOAT);
        pub(crate) const STORE: (usize, usize) = after(LOAD, [$(Row::$l),*].len(), form::LOAD);
        pub(crate) const FUSED: (usize, usize) = after(STORE, [$(Row::$s),*].len(), form::STORE);
        pub(crate) const WORD: (usize, usize) = after(FUSED, [$(Row::$k),*].len(), form::FUSED);
        pub(crate) const STEPS: (usize, usize) = after(WORD, [$(Row::$w),*].len(), form::WORD);
        pub(crate) const OTHER: (usize, usize) = after(STEPS, [$(Row::$p),*].len(), form::STEPS);
        pub(crate) const OP_COUNT: usize = after(OTHER, [$(Row::$o),*].len(), 1).0;

        /// Every name and layout of the table, in order: what the numbers in prepared code mean.
        pub(crate) const MEANINGS: &str = concat!(
            $($u_name, ",",)* "/", $($b_name, ",",)* "/", $($f_name, ",",)* "/", $($c_name, ",",)* "/", $($n_name, ",",)* "/",
            $($l_name, ",",)* "/", $($s_name, ",",)* "/", $($k_name, $k_rest, ",",)* "/", $($w_name, ",",)* "/",
            $($p_name, ",",)* "/", $($o_name, $o_layout, ",",)*
        );

        /// An operation of prepared code, in its first form.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        #[allow(missing_docs)]
        pub(crate) enum Op {
            $($u = number(UNARY, Row::$u, form::UNARY),)*
            $($b = number(BINARY_INT, Row::$b, form::INT),)*
            $($f = number(BINARY_FLOAT, Row::$f, form::FLOAT),)*
            $($c = number(COMPARE_INT, Row::$c, form::INT),)*
            $($n = number(COMPARE_FLOAT, Row::$n, form::COMPARE_FLOAT),)*
            $($l = number(LOAD, Row::$l, form::LOAD),)*
            $($s = number(STORE, Row::$s, form::STORE),)*
            $($k = number(FUSED, Row::$k, form::FUSED),)*
            $($w = number(WORD, Row::$w, form::WORD),)*
            $($p = number(STEPS, Row::$p, form::STEPS),)*
            $($o = number(OTHER, Row::$o, 1),)*
        }

        /// Numbers of the forms, for the loop's table.
        #[allow(non_snake_case, dead_code)]
        pub(crate) mod forms {
            macro_rules! numbers {
                ($op:ident) => {
                    pub(crate) mod $op {
                        pub(crate) const ROW: usize = crate::isa::ops::Row::$op as usize;
                        pub(crate) const F0: u16 = crate::isa::ops::Op::$op as u16;
                        pub(crate) const F1: u16 = F0 + 1 * crate::isa::ops::STEP;
                        pub(crate) const F2: u16 = F0 + 2 * crate::isa::ops::STEP;
                        pub(crate) const F3: u16 = F0 + 3 * crate::isa::ops::STEP;
                        pub(crate) const F4: u16 = F0 + 4 * crate::isa::ops::STEP;
                        pub(crate) const F5: u16 = F0 + 5 * crate::isa::ops::STEP;
                        pub(crate) const F6: u16 = F0 + 6 * crate::isa::ops::STEP;
                        pub(crate) const F7: u16 = F0 + 7 * crate::isa::ops::STEP;
                        pub(crate) const F8: u16 = F0 + 8 * crate::isa::ops::STEP;
                        pub(crate) const F9: u16 = F0 + 9 * crate::isa::ops::STEP;
                    }
                };
            }
            $(numbers!($u);)* $(numbers!($b);)* $(numbers!($f);)* $(numbers!($c);)* $(numbers!($n);)*
            $(numbers!($l);)* $(numbers!($s);)* $(numbers!($k);)* $(numbers!($w);)* $(numbers!($p);)* $(numbers!($o);)*
        }

        /// Each operation's mnemonic and the letters of its operands, by number.
        #[cfg(feature = "prose")]
        pub(crate) static LAYOUTS: [(&str, &str); OP_COUNT] = [
            $(($u_name, "ds"), ($u_name, "da"),)*
            $(
                ($b_name, "dss"), (concat!($b_name, ".imm"), "dsi"), ($b_name, "das"), (concat!($b_name, ".imm"), "dai"),
                ($b_name, "ass"), (concat!($b_name, ".imm"), "asi"), ($b_name, "aas"), (concat!($b_name, ".imm"), "aai"),
            )*
            $(($f_name, "dss"), ($f_name, "das"), ($f_name, "ass"), ($f_name, "aas"),)*
            $(
                ($c_name, "dss"), (concat!($c_name, ".imm"), "dsi"), ($c_name, "das"), (concat!($c_name, ".imm"), "dai"),
                (concat!("br.", $c_name), "ssb"), (concat!("br.", $c_name, ".imm"), "sib"),
                (concat!("br.", $c_name), "asb"), (concat!("br.", $c_name, ".imm"), "aib"),
            )*
            $(($n_name, "dss"), (concat!("br.", $n_name), "ssb"), (concat!("br_not.", $n_name), "ssb"),)*
            $(
                ($l_name, "dsu"), ($l_name, "dau"), ($l_name, "asu"), ($l_name, "aau"), (concat!($l_name, ".far"), "dsw"),
                (concat!($l_name, ".sum"), "dsiu"), (concat!($l_name, ".sum"), "asiu"),
                (concat!($l_name, ".index"), "dssu"), (concat!($l_name, ".index"), "assu"),
                (concat!($l_name, ".at"), "dw"),
            )*
            $(
                ($s_name, "ssu"), ($s_name, "asu"), ($s_name, "sau"), (concat!($s_name, ".zero"), "su"), (concat!($s_name, ".far"), "ssw"),
                (concat!($s_name, ".sum"), "sisu"), (concat!($s_name, ".sum"), "siau"),
                (concat!($s_name, ".at"), "sw"),
            )*
            $(
                ($k_name, concat!("ds", $k_rest)), ($k_name, concat!("da", $k_rest)),
                ($k_name, concat!("as", $k_rest)), ($k_name, concat!("aa", $k_rest)),
            )*
            $(($w_name, "dsw"), ($w_name, "daw"), ($w_name, "asw"), ($w_name, "aaw"),)*
            $(($p_name, "dsisb"), (concat!($p_name, ".imm"), "dsiib"),)*
            $(($o_name, $o_layout),)*
        ];

        /// Every operator whose typing is a plain signature, in the order of `Operator::place`.
        static OPERATORS: [Described; OPERATOR_COUNT] = {
            let mut rows = [Described(0); OPERATOR_COUNT];
            $(rows[Operator::place($u_code)] = Described::new(Class::Unary, Row::$u, unary(num::$u_fn), false);)*
            $(rows[Operator::place($b_code)] = Described::new(Class::BinaryInt, Row::$b, binary(num::$b_fn), commutes(Op::$b));)*
            $(rows[Operator::place($f_code)] = Described::new(Class::BinaryFloat, Row::$f, binary(num::$f_fn), commutes(Op::$f));)*
            $(rows[Operator::place($c_code)] = Described::new(Class::CompareInt, Row::$c, binary(num::$c_fn), false);)*
            $(rows[Operator::place($n_code)] = Described::new(Class::CompareFloat, Row::$n, binary(num::$n_fn), false);)*
            $(rows[Operator::place($l_code)] = Described::access(Class::Load, Row::$l, size_of::<$l_mem>(), ValType::$l_ty);)*
            $(rows[Operator::place($s_code)] = Described::access(Class::Store, Row::$s, size_of::<$s_mem>(), ValType::$s_ty);)*
            rows
        };

        /// The types of each row's operands and result, for rows whose typing is a plain signature.
        pub(crate) static SIGNATURES: [(ValType, ValType); FUSED.1] = [
            $(unary(num::$u_fn),)* $(binary(num::$b_fn),)* $(binary(num::$f_fn),)* $(binary(num::$c_fn),)*
            $(binary(num::$n_fn),)* $((ValType::I32, ValType::$l_ty),)* $((ValType::$s_ty, ValType::$s_ty),)*
        ];

        /// What each fused operation is made of, in the order of the rows.
        pub(crate) static FUSIONS: [Fusion; [$(Row::$k),*].len()] =
            [$(Fusion { op: Op::$k, first: Op::$k_one, second: Op::$k_two, rest: fold::letters($k_rest) },)*];

        /// The operators that can have a word in the code, in the order of the rows.
        pub(crate) static WORDS: [(Op, Op); [$(Row::$w),*].len()] = [$((Op::$w, Op::$w_op),)*];

        /// The comparisons that a step can end in, in the order of the rows.
        pub(crate) static STEPPED: [(Op, Op); [$(Row::$p),*].len()] = [$((Op::$p, Op::$p_op),)*];

        /// Of each comparison of integers the opposite one, and the one with its operands exchanged, in the order of the rows.
        static COMPARISONS: [(u16, u16); [$(Row::$c),*].len()] = [$((Op::$c_not as u16, Op::$c_swap as u16),)*];

        /// How each load and store moves its bytes, for the cold path: in the order of the rows, from `I32Load` on.
        static ACCESSES: [Access; ACCESS_COUNT] = [
            $(Access { size: size_of::<$l_mem>() as u8, signed: <$l_mem>::MIN != 0, ty: ValType::$l_ty },)*
            $(Access { size: size_of::<$s_mem>() as u8, signed: false, ty: ValType::$s_ty },)*
        ];

        const ACCESS_COUNT: usize = [$($l_code,)* $($s_code,)*].len();
    };
}

mod fold;
mod number;
mod operator;

pub(crate) use fold::{Fusion, exchanged, fusion, opposite, step_to, with_immediate, with_word};
pub(crate) use number::{access, row_and_form};
pub(crate) use operator::{Class, Operator};
use operator::{Described, OPERATOR_COUNT};

use super::Trap;
use super::num;
use super::types::ValType;

with_ops!(define_ops);

const fn after(class: (usize, usize), rows: usize, forms: usize) -> (usize, usize) {
    (class.0 + rows * forms, class.1 + rows)
}

const fn number(class: (usize, usize), row: Row, forms: usize) -> u16 {
    (class.0 + (row as usize - class.1) * forms) as u16 * STEP
}

const fn commutes(op: Op) -> bool {
    use Op::*;
    let integers = matches!(op, I32Add | I32Mul | I32And | I32Or | I32Xor | I64Add | I64Mul | I64And | I64Or | I64Xor);
    integers || matches!(op, F32Add | F32Mul | F64Add | F64Mul)
}

/// How a load or a store moves its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    /// Bytes in memory.
    pub(crate) size: u8,
    /// Whether a load extends the sign.
    pub(crate) signed: bool,
    /// Type of the value.
    pub(crate) ty: ValType,
}

/// A value of the guest's as the meanings in `num` see it; the operand types of the table follow from it.
pub(crate) trait Value: Copy {
    const TYPE: ValType;
}
/// What a meaning gives: a value, or a trap in its place.
pub(crate) trait Outcome {
    const TYPE: ValType;
}
macro_rules! values {
    ($($rust:ty = $wasm:ident),*) => { $(
        impl Value for $rust { const TYPE: ValType = ValType::$wasm; }
        impl Outcome for $rust { const TYPE: ValType = ValType::$wasm; }
        impl Outcome for Result<$rust, Trap> { const TYPE: ValType = ValType::$wasm; }
    )* };
}
values!(u32 = I32, u64 = I64, f32 = F32, f64 = F64, bool = I32);

const fn unary<A: Value, R: Outcome>(_: fn(A) -> R) -> (ValType, ValType) {
    (A::TYPE, R::TYPE)
}
const fn binary<A: Value, R: Outcome>(_: fn(A, A) -> R) -> (ValType, ValType) {
    (A::TYPE, R::TYPE)
}

impl Op {
    /// The operation in another form.
    pub(crate) const fn form(self, form: u16) -> u16 {
        self as u16 + form
    }
}
