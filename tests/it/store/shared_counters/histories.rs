//! The random histories: limits, and what happens under them.

use proptest::prelude::*;
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::money::Nano;

use super::node::Overlap;
use super::world::TOKEN;

/// Something that happens. A request ends right before a reset.
#[derive(Clone, Debug)]
pub enum Step {
    Reserve { node: usize, who: usize, session: u8, output: u64, counts: bool, beat: Overlap },
    Raise { which: usize, by: i64 },
    Settle { which: usize, output: u64 },
    Cancel { which: usize },
    Lease { node: usize, session: u8, output: u64, counts: bool, beat: Overlap },
    Pay { which: usize, output: u64 },
    Return { which: usize },
    Wait { seconds: u64 },
    Flush,
    Reset { node: usize, owner: usize, which: usize, output: u64, known: Known },
}

/// How a reset becomes known.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// It is told.
    Told,
    /// The node that has made it tells the windows of the owner before it tells the reset.
    SeededFirst,
    /// The node that has not heard of it tells them behind it.
    SeededLate,
}

/// Limits of the user, the key, the group, a tag and the provider, and whether Redis may be emptied: what it counts
/// of the last minute is gone then.
#[derive(Clone, Debug)]
pub struct Setting {
    pub limits: [Limits; 5],
    pub strict: bool,
    pub flushes: bool,
}

fn limits(rates: bool) -> impl Strategy<Value = Limits> {
    let money =
        || prop::option::weighted(0.4, (3_i64..40).prop_map(|count| Nano(count * 40 * TOKEN)));
    let count = |rates: bool, range: std::ops::Range<u32>| {
        let some = prop::option::weighted(0.3, range);
        some.prop_map(move |limit| limit.filter(|_| rates))
    };
    let modes = (any::<bool>(), any::<bool>());
    let counts = (count(rates, 2..8), count(rates, 100..900), count(true, 1..4), count(true, 1..6));
    (counts, money(), money(), money(), money(), money(), modes).prop_map(
        |((rpm, tpm, sessions, requests), five, daily, weekly, monthly, total, (day, hours))| {
            let mode = |rolls| if rolls { ResetMode::Rolling } else { ResetMode::Fixed };
            Limits {
                rpm,
                tpm,
                concurrent_sessions: sessions,
                concurrent_requests: requests,
                spend_5h: five,
                daily,
                weekly,
                monthly,
                total,
                daily_mode: mode(day),
                daily_reset_minute: 90,
                five_hour_mode: mode(hours),
            }
        },
    )
}

fn setting() -> impl Strategy<Value = Setting> {
    any::<bool>().prop_flat_map(|flushes| {
        let one = || limits(!flushes);
        ([one(), one(), one(), one(), one()], any::<bool>())
            .prop_map(move |(limits, strict)| Setting { limits, strict, flushes })
    })
}

fn step(flushes: bool) -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..2_usize, 0..3_usize, 0..3_u8, 1..120_u64, prop::bool::weighted(0.9), overlap()).prop_map(
            |(node, who, session, output, counts, beat)| {
                Step::Reserve { node, who, session, output, counts, beat }
            }
        ),
        2 => (0..9_usize, 1..50_i64).prop_map(|(which, by)| Step::Raise { which, by: by * TOKEN }),
        7 => (0..9_usize, 0..150_u64).prop_map(|(which, output)| Step::Settle { which, output }),
        2 => (0..9_usize).prop_map(|which| Step::Cancel { which }),
        8 => (0..2_usize, 0..3_u8, 1..120_u64, prop::bool::weighted(0.9), overlap()).prop_map(
            |(node, session, output, counts, beat)| Step::Lease { node, session, output, counts, beat }
        ),
        5 => (0..9_usize, 0..150_u64).prop_map(|(which, output)| Step::Pay { which, output }),
        2 => (0..9_usize).prop_map(|which| Step::Return { which }),
        2 => (1..90_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (1..40_u64).prop_map(|hours| Step::Wait { seconds: hours * 1_800 }),
        1 => Just(if flushes { Step::Flush } else { Step::Wait { seconds: 1 } }),
        2 => (0..2_usize, 0..5_usize, 0..9_usize, 0..150_u64, known()).prop_map(
            |(node, owner, which, output, known)| Step::Reset { node, owner, which, output, known }
        ),
    ]
}

fn overlap() -> impl Strategy<Value = Overlap> {
    use Overlap::{Behind, Late, None, Overtakes};
    prop_oneof![4 => Just(None), 2 => Just(Late), 2 => Just(Overtakes), 2 => Just(Behind)]
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![Just(Known::Told), Just(Known::SeededFirst), Just(Known::SeededLate)]
}

/// Draws limits and what happens under them.
pub fn history() -> impl Strategy<Value = (Setting, Vec<Step>)> {
    setting().prop_flat_map(|setting| {
        let steps = prop::collection::vec(step(setting.flushes), 20..90);
        (Just(setting), steps)
    })
}
