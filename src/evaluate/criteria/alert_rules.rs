//! Which alerting rules could raise an alert that matches a selector, and whether they are healthy.
//!
//! Silence proves something only if such a rule exists, is healthy and was evaluated recently. Must not
//! take a rule that is merely possible for one that exists.

use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::findings::Rule;
use crate::plan::{Matcher, Selector};
use crate::units::{Duration, Instant};

/// A rule may always be this old; if its interval is longer, twice its interval.
const LEAST_AGE: Duration = Duration::from_secs(5 * 60);

/// Proof that every selector has healthy rules.
pub(super) struct Shown {
    /// How many different rules.
    pub rules: usize,
    pub notes: Vec<String>,
    /// Whether they were fetched long after T: they show the present, not T.
    pub after: bool,
}

/// Shows that each selector could find an alert.
///
/// # Errors
/// A selector without a rule, or with one that is not healthy at T.
pub(super) fn show(
    selectors: &[Selector],
    rules: &[Rule],
    at: Instant,
) -> Result<Shown, Undecided> {
    let mut concerned: Vec<bool> = rules.iter().map(|_| false).collect();
    let mut notes = Vec::new();
    for selector in selectors {
        let able: Vec<(usize, &Rule)> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| could_raise(rule, selector))
            .collect();
        if !able.iter().any(|(_, rule)| names(rule, selector)) {
            return Err(none(selector, rules.len(), able.len()));
        }
        notes.extend(left_open(selector, &able));
        for (place, rule) in able {
            at_work(rule, at)?;
            concerned
                .iter_mut()
                .skip(place)
                .take(1)
                .for_each(|one| *one = true);
        }
    }
    let concerned: Vec<&Rule> = rules
        .iter()
        .zip(concerned)
        .filter_map(|(rule, concerned)| concerned.then_some(rule))
        .collect();
    let after = concerned.iter().any(|rule| {
        rule.evaluated
            .is_some_and(|evaluated| evaluated - age(rule) > at)
    });
    if after {
        notes.push(format!(
            "the rules are from when they were fetched, after {at}"
        ));
    }
    Ok(Shown {
        rules: concerned.len(),
        notes,
        after,
    })
}

/// What a rule does with a label.
#[derive(PartialEq, Eq)]
enum Set<'r> {
    /// It leaves it to its query.
    NotAtAll,
    /// To the result of a template: anything.
    Template,
    To(&'r str),
}

fn set<'r>(rule: &'r Rule, label: &str) -> Set<'r> {
    let mut labels = rule.labels.iter();
    let value = match label {
        "alertname" => Some(rule.name.as_str()),
        _ => labels
            .find(|(name, _)| *name == label)
            .map(|(_, value)| value),
    };
    match value {
        None => Set::NotAtAll,
        Some(value) if value.contains("{{") => Set::Template,
        Some(value) => Set::To(value),
    }
}

/// Whether no label that the rule sets contradicts the selector.
fn could_raise(rule: &Rule, selector: &Selector) -> bool {
    (selector.matchers.iter()).all(|matcher| match set(rule, &matcher.label) {
        Set::To(value) => matcher.accepts(value),
        Set::Template | Set::NotAtAll => true,
    })
}

/// Whether the rule itself sets one of the labels that the selector asks for. Otherwise only its query could, and
/// every rule would match a misspelt name.
fn names(rule: &Rule, selector: &Selector) -> bool {
    let mut asked = selector.matchers.iter().filter(|one| needs_label(one));
    selector.matchers.iter().all(|one| !needs_label(one))
        || asked.any(|matcher| set(rule, &matcher.label) != Set::NotAtAll)
}

/// Whether an alert without the label does not satisfy it.
fn needs_label(matcher: &Matcher) -> bool {
    !matcher.accepts("")
}

fn none(selector: &Selector, rules: usize, able: usize) -> Undecided {
    let text = &selector.text;
    let reason = match (rules, able) {
        (0, _) => format!("no alert could fire for {text}: the source has no alerting rule"),
        (_, 0) => format!("no alert could fire for {text}: none of {rules} rules could raise it"),
        _ => format!(
            "no rule sets a label that {text} asks for, so none is shown to raise such an alert"
        ),
    };
    Undecided::new(Code::NoAlertRule, reason)
}

/// Labels that no rule sets: only the rules' queries can supply them.
fn left_open(selector: &Selector, able: &[(usize, &Rule)]) -> Option<String> {
    let open = selector.matchers.iter().filter(|matcher| {
        let mut rules = able.iter().map(|(_, rule)| rule);
        needs_label(matcher) && rules.all(|rule| set(rule, &matcher.label) == Set::NotAtAll)
    });
    let labels: Vec<String> = open.map(|matcher| format!("`{}`", matcher.label)).collect();
    (!labels.is_empty()).then(|| {
        let labels = labels.join(", ");
        format!("no rule sets {labels}: only the rules' queries can supply them")
    })
}

/// How long ago a rule may have been evaluated.
fn age(rule: &Rule) -> Duration {
    rule.interval.doubled().max(LEAST_AGE)
}

fn at_work(rule: &Rule, at: Instant) -> Result<(), Undecided> {
    let broken = |what: String| {
        let reason = format!("the rule `{}` {what}", rule.name);
        Err(Undecided::new(Code::AlertRuleBroken, reason))
    };
    if rule.health == "err" {
        let said = rule
            .error
            .as_deref()
            .map_or(String::new(), |error| format!(": {error}"));
        return broken(format!("cannot be evaluated{said}"));
    }
    let Some(evaluated) = rule.evaluated else {
        return broken("was never evaluated".to_owned());
    };
    if let Some(doubt) = &rule.doubt {
        return broken(doubt.clone());
    }
    if rule.health != "ok" {
        return broken(format!("is not known to be healthy: `{}`", rule.health));
    }
    if evaluated + age(rule) < at {
        let least = age(rule);
        return broken(format!(
            "was last evaluated at {evaluated}, over {least} before {at}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::LabelTest;

    const AT: Instant = Instant::from_secs(1_795_132_800);

    fn rule(labels: &[(&str, &str)]) -> Rule {
        let labels = labels.iter();
        Rule {
            name: "CheckoutDown".into(),
            labels: labels
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            health: "ok".into(),
            error: None,
            evaluated: Some(AT),
            interval: Duration::from_secs(15),
            firing: Vec::new(),
            doubt: None,
        }
    }

    fn equal(pairs: &[(&str, &str)]) -> Selector {
        let matcher = |&(label, value): &(&str, &str)| Matcher {
            label: label.to_owned(),
            test: LabelTest::Equal(value.to_owned()),
        };
        Selector {
            text: "{…}".into(),
            matchers: pairs.iter().map(matcher).collect(),
        }
    }

    fn code(selector: &Selector, rules: &[Rule]) -> Option<Code> {
        let shown = show(std::slice::from_ref(selector), rules, AT);
        shown.err().map(|undecided| undecided.code)
    }

    #[test]
    fn silence_proves_nothing_without_a_rule_that_could_fire() {
        let sev1 = equal(&[("severity", "sev1")]);
        assert_eq!(code(&sev1, &[]), Some(Code::NoAlertRule));
        let other = rule(&[("severity", "sev2")]);
        assert_eq!(code(&sev1, &[other]), Some(Code::NoAlertRule));
        assert_eq!(code(&sev1, &[rule(&[("severity", "sev1")])]), None);
    }

    #[test]
    fn a_misspelt_label_is_not_taken_for_one_that_a_query_may_supply() {
        let misspelt = equal(&[("severty", "sev1")]);
        let rules = [rule(&[("severity", "sev1")])];
        assert_eq!(code(&misspelt, &rules), Some(Code::NoAlertRule));
        let with_job = equal(&[("severity", "sev1"), ("job", "checkout")]);
        let shown = show(&[with_job], &rules, AT);
        assert!(shown.is_ok_and(|shown| shown.notes[0].contains("`job`")));
    }

    #[test]
    fn a_templated_label_can_become_anything() {
        let sev1 = equal(&[("severity", "sev1")]);
        assert_eq!(
            code(&sev1, &[rule(&[("severity", "{{ $labels.level }}")])]),
            None
        );
    }

    #[test]
    fn a_label_set_to_nothing_is_absent() {
        let sev1 = equal(&[("severity", "sev1")]);
        assert_eq!(
            code(&sev1, &[rule(&[("severity", "")])]),
            Some(Code::NoAlertRule)
        );
    }

    #[test]
    fn every_rule_that_could_raise_it_must_be_healthy() {
        let sev1 = equal(&[("severity", "sev1")]);
        let good = rule(&[("severity", "sev1")]);
        let broken = |change: fn(&mut Rule)| {
            let mut rule = good.clone();
            change(&mut rule);
            code(&sev1, &[good.clone(), rule])
        };
        assert_eq!(
            broken(|rule| rule.health = "err".into()),
            Some(Code::AlertRuleBroken)
        );
        assert_eq!(
            broken(|rule| rule.health = "unknown".into()),
            Some(Code::AlertRuleBroken)
        );
        assert_eq!(
            broken(|rule| rule.doubt = Some("is in the state `on`".into())),
            Some(Code::AlertRuleBroken)
        );
        assert_eq!(
            broken(|rule| rule.evaluated = None),
            Some(Code::AlertRuleBroken)
        );
        let late = broken(|rule| rule.evaluated = Some(AT - Duration::from_secs(301)));
        assert_eq!(late, Some(Code::AlertRuleBroken));
        assert_eq!(
            broken(|rule| rule.evaluated = Some(AT - Duration::from_secs(300))),
            None
        );
        let slow = broken(|rule| {
            rule.interval = Duration::from_secs(600);
            rule.evaluated = Some(AT - Duration::from_secs(1200));
        });
        assert_eq!(slow, None);
    }

    #[test]
    fn rules_from_long_after_t_are_marked() {
        let mut rule = rule(&[("severity", "sev1")]);
        rule.evaluated = Some(AT + Duration::from_secs(3_600));
        let shown = show(&[equal(&[("severity", "sev1")])], &[rule], AT);
        assert!(shown.is_ok_and(|shown| shown.after));
    }
}
