//! What the provider of a try wants in the body and the betas, whatever the client says.

use std::sync::Arc;

use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::provider::Provider;

use super::away::away;
use super::convert::place::options;
use super::failure::Failure;
use super::flight::Flight;
use super::prepare::Prepared;
use crate::wire::claude::asked::is_official;
use crate::wire::edit;
use crate::wire::wishes::{Granted, Wishes};

/// The header of Anthropic's flags.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// The name of its change on the row.
const BETA_EDIT: &str = "anthropic_beta";

/// Returns what the provider of a try wants in its body; `None` where nothing is wished, so that nobody
/// looks at the body. Requests of other families are nobody's to change.
pub fn of(flight: &Flight, provider: &Provider, base: &str) -> Option<Wishes> {
    let route = &flight.arrival.route;
    let dialect = provider.kind.dialect();
    let counts = route.operation == Operation::CountTokens && dialect == route.dialect;
    let is_meant = route.operation == Operation::Generate || counts;
    let wishes = is_meant.then(|| wishes(flight, dialect, provider, base))?;
    (!wishes.are_none(dialect)).then_some(wishes)
}

/// Changes a request, whose body is in the provider's own format and names the model `sent` already, as
/// the provider wants it. What was set is named on the row.
///
/// # Errors
/// An edit that does not fit the body, which is our fault; or there is no room for its copy.
pub async fn apply(
    flight: &mut Flight,
    provider: &Provider,
    wishes: Wishes,
    sent: Arc<str>,
    mut prepared: Prepared,
) -> Result<Prepared, Failure> {
    let dialect = provider.kind.dialect();
    let counts = flight.arrival.route.operation == Operation::CountTokens;
    let body = flight.joined(std::mem::take(&mut prepared.segments)).await?;
    let looked_at = body.clone();
    prepared.plain = Some(body.clone());
    let grant = move || wishes.grant(dialect, &sent, counts, &looked_at);
    let mut granted = away(&flight.worker.shared, body.len(), grant).await?;
    let edits = std::mem::take(&mut granted.changes).into_edits();
    let names = edits.iter().map(|edit| edit.name).chain(granted.also.iter().copied());
    note(flight, provider, names, &granted.notes);
    prepared.segments = edit::apply(&body, edits).map_err(|_| Failure::Internal)?;
    amend(flight, &mut prepared.headers, &granted);
    Ok(prepared)
}

fn wishes(flight: &Flight, dialect: Dialect, provider: &Provider, base: &str) -> Wishes {
    let wants = &provider.preferences;
    // What a converter has written has neither a billing block nor a bare input.
    let facts = flight.facts.as_ref().filter(|facts| facts.dialect == dialect);
    let is_bare = dialect == Dialect::Responses && facts.is_some_and(|facts| facts.bare_input);
    let makes_lists = flight.worker.shared.config.proactive.input_as_list;
    Wishes {
        preferences: Arc::clone(wants),
        cache_ttl: flight.caller.cache_ttl.or(wants.cache_ttl),
        without_billing: facts.is_some() && loses_billing(flight, provider, base),
        input_as_list: is_bare && makes_lists && options(provider.kind, base).codex_backend,
    }
}

/// Tells whether the client's body has a billing block that is not for this provider.
pub fn loses_billing(flight: &Flight, provider: &Provider, base: &str) -> bool {
    let strips = flight.worker.shared.config.proactive.without_billing;
    let has_it = flight.facts.as_ref().is_some_and(|facts| facts.has_billing);
    let goes = || match provider.preferences.billing_header {
        Some(keeps) => !keeps,
        None => strips && !is_official(base),
    };
    has_it && goes()
}

/// Names the edits, and notes what was set and for whom: another provider may be asked next.
pub fn note(
    flight: &mut Flight,
    provider: &Provider,
    edits: impl IntoIterator<Item = &'static str>,
    notes: &[String],
) {
    for name in edits {
        if !flight.edits.contains(&name) {
            flight.edits.push(name);
        }
    }
    for what in notes {
        let note = format!("{what} (provider {})", provider.id);
        if !flight.notes.iter().any(|own| **own == *note) {
            flight.notes.push(Arc::from(note));
        }
    }
}

/// Puts flags into `anthropic-beta` and takes others out; those that are not meant keep their order, and
/// a header to which nothing applies its bytes.
fn amend(flight: &mut Flight, headers: &mut HeaderMap, granted: &Granted) {
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
    fn anthropics_own_hosts_are_known() {
        for official in [
            "https://api.anthropic.com",
            "https://API.Anthropic.com:443/v1",
            "https://anthropic.com/",
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
