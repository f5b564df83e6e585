//! What must be zero when nothing runs: all figures of what requests take, in every node and in
//! Redis, and the sockets that they had open. Every request is a part of the task of its client's
//! socket or of its worker's drainer, so without both none is left.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use super::world::{World, sockets};
use crate::support::cache::Cache;
use crate::support::client::Request;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::waiting::until;

/// Longer than a drain, a seat's life at an emptied place, and the rest of a slow machine.
const QUIET: Duration = Duration::from_secs(45);
/// Sockets that a node may have gained: connections of its database and of whoever looks at it.
const SPARE_SOCKETS: usize = 24;
/// What requests take and give back.
const TAKEN: [&str; 18] = [
    "sockets",
    "requests_in_flight",
    "body_bytes",
    "limit_running",
    "limit_waiting",
    "reservations",
    "held_nanodollars",
    "held_tokens",
    "session_seats",
    "common_running",
    "common_seats",
    "common_held_nanodollars",
    "provider_leases",
    "probe_permits",
    "draining",
    "tails",
    "recorder_queue",
    "redis_untold",
];

/// What may stay unseen between two looks. All else must have moved among thousands of requests:
/// figures that never move would be zero at the end, too.
const RARELY_TAKEN: [&str; 5] =
    ["probe_permits", "draining", "tails", "recorder_queue", "redis_untold"];

/// The most that was taken of each.
pub type Peaks = BTreeMap<&'static str, i64>;

/// Looks again and again at what requests have taken.
pub async fn watch(node: &Switchyard, peaks: &mut Peaks) -> Infallible {
    loop {
        let text = figures(node).await;
        for name in TAKEN {
            let peak = peaks.entry(name).or_default();
            *peak = figure(&text, name).max(*peak);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Asserts that what was watched has moved.
pub fn were_taken(peaks: &Peaks) {
    println!("at most: {peaks:?}");
    for name in TAKEN.into_iter().filter(|name| !RARELY_TAKEN.contains(name)) {
        assert!(peaks[name] > 0, "{name} never moved: {peaks:?}");
    }
}

/// Waits until everything is given back, and says what is not.
pub async fn everything_is_given_back(world: &World) {
    for node in &world.nodes {
        figures_are_zero(node).await;
    }
    if let Some(cache) = &world.cache {
        nothing_is_held_in(cache).await;
    }
    let to_vendors = || world.upstreams.iter().map(Upstream::open_connections).sum::<usize>();
    for (node, before) in world.nodes.iter().zip(&world.sockets) {
        until("no socket of a client is left", QUIET, async || {
            let now = sockets(node.pid());
            (now <= before + to_vendors() + SPARE_SOCKETS).then_some(())
        })
        .await;
        println!(
            "sockets: {before} at first, {} at rest, of which at most {} to vendors",
            sockets(node.pid()),
            to_vendors()
        );
    }
    for node in &world.nodes {
        assert_eq!(figure(&figures(node).await, "panics"), 0, "{}", node.logs());
    }
}

async fn figures_are_zero(node: &Switchyard) {
    let end = Instant::now() + QUIET;
    loop {
        let text = figures(node).await;
        let taken: Vec<(&str, i64)> = TAKEN
            .into_iter()
            .map(|name| (name, figure(&text, name)))
            .filter(|(_, figure)| *figure != 0)
            .collect();
        if taken.is_empty() {
            println!("{} figures are zero", TAKEN.len());
            return;
        }
        assert!(Instant::now() < end, "not given back: {taken:?}\n{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn figures(node: &Switchyard) -> String {
    node.send(&Request::get("/metrics")).await.text()
}

fn figure(text: &str, name: &str) -> i64 {
    let name = format!("switchyard_{name}");
    let line = text.lines().find_map(|line| line.strip_prefix(&name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing")).parse().expect("a figure")
}

/// Waits until no node holds anything of anybody in Redis.
async fn nothing_is_held_in(cache: &Cache) {
    let end = Instant::now() + QUIET;
    loop {
        let meters = lines(cache, "KEYS {sw}:m:*");
        let held: Vec<String> = meters.iter().flat_map(|key| held(cache, key)).collect();
        if held.is_empty() {
            println!("nothing is held under {} keys of Redis", meters.len());
            return;
        }
        assert!(Instant::now() < end, "held in Redis: {held:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Returns what is held under a key: money, requests and tokens of nodes, seats that have not run out.
fn held(cache: &Cache, key: &str) -> Vec<String> {
    if [":b", ":q", ":k"].iter().any(|end| key.ends_with(end)) {
        return Vec::new();
    }
    let all = lines(cache, &format!("HGETALL {key}"));
    let pairs = all.chunks(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
    let is_held = |(field, value): &(&str, &str)| {
        if key.ends_with(":s") {
            return value.parse::<u128>().expect("an instant") > now_ms();
        }
        ["h:", "o:", "t:"].iter().any(|kind| field.starts_with(kind)) && *value != "0"
    };
    pairs.filter(is_held).map(|(field, value)| format!("{key} {field} {value}")).collect()
}

/// Returns the texts of a list that Redis answers.
fn lines(cache: &Cache, command: &str) -> Vec<String> {
    let answer = cache.ask(command).expect("redis answers");
    let texts = answer.lines().filter(|line| !line.starts_with(['$', '*', '+', '-']));
    texts.map(ToOwned::to_owned).collect()
}

#[expect(clippy::disallowed_methods, reason = "compared with the clock of Redis")]
fn now_ms() -> u128 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.expect("after 1970").as_millis()
}
