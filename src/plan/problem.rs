//! The catalogue of what can be wrong with a plan. Must not decide what is wrong, nor render it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::lint::{Lint, Severity};
use crate::kind::words;
use crate::secret::address;

/// Bytes of the plan's text, a BOM included.
pub type Span = Range<usize>;

words! {
    /// What is wrong, for programs. The words are stable.
    pub enum ProblemCode: "code of a problem" {
        /// Bytes that are not UTF-8.
        NotUtf8 = "not-utf8",
        /// More text or more values than a plan may have.
        TooLarge = "too-large",
        /// Lists and maps nested too deeply.
        TooDeep = "too-deep",
        /// Only white space and comments.
        EmptyPlan = "empty-plan",
        /// Not YAML.
        YamlSyntax = "yaml-syntax",
        /// A file of another tool, or another file of `gate`.
        OtherFormat = "other-format",
        /// More than one YAML document.
        SeveralDocuments = "several-documents",
        /// An alias that names nothing, or a merge of what is not a map.
        BadAlias = "bad-alias",
        /// A YAML tag.
        Tag = "tag",
        /// A key that is not text.
        KeyForm = "key-form",
        /// The same key twice in a map.
        DuplicateKey = "duplicate-key",
        /// A key without a value, or an empty string where one is needed.
        EmptyValue = "empty-value",
        /// A list or map without entries.
        EmptyList = "empty-list",
        /// A key that the format does not know.
        UnknownKey = "unknown-key",
        /// A list, map or string in the place of another.
        WrongShape = "wrong-shape",
        /// More errors of form than are listed at once.
        TooManyProblems = "too-many-problems",
        /// A key that must be there.
        MissingKey = "missing-key",
        /// A key that belongs elsewhere.
        MisplacedKey = "misplaced-key",
        /// Keys that exclude or need each other.
        ConflictingKeys = "conflicting-keys",
        /// A credential where whatever stands there is shown.
        WrittenCredential = "written-credential",
        /// A feature of another tool's format that `gate` does not have.
        UnsupportedKey = "unsupported-key",
        /// Not one of the allowed words.
        UnknownWord = "unknown-word",
        /// Something that cannot be a name.
        BadName = "bad-name",
        /// The same name or value twice in a list.
        DuplicateName = "duplicate-name",
        /// A reference to what the plan does not define.
        UnknownReference = "unknown-reference",
        /// Not a duration.
        BadDuration = "bad-duration",
        /// A duration of zero.
        ZeroDuration = "zero-duration",
        /// Not a share above 0 % and up to 100 %.
        BadShare = "bad-share",
        /// Not a number of the kind that belongs there.
        BadNumber = "bad-number",
        /// Not a moment, or moments in the wrong order.
        BadTime = "bad-time",
        /// Not the address of a server.
        BadUrl = "bad-url",
        /// Not a SHA-256 digest.
        BadDigest = "bad-digest",
        /// Not a time zone, weekly hours or dates.
        BadCalendar = "bad-calendar",
        /// Not a JSON pointer.
        BadPointer = "bad-pointer",
        /// Not an alert selector.
        BadSelector = "bad-selector",
        /// `${NAME}` that the environment does not have.
        UnsetEnvironment = "unset-environment",
        /// `${` without a name and a closing brace.
        BadPlaceholder = "bad-placeholder",
        /// A variable that nothing defines.
        UndefinedVariable = "undefined-variable",
        /// A variable whose name `gate` fills in itself.
        ReservedVariable = "reserved-variable",
        /// A value that cannot be put inside back quotes.
        UnquotableValue = "unquotable-value",
        /// `--var` on a name that nothing uses.
        UnusedOverride = "unused-override",
        /// `--source` for a plan with several sources.
        SourceOverride = "source-override",
        /// No source where one is needed.
        SourceMissing = "source-missing",
        /// A header that the HTTP client sets itself.
        ReservedHeader = "reserved-header",
        /// A parameter of a source that `gate` sets itself.
        ReservedParameter = "reserved-parameter",
        /// Not a condition of the grammar.
        BadCondition = "bad-condition",
        /// A threshold in a unit that the KPI's values cannot be compared with.
        UnitMismatch = "unit-mismatch",
        /// NaN, an infinity, or a number too large for 64 bits.
        NonFiniteNumber = "non-finite-number",
        /// A reducer together with `for`, `but` or `over`.
        ReducerWithFor = "reducer-with-for",
        /// `for` or `over` with a length beyond that of the window, or `for` or `but` with more points than it holds.
        ForOverWindow = "for-over-window",
        /// `for N points` outside a stop, or `but N points` in one.
        MisplacedPoints = "misplaced-points",
        /// `for` or `but` with a query that is sent once.
        ForWithWindowQuery = "for-with-window-query",
        /// Not a confidence from 80 % to 99.9 %, or one of what cannot be shown.
        BadConfidence = "bad-confidence",
        /// `at` where canary and control have no points side by side.
        AtNeedsPairs = "at-needs-pairs",
        /// `at` together with `for`, `but` or `over`.
        AtWithFor = "at-with-for",
        /// `at` with a reducer whose noise is not known.
        AtWithReducer = "at-with-reducer",
        /// What only a ratio of events has, for a KPI that is none.
        NeedsRatio = "needs-ratio",
        /// `x`, `budget` or `period` without an objective.
        NoObjective = "no-objective",
        /// `over` with a length that is not a multiple of the step.
        OverOffGrid = "over-off-grid",
        /// A ratio whose queries use `$window`, and something that needs points; or only one of them uses it.
        RatioWithWindow = "ratio-with-window",
        /// `@` with a query that is sent once.
        AtWithWindow = "at-with-window",
        /// A query that no server would accept.
        QuerySyntax = "query-syntax",
        /// A query that returns a range vector.
        BareRangeVector = "bare-range-vector",
        /// A guard that cannot be queried at its KPI's points.
        GuardQuery = "guard-query",
        /// A captured baseline that is missing, or cannot be read.
        BaselineFile = "baseline-file",
        /// Not exactly one kind of baseline.
        BadBaseline = "bad-baseline",
        /// A condition that says `baseline` where nothing defines one.
        BaselineUndefined = "baseline-undefined",
        /// An `offset` that is not a multiple of the step.
        OffsetOffGrid = "offset-off-grid",
        /// `missing: zero` without a guard.
        ZeroWithoutGuard = "zero-without-guard",
        /// `active` or `quiet` without a guard.
        QuietWithoutGuard = "quiet-without-guard",
        /// `series` without `per`.
        SeriesWithoutPer = "series-without-per",
        /// A stage without any gate.
        NoGate = "no-gate",
        /// `none` for what `defaults` does not say.
        NothingToDrop = "nothing-to-drop",
        /// A gate or list without any criterion.
        NoCriteria = "no-criteria",
        /// `stop`, `watch` or `deadline` without `exit`.
        ExitNeeded = "exit-needed",
        /// KPIs without a window to judge them over.
        WindowNeeded = "window-needed",
        /// Warning: an exit limit that a stop limit makes meaningless.
        LaxExitLimit = "lax-exit-limit",
        /// Warning: `at` in a stage without a stop at a fixed limit.
        AtWithoutStop = "at-without-stop",
        /// Warning: a step longer than the window.
        StepOverWindow = "step-over-window",
        /// Warning: a KPI that nothing uses.
        UnusedKpi = "unused-kpi",
        /// An accepted code that nothing reports.
        IdleAccept = "idle-accept",
        ;
        /// A finding about a KPI.
        Lint(Lint)
    }
}

impl ProblemCode {
    /// Whether it may follow from something else that is absent. If a part of the plan could not be read,
    /// that part may be what is missing, so such problems wait until the plan has its shape.
    pub(super) fn may_be_a_consequence(self) -> bool {
        matches!(
            self,
            Self::MissingKey
                | Self::UnknownReference
                | Self::UndefinedVariable
                | Self::UnusedOverride
                | Self::SourceMissing
                | Self::BaselineUndefined
                | Self::ZeroWithoutGuard
                | Self::QuietWithoutGuard
                | Self::SeriesWithoutPer
                | Self::OffsetOffGrid
                | Self::OverOffGrid
                | Self::NeedsRatio
                | Self::NoObjective
                | Self::RatioWithWindow
                | Self::BadBaseline
                | Self::AtNeedsPairs
                | Self::NoGate
                | Self::NoCriteria
                | Self::ExitNeeded
                | Self::WindowNeeded
                | Self::UnusedKpi
                | Self::UnitMismatch
                | Self::LaxExitLimit
                | Self::StepOverWindow
                | Self::IdleAccept
                | Self::Lint(Lint::ShortRange)
        )
    }
}

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// For programs.
    pub code: ProblemCode,
    /// Whether the plan can be judged anyway.
    pub severity: Severity,
    /// Where; `None` for the whole file, and for what comes from the command line.
    pub span: Option<Span>,
    /// Whether it stands on the command line and not in the plan.
    pub of_command_line: bool,
    /// For people: a fragment in lower case. Holds no secret.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Related places, each with a label.
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// An error at a place.
    pub(super) fn error(code: ProblemCode, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span: Some(span),
            of_command_line: false,
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }

    /// A captured baseline that cannot be used, and the command that captures it.
    #[must_use]
    pub fn of_baseline_file(file: &NamedFile, reason: &str, command: &str) -> Self {
        let path = &file.path;
        let message = format!("the baseline file `{path}` cannot be used: {reason}");
        Self::error(ProblemCode::BaselineFile, file.span.clone(), message)
            .help(format!("`{command}` writes it"))
    }

    /// A warning at a place.
    pub(super) fn warning(code: ProblemCode, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// An error of the whole file.
    pub(super) fn placeless(code: ProblemCode, message: impl Into<String>) -> Self {
        Self {
            span: None,
            ..Self::error(code, 0..0, message)
        }
    }

    /// An error of the command line.
    pub(super) fn of_command_line(code: ProblemCode, message: impl Into<String>) -> Self {
        Self {
            of_command_line: true,
            ..Self::placeless(code, message)
        }
    }

    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at another place too.
    pub(super) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// A file that a plan names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// As written.
    pub path: String,
    /// Where.
    pub span: Span,
}

/// A warning as it stays with a check: its place in words, credentials masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanWarning {
    /// For programs.
    pub code: ProblemCode,
    /// From 1; absent for what comes from the command line, like the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// From 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// For people.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A place in a plan as people and programs count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineSpan {
    /// Where it begins.
    pub line: usize,
    /// Of its first character.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Of the character behind its last one.
    pub end_column: usize,
}

impl LineSpan {
    /// Where a span of this text stands.
    #[must_use]
    pub fn of(span: &Span, text: &str) -> Self {
        let at = |byte: usize| {
            let before = text.get(..byte).unwrap_or_default();
            (before.matches('\n').count() + 1, column(before))
        };
        let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
        Self {
            line,
            column,
            end_line,
            end_column,
        }
    }
}

impl PlanWarning {
    /// What a problem of a plan with this text says.
    #[must_use]
    pub fn of(problem: &Problem, text: &str) -> Self {
        let span = problem.span.as_ref();
        let place = span.map(|span| LineSpan::of(span, text));
        Self {
            code: problem.code,
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            message: address::mask(&problem.message),
            help: problem.help.as_deref().map(address::mask),
        }
    }
}

/// From 1, counting characters.
fn column(before: &str) -> usize {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_start_matches('\u{feff}').chars().count() + 1
}

/// `did you mean …?` where one of the known words is close to what was written.
pub(super) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| (distance(written, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| format!("did you mean `{word}`?"))
}

/// The three of the known words that are closest to what was written, the closest first.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|word| (distance(written, word), word))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(3).map(|(_, word)| word).collect()
}

/// Levenshtein distance in characters, swapped neighbours counting once; strings over 64 characters are far from everything.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(65).collect();
    let right: Vec<char> = right.chars().take(65).collect();
    if left.len() > 64 || right.len() > 64 {
        return usize::MAX;
    }
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in right.iter().enumerate() {
            let change = at(&above, j) + usize::from(from != to);
            let mut best = change.min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped =
                j > 0 && i > 0 && left.get(i - 1) == Some(to) && right.get(j - 1) == Some(from);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let words: BTreeSet<_> = ProblemCode::all().map(ProblemCode::word).collect();
        assert_eq!(words.len(), ProblemCode::all().count());
        for word in words {
            assert!(
                word.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{word}"
            );
        }
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_1() {
        let text = "\u{feff}a: é\r\nb: [ü,\n  x]\n";
        let of = |found: &str| {
            let start = text.find(found).expect("it is there");
            let place = LineSpan::of(&(start..start + found.len()), text);
            (place.line, place.column, place.end_line, place.end_column)
        };
        assert_eq!(of("a:"), (1, 1, 1, 3));
        assert_eq!(of("é"), (1, 4, 1, 5));
        assert_eq!(of("[ü,\n  x]"), (2, 4, 3, 5));
    }

    #[test]
    fn close_words_are_offered_and_far_ones_are_not() {
        let known = ["threshold", "window", "query"];
        assert_eq!(
            did_you_mean("treshold", known).as_deref(),
            Some("did you mean `threshold`?")
        );
        assert_eq!(
            did_you_mean("widnow", known).as_deref(),
            Some("did you mean `window`?")
        );
        assert_eq!(did_you_mean("coverage", known), None);
        assert_eq!(did_you_mean("", known), None);
    }
}
