//! A header's value with its parameters (RFC 9110, 5.6.6), read in the one way that all readers share.

use switchyard_actors::domain::passing::is_token;

const BLANKS: [char; 2] = [' ', '\t'];

/// Reads `value; name=text; name="text"`: the value and its parameters, names in small letters. `None` where
/// readers differ: text behind a quoted one, a name without a text, a semicolon behind a quote that is escaped.
pub(super) fn read(text: &str) -> Option<(&str, Vec<(String, String)>)> {
    let (value, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    let mut found = Vec::new();
    while let Some(behind) = rest.strip_prefix(';') {
        if behind.trim_matches(BLANKS).is_empty() {
            rest = "";
            break;
        }
        let (name, behind) = behind.split_once('=')?;
        let name = name.trim_matches(BLANKS);
        if !is_token(name) {
            return None;
        }
        let (text, behind) = one_text(behind.trim_start_matches(BLANKS))?;
        found.push((name.to_ascii_lowercase(), text.to_owned()));
        rest = behind.trim_start_matches(BLANKS);
    }
    rest.is_empty().then(|| (value.trim_matches(BLANKS), found))
}

/// Splits a parameter's text, quoted or not, from what stands behind it.
fn one_text(from: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = from.strip_prefix('"') {
        // A reader that knows no escapes ends sooner, and takes a semicolon behind for the next parameter.
        let ends =
            |(at, _): &(usize, &str)| !quoted.get(..*at).is_some_and(|it| it.ends_with('\\'));
        let (end, _) = quoted.match_indices('"').find(ends)?;
        let (text, behind) = (quoted.get(..end)?, quoted.get(end + 1..)?);
        let is_plain = !text.contains('"') || !text.contains(';');
        return is_plain.then_some((text, behind));
    }
    let (text, behind) = from.split_at(from.find(';').unwrap_or(from.len()));
    let text = text.trim_matches(BLANKS);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    (is_plain && !text.is_empty()).then_some((text, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_and_without_quotes() {
        let (value, found) = read("a/b ; X=y;z=\"; q=\" ; e=\"\"").unwrap();
        let found: Vec<_> =
            found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!((value, found), ("a/b", vec![("x", "y"), ("z", "; q="), ("e", "")]));
        assert_eq!(read("a").unwrap(), ("a", vec![]));
        assert_eq!(read("a; ").unwrap(), ("a", vec![]));
        assert_eq!(read("a;x=\"y\\\"z\"").unwrap().1, [("x".to_owned(), "y\\\"z".to_owned())]);
        for text in
            ["a;;", "a;x", "a;x=", "a;=y", "a;x=\"y", "a;x=\"y\\\";z\"", "a;x=\"y\"z", "a;x=y z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
