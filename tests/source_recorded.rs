//! Recorded answers and captured baselines: what is written is read again, to the same bytes, and nothing hostile panics.

use std::io::{Read as _, Write as _};

use crate::source_fake::{Fake, ask_all, grid, html, json, question, range};
use gate::kind::GateKind;
use gate::plan::Variable;
use gate::samples::{Asked, Captured, FailureCode, Origin, Question};
use gate::source::captured::Entry;
use gate::source::{Recording, captured, recorded};
use gate::units::{Instant, Unit};
use proptest::prelude::*;

fn header() -> recorded::Header {
    recorded::Header {
        trailing: false,
        baselines: Vec::new(),
        plan_changes: Vec::new(),
        plan: recorded::RecordedPlan {
            path: "plans/pilot.yaml".to_owned(),
            sha256: "ab".repeat(32),
        },
        at: Some(Instant::from_secs(1_795_132_800)),
        started: None,
        vars: vec![Variable {
            name: "env".to_owned(),
            values: vec!["prod".to_owned()],
        }],
        addresses: vec!["default=http://127.0.0.1:9090".to_owned()],
        gates: vec![GateKind::Exit.of("pilot")],
        outlook: Vec::new(),
        run: gate::provenance::RunIdentity {
            user: "ann".to_owned(),
            host: "ci-7".to_owned(),
            ..gate::provenance::RunIdentity::default()
        },
        findings: gate::findings::Findings::new(),
        ledger: None,
        accept_overrides: false,
        lost_ledger: None,
        plan_kept_out: false,
        notes: Vec::new(),
        tool_version: "0.1.0".to_owned(),
    }
}

fn unpacked(file: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("gzip");
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("gzip");
    gzip.finish().expect("gzip")
}

fn matrix(series: &str) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}},"warnings":["remote \"down\""],"infos":["note"]}}"#
    )
}

/// A server with every sort of answer, and questions for each.
async fn odd_answers() -> (Fake, Vec<Question>) {
    let fake = Fake::start(|request| {
        if request.contains("query=instant") {
            return json(200, r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[60,"1e-07"]},{"metric":{},"value":[59.5,"+Inf"]}]}}"#);
        }
        if request.contains("query=refused") {
            return json(400, r#"{"status":"error","errorType":"bad_data","error":"no \"such\" thing"}"#);
        }
        if request.contains("query=long") {
            let at = if request.contains("start=0&") { 60 } else { 660_000 };
            return json(200, &matrix(&format!(r#"{{"metric":{{"s":"a"}},"values":[[{at},"{at}"]]}}"#)));
        }
        json(200, &matrix(r#"{"metric":{"s":"ü\""},"values":[[60,"1.50"],[180,"NaN"],[180,"2"],[120,"3"],[181.5,"-Inf"],[240,"1e+21"]]},{"metric":{},"values":[]}"#))
    })
    .await;
    let questions = vec![
        question("odd", range(6)),
        question("refused", range(6)),
        question("long", range(12_000)),
        question("instant", Asked::At(Instant::from_secs(60))),
        question("odd", range(5)),
    ];
    (fake, questions)
}

async fn odd_recording() -> (gate::source::Answered, Vec<u8>) {
    let (fake, questions) = odd_answers().await;
    let answered = ask_all(&[fake.source()], &questions, true).await;
    let Recording::Kept(entries) = &answered.recording else {
        panic!("kept")
    };
    let file = recorded::write(&header(), &answered.sources, entries).concat();
    (answered, file)
}

#[tokio::test]
async fn a_recording_is_one_readable_document() {
    let (_, file) = odd_recording().await;
    let document: serde_json::Value = serde_json::from_str(&unpacked(&file)).expect("JSON");
    assert_eq!(document["schema"], "gate.answers/v1");
    assert_eq!(document["check"]["plan"]["path"], "plans/pilot.yaml");
    assert_eq!(document["check"]["at"], "2026-11-20T00:00:00Z");
    let odd = &document["answers"][0];
    assert_eq!(
        (&odd["source"], &odd["query"], &odd["step"]),
        (&"default".into(), &"odd".into(), &60.into())
    );
    assert_eq!(
        (&odd["start"], &odd["end"]),
        (
            &"1970-01-01T00:00:00Z".into(),
            &"1970-01-01T00:05:00Z".into()
        )
    );
    assert_eq!(odd["series"][0]["from"], "1970-01-01T00:01:00Z");
    assert_eq!(
        odd["series"][0]["values"],
        serde_json::json!(["1.50", null, "NaN", "1e+21"])
    );
    assert_eq!(
        odd["series"][0]["off_grid"],
        serde_json::json!([[180, "2"], [120, "3"], [181.5, "-Inf"]])
    );
    assert_eq!(odd["warnings"][0], "remote \"down\"");
    assert_eq!(document["answers"][1]["failure"]["code"], "query-rejected");
    assert_eq!(
        (
            &document["answers"][2]["part"],
            &document["answers"][3]["part"]
        ),
        (&"1/2".into(), &"2/2".into())
    );
    assert_eq!(document["answers"][4]["at"], "1970-01-01T00:01:00Z");
    assert_eq!(
        document["answers"][4]["series"][1]["at"],
        "1970-01-01T00:00:59.500Z"
    );
}

#[tokio::test]
async fn a_recording_read_and_written_again_is_the_same_bytes() {
    let (answered, file) = odd_recording().await;
    for bytes in [
        file.clone(),
        unpacked(&file).into_bytes(),
        packed(&unpacked(&file)),
    ] {
        let again = recorded::read(&bytes, true).expect("recording");
        let Recording::Kept(entries) = &again.recording else {
            panic!("kept")
        };
        assert_eq!(again.header, header());
        assert_eq!(again.sources, answered.sources);
        assert_eq!(
            recorded::write(&again.header, &again.sources, entries).concat(),
            file
        );
    }
}

#[tokio::test]
async fn the_same_answers_give_the_same_bytes() {
    assert_eq!(odd_recording().await.1, odd_recording().await.1);
}

#[tokio::test]
async fn what_is_read_is_what_was_answered() {
    let (answered, file) = odd_recording().await;
    let mut again = recorded::read(&file, false).expect("recording");
    assert_eq!(again.observations.len(), answered.observations.len());
    let flat = |reply: &gate::samples::Reply| -> Vec<(String, Vec<(i64, u64)>)> {
        let points = |series: &gate::samples::Series| {
            let mut points: Vec<_> = series
                .points
                .iter()
                .map(|point| (point.at.millis(), point.value.to_bits()))
                .collect();
            points.sort_unstable();
            points
        };
        reply
            .series
            .iter()
            .map(|series| (series.labels.to_string(), points(series)))
            .collect()
    };
    for (question, observation) in &answered.observations {
        match (observation, &again.observations[question]) {
            (Ok(sent), Ok(read)) => {
                assert_eq!(flat(sent), flat(read));
                assert_eq!(
                    (&sent.warnings, &sent.notes, sent.grid),
                    (&read.warnings, &read.notes, read.grid)
                );
            }
            (sent, read) => assert_eq!(sent.as_ref().err(), read.as_ref().err()),
        }
    }
    let other = question("never asked", range(2));
    let found = again.take(std::slice::from_ref(&other), &[]);
    assert_eq!(
        found[&other].as_ref().expect_err("missing").code,
        FailureCode::NotRecorded
    );
}

#[tokio::test]
async fn every_cut_of_a_recording_is_noticed() {
    let (_, file) = odd_recording().await;
    let text = unpacked(&file);
    for end in 0..text.trim_end().len() {
        assert!(
            recorded::read(text.as_bytes().get(..end).expect("cut"), true).is_err(),
            "{end}"
        );
    }
    for end in (0..file.len()).step_by(7) {
        assert!(
            recorded::read(file.get(..end).expect("cut"), true).is_err(),
            "{end}"
        );
    }
    let mut longer = file.clone();
    longer.extend_from_slice(b"more");
    assert!(recorded::read(&longer, true).is_err());
}

#[tokio::test]
async fn files_that_contradict_themselves_are_refused() {
    let (_, file) = odd_recording().await;
    let text = unpacked(&file);
    let changes = [
        ("gate.answers/v1", "gate.answers/v2"),
        ("\"1.50\"", "\"1,5\""),
        ("\"1.50\"", "1.50"),
        ("\"part\":\"1/2\"", "\"part\":\"2/2\""),
        (",\"part\":\"1/2\"", ""),
        ("\"step\":60", "\"step\":0"),
        ("\"step\":60", "\"step\":50"),
        ("query-rejected", "query-ignored"),
        (
            "\"from\":\"1970-01-01T00:01:00Z\"",
            "\"from\":\"1970-01-01T00:01:01Z\"",
        ),
        (
            "\"end\":\"1970-01-01T00:04:00Z\"",
            "\"end\":\"1970-01-01T00:05:00Z\"",
        ),
        ("\"labels\"", "\"tags\""),
        ("\"sources\"", "\"sauces\""),
        // The second would override the first.
        ("\"warnings\":", "\"warnings\":[],\"warnings\":"),
        ("\"notes\":", "\"notes\":[],\"notes\":"),
    ];
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        let error = recorded::read(text.replacen(from, to, 1).as_bytes(), true).expect_err(to);
        assert!(!error.to_string().is_empty());
    }
}

fn captured_file(folder: &std::path::Path, recording: &Recording, kpis: &[Entry]) {
    let time = Instant::from_secs(0);
    let header = captured::Header {
        release: "before".to_owned(),
        plan: "p.yaml".to_owned(),
        from: time,
        to: time,
        captured_at: time,
    };
    let file = captured::write(&header, &[], kpis, recording).expect("file");
    assert_eq!(captured::read_header(&file), Ok(header));
    std::fs::write(folder.join("base.json.gz"), file).expect("file");
}

#[tokio::test]
async fn captured_answers_are_answered_and_recorded_so_that_a_replay_needs_no_file() {
    let (fake, questions) = odd_answers().await;
    let answered = ask_all(&[fake.source()], &questions, true).await;
    let folder = tempfile::tempdir().expect("folder");
    let entry = |name: &str, unit, position: usize| Entry {
        name: name.to_owned(),
        unit,
        question: questions[position].clone(),
    };
    let kpis = [
        entry("odd", Some(Unit::Seconds), 0),
        entry("odd guard", None, 2),
        entry("now", Some(Unit::Count), 3),
    ];
    captured_file(folder.path(), &answered.recording, &kpis);
    let ask_file = |path: &str, kpi: &str, query: &str| Question {
        origin: Origin::File(path.to_owned()),
        query: query.to_owned(),
        asked: Asked::Captured(kpi.to_owned()),
    };
    let same = ask_file("base.json.gz", "odd", "odd");
    let other = ask_file("base.json.gz", "odd guard", "changed since");
    let instant = ask_file("base.json.gz", "now", "instant");
    let unknown = ask_file("base.json.gz", "lost", "odd");
    let nowhere = ask_file("none.json.gz", "odd", "odd");
    let questions = [
        same.clone(),
        other.clone(),
        instant.clone(),
        unknown.clone(),
        nowhere.clone(),
    ];
    let pool = gate::http::Pool::default();
    let request = gate::source::Request {
        folder: folder.path(),
        ..crate::source_fake::request(&[], &questions, &pool, true)
    };
    let read = gate::source::ask(request, &|_| {}, std::future::pending()).await;
    let reply = read.observations[&same].as_ref().expect("answer");
    assert_eq!(
        (reply.grid, reply.series.len(), reply.notes.len()),
        (Some(grid(6, 60)), 2, 1)
    );
    let captured = |query: &str, unit| {
        Some(Captured {
            query: query.to_owned(),
            unit,
            release: "before".to_owned(),
            at: Instant::from_secs(0),
        })
    };
    assert_eq!(reply.captured, captured("odd", Some(Unit::Seconds)));
    let reply = read.observations[&other].as_ref().expect("answer");
    assert_eq!(reply.grid, Some(grid(12_000, 60)));
    assert_eq!(reply.captured, captured("long", None));
    let point = read.observations[&instant].as_ref().expect("answer").grid;
    assert_eq!(
        point.map(|grid| grid.count()),
        Some(1),
        "a value of a whole window"
    );
    for question in [&unknown, &nowhere] {
        assert_eq!(
            read.observations[question]
                .as_ref()
                .expect_err("failure")
                .code,
            FailureCode::BaselineFile
        );
    }
    let Recording::Kept(entries) = &read.recording else {
        panic!("kept")
    };
    let file = recorded::write(&header(), &[], entries).concat();
    let replayed = recorded::read(&file, true).expect("recording");
    let replies = |observations: &gate::samples::Observations| {
        [&same, &other, &instant].map(|asked| {
            let reply = observations[asked].as_ref().expect("answer");
            (reply.captured.clone(), reply.notes.clone(), reply.grid)
        })
    };
    assert_eq!(replies(&replayed.observations), replies(&read.observations));
    assert_eq!(
        replayed.observations.keys().collect::<Vec<_>>(),
        read.observations.keys().collect::<Vec<_>>()
    );
    assert_eq!(
        replayed.observations[&same].as_ref().expect("answer").grid,
        Some(grid(6, 60))
    );
    let Recording::Kept(entries) = &replayed.recording else {
        panic!("kept")
    };
    assert_eq!(recorded::write(&header(), &[], entries).concat(), file);
}

#[tokio::test]
async fn a_garbled_baseline_is_an_observation() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("b.gz"), b"\x1f\x8bgarbage").expect("file");
    let question = Question {
        origin: Origin::File("b.gz".to_owned()),
        query: "q".to_owned(),
        asked: Asked::Captured("k".to_owned()),
    };
    let questions = [question.clone()];
    let pool = gate::http::Pool::default();
    let request = gate::source::Request {
        folder: folder.path(),
        ..crate::source_fake::request(&[], &questions, &pool, true)
    };
    let read = gate::source::ask(request, &|_| {}, std::future::pending()).await;
    assert_eq!(
        read.observations[&question]
            .as_ref()
            .expect_err("failure")
            .code,
        FailureCode::BaselineFile
    );
}

#[tokio::test]
async fn a_question_without_an_answer_cannot_be_captured() {
    let fake = Fake::start(|_| html(403, "no")).await;
    let questions = [question("q", range(2))];
    let answered = ask_all(&[fake.source()], &questions, true).await;
    let time = Instant::from_secs(0);
    let header = captured::Header {
        release: String::new(),
        plan: String::new(),
        from: time,
        to: time,
        captured_at: time,
    };
    let kpis = [Entry {
        name: "k".to_owned(),
        unit: None,
        question: questions[0].clone(),
    }];
    assert_eq!(
        captured::write(&header, &[], &kpis, &answered.recording),
        Err(captured::CaptureError::Unanswered("k".to_owned()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_file_panics(at in 0_usize..4000, byte in any::<u8>(), insert in ".{0,12}") {
        static FILE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let file = FILE.get_or_init(|| {
            tokio::runtime::Runtime::new().expect("runtime").block_on(odd_recording()).1
        });
        let mut bytes = file.clone();
        let place = at % bytes.len();
        bytes[place] = byte;
        let _ = recorded::read(&bytes, true);
        let mut text = unpacked(file).into_bytes();
        let place = at % text.len();
        text.splice(place..place, insert.bytes());
        let _ = recorded::read(&text, true);
        let _ = captured::read_header(&text);
    }
}
