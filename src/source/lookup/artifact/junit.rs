//! Test results in JUnit's XML → how many ran, how many failed. Counts test cases itself.
//!
//! Must not take a report that is cut off or contradicts itself for a good one.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::findings::JunitCounts;

/// Words of `status` and `result` for test cases that did not run.
const NOT_RUN: [&str; 5] = ["notrun", "skipped", "disabled", "suppressed", "ignored"];

/// What is open while reading.
#[derive(Default)]
struct Tally {
    counts: JunitCounts,
    /// Elements that are open.
    depth: usize,
    /// The depth of the open test case.
    case: Option<usize>,
    ran: bool,
    failed: bool,
    /// Failures and errors, one by one: a test case may have several.
    faults: u64,
    /// The most that any suite claims; suites may be nested.
    claimed: u64,
    /// Test cases so far, including those that did not run.
    cases: u64,
    /// The open suites.
    suites: Vec<Suite>,
    any_suite: bool,
}

/// A suite that is open.
struct Suite {
    depth: usize,
    /// Test cases before it.
    before: u64,
    /// How many it says it holds, where it says so.
    tests: Option<u64>,
}

/// Sums all suites.
///
/// # Errors
/// Not JUnit; XML that is cut off or garbled; suites that claim more test cases or failures than they hold.
pub(super) fn count(text: &[u8]) -> Result<JunitCounts, String> {
    let mut reader = Reader::from_reader(text);
    let mut tally = Tally::default();
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                tally.depth += 1;
                tally.begin(&element)?;
            }
            Ok(Event::Empty(element)) => {
                tally.depth += 1;
                tally.begin(&element)?;
                tally.end()?;
            }
            Ok(Event::End(_)) => tally.end()?,
            Ok(Event::Eof) => return tally.finish(),
            Ok(_) => {}
            Err(error) => return Err(format!("not XML: {error}")),
        }
        buffer.clear();
    }
}

impl Tally {
    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        match element.local_name().as_ref() {
            b"testsuites" | b"testsuite" => {
                self.any_suite = true;
                let claimed = claimed(element)?;
                self.claimed = self.claimed.max(claimed);
                self.suites.push(Suite {
                    depth: self.depth,
                    before: self.cases,
                    tests: number(element, "tests")?,
                });
            }
            _ if !self.any_suite => {
                return Err("not JUnit: it does not begin with a test suite".to_owned());
            }
            b"testcase" => {
                (self.case, self.failed) = (Some(self.depth), false);
                self.cases += 1;
                self.ran = !is_not_run(element)?;
            }
            b"skipped" => self.ran = self.ran && self.case.is_none(),
            b"failure" | b"error" => self.fault(),
            _ => {}
        }
        Ok(())
    }

    /// A suite may fail without a test case, when it cannot be set up.
    fn fault(&mut self) {
        self.faults += 1;
        match self.case {
            Some(_) => self.failed = true,
            None => self.counts.failures += 1,
        }
    }

    fn end(&mut self) -> Result<(), String> {
        if self.case == Some(self.depth) {
            self.case = None;
            self.counts.tests += u64::from(self.ran || self.failed);
            self.counts.failures += u64::from(self.failed);
        }
        if let Some(suite) = self.suites.pop_if(|suite| suite.depth == self.depth) {
            suite.holds(self.cases - suite.before)?;
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn finish(self) -> Result<JunitCounts, String> {
        if self.depth > 0 || !self.any_suite {
            return Err("not JUnit, or cut off".to_owned());
        }
        if self.claimed > self.faults {
            let (claimed, faults) = (self.claimed, self.faults);
            return Err(format!(
                "a suite claims {claimed} failures, but its test cases show {faults}"
            ));
        }
        Ok(self.counts)
    }
}

impl Suite {
    /// Whether it holds as many test cases as it claims; one that was cut off does not.
    fn holds(&self, cases: u64) -> Result<(), String> {
        match self.tests {
            Some(tests) if tests > cases => Err(format!(
                "a suite claims {tests} test cases, but holds {cases}"
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// Failures and errors that a suite claims.
fn claimed(element: &BytesStart<'_>) -> Result<u64, String> {
    let failures = number(element, "failures")?.unwrap_or(0);
    let errors = number(element, "errors")?.unwrap_or(0);
    Ok(failures.saturating_add(errors))
}

/// A number that a suite claims.
fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<u64>, String> {
    let number = attribute(element, name)?;
    let number = number
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let number = number.map(str::parse::<u64>).transpose();
    number.map_err(|_| format!("`{name}` of a suite is not a number"))
}

fn is_not_run(element: &BytesStart<'_>) -> Result<bool, String> {
    for name in ["status", "result"] {
        let word = attribute(element, name)?.unwrap_or_default();
        if NOT_RUN.contains(&word.to_ascii_lowercase().as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let found = element.try_get_attribute(name);
    let found = found.map_err(|error| format!("not XML: {error}"))?;
    Ok(found.map(|attribute| String::from_utf8_lossy(&attribute.value).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (u64, u64) {
        let counts = count(text.as_bytes()).expect(text);
        (counts.tests, counts.failures)
    }

    #[test]
    fn test_cases_are_counted_one_by_one() {
        let report = r#"<?xml version="1.0"?><testsuites tests="6"><testsuite name="a" tests="5" failures="1" errors="1">
            <testcase name="1"/><testcase name="2"><failure>no</failure></testcase>
            <testcase name="3"><error/><system-out>x</system-out></testcase>
            <testcase name="4"><skipped message="later"/></testcase>
            <testcase name="5" status="notrun"/><testcase name="6"><flakyFailure/></testcase>
            </testsuite></testsuites>"#;
        assert_eq!(counts(report), (4, 2));
        assert_eq!(counts("<testsuite/>"), (0, 0));
    }

    #[test]
    fn a_suite_that_cannot_be_set_up_has_failed() {
        assert_eq!(
            counts("<testsuite><error>no database</error></testsuite>"),
            (0, 1)
        );
    }

    #[test]
    fn a_report_that_contradicts_itself_shows_nothing() {
        assert!(count(br#"<testsuite failures="3"><testcase/></testsuite>"#).is_err());
        assert!(count(br#"<testsuite errors="many"><testcase/></testsuite>"#).is_err());
    }

    #[test]
    fn m14c_a_suite_that_claims_more_test_cases_than_it_holds_shows_nothing() {
        let refused = |text: &str| count(text.as_bytes()).expect_err(text);
        assert_eq!(
            refused(r#"<testsuite tests="3"><testcase/><testcase/></testsuite>"#),
            "a suite claims 3 test cases, but holds 2"
        );
        for text in [
            r#"<testsuites><testsuite tests="1"/><testsuite tests="1"><testcase/><testcase/></testsuite></testsuites>"#,
            r#"<testsuites tests="4"><testsuite tests="1"><testcase/></testsuite></testsuites>"#,
            r#"<testsuite tests="2"><testsuite tests="1"><testcase/></testsuite></testsuite>"#,
            r#"<testsuite tests="all"><testcase/></testsuite>"#,
        ] {
            refused(text);
        }
        // Those that were skipped are held, too, and fewer may be claimed.
        let held = r#"<testsuites tests="2"><testsuite tests=""><testcase/><testcase><skipped/></testcase></testsuite></testsuites>"#;
        assert_eq!(counts(held), (1, 0));
        assert_eq!(
            counts(r#"<testsuite tests="1"><testcase/><testcase/></testsuite>"#),
            (2, 0)
        );
    }

    #[test]
    fn what_is_cut_or_something_else_shows_nothing() {
        for text in [
            "",
            "{}",
            "<html><body/></html>",
            "<testsuite><testcase/>",
            "<testsuite><testcase></testsuite>",
            "<testcase/>",
        ] {
            assert!(count(text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "[<>/a-z\"'= &;!\\[\\]-]{0,60}") {
            let _ = count(text.as_bytes());
            let _ = count(format!("<testsuite><testcase>{text}").as_bytes());
        }

        #[test]
        fn a_prefix_is_not_a_report(end in 0_usize..70) {
            let whole = "<testsuites><testsuite><testcase><failure/></testcase></testsuite></testsuites>";
            proptest::prop_assert!(count(&whole.as_bytes()[..end]).is_err());
        }
    }
}
