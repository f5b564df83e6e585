//! JSON without a schema: `OpenAI` refuses to answer so unless the conversation has the word in it.

use super::hub::{Format, Part, Request, ToolResult};

/// What the model is told where nobody has said the word.
pub const JSON_MODE: &str = "Answer with one JSON document.";

const WORD: &str = "json";

impl Request {
    /// Tells whether JSON is asked for and nobody says so in words; so many of the first instructions do
    /// not count.
    #[must_use]
    pub fn lacks_json_word(&self, skipped: usize) -> bool {
        if self.format != Format::Json {
            return false;
        }
        let told = self.system.iter().skip(skipped).any(|system| says(&system.text));
        !told && !self.turns.iter().any(|turn| turn.parts.iter().any(part_says))
    }
}

fn part_says(part: &Part) -> bool {
    match part {
        Part::Text(text) => says(&text.text),
        Part::Result(ToolResult { content, .. }) => content.iter().any(part_says),
        _ => false,
    }
}

fn says(text: &str) -> bool {
    text.as_bytes().windows(WORD.len()).any(|word| word.eq_ignore_ascii_case(WORD.as_bytes()))
}
