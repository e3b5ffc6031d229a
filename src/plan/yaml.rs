//! Text → a tree of nodes with byte spans, or the reasons why the text cannot be a plan.
//!
//! Takes a subset of YAML: one document, string keys, no tags.
//! Must not know any key of the plan format, nor recurse while it reads.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

mod alias;
mod refused;

use self::alias::{Anchors, brings_nothing, merge};
use super::problem::{Problem, ProblemCode, Span};
pub(super) use alias::{Alias, through};
use refused::{empty_list, not_utf8, syntax_error, too_deep, too_many};

/// A plan of 500 KPIs has about 100 KiB.
const MAX_BYTES: usize = 10 << 20;
/// The deepest key of the format is at 12.
const MAX_DEPTH: usize = 64;
/// A plan of 500 KPIs has about 10 000.
const MAX_NODES: usize = 200_000;
/// Errors that are listed before reading gives up.
const MAX_PROBLEMS: usize = 50;
const BOM: char = '\u{feff}';
/// Maps that may be empty, since everything in them has a default.
const MAY_BE_EMPTY: [&str; 9] = [
    "http_config",
    "tls_config",
    "endpoint_params",
    "sigv4",
    "google_iam",
    "azuread",
    "workload_identity",
    "managed_identity",
    "sdk",
];

/// A value of the file.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its position in the order of reading.
    pub(super) id: usize,
    pub(super) span: Span,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// As written, escapes resolved: `1.10` stays `1.10`.
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<KeyValue>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

/// The result of reading: a tree if there is one, without the parts that the problems are about.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Option<Node>,
    pub(super) problems: Vec<Problem>,
    /// The aliases that bring something.
    pub(super) aliases: Vec<Alias>,
}

impl Tree {
    fn refused(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }
}

/// Checks size and encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the plan has {} bytes, more than 10 MiB", bytes.len());
        return Err(Problem::placeless(ProblemCode::TooLarge, message));
    }
    std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))
}

/// Reads the tree.
pub(super) fn read(text: &str) -> Tree {
    let body = text.strip_prefix(BOM).unwrap_or(text);
    let mut reader = Reader::new(text.len() - body.len());
    let options =
        granit_parser::options! { emit_unresolved_aliases: true, emit_anchor_events: true };
    for event in Parser::new_from_str_with_options(body, options) {
        let step = match event {
            Ok((event, span)) => reader.take(event, span.byte_range().unwrap_or(0..0)),
            Err(error) => Err(reader.broken(body, &error)),
        };
        if let Err(problem) = step {
            // What stands before a second document can still be told apart.
            let is_whole = problem.code == ProblemCode::SeveralDocuments;
            reader.problems.push(problem);
            return Tree {
                root: reader.root.filter(|_| is_whole),
                problems: reader.problems,
                aliases: reader.anchors.aliases,
            };
        }
    }
    if reader.root.is_none() && reader.problems.is_empty() {
        let message = "the plan is empty: it does not say what is released";
        return Tree::refused(Problem::error(ProblemCode::EmptyPlan, 0..0, message).help(
            "a plan needs at least `release`, `stages` and, if they ask about KPIs, `kpis` and `source`",
        ));
    }
    Tree {
        root: reader.root,
        problems: reader.problems,
        aliases: reader.anchors.aliases,
    }
}

/// The nearest start of a character at or before an offset.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A list or map that is being read.
struct Frame {
    start: usize,
    id: usize,
    anchor: Option<usize>,
    kind: FrameKind,
}

enum FrameKind {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<KeyValue>,
        /// Where each key first occurred.
        seen: BTreeMap<String, Span>,
        /// The key whose value comes next.
        key: Option<PendingKey>,
        /// What is merged into it, and before which entry.
        merged: Option<(usize, Node)>,
    },
}

/// A key whose value comes next.
enum PendingKey {
    Key(String, Span),
    /// `<<`: the value is merged.
    Merge,
    /// The value is dropped.
    Refused,
}

struct Reader {
    base: usize,
    frames: Vec<Frame>,
    root: Option<Node>,
    problems: Vec<Problem>,
    nodes: usize,
    documents: usize,
    anchors: Anchors,
    /// How many lists and maps are open inside a key that is being skipped.
    skipping: usize,
}

impl Reader {
    fn new(base: usize) -> Self {
        Self {
            base,
            frames: Vec::new(),
            root: None,
            problems: Vec::new(),
            nodes: 0,
            documents: 0,
            anchors: Anchors::default(),
            skipping: 0,
        }
    }

    /// Takes one event; an error ends the reading.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let span = span.start + self.base..span.end + self.base;
        if self.problems.len() >= MAX_PROBLEMS {
            return Err(too_many(span));
        }
        if event.is_node() {
            self.count(&span)?;
            self.refuse_tag(&event, &span);
        }
        if self.skipping > 0 {
            self.skip(&event);
            return Ok(());
        }
        let anchor = event.anchor_id();
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Anchor(id, name) => {
                self.anchors.place(id, &name, span);
                Ok(())
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, span, anchor),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.problems.push(brings_nothing(&name, span, false));
                self.drop_node();
                Ok(())
            }
            Event::SequenceStart(..) => self.open(span, anchor, FrameKind::Sequence(Vec::new())),
            Event::MappingStart(..) => self.open(span, anchor, mapping()),
            Event::SequenceEnd | Event::MappingEnd => self.close(span.end),
            _ => Ok(()),
        }
    }

    fn broken(&self, body: &str, error: &ScanError) -> Problem {
        let at = error.marker().byte_offset().unwrap_or(0);
        let at = floor_boundary(body, at);
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            return too_deep(at + self.base..at + self.base);
        }
        syntax_error(body, at, &error.info(), self.base)
    }

    fn count(&mut self, span: &Span) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the plan has more than {MAX_NODES} values");
            return Err(Problem::error(ProblemCode::TooLarge, span.clone(), message));
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), Problem> {
        self.documents += 1;
        if self.documents < 2 {
            return Ok(());
        }
        let message = "a second YAML document begins here";
        Err(Problem::error(ProblemCode::SeveralDocuments, span, message)
            .help("one file holds one plan: put the second one into its own file"))
    }

    fn refuse_tag(&mut self, event: &Event<'_>, span: &Span) {
        if let Some(tag) = event.tag() {
            let message = format!(
                "the tag `{}` is not part of the plan format",
                tag.original()
            );
            self.problems.push(
                Problem::error(ProblemCode::Tag, span.clone(), message)
                    .help("leave the tag out: the format knows what each value is"),
            );
        }
    }

    fn skip(&mut self, event: &Event<'_>) {
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => self.skipping += 1,
            Event::SequenceEnd | Event::MappingEnd => self.skipping -= 1,
            _ => {}
        }
        if self.skipping == 0 {
            self.drop_node();
        }
    }

    fn open(&mut self, span: Span, anchor: Option<usize>, kind: FrameKind) -> Result<(), Problem> {
        if self.awaits_key() {
            self.problems.push(no_key(span));
            self.skipping = 1;
            return Ok(());
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.frames.push(Frame {
            start: span.start,
            id: self.nodes,
            anchor,
            kind,
        });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        let kind = self.frames.last().map(|frame| &frame.kind);
        matches!(kind, Some(FrameKind::Mapping { key: None, .. }))
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        span: Span,
        anchor: Option<usize>,
    ) -> Result<(), Problem> {
        let null = matches!(text, "" | "~" | "null" | "Null" | "NULL");
        let is_key = self.awaits_key();
        if null && style == ScalarStyle::Plain && !is_key {
            self.problems.push(self.no_value(span));
            self.drop_node();
            return Ok(());
        }
        let node = Node {
            id: self.nodes,
            span,
            content: Content::Scalar(text.to_owned()),
        };
        if let Some(id) = anchor {
            self.anchors.keep(id, &node, &mut self.nodes)?;
        }
        if is_key {
            self.key(text, text == "<<" && style == ScalarStyle::Plain, node.span);
        } else {
            self.place(node);
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Problem> {
        let depth = self.frames.len();
        let Some(node) = self.anchors.bring(id, &span, depth, &mut self.nodes)? else {
            let open = self.frames.iter().any(|frame| frame.anchor == Some(id));
            if open {
                let name = self.anchors.name(id);
                self.problems.push(brings_nothing(name, span, true));
            }
            // Otherwise the anchored value was itself refused.
            self.drop_node();
            return Ok(());
        };
        match (&node.content, self.awaits_key()) {
            (Content::Scalar(text), true) => self.key(&text.clone(), false, span),
            (Content::Sequence(_) | Content::Mapping(_), true) => {
                self.problems.push(no_key(span));
                self.drop_node();
            }
            (_, false) => self.place(node),
        }
        Ok(())
    }

    /// A null: a key without a value means that something is missing.
    fn no_value(&self, span: Span) -> Problem {
        let help = "write a value, or leave the entry out";
        match self.frames.last().map(|frame| &frame.kind) {
            Some(FrameKind::Mapping {
                key: Some(PendingKey::Key(key, key_span)),
                ..
            }) => {
                let message = format!("`{key}` has no value");
                // Keys of the format have no blanks: this one is the rest of a text that a comma has cut.
                let help = if key.contains(' ') {
                    "inside `{…}`, a string with a comma must be quoted"
                } else {
                    help
                };
                Problem::error(ProblemCode::EmptyValue, key_span.clone(), message).help(help)
            }
            None => Problem::error(ProblemCode::EmptyPlan, span, "the plan is empty"),
            Some(FrameKind::Sequence(_) | FrameKind::Mapping { .. }) => {
                Problem::error(ProblemCode::EmptyValue, span, "an entry without a value").help(help)
            }
        }
    }

    fn key(&mut self, text: &str, merges: bool, span: Span) {
        let Some(FrameKind::Mapping { seen, key, .. }) =
            self.frames.last_mut().map(|frame| &mut frame.kind)
        else {
            return;
        };
        if let Some(first) = seen.get(text) {
            let message = format!("the key `{text}` occurs twice");
            self.problems.push(
                Problem::error(ProblemCode::DuplicateKey, span, message)
                    .related(first.clone(), "first here")
                    .help("keep one of them"),
            );
            *key = Some(PendingKey::Refused);
            return;
        }
        seen.insert(text.to_owned(), span.clone());
        *key = Some(if merges {
            PendingKey::Merge
        } else {
            PendingKey::Key(text.to_owned(), span)
        });
    }

    fn close(&mut self, end: usize) -> Result<(), Problem> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let (content, empty) = match frame.kind {
            FrameKind::Sequence(items) => {
                let empty = items.is_empty();
                (Content::Sequence(items), empty)
            }
            FrameKind::Mapping {
                mut entries,
                seen,
                merged,
                ..
            } => {
                if let Some((position, node)) = merged {
                    self.problems
                        .extend(merge(&mut entries, position, node).err());
                }
                (Content::Mapping(entries), seen.is_empty())
            }
        };
        let span = frame.start..end.max(frame.start);
        if empty
            && !self.may_be_empty()
            && self.problems.iter().all(|problem| !inside(problem, &span))
        {
            self.problems.push(empty_list(span.clone(), &content));
        }
        let node = Node {
            id: frame.id,
            span,
            content,
        };
        if let Some(id) = frame.anchor {
            self.anchors.keep(id, &node, &mut self.nodes)?;
        }
        self.place(node);
        Ok(())
    }

    fn may_be_empty(&self) -> bool {
        let Some(FrameKind::Mapping {
            key: Some(PendingKey::Key(key, _)),
            ..
        }) = self.frames.last().map(|frame| &frame.kind)
        else {
            return false;
        };
        MAY_BE_EMPTY.contains(&key.as_str())
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) {
        match self.frames.last_mut().map(|frame| &mut frame.kind) {
            None => self.root = Some(node),
            Some(FrameKind::Sequence(items)) => items.push(node),
            Some(FrameKind::Mapping {
                entries,
                key,
                merged,
                ..
            }) => match key.take() {
                Some(PendingKey::Key(key, key_span)) => entries.push(KeyValue {
                    key,
                    key_span,
                    value: node,
                }),
                Some(PendingKey::Merge) => *merged = Some((entries.len(), node)),
                Some(PendingKey::Refused) | None => {}
            },
        }
    }

    /// Drops a node: a value with its key, a key with its value.
    fn drop_node(&mut self) {
        if let Some(FrameKind::Mapping { key, .. }) =
            self.frames.last_mut().map(|frame| &mut frame.kind)
        {
            *key = match key.take() {
                Some(_) => None,
                None => Some(PendingKey::Refused),
            };
        }
    }
}

fn no_key(span: Span) -> Problem {
    Problem::error(ProblemCode::KeyForm, span, "a key must be a string")
}

fn mapping() -> FrameKind {
    FrameKind::Mapping {
        entries: Vec::new(),
        seen: BTreeMap::new(),
        key: None,
        merged: None,
    }
}

fn inside(problem: &Problem, span: &Span) -> bool {
    let at = problem
        .span
        .as_ref()
        .map_or(usize::MAX, |found| found.start);
    span.contains(&at)
}

#[cfg(test)]
mod tests;
