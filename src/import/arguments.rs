//! `{{args.NAME}}` and its like: placeholders of other tools, filled in or made variables of the plan. Must not know what they are for.

use std::collections::{BTreeMap, BTreeSet};

/// Variables that a plan always has.
const TAKEN: [&str; 2] = ["window", "step"];

/// What placeholders stand for, by what stands between the braces.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    pub values: BTreeMap<String, String>,
}

/// A piece of a text with placeholders.
enum Piece<'t> {
    Text(&'t str),
    /// What stands between the braces, without blanks.
    Placeholder(&'t str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        pieces.push(Piece::Text(before));
        let Some((inside, after)) = after.split_once("}}") else {
            pieces.push(Piece::Text("{{"));
            rest = after;
            continue;
        };
        pieces.push(Piece::Placeholder(inside.trim()));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

impl Arguments {
    /// A query of a plan: what has a value is filled in as the other tool does, as plain text; what has none becomes a variable.
    pub fn query(&self, text: &str, needed: &mut BTreeSet<String>) -> String {
        let mut query = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => query.push_str(&plain(text)),
                Piece::Placeholder(name) => {
                    if let Some(value) = self.values.get(name) {
                        query.push_str(&plain(value));
                    } else {
                        let variable = variable(name);
                        query.push_str(&format!("${{{variable}}}"));
                        needed.insert(variable);
                    }
                }
            }
        }
        query
    }

    /// A text in which every placeholder has to have a value.
    ///
    /// # Errors
    /// The placeholder that has none.
    pub fn known(&self, text: &str) -> Result<String, String> {
        let filled = pieces(text).into_iter().map(|piece| match piece {
            Piece::Text(text) => Ok(text.to_owned()),
            Piece::Placeholder(name) => self
                .values
                .get(name)
                .cloned()
                .ok_or_else(|| name.to_owned()),
        });
        filled.collect()
    }
}

/// The variable of a plan that stands for a placeholder.
pub(super) fn variable(name: &str) -> String {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name: String = bare
        .chars()
        .map(|c| if is_part(c) { c } else { '_' })
        .collect();
    let starts_wrong = name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty();
    if starts_wrong || TAKEN.contains(&name.as_str()) {
        return format!("arg_{name}");
    }
    name
}

/// A text in which nothing is a variable of a plan.
pub(super) fn plain(text: &str) -> String {
    let mut whole = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        whole.push(letter);
        let begins = |next: &char| next.is_ascii_alphabetic() || matches!(next, '_' | '{' | '$');
        if letter == '$' && letters.peek().is_some_and(begins) {
            whole.push('$');
        }
    }
    whole
}
