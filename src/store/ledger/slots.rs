//! Slots of fifteen minutes, their borders as request ids, and buckets of latency.

use std::collections::BTreeSet;
use std::time::Duration;

use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;

use crate::params;
use crate::store::sql::Batch;

/// The span of a roll-up slot: half-hour time zones start their days on its borders.
pub const SLOT: Duration = Duration::from_mins(15);
const SLOT_MICROS: i64 = 15 * 60 * 1_000_000;
/// Buckets for each doubling, as a power of two: a bucket is at most an eighth wide.
const FINE: u32 = 3;

/// Returns the start of the slot that a request belongs to, by its id.
#[must_use]
pub fn slot_of(id: &RequestId) -> Micros {
    slot_at(Micros::from_millis(id.millis()))
}

/// Returns the start of the slot around an instant.
pub(crate) const fn slot_at(at: Micros) -> Micros {
    Micros(at.0.div_euclid(SLOT_MICROS) * SLOT_MICROS)
}

/// Adds to a batch that the slots of these requests are to be counted anew, in one order for all
/// writers.
pub(super) fn mark<'a>(batch: &mut Batch, ids: impl Iterator<Item = &'a RequestId>) {
    let slots: BTreeSet<Micros> = ids.map(slot_of).collect();
    for slot in slots {
        let (from, to) = (first_id(slot), first_id(slot.plus(SLOT)));
        batch.push("rollups/mark", params![slot, from, to]);
    }
}

/// Returns the lowest id that a request of this instant or later can have.
#[must_use]
pub fn first_id(at: Micros) -> RequestId {
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    let [_, _, b0, b1, b2, b3, b4, b5] = millis.to_be_bytes();
    let mut id = [0; 16];
    for (place, byte) in id.iter_mut().zip([b0, b1, b2, b3, b4, b5]) {
        *place = byte;
    }
    RequestId(id)
}

/// Returns the histogram bucket of a latency: eight buckets for each doubling.
#[must_use]
pub fn latency_bucket(millis: u64) -> i64 {
    let doubling = 63_u32.saturating_sub(millis.leading_zeros());
    if doubling < FINE {
        return i64::try_from(millis).unwrap_or(0);
    }
    let rest = doubling - FINE;
    let part = (millis >> rest) & 0b111;
    i64::from((rest + 1) << FINE) + i64::try_from(part).unwrap_or(0)
}

/// Returns the longest latency that falls into a bucket.
#[must_use]
pub fn bucket_ceiling(bucket: i64) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(0);
    if bucket < 16 {
        return bucket;
    }
    let rest = (bucket >> FINE) - 1;
    let next = (bucket & 0b111) + 9;
    u32::try_from(rest)
        .ok()
        .filter(|rest| *rest < 60)
        .map_or(u64::MAX, |rest| (u128::from(next) << rest).try_into().unwrap_or(u64::MAX) - 1)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::clock::RequestIds;

    use super::*;

    #[test]
    fn an_id_lies_between_the_borders_of_its_slot() {
        let now = Micros(1_777_982_400_000_000 + 7 * 60_000_000);
        let id = RequestIds::default().mint(now, 3);
        let slot = slot_of(&id);
        assert_eq!(slot, Micros(1_777_982_400_000_000));
        assert!(first_id(slot) <= id && id < first_id(slot.plus(SLOT)));
    }

    #[test]
    fn buckets_rise_without_gaps_and_hold_their_ceiling() {
        let mut last = 0;
        for millis in 0..200_000 {
            let bucket = latency_bucket(millis);
            assert!(bucket == last || bucket == last + 1, "{millis}");
            let ceiling = bucket_ceiling(bucket);
            assert!(ceiling >= millis && ceiling <= millis + millis / 8, "{millis} {ceiling}");
            last = bucket;
        }
        assert!(latency_bucket(u64::MAX) < 1_000);
    }
}
