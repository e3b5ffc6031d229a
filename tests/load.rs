//! Many plans in one call: no more queries at a time than the plans allow, one slow source delays nobody else, and
//! Ctrl-C leaves a record of every plan.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::faulty::{Faulty, json};
use crate::support::program::Workplace;

const AT: &str = "1795132800";
const EMPTY: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;

fn plan(source: &str, kpis: usize) -> String {
    let (mut list, mut asks) = (String::new(), Vec::new());
    for kpi in 0..kpis {
        list += &format!("  k{kpi}: {{query: 'errors{{kpi=\"{kpi}\"}}'}}\n");
        asks.push(format!("k{kpi}: \"< 1\""));
    }
    format!(
        "release: test\nsource: {source}\nkpis:\n{list}stages: [{{name: pilot, observe: trailing, window: 5m, exit: {{kpis: {{{}}}}}}}]\n",
        asks.join(", ")
    )
}

/// `p0.yaml`, `p1.yaml`, … with these sources; their names.
fn workplace(sources: &[String], kpis: usize) -> (Workplace, Vec<String>) {
    let workplace = Workplace::new();
    let names: Vec<String> = (0..sources.len())
        .map(|number| format!("p{number}.yaml"))
        .collect();
    for (name, source) in names.iter().zip(sources) {
        workplace.write(name, plan(source, kpis));
    }
    (workplace, names)
}

fn arguments(names: &[String]) -> Vec<&str> {
    let plans = names.iter().map(String::as_str);
    ["check", "--at", AT].into_iter().chain(plans).collect()
}

/// A server that counts how many queries it sees at a time, and remembers the most.
fn counting() -> (Faulty, Arc<AtomicUsize>) {
    let (running, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let peak = Arc::clone(&most);
    let server = Faulty::new(move |asked, stream| {
        let is_query = asked.head.contains("query_range");
        if is_query {
            peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            running.fetch_sub(1, Ordering::SeqCst);
        }
        let _ = stream.write_all(&json(EMPTY));
    });
    (server, most)
}

#[test]
fn all_plans_together_ask_a_source_no_more_than_it_allows_and_in_their_order() {
    let (server, most) = counting();
    let source = format!("{{url: \"{}\", concurrency: 2}}", server.url());
    let sources: Vec<String> = (0..20).map(|_| source.clone()).collect();
    let (workplace, names) = workplace(&sources, 6);
    let finished = workplace.gate(&arguments(&names));
    assert_eq!(finished.code, 3);
    assert_eq!(most.load(Ordering::SeqCst), 2);
    let places: Vec<usize> = names
        .iter()
        .map(|name| finished.out.find(&format!("test - {name}")).expect(name))
        .collect();
    assert!(
        places.is_sorted(),
        "printed in the order of the command line"
    );
    for name in &names {
        assert_eq!(
            workplace
                .files(&name.replace(".yaml", ".evidence"), ".json")
                .len(),
            1
        );
    }
}

#[test]
fn a_slow_source_of_one_plan_does_not_delay_the_others() {
    let silent = Faulty::new(|_, _| std::thread::sleep(Duration::from_mins(1)));
    let (quick, _) = counting();
    let slow = format!("{{url: \"{}\", timeout: 1m}}", silent.url());
    let mut sources = vec![slow];
    sources.extend((0..5).map(|_| quick.url().to_owned()));
    let (workplace, names) = workplace(&sources, 3);
    let mut command = workplace.command(&arguments(&names), &[]);
    let begin = Instant::now();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let child = child.expect("gate runs");
    while workplace.files("p5.evidence", ".json").is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(40), "held up");
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("test - p0.yaml"));
}

#[test]
fn a_source_that_is_lost_is_lost_to_every_plan() {
    let sources: Vec<String> = (0..40)
        .map(|_| "{url: \"http://127.0.0.1:1\", timeout: 3s}".to_owned())
        .collect();
    let (workplace, names) = workplace(&sources, 2);
    let begin = Instant::now();
    let finished = workplace.gate(&arguments(&names));
    finished.says(3, "Connection refused");
    // One after the other they would take 120 s; concurrently they take a few.
    let took = begin.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
}

/// As Ctrl-C does.
fn interrupt(child: &Child) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn after_an_interruption_every_one_of_many_plans_has_its_record() {
    let silent = Faulty::new(|_, _| std::thread::sleep(Duration::from_mins(1)));
    let (quick, _) = counting();
    let mut sources = vec![quick.url().to_owned(); 3];
    sources.extend(vec![silent.url().to_owned(); 20]);
    let (workplace, names) = workplace(&sources, 2);
    let mut command = workplace.command(&arguments(&names), &[]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let child = child.expect("gate runs");
    while silent.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    for quick in ["p0.evidence", "p1.evidence", "p2.evidence"] {
        while workplace.files(quick, ".json").is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    interrupt(&child);
    let begin = Instant::now();
    let output = child.wait_with_output().expect("its end");
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert_eq!(output.status.code(), Some(3));
    for name in &names {
        let folder = name.replace(".yaml", ".evidence");
        let records = workplace.files(&folder, ".json");
        assert_eq!(records.len(), 1, "{name}");
        let text = std::fs::read_to_string(&records[0]).expect("a record");
        let code = serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        let code = &code["gates"][0]["criteria"][0]["code"];
        let expected = if ["p0.yaml", "p1.yaml", "p2.yaml"].contains(&name.as_str()) {
            "no-data"
        } else {
            "interrupted"
        };
        assert_eq!(code, expected, "{name}");
    }
}

#[test]
fn a_second_interruption_ends_the_run_at_once_without_a_verdict() {
    let silent = Faulty::new(|_, _| std::thread::sleep(Duration::from_mins(1)));
    let (workplace, names) = workplace(&[silent.url().to_owned()], 1);
    let mut command = workplace.command(&arguments(&names), &[]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("gate runs");
    while silent.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    for _ in 0..2 {
        let _ = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
    }
    let code = child.wait().expect("its end").code();
    // The first may have sufficed: then the verdict is HOLD.
    assert!(matches!(code, Some(3 | 5)), "{code:?}");
}
