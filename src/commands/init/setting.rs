//! From the command line to what is looked for, without asking a server. Everything that can be wrong with it is detected here.

use std::path::{Path, PathBuf};

use super::{Unwritten, ask};
use crate::bounded;
use crate::cli::InitArgs;
use crate::commands::surroundings::{Surroundings, environment};
use crate::commands::validate::matchers_of;
use crate::http::Pool;
use crate::init::{Comparison, Shape, Template};
use crate::plan::{self, Options, Source};
use crate::samples::Question;
use crate::secret::address::without_user_info;
use crate::source::Request;
use crate::units::{Duration, Instant};

/// No settings are larger.
const MAX_BYTES: u64 = 1024 * 1024;
/// Where a Prometheus answers if nobody says otherwise.
const USUAL: &str = "http://127.0.0.1:9090";

/// What is looked for.
pub(super) struct Setting {
    /// The plan's path.
    pub path: PathBuf,
    pub shape: Shape,
    pub release: Option<String>,
    /// The source's address, as it is given.
    pub address: String,
    /// How it is asked, as JSON.
    pub http_config: Option<String>,
    /// The same as a plan has it.
    pub sources: Vec<Source>,
    /// The selector as it is given: what is wrong with it the server says best.
    pub given: Option<String>,
    /// Matchers of the series, as PromQL writes them.
    pub matchers: Vec<String>,
    /// The name of a service whose label is still to be found.
    pub service: Option<String>,
    pub sites: Option<String>,
    /// Canary and control, if they were named.
    pub versions: Option<Comparison>,
    pub since: Duration,
    pub at: Instant,
    pub with_history: bool,
    /// Whether shares of the traffic were given.
    pub has_shares: bool,
    /// Whether somebody can be asked.
    pub can_ask: bool,
}

impl Setting {
    pub fn of(
        arguments: &InitArgs,
        path: &Path,
        surroundings: &Surroundings,
    ) -> Result<Self, Unwritten> {
        let can_ask = surroundings.can_ask && !arguments.yes;
        let wanted = Wanted::of(arguments, can_ask)?;
        let address = wanted.source;
        if without_user_info(&address) != address {
            return Err(usage(
                "--source holds a user or a password, which a plan must not: name a file that holds it, such as `basic_auth: {username: USER, password_file: FILE}`, with --http-config",
            ));
        }
        let http_config = match &arguments.http_config {
            Some(path) => Some(http_config(path)?),
            None => None,
        };
        let sources = sources(&address, http_config.as_deref())?;
        let given = wanted.matching.as_deref();
        let matchers = given.map_or(Ok(Vec::new()), matchers)?;
        let shares = arguments.stages.as_ref().map(|stages| stages.0.as_slice());
        let shape = Shape::of(wanted.template, shares).map_err(Unwritten::Usage)?;
        let at = arguments
            .at
            .map_or(surroundings.now, |at| at.before(surroundings.now));
        if at > surroundings.now {
            return Err(usage(&format!(
                "--at {at} lies ahead: nothing is known of it yet"
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            shape,
            release: arguments.release.clone(),
            address,
            http_config,
            sources,
            given: wanted.matching.clone(),
            matchers,
            service: wanted.service,
            sites: arguments.sites.clone(),
            versions: versions(arguments)?,
            since: arguments.since,
            at,
            with_history: !arguments.no_history,
            has_shares: shares.is_some(),
            can_ask,
        })
    }

    /// The folder of the plan, to which files of the source's settings are relative.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// The source's host, for people.
    pub fn host(&self) -> String {
        let shown = self.sources.first().map(|source| source.shown_url.as_str());
        let shown = shown.unwrap_or(&self.address);
        let (_, rest) = shown.split_once("://").unwrap_or(("", shown));
        rest.split(['/', '?']).next().unwrap_or(rest).to_owned()
    }

    /// What is asked of the source is asked as a plan would.
    pub fn request<'a>(
        &'a self,
        pool: &'a Pool,
        questions: &'a [Question],
        now: Instant,
    ) -> Request<'a> {
        Request {
            sources: &self.sources,
            folder: self.folder(),
            questions,
            inquiries: &[],
            keep_answers: false,
            pool,
            environment: &environment,
            now,
            clock: None,
        }
    }
}

pub(super) fn usage(why: &str) -> Unwritten {
    Unwritten::Usage(why.to_owned())
}

/// What has to be known before anything is asked of a server.
struct Wanted {
    source: String,
    matching: Option<String>,
    service: Option<String>,
    template: Template,
}

impl Wanted {
    /// From the command line, from a person, or by default; where none of them says it, the missing flags are named.
    fn of(arguments: &InitArgs, can_ask: bool) -> Result<Self, Unwritten> {
        let mut missing = Vec::new();
        let mut source = arguments.source.clone();
        if source.is_none() && can_ask {
            source = ask::answer("which server measures it?", USUAL);
        }
        if source.is_none() {
            missing.push("--source URL");
        }
        let (mut matching, mut service) = (arguments.matching.clone(), arguments.service.clone());
        if matching.is_none() && service.is_none() && can_ask {
            let question = "which service, by its name or by a selector such as {job=\"shop-api\"}? enter for everything";
            match ask::answer(question, "") {
                Some(answer) if answer.starts_with('{') => matching = Some(answer),
                Some(answer) if !answer.is_empty() => service = Some(answer),
                Some(_) | None => {}
            }
        } else if matching.is_none() && service.is_none() && !arguments.yes {
            missing.push("--service NAME or --match SELECTOR");
        }
        let mut template = arguments.template;
        if template.is_none() && can_ask {
            let read = |answer: &str| {
                Template::from_word(answer)
                    .ok_or_else(|| format!("unknown template `{answer}`: {}", templates()))
            };
            let question = format!("which shape? {}", templates());
            template = ask::answer_that(&question, Template::Canary.word(), read);
        } else if arguments.yes {
            template = template.or(Some(Template::Canary));
        }
        if template.is_none() {
            missing.push("--template NAME");
        }
        match (source, template) {
            (Some(source), Some(template)) if missing.is_empty() => Ok(Self {
                source,
                matching,
                service,
                template,
            }),
            _ => Err(Unwritten::Usage(format!(
                "no terminal to ask at, and these are missing: {}; --yes takes defaults for all but --source",
                missing.join(", ")
            ))),
        }
    }
}

fn templates() -> String {
    Template::ALL.map(Template::word).join(", ")
}

/// The matchers of a selector in braces; none where it cannot be taken apart, which the server is asked about first.
fn matchers(selector: &str) -> Result<Vec<String>, Unwritten> {
    if !(selector.starts_with('{') && selector.ends_with('}')) {
        return Err(Unwritten::Usage(format!(
            "--match {selector} is not in braces: write {{job=\"shop-api\"}}, without a metric's name"
        )));
    }
    Ok(matchers_of(selector).unwrap_or_default())
}

fn versions(arguments: &InitArgs) -> Result<Option<Comparison>, Unwritten> {
    let (Some(control), Some(canary)) = (&arguments.control, &arguments.canary) else {
        return Ok(None);
    };
    if control.0 != canary.0 {
        return Err(Unwritten::Usage(format!(
            "--control is told by the label {}, --canary by {}: name two values of one label",
            control.0, canary.0
        )));
    }
    if control.1 == canary.1 {
        return Err(usage(
            "--control and --canary are the same series: they would be compared with themselves",
        ));
    }
    Ok(Some(compared(&control.0, &canary.1, &control.1)))
}

/// Two values of a label. The variable is called as the label is.
pub(super) fn compared(label: &str, canary: &str, control: &str) -> Comparison {
    Comparison::Control {
        label: (label.to_owned(), label.to_owned()),
        canary: canary.to_owned(),
        control: control.to_owned(),
    }
}

/// Settings of connections as JSON, which YAML reads as well.
fn http_config(path: &Path) -> Result<String, Unwritten> {
    let shown = path.display();
    let text = bounded::read_text(path, MAX_BYTES).map_err(|error| {
        Unwritten::Usage(format!("--http-config {shown} cannot be read: {error}"))
    })?;
    let settings: serde_json::Value = serde_yaml::from_str(&text)
        .map_err(|_| Unwritten::Usage(format!("--http-config {shown} is no YAML")))?;
    if !settings.is_object() {
        return Err(Unwritten::Usage(format!(
            "--http-config {shown} holds no settings: write them as Prometheus' `http_config` has them, such as `authorization: {{credentials_file: FILE}}`"
        )));
    }
    Ok(settings.to_string())
}

/// The source as a plan would have it, read by the plan's own reader.
fn sources(address: &str, http_config: Option<&str>) -> Result<Vec<Source>, Unwritten> {
    let url = serde_json::Value::from(address);
    let config = http_config.map_or_else(String::new, |config| format!(", http_config: {config}"));
    let text = format!(
        "release: draft\nsource: {{ url: {url}{config} }}\nstages: [{{ name: draft, exit: {{ confirmations: [draft] }} }}]\n"
    );
    let environment: &dyn Fn(&str) -> Option<String> = &environment;
    let options = Options {
        overrides: &[],
        environment: Some(environment),
        source_url: None,
    };
    let loaded = plan::load(text.as_bytes(), &options).map_err(|problems| {
        let said: Vec<String> = problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect();
        Unwritten::Usage(format!("the source cannot be used: {}", said.join("; ")))
    })?;
    if let Some(secret) = loaded.secret {
        return Err(Unwritten::Usage(format!(
            "--source or --http-config holds {}, which a plan must not: name a file that holds it, such as `credentials_file: FILE`",
            secret.what
        )));
    }
    Ok(loaded.plan.sources)
}
