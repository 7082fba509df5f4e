//! A bar for each engine, as SVG: its time over all programs, shorter being faster.

use super::statistics::Table;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 240.0;
const RIGHT: f64 = 60.0;
const BAR: f64 = 18.0;
const GAP: f64 = 8.0;
const TOP: f64 = 48.0;
/// Longer bars are cut off, with their number beside them.
const LONGEST: f64 = 2.5;

/// The chart of geometric means against the reference, the fastest first.
pub(super) fn bars(table: &Table) -> String {
    let reference = table.reference();
    let mut rows: Vec<(&str, bool, f64)> = Vec::new();
    for (column, engine) in table.engines.iter().enumerate() {
        if let Some(mean) = table.mean(column, reference) {
            rows.push((engine.title, engine.is_wasmote(), mean.mean));
        }
    }
    rows.sort_by(|a, b| a.2.total_cmp(&b.2));
    let height = TOP + rows.len() as f64 * (BAR + GAP) + GAP;
    let scale = (WIDTH - LEFT - RIGHT) / LONGEST;
    let mut svg = String::new();
    let title =
        format!("Time, geometric mean of {} programs; {} = 1", table.programs.len(), table.engines[reference].title);
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">
<rect width="{WIDTH}" height="{height}" fill="white"/>
<text x="12" y="26" font-size="15">{title}</text>"#
    );
    for (at, (title, ours, mean)) in rows.iter().enumerate() {
        let y = TOP + at as f64 * (BAR + GAP);
        let (colour, length) = (if *ours { "#1f77b4" } else { "#b0b7bf" }, mean.min(LONGEST) * scale);
        let (label_x, text_y) = (LEFT - 8.0, y + BAR - 5.0);
        let number = if *mean < 0.095 { format!("{mean:.3}") } else { format!("{mean:.2}") };
        let _ = writeln!(
            svg,
            r#"<text x="{label_x}" y="{text_y}" text-anchor="end">{title}</text>
<rect x="{LEFT}" y="{y}" width="{length:.1}" height="{BAR}" fill="{colour}"/>
<text x="{:.1}" y="{text_y}">{number}</text>"#,
            LEFT + length + 6.0
        );
    }
    let one = LEFT + scale;
    let _ = writeln!(
        svg,
        r##"<line x1="{one:.1}" x2="{one:.1}" y1="{}" y2="{}" stroke="#444" stroke-dasharray="3 3"/>
</svg>"##,
        TOP - 8.0,
        height - 4.0
    );
    svg
}
