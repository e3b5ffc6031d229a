//! The grammar of conditions: what is read, what is refused and where. Test code only.

use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;

fn finite(value: f64) -> Finite {
    Finite::new(value).expect("finite")
}

fn parse(text: &str, unit: Unit) -> Parsed<Condition> {
    super::parse(text, unit, None)
}

fn code(text: &str, unit: Unit) -> (&'static str, Range<usize>) {
    let error = parse(text, unit).expect_err(text);
    (error.code.word(), error.range)
}

#[test]
fn words_that_people_write_for_comparisons_are_explained() {
    for (text, message, help) in [
        ("less than 200ms", "`less` is not a comparison", "write `<`"),
        ("above 5%", "`above` is not a comparison", "write `>`"),
        ("at most 5%", "`at` is not a comparison", "`<= 5%`"),
        (
            "baseline + 10%",
            "expected a comparison before `baseline`",
            "`<= baseline + 10%`",
        ),
        ("200ms", "expected a comparison before `200ms`", "`< 200ms`"),
        ("worst < 5", "`worst` is not a reducer", "one of last, mean"),
    ] {
        let error = parse(text, Unit::None).expect_err(text);
        assert_eq!(error.message, message);
        assert!(
            error.help.is_some_and(|said| said.contains(help)),
            "{error:?}"
        );
    }
}

#[test]
fn conditions_of_the_format_are_read() {
    let condition = parse("p99.9 <= baseline + max(0.5pp, 20%)", Unit::Ratio).expect("valid");
    assert_eq!(condition.reducer, Some(Reducer::Percentile(finite(99.9))));
    assert_eq!(
        condition.bound,
        Bound::Above(Delta::Max(
            Box::new(Delta::Absolute(finite(0.005))),
            Box::new(Delta::Relative(finite(0.2)))
        ))
    );
    let condition = parse("<4h for 99%", Unit::Seconds).expect("valid");
    assert_eq!(condition.bound, Bound::Fixed(finite(14_400.0)));
    assert_eq!(
        condition.hold,
        Some(Hold::Share(Share::parse("99%").expect("share")))
    );
    let condition = parse(" >  5 %   for 10m ", Unit::Ratio).expect("valid");
    assert_eq!(condition.bound, Bound::Fixed(finite(0.05)));
    assert_eq!(condition.hold, Some(Hold::For(Duration::from_secs(600))));
    assert_eq!(
        parse("<=baseline*1.25", Unit::Seconds)
            .expect("valid")
            .bound,
        Bound::Times(finite(1.25))
    );
    assert_eq!(
        parse("< 0.5/min", Unit::PerSecond).expect("valid").bound,
        Bound::Fixed(finite(0.5 / 60.0))
    );
    assert_eq!(
        parse("< 200 for 5m", Unit::Milliseconds)
            .expect("valid")
            .bound,
        Bound::Fixed(finite(200.0))
    );
}

#[test]
fn mistakes_are_named_where_they_stand() {
    let cases = [
        ("", Unit::None, "bad-condition", 0..0),
        ("p101 < 5", Unit::None, "bad-condition", 0..4),
        ("avg < 5", Unit::None, "bad-condition", 0..3),
        ("= 5", Unit::None, "bad-condition", 0..1),
        ("< five", Unit::None, "bad-condition", 2..6),
        ("< NaN", Unit::None, "non-finite-number", 2..5),
        ("> -Inf", Unit::None, "non-finite-number", 2..6),
        ("< 1e400", Unit::None, "non-finite-number", 2..7),
        ("< 5%", Unit::Count, "unit-mismatch", 2..4),
        ("< 1pp", Unit::Ratio, "unit-mismatch", 2..5),
        ("< 5 parsecs", Unit::Seconds, "bad-condition", 2..11),
        ("< 5 and > 3", Unit::None, "bad-condition", 2..7),
        ("< 5 for 0s", Unit::None, "zero-duration", 8..10),
        ("< 5 for 0%", Unit::None, "bad-share", 8..10),
        ("< 5 for 10", Unit::None, "bad-duration", 8..10),
        ("< 5 for", Unit::None, "bad-duration", 7..7),
        ("mean < 5 for 5m", Unit::None, "reducer-with-for", 9..15),
        ("< baseline + max(1, 2", Unit::None, "bad-condition", 21..21),
        ("< .5", Unit::None, "bad-condition", 2..4),
        ("< 5.", Unit::None, "bad-condition", 2..4),
    ];
    for (text, unit, word, range) in cases {
        assert_eq!(code(text, unit), (word, range), "{text}");
    }
}

#[test]
fn numbers_of_points_are_read() {
    let points = |count| NonZeroU32::new(count).expect("some");
    for (text, hold, words) in [
        ("> 5% for 3 points", Hold::Points(points(3)), "for 3 points"),
        (
            "> 5%  for  1 point ",
            Hold::Points(points(1)),
            "for 1 point",
        ),
        ("< 1% but 3 points", Hold::But(points(3)), "but 3 points"),
        (
            "< baseline but 1 points",
            Hold::But(points(1)),
            "but 1 point",
        ),
        (
            "<= baseline + 1pp but 12 points",
            Hold::But(points(12)),
            "but 12 points",
        ),
        (
            "<= baseline * 1.2 for 2 points",
            Hold::Points(points(2)),
            "for 2 points",
        ),
    ] {
        let condition = parse(text, Unit::Ratio).expect(text);
        assert_eq!(condition.hold, Some(hold), "{text}");
        assert_eq!(hold.words(), words);
    }
    assert_eq!(Hold::Points(points(3)).decisive_points(), Some(3));
    assert_eq!(Hold::But(points(3)).decisive_points(), Some(4));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one case after the other")]
fn numbers_of_points_that_are_none_are_named_where_they_stand() {
    for (text, word, range, message) in [
        (
            "> 5 for 0 points",
            "bad-number",
            8..16,
            "`for 0 points` would trip without a bad point",
        ),
        (
            "> 5 but 0 points",
            "bad-number",
            8..16,
            "`but 0 points` allows no bad point, as the condition does without it",
        ),
        (
            "> 5 for 1.5 points",
            "bad-number",
            8..18,
            "`1.5` is not a whole number of points",
        ),
        (
            "> 5 for -1 points",
            "bad-number",
            8..17,
            "`-1` is not a whole number of points",
        ),
        (
            "> 5 for three points",
            "bad-number",
            8..20,
            "`three` is not a whole number of points",
        ),
        (
            "> 5 for 5000000000 points",
            "bad-number",
            8..25,
            "`5000000000` points are more than any window holds",
        ),
        (
            "> 5 for points",
            "bad-number",
            8..14,
            "`for points` does not say how many points",
        ),
        (
            "> 5 for 3points",
            "bad-number",
            8..15,
            "`for 3points` is not a number of points",
        ),
        (
            "> 5 for 3 points or so",
            "bad-number",
            8..22,
            "`for 3 points or so` is not a number of points",
        ),
        (
            "> 5 for 3 consecutive points",
            "bad-number",
            8..28,
            "`for 3 consecutive points`: points are counted wherever they lie",
        ),
        (
            "> 5 but",
            "bad-condition",
            7..7,
            "expected a number of points at the end of `> 5 but`",
        ),
        (
            "> 5 but 10m",
            "bad-condition",
            8..11,
            "expected a number of points, found `10m`",
        ),
        ("> 5 for 3", "bad-duration", 8..9, "`3` has no unit"),
        (
            "> 5 for 3 points for 10m",
            "bad-condition",
            17..24,
            "`for 10m` cannot be combined with what is before it",
        ),
        (
            "> 5 for 10m but 3 points",
            "bad-condition",
            12..24,
            "`but 3 points` cannot be combined with what is before it",
        ),
        (
            "> 5 for 99% for 3 points",
            "bad-condition",
            12..24,
            "`for 3 points` cannot be combined with what is before it",
        ),
        (
            "mean > 5 but 3 points",
            "reducer-with-for",
            9..21,
            "a reducer gives one value, so it cannot be combined with `but`",
        ),
        (
            "> 5 for 3 points at 95%",
            "at-with-for",
            17..23,
            "`at` looks at the whole span, so it cannot be combined with `for`",
        ),
    ] {
        let error = parse(text, Unit::None).expect_err(text);
        assert_eq!((error.code.word(), error.range), (word, range), "{text}");
        assert!(
            error.message.starts_with(message),
            "{text}: {}",
            error.message
        );
    }
}

#[test]
fn a_guard_compares_with_a_bare_number() {
    let plain = parse_plain(">= 0.1").expect("valid");
    assert_eq!(plain.comparison, Comparison::GreaterOrEqual);
    assert_eq!(plain.bound, finite(0.1));
    for bad in [">= 10%", "mean > 1", "> 1 for 5m", "> baseline", "1"] {
        assert!(parse_plain(bad).is_err(), "{bad}");
    }
}

fn delta() -> impl Strategy<Value = (String, Delta)> {
    let leaf = prop_oneof![
        (0..1000_u32).prop_map(|n| (format!("{n}"), Delta::Absolute(finite(f64::from(n))))),
        (0..1000_u32).prop_map(|n| {
            let fraction = Decimal::parse(&n.to_string())
                .expect("number")
                .scaled(1, 1, -2);
            (format!("{n}%"), Delta::Relative(finite(fraction)))
        }),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|((lt, l), (rt, r), larger)| {
            let (l, r) = (Box::new(l), Box::new(r));
            if larger {
                (format!("max({lt}, {rt})"), Delta::Max(l, r))
            } else {
                (format!("min({lt},{rt})"), Delta::Min(l, r))
            }
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(
        (text, delta) in delta(),
        above in any::<bool>(),
        blank in prop_oneof!["", " ", "  "],
        comparison in 0..6_usize,
    ) {
        let comparisons = [
            Comparison::Less, Comparison::LessOrEqual, Comparison::Greater,
            Comparison::GreaterOrEqual, Comparison::Equal, Comparison::NotEqual,
        ];
        let comparison = comparisons[comparison];
        let sign = if above { "+" } else { "-" };
        let written = format!("{}{blank}baseline{blank}{sign}{blank}{text}", comparison.symbol());
        let read = parse(&written, Unit::None).expect("valid");
        let bound = if above { Bound::Above(delta) } else { Bound::Below(delta) };
        prop_assert_eq!(read.bound, bound);
        prop_assert_eq!(read.comparison, comparison);
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = parse(&text, Unit::Ratio);
        let _ = parse_plain(&text);
    }

    #[test]
    fn no_near_condition_panics_and_ranges_fit(text in "(p9|max|min|baseline|for|but|points|<=|>|\\(|\\)|,|%|pp|1|\\.|e|-|\\+|\\*| |é){0,12}") {
        if let Err(error) = parse(&text, Unit::Ratio) {
            prop_assert!(text.get(error.range).is_some());
        }
    }
}

#[test]
fn c1_at_says_how_sure_a_comparison_has_to_be() {
    for text in ["<= baseline + 0.5pp at 95%", "<=baseline+0.5pp  at 95 %"] {
        let condition = parse(text, Unit::Ratio).expect(text);
        let at = condition.at.expect("a confidence");
        assert_eq!((at.share().to_string().as_str(), at.error()), ("95%", 0.05));
        assert_eq!(condition.reducer, Some(Reducer::Mean), "which is meant");
        assert_eq!(condition.text, text);
    }
    let median = parse("median > baseline * 1.1 at 99.9%", Unit::Seconds).expect("valid");
    assert_eq!(median.reducer, Some(Reducer::Median));
    assert_eq!(median.at.map(crate::plan::Confidence::error), Some(0.001));
    for (text, found) in [
        ("< 5 at", ("bad-confidence", 4..6)),
        ("< 5 at most", ("bad-confidence", 4..11)),
        ("< 5 at 79.9%", ("bad-confidence", 4..12)),
        ("< 5 at 99.95%", ("bad-confidence", 4..13)),
        ("!= 5 at 95%", ("bad-confidence", 5..11)),
        ("< 5 for 90% at 95%", ("at-with-for", 12..18)),
        ("last < 5 at 95%", ("at-with-reducer", 9..15)),
    ] {
        assert_eq!(code(text, Unit::None), found, "{text}");
    }
}
