//! Where Amazon's credentials come from: keys of the plan, the environment, a profile, a web identity, the container, the
//! instance. The first that is set up counts; if it fails, no other takes its place. Must not ask anybody.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::super::super::fault::Fault;
use super::super::super::issuer::address;
use super::super::super::settings::read;
use super::super::super::wording::Wording;
use super::super::variables::Variables;
use super::profiles::Profiles;
use super::recipe::{Assume, Base, Keys, Recipe};
use crate::plan::{Role, Sigv4};
use crate::secret::Secret;

/// What Amazon's own tools read.
const NAMES: [&str; 20] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "HOME",
];
/// Those that are secret themselves.
const SECRETS: [&str; 3] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];
/// What a session is called where nothing names it.
const SESSION: &str = "gate";

/// What the plan and the environment say.
pub(super) struct Chain {
    region: Option<String>,
    keys: Option<Keys>,
    profile: Option<String>,
    role: Option<Role>,
    fips: bool,
    pub(super) variables: Variables,
}

impl Chain {
    pub(super) fn new(
        settings: &Sigv4,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let keys = match &settings.keys {
            None => None,
            Some((id, secret)) => Some(Keys {
                id: id.clone(),
                secret: read("sigv4.secret_key", secret, folder)?,
                token: None,
                step: "the plan".to_owned(),
            }),
        };
        if let Some(keys) = &keys {
            wording.hide(keys.secret.expose());
        }
        let variables = Variables::read(&NAMES, environment);
        for name in SECRETS {
            wording.hide(variables.get(name).unwrap_or_default());
        }
        Ok(Self {
            region: settings.region.clone(),
            keys,
            profile: settings.profile.clone(),
            role: settings.role.clone(),
            fips: settings.fips,
            variables,
        })
    }

    /// The profile that was asked for, by the plan or the environment.
    fn profile(&self) -> Option<&str> {
        let asked = self.profile.as_deref();
        asked.or_else(|| self.variables.get("AWS_PROFILE"))
    }

    /// The region: of the plan, the environment or the profile.
    pub(super) fn region(&self) -> Result<String, Fault> {
        let set = self.region.as_deref();
        let set = set.or_else(|| self.variables.get("AWS_REGION"));
        let set = set.or_else(|| self.variables.get("AWS_DEFAULT_REGION"));
        let region = match set {
            Some(region) => region.to_owned(),
            None => self.region_of_profile()?,
        };
        if region
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            return Ok(region);
        }
        Err(Fault::misconfigured(
            "the region for sigv4 is not a region, such as `eu-central-1`",
        ))
    }

    fn region_of_profile(&self) -> Result<String, Fault> {
        let profiles = Profiles::read(&self.variables)?;
        let profile = self.profile().unwrap_or("default");
        let region = profiles.setting(profile, "region").map(str::to_owned);
        region.ok_or_else(|| {
            Fault::misconfigured(format!(
                "no region for sigv4: neither the plan nor AWS_REGION nor profile `{profile}` has one; write `region`"
            ))
        })
    }

    /// Where keys come from, with all roles.
    pub(super) fn recipe(&self) -> Result<Recipe, Fault> {
        let mut recipe = self.base()?;
        recipe.roles.extend(self.role.iter().map(|role| Assume {
            arn: role.arn.clone(),
            session: self.session().to_owned(),
            external_id: role.external_id.clone(),
        }));
        Ok(recipe)
    }

    fn base(&self) -> Result<Recipe, Fault> {
        let alone = |base| Recipe {
            base,
            roles: Vec::new(),
        };
        let mut looked = vec!["the plan has no access_key".to_owned()];
        if let Some(keys) = &self.keys {
            return Ok(alone(Base::Keys(keys.clone())));
        }
        // A profile that the plan names is meant, whatever the environment holds.
        if self.profile.is_none() {
            if let Some(keys) = self.of_environment()? {
                return Ok(alone(Base::Keys(keys)));
            }
            looked.push("AWS_ACCESS_KEY_ID is not set".to_owned());
        }
        if let Some(recipe) = self.of_profile(&mut looked)? {
            return Ok(recipe);
        }
        if let Some(base) = self.web_identity()? {
            return Ok(alone(base));
        }
        looked.push("AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned());
        if self.container()?.is_some() {
            return Ok(alone(Base::Container));
        }
        looked.push("AWS_CONTAINER_CREDENTIALS_FULL_URI is not set".to_owned());
        Ok(alone(Base::Instance { looked }))
    }

    /// The keys of the environment.
    pub(super) fn of_environment(&self) -> Result<Option<Keys>, Fault> {
        let of = |name| self.variables.get(name);
        match (of("AWS_ACCESS_KEY_ID"), of("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Ok(Some(Keys {
                id: id.to_owned(),
                secret: Secret::new(secret.to_owned()),
                token: of("AWS_SESSION_TOKEN").map(|token| Secret::new(token.to_owned())),
                step: "AWS_ACCESS_KEY_ID".to_owned(),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(Fault::misconfigured(
                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both",
            )),
            (None, Some(_)) => Err(Fault::misconfigured(
                "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not: set both",
            )),
        }
    }

    /// A profile that is named must be there; the one called `default` need not.
    fn of_profile(&self, looked: &mut Vec<String>) -> Result<Option<Recipe>, Fault> {
        let profiles = Profiles::read(&self.variables)?;
        let named = self.profile();
        let name = named.unwrap_or("default");
        if named.is_none() && !profiles.has(name) {
            looked.push(format!("there is no profile in {}", profiles.files()));
            return Ok(None);
        }
        let recipe = profiles.recipe(name, self.session())?;
        if recipe.is_none() {
            if named.is_some() {
                let message = format!(
                    "profile `{name}` in {} has no credentials",
                    profiles.files()
                );
                return Err(Fault::misconfigured(message));
            }
            looked.push(format!("profile `{name}` in {} has none", profiles.files()));
        }
        Ok(recipe)
    }

    fn web_identity(&self) -> Result<Option<Base>, Fault> {
        let Some(file) = self.variables.get("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return Ok(None);
        };
        let Some(arn) = self.variables.get("AWS_ROLE_ARN") else {
            return Err(Fault::misconfigured(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: set both",
            ));
        };
        Ok(Some(Base::WebIdentity {
            file: PathBuf::from(file),
            role: Assume {
                arn: arn.to_owned(),
                session: self.session().to_owned(),
                external_id: None,
            },
            step: "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE".to_owned(),
        }))
    }

    /// Where a container's credentials are, if it has any, and the variable that says so.
    pub(super) fn container(&self) -> Result<Option<(Url, &'static str)>, Fault> {
        let name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        if let Some(path) = self.variables.get(name) {
            let url = path
                .starts_with('/')
                .then(|| Url::parse(&format!("http://169.254.170.2{path}")).ok());
            let url = url
                .flatten()
                .ok_or_else(|| Fault::misconfigured(format!("{name} is not a path")))?;
            return Ok(Some((url, name)));
        }
        let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let Some(text) = self.variables.get(name) else {
            return Ok(None);
        };
        let own = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
        let url = Url::parse(text).ok();
        let is_own = |url: &Url| {
            url.scheme() == "http" && url.host_str().is_some_and(|host| own.contains(&host))
        };
        match url.filter(is_own) {
            Some(url) => Ok(Some((url, name))),
            None => Ok(Some((address(text, name)?, name))),
        }
    }

    /// What sessions are called.
    fn session(&self) -> &str {
        self.variables
            .get("AWS_ROLE_SESSION_NAME")
            .unwrap_or(SESSION)
    }

    /// Where roles are taken on.
    pub(super) fn token_service(&self, region: &str) -> Result<Url, Fault> {
        let name = "AWS_ENDPOINT_URL_STS";
        if let Some(url) = self.variables.get(name) {
            return address(url, name);
        }
        let host = if self.fips { "sts-fips" } else { "sts" };
        let domain = match region {
            _ if region.starts_with("cn-") => "amazonaws.com.cn",
            _ if region.starts_with("us-iso-") => "c2s.ic.gov",
            _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
            _ => "amazonaws.com",
        };
        address(&format!("https://{host}.{region}.{domain}"), name)
    }
}
