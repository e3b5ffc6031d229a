//! How often a source that is away is tried (W7): in each round at first, later once in a while. Must not ask it.

use std::collections::BTreeMap;

use crate::samples::{Failure, Observations, Origin, Question};
use crate::units::{Duration, Instant};

/// So many rounds in a row it is tried in each; after that, once in this time.
const OFTEN: (u32, Duration) = (10, Duration::from_secs(60));

/// The sources that are away.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    away: BTreeMap<String, Tried>,
}

#[derive(Debug, Clone)]
struct Tried {
    rounds: u32,
    /// Not tried again before.
    next: Instant,
    failure: Failure,
}

impl Pace {
    /// Takes out of what is to be asked the questions to sources that are not tried in a round as of `at`, each with the failure that
    /// was seen last.
    pub fn spare(&self, to_ask: &mut Vec<Question>, at: Instant) -> Observations {
        let mut spared = Observations::new();
        to_ask.retain(|question| {
            let tried = self.of(question).filter(|tried| at < tried.next);
            if let Some(tried) = tried {
                spared.insert(question.clone(), Err(tried.failure.clone()));
            }
            tried.is_none()
        });
        spared
    }

    /// When a source is tried again that is not tried in each round any more; `None` for all others.
    #[must_use]
    pub fn next_try(&self, source: &str) -> Option<Instant> {
        let tried = self.away.get(source)?;
        (tried.rounds >= OFTEN.0).then_some(tried.next)
    }

    /// Why a source is away, as it was seen last.
    #[must_use]
    pub fn failure(&self, source: &str) -> Option<&Failure> {
        self.away.get(source).map(|tried| &tried.failure)
    }

    fn of(&self, question: &Question) -> Option<&Tried> {
        match &question.origin {
            Origin::Source(name) => self.away.get(name),
            Origin::File(_) => None,
        }
    }

    /// What a round as of `at` asked, and what came back.
    pub fn tried(&mut self, answers: &Observations, at: Instant) {
        let mut seen: BTreeMap<&str, Option<&Failure>> = BTreeMap::new();
        for (question, answer) in answers {
            if let Origin::Source(name) = &question.origin {
                let failure = answer.as_ref().err();
                let of_source = failure.filter(|one| one.code.is_of_the_source());
                let worst = seen.entry(name).or_default();
                *worst = worst.or(of_source);
            }
        }
        for (name, failure) in seen {
            let Some(failure) = failure else {
                self.away.remove(name);
                continue;
            };
            let rounds = self.away.get(name).map_or(0, |tried| tried.rounds) + 1;
            let (often, pause) = OFTEN;
            let pause = if rounds >= often {
                pause
            } else {
                Duration::ZERO
            };
            let tried = Tried {
                rounds,
                next: at + pause,
                failure: failure.clone(),
            };
            self.away.insert(name.to_owned(), tried);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Asked, FailureCode, Reply};

    fn question(source: &str) -> Question {
        Question {
            origin: Origin::Source(source.to_owned()),
            query: "up".to_owned(),
            asked: Asked::At(Instant::from_secs(0)),
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn w7_a_source_that_is_away_for_long_is_tried_once_a_minute_and_the_others_in_each_round() {
        let failure = Failure {
            code: FailureCode::SourceUnreachable,
            message: "connection refused".to_owned(),
        };
        let mut pace = Pace::default();
        let mut tries = Vec::new();
        for second in 0..140 {
            let mut to_ask = vec![question("eu"), question("us")];
            let spared = pace.spare(&mut to_ask, at(second));
            assert!(to_ask.contains(&question("us")), "{second}");
            if to_ask.contains(&question("eu")) {
                tries.push(second);
            } else {
                assert!(spared[&question("eu")].is_err());
                // It is said, so that nobody takes the pause for a watch that hangs.
                let next = pace.next_try("eu").expect("a time");
                assert!(next > at(second) && next <= at(second + 60), "{second}");
            }
            assert_eq!(pace.next_try("us"), None);
            let answers = to_ask.into_iter().map(|one| {
                let is_away = one.origin == Origin::Source("eu".to_owned());
                let answer = if is_away {
                    Err(failure.clone())
                } else {
                    Ok(Reply::default())
                };
                (one, answer)
            });
            pace.tried(&answers.collect(), at(second));
        }
        assert_eq!(tries, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 69, 129]);
        pace.tried(
            &Observations::from([(question("eu"), Ok(Reply::default()))]),
            at(140),
        );
        assert_eq!((pace.next_try("eu"), pace.failure("eu")), (None, None));
        let mut to_ask = vec![question("eu")];
        assert!(pace.spare(&mut to_ask, at(141)).is_empty(), "it is back");
    }
}
