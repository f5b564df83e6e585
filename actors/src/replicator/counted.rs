//! Which charges the start has counted: those whose rows were in the ledger when its sums were read.
//! Pure.

use std::time::Duration;

use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;
use crate::domain::sharing::{Charge, OVERLAP};

/// Clocks of nodes differ by no more than this.
const CLOCKS_DIFFER: Duration = Duration::from_secs(30);

/// What the start has read of the ledger, besides the sums and at the same moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    at: Micros,
    arrival: Micros,
    end: Micros,
    requests: Vec<RequestId>,
}

/// What is known of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It is in the sums.
    Counted,
    /// It is not.
    New,
    /// It is too old for what was read: whether the ledger has it decides.
    Old,
}

impl Counted {
    /// Returns from which arrival and from which end on requests are to be listed for a start at this
    /// instant, when none takes longer than `longest`.
    #[must_use]
    pub fn borders(at: Micros, longest: Duration) -> (Micros, Micros) {
        let end = at.minus(OVERLAP.saturating_add(CLOCKS_DIFFER));
        (end.minus(longest), end)
    }

    /// Notes what was read from a moment at `at` or later: the requests between those borders.
    #[must_use]
    pub fn new(at: Micros, longest: Duration, mut requests: Vec<RequestId>) -> Self {
        let (arrival, end) = Self::borders(at, longest);
        requests.sort_unstable();
        Self { at, arrival, end, requests }
    }

    /// Returns the instant before the ledger was read.
    #[must_use]
    pub const fn at(&self) -> Micros {
        self.at
    }

    /// Tells whether a charge is in what was read. A bill that came late is in the ledger before it is
    /// told; it has no row of its own, so its instant alone decides, by the clock of whoever booked it.
    #[must_use]
    pub fn stand(&self, charge: &Charge) -> Stand {
        let Some(request) = charge.request else {
            let booked = charge.booked.unwrap_or(charge.ended);
            return if booked <= self.at { Stand::Counted } else { Stand::New };
        };
        if self.requests.binary_search(&request).is_ok() {
            return Stand::Counted;
        }
        if charge.ended >= self.end && charge.at >= self.arrival {
            return Stand::New;
        }
        Stand::Old
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Nano;

    const HOUR: Duration = Duration::from_hours(1);
    const NOW: Micros = Micros(1_777_982_400_000_000);

    fn charge(request: u8, (at, ended): (Micros, Micros)) -> Charge {
        let request = Some(RequestId([request; 16]));
        Charge {
            request,
            user: None,
            owners: Vec::new(),
            at,
            ended,
            booked: None,
            cost: Nano(1),
            tokens: 0,
        }
    }

    fn counted() -> Counted {
        Counted::new(NOW, HOUR, vec![RequestId([7; 16]), RequestId([3; 16])])
    }

    #[test]
    fn what_was_read_is_counted_whatever_the_clock_of_its_node_says() {
        let (early, late) = (NOW.minus(HOUR * 9), NOW.plus(HOUR));
        for span in [(early, early), (NOW, NOW), (late, late)] {
            assert_eq!(counted().stand(&charge(3, span)), Stand::Counted);
            assert_eq!(counted().stand(&charge(7, span)), Stand::Counted);
        }
    }

    #[test]
    fn what_ended_lately_and_was_not_read_is_new() {
        let (arrival, end) = Counted::borders(NOW, HOUR);
        for (span, stand) in [
            ((NOW, NOW), Stand::New),
            ((arrival, end), Stand::New),
            ((arrival, end.minus(Duration::from_micros(1))), Stand::Old),
            // Longer than any request should take: it was not looked for.
            ((arrival.minus(Duration::from_micros(1)), NOW), Stand::Old),
        ] {
            assert_eq!(counted().stand(&charge(4, span)), stand, "{span:?}");
        }
    }

    #[test]
    fn a_late_bill_is_in_the_ledger_before_it_is_told() {
        let (at, ended) = (NOW.minus(HOUR * 900), NOW.minus(HOUR * 899));
        let late =
            |booked| Charge { request: None, booked: Some(booked), ..charge(0, (at, ended)) };
        assert_eq!(counted().stand(&late(NOW)), Stand::Counted);
        assert_eq!(counted().stand(&late(NOW.plus(HOUR))), Stand::New);
    }
}
