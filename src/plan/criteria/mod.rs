//! Criteria: what a gate can ask. One file for each kind: its written form, what it asks and its rules; here, all kinds together.
//!
//! A new kind is an entry of `asks!`; what else it needs, the compiler says. Must not look for an answer.

mod alerts;
mod approvals;
mod artifacts;
pub(in crate::plan) mod checklists;
mod checkpoints;
mod confirmations;
pub(in crate::plan) mod definitions;
mod incidents;
mod kpis;
mod linked;
mod outside;
mod pairs;
mod pointer;
mod points;
mod probes;

use self::definitions::Definitions;
use super::maps::maps;
use super::parts::checker::Checker;
use super::parts::http_config::written::HttpConfig;
use super::parts::queries::Place;
use super::problem::{Problem, ProblemCode, Span};
use super::spanned::{ListOr, ManyOr, OneOrMany, Pairs, Spanned, Text, TextOr};
use crate::kind::{CriterionKind, List};
use crate::units::Duration;

pub use alerts::{AlertmanagerAsk, AlertsAsk, AlertsSource};
pub use approvals::ApprovalAsk;
pub use artifacts::ArtifactAsk;
pub use checklists::ChecklistItem;
pub use checkpoints::{Attendance, CheckpointAsk, ISSUE_LOG, REVIEW};
pub use confirmations::ConfirmationAsk;
pub use incidents::IncidentsAsk;
pub use kpis::KpiAsk;
pub use outside::OutsideAsk;
pub use probes::ProbeAsk;

/// Defines what criteria ask, and the keys of a list from which each is read: `VARIANT … { KEY: WRITTEN FORM, KIND, LISTS; … }`.
/// `{}` says that a list has no key for it.
macro_rules! asks {
    ($($(#[$doc:meta])* $ask:ident $what:tt {
        $($key:ident: $written:ty, $kind:ident, $stands:ident;)*
    })+) => {
        /// What a criterion asks.
        #[derive(Debug, Clone)]
        pub enum Ask { $($(#[$doc])* $ask $what,)+ }

        maps! {
            /// One list of a stage.
            Criteria { window: Text, valid: Text, $($($key: Spanned<$written>,)*)+ }
        }

        /// A key of a list, with what was written there.
        #[derive(Clone, Copy)]
        enum Key<'d> { $($($kind(&'d Spanned<$written>),)*)+ }

        impl Criteria {
            fn keys(&self) -> impl Iterator<Item = Key<'_>> {
                [$($(self.$key.as_ref().map(Key::$kind),)*)+].into_iter().flatten()
            }
        }

        impl Key<'_> {
            fn kind(self) -> CriterionKind {
                match self { $($(Self::$kind(_) => CriterionKind::$kind,)*)+ }
            }

            fn span(&self) -> &Span {
                match self { $($(Self::$kind(written) => &written.span,)*)+ }
            }

            fn stands(self) -> Stands {
                match self { $($(Self::$kind(_) => Stands::$stands,)*)+ }
            }
        }
    };
}

asks! {
    /// One condition of one KPI.
    Kpi(Box<KpiAsk>) {
        kpis: Pairs<OneOrMany>, Kpis, Anywhere;
    }
    /// `deadline`, a key of the stage: in stop.
    Deadline(Duration) {}
    /// One item of one list.
    Checklist {
        /// The list's name.
        list: String,
        /// The item.
        item: ChecklistItem,
    } {
        checklists: OneOrMany, Checklists, WhereAnswered;
    }
    /// One id.
    Confirmation(ConfirmationAsk) {
        confirmations: OneOrMany<TextOr<confirmations::Confirmation>>, Confirmations, WhereAnswered;
    }
    /// One role.
    Approval(ApprovalAsk) {
        approvals: ListOr<approvals::Approvals, TextOr<approvals::Approval>>, Approvals, WhereAnswered;
    }
    /// One role that holds checkpoints, or their review of the issue log.
    Checkpoint(CheckpointAsk) {
        checkpoints: checkpoints::Checkpoints, Checkpoints, InExit;
    }
    /// All severities together.
    Incidents(IncidentsAsk) {
        incidents: incidents::Incidents, Incidents, InStop;
        no_incidents: incidents::Incidents, NoIncidents, OutsideStop;
    }
    /// All selectors together.
    Alerts(AlertsAsk) {
        alerts: ListOr<alerts::Alerts>, Alerts, InStop;
        no_alerts: ListOr<alerts::Alerts>, NoAlerts, OutsideStop;
    }
    /// One file.
    Artifact(ArtifactAsk) {
        artifacts: Vec<Spanned<TextOr<artifacts::Artifact>>>, Artifacts, WhereAnswered;
    }
    /// One address.
    Probe(Box<ProbeAsk>) {
        probes: Vec<Spanned<TextOr<probes::Probe>>>, Probes, WhereAnswered;
    }
    /// One calendar.
    Outside(OutsideAsk) {
        outside: ManyOr<outside::Outside>, Outside, WhereAnswered;
    }
}

/// What a deadline asks, for people: `through the exit gate within 96h`.
#[must_use]
pub fn deadline_in_words(length: Duration) -> String {
    format!("through the exit gate within {length}")
}

/// One thing that a gate asks.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Where it stands.
    pub list: List,
    /// What it asks.
    pub ask: Ask,
}

impl Ask {
    /// Its kind in the given list.
    #[must_use]
    pub fn kind(&self, list: List) -> CriterionKind {
        match self {
            Self::Kpi(_) => CriterionKind::Kpis,
            Self::Deadline(_) => CriterionKind::Deadline,
            Self::Checklist { .. } => CriterionKind::Checklists,
            Self::Confirmation(_) => CriterionKind::Confirmations,
            Self::Approval(_) => CriterionKind::Approvals,
            Self::Checkpoint(_) => CriterionKind::Checkpoints,
            Self::Incidents(_) if list == List::Stop => CriterionKind::Incidents,
            Self::Incidents(_) => CriterionKind::NoIncidents,
            Self::Alerts(_) if list == List::Stop => CriterionKind::Alerts,
            Self::Alerts(_) => CriterionKind::NoAlerts,
            Self::Artifact(_) => CriterionKind::Artifacts,
            Self::Probe(_) => CriterionKind::Probes,
            Self::Outside(_) => CriterionKind::Outside,
        }
    }

    /// What the criterion is called in reports and evidence.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Kpi(kpi) => kpi.kpi.name.clone(),
            Self::Deadline(_) => "deadline".to_owned(),
            Self::Checklist { list, item } => format!("{list}/{}", item.id),
            Self::Confirmation(ask) => ask.id.clone(),
            Self::Approval(ask) => ask.role.clone(),
            Self::Checkpoint(ask) => ask.name().to_owned(),
            Self::Incidents(_) => "incidents".to_owned(),
            Self::Alerts(_) => "alerts".to_owned(),
            Self::Artifact(artifact) => artifact.path.clone(),
            Self::Probe(probe) => probe.shown_url.clone(),
            Self::Outside(outside) => outside.calendar.name.clone(),
        }
    }

    /// What it requires beside its name, in words, and how loose that is, where one number says so.
    pub(super) fn required(&self) -> (String, Option<f64>) {
        match self {
            Self::Kpi(ask) => (ask.condition.text.clone(), None),
            Self::Deadline(length) => (deadline_in_words(*length), Some(length.seconds())),
            // One whose turn counts asks for more.
            Self::Checklist { item, .. } => {
                let looseness = if item.number.is_some() { -1.0 } else { 0.0 };
                (item.shown(), Some(looseness))
            }
            Self::Confirmation(ask) => (ask.id.clone(), None),
            Self::Approval(ask) => {
                let distinct = if ask.distinct { " distinct" } else { "" };
                let looseness = if ask.distinct { -1.0 } else { 0.0 };
                (format!("{}{distinct}", ask.role), Some(looseness))
            }
            Self::Checkpoint(ask) => (ask.in_words(), Some(ask.every.seconds())),
            Self::Incidents(ask) => (ask.in_words(), None),
            Self::Alerts(ask) => (ask.in_words(), None),
            Self::Artifact(ask) => (ask.in_words(), None),
            Self::Probe(ask) => (ask.in_words(), None),
            Self::Outside(ask) => (ask.in_words(), None),
        }
    }

    /// The condition on a KPI that it asks about.
    #[must_use]
    pub fn kpi(&self) -> Option<&KpiAsk> {
        match self {
            Self::Kpi(ask) => Some(ask),
            Self::Deadline(_)
            | Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => None,
        }
    }

    /// The incidents that it asks about.
    #[must_use]
    pub fn incidents(&self) -> Option<&IncidentsAsk> {
        match self {
            Self::Incidents(ask) => Some(ask),
            Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => None,
        }
    }

    /// The role whose signature it asks for.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::Approval(ask) => Some(&ask.role),
            Self::Checkpoint(_)
            | Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => None,
        }
    }

    /// Whether people answer it by its name: with yes or no, not with a signature.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.wording().is_some()
    }

    /// The text that people answer: of the item, or the id of a confirmation, which has no other.
    #[must_use]
    pub fn wording(&self) -> Option<&str> {
        match self {
            Self::Checklist { item, .. } => Some(&item.text),
            Self::Confirmation(ask) => Some(&ask.id),
            Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => None,
        }
    }

    /// Who has to answer an item of a checklist, if the plan says.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Checklist { item, .. } => item.owner.as_deref(),
            Self::Confirmation(_)
            | Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => None,
        }
    }

    /// Where a person sees what is asked of them, if the plan says.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        let link = match self {
            Self::Checklist { item, .. } => &item.link,
            Self::Confirmation(ask) => &ask.link,
            Self::Approval(ask) => &ask.link,
            Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => return None,
        };
        link.as_deref()
    }

    /// The address that it asks, where it asks one.
    #[must_use]
    pub fn address(&self) -> Option<&ProbeAsk> {
        match self {
            Self::Probe(probe) => Some(probe),
            Self::Kpi(_)
            | Self::Deadline(_)
            | Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Outside(_) => None,
        }
    }

    /// Whether only the ledger and the clock decide it, so that people do: no source, file or address is looked at.
    #[must_use]
    pub fn is_up_to_people(&self) -> bool {
        match self {
            Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Deadline(_) => true,
            Self::Incidents(ask) => ask.issue_log.is_none(),
            Self::Kpi(_)
            | Self::Alerts(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => false,
        }
    }

    /// Whether it looks at a window, rather than at what is so when it is judged.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        match self {
            Self::Kpi(_) | Self::Alerts(_) => true,
            Self::Deadline(_)
            | Self::Checklist { .. }
            | Self::Confirmation(_)
            | Self::Approval(_)
            | Self::Checkpoint(_)
            | Self::Incidents(_)
            | Self::Artifact(_)
            | Self::Probe(_)
            | Self::Outside(_) => false,
        }
    }
}

/// What criteria ask, each with its place in the file.
type Asks = Vec<(Ask, Span)>;

impl Key<'_> {
    /// What it asks; nothing where a problem was noted.
    fn read(
        self,
        checker: &mut Checker<'_>,
        plan: &Definitions<'_>,
        place: &Place<'_>,
        list: List,
    ) -> Asks {
        match self {
            Self::Kpis(written) => {
                let asks = kpis::read(checker, plan, place, &written.value, list);
                each(asks, |ask| Ask::Kpi(Box::new(ask)))
            }
            Self::Checklists(written) => {
                let asks = checklists::read(checker, plan.checklists, written);
                each(asks, |(list, item)| Ask::Checklist { list, item })
            }
            Self::Confirmations(written) => {
                each(confirmations::read(checker, written), Ask::Confirmation)
            }
            Self::Approvals(written) => each(approvals::read(checker, written), Ask::Approval),
            Self::Checkpoints(written) => {
                each(checkpoints::read(checker, written), Ask::Checkpoint)
            }
            Self::Incidents(written) | Self::NoIncidents(written) => {
                each(incidents::read(checker, written), Ask::Incidents)
            }
            Self::Alerts(written) | Self::NoAlerts(written) => {
                let ask = alerts::read(checker, plan, place, written);
                each(ask, Ask::Alerts)
            }
            Self::Artifacts(written) => each(
                artifacts::read(checker, place.stage, &written.value),
                Ask::Artifact,
            ),
            Self::Probes(written) => {
                let asks = probes::read(checker, &written.value);
                each(asks, |ask| Ask::Probe(Box::new(ask)))
            }
            Self::Outside(written) => each(outside::read(checker, plan, written), Ask::Outside),
        }
    }
}

impl<'d> Key<'d> {
    fn addresses(self) -> Vec<(&'d str, &'d Span)> {
        match self {
            Self::Probes(written) => probes::addresses(&written.value),
            // An Alertmanager's address cannot have parameters, nor a file's.
            Self::Alerts(_)
            | Self::NoAlerts(_)
            | Self::Kpis(_)
            | Self::Checklists(_)
            | Self::Confirmations(_)
            | Self::Approvals(_)
            | Self::Checkpoints(_)
            | Self::Incidents(_)
            | Self::NoIncidents(_)
            | Self::Artifacts(_)
            | Self::Outside(_) => Vec::new(),
        }
    }
}

impl<'d> Key<'d> {
    fn http_configs(self) -> Vec<&'d HttpConfig> {
        match self {
            Self::Probes(written) => probes::http_configs(&written.value),
            Self::Alerts(written) | Self::NoAlerts(written) => alerts::http_configs(&written.value),
            Self::Kpis(_)
            | Self::Checklists(_)
            | Self::Confirmations(_)
            | Self::Approvals(_)
            | Self::Checkpoints(_)
            | Self::Incidents(_)
            | Self::NoIncidents(_)
            | Self::Artifacts(_)
            | Self::Outside(_) => Vec::new(),
        }
    }
}

fn each<T>(asked: impl IntoIterator<Item = (T, Span)>, ask: impl Fn(T) -> Ask) -> Asks {
    let asked = asked.into_iter();
    asked.map(|(what, span)| (ask(what), span)).collect()
}

/// In which lists a key may be used.
#[derive(Clone, Copy)]
enum Stands {
    Anywhere,
    /// It names the bad state.
    InStop,
    /// It names the good state.
    OutsideStop,
    /// What neither stop nor watch can ask.
    WhereAnswered,
    /// What is about a stage that runs.
    InExit,
}

impl Stands {
    /// What to do about a key that does not belong in a list; `None` where it does.
    fn misplaced(self, list: List) -> Option<&'static str> {
        const STATES: &str = "in `stop` a criterion names the bad state: `incidents`, `alerts`; elsewhere the good one: `no_incidents`, `no_alerts`";
        match (self, list) {
            (Self::Anywhere, _)
            | (Self::InStop, List::Stop)
            | (Self::InExit, List::Exit)
            | (
                Self::OutsideStop | Self::WhereAnswered,
                List::Entry | List::Exit | List::Recovery,
            ) => None,
            (Self::InStop, List::Entry | List::Exit | List::Recovery | List::Watch)
            | (Self::OutsideStop, List::Stop) => Some(STATES),
            (Self::OutsideStop, List::Watch) => Some("`watch` shows KPIs and never decides"),
            (Self::InExit, List::Entry | List::Stop | List::Recovery | List::Watch) => {
                Some("checkpoints are held while the stage runs: ask for them in `exit`")
            }
            (Self::WhereAnswered, List::Stop | List::Watch) => {
                Some("ask for it in `entry` or `exit`")
            }
        }
    }
}

/// A criterion and where it stands in the file.
pub(in crate::plan) struct Built {
    pub(in crate::plan) criterion: Criterion,
    pub(in crate::plan) span: Span,
}

/// Reads one list (`entry`, `stop`, `exit`, `recovery`, `watch`): its criteria, in the order of the file.
pub(in crate::plan) fn read(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    list: List,
    written: &Spanned<Criteria>,
) -> Vec<Built> {
    misplaced(checker, list, &written.value);
    let mut keys: Vec<Key<'_>> = written.value.keys().collect();
    if keys.is_empty() {
        let message = format!("`{list}` asks for nothing");
        checker.report(
            Problem::error(ProblemCode::NoCriteria, written.span.clone(), message)
                .help("a gate without a criterion would be GO without being earned: add one, such as `kpis`"),
        );
    }
    keys.sort_by_key(|key| key.span().start);
    let asks = keys
        .into_iter()
        .flat_map(|key| key.read(checker, plan, place, list));
    let built = |(ask, span)| Built {
        criterion: Criterion { list, ask },
        span,
    };
    asks.map(built).collect()
}

/// Keys that belong in another list.
fn misplaced(checker: &mut Checker<'_>, list: List, written: &Criteria) {
    if matches!(list, List::Stop | List::Exit | List::Watch) {
        let message = format!("`{list}` has no `window` of its own");
        let help = "the window of `stop`, `exit` and `watch` is the stage's own `window`";
        let window = written.window.as_ref().map(|text| &text.span);
        checker.misplaced(window, &message, help);
    }
    if matches!(list, List::Stop | List::Watch) {
        let message = format!("`{list}` has no `valid` of its own");
        let help = "how long a GO is good for is said of the whole gate: put `valid` in `exit`";
        let valid = written.valid.as_ref().map(|text| &text.span);
        checker.misplaced(valid, &message, help);
    }
    for key in written.keys() {
        if let Some(help) = key.stands().misplaced(list) {
            let message = format!("`{}` does not belong in `{list}`", key.kind());
            checker.misplaced(Some(key.span()), &message, help);
        }
    }
}

impl Criteria {
    /// The addresses that are written in a list, each with its place: their parameters may hold a credential.
    pub(in crate::plan) fn addresses(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.keys().flat_map(Key::addresses)
    }

    /// The settings of whatever is asked over HTTP in a list: they may hold a credential.
    pub(in crate::plan) fn http_configs(&self) -> impl Iterator<Item = &HttpConfig> {
        self.keys().flat_map(Key::http_configs)
    }
}

#[cfg(test)]
pub(super) fn maps() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    let kinds = [
        alerts::MAPS,
        approvals::MAPS,
        artifacts::MAPS,
        checklists::MAPS,
        checkpoints::MAPS,
        confirmations::MAPS,
        incidents::MAPS,
        outside::MAPS,
        probes::MAPS,
    ];
    [MAPS, &kinds.concat()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_the_name_of_the_kind_that_it_asks_for() {
        let (_, keys) = MAPS[0];
        let of_the_list = ["window", "valid"];
        for (key, _) in keys.iter().filter(|(key, _)| !of_the_list.contains(key)) {
            assert!(CriterionKind::from_word(key).is_some(), "{key}");
        }
    }
}
