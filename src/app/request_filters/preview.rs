//! Tries filters on a request that somebody types: nothing is kept and nothing is sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::filters::RequestFilter;

use super::edit::no_filter;
use super::{creating, draft, previewing};
use crate::app::shape::Body;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{FilterFields, aside};
use crate::wire::filter::{Json, Unfit, change_body, change_headers, has_member, stream_of};
use crate::wire::request;

/// The largest body that a preview makes, in bytes.
const MOST: usize = 4 << 20;

type Headers = Vec<(String, String)>;

/// What became of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The filters that changed it, as rows name them.
    pub edits: Vec<String>,
    /// The filters that could not be applied, and why.
    pub notes: Vec<String>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, to the byte.
    pub body: String,
}

/// Tries a kept filter, one that is only typed, or all that are on for everybody.
///
/// # Errors
/// Says what is wrong with the filter, or that there is no such one.
pub async fn preview(app: &AppContext, actor: &Actor, raw: &Value) -> Result<Preview, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = previewing().check(raw, &app.moment())?;
    let filters = filters(app, &body, raw).await?;
    let given = body.value("headers").and_then(Value::as_object);
    let headers: Headers = given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
        .collect();
    let text = body.text("body").unwrap_or_default().to_owned();
    // A pattern may take a while.
    Ok(aside(move || try_all(&filters, headers, text)).await?)
}

async fn filters(
    app: &AppContext,
    body: &Body,
    raw: &Value,
) -> Result<Vec<RequestFilter>, AppError> {
    if let Some(id) = body.int("id") {
        let mut tx = app.store.snapshot().await?;
        let stored = tx.request_filter(id).await?.ok_or_else(no_filter)?;
        drop(tx);
        return filter(stored.fields, id).await;
    }
    if let Some(typed) = raw.get("filter") {
        let fields = draft::over(draft::blank(), &creating().check(typed, &app.moment())?)?;
        draft::judge(app, &fields, None).await?;
        return filter(fields, 0).await;
    }
    let running = app.store.running_filters().await?;
    Ok(running.for_everybody().cloned().collect())
}

async fn filter(fields: FilterFields, id: i64) -> Result<Vec<RequestFilter>, AppError> {
    Ok(aside(move || vec![fields.filter(id)]).await?)
}

fn try_all(filters: &[RequestFilter], mut headers: Headers, mut text: String) -> Preview {
    let mut shown = Preview::default();
    for filter in filters {
        try_one(filter, &mut headers, &mut text, &mut shown);
    }
    shown.headers = headers.into_iter().collect();
    shown.body = text;
    shown
}

/// Says why a filter is left out although it can make its changes, as the relay does. A body that is no request
/// before may be anything afterwards.
fn fits(filter: &RequestFilter, before: &[u8], after: &[u8]) -> Result<(), String> {
    let Some(dialect) = dialect(before) else { return Ok(()) };
    if filter.runs_before_choice() {
        let facts = request::facts(dialect, Operation::Generate, after);
        return facts.map(drop).map_err(|error| error.to_string());
    }
    if !dialect.is_gemini() && stream_of(before) != stream_of(after) {
        return Err(Unfit::Stream.to_string());
    }
    Ok(())
}

/// Guesses the format of a request by what only it has; nobody types a path. `None` when it is none.
fn dialect(body: &[u8]) -> Option<Dialect> {
    let dialect = match body {
        body if has_member(body, "contents") => Dialect::Gemini,
        body if has_member(body, "request") => Dialect::GeminiCli,
        body if has_member(body, "input") => Dialect::Responses,
        _ => Dialect::Anthropic,
    };
    request::facts(dialect, Operation::Generate, body).is_ok().then_some(dialect)
}

fn try_one(filter: &RequestFilter, headers: &mut Headers, text: &mut String, shown: &mut Preview) {
    let has_body = !filter.body.is_empty() && !text.is_empty();
    let changed = match &filter.fault {
        Some(fault) => Err(Unfit::Unreadable(fault.to_string())),
        None if has_body => {
            Json::read(text.clone().into()).and_then(|json| change_body(filter, &json, MOST))
        }
        None => Ok(None),
    };
    let fitting = changed.map_err(|why| why.to_string()).and_then(|body| match body {
        Some(after) => fits(filter, text.as_bytes(), after.bytes()).map(|()| Some(after)),
        None => Ok(None),
    });
    let body = match fitting {
        Ok(body) => body,
        Err(why) => {
            shown.notes.push(filter.note(&why).to_string());
            return;
        }
    };
    let is_changed = change_headers(filter, headers) || body.is_some();
    if let Some(body) = body {
        // It came from text, and only text was put in.
        *text = String::from_utf8_lossy(body.bytes()).into_owned();
    }
    if is_changed {
        shown.edits.push(filter.edit_name().to_string());
    }
}
