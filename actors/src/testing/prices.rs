//! Prices for tests.

use std::sync::Arc;

use crate::domain::ids::PriceId;
use crate::domain::money::parse_decimal;
use crate::domain::price::{ModelPrice, PriceSource, Rates};

/// Makes the price of a model `m`: input is free, an output token is a thousandth of a cent.
#[must_use]
pub fn price() -> Arc<ModelPrice> {
    let rates =
        Rates { input: parse_decimal("0"), output: parse_decimal("0.00001"), ..Rates::default() };
    Arc::new(ModelPrice {
        id: PriceId(1),
        model: Arc::from("m"),
        source: PriceSource::Manual,
        rates,
        long_context: Vec::new(),
        priority: None,
        per_request: None,
        max_output: None,
        mode: None,
    })
}
