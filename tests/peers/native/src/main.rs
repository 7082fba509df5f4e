//! The programs themselves, compiled for this machine: what interpretation costs. Those in C are compiled by `build.rs`.

use wasmote_peer::{Error, Peer, Program, serve};
use wasmote_workloads::WORKLOADS;

unsafe extern "C" {
    safe fn c_fixed(rounds: u32) -> u32;
    safe fn c_machine(rounds: u32) -> u32;
    safe fn c_pointers(rounds: u32) -> u32;
    safe fn c_wave(rounds: u32) -> u32;
}

/// The programs in C.
const IN_C: [(&str, extern "C" fn(u32) -> u32); 4] =
    [("c_fixed", c_fixed), ("c_machine", c_machine), ("c_pointers", c_pointers), ("c_wave", c_wave)];

struct Native;

fn main() {
    serve(Native);
}

impl Peer for Native {
    fn load(&self, name: &str, _wasm: &[u8]) -> Result<Program, Error> {
        if let Some((_, run)) = IN_C.iter().find(|(in_c, _)| *in_c == name) {
            return Ok(Box::new(|rounds| Ok(run(rounds))));
        }
        let workload = WORKLOADS.iter().find(|workload| workload.name == name).ok_or("not built natively")?;
        Ok(Box::new(|rounds| Ok((workload.run)(rounds))))
    }

    fn prepare(&mut self, _wasm: &[u8]) -> Result<(), Error> {
        Err("there is nothing to prepare".into())
    }
}
