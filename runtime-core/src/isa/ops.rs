//! The one table of opcodes. A row carries an operator's code in the binary format, its forms in prepared code, its
//! mnemonic and its meaning; decoder, validator, translator, disassembler and the three dispatchers are expansions of it.
//!
//! Prepared code is a sequence of 16-bit units. The first unit of an operation is its `Op`; operands follow, each a unit
//! unless said otherwise. Frames are made of 32-bit slots and an operand names a slot by its byte offset in the frame.
//! Letters in the rows of `other`: `d` destination slot, `s` source slot, `i` signed immediate, `u` unsigned one,
//! `w` word of 32 bits in two units, low half first, `b` branch: displacement in units from its own unit, then the fuel
//! delta, `B` the same with a word each, `t` and `T` a `br_table`'s count (a word) with `b` and `B` entries.
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
            // operator, form with an immediate right operand
            binary_int {
                0x6A I32Add I32AddImm "i32.add" i32_add;
                0x6B I32Sub I32SubImm "i32.sub" i32_sub;
                0x6C I32Mul I32MulImm "i32.mul" i32_mul;
                0x6D I32DivS I32DivSImm "i32.div_s" i32_div_s;
                0x6E I32DivU I32DivUImm "i32.div_u" i32_div_u;
                0x6F I32RemS I32RemSImm "i32.rem_s" i32_rem_s;
                0x70 I32RemU I32RemUImm "i32.rem_u" i32_rem_u;
                0x71 I32And I32AndImm "i32.and" i32_and;
                0x72 I32Or I32OrImm "i32.or" i32_or;
                0x73 I32Xor I32XorImm "i32.xor" i32_xor;
                0x74 I32Shl I32ShlImm "i32.shl" i32_shl;
                0x75 I32ShrS I32ShrSImm "i32.shr_s" i32_shr_s;
                0x76 I32ShrU I32ShrUImm "i32.shr_u" i32_shr_u;
                0x77 I32Rotl I32RotlImm "i32.rotl" i32_rotl;
                0x78 I32Rotr I32RotrImm "i32.rotr" i32_rotr;
                0x7C I64Add I64AddImm "i64.add" i64_add;
                0x7D I64Sub I64SubImm "i64.sub" i64_sub;
                0x7E I64Mul I64MulImm "i64.mul" i64_mul;
                0x7F I64DivS I64DivSImm "i64.div_s" i64_div_s;
                0x80 I64DivU I64DivUImm "i64.div_u" i64_div_u;
                0x81 I64RemS I64RemSImm "i64.rem_s" i64_rem_s;
                0x82 I64RemU I64RemUImm "i64.rem_u" i64_rem_u;
                0x83 I64And I64AndImm "i64.and" i64_and;
                0x84 I64Or I64OrImm "i64.or" i64_or;
                0x85 I64Xor I64XorImm "i64.xor" i64_xor;
                0x86 I64Shl I64ShlImm "i64.shl" i64_shl;
                0x87 I64ShrS I64ShrSImm "i64.shr_s" i64_shr_s;
                0x88 I64ShrU I64ShrUImm "i64.shr_u" i64_shr_u;
                0x89 I64Rotl I64RotlImm "i64.rotl" i64_rotl;
                0x8A I64Rotr I64RotrImm "i64.rotr" i64_rotr;
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
            // operator, immediate form, branch, branch with immediate, the opposite comparison
            compare_int {
                0x46 I32Eq I32EqImm BrI32Eq BrI32EqImm I32Ne "i32.eq" i32_eq;
                0x47 I32Ne I32NeImm BrI32Ne BrI32NeImm I32Eq "i32.ne" i32_ne;
                0x48 I32LtS I32LtSImm BrI32LtS BrI32LtSImm I32GeS "i32.lt_s" i32_lt_s;
                0x49 I32LtU I32LtUImm BrI32LtU BrI32LtUImm I32GeU "i32.lt_u" i32_lt_u;
                0x4A I32GtS I32GtSImm BrI32GtS BrI32GtSImm I32LeS "i32.gt_s" i32_gt_s;
                0x4B I32GtU I32GtUImm BrI32GtU BrI32GtUImm I32LeU "i32.gt_u" i32_gt_u;
                0x4C I32LeS I32LeSImm BrI32LeS BrI32LeSImm I32GtS "i32.le_s" i32_le_s;
                0x4D I32LeU I32LeUImm BrI32LeU BrI32LeUImm I32GtU "i32.le_u" i32_le_u;
                0x4E I32GeS I32GeSImm BrI32GeS BrI32GeSImm I32LtS "i32.ge_s" i32_ge_s;
                0x4F I32GeU I32GeUImm BrI32GeU BrI32GeUImm I32LtU "i32.ge_u" i32_ge_u;
                0x51 I64Eq I64EqImm BrI64Eq BrI64EqImm I64Ne "i64.eq" i64_eq;
                0x52 I64Ne I64NeImm BrI64Ne BrI64NeImm I64Eq "i64.ne" i64_ne;
                0x53 I64LtS I64LtSImm BrI64LtS BrI64LtSImm I64GeS "i64.lt_s" i64_lt_s;
                0x54 I64LtU I64LtUImm BrI64LtU BrI64LtUImm I64GeU "i64.lt_u" i64_lt_u;
                0x55 I64GtS I64GtSImm BrI64GtS BrI64GtSImm I64LeS "i64.gt_s" i64_gt_s;
                0x56 I64GtU I64GtUImm BrI64GtU BrI64GtUImm I64LeU "i64.gt_u" i64_gt_u;
                0x57 I64LeS I64LeSImm BrI64LeS BrI64LeSImm I64GtS "i64.le_s" i64_le_s;
                0x58 I64LeU I64LeUImm BrI64LeU BrI64LeUImm I64GtU "i64.le_u" i64_le_u;
                0x59 I64GeS I64GeSImm BrI64GeS BrI64GeSImm I64LtS "i64.ge_s" i64_ge_s;
                0x5A I64GeU I64GeUImm BrI64GeU BrI64GeUImm I64LtU "i64.ge_u" i64_ge_u;
            }
            // operator, branch if it holds, branch unless it holds (a NaN makes these two different things)
            compare_float {
                0x5B F32Eq BrF32Eq BrNotF32Eq "f32.eq" f32_eq;
                0x5C F32Ne BrF32Ne BrNotF32Ne "f32.ne" f32_ne;
                0x5D F32Lt BrF32Lt BrNotF32Lt "f32.lt" f32_lt;
                0x5E F32Gt BrF32Gt BrNotF32Gt "f32.gt" f32_gt;
                0x5F F32Le BrF32Le BrNotF32Le "f32.le" f32_le;
                0x60 F32Ge BrF32Ge BrNotF32Ge "f32.ge" f32_ge;
                0x61 F64Eq BrF64Eq BrNotF64Eq "f64.eq" f64_eq;
                0x62 F64Ne BrF64Ne BrNotF64Ne "f64.ne" f64_ne;
                0x63 F64Lt BrF64Lt BrNotF64Lt "f64.lt" f64_lt;
                0x64 F64Gt BrF64Gt BrNotF64Gt "f64.gt" f64_gt;
                0x65 F64Le BrF64Le BrNotF64Le "f64.le" f64_le;
                0x66 F64Ge BrF64Ge BrNotF64Ge "f64.ge" f64_ge;
            }
            // operator, form with a far offset, type in memory, type in the frame, type of the value
            load {
                0x28 I32Load I32LoadFar "i32.load" u32 u32 I32;
                0x29 I64Load I64LoadFar "i64.load" u64 u64 I64;
                0x2A F32Load F32LoadFar "f32.load" u32 u32 F32;
                0x2B F64Load F64LoadFar "f64.load" u64 u64 F64;
                0x2C I32Load8S I32Load8SFar "i32.load8_s" i8 u32 I32;
                0x2D I32Load8U I32Load8UFar "i32.load8_u" u8 u32 I32;
                0x2E I32Load16S I32Load16SFar "i32.load16_s" i16 u32 I32;
                0x2F I32Load16U I32Load16UFar "i32.load16_u" u16 u32 I32;
                0x30 I64Load8S I64Load8SFar "i64.load8_s" i8 u64 I64;
                0x31 I64Load8U I64Load8UFar "i64.load8_u" u8 u64 I64;
                0x32 I64Load16S I64Load16SFar "i64.load16_s" i16 u64 I64;
                0x33 I64Load16U I64Load16UFar "i64.load16_u" u16 u64 I64;
                0x34 I64Load32S I64Load32SFar "i64.load32_s" i32 u64 I64;
                0x35 I64Load32U I64Load32UFar "i64.load32_u" u32 u64 I64;
            }
            store {
                0x36 I32Store I32StoreFar "i32.store" u32 u32 I32;
                0x37 I64Store I64StoreFar "i64.store" u64 u64 I64;
                0x38 F32Store F32StoreFar "f32.store" u32 u32 F32;
                0x39 F64Store F64StoreFar "f64.store" u64 u64 F64;
                0x3A I32Store8 I32Store8Far "i32.store8" u8 u32 I32;
                0x3B I32Store16 I32Store16Far "i32.store16" u16 u32 I32;
                0x3C I64Store8 I64Store8Far "i64.store8" u8 u64 I64;
                0x3D I64Store16 I64Store16Far "i64.store16" u16 u64 I64;
                0x3E I64Store32 I64Store32Far "i64.store32" u32 u64 I64;
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
                BrUnless "br_unless" "sb" control::br_unless;
                BrIf64 "br_if.i64" "sb" control::br_if_64;
                BrUnless64 "br_unless.i64" "sb" control::br_unless_64;
                BrTable "br_table" "st" control::br_table;
                BrTableWide "br_table.wide" "sT" control::br_table_wide;
                Return "return" "" call::ret;
                Return32 "return.32" "s" call::ret_32;
                Return64 "return.64" "s" call::ret_64;
                Call "call" "uu" call::call;
                CallFar "call.far" "wu" call::call_far;
                CallImport "call.import" "wu" call::call_import;
                CallIndirect "call_indirect" "suuu" call::call_indirect;
                ReturnCall "return_call" "wuu" call::return_call;
                ReturnCallImport "return_call.import" "wuu" call::return_call_import;
                ReturnCallIndirect "return_call_indirect" "suuuu" call::return_call_indirect;
                Copy32 "copy.32" "ds" data::copy_32;
                Copy64 "copy.64" "ds" data::copy_64;
                CopyBlock "copy.block" "dsu" data::copy_block;
                Const16 "const.16" "di" data::const_16;
                Const32 "const.32" "dw" data::const_32;
                Const64Imm "const.64.imm" "di" data::const_64_imm;
                Const64 "const.64" "dww" data::const_64;
                Select32 "select.32" "dsss" data::select_32;
                Select64 "select.64" "dsss" data::select_64;
                GlobalGet32 "global.get.32" "du" data::global_get_32;
                GlobalGet64 "global.get.64" "du" data::global_get_64;
                GlobalSet32 "global.set.32" "su" data::global_set_32;
                GlobalSet64 "global.set.64" "su" data::global_set_64;
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

macro_rules! define_ops {
    (
        unary { $($u_code:literal $u:ident $u_name:literal $u_fn:ident;)* }
        binary_int { $($b_code:literal $b:ident $b_imm:ident $b_name:literal $b_fn:ident;)* }
        binary_float { $($f_code:literal $f:ident $f_name:literal $f_fn:ident;)* }
        compare_int { $($c_code:literal $c:ident $c_imm:ident $c_br:ident $c_br_imm:ident $c_not:ident $c_name:literal $c_fn:ident;)* }
        compare_float { $($n_code:literal $n:ident $n_br:ident $n_br_not:ident $n_name:literal $n_fn:ident;)* }
        load { $($l_code:literal $l:ident $l_far:ident $l_name:literal $l_mem:ident $l_slot:ident $l_ty:ident;)* }
        store { $($s_code:literal $s:ident $s_far:ident $s_name:literal $s_mem:ident $s_slot:ident $s_ty:ident;)* }
        other { $($o:ident $o_name:literal $o_layout:literal $o_fn:path;)* }
    ) => {
        /// An operation of prepared code. The forms of one operator are neighbours, in the order of its row.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        #[allow(missing_docs)]
        pub(crate) enum Op {
            $($u,)* $($b, $b_imm,)* $($f,)* $($c, $c_imm, $c_br, $c_br_imm,)* $($n, $n_br, $n_br_not,)*
            $($l, $l_far,)* $($s, $s_far,)* $($o,)*
        }

        /// Each operation's mnemonic and the letters of its operands, by `Op`.
        #[cfg(feature = "prose")]
        pub(crate) static LAYOUTS: [(&str, &str); OP_COUNT] = [
            $(($u_name, "ds"),)*
            $(($b_name, "dss"), (concat!($b_name, ".imm"), "dsi"),)*
            $(($f_name, "dss"),)*
            $(
                ($c_name, "dss"), (concat!($c_name, ".imm"), "dsi"),
                (concat!("br.", $c_name), "ssb"), (concat!("br.", $c_name, ".imm"), "sib"),
            )*
            $(($n_name, "dss"), (concat!("br.", $n_name), "ssb"), (concat!("br_not.", $n_name), "ssb"),)*
            $(($l_name, "dsu"), (concat!($l_name, ".far"), "dsw"),)*
            $(($s_name, "ssu"), (concat!($s_name, ".far"), "ssw"),)*
            $(($o_name, $o_layout),)*
        ];

        /// Every operator whose typing is a plain signature, by its code.
        pub(crate) static OPERATORS: [Operator; OPERATOR_COUNT] = {
            let mut rows = [Operator::NONE; OPERATOR_COUNT];
            $(rows[$u_code] = Operator::new(Class::Unary, unary(num::$u_fn), Op::$u, Op::$u);)*
            $(rows[$b_code] = Operator::new(Class::BinaryInt, binary(num::$b_fn), Op::$b, Op::$b);)*
            $(rows[$f_code] = Operator::new(Class::BinaryFloat, binary(num::$f_fn), Op::$f, Op::$f);)*
            $(rows[$c_code] = Operator::new(Class::CompareInt, binary(num::$c_fn), Op::$c, Op::$c_not);)*
            $(rows[$n_code] = Operator::new(Class::CompareFloat, binary(num::$n_fn), Op::$n, Op::$n);)*
            $(rows[$l_code] = Operator::new(Class::Load(size_of::<$l_mem>().ilog2() as u8), (ValType::I32, ValType::$l_ty), Op::$l, Op::$l);)*
            $(rows[$s_code] = Operator::new(Class::Store(size_of::<$s_mem>().ilog2() as u8), (ValType::$s_ty, ValType::$s_ty), Op::$s, Op::$s);)*
            rows
        };

        /// How each load and store moves its bytes, for the cold path: by the distance of the near form from `I32Load`,
        /// halved.
        pub(crate) static ACCESSES: [Access; ACCESS_COUNT] = [
            $(Access { size: size_of::<$l_mem>() as u8, signed: <$l_mem>::MIN != 0, wide: size_of::<$l_slot>() == 8 },)*
            $(Access { size: size_of::<$s_mem>() as u8, signed: false, wide: size_of::<$s_slot>() == 8 },)*
        ];

        const ACCESS_COUNT: usize = [$($l_code,)* $($s_code,)*].len();
        pub(crate) const OP_COUNT: usize =
            [$(Op::$u,)* $(Op::$b, Op::$b_imm,)* $(Op::$f,)* $(Op::$c, Op::$c_imm, Op::$c_br, Op::$c_br_imm,)*
             $(Op::$n, Op::$n_br, Op::$n_br_not,)* $(Op::$l, Op::$l_far,)* $(Op::$s, Op::$s_far,)* $(Op::$o,)*].len();
    };
}

use super::Trap;
use super::num;
use super::types::ValType;

with_ops!(define_ops);

/// Codes of operators with a plain signature: one byte, and eight of the prefix 0xFC.
const OPERATOR_COUNT: usize = 0x108;

/// How an operator takes part in folding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// Not an operator with a plain signature.
    None,
    /// One operand.
    Unary,
    /// Two operands, the right one may be an immediate.
    BinaryInt,
    /// Two operands in slots.
    BinaryFloat,
    /// As `BinaryInt`, with branches after the two forms.
    CompareInt,
    /// As `BinaryFloat`, with branches of both senses after it.
    CompareFloat,
    /// A load; log2 of the bytes in memory.
    Load(u8),
    /// A store; log2 of the bytes in memory.
    Store(u8),
}

/// A row of `OPERATORS`: what the validator and the translator need of an operator.
#[derive(Clone, Copy)]
pub(crate) struct Operator {
    pub(crate) class: Class,
    /// Type of the operands (of the stored value, for a store).
    pub(crate) operand: ValType,
    pub(crate) result: ValType,
    /// The first form.
    pub(crate) op: Op,
    /// The first form of the opposite comparison.
    pub(crate) opposite: Op,
}

impl Operator {
    const NONE: Operator = Operator::new(Class::None, (ValType::I32, ValType::I32), Op::Unreachable, Op::Unreachable);

    const fn new(class: Class, types: (ValType, ValType), op: Op, opposite: Op) -> Operator {
        Operator { class, operand: types.0, result: types.1, op, opposite }
    }
}

/// How a load or a store moves its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    /// Bytes in memory.
    pub(crate) size: u8,
    /// Whether a load extends the sign.
    pub(crate) signed: bool,
    /// Whether the value takes two slots.
    pub(crate) wide: bool,
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
    /// The form `steps` after this one in the row.
    pub(crate) const fn form(self, steps: u16) -> u16 {
        self as u16 + steps
    }
}
