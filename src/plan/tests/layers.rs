//! `defaults` below the lists of a stage: what joins, what wins, what is dropped, and what cannot be.

use super::*;

const DEFAULTS: &str = "release: r
source: http://h
kpis: { a: { query: a }, b: { query: b }, c: { query: c } }
checklists: { ready: [{ id: x, text: X }], done: [{ id: y, text: Y }] }
defaults:
  window: 1h
  entry:
    valid: 2h
    checklists: ready
    approvals: { roles: [ops], distinct: true }
    artifacts: [sbom.json, { path: tests.xml, max_age: 7d }]
    probes: ['http://h/healthz']
  stop: { kpis: { a: '> 9', b: '> 9' }, incidents: { open: [sev1] } }
  exit:
    kpis: { a: ['< 1', 'mean < 1'], b: '< 1' }
    confirmations: [lead]
    no_incidents: { open: [sev1, sev2] }
stages:
  - name: s
";

fn with(stage: &str) -> String {
    stage.lines().fold(DEFAULTS.to_owned(), |text, line| {
        text + "    " + line + "\n"
    })
}

/// What the stage asks, as `LIST NAME WORDS`.
fn asked(stage: &str) -> Vec<String> {
    let plan = loaded(&with(stage), &options()).plan;
    let gates = plan.stages[0].gates.iter();
    let criteria = gates.flat_map(|gate| &gate.criteria);
    let asked = |one: &crate::plan::criteria::Criterion| {
        format!("{} {} {}", one.list, one.ask.name(), one.ask.required().0)
    };
    criteria.map(asked).collect()
}

fn of(list: &str, stage: &str) -> Vec<String> {
    let asked = asked(stage).into_iter();
    let of_list = asked.filter_map(|one| Some(one.strip_prefix(list)?.trim().to_owned()));
    of_list.collect()
}

#[test]
fn l20_what_a_stage_does_not_say_comes_from_the_defaults() {
    let all = asked("");
    assert_eq!(
        all,
        [
            "entry ready/x X",
            "entry ops ops distinct",
            "entry sbom.json there",
            "entry tests.xml max_age 7d",
            "entry http://h/healthz status 200",
            "stop a > 9",
            "stop b > 9",
            "stop incidents open sev1",
            "exit a < 1",
            "exit a mean < 1",
            "exit b < 1",
            "exit lead lead",
            "exit incidents open sev1 sev2",
            "recovery a < 1",
            "recovery a mean < 1",
            "recovery b < 1",
        ]
    );
}

#[test]
fn l20_kpis_join_by_name_and_the_stages_word_wins() {
    let exit = of("exit", "exit: { kpis: { c: '< 3', a: '< 2' } }");
    // What only the defaults say stands before, in the order of the file.
    assert_eq!(exit[2..], ["a < 2", "b < 1", "c < 3"]);
    assert!(exit.contains(&"lead lead".to_owned()), "{exit:?}");
}

#[test]
fn l20_lists_of_names_join_by_entry() {
    let entry = of(
        "entry",
        "entry: { checklists: [done, ready], approvals: [qa, ops] }",
    );
    let expected = [
        "done/y Y",
        "ready/x X",
        "qa qa distinct",
        "ops ops distinct",
    ];
    assert!(
        expected
            .iter()
            .all(|one| entry.contains(&(*one).to_owned())),
        "{entry:?}"
    );
    assert_eq!(entry.iter().filter(|one| one.starts_with("ops")).count(), 1);
    let more = of(
        "entry",
        "entry: { approvals: { roles: qa, distinct: false } }",
    );
    assert!(more.contains(&"ops ops".to_owned()) && more.contains(&"qa qa".to_owned()));
    let exit = of("exit", "exit: { confirmations: trainer }");
    assert!(exit.contains(&"lead lead".to_owned()) && exit.contains(&"trainer trainer".to_owned()));
}

#[test]
fn l20_files_and_addresses_join_by_what_they_are() {
    let stage = "entry: { artifacts: [{ path: tests.xml, max_age: 1d }, log.txt], probes: [{ url: 'http://h/healthz', status: 204 }] }";
    let entry = of("entry", stage);
    for expected in [
        "sbom.json there",
        "tests.xml max_age 24h",
        "log.txt there",
        "http://h/healthz status 204",
    ] {
        assert!(
            entry.contains(&expected.to_owned()),
            "{expected}: {entry:?}"
        );
    }
    assert!(!entry.contains(&"tests.xml max_age 7d".to_owned()));
}

#[test]
fn l20_whatever_is_no_list_of_names_is_replaced_by_the_stages_own() {
    let exit = of("exit", "exit: { no_incidents: { since_start: [sev1] } }");
    assert!(
        exit.contains(&"incidents since start sev1".to_owned()),
        "{exit:?}"
    );
    assert_eq!(exit.len(), 5);
}

#[test]
fn l20_none_drops_a_list_a_key_or_an_entry() {
    assert!(of("stop", "stop: none").is_empty());
    assert_eq!(of("stop", "stop: { kpis: none }").len(), 1);
    assert_eq!(of("stop", "stop: { kpis: { a: none } }")[1], "b > 9");
    let entry = "entry: { checklists: [{ ready: none }, done], approvals: [ops: none], artifacts: [{ sbom.json: none }], probes: none }";
    assert_eq!(of("entry", entry), ["done/y Y", "tests.xml max_age 7d"]);
    let entry = of(
        "entry",
        "entry: { approvals: { roles: [{ ops: none }, qa] } }",
    );
    assert!(entry.contains(&"qa qa distinct".to_owned()), "{entry:?}");
    // What is written in `defaults` and dropped by all stages is still looked at.
    assert_eq!(
        of(
            "exit",
            "exit: { kpis: { a: none }, confirmations: none, no_incidents: none }"
        ),
        ["b < 1"]
    );
}

/// The same text so many times, with a number in it.
fn numbered(count: usize, before: &str, behind: &str) -> String {
    let all: Vec<String> = (0..count).map(|n| format!("{before}{n}{behind}")).collect();
    all.concat()
}

/// Code and message of each problem.
fn problems(text: &str) -> Vec<(String, String)> {
    let problems = load(text.as_bytes(), &options()).expect_err(text);
    shown(text, &problems);
    let told = |problem: Problem| (problem.code.to_string(), problem.message);
    problems.into_iter().map(told).collect()
}

#[test]
fn l20_a_gate_from_which_everything_was_dropped_is_never_go() {
    for stage in [
        "exit: { kpis: none, confirmations: none, no_incidents: none }",
        "exit: { kpis: { a: none, b: none }, confirmations: [lead: none], no_incidents: none }",
    ] {
        let found = problems(&with(stage));
        assert!(
            found.iter().any(|(code, _)| code == "no-criteria"),
            "{found:?}"
        );
    }
    let found = problems(&with("exit: none"));
    assert!(
        found.iter().any(|(code, _)| code == "exit-needed"),
        "{found:?}"
    );
}

#[test]
fn l20_none_for_what_has_no_default_is_refused_in_one_sentence() {
    for (stage, message) in [
        (
            "watch: none",
            "`watch: none` drops nothing: `defaults` has no `watch`",
        ),
        (
            "deadline: none",
            "`deadline: none` drops nothing: `defaults` has no `deadline`",
        ),
        (
            "settle: none",
            "`settle: none` drops nothing: `defaults` has no `settle`",
        ),
        (
            "stop: { alerts: none }",
            "`alerts: none` drops nothing: `defaults` has no `alerts` in `stop`",
        ),
        (
            "exit: { kpis: { c: none } }",
            "`c: none` drops nothing: `defaults` has no `c` in `kpis`",
        ),
        (
            "entry: { checklists: [done: none] }",
            "`done: none` drops nothing: `defaults` has no `done` in `checklists`",
        ),
        (
            "entry: { approvals: [qa: none] }",
            "`qa: none` drops nothing: `defaults` has no `qa` in `approvals`",
        ),
        (
            "recovery: { window: 1h, kpis: { a: none, b: '< 1' } }",
            "`a: none` drops nothing: `defaults` has no `a` in `kpis`",
        ),
    ] {
        let expected = ("nothing-to-drop".to_owned(), message.to_owned());
        assert_eq!(problems(&with(stage)), [expected], "{stage}");
    }
    let in_defaults = DEFAULTS.replace("incidents: { open: [sev1] } }", "incidents: none }");
    let message = "`incidents: none` in `defaults` drops nothing: it is for a stage that does not want what `defaults` says";
    assert_eq!(
        problems(&in_defaults),
        [("nothing-to-drop".to_owned(), message.to_owned())]
    );
    let alone = changed("exit: {", "stop2: {").replace(
        "    stop2: { kpis: { error_rate: \"< 0.1%\" } }",
        "    exit: none",
    );
    assert!(
        problems(&alone)
            .iter()
            .any(|(code, _)| code == "nothing-to-drop")
    );
}

#[test]
fn l20_a_mistake_in_the_defaults_is_told_once_however_many_stages() {
    let stages = numbered(40, "  - name: t", "\n");
    let text = DEFAULTS.replace("a: '> 9'", "a: { b: c }") + &stages;
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn l20_defaults_that_would_fill_the_memory_are_refused() {
    let kpis = numbered(20_000, "k", ": '< 1', ");
    let stages = numbered(60, "  - name: t", "\n");
    let text = DEFAULTS.replace("b: '> 9'", &format!("{kpis} b: '> 9'")) + &stages;
    let found = problems(&text);
    assert!(
        found.iter().any(|(code, _)| code == "too-large"),
        "{:?}",
        found.first()
    );
}

#[test]
fn l20_the_stages_name_fills_the_path_of_a_file() {
    let paths = |written: &str| {
        let entry = of(
            "entry",
            &format!(
                "entry: {{ checklists: none, approvals: none, probes: none, artifacts: [sbom.json: none, tests.xml: none, '{written}'] }}"
            ),
        );
        entry.concat()
    };
    for (written, path) in [
        ("out/$stage.txt", "out/s.txt there"),
        ("out/${stage}_1.txt", "out/s_1.txt there"),
        ("$stage/$stage", "s/s there"),
        ("$$stage", "$stage there"),
        (
            "$stages/$stage_1/${stages}/$",
            "$stages/$stage_1/${stages}/$ there",
        ),
    ] {
        assert_eq!(paths(written), path, "{written}");
    }
}

#[test]
fn l20_a_default_that_changes_is_a_change_of_each_gate_that_takes_it() {
    let now = loaded(&with(""), &options()).plan;
    let looser = DEFAULTS.replace("b: '< 1' }", "b: '< 2' }");
    let was = loaded(&looser, &options()).plan;
    let gate = GateKind::Exit.of("s");
    let found = changes(&was, &now, &gate, 1, "sha");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].name.as_str(), found[0].effect),
        ("b", Effect::Tightened)
    );
    let dropped = loaded(&with("exit: { kpis: { b: none } }"), &options()).plan;
    let found = changes(&now, &dropped, &gate, 1, "sha");
    assert_eq!(
        (found[0].name.as_str(), found[0].effect),
        ("b", Effect::Loosened)
    );
}

#[test]
fn l20_none_drops_a_length_of_time_that_the_defaults_give() {
    let stage = |written: &str| loaded(&with(written), &options()).plan.stages.remove(0);
    let people = "stop: none\nexit: { kpis: none }";
    assert!(stage(people).window.is_some());
    assert_eq!(stage(&format!("{people}\nwindow: none")).window, None);
    let without = DEFAULTS.replace("window: 1h", "settle: 1m");
    let text = without + "    window: none\n";
    assert!(load(text.as_bytes(), &options()).is_err());
}
