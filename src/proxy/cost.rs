//! Which price a request is billed at, and which factors apply. Pure.

use std::sync::Arc;

use rust_decimal::Decimal;
use switchyard_actors::domain::billing::{BilledModel, Factors, Tier, charge};
use switchyard_actors::domain::caller::{ALL_GROUPS, Caller};
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::ledger::{RowCost, Terms};
use switchyard_actors::domain::price::ModelPrice;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::usage::Usage;
use switchyard_actors::price_sync::{lookup, lookup_billed};

/// What vendors call the tier that is served first and costs more.
pub const PRIORITY: &str = "priority";

/// Finds the price of a request: of the asked or the sent model first, as the setting says.
#[must_use]
pub fn price_of(catalogue: &Catalogue, asked: &str, sent: &str) -> Option<Arc<ModelPrice>> {
    lookup_billed(&catalogue.prices, asked, sent, billed_model(catalogue))
}

/// Finds a price that a request may be billed at: the asked model's own, else the dearest of those that
/// providers of this caller would send for it. `None`: whoever serves it, nobody knows what it costs.
#[must_use]
pub fn possible_price(
    catalogue: &Catalogue,
    caller: &Caller,
    asked: &str,
) -> Option<Arc<ModelPrice>> {
    let sent = || {
        let serving = catalogue.providers.iter().filter(|provider| {
            provider.enabled && caller.sees(&provider.groups) && provider.serves(asked)
        });
        let prices = serving.filter_map(|provider| price_at(catalogue, asked, provider));
        prices.max_by_key(|price| (price.rates.output, price.rates.input))
    };
    price_of(catalogue, asked, asked).or_else(|| sent().filter(|_| !asked.is_empty()))
}

/// Lists who would be sent a model without a price where the asked one has none.
#[must_use]
pub fn without_price(catalogue: &Catalogue, asked: &str) -> Vec<ProviderId> {
    if asked.is_empty() || price_of(catalogue, asked, asked).is_some() {
        return Vec::new();
    }
    let providers = catalogue.providers.iter();
    let without = providers.filter(|provider| price_at(catalogue, asked, provider).is_none());
    without.map(|provider| provider.id).collect()
}

/// Finds the price of what a provider sends for an asked model that has none itself.
fn price_at(catalogue: &Catalogue, asked: &str, provider: &Provider) -> Option<Arc<ModelPrice>> {
    let sent = provider.redirect(asked);
    (sent != asked).then(|| lookup(&catalogue.prices, sent)).flatten()
}

/// Returns which name of its model a request is billed by.
#[must_use]
pub fn billed_model(catalogue: &Catalogue) -> BilledModel {
    if catalogue.settings.bill_original_model { BilledModel::Asked } else { BilledModel::Sent }
}

/// Finds the group whose factor applies: the caller's first group that the provider has too (all of
/// the provider's for a caller who sees every group) and that has a factor.
#[must_use]
pub fn group_of(
    catalogue: &Catalogue,
    caller: &Caller,
    provider: &Provider,
) -> (Option<Arc<str>>, Decimal) {
    let sees_all = caller.groups.iter().any(|group| group.as_ref() == ALL_GROUPS);
    let wanted = if sees_all { &provider.groups } else { &caller.groups };
    shared_group(catalogue, wanted.iter().filter(|group| provider.groups.contains(group)))
}

fn shared_group<'a>(
    catalogue: &Catalogue,
    shared: impl Iterator<Item = &'a Arc<str>>,
) -> (Option<Arc<str>>, Decimal) {
    let mut first = None;
    for group in shared {
        first = first.or_else(|| Some(Arc::clone(group)));
        if let Some(factor) = catalogue.groups.get(group).and_then(|set| set.factor) {
            return (Some(Arc::clone(group)), factor);
        }
    }
    (first, Decimal::ONE)
}

/// The highest factor that a caller's request may come to: what an estimate is made with (D4).
#[must_use]
pub fn highest_factor(catalogue: &Catalogue, caller: &Caller) -> Decimal {
    catalogue
        .providers
        .iter()
        .filter(|provider| provider.enabled && caller.sees(&provider.groups))
        .filter_map(|provider| {
            let (_, group) = group_of(catalogue, caller, provider);
            provider.multiplier.checked_mul(group)
        })
        .max()
        .unwrap_or(Decimal::ONE)
}

/// Tells whether a request may be billed at the priority tier: it asks for that itself, or a provider of
/// this caller wants it asked for.
#[must_use]
pub fn may_be_priority(catalogue: &Catalogue, caller: &Caller, asked: Option<&str>) -> bool {
    let wants_it = |provider: &Provider| {
        provider.preferences.service_tier.as_deref() == Some(PRIORITY)
            && provider.enabled
            && caller.sees(&provider.groups)
    };
    asked == Some(PRIORITY) || catalogue.providers.iter().any(|provider| wants_it(provider))
}

/// The money of a row, or the reason why there is none.
pub struct Bill {
    /// The cost.
    pub cost: Option<RowCost>,
    /// What it was made with, or will be made with once there is a price.
    pub terms: Option<Terms>,
    /// Why there is no cost.
    pub unbilled: Option<&'static str>,
}

/// What a bill is made of.
pub struct BillInput<'a> {
    /// What was asked for.
    pub operation: Operation,
    /// What was used; `None` is unknown.
    pub usage: Option<&'a Usage>,
    /// The price.
    pub price: Option<&'a ModelPrice>,
    /// The service tier.
    pub tier: Tier,
    /// The factors.
    pub factors: Factors,
    /// Which name of the model the price was looked up by.
    pub billed_model: BilledModel,
    /// The vendor answered well, so a price per request is due without usage as well.
    pub answered: bool,
}

/// Bills a request. An unknown amount stays unknown: it is never zero.
#[must_use]
pub fn bill(input: &BillInput<'_>) -> Bill {
    let none = |reason| Bill { cost: None, terms: None, unbilled: Some(reason) };
    let per_request = input.price.is_some_and(|price| price.per_request.is_some());
    let is_fixed = input.answered && per_request && input.operation != Operation::CountTokens;
    if !input.operation.is_metered() && input.usage.is_none() && !is_fixed {
        return none("not_billable");
    }
    let empty = Usage::default();
    let usage = match input.usage {
        Some(usage) => usage,
        None if is_fixed => &empty,
        None => return none("unmetered"),
    };
    let cost = input.price.and_then(|price| {
        let charge = charge(usage, price, input.tier, input.factors)?;
        Some(RowCost { cost: charge.cost, list: charge.list, price: price.id })
    });
    let unbilled = cost.is_none().then_some("unpriced");
    let terms = Terms::new(input.factors, input.tier, input.billed_model);
    Bill { cost, terms: Some(terms), unbilled }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use switchyard_actors::domain::catalogue::Group;
    use switchyard_actors::domain::ids::PriceId;
    use switchyard_actors::domain::limits::Limits;
    use switchyard_actors::domain::money::{Nano, parse_decimal};
    use switchyard_actors::domain::price::{PriceSource, Rates};
    use switchyard_actors::domain::routing::fallback::Fallbacks;
    use switchyard_actors::testing::caller as anybody;

    use super::*;

    fn image_price() -> ModelPrice {
        ModelPrice {
            id: PriceId(1),
            model: Arc::from("image"),
            source: PriceSource::Manual,
            rates: Rates::default(),
            long_context: Vec::new(),
            priority: None,
            per_request: parse_decimal("0.04"),
            max_output: None,
            mode: None,
        }
    }

    fn billed(operation: Operation, answered: bool, price: Option<&ModelPrice>) -> Bill {
        let factors = Factors { provider: Decimal::ONE, group: Decimal::ONE };
        let (usage, tier, billed_model) = (None, Tier::Standard, BilledModel::Sent);
        bill(&BillInput { operation, usage, price, tier, factors, billed_model, answered })
    }

    #[test]
    fn a_price_per_request_is_due_once_for_an_answer_of_any_family() {
        let price = image_price();
        for operation in [Operation::Generate, Operation::Other] {
            let cost = billed(operation, true, Some(&price)).cost.map(|cost| cost.cost);
            assert_eq!(cost, Some(Nano(40_000_000)), "{operation:?}");
            assert!(billed(operation, false, Some(&price)).cost.is_none(), "{operation:?}");
        }
        assert!(billed(Operation::CountTokens, true, Some(&price)).cost.is_none());
    }

    #[test]
    fn a_group_that_sets_no_factor_leaves_it_to_the_next_one() {
        let caller = Caller {
            groups: Arc::from([Arc::from("a"), Arc::from("b")]),
            ..Caller::clone(&anybody(1, 1, Limits::default(), Limits::default()))
        };
        let set = |factor| Group { factor, limits: Limits::NONE, fallbacks: Fallbacks::default() };
        let two = parse_decimal("2").unwrap();
        let of = |groups: Vec<(Arc<str>, Group)>| {
            let groups = Arc::new(groups.into_iter().collect());
            let catalogue = Catalogue { groups, ..Catalogue::default() };
            let found = shared_group(&catalogue, caller.groups.iter());
            (found.0.unwrap().to_string(), found.1)
        };
        let (a, b) = (|| Arc::from("a"), || Arc::from("b"));
        assert_eq!(of(vec![(b(), set(Some(two)))]), ("b".to_owned(), two));
        assert_eq!(of(vec![(a(), set(None)), (b(), set(Some(two)))]), ("b".to_owned(), two));
        assert_eq!(of(vec![(a(), set(None))]), ("a".to_owned(), Decimal::ONE));
    }

    #[test]
    fn what_is_unknown_is_said_and_never_zero() {
        assert_eq!(billed(Operation::Other, true, None).unbilled, Some("not_billable"));
        assert_eq!(billed(Operation::Generate, true, None).unbilled, Some("unmetered"));
    }
}
