//! The errors of an embedder's calls in words, each with what can be done about it.

use super::linker::{InstantiateError, Run};
use super::store::SpawnError;
use super::typed::CallError;
use core::error::Error;
use core::fmt::{Display, Formatter, Result};

impl Display for SpawnError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            SpawnError::TypeMismatch => {
                f.write_str("values of another number or type than the function's: see its type")
            }
            SpawnError::OutOfMemory(lack) => write!(f, "the arena has no room for a frame stack: {lack}"),
            SpawnError::NotWaiting => {
                f.write_str("the thread waits for no answer: resume it until it returns a host call")
            }
            SpawnError::UnknownFunction => {
                f.write_str("no function of this store: handles belong to the store that gave them")
            }
        }
    }
}

impl Display for Run {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Run::Finished => f.write_str("it finished"),
            Run::Trapped(trap) => write!(f, "trap: {trap}"),
            Run::OutOfFuel => f.write_str("the fuel is used up: run the thread again with more"),
            Run::Pending => f.write_str("a host function has no answer yet: run the thread again later"),
            Run::Exited(code) => write!(f, "the guest ended with code {code}"),
            Run::HostCall(call) => write!(f, "host function {} is in no table of the linker: answer it", call.id),
        }
    }
}

impl Display for InstantiateError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            InstantiateError::Link(error) => write!(f, "{error}"),
            InstantiateError::Spawn(error) => write!(f, "the start function cannot be called: {error}"),
            InstantiateError::Start(run) => write!(f, "the start function did not finish: {run}"),
        }
    }
}

impl Display for CallError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            CallError::NoSuchFunction => f.write_str("no function of this name and type: see the module's exports"),
            CallError::Spawn(error) => write!(f, "the call cannot begin: {error}"),
            CallError::Run(Run::Trapped(trap)) => write!(f, "trap: {trap}"),
            CallError::Run(run) => write!(f, "the call did not finish: {run}"),
        }
    }
}

impl Error for SpawnError {}
impl Error for InstantiateError {}
impl Error for CallError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{OutOfMemory, Trap};
    use std::string::ToString;

    #[test]
    fn errors_say_what_to_do() {
        let lack = OutOfMemory { missing_bytes: 64 };
        let told = CallError::Spawn(SpawnError::OutOfMemory(lack)).to_string();
        assert_eq!(
            told,
            "the call cannot begin: the arena has no room for a frame stack: out of memory: 64 bytes more are needed"
        );
        let told = InstantiateError::Start(Run::OutOfFuel).to_string();
        assert_eq!(told, "the start function did not finish: the fuel is used up: run the thread again with more");
        assert_eq!(CallError::Run(Run::Trapped(Trap::Unreachable)).to_string(), "trap: unreachable");
    }
}
