//! The filters of the list: as the address bar has them, and as the ledger is asked.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;

use crate::store::LedgerFilter;
use crate::web::console::frame::{FormView, Text, address};

/// The room's address.
pub const HERE: &str = "/requests";

/// What the address bar asks for; what is empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `hour`, `today`, `day`, `week`, `month` or `custom`.
    pub time: String,
    /// The beginning of a custom time, local.
    pub from: String,
    /// Its end.
    pub to: String,
    /// A user's id.
    pub user: String,
    /// A key's id.
    pub key: String,
    /// A provider's id.
    pub provider: String,
    /// A model's name.
    pub model: String,
    /// `failed`, `errors`, `4xx`, `5xx` or a status.
    pub status: String,
    /// A session's id.
    pub session: String,
    /// So many tries after the first at least.
    pub retries: String,
    /// A request's id: its page is wanted, not a list.
    pub id: String,
    /// Where the page begins.
    pub before: String,
    /// The sums are wanted with the page.
    pub sums: String,
}

impl Asked {
    /// Returns the filters as names and values, without the place in the list.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 10] {
        [
            ("time", &self.time),
            ("from", &self.from),
            ("to", &self.to),
            ("user", &self.user),
            ("key", &self.key),
            ("provider", &self.provider),
            ("model", &self.model),
            ("status", &self.status),
            ("session", &self.session),
            ("retries", &self.retries),
        ]
    }

    /// Returns the list's address without some of the filters.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> String {
        let kept: Vec<_> =
            self.pairs().into_iter().filter(|(name, _)| !names.contains(name)).collect();
        address(HERE, &kept, None)
    }

    /// Tells whether a custom time is asked for.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        let has_ends = !self.from.is_empty() || !self.to.is_empty();
        self.time == "custom" || (self.time.is_empty() && has_ends)
    }

    /// Tells whether requests that end from now on may belong to what is shown: the first page of
    /// a time that has not ended.
    #[must_use]
    pub fn is_live(&self, read: &LedgerFilter, now: Micros) -> bool {
        self.before.is_empty() && read.to.is_none_or(|to| now < to)
    }

    /// Reads the filters; what cannot be read filters nothing and is said at its field.
    #[must_use]
    pub fn read(&self, now: Micros, zone: &TimeZone) -> (LedgerFilter, FormView) {
        let mut form = FormView::of(self.pairs());
        let mut filter = LedgerFilter {
            user: number(&mut form, "user", &self.user).map(UserId),
            key: number(&mut form, "key", &self.key).map(KeyId),
            provider: number(&mut form, "provider", &self.provider).map(ProviderId),
            model: text(&self.model),
            session: text(&self.session),
            min_retries: number(&mut form, "retries", &self.retries).unwrap_or(0),
            ..LedgerFilter::default()
        };
        self.read_status(&mut filter, &mut form);
        self.read_time(&mut filter, &mut form, now, zone);
        if !self.id.trim().is_empty() && self.request().is_none() {
            form.values.insert("id".to_owned(), self.id.clone());
            form = form.with_issue("id", Text::of("requests-wrong-id"));
        }
        (filter, form)
    }

    /// Returns the request whose page is wanted.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        RequestId::parse(self.id.trim())
    }

    fn read_status(&self, filter: &mut LedgerFilter, form: &mut FormView) {
        match self.status.as_str() {
            "" => {}
            "failed" => (filter.statuses, filter.faults) = (Some((400, 599)), true),
            "errors" => filter.statuses = Some((400, 599)),
            "4xx" => filter.statuses = Some((400, 499)),
            "5xx" => filter.statuses = Some((500, 599)),
            other => filter.status = number(form, "status", other),
        }
    }

    fn read_time(
        &self,
        filter: &mut LedgerFilter,
        form: &mut FormView,
        now: Micros,
        zone: &TimeZone,
    ) {
        const HOUR: u64 = 60 * 60;
        let ago = |hours: u64| Some(now.minus(Duration::from_secs(hours * HOUR)));
        match self.time.as_str() {
            "hour" => filter.from = ago(1),
            "today" => filter.from = Some(midnight(now, zone)),
            "day" => filter.from = ago(24),
            "week" => filter.from = ago(7 * 24),
            "month" => filter.from = ago(30 * 24),
            _ if self.is_custom() => {
                form.values.insert("time".to_owned(), "custom".to_owned());
                filter.from = instant(form, "from", &self.from, zone);
                filter.to = instant(form, "to", &self.to, zone);
            }
            _ => {}
        }
    }
}

fn text(value: &str) -> Option<String> {
    Some(value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn number<N: std::str::FromStr>(form: &mut FormView, name: &str, value: &str) -> Option<N> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let read = value.parse().ok();
    if read.is_none() {
        form.errors.insert(name.to_owned(), Text::of("wrong-number"));
    }
    read
}

fn instant(form: &mut FormView, name: &str, value: &str, zone: &TimeZone) -> Option<Micros> {
    if value.is_empty() {
        return None;
    }
    let read = value.parse::<DateTime>().ok();
    let at = read.and_then(|local| zone.to_ambiguous_timestamp(local).compatible().ok());
    if at.is_none() {
        form.errors.insert(name.to_owned(), Text::of("wrong-time"));
    }
    at.map(|at| Micros(at.as_microsecond()))
}

fn midnight(now: Micros, zone: &TimeZone) -> Micros {
    let at = jiff::Timestamp::from_microsecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let midnight = zone.to_datetime(at).date().at(0, 0, 0, 0);
    let start = zone.to_ambiguous_timestamp(midnight).compatible();
    start.map_or(now, |start| Micros(start.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20:00 in Shanghai.
    const NOW: Micros = Micros(1_777_982_400_000_000);
    const HOUR: i64 = 3_600_000_000;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn filter(asked: &Asked) -> LedgerFilter {
        let (filter, form) = asked.read(NOW, &zone());
        assert!(form.errors.is_empty(), "{form:?}");
        filter
    }

    #[test]
    fn times_begin_where_their_names_say_in_the_zone_of_the_deployment() {
        let from = |time: &str| {
            let filter = filter(&Asked { time: time.to_owned(), ..Asked::default() });
            assert_eq!(filter.to, None);
            filter.from.map(|from| (NOW.0 - from.0) / HOUR)
        };
        assert_eq!(from(""), None);
        assert_eq!(from("hour"), Some(1));
        assert_eq!(from("today"), Some(20));
        assert_eq!(from("month"), Some(720));
        let custom = Asked {
            from: "2026-05-05T19:00".to_owned(),
            to: "2026-05-05T19:30:15".to_owned(),
            ..Asked::default()
        };
        let shown = custom.read(NOW, &zone()).1;
        assert_eq!(shown.values["time"], "custom", "the field says what holds");
        let custom = filter(&custom);
        assert_eq!(custom.from, Some(Micros(NOW.0 - HOUR)));
        assert_eq!(custom.to, Some(Micros(NOW.0 - HOUR / 2 + 15_000_000)));
    }

    #[test]
    fn statuses_are_errors_a_class_or_one() {
        let of = |status: &str| {
            let filter = filter(&Asked { status: status.to_owned(), ..Asked::default() });
            (filter.status, filter.statuses, filter.faults)
        };
        assert_eq!(of("failed"), (None, Some((400, 599)), true));
        assert_eq!(of("errors"), (None, Some((400, 599)), false));
        assert_eq!(of("5xx"), (None, Some((500, 599)), false));
        assert_eq!(of("429"), (Some(429), None, false));
        assert_eq!(of(""), (None, None, false));
    }

    #[test]
    fn what_cannot_be_read_is_said_at_its_field_and_kept() {
        let asked = Asked {
            user: "anna".to_owned(),
            status: "bad".to_owned(),
            time: "custom".to_owned(),
            from: "noon".to_owned(),
            id: "12".to_owned(),
            ..Asked::default()
        };
        let (filter, form) = asked.read(NOW, &zone());
        assert_eq!(filter, LedgerFilter::default());
        let wrong: Vec<_> = form.errors.keys().map(String::as_str).collect();
        assert_eq!(wrong, ["from", "id", "status", "user"]);
        assert_eq!(form.values["user"], "anna");
    }

    #[test]
    fn new_rows_belong_to_the_first_page_of_a_time_that_has_not_ended() {
        let live = |change: fn(&mut Asked)| {
            let mut asked = Asked::default();
            change(&mut asked);
            asked.is_live(&asked.read(NOW, &zone()).0, NOW)
        };
        assert!(live(|_| {}));
        assert!(live(|asked| asked.time = "hour".to_owned()));
        assert!(live(|asked| asked.status = "errors".to_owned()));
        assert!(live(|asked| asked.model = " sonnet ".to_owned()));
        assert!(live(|asked| asked.from = "2026-05-05T19:00".to_owned()));
        assert!(live(|asked| asked.to = "2026-05-05T20:01".to_owned()), "it ends in a minute");
        assert!(live(|asked| asked.to = "noon".to_owned()), "the list has no end either");
        assert!(!live(|asked| asked.before = "abc".to_owned()));
        assert!(!live(|asked| asked.to = "2026-05-05T20:00".to_owned()), "it has ended");
    }

    #[test]
    fn a_chip_takes_its_filter_away_and_leaves_the_others() {
        let asked = Asked {
            user: "3".to_owned(),
            key: "4".to_owned(),
            model: "a b".to_owned(),
            before: "x".to_owned(),
            ..Asked::default()
        };
        assert_eq!(asked.without(&["user", "key"]), "/requests?model=a+b");
        assert_eq!(asked.without(&["user", "key", "model"]), "/requests");
    }
}
