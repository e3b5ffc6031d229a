//! The file as written: one struct for each map of the plan format, every scalar still text with its place.
//!
//! The keys are defined here and nowhere else. Must not judge whether they make sense together.

use super::criteria::Criteria;
use super::criteria::checklists::{Checklist, Item};
use super::maps::maps;
use super::parts::baselines::Baseline;
use super::parts::http_config::written::HttpConfig;
use super::parts::kpi_maps::Kpi;
use super::spanned::{ListOr, OneOrMany, Pairs, Spanned, Text, TextOr};

maps! {
    /// The whole file.
    Document {
        release: Spanned<TextOr<Release>>,
        source: Spanned<TextOr<Source>>,
        sources: Spanned<Pairs<TextOr<Source>>>,
        vars: Pairs<OneOrMany>,
        baseline: Spanned<Baseline>,
        kpis: Pairs<Kpi>,
        checklists: Pairs<ListOr<Checklist, Item>>,
        calendars: Pairs<Calendar>,
        rollback: Spanned<ListOr<Rollback, TextOr<RollbackStep>>>,
        stages: Spanned<Vec<Spanned<Stage>>>,
        defaults: Spanned<Stage>,
        signatures: Spanned<TextOr<Signatures>>,
        policy: Spanned<Policy>,
        records: Spanned<TextOr<Records>>,
        ledger: Text,
        notify: Spanned<Vec<Spanned<Notify>>>,
    }

    /// Who is told, of what: one of slack, webhook, exec.
    Notify {
        slack: Text,
        webhook: Text,
        exec: Spanned<Vec<Text>>,
        on: Spanned<OneOrMany>,
        http_config: Spanned<HttpConfig>,
        timeout: Text,
    }

    /// Where ledger and evidence are kept: one of these.
    Records {
        path: Text,
        git: Spanned<RecordsGit>,
        s3: Spanned<RecordsS3>,
        gcs: Spanned<RecordsGcs>,
        azure: Spanned<RecordsAzure>,
    }

    RecordsGit { remote: Text, branch: Text, }

    RecordsS3 {
        bucket: Text,
        prefix: Text,
        region: Text,
        endpoint: Text,
        access_key: Text,
        access_key_file: Text,
        secret_key: Text,
        secret_key_file: Text,
    }

    RecordsGcs {
        bucket: Text,
        prefix: Text,
        endpoint: Text,
        service_account: Text,
        service_account_file: Text,
    }

    RecordsAzure {
        account: Text,
        container: Text,
        prefix: Text,
        endpoint: Text,
        access_key: Text,
        access_key_file: Text,
    }

    /// Who must sign evidence.
    Signatures { required: Text, roles: Pairs<OneOrMany>, allowed: Text, }

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
        date: Text,
        #[serde(alias = "scope")]
        changes: Vec<Spanned<TextOr<Change>>>,
        risks: Vec<Spanned<TextOr<Risk>>>,
        tests: Vec<Spanned<TextOr<Test>>>,
        notes: Spanned<OneOrMany>,
        details: Pairs<String>,
    }

    Subject { name: Text, sha256: Text, }

    Change {
        id: Text,
        title: Text,
        kind: Text,
        owner: Text,
        risk: Text,
        rollback: Text,
        link: Text,
    }

    Risk {
        #[serde(alias = "text")]
        title: Text,
        likelihood: Text,
        impact: Text,
        owner: Text,
        due: Text,
        status: Text,
        #[serde(alias = "mitigation")]
        actions: Spanned<OneOrMany>,
    }

    Test {
        name: Text,
        result: Text,
        coverage: Text,
        duration: Text,
        environment: Text,
        link: Text,
    }

    Source {
        url: Text,
        http_config: Spanned<HttpConfig>,
        timeout: Text,
        concurrency: Text,
        partial: Text,
        compression: Text,
        max_answer: Text,
        lookback: Text,
        delay: Text,
        params: Pairs<String>,
        method: Text,
    }

    Calendar { timezone: Text, weekly: Spanned<OneOrMany>, dates: Spanned<OneOrMany>, }

    /// Ways to roll back, one of which is taken.
    Rollback { options: Vec<Spanned<RollbackOption>>, }

    /// One of them.
    RollbackOption { name: Text, when: Text, steps: Vec<Spanned<TextOr<RollbackStep>>>, }

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
