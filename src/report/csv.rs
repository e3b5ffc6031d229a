//! The samples as CSV: a row for each point that was queried, measured or not. A criterion without samples has one row
//! that says so, and each note on a criterion has one. Must not let text from outside become a formula.

use super::escape;
use crate::assessment::{CriterionAssessment, GateAssessment, Measures, SeriesAssessment};
use crate::evaluate::{Sampled, Samples, SeriesSamples};
use crate::evidence::Evidence;
use crate::samples::Grid;

/// Beyond this much text the samples of further criteria are left out, and their rows say so.
const MAX_BYTES: usize = 256 * 1024 * 1024;

const HEADINGS: [&str; 19] = [
    "gate",
    "list",
    "criterion",
    "condition",
    "outcome",
    "part",
    "series",
    "time",
    "value",
    "unit",
    "measured",
    "quiet",
    "beyond",
    "note",
    "errors",
    "events",
    "low",
    "high",
    "limit",
];

/// The table, headings first.
#[must_use]
pub fn csv(evidence: &Evidence, samples: Option<&Samples>) -> String {
    let mut table = Table::new();
    for (gate_position, gate) in evidence.gates.iter().enumerate() {
        for (position, criterion) in gate.criteria.iter().enumerate() {
            let row = Row::of(gate, criterion);
            for note in &criterion.notes {
                table.note(&row, &text(note));
            }
            for series in criterion.kpi.iter().flat_map(|kpi| &kpi.series) {
                table.interval(&row, series);
            }
            let traced =
                samples.and_then(|samples| samples.of(gate_position, gate.kpi_number(position)?));
            let Some(traced) = traced else {
                table.note(&row, nothing(criterion, samples.is_some()));
                continue;
            };
            if table.bytes() > MAX_BYTES {
                table.note(&row, "left out: the table already has 256 MiB");
                continue;
            }
            table.points(&row, "kpi", &traced.grid, &traced.series);
            if let Some(baseline) = &traced.baseline {
                table.points(&row, "baseline", &baseline.grid, &baseline.series);
            }
        }
    }
    table.finish()
}

/// Why there are no samples.
fn nothing(criterion: &CriterionAssessment, at_hand: bool) -> &'static str {
    match (&criterion.kpi, at_hand) {
        (None, _) => "asks about no samples",
        (Some(_), true) => "no samples could be judged",
        (Some(_), false) => "the samples are not available",
    }
}

/// What the rows of one criterion have in common.
struct Row {
    cells: [String; 5],
    unit: &'static str,
}

impl Row {
    fn of(gate: &GateAssessment, criterion: &CriterionAssessment) -> Self {
        Self {
            cells: [
                text(&gate.name().to_string()),
                criterion.list.word().to_owned(),
                text(&criterion.name),
                text(criterion.condition.as_deref().unwrap_or_default()),
                criterion.outcome.word().to_owned(),
            ],
            unit: criterion.kpi.as_ref().map_or("", |kpi| kpi.unit.word()),
        }
    }
}

struct Table {
    writer: ::csv::Writer<Counted>,
}

/// What was written so far, shared so that its length is known while it grows.
struct Counted(Vec<u8>);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Table {
    fn new() -> Self {
        let mut table = Self {
            writer: ::csv::Writer::from_writer(Counted(Vec::new())),
        };
        table.write(&HEADINGS);
        table
    }

    fn bytes(&self) -> usize {
        self.writer.get_ref().0.len()
    }

    /// Every row is as wide as the headings and memory takes it all, so that no row can fail.
    fn write(&mut self, cells: &[&str]) {
        let _ = self.writer.write_record(cells);
    }

    fn row(&mut self, row: &Row, rest: [&str; 11]) {
        self.wide_row(row, rest, ["", "", ""]);
    }

    fn wide_row(&mut self, row: &Row, rest: [&str; 11], interval: [&str; 3]) {
        let mut cells = row.cells.each_ref().map(String::as_str).to_vec();
        cells.extend(rest);
        cells.extend(interval);
        self.write(&cells);
    }

    /// Where the noise was counted: the estimate, how far it may be off to each side, and what is allowed.
    fn interval(&mut self, row: &Row, series: &SeriesAssessment) {
        let Some(certainty) = &series.certainty else {
            return;
        };
        let labels = text(&series.labels.to_string());
        let [estimate, low, high, margin] = [
            certainty.estimate,
            certainty.low,
            certainty.high,
            certainty.margin,
        ]
        .map(shown);
        let unit = match certainty.measures {
            Measures::Value | Measures::Difference | Measures::Beyond(_) => row.unit,
            // How often the control.
            Measures::Quotient => "",
        };
        let rest = [
            "interval", &labels, "", &estimate, unit, "", "", "", "", "", "",
        ];
        self.wide_row(row, rest, [&low, &high, &margin]);
    }

    fn note(&mut self, row: &Row, note: &str) {
        self.row(row, ["", "", "", "", row.unit, "", "", "", note, "", ""]);
    }

    fn points(&mut self, row: &Row, part: &str, grid: &Grid, series: &[SeriesSamples]) {
        for series in series {
            let labels = text(&series.labels.to_string());
            for (position, point) in series.points.iter().enumerate() {
                let time = grid.at(position).to_string();
                let value = value(*point);
                let measured = yes(point.measured.is_some());
                let beyond = yes(point.beyond);
                let quiet = yes(point.quiet);
                let unit = row.unit;
                let [errors, events] = counted(*point);
                let rest = [
                    part, &labels, &time, &value, unit, measured, quiet, beyond, "", &errors,
                    &events,
                ];
                self.row(row, rest);
            }
        }
    }

    fn finish(self) -> String {
        let bytes = self.writer.into_inner().map(|counted| counted.0);
        String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }
}

/// The errors and the events of a point of a ratio.
fn counted(point: Sampled) -> [String; 2] {
    let counted = point.events.map(|events| [events.errors, events.total]);
    counted.map_or_else(Default::default, |both| {
        both.map(|count| format!("{count:?}"))
    })
}

fn yes(holds: bool) -> &'static str {
    if holds { "yes" } else { "no" }
}

/// What was judged, otherwise what was sent, as the shortest text that reads back to the same bits.
fn value(point: Sampled) -> String {
    point
        .measured
        .or(point.sent)
        .map_or_else(String::new, shown)
}

fn shown(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    format!("{value:?}")
}

/// A text from outside: free of hidden characters, and never read as a formula.
pub(super) fn text(text: &str) -> String {
    let shown = escape(text);
    // Leading blanks do not keep a spreadsheet from taking the rest for a formula.
    let acts = shown
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if acts { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        let cases = [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            (" +1", "' +1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("a=1", "a=1"),
        ];
        for (given, shown) in cases {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn values_read_back_to_the_same_bits() {
        let shown = |value| {
            value_of(Sampled {
                sent: Some(value),
                ..Sampled::default()
            })
        };
        assert_eq!(shown(0.1), "0.1");
        assert_eq!(shown(1e300), "1e300");
        assert_eq!(shown(f64::NEG_INFINITY), "-Inf");
        assert_eq!(shown(f64::NAN), "NaN");
        assert_eq!(value_of(Sampled::default()), "");
    }

    fn value_of(point: Sampled) -> String {
        value(point)
    }

    #[test]
    fn m8_each_note_on_a_criterion_has_a_row() {
        let mut evidence = scenarios::go();
        let criterion = &mut evidence.gates[0].criteria[0];
        criterion.notes.push("=6 of 11 points quiet".to_owned());
        let shown = csv(&evidence, None);
        assert!(shown.contains(",'=6 of 11 points quiet,,,,,\n"), "{shown}");
    }

    #[test]
    fn without_samples_every_criterion_has_a_row_that_says_so() {
        let evidence = scenarios::no_go();
        let shown = csv(&evidence, None);
        assert_eq!(shown.lines().count(), 1 + 6);
        assert!(
            shown.contains(
                "wave-1/entry,entry,readiness/rollback,,unknown,,,,,,,,,asks about no samples,,,,,"
            ),
            "{shown}"
        );
        assert_eq!(shown.matches("the samples are not available").count(), 5);
    }
}
