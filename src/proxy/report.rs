//! One line in the log and a handful of figures at the end of each request.

use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::ledger::LedgerRow;

use crate::metrics::Metrics;

/// Reports a finished request.
pub fn request(metrics: &Metrics, caller: &Caller, row: &LedgerRow) {
    let millis = std::time::Duration::from_millis;
    let first_byte = row.sent_status.and(row.first_byte_ms).map(millis);
    metrics.request_ended(row.opened.dialect, row.outcome, millis(row.duration_ms), first_byte);
    match row.unbilled.as_deref() {
        Some("unmetered") => metrics.unmetered_rows.inc(),
        Some("unpriced") => metrics.unpriced_rows.inc(),
        _ => {}
    }
    let chain: Vec<&str> = row.chain.iter().map(|link| link.name.as_ref()).collect();
    let usage = row.usage.unwrap_or_default();
    tracing::info!(
        request.id = %row.opened.id,
        user = %caller.user_name,
        key.id = row.opened.key.0,
        session = row.opened.session.as_ref().map(|session| session.0.as_ref()),
        dialect = row.opened.dialect.name(),
        model = row.opened.model.as_deref(),
        provider.chain = chain.join(" > "),
        outcome = row.outcome.name(),
        status = row.status,
        tokens.known = row.usage.is_some(),
        tokens.input = usage.input,
        tokens.output = usage.output,
        tokens.cache_write = usage.cache_write_5m + usage.cache_write_1h,
        tokens.cache_read = usage.cache_read,
        cost_usd = row.cost.as_ref().map(|cost| cost.cost.to_string()),
        unbilled = row.unbilled.as_deref(),
        first_byte_ms = row.first_byte_ms,
        first_content_ms = row.first_content_ms,
        duration_ms = row.duration_ms,
        error = row.error.as_deref(),
        "request ended"
    );
}
