//! What operations on error rules answer.

use crate::app::error_rules::{ACTIONS, MATCH_TYPES};
use crate::app::shape::{Field, Rule};

/// A rule as it is shown.
pub(super) fn listed() -> Rule {
    Rule::object([
        Field::required("id", Rule::ID),
        Field::required("pattern", Rule::TEXT),
        Field::required("matchType", Rule::OneOf(MATCH_TYPES)),
        Field::required("statuses", Rule::TEXT.nullable()),
        Field::required("action", Rule::OneOf(ACTIONS)),
        Field::required("category", Rule::TEXT),
        Field::required("description", Rule::TEXT.nullable()),
        Field::required("overrideResponse", Rule::Any.nullable()),
        Field::required("overrideStatusCode", Rule::INTEGER.nullable()),
        Field::required("isEnabled", Rule::Flag),
        Field::required("isDefault", Rule::Flag).about("It came with the program."),
        Field::required("isEdited", Rule::Flag)
            .about("It came with the program and was changed since: the program leaves it alone."),
        Field::required("priority", Rule::INTEGER),
        Field::required("createdAt", Rule::Instant),
        Field::required("updatedAt", Rule::Instant),
    ])
}

/// How many rules are in force.
pub(super) fn stats() -> Rule {
    Rule::object([
        Field::required("containsCount", Rule::INTEGER),
        Field::required("exactCount", Rule::INTEGER),
        Field::required("regexCount", Rule::INTEGER),
        Field::required("totalCount", Rule::INTEGER),
        Field::required("catalogue", Rule::INTEGER)
            .about("The version of the catalogue they are in."),
    ])
}

/// The rule that decides about an answer.
pub(super) fn decisive() -> Rule {
    Rule::object([
        Field::required("id", Rule::INTEGER).about("0: the draft."),
        Field::required("pattern", Rule::TEXT),
        Field::required("matchType", Rule::OneOf(MATCH_TYPES)),
        Field::required("action", Rule::OneOf(ACTIONS)),
        Field::required("category", Rule::TEXT),
    ])
}
