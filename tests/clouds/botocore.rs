//! Amazon's own library signs what came over the wire, and finds the same signature: of 1,000 random requests, keys, tokens,
//! regions, paths and queries.

use std::fmt::Write as _;
use std::process::Command;

use super::{ONE, asked, source, variables};
use crate::source_fake::{Fake, json};
use crate::support::random::Random;
use crate::support::stores;
use gate::plan::Method;

const REQUESTS: usize = 1000;
/// What paths and queries are made of: reserved characters of every kind, blanks, and letters of several bytes.
const LETTERS: [&str; 34] = [
    "a", "Z", "7", "-", ".", "_", "~", " ", "+", "*", "/", "%", "&", "=", "!", "'", "(", ")", ";",
    ":", "@", "$", ",", "\"", "<", ">", "[", "]", "{", "}", "é", "日", "|", "^",
];
/// Of which a path in a plan may be made as it is.
const PATH: [&str; 16] = [
    "a", "Z", "7", "-", ".", "_", "~", "%20", "%2B", "*", "/", "%25", "=", "'", "é", ":",
];

#[tokio::test]
#[ignore = "needs the servers: tests/all.sh"]
async fn botocore_finds_the_same_signatures() {
    let mut random = Random::named("botocore");
    let text = |random: &mut Random, letters: &[&str], most: usize| -> String {
        let length = 1 + random.below(most);
        let letters = (0..length).map(|_| letters[random.below(letters.len())]);
        letters.collect()
    };
    let fake = Fake::start(|_| json(200, ONE)).await;
    let mut lines = String::new();
    for number in 0..REQUESTS {
        let key = format!("AKIA{number}");
        let secret = text(&mut random, &["a", "Z", "7", "/", "+", "="], 40);
        let token =
            (number % 3 != 0).then(|| text(&mut random, &["a", "Z", "7", "/", "+", "="], 400));
        let service = ["aps", "execute-api", "es"][number % 3];
        let region = ["eu-central-1", "us-gov-west-1", "cn-north-1"][number % 3];
        let path = text(&mut random, &PATH, 12).replace("..", ".");
        let mut environment = variables(&[
            ("AWS_ACCESS_KEY_ID", &key),
            ("AWS_SECRET_ACCESS_KEY", &secret),
        ]);
        if let Some(token) = &token {
            environment.insert("AWS_SESSION_TOKEN".to_owned(), token.clone());
        }
        let config = format!("{{sigv4: {{region: {region}, service: {service}}}}}");
        let mut source = source(&fake.url(), &config);
        source.url = gate::secret::Secret::new(format!("{}/{path}", fake.url()));
        source.method = if number % 2 == 0 {
            Method::Get
        } else {
            Method::Post
        };
        let query = text(&mut random, &LETTERS, 60);
        let answers = asked(&source, &[query.as_str()], &environment).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        let request = fake.requests().pop().expect("a request");
        let (head, body) = request.split_once("\r\n\r\n").expect("a request");
        let mut head = head.lines();
        let mut first = head.next().expect("a line").split(' ');
        let headers: Vec<_> = head.filter_map(|line| line.split_once(": ")).collect();
        let sent = serde_json::json!({
            "method": first.next(), "address": first.next(), "headers": headers, "body": body,
            "key": key, "secret": secret, "token": token, "service": service, "region": region,
        });
        writeln!(lines, "{sent}").expect("text");
    }
    assert_eq!(fake.queries(), REQUESTS);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), lines).expect("a file");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clouds/sign_again.py");
    let run = Command::new(stores::python())
        .arg(script)
        .arg(file.path())
        .output();
    let run = run.expect("python runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&run.stdout).trim(),
        REQUESTS.to_string()
    );
}
