//! What people still have to do, as the commands that settle it. Decides nothing: what is open was judged before.

use super::page::{Cell, GAP, Page};
use super::{brief, decided};
use crate::assessment::{CriterionAssessment, GateAssessment};
use crate::evidence::Evidence;
use crate::kind::{Action, CriterionKind, GateName};
use crate::rollout::{Next, NextStep};

/// Columns that an item's id takes at most.
const WIDEST_ITEM: usize = 28;

/// One thing that somebody has to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    /// The gate that waits for it.
    pub(super) gate: &'a GateName,
    /// What it asks.
    pub(super) kind: CriterionKind,
    /// What the criterion is called.
    pub(super) name: &'a str,
    /// What it asks, for people.
    pub(super) title: Option<&'a str>,
    /// Where people see what is asked of them.
    pub(super) link: Option<&'a str>,
    /// What was answered, if that is not said elsewhere.
    pub(super) note: Option<&'a str>,
    /// What has to be done before what settles it helps.
    pub(super) first: Option<&'a str>,
    /// What settles it.
    pub(super) next_step: &'a NextStep,
}

/// Works that one command settles, or that differ in one word of it.
struct Group<'a> {
    pattern: NextStep,
    works: Vec<Work<'a>>,
}

/// One command, what it settles, and the words that replace its placeholder, each with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) about: Asked,
    pub(super) command: String,
    pub(super) items: Vec<(String, Asked)>,
}

/// What is asked of people, and where they see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    what: String,
    pub(super) link: Option<String>,
}

impl Asked {
    fn new(what: String, link: Option<&str>) -> Self {
        let link = link.map(str::to_owned);
        Self { what, link }
    }

    /// `2. Doors are open, owner @ops, see https://…`.
    pub(super) fn in_words(&self) -> String {
        let what = Some(self.what.clone()).filter(|what| !what.is_empty());
        let link = self.link.as_deref().map(see);
        let words: Vec<String> = what.into_iter().chain(link).collect();
        words.join(", ")
    }
}

/// How every report says where to read more.
pub(super) fn see(link: &str) -> String {
    format!("see {link}")
}

/// The section of a report; nothing if nobody has anything to do. Whether there is one.
pub(super) fn of_check(page: &mut Page, evidence: &Evidence) -> bool {
    let whole = page.whole();
    // The last line says how to begin it.
    if !whole
        && evidence
            .deciding()
            .all(|gate| decided::not_begun(gate).is_some())
    {
        return false;
    }
    let tasks = tasks_of(evidence, |gate, one| whole || brief::is_due(gate, one));
    write_tasks(page, &tasks);
    !tasks.is_empty()
}

/// What people still have to do for the gates that decide a check, for any format.
pub(super) fn tasks(evidence: &Evidence) -> Vec<Task> {
    tasks_of(evidence, |_, _| true)
}

fn tasks_of(
    evidence: &Evidence,
    is_due: impl Fn(&GateAssessment, &CriterionAssessment) -> bool,
) -> Vec<Task> {
    let is_due = &is_due;
    let names: Vec<GateName> = evidence.deciding().map(GateAssessment::name).collect();
    let works = evidence.deciding().zip(&names).flat_map(|(gate, name)| {
        let due = gate.criteria.iter().filter(move |one| is_due(gate, one));
        due.filter_map(move |criterion| {
            Some(Work {
                gate: name,
                kind: criterion.kind,
                name: &criterion.name,
                title: criterion.title.as_deref(),
                link: criterion.link.as_deref(),
                note: has_its_time(criterion.kind).then_some(&*criterion.reason),
                first: (criterion.next_step.as_ref())
                    .and_then(|step| first_of(evidence.next.as_ref(), criterion.kind, step)),
                next_step: (criterion.next_step.as_ref())
                    .filter(|step| settles(criterion.kind, step))?,
            })
        })
    });
    of_works(&works.collect::<Vec<_>>(), &evidence.plan.path)
}

/// What comes before the command that settles what the order of the rollout asks for, where that is what comes next.
pub(super) fn first_of<'a>(
    next: Option<&'a Next>,
    kind: CriterionKind,
    step: &NextStep,
) -> Option<&'a str> {
    let next = next.filter(|next| kind.of_stage().is_some() && *step == next.command)?;
    next.first.as_deref()
}

/// Whether what is asked has a time of its own, which its reason says.
pub(super) fn has_its_time(kind: CriterionKind) -> bool {
    matches!(kind, CriterionKind::Checkpoints | CriterionKind::Artifacts)
}

/// Whether to say that a gate has to be checked: where the order of the rollout asks for it, but not where only time helps.
fn settles(kind: CriterionKind, step: &NextStep) -> bool {
    use CriterionKind::{After, Newer, Start};
    step.action != Action::Check || matches!(kind, After | Newer | Start)
}

fn of_works(works: &[Work<'_>], plan: &str) -> Vec<Task> {
    let groups = groups(works).into_iter();
    groups.map(|group| task(&group, plan)).collect()
}

fn task(group: &Group<'_>, plan: &str) -> Task {
    let differ = group.works.len() > 1 && !same_command(&group.works);
    Task {
        about: about(group),
        command: group.pattern.command(plan),
        items: if differ {
            items(&group.works)
        } else {
            Vec::new()
        },
    }
}

/// Each group with its command and, if there are several, its items.
pub(super) fn write(page: &mut Page, works: &[Work<'_>], plan: &str) {
    write_tasks(page, &of_works(works, plan));
}

fn write_tasks(page: &mut Page, tasks: &[Task]) {
    if tasks.is_empty() {
        return;
    }
    page.blank();
    page.line(0, Cell::heading("outstanding"));
    for task in tasks {
        page.line(2, Cell::plain(&task.about.in_words()));
        page.line(4, Cell::heading(&task.command));
        write_items(page, &task.items);
    }
}

fn write_items(page: &mut Page, items: &[(String, Asked)]) {
    let ids: Vec<Cell> = items.iter().map(|(id, _)| Cell::plain(id)).collect();
    let widest = ids.iter().map(Cell::width).max().unwrap_or(0);
    for ((name, about), id) in items.iter().zip(ids) {
        let about = about.in_words();
        let rest = Cell::plain(&about);
        let room = page.width().saturating_sub(6 + widest + GAP);
        // Neither a name nor a link is ever cut.
        if widest > WIDEST_ITEM.min(page.width() / 3) || rest.longest_word() > room {
            page.line(6, Cell::plain(&format!("{name}  {about}")));
        } else {
            page.labelled(6, &[(widest, id)], rest);
        }
    }
}

/// `pilot/entry: 10 items of readiness` · `pilot/exit: warehouse-lead, owner @wh`.
fn about(group: &Group<'_>) -> Asked {
    let mut gates: Vec<String> = group
        .works
        .iter()
        .map(|work| work.gate.to_string())
        .collect();
    gates.dedup();
    let gates = gates.join(", ");
    match group.works.as_slice() {
        works if same_command(works) => {
            let link = works.iter().find_map(|work| work.link);
            Asked::new(format!("{gates}: {}", named(works)), link)
        }
        works => {
            let what = match (list_of(&group.pattern), group.pattern.action) {
                (Some(list), _) => format!("items of {list}"),
                (None, Action::Approve) => "approvals".to_owned(),
                (None, _) => "confirmations".to_owned(),
            };
            Asked::new(format!("{gates}: {} {what}", works.len()), None)
        }
    }
}

/// What to do where the order of the rollout asks for it, and because of what else: whatever it is called there, nobody can do that.
fn deed(works: &[Work<'_>]) -> Option<String> {
    let step = works.first()?.next_step;
    let is_implied = |work: &Work<'_>| work.kind.of_stage().is_some();
    let moves = match step.action {
        Action::Pause | Action::Resume | Action::Rollback | Action::Start => true,
        Action::Check => works.iter().all(is_implied),
        Action::Approve
        | Action::Confirm
        | Action::Incident
        | Action::Ledger
        | Action::Note
        | Action::Override
        | Action::Supersede => false,
    };
    let deed = step.deed().filter(|_| moves)?;
    let first = works.iter().find_map(|work| work.first);
    let deed = first.map_or_else(|| deed.clone(), |first| format!("{first}, then {deed}"));
    let others = works.iter().filter(|work| !is_implied(work));
    let mut names: Vec<&str> = others.map(|work| work.name).collect();
    names.dedup();
    Some(match names.as_slice() {
        [] => deed,
        names => format!("{deed} ({})", names.join(", ")),
    })
}

/// The names behind one command, with what is asked if that is one thing, and its owner.
fn named(works: &[Work<'_>]) -> String {
    if let Some(deed) = deed(works) {
        return deed;
    }
    let mut names: Vec<String> = Vec::new();
    for name in works
        .iter()
        .map(|work| decided::called(work.kind, work.name))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let title = works.first().and_then(|work| work.title);
    let what = match title.filter(|_| names.len() == 1) {
        Some(title) => format!("{}, {title}", names.join(", ")),
        None => names.join(", "),
    };
    let is_file = |work: &Work<'_>| work.kind == CriterionKind::Artifacts;
    let what = match works.first().filter(|work| is_file(work)) {
        Some(_) => format!("provide {what}"),
        None => what,
    };
    let about = works.first().map(after_title).unwrap_or_default();
    std::iter::once(what)
        .chain(about)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Its owner, unless that is its name anyway, and what was answered.
fn after_title(work: &Work<'_>) -> Vec<String> {
    let owner = work.next_step.owner.as_deref();
    let owner = owner.filter(|who| *who != work.name);
    let owner = owner.map(|who| format!("owner {who}"));
    let note = work.note.map(str::to_owned);
    owner.into_iter().chain(note).collect()
}

/// The word that replaces the placeholder, what it stands for, and its owner.
fn items(works: &[Work<'_>]) -> Vec<(String, Asked)> {
    let described = works.iter().map(|work| {
        let title = work.title.map(str::to_owned);
        let about: Vec<String> = title.into_iter().chain(after_title(work)).collect();
        let asked = Asked::new(about.join(", "), work.link);
        (item(work).to_owned(), asked)
    });
    described.collect()
}

/// The item of a list, or the id or role itself.
fn item<'a>(work: &Work<'a>) -> &'a str {
    let first = work.next_step.arguments.first().map_or("", String::as_str);
    first.split_once('/').map_or(first, |(_, item)| item)
}

/// The checklist that a pattern asks about.
fn list_of(pattern: &NextStep) -> Option<&str> {
    let first = pattern.arguments.first()?;
    let (list, _) = first.split_once('/')?;
    (pattern.action == Action::Confirm).then_some(list)
}

fn same_command(works: &[Work<'_>]) -> bool {
    let mut commands = works.iter().map(|work| &work.next_step.arguments);
    let first = commands.next();
    commands.all(|command| Some(command) == first)
}

/// In the order of their first occurrence.
fn groups<'a>(works: &[Work<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for work in works {
        let pattern = pattern(work.next_step);
        match groups.iter_mut().find(|group| group.pattern == pattern) {
            Some(group) => group.works.push(*work),
            None => groups.push(Group {
                pattern,
                works: vec![*work],
            }),
        }
    }
    for group in &mut groups {
        if let Some(first) = group.works.first().filter(|_| same_command(&group.works)) {
            group.pattern = first.next_step.clone();
        }
    }
    groups
}

/// The command, with a word in capitals where the commands of one list, or of several roles, differ.
fn pattern(next_step: &NextStep) -> NextStep {
    let mut pattern = next_step.clone();
    pattern.owner = None;
    if let Some(first) = pattern.arguments.first_mut() {
        match (next_step.action, first.split_once('/')) {
            (Action::Confirm, Some((list, _))) => *first = format!("{list}/ITEM"),
            (Action::Confirm, None) => "ID".clone_into(first),
            (Action::Approve, _) => "ROLE".clone_into(first),
            (
                Action::Check
                | Action::Incident
                | Action::Ledger
                | Action::Note
                | Action::Override
                | Action::Pause
                | Action::Resume
                | Action::Rollback
                | Action::Supersede
                | Action::Start,
                _,
            ) => {}
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::GateKind;
    use crate::report::Style;

    fn next_step(action: Action, arguments: &[&str], owner: Option<&str>) -> NextStep {
        NextStep {
            action,
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            owner: owner.map(str::to_owned),
        }
    }

    fn shown(settles: &[NextStep]) -> String {
        let gate = GateKind::Entry.of("pilot");
        let works = settles.iter().map(|next_step| Work {
            gate: &gate,
            kind: CriterionKind::Checklists,
            name: "x",
            title: Some("what is asked"),
            link: Some("https://wiki/x").filter(|_| next_step.owner.is_none()),
            note: None,
            first: None,
            next_step,
        });
        let mut page = Page::new(&Style::FILE);
        let works: Vec<Work<'_>> = works.collect();
        write(&mut page, &works, "plan.yaml");
        page.finish()
    }

    #[test]
    fn items_of_one_list_share_a_command() {
        let confirm =
            |id: &str| next_step(Action::Confirm, &[id, "--stage", "pilot"], Some("@ops"));
        assert_eq!(
            shown(&[confirm("readiness/a"), confirm("readiness/b")]),
            "outstanding\n  pilot/entry: 2 items of readiness\n    gate confirm plan.yaml readiness/ITEM --stage pilot\n      \
             a  what is asked, owner @ops\n      b  what is asked, owner @ops\n"
        );
    }

    #[test]
    fn a_single_item_has_the_whole_command() {
        assert_eq!(
            shown(&[next_step(
                Action::Approve,
                &["product", "--gate", "pilot/entry"],
                None
            )]),
            "outstanding\n  pilot/entry: x, what is asked, see https://wiki/x\n    gate approve plan.yaml product --gate pilot/entry\n"
        );
    }

    #[test]
    fn l12_each_item_shows_where_to_see_it_and_no_link_is_cut() {
        let id = |id: &str| next_step(Action::Confirm, &[id, "--stage", "pilot"], None);
        let both = shown(&[id("lead"), id("ops")]);
        let shown = "      lead  what is asked, see https://wiki/x\n";
        assert!(both.contains(shown), "{both}");
        let link = format!("https://wiki/{}", "x".repeat(50));
        let gate = GateKind::Entry.of("pilot");
        let step = id("a-name-of-twenty-four-let");
        let other = id("b");
        let work = |next_step| Work {
            gate: &gate,
            kind: CriterionKind::Confirmations,
            name: "x",
            title: None,
            link: Some(&link),
            note: None,
            first: None,
            next_step,
        };
        let mut page = Page::new(&Style {
            width: 80,
            ..Style::FILE
        });
        write(&mut page, &[work(&step), work(&other)], "plan.yaml");
        let page = page.finish();
        assert_eq!(page.matches(&link).count(), 2, "{page}");
    }

    #[test]
    fn other_commands_are_never_merged() {
        let check = |gate: &str| next_step(Action::Check, &["--gate", gate], None);
        let both = shown(&[check("ring-0/exit"), check("pilot/exit")]);
        assert!(both.contains("gate check plan.yaml --gate ring-0/exit\n"));
        assert!(both.contains("gate check plan.yaml --gate pilot/exit\n"));
        let twice = shown(&[check("pilot/exit"), check("pilot/exit")]);
        assert_eq!(twice.matches("gate check").count(), 1);
    }

    #[test]
    fn without_outstanding_work_there_is_no_section() {
        assert_eq!(shown(&[]), "");
    }
}
