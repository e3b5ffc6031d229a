//! Ctrl-C: the asking ends, what was answered is judged and recorded, the rest is unknown. Must not end the process.

use std::sync::atomic::{AtomicBool, Ordering};

/// Remembers that the run was interrupted, so that later plans of it do not ask either.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Ends when the run is interrupted; at once where it was already.
    pub async fn wait(&self) {
        if self.0.load(Ordering::Relaxed) {
            return;
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.0.store(true, Ordering::Relaxed);
    }
}
