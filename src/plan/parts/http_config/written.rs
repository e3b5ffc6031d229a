//! `http_config` as written, every scalar still text with its place. Must not judge whether its keys make sense together.

use serde::de::IgnoredAny;

use super::super::super::maps::maps;
use super::super::super::spanned::{Pairs, Spanned, Text};

/// A key that is known only to be refused.
pub(in crate::plan) type Refused = Spanned<IgnoredAny>;

maps! {
    /// Prometheus' own `http_config`.
    HttpConfig {
        basic_auth: Spanned<BasicAuth>,
        authorization: Spanned<Authorization>,
        oauth2: Spanned<Oauth2>,
        bearer_token: Text,
        bearer_token_file: Text,
        tls_config: Spanned<TlsConfig>,
        proxy_url: Text,
        no_proxy: Text,
        proxy_from_environment: Text,
        proxy_connect_header: Refused,
        http_headers: Pairs<Header>,
        follow_redirects: Text,
        enable_http2: Text,
        sigv4: Spanned<Sigv4>,
        azuread: Spanned<AzureAd>,
        google_iam: Spanned<GoogleIam>,
    }

    BasicAuth {
        username: Text,
        username_file: Text,
        username_ref: Refused,
        password: Text,
        password_file: Text,
        password_ref: Refused,
    }

    Authorization {
        r#type: Text,
        credentials: Text,
        credentials_file: Text,
        credentials_ref: Refused,
    }

    Oauth2 {
        client_id: Text,
        client_secret: Text,
        client_secret_file: Text,
        client_secret_ref: Refused,
        token_url: Text,
        scopes: Vec<Text>,
        endpoint_params: Pairs<String>,
        grant_type: Text,
        tls_config: Spanned<TlsConfig>,
        proxy_url: Text,
        no_proxy: Refused,
        proxy_from_environment: Refused,
        proxy_connect_header: Refused,
        client_certificate_key: Refused,
        client_certificate_key_file: Refused,
        client_certificate_key_ref: Refused,
        client_certificate_key_id: Refused,
        signature_algorithm: Refused,
        iss: Refused,
        audience: Refused,
        claims: Refused,
    }

    Sigv4 {
        region: Text,
        service: Text,
        service_name: Text,
        access_key: Text,
        secret_key: Text,
        secret_key_file: Text,
        profile: Text,
        role_arn: Text,
        external_id: Text,
        use_fips_sts_endpoint: Text,
    }

    GoogleIam { credentials_file: Text, }

    AzureAd {
        cloud: Text,
        scope: Text,
        oauth: Spanned<AzureOauth>,
        workload_identity: Spanned<AzureWorkload>,
        managed_identity: Spanned<AzureManaged>,
        sdk: Spanned<AzureSdk>,
    }

    AzureOauth {
        client_id: Text,
        client_secret: Text,
        client_secret_file: Text,
        tenant_id: Text,
    }

    AzureWorkload { client_id: Text, tenant_id: Text, token_file_path: Text, }

    AzureManaged { client_id: Text, }

    AzureSdk { tenant_id: Text, }

    TlsConfig {
        ca: Text,
        ca_file: Text,
        ca_ref: Refused,
        cert: Text,
        cert_file: Text,
        cert_ref: Refused,
        key: Text,
        key_file: Text,
        key_ref: Refused,
        server_name: Text,
        insecure_skip_verify: Text,
        min_version: Text,
        max_version: Text,
    }

    Header { values: Vec<Text>, secrets: Vec<Text>, files: Vec<Text>, }
}
