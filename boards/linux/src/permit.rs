//! What a module may use of the board: its manifest, the board's policy, and what both give together.
//!
//! Without either it may use everything: nobody's board is at stake.

use crate::{
    cli::BoardArgs,
    message::{Failure, Plain, tell},
    source::shown,
};
use std::path::Path;
use wasmote_board::policy::{Grant, Policy, Request, text};
use wasmote_wasi_embedded::{Address, Class, Denied, Everything, Grants, Settings};

/// What a module may use.
#[derive(Clone, Debug)]
pub(crate) enum Permit {
    /// All that the board has.
    Everything,
    /// This.
    Granted(Box<Grant>),
}

impl Permit {
    /// As the files of the command line have it; what is refused is told by name.
    pub(crate) fn of(args: &BoardArgs) -> Result<Permit, Failure> {
        let request = args.manifest.as_deref().map(|path| read(path, text::request)).transpose()?;
        let policy: Option<Policy> = args.policy.as_deref().map(|path| read(path, text::policy)).transpose()?;
        let grant = match (request, policy) {
            (None, None) => return Ok(Permit::Everything),
            (None, Some(_)) => {
                return Err(Failure::usage("a policy has nothing to allow without --manifest"));
            }
            (Some(request), None) => Grant::whole(request),
            (Some(request), Some(policy)) => {
                let module = request.module.clone();
                Grant::new(request, &policy, |refused| {
                    tell(format_args!("wasmote: module {}: {}", Plain(&module), Plain(&refused.to_string())));
                })
            }
        };
        Ok(Permit::Granted(Box::new(grant)))
    }

    /// What is granted, if it is not everything.
    pub(crate) fn granted(&self) -> Option<&Request> {
        match self {
            Permit::Everything => None,
            Permit::Granted(grant) => Some(grant.granted()),
        }
    }
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
            Permit::Granted(grant) => grant.open(class, label),
        }
    }

    fn address(&self, label: &str, address: Address) -> bool {
        match self {
            Permit::Everything => Everything.address(label, address),
            Permit::Granted(grant) => grant.address(label, address),
        }
    }

    fn max_transfer_bytes(&self) -> u32 {
        match self {
            Permit::Everything => Everything.max_transfer_bytes(),
            Permit::Granted(grant) => grant.max_transfer_bytes(),
        }
    }
}
