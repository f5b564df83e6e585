//! Headers that an operator adds to each request of a provider.

use serde_json::Value;
use switchyard_actors::domain::own_header::{self, HeaderFault};

use crate::app::shape::{Fault, Issue};

/// Longer names are cut where they are repeated.
const LONGEST_NAME: usize = 64;

const NAME: Fault = Fault {
    id: "wrong-header-name",
    text: "a header's name may hold letters, digits and a few signs only",
};
const TAKEN: Fault = Fault {
    id: "wrong-header-reserved",
    text: "this header is set by the relay itself and cannot be a custom one: credentials, \
           cookies, and what belongs to the connection or the body's framing",
};
const VALUE: Fault = Fault {
    id: "wrong-header-value",
    text: "a header's value may not hold control characters, such as line breaks",
};
const TWICE: Fault = Fault { id: "wrong-header-twice", text: "the same header is named twice" };

/// Says what is wrong with a list of headers, and with which of them.
pub(super) fn issue(headers: &Value) -> Option<Issue> {
    let headers = headers.as_object()?;
    for (name, value) in headers {
        let fault = own_header::fault(name, value.as_str().unwrap_or_default()).map(words);
        let others = || headers.keys().filter(|other| other.eq_ignore_ascii_case(name)).count();
        if let Some(fault) = fault.or_else(|| (others() > 1).then_some(TWICE)) {
            let name = shown(name);
            return Some(Issue::custom(fault).naming("header", &name));
        }
    }
    None
}

const fn words(fault: HeaderFault) -> Fault {
    match fault {
        HeaderFault::Name => NAME,
        HeaderFault::Reserved => TAKEN,
        HeaderFault::Value => VALUE,
    }
}

/// Returns a header's name as it may be repeated, whatever it holds.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_names_its_header() {
        assert_eq!(issue(&json!({ "X-Tenant": "a b", "X-Team": "Zürich" })), None);
        for (headers, id, name) in [
            (json!({ "X-Fine": "x", "Authorization": "x" }), TAKEN.id, "Authorization"),
            (json!({ "a\n": "x" }), NAME.id, "a\\n"),
            (json!({ "X-A": "one\r\nX-B: two" }), VALUE.id, "X-A"),
            (json!({ "X-A": "one", "x-a": "two" }), TWICE.id, "X-A"),
        ] {
            let issue = issue(&headers).unwrap();
            assert_eq!((issue.about, &issue.more["header"]), (Some(id), &json!(name)), "{headers}");
            assert!(issue.message.starts_with(&format!("{name}: ")), "{}", issue.message);
        }
    }
}
