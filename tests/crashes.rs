//! Killed, interrupted or out of space: every file under a final name is whole, every earlier file is untouched.

mod chain;
mod killed;
mod whole;
mod writings;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::faulty::{Faulty, json};
use crate::support::program::{Finished, Workplace, skipped};
use killed::{Bench, Signal};
use whole::{below, is_whole};

const AT: &str = "1795132800";
/// Record, text, plan and answers.
const FILES: usize = 4;
/// The name of a GO at that time.
const RECORD: &str = "20261120T000000Z-go.json";
/// A check whose evidence lies on a small disk.
const CHECK: [&str; 6] = ["check", "plan.yaml", "--at", AT, "--evidence", "room"];
/// Gives the program a small disk at `room`, with the content of `earlier`; leaves a copy of it in `after`.
const ON_A_SMALL_DISK: &str = r#"
mkdir room && mount -t tmpfs -o "$1" none room && cp -a earlier/. room/ || exit 99
shift
"$@"
code=$?
mkdir after && cp -a room/. after/
exit $code
"#;

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_killed_command_leaves_whole_files_and_touches_no_earlier_one() {
    // 500 moments of each: cargo bench --bench reliability -- crashes
    let mut bench = Bench::new();
    for writing in writings::writings() {
        let tally = bench
            .end(&writing, Signal::Kill, 24, 1)
            .unwrap_or_else(|what| panic!("{what}"));
        let killed = tally.codes.get(&None).copied().unwrap_or_default();
        assert!(killed > 2, "{}: {tally:?}", writing.name);
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_interrupted_command_leaves_whole_files_and_says_hold() {
    let mut bench = Bench::new();
    for writing in writings::checks() {
        let tally = bench
            .end(&writing, Signal::Interrupt, 16, 1)
            .unwrap_or_else(|what| panic!("{what}"));
        assert_eq!(tally.drafts, 0, "{}: left behind", writing.name);
        assert_eq!(tally.codes.values().sum::<u64>(), 16, "{tally:?}");
    }
}

/// A server whose answer is GO, and a plan that asks it; `asked` runs before each answer.
fn bench(asked: impl Fn() + Send + Sync + 'static) -> (Faulty, Workplace) {
    let points: Vec<String> = (0..=20)
        .map(|point| format!("[{},\"0.25\"]", 1_795_132_800 - 300 + 15 * point))
        .collect();
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{}]}}]}}}}"#,
        points.join(",")
    );
    let server = Faulty::new(move |request, stream| {
        if request.head.contains("query_range") {
            asked();
        }
        let _ = stream.write_all(&json(&body));
    });
    let workplace = Workplace::with_plan(&format!(
        "release: test\nsource: {}\nkpis: {{errors: {{query: errors}}}}\nstages: [{{name: pilot, observe: trailing, window: 5m, exit: {{kpis: {{errors: \"< 1\"}}}}}}]\n",
        server.url()
    ));
    (server, workplace)
}

/// The names in a folder, each of a whole file.
fn whole_names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    below(folder, &mut found);
    let mut names = Vec::new();
    for path in found.iter().filter(|path| !path.ends_with("earlier.json")) {
        is_whole(path).unwrap_or_else(|what| panic!("{}: {what}", path.display()));
        names.push(
            path.file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    names
}

/// A command that writes to a disk with these options; `None` if this machine cannot mount one.
fn on_a_small_disk(workplace: &Workplace, options: &str, arguments: &[&str]) -> Option<Finished> {
    on_a_disk(workplace, ON_A_SMALL_DISK, options, arguments)
}

fn on_a_disk(
    workplace: &Workplace,
    script: &str,
    options: &str,
    arguments: &[&str],
) -> Option<Finished> {
    let _ = fs::remove_dir_all(workplace.path().join("after"));
    let _ = fs::remove_dir_all(workplace.path().join("room"));
    let finished = workplace.gate_inside(
        &["unshare", "--mount", "sh", "-c", script, "sh", options],
        arguments,
    );
    if finished.code == 99 || finished.code == 1 && finished.err.contains("unshare") {
        skipped(&format!(
            "a full disk needs root and `unshare`: {}",
            finished.err
        ));
        return None;
    }
    Some(finished)
}

#[test]
fn a_full_disk_gives_no_verdict_and_leaves_no_partial_file() {
    let (_server, workplace) = bench(|| {});
    fs::create_dir(workplace.path().join("earlier")).expect("a folder");
    workplace.write("earlier/earlier.json", "{\"an\": \"earlier record\"}");
    let mut codes = Vec::new();
    let sizes = (1..=12).map(|pages| format!("size={}k", 4 * pages));
    let inodes = (2..=8).map(|inodes| format!("nr_inodes={inodes}"));
    for options in sizes.chain(inodes) {
        let Some(finished) = on_a_small_disk(&workplace, &options, &CHECK) else {
            return;
        };
        let after = workplace.path().join("after");
        let earlier = fs::read_to_string(after.join("earlier.json")).expect("the earlier file");
        assert_eq!(earlier, "{\"an\": \"earlier record\"}", "{options}");
        let names = whole_names(&after);
        match finished.code {
            0 => assert_eq!(names.len(), FILES, "{options}: {names:?}"),
            5 => assert!(names.is_empty(), "{options}: {names:?}"),
            _ => panic!("{options}: {finished:?}"),
        }
        codes.push(finished.code);
    }
    assert!(codes.contains(&0) && codes.contains(&5), "{codes:?}");
}

/// A plan that asks only people, on its own disk with what was recorded so far.
fn asking_people() -> (Workplace, Vec<u8>) {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path().join("earlier")).expect("a folder");
    workplace.write(
        "earlier/plan.yaml",
        "release: test\nstages: [{name: pilot, observe: trailing, exit: {confirmations: [well]}}]\n",
    );
    let confirmed = workplace.gate(&["confirm", "earlier/plan.yaml", "well"]);
    confirmed.says(0, "recorded #1");
    let ledger = fs::read(workplace.path().join("earlier/plan.ledger.jsonl"));
    (workplace, ledger.expect("a ledger"))
}

#[test]
fn a_full_disk_records_nothing_and_keeps_what_was_recorded() {
    let (workplace, earlier) = asking_people();
    let long = "x".repeat(6000);
    let mut codes = Vec::new();
    for pages in 2..=9 {
        for arguments in [
            &["confirm", "room/plan.yaml", "well", "--no", "--why", &long][..],
            &["note", "room/plan.yaml", &long],
            &["check", "room/plan.yaml"],
        ] {
            let Some(finished) =
                on_a_small_disk(&workplace, &format!("size={}k", 4 * pages), arguments)
            else {
                return;
            };
            let after = workplace.path().join("after");
            let ledger = fs::read(after.join("plan.ledger.jsonl")).expect("a ledger");
            let entries = chain::entries(&ledger).expect("no torn line");
            assert!(ledger.starts_with(&earlier), "{pages}: {arguments:?}");
            match finished.code {
                0 => assert_eq!(entries.len(), 2, "{pages}: {finished:?}"),
                5 => assert_eq!(entries.len(), 1, "{pages}: {finished:?}"),
                _ => panic!("{pages}: {finished:?}"),
            }
            whole_names(&after);
            codes.push(finished.code);
        }
    }
    assert!(codes.contains(&0) && codes.contains(&5), "{codes:?}");
}

#[test]
fn a_read_only_disk_records_nothing() {
    let (workplace, earlier) = asking_people();
    let script = ON_A_SMALL_DISK.replace("shift\n", "mount -o remount,ro room\nshift\n");
    for arguments in [
        &["confirm", "room/plan.yaml", "well", "--no"][..],
        &["note", "room/plan.yaml", "seen"],
        &["ledger", "room/plan.yaml", "repair"],
    ] {
        let finished = on_a_disk(&workplace, &script, "size=1m", arguments);
        let Some(finished) = finished else {
            return;
        };
        finished
            .says(5, "cannot be written")
            .says(5, "or keep the records elsewhere: --records PLACE");
        let after = fs::read(workplace.path().join("after/plan.ledger.jsonl"));
        assert_eq!(after.expect("a ledger"), earlier, "{arguments:?}");
    }
}

#[test]
fn a_read_only_disk_gives_no_verdict() {
    let (server, workplace) = bench(|| {});
    fs::create_dir(workplace.path().join("earlier")).expect("a folder");
    let script = ON_A_SMALL_DISK.replace("shift\n", "mount -o remount,ro room\nshift\n");
    let Some(finished) = on_a_disk(&workplace, &script, "size=1m", &CHECK) else {
        return;
    };
    finished.says(
        5,
        "no verdict was reached: the evidence folder `room` cannot be written",
    );
    finished.says(5, "or use --evidence FOLDER or --records PLACE");
    assert!(
        server.seen().is_empty(),
        "nobody asks where nothing can be recorded"
    );
}

#[test]
fn a_file_that_may_not_grow_gives_no_verdict() {
    let (_server, workplace) = bench(|| {});
    for blocks in 0..=12 {
        // A program that does not ignore the signal is ended by it: no verdict either.
        for trap in ["trap '' XFSZ;", ""] {
            let folder = format!("room-{blocks}-{}", trap.len());
            let _ = fs::remove_file(workplace.path().join("plan.ledger.jsonl"));
            let script = format!("{trap} ulimit -c 0; ulimit -f {blocks}; exec \"$@\"");
            let finished = workplace.gate_inside(
                &["sh", "-c", &script, "sh"],
                &["check", "plan.yaml", "--at", AT, "--evidence", &folder],
            );
            let folder = workplace.path().join(folder);
            let mut found = Vec::new();
            below(&folder, &mut found);
            found.retain(|path| !whole::is_draft(path));
            match (finished.code, trap.is_empty()) {
                (0, _) => assert_eq!(whole_names(&folder).len(), FILES, "{blocks}"),
                // The answers or the text may be there, but no record, and whatever is there is whole.
                (-1, true) => found
                    .iter()
                    .for_each(|path| is_whole(path).expect("a whole file")),
                (5, false) => assert!(found.is_empty(), "{blocks}: {found:?}"),
                _ => panic!("{blocks}: {finished:?}"),
            }
            if finished.code != 0 {
                let records = found
                    .iter()
                    .filter(|path| path.extension().is_some_and(|ending| ending == "json"));
                assert_eq!(records.count(), 0, "{blocks}");
            }
        }
    }
}

#[test]
fn a_folder_that_vanishes_while_the_source_is_asked_gives_no_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = folder.path().join("evidence");
    let vanishing = evidence.clone();
    let (_server, workplace) = bench(move || fs::remove_dir_all(&vanishing).unwrap_or_default());
    let path = evidence.to_string_lossy();
    let finished = workplace.gate(&["check", "plan.yaml", "--at", AT, "--evidence", &path]);
    finished.says(5, "the verdict could not be recorded");
    assert_eq!(finished.out, "", "a verdict without evidence is no verdict");
    assert!(!evidence.exists());
}

#[test]
fn checks_of_the_same_second_each_have_their_own_record() {
    let (_server, workplace) = bench(|| {});
    let start = |_| {
        let mut command = workplace.command(&["check", "plan.yaml", "--at", AT], &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("gate runs")
    };
    let children: Vec<_> = (0..8).map(start).collect();
    for mut child in children {
        assert_eq!(child.wait().expect("its end").code(), Some(0));
    }
    let names = whole_names(&workplace.path().join("plan.evidence"));
    assert_eq!(names.len(), 8 * FILES, "{names:?}");
}

#[test]
#[cfg(unix)]
fn a_link_in_the_place_of_a_file_is_neither_followed_nor_replaced() {
    for ending in ["json", "txt", "answers.json.gz"] {
        for exists in [false, true] {
            let (_server, workplace) = bench(|| {});
            fs::create_dir(workplace.path().join("plan.evidence")).expect("a folder");
            let link = workplace
                .path()
                .join("plan.evidence")
                .join(RECORD)
                .with_extension(ending);
            std::os::unix::fs::symlink("../precious", &link).expect("a link");
            if exists {
                workplace.write("precious", "as it was");
            }
            let checked = workplace.gate(&["check", "plan.yaml", "--at", AT]);
            // What may be a record that cannot be read may speak against the ledger.
            if ending == "json" {
                checked.says(5, "plan.evidence/20261120T000000Z-go.json cannot be read");
                let without = ["check", "plan.yaml", "--at", AT, "--no-ledger"];
                let checked = workplace.gate(&without);
                checked.says(0, "20261120T000000Z-go-2.json");
            } else {
                checked.says(0, "20261120T000000Z-go-2.json");
            }
            let precious = fs::read_to_string(workplace.path().join("precious")).ok();
            assert_eq!(precious, exists.then(|| "as it was".to_owned()), "{ending}");
            assert!(link.symlink_metadata().expect("the link").is_symlink());
        }
    }
}

#[test]
fn what_a_killed_signing_left_behind_blocks_nobody() {
    let (_server, workplace) = bench(|| {});
    killed::keys(&workplace);
    // In containers a process often has the same id as one that was killed.
    let script = r#"mkdir -p plan.evidence && cd plan.evidence || exit 99
for left in unsigned unsigned.sig; do echo left > ".20261120T000000Z-go.json.sig.$$-0.$left"; done
cd .. && exec "$@""#;
    let finished = workplace.gate_inside(
        &["sh", "-c", script, "sh"],
        &["check", "plan.yaml", "--at", AT, "--sign", "ada"],
    );
    finished.says(0, "GO");
    assert_eq!(workplace.files("plan.evidence", ".json.sig").len(), 1);
    let left = workplace.files("plan.evidence", ".unsigned");
    assert_eq!(left.len(), 1, "nobody else's file is removed: {left:?}");
}
