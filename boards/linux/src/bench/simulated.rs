//! The simulated board of a run.

use crate::{
    cli::{BoardArgs, Pace},
    message::{Failure, Plain},
    source::shown,
    wasi::{self, LinuxHost},
};
use std::{
    fs::File,
    io::{self, BufWriter},
};
use wasmote_board_sim::{Setup, SimBoard, Simulation, Waited, script};
use wasmote_wasi_embedded::Blocked;
use wasmote_wasi_p1::Wasi;

/// Simulated parts and the world around them.
pub(crate) struct Simulated {
    /// Time and what is told.
    pub(crate) simulation: Simulation,
    /// The devices.
    pub(crate) board: SimBoard,
}

impl Default for Simulated {
    /// A silent board.
    fn default() -> Simulated {
        Simulated::with(Simulation::new(Setup::default()))
    }
}

impl Simulated {
    /// The board that the command line describes.
    pub(crate) fn new(args: &BoardArgs) -> Result<Simulated, Failure> {
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
        Ok(Simulated::with(simulation))
    }

    fn with(simulation: Simulation) -> Simulated {
        let board = SimBoard::new(&simulation);
        Simulated { simulation, board }
    }

    /// Lets time pass until what the guest waits for may be there: what its hardware call waits for, or else its WASI call.
    pub(crate) fn wait(&self, blocked: Option<Blocked>, wasi: &mut Wasi<LinuxHost>) -> io::Result<Waited> {
        if let Some(blocked) = blocked {
            // Analog values too change only by inputs.
            return Ok(self.simulation.wait(blocked.deadline_ns));
        }
        let Some(blocked) = wasi.blocked() else { return Ok(Waited::Look) };
        let is_real = self.simulation.pace() == wasmote_board_sim::Pace::Real;
        let waits_for_input = blocked.deadline_ns.is_none() && wasi.sources().next().is_some();
        if is_real || waits_for_input {
            return wasi::wait(wasi).map(|()| Waited::Look);
        }
        if wasi::is_ready(wasi)? {
            return Ok(Waited::Look);
        }
        Ok(self.simulation.wait(blocked.deadline_ns))
    }

    /// Lets time pass until `at_ns` on the board's clock; is the power still on?
    pub(crate) fn sleep_until(&self, at_ns: u64) -> bool {
        while self.simulation.now_ns() < at_ns {
            if self.simulation.wait(Some(at_ns)) == Waited::Stopped {
                return false;
            }
        }
        !self.simulation.is_stopped()
    }

    /// Writes the rest of lines and trace.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        let written = self.simulation.finish();
        written.map_err(|error| Failure::new(format!("cannot write what happened on the board: {error}")))
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        // A run that failed still leaves its trace; its own failure is what is told.
        let _ = self.simulation.finish();
    }
}
