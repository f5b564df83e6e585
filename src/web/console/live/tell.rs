//! What one visitor is told of the news: admins everything, others what is theirs; of rows those
//! that belong to what they look at.

use serde::Serialize;
use serde_json::{Value, json};
use switchyard_actors::domain::breaker::Transition;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::live::{Event, EventId, Numbered, SessionLoad, SessionLoads};
use switchyard_actors::shared::feed::News;

use super::frame;
use super::names::Names;
use super::pace::Pace;
use crate::app::ActorKind;
use crate::store::LedgerFilter;
use crate::web::console::frame::{Fragments, Visitor};
use crate::web::console::requests::RequestRow;

/// How long browsers wait before they open a stream anew.
const RETRY_MS: u32 = 2_000;

/// Tells one visitor.
pub struct Teller {
    visitor: Visitor,
    wanted: LedgerFilter,
    fragments: Fragments,
    pace: Pace,
    /// The last place that the visitor knows.
    told: EventId,
    load: Option<SessionLoad>,
}

/// A finished request: ids to know it by, and the row of a table.
#[derive(Serialize)]
struct RowTold<'a> {
    id: String,
    user: i64,
    key: i64,
    provider: Option<i64>,
    model: Option<&'a str>,
    status: u16,
    outcome: &'static str,
    html: String,
}

impl Teller {
    /// Makes one for a visitor who knows everything up to a place and wants certain rows.
    pub fn new(visitor: Visitor, wanted: LedgerFilter, told: EventId) -> Self {
        let fragments = visitor.fragments();
        Self { visitor, wanted, fragments, pace: Pace::default(), told, load: None }
    }

    /// Returns the visitor.
    pub const fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Says where the stream begins, so that one that breaks before its first event is resumed.
    pub fn begin(&self) -> String {
        let mut out = frame::retry(RETRY_MS);
        frame::event(&mut out, "place", Some(self.told), &json!({}));
        out
    }

    /// Says that the stream is alive; and where it is, when what happened was nothing to show.
    pub fn beat(&mut self, place: EventId) -> String {
        self.fragments = self.visitor.fragments();
        if place == self.told {
            return frame::COMMENT.to_owned();
        }
        let mut out = String::new();
        self.say(&mut out, "place", place, &json!({}));
        out
    }

    /// Says the news; nothing when none of it is the visitor's.
    pub fn tell(&mut self, news: &News) -> String {
        let mut out = String::new();
        match news {
            News::Reset(place) => self.say(&mut out, "reset", *place, &json!({})),
            News::Sessions(loads) => self.sessions(&mut out, loads),
            News::Events(events) => self.events(&mut out, events),
        }
        out
    }

    fn say(&mut self, out: &mut String, name: &str, place: EventId, data: &impl Serialize) {
        frame::event(out, name, Some(place), data);
        self.told = place;
    }

    /// A level, not an event: it has no place, and who missed one misses nothing.
    fn sessions(&mut self, out: &mut String, loads: &SessionLoads) {
        let load = match self.visitor.actor.kind {
            ActorKind::User(user) if !self.visitor.is_admin() => loads.of(user),
            _ => loads.all(),
        };
        if self.load.replace(load) != Some(load) {
            let data = json!({ "active": load.active, "inFlight": load.in_flight });
            frame::event(out, "sessions", None, &data);
        }
    }

    /// Says events in order. When there are more rows than the pace allows, the last ones are
    /// shown and those before them counted.
    fn events(&mut self, out: &mut String, events: &[Numbered]) {
        let now = self.visitor.app().clock.now();
        self.fragments.set_now(now);
        let wanted: Vec<Option<&LedgerRow>> =
            events.iter().map(|numbered| self.wanted(&numbered.event)).collect();
        let count = wanted.iter().flatten().count();
        let skipped = count - self.pace.allow(count, now);
        let catalogue = self.visitor.console().relay.catalogue.load();
        let names = Names::of(&catalogue, wanted.iter().flatten().copied().skip(skipped));
        let mut passed = 0;
        for (Numbered { id, event }, row) in events.iter().zip(wanted) {
            match (row, event) {
                (Some(row), _) if passed == skipped => self.row(out, *id, row, &names),
                (Some(_), _) => {
                    passed += 1;
                    if passed == skipped {
                        self.say(out, "more", *id, &json!({ "count": skipped }));
                    }
                }
                (None, Event::Breaker(change)) if self.visitor.is_admin() => {
                    self.say(out, "breaker", *id, &breaker(change, &names));
                }
                (None, _) => {}
            }
        }
    }

    /// Returns the row of an event, if it is theirs to see and belongs to what they look at.
    fn wanted<'event>(&self, event: &'event Event) -> Option<&'event LedgerRow> {
        let Event::Row(row) = event else { return None };
        let is_theirs = self.visitor.actor.may_touch(row.opened.user);
        (is_theirs && self.wanted.takes(row)).then_some(row)
    }

    fn row(&mut self, out: &mut String, place: EventId, row: &LedgerRow, names: &Names<'_>) {
        let shown = RequestRow::of(&names.entry(row));
        let html = self.fragments.make("partials/live_row.html", &shown);
        let html = html.unwrap_or_else(|error| {
            tracing::error!(%error, "a row of the live stream could not be made");
            String::new()
        });
        let told = RowTold {
            id: row.opened.id.to_string(),
            user: row.opened.user.0,
            key: row.opened.key.0,
            provider: row.provider.map(|provider| provider.0),
            model: row.opened.model.as_deref(),
            status: row.status,
            outcome: row.outcome.name(),
            html,
        };
        self.say(out, "row", place, &told);
    }
}

fn breaker(change: &Transition, names: &Names<'_>) -> Value {
    let reason = change.causes.first().and_then(|cause| cause.detail.as_deref());
    json!({
        "provider": change.provider.0,
        "name": names.provider(change.provider),
        "change": change.change.name(),
        "from": change.from.name(),
        "to": change.change.to().name(),
        "reason": reason,
        "failures": change.failures,
        "at": change.at.millis(),
        "until": change.until.map(Micros::millis),
    })
}
