//! The file as written: one struct for each map of the plan format, every scalar still text with its place.
//!
//! The keys are defined here and nowhere else. Must not judge whether they make sense together.

use serde::de::IgnoredAny;

use super::criteria::Criteria;
use super::criteria::checklists::Item;
use super::maps::maps;
use super::spanned::{OneOrMany, Pairs, Spanned, Text, TextOr};
use super::validate::baselines::Baseline;
use super::validate::kpis::Kpi;

/// A key that is known only to be refused.
pub(super) type Refused = Spanned<IgnoredAny>;

maps! {
    /// The whole file.
    Document {
        release: Spanned<TextOr<Release>>,
        source: Spanned<TextOr<Source>>,
        sources: Spanned<Pairs<TextOr<Source>>>,
        vars: Pairs<OneOrMany>,
        baseline: Spanned<Baseline>,
        kpis: Pairs<Kpi>,
        checklists: Pairs<Vec<Spanned<Item>>>,
        calendars: Pairs<Calendar>,
        rollback: Vec<Spanned<TextOr<RollbackStep>>>,
        stages: Spanned<Vec<Spanned<Stage>>>,
        defaults: Spanned<Stage>,
        signatures: Spanned<TextOr<Signatures>>,
        policy: Spanned<Policy>,
    }

    /// Who must sign evidence.
    Signatures { required: Text, roles: Pairs<OneOrMany>, }

    /// The policy that a plan implements.
    Policy { uri: Text, sha256: Text, verifier: Text, resource: Text, }

    Release {
        name: Text,
        version: Text,
        r#type: Text,
        owner: Text,
        on_call: Text,
        subjects: Vec<Spanned<Subject>>,
        links: Pairs<String>,
        description: Text,
        contacts: Pairs<String>,
        channels: Pairs<String>,
        escalation: Vec<Text>,
        monitoring: Pairs<String>,
        scope: Vec<Spanned<WorkItem>>,
        risks: Vec<Spanned<TextOr<Risk>>>,
        notes: Spanned<OneOrMany>,
        details: Pairs<String>,
    }

    Subject { name: Text, sha256: Text, }

    WorkItem { id: Text, title: Text, owner: Text, risk: Text, rollback: Text, }

    Risk { text: Text, likelihood: Text, impact: Text, owner: Text, mitigation: Text, }

    Source {
        url: Text,
        http_config: Spanned<HttpConfig>,
        timeout: Text,
        concurrency: Text,
        warnings: Text,
        compression: Text,
        max_answer: Text,
    }

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
        sigv4: Refused,
        azuread: Refused,
        google_iam: Refused,
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

    Calendar { timezone: Text, weekly: Spanned<OneOrMany>, dates: Spanned<OneOrMany>, }

    RollbackStep { r#do: Text, owner: Text, takes: Text, }

    /// A stage; `defaults` has the same keys except `name`.
    Stage {
        name: Text,
        title: Text,
        kind: Text,
        traffic: Text,
        cohort: Pairs<OneOrMany>,
        window: Text,
        settle: Text,
        observe: Text,
        deadline: Text,
        after: Spanned<OneOrMany>,
        baseline: Spanned<Baseline>,
        entry: Spanned<Criteria>,
        stop: Spanned<Criteria>,
        exit: Spanned<Criteria>,
        recovery: Spanned<Criteria>,
        watch: Spanned<Criteria>,
        description: Text,
        owner: Text,
        notes: Spanned<OneOrMany>,
        links: Pairs<String>,
    }

}
