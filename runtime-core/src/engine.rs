//! The choices that all modules and stores of an embedder share.

/// How the machine goes from one operation to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dispatch {
    /// One function with a jump table.
    Loop,
    /// Each operation is a function that ends in a jump to the next. The best on large cores; needs optimisation.
    TailCall,
    /// Each operation is a function that returns to a loop. Works without optimisation.
    Trampoline,
    /// A loop that fetches each operation's operands by its form: the smallest. On Arm's and RISC-V's microcontrollers
    /// frequent operations are done in assembly before it is asked.
    Compact,
}

impl Dispatch {
    /// The dispatchers that this build contains, the default one first.
    pub const ALL: &[Dispatch] = {
        #[cfg(all(wasmote_optimised, not(wasmote_small)))]
        {
            &[Dispatch::TailCall, Dispatch::Loop, Dispatch::Trampoline, Dispatch::Compact]
        }
        #[cfg(all(not(wasmote_optimised), not(wasmote_small)))]
        {
            &[Dispatch::Trampoline, Dispatch::Loop, Dispatch::Compact]
        }
        #[cfg(wasmote_small)]
        {
            &[Dispatch::Compact]
        }
    };
}

/// What an embedder chooses.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Fold operands, destinations and conditions into operations. Off, each WebAssembly instruction becomes an operation
    /// of its own, with the same results and the same fuel: for debugging, and to test the folding.
    pub folding: bool,
    /// Accept more than one memory in a module (the multi-memory proposal). WebAssembly 2.0 alone refuses it.
    pub multi_memory: bool,
    /// How to dispatch; one of `Dispatch::ALL`.
    pub dispatch: Dispatch,
}

impl Default for Config {
    fn default() -> Config {
        let dispatch = match Dispatch::ALL {
            [first, ..] => *first,
            [] => Dispatch::Compact,
        };
        Config { folding: true, multi_memory: true, dispatch }
    }
}

/// The choices, fixed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engine {
    config: Config,
}

impl Engine {
    /// An engine with these choices. A dispatcher that the build does not contain is replaced by the default one.
    pub fn new(config: Config) -> Engine {
        let dispatch =
            if Dispatch::ALL.contains(&config.dispatch) { config.dispatch } else { Config::default().dispatch };
        Engine { config: Config { dispatch, ..config } }
    }

    /// The choices.
    pub fn config(&self) -> Config {
        self.config
    }
}
