//! A ledger row as columns, and back.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use std::sync::Arc;
use switchyard_actors::domain::decision::ChainLink;
use switchyard_actors::domain::ids::{KeyId, PriceId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use switchyard_actors::domain::usage::Usage;

use super::contexts::{Contexts, shorten};
use super::slots::latency_bucket;
use crate::store::error::StoreError;
use crate::store::text::Text;
use crate::store::value::{Row, Value};

/// Names that clients choose are cut here: an index of PostgreSQL takes no entry over 2.7 KB, and
/// one such row would stop its whole batch.
pub(super) const LONGEST_NAME: usize = 256;
/// Paths, agents and errors are for reading.
pub(super) const LONGEST_TEXT: usize = 2_048;

/// Parameters of `ledger/insert`.
const COLUMNS: usize = 52;

/// Returns the parameters of `ledger/insert`.
pub(super) fn params<'rows>(
    row: &'rows LedgerRow,
    contexts: &mut Contexts<'rows>,
) -> Result<Vec<Value>, StoreError> {
    let mut params = Vec::with_capacity(COLUMNS);
    opened(&mut params, &row.opened, row.ended_at);
    params.extend([
        fixed(row.outcome.name()),
        Value::from(row.status),
        Value::from(row.sent_status),
        Value::from(row.provider),
        clip(row.group.as_ref(), LONGEST_NAME),
        clip(row.upstream_model.as_ref(), LONGEST_NAME),
        clip(row.response_model.as_ref(), LONGEST_NAME),
    ]);
    params.extend(tokens(row.usage.as_ref()));
    params.push(Value::from(row.usage_complete));
    params.extend(money(row.cost.as_ref(), row.terms.as_ref()));
    params.extend([
        Value::from(row.unbilled.as_ref()),
        Value::from(row.first_byte_ms),
        Value::from(row.first_content_ms),
        Value::from(row.duration_ms),
        Value::from(latency_bucket(row.duration_ms)),
        Value::from(row.first_content_ms.map(latency_bucket)),
        Value::from(row.retries()),
        shorten(&row.chain, contexts)?,
        list(&row.edits)?,
        list(&row.notes)?,
        clip(row.error.as_ref(), LONGEST_TEXT),
        row.refusal.as_ref().map_or(Ok(Value::Null), Value::json)?,
        Value::from(row.catalogue),
        Value::from(row.messages),
    ]);
    params.extend(bill(row.terms.as_ref()));
    params.push(list(&row.losses)?);
    Ok(params)
}

fn opened(params: &mut Vec<Value>, opened: &Opened, ended_at: Micros) {
    let session = opened.session.as_ref().map(|session| &session.0);
    params.extend([
        Value::from(opened.id),
        Value::from(opened.started_at),
        Value::from(ended_at),
        Value::from(opened.user),
        Value::from(opened.key),
        clip(session, LONGEST_NAME),
        fixed(opened.dialect.name()),
        fixed(opened.operation.name()),
        clip(Some(&opened.path), LONGEST_TEXT),
        model(opened),
        Value::from(opened.stream),
        Value::from(opened.estimate),
        clip(opened.client_ip.as_ref(), LONGEST_NAME),
        clip(opened.user_agent.as_ref(), LONGEST_TEXT),
    ]);
}

/// Returns the model that was asked for, as a row keeps it.
pub(super) fn model(opened: &Opened) -> Value {
    clip(opened.model.as_ref(), LONGEST_NAME)
}

/// Makes a value of text that is part of the program.
const fn fixed(text: &'static str) -> Value {
    Value::Text(Text::Fixed(text))
}

/// Cuts a text between characters; one that is short enough is not copied.
fn clip(text: Option<&Arc<str>>, longest: usize) -> Value {
    let Some(text) = text else { return Value::Null };
    let head = kept(text, longest);
    if head.len() < text.len() { Value::from(head) } else { Value::from(text) }
}

/// Returns what is kept of a text: all of it, or what comes before the bound, cut between
/// characters.
pub(super) fn kept(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest)).unwrap_or(text)
}

/// Prints a list of texts; most rows have none.
fn list(texts: &[Arc<str>]) -> Result<Value, StoreError> {
    if texts.is_empty() {
        return Ok(Value::Json(Text::Fixed("[]")));
    }
    Value::json(texts)
}

fn bill(terms: Option<&Terms>) -> [Value; 2] {
    let Some(terms) = terms else { return [Value::Null, Value::Null] };
    [fixed(terms.tier.name()), fixed(terms.billed_model.name())]
}

fn tokens(usage: Option<&Usage>) -> [Value; 8] {
    let count = |read: fn(&Usage) -> u64| Value::from(usage.map(read));
    [
        count(|usage| usage.input),
        count(|usage| usage.output),
        count(|usage| usage.reasoning),
        count(|usage| usage.cache_write_5m),
        count(|usage| usage.cache_write_1h),
        count(|usage| usage.cache_read),
        count(|usage| usage.image_input),
        count(|usage| usage.image_output),
    ]
}

fn money(cost: Option<&RowCost>, terms: Option<&Terms>) -> [Value; 5] {
    [
        Value::from(cost.map(|cost| cost.cost)),
        Value::from(cost.map(|cost| cost.list)),
        Value::from(terms.map(|terms| &terms.provider_factor)),
        Value::from(terms.map(|terms| &terms.group_factor)),
        Value::from(cost.map(|cost| cost.price)),
    ]
}

/// Reads a row of `ledger/rows`, its chain apart.
pub(super) fn read(row: &Row, chain: Vec<ChainLink>) -> Result<LedgerRow, StoreError> {
    let shared = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(Arc::<str>::from));
    let status = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(status));
    Ok(LedgerRow {
        opened: read_opened(row)?,
        ended_at: row.instant("ended_at")?,
        outcome: named(row, "outcome")?,
        status: status("status")?.unwrap_or(0),
        sent_status: status("sent_status")?,
        provider: row.opt_int("provider_id")?.map(ProviderId),
        group: shared("group_name")?,
        upstream_model: shared("upstream_model")?,
        response_model: shared("response_model")?,
        usage: read_usage(row)?,
        usage_complete: row.flag("is_usage_complete")?,
        cost: read_cost(row)?,
        terms: read_terms(row)?,
        unbilled: shared("unbilled")?,
        first_byte_ms: row.opt_count("first_byte_ms")?,
        first_content_ms: row.opt_count("first_content_ms")?,
        duration_ms: row.opt_count("duration_ms")?.unwrap_or(0),
        chain,
        edits: row.json("edits")?,
        notes: row.json("notes")?,
        error: shared("error")?,
        refusal: row.opt_json("refusal")?,
        catalogue: row.int("catalogue")?,
        messages: row.opt_int("messages")?.and_then(|count| u32::try_from(count).ok()),
        losses: row.json("losses")?,
    })
}

fn read_opened(row: &Row) -> Result<Opened, StoreError> {
    let shared = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(Arc::<str>::from));
    Ok(Opened {
        id: row.request_id("request_id")?,
        started_at: row.instant("started_at")?,
        user: UserId(row.int("user_id")?),
        key: KeyId(row.int("key_id")?),
        session: shared("session_id")?.map(SessionId),
        dialect: named(row, "dialect")?,
        operation: named(row, "operation")?,
        path: Arc::from(row.text("path")?),
        model: shared("model")?,
        stream: row.flag("is_stream")?,
        estimate: row.money("estimate")?,
        client_ip: shared("client_ip")?,
        user_agent: shared("user_agent")?,
    })
}

pub(super) fn read_usage(row: &Row) -> Result<Option<Usage>, StoreError> {
    let count = |column| Ok::<_, StoreError>(row.opt_count(column)?.unwrap_or(0));
    let Some(input) = row.opt_count("input_tokens")? else { return Ok(None) };
    Ok(Some(Usage {
        input,
        output: count("output_tokens")?,
        reasoning: count("reasoning_tokens")?,
        cache_write_5m: count("cache_write_5m_tokens")?,
        cache_write_1h: count("cache_write_1h_tokens")?,
        cache_read: count("cache_read_tokens")?,
        image_input: count("image_input_tokens")?,
        image_output: count("image_output_tokens")?,
    }))
}

fn read_cost(row: &Row) -> Result<Option<RowCost>, StoreError> {
    let Some(cost) = row.opt_money("cost")? else { return Ok(None) };
    Ok(Some(RowCost { cost, list: row.money("list_cost")?, price: PriceId(row.int("price_id")?) }))
}

pub(super) fn read_terms(row: &Row) -> Result<Option<Terms>, StoreError> {
    let Some(provider_factor) = row.opt_text("provider_factor")? else { return Ok(None) };
    Ok(Some(Terms {
        provider_factor: Arc::from(provider_factor),
        group_factor: Arc::from(row.text("group_factor")?),
        tier: named(row, "service_tier")?,
        billed_model: named(row, "billed_model")?,
    }))
}

fn status(number: i64) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

/// Reads a column that holds the stable name of a unit variant.
fn named<'de, T: Deserialize<'de>>(row: &Row, column: &str) -> Result<T, StoreError> {
    let text: StrDeserializer<'_, serde::de::value::Error> = row.text(column)?.into_deserializer();
    T::deserialize(text).map_err(|error| StoreError::row(column, error.to_string()))
}
