//! Bodies that Claude Code, Codex, the Gemini CLI and `OpenCode` really sent, and whatever any client
//! had counted. The corpus has their form and, of each text, how many characters of which class it
//! has; the words are ours.

use bytes::BytesMut;
use serde::Deserialize;
use serde_json::Value;

use crate::wire::decode::{BodyDecoder, Encoding};

const PACKED: &[u8] = include_bytes!("../../../../tests/fixtures/tokens/bodies.jsonl.gz");

/// A body, as long as the recorded one.
pub(super) struct Body {
    pub(super) agent: String,
    pub(super) path: String,
    pub(super) model: String,
    pub(super) text: String,
    bytes: usize,
}

impl Body {
    /// Counts as the mock upstream of the recordings does: four bytes a token.
    pub(super) fn counted_by_mock(&self) -> u64 {
        u64::try_from(self.bytes / 4).unwrap().max(8)
    }
}

#[derive(Deserialize)]
struct Line {
    agent: String,
    path: String,
    model: String,
    bytes: usize,
    body: Value,
}

/// Reads the corpus.
pub(super) fn bodies() -> Vec<Body> {
    let mut decoder = BodyDecoder::new(Encoding::Gzip, 64 << 20).unwrap();
    let mut lines = BytesMut::new();
    decoder.push(PACKED, &mut lines).unwrap();
    let lines = std::str::from_utf8(&lines).unwrap();
    lines.lines().map(|line| body(serde_json::from_str(line).unwrap())).collect()
}

fn body(line: Line) -> Body {
    let Line { agent, path, model, bytes, mut body } = line;
    write(&mut body);
    let text = body.to_string();
    // One client puts blanks between its members.
    assert!(text.len().abs_diff(bytes) < 8, "{agent} {path}: as long as what was sent");
    Body { agent, path, model, text, bytes }
}

/// Puts words in the places of counts.
fn write(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(counts) = text.strip_prefix('=') {
                *text = words(counts);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(write),
        Value::Object(members) => members.values_mut().for_each(write),
        _ => {}
    }
}

/// Makes a text of so many letters, digits, marks and blanks: `l12d3m1b2`.
fn words(counts: &str) -> String {
    let mut left: Vec<(char, usize)> = Vec::new();
    for character in counts.chars() {
        match (character.to_digit(10), left.last_mut()) {
            (Some(digit), Some((_, count))) => {
                *count = *count * 10 + usize::try_from(digit).unwrap();
            }
            _ => left.push((character, 0)),
        }
    }
    let count = |class: char| left.iter().find(|(one, _)| *one == class).map_or(0, |(_, n)| *n);
    // Runs of blanks, each behind a word: the first blank of a run weighs another than the next ones.
    let blanks = [(' ', count('b')), ('\n', count('n'))];
    let more = [(' ', count('r')), ('\n', count('s'))];
    let solid = [
        ('a', count('l')),
        ('1', count('d')),
        (',', count('m')),
        ('"', count('q')),
        ('\u{1}', count('u')),
        ('é', count('f')),
        ('好', count('i')),
        ('🦀', count('e')),
    ];
    let solid: Vec<char> = spread(&solid);
    let blanks: Vec<char> = spread(&blanks);
    let more: Vec<char> = spread(&more);
    let mut text = String::new();
    let mut written = 0;
    for (number, blank) in blanks.iter().enumerate() {
        let until = solid.len() * (number + 1) / (blanks.len() + 1);
        text.extend(&solid[written..until]);
        written = until;
        text.push(*blank);
        if number == 0 {
            text.extend(&more);
        }
    }
    text.extend(&solid[written..]);
    text
}

fn spread(counts: &[(char, usize)]) -> Vec<char> {
    counts.iter().flat_map(|(character, count)| std::iter::repeat_n(*character, *count)).collect()
}
