//! A condition of any text, against each unit: refused, or its printed form reads back as the same.
#![no_main]

use gate::plan::{Condition, Options, load};
use gate::plan::criteria::Ask;
use libfuzzer_sys::fuzz_target;

const UNITS: [&str; 8] = [
    "ratio",
    "percent",
    "seconds",
    "milliseconds",
    "bytes",
    "count",
    "per_second",
    "none",
];

fn read(condition: &str, unit: &str, list: &str) -> Option<Condition> {
    // JSON text is YAML text.
    let text = format!("{condition:?}");
    let plan = format!(
        "release: r\nsource: http://127.0.0.1:9090\nbaseline: {{offset: 7d}}\nkpis: {{k: {{query: up, unit: {unit}}}}}\nstages: [{{name: s, window: 1h, exit: {{kpis: {{k: \"< 1\"}}}}, {list}: {{kpis: {{k: {text}}}}}}}]\n"
    );
    let loaded = load(plan.as_bytes(), &Options::default()).ok()?;
    let criteria = loaded
        .plan
        .stages
        .into_iter()
        .flat_map(|stage| stage.gates)
        .flat_map(|gate| gate.criteria);
    criteria
        .filter_map(|criterion| match criterion.ask {
            Ask::Kpi(ask) => Some(ask.condition),
            _ => None,
        })
        .find(|read| read.text == condition.trim())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let unit = UNITS[usize::from(*choice) % UNITS.len()];
    let list = if *choice & 8 == 0 { "stop" } else { "watch" };
    if let Some(condition) = read(text, unit, list) {
        let again = read(&condition.text, unit, list);
        assert_eq!(
            again.as_ref(),
            Some(&condition),
            "read differently from its own words"
        );
    }
});
