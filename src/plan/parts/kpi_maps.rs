//! The maps of `kpis:`, as they are written. Must not say what they mean.

use super::super::maps::maps;
use super::super::spanned::{OneOrMany, Spanned, Text};
use super::baselines::Baseline;

maps! {
    Kpi {
        title: Text,
        query: Text,
        ratio: Spanned<RatioParts>,
        min_total: Text,
        objective: Text,
        period: Text,
        unit: Text,
        per: Text,
        guard: Spanned<Guard>,
        step: Text,
        coverage: Text,
        active: Text,
        quiet: Text,
        max_age: Text,
        missing: Text,
        series: Text,
        accept: Spanned<OneOrMany>,
        source: Text,
        baseline: Spanned<Baseline>,
        description: Text,
        dashboard: Text,
        owner: Text,
        runbook: Text,
    }

    Guard { query: Text, is: Text, }

    /// Exactly one of the two parts, and the total.
    RatioParts { errors: Text, good: Text, total: Text, }
}
