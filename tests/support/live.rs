//! A Prometheus of this moment: it answers with what has happened by now, and is away, late or broken when it is told to be.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
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
    /// The value of the label `site` of each series.
    sites: Vec<String>,
    /// Whether it has samples of times that have not come.
    knows_what_comes: bool,
    mood: Mood,
    /// From when to when it answers in another way.
    moods: Vec<(f64, f64, Mood)>,
    /// From when to when a value is another one.
    spans: Vec<(f64, f64, f64)>,
    /// From when to when there is none.
    holes: Vec<(f64, f64)>,
    /// The ranges that were asked: query, start, end, step, and when.
    asked: Vec<Range>,
    /// After so many more ranges, one is never answered.
    holds_after: Option<usize>,
    /// How many are not.
    held: usize,
    /// How long the ranges were whose answers were read to their end, in seconds.
    read: Vec<f64>,
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
        Self::of_sites(&["BER1"])
    }

    /// The same with a series for each of these sites.
    pub fn of_sites(sites: &[&str]) -> Self {
        let state = State {
            sites: sites.iter().map(|&site| site.to_owned()).collect(),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Faulty::new(move |asked, stream| serve(&shared, asked, stream));
        Self { server, state }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// It has samples of times that have not come: for a program whose clock is ahead.
    pub fn knows_what_comes(&self) {
        self.state.lock().expect("the state").knows_what_comes = true;
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

    /// The same; from then on so many ranges are answered, the next one never, all others again: whoever asks it is still waiting when
    /// [`Live::until_held`] returns, however slow the machine is.
    pub fn has_and_holds(&self, from: f64, to: f64, value: f64, free: usize) {
        let now = now();
        let mut state = self.state.lock().expect("the state");
        state.spans.push((now + from, now + to, value));
        state.holds_after = Some(free);
    }

    /// It is well again, and holds a range as above.
    pub fn is_well_and_holds(&self, free: usize) {
        let mut state = self.state.lock().expect("the state");
        (state.mood, state.holds_after) = (Mood::Well, Some(free));
    }

    /// Waits until so many ranges were asked.
    #[track_caller]
    pub fn until_asked(&self, count: usize) {
        self.until("ranges that are asked", |state| state.asked.len() >= count);
    }

    /// Waits until a range is held.
    #[track_caller]
    pub fn until_held(&self) {
        self.until("a range that is held", |state| state.held > 0);
    }

    /// Waits until an answer of at least so many seconds was read to its end.
    #[track_caller]
    pub fn until_read(&self, seconds: f64) {
        let is_read = |state: &State| state.read.iter().any(|length| *length >= seconds);
        self.until("an answer that was read", is_read);
    }

    /// Forgets which answers were read.
    pub fn forgets_what_was_read(&self) {
        self.state.lock().expect("the state").read.clear();
    }

    #[track_caller]
    fn until(&self, what: &str, is_so: impl Fn(&State) -> bool) {
        for _ in 0..1200 {
            if is_so(&self.state.lock().expect("the state")) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{what} never came: {:?}", self.asked());
    }

    /// A value in a span, at times since the epoch.
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
    let range = of("query")
        .zip(number("start"))
        .zip(number("end").zip(number("step")));
    // What is answered, and how, is decided at one moment.
    let mut state_now = state.lock().expect("the state");
    let mood = mood(&state_now);
    let body = match &range {
        Some(((query, start), (end, step))) => {
            let range = Range {
                query: query.clone(),
                start: *start,
                end: *end,
                at: now(),
            };
            state_now.asked.push(range);
            if is_held(&mut state_now) {
                drop(state_now);
                // Nobody answers before whoever asked has gone.
                let _ = stream.set_read_timeout(None);
                let _ = stream.read(&mut [0]);
                return;
            }
            matrix(&state_now, *start, *end, *step)
        }
        None if asked.head.contains("/buildinfo") => {
            r#"{"status":"success","data":{"version":"2.53.0"}}"#.to_owned()
        }
        None => vector(&state_now, number("time").unwrap_or_else(now)),
    };
    drop(state_now);
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
    let is_sent = stream.write_all(&bytes).is_ok() && stream.shutdown(Shutdown::Write).is_ok();
    // Whoever asked closes the connection once all is read.
    if let Some(((_, start), (end, _))) = range
        && is_sent
        && stream.read(&mut [0]).is_ok_and(|more| more == 0)
    {
        state.lock().expect("the state").read.push(end - start);
    }
}

/// Whether this range is the one that is never answered.
fn is_held(state: &mut State) -> bool {
    match state.holds_after {
        None => false,
        Some(0) => {
            (state.holds_after, state.held) = (None, state.held + 1);
            true
        }
        Some(free) => {
            state.holds_after = Some(free - 1);
            false
        }
    }
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
    if state.holes.iter().any(|(from, to)| is_in(*from, *to)) {
        return None;
    }
    if at > now() && !state.knows_what_comes {
        return None;
    }
    let span = state
        .spans
        .iter()
        .rev()
        .find(|(from, to, _)| is_in(*from, *to));
    Some(span.map_or(0.5, |(_, _, value)| *value))
}

fn matrix(state: &State, start: f64, end: f64, step: f64) -> String {
    let (mut points, mut at) = (Vec::new(), start);
    while at <= end + 1e-6 {
        if let Some(value) = value(state, at) {
            points.push(format!("[{at},\"{value}\"]"));
        }
        at += step;
    }
    let points = points.join(",");
    let sites = state.sites.iter().filter(|_| !points.is_empty());
    let series =
        sites.map(|site| format!("{{\"metric\":{{\"site\":\"{site}\"}},\"values\":[{points}]}}"));
    let series = series.collect::<Vec<_>>().join(",");
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}"
    )
}

fn vector(state: &State, at: f64) -> String {
    let value = value(state, at.min(now())).unwrap_or(0.5);
    let series = state
        .sites
        .iter()
        .map(|site| format!("{{\"metric\":{{\"site\":\"{site}\"}},\"value\":[{at},\"{value}\"]}}"));
    let series = series.collect::<Vec<_>>().join(",");
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{series}]}}}}"
    )
}
