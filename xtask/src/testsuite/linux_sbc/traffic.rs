//! What a bus carries: by the kernel's own trace, and by what the simulated board told of the same module.

use crate::setup::process;
use anyhow::{Context, Result, ensure};

/// What the simulated board told of an example, a line for each event: its time, where, and what.
pub(super) struct Told(String);

impl Told {
    /// Of this example.
    pub(super) fn of(example: &str) -> Result<Told> {
        let path = process::root().join("wasi-embedded/guest/examples").join(format!("{example}.out"));
        std::fs::read_to_string(&path).with_context(|| path.display().to_string()).map(Told)
    }

    /// What was told of one thing, such as `serial` or `i2c0 0x48`.
    pub(super) fn about(&self, what: &str) -> Vec<String> {
        let (mut events, mut is_about): (Vec<String>, bool) = (Vec::new(), false);
        for line in self.0.lines() {
            let rest = line.trim_start().split_once("  ").map_or("", |(_, rest)| rest).trim_start();
            let more = rest.strip_prefix("the same ").and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
            match (more, rest.strip_prefix(what).filter(|rest| rest.starts_with(' '))) {
                (Some(count), _) if is_about => events.extend(events.last().cloned().into_iter().cycle().take(count)),
                (Some(_), _) => {}
                (None, event) => {
                    is_about = event.is_some();
                    events.extend(event.map(|event| event.trim_start().to_string()));
                }
            }
        }
        events
    }
}

/// Transfers on a bus in a trace, in the words of the simulated board: `write 00, read 15 00`.
pub(super) fn i2c(trace: &[String], bus: &str, address: u8) -> Vec<String> {
    let (mut transfers, mut parts) = (Vec::new(), Vec::new());
    let address = format!("a={address:03x}");
    for line in trace {
        let Some((event, rest)) = event(line, "i2c_", bus) else { continue };
        let is_here = rest.split(' ').any(|word| word == address);
        match event {
            "write" if is_here => parts.push(format!("write {}", bytes(rest))),
            "reply" if is_here => parts.push(format!("read {}", bytes(rest))),
            "result" if rest.contains("ret=-") => {
                parts.clear();
                transfers.push("no acknowledgement".to_string());
            }
            "result" => transfers.push(std::mem::take(&mut parts).join(", ")),
            _ => {}
        }
    }
    transfers
}

/// What was sent to a device in each transaction of a trace, in bytes: the first 16 of them.
pub(super) fn spi_sent(trace: &[String], device: &str) -> Vec<String> {
    let (mut messages, mut sent) = (Vec::new(), Vec::new());
    for line in trace {
        match event(line, "spi_", device) {
            Some(("transfer_start", rest)) => {
                let tx = rest.split("tx=[").nth(1).and_then(|tx| tx.split(']').next()).unwrap_or_default();
                sent.extend(tx.split('-').filter(|byte| !byte.is_empty()).map(str::to_string));
            }
            Some(("message_done", _)) => {
                let message: Vec<String> = std::mem::take(&mut sent);
                messages.push(message.iter().take(SHOWN_BYTES).cloned().collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
    }
    messages
}

/// Bytes of a transfer that the simulated board tells.
const SHOWN_BYTES: usize = 16;

/// An event of a kind that is about a device: its name after the kind, and what follows the device.
fn event<'l>(line: &'l str, kind: &str, device: &str) -> Option<(&'l str, &'l str)> {
    // A time, a colon, the event, a colon, the device.
    let (_, rest) = line.split_once(&format!(": {kind}"))?;
    let (event, rest) = rest.split_once(": ")?;
    let (of, rest) = rest.split_once(' ')?;
    (of == device).then_some((event, rest))
}

/// The bytes between brackets.
fn bytes(rest: &str) -> String {
    let bytes = rest.split('[').nth(1).and_then(|bytes| bytes.split(']').next());
    bytes.unwrap_or_default().replace('-', " ")
}

/// Are these the same transfers? What was told is cut after 16 bytes: `... (64 bytes)`.
pub(super) fn same(seen: &[String], told: &[String]) -> Result<()> {
    ensure!(seen.len() == told.len(), "{} transfers, where {} are told: {seen:#?}", seen.len(), told.len());
    for (n, (seen, told)) in seen.iter().zip(told).enumerate() {
        let start = told.split(" ...").next().unwrap_or_default();
        let is_cut = start.len() < told.len();
        ensure!(
            seen == told || (is_cut && seen.starts_with(start)),
            "transfer {}: `{seen}`, where `{told}` is told",
            n + 1
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_string).collect()
    }

    #[test]
    fn events_of_one_thing_are_told_with_their_repetitions() {
        let told = Told(
            " 0.1  led0   high\n 0.2  i2c0 0x3c  write 01\n 0.3   the same 2 times more\n 0.4  led0   low\n".into(),
        );
        assert_eq!(told.about("i2c0 0x3c"), ["write 01"; 3]);
        assert_eq!(told.about("led0"), ["high", "low"]);
    }

    #[test]
    fn a_trace_becomes_transfers() {
        let trace = lines(
            "  wasmote-116     [000] .....    15.751060: i2c_write: i2c-0 #0 a=048 f=0200 l=1 [00]\n\
             wasmote-116 [000] ..... 15.751175: i2c_read: i2c-0 #1 a=048 f=0201 l=2\n\
             wasmote-116 [000] ..... 15.767277: i2c_reply: i2c-0 #1 a=048 f=0201 l=2 [15-00]\n\
             wasmote-116 [000] ..... 15.767396: i2c_result: i2c-0 n=2 ret=2\n\
             wasmote-116 [000] ..... 16.1: i2c_write: i2c-1 #0 a=048 f=0200 l=1 [00]\n\
             wasmote-116 [000] ..... 16.2: i2c_result: i2c-0 n=2 ret=-6",
        );
        assert_eq!(i2c(&trace, "i2c-0", 0x48), ["write 00, read 15 00", "no acknowledgement"]);
    }

    #[test]
    fn a_trace_becomes_what_was_sent() {
        let trace = lines(
            "x: spi_transfer_start: spi0.0 (ptrval) len=4 tx=[03-00-20-00] rx=[]\n\
             x: spi_transfer_start: spi0.0 (ptrval) len=2 tx=[] rx=[00-02]\n\
             x: spi_message_done: spi0.0 (ptrval) len=6/6",
        );
        assert_eq!(spi_sent(&trace, "spi0.0"), ["03 00 20 00"]);
    }

    #[test]
    fn long_transfers_are_compared_as_far_as_they_are_told() {
        let told = lines("write 40 00 ... (17 bytes)\nwrite 01");
        assert!(same(&lines("write 40 00 01 02\nwrite 01"), &told).is_ok());
        assert!(same(&lines("write 41 00 01 02\nwrite 01"), &told).is_err());
        assert!(same(&lines("write 40 00 01 02\nwrite 01 02"), &told).is_err());
        assert!(same(&lines("write 01"), &told).is_err());
    }
}
