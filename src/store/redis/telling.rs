//! What has ended on a node, as the script that books it is given it: each meter is named once, and
//! what is held more or less of it is one number.

use std::collections::HashMap;

use serde::Serialize;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::sharing::{self, Movement, Told, Windowed};

use super::keys;
use super::message::{KEEP_MS, TOTAL, window_field};

/// How much of the log is kept, about.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct LogKeeps {
    /// For so many milliseconds: longer than a start looks back, and than a node is cut off in passing.
    keep: u64,
    /// So many entries, for the memory of Redis.
    most: u64,
}

/// Five minutes, or what is 320 MB when each entry is one request with its session. Nodes that are so busy
/// put many requests into one entry.
const LOG: LogKeeps = LogKeeps { keep: 300_000, most: 500_000 };

#[derive(Debug, Serialize)]
pub(super) struct Batch<'a> {
    node: &'a str,
    #[serde(rename = "batch")]
    number: u64,
    now: i64,
    log: LogKeeps,
    keep: u64,
    meters: Vec<String>,
    windows: Vec<[String; 4]>,
    held: Vec<Held>,
    rests: Vec<Rest<'a>>,
    ends: Vec<End>,
    /// Meters whose windows are forgotten.
    resets: Vec<Cut>,
}

/// An owner's money counts no longer.
#[derive(Debug, Serialize)]
struct Cut {
    k: String,
    /// In microseconds.
    at: String,
}

/// What is held more of a meter.
#[derive(Debug, Serialize)]
struct Held {
    m: usize,
    h: i64,
    o: i64,
    t: i64,
}

/// A session whose seats rest.
#[derive(Debug, Serialize)]
struct Rest<'a> {
    s: &'a str,
    grace: u64,
    m: Vec<usize>,
}

/// A charge.
#[derive(Debug, Serialize)]
struct End {
    at: i64,
    /// The instant that cuts look at, in microseconds.
    due: String,
    cost: i64,
    used: u64,
    p: Vec<Payer>,
}

/// A meter that is charged, and its windows around the arrival.
#[derive(Debug, Serialize)]
struct Payer {
    m: usize,
    w: usize,
}

/// Tells what has happened; `now` is 0 for the clock of Redis.
pub(super) fn batch<'a>(node: &'a str, now: i64, told: &'a sharing::Batch) -> Batch<'a> {
    let mut places = Places::default();
    let (held, rests) = moved(&told.moved, &mut places);
    let ends = told.charged.iter().map(|one| charge(one, &mut places)).collect();
    let cut = |one: &sharing::Reset| Cut { k: keys::meter(&one.owner), at: one.at.0.to_string() };
    Batch {
        node,
        number: told.number,
        now,
        log: LOG,
        keep: KEEP_MS,
        held,
        rests,
        ends,
        resets: told.reset.iter().map(cut).collect(),
        meters: places.meters.keys,
        windows: places.windows.keys,
    }
}

/// Returns what the other nodes are told, in order.
pub(super) fn news(batch: &sharing::Batch) -> Vec<Told> {
    let spent = batch.charged.iter().map(|one| Told::Charged(one.charge.clone()));
    let bound = batch.bound.iter().cloned().map(Told::Bound);
    let reset = batch.reset.iter().cloned().map(Told::Reset);
    spent.chain(bound).chain(reset).collect()
}

/// What is named once and then called by its place, from 1.
#[derive(Default)]
struct Places<'a> {
    meters: Named<&'a Dimension, String>,
    windows: Named<[Micros; 3], [String; 4]>,
}

struct Named<K, V> {
    known: HashMap<K, usize>,
    keys: Vec<V>,
}

impl<K, V> Default for Named<K, V> {
    fn default() -> Self {
        Self { known: HashMap::new(), keys: Vec::new() }
    }
}

impl<K: std::hash::Hash + Eq, V> Named<K, V> {
    fn place(&mut self, key: K, name: impl FnOnce(&K) -> V) -> usize {
        if let Some(place) = self.known.get(&key) {
            return *place;
        }
        self.keys.push(name(&key));
        self.known.insert(key, self.keys.len());
        self.keys.len()
    }
}

impl<'a> Places<'a> {
    fn meter(&mut self, owner: &'a Dimension) -> usize {
        self.meters.place(owner, |owner| keys::meter(owner))
    }

    fn window(&mut self, starts: [Micros; 3]) -> usize {
        self.windows.place(starts, |[day, week, month]| {
            let field = |letter, start: &Micros| window_field(letter, start.seconds());
            [TOTAL.to_owned(), field('d', day), field('w', week), field('c', month)]
        })
    }
}

/// Adds up what is held more, meter by meter, and tells which seats rest.
fn moved<'a>(moved: &'a [Movement], places: &mut Places<'a>) -> (Vec<Held>, Vec<Rest<'a>>) {
    let (mut held, mut rests): (Vec<Held>, Vec<Rest<'_>>) = (Vec::new(), Vec::new());
    for one in moved {
        let owners: Vec<usize> = one.owners.iter().map(|owner| places.meter(owner)).collect();
        for m in &owners {
            // Only those that hold something are named before charges: places and sums go together.
            if held.len() < *m {
                held.push(Held { m: *m, h: 0, o: 0, t: 0 });
            }
            let Some(sum) = held.get_mut(m - 1) else { continue };
            sum.h = sum.h.saturating_add(one.money);
            sum.o = sum.o.saturating_add(one.running);
            sum.t = sum.t.saturating_add(one.tokens);
        }
        if let Some((session, grace)) = &one.leaves {
            let grace = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
            rests.push(Rest { s: &session.0, grace, m: owners });
        }
    }
    (held, rests)
}

fn charge<'a>(windowed: &'a Windowed, places: &mut Places<'a>) -> End {
    let charge = &windowed.charge;
    let payers = charge.owners.iter().zip(&windowed.windows);
    End {
        at: charge.at.millis(),
        due: charge.ended.0.to_string(),
        cost: charge.cost.0,
        used: charge.tokens,
        p: payers
            .map(|(owner, starts)| Payer { m: places.meter(owner), w: places.window(*starts) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::{json, to_value};
    use switchyard_actors::domain::ids::{KeyId, SessionId, UserId};
    use switchyard_actors::domain::money::Nano;
    use switchyard_actors::domain::sharing::Charge;

    use super::*;

    #[test]
    fn meters_and_windows_are_named_once_and_what_is_held_is_added_up() {
        let (key, user) = (Dimension::Key(KeyId(1)), Dimension::User(UserId(2)));
        let movement = |money, owners: &[Dimension]| Movement {
            owners: Arc::from(owners),
            money,
            running: -1,
            ..Movement::default()
        };
        let rests = Movement {
            leaves: Some((SessionId(Arc::from("s")), Duration::from_secs(3))),
            ..movement(-5, std::slice::from_ref(&user))
        };
        let charge = |owners: &[Dimension]| Windowed {
            charge: Charge {
                request: None,
                user: Some(UserId(2)),
                owners: owners.to_vec(),
                at: Micros::from_millis(61_000),
                ended: Micros::from_millis(62_000),
                booked: None,
                cost: Nano(7),
                tokens: 3,
            },
            windows: vec![[Micros(0), Micros(0), Micros(0)]; owners.len()],
        };
        let told = sharing::Batch {
            number: 4,
            moved: vec![movement(-2, &[key.clone(), user.clone()]), rests],
            charged: vec![
                charge(std::slice::from_ref(&key)),
                charge(&[user, Dimension::Key(KeyId(9))]),
            ],
            ..sharing::Batch::default()
        };
        let body = to_value(batch("n", 0, &told)).unwrap();
        assert_eq!(body["meters"], json!(["{sw}:m:k:1", "{sw}:m:u:2", "{sw}:m:k:9"]));
        assert_eq!(body["windows"], json!([["all", "d:0", "w:0", "c:0"]]));
        let held = json!([{"m": 1, "h": -2, "o": -1, "t": 0}, {"m": 2, "h": -7, "o": -2, "t": 0}]);
        assert_eq!(body["held"], held);
        assert_eq!(body["rests"], json!([{"s": "s", "grace": 3_000, "m": [2]}]));
        assert_eq!(body["ends"][0]["p"], json!([{"m": 1, "w": 1}]));
        assert_eq!(body["ends"][1]["p"], json!([{"m": 2, "w": 1}, {"m": 3, "w": 1}]));
        assert_eq!(body["ends"][1]["cost"], json!(7));
    }
}
