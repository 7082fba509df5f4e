//! What is called again and again once a module has started, as an argument: `tick=250ms`, `pressed=button:falling`.

use anyhow::{Result, ensure};
use wasmote::{ExternType, Module};
use wasmote_board::app::MAX_CALLS;
use wasmote_board::note::When;
use wasmote_board_sim::script::duration_ns;

/// An export, and when it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    export: String,
    when: Moment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Moment {
    EveryNs(u64),
    Edge { label: String, rising: Option<bool> },
}

impl Call {
    /// As it stands in a note.
    pub(super) fn as_row(&self) -> (&str, When<'_>) {
        let when = match &self.when {
            Moment::EveryNs(ns) => When::Every(*ns),
            Moment::Edge { label, rising } => When::Edge(label, *rising),
        };
        (&self.export, when)
    }
}

/// Reads an argument.
pub(crate) fn parse(text: &str) -> Result<Call, String> {
    let (export, when) = text.split_once('=').ok_or("EXPORT=WHEN is expected, such as tick=250ms")?;
    let when = if when.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        match duration_ns(when)? {
            0 => return Err("a time is longer than nothing".into()),
            ns => Moment::EveryNs(ns),
        }
    } else {
        let (label, rising) = match when.rsplit_once(':') {
            None => (when, None),
            Some((label, "rising")) => (label, Some(true)),
            Some((label, "falling")) => (label, Some(false)),
            Some((_, other)) => return Err(format!("an edge is `rising` or `falling`, not `{other}`")),
        };
        Moment::Edge { label: label.to_owned(), rising }
    };
    Ok(Call { export: export.to_owned(), when })
}

/// A module has what is to be called, and a board room for it.
pub(super) fn check(module: &Module<'_>, calls: &[Call]) -> Result<()> {
    ensure!(calls.len() <= MAX_CALLS, "at most {MAX_CALLS} exports are called again");
    for call in calls {
        let is_it = |ty| matches!(ty, ExternType::Func(ty) if ty.params.is_empty());
        let found = module.exports().any(|export| export.name == call.export && is_it(export.ty));
        ensure!(found, "it exports no function `{}` without parameters", call.export);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_an_export_and_a_time_or_a_pin() {
        let row = |text| parse(text).map(|call| format!("{:?}", call.as_row()));
        assert_eq!(row("tick=1.5s").as_deref(), Ok("(\"tick\", Every(1500000000))"));
        assert_eq!(row("pressed=button:falling").as_deref(), Ok("(\"pressed\", Edge(\"button\", Some(false)))"));
        assert_eq!(row("changed=gp2").as_deref(), Ok("(\"changed\", Edge(\"gp2\", None))"));
        for wrong in ["tick", "tick=0s", "tick=5", "pressed=button:sideways"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
