//! Addresses: of the rows behind a figure, and of this page seen another way.

use jiff::tz::TimeZone;
use switchyard_actors::domain::instant::Micros;

use super::super::frame::{address, time};
use crate::app::overview::{Asked, Metric, Range};

/// Returns the address of the requests that a filter finds.
#[must_use]
pub fn rows(filter: &[(&str, &str)]) -> String {
    address("/requests", filter, None)
}

/// Writes an instant as the filter of requests reads it: by the clock of the deployment.
#[must_use]
pub fn instant(at: Micros, zone: &TimeZone) -> String {
    time::local(at.0, "%Y-%m-%dT%H:%M", zone)
}

/// Returns the address of this page with another chart; what is the default is left out.
#[must_use]
pub fn chart(asked: Asked) -> String {
    let range = if asked.range == Range::default() { "" } else { asked.range.name() };
    let metric = if asked.metric == Metric::default() { "" } else { asked.metric.name() };
    let by = asked.by.map_or("", |by| by.name());
    address("/dashboard", &[("range", range), ("metric", metric), ("by", by)], None)
}
