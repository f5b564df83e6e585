//! Reads what an operator has written into changes; what is saved and what is loaded goes through here.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;

use super::change::{Anchor, BodyChange, HeaderChange, Matcher, Place, Test, TextMatch};
use super::path::{JsonPath, PathError, allowed};
use crate::domain::expression::{Case, Expression, Unusable};
use crate::domain::passing::{is_framing, is_token};

/// The most operations of one filter.
const MOST_OPERATIONS: usize = 50;
/// The longest text or pattern that is looked for, in bytes.
const LONGEST_TEXT: usize = 2_048;

/// Why a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// A path is wrong.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The name of a header is none.
    #[error("{0:?} is not the name of a header")]
    HeaderName(String),
    /// The header decides how the request is framed.
    #[error("the header {0} belongs to the connection and cannot be changed")]
    Framing(String),
    /// The client's header never leaves, and only that could be changed.
    #[error(
        "the client's header {0} stays here, so before a provider is chosen a change of it would change nothing; a filter of the final phase changes what goes out"
    )]
    StaysHere(String),
    /// The value cannot be that of a header.
    #[error("the value of a header must be one line of printable ASCII")]
    HeaderValue,
    /// A pattern cannot be used.
    #[error(transparent)]
    Pattern(#[from] Unusable),
    /// Patterns take more than all of them may.
    #[error("the patterns of all filters together would take more than {} MiB", super::judge::LARGEST_SUM >> 20)]
    TooLarge,
    /// The text that is looked for is empty or too long.
    #[error("the text to look for must have 1 to {LONGEST_TEXT} bytes")]
    Text,
    /// Text must be replaced by text.
    #[error("text can only be replaced by text")]
    NotText,
    /// Something that is merged must be an object.
    #[error("only an object can be merged")]
    NotAnObject,
    /// An operation has no value.
    #[error("the operation {0} needs a value")]
    NoValue(&'static str),
    /// An operation has no anchor.
    #[error("an element that is put before or after another needs an anchor")]
    NoAnchor,
    /// The whole body cannot go.
    #[error("the whole body cannot be removed")]
    Whole,
    /// An action does not fit what it is for.
    #[error("{action} is no action on the {scope}")]
    Action {
        /// The action.
        action: String,
        /// `header` or `body`.
        scope: String,
    },
    /// The list of operations is wrong.
    #[error("the operations cannot be read: {0}")]
    Operations(String),
}

/// The changes of one filter: of the headers, and of the body.
pub type Operations = (Vec<HeaderChange>, Vec<BodyChange>);

/// A filter of one change, as its columns have it.
#[derive(Clone, Copy, Debug)]
pub struct Simple<'a> {
    /// `header` or `body`.
    pub scope: &'a str,
    /// `remove` or `set` of headers, `json_path` or `text_replace` of the body.
    pub action: &'a str,
    /// Of a text: `contains`, `exact` or `regex`; none is `contains`.
    pub match_type: Option<&'a str>,
    /// The header's name, the path, or the text.
    pub target: &'a str,
    /// What it becomes.
    pub replacement: Option<&'a Value>,
}

/// Reads a filter of one change.
///
/// # Errors
/// Says what is wrong with it.
pub fn read_simple(simple: Simple<'_>) -> Result<Operations, FilterError> {
    let value = || simple.replacement.cloned().unwrap_or(Value::Null);
    let change = match (simple.scope, simple.action) {
        ("header", "remove") => {
            let name = header_name(simple.target)?;
            return Ok((vec![HeaderChange::Remove { name }], Vec::new()));
        }
        ("header", "set") => {
            return Ok((vec![set_header(simple.target, &value(), false)?], Vec::new()));
        }
        ("body", "json_path") => set_body(simple.target, &value(), false)?,
        ("body", "text_replace") => BodyChange::Replace {
            what: text_match(simple.match_type.unwrap_or("contains"), simple.target)?,
            with: text(&simple.replacement.cloned().unwrap_or_else(|| "".into()))?.into(),
        },
        (scope, action) => {
            return Err(FilterError::Action { action: action.to_owned(), scope: scope.to_owned() });
        }
    };
    Ok((Vec::new(), vec![change]))
}

/// One operation as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    op: String,
    #[serde(default)]
    scope: Option<String>,
    path: String,
    #[serde(default, deserialize_with = "given")]
    value: Option<Value>,
    #[serde(default)]
    write_mode: Option<WriteMode>,
    #[serde(default)]
    matcher: Option<WrittenMatcher>,
    #[serde(default)]
    position: Option<Position>,
    #[serde(default)]
    anchor: Option<WrittenMatcher>,
    #[serde(default)]
    on_anchor_missing: Option<Missing>,
    #[serde(default)]
    dedupe: Option<Dedupe>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum WriteMode {
    Overwrite,
    IfMissing,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Position {
    Start,
    End,
    Before,
    After,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Missing {
    Start,
    End,
    Skip,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenMatcher {
    #[serde(default)]
    field: Option<String>,
    value: Value,
    #[serde(default)]
    match_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dedupe {
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    by_fields: Vec<String>,
}

const fn yes() -> bool {
    true
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads a list of operations.
///
/// # Errors
/// Says what is wrong with the first one that is.
pub fn read_operations(operations: &Value) -> Result<Operations, FilterError> {
    let written: Vec<Written> = Deserialize::deserialize(operations)
        .map_err(|error: serde_json::Error| FilterError::Operations(error.to_string()))?;
    if written.is_empty() || written.len() > MOST_OPERATIONS {
        let text = format!("there must be 1 to {MOST_OPERATIONS} of them");
        return Err(FilterError::Operations(text));
    }
    let (mut headers, mut body) = Operations::default();
    for one in written {
        match one.scope.as_deref() {
            Some("header") => headers.push(header_change(&one)?),
            Some("body") | None => body.push(body_change(one)?),
            Some(other) => return Err(FilterError::Operations(format!("no scope {other}"))),
        }
    }
    Ok((headers, body))
}

fn header_change(one: &Written) -> Result<HeaderChange, FilterError> {
    let value = || one.value.as_ref().ok_or(FilterError::NoValue("set"));
    let if_missing = one.write_mode == Some(WriteMode::IfMissing);
    match one.op.as_str() {
        "set" => set_header(&one.path, value()?, if_missing),
        "remove" => Ok(HeaderChange::Remove { name: header_name(&one.path)? }),
        other => Err(FilterError::Action { action: other.to_owned(), scope: "header".to_owned() }),
    }
}

fn body_change(one: Written) -> Result<BodyChange, FilterError> {
    let value = |name| one.value.as_ref().ok_or(FilterError::NoValue(name)).and_then(clean);
    let path = JsonPath::parse(&one.path)?;
    Ok(match one.op.as_str() {
        "set" => {
            let if_missing = one.write_mode == Some(WriteMode::IfMissing);
            BodyChange::Set { path, value: value("set")?.to_string().into(), if_missing }
        }
        "remove" => {
            let matching = one.matcher.map(matcher).transpose()?;
            if path.is_root() {
                return Err(FilterError::Whole);
            }
            BodyChange::Remove { path, matching }
        }
        "merge" => {
            let value = value("merge")?;
            if !value.is_object() {
                return Err(FilterError::NotAnObject);
            }
            BodyChange::Merge { path, value: value.clone() }
        }
        "insert" => {
            let value = value("insert")?.clone();
            let place = place(one.position, one.anchor, one.on_anchor_missing)?;
            let printed = value.to_string().into();
            BodyChange::Insert { path, value, printed, place, same_by: same_by(one.dedupe)? }
        }
        other => {
            let (action, scope) = (other.to_owned(), "body".to_owned());
            return Err(FilterError::Action { action, scope });
        }
    })
}

fn place(
    position: Option<Position>,
    anchor: Option<WrittenMatcher>,
    missing: Option<Missing>,
) -> Result<Place, FilterError> {
    let anchored = |anchor: Option<WrittenMatcher>| {
        let matcher = matcher(anchor.ok_or(FilterError::NoAnchor)?)?;
        let or_at_start = match missing {
            Some(Missing::Start) => Some(true),
            Some(Missing::End) | None => Some(false),
            Some(Missing::Skip) => None,
        };
        Ok::<_, FilterError>(Anchor { matcher, or_at_start })
    };
    Ok(match position {
        Some(Position::Start) => Place::Start,
        Some(Position::End) | None => Place::End,
        Some(Position::Before) => Place::Before(anchored(anchor)?),
        Some(Position::After) => Place::After(anchored(anchor)?),
    })
}

fn same_by(dedupe: Option<Dedupe>) -> Result<Option<Vec<JsonPath>>, FilterError> {
    let Some(dedupe) = dedupe else { return Ok(Some(Vec::new())) };
    if !dedupe.enabled {
        return Ok(None);
    }
    let paths = dedupe.by_fields.iter().map(|path| Ok(JsonPath::parse(path)?));
    paths.collect::<Result<_, FilterError>>().map(Some)
}

fn matcher(written: WrittenMatcher) -> Result<Matcher, FilterError> {
    let field = JsonPath::parse(written.field.as_deref().unwrap_or_default())?;
    let test = match written.match_type.as_deref() {
        None | Some("exact") => Test::Equal(written.value),
        Some(kind) => Test::Text(text_match(kind, &text(&written.value)?)?),
    };
    Ok(Matcher { field, test })
}

fn set_body(path: &str, value: &Value, if_missing: bool) -> Result<BodyChange, FilterError> {
    let path = JsonPath::parse(path)?;
    Ok(BodyChange::Set { path, value: clean(value)?.to_string().into(), if_missing })
}

fn set_header(name: &str, value: &Value, if_missing: bool) -> Result<HeaderChange, FilterError> {
    let value = text(value).map_err(|_| FilterError::HeaderValue)?;
    let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    if !is_plain {
        return Err(FilterError::HeaderValue);
    }
    let name = header_name(name)?;
    Ok(HeaderChange::Set { name, value: value.trim().into(), if_missing })
}

fn header_name(name: &str) -> Result<Box<str>, FilterError> {
    let name = name.trim().to_ascii_lowercase();
    if name.len() > 255 || !is_token(&name) {
        return Err(FilterError::HeaderName(name));
    }
    if is_framing(&name) { Err(FilterError::Framing(name)) } else { Ok(name.into()) }
}

fn text_match(kind: &str, text: &str) -> Result<TextMatch, FilterError> {
    if text.is_empty() || text.len() > LONGEST_TEXT {
        return Err(FilterError::Text);
    }
    Ok(match kind {
        "contains" => TextMatch::Contains(text.into()),
        "exact" => TextMatch::Exact(text.into()),
        "regex" => TextMatch::Regex(Expression::read(text, Case::Matters)?),
        other => return Err(FilterError::Operations(format!("no matchType {other}"))),
    })
}

/// Reads a scalar as text.
fn text(value: &Value) -> Result<String, FilterError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(FilterError::NotText),
    }
}

/// Refuses a value that has names that are never written.
fn clean(value: &Value) -> Result<&Value, FilterError> {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                allowed(name)?;
                clean(member)?;
            }
        }
        Value::Array(elements) => {
            for element in elements {
                clean(element)?;
            }
        }
        _ => {}
    }
    Ok(value)
}
