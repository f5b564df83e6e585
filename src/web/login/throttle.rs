//! How often one address may fail to log in, or bring tokens that open nothing. The decision is pure; the state is a small map.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use switchyard_actors::domain::instant::Micros;

/// So many failures ...
const MOST_FAILURES: u32 = 10;
/// ... within so long ...
const WINDOW: Duration = Duration::from_mins(5);
/// ... shut an address out for so long.
const LOCK: Duration = Duration::from_mins(15);
/// Addresses that are remembered; beyond it the oldest go.
const MOST_ADDRESSES: usize = 10_000;

/// What is remembered of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Record {
    since: Micros,
    failures: u32,
    locked_until: Micros,
}

impl Record {
    /// Returns how long the address is still shut out.
    fn locked_for(self, now: Micros) -> Option<Duration> {
        let left = self.locked_until.since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Returns the record after one more failure.
    fn after_failure(self, now: Micros) -> Self {
        let is_old = now.since(self.since) >= WINDOW || self.failures == 0;
        let counted = if is_old { Self { since: now, ..Self::default() } } else { self };
        let failures = counted.failures.saturating_add(1);
        if failures >= MOST_FAILURES {
            return Self { since: now, failures: 0, locked_until: now.plus(LOCK) };
        }
        Self { failures, ..counted }
    }

    fn is_over(self, now: Micros) -> bool {
        self.locked_for(now).is_none() && now.since(self.since) >= WINDOW
    }
}

/// Counts failures by address, in this process.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<IpAddr, Record>>);

impl Throttle {
    /// Returns how long the address must wait; `None` lets it try.
    pub fn wait(&self, address: IpAddr, now: Micros) -> Option<Duration> {
        self.0.lock().get(&prefix(address))?.locked_for(now)
    }

    /// Notes a failure.
    pub fn failed(&self, address: IpAddr, now: Micros) {
        let mut records = self.0.lock();
        let address = prefix(address);
        if records.len() >= MOST_ADDRESSES && !records.contains_key(&address) {
            make_room(&mut records, now);
        }
        let record = records.entry(address).or_default();
        *record = record.after_failure(now);
    }

    /// Notes a failure of an address, unless it is shut out already: then returns for how long.
    pub fn guessed(&self, address: IpAddr, now: Micros) -> Option<Duration> {
        let wait = self.wait(address, now);
        if wait.is_none() {
            self.failed(address, now);
        }
        wait
    }

    /// Forgets the failures of an address that has logged in.
    pub fn succeeded(&self, address: IpAddr) {
        self.0.lock().remove(&prefix(address));
    }
}

/// An IPv6 client has a whole /64 to itself.
fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn make_room(records: &mut HashMap<IpAddr, Record>, now: Micros) {
    records.retain(|_, record| !record.is_over(now));
    if records.len() >= MOST_ADDRESSES {
        let oldest = records.iter().min_by_key(|(_, record)| record.since).map(|(ip, _)| *ip);
        oldest.and_then(|oldest| records.remove(&oldest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Micros = Micros(1_000_000_000);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn fail(throttle: &Throttle, times: u32, now: Micros) {
        for _ in 0..times {
            throttle.failed(address("192.0.2.1"), now);
        }
    }

    #[test]
    fn the_tenth_failure_in_five_minutes_shuts_out_for_fifteen() {
        let throttle = Throttle::default();
        fail(&throttle, 9, START);
        assert_eq!(throttle.wait(address("192.0.2.1"), START), None);
        let later = START.plus(Duration::from_secs(299));
        fail(&throttle, 1, later);
        assert_eq!(throttle.wait(address("192.0.2.1"), later), Some(LOCK));
        assert_eq!(throttle.wait(address("192.0.2.2"), later), None);
        assert_eq!(throttle.wait(address("192.0.2.1"), later.plus(LOCK)), None);
    }

    #[test]
    fn failures_of_more_than_five_minutes_ago_do_not_count() {
        let throttle = Throttle::default();
        fail(&throttle, 9, START);
        let later = START.plus(WINDOW);
        fail(&throttle, 9, later);
        assert_eq!(throttle.wait(address("192.0.2.1"), later), None);
    }

    #[test]
    fn a_success_forgets_the_failures() {
        let throttle = Throttle::default();
        fail(&throttle, 9, START);
        throttle.succeeded(address("192.0.2.1"));
        fail(&throttle, 9, START);
        assert_eq!(throttle.wait(address("192.0.2.1"), START), None);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_client() {
        let throttle = Throttle::default();
        for host in 0..10 {
            throttle.failed(address(&format!("2001:db8::{host}")), START);
        }
        assert!(throttle.wait(address("2001:db8::ffff"), START).is_some());
        assert_eq!(throttle.wait(address("2001:db8:0:1::1"), START), None);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for number in 0..u32::try_from(MOST_ADDRESSES).unwrap() + 50 {
            throttle.failed(IpAddr::V4(number.into()), START);
        }
        assert_eq!(throttle.0.lock().len(), MOST_ADDRESSES);
    }
}
