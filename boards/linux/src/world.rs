//! The outside world of a guest: the functions that this build offers, over what the command line lends.

use crate::{
    cli::Dir,
    message::{Failure, Plain, tell},
    source::shown,
    wasi::{self, LinuxHost},
};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
};
use wasmote::{Extern, FuncType, HostFunc, Import, Linker, OutOfMemory, Store};
use wasmote_wasi_p1::{P1, Wasi};

/// What host functions work on.
pub(crate) type World = Wasi<LinuxHost>;

/// Every function that a guest can import. A function's host id is its place in these tables, counted through.
const TABLES: &[&[HostFunc<World>]] = &[P1::<World>::FUNCTIONS];

/// Finds the functions of this build.
pub(crate) const LINKER: Linker<'static, World> = Linker::new(TABLES);

/// The function `module.name` and the id under which the machine calls it, if this build offers it.
fn find(module: &str, name: &str) -> Option<(&'static HostFunc<World>, u32)> {
    let mut functions = TABLES.iter().flat_map(|table| table.iter()).zip(0..);
    functions.find(|(func, _)| func.module == module && func.name == name)
}

/// The id under which the machine calls `module.name`, if this build offers it.
pub(crate) fn host_id(module: &str, name: &str) -> Option<u32> {
    find(module, name).map(|(_, id)| id)
}

/// Why an import has nothing to be linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// This build offers nothing of this name.
    Unknown,
    /// The arena has no room for it.
    OutOfMemory(OutOfMemory),
}

/// What `import` is linked with.
pub(crate) fn resolve(import: &Import<'_>, store: &mut Store<'_>) -> Result<Extern, Missing> {
    let (func, id) = find(import.module, import.name).ok_or(Missing::Unknown)?;
    let ty = FuncType { params: func.params, results: func.results };
    store.host_func(id, ty).map(Extern::Func).map_err(Missing::OutOfMemory)
}

/// A world with these arguments (the file's name goes before them), variables and directories.
pub(crate) fn new(file: &Path, args: &[String], env: &[(String, String)], dirs: &[Dir]) -> Result<World, Failure> {
    let program = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let args = [&[program], args].concat();
    let preopens: Vec<(PathBuf, String)> = dirs.iter().map(|dir| (dir.host.clone(), dir.guest.clone())).collect();
    wasi::new(args, env.to_vec(), &preopens).map_err(|(index, error)| {
        let dir = dirs.get(index).map_or(String::new(), |dir| shown(&dir.host));
        Failure::new(format!("cannot open the directory {dir} (--dir): {}", Plain(&error.to_string())))
    })
}

/// Opens listening sockets at these addresses and gives them to the guest, in their order.
pub(crate) fn listen(world: &mut World, addresses: &[String]) -> Result<(), Failure> {
    for address in addresses {
        let fail = |error: &dyn std::fmt::Display| {
            Failure::new(format!("cannot listen at {} (--listen): {}", Plain(address), Plain(&error.to_string())))
        };
        let listener = TcpListener::bind(address).map_err(|error| fail(&error))?;
        let bound = listener.local_addr().map_err(|error| fail(&error))?;
        let fd = wasi::listen(world, listener).map_err(|error| fail(&error))?;
        if address.ends_with(":0") {
            tell(format_args!("wasmote: descriptor {fd} listens at {bound}"));
        }
    }
    Ok(())
}

/// Sleeps until what the guest waits for is there.
pub(crate) fn wait(world: &mut World) -> Result<(), Failure> {
    wasi::wait(world).map_err(|error| Failure::new(format!("cannot wait for what the guest waits for: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_preview_1_has_its_own_id() {
        let ids: Vec<Option<u32>> =
            P1::<World>::FUNCTIONS.iter().map(|func| host_id("wasi_snapshot_preview1", func.name)).collect();
        assert_eq!(ids, (0..46).map(Some).collect::<Vec<_>>());
        assert_eq!(host_id("env", "fd_write"), None);
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let dirs = [Dir { host: "/".into(), guest: "/".into() }, Dir { host: "/no/such".into(), guest: ".".into() }];
        let failure = new(Path::new("m.wasm"), &[], &[], &dirs).err().map(|failure| failure.text);
        assert!(
            failure.as_ref().is_some_and(|text| text.starts_with("cannot open the directory /no/such")),
            "{failure:?}"
        );
    }
}
