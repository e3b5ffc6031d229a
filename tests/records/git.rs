//! A branch of a git repository: on disk, over `git daemon` and as ssh runs it; what refuses, what is away, what is something
//! else; and the user's repository, which stays as it was.

mod cut;
pub mod remote;
mod web;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use gate::records::git::{Git, Options};
use gate::records::{Cause, Committed, Engine, Version};

use self::remote::{Daemon, Place, executable, files_of, git};
use super::writers::{get, keeps_records, name, put, put_with, race};

#[test]
fn r2_records_rest_on_the_version_that_was_read() {
    let place = Place::new();
    keeps_records(&place.engine(), &place.engine());
    git(&place.remote, &["fsck", "--strict"]);
}

#[test]
fn r2_the_first_record_begins_the_branch_in_the_name_of_who_records() {
    let place = Place::new();
    let files = [(name("evidence/a.json"), b"{}".as_slice())];
    let engine = place.engine();
    put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &files).expect("written");
    let log = git(
        &place.remote,
        &["log", "--format=%an %ae|%cn %ce|%s", "gate-records"],
    );
    assert_eq!(
        log,
        "Ada Lovelace ada@example.com|Ada Lovelace ada@example.com|gate: go\n"
    );
    let files = git(
        &place.remote,
        &["ls-tree", "-r", "--name-only", "gate-records"],
    );
    assert_eq!(files, ".gate-records\napi.ledger.jsonl\nevidence/a.json\n");
    let marker = git(&place.remote, &["show", "gate-records:.gate-records"]);
    assert!(marker.starts_with("gate records, version 1\n"), "{marker}");
}

#[test]
fn r1_another_rollout_on_the_branch_disturbs_nobody() {
    let place = Place::new();
    let (one, two) = (place.engine(), place.engine());
    put(&one, "api.ledger.jsonl", "first\n", &Version::Absent);
    let (_, first) = get(&one, "api.ledger.jsonl");
    put(&two, "web.ledger.jsonl", "web\n", &Version::Absent);
    assert!(matches!(
        put(&one, "api.ledger.jsonl", "first\nsecond\n", &first),
        Committed::Written(_)
    ));
    assert_eq!(get(&two, "web.ledger.jsonl").0.as_deref(), Some("web\n"));
    assert_eq!(
        git(&place.remote, &["rev-list", "--count", "gate-records"]),
        "3\n"
    );
}

#[test]
fn r1_eight_writers_lose_nothing() {
    let place = Place::new();
    let engines: Vec<Box<dyn Engine>> = (0..8)
        .map(|_| Box::new(place.engine()) as Box<dyn Engine>)
        .collect();
    let cost = race(&engines, 3);
    println!("git on disk: {cost}");
    git(&place.remote, &["fsck", "--strict"]);
}

#[test]
#[ignore = "takes minutes"]
fn r1_eight_writers_of_25_lines_lose_nothing_over_the_daemon() {
    let place = Place::new();
    let daemon = Daemon::serving(&place.folder());
    place.reach(&daemon.url("remote.git"));
    let engines: Vec<Box<dyn Engine>> = (0..8)
        .map(|_| Box::new(place.engine()) as Box<dyn Engine>)
        .collect();
    let cost = race(&engines, 25);
    println!("git daemon: {cost}");
    let alone: Vec<Box<dyn Engine>> = vec![Box::new(
        Git::open(&Options {
            branch: "alone".to_owned(),
            ..place.options()
        })
        .expect("an engine"),
    )];
    println!("git daemon, alone: {}", race(&alone, 25));
    assert_eq!(
        git(&place.remote, &["rev-list", "--count", "gate-records"]),
        "200\n"
    );
}

#[test]
#[ignore = "takes minutes"]
fn r1_eight_writers_of_25_lines_lose_nothing_on_disk_with_one_cache() {
    let place = Place::new();
    let cache = place.new_cache();
    let engine = || {
        Git::open(&Options {
            cache: cache.clone(),
            ..place.options()
        })
        .expect("an engine")
    };
    let engines: Vec<Box<dyn Engine>> = (0..8)
        .map(|_| Box::new(engine()) as Box<dyn Engine>)
        .collect();
    println!("git on disk, one cache: {}", race(&engines, 25));
}

#[test]
fn r2_the_users_repository_stays_byte_for_byte() {
    let place = Place::new();
    let hook = "#!/bin/sh\ntouch \"$(dirname \"$0\")/../RAN\" /tmp/never\nexit 1\n";
    for name in [
        "pre-push",
        "post-commit",
        "pre-commit",
        "reference-transaction",
        "post-index-change",
        "pre-auto-gc",
    ] {
        executable(&place.user.join(".git/hooks").join(name), hook);
    }
    git(&place.user, &["config", "commit.gpgsign", "true"]);
    git(&place.user, &["config", "push.followTags", "true"]);
    fs::write(place.user.join("plan.yaml"), "edited").expect("an edit");
    fs::write(place.user.join("staged"), "x").expect("a file");
    git(&place.user, &["add", "staged"]);
    let before = files_of(&place.user);
    let engine = place.engine();
    let files = [(name("evidence/a.json"), b"1".as_slice())];
    put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &files).expect("written");
    let (_, version) = get(&engine, "api.ledger.jsonl");
    put(&engine, "api.ledger.jsonl", "1\n2\n", &version);
    engine.fetch(&[name("evidence/a.json")]).expect("a file");
    engine.probe().expect("a place");
    let after = files_of(&place.user);
    assert!(
        before.len() > 10 && before.keys().any(|path| path.ends_with("index")),
        "{:?}",
        before.keys()
    );
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    assert!(before == after, "something was changed");
    assert_eq!(
        git(&place.remote, &["branch", "--format=%(refname:short)"]),
        "gate-records\nmain\n"
    );
}

#[test]
fn r2_a_hook_that_refuses_is_heard_and_nothing_is_recorded() {
    let place = Place::new();
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let (_, version) = get(&engine, "api.ledger.jsonl");
    executable(
        &place.remote.join("hooks/pre-receive"),
        "#!/bin/sh\necho 'no records \u{1b}[31mon fridays' >&2\nexit 1\n",
    );
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("refused");
    assert_eq!(trouble.cause, Cause::Refused);
    let said = trouble.to_string();
    let expected = "the push to branch gate-records of origin was refused (pre-receive hook declined): no records \\u{1b}[31mon fridays;";
    assert!(said.starts_with(expected), "{said}");
    assert_eq!(get(&engine, "api.ledger.jsonl").0.as_deref(), Some("1\n"));
    // A hook of one branch.
    fs::remove_file(place.remote.join("hooks/pre-receive")).expect("removed");
    executable(&place.remote.join("hooks/update"), "#!/bin/sh\nexit 1\n");
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("refused");
    assert!(trouble.to_string().contains("(hook declined)"), "{trouble}");
    fs::remove_file(place.remote.join("hooks/update")).expect("removed");
    assert!(matches!(
        put(&engine, "api.ledger.jsonl", "1\n2\n", &version),
        Committed::Written(_)
    ));
}

/// What a server killed at a bad moment leaves behind.
#[test]
fn r2_a_branch_that_stays_locked_is_no_reason_to_decide_again_for_ever() {
    let place = Place::new();
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let (_, version) = get(&engine, "api.ledger.jsonl");
    fs::write(place.remote.join("refs/heads/gate-records.lock"), "").expect("a lock");
    let trouble =
        put_with(&engine, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("locked");
    assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
    assert!(
        trouble
            .to_string()
            .contains("refuses every push as out of date, and does not change"),
        "{trouble}"
    );
}

#[test]
fn r2_a_remote_that_is_away_or_gone_is_said() {
    let place = Place::new();
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let (_, version) = get(&engine, "api.ledger.jsonl");
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    place.reach(&format!("git://127.0.0.1:{port}/remote.git"));
    let away = Git::open(&Options {
        cache: place.new_cache(),
        ..place.options()
    })
    .expect("an engine");
    for trouble in [
        away.read(&name("api.ledger.jsonl"), &name("evidence"))
            .expect_err("away"),
        put_with(&away, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("away"),
        away.probe().expect_err("away"),
    ] {
        assert_eq!(trouble.cause, Cause::Away, "{trouble}");
        assert!(
            trouble
                .to_string()
                .contains("branch gate-records of origin cannot be reached"),
            "{trouble}"
        );
    }
    place.reach("../nothing.git");
    let gone = place.engine();
    let trouble = gone
        .read(&name("api.ledger.jsonl"), &name("evidence"))
        .expect_err("gone");
    assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
    assert!(
        trouble
            .to_string()
            .contains("does not appear to be a git repository"),
        "{trouble}"
    );
}

/// The copy here is up to date, so that the push is the first to find out.
#[test]
fn r2_a_remote_that_is_away_for_the_push_alone_is_away() {
    let place = Place::new();
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let (_, version) = get(&engine, "api.ledger.jsonl");
    fs::rename(&place.remote, place.folder().join("moved.git")).expect("moved");
    let trouble = put_with(&engine, "api.ledger.jsonl", "1\n2\n", &version, &[]).expect_err("gone");
    assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
}

#[test]
fn r2_a_branch_that_holds_something_else_is_left_alone() {
    let place = Place::new();
    git(
        &place.user,
        &["push", "--quiet", "origin", "main:gate-records"],
    );
    let before = git(&place.remote, &["rev-parse", "gate-records"]);
    let engine = place.engine();
    for trouble in [
        engine
            .read(&name("api.ledger.jsonl"), &name("evidence"))
            .expect_err("something else"),
        put_with(&engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[])
            .expect_err("something else"),
        engine.probe().expect_err("something else"),
    ] {
        assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
        assert!(
            trouble
                .to_string()
                .contains("holds something else: there is no `.gate-records` in it"),
            "{trouble}"
        );
    }
    assert_eq!(git(&place.remote, &["rev-parse", "gate-records"]), before);
}

#[test]
fn r2_records_of_a_newer_gate_are_left_alone() {
    let place = Place::new();
    put(&place.engine(), "api.ledger.jsonl", "1\n", &Version::Absent);
    let other = place.folder().join("other");
    let remote = place.remote.display().to_string();
    git(
        &place.folder(),
        &[
            "clone",
            "--quiet",
            "--branch=gate-records",
            &remote,
            "other",
        ],
    );
    fs::write(other.join(".gate-records"), "gate records, version 2\n").expect("written");
    git(&other, &["commit", "--quiet", "--all", "--message=newer"]);
    git(&other, &["push", "--quiet"]);
    let trouble = place
        .engine()
        .read(&name("api.ledger.jsonl"), &name("evidence"))
        .expect_err("newer");
    assert!(
        trouble
            .to_string()
            .contains("records that this gate does not know"),
        "{trouble}"
    );
}

#[test]
fn without_git_a_repository_or_a_remote_it_says_what_is_missing() {
    let place = Place::new();
    let open = |options: Options| Git::open(&options).expect_err("nothing to open");
    let no_git = open(Options {
        program: Some("/no/git".into()),
        ..place.options()
    });
    assert!(
        no_git
            .to_string()
            .starts_with("`/no/git` cannot be started: No such file"),
        "{no_git}"
    );
    let outside = tempfile::tempdir().expect("a folder");
    let no_repository = open(Options {
        folder: outside.path().to_owned(),
        ..place.options()
    });
    assert!(
        no_repository
            .to_string()
            .contains("is in no git repository"),
        "{no_repository}"
    );
    let no_folder = open(Options {
        folder: "/no/folder".into(),
        ..place.options()
    });
    assert!(
        no_folder
            .to_string()
            .starts_with("/no/folder is not a folder"),
        "{no_folder}"
    );
    let no_remote = open(Options {
        remote: "upstream".to_owned(),
        ..place.options()
    });
    assert!(
        no_remote
            .to_string()
            .contains("has no remote `upstream`, but `origin`"),
        "{no_remote}"
    );
    let no_branch = open(Options {
        branch: "a b".to_owned(),
        ..place.options()
    });
    assert!(
        no_branch
            .to_string()
            .contains("cannot be the name of a branch"),
        "{no_branch}"
    );
    let file = outside.path().join("file");
    fs::write(&file, "").expect("a file");
    let no_cache = open(Options {
        cache: file.join("cache"),
        ..place.options()
    });
    for trouble in [
        no_git,
        no_repository,
        no_folder,
        no_remote,
        no_branch,
        no_cache,
    ] {
        assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
    }
}

#[test]
fn a_copy_that_is_gone_or_damaged_is_had_again() {
    let place = Place::new();
    let cache = place.new_cache();
    let engine = Git::open(&Options {
        cache: cache.clone(),
        ..place.options()
    })
    .expect("an engine");
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    fs::remove_dir_all(&cache).expect("removed");
    let (text, version) = get(&engine, "api.ledger.jsonl");
    assert_eq!(text.as_deref(), Some("1\n"));
    for path in files_of(&cache.join("repository/objects")).keys() {
        let path = cache.join("repository/objects").join(path);
        fs::remove_file(&path).expect("removed");
        fs::write(&path, "").expect("emptied");
    }
    fs::write(cache.join("repository/shallow.lock"), "").expect("left behind");
    assert_eq!(
        get(&engine, "api.ledger.jsonl"),
        (Some("1\n".to_owned()), version.clone())
    );
    assert!(matches!(
        put(&engine, "api.ledger.jsonl", "1\n2\n", &version),
        Committed::Written(_)
    ));
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let place = Place::new();
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let trouble = engine
        .fetch(&[name("evidence/none.json")])
        .expect_err("no file");
    assert!(
        trouble
            .to_string()
            .starts_with("evidence/none.json is not in branch gate-records of origin"),
        "{trouble}"
    );
}

#[test]
fn ssh_is_run_as_the_users_repository_says() {
    let place = Place::new();
    // What sshd would do at the other end.
    let ssh = place.folder().join("ssh");
    executable(
        &ssh,
        "#!/bin/sh\neval \"exec $(eval echo \\\"\\$$#\\\")\"\n",
    );
    git(
        &place.user,
        &["config", "core.sshCommand", &ssh.display().to_string()],
    );
    place.reach(&format!("git@forge.example:{}", place.remote.display()));
    let engine = place.engine();
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    assert_eq!(
        get(&place.engine(), "api.ledger.jsonl").0.as_deref(),
        Some("1\n")
    );
}

/// As a checkout in CI keeps its token.
#[test]
fn the_token_of_a_checkout_is_sent_once_and_shown_never() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let key = format!("http.http://{address}/.extraheader");
    git(
        &place.user,
        &["config", &key, "AUTHORIZATION: basic Y2FuYXJ5OnRva2Vu"],
    );
    place.reach(&format!("http://bot:canarypassword@{address}/r.git"));
    let server = remote::answers(
        listener,
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\nconnection: close\r\n\r\nY2FuYX",
        1,
    );
    let engine = place.engine();
    let trouble = engine
        .read(&name("api.ledger.jsonl"), &name("evidence"))
        .expect_err("refused");
    let asked = server.join().expect("a request");
    assert_eq!(
        asked
            .to_ascii_lowercase()
            .matches("authorization: basic")
            .count(),
        1,
        "{asked}"
    );
    assert!(asked.contains("Y2FuYXJ5OnRva2Vu"), "{asked}");
    assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
    let shown = format!("{trouble} {trouble:?} {engine:?} {}", engine.shown());
    assert!(
        !shown.contains("Y2FuYXJ5OnRva2Vu") && !shown.contains("canarypassword"),
        "{shown}"
    );
}

#[test]
fn relative_addresses_are_relative_to_the_work_tree() {
    let place = Place::new();
    place.reach("../remote.git");
    fs::create_dir_all(place.user.join("plans/deep")).expect("a folder");
    let options = Options {
        folder: place.user.join("plans/deep"),
        ..place.options()
    };
    let engine = Git::open(&options).expect("an engine");
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    assert_eq!(engine.shown(), "git (branch gate-records of origin)");
    assert!(
        Path::new(&place.remote)
            .join("refs/heads/gate-records")
            .exists()
    );
}

#[test]
fn a_probe_changes_nothing() {
    let place = Place::new();
    let engine = place.engine();
    let said = engine.probe().expect("a place");
    assert_eq!(
        said,
        "branch gate-records of origin is not there yet: the first record begins it"
    );
    assert_eq!(
        git(&place.remote, &["branch", "--format=%(refname:short)"]),
        "main\n"
    );
    put(&engine, "api.ledger.jsonl", "1\n", &Version::Absent);
    let tip = git(&place.remote, &["rev-parse", "gate-records"]);
    let said = engine.probe().expect("a place");
    assert_eq!(
        said,
        format!("branch gate-records of origin is at {}", &tip[..12])
    );
    assert_eq!(git(&place.remote, &["rev-parse", "gate-records"]), tip);
}

/// What is read at one address and written at another never shows what was recorded (1.7).
#[test]
fn r2_a_remote_that_is_not_one_place_is_refused_up_front() {
    let place = Place::new();
    let other = place.folder().join("fork.git");
    git(&place.folder(), &["init", "--quiet", "--bare", "fork.git"]);
    let push = |words: &[&str]| {
        git(
            &place.user,
            &[&["remote", "set-url", "--push"], words].concat(),
        );
    };
    push(&["origin", "https://bot:canarypassword@h/fork.git"]);
    let refused = |options: Options| {
        let trouble = Git::open(&options).expect_err("two places");
        assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
        let said = trouble.to_string();
        assert!(said.contains("origin is read at"), "{said}");
        assert!(said.contains("records: {git: {remote: …}}"), "{said}");
        said
    };
    let said = refused(place.options());
    assert!(said.contains("but written at https://h/fork.git"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let here = place.remote.display().to_string();
    push(&["origin", &here]);
    Git::open(&place.options()).expect("one place");
    push(&["--add", "origin", &other.display().to_string()]);
    assert!(refused(place.options()).contains("fork.git"));
    // Its address alone is one place, unless git is told to push elsewhere.
    let direct = Options {
        remote: here.clone(),
        ..place.options()
    };
    Git::open(&direct).expect("one place");
    let instead = format!("url.{}.pushInsteadOf", other.display());
    git(&place.user, &["config", &instead, &here]);
    assert!(Git::open(&direct).is_err());
}

/// A refusal of the whole transaction, and a branch for which there is no room, are no races (4.5, 4.6).
#[test]
fn r2_what_the_remote_cannot_take_is_said_at_once() {
    let place = Place::new();
    git(
        &place.user,
        &["push", "--quiet", "origin", "main:gate-records/x"],
    );
    let put_one = |engine: &Git| {
        put_with(engine, "api.ledger.jsonl", "1\n", &Version::Absent, &[]).expect_err("refused")
    };
    let trouble = put_one(&place.engine());
    assert!(
        trouble
            .found
            .contains("the branch gate-records/x is in its way"),
        "{trouble}"
    );
    git(&place.remote, &["branch", "-D", "gate-records/x"]);
    let hook = place.remote.join("hooks").join("reference-transaction");
    executable(&hook, "#!/bin/sh\n[ \"$1\" != prepared ]\n");
    let trouble = put_one(&place.engine());
    assert_eq!(trouble.cause, Cause::Refused, "{trouble}");
    assert!(trouble.found.contains("a hook"), "{trouble}");
}
