//! Asking until there is an answer, a refusal, or no time left (rule 8).
//!
//! Must not know what is asked.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::fault::{Again, Fault};
use super::pool::Standing;
use super::retry;
use crate::samples::FailureCode;

/// How long a server is tried that nobody has reached yet. One that restarts is back by then; a wrong address never is, and
/// whoever wrote it waits for the answer.
const REACH: Duration = Duration::from_secs(10);

/// How long to wait for a server.
pub(super) struct Patience {
    /// For one answer, retries included.
    pub(super) timeout: Duration,
    /// Once this many questions have used up their timeout without any being answered, the server is lost, and the rest need
    /// not wait as long.
    pub(super) limit: usize,
    pub(super) standing: Arc<Standing>,
}

impl Patience {
    /// When an answer must be there; a lost server is not asked at all.
    pub(super) fn deadline(&self) -> Result<Instant, Fault> {
        match self.standing.lost.get() {
            Some(lost) => Err(lost.clone()),
            None => Ok(Instant::now() + self.timeout),
        }
    }

    /// Asks until there is an answer or no time left.
    pub(super) async fn insist<T, A: Future<Output = Result<T, Fault>>>(
        &self,
        deadline: Instant,
        once: impl Fn() -> A,
    ) -> Result<T, Fault> {
        let mut last: Option<Fault> = None;
        for attempt in 0.. {
            let Ok(result) = timeout_at(deadline, once()).await else {
                break;
            };
            let fault = match result {
                Ok(answer) => {
                    self.standing.answered.store(true, Relaxed);
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            let pause = match fault.again {
                Again::No => return Err(fault),
                Again::Later => retry::pause(attempt),
                Again::After(pause) => pause.max(retry::pause(0)),
            };
            let spared = self.timeout.saturating_sub(self.time_for(&fault));
            if Instant::now() + pause + spared >= deadline {
                return Err(self.give_up(fault, pause));
            }
            last = Some(fault);
            sleep(pause).await;
        }
        Err(self.out_of_time(last))
    }

    /// How long a fault of this kind is retried.
    fn time_for(&self, fault: &Fault) -> Duration {
        let reached = self.standing.answered.load(Relaxed);
        if fault.code == FailureCode::SourceUnreachable && !reached {
            self.timeout.min(REACH)
        } else {
            self.timeout
        }
    }

    fn out_of_time(&self, last: Option<Fault>) -> Fault {
        match last {
            Some(fault) => self.give_up(fault, Duration::ZERO),
            None => self.expire(Fault::last(
                FailureCode::SourceTimeout,
                format!("no complete answer within {}", shown(self.timeout)),
            )),
        }
    }

    fn give_up(&self, mut fault: Fault, pause: Duration) -> Fault {
        let (within, tried) = (shown(self.timeout), self.time_for(&fault));
        let end = if matches!(fault.again, Again::After(_)) && pause >= self.timeout {
            let wait = shown(pause);
            format!("it asks to wait {wait}, longer than the timeout of {within}")
        } else if tried < self.timeout {
            format!("retried for {}", shown(tried))
        } else {
            format!("retried until the timeout of {within}")
        };
        fault.message = format!("{}; {end}", fault.message);
        fault.again = Again::No;
        self.expire(fault)
    }

    /// Notes that a question has used up its timeout. A server that cannot be reached is lost at once; one that hangs or
    /// only returns errors, once as many questions as are asked at a time have waited in vain.
    fn expire(&self, fault: Fault) -> Fault {
        let expired = self.standing.expired.fetch_add(1, Relaxed) + 1;
        let out_of_reach = fault.code == FailureCode::SourceUnreachable;
        let says_nothing = matches!(
            fault.code,
            FailureCode::SourceTimeout | FailureCode::SourceError | FailureCode::SourceRateLimited
        );
        let is_lost = out_of_reach || (says_nothing && expired >= self.limit);
        if is_lost && !self.standing.answered.load(Relaxed) {
            // The first failure stays: questions still waiting would each wait as long for the same.
            let _ = self.standing.lost.set(fault.clone());
        }
        fault
    }
}

fn shown(time: Duration) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    crate::units::Duration::from_millis(millis).to_string()
}
