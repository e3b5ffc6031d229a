//! Whose word counts where the plan requires signatures (T12, T13): on every check, with real keys.

use std::fs;
use std::process::Command;

use crate::support::program::{Finished, Workplace};

const PLAN: &str = "release: r
signatures:
  required: true
  allowed: signers
  roles: {product: [ada@example.com], security: [bob@example.com]}
stages:
  - name: pilot
    entry: {approvals: {roles: [product, security], distinct: true}}
";

fn keygen(workplace: &Workplace, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    let status = command.args(arguments).current_dir(workplace.path());
    assert!(status.status().expect("ssh-keygen").success());
}

/// A new key, and its public half.
fn key(workplace: &Workplace, file: &str) -> String {
    keygen(
        workplace,
        &["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", file],
    );
    let public = workplace.path().join(format!("{file}.pub"));
    fs::read_to_string(public).expect("a key")
}

/// Keys of Ada, Bob and Eve; `signers` allows the first two, and Ada's key for Bob as well, as on a shared machine.
fn with_keys(plan: &str) -> Workplace {
    let workplace = Workplace::with_plan(plan);
    let (ada, bob) = (key(&workplace, "ada"), key(&workplace, "bob"));
    key(&workplace, "eve");
    let signers = [
        format!("ada@example.com {ada}"),
        format!("bob@example.com {bob}"),
        format!("bob@example.com {ada}"),
    ];
    workplace.write("signers", signers.concat());
    workplace
}

fn check(workplace: &Workplace, more: &[&str]) -> Finished {
    workplace.gate(&[&["check", "plan.yaml", "--sign", "ada"], more].concat())
}

fn approve(workplace: &Workplace, role: &str, by: &str, key: &str) -> Finished {
    let approve = ["approve", "plan.yaml", role, "--by", by, "--sign", key];
    let approved = workplace.gate(&approve);
    assert_eq!(approved.code, 0, "{}", approved.err);
    approved
}

/// Both roles have signed, each with a key of its own.
fn signed() -> Workplace {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]).says(3, "nobody has answered");
    approve(&workplace, "product", "Ada", "ada");
    approve(&workplace, "security", "Bob", "bob");
    check(&workplace, &[])
        .says(0, "GO")
        .says(0, "signed with SHA256:");
    workplace
}

fn signature_of(workplace: &Workplace, role: &str) -> std::path::PathBuf {
    let found = workplace.files("plan.evidence", &format!(".json.{role}.sig"));
    found.into_iter().next().expect("a signature")
}

#[test]
fn t13_an_approval_without_its_signature_counts_as_absent_until_it_is_signed() {
    let workplace = signed();
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    // The recorded GO rests on it.
    workplace
        .gate(&["start", "plan.yaml", "pilot"])
        .says(1, "product is unknown");
    check(&workplace, &[])
        .says(
            3,
            "the plan requires a signature, and that does not count: there is no",
        )
        .says(
            3,
            "gate approve plan.yaml product --gate pilot/entry --sign <key>",
        );
    workplace.gate(&["status", "plan.yaml"]).says(
        0,
        "gate approve plan.yaml product --gate pilot/entry --sign <key>",
    );
    workplace.gate(&["start", "plan.yaml", "pilot"]).says(1, "");
    approve(&workplace, "product", "Ada", "ada");
    check(&workplace, &[]).says(0, "GO");
}

#[test]
fn t13_a_signature_by_somebody_who_may_not_counts_as_absent() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    approve(&workplace, "product", "Ada", "eve");
    approve(&workplace, "security", "Bob", "bob");
    check(&workplace, &[])
        .says(3, "does not count: ")
        .never_says("GO pilot/entry");
    // Of another role's signer.
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    approve(&workplace, "product", "Ada", "bob");
    check(&workplace, &[]).says(3, "does not count: ");
}

#[test]
fn t13_without_a_list_of_signers_no_signature_counts() {
    let plan = PLAN.replace("  allowed: signers\n", "");
    let workplace = with_keys(&plan);
    check(&workplace, &[]);
    approve(&workplace, "product", "Ada", "ada");
    approve(&workplace, "security", "Bob", "bob");
    check(&workplace, &[])
        .says(3, "nothing says whose keys count")
        .says(3, "--allowed-signers");
    check(&workplace, &["--allowed-signers", "signers"]).says(0, "GO");
    check(&workplace, &["--allowed-signers", "nowhere"]).says(3, "nowhere");
}

#[test]
fn t13_what_was_found_about_signatures_is_judged_again_alike() {
    let workplace = signed();
    let verify = ["verify", "plan.evidence", "--allowed-signers", "signers"];
    workplace.gate(&verify).says(0, "2 of 2 verified");
    // The verdict stands as it was judged; that its signature is gone is said beside it.
    fs::remove_file(signature_of(&workplace, "product")).expect("removed");
    workplace
        .gate(&verify)
        .says(1, "the approval as product has no")
        .says(1, "holds verdict GO recomputed");
}

#[test]
fn t12_one_key_for_two_roles_is_unmet_whoever_is_said_to_sign() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    approve(&workplace, "product", "Ada", "ada");
    approve(&workplace, "security", "Bob", "ada");
    check(&workplace, &[])
        .says(1, "with the key that signed as security too")
        .says(1, "with the key that signed as product too");
    let workplace = signed();
    let place = signature_of(&workplace, "security");
    fs::remove_file(&place).expect("removed");
    // Ada signed the record itself: the same bytes, the same key.
    let own = place.to_string_lossy().replace(".security.sig", ".sig");
    fs::copy(own, &place).expect("copied");
    workplace
        .gate(&["verify", "plan.evidence", "--allowed-signers", "signers"])
        .says(
            1,
            "signed as product and as security, and the plan asks for distinct people",
        );
}

#[test]
fn t12_a_name_of_mixed_scripts_signs_nothing() {
    let workplace = with_keys(PLAN);
    check(&workplace, &[]);
    workplace
        .gate(&[
            "approve",
            "plan.yaml",
            "product",
            "--by",
            "Аda",
            "--sign",
            "ada",
        ])
        .says(2, "mixes letters of several scripts");
    assert!(workplace.files("plan.evidence", ".product.sig").is_empty());
    workplace.write("plan.yaml", PLAN.replace("ada@", "аda@"));
    workplace
        .gate(&["validate", "plan.yaml"])
        .says(2, "mixes letters of several scripts")
        .says(2, "plan.yaml:5:");
}
