//! Which of WebAssembly's features a module needs: found by taking them away, one after the other, from a validator that
//! knows them all.

use wasmparser::{Validator, WasmFeatures};

/// The names of the features that `wasm` is not valid without, in the order in which wasmparser lists them; empty for a
/// module of the first version. `None` if it is not valid with all of them.
pub(crate) fn needed(wasm: &[u8]) -> Option<Vec<String>> {
    if wasmparser::Parser::is_component(wasm) {
        return Some(vec!["component-model".into()]);
    }
    let valid = |features| Validator::new_with_features(features).validate_all(wasm).is_ok();
    let mut kept = WasmFeatures::all();
    if !valid(kept) {
        return None;
    }
    for (_, feature) in WasmFeatures::all().iter_names() {
        if valid(kept - feature) {
            kept -= feature;
        }
    }
    // These are no proposals: the flags are there for validators that refuse floats, or keep no types of references.
    kept -= WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
    Some(kept.iter_names().map(|(name, _)| name.to_lowercase().replace('_', "-")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed_by(text: &str) -> Option<Vec<String>> {
        needed(&wat::parse_str(text).unwrap())
    }

    #[test]
    fn a_module_of_the_first_version_needs_nothing() {
        assert_eq!(needed_by("(module (func (result f32) f32.const 1))"), Some(vec![]));
    }

    #[test]
    fn each_feature_is_found_alone() {
        let cases = [
            ("(module (func (param i32) (result i32) local.get 0 i32.extend8_s))", "sign-extension"),
            ("(module (func (result i32 i32) i32.const 1 i32.const 2))", "multi-value"),
            ("(module (memory 1) (memory 1))", "multi-memory"),
            ("(module (func $f return_call $f))", "tail-call"),
            ("(module (func (param v128)))", "simd"),
            ("(module (memory 1 (pagesize 1)))", "custom-page-sizes"),
            ("(module (memory i64 1))", "memory64"),
            ("(module (func (param externref)))", "reference-types"),
        ];
        for (text, feature) in cases {
            assert_eq!(needed_by(text), Some(vec![feature.to_string()]), "{text}");
        }
    }

    #[test]
    fn a_component_is_one_and_rubbish_is_nothing() {
        assert_eq!(needed_by("(component)"), Some(vec!["component-model".to_string()]));
        assert_eq!(needed(b"\xff\xd8\xff\xe0"), None);
    }
}
