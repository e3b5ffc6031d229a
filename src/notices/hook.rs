//! A notice posted to an address: again while it may pass, within the timeout. Must not show more of the address than what goes wrong
//! says without it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Place, Told};
use crate::http::{Again, Fault, Pool, Posted, Server, Settings};
use crate::plan::Hook;

/// The pause before the second attempt; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Posts a body of a type. Any 2xx is delivered.
pub(super) async fn deliver(
    hook: &Hook,
    (kind, body): (&'static str, &[u8]),
    timeout: Duration,
    place: &Place,
) -> Told {
    // Anew for each notice: a credential may have been rotated.
    let server = match server(hook, timeout, place) {
        Ok(server) => server,
        Err(fault) => return Told::new(fault.message, 0),
    };
    let deadline = Instant::now() + timeout;
    let (mut attempts, mut pause, mut last) = (0, FIRST_PAUSE, String::new());
    loop {
        attempts += 1;
        let Ok(posted) = timeout_at(deadline, server.post(kind, body)).await else {
            let before = if last.is_empty() { "" } else { ", then " };
            let late = format!("{last}{before}no answer within {}", shown(timeout));
            return Told::new(late, attempts);
        };
        let (why, wait) = match posted {
            Ok(posted) if (200..300).contains(&posted.status) => {
                return Told::delivered(attempts);
            }
            Ok(posted) => refused(&posted),
            Err(fault) => failed(fault),
        };
        let Some(wait) = wait else {
            return Told::new(why, attempts);
        };
        let next = Instant::now() + wait.max(pause);
        if next >= deadline {
            let given_up = format!("{why}; given up, its timeout is {}", shown(timeout));
            return Told::new(given_up, attempts);
        }
        sleep_until(next).await;
        (pause, last) = (pause * 2, why);
    }
}

fn server(hook: &Hook, timeout: Duration, place: &Place) -> Result<Server, Fault> {
    let settings = Settings {
        http: hook.http.clone(),
        environment: &place.environment,
        timeout,
        ..Settings::plain("the receiver", &hook.url, &place.folder)
    };
    let mut server = Server::new(&settings, &Pool::default())?;
    server.hide_address();
    Ok(server)
}

/// What an answer says that is no success, and how long to wait at least before the next attempt; `None` where another one would
/// not help.
fn refused(posted: &Posted) -> (String, Option<Duration>) {
    let said = match posted.said.as_str() {
        "" => String::new(),
        said => format!(": {said}"),
    };
    let passes = matches!(posted.status, 408 | 429 | 500..=599);
    (
        format!("answered {}{said}", posted.status),
        passes.then(|| posted.wait.unwrap_or_default()),
    )
}

fn failed(fault: Fault) -> (String, Option<Duration>) {
    let wait = match fault.again {
        Again::No => None,
        Again::Later => Some(Duration::ZERO),
        Again::After(wait) => Some(wait),
    };
    (fault.message, wait)
}

/// `30s`, `1500ms`.
fn shown(length: Duration) -> String {
    match length.subsec_millis() {
        0 => format!("{}s", length.as_secs()),
        _ => format!("{}ms", length.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(status: u16, wait: Option<u64>) -> Posted {
        Posted {
            status,
            said: "no".to_owned(),
            wait: wait.map(Duration::from_secs),
        }
    }

    #[test]
    fn w16_what_may_pass_is_tried_again_and_the_rest_is_not() {
        for status in [408, 429, 500, 501, 503, 599] {
            let (why, wait) = refused(&posted(status, Some(7)));
            assert_eq!(wait, Some(Duration::from_secs(7)), "{status}");
            assert_eq!(why, format!("answered {status}: no"));
        }
        for status in [300, 400, 401, 404, 410, 600] {
            assert_eq!(refused(&posted(status, Some(7))).1, None, "{status}");
        }
    }
}
