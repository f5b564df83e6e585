//! Embeddings between `OpenAI`'s form and Google's: the question, and what comes back. Numbers stay the
//! text they were, unless a client wants them packed.

mod floats;
mod gemini;
mod openai;

use super::convert::loss::Losses;
use super::convert::{Broken, Refused};

use floats::Floats;

/// A question in the form of another family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where it goes.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
    /// The form of the answer that the client waits for.
    pub form: Form,
    /// The texts, for an estimate where the provider does not count.
    pub texts: Vec<String>,
    /// What it could not carry.
    pub losses: Losses,
}

/// What an answer has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `OpenAI`'s list, packed in base64 or not.
    OpenAi {
        /// Each is the base64 of its numbers.
        packed: bool,
        /// So many of them.
        count: usize,
    },
    /// Google's single one.
    GeminiOne,
    /// Google's list.
    GeminiMany {
        /// So many of them.
        count: usize,
    },
}

/// Puts an `OpenAI` client's question for Google. `sent` is the model as it goes out, `base` the provider's
/// address.
///
/// # Errors
/// It asks for what Google does not take: ids of tokens, or nothing.
pub fn to_gemini(body: &[u8], sent: &str, base: &str) -> Result<Question, Refused> {
    let asked = openai::read(body)?;
    gemini::question(&asked, sent, base)
}

/// Puts a Gemini client's question for `OpenAI`'s interface; `path` tells whether it asks for one or for
/// many.
///
/// # Errors
/// It asks about something else than text, or about nothing.
pub fn to_openai(body: &[u8], path: &str, sent: &str) -> Result<Question, Refused> {
    let many = path.to_ascii_lowercase().ends_with(":batchembedcontents");
    let asked = gemini::read(body, many)?;
    openai::question(asked, sent)
}

/// Returns the tokens that a provider has counted beside the values, where it says them nowhere else.
#[must_use]
pub fn tokens_beside(body: &[u8]) -> Option<u64> {
    gemini::tokens(body)
}

/// Puts an answer into the client's form. `model` is what it asked for; `tokens` those of the input,
/// where `OpenAI`'s form has to say them.
///
/// # Errors
/// It is no list of embeddings, or has another number of them than was asked for.
pub fn answer(form: Form, body: &[u8], model: &str, tokens: u64) -> Result<Vec<u8>, Broken> {
    match form {
        Form::OpenAi { packed, count } => {
            let vectors = of(count, gemini::vectors(body)?)?;
            openai::answer(&vectors, packed, model, tokens)
        }
        Form::GeminiOne => gemini::one(&of(1, openai::vectors(body)?)?),
        Form::GeminiMany { count } => gemini::many(&of(count, openai::vectors(body)?)?),
    }
}

/// Checks that nothing is missing: a client takes them by their places.
fn of(count: usize, vectors: Vec<Floats>) -> Result<Vec<Floats>, Broken> {
    if vectors.len() == count {
        return Ok(vectors);
    }
    Err(Broken(format!("{} embeddings came for {count} texts", vectors.len())))
}

/// What a client asks for, in neither form.
#[derive(Debug, Default)]
struct Wanted {
    texts: Vec<String>,
    /// The texts came in a list.
    many: bool,
    dimensions: Option<u64>,
    packed: bool,
    losses: Losses,
}

#[cfg(test)]
mod tests;
