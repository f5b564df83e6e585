//! What one visitor is told of the news: admins everything, others what is theirs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use switchyard_actors::domain::breaker::Transition;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::live::{Event, EventId, Numbered, SessionLoad, SessionLoads};
use switchyard_actors::shared::feed::News;

use super::frame;
use super::pace::Pace;
use crate::app::ActorKind;
use crate::store::LedgerEntry;
use crate::web::console::frame::{PageError, Visitor};
use crate::web::console::requests::RequestRow;

/// How long browsers wait before they open a stream anew.
const RETRY_MS: u32 = 2_000;

/// Tells one visitor.
pub struct Teller {
    visitor: Visitor,
    pace: Pace,
    /// The last place that the visitor knows.
    told: EventId,
    load: Option<SessionLoad>,
}

/// A finished request: ids to filter by, and the row of a table.
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
    /// Makes one for a visitor who knows everything up to a place.
    pub fn new(visitor: Visitor, told: EventId) -> Self {
        Self { visitor, pace: Pace::default(), told, load: None }
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
        let is_mine =
            |numbered: &&Numbered| matches!(&numbered.event, Event::Row(row) if self.sees(row));
        let rows = events.iter().filter(is_mine).count();
        let skipped = rows - self.pace.allow(rows, self.visitor.app().clock.now());
        let catalogue = self.visitor.console().relay.catalogue.load();
        let mut passed = 0;
        for Numbered { id, event } in events {
            match event {
                Event::Row(row) if !self.sees(row) => {}
                Event::Row(row) if passed == skipped => self.row(out, *id, row, &catalogue),
                Event::Row(_) => {
                    passed += 1;
                    if passed == skipped {
                        self.say(out, "more", *id, &json!({ "count": skipped }));
                    }
                }
                Event::Breaker(change) if self.visitor.is_admin() => {
                    self.say(out, "breaker", *id, &breaker(change, &catalogue));
                }
                Event::Breaker(_) => {}
            }
        }
    }

    fn sees(&self, row: &LedgerRow) -> bool {
        self.visitor.actor.may_touch(row.opened.user)
    }

    fn row(&mut self, out: &mut String, place: EventId, row: &LedgerRow, catalogue: &Catalogue) {
        let html = self.html(row, catalogue).unwrap_or_else(|error| {
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

    fn html(&self, row: &LedgerRow, catalogue: &Catalogue) -> Result<String, PageError> {
        let caller = catalogue.callers.values().find(|caller| caller.key == row.opened.key);
        let entry = LedgerEntry {
            user_name: caller.map(|caller| caller.user_name.clone()),
            key_name: caller.map(|caller| caller.key_name.clone()),
            provider_name: row.provider.and_then(|id| name(id, catalogue)),
            row: row.clone(),
        };
        self.visitor.fragment("partials/live_row.html", &RequestRow::of(&entry))
    }
}

fn name(id: ProviderId, catalogue: &Catalogue) -> Option<Arc<str>> {
    let provider = catalogue.providers.iter().find(|provider| provider.id == id);
    provider.map(|provider| provider.name.clone())
}

fn breaker(change: &Transition, catalogue: &Catalogue) -> Value {
    let reason = change.causes.first().and_then(|cause| cause.detail.as_deref());
    json!({
        "provider": change.provider.0,
        "name": name(change.provider, catalogue),
        "change": change.change.name(),
        "from": change.from.name(),
        "to": change.change.to().name(),
        "reason": reason,
        "failures": change.failures,
        "at": change.at.millis(),
        "until": change.until.map(Micros::millis),
    })
}
