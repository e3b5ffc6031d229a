//! Settings → a store. Credentials are those given, or else what each vendor's own tools would find in the environment and on
//! the machine; where to record is never found there. Must not ask anything of anybody.

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use super::super::{Name, Trouble};
use super::Place;
use super::client::Connector;
use super::fault;
use crate::http::Wording;
use crate::secret::{Secret, address};

/// Which store, and where in it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose.
    pub kind: Kind,
    /// What all names begin with; may be empty.
    pub prefix: String,
    /// Another server than the vendor's: its address.
    pub endpoint: Option<String>,
    /// Lets it be plain HTTP on another machine.
    pub plain_http: bool,
    /// Whether a proxy that the environment names is taken.
    pub proxy_from_environment: bool,
    /// Further authorities that are trusted (PEM).
    pub authorities: Option<Vec<u8>>,
}

/// Whose store.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Amazon's, or what speaks like it.
    S3 {
        /// The bucket.
        bucket: String,
        /// Its region; by default `AWS_REGION`.
        region: Option<String>,
        /// By default what the environment and the machine have.
        access: Option<S3Access>,
    },
    /// Google's.
    Gcs {
        /// The bucket.
        bucket: String,
        /// By default what the environment and the machine have.
        access: Option<GcsAccess>,
    },
    /// Azure's.
    Azure {
        /// The account.
        account: String,
        /// The container.
        container: String,
        /// By default what the environment and the machine have.
        access: Option<AzureAccess>,
    },
}

/// Who asks S3.
#[derive(Debug, Clone)]
pub struct S3Access {
    /// The access key's id.
    pub key_id: String,
    /// The secret access key.
    pub secret: Secret,
    /// The token of a session.
    pub token: Option<Secret>,
}

/// Who asks Google's store.
#[derive(Debug, Clone)]
pub enum GcsAccess {
    /// The key of a service account (JSON).
    ServiceAccount(Secret),
    /// An OAuth token.
    Token(Secret),
}

/// Who asks Azure's store.
#[derive(Debug, Clone)]
pub enum AzureAccess {
    /// The account's key.
    Key(Secret),
    /// A shared access signature.
    Sas(Secret),
    /// An OAuth token.
    Token(Secret),
}

type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// What S3's tools read of the environment: credentials and the region. Not where to: that is the plan's to say.
const S3_VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_METADATA_ENDPOINT",
    "AWS_IMDSV1_FALLBACK",
];
const GCS_VARIABLES: &[&str] = &[
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_BEARER_TOKEN",
];
const AZURE_VARIABLES: &[&str] = &[
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MSI_ENDPOINT",
    "AZURE_USE_AZURE_CLI",
];

/// Makes the client.
pub(super) fn open(options: &Options, environment: Environment<'_>) -> Result<Place, Trouble> {
    crate::http::install_crypto();
    let place = shown(options);
    let prefix = options.prefix.trim_matches('/').to_owned();
    if !prefix.is_empty()
        && let Err(bad) = Name::new(&prefix)
    {
        return Err(Trouble::misplaced(
            bad.to_string(),
            "name another prefix under `records`",
        ));
    }
    let plain = is_plain(options, &place)?;
    let connector = Connector {
        plain,
        proxy_from_environment: options.proxy_from_environment,
        authorities: authorities(options, &place)?,
        path: path(options),
    };
    let variables = variables(&options.kind, environment);
    let wording = fault::Wording {
        place: place.clone(),
        words: hiding(&options.kind, &variables),
    };
    let settings = Settings {
        endpoint: options.endpoint.clone(),
        client: ClientOptions::new().with_allow_http(plain),
        connector,
        variables,
    };
    let built = match &options.kind {
        Kind::S3 {
            bucket,
            region,
            access,
        } => settings.s3(bucket, region.as_deref(), access.as_ref()),
        Kind::Gcs { bucket, access } => settings.gcs(bucket, access.as_ref()),
        Kind::Azure {
            account,
            container,
            access,
        } => settings.azure(account, container, access.as_ref()),
    };
    let store = built.map_err(|error| {
        let found = format!(
            "{place} cannot be asked: {}",
            wording.clean(&error.to_string())
        );
        Trouble::misplaced(
            found,
            "check the settings and the credentials under `records`",
        )
    })?;
    Ok(Place {
        store,
        prefix,
        numbers: matches!(options.kind, Kind::Gcs { .. }),
        wording,
    })
}

/// As people write it, with another server than the vendor's.
fn shown(options: &Options) -> String {
    let prefix = options.prefix.trim_matches('/');
    let place = match &options.kind {
        Kind::S3 { bucket, .. } => format!("s3://{bucket}/{prefix}"),
        Kind::Gcs { bucket, .. } => format!("gs://{bucket}/{prefix}"),
        Kind::Azure {
            account, container, ..
        } => format!("az://{account}/{container}/{prefix}"),
    };
    let place = place.trim_end_matches('/').to_owned();
    match &options.endpoint {
        Some(endpoint) => {
            let endpoint = address::without_queries(&address::without_user_info(endpoint));
            format!("{place} at {endpoint}")
        }
        None => place,
    }
}

/// Whether it is plain HTTP, where that is allowed: what is asked is signed, what is recorded is not secret from it.
fn is_plain(options: &Options, place: &str) -> Result<bool, Trouble> {
    let Some(endpoint) = &options.endpoint else {
        return Ok(false);
    };
    let url = Url::parse(endpoint)
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()));
    let url = url.filter(|url| {
        url.username().is_empty() && url.password().is_none() && url.query().is_none()
    });
    let Some(url) = url else {
        let found = format!("the endpoint of {place} is not a valid URL");
        return Err(Trouble::misplaced(
            found,
            "write it as https://HOST, without a user or a query",
        ));
    };
    let plain = url.scheme() == "http";
    if plain && !address::is_loopback(&url) && !options.plain_http {
        let found =
            format!("{place} is plain HTTP: anybody on the way could change what is recorded");
        return Err(Trouble::misplaced(found, "use https://"));
    }
    Ok(plain)
}

/// What the paths of requests to the store begin with.
fn path(options: &Options) -> String {
    let bucket = match &options.kind {
        Kind::S3 { bucket, .. } | Kind::Gcs { bucket, .. } => bucket,
        Kind::Azure { container, .. } => container,
    };
    let endpoint = options
        .endpoint
        .as_ref()
        .and_then(|endpoint| Url::parse(endpoint).ok());
    let base = endpoint.map_or(String::new(), |url| {
        url.path().trim_end_matches('/').to_owned()
    });
    format!("{base}/{bucket}")
}

fn authorities(options: &Options, place: &str) -> Result<Vec<reqwest::Certificate>, Trouble> {
    let Some(pem) = &options.authorities else {
        return Ok(Vec::new());
    };
    reqwest::Certificate::from_pem_bundle(pem).map_err(|_| {
        let found = format!("the authorities for {place} cannot be read");
        Trouble::misplaced(found, "name a file with certificates in PEM")
    })
}

/// The variables that count, as far as they are set and nothing is given.
fn variables(kind: &Kind, environment: Environment<'_>) -> Vec<(String, String)> {
    let names = match kind {
        Kind::S3 { access: None, .. } => S3_VARIABLES,
        Kind::S3 {
            access: Some(_), ..
        } => &["AWS_REGION", "AWS_DEFAULT_REGION"],
        Kind::Gcs { access: None, .. } => GCS_VARIABLES,
        Kind::Azure { access: None, .. } => AZURE_VARIABLES,
        Kind::Gcs {
            access: Some(_), ..
        }
        | Kind::Azure {
            access: Some(_), ..
        } => &[],
    };
    let set = names
        .iter()
        .filter_map(|name| Some(((*name).to_ascii_lowercase(), environment(name)?)));
    set.filter(|(_, value)| !value.is_empty()).collect()
}

/// What must not be shown.
fn hiding(kind: &Kind, variables: &[(String, String)]) -> Wording {
    let mut words = Wording::new("the store");
    match kind {
        Kind::S3 { access, .. } => {
            if let Some(access) = access {
                words.hide(access.secret.expose());
                access
                    .token
                    .iter()
                    .for_each(|token| words.hide(token.expose()));
            }
        }
        Kind::Gcs { access, .. } => access
            .iter()
            .for_each(|access| words.hide(access.secret().expose())),
        Kind::Azure { access, .. } => access
            .iter()
            .for_each(|access| words.hide(access.secret().expose())),
    }
    let is_secret = |name: &str| {
        ["secret", "token", "key"]
            .iter()
            .any(|word| name.contains(word))
            && !name.ends_with("_file")
    };
    let found = variables.iter().filter(|(name, _)| is_secret(name));
    found.for_each(|(_, value)| words.hide(value));
    words
}

impl GcsAccess {
    fn secret(&self) -> &Secret {
        match self {
            Self::ServiceAccount(secret) | Self::Token(secret) => secret,
        }
    }
}

impl AzureAccess {
    fn secret(&self) -> &Secret {
        match self {
            Self::Key(secret) | Self::Sas(secret) | Self::Token(secret) => secret,
        }
    }
}

/// What all three have in common.
struct Settings {
    endpoint: Option<String>,
    client: ClientOptions,
    connector: Connector,
    variables: Vec<(String, String)>,
}

/// Nothing is tried again by the crate: it would take a write whose answer was lost for one that never was.
fn never() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    }
}

type Built = object_store::Result<Box<dyn ObjectStore>>;

impl Settings {
    fn s3(self, bucket: &str, region: Option<&str>, access: Option<&S3Access>) -> Built {
        let mut builder = AmazonS3Builder::new();
        for (name, value) in self.variables {
            builder = builder.with_config(name.parse::<AmazonS3ConfigKey>()?, value);
        }
        builder = builder
            .with_bucket_name(bucket)
            // Not all that speak like S3 remove many at once.
            .with_disable_bulk_delete(true)
            .with_retry(never())
            .with_client_options(self.client)
            .with_http_connector(self.connector);
        if let Some(region) = region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(access) = access {
            builder = builder
                .with_access_key_id(&access.key_id)
                .with_secret_access_key(access.secret.expose());
            if let Some(token) = &access.token {
                builder = builder.with_token(token.expose());
            }
        }
        Ok(Box::new(builder.build()?))
    }

    fn gcs(self, bucket: &str, access: Option<&GcsAccess>) -> Built {
        let mut builder = GoogleCloudStorageBuilder::new();
        for (name, value) in self.variables {
            builder = builder.with_config(name.parse::<GoogleConfigKey>()?, value);
        }
        builder = builder
            .with_bucket_name(bucket)
            .with_retry(never())
            .with_client_options(self.client)
            .with_http_connector(self.connector);
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_base_url(&endpoint);
        }
        builder = match access {
            Some(GcsAccess::ServiceAccount(key)) => builder.with_service_account_key(key.expose()),
            Some(GcsAccess::Token(token)) => builder.with_bearer_token(token.expose()),
            None => builder,
        };
        Ok(Box::new(builder.build()?))
    }

    fn azure(self, account: &str, container: &str, access: Option<&AzureAccess>) -> Built {
        let mut builder = MicrosoftAzureBuilder::new();
        for (name, value) in self.variables {
            builder = builder.with_config(name.parse::<AzureConfigKey>()?, value);
        }
        builder = builder
            .with_account(account)
            .with_container_name(container)
            .with_retry(never())
            .with_client_options(self.client)
            .with_http_connector(self.connector);
        if let Some(endpoint) = self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        builder = match access {
            Some(AzureAccess::Key(key)) => builder.with_access_key(key.expose()),
            Some(AzureAccess::Sas(sas)) => {
                builder.with_config(AzureConfigKey::SasKey, sas.expose())
            }
            Some(AzureAccess::Token(token)) => {
                builder.with_bearer_token_authorization(token.expose())
            }
            None => builder,
        };
        Ok(Box::new(builder.build()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Cause;
    use crate::records::Engine as _;
    use crate::records::store::Store;

    fn s3(endpoint: Option<&str>) -> Options {
        Options {
            kind: Kind::S3 {
                bucket: "b".to_owned(),
                region: None,
                access: None,
            },
            prefix: "/gate/".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            plain_http: false,
            proxy_from_environment: false,
            authorities: None,
        }
    }

    fn nothing(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_place_is_shown_as_people_write_it() {
        let shown = |options| Store::open(&options, &nothing).expect("a store").shown();
        assert_eq!(shown(s3(None)), "s3://b/gate");
        assert_eq!(
            shown(Options {
                prefix: String::new(),
                ..s3(None)
            }),
            "s3://b"
        );
        assert_eq!(
            shown(s3(Some("https://minio.example"))),
            "s3://b/gate at https://minio.example"
        );
    }

    #[test]
    fn plain_http_stays_on_the_machine() {
        let open = |endpoint| Store::open(&s3(Some(endpoint)), &nothing).map(drop);
        for endpoint in [
            "http://127.0.0.1:9000",
            "http://[::1]:9000",
            "http://localhost:9000",
            "https://minio.example",
        ] {
            assert_eq!(open(endpoint), Ok(()), "{endpoint}");
        }
        for endpoint in [
            "http://minio.example",
            "http://127.0.0.1.example",
            "minio",
            "ftp://h",
            "https://u:p@h",
            "https://h?k=v",
        ] {
            let trouble = open(endpoint).expect_err(endpoint);
            assert_eq!(trouble.cause, Cause::Misplaced, "{trouble}");
            assert!(!trouble.to_string().contains("u:p"), "{trouble}");
        }
        let allowed = Options {
            plain_http: true,
            ..s3(Some("http://minio.example"))
        };
        assert!(Store::open(&allowed, &nothing).is_ok());
    }

    #[test]
    fn the_environment_says_who_and_never_where() {
        let environment = |name: &str| Some(format!("canary-{name}"));
        let found = variables(&s3(None).kind, &environment);
        assert!(
            found.contains(&(
                "aws_access_key_id".to_owned(),
                "canary-AWS_ACCESS_KEY_ID".to_owned()
            )),
            "{found:?}"
        );
        for (name, _) in &found {
            assert!(
                !name.contains("bucket")
                    && !name.contains("endpoint_url_s3")
                    && name != "aws_endpoint_url",
                "{name}"
            );
        }
        let shown = hiding(&s3(None).kind, &found).blot("canary-AWS_SECRET_ACCESS_KEY");
        assert_eq!(shown, "***");
    }

    /// A job in a cluster has no key of its own, but is told where to ask for one.
    #[test]
    fn a_web_identity_and_the_credentials_of_a_container_are_passed_on() {
        for set in [
            [
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::1:role/gate"),
            ],
            [
                (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "http://169.254.170.23/v1",
                ),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/token"),
            ],
        ] {
            let environment = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = variables(&s3(None).kind, &environment);
            let expected = set.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
            assert_eq!(found, expected);
            let store = Store::open(&s3(None), &environment);
            assert!(store.is_ok(), "{store:?}");
            // Where a token lies is no secret.
            let shown = hiding(&s3(None).kind, &found).blot("/run/token");
            assert_eq!(shown, "/run/token");
        }
    }

    #[test]
    fn every_variable_is_one_that_the_client_knows() {
        for name in S3_VARIABLES {
            assert!(
                name.to_ascii_lowercase()
                    .parse::<AmazonS3ConfigKey>()
                    .is_ok(),
                "{name}"
            );
        }
        for name in GCS_VARIABLES {
            assert!(
                name.to_ascii_lowercase().parse::<GoogleConfigKey>().is_ok(),
                "{name}"
            );
        }
        for name in AZURE_VARIABLES {
            assert!(
                name.to_ascii_lowercase().parse::<AzureConfigKey>().is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn nothing_secret_is_in_a_store_that_is_printed() {
        let mut options = s3(None);
        let secret = || Secret::new("canarysecret".to_owned());
        options.kind = Kind::S3 {
            bucket: "b".to_owned(),
            region: None,
            access: Some(S3Access {
                key_id: "AKIA".to_owned(),
                secret: secret(),
                token: Some(secret()),
            }),
        };
        let store = Store::open(&options, &nothing).expect("a store");
        let shown = format!("{store:?} {options:?}");
        assert!(!shown.contains("canarysecret"), "{shown}");
    }
}
