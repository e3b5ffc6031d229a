//! Whom to call and where to look, as the plan names them. Must not follow a link.

use crate::plan::Plan;
use crate::report::sheet::{Fact, address, fact};

/// Whom to call, from first to last, and where to write.
pub(super) fn contacts(plan: &Plan) -> Vec<Fact> {
    let details = &plan.release.details;
    let levels = (1..).zip(&details.escalation);
    let levels =
        levels.map(|(level, who): (u32, _)| fact(&format!("Escalation {level}"), who.clone()));
    let contacts = details.contacts.iter();
    let contacts = contacts.map(|(name, text)| address(name, text));
    let channels = details.channels.iter();
    let channels = channels.map(|(name, text)| address(&format!("Channel {name}"), text));
    levels.chain(contacts).chain(channels).collect()
}

/// Runbooks, dashboards and whatever else the plan points at.
pub(super) fn links(plan: &Plan) -> Vec<Fact> {
    let details = &plan.release.details;
    let links = plan.release.links.iter();
    let links = links.chain(&details.monitoring).chain(&details.further);
    links.map(|(name, text)| address(name, text)).collect()
}
