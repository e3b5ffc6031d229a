//! Which series a query is about, and how it is told apart by site. Must not know what is measured.

/// Which series are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Matchers, as PromQL writes them between braces.
    pub matchers: Vec<String>,
    /// The label that tells series apart.
    pub by: Option<String>,
    /// The range of rates: a length of time, or `$step`.
    pub range: String,
}

impl Scope {
    /// A metric with the matchers of this scope and further ones, which stand at the end.
    #[must_use]
    pub fn selector(&self, metric: &str, more: &[&str]) -> String {
        let own = self.matchers.iter().map(String::as_str);
        let all: Vec<&str> = own.chain(more.iter().copied()).collect();
        if all.is_empty() {
            return metric.to_owned();
        }
        format!("{metric}{{{}}}", all.join(","))
    }

    /// The same over the range.
    #[must_use]
    pub fn rate(&self, metric: &str, more: &[&str]) -> String {
        format!("rate({}[{}])", self.selector(metric, more), self.range)
    }

    /// An aggregation over this, for each site if there are several; `with` are further labels that stay.
    #[must_use]
    pub fn aggregated(&self, how: &str, with: &[&str], what: &str) -> String {
        let by = self.by.as_deref();
        let labels: Vec<&str> = with.iter().copied().chain(by).collect();
        if labels.is_empty() {
            return format!("{how}({what})");
        }
        format!("{how} by ({}) ({what})", labels.join(", "))
    }

    /// The largest value of points so far apart within a range: what a gauge does between two points is not missed.
    #[must_use]
    pub fn largest_between(&self, what: &str) -> String {
        format!("max_over_time(({what})[{}:15s])", self.range)
    }
}

/// A matcher for one value.
#[must_use]
pub fn equals(label: &str, value: &str) -> String {
    // As Go quotes: PromQL reads the same escapes.
    let value = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{label}=\"{value}\"")
}

/// Text from outside in a plan, where `$` begins a variable.
#[must_use]
pub fn literal(text: &str) -> String {
    text.replace('$', "$$")
}
