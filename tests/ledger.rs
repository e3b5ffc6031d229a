//! The ledger as a file: concurrent writers, crashes, damage, repair, and `gate ledger`.

use std::convert::Infallible;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::program::Workplace;
use crate::support::random::Random;
use crate::support::sealed::rewritten;
use gate::kind::{CriterionKind, GateKind};
use gate::ledger::{
    Chain, Checked, Event, EventKind, GateChecked, IdentitySource, IncidentDetails, Occasion,
    Person, Trip, line,
};
use gate::output::{Journal, JournalError, RecordError, Repair};
use gate::units::Instant;
use gate::verdict::Verdict;

const LEDGER: &str = "plan.ledger.jsonl";

fn occasion(second: i64, why: &str) -> Occasion {
    Occasion {
        nonce: None,
        at: Instant::from_secs(1_795_132_800 + second),
        by: Person {
            name: "@ada".into(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: why.into(),
        links: Vec::new(),
    }
}

fn note(text: &str) -> Event {
    Event::Noted {
        stage: Some("pilot".into()),
        text: text.into(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    }
}

fn journal(folder: &Path) -> Journal {
    Journal::at(folder.join(LEDGER))
}

fn add(journal: &Journal, second: i64, event: &Event) -> Chain {
    let decide = |_: &_| Ok::<_, ()>(vec![event.clone()]);
    let added = journal.append(&occasion(second, ""), decide);
    added.expect("added").chain
}

fn bytes(folder: &Path) -> Vec<u8> {
    fs::read(folder.join(LEDGER)).expect("a ledger")
}

fn texts(chain: &Chain) -> Vec<&str> {
    let texts = chain.ledger().entries().iter();
    let texts = texts.filter_map(|entry| match &entry.event {
        Event::Noted { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// A ledger with a few entries beside a plan.
fn kept() -> Workplace {
    let workplace = Workplace::with_plan("release: test\n");
    let journal = journal(workplace.path());
    let started = Event::Started {
        stage: "pilot".into(),
        at: Instant::from_secs(1_795_132_800 - 3600),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    add(&journal, 0, &started);
    let opened = Event::IncidentOpened {
        id: "INC-1".into(),
        stage: Some("pilot".into()),
        opened_at: None,
        details: IncidentDetails {
            severity: Some("sev2".into()),
            description: Some("labels are printed twice".into()),
            owner: Some("@warehouse".into()),
            ..IncidentDetails::default()
        },
    };
    add(&journal, 60, &opened);
    let exit = |verdict, verdict_without_approvals, tripped| GateChecked {
        look: false,
        outlook: false,
        not_met: Vec::new(),
        start_disputed: false,
        gate: GateKind::Exit.of("pilot"),
        verdict,
        verdict_without_approvals,
        tripped,
    };
    let trip = Trip {
        kind: CriterionKind::Kpis,
        name: "error_rate".into(),
        condition: Some("> 1% for 5m".into()),
        reason: "above 1% for 12m".into(),
    };
    let checked = Event::Checked(Checked {
        evaluated_at: Instant::from_secs(1_795_132_800 + 120),
        release: "R1.0".into(),
        plan_sha256: "0".repeat(64),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: "plan.evidence/20261120T000200Z-stop.json".into(),
        evidence_sha256: "1".repeat(64),
        verdict: Verdict::Stop,
        gates: vec![exit(Verdict::Stop, Verdict::Stop, vec![trip])],
    });
    add(&journal, 120, &checked);
    let rolled_back = Event::Paused {
        stage: "pilot".into(),
    };
    let paused = journal.append(&occasion(180, "the carrier is down"), |_| {
        Ok::<_, ()>(vec![rolled_back.clone()])
    });
    paused.expect("added");
    add(&journal, 240, &Event::IncidentClosed { id: "INC-1".into() });
    workplace
}

// Writers

/// How a child is told what to do; without it `writer` has nothing to do.
const ORDERS: &str = "GATE_TEST_WRITER";
/// The test that such a child runs.
const WRITER: &str = "ledger::writer";

/// Appends this many entries, some at a time, and reports each that is on disk. Runs in its own process.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the orders come from the test that starts this process"
)]
fn writer() {
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let words: Vec<&str> = orders.split(' ').collect();
    let [name, count, at_a_time] = words[..] else {
        panic!("a name and two numbers");
    };
    let count: i64 = count.parse().expect("a number");
    let journal = Journal::at(LEDGER.into());
    let mut out = std::io::stdout();
    for first in (0..count).step_by(at_a_time.parse().expect("a number")) {
        let numbers = first..count.min(first + at_a_time.parse::<i64>().expect("a number"));
        let texts: Vec<String> = numbers.map(|number| format!("{name} {number}")).collect();
        let notes = || texts.iter().map(|text| note(text)).collect::<Vec<_>>();
        match journal.append(&occasion(first, ""), |_| Ok::<_, ()>(notes())) {
            Ok(_) => writeln!(out, "\nhave {}", texts.join("\nhave ")).expect("heard"),
            Err(error) => writeln!(out, "\nfailed {error:?}").expect("heard"),
        }
    }
}

fn writing(folder: &Path, orders: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", WRITER, "--nocapture"])
        .current_dir(folder)
        .env(ORDERS, orders)
        .stdout(Stdio::piped());
    command
}

/// What a writer says, until it ends.
fn heard(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = child.stdout.take().expect("its output");
    let lines = BufReader::new(out).lines().map_while(Result::ok);
    lines.filter(|line| line.contains(' '))
}

/// What a writer said, until it ended.
fn said(mut child: Child) -> Vec<String> {
    let said = heard(&mut child).collect();
    child.wait().expect("its end");
    said
}

fn acknowledged(said: &[String]) -> Vec<&str> {
    let have = said.iter().filter_map(|line| line.strip_prefix("have "));
    have.collect()
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn two_processes_that_append_at_the_same_time_lose_no_entry() {
    let workplace = Workplace::new();
    let start = |name: &str| {
        let command = writing(workplace.path(), &format!("{name} 1000 5")).spawn();
        command.expect("a writer")
    };
    let writers = [start("one"), start("two")].map(|child| thread::spawn(move || said(child)));
    let [one, two] = writers.map(|writer| writer.join().expect("a writer"));
    assert_eq!(
        [acknowledged(&one).len(), acknowledged(&two).len()],
        [1000, 1000]
    );
    let chain = line::read(&bytes(workplace.path())).expect("a whole ledger");
    let of = |name: &str| {
        let texts = texts(&chain).into_iter();
        texts
            .filter(|text| text.starts_with(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("one"), acknowledged(&one));
    assert_eq!(of("two"), acknowledged(&two));
    let turns = texts(&chain)
        .windows(2)
        .filter(|pair| pair[0][..3] != pair[1][..3])
        .count();
    assert!(turns > 10, "they took turns {turns} times");
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn a_process_that_is_killed_loses_no_entry_that_it_said_was_on_disk() {
    const KILLS: usize = 200;
    const KILLS_OF_ONE_LEDGER: usize = 20;
    let mut random = Random::named("kills");
    let mut entries = 0;
    for ledger in 0..KILLS / KILLS_OF_ONE_LEDGER {
        let workplace = Workplace::new();
        let mut have: Vec<String> = Vec::new();
        for kill in 0..KILLS_OF_ONE_LEDGER {
            let mut child = writing(workplace.path(), &format!("{ledger}/{kill} 100000 1"))
                .spawn()
                .expect("a writer");
            let mut words = heard(&mut child);
            // How long a process takes to begin depends on the machine: most are killed after their first entry.
            let mut said = Vec::new();
            if kill % 5 != 0 {
                let is_entry = |word: &String| word.starts_with("have ");
                said.extend(words.by_ref().find(is_entry));
            }
            thread::sleep(Duration::from_micros(random.bits() % 20_000));
            child.kill().expect("killed");
            // The last line may have been cut by the kill; the ledger decides what is there.
            said.extend(words);
            child.wait().expect("its end");
            have.extend(acknowledged(&said).into_iter().map(str::to_owned));
            still_has(workplace.path(), &have);
        }
        entries += have.len();
    }
    assert!(
        entries > KILLS,
        "{entries} entries in {KILLS} runs: the kills came too early"
    );
}

fn still_has(folder: &Path, have: &[String]) {
    let journal = journal(folder);
    let chain = match journal.read() {
        Ok(chain) => chain.unwrap_or_default(),
        Err(_) => match journal
            .repair(&occasion(0, "killed"), |_| Ok::<(), Infallible>(()))
            .expect("repairable")
        {
            Repair::NotNeeded(chain) | Repair::Ended(chain) | Repair::TakenOut(chain) => chain,
        },
    };
    let texts = texts(&chain);
    let mut found = texts.iter();
    for text in have {
        assert!(
            found.any(|one| *one == text || is_cut(text, one)),
            "{text} is not in its place among {texts:?}"
        );
    }
}

/// Whether the kill cut the acknowledgement itself.
fn is_cut(said: &str, entry: &str) -> bool {
    said.len() < entry.len() && entry.starts_with(said)
}

#[test]
fn people_who_answer_at_the_same_time_are_all_recorded() {
    const EACH: usize = 15;
    let workplace = Workplace::with_plan(
        "release: test\nsource: http://127.0.0.1:9\nstages: [{name: pilot, entry: {confirmations: [lead]}}]\n",
    );
    let people = ["@ada", "@grace", "@edsger"];
    thread::scope(|scope| {
        for person in people {
            let note = |number| format!("remark {number}");
            let workplace = &workplace;
            scope.spawn(move || {
                for number in 0..EACH {
                    let words = ["note", "plan.yaml", &note(number), "--by", person];
                    workplace.gate(&words).says(0, &note(number));
                }
            });
        }
    });
    let chain = line::read(&bytes(workplace.path())).expect("a whole ledger");
    for person in people {
        let entries = chain.ledger().entries().iter();
        let theirs = entries.filter(|entry| entry.by.name == person);
        assert_eq!(theirs.count(), EACH, "{person}");
    }
}

#[test]
fn the_decision_is_made_on_the_ledger_as_it_is() {
    let workplace = Workplace::new();
    let journal = journal(workplace.path());
    let once = |chain: &Chain| match chain.ledger().entries() {
        [] => Ok(vec![note("first"), note("second")]),
        [..] => Err("there is one"),
    };
    let added = journal.append(&occasion(0, ""), once).expect("added");
    let numbers: Vec<u64> = added.entries().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2]);
    let before = bytes(workplace.path());
    let refused = journal.append(&occasion(0, ""), once);
    assert!(matches!(refused, Err(RecordError::Refused("there is one"))));
    assert_eq!(bytes(workplace.path()), before);
}

#[test]
fn neither_a_refusal_nor_the_writability_test_leaves_a_file_behind() {
    let workplace = Workplace::new();
    let journal = journal(workplace.path());
    let refused = journal.append(&occasion(0, ""), |_| Err::<Vec<Event>, _>("no"));
    assert!(matches!(refused, Err(RecordError::Refused("no"))));
    assert_eq!(journal.prove().expect("a folder"), None);
    let left = fs::read_dir(workplace.path()).expect("a folder").count();
    assert_eq!(left, 0);
}

// Damage

#[test]
fn a_broken_ledger_is_not_appended_to() {
    let workplace = kept();
    let mut broken = bytes(workplace.path());
    broken[700] ^= 1;
    workplace.write(LEDGER, &broken);
    let journal = journal(workplace.path());
    let added = journal.append(&occasion(0, ""), |_| Ok::<_, ()>(vec![note("more")]));
    assert!(matches!(
        added,
        Err(RecordError::Journal(JournalError::Broken { .. }))
    ));
    assert!(journal.prove().is_err());
    assert_eq!(bytes(workplace.path()), broken);
    workplace.gate(&["ledger", "plan.yaml", "verify"]).says(
        1,
        "the ledger is not verified: the ledger `plan.ledger.jsonl` is broken: line 2 was changed after it was written; see",
    );
    workplace
        .gate(&["ledger", "plan.yaml"])
        .says(
            1,
            "nothing is shown: the ledger `plan.ledger.jsonl` is broken: line 2",
        )
        .says(1, "see `gate ledger plan.yaml verify`, and restore it");
    workplace.gate(&["ledger", "plan.yaml", "repair"]).says(
        1,
        "nothing was repaired: the ledger `plan.ledger.jsonl` is broken: line 2",
    );
    assert_eq!(bytes(workplace.path()), broken);
}

#[test]
fn a_line_that_was_removed_is_named() {
    let workplace = kept();
    let text = String::from_utf8(bytes(workplace.path())).expect("text");
    let without: String = text
        .split_inclusive('\n')
        .enumerate()
        .filter(|(at, _)| *at != 2)
        .map(|(_, line)| line)
        .collect();
    workplace.write(LEDGER, without);
    workplace.gate(&["ledger", "plan.yaml", "verify"]).says(
        1,
        "line 3 is number 4 instead of 3: one was removed, repeated or moved",
    );
}

#[test]
fn a_torn_line_is_taken_out_and_its_text_is_kept() {
    let workplace = kept();
    let whole = bytes(workplace.path());
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .expect("a line")
        + 1;
    for end in (last + 1..whole.len() - 1)
        .step_by(17)
        .chain([whole.len() - 2])
    {
        workplace.write(LEDGER, &whole[..end]);
        let journal = journal(workplace.path());
        assert!(matches!(journal.read(), Err(JournalError::Broken { .. })));
        let Ok(Repair::TakenOut(chain)) =
            journal.repair(&occasion(300, "power cut"), |_| Ok::<(), Infallible>(()))
        else {
            panic!("cut at {end}: not taken out");
        };
        let torn = String::from_utf8_lossy(&whole[last..end]).into_owned();
        let entries = chain.ledger().entries();
        assert_eq!(entries[4].event, Event::Repaired { torn });
        assert!(bytes(workplace.path()).starts_with(&whole[..last]));
        assert_eq!(journal.read().expect("whole").expect("there"), chain);
        assert_eq!(texts(&add(&journal, 301, &note("on"))), ["on"]);
    }
}

const ANSWERED: &str = "release: r\nstages: [{name: pilot, entry: {confirmations: [lead]}}]\n";

fn lead_confirms(workplace: &Workplace) {
    let confirm = [
        "confirm",
        "plan.yaml",
        "lead",
        "--stage",
        "pilot",
        "--by",
        "Ada",
    ];
    workplace.gate(&confirm).says(0, "recorded");
}

#[test]
fn t1_a_ledger_that_contradicts_its_records_is_not_repaired() {
    let workplace = Workplace::with_plan(ANSWERED);
    lead_confirms(&workplace);
    workplace.gate(&["check", "plan.yaml"]).says(0, "GO");
    let note = ["note", "plan.yaml", "seen", "--by", "Ada"];
    workplace.gate(&note).says(0, "recorded");
    let whole = String::from_utf8(bytes(workplace.path())).expect("text");
    let cut = |ledger: &str| ledger[..ledger.len() - 9].to_owned();
    let other = cut(&rewritten(&whole, 0, "Ada", "Bob"));
    workplace.write(LEDGER, &other);
    let repair = ["ledger", "plan.yaml", "repair", "--by", "Ada"];
    workplace
        .gate(&repair)
        .says(5, "nothing was repaired: ")
        .says(5, "record: plan.evidence/");
    assert_eq!(bytes(workplace.path()), other.as_bytes());
    workplace.write(LEDGER, cut(&whole));
    workplace.gate(&repair).says(0, "a torn line was taken out");
}

#[test]
fn t1_a_start_says_that_the_record_of_what_it_rests_on_is_not_there() {
    let workplace = Workplace::with_plan(ANSWERED);
    lead_confirms(&workplace);
    workplace.gate(&["check", "plan.yaml"]).says(0, "GO");
    let record = workplace.files("plan.evidence", "-go.json").remove(0);
    let elsewhere = workplace.path().join("elsewhere.json");
    std::fs::rename(&record, &elsewhere).expect("moved");
    let start = ["start", "plan.yaml", "pilot"];
    workplace
        .gate(&start)
        .says(0, "pilot began")
        .says(
            0,
            "check #2 is known from its entry alone: its record plan.evidence/",
        )
        .says(0, "is not there, and `gate verify` will say so");
    std::fs::rename(&elsewhere, &record).expect("moved back");
    let back = [
        "rollback",
        "plan.yaml",
        "--stage",
        "pilot",
        "--why",
        "x",
        "--by",
        "Ada",
    ];
    workplace.gate(&back).says(0, "recorded");
    workplace.gate(&["check", "plan.yaml", "--gate", "pilot/entry"]);
    workplace
        .gate(&start)
        .never_says("is known from its entry alone");
}

#[test]
fn an_entry_that_only_lost_its_line_end_is_kept() {
    let workplace = kept();
    let whole = bytes(workplace.path());
    workplace.write(LEDGER, &whole[..whole.len() - 1]);
    workplace
        .gate(&["ledger", "plan.yaml", "verify"])
        .says(1, "line 5 is torn: its writing was cut short; take the torn line out with `gate ledger plan.yaml repair`");
    let repaired = [
        "ledger",
        "plan.yaml",
        "repair",
        "--by",
        "@ada",
        "--why",
        "an editor",
    ];
    workplace.gate(&repaired).says(
        0,
        "plan.ledger.jsonl: the last entry got its line end: 6 entries, every line verified",
    );
    assert!(bytes(workplace.path()).starts_with(&whole));
    workplace
        .gate(&["ledger", "plan.yaml", "--kind", "repaired"])
        .says(
            0,
            "@ada (given) repaired the ledger: the entry before had no line end; why: an editor",
        );
    workplace
        .gate(&repaired)
        .says(0, "there was nothing to repair: 6 entries");
}

#[test]
fn torn_bytes_that_are_not_text_are_kept_as_far_as_they_can_be_shown() {
    let workplace = kept();
    let mut torn = bytes(workplace.path());
    torn.extend([0xff, 0, 0x1b]);
    torn.extend(vec![b'x'; 100_000]);
    workplace.write(LEDGER, &torn);
    workplace.gate(&["ledger", "plan.yaml", "repair"]).says(
        0,
        "a torn line was taken out; its text is in entry 6: 6 entries",
    );
    let chain = line::read(&bytes(workplace.path())).expect("whole");
    let Some(Event::Repaired { torn }) = chain
        .ledger()
        .entries()
        .last()
        .map(|last| last.event.clone())
    else {
        panic!("no repair");
    };
    assert!(torn.starts_with("\u{fffd}\0\u{1b}xxx"), "{}", &torn[..20]);
    assert!(torn.ends_with("x … (100003 bytes in all)"));
    assert!(!bytes(workplace.path()).contains(&0x1b));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_ledger_as_it_was() {
    let limited = |workplace: &Workplace, program: &Path, rest: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 4; exec \"$0\" {rest}");
        let mut command = Command::new("bash");
        command
            .args(["-c", &script])
            .arg(program)
            .current_dir(workplace.path());
        command.env(ORDERS, "full 40 1").output().expect("it runs")
    };
    let workplace = kept();
    let whole = bytes(workplace.path());
    let this = std::env::current_exe().expect("this program");
    let output = limited(&workplace, &this, &format!("--exact {WRITER} --nocapture"));
    let said = String::from_utf8_lossy(&output.stdout);
    let have = said.matches("have full").count();
    assert!(have > 0 && said.contains("File too large"), "{said}");
    let after = line::read(&bytes(workplace.path())).expect("no torn line");
    assert_eq!(after.lines().len(), 5 + have);
    let mut torn = bytes(workplace.path());
    torn.extend_from_slice(&vec![b'x'; 4096 - torn.len()]);
    workplace.write(LEDGER, &torn);
    let program = Path::new(env!("CARGO_BIN_EXE_gate"));
    let output = limited(&workplace, program, "ledger plan.yaml repair --by @ada");
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(
            "nothing was repaired: the ledger `plan.ledger.jsonl` cannot be written: File too large"
        ),
        "{said}"
    );
    assert_eq!(bytes(workplace.path()), torn);
    assert!(torn.starts_with(&whole));
}

// Files that are not a ledger

#[track_caller]
fn refused(workplace: &Workplace, read: &str, written: &str) {
    let read = format!("the ledger `{LEDGER}` {read}");
    workplace.gate(&["ledger", "plan.yaml"]).says(5, &read);
    workplace
        .gate(&["ledger", "plan.yaml", "verify"])
        .says(5, &read);
    let written = format!("nothing was repaired: the ledger `{LEDGER}` {written}");
    workplace
        .gate(&["ledger", "plan.yaml", "repair", "--by", "@ada"])
        .says(5, &written);
    let journal = journal(workplace.path());
    assert!(journal.prove().is_err());
    let added = journal.append(&occasion(0, ""), |_| Ok::<_, ()>(vec![note("more")]));
    assert!(matches!(added, Err(RecordError::Journal(_))));
}

#[test]
fn a_folder_in_its_place_is_named() {
    let workplace = Workplace::with_plan("release: test\n");
    fs::create_dir(workplace.path().join(LEDGER)).expect("a folder");
    refused(
        &workplace,
        "cannot be read: it is a folder; put a regular file in its place",
        "cannot be written: it is a folder",
    );
}

#[test]
#[cfg(unix)]
fn a_link_is_not_followed() {
    let workplace = Workplace::with_plan("release: test\n");
    for aim in ["elsewhere.jsonl", LEDGER] {
        let link = workplace.path().join(LEDGER);
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(aim, &link).expect("a link");
        refused(
            &workplace,
            "cannot be read: it is a symbolic link; put a regular file in its place",
            "cannot be written: it is a symbolic link",
        );
        assert!(!workplace.path().join("elsewhere.jsonl").exists());
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_is_not_waited_for() {
    let workplace = Workplace::with_plan("release: test\n");
    let made = Command::new("mkfifo")
        .arg(workplace.path().join(LEDGER))
        .status();
    assert!(made.expect("mkfifo runs").success());
    refused(
        &workplace,
        "cannot be read: it is not a regular file",
        "cannot be written: it is not a regular file",
    );
}

#[test]
fn a_file_of_100_megabytes_is_refused_unread() {
    let workplace = Workplace::with_plan("release: test\n");
    let file = fs::File::create(workplace.path().join(LEDGER)).expect("a file");
    file.set_len(100 * 1024 * 1024).expect("a sparse file");
    refused(
        &workplace,
        "cannot be read: it exceeds the 64 MiB that a ledger may have; move it away together with its evidence, and begin a new one",
        "cannot be written: it exceeds the 64 MiB",
    );
}

#[test]
fn a_read_only_file_is_read_and_not_written() {
    let workplace = kept();
    let path = workplace.path().join(LEDGER);
    let mut rights = fs::metadata(&path).expect("a file").permissions();
    rights.set_readonly(true);
    fs::set_permissions(&path, rights).expect("protected");
    workplace
        .gate(&["ledger", "plan.yaml", "verify"])
        .says(0, "5 entries, every line verified");
    workplace
        .gate(&["ledger", "plan.yaml", "repair"])
        .says(5, "nothing was repaired: the ledger `plan.ledger.jsonl` cannot be written: it is read-only; make it writable");
    let added =
        journal(workplace.path()).append(&occasion(0, ""), |_| Ok::<_, ()>(vec![note("more")]));
    assert!(matches!(
        added,
        Err(RecordError::Journal(JournalError::Write { .. }))
    ));
}

#[test]
fn an_empty_file_is_an_empty_ledger() {
    let workplace = Workplace::with_plan("release: test\n");
    workplace.write(LEDGER, "");
    workplace
        .gate(&["ledger", "plan.yaml", "verify"])
        .says(0, "0 entries, every line verified");
    assert_eq!(
        journal(workplace.path()).read().expect("empty"),
        Some(Chain::default())
    );
}

#[test]
#[cfg(unix)]
fn a_ledger_that_was_replaced_is_not_written() {
    let workplace = kept();
    let path = workplace.path().join(LEDGER);
    let held = fs::File::open(&path).expect("a ledger");
    held.lock().expect("locked");
    let folder = workplace.path().to_owned();
    let adding = thread::spawn(move || add(&journal(&folder), 300, &note("late")));
    thread::sleep(Duration::from_millis(300));
    workplace.write("other", "");
    fs::rename(workplace.path().join("other"), &path).expect("replaced");
    held.unlock().expect("unlocked");
    let chain = adding.join().expect("added");
    assert_eq!(chain.lines().len(), 1);
    assert_eq!(line::read(&bytes(workplace.path())), Ok(chain));
}

// `gate ledger`

#[test]
fn the_entries_are_shown_as_a_table() {
    let shown = kept().gate(&["ledger", "plan.yaml"]);
    shown.says(0, "");
    let expected = "\
1  2026-11-20T00:00:00Z  @ada (given)  started pilot, which began at 2026-11-19T23:00:00Z
2  2026-11-20T00:01:00Z  @ada (given)  opened INC-1 in pilot: sev2, labels are printed twice, owner
                                       @warehouse
3  2026-11-20T00:02:00Z  @ada (given)  checked: pilot/exit STOP (tripped: error_rate > 1% for 5m,
                                       above 1% for 12m); evidence
                                       plan.evidence/20261120T000200Z-stop.json
4  2026-11-20T00:03:00Z  @ada (given)  paused pilot; why: the carrier is down
5  2026-11-20T00:04:00Z  @ada (given)  closed INC-1
";
    assert_eq!(shown.out, expected);
}

#[test]
fn a_stage_and_kinds_narrow_the_table() {
    let workplace = kept();
    let pilot = workplace.gate(&[
        "ledger",
        "plan.yaml",
        "--stage",
        "pilot",
        "--kind",
        "paused",
        "--kind",
        "incident-closed",
    ]);
    pilot
        .says(0, "2 of 5 entries")
        .says(0, "paused pilot")
        .says(0, "closed INC-1")
        .never_says("opened");
    workplace
        .gate(&["ledger", "plan.yaml", "--stage", "wave"])
        .says(0, "0 of 5 entries");
    workplace
        .gate(&["ledger", "plan.yaml", "--kind", "danced"])
        .says(2, "started, checked, confirmed");
    workplace
        .gate(&["ledger", "plan.yaml", "verify", "--stage", "pilot"])
        .says(2, "cannot be used with");
}

#[test]
fn json_shows_the_entries_of_the_file() {
    let workplace = kept();
    let all = workplace.gate(&["ledger", "plan.yaml", "--format", "json"]);
    let list: Vec<serde_json::Value> = serde_json::from_str(&all.out).expect("JSON");
    let text = String::from_utf8(bytes(workplace.path())).expect("text");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(list, lines);
    for line in text.lines() {
        assert!(all.out.contains(line), "{line}");
    }
    let one = workplace.gate(&[
        "ledger",
        "plan.yaml",
        "--format",
        "json",
        "--kind",
        "paused",
    ]);
    let list: Vec<serde_json::Value> = serde_json::from_str(&one.out).expect("JSON");
    assert_eq!(list, lines[3..4]);
}

#[test]
fn verify_prints_the_digest_of_the_last_line() {
    let workplace = kept();
    let chain = line::read(&bytes(workplace.path())).expect("whole");
    workplace
        .gate(&["ledger", "plan.yaml", "verify"])
        .says(0, "plan.ledger.jsonl: 5 entries, every line verified")
        .says(0, &format!("head sha256 {}", chain.head()));
}

#[test]
fn nothing_recorded_is_not_verified() {
    let workplace = Workplace::with_plan("release: test\n");
    workplace.gate(&["ledger", "plan.yaml"]).says(
        0,
        "nothing has been recorded: there is no plan.ledger.jsonl",
    );
    assert_eq!(
        workplace
            .gate(&["ledger", "plan.yaml", "--format", "json"])
            .out,
        "[]\n"
    );
    workplace.gate(&["ledger", "plan.yaml", "verify"]).says(
        1,
        "the ledger is not verified: there is no plan.ledger.jsonl",
    );
    workplace
        .gate(&["ledger", "plan.yaml", "repair", "--by", "@ada"])
        .says(1, "nothing was repaired: there is no plan.ledger.jsonl");
    workplace.gate(&["ledger", "paln.yaml"]).says(
        2,
        "there is neither a plan paln.yaml nor a ledger paln.ledger.jsonl",
    );
    assert!(!workplace.path().join(LEDGER).exists());
}

#[test]
fn control_characters_are_shown_not_sent() {
    let workplace = Workplace::with_plan("release: test\n");
    let text = "\u{1b}[2J\u{202e}GO\nline two";
    let chain = add(&journal(workplace.path()), 0, &note(text));
    assert_eq!(texts(&chain), [text]);
    for format in ["text", "json"] {
        let shown = workplace.gate(&["ledger", "plan.yaml", "--format", format]);
        shown.never_says("\u{1b}").never_says("\u{202e}");
    }
    assert!(!bytes(workplace.path()).contains(&0x1b));
}

#[test]
fn the_example_of_the_documentation_is_a_ledger() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(repository.join("docs/ledger.md")).expect("docs/ledger.md");
    let example = page
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let chain = line::read(example.expect("an example").as_bytes()).expect("a whole ledger");
    assert_eq!(chain.lines().len(), 3);
    assert!(page.contains(chain.head()), "the head {}", chain.head());
}

#[test]
fn every_kind_of_entry_is_documented() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(repository.join("docs/ledger.md")).expect("docs/ledger.md");
    for kind in EventKind::ALL {
        assert!(page.contains(&format!("| `{kind}` |")), "{kind}");
    }
}
