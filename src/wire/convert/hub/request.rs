//! What a client asks for.

use super::json::Json;
use super::part::{Part, Text};
use super::place::{Place, Places};
use super::tool::{Choice, Tool};

/// A request for a model's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model, by the name that goes upstream.
    pub model: String,
    /// Instructions before the conversation, in order.
    pub system: Vec<SystemText>,
    /// The conversation. Neighbours of one role are one turn; results stand in user turns.
    pub turns: Vec<Turn>,
    /// Tools the model may call.
    pub tools: Vec<Tool>,
    /// Whether and which it must call; `None` when the client did not say.
    pub choice: Option<Choice>,
    /// Whether it may call several at once; `None` when the client did not say.
    pub parallel: Option<bool>,
    /// How much it is to think; `None` when the client did not say.
    pub reasoning: Option<Reasoning>,
    /// Tokens of the answer, at most.
    pub max_output: Option<u64>,
    /// Texts at which the answer ends.
    pub stop: Vec<String>,
    /// How luck is used.
    pub sampling: Sampling,
    /// What form the answer's text has.
    pub format: Format,
    /// Caching that is not at a part.
    pub cache: CacheHints,
    /// The answer is streamed.
    pub stream: bool,
    /// A chat stream is to tell its usage at the end.
    pub want_usage: bool,
    /// For whom it is.
    pub identity: Identity,
    /// How many words the answer makes: `low`, `medium`, `high`.
    pub verbosity: Option<String>,
    /// Where its settings stood.
    pub places: Places,
}

impl Request {
    /// Tells whether it asks for more or fewer words than models make anyhow.
    #[must_use]
    pub fn has_unusual_verbosity(&self) -> bool {
        self.verbosity.as_deref().is_some_and(|asked| asked != "medium")
    }

    /// Says what the client's body has around the request: all places are within it.
    pub fn within(&mut self, root: &'static str) {
        self.places.within(root);
        self.system.iter_mut().for_each(|text| text.at.within(root));
        self.tools.iter_mut().for_each(|tool| tool.at.within(root));
        for turn in &mut self.turns {
            turn.at.insert_str(0, root);
            turn.parts.iter_mut().for_each(|part| part.within(root));
        }
    }
}

#[cfg(test)]
impl Request {
    /// Numbers instructions and tools, as a client's body has them.
    pub(in crate::wire::convert) fn numbered(mut self) -> Self {
        for (number, text) in self.system.iter_mut().enumerate() {
            text.at = Place::new(format!("/system/{number}"));
        }
        for (number, tool) in self.tools.iter_mut().enumerate() {
            tool.at = Place::new(format!("/tools/{number}"));
        }
        self
    }
}

/// A text of the instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemText {
    /// The text.
    pub text: String,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

impl From<Text> for SystemText {
    fn from(text: Text) -> Self {
        let Text { text, cache, at, .. } = text;
        Self { text, cache, at }
    }
}

/// A turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whose it is.
    pub role: Role,
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// Where it stands in the client's body, as a JSON pointer: `/messages/3`.
    pub at: String,
}

impl Turn {
    /// Makes a turn. Most say one thing, and a list that grew to it has room for four.
    #[must_use]
    pub fn new(role: Role, mut parts: Vec<Part>, at: String) -> Self {
        parts.shrink_to_fit();
        Self { role, parts, at }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The user, and tools.
    User,
    /// The model.
    Assistant,
    /// Instructions in the middle of the conversation.
    System,
}

/// How long a cached prompt is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ttl {
    /// Five minutes, or as the vendor does by itself.
    #[default]
    FiveMinutes,
    /// An hour.
    Hour,
}

/// How much the model is to think, as the client said it: by effort, by budget, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// In words.
    pub effort: Option<Effort>,
    /// In tokens.
    pub budget: Option<u64>,
    /// What the client wants to see of it.
    pub show: Show,
}

/// How hard the model thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as it can.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More than that.
    XHigh,
    /// As much as it can.
    Max,
    /// As it finds right.
    Auto,
}

/// What is shown of thinking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Show {
    /// The client did not say.
    #[default]
    Unsaid,
    /// Nothing.
    Nothing,
    /// A summary.
    Summary,
    /// All that there is.
    Full,
}

/// How luck is used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampling {
    /// Temperature.
    pub temperature: Option<f64>,
    /// Nucleus.
    pub top_p: Option<f64>,
    /// So many candidates.
    pub top_k: Option<u64>,
    /// The seed.
    pub seed: Option<i64>,
    /// Penalty for what was there.
    pub presence: Option<f64>,
    /// Penalty for what was often there.
    pub frequency: Option<f64>,
}

/// What form the answer's text has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Any.
    #[default]
    Text,
    /// Some JSON.
    Json,
    /// JSON of a schema.
    Schema {
        /// The schema's name.
        name: Option<String>,
        /// The schema.
        schema: Json,
        /// Exactly so.
        strict: Option<bool>,
    },
}

/// Caching that is not at a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheHints {
    /// Requests with one key are likely to share a prefix.
    pub key: Option<String>,
    /// All of the prompt is to be cached.
    pub whole: Option<Ttl>,
}

/// For whom it is, and how it is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user behind the client, as it says.
    pub end_user: Option<String>,
    /// The service tier that was asked for.
    pub tier: Option<String>,
}
