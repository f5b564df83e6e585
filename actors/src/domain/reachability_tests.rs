//! Tests of whose fault a failed connection is.

use proptest::prelude::*;

use super::*;

const A: &str = "a:443";
const B: &str = "b:443";
const C: &str = "c:443";

/// An instant so many seconds after the beginning.
fn at(seconds: i64) -> Micros {
    Micros((1_000 + seconds) * 1_000_000)
}

/// A failure of a host beside which there are others.
fn of(host: &str) -> Unreached<'_> {
    Unreached { host, alone: false }
}

fn known() -> Reachability<&'static str> {
    Reachability::new(false)
}

#[test]
fn a_dead_host_is_charged_as_soon_as_another_one_answers() {
    let mut hosts = known();
    assert!(hosts.failed(of(A), at(0), A).is_empty(), "nobody knows yet");
    assert_eq!(hosts.reached(B, at(0)), [A]);
    assert_eq!(hosts.failed(of(A), at(1), A), [A], "others answer while it fails");
    assert_eq!(hosts.failed(of(A), at(10), A), [A]);
}

#[test]
fn two_hosts_that_fail_together_are_not_charged_nor_is_a_third() {
    let mut hosts = known();
    hosts.reached(A, at(0));
    hosts.reached(B, at(0));
    let failed: Vec<_> = [A, A, A, A, A, A, B, A, B, C]
        .into_iter()
        .flat_map(|host| hosts.failed(of(host), at(1), host))
        .collect();
    assert!(failed.is_empty() && hosts.is_down(at(1)), "{failed:?}");
    assert!(hosts.reached(A, at(5)).is_empty(), "what was our network's is forgotten");
    assert!(!hosts.is_down(at(5)));
    assert_eq!(hosts.failed(of(B), at(6), B), [B], "it goes on failing while another answers");
}

#[test]
fn two_hosts_that_are_dead_while_a_third_answers_are_both_charged() {
    let mut hosts = known();
    let mut charged = Vec::new();
    for second in 0..4 {
        for host in [A, B] {
            charged.extend(hosts.failed(of(host), at(second), host));
        }
        charged.extend(hosts.reached(C, at(second)));
    }
    assert_eq!(charged, [A, B, A, B, A, B], "the first ones looked like a dead network");
}

#[test]
fn a_host_alone_is_charged_at_once_unless_there_is_a_canary() {
    let alone = Unreached { host: A, alone: true };
    assert_eq!(known().failed(alone, at(0), A), [A]);
    let mut hosts = Reachability::new(true);
    assert!(hosts.failed(alone, at(0), A).is_empty());
    assert!(hosts.is_in_doubt());
    assert_eq!(hosts.compared("canary", true, at(0)), [A]);
    assert_eq!(hosts.failed(alone, at(1), A), [A], "the canary has answered just now");
    let mut down = Reachability::new(true);
    assert!(down.failed(alone, at(0), A).is_empty());
    assert!(down.compared("canary", false, at(1)).is_empty());
    assert!(!down.is_in_doubt() && down.is_down(at(1)));
    assert!(down.failed(alone, at(2), A).is_empty());
}

#[test]
fn a_failure_that_nothing_explains_counts_after_the_wait() {
    let mut hosts = known();
    assert!(hosts.failed(of(A), at(0), "first").is_empty());
    assert!(hosts.failed(of(A), at(10), "second").is_empty());
    assert_eq!(hosts.failed(of(A), at(11), "third"), ["first"]);
}

#[test]
fn a_lone_failure_counts_when_its_wait_is_over_though_none_follows() {
    let mut hosts = known();
    assert!(hosts.failed(of(A), at(0), A).is_empty());
    assert!(hosts.overdue(at(10)).is_empty() && hosts.is_in_doubt());
    assert_eq!(hosts.overdue(at(11)), [A]);
    assert!(!hosts.is_in_doubt() && !hosts.is_troubled(), "and its row is over");
}

#[test]
fn what_was_pardoned_is_not_charged() {
    let mut hosts = known();
    assert!(hosts.failed(of(A), at(0), A).is_empty());
    assert!(hosts.failed(of(A), at(1), B).is_empty());
    hosts.pardon(|what| *what == A);
    assert_eq!(hosts.reached(C, at(2)), [B]);
}

#[test]
fn failures_far_apart_are_not_taken_for_a_dead_network() {
    let mut hosts = known();
    assert!(hosts.failed(of(A), at(0), A).is_empty());
    assert_eq!(hosts.failed(of(B), at(20), B), [A]);
    assert!(!hosts.is_down(at(20)));
}

#[test]
fn the_next_time_that_our_network_is_down_nobody_is_charged_either() {
    let mut hosts = known();
    for host in [A, B] {
        assert!(hosts.failed(of(host), at(0), host).is_empty());
    }
    // The first one is asked again and answers, for an hour; of the other one nobody hears.
    for second in [5, 1_800, 3_599] {
        assert!(hosts.reached(A, at(second)).is_empty());
    }
    for host in [B, A, B, A] {
        assert!(hosts.failed(of(host), at(3_600), host).is_empty(), "{host}");
    }
    assert!(hosts.is_down(at(3_600)));
    assert!(hosts.failed(of(B), at(3_605), B).is_empty());
}

proptest! {
    /// In any history a failure is charged at most once, and while nobody has answered since two
    /// hosts began to fail none is charged.
    #[test]
    fn nothing_is_charged_twice_and_nothing_while_the_network_is_down(
        steps in prop::collection::vec((0_usize..4, any::<bool>(), 0_i64..6), 1..200),
    ) {
        let names = [A, B, C, "d:443"];
        let mut hosts = Reachability::new(false);
        let (mut now, mut charged) = (0, Vec::new());
        for (number, (host, answers, seconds)) in steps.into_iter().enumerate() {
            now += seconds;
            let due = if answers {
                hosts.reached(names[host], at(now))
            } else {
                hosts.failed(of(names[host]), at(now), number)
            };
            if hosts.is_down(at(now)) {
                // Of rows that began before the last answer, one more may be known to be its host's.
                prop_assert!(due.iter().all(|one| *one == number), "{due:?}");
            }
            charged.extend(due);
        }
        let mut once = charged.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), charged.len());
    }
}
