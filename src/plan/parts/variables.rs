//! Variables of the plan and of a stage's cohort, overrides applied. Must not fill any query in.

use std::collections::BTreeSet;

use super::super::Variable;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{OneOrMany, Pairs, Text};
use super::super::template::{Filling, is_name};
use super::super::words;
use super::checker::Checker;

/// A variable, and whether it was written as a list.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Definition {
    pub(in crate::plan) name: String,
    pub(in crate::plan) values: Vec<String>,
    is_list: bool,
}

impl Definition {
    pub(in crate::plan) fn filling(&self) -> Filling {
        match self.values.as_slice() {
            [only] if !self.is_list => Filling::Scalar(only.clone()),
            values => Filling::List(values.to_vec()),
        }
    }

    pub(in crate::plan) fn variable(&self) -> Variable {
        Variable {
            name: self.name.clone(),
            values: self.values.clone(),
        }
    }
}

/// Names that the plan must not define.
pub(in crate::plan) const RESERVED: [&str; 2] = ["window", "step"];

/// Reads a map of variables as written.
pub(in crate::plan) fn written(
    checker: &mut Checker<'_>,
    pairs: Option<&Pairs<OneOrMany>>,
) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for (name, values) in pairs.map_or(&[][..], |pairs| pairs.0.as_slice()) {
        if !named(checker, name) {
            continue;
        }
        let texts = values.texts();
        for (index, text) in texts.iter().enumerate() {
            let first = texts
                .iter()
                .take(index)
                .find(|other| other.value == text.value);
            if let Some(first) = first {
                checker.duplicate(text, &first.span.clone(), "the value");
            }
        }
        definitions.push(Definition {
            name: name.value.clone(),
            values: texts.into_iter().map(|text| text.value).collect(),
            is_list: matches!(values.value, OneOrMany::Many(_)),
        });
    }
    definitions
}

fn named(checker: &mut Checker<'_>, name: &Text) -> bool {
    if RESERVED.contains(&name.value.as_str()) {
        let message = format!("`${}` is always defined and cannot be set", name.value);
        checker.report(
            Problem::error(ProblemCode::ReservedVariable, name.span.clone(), message)
                .help("choose another name"),
        );
        return false;
    }
    if !is_name(&name.value) {
        let message = format!("`{}` cannot be the name of a variable", name.value);
        checker.report(
            Problem::error(ProblemCode::BadName, name.span.clone(), message)
                .help("use letters, digits and `_`, with no digit first"),
        );
        return false;
    }
    true
}

/// The same variables with `--var` applied; those that the plan does not define are added if `add` says so.
pub(in crate::plan) fn overridden(
    checker: &mut Checker<'_>,
    mut written: Vec<Definition>,
    add: bool,
) -> Vec<Definition> {
    for (name, _) in checker.options.overrides {
        let values: Vec<String> = checker
            .options
            .overrides
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value.clone())
            .collect();
        let several = values.len() > 1;
        match written
            .iter_mut()
            .find(|definition| definition.name == *name)
        {
            Some(definition) => {
                let is_other = !is_same(&definition.values, &values);
                *checker.changed.entry(name.clone()).or_default() |= is_other;
                definition.is_list |= several;
                definition.values = values;
            }
            None if add => written.push(Definition {
                name: name.clone(),
                values,
                is_list: several,
            }),
            None => {}
        }
    }
    written
}

/// Whether two lists hold the same values, in whatever order.
fn is_same(some: &[String], others: &[String]) -> bool {
    let set = |values: &[String]| values.iter().cloned().collect::<BTreeSet<String>>();
    set(some) == set(others)
}

/// The `--var` that change something, each once: with what the plan says anyway it is the same question (T7).
pub(in crate::plan) fn changing(checker: &Checker<'_>) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for one in checker.options.overrides {
        let is_as_written = checker.changed.get(&one.0) == Some(&false);
        if !is_as_written && !kept.contains(one) {
            kept.push(one.clone());
        }
    }
    kept
}

/// The variables that a stage's queries see.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Scope {
    /// The cohort's first, then the plan's.
    pub(in crate::plan) definitions: Vec<Definition>,
}

impl Scope {
    pub(in crate::plan) fn find(&self, name: &str) -> Option<&Definition> {
        self.definitions
            .iter()
            .find(|definition| definition.name == name)
    }

    /// The same, overridden by other variables.
    pub(in crate::plan) fn under(&self, over: &[Definition]) -> Self {
        let definitions = over.iter().chain(&self.definitions).cloned().collect();
        Self { definitions }
    }
}

/// `--var` with names that nothing uses, or that cannot be set.
pub(in crate::plan) fn unused_overrides(checker: &mut Checker<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in checker.options.overrides {
        if seen.contains(&name.as_str()) {
            continue;
        }
        seen.push(name);
        let values = checker.options.overrides.iter();
        let mut same = values.filter(|(other, _)| other == name);
        if let Some(problem) = same.find_map(|(name, value)| words::of_override(name, value)) {
            checker.report(problem);
            continue;
        }
        if RESERVED.contains(&name.as_str()) {
            let message = format!("`--var {name}=…` sets `${name}`, which is always defined");
            checker.report(Problem::of_command_line(
                ProblemCode::ReservedVariable,
                message,
            ));
        } else if !checker.used_overrides.contains(name) {
            let message = format!("`--var {name}=…` sets a variable that nothing in the plan uses");
            checker.report(
                Problem::of_command_line(ProblemCode::UnusedOverride, message)
                    .help("check the name against the `$names` in the plan's queries"),
            );
        }
    }
}
