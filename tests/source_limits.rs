//! An answer is limited by the memory that it would take, and a check by its timeout, whatever a server sends.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::source_fake::{Fake, json};
use gate::samples::FailureCode;

const START: &str = r#"{"status":"success","data":{"resultType":"matrix","result":["#;

async fn code_of(body: String, most: u64) -> Option<FailureCode> {
    let fake = Fake::start(move |_| json(200, &body)).await;
    let mut source = fake.source();
    source.max_answer_bytes = most;
    let observation = crate::source_fake::ask(&source).await;
    observation.err().map(|failure| failure.code)
}

fn many_series(count: usize) -> String {
    let mut body = START.to_owned();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"metric\":{{\"a\":\"{number}\"}},\"values\":[[60,\"1\"]]}}"
        )
        .expect("text");
    }
    body + "]}}"
}

#[tokio::test]
async fn small_series_are_counted_by_their_memory_not_by_their_text() {
    let most = 1 << 20;
    assert!(
        many_series(1000).len() < 1 << 18,
        "far from the limit of its text"
    );
    assert_eq!(
        code_of(many_series(1000), most).await,
        Some(FailureCode::AnswerTooLarge)
    );
    assert_eq!(code_of(many_series(100), most).await, None);
}

#[tokio::test]
async fn points_that_outgrow_the_limit_are_refused() {
    let points = |count: usize| {
        let pairs: Vec<String> = (0..count).map(|at| format!("[{at},\"1\"]")).collect();
        format!(
            "{START}{{\"metric\":{{}},\"values\":[{}]}}]}}}}",
            pairs.join(",")
        )
    };
    assert_eq!(
        code_of(points(40_000), 1 << 20).await,
        Some(FailureCode::AnswerTooLarge)
    );
    assert_eq!(code_of(points(20_000), 1 << 20).await, None);
}

#[tokio::test]
async fn no_series_has_thousands_of_labels() {
    let labels: Vec<String> = (0..2000)
        .map(|number| format!("\"l{number}\":\"x\""))
        .collect();
    let body = format!(
        "{START}{{\"metric\":{{{}}},\"values\":[[60,\"1\"]]}}]}}}}",
        labels.join(",")
    );
    assert_eq!(
        code_of(body, 1 << 28).await,
        Some(FailureCode::AnswerGarbled)
    );
}

#[tokio::test]
async fn a_version_that_never_comes_does_not_outlast_the_timeout() {
    // Accepts connections and says nothing, neither an answer nor its version.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut source = crate::source_fake::source(&format!("http://127.0.0.1:{port}"));
    source.timeout = gate::units::Duration::from_millis(300);
    let begin = Instant::now();
    let observation = crate::source_fake::ask(&source).await;
    assert!(observation.is_err());
    assert!(
        begin.elapsed() < Duration::from_millis(1500),
        "{:?}",
        begin.elapsed()
    );
}
