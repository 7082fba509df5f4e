//! The simulated board of a run: made by the command line, used by the guest, told about on standard output.

use crate::{
    cli::{BoardArgs, Pace},
    message::{Failure, Plain, tell},
    permit::Permit,
    source::shown,
};
use std::{
    fs::File,
    io::{self, BufWriter},
};
use wasmote_board_sim::{Setup, SimBoard, Simulation, script};
use wasmote_wasi_embedded::{Hardware, Slot};

/// Handles of a guest: more than the board has lines.
pub(crate) type Slots = [Slot; 64];

/// A board with a guest's hardware state.
pub(crate) struct Bench {
    /// Time and what is told.
    pub(crate) simulation: Simulation,
    /// The devices.
    pub(crate) board: SimBoard,
    /// The guest's handles and grants.
    pub(crate) hardware: Hardware<Permit, Slots>,
}

impl Default for Bench {
    /// A silent board on which everything is allowed.
    fn default() -> Bench {
        Bench::with(Simulation::new(Setup::default()), "", Permit::Everything)
    }
}

impl Bench {
    /// The board that the command line describes, for the module in the file of this name.
    pub(crate) fn new(args: &BoardArgs, file: &str, permit: Permit) -> Result<Bench, Failure> {
        let mut script = match &args.script {
            None => Vec::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(path))))?;
                script::parse(&text)
                    .map_err(|error| Failure::new(format!("{}: {}", shown(path), Plain(&error.to_string()))))?
            }
        };
        if let Some(stop_ns) = args.stop_ns {
            script.retain(|event| event.at_ns <= stop_ns);
            script.push(script::Event { at_ns: stop_ns, input: script::Input::Stop });
        }
        let scripted = args.script.is_some() || args.stop_ns.is_some();
        let pace = match args.pace {
            Some(Pace::Virtual) => wasmote_board_sim::Pace::Virtual,
            Some(Pace::Real) => wasmote_board_sim::Pace::Real,
            None if scripted => wasmote_board_sim::Pace::Virtual,
            None => wasmote_board_sim::Pace::Real,
        };
        let simulation = Simulation::new(Setup { pace, script, ..Setup::default() });
        if !args.quiet {
            simulation.tell(Box::new(io::stdout()));
        }
        if let Some(path) = &args.trace {
            let failed = |error: io::Error| Failure::new(format!("cannot write {}: {error}", shown(path)));
            let file = File::create(path).map_err(failed)?;
            simulation.trace(Box::new(BufWriter::new(file))).map_err(failed)?;
        }
        let module = permit.granted().map_or(file.to_string(), |request| request.module.to_string());
        Ok(Bench::with(simulation, &module, permit))
    }

    fn with(simulation: Simulation, module: &str, permit: Permit) -> Bench {
        let board = SimBoard::new(&simulation);
        Bench { simulation, board, hardware: Hardware::new(module, permit, [Slot::FREE; 64]) }
    }

    /// Tells what was just refused, if anything was.
    pub(crate) fn tell_refusal(&mut self) {
        if let Some(refusal) = self.hardware.take_refusal() {
            let text = refusal.text(self.hardware.module());
            tell(format_args!("wasmote: {}", Plain(&text)));
        }
    }

    /// Takes the devices from the guest, and writes the rest of lines and trace.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.hardware.close_all(&mut self.board);
        let written = self.simulation.finish();
        written.map_err(|error| Failure::new(format!("cannot write what happened on the board: {error}")))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A run that failed still leaves its trace; its own failure is what is told.
        let _ = self.simulation.finish();
    }
}
