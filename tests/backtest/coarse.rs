//! Points that lie further apart than the plan asks for are said, in every form.

use super::{Source, at, document, of_schema, past, run, workplace};
use crate::support::program::Workplace;

const NOTE: &str = "samples come every 5m, the plan asks for one every 1m: coverage and `for` are judged on what is there, and take the points between for missing.";

/// Sources that keep a point each five minutes of what is old.
#[test]
fn points_further_apart_than_the_step_are_a_note_for_each_query() {
    let source = Source::with_points_every(|_| 300, past(), None, 0.0);
    let place = workplace(&source);
    let finished = run(
        &place,
        "backtest",
        &["--format", "json", "--save", "kept.json.gz"],
    );
    assert_eq!(finished.code, 3, "{}", finished.err);
    let told = document(&finished)["notes"].clone();
    let note = |kpi: &str| {
        format!(
            "{kpi}: {NOTE} Sources that keep less of older samples (downsampling) answer like this; with `step: 5m` the plan asks for what they have"
        )
    };
    assert_eq!(told, serde_json::json!([note("errors"), note("latency")]));
    let text = run(&place, "backtest", &["--replay", "kept.json.gz"]);
    let said = text.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for kpi in ["errors", "latency"] {
        assert_eq!(
            said.matches(&format!("note: {kpi}: {NOTE}")).count(),
            1,
            "{said}"
        );
    }
    let tuned = run(
        &place,
        "tune",
        &["--replay", "kept.json.gz", "--format", "json"],
    );
    let tuned = of_schema(&tuned, gate::schema::TUNE);
    assert_eq!(tuned["notes"], told);
    // A step that the source has asks for what is there, and so does a source that has what is asked for.
    let plan = std::fs::read_to_string(place.path().join("plan.yaml")).expect("the plan");
    place.write("plan.yaml", plan.replace("step: 1m", "step: 5m"));
    run(&place, "backtest", &[]).never_says("samples come every");
    let fine = Source::new(past(), None, 0.0);
    run(&workplace(&fine), "backtest", &[]).never_says("samples come every");
}

/// What may well be missing is none of it: errors that are zero where there are none, and points where a guard does not hold. What is
/// compared with is told apart.
#[test]
fn what_may_be_missing_is_not_told_and_a_baseline_by_its_own_name() {
    let plan = |url: &str| {
        format!(
            "release: R1\nsource: {url}\nkpis:\n\
             \x20 a: {{ratio: {{errors: coarse, total: all}}, missing: zero, step: 1m}}\n\
             \x20 b: {{query: b, guard: {{query: coarse, is: '> 0'}}, step: 1m}}\n\
             \x20 c: {{query: 'c $track', step: 1m, baseline: {{vars: {{track: coarse}}}}}}\n\
             vars: {{track: own}}\n\
             stages:\n\
             \x20 - {{name: pilot, window: 1h, exit: {{kpis: {{a: '< 1%', b: '< 2', c: '< baseline + 1'}}}}}}\n"
        )
    };
    let every = |query: &str| if query.contains("coarse") { 300 } else { 60 };
    let source = Source::with_points_every(every, Vec::new(), None, 0.0);
    let place = Workplace::with_plan(&plan(source.server.url()));
    let (from, to) = (at(0.0), at(24.0));
    let finished = place.gate(&[
        "backtest",
        "plan.yaml",
        "--from",
        &from,
        "--to",
        &to,
        "--format",
        "json",
    ]);
    let document = document(&finished);
    let notes = document["notes"].as_array().expect("notes").iter();
    let notes: Vec<&str> = notes
        .filter_map(|note| note.as_str()?.split(": ").next())
        .collect();
    assert_eq!(notes, ["c (baseline)"], "{}", finished.out);
}
