//! A captured baseline as a source: its file answers questions. Must not be asked about the present.

use std::future::ready;

use super::recording::captured::Baseline;
use super::seam::{Answer, Pending, Source};
use crate::findings::Rule;
use crate::http::{ClockSeen, Fault};
use crate::samples::Question;

impl Source for Baseline {
    /// The file was read with or without its recorded text: `keep` was decided then.
    fn answer<'a>(&'a self, question: &'a Question, _keep: bool) -> Pending<'a, Answer> {
        let answer = self.find(question);
        Box::pin(ready(
            answer.unwrap_or_else(|fault| (Err(fault.into_failure()), None)),
        ))
    }

    fn rules(&self) -> Pending<'_, Result<Vec<Rule>, Fault>> {
        let fault = Fault::misconfigured("a captured baseline has no alerting rules");
        Box::pin(ready(Err(fault)))
    }

    fn version(&self) -> Pending<'_, Option<String>> {
        Box::pin(ready(None))
    }

    fn clock_seen(&self) -> ClockSeen {
        ClockSeen::default()
    }
}
