//! Where ledger and evidence of a rollout are kept, as its plan says it. Must not show a credential, nor open the place.

use crate::plan::{AzurePlace, GcsPlace, GitPlace, Plan, RecordsPlace, S3Place};
use crate::report::sheet::{Block, Fact, Sheet, fact};
use crate::secret::address::link;

/// Nothing where they are beside the plan, and the plan asks for no ledger.
pub(super) fn write(sheet: &mut Sheet, plan: &Plan) {
    let records = &plan.records;
    let mut facts = records.place.as_ref().map(place).unwrap_or_default();
    if records.is_ledger_required {
        let asked = "required: nothing is GO before somebody has begun one";
        facts.push(fact("Ledger", asked.to_owned()));
    }
    if facts.is_empty() {
        return;
    }
    sheet.blocks.push(Block::Part("Records".to_owned()));
    sheet.facts(facts);
}

fn place(place: &RecordsPlace) -> Vec<Fact> {
    let (kind, parts) = match place {
        RecordsPlace::Folder(path) => ("a folder", vec![("Path", Some(path.clone()))]),
        RecordsPlace::Git(GitPlace { remote, branch }) => (
            "a branch of git",
            vec![
                ("Remote", Some(link(remote))),
                ("Branch", Some(branch.clone())),
            ],
        ),
        RecordsPlace::S3(S3Place {
            bucket,
            prefix,
            region,
            endpoint,
            ..
        }) => (
            "S3",
            vec![
                ("Bucket", Some(bucket.clone())),
                ("Prefix", prefix.clone()),
                ("Region", region.clone()),
                ("Endpoint", endpoint.as_deref().map(link)),
            ],
        ),
        RecordsPlace::Gcs(GcsPlace {
            bucket,
            prefix,
            endpoint,
            ..
        }) => (
            "Google Cloud Storage",
            vec![
                ("Bucket", Some(bucket.clone())),
                ("Prefix", prefix.clone()),
                ("Endpoint", endpoint.as_deref().map(link)),
            ],
        ),
        RecordsPlace::Azure(AzurePlace {
            account,
            container,
            prefix,
            endpoint,
            ..
        }) => (
            "Azure Blob Storage",
            vec![
                ("Account", Some(account.clone())),
                ("Container", Some(container.clone())),
                ("Prefix", prefix.clone()),
                ("Endpoint", endpoint.as_deref().map(link)),
            ],
        ),
    };
    let parts = parts
        .into_iter()
        .filter_map(|(name, value)| Some(fact(name, value?)));
    std::iter::once(fact("Kept in", kind.to_owned()))
        .chain(parts)
        .collect()
}
