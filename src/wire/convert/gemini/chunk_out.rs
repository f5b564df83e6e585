//! A chunk of a stream, or a whole answer, as it is written.

use serde::Serialize;

use super::super::hub::{Citation, Family, Json};
use super::part_out::{ContentOut, Piece};
use super::usage::UsageOut;

/// A chunk.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChunkOut<'a> {
    candidates: [CandidateOut; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_metadata: Option<UsageOut>,
    model_version: &'a str,
    response_id: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CandidateOut {
    content: ContentOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<String>,
    index: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    grounding_metadata: Option<GroundingOut>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GroundingOut {
    grounding_chunks: Vec<Json>,
}

/// How a chunk that is the last ends the answer.
#[derive(Debug, Default)]
pub(super) struct EndOut {
    pub(super) reason: String,
    pub(super) usage: Option<UsageOut>,
    pub(super) citations: Vec<Citation>,
}

impl<'a> ChunkOut<'a> {
    /// Makes a chunk; with an end it is the last.
    pub(super) fn new(
        model_version: &'a str,
        response_id: &'a str,
        parts: Vec<Piece>,
        end: Option<EndOut>,
    ) -> Self {
        let content = ContentOut { role: Some("model"), parts };
        let (finish_reason, usage_metadata, citations) = match end {
            Some(end) => (Some(end.reason), end.usage, end.citations),
            None => (None, None, Vec::new()),
        };
        let grounding_chunks: Vec<Json> = citations.iter().filter_map(source).collect();
        let grounding_metadata =
            (!grounding_chunks.is_empty()).then_some(GroundingOut { grounding_chunks });
        let candidate = CandidateOut { content, finish_reason, index: 0, grounding_metadata };
        Self { candidates: [candidate], usage_metadata, model_version, response_id }
    }
}

/// A source as Google has it.
#[derive(Serialize)]
struct Found<'a> {
    web: Web<'a>,
}

#[derive(Serialize)]
struct Web<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

/// Tells whether a source has no place here: it is another vendor's, and has no address.
pub(super) fn is_lost(citation: &Citation) -> bool {
    citation.family != Family::Google && citation.url.is_none()
}

fn source(citation: &Citation) -> Option<Json> {
    if citation.family == Family::Google {
        return Some(citation.raw.clone());
    }
    let uri = citation.url.as_deref()?;
    Json::of(&Found { web: Web { uri, title: citation.title.as_deref() } })
}
