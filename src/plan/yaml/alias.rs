//! Copies of anchored values in place of their aliases, and maps that are merged into others.
//!
//! Messages place a copied value at its alias. Must not expand without end: each copy is counted.

use std::collections::BTreeMap;

use super::super::problem::{Problem, ProblemCode, Span};
use super::{Content, KeyValue, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node, too_deep};

/// An alias that brings something.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Alias {
    /// Where it stands.
    pub(in crate::plan) span: Span,
    /// Where its anchor stands.
    pub(in crate::plan) anchor: Span,
}

/// Values that have an anchor, and how much of them was copied.
#[derive(Default)]
pub(super) struct Anchors {
    named: BTreeMap<usize, Node>,
    /// The name of each anchor, and where it stands.
    places: BTreeMap<usize, (String, Span)>,
    bytes: usize,
    pub(super) aliases: Vec<Alias>,
}

impl Anchors {
    /// Keeps where an anchor stands.
    pub(super) fn place(&mut self, id: usize, name: &str, span: Span) {
        self.places.insert(id, (name.to_owned(), span));
    }

    /// What an anchor is called.
    pub(super) fn name(&self, id: usize) -> &str {
        self.places.get(&id).map_or("", |(name, _)| name)
    }

    /// Keeps what an anchor names, now that it is whole. `nodes` counts all values.
    pub(super) fn keep(
        &mut self,
        id: usize,
        node: &Node,
        nodes: &mut usize,
    ) -> Result<(), Problem> {
        let copy = self.copied(node, None, &node.span, 0, nodes)?;
        self.named.insert(id, copy);
        Ok(())
    }

    /// What an alias brings, `depth` lists and maps deep.
    pub(super) fn bring(
        &mut self,
        id: usize,
        span: &Span,
        depth: usize,
        nodes: &mut usize,
    ) -> Result<Option<Node>, Problem> {
        // Not yet whole: the alias is inside the value it names.
        let Some(named) = self.named.remove(&id) else {
            return Ok(None);
        };
        let copy = self.copied(&named, Some(span), span, depth, nodes);
        let anchor = self.places.get(&id).map(|(_, span)| span);
        self.aliases.push(Alias {
            span: span.clone(),
            anchor: anchor.unwrap_or(&named.span).clone(),
        });
        self.named.insert(id, named);
        copy.map(Some)
    }

    /// A copy with ids of its own, everything in it at `to`, or where it was; `at` is the place for problems.
    fn copied(
        &mut self,
        node: &Node,
        to: Option<&Span>,
        at: &Span,
        depth: usize,
        nodes: &mut usize,
    ) -> Result<Node, Problem> {
        if depth >= MAX_DEPTH && !matches!(node.content, Content::Scalar(_)) {
            return Err(too_deep(at.clone()));
        }
        *nodes += 1;
        let id = *nodes;
        let content = match &node.content {
            Content::Scalar(text) => {
                self.bytes += text.len();
                Content::Scalar(text.clone())
            }
            Content::Sequence(items) => Content::Sequence(
                items
                    .iter()
                    .map(|item| self.copied(item, to, at, depth + 1, nodes))
                    .collect::<Result<_, _>>()?,
            ),
            Content::Mapping(entries) => {
                let mut copies = Vec::with_capacity(entries.len());
                for entry in entries {
                    self.bytes += entry.key.len();
                    copies.push(KeyValue {
                        key: entry.key.clone(),
                        key_span: to.unwrap_or(&entry.key_span).clone(),
                        value: self.copied(&entry.value, to, at, depth + 1, nodes)?,
                    });
                }
                Content::Mapping(copies)
            }
        };
        if *nodes > MAX_NODES || self.bytes > MAX_BYTES {
            let message = format!(
                "with its aliases expanded, the plan has more than {MAX_NODES} values or 10 MiB"
            );
            return Err(Problem::error(ProblemCode::TooLarge, at.clone(), message));
        }
        let span = to.unwrap_or(&node.span).clone();
        Ok(Node { id, span, content })
    }
}

/// An alias that brings nothing.
pub(super) fn brings_nothing(name: &str, span: Span, inside: bool) -> Problem {
    let (message, help) = if inside {
        (
            format!("`*{name}` occurs inside the value that it names"),
            "a value cannot contain itself",
        )
    } else {
        (
            format!("`*{name}` refers to nothing: there is no anchor `&{name}` above it"),
            "set the anchor where the value is written first, such as `&name value`",
        )
    };
    Problem::error(ProblemCode::BadAlias, span, message).help(help)
}

/// What follows `<<:`, put among the other keys of its map. Keys of the map itself count before those that are merged, and
/// of several maps the first one counts.
pub(super) fn merge(
    entries: &mut Vec<KeyValue>,
    position: usize,
    node: Node,
) -> Result<(), Problem> {
    let maps = match node.content {
        Content::Mapping(_) => vec![node],
        Content::Sequence(items) => items,
        Content::Scalar(_) => return Err(no_map(node.span)),
    };
    let mut merged: Vec<KeyValue> = Vec::new();
    for map in maps {
        let Content::Mapping(more) = map.content else {
            return Err(no_map(map.span));
        };
        for entry in more {
            let is_known = |known: &KeyValue| known.key == entry.key;
            if !entries.iter().chain(&merged).any(is_known) {
                merged.push(entry);
            }
        }
    }
    entries.splice(position..position, merged);
    Ok(())
}

fn no_map(span: Span) -> Problem {
    let message = "`<<` takes a map, or a list of maps";
    Problem::error(ProblemCode::BadAlias, span, message)
        .help("such as `<<: *base` or `<<: [*base, *more]`, where `&base` names a map")
}

/// Problems of what an alias brings name the anchor's line; those that are told at the anchor, too, are left out.
pub(in crate::plan) fn through(text: &str, aliases: &[Alias], problems: &mut Vec<Problem>) {
    let alias_of = |problem: &Problem| {
        let span = problem.span.as_ref()?;
        let inside = |alias: &&Alias| alias.span.start <= span.start && span.end <= alias.span.end;
        aliases.iter().find(inside)
    };
    let told: Vec<(ProblemCode, String)> = problems
        .iter()
        .filter(|problem| alias_of(problem).is_none())
        .map(|problem| (problem.code, problem.message.clone()))
        .collect();
    problems.retain(|problem| {
        let known = || {
            told.iter()
                .any(|(code, message)| *code == problem.code && *message == problem.message)
        };
        alias_of(problem).is_none() || problem.code == ProblemCode::BadAlias || !known()
    });
    for problem in problems {
        if let Some(alias) = alias_of(problem) {
            let before = text.get(..alias.anchor.start).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            let name = text.get(alias.span.clone()).unwrap_or_default();
            problem
                .message
                .push_str(&format!(" (`{name}` is anchored on line {line})"));
        }
    }
}
