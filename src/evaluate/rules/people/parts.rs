//! Parts of plans: stages and what their gates ask people.

use super::rollout::WINDOW;
use crate::evaluate::rules::scene::{above_5, below_5, blank_kpi, minutes, plan_of};
use crate::kind::{GateKind, List};
use crate::plan::criteria::{
    ApprovalAsk, Ask, ChecklistItem, ConfirmationAsk, Criterion, IncidentsAsk, KpiAsk,
};
use crate::plan::*;

/// A stage with these gates; those with a KPI have a window of ten minutes.
pub fn stage(name: &str, gates: Vec<(GateKind, Vec<Criterion>)>) -> Stage {
    let mut stage = plan_of(0, GateKind::Exit, Vec::new()).stages.remove(0);
    name.clone_into(&mut stage.name);
    stage.window = Some(minutes(WINDOW));
    stage.gates = gates
        .into_iter()
        .map(|(kind, criteria)| Gate {
            kind,
            window: Some(minutes(WINDOW)),
            valid: minutes(24 * 60),
            criteria,
        })
        .collect();
    stage
}

pub fn asked(list: List, ask: Ask) -> Criterion {
    Criterion { list, ask }
}

/// A KPI that has to be below 5, in stop must not be above.
pub fn kpi(list: List) -> Criterion {
    let mut kpi = blank_kpi();
    "error_rate".clone_into(&mut kpi.name);
    let condition = if list == List::Stop {
        above_5()
    } else {
        below_5()
    };
    let ask = KpiAsk {
        kpi,
        query: Query::plain("errors"),
        part: None,
        guard: None,
        condition,
        expected: None,
        baseline: None,
        baseline_as: BaselineAs::Points,
        step: minutes(1),
    };
    asked(list, Ask::Kpi(Box::new(ask)))
}

pub fn confirmation(list: List) -> Criterion {
    let ask = ConfirmationAsk {
        id: "lead".into(),
        link: None,
    };
    asked(list, Ask::Confirmation(ask))
}

pub fn item(list: List) -> Criterion {
    let item = ChecklistItem {
        id: "rollback".into(),
        text: "Rollback validated".into(),
        owner: Some("@ops".into()),
        link: None,
        number: None,
    };
    let list_name = "readiness".into();
    asked(
        list,
        Ask::Checklist {
            list: list_name,
            item,
        },
    )
}

/// An item of a list that is gone through in order: `migrations/m1`, `migrations/m2`, …
pub fn turn(list: List, number: usize) -> Criterion {
    let item = ChecklistItem {
        id: format!("m{number}"),
        text: format!("Migration {number} is in"),
        owner: Some("@db".into()),
        link: None,
        number: Some(number),
    };
    let list_name = "migrations".into();
    asked(
        list,
        Ask::Checklist {
            list: list_name,
            item,
        },
    )
}

pub fn approval(list: List, role: &str, distinct: bool) -> Criterion {
    let ask = ApprovalAsk {
        role: role.into(),
        distinct,
        link: None,
    };
    asked(list, Ask::Approval(ask))
}

pub fn incidents(list: List, open: &[&str], since_start: &[&str], log: Option<&str>) -> Criterion {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let ask = IncidentsAsk {
        open: words(open),
        since_start: words(since_start),
        issue_log: log.map(str::to_owned),
        ..IncidentsAsk::default()
    };
    asked(list, Ask::Incidents(ask))
}
