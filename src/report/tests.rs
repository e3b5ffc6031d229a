//! Snapshots of whole reports, and what must hold for every one of them.
//!
//! The snapshots in `snapshots/` are compared exactly. After an intended change rewrite them with
//! `cargo test --lib tests::bless -- --ignored`, and read the difference before committing it.

use std::fs;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use super::scenarios;
use super::{Kind, Style, text, verdict_lines};
use crate::assessment::{Approach, Code, CriterionAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::{CriterionKind, List};
use crate::unicode_safety::is_hidden;
use crate::units::Duration;
use crate::verdict::Verdict;

const WIDTHS: [usize; 7] = [0, 40, 44, 63, 64, 80, 200];

fn plain(width: usize) -> Style {
    Style {
        width,
        ..Style::FILE
    }
}

/// As on a screen, where what does not help at that moment is left out.
fn screen(width: usize) -> Style {
    Style {
        whole: false,
        ..plain(width)
    }
}

/// The scenarios whose screens are kept, too.
const SCREENS: [&str; 6] = [
    "go",
    "no-go-several-series",
    "hold-window-incomplete",
    "stop-with-rollback",
    "stop-tripped-before",
    "outstanding",
];

fn snapshots() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/snapshots");
    let mut snapshots = Vec::new();
    for (name, evidence) in scenarios::all() {
        snapshots.push((
            folder.join(format!("{name}.txt")),
            text(&evidence, &Style::FILE),
        ));
        if SCREENS.contains(&name) {
            let shown = text(&evidence, &screen(80));
            snapshots.push((folder.join(format!("{name}-screen.txt")), shown));
        }
    }
    let ascii = Style {
        width: 44,
        colour: false,
        unicode: false,
        whole: true,
    };
    snapshots.push((
        folder.join("no-go-several-series-44-ascii.txt"),
        text(&scenarios::no_go(), &ascii),
    ));
    snapshots.push((
        folder.join("verdict-lines.txt"),
        verdict_lines(&checks(), &Style::FILE),
    ));
    snapshots
}

fn checks() -> Vec<Evidence> {
    scenarios::all()
        .into_iter()
        .map(|(_, evidence)| evidence)
        .collect()
}

#[test]
fn reports_are_what_the_snapshots_say() {
    for (path, shown) in snapshots() {
        let kept = fs::read_to_string(&path).unwrap_or_default();
        for (number, (was, is)) in kept.lines().zip(shown.lines()).enumerate() {
            assert_eq!(was, is, "{}, line {}\n{shown}", path.display(), number + 1);
        }
        assert_eq!(kept, shown, "{}: one is longer\n{shown}", path.display());
    }
}

#[test]
#[ignore = "rewrites the snapshots"]
fn bless() {
    for (path, shown) in snapshots() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, shown).expect("written");
    }
}

#[test]
#[ignore = "prints every scenario, to be looked at: `cargo test --lib show_80 -- --ignored --nocapture`"]
fn show_80() {
    show(Style {
        width: 80,
        colour: true,
        unicode: true,
        whole: false,
    });
}

#[test]
#[ignore = "as `show_80`, on a wide terminal"]
fn show_120() {
    show(Style {
        width: 120,
        colour: false,
        unicode: true,
        whole: false,
    });
}

#[test]
#[ignore = "as `show_80`, on a narrow terminal that draws ASCII only"]
fn show_44() {
    show(Style {
        width: 44,
        colour: true,
        unicode: false,
        whole: false,
    });
}

fn show(style: Style) {
    for (name, evidence) in scenarios::all() {
        println!("======== {name}\n{}", text(&evidence, &style));
    }
    println!("{}", verdict_lines(&checks(), &style));
}

#[test]
fn the_verdict_is_the_first_word() {
    for (_, evidence) in scenarios::all() {
        let shown = text(&evidence, &plain(80));
        assert_eq!(
            shown.split_whitespace().next(),
            Some(evidence.verdict.word())
        );
    }
}

#[test]
fn every_reason_for_a_bad_outcome_is_shown_once() {
    for (name, evidence) in scenarios::all() {
        let shown = text(&evidence, &plain(110));
        // The headline names what decided, too.
        let (_, below) = shown.split_once("\n\n").expect("a headline");
        let shown: String = words(below);
        for criterion in evidence.gates.iter().flat_map(|gate| &gate.criteria) {
            let good = matches!(criterion.outcome, Outcome::Met | Outcome::Clear);
            let reason = words(&super::escape(&criterion.reason));
            let times = shown.matches(&reason).count();
            // A window that still runs is one reason, and also what the window's line says. What nobody has answered
            // is summed up, a pause is also what the flag says, and an earlier trip is also what decided.
            let elsewhere = reason.starts_with("31hof48h")
                || super::decided::nobody_said_anything(criterion)
                || reason.starts_with("pausedby")
                || reason.starts_with("20mof30m")
                || criterion.code == Code::TrippedBefore;
            assert!(good || times == 1 || elsewhere, "{name}: {reason} {times}×");
        }
    }
}

/// Without spaces, so that wrapping does not matter.
fn words(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (name, evidence) in scenarios::all() {
        for width in WIDTHS {
            let shown = text(&evidence, &plain(width))
                + &text(&evidence, &screen(width))
                + &verdict_lines(&checks(), &plain(width));
            for line in shown.lines() {
                assert!(
                    line.width() <= width.clamp(40, 110),
                    "{name} at {width}: {line}"
                );
            }
        }
    }
}

#[test]
fn hostile_texts_are_seen_and_do_nothing() {
    let evidence = scenarios::hostile();
    for width in WIDTHS {
        let shown = text(&evidence, &plain(width)) + &verdict_lines(&checks(), &plain(width));
        assert!(
            !shown
                .chars()
                .any(|character| character != '\n' && is_hidden(character))
        );
        assert!(words(&shown).contains("\\u{1b}[2J\\u{1b}[32mGO\\u{9b}0m\\u{202e}"));
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, evidence) in scenarios::all() {
        for width in WIDTHS {
            let coloured = text(
                &evidence,
                &Style {
                    colour: true,
                    ..plain(width)
                },
            );
            assert!(coloured.contains("\u{1b}["));
            assert_eq!(
                without_colour(&coloured),
                text(&evidence, &plain(width)),
                "{name} at {width}"
            );
        }
    }
}

/// Drops `ESC [ … m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').expect("a colour").1);
    }
    plain
}

#[test]
fn without_unicode_we_draw_ascii_only() {
    for (_, evidence) in scenarios::all() {
        let shown = text(
            &evidence,
            &Style {
                unicode: false,
                ..plain(80)
            },
        );
        assert!(shown.is_ascii(), "{shown}");
    }
}

#[test]
fn the_same_record_gives_the_same_text() {
    assert_eq!(
        text(&scenarios::no_go(), &Style::FILE),
        text(&scenarios::no_go(), &Style::FILE)
    );
}

#[test]
fn l11_a_stop_tells_ways_to_roll_back_as_one_or_the_other() {
    let mut evidence = scenarios::stop();
    let names = ["flag", "release", "release"];
    for (step, name) in evidence.rollback.iter_mut().zip(names) {
        step.option = Some(crate::plan::RollbackOption {
            name: name.to_owned(),
            when: (name == "flag").then(|| "activation only".to_owned()),
        });
    }
    let told = text(&evidence, &plain(80));
    let at = told.find("rollback, one of").expect("the ways");
    let lines: Vec<&str> = told[at..].lines().collect();
    assert_eq!(lines[1], "  flag: activation only");
    assert!(lines[2].starts_with("    1. "), "{told}");
    assert_eq!(lines[3], "  or release");
    assert!(lines[4].starts_with("    2. "), "{told}");
    assert_eq!(told.matches("or release").count(), 1);
}

#[test]
fn l2_a_healthy_running_gate_of_7_kpis_takes_at_most_20_lines() {
    let mut evidence = scenarios::hold_incomplete();
    let gate = &mut evidence.gates[0];
    let begins = gate.window.as_ref().expect("a window").start;
    for kpi in gate.criteria.iter_mut().filter_map(|one| one.kpi.as_mut()) {
        kpi.start = begins;
    }
    let waiting = gate.criteria.iter().filter(|one| one.list == List::Exit);
    let waiting: Vec<_> = waiting.cloned().collect();
    let more = waiting.iter().chain(&waiting).skip(2).cloned();
    gate.criteria
        .extend(more.enumerate().map(|(number, mut one)| {
            one.name = format!("{}_{number}", one.name);
            one
        }));
    let exits = gate.criteria.iter().filter(|one| one.list == List::Exit);
    assert_eq!(exits.filter(|one| one.kpi.is_some()).count(), 7);
    gate.counts = crate::assessment::Counts::of(&gate.criteria);
    evidence.gates.push(next_entry());
    let shown = text(&evidence, &screen(80));
    // The command prints where the evidence is below that.
    assert!(shown.lines().count() <= 19, "{shown}");
    for said in [
        "window runs, complete in 17h (2026-11-21T07:00:00Z); nothing speaks against it",
        "exit: 0 of 7 met, 7 so far",
        "so far met",
    ] {
        assert!(words(&shown).contains(&words(said)), "{said} in {shown}");
    }
    assert!(
        shown.contains("outlook (decides nothing yet) NO-GO wave-1/entry: "),
        "{shown}"
    );
    let exit = shown.lines().filter(|line| line.contains("unknown"));
    assert!(
        exit.clone().all(|line| line.starts_with("outlook")),
        "{shown}"
    );
}

/// The entry of the stage after, which a look ahead found closed.
fn next_entry() -> crate::assessment::GateAssessment {
    let mut entry = scenarios::outstanding().gates.remove(0);
    entry.stage = "wave-1".to_owned();
    (entry.outlook, entry.verdict) = (true, crate::verdict::Verdict::NoGo);
    entry
}

#[test]
fn l2_a_file_that_is_due_at_the_end_of_the_window_has_a_row() {
    let mut evidence = scenarios::hold_incomplete();
    let gate = &mut evidence.gates[0];
    let mut file = gate.criteria[gate.criteria.len() - 1].clone();
    file.list = List::Exit;
    file.kind = crate::kind::CriterionKind::Artifacts;
    (file.outcome, file.code) = (Outcome::Unknown, Code::WindowIncomplete);
    (file.kpi, file.condition, file.title) = (None, None, None);
    "e2e.xml".clone_into(&mut file.name);
    "there is no e2e.xml yet; it is due once the window is complete".clone_into(&mut file.reason);
    gate.criteria.push(file);
    let shown = text(&evidence, &screen(100));
    let mut lines = shown.lines().map(str::trim_start);
    let row = lines.any(|line| line.starts_with("unknown") && line.contains("e2e.xml"));
    assert!(row, "{shown}");
    assert!(shown.contains("due once the window is complete"), "{shown}");
}

#[test]
fn l2_a_screen_leaves_out_nothing_that_decided() {
    for (name, evidence) in scenarios::all() {
        let shown = words(&text(&evidence, &screen(80)));
        for gate in evidence.deciding() {
            for one in super::decided::deciding(gate) {
                let called = super::decided::called(one.kind, &one.name);
                let called = words(&super::escape(&called));
                assert!(shown.contains(&called), "{name}: {called}");
                let is_summed_up = super::decided::nobody_said_anything(one)
                    || super::decided::not_begun(gate).is_some();
                let reason = words(&super::escape(&one.reason));
                assert!(is_summed_up || shown.contains(&reason), "{name}: {reason}");
            }
        }
        let flags = evidence.gates.iter().flat_map(|gate| &gate.flags);
        for flag in flags {
            assert!(
                shown.contains(&words(&super::escape(flag))),
                "{name}: {flag}"
            );
        }
    }
}

#[test]
fn l4_a_stop_marks_the_steps_that_are_done() {
    let mut evidence = scenarios::tripped_before();
    let after = evidence.gates[0].after_stop.as_mut().expect("a stop");
    (after.done_steps, after.open_steps) = (vec![1], vec![2, 3]);
    after.done.push("1 of 3 rollback steps done".to_owned());
    let shown = text(&evidence, &screen(80));
    assert!(
        shown.contains("  1.  DONE: Disable flag shipping.v2"),
        "{shown}"
    );
    assert!(shown.contains("  3.  Tell the warehouse leads"), "{shown}");
    assert_eq!(shown.matches("DONE").count(), 1, "{shown}");
    let after = evidence.gates[0].after_stop.as_mut().expect("a stop");
    (after.done_steps, after.open_steps) = (vec![1, 2, 3], Vec::new());
    let shown = text(&evidence, &screen(80));
    assert!(!shown.contains("rollback steps\n"), "all are done: {shown}");
}

#[test]
fn l4_the_last_line_says_what_to_provide_then_the_check() {
    let shown = text(&scenarios::outstanding(), &screen(110));
    let last = words(&shown[shown.rfind("\n\n").expect("a last line")..]);
    let said = "next: provide ../build/e2e.xml, then gate confirm rollout-plans/logistics.yaml readiness/labels --stage pilot, then gate check rollout-plans/logistics.yaml --gate pilot/entry";
    assert!(last.ends_with(&words(said)), "{last}");
}

#[test]
fn l3_a_stop_on_its_way_is_in_the_headline_of_any_verdict() {
    for mut evidence in [
        scenarios::hold_incomplete(),
        scenarios::go(),
        scenarios::no_go(),
    ] {
        let stops = evidence.gates[0].criteria.iter_mut();
        let mut stops = stops.filter(|one| one.list == List::Stop && one.kpi.is_some());
        let kpi = stops
            .next()
            .and_then(|one| one.kpi.as_mut())
            .expect("a stop");
        kpi.series[0].approach = Some(Approach {
            lasted: Duration::from_secs(240),
            needed: Duration::from_secs(600),
            last_seen: scenarios::T,
            trips_at: Some(scenarios::T),
        });
        let shown = text(&evidence, &plain(80));
        let (headline, _) = shown.split_once("\n\n").expect("a headline");
        let said = "in its stop state for 4m of 10m, trips at 2026-11-20T14:00:00Z if it goes on";
        assert!(words(headline).contains(&words(said)), "{headline}");
        assert!(!headline.contains("nothing speaks against"), "{headline}");
        let name = evidence.gates[0].criteria.iter();
        let name = name.clone().find(|one| one.approach().is_some());
        let name = name.expect("on its way").name.clone();
        let row = |text: &str| text.contains(&format!("  on its way  {name}"));
        assert!(row(&shown) && row(&text(&evidence, &screen(80))), "{shown}");
        let markdown = super::markdown::markdown(&evidence, usize::MAX);
        let said = format!("| ⚠️ on its way | {name}");
        assert!(markdown.contains(&said), "{said} in {markdown}");
        let github = Kind::Github.render(&evidence, None, None, usize::MAX);
        assert!(
            github.contains(&format!("on its way: {name} (stop)")),
            "{github}"
        );
        let html = Kind::Html.render(&evidence, None, None, usize::MAX);
        assert!(html.contains("</span> on its way</span>"), "{name}");
    }
}

#[test]
fn l8_a_checkpoint_that_nobody_has_held_is_not_met_so_far() {
    let mut evidence = scenarios::hold_incomplete();
    let mut ops = scenarios::outstanding().gates.remove(0).criteria.remove(0);
    (ops.list, ops.kind, ops.code) = (
        List::Exit,
        CriterionKind::Checkpoints,
        Code::WindowIncomplete,
    );
    (ops.name, ops.outcome) = ("ops".to_owned(), Outcome::Unknown);
    let held = std::mem::take(&mut ops.based_on);
    let counted = |evidence: &Evidence| super::brief::so_far(&evidence.gates[0]);
    let before = counted(&evidence);
    evidence.gates[0].criteria.push(ops.clone());
    let shown = text(&evidence, &screen(80));
    assert!(shown.contains("  unknown     ops"), "{shown}");
    assert!(words(&shown).contains("nothingspeaksagainstit"), "{shown}");
    assert_eq!(counted(&evidence), before);
    let by = crate::assessment::BasedOn::Entry {
        number: 3,
        by: "Ada".to_owned(),
        at: scenarios::T,
        why: String::new(),
        links: Vec::new(),
    };
    let last = evidence.gates[0].criteria.last_mut().expect("ops");
    last.based_on = held.into_iter().chain([by]).collect();
    assert!(text(&evidence, &screen(80)).contains("  so far met  ops"));
}

#[test]
fn l2_what_is_asked_has_a_row_or_is_counted() {
    for (name, evidence) in scenarios::all() {
        for gate in evidence.deciding() {
            let is_alone = evidence.deciding().count() == 1;
            let own = |one: &&CriterionAssessment| {
                matches!(one.list, List::Entry | List::Exit | List::Recovery)
            };
            let rows = gate.criteria.iter().filter(own);
            let rows = rows.filter(|one| super::brief::has_a_line(gate, one, is_alone));
            let (rows, all) = (rows.count(), gate.criteria.iter().filter(own).count());
            let list = gate.criteria.iter().find(own).map(|one| one.list);
            let counted = list.and_then(|list| super::brief::without_a_line(gate, list, is_alone));
            let expected = (rows < all).then(|| format!(", {} open: see ", all - rows));
            let shown = counted.as_deref().unwrap_or_default();
            assert!(
                shown.starts_with(&expected.unwrap_or_default()),
                "{name}: {shown}"
            );
            let is_shown = words(&text(&evidence, &screen(80))).contains(&words(shown));
            assert!(is_shown || gate.verdict == Verdict::Stop, "{name}: {shown}");
        }
    }
}

#[test]
fn l2_only_the_row_of_a_long_name_takes_more_lines() {
    let mut evidence = scenarios::hold_incomplete();
    let lines = |evidence: &Evidence| text(evidence, &screen(80)).lines().count();
    let before = lines(&evidence);
    let name = "spark-trading-api-gateway/healthz-of-the-canary-in-eu-1";
    let mut probe = scenarios::outstanding().gates.remove(0).criteria.remove(0);
    probe.name = name.to_owned();
    (probe.outcome, probe.list) = (Outcome::Met, List::Exit);
    probe.title = Some("answers 200".to_owned());
    evidence.gates[0].criteria.push(probe);
    let shown = text(&evidence, &screen(80));
    assert!(lines(&evidence) <= before + 2, "{shown}");
    assert!(shown.contains(name), "{shown}");
    let row = "  so far met  exception_rate      < 3%            worst 2.62% ";
    assert!(shown.contains(row), "{shown}");
}

#[test]
fn l18_titles_stay_in_the_rows_that_have_room() {
    let mut evidence = scenarios::hold_incomplete();
    let kpis = evidence.gates[0].criteria.iter_mut();
    for (one, title) in kpis
        .filter(|one| one.list == List::Exit && one.kpi.is_some())
        .zip(["From order to shipment", "Odd", "Labels"])
    {
        one.title = Some(title.to_owned());
    }
    let shown = text(&evidence, &screen(90));
    assert!(shown.contains("  exception_rate (Odd) "), "{shown}");
    assert!(shown.contains("  order_to_ship_p95  "), "{shown}");
    assert!(!shown.contains("From order to shipment"), "{shown}");
}

#[test]
fn l18_no_name_is_cut_inside_on_80_columns() {
    const LONG: &str = "evidence/database_health_before_and_after_stage_5.txt";
    let mut evidence = scenarios::go();
    let criteria = &mut evidence.gates[0].criteria;
    criteria[2].name = LONG.to_owned();
    criteria[3].name = "an_exception_rate_with_a_name_of_its_own".to_owned();
    for style in [screen(80), plain(80), screen(110)] {
        let shown = text(&evidence, &style);
        for name in [LONG, "an_exception_rate_with_a_name_of_its_own"] {
            assert!(shown.contains(name), "{name} in {shown}");
        }
    }
    let mut asked = scenarios::outstanding();
    for criterion in &mut asked.gates[0].criteria {
        if let Some(step) = criterion.next_step.as_mut() {
            step.arguments[0] = format!("{}_and_a_long_rest_of_the_name", step.arguments[0]);
        }
    }
    let shown = text(&asked, &screen(80));
    assert!(
        shown.contains("labels_and_a_long_rest_of_the_name"),
        "{shown}"
    );
}

#[test]
fn l18_what_does_not_apply_says_why_and_by_whom() {
    let mut evidence = scenarios::outstanding();
    let (why, title) = (
        "no printers there (Ada at 2026-11-20T11:00:00Z)",
        "Label printers",
    );
    let item = &mut evidence.gates[0].criteria[1];
    assert!(
        item.title
            .as_ref()
            .is_some_and(|text| text.starts_with(title))
    );
    (item.outcome, item.code) = (Outcome::Met, Code::NotApplicable);
    item.reason = format!("not applicable: {why}");
    item.notes = vec![item.reason.clone()];
    item.next_step = None;
    let is_told = |page: &str| {
        let page = super::read_back::unmarked(page).replace('`', "");
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(page.matches("not applicable: ").count(), 1, "{page}");
        assert!(page.contains(why) && page.contains(title), "{page}");
        assert!(
            page.contains("n/a") && !page.contains("note: not"),
            "{page}"
        );
    };
    is_told(&text(&evidence, &screen(80)));
    is_told(&text(&evidence, &plain(110)));
    is_told(&super::markdown::markdown(&evidence, usize::MAX));
    is_told(&super::html::html(&evidence, None));
}

#[test]
fn the_last_line_of_what_was_judged_stays_on_one_line() {
    let mut evidence = scenarios::go();
    evidence.sources.truncate(1);
    let last = |url: &str, evidence: &mut Evidence| {
        url.clone_into(&mut evidence.sources[0].url);
        let shown = text(evidence, &screen(80));
        let lines = shown
            .lines()
            .filter(|line| line.starts_with("evaluated at"));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        assert_eq!(lines.len(), 1, "{shown}");
        lines[0].clone()
    };
    let mut told = |url: &str| last(url, &mut evidence);
    assert!(told("http://127.0.0.1:9090").contains("; http://127.0.0.1:9090"));
    let long = told("https://prometheus.example.com/a/very/long/prefix/of/one/tenant");
    assert!(long.contains("; prometheus.example.com"), "{long}");
    let host = format!(
        "https://{}.example.com/",
        "prometheus-of-a-tenant".repeat(3)
    );
    assert!(told(&host).contains("; source default"), "{}", told(&host));
}

#[test]
fn l2_what_is_watched_and_well_shares_a_line() {
    let mut evidence = scenarios::hold_incomplete();
    let criteria = &mut evidence.gates[0].criteria;
    let exit = criteria
        .iter()
        .find(|one| one.list == List::Exit && one.kpi.is_some());
    let mut watched = exit.expect("a KPI").clone();
    watched.list = List::Watch;
    watched.name = "watched_one".to_owned();
    let mut other = watched.clone();
    other.name = "watched_two".to_owned();
    let mut noted = watched.clone();
    noted.name = "watched_three".to_owned();
    noted.notes = vec!["is the unit right?".to_owned()];
    criteria.retain(|one| one.list != List::Watch);
    criteria.extend([watched, other, noted]);
    let shown = text(&evidence, &screen(80));
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        line.contains("watch (never decides); so far met: watched_one "),
        "{shown}"
    );
    assert!(
        line.contains(", watched_two ") && line.contains("is the unit right?"),
        "{shown}"
    );
    let own = |name: &str| {
        shown.lines().any(|line| {
            line.contains("so far met") && line.contains(name) && !line.contains("watch (")
        })
    };
    assert!(own("watched_three") && !own("watched_two"), "{shown}");
}

#[test]
fn l18_kpis_have_their_titles_beside_them_where_there_is_room() {
    let mut evidence = scenarios::go();
    for criterion in &mut evidence.gates[0].criteria {
        criterion.title = Some("What it means".to_owned());
    }
    let shown = |width| text(&evidence, &screen(width));
    assert!(
        shown(110).contains("exception_rate (What it means)"),
        "{}",
        shown(110)
    );
    assert!(!shown(80).contains("What it means"), "{}", shown(80));
}

#[test]
fn l18_a_person_is_named_without_the_address() {
    for (name, evidence) in [
        ("overridden", scenarios::overridden()),
        ("outstanding", scenarios::outstanding()),
    ] {
        for style in [screen(80), plain(110)] {
            let shown = text(&evidence, &style);
            assert!(!shown.contains("@example.com>"), "{name}: {shown}");
        }
    }
    assert!(text(&scenarios::overridden(), &screen(80)).contains("by Grace Hopper until"));
}

#[test]
fn l18_a_stop_and_an_exit_on_one_kpi_are_told_apart() {
    let mut evidence = scenarios::hold_unreachable();
    for (number, criterion) in evidence.gates[0].criteria.iter_mut().enumerate() {
        criterion.name = "errors".to_owned();
        criterion.reason = format!("reason {number}");
    }
    let shown = text(&evidence, &plain(110));
    assert!(shown.contains("unknown     stop: errors"), "{shown}");
    assert!(shown.contains("unknown     exit: errors"), "{shown}");
}
