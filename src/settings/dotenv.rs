//! Reads `.env`: one `NAME=value` a line, `export` before it, comments and quotes as shells have
//! them. Variables inside values are not replaced.

use std::collections::BTreeMap;

use super::error::SettingsError;
use super::layers::{Origin, TextFile};

/// Reads the file into variables; the last line of a name wins.
///
/// # Errors
/// Names the first line that is not an assignment; never its text, which may hold a secret.
pub fn read(file: &TextFile) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut variables = BTreeMap::new();
    let text = file.text.trim_start_matches('\u{feff}');
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = assignment(line).ok_or_else(|| SettingsError::BadFile {
            origin: Origin::DotEnv,
            reason: format!("line {} is not of the form NAME=value", number + 1),
        })?;
        variables.insert(name.to_owned(), value.to_owned());
    }
    Ok(variables)
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(legal)).then(|| (name, value_of(value.trim())))
}

/// Takes the quoted part, or everything before a comment. Nothing is unescaped: none of our values
/// needs it, and a backslash in a password stays one.
fn value_of(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inside, _)) = text.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
        {
            return inside;
        }
    }
    if text.starts_with('#') {
        return "";
    }
    text.split_once(" #").map_or(text, |(value, _)| value).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(text: &str) -> Result<BTreeMap<String, String>, SettingsError> {
        read(&TextFile { name: ".env".into(), text: text.into() })
    }

    #[test]
    fn quotes_comments_and_exports_are_understood() {
        let read = variables(
            "# head\r\nA=1\nexport B = two words # note\nC=\"x # y\" # z\nD='it\\n'\nE=\nF=a#b\nG= # only a note\n",
        )
        .unwrap();
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "x # y"),
            ("D", "it\\n"),
            ("E", ""),
            ("F", "a#b"),
            ("G", ""),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, BTreeMap::from(expected));
    }

    #[test]
    fn a_line_that_assigns_nothing_is_named_by_its_number_alone() {
        let error = variables("A=1\nsk-very-secret\n").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
