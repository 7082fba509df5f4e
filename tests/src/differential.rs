//! The comparison with other implementations on modules that nobody wrote: `wasm-smith` generates them from a seed, some are then
//! damaged, and the core has to agree with `wasmparser` on which are valid and with `wasmi` on what the valid ones do. `wasmi` 2.0
//! is wrong on one in a thousand (it takes the wrong operand of `(select (i32.const 1) (local.get 0) (i32.eqz (local.get 0)))`), so
//! where it differs, `wasmtime` decides: a difference that it does not settle in the core's favour is a failure.
//!
//! The core runs each module in several of its settings: dispatchers, with and without folding, at once and in slices of fuel. All
//! of these must consume the same fuel and leave the same state. The first setting is the same for all modules, the others change
//! from one to the next, so that a long run sees all of them. The same options give the same modules, whatever the time they get.

mod arbiter;
mod generate;
#[cfg(feature = "arbiter")]
mod judge;
mod nans;
mod ours;
mod reference;
mod trace;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nans::made_canonical;
use ours::{Buffers, Setting, Verdict};
use trace::{Trace, agreement};

#[cfg(feature = "arbiter")]
pub use judge::judge;

/// Damaged copies that are tried of each generated module.
const MUTANTS: u64 = 8;
/// Settings beside the first that run a module.
const OTHERS: usize = 7;

/// What to compare, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the modules begin: the same seed gives the same modules.
    pub seed: u64,
    /// When to stop.
    pub time: Duration,
    /// Stop after so many generated modules, if the time allows.
    pub modules: Option<u64>,
    /// The folder where modules that make a difference are kept.
    pub keep: Option<PathBuf>,
}

/// What was compared.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Modules as generated.
    pub modules: u64,
    /// Modules damaged afterwards.
    pub mutated: u64,
    /// Damaged modules that are valid nevertheless.
    pub survivors: u64,
    /// Calls whose results and state were compared with `wasmi`'s.
    pub calls: u64,
    /// Runs by the core, each in another setting or of another module.
    pub runs: u64,
    /// Modules that were not run to their last call: out of fuel, or beyond a limit of either side.
    pub skipped: u64,
    /// Modules on which `wasmi` differs, and `wasmtime` gives the core's results.
    pub settled: u64,
    /// Modules that one side refuses because of a limit of its own, or a newer encoding that only `wasmparser` takes.
    pub limits: u64,
    /// The differences, in words.
    pub differences: Vec<String>,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { modules, mutated, survivors, calls, runs, skipped, settled, limits, differences } = self;
        write!(
            f,
            "{modules} modules, {mutated} damaged ({survivors} still valid): {runs} runs, {calls} calls compared, "
        )?;
        write!(
            f,
            "{skipped} modules not run to the end, {limits} beyond a limit, {settled} in which wasmtime agrees with Wasmote against \
             wasmi, {} differences",
            differences.len()
        )?;
        differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
    }
}

/// How often the counts of a long comparison are told.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Compares until the time or the number of modules is reached; `tell` hears of the counts each minute.
pub fn run(options: Options, tell: &mut dyn FnMut(&Counts)) -> Counts {
    let start = Instant::now();
    let mut told = start;
    let mut comparison = Comparison { keep: options.keep, ..Comparison::new() };
    let mut number = 0;
    while start.elapsed().saturating_sub(arbiter::building()) < options.time
        && options.modules.is_none_or(|most| number < most)
    {
        let mut rng = fastrand::Rng::with_seed(options.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if let Some(wasm) = generate::module(&mut rng) {
            comparison.counts.modules += 1;
            comparison.module(&wasm, rng.u64(..), &format!("{:x}-{number}", options.seed), false);
            for mutant in 0..MUTANTS {
                comparison.counts.mutated += 1;
                let damaged = generate::damage(&wasm, &mut rng);
                comparison.module(&damaged, rng.u64(..), &format!("{:x}-{number}-{mutant}", options.seed), true);
            }
        }
        number += 1;
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            tell(&comparison.counts);
        }
    }
    comparison.counts
}

/// What both sides say of a module.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Agreed {
    /// It is refused, or one side has a limit there.
    Refused,
    /// It is valid, and small enough to run.
    Small,
    /// It is valid.
    Large,
}

/// A comparison under way.
pub struct Comparison {
    counts: Counts,
    buffers: Buffers,
    keep: Option<PathBuf>,
}

impl Default for Comparison {
    fn default() -> Comparison {
        Comparison::new()
    }
}

impl Comparison {
    /// A comparison that keeps nothing.
    pub fn new() -> Comparison {
        Comparison { counts: Counts::default(), buffers: Buffers::new(), keep: None }
    }

    /// One for whoever compares a module at a time, for its buffers are large.
    pub fn shared() -> MutexGuard<'static, Comparison> {
        static ONE: LazyLock<Mutex<Comparison>> = LazyLock::new(Mutex::default);
        ONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The difference that these bytes make; a panic of the core is the caller's.
    pub fn of_bytes(&mut self, wasm: &[u8]) -> Option<String> {
        self.compare(wasm, wasm.len() as u64, true)
    }

    /// The difference that the module makes which is generated from these bytes, if one is.
    pub fn of_seed(&mut self, data: &[u8]) -> Option<String> {
        let (seed, rest) = data.split_first_chunk::<8>()?;
        let seed = u64::from_le_bytes(*seed);
        let wasm = generate::module_of(&mut fastrand::Rng::with_seed(seed), rest)?;
        self.compare(&wasm, seed, false)
    }

    /// Compares one module; a panic of the core is a difference like others.
    fn module(&mut self, wasm: &[u8], arguments: u64, name: &str, damaged: bool) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.compare(wasm, arguments, damaged)));
        let difference = match outcome {
            Ok(None) => return,
            Ok(Some(difference)) => difference,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
                format!("panic: {}", text.unwrap_or("without a text"))
            }
        };
        let mut line = format!("module {name}: {difference}");
        if let Some(keep) = &self.keep {
            let path = keep.join(format!("{name}.wasm"));
            if let Err(error) = std::fs::create_dir_all(keep).and_then(|()| std::fs::write(&path, wasm)) {
                line.push_str(&format!(" (not kept: {error})"));
            }
        }
        self.counts.differences.push(line);
    }

    /// The difference between what the core and `wasmparser` say of these bytes; or whether they are valid.
    ///
    /// # Errors
    /// The difference.
    pub fn verdict(&mut self, wasm: &[u8]) -> Result<bool, String> {
        self.verdicts(wasm).map(|verdict| verdict != Agreed::Refused)
    }

    /// The first difference that a module makes.
    fn compare(&mut self, wasm: &[u8], arguments: u64, damaged: bool) -> Option<String> {
        match self.verdicts(wasm) {
            Err(difference) => return Some(difference),
            Ok(Agreed::Refused) => return None,
            Ok(Agreed::Small) => self.counts.survivors += u64::from(damaged),
            Ok(Agreed::Large) => {
                self.counts.survivors += u64::from(damaged);
                self.counts.skipped += 1;
                return None;
            }
        }
        self.behaviour(wasm, arguments)
    }

    fn verdicts(&mut self, wasm: &[u8]) -> Result<Agreed, String> {
        let expected = reference::validate(wasm);
        let mut small = true;
        for folding in [true, false] {
            match (ours::validate(wasm, folding, &mut self.buffers), &expected) {
                (Verdict::Valid { is_small }, Ok(())) => small = is_small,
                (Verdict::Refused(_) | Verdict::NewerType, Err(_)) => {}
                // `wasmparser` takes `63 70` for `funcref` without the proposal that introduced it; WebAssembly 2.0 does not.
                (Verdict::Limit, _) | (Verdict::NewerType, Ok(())) => {
                    self.counts.limits += 1;
                    return Ok(Agreed::Refused);
                }
                (Verdict::Valid { .. }, Err(text)) if reference::is_limit(text) => {
                    self.counts.limits += 1;
                    return Ok(Agreed::Refused);
                }
                (Verdict::Valid { .. }, Err(text)) => {
                    return Err(format!("accepted (folding {folding}), wasmparser refuses: {text}"));
                }
                (Verdict::Refused(text), Ok(())) => {
                    return Err(format!("refused (folding {folding}): {text}, wasmparser accepts"));
                }
            }
        }
        Ok(match (expected, small) {
            (Err(_), _) => Agreed::Refused,
            (Ok(()), true) => Agreed::Small,
            (Ok(()), false) => Agreed::Large,
        })
    }

    /// The first difference in what a valid module does.
    fn behaviour(&mut self, wasm: &[u8], arguments: u64) -> Option<String> {
        let canonical = match made_canonical(wasm) {
            Ok(canonical) => canonical,
            Err(text) => return Some(text),
        };
        let Some((plan, theirs)) = reference::run_apart(&canonical, arguments) else {
            self.counts.skipped += 1;
            return None;
        };
        let mut settings: Vec<Setting> = ours::settings().collect();
        fastrand::Rng::with_seed(arguments).shuffle(&mut settings[1..]);
        settings.truncate(1 + OTHERS);
        settings[1..].sort_by_key(|setting| !setting.folding);
        let mut first: Option<Trace> = None;
        for (setting, trace) in ours::runs(wasm, &plan, &settings, &mut self.buffers) {
            self.counts.runs += 1;
            let Some(first) = &first else {
                match agreement(&trace, &theirs, &plan, false) {
                    Ok(steps) => self.counts.calls += steps.saturating_sub(1) as u64,
                    Err(difference) => {
                        if let Err(word) = arbiter::settle(wasm, arguments) {
                            let text = format!("differs from wasmi at step {}: {}", difference.step, difference.text);
                            return Some(format!("{setting:?} {text}; {word}"));
                        }
                        self.counts.settled += 1;
                    }
                }
                self.counts.skipped +=
                    u64::from(trace.compared(&theirs) < plan.calls.len() + 1 && trace.is_cut(&theirs));
                first = Some(trace);
                continue;
            };
            if let Err(difference) = agreement(&trace, first, &plan, true) {
                return Some(format!("{setting:?} differs from the first setting: {}", difference.text));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number from the environment, so that a long run needs no other program.
    fn from_env(name: &str) -> Option<u64> {
        std::env::var(name).ok()?.parse().ok()
    }

    #[test]
    fn generated_modules_make_no_difference() {
        let seconds = from_env("DIFFERENTIAL_SECONDS");
        let options = Options {
            seed: from_env("DIFFERENTIAL_SEED").unwrap_or(1),
            time: Duration::from_secs(seconds.unwrap_or(20)),
            modules: if seconds.is_some() { None } else { Some(40) },
            keep: std::env::var_os("DIFFERENTIAL_KEEP").map(PathBuf::from),
        };
        let counts = run(options, &mut |_| ());
        println!("{counts}");
        assert!(counts.modules > 0 && counts.calls > 0, "{counts}");
        assert!(counts.differences.is_empty(), "{counts}");
    }
}
