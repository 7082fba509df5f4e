//! Arguments and environment, as the command line gives them.

use wasmote_wasi_p1::capability;

/// The arguments, and the variables as `NAME=value`.
pub(crate) struct Program {
    arguments: Vec<String>,
    variables: Vec<String>,
}

impl Program {
    pub(crate) fn new(arguments: Vec<String>, variables: Vec<(String, String)>) -> Program {
        let variables = variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        Program { arguments, variables }
    }
}

impl capability::Program for Program {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        self.arguments.get(index).map(|text| text.as_bytes())
    }

    fn variable(&self, index: usize) -> Option<&[u8]> {
        self.variables.get(index).map(|text| text.as_bytes())
    }
}
