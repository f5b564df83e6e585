//! What a vendor says: a short text in pieces, with the tokens it took; and its errors. Each
//! dialect's form is a file beside this one.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::usage::Usage;

use super::{anthropic, chat, gemini, responses};
use crate::demo::dice::Dice;

/// Hundredths of the context that were in the cache, at most.
const CACHED_PERCENT: (u64, u64) = (0, 95);
/// A vendor counts more context than the sample client sends: live figures then look like those of
/// the history.
const CONTEXT: (u64, u64) = (800, 9_000);
const OUTPUT: (u64, u64) = (20, 260);
const REASONING_PERCENT: (u64, u64) = (0, 60);

/// What the model says, in pieces.
const TEXTS: &[&[&str]] = &[
    &[
        "I read ",
        "the module ",
        "and its tests. ",
        "The limit is compared ",
        "before the window ",
        "is moved; ",
        "swapping both lines ",
        "fixes it.",
    ],
    &[
        "The build ",
        "is green. ",
        "Two warnings ",
        "are left in ",
        "`parser.rs`, ",
        "both about ",
        "unused imports.",
    ],
    &[
        "Here is ",
        "a shorter version: ",
        "one query ",
        "instead of three, ",
        "with the index ",
        "that is there already.",
    ],
    &[
        "The error ",
        "comes from ",
        "the retry loop: ",
        "it gives up ",
        "after the first ",
        "time-out. ",
        "I added ",
        "a deadline ",
        "for the whole call.",
    ],
    &[
        "Done. ",
        "The function ",
        "now returns ",
        "`Option<Duration>`, ",
        "and three callers ",
        "were changed.",
    ],
];

/// An answer before it has a dialect.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The name of the answer.
    pub id: String,
    /// The model that is said to have answered.
    pub model: String,
    /// The text in pieces.
    pub pieces: Vec<&'static str>,
    /// The tokens it took.
    pub usage: Usage,
}

impl Answer {
    /// Draws an answer.
    #[must_use]
    pub fn draw(dialect: Dialect, model: &str, dice: &mut Dice) -> Self {
        let pieces = dice.pick(TEXTS).copied().unwrap_or_default();
        let model = model.to_owned();
        let id = format!("{:016x}", dice.any());
        Self { id, model, pieces: pieces.to_vec(), usage: usage(dialect, dice) }
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.concat()
    }

    /// Returns the whole answer in a dialect.
    #[must_use]
    pub fn whole(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Anthropic => anthropic::whole(self),
            Dialect::OpenaiChat => chat::whole(self),
            Dialect::Responses => responses::whole(self),
            Dialect::Gemini | Dialect::GeminiCli => gemini::whole(self),
        }
        .to_string()
    }

    /// Returns the answer as the events of a stream.
    #[must_use]
    pub fn events(&self, dialect: Dialect) -> Vec<String> {
        match dialect {
            Dialect::Anthropic => anthropic::events(self),
            Dialect::OpenaiChat => chat::events(self),
            Dialect::Responses => responses::events(self),
            Dialect::Gemini | Dialect::GeminiCli => gemini::events(self),
        }
    }
}

fn usage(dialect: Dialect, dice: &mut Dice) -> Usage {
    let context = dice.skewed(CONTEXT.0, CONTEXT.1);
    let cache_read = context * dice.between(CACHED_PERCENT.0, CACHED_PERCENT.1) / 100;
    let output = dice.skewed(OUTPUT.0, OUTPUT.1);
    let fresh = context - cache_read;
    let usage = Usage { input: fresh, output, cache_read, ..Usage::default() };
    match dialect {
        Dialect::Anthropic => {
            let cache_write_5m = fresh / 2;
            Usage { input: fresh - cache_write_5m, cache_write_5m, ..usage }
        }
        Dialect::OpenaiChat => usage,
        Dialect::Responses | Dialect::Gemini | Dialect::GeminiCli => {
            let percent = dice.between(REASONING_PERCENT.0, REASONING_PERCENT.1);
            Usage { reasoning: output * percent / 100, ..usage }
        }
    }
}

/// Prints an event with a name.
#[must_use]
pub fn named_event(body: &Value) -> String {
    let name = body.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {body}\n\n")
}

/// Returns the body of an error in a dialect.
#[must_use]
pub fn error(dialect: Dialect, status: u16) -> String {
    let (kind, message) = match status {
        429 => ("rate_limit_error", "Rate limit reached for this key, please try again later."),
        529 => ("overloaded_error", "Overloaded"),
        404 => ("not_found_error", "There is nothing here."),
        _ => ("api_error", "Internal server error"),
    };
    let body = match dialect {
        Dialect::Anthropic => {
            json!({ "type": "error", "error": { "type": kind, "message": message } })
        }
        Dialect::OpenaiChat | Dialect::Responses => {
            json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
        }
        Dialect::Gemini | Dialect::GeminiCli => {
            let word = if status == 429 { "RESOURCE_EXHAUSTED" } else { "UNAVAILABLE" };
            json!({ "error": { "code": status, "message": message, "status": word } })
        }
    };
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOKEN: [Dialect; 4] =
        [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini];

    #[test]
    fn a_stream_says_the_same_as_the_whole_answer() {
        for dialect in SPOKEN {
            let answer = Answer::draw(dialect, "some-model", &mut Dice::new(5));
            let (whole, stream) = (answer.whole(dialect), answer.events(dialect).concat());
            assert!(whole.contains(&answer.text()), "{whole}");
            for piece in &answer.pieces {
                assert!(stream.contains(piece), "{stream}");
            }
            let output = answer.usage.output - gemini_thoughts(dialect, &answer);
            assert!(whole.contains(&output.to_string()), "{whole}");
            assert!(stream.contains(&output.to_string()), "{stream}");
        }
    }

    /// Gemini counts thoughts apart from what it says.
    fn gemini_thoughts(dialect: Dialect, answer: &Answer) -> u64 {
        if dialect == Dialect::Gemini { answer.usage.reasoning } else { 0 }
    }

    #[test]
    fn errors_are_documents_of_their_dialect() {
        for dialect in SPOKEN {
            let body: Value = serde_json::from_str(&error(dialect, 429)).unwrap();
            assert!(body["error"]["message"].is_string(), "{body}");
        }
    }
}
