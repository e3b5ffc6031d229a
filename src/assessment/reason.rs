//! How a criterion turned out, and why: outcomes and their reasons, for programs. Words only.

use crate::kind::words;
use crate::samples::FailureCode;

words! {
    /// The outcome of a criterion. `Clear` and `Tripped` are a stop criterion's, `Met` and `Unmet` all others'.
    pub enum Outcome: "outcome" {
        /// Shown to hold.
        Met = "met",
        /// Shown not to hold.
        Unmet = "unmet",
        /// Not decided.
        Unknown = "unknown",
        /// Shown not to be in the bad state.
        Clear = "clear",
        /// Shown to be in the bad state.
        Tripped = "tripped",
    }
}

words! {
    /// Why an outcome is what it is, for programs. The words are stable.
    pub enum Code: "code" {
        /// Met.
        Met = "met",
        /// A stop criterion that is clear.
        Clear = "clear",
        /// What was measured contradicts the condition (unmet), or satisfies a stop's (tripped).
        Breach = "breach",
        /// The window is still running.
        WindowIncomplete = "window-incomplete",
        /// No grid point lies in the judged span yet.
        EmptySpan = "empty-span",
        /// Nothing was measured.
        NoData = "no-data",
        /// Fewer measured points than the coverage asks for.
        LowCoverage = "low-coverage",
        /// The newest measured point is too old.
        Stale = "stale",
        /// What lies between the ends of the window cannot be seen, and one number for all of it shows nothing.
        UnseenWindow = "unseen-window",
        /// The clock of the source is not the one that T was read from.
        ClockSkew = "clock-skew",
        /// A NaN where one value had to be compared.
        NotANumber = "not-a-number",
        /// A listed series did not come back.
        SeriesMissing = "series-missing",
        /// A series that nothing lists ended before the span did.
        SeriesEnded = "series-ended",
        /// Several series where one belongs.
        SeveralSeries = "several-series",
        /// Series that cannot be told apart.
        AmbiguousSeries = "ambiguous-series",
        /// Too many points at which the guard does not hold; or all of them, if the plan allows it.
        Quiet = "quiet",
        /// Fewer events than the KPI's `min_total`.
        LowTraffic = "low-traffic",
        /// Errors or good events of a ratio that are below zero, or more than all events.
        RatioImpossible = "ratio-impossible",
        /// A ratio or a percentage outside its range.
        ImpossibleValue = "impossible-value",
        /// The same instant twice in a series.
        DuplicatePoints = "duplicate-points",
        /// The answer came with warnings, or was partial.
        AnswerPartial = "answer-partial",
        /// The difference may be noise: neither good nor bad is shown (`at P`).
        Undecided = "undecided",
        /// Too few points at which canary and control were measured, to tell noise from a difference (`at P`).
        TooFewSamples = "too-few-samples",
        /// The baseline has no value.
        BaselineUnknown = "baseline-unknown",
        /// The captured baseline is of another query or unit.
        BaselineDiffers = "baseline-differs",
        /// The answer to the guard's query cannot be used.
        GuardUnknown = "guard-unknown",
        /// The stage's deadline has passed.
        DeadlinePassed = "deadline-passed",
        /// Nobody has answered yet, or an answer was taken back.
        NotAnswered = "not-answered",
        /// A person answered that it does not apply: met, and nobody confirmed it.
        NotApplicable = "not-applicable",
        /// A person answered: no.
        AnsweredNo = "answered-no",
        /// A day is over without its checkpoint.
        CheckpointMissed = "checkpoint-missed",
        /// Nothing records what this needs.
        NotRecorded = "not-in-ledger",
        /// A signature has expired, or was given for another verdict.
        SignatureVoid = "signature-void",
        /// One person signed where two have to.
        SameSigner = "same-signer",
        /// The plan requires a signature, and there is none that counts.
        Unsigned = "unsigned",
        /// The signature was made for an earlier entry, and counts once.
        SignatureReplayed = "signature-replayed",
        /// An incident is open, or was opened since the start.
        Incident = "incident",
        /// An alert fires, or fired in the window.
        Alert = "alert",
        /// No rule could raise the alert that is asked about.
        NoAlertRule = "no-alert-rule",
        /// A rule that could raise the alert is not evaluated.
        AlertRuleBroken = "alert-rule-broken",
        /// The file is missing, empty, too old or the wrong one.
        ArtifactUnfit = "artifact-unfit",
        /// The content of the file or the answer is not what was asked for.
        ContentUnfit = "content-unfit",
        /// The file or the log cannot be understood.
        ContentUnreadable = "content-unreadable",
        /// The address gives another answer.
        ProbeUnfit = "probe-unfit",
        /// T, or what is planned from T on, lies in a calendar to be avoided.
        InCalendar = "in-calendar",
        /// The stage before has not been left with GO.
        NotLeft = "not-left",
        /// What this rests on was GO too long ago.
        GoExpired = "go-expired",
        /// What this rests on was asked with other variables.
        AnotherQuestion = "another-question",
        /// What this rests on was found on a source at another address.
        AnotherSource = "another-source",
        /// A check for a later time found the gate unmet.
        NewerCheck = "newer-check",
        /// Something recorded after the judged time holds the gate.
        HeldSince = "held-since",
        /// The stop tripped in an earlier check, and nobody has resumed since.
        TrippedBefore = "tripped-before",
        /// The rollout is paused.
        Paused = "paused",
        /// The stage was rolled back, and has not begun again.
        RolledBack = "rolled-back",
        /// No rollback is recorded.
        NotRolledBack = "not-rolled-back",
        /// The stage has not begun by the time that is judged.
        NotBegun = "not-begun",
        /// The stage ended, because the next began, before its window was complete.
        CutShort = "cut-short",
        /// The given start is not the recorded one.
        StartDisputed = "start-disputed",
        /// The ledger is not there, though records speak of it.
        LedgerMissing = "ledger-missing",
        /// The plan has changed and cannot be used: a watch judges it as it was before.
        PlanChanged = "plan-changed",
        ;
        /// The source could not answer.
        Source(FailureCode)
    }
}

impl Code {
    /// Why a question has no answer, if that is it.
    #[must_use]
    pub fn source(self) -> Option<FailureCode> {
        let Self::Source(code) = self else {
            return None;
        };
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_word() {
        for code in Code::all() {
            assert_eq!(Code::from_word(code.word()), Some(code));
        }
        assert_eq!(
            Code::from_word("source-tls").map(Code::word),
            Some("source-tls")
        );
        assert_eq!(Code::from_word("fine"), None);
    }
}
