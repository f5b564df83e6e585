//! One price object of the table as a price: every rate exact, nothing guessed. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::ids::PriceId;
use crate::domain::money::parse_decimal;
use crate::domain::price::{LongContext, ModelPrice, PriceSource, Rates};

use super::catalog::object;

/// The table writes thresholds as `_above_200k_tokens`; its `k` is a thousand.
const LONG: &str = "_above_";
const LONG_END: &str = "k_tokens";
/// What the priority service tier's rates end with.
const PRIORITY: &str = "_priority";

/// Reads one price object. `None` when it is no object, has a rate that is no number of zero or
/// more, or has no rate by which Switchyard can bill (by second, by page, ...).
#[must_use]
pub fn parse_entry(
    id: PriceId,
    model: &str,
    source: PriceSource,
    json: &str,
) -> Option<ModelPrice> {
    let price = Fields(object(json)?).price(id, model, source).ok()?;
    let billable = price.rates != Rates::default() || price.per_request.is_some();
    billable.then_some(price)
}

/// A rate that is no number of zero or more.
struct Damaged;

/// The fields of one price object.
struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl Fields<'_> {
    fn price(&self, id: PriceId, model: &str, source: PriceSource) -> Result<ModelPrice, Damaged> {
        let rates = self.rates("")?;
        let priority = self.rates(PRIORITY)?;
        Ok(ModelPrice {
            id,
            model: Arc::from(model),
            source,
            long_context: self.long_context()?,
            priority: (priority != Rates::default()).then_some(priority),
            per_request: self.per_request(&rates)?,
            max_output: self.count("max_output_tokens"),
            mode: self.text("mode").map(Arc::from),
            rates,
        })
    }

    /// Reads the rates whose names end with `suffix`.
    fn rates(&self, suffix: &str) -> Result<Rates, Damaged> {
        let rate = |name: &str| self.rate(&format!("{name}{suffix}"));
        Ok(Rates {
            input: rate("input_cost_per_token")?,
            output: rate("output_cost_per_token")?,
            cache_read: rate("cache_read_input_token_cost")?,
            cache_write_5m: rate("cache_creation_input_token_cost")?,
            cache_write_1h: rate("cache_creation_input_token_cost_above_1hr")?,
            image_input: rate("input_cost_per_image_token")?,
            image_output: rate("output_cost_per_image_token")?,
        })
    }

    /// Reads every threshold the object names, by rising threshold.
    fn long_context(&self) -> Result<Vec<LongContext>, Damaged> {
        let mut thresholds: Vec<u64> = self.0.keys().filter_map(|name| threshold(name)).collect();
        thresholds.sort_unstable();
        thresholds.dedup();
        let read = |thousands: u64| {
            let rates = self.rates(&format!("{LONG}{thousands}{LONG_END}"))?;
            Ok(LongContext { above: thousands.checked_mul(1_000).ok_or(Damaged)?, rates })
        };
        let all: Result<Vec<_>, Damaged> = thresholds.into_iter().map(read).collect();
        Ok(all?.into_iter().filter(|long| long.rates != Rates::default()).collect())
    }

    /// Reads the fee of a request. An image model without token rates is priced by the image, and
    /// one image is what a request is for unless it says otherwise.
    fn per_request(&self, rates: &Rates) -> Result<Option<Decimal>, Damaged> {
        let fee = self.rate("input_cost_per_request")?;
        let images = self.text("mode").is_some_and(|mode| mode.starts_with("image"));
        if fee.is_some() || !images || *rates != Rates::default() {
            return Ok(fee);
        }
        Ok(self.rate("output_cost_per_image")?.or(self.rate("input_cost_per_image")?))
    }

    /// Reads a rate, `None` when it is absent.
    fn rate(&self, name: &str) -> Result<Option<Decimal>, Damaged> {
        let Some(value) = self.0.get(name).filter(|value| value.get() != "null") else {
            return Ok(None);
        };
        let rate = parse_decimal(value.get().trim_matches('"')).ok_or(Damaged)?;
        if rate.is_sign_negative() { Err(Damaged) } else { Ok(Some(rate)) }
    }

    /// Reads a whole number, also when it is written as `8192.0` or as text.
    fn count(&self, name: &str) -> Option<u64> {
        let number = parse_decimal(self.0.get(name)?.get().trim_matches('"'))?;
        if number.fract().is_zero() { u64::try_from(number.trunc()).ok() } else { None }
    }

    /// Reads a text.
    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }
}

/// Returns the thousands of a field name that ends with `_above_<n>k_tokens`.
fn threshold(name: &str) -> Option<u64> {
    name.strip_suffix(LONG_END)?.rsplit_once(LONG)?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<ModelPrice> {
        parse_entry(PriceId(7), "m", PriceSource::Synced, json)
    }

    fn rate(text: &str) -> Option<Decimal> {
        parse_decimal(text)
    }

    #[test]
    fn every_rate_is_read_exactly() {
        let price = read(
            r#"{"mode":"chat","input_cost_per_token":3e-06,"output_cost_per_token":"0.000015",
            "cache_creation_input_token_cost":3.75e-06,"cache_read_input_token_cost":3.0000000000000001e-07,
            "cache_creation_input_token_cost_above_1hr":6e-06,"max_output_tokens":64000.0,
            "input_cost_per_token_above_200k_tokens":6e-06,"output_cost_per_token_above_200k_tokens":2.25e-05,
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens":1.2e-05,
            "input_cost_per_token_priority":5e-06,"input_cost_per_image_token":1e-05,
            "search_context_cost_per_query":{"search_context_size_low":0.01}}"#,
        )
        .unwrap();
        let rates = Rates {
            input: rate("0.000003"),
            output: rate("0.000015"),
            cache_write_5m: rate("0.00000375"),
            cache_write_1h: rate("0.000006"),
            cache_read: rate("0.00000030000000000000001"),
            image_input: rate("0.00001"),
            image_output: None,
        };
        assert_eq!(price.rates, rates);
        let long = Rates {
            input: rate("0.000006"),
            output: rate("0.0000225"),
            cache_write_1h: rate("0.000012"),
            ..Rates::default()
        };
        assert_eq!(price.long_context, [LongContext { above: 200_000, rates: long }]);
        let priority = Rates { input: rate("0.000005"), ..Rates::default() };
        assert_eq!(price.priority, Some(priority));
        assert_eq!((price.max_output, price.mode.as_deref()), (Some(64_000), Some("chat")));
    }

    #[test]
    fn thresholds_rise() {
        let price = read(
            r#"{"mode":"chat","input_cost_per_token":1e-06,"input_cost_per_token_above_272k_tokens":3e-06,
            "input_cost_per_token_above_128k_tokens":2e-06}"#,
        );
        let above: Vec<_> = price.unwrap().long_context.iter().map(|long| long.above).collect();
        assert_eq!(above, [128_000, 272_000]);
    }

    #[test]
    fn images_cost_by_the_request_only_where_no_token_rate_says_otherwise() {
        let image = r#"{"mode":"image_generation","input_cost_per_image":0.04}"#;
        assert_eq!(read(image).unwrap().per_request, rate("0.04"));
        let chat = r#"{"mode":"chat","input_cost_per_token":1e-06,"input_cost_per_image":0.04}"#;
        assert_eq!(read(chat).unwrap().per_request, None);
        let fee = r#"{"mode":"chat","input_cost_per_request":0.005}"#;
        assert_eq!(read(fee).unwrap().per_request, rate("0.005"));
    }

    #[test]
    fn a_price_that_is_damaged_or_not_ours_to_count_is_no_price() {
        for json in [
            "7",
            r#"{"mode":"chat"}"#,
            r#"{"mode":"audio_transcription","input_cost_per_second":0.0001}"#,
            r#"{"mode":"chat","input_cost_per_token":"cheap"}"#,
            r#"{"mode":"chat","input_cost_per_token":-1e-06}"#,
            r#"{"mode":"chat","input_cost_per_token":1e-06,"output_cost_per_token":[]}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        let free = read(r#"{"mode":"chat","input_cost_per_token":0,"output_cost_per_token":null}"#);
        assert_eq!(free.unwrap().rates.input, Some(Decimal::ZERO), "free is a price");
    }
}
