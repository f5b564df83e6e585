//! Session ids of Codex: its headers and its body say the same one. What a request lacks is copied
//! from what it has; one that has none is given one.

use bytes::Bytes;

/// The name of the edit on the row.
pub const CODEX_SESSION_ID: &str = "codex_session_id";

/// Headers that carry the id, those of today first.
const HEADERS: [&str; 4] = ["session-id", "session_id", "x-session-id", "thread-id"];
/// Shorter and longer ones are no ids of Codex.
const LENGTHS: std::ops::RangeInclusive<usize> = 21..=256;

/// What a request lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The id.
    pub id: String,
    /// No header has it.
    pub in_headers: bool,
    /// The body's `prompt_cache_key` is not there.
    pub in_body: bool,
}

/// Tells whether Codex is the client, by the names it goes by.
#[must_use]
pub fn is_codex(user_agent: Option<&str>, originator: Option<&str>) -> bool {
    let goes_by = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("codex_") || name.starts_with("codex-") || name.starts_with("codex ")
    };
    [user_agent, originator].into_iter().flatten().any(goes_by)
}

/// Says what a request lacks; `None` when it is complete, or says an id that is none. `made` makes an
/// id for one that has none; `header` answers a header by its lower-case name.
pub fn missing<'h>(
    header: impl Fn(&str) -> Option<&'h str>,
    prompt_cache_key: Option<&str>,
    made: impl FnOnce() -> Option<String>,
) -> Option<Missing> {
    let said = HEADERS.iter().find_map(|name| header(name)).map(str::trim);
    if said.is_some() && prompt_cache_key.is_some() {
        return None;
    }
    let id = match said.or(prompt_cache_key) {
        Some(id) => Some(id.to_owned()).filter(|id| is_id(id))?,
        None => made()?,
    };
    Some(Missing { id, in_headers: said.is_none(), in_body: prompt_cache_key.is_none() })
}

fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    LENGTHS.contains(&text.len()) && text.bytes().all(fits)
}

/// Puts the id into a body that has members, as the first of them. `None` when it is no object.
#[must_use]
pub fn insert(mut segments: Vec<Bytes>, id: &str) -> Option<Vec<Bytes>> {
    let place = segments.iter().position(|segment| segment.contains(&b'{'))?;
    let segment = segments.get(place)?.clone();
    let at = segment.iter().position(|byte| *byte == b'{')? + 1;
    let member = format!(r#""prompt_cache_key":"{id}","#);
    let parts = [segment.slice(..at), Bytes::from(member), segment.slice(at..)];
    segments.splice(place..=place, parts);
    segments.retain(|segment| !segment.is_empty());
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    const OTHER: &str = "0199a213-81c0-7800-8aa1-bbab2a035a54";

    fn asked(headers: &[(&str, &'static str)], key: Option<&str>) -> Option<Missing> {
        let header =
            |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        missing(header, key, || Some("made".to_owned()))
    }

    fn of(id: &str, in_headers: bool, in_body: bool) -> Missing {
        Missing { id: id.to_owned(), in_headers, in_body }
    }

    #[test]
    fn what_is_missing_is_what_the_other_place_says() {
        assert_eq!(asked(&[("session-id", ID)], Some(ID)), None);
        assert_eq!(asked(&[("session_id", ID)], Some("anything")), None);
        assert_eq!(asked(&[("x-session-id", ID)], None), Some(of(ID, false, true)));
        assert_eq!(
            asked(&[("thread-id", ID), ("session-id", OTHER)], None),
            Some(of(OTHER, false, true))
        );
        assert_eq!(asked(&[], Some(ID)), Some(of(ID, true, false)));
        assert_eq!(asked(&[], None), Some(of("made", true, true)));
        assert_eq!(asked(&[], Some("short")), None, "that is no id of Codex");
        assert_eq!(asked(&[("session-id", "with \" a quote, long enough")], None), None);
    }

    #[test]
    fn an_id_is_put_in_front_of_the_members() {
        let segments = vec![Bytes::from_static(b"\n {"), Bytes::from_static(b"\"model\":1}")];
        let body = insert(segments, "id").unwrap().concat();
        assert_eq!(body, b"\n {\"prompt_cache_key\":\"id\",\"model\":1}");
        assert_eq!(insert(vec![Bytes::from_static(b"[]")], "id"), None);
    }

    #[test]
    fn codex_goes_by_many_names() {
        for name in ["codex_cli_rs/0.99.0 (x)", "codex-tui", "Codex Desktop/1", "CODEX_VSCODE/1"] {
            assert!(is_codex(Some(name), None), "{name}");
            assert!(is_codex(Some("other"), Some(name)), "{name}");
        }
        assert!(!is_codex(Some("codexample/1"), None) && !is_codex(None, None));
    }
}
