//! What the runners of all engines share. A runner reads commands from its standard input, one on a line, and answers each with one
//! line, `ok` and figures or `error` and a reason:
//!
//! | command | answer |
//! |---|---|
//! | `load PATH` | the program is ready |
//! | `run ROUNDS` | its checksum, and the processor's time in nanoseconds |
//! | `prepare PATH TIMES` | least and median time to validate and prepare all of a module |
//! | `hold PATH COUNT` | resident bytes that each of so many instances takes |
//! | `peak` | the most resident bytes so far |
//! | `figures PATH` | what only this engine can tell |
//!
//! The times are those of the process, so that waiting does not count; two runners never work at the same time.

use cpu_time::ProcessTime;
use std::io::{BufRead, Write};

/// Why something did not work.
pub type Error = Box<dyn std::error::Error>;

/// A program that is ready: from rounds to a checksum.
pub type Program = Box<dyn FnMut(u32) -> Result<u32, Error>>;

/// An engine.
pub trait Peer {
    /// Makes a module ready to run.
    fn load(&self, name: &str, wasm: &[u8]) -> Result<Program, Error>;

    /// Validates and prepares a whole module, and forgets it.
    fn prepare(&mut self, wasm: &[u8]) -> Result<(), Error>;

    /// What only this engine can tell: names and numbers.
    fn figures(&mut self, _wasm: &[u8]) -> Result<String, Error> {
        Err("it has no figures of its own".into())
    }
}

/// Whether the runner was started with an argument.
pub fn asked_for(argument: &str) -> bool {
    std::env::args().any(|given| given == argument)
}

/// Answers commands until there are none.
pub fn serve(mut peer: impl Peer) {
    let mut program = None;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match answer(&mut peer, &mut program, &line) {
            Ok(figures) => format!("ok {figures}"),
            Err(error) => format!("error {}", error.to_string().replace('\n', "; ")),
        };
        println!("{}", answer.trim_end());
        if std::io::stdout().flush().is_err() {
            return;
        }
    }
}

fn answer(peer: &mut impl Peer, program: &mut Option<Program>, line: &str) -> Result<String, Error> {
    let words: Vec<&str> = line.split('\t').collect();
    match words[..] {
        ["load", path] => {
            *program = None;
            *program = Some(peer.load(stem(path), &std::fs::read(path)?)?);
            Ok(String::new())
        }
        ["run", rounds] => {
            let run = program.as_mut().ok_or("nothing is loaded")?;
            let rounds = rounds.parse()?;
            let begun = ProcessTime::now();
            let sum = run(rounds)?;
            Ok(format!("{sum} {}", begun.elapsed().as_nanos()))
        }
        ["prepare", path, times] => {
            let wasm = std::fs::read(path)?;
            let mut taken = Vec::new();
            for _ in 0..times.parse::<usize>()?.max(1) {
                let begun = ProcessTime::now();
                peer.prepare(&wasm)?;
                taken.push(begun.elapsed().as_nanos());
            }
            taken.sort_unstable();
            Ok(format!("{} {}", taken[0], taken[taken.len() / 2]))
        }
        ["hold", path, count] => {
            let wasm = std::fs::read(path)?;
            let count = count.parse::<usize>()?.max(1);
            // The first brings what all share.
            let mut held = vec![peer.load(stem(path), &wasm)?];
            held.reserve(count);
            let before = resident("VmRSS:")?;
            for _ in 0..count {
                held.push(peer.load(stem(path), &wasm)?);
            }
            let each = resident("VmRSS:")?.saturating_sub(before) / count as u64;
            Ok(each.to_string())
        }
        ["peak"] => Ok(resident("VmHWM:")?.to_string()),
        ["figures", path] => peer.figures(&std::fs::read(path)?),
        _ => Err(format!("no such command: {line}").into()),
    }
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or(path)
}

/// Bytes of this process, as Linux counts them.
fn resident(field: &str) -> Result<u64, Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).ok_or("Linux does not tell")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("Linux does not tell")?.parse()?;
    Ok(kib * 1024)
}
