//! Replaces text in every string value of a document; of a string only what is replaced changes.
//!
//! One search of a pattern takes linear time, but the next one begins behind what was found, and a pattern
//! may read to the end of a text each time: the work is bounded by what all searches could read.

use memchr::memchr;
use regex::Captures;
use switchyard_actors::domain::filters::TextMatch;

use super::Unfit;
use super::text::{escape, read, strings, write};
use super::writer::Writer;

/// What all searches of one pattern in one body could read together, in bytes: about a second's work.
const MOST_READ: usize = 1 << 30;

/// Replaces text.
pub(super) fn replace<'b>(
    mut writer: Writer<'b>,
    what: &TextMatch,
    with: &str,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let mut left = MOST_READ;
    for span in strings(doc) {
        let raw = doc.get(span.clone()).unwrap_or_default();
        let plain = memchr(b'\\', raw).is_none().then(|| std::str::from_utf8(raw).ok()).flatten();
        let unescaped;
        let text = if let Some(text) = plain {
            text
        } else {
            unescaped = read(raw);
            &unescaped
        };
        let mut string =
            InString { raw, base: span.start, at: 0, text_at: 0, plain: plain.is_some() };
        each(what, with, text, |from, to, new| {
            if matches!(what, TextMatch::Regex(_)) {
                // The search for the next one could read all that is left of the text.
                let next = text.len().saturating_sub(to);
                left = left.checked_sub(next).ok_or(Unfit::TooOften)?;
            }
            if text.get(from..to) == Some(new) {
                return Ok(());
            }
            let (start, end) = (string.seek(from), string.seek(to));
            writer.replace(start..end, &write(new))
        })?;
    }
    Ok(writer)
}

/// Tells of every place of a text that is replaced, and by what.
fn each(
    what: &TextMatch,
    with: &str,
    text: &str,
    mut tell: impl FnMut(usize, usize, &str) -> Result<(), Unfit>,
) -> Result<(), Unfit> {
    match what {
        TextMatch::Exact(whole) if text == whole.as_ref() => tell(0, text.len(), with),
        TextMatch::Exact(_) => Ok(()),
        TextMatch::Contains(part) => text
            .match_indices(part.as_ref())
            .try_for_each(|(from, part)| tell(from, from + part.len(), with)),
        TextMatch::Regex(pattern) if !with.contains('$') => {
            pattern.find_iter(text).try_for_each(|found| tell(found.start(), found.end(), with))
        }
        TextMatch::Regex(pattern) => pattern.captures_iter(text).try_for_each(|found| {
            let Some(whole) = found.get(0) else { return Ok(()) };
            tell(whole.start(), whole.end(), &expand(with, &found))
        }),
    }
}

/// Writes what a pattern has found into a template: `$1`, `$<name>`, `$&`, and `$$` for a dollar.
fn expand(template: &str, found: &Captures<'_>) -> String {
    let group = |number: usize| found.get(number).map_or("", |group| group.as_str());
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let number = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let number = number.min(2);
        let name = after.strip_prefix('<').and_then(|after| after.split_once('>'));
        rest = match (after.as_bytes().first(), name) {
            (Some(b'$'), _) => {
                text.push('$');
                after.get(1..).unwrap_or_default()
            }
            (Some(b'&'), _) => {
                text.push_str(group(0));
                after.get(1..).unwrap_or_default()
            }
            (Some(b'0'..=b'9'), _) => {
                let (digits, _) = after.split_at(number);
                let both = digits.parse().unwrap_or(usize::MAX);
                // `$10` is the first group and a zero where there are no ten groups.
                let used = if number == 2 && both >= found.len() { 1 } else { number };
                let (digits, after) = after.split_at(used);
                text.push_str(group(digits.parse().unwrap_or(usize::MAX)));
                after
            }
            (_, Some((name, after))) => {
                text.push_str(found.name(name).map_or("", |group| group.as_str()));
                after
            }
            _ => {
                text.push('$');
                after
            }
        };
    }
    text + rest
}

/// Finds places of a text in the string it is written as, one behind the other.
struct InString<'b> {
    raw: &'b [u8],
    /// Where the string begins in the document.
    base: usize,
    at: usize,
    text_at: usize,
    plain: bool,
}

impl InString<'_> {
    /// Returns where in the document so many bytes of the text have passed.
    fn seek(&mut self, text_at: usize) -> usize {
        if self.plain {
            return self.base + text_at;
        }
        while self.text_at < text_at {
            let rest = self.raw.get(self.at..).unwrap_or_default();
            let (raw, text) = match rest.first() {
                Some(b'\\') => {
                    let (character, len) = escape(rest);
                    (len, character.len_utf8())
                }
                Some(_) => {
                    let plain = memchr(b'\\', rest).unwrap_or(rest.len());
                    let len = plain.min(text_at - self.text_at);
                    (len, len)
                }
                None => break,
            };
            self.at += raw;
            self.text_at += text;
        }
        self.base + self.at
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    /// Each search of this pattern reads all that is left.
    #[test]
    fn a_pattern_that_reads_everything_again_and_again_is_left_out() {
        let pattern = TextMatch::Regex(Regex::new("a.*z|a").unwrap());
        let plain = TextMatch::Contains("a".into());
        let done = |what: &TextMatch, count: usize| {
            let body = format!("[\"{}\"]", "a".repeat(count));
            replace(Writer::new(body.as_bytes(), usize::MAX), what, "b").map(|_| ())
        };
        assert_eq!(done(&pattern, 1 << 12), Ok(()));
        assert_eq!(done(&pattern, 1 << 17), Err(Unfit::TooOften));
        assert_eq!(done(&plain, 1 << 17), Ok(()), "a text is looked for in one go");
    }
}
