//! The log that all nodes follow: how much of it is kept, and who notices what is not.

use std::sync::Arc;
use std::time::Duration;

use switchyard::store::redis::{RedisCounters, RedisLink, client};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::flying::Weighing;
use switchyard_actors::domain::ids::{ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::sharing::{Batch, LogPlace, Progress, Reset};
use switchyard_actors::ports::SharedCounters as _;

use crate::support::cache::Cache;

async fn node(name: &str, cache: &Cache) -> RedisCounters {
    let client = client(&Secret::new(&cache.url()), true, None).unwrap();
    let link = RedisLink::new(client, Duration::from_secs(20), Arc::new(|_, _| {}));
    let counters = RedisCounters::new(name, link).unwrap();
    counters.beat(&Weighing::default(), Progress::default()).await.unwrap();
    counters
}

/// One entry of the log.
async fn tell(node: &RedisCounters, number: u64) {
    let owner = Dimension::Provider(ProviderId(1));
    let reset = vec![Reset { owner, user: UserId(0), at: Micros(1) }];
    node.publish(&Batch { number, reset, ..Batch::default() }).await.unwrap();
}

fn length(cache: &Cache) -> u64 {
    let answer = cache.ask("XLEN {sw}:log").unwrap();
    let mut numbers = answer.lines().filter_map(|line| line.strip_prefix(':'));
    numbers.next().unwrap().parse().unwrap()
}

/// Adds entries with these places, an expression of `i`.
fn fill(cache: &Cache, count: u64, place: &str) {
    let add = format!("redis.call('XADD', '{{sw}}:log', {place}, 'n', 'x', '0-0', '[]')");
    let added = cache.ask(&format!("EVAL \"for i = 1, {count} do {add} end return 1\" 0"));
    assert!(added.unwrap().contains(":1"));
}

#[tokio::test]
async fn the_log_is_kept_for_minutes_however_much_is_told() {
    let cache = Cache::start();
    let one = node("a", &cache).await;
    fill(&cache, 5_000, "'1-' .. i");
    tell(&one, 1).await;
    assert!(length(&cache) < 1_000, "what is old goes, whole nodes of the stream at once");
    fill(&cache, 30_000, "'*'");
    tell(&one, 2).await;
    assert!(length(&cache) > 30_000, "what is new stays");
}

#[tokio::test]
async fn who_follows_notices_what_was_taken_away_unread_and_nothing_else() {
    let cache = Cache::start();
    let (one, other) = (node("a", &cache).await, node("b", &cache).await);
    let start = one.locate(Duration::from_mins(1)).await.unwrap();
    tell(&other, 1).await;
    tell(&one, 1).await;
    let heard = one.follow(&start).await.unwrap();
    assert_eq!((heard.told.len(), heard.lacks), (1, false));
    // What it has read may go.
    assert!(cache.ask("XTRIM {sw}:log MAXLEN 0").is_some());
    let read = heard.place.unwrap();
    tell(&other, 2).await;
    let heard = one.follow(&read).await.unwrap();
    assert_eq!((heard.told.len(), heard.lacks), (1, false));
    tell(&other, 3).await;
    tell(&other, 4).await;
    assert!(cache.ask("XTRIM {sw}:log MAXLEN 1").is_some());
    let read = heard.place.unwrap();
    let heard = one.follow(&read).await.unwrap();
    assert_eq!((heard.told.len(), heard.lacks), (1, true));
    tell(&other, 5).await;
    let heard = one.follow(&heard.place.unwrap()).await.unwrap();
    assert_eq!((heard.told.len(), heard.lacks), (1, false), "it is noticed once");
    // Who begins further back than the log reaches lacks something as well.
    let early = LogPlace(Arc::from("1-0"));
    assert!(one.follow(&early).await.unwrap().lacks);
}

#[tokio::test]
async fn a_node_counts_as_one_that_has_told_everything_from_when_it_says_so() {
    let cache = Cache::start();
    let (one, other) = (node("a", &cache).await, node("b", &cache).await);
    let says = |told, since| Progress { told, since: Duration::from_secs(since) };
    let pulse = other.beat(&Weighing::default(), says(true, 0)).await.unwrap();
    assert_eq!((pulse.nodes, pulse.told), (2, 1));
    let told = async |progress| one.beat(&Weighing::default(), progress).await.unwrap().told;
    assert_eq!(told(says(false, 0)).await, 0, "that was before");
    assert_eq!(told(says(false, 60)).await, 1);
    assert_eq!(told(says(true, 60)).await, 2);
}
