//! Failures and how they are told: one clear message, and the exit code that goes with it.
//!
//! Names and messages that come out of a module are an attacker's text. Whatever of it reaches a terminal through
//! wasmote's own messages has gone through [`Plain`]; only the guest's own output is passed on as it is.

use std::{
    fmt::{self, Display, Formatter, Write as _},
    io::{self, Write as _},
};

/// Exit code: the run, the file or the module failed in a way that no other code names.
pub(crate) const EXIT_FAILURE: u8 = 1;
/// Exit code: the command line cannot be followed.
pub(crate) const EXIT_USAGE: u8 = 2;
/// Exit code: the fuel of `--fuel` is used up (what `timeout` says when the time is).
pub(crate) const EXIT_OUT_OF_FUEL: u8 = 124;
/// Exit code: the guest trapped (what a shell says of a program that aborted).
pub(crate) const EXIT_TRAP: u8 = 134;

/// The part of `--help` that promises the exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  the guest's own, if the guest ends by itself (255 for greater ones)
  1    a file cannot be read, a module would not run, a log does not fit
  2    the command line cannot be followed
  124  out of fuel
  134  the guest trapped";

/// Why a command ends early: what a person reads, and what a script sees.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: u8,
    /// What happened, where, and what can be done; without a newline at the end.
    pub(crate) text: String,
}

impl Failure {
    /// A failure with the code 1.
    pub(crate) fn new(text: impl Into<String>) -> Failure {
        Failure { code: EXIT_FAILURE, text: text.into() }
    }

    /// A mistake in the command line.
    pub(crate) fn usage(text: impl Into<String>) -> Failure {
        Failure { code: EXIT_USAGE, text: text.into() }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writes a line to standard error. That nobody reads it is no reason to end otherwise.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The most characters of an untrusted name that are shown.
const SHOWN_CHARS: usize = 200;

/// Untrusted text, shown without its power: control characters and those that change the direction of text are escaped,
/// and what is longer than 200 characters is cut.
pub(crate) struct Plain<'t>(pub(crate) &'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(SHOWN_CHARS) {
            if is_dangerous(c) {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                f.write_char(c)?;
            }
        }
        match chars.count() {
            0 => Ok(()),
            more => write!(f, "... ({more} characters more)"),
        }
    }
}

/// Can this character move the cursor, hide or reorder text?
fn is_dangerous(c: char) -> bool {
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    let is_invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    let is_direction =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_separator || is_invisible || is_direction
}

/// Untrusted text of several lines: each line is [`Plain`].
pub(crate) fn plain_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| Plain(line).to_string()).collect();
    lines.join("\n")
}

/// A number of bytes as people say it: exact below 10 KiB, rounded to tenths above.
pub(crate) struct Bytes(pub(crate) u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const KIB: u64 = 1024;
        const MIB: u64 = 1024 * KIB;
        match self.0 {
            bytes if bytes < 10 * KIB => write!(f, "{bytes} bytes"),
            bytes if bytes < 10 * MIB => write!(f, "{} KiB", tenths(bytes, KIB)),
            bytes => write!(f, "{} MiB", tenths(bytes, MIB)),
        }
    }
}

/// `bytes / unit` with one decimal, if it is not 0.
fn tenths(bytes: u64, unit: u64) -> String {
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(Plain("a\u{1b}[31mred\r\n\u{9b}0m").to_string(), "a\\u{1b}[31mred\\u{d}\\u{a}\\u{9b}0m");
    }

    #[test]
    fn direction_overrides_and_invisible_characters_are_shown() {
        assert_eq!(Plain("x\u{202e}y\u{200b}z\u{2066}").to_string(), "x\\u{202e}y\\u{200b}z\\u{2066}");
    }

    #[test]
    fn ordinary_text_of_any_language_stays() {
        assert_eq!(Plain("größe 大小 λ").to_string(), "größe 大小 λ");
    }

    #[test]
    fn a_megabyte_of_name_is_cut() {
        let shown = Plain(&"n".repeat(1 << 20)).to_string();
        assert!(shown.starts_with(&"n".repeat(200)));
        assert!(shown.ends_with("... (1048376 characters more)"));
    }

    #[test]
    fn lines_of_untrusted_text_stay_lines() {
        assert_eq!(plain_lines("a\u{7}\nb"), "a\\u{7}\nb");
    }

    #[test]
    fn bytes_are_exact_when_small_and_rounded_when_large() {
        let said: Vec<String> = [0, 1, 10239, 10240, 65536, 1_600_000, 64 << 20].map(|n| Bytes(n).to_string()).into();
        assert_eq!(said, ["0 bytes", "1 bytes", "10239 bytes", "10 KiB", "64 KiB", "1562.5 KiB", "64 MiB"]);
    }
}
