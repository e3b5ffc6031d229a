//! Who asks at a cloud vendor, and how that is shown: Amazon's signatures, tokens of Google and of Microsoft. Settings only;
//! finds no credentials and reads no file.

use std::path::PathBuf;

use super::secret_source::SecretSource;
use crate::kind::words;

/// Requests signed as Amazon asks (Signature Version 4). What is absent is found as Amazon's own tools find it.
#[derive(Debug, Clone)]
pub struct Sigv4 {
    /// Such as `eu-central-1`.
    pub region: Option<String>,
    /// Which service signatures are for: `aps`, unless the plan says otherwise.
    pub service: String,
    /// The access key's id and the secret that belongs to it.
    pub keys: Option<(String, SecretSource)>,
    /// A profile of the files that Amazon's own tools read.
    pub profile: Option<String>,
    /// The role that is taken on before anything is asked.
    pub role: Option<Role>,
    /// Whether roles are taken on at an endpoint that keeps to FIPS 140.
    pub fips: bool,
}

/// A role of Amazon's that is taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name (ARN).
    pub arn: String,
    /// What its owner wants to hear.
    pub external_id: Option<String>,
}

/// A token of Google's.
#[derive(Debug, Clone)]
pub struct GoogleIam {
    /// The file of a service account or a user; else what Google's own tools find.
    pub credentials_file: Option<PathBuf>,
}

/// A token of Microsoft Entra ID, formerly Azure Active Directory.
#[derive(Debug, Clone)]
pub struct AzureAd {
    /// Which of Microsoft's clouds.
    pub cloud: AzureCloud,
    /// What the token is for; else the queries of that cloud's Azure Monitor.
    pub scope: Option<String>,
    /// Who asks.
    pub identity: AzureIdentity,
}

/// Who asks Microsoft for a token.
#[derive(Debug, Clone)]
pub enum AzureIdentity {
    /// An application with a secret.
    Secret {
        /// Its tenant.
        tenant_id: String,
        /// The application.
        client_id: String,
        /// Its secret.
        client_secret: SecretSource,
    },
    /// A workload that has a token of another issuer, such as Kubernetes. What is absent is in the environment.
    Workload {
        /// Its tenant.
        tenant_id: Option<String>,
        /// The application.
        client_id: Option<String>,
        /// The file that holds the token.
        token_file: Option<PathBuf>,
    },
    /// The identity of the machine.
    Managed {
        /// Which, if it has several.
        client_id: Option<String>,
    },
    /// What the environment and the machine have.
    Found {
        /// The tenant; else that of the environment.
        tenant_id: Option<String>,
    },
}

words! {
    /// Microsoft's clouds, as Prometheus names them.
    #[derive(Default)]
    pub enum AzureCloud: "cloud of Azure" {
        /// The one that everybody uses.
        #[default]
        Public = "AzurePublic",
        /// That of China.
        China = "AzureChina",
        /// That of the government of the United States.
        Government = "AzureGovernment",
    }
}
