//! Sources that misbehave, on loopback: what each kind of fault becomes, and what must never leak (rule 8).

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::source_fake::{Fake, answer, ask, ask_all, grid, html, json, question, range, source};
use gate::plan::{Auth, Compression, SecretSource, Source};
use gate::samples::{FailureCode, Observation};
use gate::secret::Secret;

const ONE: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1.5"]]}]}}"#;

fn code(observation: &Observation) -> FailureCode {
    match observation {
        Err(failure) => failure.code,
        Ok(reply) => panic!("an answer: {reply:?}"),
    }
}

fn message(observation: &Observation) -> String {
    match observation {
        Err(failure) => failure.message.clone(),
        Ok(reply) => panic!("an answer: {reply:?}"),
    }
}

/// Asks a server that gives the same answer to every request.
async fn always(reply: impl Into<Vec<u8>>) -> (Observation, usize) {
    let reply = reply.into();
    let fake = Fake::start(move |_| reply.clone()).await;
    let observation = ask(&fake.source()).await;
    (observation, fake.queries())
}

#[tokio::test]
async fn an_answer_is_an_answer() {
    let (observation, asked) = always(json(200, ONE)).await;
    let reply = observation.expect("answer");
    assert_eq!((reply.series.len(), asked), (1, 1));
    assert_eq!(reply.series[0].points[0].value, 1.5);
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let fake = Fake::start(|_| Vec::new()).await;
    let source = fake.source();
    drop(fake);
    let observation = ask(&source).await;
    assert_eq!(code(&observation), FailureCode::SourceUnreachable);
    assert!(
        message(&observation).contains("refused"),
        "{}",
        message(&observation)
    );
    assert!(
        message(&observation).contains("timeout of 1s"),
        "{}",
        message(&observation)
    );
}

#[tokio::test]
async fn an_unresolvable_host_is_unreachable() {
    let observation = ask(&source("http://nowhere.invalid")).await;
    assert_eq!(code(&observation), FailureCode::SourceUnreachable);
}

#[tokio::test]
async fn an_empty_reply_is_unreachable() {
    let (observation, asked) = always(Vec::new()).await;
    assert_eq!(code(&observation), FailureCode::SourceUnreachable);
    assert!(asked > 1);
}

#[tokio::test]
#[ignore = "takes long: tests/all.sh"]
async fn cut_and_garbled_bodies_are_garbled_after_retries() {
    let half = &ONE[..ONE.len() / 2];
    let cut_without_length =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{half}");
    let cut_with_length = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{half}",
        ONE.len()
    );
    let cut_chunk = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n{half}"
    );
    let empty = String::from_utf8(json(200, "")).expect("text");
    let null = String::from_utf8(json(200, "null")).expect("text");
    let garbled = String::from_utf8(json(200, "{\"status\":!")).expect("text");
    for reply in [
        cut_without_length,
        cut_with_length,
        cut_chunk,
        empty,
        null,
        garbled,
    ] {
        let (observation, asked) = always(reply.clone()).await;
        assert_eq!(
            code(&observation),
            FailureCode::AnswerGarbled,
            "{reply}: {observation:?}"
        );
        assert!(asked > 1, "{reply}");
    }
}

#[tokio::test]
async fn statuses_are_named_for_what_they_are() {
    let cases = [
        (401, FailureCode::SourceUnauthorized, false),
        (403, FailureCode::SourceForbidden, false),
        (404, FailureCode::SourceNotFound, false),
        (413, FailureCode::QueryRejected, false),
        (429, FailureCode::SourceRateLimited, true),
        (500, FailureCode::SourceError, true),
        (502, FailureCode::SourceError, true),
        (503, FailureCode::SourceError, true),
        (504, FailureCode::SourceError, true),
    ];
    for (status, expected, again) in cases {
        let (observation, asked) = always(html(status, "Just Say No")).await;
        assert_eq!(code(&observation), expected, "{status}");
        assert!(
            message(&observation).contains("Just Say No"),
            "{}",
            message(&observation)
        );
        // What may be of the method is asked once more as a GET.
        let once = if matches!(status, 403 | 404) { 2 } else { 1 };
        assert_eq!(asked > once, again, "{status}: {asked}");
    }
}

#[tokio::test]
async fn plain_http_to_a_tls_port_gets_a_hint() {
    let (observation, _) = always(answer(
        400,
        "text/plain",
        "",
        b"Client sent an HTTP request to an HTTPS server.\n",
    ))
    .await;
    assert_eq!(code(&observation), FailureCode::SourceTls);
    assert!(message(&observation).contains("https://"));
}

#[tokio::test]
async fn the_servers_refusal_of_a_query_is_final() {
    let cases = [
        (
            400,
            r#"{"status":"error","errorType":"bad_data","error":"parse error: unclosed"}"#,
        ),
        (
            422,
            r#"{"status":"error","errorType":"execution","error":"many-to-many"}"#,
        ),
        (
            422,
            r#"{"status":"error","errorType":"422","error":"cannot parse"}"#,
        ),
        (
            200,
            r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
        ),
    ];
    for (status, body) in cases {
        let (observation, asked) = always(json(status, body)).await;
        assert_eq!(
            (code(&observation), asked),
            (FailureCode::QueryRejected, 1),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_query_that_timed_out_is_retried_whatever_the_status() {
    let cases = [
        (
            503,
            r#"{"status":"error","errorType":"timeout","error":"query timed out in query queue"}"#,
        ),
        (
            400,
            r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": context deadline exceeded"}"#,
        ),
        (
            422,
            r#"{"status":"error","errorType":"execution","error":"expanding series: context deadline exceeded"}"#,
        ),
    ];
    for (status, body) in cases {
        let (observation, asked) = always(json(status, body)).await;
        assert_eq!(code(&observation), FailureCode::QueryTimeout, "{body}");
        assert!(asked > 1);
    }
}

#[tokio::test]
async fn a_transient_fault_leaves_no_trace() {
    for trouble in [
        html(503, "busy"),
        html(429, "slow down"),
        json(200, ""),
        Vec::new(),
    ] {
        let count = AtomicUsize::new(0);
        let fake = Fake::start(move |_| {
            if count.fetch_add(1, SeqCst) < 2 {
                trouble.clone()
            } else {
                json(200, ONE)
            }
        })
        .await;
        assert!(ask(&fake.source()).await.is_ok());
        assert_eq!(fake.queries(), 3);
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_within_the_timeout() {
    let count = AtomicUsize::new(0);
    let fake = Fake::start(move |_| match count.fetch_add(1, SeqCst) {
        0 => answer(429, "text/plain", "Retry-After: 1\r\n", b"slow down"),
        _ => json(200, ONE),
    })
    .await;
    let patient = Source {
        timeout: gate::units::Duration::from_secs(5),
        ..fake.source()
    };
    let begin = std::time::Instant::now();
    assert!(ask(&patient).await.is_ok());
    assert!(begin.elapsed().as_millis() >= 1000);
    assert_eq!(fake.queries(), 2);

    let (observation, asked) = always(answer(
        429,
        "text/plain",
        "Retry-After: 120\r\n",
        b"slow down",
    ))
    .await;
    assert_eq!(
        (code(&observation), asked),
        (FailureCode::SourceRateLimited, 1)
    );
    assert!(
        message(&observation).contains("asks to wait 2m"),
        "{}",
        message(&observation)
    );
}

#[tokio::test]
async fn a_login_page_is_not_an_empty_result() {
    let (observation, asked) = always(html(200, "Sign in")).await;
    assert_eq!((code(&observation), asked), (FailureCode::SourceNotApi, 1));
    assert!(message(&observation).contains("Sign in"));
    let fake = Fake::start(|request| {
        if request.starts_with("GET /login") {
            html(200, "Sign in")
        } else {
            answer(
                302,
                "text/html",
                "Location: /login?next=secret-path\r\n",
                b"",
            )
        }
    })
    .await;
    let observation = ask(&fake.source()).await;
    assert_eq!(code(&observation), FailureCode::SourceNotApi);
    let text = message(&observation);
    assert!(
        text.contains("redirected to") && text.contains("/login") && !text.contains("secret-path"),
        "{text}"
    );
    let mut proud = fake.source();
    proud.http.follow_redirects = false;
    assert_eq!(code(&ask(&proud).await), FailureCode::SourceNotApi);
}

#[tokio::test]
async fn a_refused_post_becomes_a_get_and_that_is_remembered() {
    let fake = Fake::start(|request| {
        if request.starts_with("POST") {
            html(405, "no")
        } else {
            json(200, ONE)
        }
    })
    .await;
    let questions = [
        question("a", range(2)),
        question("b", range(2)),
        question("c", range(2)),
    ];
    let source = Source {
        concurrency: 1,
        ..fake.source()
    };
    let answered = ask_all(&[source], &questions, false).await;
    assert!(answered.observations.values().all(Result::is_ok));
    let requests = fake.requests();
    assert_eq!(
        requests
            .iter()
            .filter(|request| request.starts_with("POST"))
            .count(),
        1
    );
    assert!(
        requests.iter().any(|request| request
            .starts_with("GET /api/v1/query_range?query=a&start=0&end=60&step=60 ")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_slow_server_runs_into_the_timeout() {
    let fake = Fake::start_slow(std::time::Duration::from_secs(20), |_| json(200, ONE)).await;
    let begin = std::time::Instant::now();
    let observation = ask(&fake.source()).await;
    assert_eq!(code(&observation), FailureCode::SourceTimeout);
    assert!(begin.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn answers_beyond_the_limit_are_refused_compressed_or_not() {
    let body = format!(
        "{{\"status\":\"success\",\"x\":[{}1]}}",
        "0,".repeat(600_000)
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, body.as_bytes()).expect("gzip");
    let bomb = answer(
        200,
        "application/json",
        "Content-Encoding: gzip\r\n",
        &gzip.finish().expect("gzip"),
    );
    assert!(bomb.len() < 10_000);
    for reply in [json(200, &body), bomb] {
        let fake = Fake::start(move |_| reply.clone()).await;
        let small = Source {
            max_answer_bytes: 100_000,
            compression: Compression::Gzip,
            ..fake.source()
        };
        let observation = ask(&small).await;
        assert_eq!(code(&observation), FailureCode::AnswerTooLarge);
        assert!(message(&observation).contains("100000 bytes"));
        assert_eq!(fake.queries(), 1);
    }
}

#[tokio::test]
async fn warnings_and_remarks_come_with_the_answer() {
    let body = ONE.replace("\"status\"", r#""isPartial":true,"warnings":["remote_read: down","PromQL info: old"],"infos":["new"],"status""#);
    let fake = Fake::start(move |_| json(200, &body)).await;
    let reply = ask(&fake.source()).await.expect("answer");
    assert_eq!(reply.warnings.len(), 2);
    assert!(reply.warnings[1].starts_with("isPartial"));
    assert_eq!(reply.notes, ["PromQL info: old", "new"]);
    let trusting = Source {
        allow_partial: true,
        ..fake.source()
    };
    let reply = ask(&trusting).await.expect("answer");
    assert_eq!((reply.warnings.len(), reply.notes.len()), (0, 4));
}

#[tokio::test]
async fn native_histograms_have_no_value() {
    let body = include_str!("../fixtures/responses/native-mixed-range.json");
    assert_eq!(
        code(&always(json(200, body)).await.0),
        FailureCode::NativeHistogram
    );
}

#[tokio::test]
async fn rule_2_long_spans_are_fetched_in_pieces_and_joined() {
    let fake = Fake::start(|request| {
        let number = |key: &str| -> i64 {
            let body = request.split(key).nth(1).expect("key");
            body.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .expect("number")
        };
        let (start, end, step) = (number("start="), number("end="), number("step="));
        let points: Vec<String> = (start..=end)
            .step_by(usize::try_from(step).expect("step"))
            .map(|at| format!("[{at},\"{at}\"]"))
            .collect();
        let series = |name: &str| {
            format!(
                r#"{{"metric":{{"s":"{name}"}},"values":[{}]}}"#,
                points.join(",")
            )
        };
        let second = if start > 0 {
            format!(",{}", series("b"))
        } else {
            String::new()
        };
        json(
            200,
            &format!(
                r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}{second}]}}}}"#,
                series("a")
            ),
        )
    })
    .await;
    let asked = question("q", range(25_000));
    let observation = ask_all(
        &[Source {
            timeout: gate::units::Duration::from_secs(20),
            ..fake.source()
        }],
        std::slice::from_ref(&asked),
        false,
    )
    .await
    .observations
    .remove(&asked)
    .expect("observation");
    let reply = observation.expect("answer");
    assert_eq!(fake.queries(), grid(25_000, 60).count().div_ceil(11_000));
    for (position, point) in reply.series[0].points.iter().enumerate() {
        assert_eq!(point.at, grid(25_000, 60).at(position));
    }
    assert_eq!(reply.series[0].points.len(), grid(25_000, 60).count());
    assert_eq!(reply.series.len(), 2);
}

#[tokio::test]
async fn rule_2_one_failed_piece_fails_the_whole() {
    let fake = Fake::start(|request| {
        if request.contains("start=0&") {
            json(200, ONE)
        } else {
            html(403, "no")
        }
    })
    .await;
    let asked = question("q", range(15_000));
    let answered = ask_all(&[fake.source()], std::slice::from_ref(&asked), true).await;
    assert_eq!(
        code(&answered.observations[&asked]),
        FailureCode::SourceForbidden
    );
}

#[tokio::test]
async fn what_is_interrupted_says_so() {
    let fake = Fake::start_slow(std::time::Duration::from_secs(20), |_| json(200, ONE)).await;
    let asked = question("q", range(2));
    let sources = [Source {
        timeout: gate::units::Duration::from_secs(20),
        ..fake.source()
    }];
    let pool = gate::http::Pool::default();
    let request = crate::source_fake::request(&sources, std::slice::from_ref(&asked), &pool, true);
    let answered = gate::source::ask(
        request,
        &|_| {},
        tokio::time::sleep(std::time::Duration::from_millis(100)),
    )
    .await;
    assert_eq!(
        code(&answered.observations[&asked]),
        FailureCode::Interrupted
    );
}

#[tokio::test]
async fn a_lost_source_does_not_delay_every_question() {
    let fake = Fake::start(|_| Vec::new()).await;
    let source = Source {
        concurrency: 1,
        ..fake.source()
    };
    drop(fake);
    let questions: Vec<_> = (0..50)
        .map(|number| question(&format!("q{number}"), range(2)))
        .collect();
    let begin = std::time::Instant::now();
    let answered = ask_all(&[source], &questions, false).await;
    assert_eq!(answered.observations.len(), 50);
    assert!(
        answered
            .observations
            .values()
            .all(|observation| code(observation) == FailureCode::SourceUnreachable)
    );
    assert!(begin.elapsed().as_secs() < 10);
}

fn with_secrets(source: Source) -> Source {
    let mut source = source;
    let inline = |text: &str| SecretSource::Inline(Secret::new(text.to_owned()));
    source.http.auth = Some(Auth::Basic {
        username: inline("alice"),
        password: Some(inline("hunter-two")),
    });
    source.http.headers = vec![("X-Tenant-Key".to_owned(), inline("tenant-secret"))];
    source
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_another_host() {
    let away = Fake::start(|_| json(200, ONE)).await;
    let to = away.url();
    let home = Fake::start(move |_| {
        answer(
            307,
            "text/plain",
            &format!("Location: {to}/api/v1/query_range\r\n"),
            b"",
        )
    })
    .await;
    assert!(ask(&with_secrets(home.source())).await.is_ok());
    let sent = home.requests().join("\n").to_lowercase();
    assert!(
        sent.contains("authorization: basic ywxpy2u6ahvudgvylxr3bw==")
            && sent.contains("x-tenant-key: tenant-secret"),
        "{sent}"
    );
    let leaked = away.requests().join("\n").to_lowercase();
    assert!(
        leaked.contains("query=q")
            && !leaked.contains("authorization")
            && !leaked.contains("tenant"),
        "{leaked}"
    );
}

#[tokio::test]
async fn secrets_are_nowhere_in_messages() {
    let echo = "alice:hunter-two tenant-secret YWxpY2U6aHVudGVyLXR3bw== url-secret";
    let replies = [
        html(403, echo),
        html(500, echo),
        html(200, echo),
        json(
            400,
            &format!(r#"{{"status":"error","errorType":"bad_data","error":"{echo}"}}"#),
        ),
    ];
    for reply in replies {
        let fake = Fake::start(move |_| reply.clone()).await;
        let text = message(&ask(&with_secrets(fake.source())).await);
        assert!(text.contains("***"), "{text}");
        for secret in ["hunter-two", "tenant-secret", "YWxpY2U6"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let observation = ask(&source("http://bob:url-secret@127.0.0.1:1/")).await;
    assert!(!format!("{observation:?}").contains("url-secret"));
}

#[tokio::test]
async fn user_info_in_the_address_is_sent_as_basic_authentication() {
    let fake = Fake::start(|_| json(200, ONE)).await;
    let url = fake.url().replace("http://", "http://alice:hunter%2Dtwo@");
    assert!(ask(&source(&url)).await.is_ok());
    assert!(
        fake.requests()
            .iter()
            .all(|request| request.contains("YWxpY2U6aHVudGVyLXR3bw=="))
    );
}

#[tokio::test]
async fn a_missing_secret_file_is_named() {
    let fake = Fake::start(|_| json(200, ONE)).await;
    let mut source = fake.source();
    source.http.auth = Some(Auth::Header {
        scheme: "Bearer".to_owned(),
        credentials: SecretSource::File("no/such.token".into()),
    });
    let observation = ask(&source).await;
    assert_eq!(
        (code(&observation), fake.queries()),
        (FailureCode::SourceMisconfigured, 0)
    );
    assert!(message(&observation).contains("no/such.token"));
}

fn oauth2(issuer: &Fake) -> Auth {
    Auth::Oauth2(Box::new(gate::plan::Oauth2 {
        client_id: "gate".to_owned(),
        client_secret: SecretSource::Inline(Secret::new("shh-secret".to_owned())),
        token_url: Secret::new(format!("{}/token", issuer.url())),
        scopes: vec!["read".to_owned()],
        endpoint_params: Vec::new(),
        tls: gate::plan::TlsConfig::default(),
        proxy_url: None,
    }))
}

#[tokio::test]
async fn a_token_that_cannot_be_fetched_is_the_fault_of_its_endpoint() {
    let fake = Fake::start(|_| json(200, ONE)).await;
    for (reply, code_is, said) in [
        (
            html(403, "not shh-secret"),
            FailureCode::SourceUnauthorized,
            "no token from oauth2.token_url: the token endpoint answered 403: not *** (are these credentials allowed to do this?)",
        ),
        (
            json(200, r#"{"token":"abc"}"#),
            FailureCode::SourceUnauthorized,
            "no token from oauth2.token_url: the token endpoint answered without one",
        ),
    ] {
        let issuer = Fake::start(move |_| reply.clone()).await;
        let mut source = fake.source();
        source.http.auth = Some(oauth2(&issuer));
        let observation = ask(&source).await;
        assert_eq!(code(&observation), code_is);
        assert_eq!(message(&observation), said);
    }
    assert_eq!(fake.queries(), 0);
}

#[tokio::test]
async fn oauth2_fetches_one_token_and_renews_it_once_after_401() {
    let tokens = AtomicUsize::new(0);
    let issuer = Fake::start(move |_| {
        json(
            200,
            &format!(
                r#"{{"access_token":"token-{}","token_type":"Bearer","expires_in":3600}}"#,
                tokens.fetch_add(1, SeqCst)
            ),
        )
    })
    .await;
    let fake = Fake::start(|request| {
        if request.contains("Bearer token-1") {
            json(200, ONE)
        } else {
            html(401, "stale")
        }
    })
    .await;
    let mut source = Source {
        concurrency: 1,
        ..fake.source()
    };
    source.http.auth = Some(oauth2(&issuer));
    let questions = [question("a", range(2)), question("b", range(2))];
    let answered = ask_all(&[source], &questions, false).await;
    assert!(
        answered.observations.values().all(Result::is_ok),
        "{:?}",
        answered.observations
    );
    assert_eq!(issuer.requests().len(), 2);
    assert!(issuer.requests()[0].contains("grant_type=client_credentials&scope=read"));
}
