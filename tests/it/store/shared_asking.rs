//! Questions that are asked at once go to Redis together, and each gets its own answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::poll;
use switchyard::store::redis::{RedisCounters, RedisLink, client};
use switchyard_actors::domain::check::{Check, Dimension, Span};
use switchyard_actors::domain::counters::Load;
use switchyard_actors::domain::flying::Weighing;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::limits::{Amount, LimitKind};
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::domain::sharing::{Progress, SharedAnswer, SharedAsk};
use switchyard_actors::ports::SharedCounters as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::support::cache::Cache;
use crate::support::waiting::{SOON, until_true};

/// Requests at once that the user may have, and that each key may have.
const OF_USER: u64 = 25;
const OF_KEY: u64 = 9;

/// Stands before Redis and counts the bytes that are sent there, also while it is frozen.
struct Tap {
    url: String,
    sent: Arc<AtomicUsize>,
}

impl Tap {
    async fn before(cache: &Cache) -> Self {
        let mut url = Url::parse(&cache.url()).unwrap();
        let redis = url.port().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(("127.0.0.1", redis)).await.unwrap();
                tokio::spawn(pass_on(near, far, Arc::clone(&counter)));
            }
        });
        Self { url: url.into(), sent }
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

/// Passes bytes on both ways until somebody leaves.
async fn pass_on(near: TcpStream, far: TcpStream, sent: Arc<AtomicUsize>) {
    let ((mut asks, mut hears), (mut answers, mut redis)) = (near.into_split(), far.into_split());
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut hears).await });
    let mut buffer = vec![0; 4_096];
    while let Ok(count @ 1..) = asks.read(&mut buffer).await {
        if redis.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        sent.fetch_add(count, Ordering::SeqCst);
    }
}

/// Connects; the first beat opens the way.
async fn counters(url: &str) -> RedisCounters {
    let client = client(&Secret::new(url), true, None).unwrap();
    let link = RedisLink::new(client, Duration::from_secs(20), Arc::new(|_, _| {}));
    let counters = RedisCounters::new("node", link).unwrap();
    counters.beat(&Weighing::default(), Progress::default()).await.unwrap();
    counters
}

fn ask(number: u64) -> SharedAsk {
    let places = |dimension, count| Check {
        dimension,
        kind: LimitKind::ConcurrentRequests,
        span: Span::Now,
        limit: Amount::Count(count),
    };
    let key = Dimension::Key(KeyId(i64::try_from(number % 4).unwrap()));
    let user = Dimension::User(UserId(1));
    SharedAsk {
        checks: vec![places(key, OF_KEY), places(user, OF_USER)],
        load: Load::default(),
        session: None,
        strict: false,
        number,
    }
}

/// Returns how often a script ran.
fn calls(cache: &Cache) -> u64 {
    let told = cache.ask("INFO commandstats").unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    line.and_then(|line| line.split(',').next()).map_or(0, |calls| calls.parse().unwrap())
}

#[tokio::test]
async fn questions_at_once_share_calls_and_see_what_the_others_hold() {
    let cache = Cache::start();
    let counters = counters(&cache.url()).await;
    let door = counters.door().unwrap();
    let asks: Vec<SharedAsk> = (1..=100).map(ask).collect();
    let answers = join_all(asks.iter().map(|ask| door.admit(ask))).await;
    let (mut of_user, mut of_key) = (0, [0; 4]);
    for (ask, answer) in asks.iter().zip(answers) {
        let key = usize::try_from(ask.number % 4).unwrap();
        // What each is told is what one after the other would be told.
        let wanted = if of_key[key] == OF_KEY {
            (0, OF_KEY)
        } else if of_user == OF_USER {
            (1, OF_USER)
        } else {
            of_key[key] += 1;
            of_user += 1;
            assert_eq!(answer.unwrap(), SharedAnswer::Held, "{}", ask.number);
            continue;
        };
        let SharedAnswer::Refused { check, used } = answer.unwrap() else { panic!("it was held") };
        assert_eq!((check, used.settled), (wanted.0, i64::try_from(wanted.1).unwrap()));
    }
    assert_eq!(of_user, OF_USER);
    let calls = calls(&cache);
    assert!((1..=10).contains(&calls), "{calls} calls for a hundred questions");
}

#[tokio::test]
async fn who_asks_no_longer_is_not_asked_for_and_the_others_are() {
    let cache = Cache::start();
    let tap = Tap::before(&cache).await;
    let counters = counters(&tap.url).await;
    let door = counters.door().unwrap();
    // The first one's call is under way while the others wait; then half of those go.
    cache.freeze();
    let before = tap.sent();
    let first = Arc::clone(&door);
    let first = tokio::spawn(async move { first.admit(&ask(1)).await });
    until_true("the first call is under way", SOON, || tap.sent() > before).await;
    let asks: Vec<SharedAsk> = (2..=21).map(ask).collect();
    let mut waiting: Vec<_> = asks.iter().map(|ask| door.admit(ask)).collect();
    // Looked at once, each has asked.
    assert!(poll!(join_all(&mut waiting)).is_pending(), "it is frozen");
    let stay = waiting.split_off(10);
    drop(waiting);
    cache.thaw();
    let answers = join_all(stay).await;
    assert_eq!(first.await.unwrap().unwrap(), SharedAnswer::Held);
    let held = answers.iter().filter(|answer| matches!(answer, Ok(SharedAnswer::Held))).count();
    assert_eq!(held, 10, "{answers:?}");
    let running = cache.ask("HGET {sw}:m:u:1 o:node").unwrap();
    let running: Vec<&str> = running.lines().filter(|line| line.parse::<u64>().is_ok()).collect();
    assert_eq!(running, ["11"], "the first, whose call was under way, and those that stayed");
}
