//! What a plan says of how its evidence is to be trusted: signatures, and the policy it stands for. Checks no signature.

/// How evidence of a plan is to be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whether evidence has to be signed, and by whom.
    pub signatures: Option<Signatures>,
    /// The policy that the plan carries out.
    pub policy: Option<Policy>,
}

/// Who signs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Whether evidence without a valid signature is off.
    pub required: bool,
    /// A role of the plan's approvals, and the principals that may sign in it; at least one.
    pub roles: Vec<(String, Vec<String>)>,
}

impl Signatures {
    /// Who may sign in a role; `None` where the plan does not say.
    #[must_use]
    pub fn principals(&self, role: &str) -> Option<&[String]> {
        let found = self.roles.iter().find(|(name, _)| name == role);
        found.map(|(_, principals)| principals.as_slice())
    }
}

/// The policy that a plan carries out, for a verification summary (SLSA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where it stands.
    pub uri: String,
    /// SHA-256 of its text, 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// In whose name the summary speaks: an address.
    pub verifier: String,
    /// What is released, as an address.
    pub resource: String,
}
