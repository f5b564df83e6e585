//! Looks through the prices in force, a page at a time, with rates as people compare them.

use rust_decimal::Decimal;
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::price::{ModelPrice, PriceSource};
use switchyard_actors::price_sync::parse_entry;

use crate::app::{AppContext, AppError, figure};
use crate::store::{FoundPrice, PriceCounts, PriceSearch};

/// A page of prices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PricePage {
    /// The prices, by name.
    pub prices: Vec<PriceInForce>,
    /// How many there are of each source, on all pages, whatever source was asked for.
    pub counts: PriceCounts,
    /// The model that the next page begins behind, when there is one.
    pub next: Option<String>,
    /// There is any price at all.
    pub has_any: bool,
}

/// A model's price in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceInForce {
    /// The version, as rows of the ledger name it.
    pub id: i64,
    /// The model.
    pub model: String,
    /// Where it came from.
    pub source: PriceSource,
    /// When this version came.
    pub since: Micros,
    /// What it costs; `None` when requests cannot be billed by it.
    pub rates: Option<MillionRates>,
}

/// Dollars a million tokens, every digit; `None` is "the sheet does not say".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MillionRates {
    /// Plain input.
    pub input: Option<String>,
    /// Output.
    pub output: Option<String>,
    /// Input read from the cache.
    pub cache_read: Option<String>,
    /// Input written to the cache for five minutes.
    pub cache_write: Option<String>,
    /// Input written to the cache for an hour, when the sheet has a rate of its own for it.
    pub cache_write_hour: Option<String>,
    /// Dollars a request, on top.
    pub per_request: Option<String>,
    /// The tokens above which a request costs more.
    pub long_above: Option<u64>,
    /// The priority tier has rates of its own.
    pub has_priority: bool,
    /// What the model is for: `chat`, `embedding`, ...
    pub mode: Option<String>,
}

/// Finds prices in force; `limit` of them at most.
///
/// # Errors
/// The database failed.
pub async fn search(
    app: &AppContext,
    search: PriceSearch<'_>,
    limit: u32,
) -> Result<PricePage, AppError> {
    // One more tells whether there is a next page.
    let mut found = app.store.search_prices(search, limit.saturating_add(1)).await?;
    let counts = app.store.count_prices(search.part).await?;
    let has_any = counts.all() > 0 || app.store.has_prices().await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|last| last.model.clone());
    Ok(PricePage { prices: found.into_iter().map(in_force).collect(), counts, next, has_any })
}

fn in_force(found: FoundPrice) -> PriceInForce {
    let FoundPrice { id, model, source, body, since } = found;
    let price = parse_entry(PriceId(id), &model, source, &body);
    PriceInForce { id, model, source, since, rates: price.as_ref().map(rates) }
}

fn rates(price: &ModelPrice) -> MillionRates {
    let million = |rate: Option<Decimal>| rate.and_then(figure::per_million);
    let own = &price.rates;
    MillionRates {
        input: million(own.input),
        output: million(own.output),
        cache_read: million(own.cache_read),
        cache_write: million(own.cache_write_5m),
        cache_write_hour: million(own.cache_write_1h),
        per_request: price.per_request.map(|fee| fee.normalize().to_string()),
        long_above: price.long_context.first().map(|long| long.above),
        has_priority: price.priority.is_some(),
        mode: price.mode.as_deref().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<MillionRates> {
        let (model, source) = ("m".to_owned(), PriceSource::Synced);
        in_force(FoundPrice { id: 1, model, source, body: body.to_owned(), since: Micros(1) }).rates
    }

    #[test]
    fn rates_are_those_of_a_million_tokens_to_the_last_digit() {
        let rates = read(
            r#"{"mode":"chat","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,
                "cache_read_input_token_cost":3.0000000000000001e-07,
                "cache_creation_input_token_cost":3.75e-06,
                "cache_creation_input_token_cost_above_1hr":6e-06,
                "input_cost_per_token_above_200k_tokens":6e-06}"#,
        )
        .unwrap();
        assert_eq!(rates.input.as_deref(), Some("3.00"));
        assert_eq!(rates.output.as_deref(), Some("15.00"));
        assert_eq!(rates.cache_read.as_deref(), Some("0.30000000000000001"));
        assert_eq!(rates.cache_write.as_deref(), Some("3.75"));
        assert_eq!(rates.cache_write_hour.as_deref(), Some("6.00"));
        assert_eq!((rates.long_above, rates.has_priority), (Some(200_000), false));
    }

    #[test]
    fn a_price_by_which_nothing_can_be_billed_has_no_rates() {
        assert_eq!(read(r#"{"mode":"ocr","ocr_cost_per_page":0.001}"#), None);
        let image = read(r#"{"mode":"image_generation","output_cost_per_image":0.0400}"#).unwrap();
        assert_eq!((image.per_request.as_deref(), image.input), (Some("0.04"), None));
    }
}
