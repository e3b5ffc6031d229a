//! The recovery gate of a stage: as the plan has it, or else its exit KPIs over the last half an hour (L10). The one place that
//! decides which. Must not judge whether a stage has recovered.

use super::super::super::criteria::{self, Criteria, KpiAsk};
use super::super::super::lint::Severity;
use super::super::super::parts::checker::Checker;
use super::super::super::parts::queries::Place;
use super::super::super::problem::{Problem, ProblemCode};
use super::super::super::spanned::Spanned;
use super::super::super::{Confidence, Gate, Hold};
use super::super::warnings;
use super::{Reader, gate, valid};
use crate::kind::{GateKind, List};
use crate::units::Duration;

/// How long a stage whose plan has no `recovery` must stay healthy, unless a condition looks back further.
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

/// How long a span a condition of an exit needs, if it says. So many points may be bad of its whole window, and no more of a shorter one.
fn looks_back(ask: &KpiAsk, window: Option<Duration>) -> Option<Duration> {
    if ask.condition.at.is_some() {
        let points = i64::try_from(Confidence::LEAST_PAIRS).ok()?;
        return Some(Duration::from_millis(
            ask.step.millis().saturating_mul(points),
        ));
    }
    match ask.condition.hold? {
        Hold::For(length) => Some(length),
        hold @ Hold::Over(..) => hold.lookbacks().into_iter().max(),
        Hold::But(_) => window,
        Hold::Share(_) | Hold::Points(_) => None,
    }
}

impl Reader<'_, '_> {
    /// `None` for a stage without `recovery` whose exit asks about no KPI.
    pub(super) fn recovery<'d>(
        &self,
        checker: &mut Checker<'_>,
        place: &dyn Fn(Option<Duration>) -> Place<'d>,
        exit: Option<&Gate>,
    ) -> Option<Gate> {
        match &self.written.recovery {
            Some(written) => Some(self.written_recovery(checker, place, written)),
            None => self.usual_recovery(checker, place, exit?),
        }
    }

    fn written_recovery<'d>(
        &self,
        checker: &mut Checker<'_>,
        place: &dyn Fn(Option<Duration>) -> Place<'d>,
        recovery: &Spanned<Criteria>,
    ) -> Gate {
        let text = recovery.value.window.as_ref();
        if let (None, Some(kpis)) = (text, &recovery.value.kpis) {
            let message = "`recovery` asks about KPIs but has no `window`";
            checker.report(
                Problem::error(ProblemCode::WindowNeeded, kpis.span.clone(), message)
                    .help("add `window: 30m`, or however long the stage must stay healthy"),
            );
        }
        let window = text.and_then(|text| checker.positive(text, "window"));
        let built = criteria::read(checker, self.plan, &place(window), List::Recovery, recovery);
        warnings::gate(checker, self.plan, &place(window), &built);
        let valid = valid(checker, recovery);
        gate(GateKind::Recovery, window, valid, built)
    }

    /// What the exit asks about KPIs, over the last half an hour, or as long as the longest `for` or `over`, or `at` needs.
    fn usual_recovery<'d>(
        &self,
        checker: &mut Checker<'_>,
        place: &dyn Fn(Option<Duration>) -> Place<'d>,
        exit: &Gate,
    ) -> Option<Gate> {
        let written = self.written.exit.as_ref()?;
        let kpis = written.value.kpis.clone()?;
        let asked = exit.criteria.iter().filter(|one| one.list == List::Exit);
        let lengths = asked.filter_map(|one| looks_back(one.ask.kpi()?, exit.window));
        let window = Some(lengths.fold(HALF_AN_HOUR, Duration::max));
        let asked = written.with(Criteria {
            kpis: Some(kpis),
            ..Criteria::default()
        });
        // Its author wrote these conditions for the exit, and was warned there.
        let known = checker.problems.len();
        let built = criteria::read(checker, self.plan, &place(window), List::Recovery, &asked);
        let found = checker.problems.split_off(known);
        let errors = found
            .into_iter()
            .filter(|one| one.severity == Severity::Error);
        checker.problems.extend(errors);
        Some(gate(GateKind::Recovery, window, None, built))
    }
}
