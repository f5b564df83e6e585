//! What the provider of a try wants in the body and the betas, whatever the client says.

use std::sync::Arc;

use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::provider::Provider;

use super::config::Proactive;
use super::failure::Failure;
use super::flight::Flight;
use crate::wire::edit;
use crate::wire::url;
use crate::wire::wishes::{Granted, Wishes};

/// The header of Anthropic's flags.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// The name of its change on the row.
const BETA_EDIT: &str = "anthropic_beta";

/// Changes an outgoing body, which is in the provider's own format and names the model `sent` already,
/// as the provider wants it. Where nothing is wished, nobody looks at the body. What was set is named on
/// the row; the flags that come of it are for [`amend`].
///
/// # Errors
/// An edit that does not fit the body, which is our fault.
pub fn apply(
    flight: &mut Flight,
    (provider, base): (&Provider, &str),
    sent: &str,
    segments: Vec<Bytes>,
) -> Result<(Vec<Bytes>, Granted), Failure> {
    let operation = flight.arrival.route.operation;
    let mut kinds = Dialect::ALL.into_iter();
    let dialect = kinds.find(|dialect| provider.kind.speaks(*dialect));
    let generates = matches!(operation, Operation::Generate | Operation::CountTokens);
    let Some(dialect) = dialect.filter(|_| generates) else {
        return Ok((segments, Granted::default()));
    };
    let wishes = wishes(flight, dialect, provider, base);
    if wishes.are_none(dialect) {
        return Ok((segments, Granted::default()));
    }
    let body = edit::join(segments);
    let counts = operation == Operation::CountTokens;
    let mut granted = wishes.grant(dialect, sent, counts, &body);
    let edits = std::mem::take(&mut granted.changes).into_edits();
    for edit in &edits {
        if !flight.edits.contains(&edit.name) {
            flight.edits.push(edit.name);
        }
    }
    note(flight, provider, &granted);
    let segments = edit::apply(&body, edits).map_err(|_| Failure::Internal)?;
    Ok((segments, granted))
}

fn wishes<'a>(flight: &Flight, dialect: Dialect, provider: &'a Provider, base: &str) -> Wishes<'a> {
    let Proactive { without_billing, input_as_list } = flight.worker.shared.config.proactive;
    let wants = &provider.preferences;
    // What a converter has written has neither.
    let facts = flight.facts.as_ref().filter(|facts| facts.dialect == dialect);
    let has_billing = facts.is_some_and(|facts| facts.has_billing);
    let goes = || match wants.billing_header {
        Some(keeps) => !keeps,
        None => without_billing && !is_official(base),
    };
    let bare = dialect == Dialect::Responses && facts.is_some_and(|facts| facts.bare_input);
    Wishes {
        preferences: wants,
        cache_ttl: flight.caller.cache_ttl.or(wants.cache_ttl),
        without_billing: has_billing && goes(),
        input_as_list: bare && input_as_list && !is_official(base),
    }
}

/// Tells whether an address is the vendor's own: it knows what its own clients send.
fn is_official(base: &str) -> bool {
    let host = url::authority(base).to_ascii_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    let is_of = |site: &str| {
        host.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    is_of("anthropic.com") || is_of("claude.ai") || is_of("claude.com") || is_of("openai.com")
}

/// Notes what was set, and for whom: another provider may be asked next.
fn note(flight: &mut Flight, provider: &Provider, granted: &Granted) {
    for what in &granted.notes {
        let note = format!("{what} (provider {})", provider.id);
        if !flight.notes.iter().any(|own| **own == *note) {
            flight.notes.push(Arc::from(note));
        }
    }
}

/// Puts flags into `anthropic-beta` and takes others out; those that are not meant keep their order, and
/// a header to which nothing applies its bytes.
pub fn amend(flight: &mut Flight, headers: &mut HeaderMap, granted: &Granted) {
    if granted.beta.is_empty() && granted.without_beta.is_none() {
        return;
    }
    let mut flags: Vec<String> = Vec::new();
    for value in headers.get_all(&BETA).filter_map(|value| value.to_str().ok()) {
        let split = value.split(',').map(str::trim).filter(|flag| !flag.is_empty());
        flags.extend(split.map(str::to_owned));
    }
    let before = flags.len();
    let goes = |flag: &String| granted.without_beta.is_some_and(|head| flag.starts_with(head));
    flags.retain(|flag| !goes(flag));
    let mut changed = flags.len() < before;
    for flag in &granted.beta {
        if !flags.iter().any(|own| own == flag) {
            flags.push((*flag).to_owned());
            changed = true;
        }
    }
    if !changed {
        return;
    }
    flight.edits.push(BETA_EDIT);
    headers.remove(&BETA);
    if let Some(value) = HeaderValue::try_from(flags.join(",")).ok().filter(|_| !flags.is_empty()) {
        headers.insert(BETA, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_own_hosts_are_known() {
        for official in [
            "https://api.anthropic.com",
            "https://API.Anthropic.com:443/v1",
            "https://anthropic.com/",
            "https://api.openai.com/v1",
        ] {
            assert!(is_official(official), "{official}");
        }
        for other in [
            "https://relay.example",
            "https://api.anthropic.com.example",
            "https://notanthropic.com",
            "https://relay.example/api.anthropic.com",
            "",
        ] {
            assert!(!is_official(other), "{other}");
        }
    }
}
