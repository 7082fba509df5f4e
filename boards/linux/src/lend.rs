//! What of this computer the command line lends to a guest: directories, and addresses to listen at. What a manifest does not
//! ask for is left out and told; what cannot be lent is refused with what would help.

use crate::{
    cli::Dir,
    message::{Failure, Plain, tell},
    source::shown,
};
use std::io;
use std::path::{Path, PathBuf};
use wasmote_board::policy::{Access, Request};
use wasmote_wasi_p1::Rights;

/// A directory for the guest: where it is, its name, and what may be done in it.
pub(crate) type Preopen = (PathBuf, String, Rights);

/// The directories of the command line that the module may have. One that its manifest does not ask for is left out, and
/// one that is asked for and not given is told.
pub(crate) fn preopens(dirs: &[Dir], request: Option<&Request>) -> (Vec<Dir>, Vec<Preopen>) {
    let Some(request) = request else {
        let all = dirs.iter().map(|dir| (dir.host.clone(), dir.guest.clone(), Rights::ALL));
        return (dirs.to_vec(), all.collect());
    };
    let (mut used, mut preopens) = (Vec::new(), Vec::new());
    for asked in &request.directories {
        let Some(dir) = dirs.iter().find(|dir| dir.guest == asked.path.as_str()) else {
            let path = Plain(&asked.path);
            tell(format_args!(
                "wasmote: module {}: directory {path}: not given (--dir HOST::{path})",
                Plain(&request.module)
            ));
            continue;
        };
        let rights = match asked.access {
            Access::Read => Rights::READ_ONLY,
            Access::Write => Rights::ALL,
        };
        preopens.push((dir.host.clone(), dir.guest.clone(), rights));
        used.push(dir.clone());
    }
    for dir in dirs.iter().filter(|dir| !used.contains(dir)) {
        tell(format_args!("wasmote: module {}: directory {}: not granted", Plain(&request.module), Plain(&dir.guest)));
    }
    (used, preopens)
}

/// Two directories of one name: a guest would only reach one of them.
pub(crate) fn refuse_twins(dirs: &[Dir]) -> Result<(), Failure> {
    for (index, dir) in dirs.iter().enumerate() {
        if let Some(twin) = dirs[..index].iter().find(|twin| twin.guest == dir.guest && twin.host != dir.host) {
            let (one, other, name) = (shown(&twin.host), shown(&dir.host), Plain(&dir.guest));
            return Err(Failure::usage(format!(
                "{one} and {other} would both be {name} for the guest, which would reach only one of them: give them two names, \
                 such as --dir {one}::{name} --dir {other}::/other"
            )));
        }
    }
    Ok(())
}

/// Why a directory of the command line cannot be lent, and what would help.
pub(crate) fn cannot_lend(dir: Option<&Dir>, error: &io::Error) -> Failure {
    let Some(dir) = dir else { return Failure::new(Plain(&error.to_string()).to_string()) };
    let text = dir.host.to_string_lossy();
    let halves = text.split_once(':').filter(|(host, guest)| !guest.is_empty() && Path::new(host).is_dir());
    let help = match (error.kind(), halves) {
        (io::ErrorKind::NotFound, Some((host, guest))) => {
            format!("; two colons stand between HOST and GUEST: --dir {}::{}", Plain(host), Plain(guest))
        }
        (io::ErrorKind::NotFound, None) => "; make it first, or correct --dir HOST[::GUEST]".into(),
        (io::ErrorKind::NotADirectory, _) => "; a guest is lent directories: name the one that it is in".into(),
        (io::ErrorKind::PermissionDenied, _) => "; whoever runs wasmote must be allowed to read it".into(),
        _ => String::new(),
    };
    let why = error.to_string();
    Failure::new(format!("cannot open the directory {} (--dir): {}{help}", shown(&dir.host), Plain(&why)))
}

/// The addresses at which a module may listen: none if it has a manifest, which cannot ask for that, and that is told.
pub(crate) fn permitted<'a>(addresses: &'a [String], request: Option<&Request>) -> &'a [String] {
    let Some(request) = request else { return addresses };
    for address in addresses {
        let (module, address) = (Plain(&request.module), Plain(address));
        tell(format_args!("wasmote: module {module}: listening at {address}: not granted"));
    }
    &[]
}
