//! Google's form of embeddings.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Number, json};

use super::floats::Floats;
use super::{Form, Question, Wanted};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::{Broken, Refused};
use crate::wire::model_list::{MODELS, bare_model, gemini_path, is_vertex};

/// Texts that Google's developer interface takes in one request.
const MOST: usize = 100;
/// Texts that Google's cloud takes in one request; of its newest models it takes one.
const MOST_IN_CLOUD: usize = 250;
const ONE_BY_ONE: &str = "gemini-embedding";

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(alias = "taskType")]
    task_type: Option<String>,
    title: Option<String>,
    #[serde(alias = "outputDimensionality")]
    output_dimensionality: Option<u64>,
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    requests: Vec<One<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Bare(String),
    Parts { parts: Vec<Part> },
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

/// Reads a client's question for one, or for many.
pub(super) fn read(body: &[u8], many: bool) -> Result<Wanted, Refused> {
    let bad = |error| Refused::new(format!("the body is no question for embeddings: {error}"));
    let requests = if many {
        serde_json::from_slice::<Many<'_>>(body).map_err(bad)?.requests
    } else {
        vec![serde_json::from_slice::<One<'_>>(body).map_err(bad)?]
    };
    let mut wanted = Wanted { many, ..Wanted::default() };
    for (number, one) in requests.iter().enumerate() {
        let at = if many { format!("/requests/{number}") } else { String::new() };
        lose(one, &at, &mut wanted.losses);
        wanted.texts.push(text(one, &at)?);
        if number > 0 && wanted.dimensions != one.output_dimensionality {
            let message = "all embeddings of one request must have the same outputDimensionality";
            return Err(Refused::new(message));
        }
        wanted.dimensions = one.output_dimensionality;
    }
    if wanted.texts.is_empty() {
        return Err(Refused::new("requests has nothing in it: there is no text to embed"));
    }
    Ok(wanted)
}

fn lose(one: &One<'_>, at: &str, losses: &mut Losses) {
    losses.push_if(one.task_type.is_some(), Token::DropTaskType, &format!("{at}/taskType"));
    losses.push_if(one.title.is_some(), Token::DropTaskType, &format!("{at}/title"));
}

/// Returns the text of a content: its parts are one text.
fn text(one: &One<'_>, at: &str) -> Result<String, Refused> {
    let missing = || Refused::new(format!("{at}/content has no text: only text can be embedded"));
    let content = one.content.ok_or_else(missing)?;
    let content: Content = serde_json::from_str(content.get()).map_err(|_| missing())?;
    match content {
        Content::Bare(text) => Ok(text),
        Content::Parts { parts } => {
            let texts: Option<Vec<String>> = parts.into_iter().map(|part| part.text).collect();
            texts
                .filter(|texts| !texts.is_empty())
                .map(|texts| texts.join("\n"))
                .ok_or_else(missing)
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneOut<'a> {
    model: &'a str,
    content: ContentOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u64>,
}

#[derive(Serialize)]
struct ContentOut<'a> {
    parts: [PartOut<'a>; 1],
}

#[derive(Serialize)]
struct PartOut<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct PredictOut<'a> {
    instances: Vec<InstanceOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<ParametersOut>,
}

#[derive(Serialize)]
struct InstanceOut<'a> {
    content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParametersOut {
    output_dimensionality: u64,
}

/// Writes a question for Google.
///
/// # Errors
/// There are more texts than it takes in one request.
pub(super) fn question(wanted: &Wanted, sent: &str, base: &str) -> Result<Question, Refused> {
    let in_cloud = is_vertex(base);
    is_bounded(wanted.texts.len(), most(sent, in_cloud))?;
    let (action, body) = if in_cloud { predict(wanted) } else { embed(wanted, sent) };
    let body = body.map_err(|error| Refused::new(format!("it cannot be written: {error}")))?;
    let form = Form::OpenAi { packed: wanted.packed, count: wanted.texts.len() };
    Ok(Question {
        path: gemini_path(base, sent, action),
        body,
        form,
        texts: wanted.texts.clone(),
        losses: wanted.losses.clone(),
    })
}

fn most(sent: &str, in_cloud: bool) -> usize {
    match in_cloud {
        false => MOST,
        true if bare_model(sent).starts_with(ONE_BY_ONE) => 1,
        true => MOST_IN_CLOUD,
    }
}

fn is_bounded(texts: usize, most: usize) -> Result<(), Refused> {
    if texts <= most {
        return Ok(());
    }
    Err(Refused::new(format!(
        "/input has {texts} texts, but this model takes {most} in one request: send them in several"
    )))
}

/// The developer interface has a word for one and a word for many.
fn embed(wanted: &Wanted, sent: &str) -> (&'static str, serde_json::Result<Vec<u8>>) {
    let model = format!("{MODELS}{}", bare_model(sent));
    let one = |text| OneOut {
        model: &model,
        content: ContentOut { parts: [PartOut { text }] },
        output_dimensionality: wanted.dimensions,
    };
    let all: Vec<OneOut<'_>> = wanted.texts.iter().map(|text| one(text.as_str())).collect();
    match (wanted.many, all.as_slice()) {
        (false, [one]) => ("embedContent", serde_json::to_vec(one)),
        _ => ("batchEmbedContents", serde_json::to_vec(&json!({ "requests": all }))),
    }
}

/// The cloud asks its models for embeddings as for anything else.
fn predict(wanted: &Wanted) -> (&'static str, serde_json::Result<Vec<u8>>) {
    let instances = wanted.texts.iter().map(|text| InstanceOut { content: text });
    let dimensions = wanted.dimensions;
    let parameters =
        dimensions.map(|output_dimensionality| ParametersOut { output_dimensionality });
    ("predict", serde_json::to_vec(&PredictOut { instances: instances.collect(), parameters }))
}

#[derive(Deserialize)]
struct Values {
    values: Floats,
}

#[derive(Deserialize)]
struct Said {
    embedding: Option<Values>,
    embeddings: Option<Vec<Values>>,
    /// What the cloud says.
    predictions: Option<Vec<Prediction>>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Values,
}

/// Reads an answer of Google's.
pub(super) fn vectors(body: &[u8]) -> Result<Vec<Floats>, Broken> {
    let said: Said = serde_json::from_slice(body)
        .map_err(|error| Broken(format!("the answer has no embeddings: {error}")))?;
    let predicted = said.predictions.into_iter().flatten().map(|one| one.embeddings);
    let all = said.embeddings.into_iter().flatten().chain(said.embedding).chain(predicted);
    Ok(all.map(|one| one.values).collect())
}

/// What Google's cloud says of the texts beside their values; elsewhere usage stands on its own.
#[derive(Deserialize)]
struct Counted {
    predictions: Vec<CountedPrediction>,
}

#[derive(Deserialize)]
struct CountedPrediction {
    embeddings: CountedValues,
}

#[derive(Deserialize)]
struct CountedValues {
    statistics: Statistics,
}

#[derive(Deserialize)]
struct Statistics {
    token_count: Number,
}

/// Returns the tokens that Google's cloud has counted in all texts; `None` when it has not counted each, or has
/// counted none or more than there can be.
pub(super) fn tokens(body: &[u8]) -> Option<u64> {
    memchr::memmem::find(body, b"token_count")?;
    let said: Counted = serde_json::from_slice(body).ok()?;
    let mut counts =
        said.predictions.iter().map(|one| whole(&one.embeddings.statistics.token_count));
    let first = counts.next()??;
    counts.try_fold(first, |sum, count| sum.checked_add(count?))
}

/// Reads a count, which clouds may write as `6.0`.
fn whole(number: &Number) -> Option<u64> {
    let written = || number.to_string().strip_suffix(".0").and_then(|digits| digits.parse().ok());
    number.as_u64().or_else(written)
}

#[derive(Serialize)]
struct ValuesOut<'a> {
    values: &'a Floats,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer<'a> {
    Embedding(ValuesOut<'a>),
    Embeddings(Vec<ValuesOut<'a>>),
}

/// Writes an answer for a client that asked for one.
pub(super) fn one(vectors: &[Floats]) -> Result<Vec<u8>, Broken> {
    let values = vectors.first().ok_or_else(|| Broken("there is no embedding".to_owned()))?;
    print(&Answer::Embedding(ValuesOut { values }))
}

/// Writes an answer for a client that asked for many.
pub(super) fn many(vectors: &[Floats]) -> Result<Vec<u8>, Broken> {
    print(&Answer::Embeddings(vectors.iter().map(|values| ValuesOut { values }).collect()))
}

fn print(answer: &Answer<'_>) -> Result<Vec<u8>, Broken> {
    serde_json::to_vec(answer).map_err(|error| Broken(error.to_string()))
}
