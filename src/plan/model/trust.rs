//! What makes a plan's evidence trustworthy: signatures, and the policy it stands for. Checks no signature.

/// What makes a plan's evidence trustworthy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whether evidence must be signed, and by whom.
    pub signatures: Option<Signatures>,
    /// The policy that the plan implements.
    pub policy: Option<Policy>,
}

/// Who signs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Whether evidence without a valid signature is off, and an approval without one counts as absent.
    pub required: bool,
    /// A role of the plan's approvals, and the principals who may sign in it; at least one.
    pub roles: Vec<(String, Vec<String>)>,
    /// The file of allowed signers, relative to the plan's folder; `None` if the command line names it.
    pub allowed: Option<String>,
}

impl Signatures {
    /// Who may sign in a role; `None` if the plan does not say.
    #[must_use]
    pub fn principals(&self, role: &str) -> Option<&[String]> {
        let found = self.roles.iter().find(|(name, _)| name == role);
        found.map(|(_, principals)| principals.as_slice())
    }
}

/// The policy that a plan implements, for a verification summary (SLSA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where to find it.
    pub uri: String,
    /// SHA-256 of its text, 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// In whose name the summary is issued: a URI.
    pub verifier: String,
    /// What is released, as a URI.
    pub resource: String,
}
