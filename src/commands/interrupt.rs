//! Ctrl-C, and what ends a job or a session (SIGTERM, SIGHUP): queries stop, what was answered is judged and recorded, the rest is
//! unknown. Sent again, it ends the process at once. Must not lose an interrupt that comes while nothing is asked.

use std::sync::Arc;

use tokio::sync::watch;

use super::diagnostics::say;
use crate::exit::Exit;

/// Remembers that the run was interrupted, so that its later plans do not ask either.
#[derive(Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on, whatever the run is doing. Call it inside a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(false);
        signals::listen(&Arc::new(sender));
        Self(receiver)
    }

    /// Whether the run was interrupted.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when the run is interrupted; at once if it already was.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|interrupted| *interrupted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A signal came: the second one ends the process.
fn came(sender: &watch::Sender<bool>) {
    if sender.send_replace(true) {
        // Files are whole at any moment, but no verdict has been printed.
        say("no verdict was reached: interrupted twice");
        std::process::exit(i32::from(Exit::Unrecorded.code()));
    }
}

#[cfg(unix)]
mod signals {
    use std::sync::Arc;

    use tokio::signal::unix::{SignalKind, signal};
    use tokio::sync::watch::Sender;

    /// Each is caught from here on, also before its task is first run.
    pub(super) fn listen(sender: &Arc<Sender<bool>>) {
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

    pub(super) fn listen(sender: &Arc<Sender<bool>>) {
        let sender = Arc::clone(sender);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                super::came(&sender);
            }
            sender.closed().await;
        });
    }
}
