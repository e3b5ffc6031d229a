//! Telling people and programs (W16): each receiver of a plan has a queue, and is told one notice after the other, beside everything
//! else. Must not compose a notice, decide who wants it beyond what the plan says, print, or show an address.
//!
//! `hook` (posting, with further attempts) · `program` (running one).

mod hook;
mod program;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::ledger::Notified;
use crate::plan::{Receiver, Recipient};
use crate::report::Notice;

/// Slack takes no more than one message a second.
const APART: Duration = Duration::from_secs(1);
const JSON: &str = "application/json; charset=utf-8";
const CLOUD_EVENT: &str = "application/cloudevents+json; charset=utf-8";

/// What telling needs of the world.
#[derive(Debug, Clone)]
pub struct Place {
    /// The plan's folder, absolute: files and programs that it names are relative to it.
    pub folder: PathBuf,
    /// The plan, absolute.
    pub plan: PathBuf,
    /// Reads an environment variable; used for proxies alone.
    pub environment: fn(&str) -> Option<String>,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which one it was.
    pub id: String,
    /// For the record.
    pub notified: Notified,
    /// What a program said, at most 64 KiB; to be escaped by whoever prints it.
    pub output: String,
}

/// Where notices are handed in.
#[derive(Debug)]
pub struct Desk {
    lines: Vec<Line>,
    outcomes: UnboundedReceiver<Outcome>,
}

/// One receiver.
#[derive(Debug)]
struct Line {
    receiver: Receiver,
    /// `None` once nothing more is handed in.
    queue: Option<UnboundedSender<Arc<Notice>>>,
    task: JoinHandle<()>,
}

impl Desk {
    /// A queue for each receiver. Call it inside a tokio runtime.
    #[must_use]
    pub fn open(receivers: Vec<Receiver>, place: &Place) -> Self {
        let (done, outcomes) = unbounded_channel();
        let line = |receiver: Receiver| {
            let (queue, notices) = unbounded_channel();
            let task = serve(receiver.clone(), place.clone(), notices, done.clone());
            Line {
                receiver,
                queue: Some(queue),
                task: tokio::spawn(task),
            }
        };
        Self {
            lines: receivers.into_iter().map(line).collect(),
            outcomes,
        }
    }

    /// Who is told, in plan order.
    pub fn receivers(&self) -> impl Iterator<Item = &Receiver> {
        self.lines.iter().map(|line| &line.receiver)
    }

    /// Hands a notice to each receiver that wants it. Returns how many those are.
    #[must_use]
    pub fn tell(&self, notice: Notice) -> usize {
        let notice = Arc::new(notice);
        let mut wanted = 0;
        for line in &self.lines {
            if let Some(queue) = &line.queue
                && line.receiver.wants(notice.event)
            {
                // Its task ends only after the queue.
                let _ = queue.send(Arc::clone(&notice));
                wanted += 1;
            }
        }
        wanted
    }

    /// What is through by now, each once.
    pub fn outcomes(&mut self) -> Vec<Outcome> {
        std::iter::from_fn(|| self.outcomes.try_recv().ok()).collect()
    }

    /// Nothing more is handed in; what is in the queues is still told.
    pub fn hang_up(&mut self) {
        for line in &mut self.lines {
            line.queue = None;
        }
    }

    /// Waits until everything that was handed in is through, each notice within its own timeout.
    pub async fn close(&mut self) -> Vec<Outcome> {
        self.hang_up();
        for line in &mut self.lines {
            // One that failed has said nothing, and nothing waits for it.
            let _ = (&mut line.task).await;
        }
        self.outcomes()
    }
}

/// Tells one receiver what comes, in order.
async fn serve(
    receiver: Receiver,
    place: Place,
    mut notices: UnboundedReceiver<Arc<Notice>>,
    done: UnboundedSender<Outcome>,
) {
    let mut free = Instant::now();
    while let Some(notice) = notices.recv().await {
        sleep_until(free).await;
        let told = tell(&receiver, &place, &notice).await;
        free = Instant::now() + pause_after(&receiver.to);
        let outcome = Outcome {
            id: notice.id.clone(),
            notified: Notified {
                to: receiver.shown(),
                event: notice.kind.word().to_owned(),
                result: told.result,
                attempts: told.attempts,
            },
            output: told.output,
        };
        // Nobody listens any more: nothing is to be done about it.
        let _ = done.send(outcome);
    }
}

fn pause_after(to: &Recipient) -> Duration {
    match to {
        Recipient::Slack(_) => APART,
        Recipient::Webhook(_) | Recipient::Exec(_) => Duration::ZERO,
    }
}

/// How it went.
struct Told {
    result: String,
    attempts: u64,
    output: String,
}

impl Told {
    fn new(result: impl Into<String>, attempts: u64) -> Self {
        Self {
            result: result.into(),
            attempts,
            output: String::new(),
        }
    }

    fn delivered(attempts: u64) -> Self {
        Self::new(Notified::DELIVERED, attempts)
    }
}

async fn tell(receiver: &Receiver, place: &Place, notice: &Notice) -> Told {
    let timeout = receiver.timeout.to_std();
    match &receiver.to {
        Recipient::Slack(hook) => {
            let body = notice.slack.as_bytes();
            hook::deliver(hook, (JSON, body), timeout, place).await
        }
        Recipient::Webhook(hook) => {
            let body = notice.cloud_event.as_bytes();
            hook::deliver(hook, (CLOUD_EVENT, body), timeout, place).await
        }
        Recipient::Exec(words) => program::run(words, notice, timeout, place).await,
    }
}
