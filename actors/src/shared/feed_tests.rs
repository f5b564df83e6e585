//! Followers get every event once and in order, or learn that some are gone.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::FutureExt as _;
use proptest::prelude::*;

use super::*;
use crate::clock::RequestIds;
use crate::domain::breaker::Change;
use crate::domain::breaker_view::BreakerState;
use crate::domain::ids::{ProviderId, UserId};
use crate::domain::instant::Micros;
use crate::domain::live::SessionLoad;

const SMALL: Bounds = Bounds { events: 8, bytes: 1 << 20 };

const PLACES: PlaceBounds = PlaceBounds { all: 3, person: 3, kept: 1 };
const TOKEN: Watcher = Watcher { person: Person::Token, is_admin: true };

fn feed() -> Arc<Feed> {
    Arc::new(Feed::bounded(0xb007, SMALL, PLACES))
}

/// Tells of so many changes; the `number`-th of them is that of the provider of this number.
fn tell(feed: &Feed, count: u64) {
    for _ in 0..count {
        let number = feed.view().events + 1;
        feed.breaker(Transition {
            provider: ProviderId(number.cast_signed()),
            change: Change::Opened,
            from: BreakerState::Closed,
            at: Micros(0),
            until: None,
            failures: 1,
            causes: Vec::new(),
            endpoint: None,
            reason: Arc::from("http 503"),
            version: 1,
            elsewhere: false,
        });
    }
}

/// What a follower is given until it would have to wait, as numbers; a reset as `None`.
fn given(follower: &mut Follower) -> Vec<Option<u64>> {
    let mut given = Vec::new();
    while let Some(Some(news)) = follower.next().now_or_never() {
        match news {
            News::Reset(_) => given.push(None),
            News::Sessions(_) => {}
            News::Events(events) => given.extend(events.iter().map(|numbered| {
                let Event::Breaker(change) = &numbered.event else { panic!("{numbered:?}") };
                assert_eq!(change.provider.0.cast_unsigned(), numbered.id.seq);
                Some(numbered.id.seq)
            })),
        }
    }
    given
}

fn loads(active: u64) -> SessionLoads {
    let mut loads = SessionLoads::default();
    loads.add(UserId(1), SessionLoad { active, in_flight: 0 });
    loads
}

fn sessions(follower: &mut Follower) -> Option<u64> {
    match follower.next().now_or_never() {
        Some(Some(News::Sessions(loads))) => Some(loads.all().active),
        _ => None,
    }
}

#[test]
fn a_follower_is_given_what_happens_from_now_on_or_behind_its_place() {
    let feed = feed();
    let marked = feed.mark();
    tell(&feed, 2);
    let mut fresh = feed.follow(TOKEN, None).unwrap();
    let mut of_page = feed.follow(TOKEN, Some(marked)).unwrap();
    tell(&feed, 1);
    assert_eq!(given(&mut fresh), [Some(3)]);
    assert_eq!(given(&mut of_page), [Some(1), Some(2), Some(3)]);
    assert_eq!(given(&mut of_page), []);
    let place = of_page.place();
    drop(of_page);
    tell(&feed, 1);
    assert_eq!(given(&mut feed.follow(TOKEN, Some(place)).unwrap()), [Some(4)]);
}

#[test]
fn who_is_too_slow_is_reset_once_and_goes_on() {
    let feed = feed();
    let mut slow = feed.follow(TOKEN, None).unwrap();
    tell(&feed, 9);
    assert_eq!(given(&mut slow), [None]);
    tell(&feed, 2);
    assert_eq!(given(&mut slow), [Some(10), Some(11)]);
}

#[tokio::test]
async fn one_who_waits_is_woken() {
    let feed = feed();
    let mut follower = feed.follow(TOKEN, None).unwrap();
    let waiting = tokio::spawn(async move { follower.next().await });
    tokio::task::yield_now().await;
    tell(&feed, 1);
    let news = tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    assert!(matches!(news, Some(News::Events(events)) if events.len() == 1));
}

#[tokio::test]
async fn a_stop_ends_all_and_lets_nobody_in() {
    let feed = feed();
    let mut follower = feed.follow(TOKEN, None).unwrap();
    let waiting = tokio::spawn(async move { follower.next().await.is_none() });
    tokio::task::yield_now().await;
    feed.close();
    assert!(tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap());
    assert_eq!(feed.follow(TOKEN, None).unwrap_err(), NoPlace::Closed);
}

#[test]
fn places_are_bounded_and_given_back_when_a_stream_ends() {
    let feed = feed();
    let user = Watcher { person: Person::User(UserId(1)), is_admin: false };
    let users: Vec<Follower> = (0..2).map(|_| feed.follow(user, None).unwrap()).collect();
    assert_eq!(feed.follow(user, None).unwrap_err(), NoPlace::Full, "the last one is kept");
    let operator = feed.follow(TOKEN, None).unwrap();
    assert_eq!(feed.view().followers, 3);
    drop(users);
    assert_eq!(feed.view().followers, 1);
    assert!(feed.follow(user, None).is_ok());
    drop(operator);
    assert_eq!(feed.view().followers, 0);
}

#[test]
fn one_who_does_not_read_holds_no_more_than_the_ring() {
    let feed = feed();
    let mut slow = feed.follow(TOKEN, None).unwrap();
    let row = crate::testing::row(RequestIds::default().mint(Micros(0), 1));
    for _ in 0..10_000 {
        feed.rows(vec![row.clone()]);
    }
    let view = feed.view();
    assert_eq!((view.events, view.kept), (10_000, SMALL.events));
    assert!(view.kept_bytes <= SMALL.bytes, "{view:?}");
    assert!(
        matches!(slow.next().now_or_never(), Some(Some(News::Reset(place))) if place.seq == 10_000)
    );
}

#[test]
fn sessions_are_a_level_whose_changes_alone_are_told() {
    let feed = feed();
    let mut follower = feed.follow(TOKEN, None).unwrap();
    assert_eq!(sessions(&mut follower), None);
    feed.sessions(loads(1));
    feed.sessions(loads(2));
    assert_eq!(sessions(&mut follower), Some(2));
    feed.sessions(loads(2));
    assert_eq!(sessions(&mut follower), None);
    assert_eq!(
        sessions(&mut feed.follow(TOKEN, None).unwrap()),
        Some(2),
        "the present one is told"
    );
    drop(follower);
    assert!(!feed.end_round());
    assert_eq!(sessions(&mut feed.follow(TOKEN, None).unwrap()), None, "an old one is not");
}

#[test]
fn rows_come_without_how_their_providers_were_picked() {
    let feed = feed();
    let mut follower = feed.follow(TOKEN, None).unwrap();
    let row = crate::testing::row(RequestIds::default().mint(Micros(0), 1));
    assert!(row.chain.iter().any(|link| link.decision.is_some()));
    let large = Event::Row(Arc::new(row.clone())).bytes();
    feed.rows(vec![row.clone()]);
    let Some(Some(News::Events(events))) = follower.next().now_or_never() else { panic!("a row") };
    let Event::Row(told) = &events[0].event else { panic!("{events:?}") };
    assert_eq!((told.opened.id, told.chain.len()), (row.opened.id, row.chain.len()));
    assert!(told.chain.iter().all(|link| link.decision.is_none()));
    assert!(feed.view().kept_bytes <= large);
}

#[test]
fn what_nobody_follows_is_kept_for_five_minutes_and_then_only_counted() {
    let feed = feed();
    tell(&feed, 1);
    assert_eq!(feed.view().kept, 0, "nobody ever followed");
    let place = feed.follow(TOKEN, None).unwrap().place();
    tell(&feed, 1);
    for _ in 1..PATIENCE {
        assert!(!feed.end_round());
    }
    assert_eq!(given(&mut feed.follow(TOKEN, Some(place)).unwrap()), [Some(2)]);
    for _ in 0..PATIENCE {
        assert!(!feed.end_round());
    }
    tell(&feed, 5);
    let view = feed.view();
    assert_eq!((view.kept, view.kept_bytes, view.events), (0, 0, 7));
    assert_eq!(given(&mut feed.follow(TOKEN, Some(place)).unwrap()), [None]);
}

#[derive(Clone, Debug)]
enum Act {
    Tell(u64),
    /// The follower of this number takes what is there.
    Take(usize),
    /// It goes away and comes back at once behind its place.
    Return(usize),
    /// It goes away and comes back behind the event before: it had not got the last one.
    ReturnBefore(usize),
    Rounds(u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..12_u64).prop_map(Act::Tell),
        4 => (0..3_usize).prop_map(Act::Take),
        2 => (0..3_usize).prop_map(Act::Return),
        1 => (0..3_usize).prop_map(Act::ReturnBefore),
        1 => (0..400_u32).prop_map(Act::Rounds),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_every_event_comes_once_or_a_reset(acts in prop::collection::vec(act(), 1..80)) {
        let feed = feed();
        let mut followers: Vec<Option<Follower>> =
            (0..3).map(|_| Some(feed.follow(TOKEN, None).unwrap())).collect();
        let mut seen = [0_u64; 3];
        for act in acts.into_iter().chain((0..3).map(Act::Take)) {
            match act {
                Act::Tell(count) => tell(&feed, count),
                Act::Rounds(rounds) => (0..rounds).for_each(|_| { let _ = feed.end_round(); }),
                Act::Return(who) | Act::ReturnBefore(who) => {
                    let mut place = followers[who].take().unwrap().place();
                    if matches!(act, Act::ReturnBefore(_)) {
                        place.seq = place.seq.saturating_sub(1);
                    }
                    prop_assert_eq!(place.boot, 0xb007);
                    seen[who] = place.seq;
                    followers[who] = Some(feed.follow(TOKEN, Some(place)).unwrap());
                }
                Act::Take(who) => {
                    let newest = feed.view().events;
                    for number in given(followers[who].as_mut().unwrap()) {
                        let expected = number.map_or(newest, |_| seen[who] + 1);
                        // A reset is only said where something is really gone.
                        prop_assert!(number.is_some() || newest - seen[who] > feed.view().kept as u64);
                        prop_assert_eq!(number.unwrap_or(newest), expected);
                        seen[who] = expected;
                    }
                    prop_assert_eq!(seen[who], newest, "nothing is held back");
                }
            }
        }
    }
}
