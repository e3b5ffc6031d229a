//! Many writers at once, as R1 has them write: read, append, commit on that version, and again. Nothing may be lost, and each
//! line rests on the one before.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use gate::digest::sha256_hex;
use gate::records::{Author, Cause, Change, Committed, Engine, Name, Version, pause};

/// How long a writer keeps trying (R1).
const PATIENCE: Duration = Duration::from_mins(3);

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub fn author() -> Author<'static> {
    Author {
        name: "Ada Lovelace",
        address: Some("ada@example.com"),
    }
}

/// Puts a ledger in the place of a version, without files.
pub fn put(engine: &dyn Engine, ledger: &str, bytes: &str, expected: &Version) -> Committed {
    put_with(engine, ledger, bytes, expected, &[]).expect("a commit")
}

pub fn put_with(
    engine: &dyn Engine,
    ledger: &str,
    bytes: &str,
    expected: &Version,
    files: &[(Name, &[u8])],
) -> Result<Committed, gate::records::Trouble> {
    engine.commit(&Change {
        ledger: &name(ledger),
        bytes: bytes.as_bytes(),
        expected,
        files,
        last: &[],
        author: author(),
        message: "go",
    })
}

/// The ledger's text and its version.
pub fn get(engine: &dyn Engine, ledger: &str) -> (Option<String>, Version) {
    let snapshot = engine
        .read(&name(ledger), &name("evidence"))
        .expect("a snapshot");
    let text = snapshot
        .ledger
        .map(|bytes| String::from_utf8(bytes).expect("text"));
    (text, snapshot.version)
}

/// What every engine must do, seen from two machines.
pub fn keeps_records(one: &dyn Engine, two: &dyn Engine) {
    assert_eq!(get(one, "api.ledger.jsonl"), (None, Version::Absent));
    let odd = [
        (name("evidence/a \"b\" 100%+#?.json"), b"{}\0".as_slice()),
        (name("evidence/deep/ü.gz"), b"".as_slice()),
    ];
    let written =
        put_with(one, "api.ledger.jsonl", "first\n", &Version::Absent, &odd).expect("written");
    put(one, "evidence2.ledger.jsonl", "other\n", &Version::Absent);
    let (text, first) = get(two, "api.ledger.jsonl");
    assert_eq!(text.as_deref(), Some("first\n"));
    assert_eq!(written, Committed::Written(first.clone()));
    let listed = two
        .read(&name("api.ledger.jsonl"), &name("evidence"))
        .expect("a snapshot")
        .files;
    let listed: Vec<(String, u64)> = listed
        .iter()
        .map(|file| (file.name.to_string(), file.size))
        .collect();
    assert_eq!(
        listed,
        [
            ("evidence/a \"b\" 100%+#?.json".to_owned(), 3),
            ("evidence/deep/ü.gz".to_owned(), 0)
        ]
    );
    let names = [odd[1].0.clone(), odd[0].0.clone()];
    assert_eq!(
        two.fetch(&names).expect("files"),
        [b"".to_vec(), b"{}\0".to_vec()]
    );
    let trouble = two
        .fetch(&[name("evidence/none.json")])
        .expect_err("no file");
    assert!(
        trouble
            .to_string()
            .starts_with("evidence/none.json is not in "),
        "{trouble}"
    );
    // On another version.
    assert!(matches!(
        put(one, "api.ledger.jsonl", "first\nsecond\n", &first),
        Committed::Written(_)
    ));
    assert_eq!(
        put(two, "api.ledger.jsonl", "first\nother\n", &first),
        Committed::Stale
    );
    assert_eq!(
        put(two, "api.ledger.jsonl", "other\n", &Version::Absent),
        Committed::Stale
    );
    let orphan = [(name("evidence/orphan.json"), b"1".as_slice())];
    assert_eq!(
        put_with(two, "api.ledger.jsonl", "x\n", &first, &orphan),
        Ok(Committed::Stale)
    );
    assert_eq!(
        two.read(&name("api.ledger.jsonl"), &name("evidence"))
            .expect("a snapshot")
            .files
            .len(),
        2,
        "evidence was added for a ledger that had moved on"
    );
    // A file is never replaced.
    let (text, second) = get(two, "api.ledger.jsonl");
    assert_eq!(text.as_deref(), Some("first\nsecond\n"));
    let taken = [(name("evidence/deep/ü.gz"), b"other".as_slice())];
    let trouble = put_with(two, "api.ledger.jsonl", "x\n", &second, &taken).expect_err("taken");
    assert!(
        trouble.to_string().starts_with("evidence/deep/ü.gz is in "),
        "{trouble}"
    );
    let same = [(name("evidence/deep/ü.gz"), b"".as_slice())];
    let written = put_with(two, "api.ledger.jsonl", "third\n", &second, &same).expect("written");
    assert!(matches!(written, Committed::Written(_)));
}

/// What it cost.
pub struct Cost {
    lines: usize,
    attempts: usize,
    elapsed: Duration,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, attempts, seconds) = (self.lines, self.attempts, self.elapsed.as_secs_f64());
        write!(f, "{lines} lines, {attempts} attempts, {seconds:.1} s")
    }
}

/// Each engine is one writer; each writes this many lines to the same ledger, with a file that the line names.
pub fn race(engines: &[Box<dyn Engine>], each: usize) -> Cost {
    let begin = Instant::now();
    let attempts = Mutex::new(0);
    thread::scope(|scope| {
        for (writer, engine) in engines.iter().enumerate() {
            let attempts = &attempts;
            scope.spawn(move || {
                for index in 0..each {
                    let tries = append(engine.as_ref(), &format!("{writer}-{index}"));
                    *attempts.lock().expect("counted") += tries;
                }
            });
        }
    });
    let (text, _) = get(engines[0].as_ref(), "race.ledger.jsonl");
    let text = text.expect("a ledger");
    verify(&text, engines.len(), each);
    let files = engines[0].read(&name("race.ledger.jsonl"), &name("evidence"));
    let files: BTreeSet<String> = files
        .expect("files")
        .files
        .iter()
        .map(|file| file.name.to_string())
        .collect();
    assert!(
        text.lines()
            .all(|line| files.contains(&format!("evidence/{}.json", mark(line)))),
        "{files:?}"
    );
    let attempts = *attempts.lock().expect("counted");
    Cost {
        lines: text.lines().count(),
        attempts,
        elapsed: begin.elapsed(),
    }
}

/// `WRITER-INDEX` of a line.
fn mark(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

/// How often it had to be tried.
fn append(engine: &dyn Engine, mark: &str) -> usize {
    let begin = Instant::now();
    let ledger = name("race.ledger.jsonl");
    for tries in 0.. {
        assert!(
            begin.elapsed() < PATIENCE,
            "{mark}: nobody let it write for 3 minutes"
        );
        let (text, version) = get(engine, "race.ledger.jsonl");
        let mut text = text.unwrap_or_default();
        if text.lines().any(|line| self::mark(line) == mark) {
            return tries;
        }
        text.push_str(&format!("{mark} {}\n", sha256_hex(&[&text])));
        let content = format!("evidence of {mark}");
        let files = [(name(&format!("evidence/{mark}.json")), content.as_bytes())];
        let change = Change {
            ledger: &ledger,
            bytes: text.as_bytes(),
            expected: &version,
            files: &files,
            last: &[],
            author: author(),
            message: mark,
        };
        match engine.commit(&change) {
            Ok(Committed::Written(_)) => return tries + 1,
            Ok(Committed::Stale) => thread::sleep(pause(u32::try_from(tries).expect("few"))),
            // Reading again tells (R5).
            Err(trouble) if trouble.cause == Cause::Unknown => {}
            Err(trouble) => panic!("{mark}: {trouble}"),
        }
    }
    unreachable!("it returns or panics")
}

/// Every line once, and each with the digest of all before it.
fn verify(text: &str, writers: usize, each: usize) {
    let mut before = String::new();
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        assert_eq!(
            line,
            format!("{} {}", mark(line), sha256_hex(&[&before])),
            "the chain is broken"
        );
        assert!(seen.insert(mark(line)), "{line} is there twice");
        before.push_str(line);
        before.push('\n');
    }
    assert_eq!(seen.len(), writers * each, "lines were lost");
}
