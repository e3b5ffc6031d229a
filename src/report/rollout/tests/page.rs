//! The summary as one page: what is told of each stage, of what went wrong and of what was measured, and what is left to the
//! appendix (L14).

use super::{Entry, Event, IncidentDetails, Ledger, PILOT, Verdict, WAVE};
use super::{check, checked, entry, plan, rolled_back, rollout, row_of, scenarios, started};
use crate::assessment::Summary;
use crate::evidence::Evidence;
use crate::kind::CriterionKind;
use crate::ledger::Trip;
use crate::report::rollout::{Check, RolloutKind};

fn shown(checks: &[Check], entries: Vec<Entry>) -> String {
    let both = plan(&format!("{PILOT}{WAVE}"));
    let ledger = Ledger::new(entries);
    RolloutKind::Summary.render(&rollout(checks, Some(&both), Some(&ledger)))
}

/// What is told before the appendix.
fn page(text: &str) -> &str {
    text.split_once("# Appendix").expect("an appendix").0
}

/// A check of a stage's exit gate, whose KPIs have this mean.
fn of(stage: &str, mean: f64) -> Evidence {
    let mut evidence = scenarios::go();
    for gate in &mut evidence.gates {
        gate.stage = stage.to_owned();
        let kpis = gate.criteria.iter_mut().filter_map(|one| one.kpi.as_mut());
        for series in kpis.flat_map(|kpi| &mut kpi.series) {
            series.summary = Some(Summary {
                min: mean,
                mean,
                max: mean,
                last: mean,
            });
        }
    }
    evidence
}

/// Pilot left with GO in check `a`; wave-1 runs, and was judged in check `b`.
fn left() -> Vec<Entry> {
    vec![
        entry(1, 10, started("pilot", 10)),
        entry(2, 8, checked(8, "a", "pilot/exit", Verdict::Go)),
        entry(3, 7, started("wave-1", 7)),
        entry(4, 2, checked(2, "b", "wave-1/exit", Verdict::Go)),
    ]
}

#[test]
fn l14_a_later_check_does_not_change_what_is_told_of_a_stage_that_was_left() {
    let checks = [
        check(of("pilot", 0.01), "a"),
        check(of("wave-1", 0.01), "b"),
    ];
    let before = shown(&checks, left());
    let row = row_of(&before, "pilot");
    assert!(
        row.contains("| 3h | ✅ GO, left | 5/5 | `a.json` |"),
        "{row}"
    );
    for (verdict, said) in [(Verdict::Go, ""), (Verdict::NoGo, ", later NO-GO at ")] {
        let later = entry(5, 1, checked(1, "c", "pilot/exit", verdict));
        let after = row_of(&shown(&checks, [left(), vec![later]].concat()), "pilot");
        assert!(after.contains("| 3h | ✅ GO, "), "{after}");
        assert!(
            after.ends_with("| 5/5 | `a.json` |") && after.contains(said),
            "{after}"
        );
    }
    // The last stage has no next one: its first GO since it began let it leave.
    let again = entry(5, 1, checked(1, "c", "wave-1/exit", Verdict::Go));
    let last = shown(&checks, [left(), vec![again]].concat());
    assert_eq!(row_of(&last, "wave-1"), row_of(&before, "wave-1"));
    let worse = entry(5, 1, checked(1, "c", "wave-1/exit", Verdict::Stop));
    let worse = shown(&checks, [left(), vec![worse]].concat());
    assert!(row_of(&worse, "wave-1").contains("🛑 STOP"), "{worse}");
}

#[test]
fn l14_each_kpi_stands_once_with_its_limit_and_what_each_stage_measured() {
    let checks = [
        check(of("pilot", 0.01), "a"),
        check(of("wave-1", 0.012), "b"),
    ];
    let text = shown(&checks, left());
    let metrics = text.split_once("## Key metrics").expect("a section").1;
    let metrics = metrics.split_once("## Rollbacks").expect("the next").0;
    assert!(
        metrics.contains("| Metric | Limit | Stop | pilot"),
        "{metrics}"
    );
    assert_eq!(
        metrics.matches("\n| exception_rate |").count(),
        1,
        "{metrics}"
    );
    let row = row_of(metrics, "exception_rate");
    assert!(
        row.contains("| `< 3%` | — | 2.62% ✅ | 2.62% ✅ |"),
        "{row}"
    );
    let stop = row_of(metrics, "integration_5xx_rate");
    assert!(stop.contains("| — | `> 5% for 10m` |"), "{stop}");
    assert!(
        !metrics.contains("webhook_age"),
        "what never decides is no key metric"
    );
}

#[test]
fn l14_before_and_after_is_told_of_every_kpi_of_the_first_and_last_stage() {
    let checks = [
        check(of("pilot", 0.01), "a"),
        check(of("wave-1", 0.012), "b"),
    ];
    let text = shown(&checks, left());
    let (_, changes) = text
        .split_once("## Performance before and after")
        .expect("a section");
    let row = row_of(changes, "exception_rate");
    assert_eq!(
        row,
        "| exception_rate | 1% | 1.2% | +20.0% | pilot with wave-1, mean |"
    );
    // Watched KPIs, too; each series for itself.
    assert!(
        row_of(changes, "webhook_age").contains("+20.0%"),
        "{changes}"
    );
    assert!(
        row_of(changes, "order_to_ship_p95 (LEJ2)").contains("+20.0%"),
        "{changes}"
    );
    let alone = shown(&checks[..1], left()[..2].to_vec());
    assert!(
        !alone.contains("| exception_rate | 1% |"),
        "one stage is no comparison"
    );
}

#[test]
fn l14_incidents_are_told_when_they_are_closed_and_pauses_with_their_links() {
    let opened = |id: &str, severity: &str| Event::IncidentOpened {
        id: id.to_owned(),
        stage: Some("pilot".to_owned()),
        opened_at: None,
        details: IncidentDetails {
            severity: Some(severity.to_owned()),
            description: Some("labels print twice".to_owned()),
            workaround: Some("discard the copy".to_owned()),
            owner: None,
            target: None,
        },
    };
    let closed = Event::IncidentClosed {
        id: "INC-1".to_owned(),
    };
    let paused = Event::Paused {
        stage: "pilot".to_owned(),
    };
    let mut entries = vec![
        entry(1, 40, started("pilot", 40)),
        entry(2, 39, opened("INC-1", "sev2")),
        entry(3, 38, closed),
        entry(4, 10, opened("INC-2", "sev1")),
        entry(5, 9, paused),
        entry(
            6,
            8,
            Event::Resumed {
                stage: "pilot".to_owned(),
            },
        ),
    ];
    for one in &mut entries {
        one.links = vec![format!("https://issues.example.com/{}", one.number)];
    }
    let text = shown(&[], entries);
    let text = page(&text);
    assert!(
        text.contains("- **Incidents**: 2, 1 of them OPEN\n"),
        "{text}"
    );
    let solved = row_of(text, "INC-1 in pilot");
    assert!(
        solved.contains(" after 1h | reasons, workaround: discard the copy, "),
        "{solved}"
    );
    assert!(
        solved.contains("<https://issues.example.com/3>"),
        "{solved}"
    );
    assert!(
        row_of(text, "INC-2 in pilot").contains("| OPEN since "),
        "{text}"
    );
    let days: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| 2026-11-1"))
        .collect();
    assert_eq!(days[0], "| 2026-11-18 | 0 | 1 | 0 | 1 |", "{text}");
    assert_eq!(days[1], "| 2026-11-19 | 0 | 0 | 1 | 0 |", "{text}");
    let pause = row_of(text, "2026-11-20T05:00:00Z");
    assert!(
        pause.contains("| pilot | ada | reasons, <https://issues.example.com/5> |"),
        "{pause}"
    );
    assert!(
        pause.contains("after 1h, by ada, reasons, <https://issues.example.com/6> |"),
        "{pause}"
    );
}

#[test]
fn l14_a_rollback_names_the_check_that_led_to_it() {
    let mut entries = left();
    entries.truncate(3);
    entries.extend([
        entry(4, 5, checked(5, "x", "wave-1/exit", Verdict::NoGo)),
        entry(5, 4, checked(4, "y", "wave-1/exit", Verdict::NoGo)),
        entry(6, 3, rolled_back("wave-1")),
    ]);
    let text = shown(&[], entries);
    assert!(
        text.contains("- **Trigger**: wave-1/exit was NO-GO at 2026-11-20T09:00:00Z (entry 4)"),
        "{text}"
    );
    for evidence in [
        "plan.evidence/x.json",
        "plan.evidence/y.json",
        "ledger entry 6",
    ] {
        assert!(text.contains(evidence), "{evidence} in {text}");
    }
}

#[test]
fn l11_a_rollback_names_the_stop_that_was_lifted_before_it() {
    let mut stop = checked(5, "x", "wave-1/exit", Verdict::Stop);
    if let Event::Checked(check) = &mut stop {
        check.gates[0].tripped = vec![Trip {
            kind: CriterionKind::Kpis,
            name: "errors".to_owned(),
            condition: None,
            reason: "9% for 5m".to_owned(),
        }];
    }
    let lifted = |after: Verdict| {
        let mut entries = left();
        entries.truncate(3);
        let stage = || "wave-1".to_owned();
        entries.extend([
            entry(4, 5, stop.clone()),
            entry(5, 4, Event::Resumed { stage: stage() }),
            entry(6, 3, checked(3, "y", "wave-1/exit", after)),
            entry(7, 2, checked(2, "z", "wave-1/exit", Verdict::NoGo)),
            entry(8, 1, rolled_back("wave-1")),
        ]);
        shown(&[], entries)
    };
    let text = lifted(Verdict::NoGo);
    let trigger = "- **Trigger**: stop tripped: errors, 9% for 5m (entry 4), lifted at 2026-11-20T10:00:00Z by ada (entry 5): reasons; \
        wave-1/exit was NO-GO at 2026-11-20T11:00:00Z (entry 6)";
    assert!(text.contains(trigger), "{text}");
    for evidence in ["x.json", "y.json", "z.json"] {
        assert!(text.contains(evidence), "{evidence} in {text}");
    }
    // Once the exit was GO, it is another matter.
    assert!(!lifted(Verdict::Go).contains("stop tripped"));
}

#[test]
fn l14_the_sign_off_is_stable_monitoring_or_rolled_back() {
    let status = |entries: Vec<Entry>| {
        let text = shown(&[], entries);
        let (_, after) = text.split_once("## Sign-off").expect("a section");
        let line = after
            .lines()
            .find_map(|line| line.strip_prefix("- **Status**: "));
        line.expect("a status").to_owned()
    };
    assert!(status(left()).starts_with("STABLE: "));
    assert!(status(left()[..3].to_vec()).starts_with("MONITORING: "));
    assert_eq!(status(left()[..0].to_vec()), "nothing has begun");
    let back = entry(5, 1, rolled_back("wave-1"));
    assert_eq!(status([left(), vec![back]].concat()), "ROLLED BACK: wave-1");
    let bad = entry(5, 1, checked(1, "c", "wave-1/exit", Verdict::NoGo));
    assert_eq!(
        status([left(), vec![bad]].concat()),
        "FAILED: not rolled back"
    );
}

#[test]
fn l14_digests_stand_in_the_appendix() {
    let digest = "ab".repeat(32);
    let checks = [check(of("pilot", 0.01), &digest)];
    let text = shown(
        &checks,
        vec![
            entry(1, 10, started("pilot", 10)),
            entry(2, 8, checked(8, &digest, "pilot/exit", Verdict::Go)),
        ],
    );
    assert!(text.contains(&format!("`{digest}` |\n")), "{text}");
    let hex = |word: &str| word.len() == 64 && word.chars().all(|sign| sign.is_ascii_hexdigit());
    let mut words = page(&text).split(|sign: char| !sign.is_ascii_alphanumeric());
    assert!(!words.any(|word| hex(word) && word != digest), "{text}");
}

#[test]
fn a_handover_says_a_condition_once_and_which_stages_have_it() {
    let text = "release: R1.0\nsource: http://127.0.0.1:9090\nkpis:\n  a: { query: a, unit: ratio }\n  b: { query: b, unit: ratio }\n\
        stages:\n  - { name: pilot, window: 1h, exit: { kpis: { a: < 1%, b: < 2% } } }\n  \
        - { name: wave-1, window: 1h, exit: { kpis: { a: < 1%, b: < 3% } } }\n";
    let loaded = crate::plan::load(text.as_bytes(), &crate::plan::Options::default());
    let plan = loaded.expect("a plan").plan;
    let shown = RolloutKind::Handover.render(&rollout(&[], Some(&plan), None));
    let everywhere = "| exit < 1%; recovery < 1% |";
    assert!(row_of(&shown, "a").contains(everywhere), "{shown}");
    let own = row_of(&shown, "b");
    for said in ["exit < 2% (pilot); ", "exit < 3% (wave-1); "] {
        assert!(own.contains(said), "{shown}");
    }
}

#[test]
fn l14_lessons_are_told_in_the_words_of_those_who_learned_them() {
    let noted = |text: &str, lesson| Event::Noted {
        stage: Some("pilot".to_owned()),
        text: text.to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson,
        takes_back: None,
    };
    let none = shown(&[], left());
    assert!(
        page(&none).contains("none is recorded: gate note --lesson records one"),
        "{none}"
    );
    let said = vec![
        entry(5, 1, noted("a quiet night", false)),
        entry(6, 1, noted("warm the cache first", true)),
    ];
    let text = shown(&[], [left(), said].concat());
    let (_, lessons) = text.split_once("## Lessons learned").expect("a section");
    let lessons = lessons.split("\n## ").next().expect("it");
    assert_eq!(lessons.trim(), "- warm the cache first (ada, pilot)");
}
