//! Futures on a thread of their own, for callers that block: these may run on a thread that drives futures themselves, where
//! nothing may be driven inside. One runtime for as long as the engine, since connections that are kept belong to it.

use std::io;
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::records::PATIENCE;

/// What is run ends by itself before that.
const BEYOND: Duration = Duration::from_secs(5);

/// A runtime with one thread.
#[derive(Debug)]
pub(super) struct Runner(Option<Runtime>);

impl Runner {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("records")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs it to its end; `None` if it did not come to one.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = channel();
        self.0.as_ref()?.spawn(async move {
            // Nobody may be waiting any more.
            let _ = sender.send(work.await);
        });
        receiver.recv_timeout(PATIENCE + BEYOND).ok()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for it is not allowed on a thread that drives futures.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_be_used_and_dropped_where_futures_are_driven() {
        let outer = Builder::new_current_thread().build().expect("a runtime");
        let found = outer.block_on(async {
            let runner = Runner::start().expect("a runner");
            let found = runner.run(async { 42 });
            drop(runner);
            found
        });
        assert_eq!(found, Some(42));
    }
}
