//! Ctrl-C, and what ends a job or a session (SIGTERM, SIGHUP): queries stop, what was answered is judged and recorded, the rest is
//! unknown. Sent again, it ends the process at once. Must not lose an interrupt that comes while nothing is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::diagnostics::say;
use crate::exit::Exit;

/// Signals that come so soon after the first are the same one: `timeout` sends its signal to the process and to its group.
const SAME: Duration = Duration::from_millis(200);

/// When the first signal came; `None` while none has.
type First = Option<Instant>;

/// Remembers that the run was interrupted, so that its later plans do not ask either.
#[derive(Debug)]
pub struct Interrupt(watch::Receiver<First>);

impl Interrupt {
    /// Listens from now on, whatever the run is doing. Call it inside a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(None);
        signals::listen(&Arc::new(sender));
        Self(receiver)
    }

    /// Whether the run was interrupted.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Ends when the run is interrupted; at once if it already was.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(First::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A signal came: the second one ends the process.
fn came(sender: &watch::Sender<First>) {
    let (now, mut is_second) = (Instant::now(), false);
    sender.send_if_modified(|first| {
        is_second = first.is_some_and(|first| is_another(first, now));
        let is_first = first.is_none();
        first.get_or_insert(now);
        is_first
    });
    if is_second {
        // Files are whole at any moment, but no verdict has been printed.
        say("no verdict was reached: interrupted twice");
        std::process::exit(i32::from(Exit::Unrecorded.code()));
    }
}

/// Whether somebody has sent a signal again, where the first came at that time.
fn is_another(first: Instant, now: Instant) -> bool {
    now.saturating_duration_since(first) >= SAME
}

#[cfg(unix)]
mod signals {
    use std::sync::Arc;

    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::watch::Sender;

    use super::First;

    /// Each is caught from here on, also before its task is first run.
    pub(super) fn listen(sender: &Arc<Sender<First>>) {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        for kind in kinds {
            let Ok(mut signal) = signal(kind) else {
                continue;
            };
            let sender = Arc::clone(sender);
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    super::came(&sender);
                }
                // Without signals there is nothing to wait for.
                sender.closed().await;
            });
        }
    }
}

#[cfg(not(unix))]
mod signals {
    use std::sync::Arc;

    use tokio::sync::watch::Sender;

    use super::First;

    pub(super) fn listen(sender: &Arc<Sender<First>>) {
        let sender = Arc::clone(sender);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                super::came(&sender);
            }
            sender.closed().await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_that_come_at_once_are_one() {
        let first = Instant::now();
        let after = |millis| is_another(first, first + Duration::from_millis(millis));
        assert_eq!(
            [0, 1, 199, 200, 5000].map(after),
            [false, false, false, true, true]
        );
    }
}
