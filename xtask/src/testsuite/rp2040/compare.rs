//! A run on the emulated chip against one of the simulated board: what each part says, in order, and about when.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use wasmote_tests::rp2040::{Said, timed};

/// The chip starts later than the simulation, computes at its own speed, and its emulated buses take no time.
const APART_NS: u64 = 80_000_000;

/// What parts say, by part.
type Subjects = BTreeMap<String, Vec<(u64, String)>>;

/// An error names the first line that differs.
pub(super) fn with(expected: &str, said: &Said) -> Result<()> {
    let expected = subjects(expected.lines().filter_map(timed));
    let got = subjects(said.lines.iter().cloned());
    let names = |subjects: &Subjects| subjects.keys().cloned().collect::<Vec<_>>();
    ensure!(
        names(&expected) == names(&got),
        "{:?} took part, not {:?}; the firmware said {:?}",
        names(&got),
        names(&expected),
        said.notes
    );
    for (name, lines) in &expected {
        let got = &got[name];
        for (n, (at_ns, text)) in lines.iter().enumerate() {
            let Some((got_ns, got_text)) = got.get(n) else {
                anyhow::bail!("{name}: {} lines instead of {}; missing: {text}", got.len(), lines.len());
            };
            ensure!(agree(name, text, got_text), "{name}: {got_text} instead of {text}");
            ensure!(got_ns.abs_diff(*at_ns) <= APART_NS, "{name}: {text}: at {got_ns} ns instead of {at_ns}");
        }
        ensure!(got.len() == lines.len(), "{name}: {} lines instead of {}", got.len(), lines.len());
    }
    Ok(())
}

/// Lines by their subject; what is repeated at once counts once, since how often depends on the time that transfers take.
fn subjects(lines: impl Iterator<Item = (u64, String)>) -> Subjects {
    let mut subjects = Subjects::new();
    for (at_ns, line) in lines {
        let (subject, text) = match line.split_at_checked(12) {
            Some((subject, text)) => (subject.trim().to_owned(), text.trim().to_owned()),
            None => continue,
        };
        if subject.is_empty() || subject == "input" {
            continue;
        }
        let said = subjects.entry(subject).or_default();
        if said.last().is_none_or(|(_, last)| *last != text) {
            said.push((at_ns, text));
        }
    }
    subjects
}

/// The simulated controller tells what its driver sent and kept; on the wires every byte goes both ways.
fn agree(subject: &str, expected: &str, got: &str) -> bool {
    match (subject == "flash").then(|| (exchange(expected), exchange(got))) {
        Some((Some((sent, kept)), Some((wire_out, wire_in)))) => {
            starts(&wire_out, &sent) && ends(&wire_in, &kept, &sent, wire_out.len)
        }
        _ => expected == got,
    }
}

/// Bytes as they are told: the first ones, and how many there are.
struct Shown {
    bytes: Vec<String>,
    len: usize,
}

fn exchange(text: &str) -> Option<(Shown, Shown)> {
    let (sent, received) = text.strip_prefix("sent ")?.split_once(", received ")?;
    Some((shown(sent), shown(received)))
}

fn shown(text: &str) -> Shown {
    let (bytes, rest) = text.split_once(" ... ").unwrap_or((text, ""));
    let bytes: Vec<String> = bytes.split(' ').filter(|word| word.len() == 2).map(str::to_owned).collect();
    let count = rest.trim_matches(['(', ')']).split(' ').next().and_then(|number| number.parse().ok());
    Shown { len: count.unwrap_or(bytes.len()), bytes }
}

fn starts(wire: &Shown, sent: &Shown) -> bool {
    wire.bytes.iter().zip(&sent.bytes).all(|(a, b)| a == b) && sent.len <= wire.len
}

/// What was kept is the wire's from some byte on: from the first, or from the end of what was sent.
fn ends(wire: &Shown, kept: &Shown, sent: &Shown, len: usize) -> bool {
    let from = len - kept.len.min(len);
    (from == 0 || from == sent.len || kept.len == 0)
        && wire.bytes.iter().skip(from).zip(&kept.bytes).all(|(a, b)| a == b)
}
