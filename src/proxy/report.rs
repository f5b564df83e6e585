//! One line in the log and a handful of figures at the end of each request.

use std::fmt;
use std::time::Duration;

use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};

use super::flight::Flight;
use crate::metrics::Metrics;

/// Reports a finished request.
pub fn request(flight: &Flight, row: &LedgerRow) {
    let shared = &flight.worker.shared;
    count(&shared.metrics, row);
    if shared.config.log_requests {
        log(flight, row);
    }
}

fn count(metrics: &Metrics, row: &LedgerRow) {
    let millis = Duration::from_millis;
    let first_byte = row.sent_status.and(row.first_byte_ms).map(millis);
    metrics.request_ended(row.opened.dialect, row.outcome, millis(row.duration_ms), first_byte);
    match row.unbilled.as_deref() {
        Some("unmetered") => metrics.unmetered_rows.inc(),
        Some("unpriced") => metrics.unpriced_rows.inc(),
        _ => {}
    }
}

/// Writes the line that `docs/LOGGING.md` describes; a field whose value is unknown is left out.
fn log(flight: &Flight, row: &LedgerRow) {
    let (opened, usage) = (&row.opened, row.usage.as_ref());
    tracing::info!(
        target: "switchyard::request",
        // As a field, since the sentence has no arguments: formatting it costs more than a copy.
        message = "request ended",
        request.id = %opened.id,
        user = flight.caller.user_name.as_ref(),
        user.id = opened.user.0,
        key.id = opened.key.0,
        session = opened.session.as_ref().map(|session| session.0.as_ref()),
        client.ip = opened.client_ip.as_deref(),
        dialect = opened.dialect.name(),
        operation = opened.operation.name(),
        model = opened.model.as_deref(),
        model.upstream = row.upstream_model.as_deref(),
        stream = opened.stream,
        provider.id = server(row).map(|provider| provider.0),
        provider.chain = (!flight.tries.is_empty()).then(|| tracing::field::display(Chain(&flight.tries))),
        status = row.status,
        outcome = row.outcome.name(),
        limit = row.refusal.as_ref().map(|refusal| refusal.kind.name()),
        tokens.input = usage.map(|usage| usage.input),
        tokens.output = usage.map(|usage| usage.output),
        tokens.cache_write_5m = usage.map(|usage| usage.cache_write_5m),
        tokens.cache_write_1h = usage.map(|usage| usage.cache_write_1h),
        tokens.cache_read = usage.map(|usage| usage.cache_read),
        tokens.reasoning = usage.map(|usage| usage.reasoning).filter(|tokens| *tokens > 0),
        usage.complete = usage.map(|_| row.usage_complete),
        cost_usd = row.cost.as_ref().map(|cost| tracing::field::display(cost.cost)),
        unbilled = row.unbilled.as_deref(),
        first_byte_ms = row.first_byte_ms,
        duration_ms = row.duration_ms,
        "bytes.in" = flight.body_bytes,
        "bytes.out" = flight.bytes_out,
        error = row.error.as_deref(),
    );
}

/// Returns the provider whose answer the client got.
fn server(row: &LedgerRow) -> Option<ProviderId> {
    let answered = row.sent_status.is_some() || row.outcome == RowOutcome::ClientError;
    row.provider.filter(|_| answered)
}

/// Every try as `id:outcome`, joined by `>`.
struct Chain<'a>(&'a [(ProviderId, TryOutcome)]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (provider, outcome)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(">")?;
            }
            f.write_str(itoa::Buffer::new().format(provider.0))?;
            f.write_str(":")?;
            f.write_str(outcome.name())?;
        }
        Ok(())
    }
}
