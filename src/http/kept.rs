//! What was granted for a time: fetched when it is first needed, one fetch at a time, and renewed. Must not know what it is.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::fault::{Again, Fault};
use crate::secret::Secret;

/// What is granted is renewed this long before it expires.
const MARGIN: Duration = Duration::from_secs(10);
/// Nothing is kept longer than this.
const LONGEST: Duration = Duration::from_hours(24);
/// Where nothing is granted and asking again would not help, nobody is asked again for this long.
const REFUSED: Duration = Duration::from_secs(30);

/// Something granted.
pub(super) struct Granted<T> {
    pub(super) what: T,
    /// For how long; `None` until it is refused.
    pub(super) lasts: Option<Duration>,
    /// What of it must never be printed.
    pub(super) secrets: Vec<Secret>,
}

/// The place where it is kept.
pub(super) struct Kept<T> {
    place: Mutex<Place<T>>,
    /// Every secret of this run, including those of what was discarded, since answers may still show them.
    received: std::sync::Mutex<Vec<Secret>>,
}

struct Place<T> {
    /// What is there, or why nothing is, and until when.
    held: Option<(Result<T, Fault>, Option<Instant>)>,
    /// Counts what was fetched, so that what is already renewed is not discarded for the failures of its predecessor.
    number: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            place: Mutex::new(Place {
                held: None,
                number: 0,
            }),
            received: std::sync::Mutex::default(),
        }
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept and its number; fetched if there is none or it is about to expire.
    pub(super) async fn get(
        &self,
        fetch: impl Future<Output = Result<Granted<T>, Fault>>,
    ) -> Result<(T, u64), Fault> {
        let mut place = self.place.lock().await;
        let now = Instant::now();
        if let Some((held, until)) = &place.held
            && until.is_none_or(|until| now < until)
        {
            return held.clone().map(|what| (what, place.number));
        }
        place.held = None;
        place.number += 1;
        let granted = match fetch.await {
            Ok(granted) => granted,
            Err(fault) => {
                let is_final = fault.again == Again::No;
                let kept = (Err(fault.clone()), Some(Instant::now() + REFUSED));
                place.held = is_final.then_some(kept);
                return Err(fault);
            }
        };
        let until = granted.lasts.map(|lasts| {
            // Of what does not even last that long, half.
            let early = MARGIN.min(lasts / 2);
            Instant::now() + lasts.min(LONGEST).saturating_sub(early)
        });
        self.received().extend(granted.secrets);
        place.held = Some((Ok(granted.what.clone()), until));
        Ok((granted.what, place.number))
    }

    /// Discards what was refused, unless it was renewed meanwhile.
    pub(super) async fn discard(&self, number: u64) {
        let mut place = self.place.lock().await;
        if place.number == number {
            place.held = None;
        }
    }
}

impl<T> Kept<T> {
    /// Every secret so far.
    pub(super) fn received(&self) -> MutexGuard<'_, Vec<Secret>> {
        // Nothing can panic while it is held: a poisoned list is as good as any.
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::FailureCode;

    #[expect(clippy::unnecessary_wraps, reason = "as what is tested takes it")]
    fn granted(what: &'static str, millis: Option<u64>) -> Result<Granted<&'static str>, Fault> {
        Ok(Granted {
            what,
            lasts: millis.map(Duration::from_millis),
            secrets: vec![Secret::new(what.to_owned())],
        })
    }

    #[tokio::test]
    async fn it_is_fetched_again_before_it_expires() {
        let kept = Kept::default();
        let first = kept.get(async { granted("first", Some(60_000)) }).await;
        assert_eq!(first.expect("granted"), ("first", 1));
        let same = kept.get(async { granted("second", None) }).await;
        assert_eq!(same.expect("granted"), ("first", 1));
        let kept = Kept::default();
        let brief = kept.get(async { granted("brief", Some(200)) }).await;
        assert_eq!(brief.expect("granted"), ("brief", 1));
        // It would still be good for as long again.
        tokio::time::sleep(Duration::from_millis(110)).await;
        let second = kept.get(async { granted("second", None) }).await;
        assert_eq!(second.expect("granted"), ("second", 2));
        assert_eq!(kept.received().len(), 2);
    }

    #[tokio::test]
    async fn what_was_renewed_meanwhile_is_not_discarded() {
        let kept = Kept::default();
        let (_, first) = kept
            .get(async { granted("a", None) })
            .await
            .expect("granted");
        kept.discard(first).await;
        let (_, second) = kept
            .get(async { granted("b", None) })
            .await
            .expect("granted");
        kept.discard(first).await;
        let third = kept.get(async { granted("c", None) }).await;
        assert_eq!(third.expect("granted"), ("b", second));
    }

    #[tokio::test]
    async fn a_final_refusal_is_not_asked_for_again_at_once_but_a_passing_one_is() {
        let refused = || Err(Fault::last(FailureCode::SourceUnauthorized, "no"));
        let kept = Kept::<&str>::default();
        assert!(kept.get(async { refused() }).await.is_err());
        assert!(kept.get(async { granted("late", None) }).await.is_err());
        let kept = Kept::<&str>::default();
        let passing = || Err(Fault::passing(FailureCode::SourceUnreachable, "not now"));
        assert!(kept.get(async { passing() }).await.is_err());
        assert!(kept.get(async { granted("soon", None) }).await.is_ok());
    }
}
