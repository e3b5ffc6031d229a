//! What is added to a plan from outside its file. Must not read any of it: whoever loads a plan passes it in.

/// Looks up an environment variable.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What the command line adds to a plan.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// `--var NAME=VALUE`, in order. They replace plan-wide variables and those of cohorts;
    /// the same name several times gives a list.
    pub overrides: &'a [(String, String)],
    /// The environment, for `${NAME}` in sources. `None` when judging again from recorded answers:
    /// then placeholders stay as written, and addresses and credentials are not checked.
    pub environment: Option<&'a Environment<'a>>,
    /// `--source`: the address that replaces the one of the plan's only source, or creates it.
    pub source_url: Option<&'a str>,
}
