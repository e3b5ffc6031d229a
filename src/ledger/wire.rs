//! An entry ↔ the keys of its line, in their fixed order. Frozen as `gate.ledger/v1`: renaming, moving or dropping a
//! key makes another version. Must not know the chain that holds the lines.

use std::fmt::Display;
use std::str::FromStr;

use super::strict_json::{Keys, Node, Wrong};
use super::{Entry, Person, PlanThen};
use crate::units::Instant;
use crate::verdict::Verdict;

mod event;

/// The value of `schema`.
pub(super) const SCHEMA: &str = "gate.ledger/v1";

/// The keys of an entry except its seal.
pub(super) fn write(entry: &Entry, previous: &str) -> Node {
    let mut keys = vec![
        ("schema", Node::text(SCHEMA)),
        ("n", Node::Number(entry.number)),
        ("prev", Node::text(previous)),
        ("at", instant(entry.at)),
        ("by", person(&entry.by)),
        ("plan", plan(&entry.plan)),
        ("kind", Node::text(entry.event.kind().word())),
    ];
    keys.extend(event::write(&entry.event));
    keys.push(("why", Node::text(&entry.why)));
    keys.push(("links", Node::list(&entry.links, |link| Node::text(link))));
    if let Some(nonce) = &entry.nonce {
        keys.push(("nonce", Node::text(nonce)));
    }
    let keys = keys.into_iter().map(|(key, value)| (key.to_owned(), value));
    Node::Object(keys.collect())
}

/// An entry, and the digest of the line before it, from all keys of a line.
pub(super) fn read(node: Node) -> Result<(Entry, String), Wrong> {
    let mut keys = Keys::of(node)?;
    let schema = keys.text("schema")?;
    if schema != SCHEMA {
        return Err(format!(
            "its schema is `{schema}`, but this version of gate reads `{SCHEMA}`"
        ));
    }
    let number = keys.number("n")?;
    let previous = keys.text("prev")?;
    let at = read_instant(&keys.text("at")?)?;
    let by = read_person(keys.object("by")?)?;
    let plan = read_plan(keys.object("plan")?)?;
    let event = event::read(word(&keys.text("kind")?)?, &mut keys)?;
    let why = keys.text("why")?;
    let links = keys.list("links", |link| link.into_text("a link"))?;
    let nonce = if keys.has("nonce") {
        Some(keys.text("nonce")?)
    } else {
        None
    };
    keys.text("sha256")?;
    keys.end()?;
    let entry = Entry {
        number,
        at,
        by,
        plan,
        why,
        links,
        nonce,
        event,
    };
    Ok((entry, previous))
}

/// Whether a line is an entry as gate 0.1 wrote it: it has this schema, and its plan is a text or not there.
pub(super) fn is_older(line: &str) -> bool {
    let Ok(serde_json::Value::Object(keys)) = serde_json::from_str(line) else {
        return false;
    };
    let of_schema = keys.get("schema").is_some_and(|schema| schema == SCHEMA);
    let numbered = keys.contains_key("n") && keys.contains_key("kind");
    of_schema && numbered && keys.get("plan").is_none_or(serde_json::Value::is_string)
}

fn plan(plan: &PlanThen) -> Node {
    Node::object([
        ("file", Node::text(&plan.file)),
        ("sha256", Node::optional(plan.sha256.as_deref())),
        ("release", Node::optional(plan.release.as_deref())),
        ("version", Node::optional(plan.version.as_deref())),
    ])
}

fn read_plan(mut keys: Keys) -> Result<PlanThen, Wrong> {
    let plan = PlanThen {
        file: keys.text("file")?,
        sha256: keys.optional_text("sha256")?,
        release: keys.optional_text("release")?,
        version: keys.optional_text("version")?,
    };
    keys.end()?;
    Ok(plan)
}

fn person(person: &Person) -> Node {
    Node::object([
        ("name", Node::text(&person.name)),
        ("identity_source", Node::text(person.identity_source.word())),
    ])
}

fn read_person(mut keys: Keys) -> Result<Person, Wrong> {
    let name = keys.text("name")?;
    let word = keys.text("identity_source")?;
    keys.end()?;
    Ok(Person {
        name,
        identity_source: self::word(&word)?,
    })
}

fn instant(at: Instant) -> Node {
    Node::Text(at.to_string())
}

/// A moment has only one spelling: RFC 3339 in UTC with a `Z`.
fn read_instant(text: &str) -> Result<Instant, Wrong> {
    let read = Instant::parse(text).ok();
    read.filter(|instant| instant.to_string() == text)
        .ok_or_else(|| format!("`{text}` is not a time such as `2026-11-20T14:00:00Z`"))
}

fn verdict(verdict: Verdict) -> Node {
    Node::text(verdict.word())
}

/// What one word, or the name of a gate, stands for.
fn word<T: FromStr<Err: Display>>(text: &str) -> Result<T, Wrong> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
