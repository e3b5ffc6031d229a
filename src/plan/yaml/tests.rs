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
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n";
    assert!(codes(bomb).iter().all(|code| *code == "anchor"));
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
fn several_mistakes_come_at_once() {
    assert_eq!(
        codes("a: &x 1\na: 2\nb: !t 3\nc:\n? [k]\n: v\nd: []\n"),
        [
            "anchor",
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
