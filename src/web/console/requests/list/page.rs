//! What the list shows.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use super::asked::Asked;
use super::chips::Chip;
use super::choices::{self, Choices};
use super::sums::Sums;
use crate::store::LedgerFilter;
use crate::web::console::frame::{FormView, Page, Pager, Room, Text, address};
use crate::web::console::requests::row::RequestRow;
use crate::web::console::requests::samples;

/// The list.
#[derive(Clone, Debug, Serialize)]
pub struct ListPage {
    /// The filters, and what is wrong with them.
    pub form: FormView,
    /// What there is to choose from.
    pub choices: Choices,
    /// The filters that hold.
    pub chips: Vec<Chip>,
    /// A custom time is asked for.
    pub is_custom: bool,
    /// Anything is filtered.
    pub is_filtered: bool,
    /// The requests.
    pub rows: Vec<RequestRow>,
    /// The pages before and after.
    pub pager: Pager,
    /// Where new rows come from; `None` where no more belong to what is shown.
    pub live: Option<LiveRows>,
    /// What all requests of the filter add up to.
    pub sums: SumsPlace,
    /// How many were refused at the door in the last hour; only for admins.
    pub refused: Option<usize>,
}

/// What all requests of the filter add up to, or where that is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SumsPlace {
    /// The sums, where they are known at once.
    pub sums: Option<Sums>,
    /// Where they come from a little later; `None` where they are added up only for who asks.
    pub part: Option<String>,
    /// This page with the sums.
    pub href: String,
}

impl SumsPlace {
    /// Shows sums.
    #[must_use]
    pub fn here(sums: Sums) -> Self {
        Self { sums: Some(sums), ..Self::default() }
    }
}

/// Where new rows come from that belong to a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveRows {
    /// The address of their stream, which reads the filters as the list does.
    pub address: String,
}

impl LiveRows {
    /// Returns where the rows of a list come from, if any may still come.
    #[must_use]
    pub fn of(asked: &Asked, read: &LedgerFilter, now: Micros) -> Option<Self> {
        let address = || address("/live", &asked.pairs(), None);
        asked.is_live(read, now).then(|| Self { address: address() })
    }
}

impl ListPage {
    fn sample(rows: Vec<RequestRow>, asked: &Asked) -> Self {
        let choices = Choices {
            times: choices::times(),
            statuses: choices::statuses(&[200, 429, 503]),
            models: vec!["claude-sonnet-4-5".to_owned()],
            ..Choices::default()
        };
        Self {
            form: FormView::of(asked.pairs()),
            chips: super::chips::chips(asked, &choices),
            choices,
            is_custom: asked.is_custom(),
            is_filtered: asked.without(&[]) != super::HERE,
            pager: Pager::default(),
            live: LiveRows::of(asked, &LedgerFilter::default(), Micros(0)),
            sums: SumsPlace {
                sums: None,
                part: (asked.time == "hour").then(|| "/requests/sums".to_owned()),
                href: "/requests?sums=1".to_owned(),
            },
            refused: Some(0),
            rows,
        }
    }
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "pages/requests/list.html";
    const ROOM: Room = Room::Requests;

    fn title(&self) -> Text {
        Text::of("requests-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let rows = |entries: Vec<_>| entries.iter().map(RequestRow::of).collect();
        let filtered = Asked {
            time: "custom".to_owned(),
            from: "2026-05-05T19:00".to_owned(),
            user: "99".to_owned(),
            status: "errors".to_owned(),
            model: "a model <with> a \"long\" name".to_owned(),
            ..Asked::default()
        };
        let nothing = Self::sample(Vec::new(), &filtered);
        let hour =
            Asked { time: "hour".to_owned(), status: "failed".to_owned(), ..Asked::default() };
        let mut typical = Self::sample(rows(samples::typical()), &Asked::default());
        typical.sums = SumsPlace::here(Sums {
            since: None,
            requests: 12_345,
            cost: 81_234_567_891,
            list: 90_000_000_000,
            input: 12_345_678,
            output: 2_345_678,
            cache_read: 912_345_678,
            cache_write: 3_456_789,
        });
        let mut extreme = Self::sample(rows(samples::extreme()), &filtered);
        extreme.sums =
            SumsPlace::here(Sums { since: Some(1_777_982_400_000_000), ..Sums::default() });
        extreme.pager.first = Some("/requests".to_owned());
        extreme.pager.next = Some("/requests?before=x".to_owned());
        extreme.refused = Some(1_000);
        vec![
            ("empty", Self::sample(Vec::new(), &Asked::default())),
            ("nothing", nothing),
            ("hour", Self::sample(rows(samples::typical()), &hour)),
            ("typical", typical),
            ("extreme", extreme),
        ]
    }
}
