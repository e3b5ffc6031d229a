//! Asking for Amazon's credentials: its token service, the container, the instance. Must not decide which of them is asked.

use std::path::Path;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Request, RequestBuilder, Url};
use serde_json::Value;

use super::super::super::clock::date;
use super::super::super::fault::Fault;
use super::super::super::issuer::{Said, Ways, element, sensitive, without};
use super::super::super::kept::Granted;
use super::super::super::wording::Wording;
use super::chain::Chain;
use super::recipe::{Assume, Base, Keys, Recipe};
use super::sign;
use crate::bounded;
use crate::samples::FailureCode;
use crate::secret::Secret;
use crate::units::Instant;

/// The version of the token service's questions.
const VERSION: &str = "2011-06-15";
/// Where the instance's metadata are, by either protocol.
const METADATA: [&str; 2] = ["http://169.254.169.254", "http://[fd00:ec2::254]"];
/// How long the instance's own token lasts, in seconds.
const TOKEN_SECONDS: &str = "21600";
/// What is granted without a word of how long, or by somebody who does not say what time it is.
const UNDATED: Duration = Duration::from_mins(5);

type Found = Result<Granted<Keys>, Fault>;

/// Keys by a recipe: the first ones, and then each role with those before it.
pub(super) async fn keys(
    ways: &Ways,
    chain: &Chain,
    region: &str,
    recipe: Recipe,
    wording: &Wording,
) -> Found {
    let asking = Asking {
        ways,
        chain,
        region,
        wording,
    };
    let mut found = asking.base(recipe.base).await?;
    for role in &recipe.roles {
        let mut secrets = found.secrets;
        // What it was given may be in what it says.
        let mut wording = wording.clone();
        for secret in &secrets {
            wording.hide(secret.expose());
        }
        let next = Asking {
            wording: &wording,
            ..asking
        };
        let mut granted = next.role(&found.what, role).await?;
        secrets.append(&mut granted.secrets);
        granted.secrets = secrets;
        found = granted;
    }
    Ok(found)
}

#[derive(Clone, Copy)]
struct Asking<'a> {
    ways: &'a Ways,
    chain: &'a Chain,
    region: &'a str,
    wording: &'a Wording,
}

impl Asking<'_> {
    async fn base(&self, base: Base) -> Found {
        match base {
            Base::Keys(keys) => Ok(unlimited(keys)),
            Base::Environment => match self.chain.of_environment()? {
                Some(keys) => Ok(unlimited(keys)),
                None => Err(Fault::misconfigured(
                    "the profile takes its keys from the environment, where AWS_ACCESS_KEY_ID is not set",
                )),
            },
            Base::WebIdentity { file, role, step } => self.web_identity(&file, &role, step).await,
            Base::Container => self.container().await,
            Base::Instance { looked } => self.instance(&looked).await,
        }
    }

    /// A role for the token of another issuer.
    async fn web_identity(&self, file: &Path, role: &Assume, step: String) -> Found {
        let token = bounded::read_text(file, bounded::MAX_SMALL_BYTES).map_err(|error| {
            let file = file.display();
            Fault::misconfigured(format!("{step}: the file `{file}` cannot be read: {error}"))
        })?;
        let token = Secret::new(token.trim().to_owned());
        let mut wording = self.wording.about("Amazon's token service (STS)");
        wording.hide(token.expose());
        let url = self.chain.token_service(self.region)?;
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", VERSION),
            ("RoleArn", &role.arn),
            ("RoleSessionName", &role.session),
            ("WebIdentityToken", token.expose()),
        ];
        let asked = self.ways.far(&url, &wording, |client| {
            Ok(client.post(url.clone()).form(&form))
        });
        let said = asked.await.map_err(|fault| fault.of(&step))?;
        let cure = "does the role's trust policy name this identity?";
        let said = said
            .granted(cure, &wording)
            .map_err(|fault| fault.of(&step))?;
        let mut granted = session(&said, step, &wording)?;
        granted.secrets.push(token);
        Ok(granted)
    }

    /// A role for keys: the question is signed with them.
    async fn role(&self, keys: &Keys, role: &Assume) -> Found {
        let step = format!("role {}", role.arn);
        let mut wording = self.wording.about("Amazon's token service (STS)");
        let url = self.chain.token_service(self.region)?;
        let mut form = vec![
            ("Action", "AssumeRole"),
            ("Version", VERSION),
            ("RoleArn", &role.arn),
            ("RoleSessionName", &role.session),
        ];
        form.extend(
            role.external_id
                .iter()
                .map(|id| ("ExternalId", id.as_str())),
        );
        let mut signature = None;
        let asked = self.ways.far(&url, &wording, |client| {
            let mut request = posted(client, &url, &form)?;
            signature = Some(sign::sign(&mut request, keys, "sts", self.region)?);
            Ok(RequestBuilder::from_parts(client.clone(), request))
        });
        let said = asked.await.map_err(|fault| fault.of(&step))?;
        if let Some(signed) = &signature {
            wording.hide(signed.signature.expose());
        }
        let skew = signature.and_then(|signed| signed.skew(&said.headers, &said.text()));
        let cure =
            skew.unwrap_or_else(|| format!("may the identity of {} take on this role?", keys.step));
        let said = said
            .granted(&cure, &wording)
            .map_err(|fault| fault.of(&step))?;
        session(&said, step, &wording)
    }

    /// What a container is given: by ECS, by EKS Pod Identity.
    async fn container(&self) -> Found {
        let Some((url, name)) = self.chain.container()? else {
            return Err(Fault::misconfigured(
                "the profile takes its keys from the container, where AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
            ));
        };
        let step = format!("the container's credentials ({name})");
        let mut wording = self.wording.about("the container's credentials endpoint");
        let token = self.container_token().map_err(|fault| fault.of(&step))?;
        if let Some(token) = &token {
            wording.hide(token.expose());
        }
        let header = token
            .as_ref()
            .map(|token| sensitive("the container's token", token.expose()));
        let header = header.transpose()?;
        let asked = self.ways.near(&url, &wording, |client| {
            let request = client.get(url.clone());
            match header {
                Some(header) => request.header("authorization", header),
                None => request,
            }
        });
        let said = asked.await.map_err(|fault| fault.of(&step))?;
        let cure = "has the task or the pod a role?";
        let said = said
            .granted(cure, &wording)
            .map_err(|fault| fault.of(&step))?;
        let mut granted = own(&said, step, &wording)?;
        granted.secrets.extend(token);
        Ok(granted)
    }

    fn container_token(&self) -> Result<Option<Secret>, Fault> {
        let variables = &self.chain.variables;
        if let Some(file) = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            let text = bounded::read_text(Path::new(file), bounded::MAX_SMALL_BYTES);
            let text = text.map_err(|error| {
                Fault::misconfigured(format!("the file `{file}` cannot be read: {error}"))
            })?;
            return Ok(Some(Secret::new(text.trim().to_owned())));
        }
        let token = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        Ok(token.map(|token| Secret::new(token.to_owned())))
    }

    /// What an instance is given (`IMDSv2`).
    async fn instance(&self, looked: &[String]) -> Found {
        let variables = &self.chain.variables;
        if variables.is_true("AWS_EC2_METADATA_DISABLED") {
            let message = none(looked, "AWS_EC2_METADATA_DISABLED is true");
            return Err(Fault::last(FailureCode::SourceUnauthorized, message));
        }
        let [four, six] = METADATA;
        let mode = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
        let usual = if mode.is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6")) {
            six
        } else {
            four
        };
        let name = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        let base = variables.get(name).unwrap_or(usual).trim_end_matches('/');
        let wording = self.wording.about("the instance's metadata service");
        let at = |path: &str| {
            Url::parse(&format!("{base}/latest/{path}"))
                .map_err(|_| Fault::misconfigured(format!("{name} is not an address")))
        };
        let url = at("api/token")?;
        let asked = self.ways.near(&url, &wording, |client| {
            let request = client.request(Method::PUT, url.clone());
            request.header("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS)
        });
        let said = asked.await.map_err(|mut fault| {
            fault.message = none(
                looked,
                &format!(
                    "{} (in a container: is the hop limit of its metadata 2?)",
                    fault.message
                ),
            );
            fault
        })?;
        let step = "the role of the instance";
        let cure = "are its metadata (IMDSv2) on?";
        let token = said
            .granted(cure, &wording)
            .map_err(|fault| fault.of(step))?
            .text();
        let header = sensitive("the metadata's token", &token)?;
        let path = "meta-data/iam/security-credentials/";
        let ask = async |path: &str| {
            let url = at(path)?;
            let asked = self.ways.near(&url, &wording, |client: &Client| {
                let request = client.get(url.clone());
                request.header("x-aws-ec2-metadata-token", header.clone())
            });
            let said = asked.await.map_err(|fault| fault.of(step))?;
            let cure = "has the instance a role?";
            said.granted(cure, &wording).map_err(|fault| fault.of(step))
        };
        let roles = ask(path).await?.text();
        let role = roles.lines().next().unwrap_or_default();
        let said = ask(&format!("{path}{role}")).await?;
        own(&said, step.to_owned(), &wording)
    }
}

/// Why there are no credentials: what was looked for, what came last, and what to do.
fn none(looked: &[String], last: &str) -> String {
    let said: Vec<&str> = looked.iter().map(String::as_str).chain([last]).collect();
    let said = said.join(", ");
    format!("{said}: set access_key and secret_key_file in the plan, or one of these")
}

/// Keys that stay until they are refused.
fn unlimited(keys: Keys) -> Granted<Keys> {
    let secrets = secrets(&keys);
    Granted {
        what: keys,
        lasts: None,
        secrets,
    }
}

fn secrets(keys: &Keys) -> Vec<Secret> {
    let token = keys.token.iter();
    std::iter::once(&keys.secret)
        .chain(token)
        .cloned()
        .collect()
}

fn posted(client: &Client, url: &Url, form: &[(&str, &str)]) -> Result<Request, Fault> {
    let request = client.post(url.clone()).form(form).build();
    request.map_err(|_| Fault::misconfigured("the request cannot be made"))
}

/// What the token service grants, in XML.
fn session(said: &Said, step: String, wording: &Wording) -> Found {
    let body = String::from_utf8_lossy(&said.body);
    let of = |name: &str| element(&body, name).map(str::to_owned);
    let parts = Parts {
        id: of("AccessKeyId"),
        secret: of("SecretAccessKey"),
        token: of("SessionToken"),
        until: of("Expiration"),
    };
    parts.granted(&said.headers, step, wording)
}

/// What a container and an instance are given, in JSON.
fn own(said: &Said, step: String, wording: &Wording) -> Found {
    let json = said.json();
    let of = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
    let parts = Parts {
        id: of("AccessKeyId"),
        secret: of("SecretAccessKey"),
        token: of("Token"),
        until: of("Expiration"),
    };
    parts.granted(&said.headers, step, wording)
}

/// Credentials as they are granted.
struct Parts {
    id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    until: Option<String>,
}

impl Parts {
    fn granted(self, headers: &HeaderMap, step: String, wording: &Wording) -> Found {
        let (Some(id), Some(secret)) = (self.id, self.secret) else {
            return Err(without(wording, "credentials").of(&step));
        };
        let lasts = self.until.as_deref().map(|until| lasts(until, headers));
        if lasts == Some(Duration::ZERO) {
            let until = self.until.unwrap_or_default();
            let message = format!(
                "{step}: {} gave credentials that expired at {}",
                wording.subject,
                wording.clean(&until)
            );
            return Err(Fault::passing(FailureCode::SourceUnauthorized, message));
        }
        let keys = Keys {
            id,
            secret: Secret::new(secret),
            token: self.token.map(Secret::new),
            step,
        };
        Ok(Granted {
            lasts: lasts.or(Some(UNDATED)),
            ..unlimited(keys)
        })
    }
}

/// How long something lasts, by the clock of whoever grants it: this machine's may be off.
fn lasts(until: &str, headers: &HeaderMap) -> Duration {
    let now = headers.get("date").and_then(|date| date.to_str().ok());
    let now = now.and_then(date);
    let Some((now, until)) = now.zip(Instant::parse(until).ok()) else {
        return UNDATED;
    };
    let millis = now.until(until).millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str, at: Option<&str>) -> Said {
        let mut headers = HeaderMap::new();
        if let Some(at) = at {
            headers.insert("date", at.parse().expect("a date"));
        }
        Said {
            status: reqwest::StatusCode::OK,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn credentials_last_by_the_clock_of_who_grants_them() {
        let body = r#"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-20T01:00:00Z"}"#;
        let lasts = |at: Option<&str>| {
            let granted = own(&said(body, at), "x".to_owned(), &Wording::new("it"));
            granted.map(|granted| granted.lasts)
        };
        let hour = lasts(Some("Fri, 20 Nov 2026 00:00:00 GMT")).expect("granted");
        assert_eq!(hour, Some(Duration::from_hours(1)));
        assert_eq!(lasts(None).expect("granted"), Some(UNDATED));
        let late = lasts(Some("Fri, 20 Nov 2026 01:00:00 GMT")).expect_err("expired");
        assert!(
            late.message.contains("expired at 2026-11-20T01:00:00Z"),
            "{}",
            late.message
        );
    }

    #[test]
    fn an_answer_without_keys_is_none() {
        for body in [
            "",
            "{}",
            "[]",
            r#"{"AccessKeyId":"A"}"#,
            r#"{"Code":"Failed"}"#,
        ] {
            let granted = own(
                &said(body, None),
                "the role".to_owned(),
                &Wording::new("it"),
            );
            let fault = granted.map(|_| ()).expect_err("nothing");
            assert_eq!(fault.message, "the role: it answered without credentials");
            assert!(session(&said(body, None), String::new(), &Wording::new("it")).is_err());
        }
    }
}
