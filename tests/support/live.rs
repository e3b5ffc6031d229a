//! A Prometheus of this moment: it answers with what has happened by now, and is away, late or broken when it is told to be.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::faulty::{Faulty, Received, answer, json};

/// How it answers.
#[derive(Debug, Clone, Default)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// It closes each connection without a word.
    Silent,
    /// With a status, and nothing else.
    Status(u16),
    /// With what is no answer.
    Garbage,
    /// It begins to answer, and stops.
    Cut,
    /// Only after this time.
    Late(Duration),
}

#[derive(Default)]
struct State {
    mood: Mood,
    /// From when to when it answers in another way.
    moods: Vec<(f64, f64, Mood)>,
    /// From when to when a value is another one.
    spans: Vec<(f64, f64, f64)>,
    /// From when to when there is none.
    holes: Vec<(f64, f64)>,
    /// The ranges that were asked: query, start, end, step, and when.
    asked: Vec<Range>,
}

/// A range that was asked.
#[derive(Debug, Clone)]
pub struct Range {
    /// The query.
    pub query: String,
    /// Its first point.
    pub start: f64,
    /// Its last point.
    pub end: f64,
    /// When it was asked.
    pub at: f64,
}

/// The server: one series `site="BER1"` for whatever is asked, 0.5 where nothing else was said.
pub struct Live {
    server: Faulty,
    state: Arc<Mutex<State>>,
}

/// Seconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "the server is one of this moment"
)]
pub fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock after 1970").as_secs_f64()
}

impl Live {
    /// Starts it.
    pub fn new() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Faulty::new(move |asked, stream| serve(&shared, asked, stream));
        Self { server, state }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// How it answers from now on.
    pub fn is(&self, mood: Mood) {
        self.state.lock().expect("the state").mood = mood;
    }

    /// How it will answer in a span, in seconds from now.
    pub fn will_be(&self, from: f64, to: f64, mood: Mood) {
        let now = now();
        let mut state = self.state.lock().expect("the state");
        state.moods.push((now + from, now + to, mood));
    }

    /// A value in a span, in seconds from now.
    pub fn has(&self, from: f64, to: f64, value: f64) {
        let now = now();
        let mut state = self.state.lock().expect("the state");
        state.spans.push((now + from, now + to, value));
    }

    /// The same, at times since the epoch.
    pub fn had(&self, from: f64, to: f64, value: f64) {
        let mut state = self.state.lock().expect("the state");
        state.spans.push((from, to, value));
    }

    /// No samples in a span, in seconds from now; those before are there again.
    pub fn misses(&self, spans: &[(f64, f64)]) {
        let now = now();
        let spans = spans.iter().map(|(from, to)| (now + from, now + to));
        self.state.lock().expect("the state").holes = spans.collect();
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Range> {
        self.state.lock().expect("the state").asked.clone()
    }
}

fn serve(state: &Mutex<State>, asked: &Received, stream: &mut TcpStream) {
    let form = form(&asked.body);
    let of = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let number = |name: &str| of(name).and_then(|text| text.parse::<f64>().ok());
    let mood = mood(&state.lock().expect("the state"));
    let range = of("query")
        .zip(number("start"))
        .zip(number("end").zip(number("step")));
    if let Some(((query, start), (end, _))) = &range {
        let range = Range {
            query: query.clone(),
            start: *start,
            end: *end,
            at: now(),
        };
        state.lock().expect("the state").asked.push(range);
    }
    let body = match &range {
        Some(((_, start), (end, step))) => matrix(state, *start, *end, *step),
        None if asked.head.contains("/buildinfo") => {
            r#"{"status":"success","data":{"version":"2.53.0"}}"#.to_owned()
        }
        None => vector(state, number("time").unwrap_or_else(now)),
    };
    let whole = json(&body);
    let bytes = match mood {
        Mood::Well => whole,
        Mood::Silent => return,
        Mood::Status(status) => answer(&format!("{status} No"), "text/plain", ""),
        Mood::Garbage => {
            json("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{]}}")
        }
        Mood::Cut => whole[..whole.len() / 2].to_vec(),
        Mood::Late(pause) => {
            std::thread::sleep(pause);
            whole
        }
    };
    let _ = stream.write_all(&bytes);
}

/// As a form is sent.
fn form(body: &str) -> Vec<(String, String)> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (key.to_owned(), value.replace('+', " ")))
        .collect()
}

fn mood(state: &State) -> Mood {
    let now = now();
    let mut moods = state.moods.iter();
    let planned = moods.find(|(from, to, _)| *from <= now && now < *to);
    planned.map_or(state.mood.clone(), |(_, _, mood)| mood.clone())
}

fn value(state: &State, at: f64) -> Option<f64> {
    let is_in = |from: f64, to: f64| from <= at && at <= to;
    if state.holes.iter().any(|(from, to)| is_in(*from, *to)) || at > now() {
        return None;
    }
    let span = state
        .spans
        .iter()
        .rev()
        .find(|(from, to, _)| is_in(*from, *to));
    Some(span.map_or(0.5, |(_, _, value)| *value))
}

fn matrix(state: &Mutex<State>, start: f64, end: f64, step: f64) -> String {
    let state = state.lock().expect("the state");
    let (mut points, mut at) = (Vec::new(), start);
    while at <= end + 1e-6 {
        if let Some(value) = value(&state, at) {
            points.push(format!("[{at},\"{value}\"]"));
        }
        at += step;
    }
    let series = if points.is_empty() {
        String::new()
    } else {
        format!(
            "{{\"metric\":{{\"site\":\"BER1\"}},\"values\":[{}]}}",
            points.join(",")
        )
    };
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}"
    )
}

fn vector(state: &Mutex<State>, at: f64) -> String {
    let state = state.lock().expect("the state");
    let value = value(&state, at.min(now())).unwrap_or(0.5);
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{{\"metric\":{{\"site\":\"BER1\"}},\"value\":[{at},\"{value}\"]}}]}}}}"
    )
}
