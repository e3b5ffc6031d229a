//! Somebody proceeds on a NO-GO or HOLD in their own name. Must not touch the verdict, and knows no way past a STOP.

use super::Overridden;
use super::setting::Setting;
use crate::verdict::Verdict;

/// The override that holds for this gate now.
pub(super) fn of(_verdict: Verdict, _setting: &Setting<'_>) -> Option<Overridden> {
    None
}
