//! What running requests have taken and give back: at rest each of these is zero.

use prometheus::{IntGauge, Registry};

/// How much of each is taken. Money is in nano-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Requests that wait for a place.
    pub waiting: u64,
    /// Sessions that hold a seat: what limits of concurrent sessions count.
    pub seats: u64,
    /// Requests that users count as running.
    pub running: u64,
    /// Reservations that are not settled.
    pub reservations: u64,
    /// Tokens on hold.
    pub tokens: u64,
    /// What groups, tags and providers count as running; a request counts in several.
    pub common_running: u64,
    /// Seats of sessions in groups, at tags and at providers.
    pub common_seats: u64,
    /// Money on hold in groups, at tags and at providers.
    pub common_held: i64,
    /// Requests that are at a provider.
    pub leases: u64,
    /// Permits to try what is half open.
    pub probe_permits: u64,
    /// What other nodes have not been told yet.
    pub untold: u64,
}

/// The gauges.
#[derive(Debug)]
pub struct InUse {
    waiting: IntGauge,
    seats: IntGauge,
    running: IntGauge,
    reservations: IntGauge,
    tokens: IntGauge,
    common_running: IntGauge,
    common_seats: IntGauge,
    common_held: IntGauge,
    leases: IntGauge,
    probe_permits: IntGauge,
    untold: IntGauge,
    /// Answers that are read on for clients that left.
    pub draining: IntGauge,
    /// Answers that are through and whose connection may still be used again.
    pub tails: IntGauge,
}

impl InUse {
    /// Sets the gauges up.
    ///
    /// # Errors
    /// A name is used twice.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(super::named(name), help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(Self {
            waiting: gauge("limit_waiting", "Requests that wait for a place.")?,
            seats: gauge("session_seats", "Sessions that hold a seat.")?,
            running: gauge("limit_running", "Requests that users count as running.")?,
            reservations: gauge("reservations", "Reservations that are not settled.")?,
            tokens: gauge("held_tokens", "Tokens held for running requests.")?,
            common_running: gauge(
                "common_running",
                "Requests running in groups, at tags and at providers, each counted in several.",
            )?,
            common_seats: gauge("common_seats", "Seats in groups, at tags and at providers.")?,
            common_held: gauge(
                "common_held_nanodollars",
                "Money held in groups, at tags and at providers.",
            )?,
            leases: gauge("provider_leases", "Requests that are at a provider.")?,
            probe_permits: gauge("probe_permits", "Probes of half-open breakers under way.")?,
            untold: gauge("redis_untold", "What other nodes have not been told yet.")?,
            draining: gauge("draining", "Answers read on for clients that left.")?,
            tails: gauge("tails", "Ended answers whose connection may be used again.")?,
        })
    }

    /// Sets what is read when somebody looks.
    pub fn set(&self, taken: &Taken) {
        let signed = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX);
        self.waiting.set(signed(taken.waiting));
        self.seats.set(signed(taken.seats));
        self.running.set(signed(taken.running));
        self.reservations.set(signed(taken.reservations));
        self.tokens.set(signed(taken.tokens));
        self.common_running.set(signed(taken.common_running));
        self.common_seats.set(signed(taken.common_seats));
        self.common_held.set(taken.common_held);
        self.leases.set(signed(taken.leases));
        self.probe_permits.set(signed(taken.probe_permits));
        self.untold.set(signed(taken.untold));
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Encoder as _;

    use super::*;

    #[test]
    fn what_is_taken_can_be_read_one_by_one() {
        let registry = Registry::new();
        let gauges = InUse::new(&registry).unwrap();
        gauges.set(&Taken {
            waiting: 10,
            seats: 11,
            running: 1,
            reservations: 2,
            tokens: 3,
            common_running: 4,
            common_seats: 5,
            common_held: 6,
            leases: 7,
            probe_permits: 8,
            untold: 9,
        });
        gauges.draining.inc();
        let mut text = Vec::new();
        prometheus::TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        for line in [
            "limit_waiting 10",
            "session_seats 11",
            "limit_running 1",
            "reservations 2",
            "held_tokens 3",
            "common_running 4",
            "common_seats 5",
            "common_held_nanodollars 6",
            "provider_leases 7",
            "probe_permits 8",
            "redis_untold 9",
            "draining 1",
            "tails 0",
        ] {
            let line = format!("switchyard_{line}");
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
