//! Whether a list is only a page of what a tracker holds, by what it says beside it. Must not read the issues.

use serde_yaml::{Mapping, Value};

/// Keys that count all issues, in small letters without signs between them: `totalCount` and `total_count` are one.
const TOTALS: [&str; 4] = ["total", "totalcount", "totalresults", "count"];
/// Keys that count the pages.
const PAGES: [&str; 3] = ["pages", "pagecount", "totalpages"];
/// Keys that say where the list begins.
const STARTS: [&str; 2] = ["startat", "offset"];
/// Keys that lead to the next page.
const NEXT: [&str; 6] = [
    "next",
    "nextpage",
    "nextpagetoken",
    "nextcursor",
    "nexturl",
    "nextlink",
];
/// Keys that say whether there is more.
const MORE: [&str; 8] = [
    "more",
    "hasmore",
    "hasnext",
    "hasnextpage",
    "incomplete",
    "incompleteresults",
    "truncated",
    "istruncated",
];
/// Keys that say whether this is all.
const LAST: [&str; 2] = ["islast", "islastpage"];

/// Checks that a document listing this many issues does not say that there are more.
///
/// # Errors
/// What it says of those that are not listed.
pub(super) fn is_whole(document: &Value, listed: usize) -> Result<(), String> {
    let Value::Mapping(map) = document else {
        return Ok(());
    };
    let listed = u32::try_from(listed).unwrap_or(u32::MAX);
    let below = map.values().filter_map(Value::as_mapping);
    let maps = std::iter::once(map).chain(below);
    match maps
        .flat_map(Mapping::iter)
        .find(|said| goes_on(said, listed))
    {
        None => Ok(()),
        Some((key, value)) => Err(format!(
            "it is only one of several pages: it lists {listed}, and says `{}: {}`; export all pages into one file",
            key.as_str().unwrap_or_default(),
            shown(value)
        )),
    }
}

fn goes_on((key, value): &(&Value, &Value), listed: u32) -> bool {
    let key: String = key.as_str().unwrap_or_default().to_lowercase();
    let key: String = key.chars().filter(|one| !"_-. ".contains(*one)).collect();
    let is = |keys: &[&str]| keys.contains(&key.as_str());
    let count = || number(value);
    is(&TOTALS) && count().is_some_and(|count| count > f64::from(listed))
        || is(&PAGES) && count().is_some_and(|count| count > 1.0)
        || is(&STARTS) && count().is_some_and(|count| count > 0.0)
        || is(&NEXT) && !is_nothing(value)
        || is(&MORE) && !is_nothing(value)
        || is(&LAST) && is_nothing(value)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null
        | Value::Bool(_)
        | Value::Sequence(_)
        | Value::Mapping(_)
        | Value::Tagged(_) => None,
    }
}

/// Whether a value says no.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => matches!(text.trim(), "" | "false"),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => false,
    }
}

/// Enough of a value to recognise it.
fn shown(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<(), String> {
        is_whole(&serde_json::from_str(text).expect("JSON"), 2)
    }

    #[test]
    fn m14c_a_page_of_a_tracker_is_not_its_list() {
        for text in [
            r#"{"total":3}"#,
            r#"{"total_count":3}"#,
            r#"{"totalCount":"3"}"#,
            r#"{"paging":{"total":3}}"#,
            r#"{"startAt":50,"total":2}"#,
            r#"{"isLast":false}"#,
            r#"{"nextPageToken":"abc"}"#,
            r#"{"next":"https://tracker/issues?page=2"}"#,
            r#"{"pageInfo":{"hasNextPage":true}}"#,
            r#"{"incomplete_results":true}"#,
            r#"{"page":1,"total_pages":2}"#,
        ] {
            let reason = said(text).expect_err(text);
            assert!(reason.contains("lists 2"), "{reason}");
        }
    }

    #[test]
    fn m14c_a_list_that_says_it_is_whole_is_whole() {
        for text in [
            "[]",
            "{}",
            r#"{"total":2,"startAt":0,"maxResults":50,"isLast":true}"#,
            r#"{"total_count":2,"incomplete_results":false,"next":null,"nextPageToken":""}"#,
            r#"{"pageInfo":{"hasNextPage":false,"endCursor":"Y3Vyc29y"},"total_pages":1}"#,
        ] {
            assert_eq!(said(text), Ok(()), "{text}");
        }
    }
}
