//! What is said of a draft, for people: what was found, what was left out and why, the next command. Text only.

use super::discover::Found;
use super::drafting::whole_days;
use super::measure::Kept;
use super::setting::Setting;
use crate::init::Draft;
use crate::report::{escape, fold};

/// So many that were left out are named.
const LEFT: usize = 8;

/// What was found and left out.
pub(super) fn found(found: &Found, columns: usize) -> String {
    let mut lines = vec![head(found)];
    let width = |of: fn(&Kept) -> usize| found.kept.iter().map(of).max().unwrap_or(0);
    let name = width(|kept| kept.candidate.name.chars().count());
    let about = width(|kept| kept.candidate.about.chars().count());
    for kept in &found.kept {
        lines.extend(of_kept(found, kept, (name, about, columns)));
    }
    let named = found.left.iter().take(LEFT);
    for (name, why) in named {
        lines.push(format!("  left    {name}: {why}"));
    }
    let more = found.left.len().saturating_sub(LEFT);
    if more > 0 {
        lines.push(format!("  left    and {more} more; --match narrows"));
    }
    for (label, values) in &found.versions {
        lines.push(format!(
            "  note    two versions have traffic by {label}: {}; --canary and --control compare them",
            values.join(", ")
        ));
    }
    fitting(&lines.join("\n"), columns)
}

/// Lines, each broken where it is wider than that.
pub(super) fn fitting(text: &str, columns: usize) -> String {
    let fit = |line: &str| fold(&escape(line), columns) + "\n";
    text.lines().map(fit).collect()
}

fn head(found: &Found) -> String {
    let version = found
        .version
        .as_deref()
        .unwrap_or("a server that does not say its version");
    let program = if version.starts_with(|c: char| c.is_ascii_digit()) {
        "Prometheus "
    } else {
        ""
    };
    let rhythm = found.rhythm;
    let longer = if rhythm.is_longer { " or more" } else { "" };
    let names = found.names;
    let word = if names == 1 { "name" } else { "names" };
    format!(
        "{program}{version}, {names} metric {word}, {}{longer} of history, scraped every {}",
        whole_days(rhythm.past),
        rhythm.scrape
    )
}

fn of_kept(
    found: &Found,
    kept: &Kept,
    (name, about, columns): (usize, usize, usize),
) -> Vec<String> {
    let candidate = &kept.candidate;
    let now = kept.now.map_or_else(
        || "no value now".to_owned(),
        |now| format!("{} now", candidate.unit.show(now)),
    );
    let per = match &found.sites {
        Some((label, _)) if kept.by_site => format!("per {label}: {}, the worst ", kept.series),
        Some(_) | None => String::new(),
    };
    let shown = if candidate.is_shown_only() {
        ", shown only"
    } else {
        ""
    };
    let wide = format!(
        "  found   {:name$}  {:about$}  {per}{now}{shown}",
        candidate.name, candidate.about
    );
    if wide.chars().count() <= columns {
        return vec![wide];
    }
    vec![
        format!("  found   {:name$}  {per}{now}{shown}", candidate.name),
        format!("          {}", candidate.about),
    ]
}

/// Where limits are from.
pub(super) fn limits(words: &str) -> String {
    format!("  limits  {words}\n")
}

/// What was written, and what to do next.
pub(super) fn next(setting: &Setting, draft: &Draft) -> String {
    let path = setting.path.to_string_lossy();
    let first = draft
        .shape
        .stages
        .first()
        .map_or("", |stage| stage.name.as_str());
    let stages = draft.shape.stages.len();
    let (kpis, past) = (draft.kpis.len(), draft.head.past);
    let stage = if stages == 1 { "stage" } else { "stages" };
    let kpi = if kpis == 1 { "KPI" } else { "KPIs" };
    format!(
        "{path}: {stages} {stage}, {kpis} {kpi}, valid, every query answered; a draft: read its comments\nnext: gate backtest {path} --from {past}, then gate start {path} {first}\n"
    )
}
