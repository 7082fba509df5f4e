//! What a module may use of the board: its manifest, the board's policy, and what both give together.
//!
//! Without either it may use everything of the simulated board: nobody's is at stake. A policy alone grants all that it
//! allows.

use crate::{
    cli::BoardArgs,
    message::{Failure, Plain, tell},
    source::shown,
};
use std::path::Path;
use wasmote_board::policy::text::{self, Place};
use wasmote_board::policy::{Grant, Label, Policy, Request};
use wasmote_wasi_embedded::{Address, Class, Denied, Everything, Grants, Settings};

/// What a module may use.
#[derive(Clone, Debug)]
pub(crate) enum Permit {
    /// All that the board has.
    Everything,
    /// This; and where it is, by the policy.
    Granted(Box<Grant>, Vec<Place>),
}

impl Permit {
    /// As the files of the command line have it, for a module in the file `file`; what is refused is told by name.
    pub(crate) fn of(args: &BoardArgs, file: &Path) -> Result<Permit, Failure> {
        let request = args.manifest.as_deref().map(|path| read(path, text::request)).transpose()?;
        let policy = args.policy.as_deref().map(|path| read(path, text::policy_with_places)).transpose()?;
        let (grant, places) = match (request, policy) {
            (None, None) => return Ok(Permit::Everything),
            (None, Some((policy, places))) => (Grant::whole(policy.to_request(name(file))), places),
            (Some(request), None) => (Grant::whole(request), Vec::new()),
            (Some(request), Some((policy, places))) => (intersection(request, &policy), places),
        };
        Ok(Permit::Granted(Box::new(grant), places))
    }

    /// Where the policy says that its labels are.
    pub(crate) fn places(&self) -> &[Place] {
        match self {
            Permit::Everything => &[],
            Permit::Granted(_, places) => places,
        }
    }

    /// What is granted, if it is not everything.
    pub(crate) fn granted(&self) -> Option<&Request> {
        match self {
            Permit::Everything => None,
            Permit::Granted(grant, _) => Some(grant.granted()),
        }
    }
}

/// What both give; what is refused is told.
fn intersection(request: Request, policy: &Policy) -> Grant {
    let module = request.module.clone();
    Grant::new(request, policy, |refused| {
        tell(format_args!("wasmote: module {}: {}", Plain(&module), Plain(&refused.to_string())));
    })
}

/// The name of a module without a manifest: its file's, as far as it fits.
fn name(file: &Path) -> Label {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut label = Label::new();
    for c in stem.chars() {
        if label.push(c).is_err() {
            break;
        }
    }
    label
}

fn read<T>(path: &Path, parse: impl Fn(&str) -> Result<T, text::TextError>) -> Result<T, Failure> {
    let content =
        std::fs::read_to_string(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(path))))?;
    parse(&content).map_err(|error| Failure::new(format!("{}: {error}", shown(path))))
}

impl Grants for Permit {
    fn open(&self, class: Class, label: &str) -> Result<Settings, Denied> {
        match self {
            Permit::Everything => Everything.open(class, label),
            Permit::Granted(grant, _) => grant.open(class, label),
        }
    }

    fn address(&self, label: &str, address: Address) -> bool {
        match self {
            Permit::Everything => Everything.address(label, address),
            Permit::Granted(grant, _) => grant.address(label, address),
        }
    }

    fn max_transfer_bytes(&self) -> u32 {
        match self {
            Permit::Everything => Everything.max_transfer_bytes(),
            Permit::Granted(grant, _) => grant.max_transfer_bytes(),
        }
    }
}
