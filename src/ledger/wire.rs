//! An entry ↔ the keys of its line, in their fixed order. Frozen as `gate.ledger/v1`: whoever renames, moves or drops a
//! key makes another version. Must not know the chain that holds the lines.

use super::strict_json::{Keys, Node, Wrong};
use super::{Entry, Person, Who};
use crate::units::Instant;
use crate::verdict::Verdict;

mod event;

/// The value of `schema`.
pub(super) const SCHEMA: &str = "gate.ledger/v1";

/// The keys of an entry but for its seal.
pub(super) fn write(entry: &Entry, previous: &str) -> Node {
    let mut keys = vec![
        ("schema", Node::text(SCHEMA)),
        ("n", Node::Number(entry.number)),
        ("prev", Node::text(previous)),
        ("at", instant(entry.at)),
        ("by", person(&entry.by)),
        ("kind", Node::text(entry.event.kind())),
    ];
    keys.extend(event::write(&entry.event));
    keys.push(("why", Node::text(&entry.why)));
    keys.push(("links", Node::list(&entry.links, |link| Node::text(link))));
    let keys = keys.into_iter().map(|(key, value)| (key.to_owned(), value));
    Node::Object(keys.collect())
}

/// An entry, and the digest of the line before it, from all keys of a line.
pub(super) fn read(node: Node) -> Result<(Entry, String), Wrong> {
    let mut keys = Keys::of(node)?;
    let schema = keys.text("schema")?;
    if schema != SCHEMA {
        return Err(format!(
            "its schema is `{schema}`, this version of gate reads `{SCHEMA}`"
        ));
    }
    let number = keys.number("n")?;
    let previous = keys.text("prev")?;
    let at = read_instant(&keys.text("at")?)?;
    let by = read_person(keys.object("by")?)?;
    let kind = keys.text("kind")?;
    let event = event::read(&kind, &mut keys)?;
    let why = keys.text("why")?;
    let links = keys.list("links", |link| match link {
        Node::Text(link) => Ok(link),
        _ => Err("a link is no text".to_owned()),
    })?;
    keys.text("sha256")?;
    keys.end()?;
    let entry = Entry {
        number,
        at,
        by,
        why,
        links,
        event,
    };
    Ok((entry, previous))
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
    let identity_source = Who::ALL.into_iter().find(|who| who.word() == word);
    Ok(Person {
        name,
        identity_source: identity_source
            .ok_or_else(|| format!("`{word}` is no way to know a name"))?,
    })
}

fn instant(at: Instant) -> Node {
    Node::Text(at.to_string())
}

/// One moment has one spelling: RFC 3339 in UTC with a `Z`.
fn read_instant(text: &str) -> Result<Instant, Wrong> {
    let read = Instant::parse(text).ok();
    read.filter(|instant| instant.to_string() == text)
        .ok_or_else(|| format!("`{text}` is no time such as `2026-11-20T14:00:00Z`"))
}

fn verdict(verdict: Verdict) -> Node {
    Node::text(verdict.word())
}

fn read_verdict(text: &str) -> Result<Verdict, Wrong> {
    let found = Verdict::ALL.into_iter().find(|one| one.word() == text);
    found.ok_or_else(|| format!("`{text}` is no verdict"))
}
