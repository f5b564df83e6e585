//! Thousands of requests of all dialects, whole, streamed and over sockets, passed and converted, under every kind
//! of limit, from clients that leave at any point, to vendors that fail in every way: what they took must all be
//! given back.
//!
//! The small runs are ordinary tests. The long ones are `make soak`: their length and seed come from
//! `SWITCHYARD_SOAK_REQUESTS` and `SWITCHYARD_SOAK_SEED`.

mod clients;
mod dice;
mod faults;
mod rest;
mod sockets;
mod world;

use std::time::Instant;

use world::World;

/// Requests of a small run.
const FEW: usize = 2_000;
/// Requests of a long run.
const MANY: usize = 100_000;
const SEED: u64 = 20_261_129;
/// What memory at rest may be after the second half, of what it was after the first, and the slack.
const GROWTH_PERCENT: u64 = 110;
const SLACK_KIB: u64 = 4 * 1_024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_and_whoever_leaves_all_is_given_back() {
    let world = World::alone(SEED).await;
    world.drive(0..FEW).await;
    rest::everything_is_given_back(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_give_back_what_they_share() {
    let world = World::shared(SEED).await;
    world.drive(0..FEW).await;
    rest::everything_is_given_back(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: make soak"]
async fn long_alone() {
    long(World::alone(seed()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: make soak"]
async fn long_on_two_nodes() {
    long(World::shared(seed()).await).await;
}

/// Two halves with a rest after each: the second must not leave more behind than the first.
async fn long(world: World) {
    let requests = number("SWITCHYARD_SOAK_REQUESTS").unwrap_or(MANY);
    let mut memory = Vec::new();
    for half in [0..requests / 2, requests / 2..requests] {
        let begun = Instant::now();
        world.drive(half.clone()).await;
        println!("requests {half:?} took {:.0?}", begun.elapsed());
        rest::everything_is_given_back(&world).await;
        memory.push(world.memory_kib());
    }
    println!("resident KiB at rest after each half, by node: {memory:?}");
    for (first, second) in memory[0].iter().zip(&memory[1]) {
        assert!(
            *second <= first * GROWTH_PERCENT / 100 + SLACK_KIB,
            "memory grows: {memory:?} KiB"
        );
    }
}

fn seed() -> u64 {
    number("SWITCHYARD_SOAK_SEED").map_or(SEED, |seed| seed as u64)
}

#[expect(clippy::disallowed_methods, reason = "who starts a long run says how long by environment")]
fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}
