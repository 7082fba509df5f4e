//! Samples by program and engine, and what follows from them: medians, ratios within a round, geometric means.

use super::engines::Engine;
use serde_json::{Value, json};

/// The engine that the others are compared with: wasmi's fastest build with fuel, since Wasmote always meters.
const REFERENCE: &str = "wasmi-fuel";

/// Samples of every program under every engine, in the order of the rounds.
pub(super) struct Table {
    pub(super) engines: Vec<&'static Engine>,
    pub(super) programs: Vec<String>,
    samples: Vec<Vec<Vec<f64>>>,
}

/// A ratio over all programs.
pub(super) struct Mean {
    /// The geometric mean of the medians.
    pub(super) mean: f64,
    /// The least and the largest geometric mean of a single round.
    pub(super) least: f64,
    pub(super) most: f64,
    /// How many programs both ran.
    pub(super) programs: usize,
}

impl Table {
    /// Without samples.
    pub(super) fn new<'p>(
        engines: impl Iterator<Item = &'static Engine>,
        programs: impl Iterator<Item = &'p str>,
    ) -> Table {
        let (engines, programs): (Vec<_>, Vec<_>) = (engines.collect(), programs.map(str::to_owned).collect());
        let samples = vec![vec![Vec::new(); engines.len()]; programs.len()];
        Table { engines, programs, samples }
    }

    /// One more sample.
    pub(super) fn add(&mut self, program: usize, engine: usize, sample: f64) {
        self.samples[program][engine].push(sample);
    }

    /// The column of an engine that was measured.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.engines.iter().position(|engine| engine.name == name)
    }

    /// The column that ratios are to: the reference, or the first.
    pub(super) fn reference(&self) -> usize {
        self.column(REFERENCE).unwrap_or(0)
    }

    /// The median of a program's samples.
    pub(super) fn median(&self, program: usize, engine: usize) -> Option<f64> {
        median(self.samples[program][engine].clone())
    }

    /// How long an engine takes for a program, another one's time being 1.
    pub(super) fn ratio(&self, program: usize, engine: usize, to: usize) -> Option<f64> {
        median(self.ratios(program, engine, to).collect())
    }

    fn ratios(&self, program: usize, engine: usize, to: usize) -> impl Iterator<Item = f64> {
        let samples = &self.samples[program];
        samples[engine].iter().zip(&samples[to]).map(|(sample, reference)| sample / reference)
    }

    /// The same over all programs that both ran.
    pub(super) fn mean(&self, engine: usize, to: usize) -> Option<Mean> {
        let rows = || 0..self.programs.len();
        let ratios: Vec<f64> = rows().filter_map(|row| self.ratio(row, engine, to)).collect();
        let mean = geometric(&ratios)?;
        let rounds = self.samples.iter().map(|row| row[engine].len()).max().unwrap_or(0);
        let of_round = |round| {
            let ratios: Vec<f64> = rows().filter_map(|row| self.ratios(row, engine, to).nth(round)).collect();
            geometric(&ratios)
        };
        let by_round: Vec<f64> = (0..rounds).filter_map(of_round).collect();
        let least = by_round.iter().copied().fold(mean, f64::min);
        let most = by_round.iter().copied().fold(mean, f64::max);
        Some(Mean { mean, least, most, programs: ratios.len() })
    }

    /// Everything, for programs; with every sample or without.
    pub(super) fn as_json(&self, samples: bool) -> Value {
        let reference = self.reference();
        let samples_of = |row: usize, column: usize| samples.then(|| self.samples[row][column].clone());
        let engines: serde_json::Map<String, Value> = self
            .engines
            .iter()
            .enumerate()
            .map(|(column, engine)| {
                let programs: serde_json::Map<String, Value> = self
                    .programs
                    .iter()
                    .enumerate()
                    .map(|(row, name)| {
                        let figures = json!({
                            "median": self.median(row, column),
                            "ratio": self.ratio(row, column, reference),
                            "samples": samples_of(row, column),
                        });
                        (name.clone(), figures)
                    })
                    .collect();
                let mean = self.mean(column, reference);
                let figures = json!({
                    "title": engine.title,
                    "fuel": engine.fuel,
                    "geometric_mean": mean.as_ref().map(|mean| mean.mean),
                    "least_of_a_round": mean.as_ref().map(|mean| mean.least),
                    "most_of_a_round": mean.as_ref().map(|mean| mean.most),
                    "programs": programs,
                });
                (engine.name.to_owned(), figures)
            })
            .collect();
        json!({ "reference": self.engines[reference].name, "engines": engines })
    }
}

fn geometric(ratios: &[f64]) -> Option<f64> {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (logarithms / ratios.len() as f64).exp())
}

/// The middle of an odd number of values, else the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        len if len % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::engines::ENGINES;
    use super::*;

    #[test]
    fn ratios_are_taken_within_rounds() {
        let engines = ENGINES.iter().filter(|engine| ["wasmote", "wasmi-fuel"].contains(&engine.name));
        let mut table = Table::new(engines, ["a", "b"].into_iter());
        // The second round was disturbed for both.
        for factor in [1.0, 10.0, 1.0] {
            table.add(0, 0, 2.0 * factor);
            table.add(0, 1, 4.0 * factor);
            table.add(1, 0, 2.0 * factor);
            table.add(1, 1, 1.0 * factor);
        }
        let reference = table.reference();
        assert_eq!((table.ratio(0, 0, reference), table.ratio(1, 0, reference)), (Some(0.5), Some(2.0)));
        let mean = table.mean(0, reference).expect("both ran");
        assert!((mean.mean - 1.0).abs() < 1e-9 && (mean.most - 1.0).abs() < 1e-9 && mean.programs == 2);
    }

    #[test]
    fn the_median_of_an_even_number_is_between() {
        assert_eq!((median(vec![3.0, 1.0]), median(vec![])), (Some(2.0), None));
    }
}
