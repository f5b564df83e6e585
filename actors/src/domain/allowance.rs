//! What a vendor says is left of its limits.

/// What is left of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What may still be used.
    pub remaining: u64,
    /// Of how much, where the vendor says so.
    pub limit: Option<u64>,
}

/// What a vendor said with one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowances {
    /// Requests.
    pub requests: Option<Allowance>,
    /// Tokens.
    pub tokens: Option<Allowance>,
}

impl Allowances {
    /// Tells whether the vendor said nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.requests.is_none() && self.tokens.is_none()
    }
}
