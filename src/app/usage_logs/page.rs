//! Reads a page of the ledger, with the sums of its whole filter.

use serde::Serialize;
use serde_json::Value as Document;
use switchyard_actors::domain::instant::Micros;

use super::entry::Entry;
use super::veil::for_eyes;
use crate::app::figure::Exact;
use crate::app::shape::{Body, Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError};
use crate::store::{LedgerFilter, LedgerSummary, Page};

const PAGE_SIZE: i64 = 50;

/// What the requests of a filter add up to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many there are.
    pub total_requests: u64,
    /// Their cost in dollars.
    pub total_cost: Exact,
    /// All tokens.
    pub total_tokens: u64,
    /// Tokens in, the cache's apart.
    pub total_input_tokens: u64,
    /// Tokens out.
    pub total_output_tokens: u64,
    /// Tokens written to the cache.
    pub total_cache_creation_tokens: u64,
    /// Tokens read from the cache.
    pub total_cache_read_tokens: u64,
    /// Tokens written to the cache for five minutes.
    pub total_cache_creation5m_tokens: u64,
    /// Tokens written to the cache for an hour.
    pub total_cache_creation1h_tokens: u64,
}

/// A page of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogPage {
    /// Requests, the newest first.
    pub logs: Vec<Entry>,
    /// How many there are in all.
    pub total: u64,
    /// What they add up to.
    pub summary: Summary,
}

/// Returns what the body of a query may hold. The dates are checked and not obeyed, as in the
/// original; `startTime` and `endTime` (milliseconds since 1970) are what it obeys.
#[must_use]
pub fn asking() -> Shape {
    Shape::from([
        Field::optional("userId", Rule::ID).about("Only for admins; others see their own."),
        Field::optional("keyId", Rule::ID),
        Field::optional("providerId", Rule::ID),
        Field::optional("startDate", Rule::Instant).about("Checked, without effect."),
        Field::optional("endDate", Rule::Instant).about("Checked, without effect."),
        Field::optional("startDateLocal", Rule::TEXT).about("Without effect."),
        Field::optional("endDateLocal", Rule::TEXT).about("Without effect."),
        Field::optional("model", Rule::TEXT).about("The model that was asked for."),
        Field::optional("endpoint", Rule::TEXT).about("The path."),
        Field::optional("statusCode", Rule::NUMBER),
        Field::optional("excludeStatusCode200", Rule::Flag)
            .about("Ignored when statusCode is given."),
        Field::optional("minRetryCount", Rule::integer(0, 9_007_199_254_740_991))
            .about("Tries after the first, at least."),
        Field::optional("pageSize", Rule::integer(1, 100)).about("50 when it is absent."),
        Field::optional("page", Rule::integer(1, 9_007_199_254_740_991)).about("From 1."),
    ])
}

/// Reads a page of the ledger; others than admins see their own requests only.
///
/// # Errors
/// Says what is wrong with the body.
pub async fn page(app: &AppContext, actor: &Actor, raw: &Document) -> Result<LogPage, AppError> {
    let body = asking().check(raw, &app.moment())?;
    let filter = filter(actor, &body, raw)?;
    let size = body.int("pageSize").unwrap_or(PAGE_SIZE);
    let number = body.int("page").unwrap_or(1);
    let page = Page {
        before: None,
        offset: u64::try_from(size.saturating_mul(number.saturating_sub(1))).unwrap_or(0),
        limit: u32::try_from(size).unwrap_or(u32::MAX),
    };
    let entries = app.store.ledger_page(&filter, page).await?;
    let summary = summary(&app.store.ledger_summary(&filter).await?);
    let shown: Vec<_> = entries.into_iter().map(|entry| for_eyes(actor, entry)).collect();
    Ok(LogPage {
        logs: shown.iter().map(|entry| Entry::shown_to(actor, entry)).collect(),
        total: summary.total_requests,
        summary,
    })
}

fn filter(actor: &Actor, body: &Body, raw: &Document) -> Result<LedgerFilter, AppError> {
    let own = super::browse::own(actor)?;
    let given = |name| body.has(name).then_some(());
    let text = |name| body.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(LedgerFilter {
        user: own.or_else(|| given("userId").map(|()| body.user("userId"))),
        key: given("keyId").map(|()| body.key("keyId")),
        provider: given("providerId").map(|()| body.provider("providerId")),
        model: text("model"),
        path: text("endpoint"),
        status: given("statusCode").map(|()| status(body)),
        statuses: None,
        faults: false,
        exclude_200: body.flag("excludeStatusCode200").unwrap_or(false),
        min_retries: body.int("minRetryCount").map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX)),
        session: None,
        from: instant(raw, "startTime"),
        to: instant(raw, "endTime"),
    })
}

/// Reads a status; one that no row can have finds no row.
fn status(body: &Body) -> u16 {
    body.int("statusCode").and_then(|status| u16::try_from(status).ok()).unwrap_or(u16::MAX)
}

fn instant(raw: &Document, name: &str) -> Option<Micros> {
    raw.get(name)?.as_i64().map(Micros::from_millis)
}

fn summary(sums: &LedgerSummary) -> Summary {
    let usage = &sums.usage;
    Summary {
        total_requests: sums.requests,
        total_cost: Exact::dollars(sums.cost),
        total_tokens: usage.total(),
        total_input_tokens: usage.input.saturating_add(usage.image_input),
        total_output_tokens: usage.output.saturating_add(usage.image_output),
        total_cache_creation_tokens: usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        total_cache_read_tokens: usage.cache_read,
        total_cache_creation5m_tokens: usage.cache_write_5m,
        total_cache_creation1h_tokens: usage.cache_write_1h,
    }
}
