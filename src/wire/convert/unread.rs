//! Media that cannot be read: where a user has sent nothing else, the turn must not vanish.

use serde::Deserialize;

use super::hub::{Document, Family, Part, Place, Source};

/// What kinds of media have in their names, in all formats.
const MEDIA: [&str; 6] = ["image", "file", "document", "audio", "video", "screenshot"];

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Returns what stands for the media in a message's content of which nothing could be read; `None` when
/// there are none. `at` is the message's place.
#[must_use]
pub fn stub_of(content: &str, at: &str) -> Option<Part> {
    let pieces: Vec<Kind> = serde_json::from_str(content).ok()?;
    let mut kinds = pieces.iter().filter_map(|piece| piece.kind.as_deref());
    let is_media = |kind: &str| MEDIA.iter().any(|media| kind.contains(media));
    kinds.any(is_media).then(|| {
        // Kept by nobody that is known: no provider can read it.
        let source = Source::File { family: Family::Other, id: String::new() };
        let at = Place::new(at);
        Part::Document(Document { source, title: None, filename: None, cache: None, at })
    })
}
