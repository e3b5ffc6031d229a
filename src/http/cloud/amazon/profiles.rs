//! The files in which Amazon's own tools keep profiles. Must not ask anybody, nor show a value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::super::fault::Fault;
use super::super::variables::Variables;
use super::recipe::{Assume, Base, Keys, Recipe};
use crate::bounded;
use crate::secret::Secret;

/// Ways to sign in that only Amazon's own tools know: a program, a browser, a code.
const FOREIGN: [&str; 5] = [
    "credential_process",
    "sso_session",
    "sso_start_url",
    "login_session",
    "mfa_serial",
];

type Section = BTreeMap<String, String>;

/// All profiles.
pub(super) struct Profiles {
    sections: BTreeMap<String, Section>,
    /// The files, for messages.
    files: String,
}

impl Profiles {
    /// Reads both files; one that is not named and not there holds nothing.
    pub(super) fn read(variables: &Variables) -> Result<Self, Fault> {
        let mut sections: BTreeMap<String, Section> = BTreeMap::new();
        let mut files = Vec::new();
        for (variable, usual, prefix) in [
            ("AWS_CONFIG_FILE", ".aws/config", "profile "),
            ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", ""),
        ] {
            let named = variables.get(variable).map(PathBuf::from);
            let is_named = named.is_some();
            let Some(path) = named.or_else(|| variables.at_home(usual)) else {
                continue;
            };
            files.push(path.display().to_string());
            let text = text(&path, is_named)?;
            for (name, section) in parse(&text, prefix) {
                sections.entry(name).or_default().extend(section);
            }
        }
        Ok(Self {
            sections,
            files: if files.is_empty() {
                "no file: HOME is not set".to_owned()
            } else {
                files.join(" and ")
            },
        })
    }

    /// Where they are, for messages.
    pub(super) fn files(&self) -> &str {
        &self.files
    }

    /// Whether there is a profile of this name.
    pub(super) fn has(&self, profile: &str) -> bool {
        self.sections.contains_key(profile)
    }

    /// A setting of a profile.
    pub(super) fn setting(&self, profile: &str, key: &str) -> Option<&str> {
        let value = self.sections.get(profile)?.get(key)?;
        (!value.is_empty()).then_some(value)
    }

    /// How a profile comes to its keys; `None` if it says nothing of that.
    pub(super) fn recipe(&self, name: &str, session: &str) -> Result<Option<Recipe>, Fault> {
        let mut roles = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut name = name.to_owned();
        let base = loop {
            if !self.sections.contains_key(&name) {
                let message = format!("there is no profile `{name}` in {}", self.files);
                return Err(Fault::misconfigured(message));
            }
            if seen.contains(&name) {
                let message = format!("the profiles {} refer to each other", seen.join(", "));
                return Err(Fault::misconfigured(message));
            }
            seen.push(name.clone());
            let of = |key: &str| self.setting(&name, key).map(str::to_owned);
            let Some(arn) = of("role_arn") else {
                break self.own(&name)?;
            };
            let session = of("role_session_name").unwrap_or_else(|| session.to_owned());
            let role = Assume {
                arn,
                session,
                external_id: of("external_id"),
            };
            if let Some(file) = of("web_identity_token_file") {
                break Some(Base::WebIdentity {
                    file: PathBuf::from(file),
                    role,
                    step: format!("the web identity of profile `{name}`"),
                });
            }
            self.refuse(&name, &["mfa_serial"])?;
            roles.push(role);
            match (of("source_profile"), of("credential_source")) {
                (Some(source), None) if source == name => break self.own(&name)?,
                (Some(source), None) => name = source,
                (None, Some(source)) => break Some(self.source(&name, &source)?),
                (None, None) | (Some(_), Some(_)) => {
                    let message = format!(
                        "profile `{name}` has a role_arn, which needs one of source_profile and credential_source"
                    );
                    return Err(Fault::misconfigured(message));
                }
            }
        };
        let Some(base) = base else {
            if roles.is_empty() {
                return Ok(None);
            }
            let message = format!("profile `{name}` in {} has no access key", self.files);
            return Err(Fault::misconfigured(message));
        };
        roles.reverse();
        Ok(Some(Recipe { base, roles }))
    }

    /// The keys that stand in a profile itself.
    fn own(&self, name: &str) -> Result<Option<Base>, Fault> {
        let of = |key: &str| self.setting(name, key);
        match (of("aws_access_key_id"), of("aws_secret_access_key")) {
            (Some(id), Some(secret)) => Ok(Some(Base::Keys(Keys {
                id: id.to_owned(),
                secret: Secret::new(secret.to_owned()),
                token: of("aws_session_token").map(|token| Secret::new(token.to_owned())),
                step: format!("profile `{name}`"),
            }))),
            (None, None) => {
                self.refuse(name, &FOREIGN)?;
                Ok(None)
            }
            (Some(_), None) | (None, Some(_)) => {
                let message = format!(
                    "profile `{name}` in {} has only one of aws_access_key_id and aws_secret_access_key",
                    self.files
                );
                Err(Fault::misconfigured(message))
            }
        }
    }

    fn source(&self, name: &str, source: &str) -> Result<Base, Fault> {
        match source {
            "Environment" => Ok(Base::Environment),
            "Ec2InstanceMetadata" => Ok(Base::Instance { looked: Vec::new() }),
            "EcsContainer" => Ok(Base::Container),
            _ => {
                let message = format!(
                    "the credential_source of profile `{name}` in {} is none of Environment, Ec2InstanceMetadata, EcsContainer",
                    self.files
                );
                Err(Fault::misconfigured(message))
            }
        }
    }

    fn refuse(&self, name: &str, keys: &[&str]) -> Result<(), Fault> {
        match keys.iter().find(|key| self.setting(name, key).is_some()) {
            None => Ok(()),
            Some(key) => {
                let message = format!(
                    "profile `{name}` signs in by {key}, which `gate` cannot do: run `eval \"$(aws configure export-credentials --profile {name} --format env)\"` first, and leave profile out of the plan"
                );
                Err(Fault::misconfigured(message))
            }
        }
    }
}

fn text(path: &Path, is_named: bool) -> Result<String, Fault> {
    match bounded::read_text(path, bounded::MAX_SMALL_BYTES) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => {
            Ok(String::new())
        }
        Err(error) => {
            let path = path.display();
            let message = format!("the file of profiles `{path}` cannot be read: {error}");
            Err(Fault::misconfigured(message))
        }
    }
}

/// Sections and their settings. `prefix` stands before the names of all but `default`. Settings of settings, which are
/// indented, are left out: none of them matters here.
fn parse(text: &str, prefix: &str) -> BTreeMap<String, Section> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(head) = trimmed.strip_prefix('[') {
            let head = head.split(']').next().unwrap_or_default().trim();
            let name = head.strip_prefix(prefix).map(str::trim);
            current = match name {
                Some(name) => Some(name.to_owned()),
                None if head == "default" => Some(head.to_owned()),
                None => None,
            };
            if let Some(name) = &current {
                sections.entry(name.clone()).or_default();
            }
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        if let (Some(name), Some((key, value)), false) =
            (&current, trimmed.split_once('='), is_indented)
        {
            let section = sections.entry(name.clone()).or_default();
            section.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(config: &str) -> Profiles {
        Profiles {
            sections: parse(config, "profile "),
            files: "config".to_owned(),
        }
    }

    fn refused(config: &str, name: &str) -> String {
        let recipe = profiles(config).recipe(name, "gate");
        recipe.map(|_| ()).expect_err("refused").message
    }

    #[test]
    fn files_are_read_as_amazons_tools_read_them() {
        let sections = parse(
            "# x\n[default]\nregion = eu-central-1\ns3 =\n  max = 1\n; y\n[profile ops]\nAWS_ACCESS_KEY_ID=a#b=\n[sso-session s]\nx = y\n",
            "profile ",
        );
        assert_eq!(sections.keys().collect::<Vec<_>>(), ["default", "ops"]);
        assert_eq!(sections["default"]["region"], "eu-central-1");
        assert!(!sections["default"].contains_key("max"));
        assert_eq!(sections["ops"]["aws_access_key_id"], "a#b=");
    }

    #[test]
    fn roles_are_taken_on_from_the_innermost_profile_outwards() {
        let config = "[profile a]\nrole_arn = arn:a\nsource_profile = b\nexternal_id = x\n[profile b]\nrole_arn = arn:b\nsource_profile = c\n[profile c]\naws_access_key_id = id\naws_secret_access_key = secret\n";
        let recipe = profiles(config)
            .recipe("a", "gate")
            .expect("read")
            .expect("there");
        let arns: Vec<&str> = recipe.roles.iter().map(|role| role.arn.as_str()).collect();
        assert_eq!(arns, ["arn:b", "arn:a"]);
        assert_eq!(recipe.roles[1].external_id.as_deref(), Some("x"));
        assert!(matches!(recipe.base, Base::Keys(keys) if keys.id == "id"));
        let own = "[profile a]\nrole_arn = arn:a\nsource_profile = a\naws_access_key_id = id\naws_secret_access_key = s\n";
        assert!(profiles(own).recipe("a", "gate").expect("read").is_some());
        assert!(
            profiles("[default]\nregion = x\n")
                .recipe("default", "gate")
                .expect("read")
                .is_none()
        );
    }

    #[test]
    fn profiles_that_lead_nowhere_say_why() {
        for (config, said) in [
            ("[profile b]\n", "there is no profile `a` in config"),
            (
                "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
                "the profiles a, b refer to each other",
            ),
            (
                "[profile a]\nrole_arn = r\n",
                "needs one of source_profile and credential_source",
            ),
            (
                "[profile a]\nrole_arn = r\ncredential_source = Moon\n",
                "is none of Environment",
            ),
            (
                "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nregion = x\n",
                "profile `b` in config has no access key",
            ),
            ("[profile a]\naws_access_key_id = x\n", "has only one of"),
            ("[profile a]\nsso_session = s\n", "signs in by sso_session"),
            (
                "[profile a]\nrole_arn = r\nmfa_serial = m\nsource_profile = b\n",
                "signs in by mfa_serial",
            ),
        ] {
            let message = refused(config, "a");
            assert!(message.contains(said), "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(text in "(\\[|\\]|profile |a|=|\n| |#|;|é){0,40}") {
            let profiles = profiles(&text);
            let _ = profiles.recipe("a", "gate");
        }
    }
}
