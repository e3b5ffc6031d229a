//! Text as a tree with spans: what is read, refused and bounded. Test code only.

use super::*;

fn codes(text: &str) -> Vec<&'static str> {
    let found = read(text).problems;
    found.iter().map(|problem| problem.code.word()).collect()
}

#[test]
fn scalars_stay_as_they_were_written() {
    let tree = read("a: 1.10\nb: no\nc: 0777\nd: 12:30:45\n");
    let Some(Content::Mapping(entries)) = tree.root.map(|root| root.content) else {
        panic!("no map");
    };
    let values: Vec<_> = entries
        .iter()
        .map(|entry| match &entry.value.content {
            Content::Scalar(text) => text.as_str(),
            _ => "",
        })
        .collect();
    assert_eq!(values, ["1.10", "no", "0777", "12:30:45"]);
    assert!(tree.problems.is_empty());
}

#[test]
fn a_byte_order_mark_is_accepted_and_counted() {
    let tree = read("\u{feff}a: b\n");
    let root = tree.root.expect("a tree");
    assert_eq!(root.span.start, 3);
}

#[test]
fn hostile_texts_are_refused_fast() {
    assert_eq!(codes(&"[".repeat(100_000)), ["too-deep"]);
    let mut deep = String::new();
    for depth in 0..3_000 {
        deep.push_str(&" ".repeat(depth));
        deep.push_str("a:\n");
    }
    assert_eq!(codes(&deep), ["too-deep"]);
    assert_eq!(codes(&"- ".repeat(200_000)), ["too-deep"]);
    assert_eq!(codes(&"- a\n".repeat(250_000)), ["too-large"]);
    let huge = vec![b'a'; 100 << 20];
    assert_eq!(
        decode(&huge).expect_err("too large").code,
        ProblemCode::TooLarge
    );
}

#[test]
fn m17_aliases_that_grow_without_end_are_refused_at_once() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let more = vec![format!("*a{}", level - 1); 9].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{more}]\n"));
    }
    let merges = bomb.replace('[', "{k: [").replace(']', "]}");
    // Few values, but long ones; and one inside of the other, to the last level.
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a,".repeat(20));
    let leaves = "x,".repeat(10_000);
    let nested = (0..60).fold(leaves, |inner, level| format!("&n{level} [{inner}]"));
    let begin = std::time::Instant::now();
    for text in [&bomb, &merges, &long, &nested] {
        let head: String = text.chars().take(80).collect();
        assert_eq!(codes(text), ["too-large"], "{head}");
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(5));
    let deep = format!(
        "a: &a {}x{}\nb: {}*a{}\n",
        "[".repeat(40),
        "]".repeat(40),
        "[".repeat(40),
        "]".repeat(40)
    );
    assert_eq!(codes(&deep), ["too-deep"]);
    assert_eq!(codes("a: &a [x, *a]\n"), ["bad-alias"]);
    assert_eq!(codes("a: &a {b: {<<: *a}, c: d}\n"), ["bad-alias"]);
}

/// A tree in short: `{key: value, …}`.
fn short(node: &Node) -> String {
    match &node.content {
        Content::Scalar(text) => text.clone(),
        Content::Sequence(items) => {
            let items: Vec<String> = items.iter().map(short).collect();
            format!("[{}]", items.join(", "))
        }
        Content::Mapping(entries) => {
            let pair = |entry: &KeyValue| format!("{}: {}", entry.key, short(&entry.value));
            let entries: Vec<String> = entries.iter().map(pair).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[test]
fn m17_an_alias_brings_what_its_anchor_names() {
    for (text, expected) in [
        ("a: &x 1\nb: *x\n", "{a: 1, b: 1}"),
        (
            "a: &x [1, {c: d}]\nb: *x\nc: [*x]\n",
            "{a: [1, {c: d}], b: [1, {c: d}], c: [[1, {c: d}]]}",
        ),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"),
        ("a: &x k\n*x : v\n", "{a: k, k: v}"),
        ("&x a: b\nc: *x\n", "{a: b, c: a}"),
        (
            "a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n  r: 4\n",
            "{a: {p: 1, q: 2}, b: {q: 3, p: 1, r: 4}}",
        ),
        (
            "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y], r: 3}\n",
            "{a: {p: 1}, b: {p: 2, q: 2}, c: {p: 1, q: 2, r: 3}}",
        ),
        (
            "a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y}\n",
            "{a: {p: 1}, b: {p: 1, q: 2}, c: {p: 1, q: 2}}",
        ),
        ("a: {\"<<\": {p: 1}}\n", "{a: {<<: {p: 1}}}"),
    ] {
        let tree = read(text);
        assert!(tree.problems.is_empty(), "{text} {:?}", tree.problems);
        assert_eq!(short(&tree.root.expect("a tree")), expected, "{text}");
    }
}

/// Every place in a tree; no id may be there twice.
fn visit(node: &Node, spans: &mut Vec<Span>, ids: &mut std::collections::BTreeSet<usize>) {
    assert!(ids.insert(node.id), "an id twice");
    spans.push(node.span.clone());
    match &node.content {
        Content::Scalar(_) => {}
        Content::Sequence(items) => items.iter().for_each(|item| visit(item, spans, ids)),
        Content::Mapping(entries) => {
            for entry in entries {
                spans.push(entry.key_span.clone());
                visit(&entry.value, spans, ids);
            }
        }
    }
}

#[test]
fn m17_what_an_alias_brings_stands_where_the_alias_stands() {
    let text = "a: &x {p: [1]}\nb: *x\n";
    let tree = read(text);
    let Some(Content::Mapping(entries)) = tree.root.map(|root| root.content) else {
        panic!("no map");
    };
    let mut spans = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    visit(&entries[0].value, &mut Vec::new(), &mut ids);
    visit(&entries[1].value, &mut spans, &mut ids);
    assert!(
        spans.iter().all(|span| &text[span.clone()] == "*x"),
        "{spans:?}"
    );
}

#[test]
fn m17_aliases_without_an_anchor_and_merges_of_no_map_are_named() {
    for (text, message) in [
        (
            "a: *x\nb: &x 1\n",
            "`*x` refers to nothing: there is no anchor `&x` above it",
        ),
        ("a: &x [*x]\n", "`*x` occurs inside the value that it names"),
        (
            "a: &x 1\nb: {<<: *x}\n",
            "`<<` takes a map, or a list of maps",
        ),
        (
            "a: &x [1]\nb: {<<: *x}\n",
            "`<<` takes a map, or a list of maps",
        ),
        (
            "a: &x {p: 1}\nb: {<<: *x, <<: *x}\n",
            "the key `<<` occurs twice",
        ),
        ("a: &x [1]\n*x : v\n", "a key must be a string"),
    ] {
        let problems = read(text).problems;
        let messages: Vec<&str> = problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert!(messages.contains(&message), "{text} {messages:?}");
    }
}

#[test]
fn several_mistakes_come_at_once() {
    assert_eq!(
        codes("a: *x\na: 2\nb: !t 3\nc:\n? [k]\n: v\nd: []\n"),
        [
            "bad-alias",
            "duplicate-key",
            "tag",
            "empty-value",
            "key-form",
            "empty-list"
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8_are_named() {
    let problem = decode(b"release: x\ny: \xff").expect_err("not UTF-8");
    assert_eq!(problem.message, "byte 14 (0xff, on line 2) is not UTF-8");
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[\\PC\\n\\t]{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_yamlish_text_panics(text in "([\\[\\]{}:,&*!|>?\"' \\n-]|a|b){0,80}") {
        let _ = read(&text);
    }
}
