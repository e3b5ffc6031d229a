//! What a plan defines for its criteria to refer to. Holds it; reads nothing.

use super::super::parts::baselines;
use super::super::parts::kpis::KpiDefinition;
use super::super::{Calendar, Source};
use super::checklists::Checklists;

/// What the plan defines, for stages to refer to.
pub(in crate::plan) struct Definitions<'d> {
    pub(in crate::plan) kpis: &'d [KpiDefinition],
    /// Including those of KPIs that cannot be queried.
    pub(in crate::plan) kpi_names: &'d [String],
    pub(in crate::plan) checklists: &'d Checklists,
    pub(in crate::plan) calendars: &'d [Calendar],
    /// Including those of calendars that cannot be used.
    pub(in crate::plan) calendar_names: &'d [String],
    pub(in crate::plan) source_names: &'d [String],
    /// Those that can be used.
    pub(in crate::plan) sources: &'d [Source],
    pub(in crate::plan) baseline: Option<&'d baselines::Definitions>,
}
