//! `docs/documents.md`: each key that it names for a line of a document is in that document's plan (L21).

use std::fs;

use serde_yaml::Value;

use crate::support::scenario::{plans, repository};

/// What a section says is asked, and the plan that it speaks of.
struct Section<'t> {
    plan: &'t str,
    /// The third column of each row.
    asked: Vec<&'t str>,
}

fn sections<'t>(text: &'t str) -> Vec<Section<'t>> {
    let read = |part: &'t str| {
        let link = part.split("(../rollout-plans/").nth(1);
        let plan = link.and_then(|rest| rest.split(')').next());
        let rows = part.lines().filter(|line| line.starts_with("| "));
        let columns = rows.map(|row| row.split(" | ").nth(2).expect("a third column"));
        Section {
            plan: plan.expect("its plan"),
            asked: columns.skip(2).collect(),
        }
    };
    text.split("\n## ").skip(1).map(read).collect()
}

/// Whether the dotted path leads somewhere: by key in a map, by any of its values in a list.
fn leads(node: &Value, path: &[&str]) -> bool {
    if path.is_empty() {
        return true;
    }
    (1..=path.len()).any(|length| {
        let (name, rest) = (path[..length].join("."), &path[length..]);
        match node {
            Value::Mapping(map) => map.get(&name).is_some_and(|inner| leads(inner, rest)),
            Value::Sequence(items) => items.iter().any(|item| match item {
                Value::Mapping(map) => {
                    map.values().any(|value| value.as_str() == Some(&name)) && leads(item, rest)
                }
                other => rest.is_empty() && other.as_str() == Some(&name),
            }),
            _ => false,
        }
    })
}

#[test]
fn l21_what_the_plans_ask_for_their_documents_is_in_the_plans() {
    let text = fs::read_to_string(repository().join("docs/documents.md")).expect("the page");
    let sections = sections(&text);
    assert_eq!(sections.len(), plans().len(), "a section for each plan");
    let mut missing = Vec::new();
    for section in &sections {
        assert!(section.asked.len() > 25, "{}", section.plan);
        let path = repository().join("rollout-plans").join(section.plan);
        let plan = fs::read_to_string(path).expect("the plan");
        let mut plan: Value = serde_yaml::from_str(&plan).expect("YAML");
        plan.apply_merge().expect("merge keys");
        for asked in &section.asked {
            let keys = asked.split('`').skip(1).step_by(2);
            let keys: Vec<&str> = keys.filter(|key| !key.starts_with("gate ")).collect();
            assert!(!keys.is_empty() || asked.starts_with('–'), "{asked}");
            let lost = keys.into_iter().filter(|key| {
                let path: Vec<&str> = key.split('.').collect();
                !leads(&plan, &path)
            });
            missing.extend(lost.map(|key| format!("{}: {key}", section.plan)));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
