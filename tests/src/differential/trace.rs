//! What a run leaves behind, in a form that two implementations can be compared by: for the instantiation and for each call its
//! end, and a digest of every exported global, table and memory after it.

use wasmote::{Trap, Val};

/// What is called, and what is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Exported functions with their arguments, and how many results they have.
    pub(super) calls: Vec<(String, Vec<Val>, usize)>,
    /// Names of the other exports.
    pub(super) state: Vec<String>,
}

/// A result as both sides can tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    /// Whether it is not null
    Func(bool),
    Extern(Option<u32>),
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// With results.
    Finished(Vec<Seen>),
    /// At a trap.
    Trapped(Trap),
    /// At the end of the fuel: both sides meter differently, so it only compares with another run of the core.
    OutOfFuel,
    /// At a limit of the implementation.
    Limit,
}

/// One step of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    pub(super) end: End,
    /// Consumed by this step, where it is known.
    pub(super) fuel: u64,
    /// A digest of each export of `Plan::state`; empty if there is no instance.
    pub(super) state: Vec<u64>,
}

/// A run: the instantiation, then the calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    pub(super) steps: Vec<Step>,
}

impl Trace {
    fn comparable(&self) -> usize {
        self.steps.iter().take_while(|step| !matches!(step.end, End::OutOfFuel | End::Limit)).count()
    }

    /// Steps that can be compared with another implementation's.
    pub(super) fn compared(&self, other: &Trace) -> usize {
        self.comparable().min(other.comparable())
    }

    /// Whether one side ended early by fuel or a limit.
    pub(super) fn is_cut(&self, other: &Trace) -> bool {
        self.comparable() < self.steps.len() || other.comparable() < other.steps.len()
    }
}

/// Where two runs part.
#[derive(Debug)]
pub(super) struct Difference {
    /// The step, 0 for the instantiation.
    pub(super) step: usize,
    pub(super) text: String,
}

/// How many steps agree before one side ends early or nothing more can be said; or the first difference. With `exact`, both are of
/// the core: fuel has to be the same, and so has its end.
pub(super) fn agreement(ours: &Trace, theirs: &Trace, plan: &Plan, exact: bool) -> Result<usize, Difference> {
    let common = ours.steps.len().min(theirs.steps.len());
    for (step, (a, b)) in ours.steps.iter().zip(&theirs.steps).enumerate() {
        let limited = a.end == End::Limit || b.end == End::Limit;
        let fuel_ended = a.end == End::OutOfFuel || b.end == End::OutOfFuel;
        if limited || (fuel_ended && !exact) {
            return Ok(step);
        }
        let what = match step.checked_sub(1).and_then(|call| plan.calls.get(call)) {
            Some((name, arguments, _)) => format!("call {step} of {name:?} {arguments:?}"),
            None => "instantiation".to_owned(),
        };
        let differs = |text: String| Err(Difference { step, text: format!("{what}: {text}") });
        if a.end != b.end {
            return differs(format!("got {:?}, expected {:?}", a.end, b.end));
        }
        if exact && a.fuel != b.fuel {
            return differs(format!("fuel {}, expected {}", a.fuel, b.fuel));
        }
        let other = a.state.iter().zip(&b.state).position(|(a, b)| a != b);
        if let Some(name) = other.and_then(|index| plan.state.get(index)) {
            return differs(format!("{:?}; then export {name:?} differs", a.end));
        }
    }
    if exact && ours.steps.len() != theirs.steps.len() {
        let text = format!("{} steps, expected {}", ours.steps.len(), theirs.steps.len());
        return Err(Difference { step: common, text });
    }
    Ok(common)
}

/// One step of a digest.
fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

/// A digest of bytes, in four strands of eight at a time: a processor does them side by side.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let start = 0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64;
    let mut strands = [start, start + 1, start + 2, start + 3];
    for block in blocks {
        for (strand, word) in strands.iter_mut().zip(block.as_chunks::<8>().0) {
            *strand = mix(*strand, u64::from_le_bytes(*word));
        }
    }
    let hash = strands.into_iter().fold(start, mix);
    rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}

/// A digest of values.
pub(super) fn digest_of(values: impl Iterator<Item = Seen>) -> u64 {
    let bytes: Vec<u8> = values
        .flat_map(|value| {
            let (kind, bits) = match value {
                Seen::I32(bits) => (0, u64::from(bits)),
                Seen::I64(bits) => (1, bits),
                Seen::F32(bits) => (2, u64::from(bits)),
                Seen::F64(bits) => (3, bits),
                Seen::Func(is_some) => (4, u64::from(is_some)),
                Seen::Extern(number) => (5, number.map_or(0, |number| u64::from(number) + 1)),
            };
            [kind, bits].map(u64::to_le_bytes).concat()
        })
        .collect();
    digest(&bytes)
}
