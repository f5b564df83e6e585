//! Pictures and files: data URLs, types by a file's name.

use super::super::hub::Source;

/// The type of a file that does not say one.
pub(super) const PDF: &str = "application/pdf";

/// Reads an address: a data URL has the bytes in it.
pub(super) fn of_url(url: &str) -> Source {
    in_data_url(url).unwrap_or_else(|| Source::Url { url: url.to_owned(), mime: None })
}

/// Reads the bytes of a file: a data URL, or base64 alone.
pub(super) fn of_file_data(data: &str, filename: Option<&str>) -> Source {
    in_data_url(data).unwrap_or_else(|| {
        let mime = mime_by_name(filename.unwrap_or_default()).to_owned();
        Source::Base64 { mime, data: data.to_owned() }
    })
}

/// Makes a data URL.
pub(super) fn data_url(mime: &str, data: &str) -> String {
    format!("data:{mime};base64,{data}")
}

fn in_data_url(url: &str) -> Option<Source> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let mime = head.strip_suffix(";base64")?;
    let mime = mime.split(';').next().unwrap_or(mime).to_owned();
    Some(Source::Base64 { mime, data: data.to_owned() })
}

fn mime_by_name(filename: &str) -> &'static str {
    let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("txt") => "text/plain",
        Some("md") => "text/markdown",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("html" | "htm") => "text/html",
        _ => PDF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_in_a_data_url() {
        let source = Source::Base64 { mime: "image/png".into(), data: "aGk=".into() };
        assert_eq!(of_url("data:image/png;base64,aGk="), source);
        assert_eq!(of_url("data:image/png;charset=x;base64,aGk="), source);
        let url = "https://example.org/a.png".to_owned();
        assert_eq!(of_url(&url), Source::Url { url, mime: None });
    }

    #[test]
    fn a_file_without_a_type_has_that_of_its_name() {
        for (name, mime) in [("a.TXT", "text/plain"), ("a.pdf", PDF), ("", PDF)] {
            let source = Source::Base64 { mime: mime.into(), data: "aGk=".into() };
            assert_eq!(of_file_data("aGk=", Some(name)), source);
        }
    }
}
