//! JSON whose keys keep their order and are never read twice, as in a line of the ledger.
//! Must not know what the keys mean.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A JSON value. Numbers count things: they are whole and not negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A string, or `null`.
    pub(super) fn optional(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    pub(super) fn list<T>(items: &[T], node: impl Fn(&T) -> Self) -> Self {
        Self::List(items.iter().map(node).collect())
    }

    pub(super) fn object<const N: usize>(keys: [(&str, Self); N]) -> Self {
        let keys = keys.into_iter().map(|(key, value)| (key.to_owned(), value));
        Self::Object(keys.collect())
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_u64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(keys) => {
                let mut map = serializer.serialize_map(Some(keys.len()))?;
                for (key, value) in keys {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("null, true, false, a whole number, a string, a list or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_entry()? {
            keys.push(key);
        }
        Ok(Node::Object(keys))
    }
}

/// The keys of an object, taken one by one in their fixed order: none missing, repeated, unknown or out of place.
#[derive(Debug)]
pub(super) struct Keys(std::vec::IntoIter<(String, Node)>);

/// What is wrong with the form of a line, in words.
pub(super) type Wrong = String;

impl Node {
    /// The string that this item of a list is; `what` says which item it would be, such as `a link`.
    pub(super) fn into_text(self, what: &str) -> Result<String, Wrong> {
        let Self::Text(text) = self else {
            return Err(format!("{what} is not text"));
        };
        Ok(text)
    }
}

impl Keys {
    pub(super) fn of(node: Node) -> Result<Self, Wrong> {
        let Node::Object(keys) = node else {
            return Err(format!("found {} where an object belongs", node.what()));
        };
        Ok(Self(keys.into_iter()))
    }

    /// The value of the next key, which must be this one.
    pub(super) fn take(&mut self, key: &str) -> Result<Node, Wrong> {
        match self.0.next() {
            Some((found, value)) if found == key => Ok(value),
            Some((found, _)) => Err(format!("found `{found}` where `{key}` belongs")),
            None => Err(format!("`{key}` is missing")),
        }
    }

    /// Whether this is the next key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0
            .as_slice()
            .first()
            .is_some_and(|(found, _)| found == key)
    }

    /// Refuses any keys that are left.
    pub(super) fn end(mut self) -> Result<(), Wrong> {
        match self.0.next() {
            Some((found, _)) => Err(format!("`{found}` is an extra key")),
            None => Ok(()),
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Result<String, Wrong> {
        let found = self.take(key)?;
        let Node::Text(text) = found else {
            return Err(misplaced(key, "a string", &found));
        };
        Ok(text)
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Result<Option<String>, Wrong> {
        match self.take(key)? {
            Node::Null => Ok(None),
            Node::Text(text) => Ok(Some(text)),
            other @ (Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Object(_)) => {
                Err(misplaced(key, "a string or null", &other))
            }
        }
    }

    pub(super) fn number(&mut self, key: &str) -> Result<u64, Wrong> {
        let found = self.take(key)?;
        let Node::Number(number) = found else {
            return Err(misplaced(key, "a number", &found));
        };
        Ok(number)
    }

    pub(super) fn bool(&mut self, key: &str) -> Result<bool, Wrong> {
        let found = self.take(key)?;
        let Node::Bool(value) = found else {
            return Err(misplaced(key, "true or false", &found));
        };
        Ok(value)
    }

    pub(super) fn list<T>(
        &mut self,
        key: &str,
        item: impl Fn(Node) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Wrong> {
        let found = self.take(key)?;
        let Node::List(items) = found else {
            return Err(misplaced(key, "a list", &found));
        };
        items.into_iter().map(item).collect()
    }

    /// The keys of the object that is the next value.
    pub(super) fn object(&mut self, key: &str) -> Result<Self, Wrong> {
        Self::of(self.take(key)?).map_err(|wrong| format!("`{key}`: {wrong}"))
    }
}

fn misplaced(key: &str, expected: &str, found: &Node) -> Wrong {
    format!("`{key}` is {}, expected {expected}", found.what())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(json: &str) -> Keys {
        Keys::of(serde_json::from_str(json).expect("JSON")).expect("an object")
    }

    #[test]
    fn what_is_read_is_rewritten_in_the_same_order() {
        let json = r#"{"b":[1,"x",null],"a":{"z":true,"y":18446744073709551615}}"#;
        let node: Node = serde_json::from_str(json).expect("JSON");
        assert_eq!(serde_json::to_string(&node).expect("JSON"), json);
    }

    #[test]
    fn fractions_and_signs_are_refused() {
        for json in ["1.5", "-1", "1e3", "18446744073709551616"] {
            assert!(serde_json::from_str::<Node>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_key_that_is_missing_repeated_or_out_of_place_is_named() {
        let wrong = |json: &str| {
            let mut keys = keys(json);
            keys.text("a")
                .and_then(|_| keys.text("b"))
                .and_then(|_| keys.end())
                .expect_err("a mistake")
        };
        assert_eq!(wrong(r#"{"a":"1"}"#), "`b` is missing");
        assert_eq!(wrong(r#"{"b":"1","a":"2"}"#), "found `b` where `a` belongs");
        assert_eq!(
            wrong(r#"{"a":"1","a":"2","b":"3"}"#),
            "found `a` where `b` belongs"
        );
        assert_eq!(wrong(r#"{"a":"1","b":"2","c":"3"}"#), "`c` is an extra key");
        assert_eq!(
            wrong(r#"{"a":"1","b":2}"#),
            "`b` is a number, expected a string"
        );
    }
}
