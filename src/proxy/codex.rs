//! What Codex needs of the requests that go to its providers: instructions that they accept, and
//! session ids in all the places where they are looked for.

use std::sync::Arc;

use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use switchyard_actors::domain::dialect::{Dialect, Operation, ProviderKind};
use switchyard_actors::domain::preferences::InstructionStrategy;
use switchyard_actors::domain::routing::pattern::Pattern;
use uuid::Builder;

use super::attempt;
use super::away::away;
use super::failure::{AttemptFailure, Failure};
use super::flight::Flight;
use super::forward::time_left;
use super::headers;
use super::prepare::Prepared;
use crate::wire::responses::instructions::{self, CODEX_INSTRUCTIONS};
use crate::wire::responses::session_id::{self as ids, CODEX_SESSION_ID};

/// The chain's word for a try whose instructions were refused, before the one with the operator's.
const RETRY: &str = "retry_with_official_instructions";
/// How providers say that they want other instructions.
const REFUSAL: &str = "instructions are not valid";
/// What the row says where the operator's own instructions are wanted and none are set.
pub const NO_TEXT: &str = "codex: no instructions are set";

/// What is done for Codex, from the settings.
#[derive(Clone, Debug, Default)]
pub struct CodexConfig {
    /// The operator's own instructions, each for the models of a pattern; the first that fits holds.
    pub instructions: Arc<[(Pattern, String)]>,
    /// Providers that set nothing else get them always.
    pub inject: bool,
    /// Requests that lack a session id are given one.
    pub complete_sessions: bool,
}

impl CodexConfig {
    fn text(&self, model: &str) -> Option<&str> {
        let mut texts = self.instructions.iter();
        texts.find(|(pattern, _)| pattern.matches(model)).map(|(_, text)| text.as_str())
    }
}

/// Adapts a prepared request to a Codex provider; those to all others stay as they are.
///
/// # Errors
/// There is no room for a copy of its body.
pub async fn adapt(flight: &mut Flight, prepared: &mut Prepared) -> Result<(), Failure> {
    let operation = flight.arrival.route.operation;
    let is_for_codex = matches!(operation, Operation::Generate | Operation::Compact)
        && flight.attempt.as_ref().is_some_and(|it| it.provider.kind == ProviderKind::Codex);
    if !is_for_codex {
        return Ok(());
    }
    let segments = std::mem::take(&mut prepared.segments);
    let segments = match instructions(flight) {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        Some(text) => Box::pin(instruct(flight, segments, text)).await?,
        None => segments,
    };
    prepared.segments = complete(flight, segments, &mut prepared.headers);
    Ok(())
}

/// Returns the operator's own instructions where its provider wants them.
fn instructions(flight: &mut Flight) -> Option<String> {
    let shared = Arc::clone(&flight.worker.shared);
    let config = &shared.config.codex;
    let attempt = flight.attempt.as_ref()?;
    let forces = match attempt.provider.preferences.instructions {
        InstructionStrategy::ForceOfficial => true,
        InstructionStrategy::KeepOriginal => false,
        InstructionStrategy::Auto => config.inject || attempt.official_instructions,
    };
    if !forces {
        return None;
    }
    let text = config.text(sent_model(flight)).map(str::to_owned);
    if text.is_none() {
        let known = flight.notes.iter().any(|note| &**note == NO_TEXT);
        flight.notes.extend((!known).then(|| Arc::from(NO_TEXT)));
    }
    text
}

/// Puts the operator's own instructions in.
async fn instruct(
    flight: &mut Flight,
    segments: Vec<Bytes>,
    text: String,
) -> Result<Vec<Bytes>, Failure> {
    let body = flight.joined(segments).await?;
    // The instructions of a converted body are the client's own system prompt.
    let is_converted = flight.conversion().is_some();
    let put = if is_converted { instructions::replace_and_keep } else { instructions::replace };
    let read = body.clone();
    let put = away(&flight.worker.shared, body.len(), move || put(&read, &text)).await?;
    Ok(match put {
        Some(segments) => {
            flight.edits.push(CODEX_INSTRUCTIONS);
            segments
        }
        None => vec![body],
    })
}

fn sent_model(flight: &Flight) -> &str {
    flight.upstream_model.as_deref().unwrap_or_else(|| flight.model())
}

/// Says the session's id where Codex would have said it.
fn complete(flight: &mut Flight, segments: Vec<Bytes>, headers: &mut HeaderMap) -> Vec<Bytes> {
    if !flight.worker.shared.config.codex.complete_sessions
        || flight.arrival.route.dialect != Dialect::Responses
        || flight.arrival.route.operation != Operation::Generate
    {
        return segments;
    }
    let header = |name: &str| headers::text(headers, name);
    if !ids::is_codex(flight.arrival.user_agent.as_deref(), header("originator")) {
        return segments;
    }
    let key = flight.facts.as_ref().and_then(|facts| facts.prompt_cache_key.as_deref());
    let made = || flight.session.as_ref().map(|session| session_id(&session.0));
    let Some(missing) = ids::missing(header, key, made) else { return segments };
    flight.edits.push(CODEX_SESSION_ID);
    if missing.in_headers
        && let Ok(value) = HeaderValue::from_str(&missing.id)
    {
        for name in ["session_id", "x-session-id"] {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    if !missing.in_body {
        return segments;
    }
    let body = segments.clone();
    ids::insert(segments, &missing.id).unwrap_or(body)
}

/// Makes an id of a session of ours: the same one as long as the session lasts, and nothing of what
/// it was made of can be read in it.
pub fn session_id(session: &str) -> String {
    let hash = Sha256::new().chain_update(b"codex session id\0").chain_update(session).finalize();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = from;
    }
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// Tells whether the provider, which has failed, is asked again with the operator's own instructions, and
/// says so in the chain. That happens once at a provider, and only where it said that it wants other ones.
pub fn takes_instructions(flight: &mut Flight, failure: &AttemptFailure) -> bool {
    let is_refusal = failure.status == Some(400)
        && failure.message.as_deref().is_some_and(|text| text.to_lowercase().contains(REFUSAL));
    let config = &flight.worker.shared.config.codex;
    let Some(attempt) = flight.attempt.as_ref().filter(|_| is_refusal) else { return false };
    let takes = attempt.provider.kind == ProviderKind::Codex
        && attempt.provider.preferences.instructions == InstructionStrategy::Auto
        && !attempt.official_instructions
        && !config.inject
        && config.text(sent_model(flight)).is_some()
        && time_left(flight) > attempt::SHORTEST_TRY;
    if !takes {
        return false;
    }
    if let Some(link) = flight.chain.last_mut() {
        link.reason = Arc::from(RETRY);
    }
    if let Some(attempt) = &mut flight.attempt {
        attempt.official_instructions = true;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_one_id_of_its_own() {
        assert_eq!(session_id("a"), session_id("a"));
        assert_ne!(session_id("a"), session_id("b"));
        assert_eq!(session_id("a").len(), 36);
    }
}
