//! What is found in a query, by rule, and what is left alone. Test code only.

use super::super::condition;
use super::*;

/// A step in seconds, and whether a condition looks at each point.
type Grid = (i64, bool);

const EACH: Option<Grid> = Some((60, true));

fn look(text: &str, standing: Standing, unit: Unit, grid: Option<Grid>) -> Vec<Finding> {
    let limited = Limited {
        each: grid.is_some_and(|(_, each)| each),
        low_is_bad: false,
    };
    let asked = ReadQuery {
        text,
        segments: &[],
        standing,
        unit,
        step: grid.map(|(step, _)| Duration::from_secs(step)),
        limited,
    };
    read(&asked, &[])
}

/// The codes that a KPI's query gives, each with the text that it points at.
fn found(text: &str, unit: Unit) -> Vec<(&'static str, &str)> {
    at(text, look(text, Standing::Value, unit, None))
}

fn at(text: &str, findings: Vec<Finding>) -> Vec<(&'static str, &str)> {
    let place = |finding: Finding| (finding.code.word(), &text[finding.range]);
    findings.into_iter().map(place).collect()
}

/// Whether a query gives a code, and at what.
fn gives(text: &str, code: Lint) -> Option<&str> {
    let all = found(text, Unit::None);
    all.into_iter()
        .find(|(word, _)| *word == code.word())
        .map(|(_, part)| part)
}

fn refused(code: Lint, cases: &[(&str, &str)]) {
    for (query, part) in cases {
        assert_eq!(gives(query, code), Some(*part), "{query}");
    }
}

fn left_alone(code: Lint, queries: &[&str]) {
    for query in queries {
        assert_eq!(gives(query, code), None, "{query}");
    }
}

fn limits(query: &str, unit: Unit, text: &str, in_stop: bool) -> Vec<&'static str> {
    let condition = condition::parse(text, unit, None).expect(text);
    let found = limit(
        query,
        Limits {
            condition: &condition,
            in_stop,
            unit,
            counted: None,
        },
    );
    found.iter().map(|finding| finding.code.word()).collect()
}

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
        "x offset 0s",
        "rate(x[5m] offset 0)",
        "foo{offset=\"5min\"}",
        "rate(x[5i])",
        "avg_over_time(x[1h]) > bool 1_000 and on(offset) y",
        "${metric}{a=\"b\"}",
        "$metric{a=\"b\"}",
        "1e3 + 0x1F + .5",
        "\u{fc}mlaut",
    ] {
        let syntax = |finding: &Finding| !matches!(finding.code, ProblemCode::Lint(lint) if lint != Lint::BadRange);
        let found = look(query, Standing::Value, Unit::None, None);
        let found: Vec<_> = found.into_iter().filter(syntax).collect();
        assert_eq!(found, [], "{query}");
    }
}

#[test]
fn what_no_server_accepts_is_refused() {
    for (query, code, part) in [
        ("sum(rate(x[5m])", "query-syntax", "("),
        ("sum(x))", "query-syntax", ")"),
        ("sum(x]", "query-syntax", "]"),
        ("x{a=\"b}", "query-syntax", "\""),
        ("x{a=`b}", "query-syntax", "`"),
        ("rate(x[5m)", "query-syntax", "["),
        (" # nothing", "query-syntax", " # nothing"),
        ("x[5m]", "bare-range-vector", "[5m]"),
        ("(x{a=\"b\"}[5m])", "bare-range-vector", "[5m]"),
        ("rate(x[5m])[1h:1m]", "bare-range-vector", "[1h:1m]"),
    ] {
        assert_eq!(found(query, Unit::None), [(code, part)], "{query}");
    }
    let deep = "(".repeat(101) + "x" + &")".repeat(101);
    assert_eq!(found(&deep, Unit::None), [("too-deep", "(")]);
    let flat = "x + ".repeat(20_000) + "x";
    assert_eq!(found(&flat, Unit::None), []);
}

#[test]
fn m12_bad_range_is_a_malformed_duration() {
    for (query, part) in [
        ("rate(x[5 minutes])", "5 minutes"),
        ("rate(x[5min])", "5min"),
        ("rate(x[ 1h 30m ])", "1h 30m"),
        ("rate(x[])", "[]"),
        ("rate(x[-5m])", "-5m"),
        ("rate(x[0s])", "0s"),
        ("rate(x[window])", "window"),
        ("max_over_time(x[1h:1 min])", "1 min"),
        ("rate(x[5m] offset 5min)", "5min"),
    ] {
        assert_eq!(found(query, Unit::None), [("bad-range", part)], "{query}");
    }
    for query in [
        "rate(x[5m])",
        "rate(x[$window])",
        "rate(x[1h30m])",
        "x / rate(x[1h30m] offset 1w)",
        "max_over_time(x[1h:])",
        "rate(x[5m + 30s])",
        "rate(x[step()])",
        "rate(x[1.5h])",
        "rate(x[5 m])",
    ] {
        assert_eq!(found(query, Unit::None), [], "{query}");
    }
}

#[test]
fn m12_query_filter_is_a_comparison_that_drops_the_value() {
    refused(
        Lint::QueryFilter,
        &[
            ("(errors / total) < 0.01", "<"),
            ("errors / total < 0.01", "<"),
            ("(errors < 5) / total", "<"),
            ("1 - (up == 1)", "=="),
            ("(up == 1) * 100", "=="),
            ("max by (site) (errors / total < 0.01)", "<"),
            ("min(up == 1)", "=="),
            ("sum(up == 0)", "=="),
            ("avg(x < 5)", "<"),
            ("label_replace(x > 5, \"a\", \"b\", \"c\", \"d\")", ">"),
            ("max_over_time((x < 5)[1h:])", "<"),
            ("(x < 5) and y > 1", "<"),
            ("x > 5 unless y", ">"),
            ("x > 0.05 or y > 0.1", ">"),
            ("x >= on(job) group_left y", ">="),
            ("(x > 5) >= bool 1", ">"),
            ("x > 5 == 7", ">"),
            ("-(x > 5)", ">"),
            ("clamp_max(x > 5, 7)", ">"),
            // The literal on the left.
            ("0.01 > a / b", ">"),
            ("max(0.01 > a / b)", ">"),
            ("min(5 < x)", "<"),
            ("max(scalar(limit) >= x)", ">="),
            // Only ones select, and only beside a value.
            ("(error_ratio == 0) * on(site) group_left() traffic", "=="),
            (
                "(up == 1) * on(instance) group_left(version) build_info",
                "==",
            ),
            ("sum by (a) (x) * (y == on(a) z)", "=="),
            // The value, selected by itself.
            ("a / b and a / b < 0.01", "<"),
            ("a / b and (0.01 > (a / b))", ">"),
            ("a / b unless a / b > 0.01", ">"),
            ("100 * a / b unless on(site) (a / b > 0.01)", ">"),
            ("a / b if a < 5", "<"),
            ("x ifnot x > 5", ">"),
            ("x and on(site) max by (site) (x) < 5", "<"),
            ("x and on() max(x < 5)", "<"),
            ("max(x unless x > 5)", ">"),
            ("rate(x[5m]) and y > 1 and rate(x[5m]) < 3", "<"),
            ("a / b and b / a > 100", ">"),
            // Behind another dialect's templates.
            ("WITH (e = a / b) e < 0.01", "<"),
        ],
    );
}

#[test]
fn m12_query_filter_leaves_selections_alone() {
    left_alone(
        Lint::QueryFilter,
        &[
            "x > bool 5",
            "x == bool on(job) y",
            "errors / (total > 0)",
            "sum(errors) / sum(total > 10)",
            "x and y > 5",
            "x AND on(job) (y > 5)",
            "x unless on() (hour() > 18)",
            "x or y > 5",
            "(errors / total >= 0) or vector(0)",
            "count(x > 5)",
            "count by (job) (up == 0) / count by (job) (up)",
            "count_over_time((x > 0.01)[1h:1m])",
            "sum(x > 0)",
            "sum(kube_pod_status_phase == 1)",
            "sum(x == on(job) group_left y)",
            "max(x > 5)",
            "min(x < 5)",
            "avg(x > 0)",
            "x * on(pod) group_left(node) (kube_pod_info == 1)",
            "x * on(pod) group_left(node) max by (pod, node) (kube_pod_info == 1)",
            "avg(jvm_max != -1)",
            "min(expiry > 0) - time()",
            "absent(x > 5)",
            "time() - max(timestamp(x == 1))",
            "x{a=\"b > 5\"}",
            "rate(x{code!=\"500\",path!~\"/a\"}[5m])",
            "max(5 < x)",
            "min(0 < limit)",
            "5 - max(x)",
            "a / b and b > 5",
            "a / b and on() sum(b) > 5",
            "x{code=\"500\"} / x and sum(x) > 5",
            "x and x offset 1h > 5",
            "rate(x[5m]) and rate(x[1h]) > 5",
            "avg(x) and count(x) > 3",
            "histogram_quantile(0.9, rate(h[5m])) and histogram_count(rate(h[5m])) > 1",
            "histogram_quantile(0.9, rate(h_bucket[5m])) and sum(rate(h_bucket[5m])) > 1",
            "max(x and x > 5)",
            "min(x unless x > 5)",
            "sum(x and x > 0)",
            "x unless on(queue) queue_paused == 1",
            "WITH (d = b > 0) a / d",
        ],
    );
    // 0 is a share like any other, while exporters say with it that there is no limit.
    let of = |query, unit| {
        found(query, unit)
            .iter()
            .any(|(code, _)| *code == "query-filter")
    };
    assert!(of("min(success > 0)", Unit::Ratio) && of("avg(success > 0)", Unit::Percent));
    assert!(!of("min(limit > 0)", Unit::Bytes) && !of("avg(a > 0) / avg(b)", Unit::Ratio));
    let guard = look("sum(rate(x[5m])) > 5", Standing::Guard, Unit::None, None);
    assert_eq!(guard, []);
}

#[test]
fn m12_query_filter_hides_the_worst_where_values_may_be_too_low() {
    let low = |text| {
        let asked = ReadQuery {
            text,
            segments: &[],
            standing: Standing::Value,
            unit: Unit::Count,
            step: None,
            limited: Limited {
                each: true,
                low_is_bad: true,
            },
        };
        at(text, read(&asked, &[]))
    };
    for query in [
        "min(up > 0)",
        "min(0 < up)",
        "avg(up > 0)",
        "min(min_over_time((up > 0)[5m:]))",
        "100 * min(up > 0)",
        "min(a > 0) / b",
    ] {
        assert!(matches!(low(query)[..], [("query-filter", _)]), "{query}");
    }
    for query in [
        "max(up > 0)",
        "sum(up > 0)",
        "min(up < 5)",
        "min(not_after > 0) - time()",
        "100 - min(limit > 0)",
        "a - min(limit > 0)",
        "-max(x > 0)",
    ] {
        assert_eq!(low(query), [], "{query}");
    }
    // What is subtracted from a whole counts the other way round.
    assert_eq!(gives("1 - min(up > 0)", Lint::QueryFilter), Some(">"));
    assert_eq!(gives("time() - min(set_at > 0)", Lint::QueryFilter), None);
}

#[test]
fn m12_never_empty_is_a_value_without_a_measurement() {
    refused(
        Lint::NeverEmpty,
        &[
            ("sum(rate(x[5m])) or vector(0)", "or vector(0)"),
            ("sum(rate(x[5m])) OR on() vector(0)", "OR on() vector(0)"),
            ("sum(x or vector(0))", "or vector(0)"),
            ("100 * (x or vector(0))", "or vector(0)"),
            ("(x or vector(0)) / (y or vector(1))", "or vector(0)"),
            ("(x or vector(0)) + (y or vector(0))", "or vector(0)"),
            ("max_over_time((x or vector(0))[1h:])", "or vector(0)"),
            ("x or y or vector(0)", "or vector(0)"),
            ("x or absent(x)", "or absent(x)"),
            (
                "x or label_replace(vector(0), \"a\", \"b\", \"\", \"\")",
                "or label_replace(vector(0), \"a\", \"b\", \"\", \"\")",
            ),
            ("vector(0) or x", "vector(0)"),
            ("x default 0", "default 0"),
            ("(x or vector(0)) > bool 5", "or vector(0)"),
            ("vector(scalar(sum(a) or vector(0)))", "or vector(0)"),
            (
                "scalar(a or vector(0)) / scalar(b or vector(1))",
                "or vector(0)",
            ),
            ("x or vector(time()) * 0", "or vector(time()) * 0"),
            (
                "x or vector(0) and on() hour() > 8",
                "or vector(0) and on() hour() > 8",
            ),
            ("absent(a) * 0 or sum(a)", "absent(a) * 0"),
            ("sum(a) or absent(a) - 1", "or absent(a) - 1"),
            ("WITH (e = sum(a)) e or vector(0)", "or vector(0)"),
        ],
    );
    left_alone(
        Lint::NeverEmpty,
        &[
            "(sum(rate(errors[5m])) or vector(0)) / sum(rate(total[5m]))",
            "1 - (x or vector(0)) / y",
            "x or y",
            "x or y * 0",
            "x or absent(y)",
            "sum(x)",
            "vector(scalar(x))",
            "scalar(x) or vector(scalar(y))",
            "x and on() vector(1)",
            "time() - x",
            "x > 5 or y",
            "scalar(x or vector(0)) / scalar(y)",
            "x or vector(0) and on() up",
            "absent(heartbeat) * 0 or sum(a)",
        ],
    );
}

#[test]
fn m12_constant_query_has_no_metric() {
    refused(
        Lint::ConstantQuery,
        &[
            ("1 + 1", "1 + 1"),
            ("vector(0)", "vector(0)"),
            ("time()", "time()"),
            ("scalar(vector(1)) * Inf", "scalar(vector(1)) * Inf"),
        ],
    );
    left_alone(
        Lint::ConstantQuery,
        &[
            "up",
            "{\"metric.name\"}",
            "{job=\"a\"}",
            "absent(up)",
            "time() - up",
            "$metric",
            "inf_total",
        ],
    );
    let guard = |query| look(query, Standing::Guard, Unit::None, None).len();
    assert_eq!((guard("hour() > 8"), guard("vector(1)")), (0, 1));
}

#[test]
fn m1_values_of_another_time_than_the_judged_one_are_refused() {
    refused(
        Lint::OtherTime,
        &[
            ("x offset 5m", "offset"),
            ("sum(rate(x[5m] offset 1d))", "offset"),
            ("x offset -5m", "offset"),
            ("-x offset 1w", "offset"),
            ("time() - x offset 5m", "offset"),
            ("0.5 < x offset 5m", "offset"),
            ("a offset 1d / b offset 1d", "offset"),
            ("a offset 1d and b", "offset"),
            ("a offset 1d > 5", "offset"),
            ("a offset 1d or b @ 100", "offset"),
            ("max_over_time(rate(x[5m])[1h:1m] offset 1d)", "offset"),
            ("rate(x[5m] @ 1795132800)", "@"),
            ("rate(x[5m] @ end())", "@"),
            ("x @ start() offset 5m", "@"),
            ("x offset 5m @ end()", "@"),
            ("sum(rate(a[5m] @ end())) / sum(rate(b[5m]))", "@"),
            ("max_over_time(rate(x[5m])[1h:1m] @ end())", "@"),
        ],
    );
    left_alone(
        Lint::OtherTime,
        &[
            "x",
            "x offset 0s",
            "rate(x[5m] offset 0)",
            "x offset 0h0m",
            "x - x offset 1d",
            "x offset 1d / x",
            "x / x offset 1d",
            "x and topk(5, rate(y[1h] @ end()))",
            "x or x offset 5m",
            "x > x offset 1d",
            "x{offset=\"5m\"}",
            "sum by (offset) (x)",
            "offset{a=\"b\"}",
            "time()",
        ],
    );
    let guard = |text| at(text, look(text, Standing::Guard, Unit::None, EACH));
    assert_eq!(guard("x offset 1d"), [("other-time", "offset")]);
    assert_eq!(guard("x - x offset 1d"), []);
}

#[test]
fn m8b_a_fixed_time_beside_the_window_hides_its_points() {
    let codes = |text| found(text, Unit::None);
    let refused = [("at-with-window", "@")];
    for text in [
        "sum(increase(x[$window] @ end()))",
        "sum(increase(x[${window}] @ start()))",
        "sum(increase(x[$window] offset 5m @ end()))",
        "max_over_time(rate(x[5m])[$window:1m] @ end())",
        "sum(increase(a[$window])) / sum(increase(b[$window] @ end()))",
    ] {
        assert_eq!(codes(text), refused, "{text}");
    }
    assert_eq!(codes("sum(increase(x[$window]))"), []);
    let selects = "sum by (a) (increase(x[$window])) and topk(5, rate(y[5m] @ end()))";
    assert_eq!(codes(selects), []);
    let later = "sum(increase(x[$window] offset 5m))";
    assert_eq!(codes(later), [("other-time", "offset")]);
}

#[test]
fn m12_two_queries_that_ask_the_same_are_known_by_their_tokens() {
    let query = "sum(rate(a{b=\"c\"}[5m])) / sum(rate(d[5m]))";
    for same in [
        query,
        " sum ( rate(a{b=\"c\"}[5m]))/sum(rate(d[5m])) # why",
        "((sum(rate(a{b=\"c\"}[1h])) / sum(rate(d[$window]))))",
    ] {
        assert!(ask_the_same(query, same), "{same}");
    }
    for other in [
        "sum(rate(a{b=\"d\"}[5m])) / sum(rate(d[5m]))",
        "sum(rate(d[5m]))",
        "(sum(rate(a{b=\"c\"}[5m])) / sum(rate(d[5m]))",
        "",
    ] {
        assert!(!ask_the_same(query, other), "{other}");
    }
}

#[test]
fn m12_never_empty_is_a_guard_that_nothing_has_to_be_measured_for() {
    let guard = |query| look(query, Standing::Guard, Unit::None, None);
    for refused in ["sum(rate(total[5m])) or vector(0)", "max(up) or vector(1)"] {
        let found = guard(refused);
        let [finding] = found.as_slice() else {
            panic!("{refused}: {found:?}");
        };
        assert!(finding.message.contains("dead source"), "{finding:?}");
    }
    for sound in [
        "sum(rate(total[5m]))",
        "up",
        "absent(maintenance)",
        "hour() > 8",
    ] {
        assert!(guard(sound).is_empty(), "{sound}");
    }
}

#[test]
fn m12_unfilled_placeholder_is_what_another_tool_fills_in() {
    for (query, part) in [
        ("rate(x[$__rate_interval])", "$__rate_interval"),
        ("rate(x[${__range_s}s])", "${__range_s}"),
        ("x{a=\"{{ .Values.name }}\"}", "{{ .Values.name }}"),
        ("x{a=\"{{args.name}}\"} < 1", "{{args.name}}"),
        ("x{a=~\"${site:regex}\"}", "${site:regex}"),
        ("x{a=\"[[site]]\"}", "[[site]]"),
        ("rate(x[[[interval]]])", "[[interval]]"),
        ("rate(x[DURATION])", "DURATION"),
        ("max_over_time(x[1h:STEP])", "STEP"),
        ("rate(x[5m] offset OFFSET)", "OFFSET"),
        ("{{ query }}", "{{ query }}"),
    ] {
        let code = "unfilled-placeholder";
        assert_eq!(found(query, Unit::None), [(code, part)], "{query}");
    }
    left_alone(
        Lint::UnfilledPlaceholder,
        &[
            "x{a=~\"[[:alpha:]]+\"}",
            "x{a=~\"5..$\"}",
            "label_replace(x, \"a\", \"${1}\", \"b\", \"(.*)\")",
            "rate(X[5m])",
            "rate(x[$window])",
            "x{a=~\"a{2}b{3}\"}",
            "x # {{ not asked }}",
        ],
    );
}

#[test]
fn m13_unit_factor_is_a_hundredfold() {
    for (query, unit, part) in [
        (
            "sum(rate(errors[5m])) / sum(rate(total[5m]))",
            Unit::Percent,
            "/",
        ),
        ("1 - a / b", Unit::Percent, "/"),
        ("a / b * 1", Unit::Percent, "/"),
        ("1 - a / b - c / b", Unit::Percent, "/"),
        ("count(up == 1) / count(up)", Unit::Percent, "/"),
        ("last_over_time((a / b)[5m:])", Unit::Percent, "/"),
        ("avg(a / on(job) b)", Unit::Percent, "/"),
        ("100 * a / b", Unit::Ratio, "100 * a / b"),
        ("a / b * 100", Unit::Ratio, "a / b * 100"),
        ("100 - 100 * a", Unit::Ratio, "100 - 100 * a"),
        (
            "100 - (avg(rate(idle[5m])) * 100)",
            Unit::Ratio,
            "100 - (avg(rate(idle[5m])) * 100)",
        ),
        ("a / (b / 100)", Unit::Ratio, "a / (b / 100)"),
    ] {
        assert_eq!(found(query, unit), [("unit-factor", part)], "{query}");
    }
    for (query, unit) in [
        ("100 * a / b", Unit::Percent),
        ("a / b * 1e2", Unit::Percent),
        ("a / b", Unit::Ratio),
        ("(100 * a / b) / 100", Unit::Ratio),
        ("cpu_percent", Unit::Percent),
        ("sum(cpu_percent) / count(cpu_percent)", Unit::Percent),
        ("a_sum / a_count", Unit::Percent),
        ("a_percent - b_percent", Unit::Percent),
        ("a / 60", Unit::Percent),
        ("sum(rate(errors[5m])) / sum(rate(total[5m]))", Unit::None),
    ] {
        let codes = found(query, unit);
        assert!(
            !codes.iter().any(|(code, _)| *code == "unit-factor"),
            "{query}"
        );
    }
}

#[test]
fn m13_unit_name_is_a_metric_in_another_unit() {
    for (query, unit, part) in [
        (
            "histogram_quantile(0.95, sum by (le) (rate(wait_seconds_bucket[5m])))",
            Unit::Milliseconds,
            "wait_seconds_bucket",
        ),
        (
            "histogram_quantile(0.95, sum(rate(wait_seconds[5m])))",
            Unit::Milliseconds,
            "wait_seconds",
        ),
        (
            "rate(wait_seconds_sum[5m]) / rate(wait_seconds_count[5m])",
            Unit::Milliseconds,
            "wait_seconds_sum",
        ),
        ("max(heap_bytes)", Unit::Count, "heap_bytes"),
        ("wait_seconds * 1", Unit::Milliseconds, "wait_seconds"),
        ("avg(wait_seconds) / 1", Unit::Milliseconds, "wait_seconds"),
        ("10 * wait_seconds / 10", Unit::Milliseconds, "wait_seconds"),
        (
            "job:latency_seconds:p95",
            Unit::Milliseconds,
            "job:latency_seconds:p95",
        ),
        (
            "max(latency_seconds:99quantile)",
            Unit::Milliseconds,
            "latency_seconds:99quantile",
        ),
        (
            "job:http_errors:ratio_rate5m",
            Unit::Percent,
            "job:http_errors:ratio_rate5m",
        ),
        ("a:b:ratio5m", Unit::Percent, "a:b:ratio5m"),
        (
            "time() - last_run_seconds",
            Unit::Milliseconds,
            "last_run_seconds",
        ),
        ("avg_over_time(hit_ratio[5m])", Unit::Percent, "hit_ratio"),
        (
            "increase(sent_bytes_total[5m])",
            Unit::Seconds,
            "sent_bytes_total",
        ),
        (
            "{\"wait.total_seconds\"}",
            Unit::Milliseconds,
            "\"wait.total_seconds\"",
        ),
    ] {
        assert_eq!(found(query, unit), [("unit-name", part)], "{query}");
    }
    for (query, unit) in [
        (
            "rate(wait_seconds_sum[5m]) / rate(wait_seconds_count[5m])",
            Unit::Seconds,
        ),
        ("rate(wait_seconds_count[5m])", Unit::PerSecond),
        (
            "rate(wait_seconds_bucket{le=\"0.3\"}[5m]) / ignoring(le) rate(wait_seconds_count[5m])",
            Unit::Ratio,
        ),
        (
            "histogram_fraction(0, 0.2, rate(wait_seconds[5m]))",
            Unit::Ratio,
        ),
        ("rate(process_cpu_seconds_total[5m])", Unit::Ratio),
        ("1000 * wait_seconds", Unit::Milliseconds),
        ("wait_seconds * 1e3", Unit::Milliseconds),
        ("1 / wait_seconds", Unit::PerSecond),
        ("wait_seconds / load", Unit::Count),
        ("job:latency_seconds:p95", Unit::Seconds),
        ("job:latency_seconds:p95 * 1000", Unit::Milliseconds),
        ("job:cpu_seconds:rate5m", Unit::Count),
        ("job:wait_seconds:count", Unit::Count),
        ("100 * job:http_errors:ratio_rate5m", Unit::Percent),
        ("heap_bytes / limit_bytes", Unit::Ratio),
        ("count(heap_bytes)", Unit::Count),
        ("wait_seconds > bool 5", Unit::Count),
        ("rate(sent_bytes_total[5m])", Unit::PerSecond),
        ("wait_seconds", Unit::None),
    ] {
        assert_eq!(found(query, unit), [], "{query}");
    }
}

#[test]
fn m13_bound_out_of_range_is_no_limit_of_a_ratio() {
    let share = "sum(rate(x{code=\"500\"}[5m])) / sum(rate(x[5m]))";
    for (query, unit, text, in_stop) in [
        ("x", Unit::Ratio, "< 1", false),
        ("x", Unit::Ratio, "> 5", true),
        ("x", Unit::Ratio, "> 1", true),
        ("x", Unit::Ratio, "< 100%", false),
        ("x", Unit::Percent, "< 101", false),
        (share, Unit::None, "< 1", false),
    ] {
        assert_eq!(
            limits(query, unit, text, in_stop),
            ["bound-out-of-range"],
            "{text}"
        );
    }
    for (query, unit, text, in_stop) in [
        ("x", Unit::Ratio, "< 1%", false),
        ("x", Unit::Ratio, ">= 100%", false),
        ("x", Unit::Ratio, "== 1", false),
        ("x", Unit::Ratio, "< 1", true),
        ("x", Unit::Percent, "<= 100", false),
        ("x / x offset 7d", Unit::Ratio, "> 150%", true),
        ("errors / total", Unit::None, "< 2", false),
        ("x", Unit::Seconds, "< 5", false),
        ("x", Unit::Ratio, "<= baseline * 2", false),
    ] {
        assert_eq!(limits(query, unit, text, in_stop), [""; 0], "{text}");
    }
}

#[test]
fn m12_limit_always_holds_is_what_a_clamp_keeps_inside() {
    for (query, text, in_stop) in [
        ("clamp_max(a / b, 0.01)", "< 0.05", false),
        ("clamp(a / b, 0, 0.01)", "<= 0.01", false),
        ("max(clamp_max(x, 5)) / 10", "mean < 1", false),
        ("clamp_min(x, 1)", ">= 1", false),
        ("clamp_min(x, 1)", "!= 0", false),
        ("clamp_max(x, 5)", "> 5", true),
        ("clamp_min(x, 1)", "< 1", true),
    ] {
        let found = limits(query, Unit::None, text, in_stop);
        assert_eq!(found, ["limit-always-holds"], "{query} {text}");
    }
    for (query, text, in_stop) in [
        ("clamp(a / b, 0, 1)", "< 0.05", false),
        ("clamp_max(x, 5)", "< 5", false),
        ("clamp_max(x, 5)", "> 5", false),
        ("clamp_max(x, 5)", "<= baseline + 10%", false),
        ("clamp_min(b, 1)", "> 0.5 for 5m", true),
        ("x", "< 5", false),
        ("vector(1)", "< 5", false),
        ("clamp_max(x, 5) + y", "< 50", false),
    ] {
        assert_eq!(
            limits(query, Unit::None, text, in_stop),
            [""; 0],
            "{query} {text}"
        );
    }
}

#[test]
fn m13_percent_of_points_is_a_third_that_was_rounded_up() {
    for share in [
        "66.67%", "66.7%", "67%", "16.67%", "17%", "83.34%", "83.4%", "33.34%",
    ] {
        let text = format!("< 5 for {share}");
        assert_eq!(
            limits("x", Unit::None, &text, false),
            ["percent-of-points"],
            "{text}"
        );
    }
    for share in [
        "66.66%", "66%", "34%", "84%", "50%", "90%", "95%", "99%", "33.33%", "83.33%", "70%", "20%",
    ] {
        let text = format!("< 5 for {share}");
        assert_eq!(limits("x", Unit::None, &text, false), [""; 0], "{text}");
    }
}

#[test]
fn m13_limit_direction_asks_for_errors() {
    let share = "sum(rate(x{code=~\"5..\"}[5m])) / sum(rate(x[5m]))";
    let direction = ["limit-direction"];
    assert_eq!(limits(share, Unit::Ratio, "> 1%", false), direction);
    assert_eq!(
        limits(share, Unit::Ratio, "mean >= baseline", false),
        direction
    );
    assert_eq!(limits(share, Unit::Ratio, "< 1%", true), direction);
    assert_eq!(
        limits("sum(errors_total) / sum(x)", Unit::Ratio, "> 1%", false),
        direction
    );
    for (query, text, in_stop) in [
        (share, "< 1%", false),
        (share, "> 1%", true),
        ("1 - sum(errors) / sum(x)", "> 99%", false),
        ("error_budget_left / error_budget", "> 10%", false),
        ("sum(x{code!~\"5..\"}) / sum(x)", "> 99%", false),
        (
            "sum(rate(x{code=~\"2..\"}[5m])) / sum(rate(x[5m]))",
            "> 99%",
            false,
        ),
    ] {
        assert_eq!(
            limits(query, Unit::Ratio, text, in_stop),
            [""; 0],
            "{query}"
        );
    }
}

#[test]
fn m13_hints_for_irate_and_raw_counters() {
    refused(Lint::Irate, &[("sum(irate(x_total[5m]))", "irate")]);
    left_alone(Lint::Irate, &["sum(rate(irate_total[5m]))"]);
    refused(
        Lint::RawCounter,
        &[
            ("sum(orders_total)", "orders_total"),
            ("histogram_quantile(0.9, wait_bucket)", "wait_bucket"),
            ("sum(wait_sum) / sum(wait_count)", "wait_sum"),
            ("max_over_time(orders_total[5m])", "orders_total"),
        ],
    );
    left_alone(
        Lint::RawCounter,
        &[
            "sum(rate(orders_total[5m]))",
            "sum(increase(orders_total[$window]))",
            "orders_total - orders_total offset 1h",
            "count(orders_total)",
            "x unless on(job) orders_total",
            "job:orders_total",
            "queue_count",
            "resets(orders_total[1h])",
        ],
    );
}

#[test]
fn m5_between_points_is_a_gauge_that_is_sampled_rarely() {
    let between = |query, grid| at(query, look(query, Standing::Value, Unit::None, grid));
    assert_eq!(
        between("max(queue_wait)", EACH),
        [("between-points", "queue_wait")]
    );
    assert_eq!(between("max_over_time(queue_wait[60s])", EACH), []);
    assert_eq!(between("job:requests:rate5m", EACH), []);
    assert_eq!(between("queue_wait", Some((15, true))), []);
    assert_eq!(between("queue_wait", Some((60, false))), []);
    assert_eq!(between("queue_wait", None), []);
}

#[test]
fn short_ranges_are_less_than_twice_the_step() {
    let short = |query| at(query, look(query, Standing::Guard, Unit::None, EACH));
    assert_eq!(
        short("sum(rate(x[1m])) / sum(rate(y[5m]))"),
        [("short-range", "1m")]
    );
    assert_eq!(short("avg_over_time(x[1m])"), []);
    assert_eq!(short("rate(x[2m])"), []);
    assert_eq!(short("rate(sum(x)[1m:10s])"), []);
}

#[test]
fn m6_how_long_a_query_keeps_its_value() {
    let minutes = |count: i64| Duration::from_secs(60 * count);
    let horizon = |query| horizon(query, minutes(5));
    assert_eq!(horizon("queue_wait"), Some(minutes(5)));
    assert_eq!(horizon("rate(x[2m])"), Some(minutes(2)));
    assert_eq!(horizon("rate(x[30m]) / y"), Some(minutes(5)));
    assert_eq!(horizon("max_over_time(x[1h:1m])"), None);
    assert_eq!(horizon("rate(x[5m"), None);
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_ranges_fit(
        text in "([\\[\\](){}\"'`#:$., \\n<>=!+*/^@%-]|rate|sum by|offset|or|and|bool|on|vector|5m|1e|\\{\\{|\\}\\}|é|_|x){0,40}",
        guard in proptest::prelude::any::<bool>(),
    ) {
        let standing = if guard { Standing::Guard } else { Standing::Value };
        for finding in look(&text, standing, Unit::Percent, EACH) {
            proptest::prop_assert!(text.get(finding.range).is_some());
        }
        let condition = condition::parse("> 5 for 67%", Unit::Ratio, None).expect("a condition");
        let limits = Limits { condition: &condition, in_stop: true, unit: Unit::Ratio, counted: None };
        let _ = limit(&text, limits);
        let _ = horizon(&text, Duration::from_secs(300));
    }

    #[test]
    fn no_other_text_panics(text in ".{0,60}") {
        for finding in look(&text, Standing::Value, Unit::Ratio, EACH) {
            proptest::prop_assert!(text.get(finding.range).is_some());
        }
    }
}

#[test]
fn m5_the_shortest_range_is_found_where_ranges_are() {
    let seconds = |text| shortest_range(text).map(|range| range.millis() / 1000);
    assert_eq!(seconds("sum(rate(x[5m])) / sum(rate(y[1m]))"), Some(60));
    assert_eq!(seconds("max_over_time(rate(x[2m])[1h:15s])"), Some(120));
    let quoted = "x{a=\"[10s]\", b='[\\'9s]', c=`[8s]\\`} # [7s]";
    assert_eq!(seconds(quoted), None);
    assert_eq!(seconds("rate(x[]) + rate(y[oops]) + rate(z["), None);
    assert_eq!(seconds("# one\nrate(x[30s])"), Some(30));
}
