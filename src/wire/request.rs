//! What must be known of a request body before it is relayed, read in one scan without a copy.
//!
//! Only small values are taken out; texts stay in the body as spans. A key met twice at the top is
//! refused: our allow lists would read one of the two, the vendor the other.

mod content;
mod field;
mod gather;
mod keys;
mod spelling;

use std::ops::Range;

use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::detect::Route;
use super::form::{self, Field};
use super::scan::{self, ScanError};
use super::sse::BOM;

/// The most members an object may have at the top of a body.
const KEYS_LIMIT: usize = 1024;
/// What Google's interfaces may put in front of a model's name.
const GOOGLES: &str = "models/";
/// The longest text that is taken out of a body; `metadata.user_id` is about 200 bytes.
const TEXT_LIMIT: usize = 1024;

/// A string and where it stands, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned {
    /// The text, unescaped.
    pub text: String,
    /// Its bytes in the body.
    pub span: Range<usize>,
}

impl Spanned {
    /// Returns the model without what Google's interfaces may put in front of its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.strip_prefix(GOOGLES).unwrap_or(&self.text)
    }

    /// Writes another model as this one is written.
    #[must_use]
    pub fn renamed(&self, model: &str) -> String {
        let front = if self.text.starts_with(GOOGLES) { GOOGLES } else { "" };
        format!("{front}{model}")
    }
}

/// The `stream_options` of a chat request as an edit needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamOptions {
    /// Not there.
    Absent,
    /// `null`, or something a vendor will refuse by itself (`is_null` tells which).
    Value {
        /// Its bytes.
        span: Range<usize>,
        /// Whether it is `null`.
        is_null: bool,
    },
    /// An object.
    Object {
        /// Its bytes.
        span: Range<usize>,
        /// Whether it has members.
        has_members: bool,
        /// The bytes of `include_usage`, when it is there.
        include_usage: Option<Range<usize>>,
    },
}

/// The facts of one request body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// What the client speaks.
    pub dialect: Dialect,
    /// What it asks for.
    pub operation: Operation,
    /// The bytes of the body's object; `None` when the body is not JSON (other families only): then a model
    /// that is named is a field of a form.
    pub body: Option<Range<usize>>,
    /// Whether that object has members.
    pub has_members: bool,
    /// The model the body names. Gemini's is in the path.
    pub model: Option<Spanned>,
    /// The models that the requests of a batch name.
    pub batch_models: Vec<String>,
    /// Whether the body asks for a stream.
    pub stream: bool,
    /// The bound on output tokens, the largest if several are given.
    pub max_output_tokens: Option<u64>,
    /// How many answers are asked for, the largest number if several are given.
    pub choices: Option<u64>,
    /// How many messages, input items or contents there are.
    pub messages: Option<u32>,
    /// `metadata.user_id` as given.
    pub user_id: Option<String>,
    /// The session inside `metadata.user_id`, in its JSON or its older underscore form.
    pub user_session: Option<String>,
    /// `metadata.session_id`, or the session of a Gemini CLI envelope.
    pub metadata_session: Option<String>,
    /// `prompt_cache_key`
    pub prompt_cache_key: Option<String>,
    /// `previous_response_id`
    pub previous_response_id: Option<String>,
    /// `service_tier`
    pub service_tier: Option<String>,
    /// `stream_options`
    pub stream_options: StreamOptions,
    /// Whether `stream_options.include_usage` is true.
    pub include_usage: bool,
    /// Whether the system text begins with the billing block of Claude Code, as far as a look at its
    /// beginning tells.
    pub has_billing: bool,
    /// Whether Responses' `input` is a text or one item, not a list.
    pub bare_input: bool,
    /// SHA-256 over the system texts and the first user message, as written; `None` without a user text.
    pub content: Option<[u8; 32]>,
}

impl RequestFacts {
    const fn empty(dialect: Dialect, operation: Operation) -> Self {
        Self {
            dialect,
            operation,
            body: None,
            has_members: false,
            model: None,
            batch_models: Vec::new(),
            stream: false,
            max_output_tokens: None,
            choices: None,
            messages: None,
            user_id: None,
            user_session: None,
            metadata_session: None,
            prompt_cache_key: None,
            previous_response_id: None,
            service_tier: None,
            stream_options: StreamOptions::Absent,
            include_usage: false,
            has_billing: false,
            bare_input: false,
            content: None,
        }
    }

    /// Returns the model that is asked for: the path's, else the body's.
    pub fn requested_model<'a>(&'a self, route: &'a Route) -> Result<&'a str, BodyError> {
        let in_body = self.model.as_ref().map(|model| model.text.as_str());
        route.model.as_deref().or(in_body).ok_or(BodyError::MissingModel)
    }

    /// Tells whether a stream is asked for, by the path or else by the body.
    pub fn is_stream(&self, route: &Route) -> bool {
        route.stream.unwrap_or(self.stream)
    }
}

/// Why a body is refused with 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not JSON.
    #[error("the request body is not valid JSON: {0}")]
    NotJson(#[from] ScanError),
    /// It is JSON, but no object.
    #[error("the request body must be a JSON object")]
    NotAnObject,
    /// A key stands twice at its top, as servers see it that do not tell small letters from capitals.
    #[error("the request body has the key `{0}` more than once")]
    DuplicateKey(String),
    /// A key is written in another way than the interface writes it, and some servers know it all the same.
    #[error("the request body has the key `{0}`, which must be written `{1}`")]
    OtherSpelling(String, &'static str),
    /// Its top has more members than any API knows.
    #[error("the request body has more than {KEYS_LIMIT} keys")]
    TooManyKeys,
    /// It says that it is a form and is none that is read in one way.
    #[error(
        "the request body is not a whole form (multipart/form-data) that can be read in one way only"
    )]
    NotAForm,
    /// The requests of a batch name too many models.
    #[error("the requests of the batch name more than 64 models")]
    TooManyModels,
    /// No model is named.
    #[error("the request names no model")]
    MissingModel,
    /// The model is not a string.
    #[error("the model must be a string")]
    ModelNotText,
    /// The model is longer than any name.
    #[error("the name of the model is longer than {TEXT_LIMIT} bytes")]
    ModelTooLong,
}

/// Reads the facts of a body, and refuses one that could be read in two ways.
pub fn facts(
    dialect: Dialect,
    operation: Operation,
    body: &[u8],
) -> Result<RequestFacts, BodyError> {
    let free_form = matches!(operation, Operation::Other | Operation::ListModels);
    let gather = gather::Gather::new(dialect, operation);
    let mut scanner = scan::Scanner::new(gather).with_text_limit(TEXT_LIMIT);
    let outcome = scanner.push(body).and_then(|()| scanner.finish());
    match outcome {
        // What looks like JSON and is none may be read by a lenient vendor: whoever may not ask for a model
        // could hide it there.
        Err(_) if free_form && !looks_like_json(body) => {
            return Ok(RequestFacts::empty(dialect, operation));
        }
        Err(error) => return Err(error.into()),
        Ok(()) => {}
    }
    let facts = match scanner.into_visitor().into_facts(body) {
        Err(BodyError::NotAnObject) if free_form => {
            return Ok(RequestFacts::empty(dialect, operation));
        }
        other => other?,
    };
    let in_body = matches!(dialect, Dialect::Anthropic | Dialect::OpenaiChat | Dialect::Responses);
    if in_body && !free_form && facts.model.is_none() {
        return Err(BodyError::MissingModel);
    }
    Ok(facts)
}

/// Tells whether a body begins as an object does, in any of the alphabets that JSON may be written in: UTF-16
/// and UTF-32 have zeros beside such a character.
fn looks_like_json(body: &[u8]) -> bool {
    let is_before = |byte: &u8| matches!(byte, 0 | 0xFE | 0xFF) || byte.is_ascii_whitespace();
    let body = body.strip_prefix(&BOM).unwrap_or(body);
    body.iter().find(|byte| !is_before(byte)) == Some(&b'{')
}

/// Reads the facts of a form: the model it names.
///
/// # Errors
/// It is no whole form, or the model stands twice: our lists would read one of the two, the vendor the other. Or
/// the model is no name.
pub fn facts_of_form(
    dialect: Dialect,
    operation: Operation,
    content_type: &str,
    body: &[u8],
) -> Result<RequestFacts, BodyError> {
    let mut facts = RequestFacts::empty(dialect, operation);
    let fields = if body.is_empty() {
        Vec::new()
    } else {
        form::fields(content_type, body).ok_or(BodyError::NotAForm)?
    };
    for Field { name, span } in fields {
        let value = body.get(span.clone()).unwrap_or_default();
        match name.as_str() {
            "model" if facts.model.is_some() => return Err(BodyError::DuplicateKey(name)),
            "model" if value.len() > TEXT_LIMIT => return Err(BodyError::ModelTooLong),
            "model" => {
                // The form may be in another alphabet: these all have ASCII in common.
                let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii());
                let text = text.ok_or(BodyError::ModelNotText)?;
                facts.model = Some(Spanned { text: text.to_owned(), span });
            }
            _ => {}
        }
    }
    facts.model.take_if(|model| model.text.is_empty());
    Ok(facts)
}

#[cfg(test)]
mod tests;
