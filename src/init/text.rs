//! A draft → the text of a plan. Must not decide anything: what stands in it was decided before.

use super::candidate::Measure;
use super::draft::{Draft, Kpi};
use super::limit::{Comparison, Limit};
use super::shape::StageShape;
use super::template::Template;
use crate::units::Unit;

/// No line of comment is longer.
const WIDTH: usize = 120;

/// The conditions of one list.
type Of = fn(&Kpi) -> &[Limit];

/// The text of a plan.
#[must_use]
pub fn text(draft: &Draft) -> String {
    let mut text = head(draft);
    text.push_str(&release(draft));
    text.push_str("\nkpis:\n");
    for kpi in &draft.kpis {
        text.push_str(&of_kpi(draft, kpi));
    }
    if !draft.shape.checklists.is_empty() {
        text.push_str(&format!("\nchecklists:\n{}", draft.shape.checklists));
    }
    text.push_str(&defaults(draft));
    text.push_str("\nstages:\n");
    for (place, stage) in draft.shape.stages.iter().enumerate() {
        text.push_str(&of_stage(draft, place, stage));
    }
    text
}

fn head(draft: &Draft) -> String {
    let head = &draft.head;
    let words = format!(
        "Drafted by gate {} from {}, as of {}. A draft, not a decision: read what each limit rests on, change what does not fit, and put names where it says TODO. What it would have said of the past: gate backtest {} --from {}",
        head.version, head.host, head.at, head.path, head.past
    );
    comment("", &words)
}

fn release(draft: &Draft) -> String {
    let mut text = format!("release:\n  name: {}\n", quoted(&draft.release));
    text.push_str("  # version: TODO\n  # owner: TODO\n\n");
    match &draft.http_config {
        None => text.push_str(&format!("source: {}\n", quoted(&draft.source))),
        Some(config) => text.push_str(&format!(
            "source:\n  url: {}\n  http_config: {config}\n",
            quoted(&draft.source)
        )),
    }
    if let Comparison::Control { label, canary, .. } = &draft.comparison {
        let (label, canary) = (&label.1, quoted(canary));
        text.push_str(&format!(
            "vars: {{ {label}: {canary} }}   # what is judged\n"
        ));
    }
    if draft.kpis.iter().any(|kpi| kpi.limits.are_relative()) {
        text.push_str(&baseline(&draft.comparison));
    }
    text
}

fn baseline(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Offset(length) => {
            format!("baseline: {{ offset: {length} }}   # the same time of day, so long before\n")
        }
        Comparison::Before(length) => {
            format!(
                "baseline: {{ before: {length} }}   # before the stage began: the past is too short to compare with another day\n"
            )
        }
        Comparison::Control { label, control, .. } => {
            let (label, control) = (&label.1, quoted(control));
            format!("baseline: {{ vars: {{ {label}: {control} }} }}   # what runs beside it\n")
        }
    }
}

fn of_kpi(draft: &Draft, kpi: &Kpi) -> String {
    let candidate = &kpi.candidate;
    let mut text = format!(
        "  {}:\n    title: {}\n",
        candidate.name,
        quoted(&candidate.title)
    );
    match &kpi.measure {
        Measure::Ratio { errors, total } => {
            text.push_str(&format!(
                "    ratio:\n      errors: {}\n      total: {}\n",
                single(errors),
                single(total)
            ));
            text.push_str(
                "    missing: zero   # no series of errors while there are events: no errors\n",
            );
        }
        Measure::Query(query) => text.push_str(&format!("    query: {}\n", single(query))),
    }
    if candidate.unit != Unit::None {
        text.push_str(&format!("    unit: {}\n", candidate.unit));
    }
    if let Some(per) = &kpi.per {
        text.push_str(&format!("    per: {per}\n"));
    }
    text.push_str(&format!(
        "    step: {}   # 4 scrapes or more, which come every {}\n",
        draft.step, draft.scrape
    ));
    if candidate.is_age()
        && matches!(
            draft.comparison,
            Comparison::Offset(_) | Comparison::Before(_)
        )
        && kpi.limits.are_relative()
    {
        text.push_str(&own_baseline(&draft.comparison));
    }
    text.push_str("    # owner: TODO\n");
    text
}

/// Ages rise and fall: compared is the highest of the time before.
fn own_baseline(comparison: &Comparison) -> String {
    let of = match comparison {
        Comparison::Offset(length) => format!("offset: {length}"),
        Comparison::Before(length) => format!("before: {length}"),
        Comparison::Control { .. } => return String::new(),
    };
    format!(
        "    baseline: {{ {of}, as: max }}   # the oldest that it was then: an age rises and falls all the time\n"
    )
}

fn defaults(draft: &Draft) -> String {
    let shape = &draft.shape;
    let mut text = "\ndefaults:\n".to_owned();
    if let Some((label, values)) = &draft.sites {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        text.push_str(&format!(
            "  cohort: {{ {label}: [{}] }}\n",
            values.join(", ")
        ));
    }
    let template = shape.template;
    text.push_str(&format!(
        "  window: {}   # of the template {template}\n",
        shape.window
    ));
    if let Some(settle) = shape.settle {
        text.push_str(&format!(
            "  settle: {settle}   # of the template {template}\n"
        ));
    }
    let [entry, stop, exit] = shape.each;
    let lists: [(&str, &str, Of); 4] = [
        ("entry", entry, |_| &[]),
        ("stop", stop, |kpi| &kpi.limits.stop),
        ("exit", exit, |kpi| &kpi.limits.exit),
        ("watch", "", |kpi| &kpi.limits.watch),
    ];
    for (list, more, of) in lists {
        let conditions = conditions(draft, of);
        if conditions.is_empty() && more.is_empty() {
            continue;
        }
        text.push_str(&format!("  {list}:\n"));
        if !conditions.is_empty() {
            text.push_str(&format!("    kpis:\n{conditions}"));
        }
        text.push_str(more);
    }
    text
}

fn conditions(draft: &Draft, of: fn(&Kpi) -> &[Limit]) -> String {
    let mut text = String::new();
    for kpi in &draft.kpis {
        let limits = of(kpi);
        for limit in limits {
            text.push_str(&comment("      ", &limit.because));
        }
        let all: Vec<String> = limits
            .iter()
            .map(|limit| quoted(&limit.condition))
            .collect();
        match all.as_slice() {
            [] => {}
            [one] => text.push_str(&format!("      {}: {one}\n", kpi.candidate.name)),
            several => text.push_str(&format!(
                "      {}: [{}]\n",
                kpi.candidate.name,
                several.join(", ")
            )),
        }
    }
    text
}

fn of_stage(draft: &Draft, place: usize, stage: &StageShape) -> String {
    let template = draft.shape.template;
    let mut text = format!("  - name: {}\n    kind: {}\n", stage.name, stage.kind);
    if let Some(traffic) = &stage.traffic {
        text.push_str(&format!(
            "    traffic: {traffic}   # set by whoever rolls out: gate changes no traffic\n"
        ));
    }
    if let Some(window) = stage.window {
        text.push_str(&format!(
            "    window: {window}   # of the template {template}\n"
        ));
    }
    if stage.without_kpis {
        text.push_str("    window: none\n    stop: none\n");
        if draft.kpis.iter().any(|kpi| !kpi.limits.watch.is_empty()) {
            text.push_str("    watch: none\n");
        }
    }
    if let Some(cohort) = cohort(draft, place) {
        text.push_str(&cohort);
    }
    text.push_str(stage.more);
    text
}

/// Of a pilot: the first site, then up to three more; the last stage has all, as `defaults` say.
fn cohort(draft: &Draft, place: usize) -> Option<String> {
    const WAVE: usize = 4;
    let (label, values) = draft.sites.as_ref()?;
    let count = match draft.shape.template {
        Template::Pilot if place == 0 => 1,
        Template::Pilot if place == 1 => WAVE.min(values.len()),
        Template::Pilot
        | Template::Canary
        | Template::Batch
        | Template::Staged
        | Template::Minimal => return None,
    };
    let all = values.len();
    let values: Vec<String> = values
        .iter()
        .take(count)
        .map(|value| quoted(value))
        .collect();
    Some(format!(
        "    cohort: {{ {label}: [{}] }}   # the first by name ({count} of {all}): choose others\n",
        values.join(", ")
    ))
}

/// Text from outside as YAML reads it back.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_plain);
    let means_itself = ![
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "none",
    ]
    .contains(&text.to_ascii_lowercase().as_str());
    if is_word && means_itself && !text.ends_with(':') {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// A query in single quotes.
fn single(query: &str) -> String {
    format!("'{}'", query.replace('\'', "''"))
}

/// Words as lines of comment.
fn comment(indent: &str, words: &str) -> String {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        let width = indent.len() + 2 + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("{indent}# {line}\n"));
    }
    text
}
