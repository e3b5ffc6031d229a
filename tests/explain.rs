//! `gate explain`: every code from the command line, and how errors lead to it.

use crate::support::program::Workplace;

#[test]
fn f7_a_code_is_explained_however_it_is_typed() {
    let workplace = Workplace::new();
    for word in ["low-coverage", "`Low-Coverage`", "LOW_COVERAGE"] {
        let said = workplace.gate(&["explain", word]);
        said.says(0, "Fewer points were measured than `coverage` asks for");
        said.says(0, "Example: the pod was restarted");
        said.says(0, "Cure: wait until the gap has left the window");
    }
    let said = workplace.gate(&["explain", "error[bad-range]", "HOLD"]);
    said.says(0, "query: 'sum(rate(errors_total[5 minutes]))'");
    said.says(0, "Nothing speaks against moving on");
}

#[test]
fn f7_an_unknown_code_names_the_nearest() {
    let said = Workplace::new().gate(&["explain", "unknown-kye"]);
    said.says(
        2,
        "unknown code `unknown-kye`: the nearest are `unknown-key`",
    );
    assert_eq!(said.out, "");
}

#[test]
fn f7_all_codes_are_listed_by_group() {
    let said = Workplace::new().gate(&["explain"]);
    said.says(0, "next: gate explain CODE shows an example and the cure");
    let lines: Vec<&str> = said.out.lines().collect();
    let groups = lines
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with(' '));
    assert!(groups.count() > 10, "{}", said.out);
    for code in gate::codes::all() {
        let begins = format!("  {} ", code.code);
        assert!(
            lines.iter().any(|line| line.starts_with(&begins)),
            "{begins}"
        );
    }
    assert!(
        lines.iter().all(|line| line.chars().count() <= 100),
        "{}",
        said.out
    );
}

#[test]
fn f7_errors_end_once_with_how_to_have_them_explained() {
    let workplace = Workplace::with_plan("release: x\nkpi: {}\n");
    workplace.write("other.yaml", "release: x\nkpi: {}\nstage: []\n");
    let both = workplace.gate(&["validate", "plan.yaml", "other.yaml"]);
    both.says(2, "explained by: gate explain unknown-key");
    assert_eq!(both.err.matches("gate explain").count(), 1, "{}", both.err);
    assert!(
        both.err
            .trim_end()
            .ends_with("gate explain unknown-key empty-list"),
        "{}",
        both.err
    );
    let check = workplace.gate(&["check", "plan.yaml", "other.yaml"]);
    assert_eq!(
        check.err.matches("gate explain").count(),
        1,
        "{}",
        check.err
    );
}
