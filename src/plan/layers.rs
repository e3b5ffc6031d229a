//! `defaults` below the lists of each stage, on the tree (L20): what a stage does not say itself comes from there, the stage's word
//! wins, and `none` drops. Whatever else a stage can say is taken whole, later. Must not read what a criterion asks.

use super::problem::{Problem, ProblemCode, Span, did_you_mean};
use super::yaml::{Content, KeyValue, Node};
use crate::kind::{CriterionKind, List};

/// What a stage says of a default that it does not want.
pub(super) const NONE: &str = "none";

/// More values than this are not copied from `defaults` into all stages together.
const MAX_COPIED: usize = 1_000_000;

/// How what a stage says under a key of a list joins what `defaults` says there.
#[derive(Clone, Copy)]
enum Joins {
    /// The map's entries, by their names.
    ByName,
    /// The list's entries: a text by itself, a map by the value of this key.
    ByEntry(&'static str),
    /// As `ByEntry` by the second key, if the list stands under the first key of a map, too.
    ByEntryOf(&'static str, &'static str),
    /// The stage's replaces it.
    Whole,
}

impl Joins {
    /// How a key of a list joins: lists of what is asked add up, since what is left out by mistake would not be asked.
    fn of(key: &str) -> Self {
        match CriterionKind::from_word(key) {
            Some(CriterionKind::Kpis) => Self::ByName,
            Some(CriterionKind::Checklists) => Self::ByEntry(""),
            Some(CriterionKind::Confirmations) => Self::ByEntry("id"),
            Some(CriterionKind::Approvals) => Self::ByEntryOf("roles", "role"),
            Some(CriterionKind::Artifacts) => Self::ByEntry("path"),
            Some(CriterionKind::Probes) => Self::ByEntry("url"),
            Some(
                CriterionKind::Deadline
                | CriterionKind::Checkpoints
                | CriterionKind::Incidents
                | CriterionKind::NoIncidents
                | CriterionKind::Alerts
                | CriterionKind::NoAlerts
                | CriterionKind::Outside
                | CriterionKind::After
                | CriterionKind::Start
                | CriterionKind::Window
                | CriterionKind::Rollback
                | CriterionKind::Ledger
                | CriterionKind::Paused
                | CriterionKind::Newer
                | CriterionKind::Plan,
            )
            | None => Self::Whole,
        }
    }
}

/// Puts the lists of `defaults` below those of each stage. A `none` for what has no default is a problem, and left out.
pub(super) fn join(root: &mut Node, problems: &mut Vec<Problem>) {
    let Content::Mapping(entries) = &mut root.content else {
        return;
    };
    let mut joined = Layers {
        problems,
        of_defaults: true,
        lengths: Vec::new(),
    };
    let mut defaults = Vec::new();
    let written = entries.iter_mut().find(|entry| entry.key == "defaults");
    if let Some(Content::Mapping(keys)) = written.map(|entry| &mut entry.value.content) {
        joined.stage(keys, &[]);
        let lists = keys.iter().filter(|entry| is_list(&entry.key));
        defaults = lists.cloned().collect();
        let lengths = keys.iter().map(|entry| entry.key.clone());
        joined.lengths = lengths.filter(|key| LENGTHS.contains(&&**key)).collect();
    }
    joined.of_defaults = false;
    let Some(stages) = entries.iter_mut().find(|entry| entry.key == "stages") else {
        return;
    };
    let Content::Sequence(stages) = &mut stages.value.content else {
        return;
    };
    let values: usize = defaults.iter().map(|entry| size(&entry.value)).sum();
    if values.saturating_mul(stages.len()) > MAX_COPIED {
        let span = defaults.first().map(|entry| entry.key_span.clone());
        let message = format!(
            "`defaults` brings more than {MAX_COPIED} values into the {} stages",
            stages.len()
        );
        let problem = Problem::error(ProblemCode::TooLarge, span.unwrap_or_default(), message);
        joined.problems.push(problem.help("split the plan"));
        return;
    }
    for stage in stages {
        if let Content::Mapping(keys) = &mut stage.content {
            joined.stage(keys, &defaults);
        }
    }
}

/// The lengths of time that a stage may drop.
const LENGTHS: [&str; 3] = ["window", "settle", "deadline"];

fn is_list(key: &str) -> bool {
    List::from_word(key).is_some()
}

/// Its values, itself included. Depth is bounded by the reader, so recursion is.
fn size(node: &Node) -> usize {
    let inner: usize = match &node.content {
        Content::Scalar(_) => 0,
        Content::Sequence(items) => items.iter().map(size).sum(),
        Content::Mapping(entries) => entries.iter().map(|entry| size(&entry.value)).sum(),
    };
    inner + 1
}

/// Joins what a stage says with what stands below, and notes what drops nothing.
struct Layers<'p> {
    problems: &'p mut Vec<Problem>,
    /// Whether it is `defaults` itself that is looked at.
    of_defaults: bool,
    /// The lengths of time that `defaults` has.
    lengths: Vec<String>,
}

impl Layers<'_> {
    /// The lists of a stage.
    fn stage(&mut self, keys: &mut Vec<KeyValue>, defaults: &[KeyValue]) {
        let (mut lists, others) = keys.drain(..).partition(|entry| is_list(&entry.key));
        *keys = others;
        keys.retain(|entry| !self.drops_no_length(entry));
        lists = self.by_name(lists, defaults, "", |layers, own, below| {
            let mut own = own;
            let place = own.key.clone();
            let below = below.map_or(&[][..], |below| mapping(&below.value));
            if let Content::Mapping(asked) = &mut own.value.content {
                let written = std::mem::take(asked);
                *asked = layers.by_name(written, below, &place, Self::key);
                // A key of which everything was dropped asks for nothing, and must not look as if it did.
                asked.retain(|key| size(&key.value) > 1 || is_scalar(&key.value));
            }
            own
        });
        keys.append(&mut lists);
    }

    /// Whether it drops a length of time that `defaults` does not have, which is noted.
    fn drops_no_length(&mut self, entry: &KeyValue) -> bool {
        let drops = LENGTHS.contains(&entry.key.as_str()) && is_none(&entry.value);
        if !drops || self.lengths.contains(&entry.key) {
            return false;
        }
        self.drops_nothing(&entry.key, &entry.key_span, "", std::iter::empty());
        true
    }

    /// One key of a list, such as `kpis` in `exit`.
    fn key(&mut self, own: KeyValue, below: Option<&KeyValue>) -> KeyValue {
        let KeyValue {
            key,
            key_span,
            value,
        } = own;
        let below = below.map(|below| &below.value);
        let value = match Joins::of(&key) {
            Joins::Whole => value,
            Joins::ByName => self.map(value, below, &key),
            Joins::ByEntry(name) => self.list(value, below, &key, name),
            Joins::ByEntryOf(inner, name) => self.list_or_map(value, below, &key, (inner, name)),
        };
        KeyValue {
            key,
            key_span,
            value,
        }
    }

    /// Maps whose entries join by name: those below first, in their order, each as the stage has it.
    fn by_name(
        &mut self,
        own: Vec<KeyValue>,
        below: &[KeyValue],
        place: &str,
        join: impl Fn(&mut Self, KeyValue, Option<&KeyValue>) -> KeyValue,
    ) -> Vec<KeyValue> {
        let mut joined = Vec::with_capacity(own.len().max(below.len()));
        let stays = |entry: &&KeyValue| !own.iter().any(|one| one.key == entry.key);
        joined.extend(below.iter().filter(stays).cloned());
        for entry in own {
            let under = below.iter().find(|one| one.key == entry.key);
            if is_none(&entry.value) {
                if under.is_none() {
                    let known = below.iter().map(|one| one.key.as_str());
                    self.drops_nothing(&entry.key, &entry.key_span, place, known);
                }
                continue;
            }
            joined.push(join(self, entry, under));
        }
        joined
    }

    /// A map of conditions by name.
    fn map(&mut self, mut own: Node, below: Option<&Node>, place: &str) -> Node {
        if let Content::Mapping(entries) = &mut own.content {
            let written = std::mem::take(entries);
            let below = below.map_or(&[][..], mapping);
            let in_order = self.by_name(written, below, place, |_, own, _| own);
            *entries = in_place(in_order, below);
        }
        own
    }

    /// A list of texts, or of maps that have a name.
    fn list(&mut self, mut own: Node, below: Option<&Node>, place: &str, name: &str) -> Node {
        let Some(written) = items(&own) else {
            return own;
        };
        let below = below.and_then(items).unwrap_or_default();
        let name_of = |item: &Node| named(item, name).map(str::to_owned);
        let defaults: Vec<String> = below.iter().filter_map(name_of).collect();
        let mut spoken_of = Vec::new();
        let mut kept = Vec::new();
        for item in written {
            let Some(dropped) = dropped(&item, name) else {
                spoken_of.extend(name_of(&item));
                kept.push(item);
                continue;
            };
            if !defaults.contains(&dropped.key) {
                let known = defaults.iter().map(String::as_str);
                self.drops_nothing(&dropped.key, &dropped.key_span, place, known);
            }
            spoken_of.push(dropped.key.clone());
        }
        let stays = |item: &Node| name_of(item).is_none_or(|name| !spoken_of.contains(&name));
        let mut joined: Vec<Node> = below.into_iter().filter(stays).collect();
        joined.append(&mut kept);
        own.content = Content::Sequence(joined);
        own
    }

    /// A list of texts, or a map with such a list and what else is said of it.
    fn list_or_map(
        &mut self,
        own: Node,
        below: Option<&Node>,
        place: &str,
        (inner, name): (&str, &str),
    ) -> Node {
        let is_map = |node: &Node| matches!(node.content, Content::Mapping(_));
        if !is_map(&own) && !below.is_some_and(is_map) {
            return self.list(own, below, place, name);
        }
        let span = own.span.clone();
        let (id, own) = (own.id, as_map(own, inner));
        let below = below.map(|below| as_map(below.clone(), inner));
        let below = below.unwrap_or_default();
        let joined = self.by_name(own, &below, place, |layers, mut own, below| {
            if own.key == inner {
                own.value = layers.list(own.value, below.map(|one| &one.value), place, name);
            }
            own
        });
        let is_asked = |entry: &KeyValue| entry.key == inner && size(&entry.value) > 1;
        let content = if joined.iter().any(is_asked) {
            joined
        } else {
            Vec::new()
        };
        Node {
            id,
            span,
            content: Content::Mapping(content),
        }
    }

    fn drops_nothing<'k>(
        &mut self,
        key: &str,
        span: &Span,
        place: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        let within = if place.is_empty() {
            String::new()
        } else {
            format!(" in `{place}`")
        };
        let message = if self.of_defaults {
            format!(
                "`{key}: {NONE}` in `defaults` drops nothing: it is for a stage that does not want what `defaults` says"
            )
        } else {
            format!("`{key}: {NONE}` drops nothing: `defaults` has no `{key}`{within}")
        };
        let help = did_you_mean(key, known).unwrap_or_else(|| "omit it".to_owned());
        let problem = Problem::error(ProblemCode::NothingToDrop, span.clone(), message);
        self.problems.push(problem.help(help));
    }
}

fn is_none(node: &Node) -> bool {
    matches!(&node.content, Content::Scalar(text) if text == NONE)
}

fn is_scalar(node: &Node) -> bool {
    matches!(node.content, Content::Scalar(_))
}

fn mapping(node: &Node) -> &[KeyValue] {
    match &node.content {
        Content::Mapping(entries) => entries,
        Content::Scalar(_) | Content::Sequence(_) => &[],
    }
}

/// The entries of a list; a text alone is a list of one.
fn items(node: &Node) -> Option<Vec<Node>> {
    match &node.content {
        Content::Sequence(items) => Some(items.clone()),
        Content::Scalar(_) => Some(vec![node.clone()]),
        Content::Mapping(_) => None,
    }
}

/// What an entry of a list is called.
fn named<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    let scalar = |node: &'n Node| match &node.content {
        Content::Scalar(text) => Some(text.as_str()),
        Content::Sequence(_) | Content::Mapping(_) => None,
    };
    let of_map = || mapping(item).iter().find(|entry| entry.key == key);
    scalar(item).or_else(|| scalar(&of_map()?.value))
}

/// `NAME: none` as an entry of a list.
fn dropped<'n>(item: &'n Node, key: &str) -> Option<&'n KeyValue> {
    match mapping(item) {
        [only] if is_none(&only.value) && only.key != key => Some(only),
        _ => None,
    }
}

/// A list as the map that says the same.
fn as_map(node: Node, key: &str) -> Vec<KeyValue> {
    match node.content {
        Content::Mapping(entries) => entries,
        Content::Scalar(_) | Content::Sequence(_) => vec![KeyValue {
            key: key.to_owned(),
            key_span: node.span.clone(),
            value: node,
        }],
    }
}

/// In the order of what stands below, what is new behind it.
fn in_place(mut joined: Vec<KeyValue>, below: &[KeyValue]) -> Vec<KeyValue> {
    let place = |entry: &KeyValue| below.iter().position(|one| one.key == entry.key);
    joined.sort_by_key(|entry| place(entry).unwrap_or(usize::MAX));
    joined
}
