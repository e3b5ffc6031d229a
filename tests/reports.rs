//! `gate check --report` end to end on recorded answers: what is written where, what is refused, and when.

use std::fs;
use std::path::Path;

use crate::support::program::{Finished, Workplace};
use crate::support::scenario::repository;

const KINDS: [(&str, &str); 6] = [
    ("html", "<!DOCTYPE html><html lang=\"en\">"),
    ("markdown", "## "),
    ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    ("github", "::"),
    ("csv", "gate,list,criterion,"),
    ("status", ""),
];

/// A check of a recorded scenario, in a folder of its own.
fn check(workplace: &Workplace, scenario: &str, more: &[&str]) -> Finished {
    check_with(workplace, scenario, more, &[])
}

fn check_with(
    workplace: &Workplace,
    scenario: &str,
    more: &[&str],
    environment: &[(&str, &str)],
) -> Finished {
    let folder = repository().join("fixtures").join(scenario);
    let arguments = fs::read_to_string(folder.join("args")).expect("arguments");
    let plan = repository().join(arguments.lines().next().expect("a plan"));
    let answers = folder.join("answers.json.gz");
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let (plan, answers) = (shown(&plan), shown(&answers));
    let mut words = vec![
        "check",
        &plan,
        "--replay",
        &answers,
        "--evidence",
        "evidence",
    ];
    words.extend(more);
    workplace.gate_with(&words, environment)
}

fn read(workplace: &Workplace, name: &str) -> String {
    fs::read_to_string(workplace.path().join(name)).expect("a report")
}

#[test]
fn every_kind_is_written_beside_the_verdict() {
    let workplace = Workplace::new();
    let asked: Vec<String> = KINDS
        .iter()
        .map(|(kind, _)| format!("--report={kind}=reports/{{plan}}.{kind}"))
        .collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    let with = check(&workplace, "logistics-stop-carrier", &asked);
    with.says(4, "STOP");
    let without = check(&Workplace::new(), "logistics-stop-carrier", &[]);
    assert_eq!(with.out, without.out);
    for (kind, begins) in KINDS {
        let report = read(&workplace, &format!("reports/logistics-r1.0.{kind}"));
        assert!(report.starts_with(begins), "{kind}: {report:.80}");
        let short = kind == "status";
        let words: &[&str] = if short {
            &["trips at"]
        } else {
            &["tripped", "unmet"]
        };
        assert!(words.iter().all(|word| report.contains(word)), "{kind}");
    }
    let page = read(&workplace, "reports/logistics-r1.0.html");
    assert!(
        page.contains("data-points=\"2931\""),
        "the samples are drawn"
    );
    assert_eq!(workplace.files("reports", "").len(), KINDS.len());
}

#[test]
fn the_same_answers_give_the_same_reports() {
    let write = || {
        let workplace = Workplace::new();
        let asked = KINDS.map(|(kind, _)| format!("--report={kind}={kind}"));
        check(
            &workplace,
            "site-no-go-exceptions",
            &asked.each_ref().map(String::as_str),
        );
        KINDS.map(|(kind, _)| read(&workplace, kind))
    };
    assert!(write() == write());
}

#[test]
fn a_report_that_is_there_is_kept_and_nothing_is_judged() {
    let workplace = Workplace::new();
    workplace.write("page.html", "earlier");
    check(
        &workplace,
        "canary-go",
        &["--report", "csv=new.csv", "--report", "html=page.html"],
    )
    .says(
        5,
        "no verdict was reached: the report `page.html` already exists",
    )
    .never_says("GO  ");
    assert_eq!(read(&workplace, "page.html"), "earlier");
    assert!(!workplace.path().join("evidence").exists());
    assert!(!workplace.path().join("new.csv").exists());
}

#[test]
fn gate_report_names_its_own_option_for_a_file_that_is_there() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    workplace.write("page.html", "earlier");
    report(&workplace, "html", &["-o", "page.html"])
        .says(5, "no report was written: `page.html` already exists; overwrite it with --force, or choose another name with --output");
    assert_eq!(read(&workplace, "page.html"), "earlier");
}

#[test]
fn a_place_that_cannot_be_written_is_found_before_anything_is_judged() {
    let workplace = Workplace::new();
    workplace.write("file", "");
    check(
        &workplace,
        "canary-go",
        &["--report", "html=file/page.html"],
    )
    .says(
        5,
        "no verdict was reached: the report `file/page.html` cannot be written",
    );
    assert!(!workplace.path().join("evidence").exists());
}

#[test]
fn an_unknown_kind_names_those_that_there_are() {
    check(&Workplace::new(), "canary-go", &["--report", "pdf=x"]).says(
        2,
        "unknown report kind `pdf`: choose one of html, markdown, junit, github, csv",
    );
    check(&Workplace::new(), "canary-go", &["--report", "html"]).says(2, "a report is KIND=PATH");
}

#[test]
fn two_reports_never_share_a_file() {
    check(
        &Workplace::new(),
        "canary-go",
        &["--report", "html=x", "--report", "csv=x"],
    )
    .says(2, "no verdict was reached: two reports would go to x");
}

#[test]
fn several_plans_write_a_report_each() {
    let workplace = Workplace::new();
    let plan = "release: a\nsource: http://127.0.0.1:1/\nkpis: {a: {query: a}}\nstages: [{name: s, observe: trailing, window: 1h, exit: {kpis: {a: \"< 1\"}}}]\n";
    let plan = plan.replace(
        "http://127.0.0.1:1/",
        "{url: http://127.0.0.1:1/, timeout: 1s}",
    );
    workplace.write("one.yaml", &plan);
    workplace.write("two.yaml", &plan);
    workplace
        .gate(&["check", "one.yaml", "two.yaml", "--report", "junit=all.xml"])
        .says(
            2,
            "with several plans, write {plan} where the plan's name belongs",
        );
    workplace
        .gate(&[
            "check",
            "one.yaml",
            "two.yaml",
            "--report",
            "junit={plan}.xml",
        ])
        .says(3, "HOLD");
    for name in ["one", "two"] {
        let report = read(&workplace, &format!("{name}.xml"));
        assert!(
            report.contains(&format!("<testsuite name=\"{name}\" tests=\"1\"")),
            "{report}"
        );
        assert!(
            report.contains("<error") && !report.contains("<failure"),
            "{report}"
        );
    }
}

#[test]
fn the_job_summary_is_appended_to_and_never_outgrown() {
    let workplace = Workplace::new();
    workplace.write("summary", "what another step said\n");
    let path = workplace
        .path()
        .join("summary")
        .to_string_lossy()
        .into_owned();
    let asked = format!("markdown={path}");
    let environment = [("GITHUB_STEP_SUMMARY", path.as_str())];
    let check = || {
        check_with(
            &workplace,
            "canary-no-go",
            &["--report", &asked],
            &environment,
        )
    };
    check().says(1, "NO-GO");
    let summary = read(&workplace, "summary");
    assert!(
        summary.starts_with("what another step said\n## ❌ NO-GO"),
        "{summary}"
    );
    assert!(summary.contains("| Outcome | Criterion |"));
    let room = 1024 * 1024 - 1200;
    workplace.write("summary", "x".repeat(room));
    check().says(1, "NO-GO");
    let shortened = read(&workplace, "summary").split_off(room);
    assert!(
        shortened.len() <= 1200 && shortened.contains("The rest is left out"),
        "{shortened}"
    );
    workplace.write("summary", "x".repeat(1024 * 1024));
    check().says(5, "the verdict could not be recorded: the report");
}

#[test]
fn workflow_commands_are_printed_after_the_verdict() {
    let workplace = Workplace::new();
    let finished = check(&workplace, "canary-no-go", &["--report", "github=-"]);
    let (verdict, commands) = finished.out.split_once("::error ").expect("commands");
    assert!(verdict.starts_with("NO-GO") && commands.contains("title=NO-GO%3A"));
    check(&workplace, "canary-no-go", &["--report", "html=-"])
        .says(2, "cannot go to standard output");
    check(
        &workplace,
        "canary-no-go",
        &["--report", "github=-", "--format", "json"],
    )
    .says(2, "would be mixed with `--format json`");
}

/// The file in the evidence folder whose name ends like this.
fn recorded(workplace: &Workplace, ending: &str) -> std::path::PathBuf {
    let folder = fs::read_dir(workplace.path().join("evidence")).expect("a folder");
    let mut paths = folder.map(|entry| entry.expect("an entry").path());
    let found = paths.find(|path| path.to_string_lossy().ends_with(ending));
    found.expect("a file")
}

fn report(workplace: &Workplace, kind: &str, more: &[&str]) -> Finished {
    let words = [&["report", "evidence", "--format", kind], more].concat();
    workplace.gate_with(&words, &[])
}

#[test]
fn a_report_of_recorded_evidence_is_the_report_of_the_check() {
    for scenario in ["canary-go", "logistics-hold-missing-site"] {
        let workplace = Workplace::new();
        let asked: Vec<String> = KINDS
            .iter()
            .map(|(kind, _)| format!("--report={kind}=then.{kind}"))
            .collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        check(&workplace, scenario, &asked);
        for (kind, _) in KINDS {
            let now = format!("now/{{check}}.{kind}");
            let done = report(&workplace, kind, &["-o", &now]);
            assert_eq!(done.code, 0, "{kind}: {}", done.err);
            let printed = report(&workplace, kind, &[]);
            let then = read(&workplace, &format!("then.{kind}"));
            assert_eq!(printed.out, then, "{scenario} as {kind}");
        }
    }
}

#[test]
fn answers_that_were_changed_are_refused_and_missing_ones_said() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    let answers = recorded(&workplace, ".answers.json.gz");
    fs::write(&answers, b"other").expect("written");
    report(&workplace, "html", &[]).says(2, "is not what was recorded");
    fs::remove_file(&answers).expect("removed");
    let page = report(&workplace, "html", &[]);
    assert_eq!(page.code, 0, "{}", page.err);
    assert!(page.err.contains("without samples"), "{}", page.err);
    assert!(
        page.out.contains("trend"),
        "the chart says what it is drawn from"
    );
}

#[test]
fn a_report_goes_over_no_file_and_tells_checks_apart() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    check(&workplace, "canary-go", &[]);
    report(&workplace, "markdown", &[]).says(2, "write {check} into the path of --output");
    let apart = ["-o", "made/{check}.md"];
    assert_eq!(report(&workplace, "markdown", &apart).code, 0);
    let made = fs::read_dir(workplace.path().join("made")).expect("a folder");
    assert_eq!(made.count(), 2);
    report(&workplace, "markdown", &apart).says(5, "made/");
    report(&workplace, "summary", &["-o", "one.md"]).says(0, "");
    report(&workplace, "summary", &["-o", "one.md"]).says(5, "one.md");
    report(&workplace, "pdf", &[]).says(2, "choose one of html, markdown");
}

/// The same on a terminal of 80 columns, as `script` makes one.
fn on_a_terminal(workplace: &Workplace, kind: &str) -> String {
    let gate = env!("CARGO_BIN_EXE_gate");
    let line = format!("stty rows 40 cols 80; exec {gate} report evidence --format {kind}");
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    let script = script.current_dir(workplace.path()).env_clear();
    let script = script.envs([
        ("PATH", "/usr/bin:/bin"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
    ]);
    let output = script.output().expect("script, of util-linux");
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .replace('\r', "")
}

#[test]
fn l15_markdown_is_for_files_and_pipes_and_a_terminal_gets_text() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    for (kind, begins, markup) in [
        ("markdown", "GO     stage_5/exit: 9/9 met", "## "),
        (
            "summary",
            "Deployment summary: spark-trading v1.4.0\nPARTIAL: ",
            "# ",
        ),
        (
            "handover",
            "Handover: spark-trading v1.4.0\nPARTIAL: ",
            "# ",
        ),
    ] {
        let shown = on_a_terminal(&workplace, kind);
        assert!(shown.starts_with(begins), "{shown}");
        assert!(!shown.contains("**") && !shown.contains("| ---"), "{shown}");
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 80), "{shown}");
        let piped = report(&workplace, kind, &[]).out;
        assert!(piped.starts_with(markup), "{piped}");
        assert!(
            !piped.contains('\u{200b}') && !piped.contains("&#8203;"),
            "{piped}"
        );
    }
    let handover = report(&workplace, "handover", &[]).out;
    let linked = "**dashboard**: <https://grafana.spark-trading.com/d/canary>";
    assert!(handover.contains(linked), "{handover}");
}

#[test]
fn l17_the_page_shows_where_the_rollout_stands() {
    let workplace = Workplace::with_plan(
        "release: R1.0\nstages:\n  - { name: pilot, title: Pilot Berlin, exit: { confirmations: [lead] } }\n  \
         - { name: wave-1, traffic: 50%, exit: { confirmations: [lead] } }\n",
    );
    let page = |name: &str| {
        let asked = format!("html={name}");
        workplace.gate(&[
            "check",
            "plan.yaml",
            "--gate",
            "pilot/exit",
            "--report",
            &asked,
        ]);
        read(&workplace, name)
    };
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(0, "pilot began");
    let running = page("running.html");
    let strip = running
        .split("<nav class=\"strip\"")
        .nth(1)
        .expect("a strip");
    let strip = strip.split("</nav>").next().expect("its end");
    assert!(
        strip.contains("<li class=\"open\" aria-current=\"step\"><strong>Pilot Berlin</strong>"),
        "{strip}"
    );
    assert!(
        strip.contains("50% of traffic") && strip.contains(">running, exit "),
        "{strip}"
    );
    workplace
        .gate(&["pause", "plan.yaml", "--why", "labels"])
        .says(0, "paused");
    let paused = page("paused.html");
    assert!(
        paused.contains("<span class=\"state\">PAUSED, exit "),
        "{paused}"
    );
}

#[test]
fn l16_without_a_format_the_checks_are_listed_and_one_is_printed() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    check(&workplace, "canary-go", &[]);
    let list = workplace.gate(&["report", "evidence"]);
    let line = "2026-11-20T00:00:00Z  GO     stage_5/exit  9/9 met, stops 3/3 clear";
    assert_eq!(list.out, format!("{line}\n{line}\n"), "{}", list.err);
    let newest = workplace.gate(&["report", "evidence", "--last"]);
    assert!(
        newest.out.starts_with("GO     stage_5/exit: 9/9 met"),
        "{}",
        newest.out
    );
    let page = workplace.gate(&["report", "evidence", "--last", "--format", "html"]);
    assert!(page.out.starts_with("<!DOCTYPE html>"), "{}", page.out);
    workplace
        .gate(&["report", "evidence", "--stage", "full"])
        .says(
            2,
            "no report was written: no check here judged a gate of `full`",
        );
    workplace
        .gate(&["report", "evidence", "--format", "summary", "--last"])
        .says(
            2,
            "`summary` tells the whole rollout: leave out --last and --stage",
        );
}

#[test]
fn l16_the_last_check_is_the_one_that_was_recorded_last() {
    let workplace = Workplace::new();
    let plan = "release: R\nstages:\n  - { name: pilot, exit: { confirmations: [lead] } }\n";
    workplace.write("p.yaml", plan);
    workplace.gate(&["check", "p.yaml", "--at", "2100-01-01T00:00:00Z"]);
    workplace.gate(&["check", "p.yaml"]);
    let last = workplace.gate(&["report", "p.evidence", "--last"]);
    assert!(last.out.starts_with("HOLD "), "{}", last.err);
    assert!(!last.out.contains("2100-01-01"), "{}", last.out);
}

#[test]
fn l16_a_report_is_overwritten_with_force_and_inside_a_ci_job() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &["--report", "html=one.html"]);
    workplace.write("one.html", "edited");
    check(&workplace, "canary-go", &["--report", "html=one.html"])
        .says(5, "overwrite it with --force");
    assert_eq!(read(&workplace, "one.html"), "edited");
    check(
        &workplace,
        "canary-go",
        &["--report", "html=one.html", "--force"],
    );
    assert!(read(&workplace, "one.html").starts_with("<!DOCTYPE html>"));
    let summary = ["report", "evidence", "--format", "summary", "-o", "one.md"];
    assert_eq!(workplace.gate(&summary).code, 0);
    workplace
        .gate(&summary)
        .says(5, "overwrite it with --force");
    assert_eq!(
        workplace.gate(&[&summary[..], &["--force"]].concat()).code,
        0
    );
    assert_eq!(workplace.gate_with(&summary, &[("CI", "true")]).code, 0);
    assert_eq!(workplace.gate_with(&summary, &[("CI", "false")]).code, 5);
}

#[test]
fn l16_several_plans_are_one_json_array() {
    let workplace = Workplace::new();
    for name in ["a", "b"] {
        let plan = format!(
            "release: {name}\nstages:\n  - {{ name: pilot, exit: {{ confirmations: [lead] }} }}\n"
        );
        workplace.write(&format!("{name}.yaml"), plan);
    }
    let all = workplace.gate(&["check", "a.yaml", "b.yaml", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&all.out).expect("one document");
    let releases: Vec<_> = all
        .as_array()
        .expect("an array")
        .iter()
        .map(|one| &one["plan"]["release"]["name"])
        .collect();
    assert_eq!(releases, ["a", "b"]);
    let one = workplace.gate(&["check", "a.yaml", "--format", "json"]);
    let one: serde_json::Value = serde_json::from_str(&one.out).expect("one document");
    assert!(one.is_object());
}

#[test]
fn a_rollout_is_that_of_one_plan_and_a_handover_needs_it() {
    let workplace = Workplace::new();
    check(&workplace, "canary-go", &[]);
    let summary = report(&workplace, "summary", &[]);
    assert!(
        summary.out.contains("PARTIAL: 1 of 5 stages left with GO"),
        "{}",
        summary.out
    );
    assert!(
        summary
            .out
            .contains("| CSP violations | 150 | 150 | -0.1% | baseline with stage_5, mean |")
    );
    fs::remove_file(recorded(&workplace, ".plan.yaml")).expect("removed");
    report(&workplace, "handover", &[]).says(2, "needs the plan");
    assert!(
        report(&workplace, "summary", &[])
            .out
            .contains("the plan is not available")
    );
    check(&workplace, "logistics-hold-missing-site", &[]);
    report(&workplace, "summary", &[]).says(2, "checks of several rollouts");
}
