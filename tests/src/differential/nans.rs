//! Which NaN an operator makes is left open by the specification, and the core makes the canonical one. So the other implementations
//! run a copy of the module that does so by its own instructions: what they leave is then compared to the bit, and no difference
//! hides behind a NaN.

use std::borrow::Cow;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Ieee32, Ieee64, Instruction, Module, TypeSection, ValType};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, TypeSectionReader};

/// The module with each NaN made canonical where it arises; the module itself if none can arise.
///
/// # Errors
/// In words, for bytes that are not a valid module.
pub(super) fn made_canonical(wasm: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let mut copy = Canonical { types: 0, functions: 0, is_needed: false };
    let mut module = Module::new();
    copy.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| format!("no copy is made: {error}"))?;
    Ok(if copy.is_needed { Cow::Owned(module.finish()) } else { Cow::Borrowed(wasm) })
}

/// A float's type, in the order of the functions that are added.
const TYPES: [ValType; 2] = [ValType::F32, ValType::F64];

/// A copy in the making. Its functions and types have the indices that they had: what is added comes last.
struct Canonical {
    /// Types of the module.
    types: u32,
    /// Its functions, imported ones among them.
    functions: u32,
    /// Whether it has an operator that makes NaNs.
    is_needed: bool,
}

impl Reencode for Canonical {
    type Error = std::convert::Infallible;

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        self.types = types.len();
        TYPES.into_iter().for_each(|ty| types.ty().function([ty], [ty]));
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut wasm_encoder::ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        let is_func = |import: &wasmparser::Import<'_>| matches!(import.ty, wasmparser::TypeRef::Func(_));
        let functions = section.clone().into_imports().filter_map(Result::ok).filter(is_func).count();
        self.functions = functions as u32;
        utils::parse_import_section(self, imports, section)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        self.functions += functions.len();
        functions.function(self.types).function(self.types + 1);
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        for ty in TYPES {
            let (nan, is_same) = match ty {
                ValType::F32 => (Instruction::F32Const(Ieee32::new(0x7fc0_0000)), Instruction::F32Eq),
                _ => (Instruction::F64Const(Ieee64::new(0x7ff8 << 48)), Instruction::F64Eq),
            };
            let get = Instruction::LocalGet(0);
            let mut body = Function::new([]);
            for instruction in [&get, &nan, &get, &get, &is_same, &Instruction::Select, &Instruction::End] {
                body.instruction(instruction);
            }
            code.function(&body);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, func: FunctionBody<'_>) -> Result<(), Error> {
        let mut body = self.new_function_with_parsed_locals(&func)?;
        let mut reader = func.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            let made = nan_of(&operator);
            body.instruction(&self.instruction(operator)?);
            if let Some(ty) = made {
                self.is_needed = true;
                body.instruction(&Instruction::Call(self.functions + u32::from(ty == ValType::F64)));
            }
        }
        code.function(&body);
        Ok(())
    }

    /// Names and the like are of no account, and may be damaged.
    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// The type of the NaN that an operator may make. Those that move or change bits, signs among them, make none.
fn nan_of(operator: &Operator<'_>) -> Option<ValType> {
    use Operator as O;
    Some(match operator {
        O::F32Add | O::F32Sub | O::F32Mul | O::F32Div | O::F32Min | O::F32Max | O::F32Sqrt => ValType::F32,
        O::F32Ceil | O::F32Floor | O::F32Trunc | O::F32Nearest | O::F32DemoteF64 => ValType::F32,
        O::F64Add | O::F64Sub | O::F64Mul | O::F64Div | O::F64Min | O::F64Max | O::F64Sqrt => ValType::F64,
        O::F64Ceil | O::F64Floor | O::F64Trunc | O::F64Nearest | O::F64PromoteF32 => ValType::F64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that hands out the bits of a NaN: an operator's, of an operand with a payload and a sign.
    fn that_looks_at_a_nan(operator: &str) -> Vec<u8> {
        let (from, to) = match operator {
            "f64.promote_f32" => ("f32", "f64"),
            "f32.demote_f64" => ("f64", "f32"),
            operator => (&operator[..3], &operator[..3]),
        };
        let payload = if from == "f32" { "0x600001" } else { "0xc000020000001" };
        let is_binary = ["add", "sub", "mul", "div", "min", "max"].contains(&&operator[4..]);
        let other = if is_binary { format!("({from}.const 1)") } else { String::new() };
        let text = format!(
            "(module (func (export \"f\") (result i{bits}) (i{bits}.reinterpret_{to} ({operator} ({from}.const -nan:{payload}) {other}))))",
            bits = &to[1..]
        );
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn each_operator_that_makes_a_nan_is_compared_to_the_bit() {
        let plain = ["add", "sub", "mul", "div", "min", "max", "sqrt", "ceil", "floor", "trunc", "nearest"];
        let of = |ty: &'static str| plain.iter().map(move |name| format!("{ty}.{name}"));
        let conversions = ["f32.demote_f64", "f64.promote_f32"].map(str::to_owned);
        for operator in of("f32").chain(of("f64")).chain(conversions) {
            let wasm = that_looks_at_a_nan(&operator);
            let canonical = made_canonical(&wasm).unwrap();
            let (_, as_it_is) = super::super::reference::run_apart(&wasm, 0).unwrap();
            let (_, copy) = super::super::reference::run_apart(&canonical, 0).unwrap();
            assert_ne!(as_it_is.steps, copy.steps, "{operator}: wasmi makes the canonical NaN by itself");
            assert_eq!(super::super::Comparison::new().of_bytes(&wasm), None, "{operator}");
        }
    }

    #[test]
    fn operators_that_move_or_change_bits_leave_the_module_as_it_is() {
        let text = "(module (func (export \"f\") (result i32)
            (i32.reinterpret_f32 (f32.copysign (f32.neg (f32.abs (f32.const nan:0x1234))) (f32.const -1)))))";
        let wasm = wat::parse_str(text).unwrap();
        assert!(matches!(made_canonical(&wasm), Ok(Cow::Borrowed(_))));
        assert_eq!(super::super::Comparison::new().of_bytes(&wasm), None);
    }

    #[test]
    fn imported_functions_move_the_indices_of_those_that_are_added() {
        let text =
            "(module (import \"\" \"f\" (func)) (import \"\" \"m\" (memory 1)) (import \"\" \"g\" (func (param i32)))
            (func (export \"f\") (result f32 f64) (f32.sqrt (f32.const 2)) (f64.sqrt (f64.const 2))))";
        let wasm = wat::parse_str(text).unwrap();
        let copy = made_canonical(&wasm).unwrap();
        assert!(copy.len() > wasm.len());
        wasmparser::validate(&copy).unwrap();
    }
}
