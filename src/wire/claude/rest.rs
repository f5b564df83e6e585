//! How a request says that its model shall not think.

/// As most models take it.
pub const DISABLED: &str = "disabled";
/// As Sonnet 5.5 takes it.
pub const BETWEEN_TOOLS: &str = "between_tools";

/// Everything that `thinking.type` may be for that.
pub const RESTS: [&str; 2] = [DISABLED, BETWEEN_TOOLS];
