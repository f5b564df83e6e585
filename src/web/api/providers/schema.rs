//! What the operations answer, for the document.

use crate::app::providers::{Form, PROPERTIES, Property, Start};
use crate::app::shape::{Field, Rule};

/// A provider.
pub fn provider() -> Rule {
    let own = [
        Field::required("id", Rule::ID),
        Field::required("url", Rule::TEXT),
        Field::required("maskedKey", Rule::TEXT).about(
            "The first and last four characters; of a Google credential its kind and account.",
        ),
        Field::required("credential", credential().nullable())
            .about("The Google credential that the key is, if it is one."),
        Field::required("faviconUrl", Rule::TEXT.nullable()),
        Field::required("createdAt", Rule::TEXT).about("YYYY-MM-DD"),
        Field::required("updatedAt", Rule::TEXT).about("YYYY-MM-DD"),
        Field::required("todayTotalCostUsd", Rule::TEXT),
        Field::required("todayCallCount", Rule::INTEGER),
        Field::required("lastCallTime", Rule::TEXT.nullable()),
        Field::required("lastCallModel", Rule::TEXT.nullable()),
        Field::required("endpoints", Rule::list_of(Rule::TEXT))
            .about("Further addresses, tried after url."),
        Field::required("vendor", Rule::TEXT.nullable()).about("The site that url belongs to."),
    ];
    let shape = crate::app::shape::Shape::from(own);
    Rule::object(shape.and(PROPERTIES.iter().map(shown)))
}

fn shown(property: &Property) -> Field {
    let rule = match property.form {
        Form::Flag => Rule::Flag,
        Form::Count => Rule::INTEGER,
        Form::Money | Form::Factor => Rule::NUMBER,
        Form::TimeOfDay => Rule::TEXT,
        Form::Text | Form::Document => (property.rule)(),
    };
    let is_nullable = property.start == Start::Null && !matches!(rule, Rule::Nullable(_));
    Field::required(property.shown, if is_nullable { rule.nullable() } else { rule })
}

/// How a breaker is.
pub fn health() -> Rule {
    Rule::object([
        Field::required("circuitState", Rule::OneOf(&["closed", "open", "half-open"])),
        Field::required("failureCount", Rule::INTEGER),
        Field::required("lastFailureTime", Rule::INTEGER.nullable())
            .about("Milliseconds since 1970."),
        Field::required("circuitOpenUntil", Rule::INTEGER.nullable())
            .about("Milliseconds since 1970."),
        Field::required("recoveryMinutes", Rule::INTEGER.nullable()),
        Field::optional("remaining", remaining())
            .about("What the vendor said last is left of its limits."),
        Field::optional("credentialTrouble", trouble())
            .about("Why its Google credential lets no request in just now."),
    ])
}

fn trouble() -> Rule {
    Rule::object([
        Field::required("refused", Rule::Flag)
            .about("The issuer refuses it: another one must be given."),
        Field::required("since", Rule::INTEGER).about("Milliseconds since 1970."),
        Field::required("why", Rule::TEXT),
    ])
}

fn credential() -> Rule {
    Rule::object([
        Field::required("kind", Rule::OneOf(&["authorized_user", "service_account"])),
        Field::required("account", Rule::TEXT).about("Who it is for."),
        Field::required("refreshedAt", Rule::INTEGER.nullable()).about(
            "When this node got its present token, in milliseconds since 1970; null when there is \
             none, or when it was taken over from where it is kept.",
        ),
        Field::required("expiresAt", Rule::INTEGER.nullable())
            .about("When its present token is over, in milliseconds since 1970."),
        Field::required("trouble", trouble().nullable())
            .about("Why it lets no request in just now."),
    ])
}

fn remaining() -> Rule {
    Rule::object([
        Field::required("at", Rule::INTEGER).about("Milliseconds since 1970."),
        Field::required("requests", Rule::INTEGER.nullable()),
        Field::required("requestsLimit", Rule::INTEGER.nullable()),
        Field::required("tokens", Rule::INTEGER.nullable()),
        Field::required("tokensLimit", Rule::INTEGER.nullable()),
    ])
}

/// What is used of the limits.
pub fn limit_usage() -> Rule {
    let spending = |more: &[Field]| {
        let both = [
            Field::required("current", Rule::NUMBER),
            Field::required("limit", Rule::NUMBER.nullable()),
        ];
        Rule::object(crate::app::shape::Shape::from(both).and(more.iter().cloned()))
    };
    let sessions = Rule::object([
        Field::required("current", Rule::INTEGER),
        Field::required("limit", Rule::INTEGER).about("0 is no limit."),
    ]);
    let until = Field::required("resetAt", Rule::Instant);
    Rule::object([
        Field::required("cost5h", spending(&[Field::required("resetInfo", Rule::TEXT)])),
        Field::required("costDaily", spending(&[Field::optional("resetAt", Rule::Instant)])),
        Field::required("costWeekly", spending(std::slice::from_ref(&until))),
        Field::required("costMonthly", spending(&[until])),
        Field::required("concurrentSessions", sessions),
    ])
}
