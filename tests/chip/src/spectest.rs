//! The module `spectest` that the scripts import from: functions that print nothing, and one thing of each other kind.

use wasmote::{
    Extern, FuncType, GlobalType, MemoryType, OutOfMemory, PAGE_SIZE_LOG2, Store, TableType, Val,
    ValType::{self, F32, F64, FuncRef, I32, I64},
};

const PRINTERS: [(&str, &[ValType]); 7] = [
    ("print", &[]),
    ("print_i32", &[I32]),
    ("print_i64", &[I64]),
    ("print_f32", &[F32]),
    ("print_f64", &[F64]),
    ("print_i32_f32", &[I32, F32]),
    ("print_f64_f64", &[F64, F64]),
];

const GLOBALS: [(&str, Val); 4] = [
    ("global_i32", Val::I32(666)),
    ("global_i64", Val::I64(666)),
    ("global_f32", Val::F32(666.6f32.to_bits())),
    ("global_f64", Val::F64(666.6f64.to_bits())),
];

/// What of it lives in a store; its functions are made when they are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Spectest {
    globals: [Extern; 4],
    table: Extern,
    memory: Extern,
}

impl Spectest {
    pub(crate) fn new(store: &mut Store<'_>) -> Result<Spectest, OutOfMemory> {
        let mut global = |(_, value): (&str, Val)| {
            store.new_global(GlobalType { content: value.ty(), mutable: false }, value).map(Extern::Global)
        };
        let [a, b, c, d] = GLOBALS;
        let globals = [global(a)?, global(b)?, global(c)?, global(d)?];
        let table = TableType { element: FuncRef, minimum: 10, maximum: Some(20) };
        let memory = MemoryType { minimum: 1, maximum: Some(2), page_size_log2: PAGE_SIZE_LOG2 };
        let table = Extern::Table(store.new_table(table, Val::FuncRef(None))?);
        Ok(Spectest { globals, table, memory: Extern::Memory(store.new_memory(memory)?) })
    }

    pub(crate) fn find(&self, name: &str, store: &mut Store<'_>) -> Option<Extern> {
        match name {
            "table" => return Some(self.table),
            "memory" => return Some(self.memory),
            _ => {}
        }
        if let Some(index) = GLOBALS.iter().position(|(known, _)| *known == name) {
            return self.globals.get(index).copied();
        }
        let (id, (_, params)) = (0..).zip(PRINTERS).find(|(_, (known, _))| *known == name)?;
        store.host_func(id, FuncType { params, results: &[] }).ok().map(Extern::Func)
    }
}
