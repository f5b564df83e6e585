//! The shell on a paused clock.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::FutureExt as _;

use super::actor::EVERY;
use super::*;
use crate::domain::ids::{KeyId, SessionId, UserId};
use crate::domain::live::SessionLoad;
use crate::shared::counters::{Counters, Lifetimes};
use crate::shared::feed::{Feed, Follower, News, Person, Watcher};
use crate::testing::TestUniverse;

const ANNA: UserId = UserId(1);
const TOKEN: Watcher = Watcher { person: Person::Token, is_admin: true };

struct World {
    universe: TestUniverse,
    counters: Arc<Counters>,
    feed: Arc<Feed>,
    actor: LiveFeedHandle,
}

async fn world() -> World {
    let universe = TestUniverse::start();
    let counters = Arc::new(Counters::new(Lifetimes::default()));
    let feed = Arc::new(Feed::new(1));
    let actor = LiveFeedHandle::start(Arc::clone(&feed), Arc::clone(&counters), universe.clock());
    universe.settle().await;
    World { universe, counters, feed, actor }
}

impl World {
    fn begin(&self, session: &str) {
        let session = SessionId(Arc::from(session));
        let now = self.universe.now();
        self.counters.tenant(ANNA, |tenant| tenant.sessions.enter(&session, KeyId(1), now));
    }

    async fn round(&self) {
        self.universe.advance(EVERY + Duration::from_millis(1)).await;
    }
}

fn told(follower: &mut Follower) -> Option<(SessionLoad, SessionLoad)> {
    match follower.next().now_or_never()?? {
        News::Sessions(loads) => Some((loads.all(), loads.of(ANNA))),
        other => panic!("{other:?}"),
    }
}

#[actix::test]
async fn sessions_are_told_within_a_round_when_they_change() {
    let world = world().await;
    let mut follower = world.feed.follow(TOKEN, None).unwrap();
    world.begin("1:a");
    world.round().await;
    let one = SessionLoad { active: 1, in_flight: 0 };
    assert_eq!(told(&mut follower), Some((one, one)));
    world.round().await;
    assert_eq!(told(&mut follower), None, "nothing has changed");
    world.begin("1:b");
    world.round().await;
    assert_eq!(told(&mut follower).map(|(all, _)| all.active), Some(2));
}

#[actix::test]
async fn nothing_is_counted_while_nobody_follows() {
    let world = world().await;
    world.begin("1:a");
    world.round().await;
    world.round().await;
    assert_eq!(world.actor.observe().await.unwrap(), LiveFeedView::default());
    let follower = world.feed.follow(TOKEN, None).unwrap();
    world.round().await;
    let view = world.actor.observe().await.unwrap();
    assert_eq!((view.counted, view.feed.followers), (1, 1));
    drop(follower);
    world.round().await;
    assert_eq!(world.actor.observe().await.unwrap().counted, 1);
}
