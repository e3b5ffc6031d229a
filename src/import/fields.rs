//! What stands in a YAML document at a path of keys. Must not know any tool's words.

use serde_yaml::Value;

/// What stands there; `null` is nothing.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let found = path.iter().try_fold(value, |value, key| value.get(*key));
    found.filter(|value| !value.is_null())
}

/// A scalar, as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_so) => Some(is_so.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// The scalar that stands there, as text.
pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    scalar(at(value, path)?)
}

/// The list that stands there.
pub(super) fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    let list = at(value, path).and_then(Value::as_sequence);
    list.map_or(&[], Vec::as_slice)
}

/// The keys of the map that stands there, in order.
pub(super) fn keys(value: &Value, path: &[&str]) -> Vec<String> {
    let map = at(value, path).and_then(Value::as_mapping);
    let keys = map.into_iter().flat_map(|map| map.keys());
    keys.filter_map(scalar).collect()
}
