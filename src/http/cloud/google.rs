//! Google: a token of a service account, of a user, or of the machine, found as Google's own tools find it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use object_store::gcp::GoogleCloudStorageBuilder;
use reqwest::Url;
use serde_json::Value;

use super::super::fault::Fault;
use super::super::issuer::{Ways, address};
use super::super::kept::Granted;
use super::super::wording::Wording;
use super::bearer::Bearer;
use super::variables::Variables;
use crate::bounded;
use crate::plan::{GoogleIam, HttpConfig};
use crate::samples::FailureCode;
use crate::secret::Secret;
use crate::units::Instant;

const NAMES: [&str; 4] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GCE_METADATA_HOST",
    "CLOUDSDK_CONFIG",
    "HOME",
];
/// What messages about a missing token begin with.
const NO_TOKEN: &str = "no token of Google for google_iam";
const CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";
const METADATA: &str = "metadata.google.internal";
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// Who asks Google for a token.
pub(in crate::http) struct Google {
    file: Option<PathBuf>,
    variables: Variables,
    ways: Ways,
}

impl Google {
    /// Nothing is read yet.
    pub(in crate::http) fn new(
        settings: &GoogleIam,
        http: &HttpConfig,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let file = settings.credentials_file.as_ref();
        Self {
            file: file.map(|file| folder.join(file)),
            variables: Variables::read(&NAMES, environment),
            ways: Ways::new(http, folder, environment),
        }
    }

    /// What to do where the identity is refused.
    pub(in crate::http) const NEEDS: &str =
        "the identity needs the role Monitoring Viewer (roles/monitoring.viewer) in the project";

    /// A new token.
    pub(in crate::http) async fn token(&self, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let found = match self.file() {
            Some((file, name)) => {
                let of = format!("{name} `{}`", file.display());
                let granted = self.of_file(&file, wording).await;
                granted.map_err(|fault| fault.of(&of))
            }
            None => self.of_machine(wording).await,
        };
        found.map_err(|fault| fault.of(NO_TOKEN))
    }

    /// The file with credentials, and what names it. One that is named must be there.
    fn file(&self) -> Option<(PathBuf, &'static str)> {
        if let Some(file) = &self.file {
            return Some((file.clone(), "credentials_file"));
        }
        if let Some(file) = self.variables.get(CREDENTIALS) {
            return Some((PathBuf::from(file), CREDENTIALS));
        }
        self.usual()
            .filter(|file| file.exists())
            .map(|file| (file, "the file of `gcloud auth application-default login`"))
    }

    /// Where `gcloud` keeps the credentials of its user.
    fn usual(&self) -> Option<PathBuf> {
        let name = "application_default_credentials.json";
        match self.variables.get("CLOUDSDK_CONFIG") {
            Some(folder) => Some(Path::new(folder).join(name)),
            None => Some(self.variables.at_home(".config/gcloud")?.join(name)),
        }
    }

    async fn of_file(&self, file: &Path, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let text = bounded::read_text(file, bounded::MAX_SMALL_BYTES)
            .map_err(|error| Fault::misconfigured(format!("it cannot be read: {error}")))?;
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        match json.get("type").and_then(Value::as_str) {
            Some("service_account") => service_account(&text, &json).await,
            Some("authorized_user") => self.user(&json, wording).await,
            Some(other) => {
                let kind = wording.clean(other);
                Err(Fault::misconfigured(format!(
                    "credentials of type {kind} are not supported: give `authorization: {{credentials_file: …}}` a file with what `gcloud auth print-access-token` prints, or use a service_account"
                )))
            }
            None => Err(Fault::misconfigured(
                "it is not a file of credentials as Google issues them (JSON with a `type`)",
            )),
        }
    }

    /// The token of a user who has signed in.
    async fn user(&self, json: &Value, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let of = |name: &str| {
            let value = json.get(name).and_then(Value::as_str);
            value.ok_or_else(|| Fault::misconfigured(format!("it has no {name}")))
        };
        let (secret, refresh) = (of("client_secret")?, of("refresh_token")?);
        let url = json.get("token_uri").and_then(Value::as_str);
        let url = address(url.unwrap_or(TOKEN_URL), "token_uri")?;
        let mut wording = wording.about("Google's token endpoint");
        wording.hide(secret);
        wording.hide(refresh);
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", of("client_id")?),
            ("client_secret", secret),
            ("refresh_token", refresh),
        ];
        let asked = self.ways.far(&url, &wording, |client| {
            Ok(client.post(url.clone()).form(&form))
        });
        let cure = "sign in again: `gcloud auth application-default login`";
        let said = asked.await?.granted(cure, &wording)?;
        let mut granted = Bearer::of(&said, &wording)?;
        granted
            .secrets
            .extend([secret, refresh].map(|text| Secret::new(text.to_owned())));
        let project = json.get("quota_project_id").and_then(Value::as_str);
        granted.what.project = project.map(str::to_owned);
        Ok(granted)
    }

    /// The token of the machine: of Compute Engine, Cloud Run, Kubernetes Engine.
    async fn of_machine(&self, wording: &Wording) -> Result<Granted<Bearer>, Fault> {
        let name = "GCE_METADATA_HOST";
        let host = self.variables.get(name).unwrap_or(METADATA);
        let path = "computeMetadata/v1/instance/service-accounts/default/token";
        let url = Url::parse(&format!("http://{host}/{path}"))
            .map_err(|_| Fault::misconfigured(format!("{name} is not a host")))?;
        let wording = wording.about("Google's metadata server");
        let asked = self.ways.near(&url, &wording, |client| {
            client.get(url.clone()).header("metadata-flavor", "Google")
        });
        let said = asked.await.map_err(|fault| {
            let usual = self.usual().map_or_else(String::new, |file| format!(", there is no `{}`", file.display()));
            let message = format!(
                "the plan has no credentials_file, {CREDENTIALS} is not set{usual}, and {}: write credentials_file, or run where one of these is",
                fault.message
            );
            Fault::last(FailureCode::SourceUnauthorized, message)
        })?;
        let cure = "has the machine or the workload a service account?";
        Bearer::of(&said.granted(cure, &wording)?, &wording)
    }
}

/// A token that a service account makes itself, with its own key.
async fn service_account(text: &str, json: &Value) -> Result<Granted<Bearer>, Fault> {
    if json.get("disable_oauth").is_some() {
        return Err(Fault::misconfigured(
            "`disable_oauth` does not belong there",
        ));
    }
    let unfit = |_| {
        Fault::misconfigured(
            "its private_key, private_key_id or client_email cannot be used: download the key again",
        )
    };
    // The bucket is never asked for anything.
    let builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name("none")
        .with_service_account_key(text);
    let granted = builder.build().map_err(unfit)?;
    let granted = granted
        .credentials()
        .get_credential()
        .await
        .map_err(unfit)?;
    let token = Secret::new(granted.bearer.clone());
    let claims = claims(token.expose());
    let of = |name: &str| claims.get(name).and_then(Value::as_i64);
    let made = of("iat");
    let lasts = made.zip(of("exp")).map(|(made, until)| until - made);
    let lasts = lasts.and_then(|seconds| u64::try_from(seconds).ok());
    Ok(Granted {
        secrets: vec![token.clone()],
        what: Bearer {
            token,
            project: None,
            made: made.map(Instant::from_secs),
        },
        lasts: lasts.map(Duration::from_secs),
    })
}

/// What a token says of itself (RFC 7519).
fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    serde_json::from_slice(&claims).unwrap_or_default()
}
