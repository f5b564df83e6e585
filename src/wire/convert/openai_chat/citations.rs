//! Sources of a text. The model has those of this family in the flat form of Responses; here they have one
//! level more.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::lax::lax;
use crate::wire::convert::hub::{Citation, Family, Json};

/// What kind of annotation it is; chat has no other.
const KIND: &str = "url_citation";

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnnotationIn {
    url_citation: Option<UrlCitation>,
}

/// A source as it stands in an annotation.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct UrlCitation {
    #[serde(deserialize_with = "lax")]
    start_index: Option<u64>,
    #[serde(deserialize_with = "lax")]
    end_index: Option<u64>,
    #[serde(deserialize_with = "lax")]
    url: Option<String>,
    #[serde(deserialize_with = "lax")]
    title: Option<String>,
}

#[derive(Serialize)]
struct Flat<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    citation: &'a UrlCitation,
}

/// An annotation of an answer.
#[derive(Serialize)]
pub(super) struct AnnotationOut {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: UrlCitation,
}

/// Reads an annotation; `None` when it is no source.
pub(super) fn read(raw: &RawValue) -> Option<Citation> {
    let annotation: AnnotationIn = serde_json::from_str(raw.get()).ok()?;
    let citation = annotation.url_citation?;
    let raw = Json::of(&Flat { kind: KIND, citation: &citation })?;
    let UrlCitation { url, title, .. } = citation;
    Some(Citation { family: Family::OpenAi, title, url, raw })
}

/// Writes a source; `None` when it has no address. Where it does not say for which text it is, it is for
/// all from `from` to `to`, in characters.
pub(super) fn write(citation: &Citation, from: usize, to: usize) -> Option<AnnotationOut> {
    let url = citation.url.clone()?;
    let own = citation.family == Family::OpenAi;
    let known: UrlCitation = citation.raw.read().ok().filter(|_| own).unwrap_or_default();
    let place = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
    let url_citation = UrlCitation {
        start_index: known.start_index.or(Some(place(from))),
        end_index: known.end_index.or(Some(place(to))),
        url: Some(url),
        title: Some(citation.title.clone().unwrap_or_default()),
    };
    Some(AnnotationOut { kind: KIND, url_citation })
}
