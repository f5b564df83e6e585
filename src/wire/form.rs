//! The text fields of a form (`multipart/form-data`, RFC 7578), as images and sound are sent.

mod parameters;
mod part;

use std::ops::Range;

use memchr::memmem;

use self::part::Part;

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

/// Returns the text fields in their order; `None` of what is no whole form that every reader reads alike.
#[must_use]
pub fn fields(content_type: &str, body: &[u8]) -> Option<Vec<Field>> {
    let mark = format!("--{}", boundary(content_type)?);
    let between = format!("\r\n{mark}");
    let finder = memmem::Finder::new(&between);
    // Nothing stands before the first part: some readers would take it for one, some would not.
    let before = if body.starts_with(b"\r\n") { 2 } else { 0 };
    body.get(before..)?.strip_prefix(mark.as_bytes())?;
    let mut at = before + mark.len();
    let mut found = Vec::new();
    for _ in 0..=MOST_PARTS {
        let rest = body.get(at..).unwrap_or_default();
        // Two hyphens behind the boundary end the form; some readers go on where another part follows.
        if let Some(behind) = rest.strip_prefix(b"--") {
            return memmem::find(behind, mark.as_bytes()).is_none().then_some(found);
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let part = rest.get(blanks..)?.strip_prefix(b"\r\n")?;
        let (start, end) = (at + blanks + 2, finder.find(part)?);
        let inside = part.get(..end)?;
        let head = inside.get(..inside.len().min(LONGEST_HEAD))?;
        let length = memmem::find(head, b"\r\n\r\n")?;
        if let Part::Field(name) = part::read(head.get(..length)?)? {
            found.push(Field { name, span: start + length + 4..start + end });
        }
        at = start + end + between.len();
    }
    None
}

/// Returns the boundary, where it is named once.
fn boundary(content_type: &str) -> Option<String> {
    let mut named = None;
    for (name, value) in parameters::read(content_type)?.1 {
        if name == "boundary" && named.replace(value).is_some() {
            return None;
        }
    }
    named.filter(|value| !value.is_empty())
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
        assert_eq!(told(TYPE, &format!("\r\n{nameless}--XX--")).len(), 1);
    }

    #[test]
    fn what_readers_read_in_several_ways_is_no_form() {
        let named = "Content-Disposition: form-data; name=\"model\"";
        for head in [
            &format!("{named};;"),
            &format!("{named}; x"),
            &format!("{named} x=y"),
            &format!("{named}; name=\"a\""),
            &format!("{named}; filename=\"a\\\"; x=\"\""),
            &format!("{named}; filename*=utf-8''a"),
            &format!("{named}\r\n{named}"),
            &format!("{named}\r\nContent-Transfer-Encoding: quoted-printable"),
            &format!("{named}\r\nContent-Type: text/plain; charset=utf-16"),
            &format!("{named}\nX: y"),
            "Content-Disposition: form-data; name*=utf-8''model",
            "Content-Disposition: form-data; name=\"mo\\del\"",
            "Content-Disposition: form-data; name=\"model",
            "Content-Disposition: form-data",
            "Content-Disposition: attachment; name=\"model\"",
            "Content-Disposition: form-data;\r\n name=\"model\"",
            "Content-Type: text/plain",
            "X",
        ] {
            let form = format!("{}--XX--", part(head, "m"));
            assert_eq!(fields(TYPE, form.as_bytes()), None, "{head}");
        }
        let plain = format!("{}--XX--", part(named, "m"));
        for kind in
            ["a/b; boundary=XX; boundary=YY", "a/b; boundary=XX;;", "a/b; boundary=\"XX", "a/b"]
        {
            assert_eq!(fields(kind, plain.as_bytes()), None, "{kind}");
        }
        let twice = format!("{plain}\r\n{plain}");
        assert_eq!(fields(TYPE, twice.as_bytes()), None, "behind the end");
        for before in ["x\r\n", "{}\r\n", "\n", "--XY\r\n\r\n"] {
            assert_eq!(fields(TYPE, format!("{before}{plain}").as_bytes()), None, "{before}");
        }
    }

    #[test]
    fn what_clients_send_is_read() {
        let named = "Content-Disposition: form-data; name=\"model\"";
        for head in [
            &format!("{named}; x=\"; name=y\""),
            &format!("{named};"),
            &format!("{named}\r\nContent-Type: text/plain; charset=UTF-8"),
            &format!("{named}\r\nContent-Type: text/plain; charset=ISO-8859-1"),
            &format!("{named}\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 1"),
            "CONTENT-DISPOSITION:form-data;name=model",
        ] {
            let body = format!("{}--XX--", part(head, "m"));
            assert_eq!(told(TYPE, &body), [("model".to_owned(), "m".to_owned())], "{head}");
        }
        for file in [
            "filename=\"\u{e4} b.png\"",
            "filename=\"C:\\a.png\"",
            "filename=\"my \\\"best\\\" one.png\"",
            "filename=\"a.png\"; filename*=utf-8''a.png",
            "filename*=utf-8''%C3%A4.png",
        ] {
            let head = format!("Content-Disposition: form-data; name=\"image\"; {file}");
            assert_eq!(told(TYPE, &format!("{}--XX--", part(&head, "m"))), [], "{file}");
        }
    }

    #[test]
    fn a_form_is_known_by_its_type() {
        assert!(is_form(TYPE) && is_form("MULTIPART/form-data"));
        assert!(!is_form("application/json") && !is_form(""));
    }

    proptest! {
        /// A form that is read as one names what stands in it, whatever stands beside that.
        #[test]
        fn no_bytes_hide_a_field(
            body in prop::collection::vec(
                prop::sample::select(b"-X\r\n:;=\"nameform-data ".to_vec()), 0..200),
            cut in any::<prop::sample::Index>(),
        ) {
            let file = "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n";
            let model = part("Content-Disposition: form-data; name=\"model\"", "m");
            let whole = [file.as_bytes(), &body, b"\r\n", model.as_bytes(), b"--XX--"].concat();
            let ended_before = memmem::find(&body, b"\r\n--XX--").is_some();
            if let Some(fields) = fields(TYPE, &whole) {
                let models = fields.iter().filter(|field| field.name == "model").count();
                prop_assert!(ended_before || models == 1);
            }
            let cut = &whole[..cut.index(whole.len())];
            prop_assert!(ended_before || fields(TYPE, cut).is_none());
        }
    }
}
