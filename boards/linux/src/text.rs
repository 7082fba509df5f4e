//! Types in the words of the text format, for messages and listings.

use crate::message::{Bytes, Plain};
use wasmote::{ExternType, FuncType, GlobalType, Import, MemoryType, TableType, ValType};

/// `(i32, i64) -> (f32)`
pub(crate) fn func(ty: FuncType<'_>) -> String {
    format!("{} -> {}", list(ty.params), list(ty.results))
}

fn list(types: &[ValType]) -> String {
    let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
    format!("({})", names.join(", "))
}

/// `17 pages of 64 KiB (1088 KiB), at most 20`
pub(crate) fn memory(ty: MemoryType) -> String {
    let page_bytes = 1u64 << ty.page_size_log2;
    let size = Bytes(ty.minimum.saturating_mul(page_bytes));
    let bound = ty.maximum.map_or(String::new(), |maximum| format!(", at most {maximum}"));
    match ty.page_size_log2 {
        0 => format!("{}{bound} (pages of 1 byte)", size),
        _ => {
            let pages = if ty.minimum == 1 { "page" } else { "pages" };
            format!("{} {pages} of {} ({size}){bound}", ty.minimum, Bytes(page_bytes))
        }
    }
}

/// `10 funcref, at most 20`
pub(crate) fn table(ty: TableType) -> String {
    let bound = ty.maximum.map_or(String::new(), |maximum| format!(", at most {maximum}"));
    format!("{} {}{bound}", ty.minimum, ty.element.name())
}

/// `mut i32`
pub(crate) fn global(ty: GlobalType) -> String {
    format!("{}{}", if ty.mutable { "mut " } else { "" }, ty.content.name())
}

/// Kind and type of something imported or exported, with its name between them.
pub(crate) fn named(name: &str, ty: ExternType<'_>) -> String {
    match ty {
        ExternType::Func(ty) => format!("func {name} {}", func(ty)),
        ExternType::Memory(ty) => format!("memory {name}: {}", memory(ty)),
        ExternType::Table(ty) => format!("table {name}: {}", table(ty)),
        ExternType::Global(ty) => format!("global {name}: {}", global(ty)),
    }
}

/// An import as messages show it: `wasi_snapshot_preview1.fd_write`.
pub(crate) fn import_name(import: &Import<'_>) -> String {
    format!("{}.{}", Plain(import.module), Plain(import.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_show_parameters_and_results() {
        let ty = FuncType { params: &[ValType::I32, ValType::F64], results: &[] };
        assert_eq!(named("f", ExternType::Func(ty)), "func f (i32, f64) -> ()");
    }

    #[test]
    fn memories_show_pages_and_bytes() {
        let ty = MemoryType { minimum: 17, maximum: Some(20), page_size_log2: 16 };
        assert_eq!(memory(ty), "17 pages of 64 KiB (1088 KiB), at most 20");
        let ty = MemoryType { minimum: 100, maximum: None, page_size_log2: 0 };
        assert_eq!(memory(ty), "100 bytes (pages of 1 byte)");
    }

    #[test]
    fn tables_and_globals_show_their_limits() {
        assert_eq!(
            table(TableType { element: ValType::FuncRef, minimum: 1, maximum: Some(2) }),
            "1 funcref, at most 2"
        );
        assert_eq!(global(GlobalType { content: ValType::I64, mutable: true }), "mut i64");
    }

    #[test]
    fn names_of_a_module_cannot_move_the_cursor() {
        let ty = ExternType::Func(FuncType { params: &[], results: &[] });
        assert_eq!(import_name(&Import { module: "\u{1b}[2J", name: "x", ty }), "\\u{1b}[2J.x");
    }
}
