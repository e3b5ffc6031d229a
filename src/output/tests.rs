//! The rules of the evidence folder.

use super::*;

/// 2026-11-20T14:00:00Z.
const T: Instant = Instant::from_secs(1_795_183_200);

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn documents(names: &Names) -> Documents {
    Documents {
        json: format!("{{\"answers\": \"{}\"}}\n", names.answers),
        text: "NO-GO\n".to_owned(),
    }
}

fn record(store: &Store) -> Recorded {
    store
        .write(
            T,
            Verdict::NoGo,
            Attached {
                answers: Some(&[b"gz".as_slice().into()]),
                plan: Some(b"release: r\n"),
            },
            documents,
        )
        .expect("recorded")
        .keep()
        .expect("kept")
}

#[test]
fn opening_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = folder.path().join("deep/plan.evidence");
    Store::open(&evidence).expect("opened");
    assert!(names(&evidence).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_anything_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.evidence");
    fs::write(&file, "a file").expect("written");
    for place in [
        file.clone(),
        file.join("below"),
        PathBuf::from("/proc/gate"),
    ] {
        let message = Store::open(&place).expect_err("no folder").to_string();
        assert!(
            message.starts_with("no verdict was reached: the evidence folder `"),
            "{message}"
        );
        assert!(
            message.ends_with("use --evidence FOLDER or --records PLACE"),
            "{message}"
        );
    }
    assert_eq!(fs::read(&file).expect("content"), b"a file");
}

#[test]
fn a_check_is_files_of_one_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let recorded = record(&store);
    assert_eq!(
        names(folder.path()),
        [
            "20261120T140000Z-no-go.answers.json.gz",
            "20261120T140000Z-no-go.json",
            "20261120T140000Z-no-go.plan.yaml",
            "20261120T140000Z-no-go.txt"
        ]
    );
    let json = fs::read_to_string(recorded.json).expect("content");
    assert_eq!(
        json,
        "{\"answers\": \"20261120T140000Z-no-go.answers.json.gz\"}\n"
    );
    assert_eq!(
        fs::read(recorded.answers.expect("kept")).expect("content"),
        b"gz"
    );
}

#[test]
fn without_answers_there_are_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let recorded = store
        .write(T, Verdict::Go, Attached::default(), documents)
        .expect("recorded")
        .keep()
        .expect("kept");
    assert_eq!(recorded.answers, None);
    assert_eq!(
        names(folder.path()),
        ["20261120T140000Z-go.json", "20261120T140000Z-go.txt"]
    );
}

#[test]
fn a_second_check_in_the_same_second_gets_its_own_name_for_all_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    // A lone text of that name, by whomever, takes the whole name.
    fs::write(folder.path().join("20261120T140000Z-no-go-2.txt"), "mine").expect("written");
    let (first, second) = (record(&store), record(&store));
    assert!(first.json.ends_with("20261120T140000Z-no-go.json"));
    assert!(second.json.ends_with("20261120T140000Z-no-go-3.json"));
    assert!(second.text.ends_with("20261120T140000Z-no-go-3.txt"));
    assert!(
        second
            .answers
            .expect("kept")
            .ends_with("20261120T140000Z-no-go-3.answers.json.gz")
    );
    let mine = fs::read(folder.path().join("20261120T140000Z-no-go-2.txt")).expect("content");
    assert_eq!(mine, b"mine");
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_in_place_is_neither_followed_nor_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let aim = folder.path().join("aim");
    for name in [
        "20261120T140000Z-no-go.json",
        ".20261120T140000Z-no-go-2.json.tmp",
    ] {
        std::os::unix::fs::symlink(&aim, folder.path().join(name)).expect("a link");
    }
    assert!(
        record(&store)
            .json
            .ends_with("20261120T140000Z-no-go-3.json")
    );
    assert!(!aim.exists());
}

#[test]
fn leftovers_of_a_crash_do_not_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    for name in [
        ".20261120T140000Z-no-go.json.tmp",
        ".20261120T140000Z-no-go-2.txt.tmp",
    ] {
        fs::write(folder.path().join(name), "half").expect("written");
    }
    assert!(
        record(&store)
            .json
            .ends_with("20261120T140000Z-no-go-3.json")
    );
    // The answers and the plan of the second try were published before its text failed; they are gone again.
    assert_eq!(names(folder.path()).len(), 2 + 4);
}

#[test]
fn checks_at_the_same_time_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let folder = folder.path();
            scope.spawn(move || {
                let store = Store::open(folder).expect("opened");
                for round in 0..5 {
                    let text = format!("{writer}/{round}");
                    let render = |names: &Names| Documents {
                        json: format!("{} {text}", names.json),
                        text: text.clone(),
                    };
                    let bytes = text.clone();
                    let recorded = store
                        .write(
                            T,
                            Verdict::Hold,
                            Attached {
                                answers: Some(&[bytes.as_bytes().into()]),
                                plan: None,
                            },
                            render,
                        )
                        .expect("recorded")
                        .keep()
                        .expect("kept");
                    let name = recorded
                        .json
                        .file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned();
                    assert_eq!(
                        fs::read_to_string(recorded.json).expect("json"),
                        format!("{name} {text}")
                    );
                    assert_eq!(fs::read_to_string(recorded.text).expect("text"), text);
                    assert_eq!(
                        fs::read_to_string(recorded.answers.expect("kept")).expect("answers"),
                        text
                    );
                }
            });
        }
    });
    let found = names(folder.path());
    assert_eq!(found.len(), 8 * 5 * 3, "{found:?}");
}

#[test]
fn a_record_gets_its_name_once_its_ledger_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let write = || store.write(T, Verdict::Go, Attached::default(), documents);
    let (record, draft) = (
        "20261120T140000Z-go.json".to_owned(),
        ".20261120T140000Z-go.json.tmp".to_owned(),
    );
    let unrecorded = write().expect("written");
    assert!(names(folder.path()).contains(&draft) && !names(folder.path()).contains(&record));
    drop(unrecorded);
    assert!(names(folder.path()).is_empty());
    let kept = write().expect("written").keep().expect("kept");
    assert!(kept.json.is_file() && !names(folder.path()).contains(&draft));
}

#[test]
fn whoever_was_killed_before_that_is_helped_and_the_slow_one_does_not_mind() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let unrecorded = store.write(T, Verdict::Go, Attached::default(), documents);
    let unrecorded = unrecorded.expect("written");
    let json = unrecorded.json().to_owned();
    finish(&json).expect("finished");
    let text = fs::read_to_string(&json).expect("a record");
    unrecorded.keep().expect("kept");
    assert_eq!(fs::read_to_string(&json).expect("a record"), text);
    assert!(finish(&json).is_err(), "there is no draft any more");
}

#[test]
fn a_name_that_somebody_took_leaves_the_draft() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let unrecorded = store.write(T, Verdict::Go, Attached::default(), documents);
    let unrecorded = unrecorded.expect("written");
    let json = unrecorded.json().to_owned();
    fs::write(&json, "another").expect("written");
    let error = unrecorded.keep().expect_err("taken").to_string();
    assert!(
        error.starts_with("the verdict could not be recorded"),
        "{error}"
    );
    assert!(draft_of(&json).is_file());
    assert_eq!(fs::read_to_string(&json).expect("a file"), "another");
}

#[test]
fn a_failure_leaves_nothing_of_the_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("opened");
    let gone = folder.path().join("gone");
    let lost = Store::open(&gone).expect("opened");
    fs::remove_dir(&gone).expect("removed");
    let error = lost
        .write(
            T,
            Verdict::Stop,
            Attached {
                answers: Some(&[b"gz".as_slice().into()]),
                plan: Some(b"release: r\n"),
            },
            documents,
        )
        .expect_err("no folder");
    let message = error.to_string();
    assert!(
        message.starts_with("the verdict could not be recorded: `"),
        "{message}"
    );
    assert!(message.contains("20261120T140000Z-stop.json"), "{message}");
    drop(store);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_hostile_path_cannot_act_on_the_terminal() {
    let error = Store::open(Path::new("/proc/\u{1b}[2Jgate")).expect_err("no folder");
    assert!(!error.to_string().contains('\u{1b}'));
}
