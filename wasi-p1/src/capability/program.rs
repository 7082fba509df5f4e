//! The capability of being told something at the start: arguments and environment.

/// The arguments and the environment of a guest.
pub trait Program {
    /// Argument `index`, the program's name first; `None` after the last. It must not contain a NUL.
    fn argument(&self, index: usize) -> Option<&[u8]>;
    /// Variable `index` as `NAME=value`; `None` after the last. It must not contain a NUL.
    fn variable(&self, index: usize) -> Option<&[u8]>;
}

/// Arguments and variables that live elsewhere, such as in the firmware.
#[derive(Clone, Copy, Default, Debug)]
pub struct Lent<'a> {
    /// The arguments, the program's name first.
    pub arguments: &'a [&'a str],
    /// The variables, each as `NAME=value`.
    pub variables: &'a [&'a str],
}

impl Program for Lent<'_> {
    fn argument(&self, index: usize) -> Option<&[u8]> {
        self.arguments.get(index).map(|text| text.as_bytes())
    }

    fn variable(&self, index: usize) -> Option<&[u8]> {
        self.variables.get(index).map(|text| text.as_bytes())
    }
}
