//! The text fields of a form (`multipart/form-data`, RFC 7578), as images and sound are sent.

use std::ops::Range;

use memchr::memmem;

/// The most parts of a form; no interface takes more.
const MOST_PARTS: usize = 512;
/// The longest head of a part, in bytes.
const LONGEST_HEAD: usize = 4_096;

/// A field that is a text and no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its bytes in the body.
    pub span: Range<usize>,
}

/// Tells whether a body is a form, by its content type.
#[must_use]
pub fn is_form(content_type: &str) -> bool {
    content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// Returns the text fields in their order; `None` of what is no whole form.
#[must_use]
pub fn fields(content_type: &str, body: &[u8]) -> Option<Vec<Field>> {
    let mark = format!("--{}", boundary(content_type)?);
    let between = format!("\r\n{mark}");
    let finder = memmem::Finder::new(&between);
    let mut at =
        if body.starts_with(mark.as_bytes()) { 0 } else { finder.find(body)? + 2 } + mark.len();
    let mut found = Vec::new();
    for _ in 0..=MOST_PARTS {
        let rest = body.get(at..).unwrap_or_default();
        // Two hyphens behind the boundary end the form.
        if rest.starts_with(b"--") {
            return Some(found);
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let part = rest.get(blanks..)?.strip_prefix(b"\r\n")?;
        let (start, end) = (at + blanks + 2, finder.find(part)?);
        let inside = part.get(..end)?;
        let head = inside.get(..inside.len().min(LONGEST_HEAD))?;
        let length = memmem::find(head, b"\r\n\r\n")?;
        if let Some(name) = text_field(head.get(..length)?) {
            found.push(Field { name, span: start + length + 4..start + end });
        }
        at = start + end + between.len();
    }
    None
}

fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim())
    })?;
    let value = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(value);
    Some(value).filter(|value| !value.is_empty())
}

/// Returns the name of a part whose head says that it is a field and no file.
fn text_field(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let mut name = None;
    for parameter in disposition.split(';').skip(1) {
        let (key, value) = parameter.trim().split_once('=')?;
        match key.trim().to_ascii_lowercase().as_str() {
            // Some readers take a file without a name for a field.
            "filename" if value.trim().trim_matches('"').is_empty() => {}
            "filename" | "filename*" => return None,
            "name" => name = Some(value.trim().trim_matches('"').to_owned()),
            _ => {}
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=XX";

    fn told(content_type: &str, body: &str) -> Vec<(String, String)> {
        let fields = fields(content_type, body.as_bytes()).expect("a form");
        fields.into_iter().map(|field| (field.name, body[field.span].to_owned())).collect()
    }

    fn part(head: &str, text: &str) -> String {
        format!("--XX\r\n{head}\r\n\r\n{text}\r\n")
    }

    #[test]
    fn texts_are_found_and_files_are_not() {
        let model = part("Content-Disposition: form-data; name=\"model\"", "whisper-1");
        let file = part(
            "Content-Disposition: form-data; name=\"file\"; filename=\"a;b.mp3\"\r\nContent-Type: audio/mpeg",
            "--X\r\n\r\n--",
        );
        let prompt = part("content-disposition:form-data;name=prompt", "two\r\nlines");
        let body = format!("{model}{file}{prompt}--XX--\r\n");
        let wanted = [("model", "whisper-1"), ("prompt", "two\r\nlines")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(told(TYPE, &body), wanted);
        assert_eq!(told("Multipart/Form-Data; charset=utf-8; Boundary=\"XX\"", &body), wanted);
        let cut = format!("{model}--XX\r\nContent-");
        for (kind, body) in [("application/json", &body), (TYPE, &cut), (TYPE, &model)] {
            assert_eq!(fields(kind, body.as_bytes()), None, "{body}");
        }
        let nameless = part("Content-Disposition: form-data; name=model; filename=\"\"", "m");
        assert_eq!(told(TYPE, &format!("--XX \r\n{}", &format!("{nameless}--XX--")[6..])).len(), 1);
    }

    #[test]
    fn a_form_is_known_by_its_type() {
        assert!(is_form(TYPE) && is_form("MULTIPART/form-data"));
        assert!(!is_form("application/json") && !is_form(""));
    }

    proptest! {
        #[test]
        fn no_bytes_confuse_it(
            body in prop::collection::vec(prop::sample::select(b"-X\r\n:;=\"nameform-data ".to_vec()), 0..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let head = part("Content-Disposition: form-data; name=\"model\"", "m");
            let whole = [head.as_bytes(), &body, b"\r\n--XX--"].concat();
            for body in [&whole[..], &whole[..cut.index(whole.len())]] {
                for field in fields(TYPE, body).unwrap_or_default() {
                    prop_assert!(body.get(field.span).is_some());
                }
            }
        }
    }
}
