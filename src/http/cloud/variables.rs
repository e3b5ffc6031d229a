//! Variables of the environment that the vendors' own tools read, as they were when the source was prepared.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Those that are set; an empty one counts as unset.
pub(super) struct Variables(BTreeMap<&'static str, String>);

impl Variables {
    pub(super) fn read(
        names: &[&'static str],
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let set = names
            .iter()
            .filter_map(|name| Some((*name, environment(name)?)));
        Self(set.filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim())
    }

    pub(super) fn is_true(&self, name: &'static str) -> bool {
        self.get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A file in the home of whoever runs this.
    pub(super) fn at_home(&self, path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.get("HOME")?).join(path))
    }
}
