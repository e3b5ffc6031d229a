//! The release record, links, ways to roll back and what is asked of incidents: how the plan says so, and every way to say it
//! wrongly.

use super::*;
use crate::plan::criteria::IncidentsAsk;

/// A plan with this in its release, and this behind it.
fn with(release: &str, more: &str) -> String {
    format!(
        "release: {{ name: r, {release} }}\nstages:\n  - {{ name: s, exit: {{ confirmations: [lead] }} }}\n{more}"
    )
}

/// Code and message of the first problem.
fn problem(text: &str) -> (String, String) {
    let problems = load(text.as_bytes(), &options()).expect_err(text);
    shown(text, &problems);
    (problems[0].code.to_string(), problems[0].message.clone())
}

#[test]
fn l12_the_release_record_is_read() {
    let record = "date: 2026-11-30, scope: [Plain, { id: '#1', title: Faster, kind: performance, link: 'https://t/1' }], \
        risks: [Plain, { title: Data, due: 2026-12-01, status: open, actions: [test, watch] }], \
        tests: [Unit, { name: Load, result: passed, coverage: 95%, duration: 1h, environment: staging, link: 'https://ci/1' }]";
    let details = loaded(&with(record, ""), &options()).plan.release.details;
    assert_eq!(
        details.date.map(|day| day.to_string()).as_deref(),
        Some("2026-11-30")
    );
    let [plain, faster] = &details.changes[..] else {
        panic!("{details:?}");
    };
    assert_eq!((plain.title.as_str(), plain.kind), ("Plain", None));
    assert_eq!(faster.kind, Some(ChangeKind::Performance));
    assert_eq!(faster.link.as_deref(), Some("https://t/1"));
    assert_eq!(details.risks[0].title, "Plain");
    assert_eq!(details.risks[1].actions, ["test", "watch"]);
    assert_eq!(details.tests[1].coverage.as_deref(), Some("95%"));
}

#[test]
fn l12_a_wrong_record_is_told_in_one_sentence() {
    for (record, code, message) in [
        ("date: 30.11.2026", "bad-time", "`30.11.2026` is not a day"),
        ("date: 2026-02-30", "bad-time", "`2026-02-30` is not a day"),
        (
            "risks: [{ title: x, due: soon }]",
            "bad-time",
            "`soon` is not a day",
        ),
        (
            "risks: [{ owner: x }]",
            "missing-key",
            "a risk needs `title`",
        ),
        (
            "changes: [{ id: x }]",
            "missing-key",
            "a change needs `title`",
        ),
        (
            "changes: [{ title: x, kind: feat }]",
            "unknown-word",
            "`feat` is not a kind of change",
        ),
        (
            "tests: [{ result: passed }]",
            "missing-key",
            "a test needs `name`",
        ),
        (
            "tests: [{ name: x, outcome: passed }]",
            "unknown-key",
            "unknown key `outcome`",
        ),
        ("changes: [x], scope: [y]", "wrong-shape", ""),
    ] {
        let found = problem(&with(record, ""));
        assert_eq!(found.0, code, "{record}: {found:?}");
        assert!(found.1.starts_with(message), "{record}: {found:?}");
    }
}

#[test]
fn l12_items_and_confirmations_have_links() {
    let text = "release: r
checklists: { c: [{ id: a, text: A, link: 'https://t/a' }] }
defaults: { exit: { confirmations: [lead, { id: ops, link: 'https://t/ops' }] } }
stages:
  - { name: s, exit: { checklists: [c], confirmations: [ops, { id: qa, link: 'https://t/qa' }, lead: none] } }
";
    let plan = loaded(text, &options()).plan;
    let asks = plan.stages[0].gates[0].criteria.iter();
    let links: Vec<_> = asks.map(|one| (one.ask.name(), one.ask.link())).collect();
    let expected = [
        ("c/a".to_owned(), Some("https://t/a")),
        ("ops".to_owned(), None),
        ("qa".to_owned(), Some("https://t/qa")),
    ];
    assert_eq!(links, expected);
    let twice = text.replace("{ id: qa,", "{ id: ops,");
    assert_eq!(problem(&twice).0, "duplicate-name");
    let nameless = text.replace("{ id: qa, link", "{ link");
    assert_eq!(problem(&nameless).1, "a confirmation needs `id`");
}

#[test]
fn l12_approvals_have_links_and_a_stage_s_word_wins() {
    let text = "release: r
defaults: { exit: { approvals: { roles: [lead, { role: ops, link: 'https://t/ops' }, { role: old, link: 'https://t/old' }], distinct: true } } }
stages:
  - { name: s, exit: { approvals: [{ role: lead, link: 'https://t/lead' }, old: none] } }
";
    let plan = loaded(text, &options()).plan;
    let asks = plan.stages[0].gates[0].criteria.iter();
    let links: Vec<_> = asks.map(|one| (one.ask.name(), one.ask.link())).collect();
    let expected = [
        ("ops".to_owned(), Some("https://t/ops")),
        ("lead".to_owned(), Some("https://t/lead")),
    ];
    assert_eq!(links, expected);
    let twice = text.replace("old: none", "{ role: lead }, old: none");
    assert_eq!(problem(&twice).0, "duplicate-name");
    let nameless = text.replace("[{ role: lead, link", "[{ link");
    assert_eq!(problem(&nameless).1, "an approval needs `role`");
}

#[test]
fn l12_only_a_web_address_is_a_link_wherever_one_stands() {
    let plan = "release: { name: r, changes: [{ title: c, link: CHANGE }], tests: [{ name: t, link: TEST }] }
checklists: { c: [{ id: a, text: A, link: ITEM }] }
stages:
  - { name: s, exit: { checklists: [c], confirmations: [{ id: qa, link: CONFIRMATION }], approvals: [{ role: lead, link: APPROVAL }] } }
";
    let keys = ["CHANGE", "TEST", "ITEM", "CONFIRMATION", "APPROVAL"];
    let with = |key: &str, link: &str| {
        keys.iter().fold(plan.to_owned(), |plan, other| {
            let link = if *other == key { link } else { "https://t/1" };
            plan.replace(other, &format!("{link:?}"))
        })
    };
    loaded(&with("", ""), &options());
    for key in keys {
        for (link, code) in [
            ("javascript:alert(1)", "bad-url"),
            ("see the wiki", "bad-url"),
            ("https://t/\u{202e}1", "bad-url"),
            ("https://mara:S3CRETx9@t/1", "written-credential"),
            ("https://t/1?token=S3CRETx9", "written-credential"),
        ] {
            let text = with(key, link).replace("\\u{202e}", "\\u202e");
            let found = problem(&text);
            assert_eq!(found.0, code, "{key}: {found:?}");
            assert!(!found.1.contains("S3CRETx9"), "{key}: {found:?}");
        }
    }
}

#[test]
fn l12_a_stage_may_be_blue_green() {
    let text = with("owner: x", "").replace("name: s,", "name: s, kind: blue-green,");
    let stage = loaded(&text, &options()).plan.stages.remove(0);
    assert_eq!(stage.kind.map(StageKind::word), Some("blue-green"));
}

const WAYS: &str = "rollback: { options: [{ name: flag, when: activation only, steps: [{ do: Off, takes: 2m }] }, { name: release, steps: [Old, Drain] }] }\n";

#[test]
fn l11_ways_to_roll_back_are_numbered_through() {
    let steps = loaded(&with("owner: x", WAYS), &options()).plan.rollback;
    let told = steps.iter().map(|step| {
        let option = step.option.as_ref().expect("a way");
        (
            option.name.as_str(),
            option.when.as_deref(),
            step.action.as_str(),
        )
    });
    let told: Vec<_> = told.collect();
    let expected = [
        ("flag", Some("activation only"), "Off"),
        ("release", None, "Old"),
        ("release", None, "Drain"),
    ];
    assert_eq!(told, expected);
    let one_way = loaded(&with("owner: x", "rollback: [Off]\n"), &options())
        .plan
        .rollback;
    assert_eq!(one_way[0].option, None);
}

#[test]
fn l11_a_wrong_way_is_told_where_it_stands() {
    for (from, to, message) in [
        (
            "name: release",
            "name: flag",
            "the option `flag` is there twice",
        ),
        ("name: release, ", "", "an option needs `name`"),
        (", steps: [Old, Drain]", "", "an option needs `steps`"),
        ("do: Off, ", "", "a rollback step needs `do`"),
        ("options:", "option:", "unknown key `option`"),
    ] {
        let found = problem(&with("owner: x", &WAYS.replace(from, to))).1;
        let (from, message) = (from, message.split('`').next().unwrap_or_default());
        assert!(found.starts_with(message), "{from}: {found}");
    }
}

fn incidents(written: &str) -> IncidentsAsk {
    let text =
        with("owner: x", "").replace("confirmations: [lead]", &format!("no_incidents: {written}"));
    let plan = loaded(&text, &options()).plan;
    let ask = &plan.stages[0].gates[0].criteria[0].ask;
    ask.incidents().expect("incidents").clone()
}

#[test]
fn l9_targets_and_the_time_after_the_start_are_read() {
    let ask = incidents("{ overdue: sev1, within: { severities: [sev1, sev2], of_start: 1h } }");
    assert_eq!(ask.overdue, ["sev1"]);
    assert_eq!(
        ask.within,
        Some((
            vec!["sev1".into(), "sev2".into()],
            Duration::from_secs(3600)
        ))
    );
    assert_eq!(
        ask.severities().collect::<Vec<_>>(),
        ["sev1", "sev1", "sev2"]
    );
    for (written, message) in [
        ("{ issue_log: x.csv }", "no severity is named"),
        (
            "{ within: { severities: [a] } }",
            "`within` needs `of_start`",
        ),
        (
            "{ within: { of_start: 1h } }",
            "`within` needs `severities`",
        ),
        (
            "{ within: { severities: [a], of_start: 0s } }",
            "`of_start` must be longer than zero",
        ),
        ("{ within: 1h }", "expected a map, found a string"),
    ] {
        let text = with("owner: x", "")
            .replace("confirmations: [lead]", &format!("no_incidents: {written}"));
        let found = problem(&text).1;
        let begins: String = message.chars().take(12).collect();
        assert!(found.starts_with(&begins), "{written}: {found}");
    }
}
