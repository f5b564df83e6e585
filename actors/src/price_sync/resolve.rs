//! Which price holds for a model name as clients and providers write it. Pure.

use std::sync::Arc;

use crate::domain::billing::BilledModel;
use crate::domain::catalogue::PriceBook;
use crate::domain::map::Map;
use crate::domain::price::ModelPrice;

/// Prefixes by which clouds name the region a model runs in.
const REGIONS: [&str; 8] = ["us.", "eu.", "apac.", "jp.", "au.", "ca.", "us-gov.", "global."];

/// Makes the book: of each model the manual price, else the synced one, else the seed; of several
/// versions the newest.
#[must_use]
pub fn resolve(versions: impl IntoIterator<Item = ModelPrice>) -> PriceBook {
    let mut models: Map<Arc<str>, Arc<ModelPrice>> = Map::default();
    for version in versions {
        let beaten = models
            .get(&version.model)
            .is_some_and(|holder| (holder.source, holder.id) > (version.source, version.id));
        if !beaten {
            models.insert(Arc::clone(&version.model), Arc::new(version));
        }
    }
    PriceBook { models }
}

/// Finds the price of a request: by the name it is billed by, else by the other one.
#[must_use]
pub fn lookup_billed(
    book: &PriceBook,
    asked: &str,
    sent: &str,
    billed: BilledModel,
) -> Option<Arc<ModelPrice>> {
    let (first, second) = match billed {
        BilledModel::Asked => (asked, sent),
        BilledModel::Sent => (sent, asked),
    };
    lookup(book, first).or_else(|| (first != second).then(|| lookup(book, second)).flatten())
}

/// Finds the price of a model. The exact name wins; then spellings of the same model are tried: a
/// suffix such as `:free` off, vendor or host in front (`a/b`) off, a region in front off, lower
/// case, and a date added or taken away where all dates of the model cost the same.
#[must_use]
pub fn lookup(book: &PriceBook, model: &str) -> Option<Arc<ModelPrice>> {
    if let Some(price) = book.models.get(model) {
        return Some(Arc::clone(price));
    }
    let lower = model.to_lowercase();
    let names: Vec<&str> = spellings(model).chain(spellings(&lower)).collect();
    let exact = names.iter().find_map(|name| book.models.get(*name));
    exact.cloned().or_else(|| names.iter().find_map(|name| dated(book, name)))
}

/// Returns the spellings of a name, nearest first.
fn spellings(model: &str) -> impl Iterator<Item = &str> {
    let plain = model.rsplit_once(':').map_or(model, |(name, _)| name);
    let whole = tails(model);
    let stripped = tails(plain).filter(move |_| plain.len() < model.len());
    whole.chain(stripped).flat_map(|name| [Some(name), without_region(name)]).flatten()
}

/// Returns the name, then what stays when path parts are taken off its front.
fn tails(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('/').map(|(_, tail)| tail))
        .filter(|name| !name.is_empty())
}

fn without_region(name: &str) -> Option<&str> {
    REGIONS.iter().find_map(|region| name.strip_prefix(region))
}

/// Finds the price of a model by its other dates, only when they all cost the same: a date is how
/// vendors tell a dearer snapshot from a cheaper one.
fn dated(book: &PriceBook, name: &str) -> Option<Arc<ModelPrice>> {
    let base = undated(name).unwrap_or(name);
    let is_kin = |other: &str| other == base || undated(other) == Some(base);
    let mut kin = book.models.iter().filter(|(other, _)| is_kin(other)).map(|(_, price)| price);
    let first = kin.next()?;
    kin.try_fold(first, |newest, price| {
        let newer = if price.model > newest.model { price } else { newest };
        same_price(newest, price).then_some(newer)
    })
    .cloned()
}

/// Takes a date off the end: `@20250929`, `-20250929`, `-2024-08-06`, `@latest`, `-latest`.
fn undated(name: &str) -> Option<&str> {
    let latest = name.strip_suffix("@latest").or(name.strip_suffix("-latest"));
    if latest.is_some_and(|base| !base.is_empty()) {
        return latest;
    }
    [8, 10].into_iter().find_map(|length| {
        let (base, date) = name.split_at_checked(name.len().checked_sub(length)?)?;
        let base = base.strip_suffix(['-', '@']).filter(|base| !base.is_empty())?;
        is_date(date).then_some(base)
    })
}

/// Tells whether a text is a date of this century, with or without hyphens.
fn is_date(text: &str) -> bool {
    let digits = match text.len() {
        8 => text.bytes().all(|byte| byte.is_ascii_digit()),
        _ => text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        }),
    };
    digits && text.starts_with("20")
}

/// Tells whether two prices bill alike.
fn same_price(one: &ModelPrice, other: &ModelPrice) -> bool {
    one.rates == other.rates
        && one.long_context == other.long_context
        && one.priority == other.priority
        && one.per_request == other.per_request
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::ids::PriceId;
    use crate::domain::price::{PriceSource, Rates};

    fn price(id: i64, model: &str, source: PriceSource, micro: i64) -> ModelPrice {
        ModelPrice {
            id: PriceId(id),
            model: Arc::from(model),
            source,
            rates: Rates { input: Some(Decimal::new(micro, 6)), ..Rates::default() },
            long_context: Vec::new(),
            priority: None,
            per_request: None,
            max_output: None,
            mode: None,
        }
    }

    fn book(models: &[(&str, i64)]) -> PriceBook {
        resolve(models.iter().map(|(model, micro)| price(1, model, PriceSource::Synced, *micro)))
    }

    fn found(book: &PriceBook, model: &str) -> Option<String> {
        lookup(book, model).map(|price| price.model.to_string())
    }

    #[test]
    fn a_manual_price_beats_a_synced_one_and_the_newer_version_beats_the_older() {
        let versions = [
            price(5, "m", PriceSource::Seed, 1),
            price(2, "m", PriceSource::Manual, 2),
            price(9, "m", PriceSource::Synced, 3),
            price(3, "m", PriceSource::Manual, 4),
            price(1, "m", PriceSource::Manual, 5),
        ];
        assert_eq!(resolve(versions).models.get("m").unwrap().id, PriceId(3));
    }

    #[test]
    fn spellings_of_a_name_find_its_price() {
        let book = book(&[("deepseek-chat", 1), ("anthropic.claude-x-v1:0", 2), ("gpt-4o", 3)]);
        for (asked, expected) in [
            ("gpt-4o", "gpt-4o"),
            ("openai/gpt-4o", "gpt-4o"),
            ("https/host/openai/gpt-4o:nitro", "gpt-4o"),
            ("DeepSeek-Chat", "deepseek-chat"),
            ("deepseek/deepseek-chat:free", "deepseek-chat"),
            ("us.anthropic.claude-x-v1:0", "anthropic.claude-x-v1:0"),
            ("bedrock/eu.anthropic.claude-x-v1:0", "anthropic.claude-x-v1:0"),
        ] {
            assert_eq!(found(&book, asked).as_deref(), Some(expected), "{asked}");
        }
        assert_eq!(found(&book, "gpt-4"), None);
        assert_eq!(found(&book, "gpt-4o-mini"), None);
    }

    #[test]
    fn a_date_is_added_or_taken_away_where_all_dates_cost_the_same() {
        let book = book(&[
            ("claude-opus-4-8-20260101", 5),
            ("claude-sonnet-4-5", 3),
            ("claude-sonnet-4-5-20250929", 3),
            ("gpt-4o", 2),
            ("gpt-4o-2024-05-13", 5),
        ]);
        for (asked, expected) in [
            ("claude-opus-4-8", Some("claude-opus-4-8-20260101")),
            ("claude-opus-4-8@20260101", Some("claude-opus-4-8-20260101")),
            ("claude-sonnet-4-5-20251231", Some("claude-sonnet-4-5-20250929")),
            ("claude-sonnet-4-5-latest", Some("claude-sonnet-4-5-20250929")),
            ("gpt-4o-2024-05-13", Some("gpt-4o-2024-05-13")),
            ("gpt-4o-2024-08-06", None),
        ] {
            assert_eq!(found(&book, asked).as_deref(), expected, "{asked}");
        }
    }

    #[test]
    fn odd_names_are_no_trouble() {
        let book = book(&[("é-20250101", 1), ("", 2)]);
        for asked in ["/", ":", "//:", "日本語日本語", "-20250101", "@latest"] {
            assert_eq!(found(&book, asked), None, "{asked}");
        }
    }
}
