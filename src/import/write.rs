//! A draft → the text of a plan. Must not decide what is in it.

use super::draft::{Asked, Draft, DraftAsk, DraftKpi, DraftProbe, DraftStage, Server};
use crate::units::Duration;

/// Comments are wrapped at this column.
const WIDTH: usize = 110;
/// The name of the first source, where there are several.
const SOURCE: &str = "prometheus";

/// The plan, with a head that says what it was made of, what means something else, and what was left out.
pub(super) fn plan(draft: &Draft) -> String {
    let mut text = head(draft);
    line(
        &mut text,
        0,
        &format!("release: {}", scalar(&draft.release)),
    );
    sources(draft, &mut text);
    if !draft.kpis.is_empty() {
        line(&mut text, 0, "kpis:");
    }
    for one in &draft.kpis {
        kpi(one, draft.sources.len() > 1, &mut text);
    }
    line(&mut text, 0, "stages:");
    for one in &draft.stages {
        stage(one, &mut text);
    }
    text
}

/// How a source is called.
fn source_name(place: usize) -> String {
    if place == 0 {
        return SOURCE.to_owned();
    }
    format!("{SOURCE}-{}", place + 1)
}

fn head(draft: &Draft) -> String {
    let mut text = String::new();
    let remarks = &draft.remarks;
    comment(
        &mut text,
        "",
        &format!("Made by `gate import` from {}.", draft.made_of.join(", ")),
    );
    if !draft.needed.is_empty() {
        let needed: Vec<String> = draft
            .needed
            .iter()
            .map(|name| format!("--var {name}=VALUE"))
            .collect();
        comment(
            &mut text,
            "",
            &format!("Each command needs {}.", needed.join(" ")),
        );
    }
    for (title, entries) in [
        ("What means something else here:", &remarks.notes),
        ("What was left out:", &remarks.left_out),
    ] {
        if entries.is_empty() {
            continue;
        }
        comment(&mut text, "", title);
        for entry in entries {
            comment(&mut text, "- ", entry);
        }
    }
    text
}

/// A comment, wrapped; what comes from outside stays on its lines.
fn comment(text: &mut String, bullet: &str, words: &str) {
    let indent = " ".repeat(bullet.len());
    let mut current = format!("# {bullet}");
    let mut is_begun = false;
    for word in words.split_whitespace() {
        let word: String = word.chars().filter(|c| !c.is_control()).collect();
        if is_begun && current.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&current);
            text.push('\n');
            current = format!("# {indent}");
            is_begun = false;
        }
        if is_begun {
            current.push(' ');
        }
        current.push_str(&word);
        is_begun = true;
    }
    text.push_str(&current);
    text.push('\n');
}

fn sources(draft: &Draft, text: &mut String) {
    match draft.sources.as_slice() {
        [] => {}
        [one] => source(text, 0, "source", one),
        several => {
            line(text, 0, "sources:");
            for (place, one) in several.iter().enumerate() {
                source(text, 1, &source_name(place), one);
            }
        }
    }
}

fn source(text: &mut String, depth: usize, key: &str, server: &Server) {
    if !server.insecure {
        return line(text, depth, &format!("{key}: {}", scalar(&server.url)));
    }
    line(text, depth, &format!("{key}:"));
    line(text, depth + 1, &format!("url: {}", scalar(&server.url)));
    line(
        text,
        depth + 1,
        "http_config: { tls_config: { insecure_skip_verify: true } }",
    );
}

fn kpi(kpi: &DraftKpi, has_several_sources: bool, text: &mut String) {
    line(text, 1, &format!("{}:", scalar(&kpi.name)));
    if let Some(title) = &kpi.title {
        let title: Vec<&str> = title.split_whitespace().collect();
        line(text, 2, &format!("title: {}", scalar(&title.join(" "))));
    }
    match &kpi.asked {
        Asked::One(query) => block(text, 2, "query", query),
        Asked::Ratio {
            counted,
            part,
            total,
            objective,
        } => {
            line(text, 2, "ratio:");
            block(text, 3, counted, part);
            block(text, 3, "total", total);
            if let Some((share, period)) = objective {
                line(text, 2, &format!("objective: {share}"));
                line(text, 2, &format!("period: {period}"));
            }
        }
    }
    if has_several_sources {
        line(text, 2, &format!("source: {}", source_name(kpi.source)));
    }
    if let Some(unit) = kpi.unit {
        line(text, 2, &format!("unit: {unit}"));
    }
    if let Some(step) = kpi.step {
        line(text, 2, &format!("step: {step}"));
    }
    if let Some(guard) = &kpi.guard {
        line(text, 2, "guard:");
        block(text, 3, "query", guard);
        line(text, 3, "is: \"> 0\"");
        line(text, 2, "quiet: met");
    }
}

fn stage(stage: &DraftStage, text: &mut String) {
    line(text, 1, &format!("- name: {}", scalar(&stage.name)));
    let mut key = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            line(text, 2, &format!("{key}: {value}"));
        }
    };
    let shown = |length: Option<Duration>| {
        length
            .filter(|length| *length > Duration::ZERO)
            .map(|length| length.to_string())
    };
    key("traffic", stage.traffic.as_deref().map(scalar));
    key("window", shown(stage.window));
    key("settle", shown(stage.settle));
    if !stage.stop.is_empty() {
        line(text, 2, "stop:");
        asks(text, &stage.stop);
    }
    if !(stage.exit.is_empty() && stage.confirmations.is_empty() && stage.probes.is_empty()) {
        line(text, 2, "exit:");
        asks(text, &stage.exit);
        if !stage.confirmations.is_empty() {
            let names: Vec<String> = stage
                .confirmations
                .iter()
                .map(|name| scalar(name))
                .collect();
            line(text, 3, &format!("confirmations: [{}]", names.join(", ")));
        }
        probes(text, &stage.probes);
    }
    if !stage.watch.is_empty() {
        line(text, 2, "watch:");
        asks(text, &stage.watch);
    }
}

/// Conditions by KPI, in the order of their first ones.
fn asks(text: &mut String, asks: &[DraftAsk]) {
    if asks.is_empty() {
        return;
    }
    line(text, 3, "kpis:");
    let mut names: Vec<&str> = Vec::new();
    for ask in asks {
        if !names.contains(&ask.kpi.as_str()) {
            names.push(&ask.kpi);
        }
    }
    for name in names {
        let own = asks.iter().filter(|ask| ask.kpi == name);
        let conditions: Vec<String> = own.map(|ask| quoted(&ask.condition)).collect();
        let conditions = match conditions.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        line(text, 4, &format!("{}: {conditions}", scalar(name)));
    }
}

fn probes(text: &mut String, probes: &[DraftProbe]) {
    if probes.is_empty() {
        return;
    }
    line(text, 3, "probes:");
    for probe in probes {
        line(text, 4, &format!("- url: {}", quoted(&probe.url)));
        if let Some((pointer, value)) = &probe.json {
            line(
                text,
                5,
                &format!("json: {{ {}: {} }}", quoted(pointer), json(value)),
            );
        }
    }
}

/// A value of JSON: a number, `true` and the like as they are.
fn json(value: &str) -> String {
    let is_bare = serde_json::from_str::<serde_json::Value>(value)
        .is_ok_and(|value| !value.is_object() && !value.is_array());
    if is_bare {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn line(text: &mut String, depth: usize, words: &str) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(words);
    text.push('\n');
}

/// A text of any number of lines. Its own indentation is kept behind the first line.
fn block(text: &mut String, depth: usize, key: &str, words: &str) {
    let words = words.trim();
    if !words.contains('\n') && is_plain(words) {
        return line(text, depth, &format!("{key}: {words}"));
    }
    line(text, depth, &format!("{key}: |-"));
    for one in words.lines() {
        let one: String = one
            .trim_end()
            .chars()
            .filter(|c| !c.is_control() || *c == '\t')
            .collect();
        if one.is_empty() {
            text.push('\n');
        } else {
            line(text, depth + 1, &one);
        }
    }
}

/// A word as YAML takes it for itself.
fn is_plain(words: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let begins = words.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_word = words.chars().all(is_letter);
    let is_other = [
        "true", "false", "null", "yes", "no", "on", "off", "none", "y", "n",
    ];
    begins && is_word && !is_other.contains(&words.to_ascii_lowercase().as_str())
}

fn scalar(words: &str) -> String {
    if is_plain(words) {
        return words.to_owned();
    }
    quoted(words)
}

/// JSON's strings are YAML's, too.
fn quoted(words: &str) -> String {
    serde_json::Value::from(words).to_string()
}
