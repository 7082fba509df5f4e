//! A trap as people read it: the reason, then the frames, the innermost first.

use crate::message::Plain;
use std::fmt::{self, Display, Formatter, Write};
use wasmote::{Store, Thread, Trap};

/// Innermost and outermost frames that are shown; those between are counted.
const SHOWN_INNER: usize = 32;
const SHOWN_OUTER: usize = 8;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Index of the function in its module, imports included.
    pub(crate) func_index: u32,
    /// Byte offset in the module of the instruction that it was at, if it could be found.
    pub(crate) offset: Option<u32>,
    /// Its name, if the name section has one.
    pub(crate) name: Option<String>,
}

impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "function {}", self.func_index)?;
        if let Some(name) = &self.name {
            write!(f, " <{name}>")?;
        }
        self.offset.map_or(Ok(()), |offset| write!(f, " at byte {offset:#x}"))
    }
}

/// The frames of a thread that stopped. `scratch` must hold the largest function's preparation once more.
pub(crate) fn frames(store: &Store<'_>, thread: Thread, scratch: &mut [u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    store.backtrace(thread, scratch, &mut |frame| {
        frames.push(Frame {
            func_index: frame.func_index,
            offset: frame.offset,
            name: frame.name.map(|name| Plain(name).to_string()),
        });
    });
    frames
}

/// What is printed of a trap, without a newline at the end.
pub(crate) fn describe(trap: Trap, frames: &[Frame]) -> String {
    let mut text = match trap {
        Trap::Host(code) => format!("trap: {} (code {code})", trap.message()),
        _ => format!("trap: {}", trap.message()),
    };
    let hidden = frames.len().saturating_sub(SHOWN_INNER + SHOWN_OUTER);
    for (number, frame) in frames.iter().enumerate() {
        if hidden != 0 && number == SHOWN_INNER {
            let _ = write!(text, "\n  ... {hidden} frames more");
        }
        if number < SHOWN_INNER || number >= SHOWN_INNER + hidden {
            let _ = write!(text, "\n  {number}: {frame}");
        }
    }
    match trap {
        Trap::OutOfMemory | Trap::StackOverflow => text + "\n  the arena is full: --memory gives more",
        _ => text,
    }
}

/// What is printed when fuel has run out, with the place where it did.
pub(crate) fn describe_out_of_fuel(limit: Option<u64>, frames: &[Frame]) -> String {
    let place = frames.first().map_or(String::new(), |frame| format!(" in {frame}"));
    let limit = limit.unwrap_or(u64::MAX);
    format!("out of fuel{place}: the {limit} units of --fuel are used up; give more, or leave it out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(func_index: u32, name: Option<&str>) -> Frame {
        Frame { func_index, offset: Some(0x10 + func_index), name: name.map(str::to_string) }
    }

    #[test]
    fn frames_have_index_name_and_offset() {
        let text = describe(Trap::Unreachable, &[frame(2, Some("f")), frame(1, None)]);
        assert_eq!(text, "trap: unreachable\n  0: function 2 <f> at byte 0x12\n  1: function 1 at byte 0x11");
    }

    #[test]
    fn a_deep_recursion_is_not_printed_whole() {
        let frames: Vec<Frame> = (0..1000).map(|index| frame(index, None)).collect();
        let text = describe(Trap::StackOverflow, &frames);
        assert_eq!(text.lines().count(), 1 + SHOWN_INNER + 1 + SHOWN_OUTER + 1);
        assert!(text.contains("\n  31: function 31 at byte 0x2f\n  ... 960 frames more\n  992: function 992"));
        assert!(text.ends_with("--memory gives more"));
    }

    #[test]
    fn fuel_runs_out_somewhere() {
        let text = describe_out_of_fuel(Some(7), &[frame(2, Some("f")), frame(1, None)]);
        assert!(text.starts_with("out of fuel in function 2 <f> at byte 0x12: the 7 units of --fuel"), "{text}");
        assert!(describe_out_of_fuel(Some(0), &[]).starts_with("out of fuel: the 0 units"));
    }

    #[test]
    fn exactly_as_many_frames_as_are_shown_hide_none() {
        let frames: Vec<Frame> = (0..40).map(|index| frame(index, None)).collect();
        assert!(!describe(Trap::Unreachable, &frames).contains("more"));
    }
}
