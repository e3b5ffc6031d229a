//! Tree → document, through `serde_yaml`, with all errors of shape at once: each is noted, the node that
//! caused it is dropped, and decoding starts over. Must not know any key of the plan format.

use serde::Deserialize;
use serde::de::value::{self, MapDeserializer};
use serde_path_to_error::Segment;
use serde_yaml::Value;
use serde_yaml::value::{Tag, TaggedValue};

use super::document::Document;
use super::parts::http_config::written::HttpConfig;
use super::problem::{Problem, ProblemCode, Span, did_you_mean};
use super::spanned::{tag, untag};
use super::yaml::{Content, Node};

/// Errors of shape that are listed before decoding gives up.
const MAX_PROBLEMS: usize = 25;

/// The document without the parts that the problems are about.
pub(super) fn document(mut root: Node, problems: &mut Vec<Problem>) -> Option<Document> {
    for _ in 0..MAX_PROBLEMS {
        let value = to_value(&root);
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(document) => return Some(document),
            Err(error) => error,
        };
        let (problem, culprit) = explain(&root, &error);
        problems.push(problem);
        if !culprit.is_some_and(|id| remove(&mut root, id)) {
            return None;
        }
    }
    let message = format!("more than {MAX_PROBLEMS} errors of form: the others are not listed");
    problems.push(Problem::error(ProblemCode::TooManyProblems, 0..0, message));
    None
}

/// The node with its id and span as a tag, and likewise all nodes below it.
fn to_value(node: &Node) -> Value {
    let value = match &node.content {
        Content::Scalar(text) => Value::String(text.clone()),
        Content::Sequence(items) => Value::Sequence(items.iter().map(to_value).collect()),
        Content::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .map(|entry| {
                    let key = Value::String(entry.key.clone());
                    (
                        tagged(node.id, &entry.key_span, key),
                        to_value(&entry.value),
                    )
                })
                .collect(),
        ),
    };
    tagged(node.id, &node.span, value)
}

fn tagged(id: usize, span: &Span, value: Value) -> Value {
    Value::Tagged(Box::new(TaggedValue {
        tag: Tag::new(tag(id, span)),
        value,
    }))
}

/// What went wrong, and the id of the node to leave out.
fn explain(
    root: &Node,
    error: &serde_path_to_error::Error<serde_yaml::Error>,
) -> (Problem, Option<usize>) {
    let message = error.inner().to_string();
    let unknown = message
        .split_once("unknown field `")
        .and_then(|(_, rest)| rest.split_once('`'));
    let mut path: Vec<&Segment> = error.path().iter().collect();
    if let Some((key, known)) = unknown {
        // The path ends at the key itself, and the map around it knows the place.
        path.pop_if(|last| matches!(last, Segment::Map { key: at } if at == key));
        return unknown_key(locate(root, &path), key, known);
    }
    let node = locate(root, &path);
    let expected = message
        .split_once(", expected ")
        .map_or("something else", |(_, expected)| expected);
    let problem = Problem::error(
        ProblemCode::WrongShape,
        node.span.clone(),
        format!("expected {}, found {}", shape(expected), found(node)),
    );
    (problem, Some(node.id))
}

fn unknown_key(node: &Node, key: &str, rest: &str) -> (Problem, Option<usize>) {
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let entry = match &node.content {
        Content::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
        Content::Scalar(_) | Content::Sequence(_) => None,
    };
    let span = entry.map_or(node.span.clone(), |entry| entry.key_span.clone());
    let list = || format!("known here: {}", known.join(", "));
    let help = did_you_mean(key, known.iter().copied())
        .or_else(|| belongs_in(key, &known))
        .unwrap_or_else(list);
    let problem = Problem::error(
        ProblemCode::UnknownKey,
        span,
        format!("unknown key `{key}`"),
    );
    (problem.help(help), entry.map(|entry| entry.value.id))
}

/// Where a key belongs that is known one map further down.
fn belongs_in(key: &str, known: &[&str]) -> Option<String> {
    let there = known.contains(&"http_config") && has_key::<HttpConfig>(key);
    there.then(|| format!("`{key}` belongs in `http_config`"))
}

/// Whether a map of the format has a key: whatever stands there, serde does not call it unknown.
fn has_key<'de, T: Deserialize<'de>>(key: &str) -> bool {
    let map = MapDeserializer::<_, value::Error>::new(std::iter::once((key, ())));
    T::deserialize(map).map_or_else(
        |error| !error.to_string().starts_with("unknown field"),
        |_| true,
    )
}

/// What serde expected, in YAML's words.
fn shape(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list",
        expected => expected,
    }
}

fn found(node: &Node) -> &'static str {
    match node.content {
        Content::Scalar(_) => "a string",
        Content::Sequence(_) => "a list",
        Content::Mapping(_) => "a map",
    }
}

/// The node of a path: the last tag on it says where to start, the keys and positions after it how to go on.
fn locate<'a>(root: &'a Node, path: &[&Segment]) -> &'a Node {
    let mut node = root;
    for segment in path {
        let next = match segment {
            Segment::Enum { variant } => untag(variant).and_then(|(id, _)| find(root, id)),
            Segment::Seq { index } => match &node.content {
                Content::Sequence(items) => items.get(*index),
                Content::Scalar(_) | Content::Mapping(_) => None,
            },
            Segment::Map { key } => match &node.content {
                Content::Mapping(entries) => entries
                    .iter()
                    .find(|entry| entry.key == *key)
                    .map(|entry| &entry.value),
                Content::Scalar(_) | Content::Sequence(_) => None,
            },
            Segment::Unknown => None,
        };
        node = next.unwrap_or(node);
    }
    node
}

/// Depth is bounded by the reader, so recursion is.
fn find(node: &Node, id: usize) -> Option<&Node> {
    if node.id == id {
        return Some(node);
    }
    match &node.content {
        Content::Scalar(_) => None,
        Content::Sequence(items) => items.iter().find_map(|item| find(item, id)),
        Content::Mapping(entries) => entries.iter().find_map(|entry| find(&entry.value, id)),
    }
}

/// Drops a node with its key, and its copies (a default is in each stage); `false` if it is the root or not there.
fn remove(node: &mut Node, id: usize) -> bool {
    let mut removed = false;
    match &mut node.content {
        Content::Scalar(_) => {}
        Content::Sequence(items) => {
            let before = items.len();
            items.retain(|item| item.id != id);
            removed = items.len() < before;
            for item in items {
                removed |= remove(item, id);
            }
        }
        Content::Mapping(entries) => {
            let before = entries.len();
            entries.retain(|entry| entry.value.id != id);
            removed = entries.len() < before;
            for entry in entries {
                removed |= remove(&mut entry.value, id);
            }
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn problems(text: &str) -> Vec<(String, String)> {
        let root = yaml::read(text).root.expect("a tree");
        let mut problems = Vec::new();
        document(root, &mut problems);
        problems
            .into_iter()
            .map(|problem| {
                let place = problem.span.and_then(|span| text.get(span));
                (problem.message, place.unwrap_or_default().to_owned())
            })
            .collect()
    }

    #[test]
    fn every_mistake_of_shape_is_found_where_it_stands() {
        let text = "release: [x]\nkpis:\n  a: { qurey: x }\n  b: { query: { x: y } }\nstages:\n  - naem: x\n    window: [1]\n  - foo\n";
        let expected = [
            ("expected a string or a map, found a list", "[x]"),
            ("unknown key `qurey`", "qurey"),
            ("expected a string, found a map", "{ x: y }"),
            ("unknown key `naem`", "naem"),
            ("expected a string, found a list", "[1]"),
            ("expected a map, found a string", "foo"),
        ];
        let found = problems(text);
        let found: Vec<_> = found
            .iter()
            .map(|(m, p)| (m.as_str(), p.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}
