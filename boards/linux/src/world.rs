//! The outside world of a guest: the functions that this build offers, over what the command line lends.

use crate::{
    bench::{Bench, Slots},
    cli::RunArgs,
    lend,
    message::{Failure, Plain, tell},
    permit::Permit,
    wasi::{self, LinuxHost},
};
use std::net::TcpListener;
use wasmote::{Extern, FuncType, HostFunc, Import, Linker, Module, OutOfMemory, Store};
use wasmote_board_sim::{Pace, Waited};
use wasmote_wasi_embedded::{Board, Embedded, Hardware, HardwareView};
use wasmote_wasi_p1::{P1, Wasi, WasiView};

/// What host functions work on.
pub(crate) struct World {
    wasi: Wasi<LinuxHost>,
    /// The board, if the module or the command line wants one.
    bench: Option<Box<Bench>>,
}

impl WasiView for World {
    type Host = LinuxHost;

    fn wasi(&mut self) -> &mut Wasi<LinuxHost> {
        &mut self.wasi
    }
}

impl HardwareView for World {
    type Board = dyn Board;
    type Grants = Permit;
    type Slots = Slots;

    fn hardware(&mut self) -> (&mut Hardware<Permit, Slots>, &mut (dyn Board + 'static)) {
        self.bench.get_or_insert_default().parts()
    }
}

/// Every function that a guest can import. A function's host id is its place in these tables, counted through.
const TABLES: &[&[HostFunc<World>]] = &[P1::<World>::FUNCTIONS, Embedded::<World>::FUNCTIONS];

/// Does a module use hardware?
pub(crate) fn uses_hardware(module: &Module<'_>) -> bool {
    let is_hardware = |import: Import<'_>| Embedded::<World>::FUNCTIONS.iter().any(|func| func.module == import.module);
    module.imports().any(is_hardware)
}

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

impl World {
    /// The world that the command line describes, with a board if the module wants one.
    pub(crate) fn new(
        args: &RunArgs,
        guest_args: &[String],
        permit: Permit,
        needs_board: bool,
    ) -> Result<World, Failure> {
        let file = args.file();
        let program = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let argv = [std::slice::from_ref(&program), guest_args].concat();
        let mut variables: Vec<(String, String)> = Vec::new();
        for variable in permit.granted().iter().flat_map(|request| &request.environment) {
            variables.push((variable.name.to_string(), variable.value.to_string()));
        }
        variables.extend_from_slice(&args.env);
        let (dirs, preopens) = lend::preopens(&args.dirs, permit.granted());
        lend::refuse_twins(&dirs)?;
        let mut wasi = wasi::new(argv, variables, &preopens)
            .map_err(|(index, error)| lend::cannot_lend(dirs.get(index), &error))?;
        if !needs_board {
            return Ok(World { wasi, bench: None });
        }
        let bench = Bench::new(&args.board, &program, permit)?;
        if let Some(simulation) = bench.simulated().map(|simulated| &simulated.simulation) {
            wasi.host.clock = wasi::Clock::Board(simulation.clone());
            wasi.host.stdio = match args.board.quiet {
                true => wasi::Stdio::Both(simulation.clone()),
                false => wasi::Stdio::Board(simulation.clone()),
            };
            if simulation.pace() == Pace::Virtual {
                wasi.host.random = wasi::Random::repeatable();
            }
        }
        Ok(World { wasi, bench: Some(Box::new(bench)) })
    }

    /// Opens listening sockets at these addresses and gives them to the guest, in their order.
    pub(crate) fn listen(&mut self, addresses: &[String]) -> Result<(), Failure> {
        for address in addresses {
            let fail = |error: &dyn std::fmt::Display| {
                Failure::new(format!("cannot listen at {} (--listen): {}", Plain(address), Plain(&error.to_string())))
            };
            let listener = TcpListener::bind(address).map_err(|error| fail(&error))?;
            let bound = listener.local_addr().map_err(|error| fail(&error))?;
            let fd = wasi::listen(&mut self.wasi, listener).map_err(|error| fail(&error))?;
            if address.ends_with(":0") {
                tell(format_args!("wasmote: descriptor {fd} listens at {bound}"));
            }
        }
        Ok(())
    }

    /// Lets time pass until what the guest waits for may be there.
    pub(crate) fn wait(&mut self) -> Result<Waited, Failure> {
        let waited = match &mut self.bench {
            Some(bench) => bench.wait(&mut self.wasi),
            None => wasi::wait(&mut self.wasi).map(|()| Waited::Look),
        };
        waited.map_err(|error| Failure::new(format!("cannot wait for what the guest waits for: {error}")))
    }

    /// Tells what the last call was refused; is the board's power still on?
    pub(crate) fn look_at_board(&mut self) -> bool {
        self.bench.as_mut().is_none_or(|bench| bench.look())
    }

    /// Lets time pass until `at_ns` on the board's clock; is the power still on?
    pub(crate) fn sleep_until(&mut self, at_ns: u64) -> bool {
        self.bench.get_or_insert_default().sleep_until(at_ns)
    }

    /// The run is over.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.bench.as_mut().map_or(Ok(()), |bench| bench.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command, Dir};
    use clap::Parser;

    #[test]
    fn every_function_of_preview_1_has_its_own_id() {
        let ids: Vec<Option<u32>> =
            P1::<World>::FUNCTIONS.iter().map(|func| host_id("wasi_snapshot_preview1", func.name)).collect();
        assert_eq!(ids, (0..46).map(Some).collect::<Vec<_>>());
        assert_eq!(host_id("env", "fd_write"), None);
    }

    fn world(dirs: Vec<Dir>) -> Result<World, Failure> {
        let Command::Run(mut args) = Cli::parse_from(["wasmote", "run", "m.wasm"]).command else { unreachable!() };
        args.dirs = dirs;
        World::new(&args, &[], Permit::Everything, false)
    }

    #[test]
    fn two_directories_of_one_name_are_refused() {
        let dir = |host: &str, guest: &str| Dir { host: host.into(), guest: guest.into() };
        let failure = world(vec![dir("/tmp", "/"), dir("/", "/")]).err().expect("refused");
        assert_eq!(failure.code, 2);
        assert!(failure.text.starts_with("/tmp and / would both be / for the guest"), "{}", failure.text);
        assert!(world(vec![dir("/tmp", "/"), dir("/tmp", "/"), dir("/tmp", "/b")]).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_directory_comes_with_what_helps() {
        for (host, help) in [
            ("/no/such", "make it first, or correct --dir"),
            ("/proc/version", "name the one that it is in"),
            ("/tmp:/data", "two colons stand between HOST and GUEST: --dir /tmp::/data"),
        ] {
            let failure = world(vec![Dir { host: host.into(), guest: "/".into() }]).err().expect("refused");
            assert!(
                failure.text.starts_with(&format!("cannot open the directory {host} (--dir): ")),
                "{}",
                failure.text
            );
            assert!(failure.text.contains(help), "{}", failure.text);
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let dirs = [Dir { host: "/".into(), guest: "/".into() }, Dir { host: "/no/such".into(), guest: ".".into() }];
        let failure = world(dirs.into()).err().map(|failure| failure.text);
        assert!(
            failure.as_ref().is_some_and(|text| text.starts_with("cannot open the directory /no/such")),
            "{failure:?}"
        );
    }
}
