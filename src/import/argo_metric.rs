//! One metric of an analysis template: what it asks of Prometheus or of an address, and what its answers have to be. Must not know
//! which template or rollout it is in.

use serde_yaml::Value;

use super::arguments::{Arguments, variable};
use super::division::divisor;
use super::draft::{
    Asked, Draft, DraftKpi, DraftProbe, DraftStage, Limit, Measured, Remarks, Server,
};
use super::expression::{self, Expression};
use super::fields::{at, keys, list, text};
use super::server::{UNKNOWN_SERVER, server};
use crate::units::Duration;

/// Providers of numbers that are not Prometheus.
const ELSEWHERE: &str = "gate asks Prometheus and what answers like it";
const JOB: &str =
    "a `job` metric: gate asks Prometheus; a probe or an artifact can hold its result";
const KAYENTA: &str = "a `kayenta` metric: a judge of its own; compare canary and control in a plan with a baseline `vars` and `at 95%`";

/// A metric as it is written.
pub(super) struct Metric<'v> {
    pub name: String,
    body: &'v Value,
}

/// What a metric becomes.
pub(super) struct Found {
    what: What,
    delay: Option<Duration>,
}

enum What {
    Kpi(Box<Kpi>),
    Probe(DraftProbe),
}

/// A KPI and how often it is measured.
pub(super) struct Kpi {
    draft: DraftKpi,
    pub measured: Measured,
    /// How long all its measurements take; `None` if there is no end to them.
    pub lasts: Option<Duration>,
}

impl Found {
    pub fn kpi(&self) -> Option<&Kpi> {
        match &self.what {
            What::Kpi(kpi) => Some(kpi),
            What::Probe(_) => None,
        }
    }

    /// Puts it into a stage whose window is known.
    pub fn put(self, is_dry: bool, draft: &mut Draft, stage: &mut DraftStage) {
        stage.settle = stage.settle.max(self.delay);
        let Kpi {
            draft: kpi,
            measured,
            lasts,
        } = match self.what {
            What::Kpi(kpi) => *kpi,
            What::Probe(probe) if is_dry => {
                let url = probe.url;
                let why =
                    format!("`dryRun` of a `web` metric: nothing asks {url} without deciding");
                return draft.remarks.leave_out(why);
            }
            What::Probe(probe) => return stage.probes.push(probe),
        };
        let window = stage.window.unwrap_or_default();
        let name = draft.add(kpi, &stage.name);
        if is_dry {
            return measured.watch(&name, stage);
        }
        if measured.good.is_empty() && measured.bad.is_empty() {
            return;
        }
        if !measured.can_fail(lasts.unwrap_or(window)) || !measured.can_fail(window) {
            draft.remarks.note(format!(
                "`failureLimit` of `{name}`: as many failures as measurements are allowed, so it never fails; it is watched and decides nothing"
            ));
            return measured.watch(&name, stage);
        }
        if lasts.is_some_and(|lasts| lasts < window) {
            draft.remarks.note(format!(
                "`count` of `{name}`: it is judged over the window of the stage, {window}, and not over its own measurements alone"
            ));
        }
        measured.ask(&name, stage);
    }
}

impl<'v> Metric<'v> {
    pub fn of(body: &'v Value) -> Self {
        let name = text(body, &["name"]);
        Self {
            name: name.unwrap_or_else(|| "unnamed".to_owned()),
            body,
        }
    }

    /// Reads what it asks.
    ///
    /// # Errors
    /// Why it cannot be said in a plan.
    pub fn read(&self, arguments: &Arguments, draft: &mut Draft) -> Result<Found, String> {
        let delay = self.duration("initialDelay", arguments)?;
        let providers = keys(self.body, &["provider"]);
        let what = match providers.first().map(String::as_str) {
            Some("prometheus") => What::Kpi(Box::new(self.prometheus(arguments, draft)?)),
            Some("web") => What::Probe(self.web(arguments, &mut draft.remarks)?),
            Some("job") => return Err(JOB.to_owned()),
            Some("kayenta") => return Err(KAYENTA.to_owned()),
            Some("plugin") => {
                let names = keys(self.body, &["provider", "plugin"]).join("`, `");
                return Err(format!(
                    "the plugin `{names}`: gate does not run plugins; a probe or an artifact can hold its result"
                ));
            }
            Some(other) => return Err(format!("a `{other}` metric: {ELSEWHERE}")),
            None => return Err("it has no `provider`".to_owned()),
        };
        Ok(Found { what, delay })
    }

    fn prometheus(&self, arguments: &Arguments, draft: &mut Draft) -> Result<Kpi, String> {
        let at_provider = |key: &'static str| ["provider", "prometheus", key];
        let query = text(self.body, &at_provider("query")).ok_or("it has no `query`")?;
        if at(self.body, &at_provider("rangeQuery")).is_some() {
            return Err("`rangeQuery`: its condition is about all points of a range; write it as a condition of the plan, such as `< 1% for 99%`".to_owned());
        }
        let conditions = self.conditions(arguments)?;
        let (measured, lasts) = self.measured(arguments, draft)?;
        let server = self.server(arguments, &mut draft.remarks);
        let query = arguments.query(query.trim(), &mut draft.needed);
        let guard = if conditions.empty_is_good {
            divisor(&query)
        } else {
            None
        };
        self.say_what_is_empty(&conditions, guard.is_some(), &mut draft.remarks);
        let kpi = DraftKpi {
            name: self.name.clone(),
            title: None,
            asked: Asked::One(query),
            unit: None,
            step: (!measured.once).then_some(measured.interval),
            source: draft.server(server),
            guard,
        };
        let measured = Measured {
            undecided: if conditions.is_three_way {
                measured.undecided
            } else {
                0
            },
            good: conditions.good,
            bad: conditions.bad,
            ..measured
        };
        if measured.good.is_empty() && measured.bad.is_empty() {
            draft.remarks.note(format!(
                "`{}` has no condition: each measurement is a success, so it is not asked",
                self.name
            ));
        }
        Ok(Kpi {
            draft: kpi,
            measured,
            lasts,
        })
    }

    fn server(&self, arguments: &Arguments, remarks: &mut Remarks) -> Server {
        let provider = at(self.body, &["provider", "prometheus"]).unwrap_or(self.body);
        for key in ["authentication", "headers"] {
            if at(provider, &[key]).is_some() {
                remarks.note(format!(
                    "`{key}` of `{}`: who asks is said in `http_config` of the plan's source",
                    self.name
                ));
            }
        }
        let address = text(provider, &["address"]);
        let known = address
            .as_ref()
            .and_then(|address| arguments.known(address).ok());
        if known.is_none() {
            remarks.note(format!("`address` of `{}`: {UNKNOWN_SERVER}", self.name));
        }
        let insecure = text(provider, &["insecure"]).as_deref() == Some("true");
        server(known, insecure, remarks)
    }

    /// How often it measures, and how often that may fail; without its limits.
    fn measured(
        &self,
        arguments: &Arguments,
        draft: &mut Draft,
    ) -> Result<(Measured, Option<Duration>), String> {
        let interval = self.duration("interval", arguments)?;
        let count = self.number("count", arguments)?;
        let tolerated = self.number("failureLimit", arguments)?.unwrap_or(0);
        let undecided = self.number("inconclusiveLimit", arguments)?.unwrap_or(0);
        let once = match (interval, count) {
            (None, None | Some(0 | 1)) | (Some(_), Some(1)) => true,
            (Some(_), _) => false,
            (None, Some(_)) => return Err("it has a `count` and no `interval`".to_owned()),
        };
        let name = &self.name;
        if once {
            draft.remarks.note(format!(
                "`{name}` measures once: here the newest point of the window decides, and 90% of its points have to be measured"
            ));
        }
        if self.number("consecutiveErrorLimit", arguments)?.is_some() {
            draft.remarks.note(format!(
                "`consecutiveErrorLimit` of `{name}`: measurements that fail are missing points; fewer than 90% measured is unknown"
            ));
        }
        if self
            .number("consecutiveSuccessLimit", arguments)?
            .is_some_and(|limit| limit > 0)
        {
            draft.remarks.note(format!(
                "`consecutiveSuccessLimit` of `{name}`: successes in a row do not end the window early"
            ));
        }
        let interval = interval.unwrap_or(Duration::from_secs(60));
        let lasts = count.filter(|count| !once && *count > 0);
        let lasts = lasts
            .map(|count| Duration::from_millis(interval.millis().saturating_mul(i64::from(count))));
        let measured = Measured {
            good: Vec::new(),
            bad: Vec::new(),
            tolerated,
            undecided,
            interval,
            once,
        };
        Ok((measured, lasts))
    }

    fn duration(&self, key: &str, arguments: &Arguments) -> Result<Option<Duration>, String> {
        let Some(written) = text(self.body, &[key]) else {
            return Ok(None);
        };
        let value = known(key, &written, arguments)?;
        let duration = Duration::parse(value.trim());
        let duration = duration.map_err(|error| format!("`{key}`: {error}"))?;
        Ok(Some(duration).filter(|duration| *duration > Duration::ZERO))
    }

    fn number(&self, key: &str, arguments: &Arguments) -> Result<Option<u32>, String> {
        let Some(written) = text(self.body, &[key]) else {
            return Ok(None);
        };
        let value = known(key, &written, arguments)?;
        // Below zero it is switched off: nothing is ever too many.
        let number = if value.trim().starts_with('-') {
            Ok(u32::MAX)
        } else {
            value.trim().parse()
        };
        let number = number.map_err(|_| format!("`{key}: {value}` is not a whole number"))?;
        Ok(Some(number))
    }

    fn say_what_is_empty(&self, conditions: &Conditions, has_guard: bool, remarks: &mut Remarks) {
        let name = &self.name;
        if conditions.empty_is_good {
            let here = if has_guard {
                "here points without traffic do not count, and a window without any is met only where the `guard` measured that there was none"
            } else {
                "here it is unknown"
            };
            remarks.note(format!("no result is a success of `{name}` (`len(result) == 0`, `isNaN`, `default`): {here}"));
        }
        if conditions.empty_is_bad {
            remarks.note(format!(
                "no result is a failure of `{name}` (`len(result)`, `isNaN`, `default`): here it is unknown"
            ));
        }
    }

    fn conditions(&self, arguments: &Arguments) -> Result<Conditions, String> {
        let read = |key: &str| -> Result<Option<Expression>, String> {
            let Some(written) = text(self.body, &[key]).filter(|text| !text.trim().is_empty())
            else {
                return Ok(None);
            };
            let value = known(key, &written, arguments)?;
            let found = expression::parse(&value)
                .map_err(|why| format!("`{key}: {}`: {why}", value.trim()))?;
            Ok(Some(found))
        };
        let mut found = Conditions::default();
        let success = read("successCondition")?;
        if let Some(success) = &success {
            found
                .success(success)
                .map_err(|why| format!("`successCondition`: {why}"))?;
        }
        let failure = read("failureCondition")?;
        if let Some(failure) = &failure {
            found
                .failure(failure)
                .map_err(|why| format!("`failureCondition`: {why}"))?;
        }
        found.is_three_way = success.is_some() && failure.is_some();
        if success.is_none() {
            found.good = found.bad.iter().map(Limit::negated).collect();
        }
        Ok(found)
    }

    /// A GET that has to answer with a value.
    fn web(&self, arguments: &Arguments, remarks: &mut Remarks) -> Result<DraftProbe, String> {
        let web = at(self.body, &["provider", "web"]).unwrap_or(self.body);
        let method = text(web, &["method"]).unwrap_or_else(|| "GET".to_owned());
        if method != "GET" {
            return Err(format!(
                "a `web` metric with {method}: gate only ever reads; let the job that sends it write an artifact"
            ));
        }
        if !list(web, &["headers"]).is_empty() || at(web, &["authentication"]).is_some() {
            return Err("a `web` metric with `headers`: write a probe with `http_config`, where secrets have a place".to_owned());
        }
        let url = text(web, &["url"]).ok_or("it has no `url`")?;
        let url = known("url", &url, arguments)?;
        let path = pointer(&text(web, &["jsonPath"]).unwrap_or_default())?;
        let condition = text(self.body, &["successCondition"]);
        let condition = condition.ok_or("a `web` metric without `successCondition`")?;
        let condition = known("successCondition", &condition, arguments)?;
        let json = match expression::parse(&condition)
            .map_err(|why| format!("`successCondition`: {why}"))?
        {
            Expression::Is(field, value) => (format!("{path}{field}"), value),
            Expression::Limit(limit) if limit.comparison == crate::plan::Comparison::Equal => {
                (path, limit.number)
            }
            Expression::Any(_)
            | Expression::All(_)
            | Expression::Limit(_)
            | Expression::Empty(_)
            | Expression::Nan(_) => {
                return Err(format!(
                    "`successCondition: {condition}`: a probe can only ask whether a value is exactly something"
                ));
            }
        };
        remarks.note(format!(
            "`{}` becomes a probe: it is asked once, when the gate is judged",
            self.name
        ));
        Ok(DraftProbe {
            url,
            json: (!json.0.is_empty()).then_some(json),
        })
    }
}

/// A text whose placeholders all have a value.
fn known(key: &str, written: &str, arguments: &Arguments) -> Result<String, String> {
    arguments.known(written).map_err(|name| {
        let (bare, var) = (name.trim_start_matches("args."), variable(&name));
        format!("`{key}` needs the value of `{bare}`: give it with `--var {var}=VALUE`")
    })
}

/// `{$.data.ok}` as a JSON pointer.
fn pointer(path: &str) -> Result<String, String> {
    let bare = path.trim().trim_start_matches('{').trim_end_matches('}');
    let bare = bare.trim_start_matches('$').trim_matches('.');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !bare.chars().all(is_plain) {
        return Err(format!(
            "`jsonPath: {path}`: write a probe with a JSON pointer"
        ));
    }
    let parts: Vec<&str> = bare.split('.').filter(|part| !part.is_empty()).collect();
    let is_whole = parts.is_empty();
    Ok(if is_whole {
        String::new()
    } else {
        format!("/{}", parts.join("/"))
    })
}

/// What measurements have to be.
#[derive(Default)]
struct Conditions {
    good: Vec<Limit>,
    bad: Vec<Limit>,
    empty_is_good: bool,
    empty_is_bad: bool,
    /// Whether a measurement may be neither.
    is_three_way: bool,
}

impl Conditions {
    fn success(&mut self, expression: &Expression) -> Result<(), String> {
        match expression {
            Expression::Limit(limit) => self.good.push(limit.clone()),
            Expression::All(all) => {
                for one in all {
                    self.success(one)?;
                }
            }
            Expression::Any(any) => {
                let is_empty = |one: &Expression| {
                    matches!(one, Expression::Empty(true) | Expression::Nan(true))
                };
                let (empty, others): (Vec<_>, Vec<_>) = any.iter().partition(|one| is_empty(one));
                let [one] = others.as_slice() else {
                    return Err("several limits of which one has to hold: a plan asks for all of its conditions".to_owned());
                };
                self.empty_is_good |= !empty.is_empty();
                self.success(one)?;
            }
            Expression::Empty(false) | Expression::Nan(false) => self.empty_is_bad = true,
            Expression::Empty(true) | Expression::Nan(true) => {
                return Err("it wants no result: gate decides on what was measured".to_owned());
            }
            Expression::Is(..) => {
                return Err(
                    "it compares with a word, and Prometheus answers with numbers".to_owned(),
                );
            }
        }
        Ok(())
    }

    fn failure(&mut self, expression: &Expression) -> Result<(), String> {
        match expression {
            Expression::Limit(limit) => self.bad.push(limit.clone()),
            Expression::Any(any) => {
                for one in any {
                    self.failure(one)?;
                }
            }
            Expression::All(all) => {
                let is_there = |one: &Expression| {
                    matches!(one, Expression::Empty(false) | Expression::Nan(false))
                };
                let (_, others): (Vec<_>, Vec<_>) = all.iter().partition(|one| is_there(one));
                let [one] = others.as_slice() else {
                    return Err("several limits that have to hold together: a stop trips on each of its conditions".to_owned());
                };
                self.failure(one)?;
            }
            Expression::Empty(true) | Expression::Nan(true) => self.empty_is_bad = true,
            Expression::Empty(false) | Expression::Nan(false) => {
                return Err("it fails on any result: gate decides on what was measured".to_owned());
            }
            Expression::Is(..) => {
                return Err(
                    "it compares with a word, and Prometheus answers with numbers".to_owned(),
                );
            }
        }
        Ok(())
    }
}
