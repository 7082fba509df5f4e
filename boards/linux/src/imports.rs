//! The imports of one module, and which of them a host call means.
//!
//! The machine names a host function by its place in the tables of this build, which another build may order otherwise.
//! A log names it by the import's place in the module, which the module's checksum fixes.

use crate::{message::Plain, values, world};
use wasmote::{ExternType, Module, Store, Thread, Val, ValType};

/// An imported function.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    /// Its place among all imports of the module, from 0.
    pub(crate) number: u32,
    /// The name of its module.
    pub(crate) module: String,
    /// Its name.
    pub(crate) name: String,
    /// Types of its parameters.
    pub(crate) params: Vec<ValType>,
    /// Types of its results.
    pub(crate) results: Vec<ValType>,
    /// Its place in the tables of this build.
    host_id: u32,
}

/// The functions that a module imports from this build's tables.
#[derive(Debug, Clone)]
pub(crate) struct Imports(Vec<Imported>);

impl Imports {
    /// The imports of `module`, without those that this build does not offer.
    pub(crate) fn of(module: &Module<'_>) -> Imports {
        let imported = module.imports().zip(0..).filter_map(|(import, number)| match import.ty {
            ExternType::Func(ty) => Some(Imported {
                number,
                module: import.module.to_string(),
                name: import.name.to_string(),
                params: ty.params.to_vec(),
                results: ty.results.to_vec(),
                host_id: world::host_id(import.module, import.name)?,
            }),
            _ => None,
        });
        Imports(imported.collect())
    }

    /// The import that a host call means; the first one, if several name the same function.
    pub(crate) fn by_host_id(&self, host_id: u32) -> Option<&Imported> {
        self.0.iter().find(|imported| imported.host_id == host_id)
    }

    /// The import at this place.
    pub(crate) fn by_number(&self, number: u32) -> Option<&Imported> {
        self.0.iter().find(|imported| imported.number == number)
    }
}

impl Imported {
    /// The arguments' bits of the call that `thread` waits in.
    pub(crate) fn args(&self, store: &Store<'_>, thread: Thread) -> Vec<u64> {
        let mut args = vec![values::BLANK; self.params.len()];
        let count = store.host_args(thread, &mut args);
        args.iter().take(count).map(|value| bits(*value)).collect()
    }

    /// Name and arguments, as a message shows a call.
    pub(crate) fn show_call(&self, args: &[u64]) -> String {
        let shown: Vec<String> = self.params.iter().zip(args).map(|(ty, bits)| show_bits(*ty, *bits)).collect();
        format!("{}.{}({})", Plain(&self.module), Plain(&self.name), shown.join(", "))
    }
}

/// A value's bits; a function reference has none that mean anything outside of its run.
pub(crate) fn bits(value: Val) -> u64 {
    values::to_bits(value).unwrap_or(u64::MAX)
}

fn show_bits(ty: ValType, bits: u64) -> String {
    values::from_bits(ty, bits).map_or_else(|| format!("{bits:#x}"), values::show)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(number: u32, host_id: u32) -> Imported {
        Imported {
            number,
            module: "env".into(),
            name: "f\u{1b}".into(),
            params: vec![ValType::I32, ValType::F64],
            results: vec![],
            host_id,
        }
    }

    #[test]
    fn a_function_imported_twice_is_the_first_one() {
        let imports = Imports(vec![imported(2, 40), imported(5, 40), imported(6, 41)]);
        assert_eq!(imports.by_host_id(40).map(|found| found.number), Some(2));
        assert_eq!(imports.by_host_id(42).map(|found| found.number), None);
        assert_eq!(imports.by_number(6).map(|found| found.host_id), Some(41));
    }

    #[test]
    fn calls_are_shown_by_type() {
        let shown = imported(0, 0).show_call(&[u64::from(u32::MAX), 1.5f64.to_bits()]);
        assert_eq!(shown, "env.f\\u{1b}(-1, 1.5)");
    }
}
