//! The board of a run, made by the command line and used by the guest: simulated parts, which tell on standard output what
//! happens to them, or the hardware of this machine.

mod simulated;

use crate::{
    cli::{BoardArgs, BoardKind},
    devices::LinuxBoard,
    message::{Failure, Plain, tell},
    permit::Permit,
    source::shown,
    wasi::{self, LinuxHost},
};
pub(crate) use simulated::Simulated;
use std::io;
use wasmote_board_sim::Waited;
use wasmote_wasi_embedded::{Board, Hardware, Slot};
use wasmote_wasi_p1::Wasi;

/// Handles of a guest: more than a policy has labels.
pub(crate) type Slots = [Slot; 64];

/// A board with a guest's hardware state.
pub(crate) struct Bench {
    site: Site,
    /// The guest's handles and grants.
    pub(crate) hardware: Hardware<Permit, Slots>,
}

/// Where the board is.
enum Site {
    /// In this program.
    Simulated(Simulated),
    /// This machine.
    Linux(LinuxBoard),
}

impl Default for Bench {
    /// A silent board on which everything is allowed.
    fn default() -> Bench {
        Bench::with(Site::Simulated(Simulated::default()), "", Permit::Everything)
    }
}

impl Bench {
    /// The board that the command line describes, for the module in the file of this name.
    pub(crate) fn new(args: &BoardArgs, file: &str, permit: Permit) -> Result<Bench, Failure> {
        let site = match args.kind {
            BoardKind::Sim => Site::Simulated(Simulated::new(args)?),
            BoardKind::Linux => Site::Linux(this_machine(args, &permit)?),
        };
        let module = permit.granted().map_or(file.to_string(), |request| request.module.to_string());
        Ok(Bench::with(site, &module, permit))
    }

    fn with(site: Site, module: &str, permit: Permit) -> Bench {
        Bench { site, hardware: Hardware::new(module, permit, [Slot::FREE; 64]) }
    }

    /// The simulated board, if it is one.
    pub(crate) fn simulated(&self) -> Option<&Simulated> {
        match &self.site {
            Site::Simulated(simulated) => Some(simulated),
            Site::Linux(_) => None,
        }
    }

    /// What the host functions work on.
    pub(crate) fn parts(&mut self) -> (&mut Hardware<Permit, Slots>, &mut (dyn Board + 'static)) {
        let board: &mut dyn Board = match &mut self.site {
            Site::Simulated(simulated) => &mut simulated.board,
            Site::Linux(board) => board,
        };
        (&mut self.hardware, board)
    }

    /// Lets time pass until what the guest waits for may be there, in its hardware or elsewhere.
    pub(crate) fn wait(&mut self, wasi: &mut Wasi<LinuxHost>) -> io::Result<Waited> {
        let blocked = self.hardware.blocked();
        match (&mut self.site, blocked) {
            (Site::Simulated(simulated), blocked) => simulated.wait(blocked, wasi),
            (Site::Linux(board), Some(blocked)) => board.wait(blocked),
            (Site::Linux(board), None) => {
                wasi::wait_until(wasi, board.stop_ns())?;
                Ok(if board.is_stopped() { Waited::Stopped } else { Waited::Look })
            }
        }
    }

    /// Lets time pass until `at_ns` after the start; is the board still on?
    pub(crate) fn sleep_until(&mut self, at_ns: u64) -> bool {
        match &mut self.site {
            Site::Simulated(simulated) => simulated.sleep_until(at_ns),
            Site::Linux(board) => board.sleep_until(at_ns).unwrap_or_else(|error| {
                tell(format_args!("wasmote: cannot sleep: {error}"));
                false
            }),
        }
    }

    /// Tells what was just refused, or does not work; is the board still on?
    pub(crate) fn look(&mut self) -> bool {
        if let Some(refusal) = self.hardware.take_refusal() {
            let text = refusal.text(self.hardware.module());
            tell(format_args!("wasmote: {}", Plain(&text)));
        }
        match &self.site {
            Site::Simulated(simulated) => !simulated.simulation.is_stopped(),
            Site::Linux(board) => {
                board.take_notes().iter().for_each(|note| tell(format_args!("wasmote: {}", plain_note(note))));
                !board.is_stopped()
            }
        }
    }

    /// Takes the devices from the guest, and writes the rest of lines and trace.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        let (hardware, board) = self.parts();
        hardware.close_all(board);
        match &self.site {
            Site::Simulated(simulated) => simulated.finish(),
            Site::Linux(_) => Ok(()),
        }
    }
}

/// A note without control characters. It is whole, however long: what to do stands at its end.
fn plain_note(note: &str) -> String {
    note.chars().filter(|c| !c.is_control()).collect()
}

/// This machine, with the labels of the policy.
fn this_machine(args: &BoardArgs, permit: &Permit) -> Result<LinuxBoard, Failure> {
    let simulated_only =
        [("--script", args.script.is_some()), ("--trace", args.trace.is_some()), ("--pace", args.pace.is_some())];
    if let Some((option, _)) = simulated_only.iter().find(|(_, is_given)| *is_given) {
        return Err(Failure::usage(format!("{option} is for the simulated board; leave it out with --board linux")));
    }
    let Some(policy) = &args.policy else {
        return Err(Failure::usage(
            "--board linux needs --policy FILE, which says what the labels stand for and what the module may have; \
             `wasmote devices --draft` writes one for this machine",
        ));
    };
    Ok(LinuxBoard::new(permit.places().to_vec(), &shown(policy), args.stop_ns))
}
