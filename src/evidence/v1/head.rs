//! The beginning of a record: enough to hold it against a ledger, without reading all of it. Must not take something else for
//! a record.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};

use super::{SCHEMA, wire};
use crate::evidence::LedgerSeen;
use crate::plan::release_id;
use crate::units::Instant;
use crate::verdict::Verdict;

/// What a record says before its gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// T.
    pub evaluated_at: Instant,
    /// The worst verdict of its gates.
    pub verdict: Verdict,
    /// The release, with its version if the plan gives one.
    pub release: String,
    /// The ledger that was read; `None` if none was.
    pub ledger: Option<LedgerSeen>,
}

/// The head of a record, from as much of its text as there is. `None` if that is not enough, or not the text of a record.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Head> {
    let mut found = Found::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    // It ends with an error in any case: the text is not read to its end.
    let _ = json.deserialize_map(Beginning(&mut found));
    Some(Head {
        evaluated_at: found.evaluated_at?,
        verdict: found.verdict?,
        release: found.release?,
        ledger: found.ledger,
    })
    .filter(|_| found.is_record && found.says_of_ledger)
}

#[derive(Default)]
struct Found {
    is_record: bool,
    evaluated_at: Option<Instant>,
    verdict: Option<Verdict>,
    release: Option<String>,
    says_of_ledger: bool,
    ledger: Option<LedgerSeen>,
}

impl Found {
    fn is_enough(&self) -> bool {
        self.release.is_some() && self.says_of_ledger && self.verdict.is_some()
    }
}

struct Beginning<'a>(&'a mut Found);

impl<'de> Visitor<'de> for Beginning<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<(), A::Error> {
        let found = self.0;
        while let Some(key) = keys.next_key::<String>()? {
            match key.as_str() {
                "schema" => found.is_record = keys.next_value::<String>()? == SCHEMA,
                "evaluated_at" => found.evaluated_at = Some(keys.next_value()?),
                "verdict" => found.verdict = Some(keys.next_value()?),
                "plan" => {
                    let release = keys.next_value::<wire::Plan>()?.release;
                    found.release = Some(release_id(&release.name, release.version.as_deref()));
                }
                "ledger" => {
                    found.ledger = keys.next_value()?;
                    found.says_of_ledger = true;
                }
                _ => {
                    keys.next_value::<IgnoredAny>()?;
                }
            }
            if found.is_enough() {
                return Err(A::Error::custom("this is enough"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::v1::to_json;
    use crate::report::scenarios;

    #[test]
    fn the_beginning_says_what_the_whole_says() {
        for (name, evidence) in scenarios::all() {
            let text = to_json(&evidence);
            let expected = Head {
                evaluated_at: evidence.evaluated_at,
                verdict: evidence.verdict,
                release: evidence.plan.release.id(),
                ledger: evidence.ledger.clone(),
            };
            assert_eq!(head(text.as_bytes()), Some(expected.clone()), "{name}");
            let gates = text.find("\"gates\"").expect("gates");
            let beginning = text.get(..gates).expect("a beginning");
            assert_eq!(head(beginning.as_bytes()), Some(expected), "{name}");
        }
    }

    #[test]
    fn too_little_and_something_else_are_no_record() {
        let text = to_json(&scenarios::go());
        for length in 0..200 {
            assert_eq!(head(text.get(..length).expect("text").as_bytes()), None);
        }
        let other = text.replace(SCHEMA, "gate.status/v1");
        assert_eq!(head(other.as_bytes()), None);
        assert_eq!(head(b"[]"), None);
        assert_eq!(head(b"{}"), None);
    }
}
