//! Workflow commands of GitHub Actions: annotations for what is not well, and one for each gate that names every outcome.
//! Must not let text from outside end a command or begin one.

use super::{decided, escape, gate, plan_findings, standing, table, words};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::List;
use crate::plan::PlanWarning;
use crate::verdict::Verdict;

/// GitHub shows at most this many annotations of one kind per step, and silently drops the rest.
const MAX_OF_A_KIND: usize = 10;
/// GitHub silently cuts longer messages.
const MAX_MESSAGE_BYTES: usize = 4096;

/// The kinds of annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Level {
    Error,
    Warning,
    #[default]
    Notice,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

#[derive(Clone, Default)]
pub(super) struct Annotation {
    pub(super) level: Level,
    pub(super) title: String,
    pub(super) message: String,
    /// Line and column of the plan, where it is about one.
    pub(super) place: Vec<(&'static str, usize)>,
}

/// The commands, one per line: the verdict first.
#[must_use]
pub fn github(evidence: &Evidence) -> String {
    let mut all = vec![verdict(evidence)];
    for gate in evidence.deciding() {
        all.push(gate_outcomes(gate));
    }
    for gate in evidence.deciding() {
        let open = gate.criteria.iter();
        let plan = &evidence.plan.path;
        all.extend(open.filter_map(|criterion| annotation(gate, criterion, plan)));
    }
    all.extend(evidence.warnings.iter().map(warning));
    all.extend(plan_findings::accepted(evidence).map(accepted));
    let path = &evidence.plan.path;
    let all: Vec<_> = all.into_iter().map(|one| (path.clone(), one)).collect();
    commands(&all)
}

/// Annotations of files, the worst first.
pub(super) fn commands(all: &[(String, Annotation)]) -> String {
    let levels = [Level::Error, Level::Warning, Level::Notice];
    levels
        .into_iter()
        .flat_map(|level| limited(all, level))
        .map(|(path, one)| command(&path, &one))
        .collect()
}

fn verdict(evidence: &Evidence) -> Annotation {
    let level = match evidence.verdict {
        Verdict::Go => Level::Notice,
        Verdict::Hold => Level::Warning,
        Verdict::NoGo | Verdict::Stop => Level::Error,
    };
    let mut parts = standing::lines(evidence);
    parts.push(words::decided_by(evidence));
    Annotation {
        level,
        title: format!(
            "{}: {}",
            verdict_in_words(evidence.verdict, evidence.is_overridden()),
            words::release(evidence)
        ),
        message: parts.join("; "),
        ..Annotation::default()
    }
}

/// A warning at its place in the plan.
fn warning(warning: &PlanWarning) -> Annotation {
    let help = warning.help.iter().map(String::as_str);
    let parts: Vec<&str> = std::iter::once(warning.message.as_str())
        .chain(help)
        .collect();
    let line = warning.line.map(|line| ("line", line));
    let column = warning.column.map(|column| ("col", column));
    Annotation {
        level: Level::Warning,
        title: format!("plan: {}", warning.code),
        message: parts.join("; "),
        place: line.into_iter().chain(column).collect(),
    }
}

fn accepted(line: String) -> Annotation {
    Annotation {
        title: "plan: accepted".to_owned(),
        message: line,
        ..Annotation::default()
    }
}

/// `NO-GO`, `NO-GO OVERRIDDEN`.
fn verdict_in_words(verdict: Verdict, is_overridden: bool) -> String {
    if is_overridden {
        format!("{} {}", verdict.word(), standing::OVERRIDDEN)
    } else {
        verdict.word().to_owned()
    }
}

/// Every criterion of a gate by its outcome; those that matter most come first.
fn gate_outcomes(gate: &GateAssessment) -> Annotation {
    let order = [
        Outcome::Tripped.word(),
        Outcome::Unmet.word(),
        decided::ON_ITS_WAY,
        Outcome::Unknown.word(),
        decided::SO_FAR_MET,
        Outcome::Met.word(),
        Outcome::Clear.word(),
    ];
    let outcomes: Vec<String> = (order.into_iter())
        .filter_map(|word| with_word(gate, word))
        .collect();
    Annotation {
        level: Level::Notice,
        title: format!(
            "{}: {}",
            verdict_in_words(gate.verdict, gate.override_in_force().is_some()),
            gate::title(gate)
        ),
        message: std::iter::once(gate::counts(gate))
            .chain(outcomes)
            .chain(notes_on_what_is_well(gate))
            .collect::<Vec<_>>()
            .join("; "),
        ..Annotation::default()
    }
}

/// What is noted of criteria that have no annotation of their own.
fn notes_on_what_is_well(gate: &GateAssessment) -> Vec<String> {
    let well = gate.criteria.iter().filter(|one| match one.outcome {
        Outcome::Met | Outcome::Clear => true,
        Outcome::Unmet | Outcome::Tripped | Outcome::Unknown => false,
    });
    well.flat_map(|one| notes(one).map(move |note| format!("{}: {note}", listed(one))))
        .collect()
}

fn notes(criterion: &CriterionAssessment) -> impl Iterator<Item = String> {
    criterion.notes.iter().map(|note| format!("note: {note}"))
}

/// `met: a, b`; `None` if no criterion is told with that word.
fn with_word(gate: &GateAssessment, word: &str) -> Option<String> {
    let alike = (gate.criteria.iter()).filter(|one| decided::outcome_word(one) == word);
    let names: Vec<String> = alike.map(listed).collect();
    (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
}

/// The name of a criterion, with its list if that is not named after the gate.
fn listed(criterion: &CriterionAssessment) -> String {
    match criterion.list {
        List::Stop | List::Watch => format!("{} ({})", criterion.name, criterion.list.word()),
        List::Entry | List::Exit | List::Recovery => criterion.name.clone(),
    }
}

/// `None` for what is well.
fn annotation(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    plan: &str,
) -> Option<Annotation> {
    let level = match (criterion.list, criterion.outcome) {
        (_, Outcome::Met | Outcome::Clear) => return None,
        // The notice on the gate says so, once for all.
        (_, Outcome::Unknown) if criterion.is_met_so_far() => return None,
        (List::Watch, _) => Level::Notice,
        (_, Outcome::Unmet | Outcome::Tripped) => Level::Error,
        (_, Outcome::Unknown) => Level::Warning,
    };
    let (name, outcome) = (gate.name(), criterion.outcome.word());
    Some(Annotation {
        level,
        title: format!("{name}: {} {outcome}", criterion.name),
        message: message(criterion, plan),
        ..Annotation::default()
    })
}

/// What is wrong, what is noted of it, what it is based on, and the command that settles it.
fn message(criterion: &CriterionAssessment, plan: &str) -> String {
    let what = format!("{}: {}", decided::in_words(criterion), criterion.reason);
    let command = criterion.next_step.as_ref();
    let command = command.map(|next_step| format!("next step: {}", next_step.command(plan)));
    let parts = std::iter::once(what).chain(notes(criterion));
    parts
        .chain(table::based_on(criterion))
        .chain(command)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The annotations of one level; the last says how many more there are.
fn limited(all: &[(String, Annotation)], level: Level) -> Vec<(String, Annotation)> {
    let of_level = || all.iter().filter(|(_, one)| one.level == level);
    let count = of_level().count();
    let shown = if count > MAX_OF_A_KIND {
        MAX_OF_A_KIND - 1
    } else {
        count
    };
    let mut limited: Vec<(String, Annotation)> = of_level().take(shown).cloned().collect();
    if let Some((path, _)) = of_level().nth(shown) {
        let more = Annotation {
            level,
            title: format!("{} more", count - shown),
            message: format!(
                "{} more of this kind are left out: GitHub shows {MAX_OF_A_KIND}; the printed verdict has them all",
                count - shown
            ),
            ..Annotation::default()
        };
        limited.push((path.clone(), more));
    }
    limited
}

/// `::error file=plan.yaml,title=…::MESSAGE`.
fn command(path: &str, one: &Annotation) -> String {
    let mut place = String::new();
    for (name, number) in &one.place {
        place.push_str(&format!("{name}={number},"));
    }
    format!(
        "::{} file={},{place}title={}::{}\n",
        one.level.word(),
        property(path),
        property(&one.title),
        data(&cut(&one.message))
    )
}

/// Shortened to the limit, with a mark where something was cut.
fn cut(message: &str) -> String {
    if message.len() <= MAX_MESSAGE_BYTES {
        return message.to_owned();
    }
    let end = message.floor_char_boundary(MAX_MESSAGE_BYTES);
    format!("{} …", message.split_at(end).0)
}

/// The value of a property, as the runner decodes it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The message, as the runner decodes it.
fn data(text: &str) -> String {
    escape(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn properties_and_data_are_escaped_as_the_runner_decodes_them() {
        assert_eq!(data("5%: a,b\r\nc"), "5%25: a,b\\u{d} c");
        assert_eq!(property("5%: a,b"), "5%25%3A a%2Cb");
    }

    #[test]
    fn the_worst_come_first_and_each_level_fits() {
        let mut evidence = scenarios::no_go();
        let unmet: Vec<_> = evidence.gates[0]
            .criteria
            .iter()
            .filter(|one| one.outcome == Outcome::Unmet)
            .cloned()
            .collect();
        for _ in 0..12 {
            evidence.gates[0].criteria.extend(unmet.clone());
        }
        let shown = github(&evidence);
        assert!(shown.starts_with("::error file=rollout-plans/logistics.yaml,title=NO-GO%3A R1.0"));
        assert_eq!(shown.matches("::error ").count(), 10);
        assert!(
            shown.contains("title=5 more::5 more of this kind are left out"),
            "{shown}"
        );
    }

    #[test]
    fn m8_what_is_noted_of_a_criterion_is_shown_well_or_not() {
        for mut evidence in [scenarios::go(), scenarios::no_go()] {
            let criteria = &mut evidence.gates[0].criteria;
            for (number, criterion) in criteria.iter_mut().enumerate() {
                criterion.notes.push(format!("remark {number}"));
            }
            let count = criteria.len();
            let shown = github(&evidence);
            for number in 0..count {
                let note = format!("note%3A remark {number}").replace("%3A", ":");
                assert_eq!(shown.matches(&note).count(), 1, "{shown}");
            }
        }
    }

    #[test]
    fn a_long_message_is_cut_between_letters() {
        let shown = cut(&"é".repeat(5000));
        assert!(shown.len() <= MAX_MESSAGE_BYTES + 4 && shown.ends_with('…'));
    }

    #[test]
    fn a_go_annotates_nothing_as_wrong() {
        let shown = github(&scenarios::go());
        assert!(!shown.contains("::error") && !shown.contains("::warning"));
        assert!(
            shown.contains("met: order_to_ship_p95, exception_rate"),
            "{shown}"
        );
    }
}
