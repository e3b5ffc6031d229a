//! The file as written: one struct for each map of the plan format, every scalar still text with its place.
//!
//! The keys are defined here and nowhere else. Must not judge whether they make sense together.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::spanned::{ListOr, ManyOr, OneOrMany, Pairs, Spanned, Text, TextOr};

/// Defines structs that refuse unknown keys and in which every key is optional: missing keys are reported later,
/// with a better place than serde knows.
macro_rules! maps {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, Deserialize)]
            #[serde(deny_unknown_fields, default, expecting = "a map")]
            pub(super) struct $name { $($(#[$attr])* pub(super) $field: Option<$kind>,)+ }
        )+

        /// Each map with its keys and their types, for the test that compares them with the JSON Schema.
        #[cfg(test)]
        pub(crate) const MAPS: &[(&str, &[(&str, &str)])] =
            &[$((stringify!($name), &[$((stringify!($field), stringify!($kind)),)+]),)+];
    };
}

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

    /// Exactly one of the five kinds.
    Baseline {
        offset: Text,
        before: Text,
        from: Text,
        to: Text,
        file: Text,
        vars: Spanned<Pairs<OneOrMany>>,
    }

    Kpi {
        title: Text,
        query: Text,
        unit: Text,
        per: Text,
        guard: Spanned<Guard>,
        step: Text,
        coverage: Text,
        max_age: Text,
        missing: Text,
        source: Text,
        baseline: Spanned<Baseline>,
        description: Text,
        dashboard: Text,
        owner: Text,
        runbook: Text,
    }

    Guard { query: Text, is: Text, }

    /// An item of a checklist.
    Item { id: Text, text: Text, owner: Text, }

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

    /// One list of a stage; validation knows which keys belong in which.
    Criteria {
        window: Text,
        kpis: Spanned<Pairs<OneOrMany>>,
        checklists: Spanned<OneOrMany>,
        confirmations: Spanned<OneOrMany>,
        approvals: Spanned<ListOr<Approvals>>,
        incidents: Spanned<Incidents>,
        no_incidents: Spanned<Incidents>,
        alerts: Spanned<ListOr<Alerts>>,
        no_alerts: Spanned<ListOr<Alerts>>,
        artifacts: Spanned<Vec<Spanned<TextOr<Artifact>>>>,
        probes: Spanned<Vec<Spanned<TextOr<Probe>>>>,
        outside: Spanned<ManyOr<Outside>>,
    }

    Approvals { roles: Spanned<OneOrMany>, distinct: Text, }

    Incidents {
        open: Spanned<OneOrMany>,
        since_start: Spanned<OneOrMany>,
        issue_log: Text,
    }

    Alerts {
        firing: Spanned<OneOrMany>,
        source: Spanned<TextOr<Alertmanager>>,
        silenced: Text,
    }

    Alertmanager { alertmanager: Text, rules: Text, }

    Outside { calendars: Spanned<OneOrMany>, r#for: Text, }

    Artifact {
        path: Text,
        max_age: Text,
        sha256: Text,
        junit: Spanned<Junit>,
        sarif: Spanned<Sarif>,
        json: Spanned<Pairs<String>>,
    }

    Junit { failures: Text, min_tests: Text, }

    Sarif { max: Pairs<String>, }

    Probe {
        url: Text,
        status: Text,
        json: Spanned<Pairs<String>>,
        timeout: Text,
    }
}
