//! One stream: news as they come, a sign of life in silence, and an end when the login ends.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use switchyard_actors::shared::feed::Follower;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::tell::Teller;
use crate::store::LedgerFilter;
use crate::web::api;
use crate::web::console::frame::Visitor;

/// Between two signs of life. The login is looked at as often: one that was ended opens nothing
/// for longer.
const BEAT: Duration = Duration::from_secs(15);

/// One visitor who watches.
struct Watch {
    request: HttpRequest,
    follower: Follower,
    teller: Teller,
    beat: Interval,
}

/// Makes the stream.
pub fn stream(
    visitor: Visitor,
    wanted: LedgerFilter,
    request: HttpRequest,
    follower: Follower,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let teller = Teller::new(visitor, wanted, follower.place());
    let first = Bytes::from(teller.begin());
    let mut beat = interval_at(Instant::now() + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watch = Watch { request, follower, teller, beat };
    let later = stream::unfold(watch, Watch::next);
    stream::once(async { Ok(first) }).chain(later.map(Ok))
}

impl Watch {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            let said = tokio::select! {
                // First: what is ready must not hold up the look at the login.
                biased;
                _ = self.beat.tick() => {
                    if !self.is_still_known().await {
                        return None;
                    }
                    self.teller.beat(self.follower.place())
                }
                news = self.follower.next() => self.teller.tell(&news?),
            };
            if !said.is_empty() {
                return Some((Bytes::from(said), self));
            }
        }
    }

    /// Tells whether the visitor is still who they were, with the same rights. When that cannot be
    /// found out they are not: who is comes back in a moment.
    async fn is_still_known(&self) -> bool {
        let visitor = self.teller.visitor();
        let now = api::visitor(&visitor.console().api, &self.request).await;
        let before = &visitor.actor;
        now.is_ok_and(|actor| (actor.kind, actor.role) == (before.kind, before.role))
    }
}
