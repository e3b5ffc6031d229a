//! Ctrl-C: queries stop, what was answered is judged and recorded, the rest is unknown. Pressed again, it ends the
//! process at once. Must not lose an interrupt that comes while nothing is asked.

use std::task::{Context, Waker};

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
        let mut next = Box::pin(tokio::signal::ctrl_c());
        // The signal is caught once the future is first polled, which must not wait for the task's turn.
        let first = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        tokio::spawn(async move {
            while first.is_pending() && next.as_mut().await.is_ok() {
                next.set(tokio::signal::ctrl_c());
                if sender.send_replace(true) {
                    // Files are whole at any moment, but no verdict has been printed.
                    say("no verdict was reached: interrupted twice");
                    std::process::exit(i32::from(Exit::Unrecorded.code()));
                }
            }
            // Without signals there is nothing to wait for.
            sender.closed().await;
        });
        Self(receiver)
    }

    /// Ends when the run is interrupted; at once if it already was.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|interrupted| *interrupted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
