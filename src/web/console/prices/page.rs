//! The table of prices.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::price::PriceSource;

use super::PATH;
use super::feed::FeedView;
use crate::app::model_prices::{Feed, MillionRates, PriceInForce, PricePage};
use crate::store::{PriceCounts, PriceSearch};
use crate::web::console::frame::{Cursor, Page, Pager, Room, Text, address};

/// A mode that needs no mention: what nearly every model is for.
const CHAT: &str = "chat";

/// The table of prices.
#[derive(Clone, Debug, Serialize)]
pub struct PricesPage {
    /// Part of the name that is looked for.
    q: String,
    /// The source that is looked for; empty is all.
    source: &'static str,
    /// The sources, with how many models each has that match.
    sources: Vec<SourceLink>,
    /// How the price sync is.
    feed: FeedView,
    /// The prices.
    rows: Vec<PriceRow>,
    /// How many there are on all pages.
    found: u64,
    /// There is any price at all.
    has_any: bool,
    /// The links below.
    pager: Pager,
}

/// A source to look at alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SourceLink {
    label: Text,
    models: u64,
    href: String,
    current: bool,
}

/// One price, finished. A rate that is `None` is one that the sheet does not name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct PriceRow {
    model: String,
    notes: Vec<Text>,
    input: Option<String>,
    output: Option<String>,
    cache_read: Option<String>,
    cache_write: Option<String>,
    cache_write_hour: Option<String>,
    source: &'static str,
    version: i64,
    since: Micros,
    billable: bool,
}

impl PricesPage {
    /// Shows what was found.
    #[must_use]
    pub fn new(search: PriceSearch<'_>, found: PricePage, feed: Feed) -> Self {
        let source = search.source.map_or("", PriceSource::name);
        let query = [("q", search.part), ("source", source)];
        let next = found.next.map(|model| Cursor::new([model]));
        Self {
            q: search.part.to_owned(),
            source,
            sources: sources(search, found.counts),
            feed: FeedView::new(feed),
            rows: found.prices.into_iter().map(row).collect(),
            found: found.counts.of(search.source),
            has_any: found.has_any,
            pager: Pager::new(PATH, &query, search.after.is_none(), next.as_ref()),
        }
    }
}

fn sources(search: PriceSearch<'_>, counts: PriceCounts) -> Vec<SourceLink> {
    let link = |source: Option<PriceSource>, label| SourceLink {
        label: Text::of(label),
        models: counts.of(source),
        href: address(
            PATH,
            &[("q", search.part), ("source", source.map_or("", PriceSource::name))],
            None,
        ),
        current: source == search.source,
    };
    vec![
        link(None, "prices-source-all"),
        link(Some(PriceSource::Manual), "prices-source-manual"),
        link(Some(PriceSource::Synced), "prices-source-synced"),
        link(Some(PriceSource::Seed), "prices-source-seed"),
    ]
}

fn row(price: PriceInForce) -> PriceRow {
    let billable = price.rates.is_some();
    let rates = price.rates.unwrap_or_default();
    PriceRow {
        model: price.model,
        notes: notes(&rates),
        input: rates.input,
        output: rates.output,
        cache_read: rates.cache_read,
        cache_write: rates.cache_write,
        cache_write_hour: rates.cache_write_hour,
        source: price.source.name(),
        version: price.id,
        since: price.since,
        billable,
    }
}

fn notes(rates: &MillionRates) -> Vec<Text> {
    let mut notes = Vec::new();
    if let Some(mode) = rates.mode.as_deref().filter(|mode| *mode != CHAT) {
        notes.push(Text::plain(mode.replace('_', " ")));
    }
    if let Some(fee) = &rates.per_request {
        notes.push(Text::of("prices-note-request").with("fee", fee.as_str()));
    }
    if let Some(above) = rates.long_above {
        notes.push(Text::of("prices-note-long").with("thousands", above / 1_000));
    }
    if rates.has_priority {
        notes.push(Text::of("prices-note-priority"));
    }
    notes
}

impl Page for PricesPage {
    const TEMPLATE: &'static str = "pages/prices/list.html";
    const ROOM: Room = Room::Prices;

    fn title(&self) -> Text {
        Text::of("prices-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::all()
    }
}

/// Pages as they may be; also what the test of all pages shows.
mod samples {
    use switchyard_actors::price_sync::PriceSyncView;

    use super::{
        CHAT, Feed, Micros, MillionRates, PriceCounts, PriceInForce, PricePage, PriceSearch,
        PriceSource, PricesPage,
    };

    const NOW: i64 = 1_777_982_400_000_000;
    const HOUR: i64 = 3_600_000_000;

    pub fn all() -> Vec<(&'static str, PricesPage)> {
        let none = PricePage::default();
        let search = PriceSearch { part: "opus 9", ..PriceSearch::default() };
        let any = PricePage { has_any: true, ..none.clone() };
        vec![
            ("empty", PricesPage::new(PriceSearch::default(), none, known(None, None))),
            ("nothing-found", PricesPage::new(search, any, known(Some(NOW - HOUR), None))),
            ("typical", typical()),
            ("off", PricesPage::new(PriceSearch::default(), some(), Feed::Off)),
            ("silent", PricesPage::new(PriceSearch::default(), some(), Feed::Silent)),
            ("never", PricesPage::new(PriceSearch::default(), some(), known(None, Some("away")))),
            ("extreme", extreme()),
        ]
    }

    fn known(success: Option<i64>, error: Option<&str>) -> Feed {
        Feed::Known(PriceSyncView {
            last_success: success.map(Micros),
            last_attempt: Some(Micros(NOW - 60_000_000)),
            last_error: error.map(str::to_owned),
            failures: u32::from(error.is_some()) * 5,
            entries: 2_345,
            ..PriceSyncView::default()
        })
    }

    fn price(id: i64, model: &str, source: PriceSource, rates: MillionRates) -> PriceInForce {
        let since = Micros(NOW - (id % 1_000) * HOUR);
        PriceInForce { id, model: model.to_owned(), source, since, rates: Some(rates) }
    }

    fn rates(input: &str, output: &str) -> MillionRates {
        let own = |text: &str| Some(text.to_owned());
        MillionRates {
            input: own(input),
            output: own(output),
            mode: own(CHAT),
            ..MillionRates::default()
        }
    }

    fn some() -> PricePage {
        let cached = MillionRates {
            cache_read: Some("0.30".to_owned()),
            cache_write: Some("3.75".to_owned()),
            cache_write_hour: Some("6.00".to_owned()),
            ..rates("3.00", "15.00")
        };
        let prices = vec![
            price(17, "claude-sonnet-4-5", PriceSource::Synced, cached),
            price(40, "gpt-5-mini", PriceSource::Seed, rates("0.25", "2.00")),
            price(71, "house-model", PriceSource::Manual, rates("0.10", "0.40")),
        ];
        let counts = PriceCounts { manual: 1, synced: 1, seed: 1 };
        PricePage { prices, counts, next: None, has_any: true }
    }

    fn typical() -> PricesPage {
        PricesPage::new(PriceSearch::default(), some(), known(Some(NOW - HOUR / 2), None))
    }

    fn extreme() -> PricesPage {
        let long = "bedrock/us-gov-west-1/anthropic.claude-3-5-sonnet-20240620-v1:0<script>";
        let odd = MillionRates {
            per_request: Some("0.04".to_owned()),
            long_above: Some(200_000),
            has_priority: true,
            mode: Some("image_generation".to_owned()),
            ..rates("0.10000000000000001", "150000.00")
        };
        let unbilled = PriceInForce {
            rates: None,
            ..price(9, "ocr-by-page", PriceSource::Synced, odd.clone())
        };
        let prices = vec![price(123_456_789, long, PriceSource::Synced, odd), unbilled];
        let search = PriceSearch {
            part: "\"<b>%_\\",
            source: Some(PriceSource::Synced),
            after: Some("a model before"),
        };
        let counts = PriceCounts { manual: 0, synced: 12_345, seed: 1 };
        let next = Some(long.to_owned());
        let page = PricePage { prices, counts, next, has_any: true };
        let why = "the price feed is not reachable: Failed to connect to host: failed to lookup \
                   address information: Name or service not known";
        PricesPage::new(search, page, known(Some(NOW - 200 * HOUR), Some(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_what_is_looked_for_and_begin_at_the_first_page() {
        let search =
            PriceSearch { part: "gpt 5", source: Some(PriceSource::Seed), after: Some("gpt-5") };
        let counts = PriceCounts { manual: 1, synced: 2, seed: 4 };
        let next = Some("gpt-5-mini".to_owned());
        let found = PricePage { prices: Vec::new(), counts, next, has_any: true };
        let page = PricesPage::new(search, found, Feed::Off);
        let links: Vec<_> =
            page.sources.iter().map(|link| (link.href.as_str(), link.models)).collect();
        assert_eq!(links[0], ("/prices?q=gpt+5", 7));
        assert_eq!(links[3], ("/prices?q=gpt+5&source=seed", 4));
        assert!(page.sources[3].current && page.found == 4);
        assert_eq!(page.pager.first.as_deref(), Some("/prices?q=gpt+5&source=seed"));
        let before = Cursor::new(["gpt-5-mini"]);
        assert_eq!(page.pager.next, Some(format!("/prices?q=gpt+5&source=seed&before={before}")));
    }
}
