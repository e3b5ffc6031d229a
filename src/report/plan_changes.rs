//! What changed in the plan since a gate was judged last, or its stage began: in words, for every report. Must not compare plans.

use crate::plan::{Effect, PlanChange};
use crate::rollout::short;

/// `pilot/exit since #15: exit order_to_ship_p95 ``p95 < 4h`` → ``p95 < 72h``, loosened`, with single backticks.
pub(super) fn line(change: &PlanChange) -> String {
    let PlanChange { gate, since, .. } = change;
    if change.effect == Effect::Unknown && !change.name.is_empty() {
        let (what, now) = (&change.name, written(change.now.as_deref()));
        return format!(
            "{gate} since #{since}: {what} is {now}; what it was is not known: the record of the earlier check is not available"
        );
    }
    if change.effect == Effect::Unknown {
        let sha256 = short(&change.plan_sha256);
        return format!(
            "{gate} since #{since}: the plan has changed, and the earlier version (sha256 {sha256}…) is not available: what changed is not known"
        );
    }
    format!(
        "{gate} since #{since}: {} {} → {}, {}",
        what(change),
        written(change.was.as_deref()),
        written(change.now.as_deref()),
        change.effect
    )
}

/// `exit order_to_ship_p95`, with the part where it is not the condition.
pub(super) fn what(change: &PlanChange) -> String {
    let list = change.list.map(|list| list.word().to_owned());
    let part = Some(change.part.clone()).filter(|part| part != "condition" && *part != change.name);
    let words = list.into_iter().chain([change.name.clone()]).chain(part);
    words.collect::<Vec<_>>().join(" ")
}

/// As it is written; a part that is not there says so.
pub(super) fn written(text: Option<&str>) -> String {
    text.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{CriterionKind, GateKind, List};

    fn change() -> PlanChange {
        PlanChange {
            list: Some(List::Exit),
            kind: Some(CriterionKind::Kpis),
            name: "order_to_ship_p95".into(),
            part: "condition".into(),
            was: Some("p95 < 4h".into()),
            now: Some("p95 < 72h".into()),
            effect: Effect::Loosened,
            ..PlanChange::unknown(&GateKind::Exit.of("pilot"), 15, &"ab".repeat(32))
        }
    }

    #[test]
    fn m16_a_change_says_since_when_what_and_whether_it_is_easier_now() {
        assert_eq!(
            line(&change()),
            "pilot/exit since #15: exit order_to_ship_p95 `p95 < 4h` → `p95 < 72h`, loosened"
        );
        let gone = PlanChange {
            part: "guard".into(),
            now: None,
            effect: Effect::Changed,
            ..change()
        };
        assert_eq!(
            line(&gone),
            "pilot/exit since #15: exit order_to_ship_p95 guard `p95 < 4h` → nothing, changed"
        );
        let window = PlanChange {
            list: None,
            name: "pilot".into(),
            part: "window".into(),
            ..change()
        };
        assert_eq!(what(&window), "pilot window");
    }

    #[test]
    fn m16_a_version_that_is_not_available_is_said_not_to_be_known() {
        let unknown = PlanChange::unknown(&GateKind::Exit.of("pilot"), 15, &"ab".repeat(32));
        let said = line(&unknown);
        assert!(said.starts_with("pilot/exit since #15: the plan has changed"));
        assert!(said.contains("(sha256 abababababab…)") && said.ends_with("not known"));
    }
}
