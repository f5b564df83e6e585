//! What one part of a form is, by its head.

use super::parameters;

/// Alphabets that begin as ASCII does, by the beginnings of their names.
const ASCII: [&str; 10] = [
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
    "iso-8859-",
    "latin1",
    "windows-125",
    "gb",
    "big5",
    "euc-",
];

/// A part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A text, by its name.
    Field(String),
    /// A file.
    File,
}

/// Reads a part's head; `None` of one in which a reader might see another part than we do.
pub(super) fn read(head: &[u8]) -> Option<Part> {
    let head = std::str::from_utf8(head).ok()?;
    let (mut disposition, mut is_text) = (None, true);
    for line in head.split("\r\n") {
        // Some readers join a line that begins with a blank to the one before it, some end one sooner.
        if line.starts_with([' ', '\t']) || line.contains(['\r', '\n', '\0']) {
            return None;
        }
        let (name, value) = line.split_once(':')?;
        let value = value.trim_matches([' ', '\t']);
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if disposition.replace(value).is_some() => return None,
            "content-transfer-encoding" if !is_as_it_is(value) => return None,
            "content-type" => is_text = has_ascii(value),
            _ => {}
        }
    }
    match of(disposition?)? {
        // In another alphabet it says something else.
        Part::Field(_) if !is_text => None,
        part => Some(part),
    }
}

/// Reads a disposition: `form-data; name="x"; filename="y"`.
fn of(disposition: &str) -> Option<Part> {
    let (kind, parameters) = parameters::read(disposition)?;
    let (mut name, mut file, mut wide) = (None, None, None);
    for (key, value) in parameters {
        let known = match key.as_str() {
            "name" => &mut name,
            "filename" => &mut file,
            "filename*" => &mut wide,
            "name*" => return None,
            _ => continue,
        };
        if known.replace(value).is_some() {
            return None;
        }
    }
    let is_form_data = kind.eq_ignore_ascii_case("form-data");
    let name = name.filter(|name| is_form_data && !name.contains('\\'))?;
    if file.is_some_and(|file| !file.is_empty()) {
        return Some(Part::File);
    }
    // Some readers do not know the wide name, and take such a file for a field.
    match wide {
        Some(_) if name == "model" => None,
        Some(_) => Some(Part::File),
        // Some readers take a file without a name for a field.
        None => Some(Part::Field(name)),
    }
}

fn is_as_it_is(encoding: &str) -> bool {
    ["binary", "8bit", "7bit"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
}

/// Tells whether a text of this type has ASCII where it has it in UTF-8.
fn has_ascii(kind: &str) -> bool {
    parameters::read(kind).is_some_and(|(_, parameters)| {
        let mut charsets = parameters.iter().filter(|(name, _)| name == "charset");
        charsets.all(|(_, charset)| {
            let charset = charset.to_ascii_lowercase();
            ASCII.iter().any(|known| charset.starts_with(known))
        })
    })
}
