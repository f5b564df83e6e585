//! `OpenAI`'s form of embeddings.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::floats::Floats;
use super::{Form, Question, Wanted};
use crate::wire::convert::{Broken, Refused};

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    dimensions: Option<u64>,
    encoding_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    One(String),
    Many(Vec<String>),
}

/// Reads a client's question.
pub(super) fn read(body: &[u8]) -> Result<Wanted, Refused> {
    let asked: Asked<'_> = serde_json::from_slice(body).map_err(|error| {
        Refused::new(format!("the body is no question for embeddings: {error}"))
    })?;
    let input = asked.input.ok_or_else(|| Refused::new("`input` is missing"))?;
    let (texts, many) = match serde_json::from_str(input.get()) {
        Ok(Input::One(text)) => (vec![text], false),
        Ok(Input::Many(texts)) => (texts, true),
        Err(_) => {
            let message = "`input` must be a text or a list of texts: ids of tokens mean nothing \
                 to the models that serve this one";
            return Err(Refused::new(message));
        }
    };
    if texts.is_empty() {
        return Err(Refused::new("`input` has nothing in it: there is no text to embed"));
    }
    let packed = match asked.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => return Err(Refused::new("`encoding_format` must be `float` or `base64`")),
    };
    Ok(Wanted { texts, many, dimensions: asked.dimensions, packed, ..Wanted::default() })
}

#[derive(Serialize)]
struct AskedOut<'a> {
    model: &'a str,
    input: InputOut<'a>,
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum InputOut<'a> {
    One(&'a str),
    Many(&'a [String]),
}

/// Writes a question for `OpenAI`'s interface.
pub(super) fn question(wanted: Wanted, sent: &str) -> Result<Question, Refused> {
    let input = match (wanted.many, wanted.texts.as_slice()) {
        (false, [one]) => InputOut::One(one),
        (_, many) => InputOut::Many(many),
    };
    let asked =
        AskedOut { model: sent, input, encoding_format: "float", dimensions: wanted.dimensions };
    let body = serde_json::to_vec(&asked)
        .map_err(|error| Refused::new(format!("it cannot be written: {error}")))?;
    let count = wanted.texts.len();
    let form = if wanted.many { Form::GeminiMany { count } } else { Form::GeminiOne };
    let path = "/v1/embeddings".to_owned();
    Ok(Question { path, body, form, texts: wanted.texts, losses: wanted.losses })
}

#[derive(Deserialize)]
struct Said {
    data: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    embedding: Floats,
    index: Option<usize>,
}

/// Reads an answer, in the order of the texts.
pub(super) fn vectors(body: &[u8]) -> Result<Vec<Floats>, Broken> {
    let said: Said = serde_json::from_slice(body)
        .map_err(|error| Broken(format!("the answer has no embeddings: {error}")))?;
    let mut data = said.data;
    // Some relays leave the places out: then they are in order.
    data.sort_by_key(|one| one.index);
    Ok(data.into_iter().map(|one| one.embedding).collect())
}

#[derive(Serialize)]
struct Answer<'a> {
    object: &'static str,
    data: Vec<OneOut<'a>>,
    model: &'a str,
    usage: Usage,
}

#[derive(Serialize)]
struct OneOut<'a> {
    object: &'static str,
    index: usize,
    embedding: Embedding<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Embedding<'a> {
    Plain(&'a Floats),
    Packed(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    total_tokens: u64,
}

/// Writes an answer for a client.
pub(super) fn answer(
    vectors: &[Floats],
    packed: bool,
    model: &str,
    tokens: u64,
) -> Result<Vec<u8>, Broken> {
    let mut data = Vec::with_capacity(vectors.len());
    for (index, vector) in vectors.iter().enumerate() {
        let embedding =
            if packed { Embedding::Packed(vector.packed()?) } else { Embedding::Plain(vector) };
        data.push(OneOut { object: "embedding", index, embedding });
    }
    let usage = Usage { prompt_tokens: tokens, total_tokens: tokens };
    let answer = Answer { object: "list", data, model, usage };
    serde_json::to_vec(&answer).map_err(|error| Broken(error.to_string()))
}
