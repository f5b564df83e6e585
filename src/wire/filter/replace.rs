//! Replaces text in every string value of a document; of a string only what is replaced changes.
//!
//! All searches of a text together read it once, and behind each place that is found as far again as the
//! pattern may have looked ahead: that is little for most, and all that is left for some. The work is bounded
//! by what they could read.

use memchr::memchr;
use switchyard_actors::domain::expression::{Finder, Place};
use switchyard_actors::domain::filters::TextMatch;

use super::Unfit;
use super::text::{escape, read, strings, write};
use super::writer::Writer;

/// What all searches of one pattern in one body could read twice, in bytes: about a second's work.
const MOST_READ: usize = 1 << 30;

/// Replaces text.
pub(super) fn replace<'b>(
    mut writer: Writer<'b>,
    what: &TextMatch,
    with: &str,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let mut left = MOST_READ;
    let reach = match what {
        TextMatch::Regex(pattern) => pattern.reach().unwrap_or(usize::MAX),
        TextMatch::Contains(_) | TextMatch::Exact(_) => 0,
    };
    let mut looker = Looker::new(what, with);
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
        looker.each(text, |from, to, new| {
            let again = text.len().saturating_sub(to).min(reach);
            left = left.checked_sub(again).ok_or(Unfit::TooOften)?;
            if text.get(from..to) == Some(new) {
                return Ok(());
            }
            let (start, end) = (string.seek(from), string.seek(to));
            writer.replace(start..end, &write(new))
        })?;
    }
    Ok(writer)
}

/// Looks for text in one string after the other.
struct Looker<'f> {
    what: Wanted<'f>,
    with: &'f str,
}

enum Wanted<'f> {
    Whole(&'f str),
    Part(&'f str),
    Pattern(Box<Finder<'f>>),
}

impl<'f> Looker<'f> {
    fn new(what: &'f TextMatch, with: &'f str) -> Self {
        let what = match what {
            TextMatch::Exact(whole) => Wanted::Whole(whole),
            TextMatch::Contains(part) => Wanted::Part(part),
            TextMatch::Regex(pattern) => Wanted::Pattern(Box::new(pattern.finder())),
        };
        Self { what, with }
    }

    /// Tells of every place of a text that is replaced, and by what.
    fn each(
        &mut self,
        text: &str,
        mut tell: impl FnMut(usize, usize, &str) -> Result<(), Unfit>,
    ) -> Result<(), Unfit> {
        let with = self.with;
        match &mut self.what {
            Wanted::Whole(whole) if text == *whole => tell(0, text.len(), with),
            Wanted::Whole(_) => Ok(()),
            Wanted::Part(part) => text
                .match_indices(*part)
                .try_for_each(|(from, part)| tell(from, from + part.len(), with)),
            Wanted::Pattern(finder) => {
                let is_template = with.contains('$');
                finder.each(text, is_template, |place| {
                    let span = place.span();
                    if is_template {
                        tell(span.start, span.end, &expand(with, place))
                    } else {
                        tell(span.start, span.end, with)
                    }
                })
            }
        }
    }
}

/// Writes what a pattern has found into a template: `$1`, `$<name>`, `$&`, and `$$` for a dollar.
fn expand(template: &str, found: &Place<'_>) -> String {
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
                text.push_str(found.group(0));
                after.get(1..).unwrap_or_default()
            }
            (Some(b'0'..=b'9'), _) => {
                let (digits, _) = after.split_at(number);
                let both = digits.parse().unwrap_or(usize::MAX);
                // `$10` is the first group and a zero where there are no ten groups.
                let used = if number == 2 && both >= found.count() { 1 } else { number };
                let (digits, after) = after.split_at(used);
                text.push_str(found.group(digits.parse().unwrap_or(usize::MAX)));
                after
            }
            (_, Some((name, after))) => {
                text.push_str(found.named(name));
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
    use switchyard_actors::domain::expression::{Case, Expression};

    use super::*;

    fn pattern(pattern: &str) -> TextMatch {
        TextMatch::Regex(Expression::read(pattern, Case::Matters).unwrap())
    }

    fn replaced(what: &TextMatch, with: &str, text: &str) -> Result<Option<Vec<u8>>, Unfit> {
        let body = format!("[\"{text}\"]");
        let writer = replace(Writer::new(body.as_bytes(), usize::MAX), what, with)?;
        Ok(writer.finish()?.map(|bytes| bytes.to_vec()))
    }

    /// Each search of this pattern reads all that is left.
    #[test]
    fn a_pattern_that_reads_everything_again_and_again_is_left_out() {
        let done =
            |what: &TextMatch, count: usize| replaced(what, "b", &"a".repeat(count)).map(|_| ());
        let greedy = pattern("a.*z|a");
        assert_eq!(done(&greedy, 1 << 12), Ok(()));
        assert_eq!(done(&greedy, 1 << 17), Err(Unfit::TooOften));
        let plain = TextMatch::Contains("a".into());
        assert_eq!(done(&plain, 1 << 17), Ok(()), "a text is looked for in one go");
    }

    #[test]
    fn a_long_text_with_many_places_is_redacted() {
        let line = "a line of a log that goes on for a while without anything in it\\n".repeat(27);
        let text = format!("{line}acme sk-Abc123 \\u002e\\n").repeat(1_200);
        assert!(text.len() > 2 << 20);
        for (what, secret) in
            [(pattern(r"\bacme\b"), "acme"), (pattern(r"sk-[A-Za-z0-9]+"), "sk-Abc123")]
        {
            let after = replaced(&what, "***", &text).unwrap().unwrap();
            let after = String::from_utf8(after).unwrap();
            assert_eq!(after, format!("[\"{}\"]", text.replace(secret, "***")));
        }
    }
}
