//! What is known about a query offline, and where it is reported. Test code only.

use super::*;

#[test]
fn valid_queries_pass() {
    for query in [
        "up",
        "sum by (le) (rate(x_bucket{site=~\"$site\"}[15m]))",
        "rate(http_requests_total[5m] offset 1d)",
        "rate(x[$window]) / rate(x[${step}])",
        "rate(x[2m+3m])",
        "rate(x[300])",
        "rate(x[1_000])",
        "{\"metric.name\", code=~'5..$'}",
        "{__name__=~`a(b`}",
        "max_over_time((sum(x) / 2)[1h:5m])",
        "max_over_time(x[1h:])",
        "a # a comment with ( and \"\n + b",
        "label_replace(up, \"a\", \"${1}\", \"b\", \"(.*)\")",
        "x @ end() offset -5m",
        "foo{offset=\"5min\"}",
        "rate(x[5i])",
        "avg_over_time(x[1h]) > bool 1_000 and on(offset) y",
        "${metric}{a=\"b\"}",
        "$metric{a=\"b\"}",
        "1e3 + 0x1F + .5",
        "\u{fc}mlaut",
    ] {
        assert_eq!(check(query).errors, [], "{query}");
    }
}

#[test]
fn what_no_server_takes_is_refused() {
    for (query, code, range) in [
        ("sum(rate(x[5m])", "query-syntax", 3..4),
        ("sum(x))", "query-syntax", 6..7),
        ("sum(x]", "query-syntax", 5..6),
        ("x{a=\"b}", "query-syntax", 4..5),
        ("x{a=`b}", "query-syntax", 4..5),
        ("rate(x[5min])", "query-syntax", 7..11),
        ("rate(x[])", "query-syntax", 6..8),
        ("rate(x[5m)", "query-syntax", 6..7),
        ("rate(x[5m] offset 5min)", "query-syntax", 18..22),
        (" # nothing", "query-syntax", 0..10),
        ("x[5m]", "bare-range-vector", 1..5),
        ("(x{a=\"b\"}[5m])", "bare-range-vector", 9..13),
        ("rate(x[5m])[1h:1m]", "bare-range-vector", 11..18),
    ] {
        let found = check(query).errors;
        let found: Vec<_> = found
            .iter()
            .map(|e| (e.code.word(), e.range.clone()))
            .collect();
        assert_eq!(found, [(code, range)], "{query}");
    }
}

#[test]
fn ranges_of_rates_are_found() {
    let rates = check("sum(rate(x[5m])) / sum(avg_over_time(x[1m]))").rates;
    assert_eq!(rates.len(), 1);
    assert_eq!(
        (rates[0].duration.as_str(), rates[0].range.clone()),
        ("5m", 11..13)
    );
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_ranges_fit(text in "([\\[\\](){}\"'`#:$. \\n]|rate|offset|5m|é|_){0,40}") {
        for error in check(&text).errors {
            proptest::prop_assert!(text.get(error.range).is_some());
        }
    }

    #[test]
    fn no_other_text_panics(text in ".{0,60}") {
        let _ = check(&text);
    }
}
