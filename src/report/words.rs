//! Parts of a check in words, for every report that needs them: release, gates, what decided, sources, ledger. Must not
//! escape or lay out anything.

use super::gate::counts;
use super::{brief, decided, standing, times};
use crate::assessment::{Code, GateAssessment, Outcome};
use crate::evidence::{Evidence, LedgerSeen};
use crate::kind::CriterionKind;
use crate::plan::RollbackStep;
use crate::samples::SourceSeen;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// `R1.0 1.0.0`.
pub(super) fn release(evidence: &Evidence) -> String {
    let release = &evidence.plan.release;
    match &release.version {
        Some(version) => format!("{} {version}", release.name),
        None => release.name.clone(),
    }
}

/// `Disable flag shipping.v2 (@ops, 2m)`.
pub(super) fn step_in_words(step: &RollbackStep) -> String {
    let takes = step.takes.map(|takes| takes.to_string());
    let about: Vec<String> = step.owner.clone().into_iter().chain(takes).collect();
    if about.is_empty() {
        return step.action.clone();
    }
    format!("{} ({})", step.action, about.join(", "))
}

/// `5/6 met, stops 3/3 clear; unmet: exception_rate`, after the name of whoever proceeds anyway; of a gate
/// that is judged ahead, after that.
pub(super) fn gate_in_words(gate: &GateAssessment) -> String {
    let criteria = decided::deciding(gate);
    let words = match criteria.first() {
        None if decided::only_waits(gate) => format!("{}; window runs", counts(gate)),
        None => counts(gate),
        Some(first) => format!(
            "{}; {}: {}",
            counts(gate),
            first.outcome.word(),
            decided::names(&criteria)
        ),
    };
    let aside = (gate.outlook && !gate.look).then(|| brief::OUTLOOK.to_owned());
    let overridden = gate.override_in_force().map(standing::in_short);
    let all = aside.into_iter().chain(overridden).chain([words]);
    all.collect::<Vec<_>>().join("; ")
}

/// What decided a check, in one line: that a window runs and nothing speaks against it, or the first criterion behind the worst
/// verdict and how many more there are; then the stops that are on their way.
pub(super) fn decided_by(evidence: &Evidence) -> String {
    decided_by_at(evidence, evidence.evaluated_at)
}

/// The same, told at a later time.
pub(super) fn decided_by_at(evidence: &Evidence, now: Instant) -> String {
    let worst: Vec<_> = (evidence.deciding())
        .filter(|gate| gate.verdict == evidence.verdict)
        .collect();
    let approaching = approaching(evidence, now);
    let all_wait = worst.iter().all(|gate| decided::only_waits(gate));
    let line = match worst.first().filter(|_| all_wait) {
        Some(gate) => window_runs(gate, now, approaching.is_empty()),
        None => first_behind(&worst),
    };
    let approaching = approaching
        .into_iter()
        .filter(|_| evidence.verdict != Verdict::Stop);
    std::iter::once(line)
        .chain(approaching)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The stops of the gates that decide that are on their way: `exception_rate (BER1) in its stop state for 4m of 10m, …`.
fn approaching(evidence: &Evidence, now: Instant) -> Vec<String> {
    let criteria = evidence.deciding().flat_map(|gate| &gate.criteria);
    let words = criteria.filter_map(|criterion| {
        let (series, approach) = criterion.approach()?;
        let per = series.per.iter().map(|per| format!(" ({per})"));
        let name = std::iter::once(criterion.name.clone()).chain(per);
        let is_of_now = now <= evidence.evaluated_at;
        let told = if is_of_now {
            approach.to_string()
        } else {
            approach.told_at(now)
        };
        Some(format!("{} {told}", name.collect::<String>()))
    });
    words.collect()
}

/// `pilot/exit: window runs, complete in 4h4m (2026-11-26T14:00:00Z); nothing speaks against it; open: lead`.
fn window_runs(gate: &GateAssessment, now: Instant, is_quiet: bool) -> String {
    let window = gate.window.as_ref();
    let end = window.and_then(|window| window.completes_at);
    let is_over = end.is_some_and(|at| at <= now);
    let runs = if is_over { "window ran" } else { "window runs" };
    let end = end.map(|at| format!("complete {}", times::beside(at, now)));
    // Of a gate that asks only people, its own criterion says so.
    let mut waiting = gate.criteria.iter().filter(|one| decided::waits(one));
    let end = end.or_else(|| waiting.next().map(|one| one.reason.clone()));
    let mut words = format!("{}: {runs}, {}", gate.name(), end.unwrap_or_default());
    if is_quiet && gate.flags.is_empty() {
        words.push_str("; nothing speaks against it");
    } else if is_quiet {
        words.push_str("; nothing that it asks speaks against it");
    }
    let open = decided::deciding(gate);
    if !open.is_empty() {
        words.push_str(&format!("; open: {}", decided::names(&open)));
    }
    words
}

/// The first criterion behind the verdict of these gates, and how many more there are.
fn first_behind(worst: &[&GateAssessment]) -> String {
    let mut deciding = worst.iter().flat_map(|gate| {
        let criteria = decided::deciding(gate).into_iter();
        criteria.map(|criterion| (gate.name(), criterion))
    });
    let not_begun = worst
        .first()
        .and_then(|gate| Some((gate, decided::not_begun(gate)?)));
    if let Some((gate, start)) = not_begun {
        let more = match decided::deciding(gate).len().saturating_sub(1) {
            0 => String::new(),
            1 => "; 1 more waits for that".to_owned(),
            more => format!("; {more} more wait for that"),
        };
        return format!("{}: {}{more}", gate.name(), start.reason);
    }
    if let Some(open) = worst.first().and_then(|gate| nobody_answered(gate)) {
        return open;
    }
    let Some((gate, criterion)) = deciding.next() else {
        let gates = worst
            .iter()
            .map(|gate| format!("{}: {}", gate.name(), counts(gate)));
        return gates.collect::<Vec<_>>().join("; ");
    };
    let line = match criterion.outcome {
        // The value looks good by now: the earlier trip counts.
        Outcome::Tripped if criterion.code == Code::TrippedBefore => {
            format!("{gate}: {}, {}", criterion.name, criterion.reason)
        }
        Outcome::Unknown => {
            let name = decided::called(criterion.kind, &criterion.name);
            format!("{gate}: {name} unknown, {}", criterion.reason)
        }
        Outcome::Unmet | Outcome::Tripped if decided::is_told_by_reason(criterion.kind) => {
            format!(
                "{gate}: {}, {}",
                decided::in_words(criterion),
                criterion.reason
            )
        }
        Outcome::Unmet | Outcome::Tripped | Outcome::Met | Outcome::Clear => {
            format!("{gate}: {}", decided::in_words(criterion))
        }
    };
    match deciding.count() {
        0 => line,
        more => format!("{line}; and {more} more"),
    }
}

/// `pilot/entry: nobody has answered these yet: lead, ops`, where nothing else is open.
fn nobody_answered(gate: &GateAssessment) -> Option<String> {
    let open = decided::deciding(gate);
    let all = open.len() > 1 && open.iter().all(|one| decided::nobody_said_anything(one));
    all.then(|| {
        format!(
            "{}: nobody has answered these yet: {}",
            gate.name(),
            decided::names(&open)
        )
    })
}

/// Each source as [`source_in_words`] tells it, in plan order.
pub(super) fn sources(evidence: &Evidence) -> impl Iterator<Item = String> {
    let sources = evidence.sources.iter();
    sources.map(|source| source_in_words(source, is_asked(evidence, &source.name)))
}

/// `base.json: captured at 2026-11-19T23:00:00Z, sha256 0123456789ab…`, by path.
pub(super) fn baselines(evidence: &Evidence) -> impl Iterator<Item = String> {
    let baselines = evidence.baselines.iter();
    baselines.map(|seen| format!("{}: {}", seen.path, seen.in_short()))
}

/// Whether any criterion needed answers of a source. Which one alerts come from is not kept with them.
pub(super) fn is_asked(evidence: &Evidence, source: &str) -> bool {
    let mut criteria = evidence.gates.iter().flat_map(|gate| &gate.criteria);
    criteria.any(|one| {
        let of_kpi = one.kpi.as_ref().is_some_and(|kpi| kpi.source == source);
        // Without a point to judge, nothing was asked.
        let of_kpi = of_kpi && one.code != Code::EmptySpan;
        of_kpi || matches!(one.kind, CriterionKind::Alerts | CriterionKind::NoAlerts)
    })
}

/// `default: http://127.0.0.1:9090, version 3.5.3`, with the settings that its answers depend on.
fn source_in_words(source: &SourceSeen, is_asked: bool) -> String {
    let version = match &source.version {
        Some(version) => format!("version {version}"),
        None if is_asked => "version unknown".to_owned(),
        None => "not asked".to_owned(),
    };
    let mut words = format!("{}: {}, {version}", source.name, source.url);
    words.push_str(&settings(source));
    words
}

/// `, lookback 1m, delay 5m, tenant=7`: where the plan sets it.
pub(super) fn settings(source: &SourceSeen) -> String {
    let lookback = source
        .lookback
        .map(|lookback| format!(", lookback {lookback}"));
    let mut words = lookback.unwrap_or_default();
    if source.delay > Duration::ZERO {
        words.push_str(&format!(", delay {}", source.delay));
    }
    for (name, value) in &source.params {
        words.push_str(&format!(", {name}={value}"));
    }
    words
}

/// How much of where a source is gets told.
#[derive(Clone, Copy)]
enum Place {
    Address,
    Host,
    /// None of it: the name.
    Name,
}

/// When, where it was asked, and on which ledger, in fewer and fewer words: each source by its address, its host, its name.
pub(super) fn judged_in_short(evidence: &Evidence) -> [String; 3] {
    [Place::Address, Place::Host, Place::Name].map(|place| {
        let judged = format!("evaluated at {}", evidence.evaluated_at);
        let sources = evidence.sources.iter();
        let sources = sources.map(|source| asked_in_short(evidence, source, place));
        let ledger = evidence.ledger.as_ref();
        let ledger = ledger.map(up_to);
        let all = std::iter::once(judged).chain(sources).chain(ledger);
        all.collect::<Vec<_>>().join("; ")
    })
}

/// `http://127.0.0.1:9090`, by its name where there are several, with what its answers depend on.
fn asked_in_short(evidence: &Evidence, source: &SourceSeen, place: Place) -> String {
    let address = match place {
        Place::Address => Some(source.url.as_str()),
        Place::Host => Some(host(&source.url)),
        Place::Name => None,
    };
    let mut words = match address {
        Some(address) if evidence.sources.len() == 1 => address.to_owned(),
        Some(address) => format!("{}: {address}", source.name),
        None => format!("source {}", source.name),
    };
    if source.version.is_none() {
        let is_asked = is_asked(evidence, &source.name);
        words.push_str(if is_asked {
            ", version unknown"
        } else {
            ", not asked"
        });
    }
    words.push_str(&settings(source));
    words
}

/// The host and port of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// `ledger up to #23`: what was recorded before the check.
fn up_to(ledger: &LedgerSeen) -> String {
    match ledger.entries {
        0 => "ledger empty before".to_owned(),
        last => format!("ledger up to #{last}"),
    }
}

/// `ledger plan.ledger.jsonl: 23 entries`.
pub(super) fn ledger_in_short(ledger: &LedgerSeen) -> String {
    format!("ledger {}: {}", ledger.path, entries(ledger))
}

/// `23 entries`.
pub(super) fn entries(ledger: &LedgerSeen) -> String {
    let word = if ledger.entries == 1 {
        "entry"
    } else {
        "entries"
    };
    format!("{} {word}", ledger.entries)
}

/// `ledger pilot.ledger.jsonl: 14 entries, head sha256 …`.
pub(super) fn ledger_in_words(ledger: &LedgerSeen) -> String {
    let head = if ledger.entries == 0 {
        String::new()
    } else {
        format!(", head sha256 {}", ledger.head_sha256)
    };
    format!("{}{head}", ledger_in_short(ledger))
}
