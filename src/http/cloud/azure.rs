//! Azure: a token of Microsoft Entra ID for an application, a workload or the identity of the machine.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::super::fault::Fault;
use super::super::issuer::{Ways, address, sensitive};
use super::super::kept::Granted;
use super::super::settings::read;
use super::super::wording::Wording;
use super::bearer::Bearer;
use super::variables::Variables;
use crate::bounded;
use crate::plan::{AzureAd, AzureCloud, AzureIdentity, HttpConfig};
use crate::secret::Secret;
use crate::secret::address::is_loopback;

const NAMES: [&str; 8] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
];
/// Those that are secret themselves.
const SECRETS: [&str; 2] = ["AZURE_CLIENT_SECRET", "IDENTITY_HEADER"];
/// What messages about a missing token begin with.
const NO_TOKEN: &str = "no token of Microsoft for azuread";
/// The metadata service of a virtual machine, and how it is asked.
const METADATA: &str = "http://169.254.169.254";
const METADATA_VERSION: &str = "2018-02-01";
/// How App Service and Container Apps are asked.
const APP_VERSION: &str = "2019-08-01";
/// What a scope ends in; without it, it names a resource.
const ALL: &str = "/.default";
/// What a token of another issuer is called.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who asks Microsoft for a token.
pub(in crate::http) struct Azure {
    identity: Identity,
    scope: String,
    authority: String,
    variables: Variables,
    ways: Ways,
}

/// An identity with all that the plan says.
enum Identity {
    Secret(Application, Secret),
    Workload(Application, PathBuf),
    Managed(Option<String>),
    /// The machine's, after nothing else was found.
    Found,
}

/// An application in its tenant.
struct Application {
    tenant: String,
    client: String,
}

impl Azure {
    /// Reads the secrets, and tells `wording` what must never be printed.
    pub(in crate::http) fn new(
        settings: &AzureAd,
        http: &HttpConfig,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
        wording: &mut Wording,
    ) -> Result<Self, Fault> {
        let variables = Variables::read(&NAMES, environment);
        for name in SECRETS {
            wording.hide(variables.get(name).unwrap_or_default());
        }
        let (authority, resource) = usual(settings.cloud);
        let scope = settings.scope.clone();
        let identity =
            identity(&settings.identity, &variables, folder).map_err(|fault| fault.of(NO_TOKEN))?;
        if let Identity::Secret(_, secret) = &identity {
            wording.hide(secret.expose());
        }
        Ok(Self {
            identity,
            scope: scope.unwrap_or_else(|| format!("{resource}{ALL}")),
            authority: variables
                .get("AZURE_AUTHORITY_HOST")
                .unwrap_or(authority)
                .to_owned(),
            variables,
            ways: Ways::new(http, folder, environment),
        })
    }

    /// What to do where the identity is refused.
    pub(in crate::http) const NEEDS: &str =
        "the identity needs the role Monitoring Data Reader on the workspace";

    /// A new token.
    pub(in crate::http) async fn token(&self, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let found = match &self.identity {
            Identity::Secret(application, secret) => {
                let form = [("client_secret", secret.expose())];
                let cure = "is the client secret right, and not expired?";
                self.entra(application, &form, cure, wording).await
            }
            Identity::Workload(application, file) => {
                self.workload(application, file, wording).await
            }
            Identity::Managed(client) => self.managed(client.as_deref(), wording).await,
            Identity::Found => self.managed(None, wording).await.map_err(|mut fault| {
                fault.message = format!(
                    "AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE are not set, and {}: write oauth, workload_identity or managed_identity, or run where one of these is",
                    fault.message
                );
                fault
            }),
        };
        found.map_err(|fault| fault.of(NO_TOKEN))
    }

    /// The token of a workload, for one that another issuer gave it.
    async fn workload(
        &self,
        application: &Application,
        file: &Path,
        wording: &Wording,
    ) -> Result<Granted<Bearer>, Fault> {
        // It is replaced while it is used.
        let token = bounded::read_text(file, bounded::MAX_SMALL_BYTES).map_err(|error| {
            let file = file.display();
            Fault::misconfigured(format!(
                "the workload's token file `{file}` cannot be read: {error}"
            ))
        })?;
        let token = Secret::new(token.trim().to_owned());
        let mut wording = wording.clone();
        wording.hide(token.expose());
        let form = [
            ("client_assertion_type", ASSERTION),
            ("client_assertion", token.expose()),
        ];
        let cure = "has the application a federated credential for this workload?";
        let mut granted = self.entra(application, &form, cure, &wording).await?;
        granted.secrets.push(token);
        Ok(granted)
    }

    /// Asks Microsoft itself.
    async fn entra(
        &self,
        application: &Application,
        proof: &[(&str, &str)],
        cure: &str,
        wording: &Wording,
    ) -> Result<Granted<Bearer>, Fault> {
        let authority = self.authority.trim_end_matches('/');
        let url = format!("{authority}/{}/oauth2/v2.0/token", application.tenant);
        let url = address(&url, "AZURE_AUTHORITY_HOST")?;
        let wording = wording.about("Microsoft Entra ID");
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &application.client),
            ("scope", &self.scope),
        ];
        form.extend_from_slice(proof);
        let asked = self.ways.far(&url, &wording, |client| {
            Ok(client.post(url.clone()).form(&form))
        });
        Bearer::of(&asked.await?.granted(cure, &wording)?, &wording)
    }

    /// Asks the machine: App Service and its kin, or a virtual machine.
    async fn managed(
        &self,
        client: Option<&str>,
        wording: &Wording,
    ) -> Result<Granted<Bearer>, Fault> {
        let wording = wording.about("Azure's managed identity endpoint");
        let (mut url, version, header) = self.endpoint()?;
        let resource = self.scope.strip_suffix(ALL).unwrap_or(&self.scope);
        url.query_pairs_mut()
            .append_pair("api-version", version)
            .append_pair("resource", resource)
            .extend_pairs(client.map(|client| ("client_id", client)));
        let (name, value) = header;
        let value = sensitive("IDENTITY_HEADER", &value)?;
        let asked = self.ways.near(&url, &wording, |client| {
            client.get(url.clone()).header(name, value)
        });
        let cure = "has the machine this identity?";
        Bearer::of(&asked.await?.granted(cure, &wording)?, &wording)
    }

    /// Where the machine is asked, how, and what it wants to hear.
    fn endpoint(&self) -> Result<(Url, &'static str, (&'static str, String)), Fault> {
        let name = "IDENTITY_ENDPOINT";
        if let Some(endpoint) = self.variables.get(name) {
            let Some(header) = self.variables.get("IDENTITY_HEADER") else {
                return Err(Fault::misconfigured(
                    "IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not: Azure Arc is not supported; use workload_identity or oauth",
                ));
            };
            let url = Url::parse(endpoint).ok().filter(is_near);
            let url = url.map_or_else(|| address(endpoint, name), Ok)?;
            return Ok((url, APP_VERSION, ("x-identity-header", header.to_owned())));
        }
        let name = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
        let host = self.variables.get(name).unwrap_or(METADATA);
        let url = format!(
            "{}/metadata/identity/oauth2/token",
            host.trim_end_matches('/')
        );
        let url = Url::parse(&url)
            .map_err(|_| Fault::misconfigured(format!("{name} is not an address")))?;
        Ok((url, METADATA_VERSION, ("metadata", "true".to_owned())))
    }
}

/// Whether an address is of this machine or of those that only it reaches.
fn is_near(url: &Url) -> bool {
    let is_link_local =
        |url: &Url| matches!(url.host(), Some(url::Host::Ipv4(address)) if address.is_link_local());
    matches!(url.scheme(), "http" | "https") && (is_loopback(url) || is_link_local(url))
}

/// Where tokens of a cloud are issued, and the resource behind its queries.
fn usual(cloud: AzureCloud) -> (&'static str, &'static str) {
    match cloud {
        AzureCloud::Public => (
            "https://login.microsoftonline.com",
            "https://prometheus.monitor.azure.com",
        ),
        AzureCloud::China => (
            "https://login.chinacloudapi.cn",
            "https://prometheus.monitor.azure.cn",
        ),
        AzureCloud::Government => (
            "https://login.microsoftonline.us",
            "https://prometheus.monitor.azure.us",
        ),
    }
}

/// The identity of the plan, with what it leaves to the environment.
fn identity(
    written: &AzureIdentity,
    variables: &Variables,
    folder: &Path,
) -> Result<Identity, Fault> {
    match written {
        AzureIdentity::Secret {
            tenant_id,
            client_id,
            client_secret,
        } => {
            let secret = read("azuread.oauth.client_secret", client_secret, folder)?;
            let application = Application {
                tenant: tenant_id.clone(),
                client: client_id.clone(),
            };
            Ok(Identity::Secret(application, secret))
        }
        AzureIdentity::Workload {
            tenant_id,
            client_id,
            token_file,
        } => {
            let application = application(tenant_id.as_deref(), client_id.as_deref(), variables)?;
            let file = token_file.as_ref().map(|file| folder.join(file));
            let file = match file {
                Some(file) => file,
                None => PathBuf::from(needed(
                    None,
                    "token_file_path",
                    "AZURE_FEDERATED_TOKEN_FILE",
                    variables,
                )?),
            };
            Ok(Identity::Workload(application, file))
        }
        AzureIdentity::Managed { client_id } => Ok(Identity::Managed(client_id.clone())),
        AzureIdentity::Found { tenant_id } => found(tenant_id.as_deref(), variables),
    }
}

/// What the environment has: a secret, then a workload's token, then the machine.
fn found(tenant: Option<&str>, variables: &Variables) -> Result<Identity, Fault> {
    if let Some(secret) = variables.get("AZURE_CLIENT_SECRET") {
        let application = application(tenant, None, variables)?;
        return Ok(Identity::Secret(
            application,
            Secret::new(secret.to_owned()),
        ));
    }
    if let Some(file) = variables.get("AZURE_FEDERATED_TOKEN_FILE") {
        let application = application(tenant, None, variables)?;
        return Ok(Identity::Workload(application, PathBuf::from(file)));
    }
    match variables.get("AZURE_CLIENT_ID") {
        Some(client) => Ok(Identity::Managed(Some(client.to_owned()))),
        None => Ok(Identity::Found),
    }
}

fn application(
    tenant: Option<&str>,
    client: Option<&str>,
    variables: &Variables,
) -> Result<Application, Fault> {
    let tenant = needed(tenant, "tenant_id", "AZURE_TENANT_ID", variables)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    if !tenant.chars().all(is_name) {
        return Err(Fault::misconfigured(
            "AZURE_TENANT_ID is not the id of a tenant",
        ));
    }
    Ok(Application {
        tenant,
        client: needed(client, "client_id", "AZURE_CLIENT_ID", variables)?,
    })
}

/// What the plan says, or else a variable.
fn needed(
    written: Option<&str>,
    key: &str,
    name: &'static str,
    variables: &Variables,
) -> Result<String, Fault> {
    let value = written.or_else(|| variables.get(name));
    value
        .map(str::to_owned)
        .ok_or_else(|| Fault::misconfigured(format!("{name} is not set: set it, or write `{key}`")))
}
