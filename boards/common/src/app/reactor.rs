//! A reactor: exports of a module that are called again and again, on a timer or when a pin has seen an edge. Between calls
//! the module costs nothing but its memory, and the chip sleeps.
//!
//! A call on a timer happens at once and then at each multiple of its period since the chip began, as with `wasmote run --every`;
//! what a long call missed is not made up for. Edges that come during a call are one more call, however many they were.

use super::App;
use super::chip::{Chip, MEAL_NS};
use super::line::say;
use super::run::{self, End};
use super::why;
use crate::divide::divided;
use crate::note::{Note, When};
use heapless::Vec;
use wasmote::{Func, Instance, Store};
use wasmote_wasi_embedded::{Board, Class, Edge, Edges, Grants, Line, PinError, PinMode};

/// The most exports that are called again.
pub const MAX_CALLS: usize = 4;
/// How a pin is looked at here.
const INPUT: Class = Class::Digital(PinMode::In);

/// An export, and when it is called.
struct Call {
    func: Func,
    trigger: Trigger,
}

enum Trigger {
    Timer { period_ns: u64, next_ns: u64 },
    Pin { line: Line, edge: Option<Edge>, seen: Edges, is_ours: bool },
}

impl Trigger {
    /// Is a call due? If so it is from now on no longer.
    fn take<C: Chip>(&mut self, board: &mut C::Board) -> bool {
        match self {
            Trigger::Timer { period_ns, next_ns } => {
                let now_ns = C::now_ns();
                let is_due = *next_ns <= now_ns;
                if is_due {
                    *next_ns = (divided(now_ns, *period_ns) + 1).saturating_mul(*period_ns);
                }
                is_due
            }
            Trigger::Pin { line, edge, seen, .. } => {
                let now = board.edges(*line);
                let before = core::mem::replace(seen, now);
                match edge {
                    Some(Edge::Rising) => now.rising != before.rising,
                    Some(Edge::Falling) => now.falling != before.falling,
                    None => now != before,
                }
            }
        }
    }
}

/// Makes the calls of a note until one does not return, and tells of that one. False if there is none to make.
pub(super) fn run<C: Chip>(
    app: &mut App<C>,
    store: &mut Store<'_>,
    instance: Instance,
    note: &Note<'static>,
    fuel: &mut u64,
    scratch: &mut [u8],
) -> bool {
    let Some(mut calls) = set_up(app, store, instance, note) else { return false };
    let mut end = End::Finished;
    while end == End::Finished && !calls.is_empty() {
        let mut is_idle = true;
        for call in &mut calls {
            if end == End::Finished && call.trigger.take::<C>(&mut app.board) {
                end = run::call(app, store, note.name, call.func, fuel, scratch);
                is_idle = false;
            }
        }
        if is_idle {
            let next_ns = calls.iter().map(|call| match call.trigger {
                Trigger::Timer { next_ns, .. } => next_ns,
                Trigger::Pin { .. } => u64::MAX,
            });
            C::feed();
            C::sleep(next_ns.fold(C::now_ns().saturating_add(MEAL_NS), u64::min));
        }
    }
    let is_any = !calls.is_empty();
    calls.into_iter().for_each(|call| let_go(app, call));
    is_any
}

/// Looks up exports and pins; `None`, after it said why, if one is missing.
fn set_up<C: Chip>(
    app: &mut App<C>,
    store: &Store<'_>,
    instance: Instance,
    note: &Note<'static>,
) -> Option<Vec<Call, MAX_CALLS>> {
    let mut calls = Vec::new();
    for (export, when) in note.calls() {
        let Some(func) = store.export(instance, export).and_then(|export| export.func()) else {
            say!(C, note.name, ": no function ", export, " is exported");
            return None;
        };
        let trigger = match when {
            When::Every(period_ns) => Trigger::Timer { period_ns: period_ns.max(1), next_ns: 0 },
            When::Edge(label, edge) => match watch(app, label) {
                Ok((line, is_ours)) => {
                    let edge = edge.map(|rising| if rising { Edge::Rising } else { Edge::Falling });
                    Trigger::Pin { line, edge, seen: app.board.edges(line), is_ours }
                }
                Err(error) => {
                    say!(C, note.name, ": ", label, " cannot be watched: it is ", why::not_opened(error));
                    return None;
                }
            },
        };
        if calls.push(Call { func, trigger }).is_err() {
            say!(C, note.name, ": at most ", MAX_CALLS as u32, " exports are called again");
            return None;
        }
    }
    Some(calls)
}

/// Watches a pin that the module may read; it is the module's if that has opened it already, and else the firmware's.
fn watch<C: Chip>(app: &mut App<C>, label: &str) -> Result<(Line, bool), PinError> {
    let settings = app.hardware.grants.open(INPUT, label).map_err(|_| PinError::NotAllowed)?;
    let line = app.board.find(INPUT, label).ok_or(PinError::UndefinedLabel)?;
    let is_ours = match app.board.open(INPUT, line, &settings) {
        Ok(()) => true,
        Err(PinError::AlreadyInUse) => false,
        Err(error) => return Err(error),
    };
    app.board.watch(line)?;
    Ok((line, is_ours))
}

fn let_go<C: Chip>(app: &mut App<C>, call: Call) {
    if let Trigger::Pin { line, is_ours, .. } = call.trigger {
        app.board.unwatch(line);
        if is_ours {
            app.board.close(INPUT, line);
        }
    }
}
