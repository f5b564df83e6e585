//! What nodes tell a counter that they share, and what they hear from it. Plain data; whoever keeps
//! the counter (Redis) turns it into its own form.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::breaker;
use super::check::{Check, Dimension, FIVE_HOURS};
use super::counters::{Load, Place};
use super::ids::{KeyId, ProviderId, RequestId, SessionId, UserId};
use super::instant::Micros;
use super::money::Nano;
use super::verdict::Used;

/// Limits from here on, nine million dollars, are kept by each node alone: whoever keeps a common
/// counter may count in doubles, which are exact for whole numbers below this.
pub const MOST: i64 = 1 << 53;

/// A start reads the common log from so long ago: rows reach the ledger that much later than what
/// was spent reaches the log, at most. It is longer than one write of rows that is not answered,
/// and the pause behind it.
pub const OVERLAP: Duration = Duration::from_mins(1);

/// Returns the owners of limits that a common counter keeps, each once.
#[must_use]
pub fn kept_in_common<'a>(limits: impl IntoIterator<Item = &'a Check>) -> Vec<Dimension> {
    let mut owners: Vec<Dimension> = Vec::new();
    for check in limits.into_iter().filter(|check| is_kept(check)) {
        if !owners.contains(&check.dimension) {
            owners.push(check.dimension.clone());
        }
    }
    owners
}

/// Tells whether a common counter keeps a limit.
#[must_use]
pub fn is_kept(check: &Check) -> bool {
    check.limit.raw() < MOST
}

/// May a request go on, over all nodes? Asked after this node itself has let it in.
#[derive(Clone, Debug)]
pub struct SharedAsk {
    /// Every limit that holds, in its order.
    pub checks: Vec<Check>,
    /// The money and tokens it may come to.
    pub load: Load,
    /// The session that takes a seat, if one does.
    pub session: Option<SessionId>,
    /// What is booked must never exceed a limit.
    pub strict: bool,
    /// Greater than that of every question before on this node.
    pub number: u64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedAnswer {
    /// No limit of it is kept there.
    Unlimited,
    /// It may; it is held for everybody to see.
    Held,
    /// A limit is in the way; nothing was held.
    Refused {
        /// Which of the checks.
        check: usize,
        /// What is used of it.
        used: Used,
    },
    /// The windows of these owners are not known there: tell them and ask again.
    Unknown(Vec<Dimension>),
}

/// The windows of one owner as a node knows them, for a counter that has lost or never had them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSums {
    /// Whose they are.
    pub dimension: Dimension,
    /// Money for ever.
    pub total: Nano,
    /// Starts of day, week and month, with the money since.
    pub day: (Micros, Nano),
    /// The week.
    pub week: (Micros, Nano),
    /// The month.
    pub month: (Micros, Nano),
    /// The start of the five hours that began with a charge, and the money since.
    pub five_hours: (Micros, Nano),
    /// Money by minute since 1970, as far as rolling windows reach.
    pub minutes: Vec<(i64, Nano)>,
    /// The last cut that the node knows of: what was spent before counts no longer. 0 for none.
    pub counts_from: Micros,
}

impl WindowSums {
    /// Takes out what is not to be in it.
    pub fn without(&mut self, at: Micros, cost: Nano) {
        self.total = self.total.minus(cost);
        for (start, sum) in [&mut self.day, &mut self.week, &mut self.month] {
            if at >= *start {
                *sum = sum.minus(cost);
            }
        }
        if at.plus(FIVE_HOURS) > self.five_hours.0 {
            self.five_hours.1 = self.five_hours.1.minus(cost);
        }
        let minute = at.seconds().div_euclid(60);
        if let Some((_, sum)) = self.minutes.iter_mut().find(|(known, _)| *known == minute) {
            *sum = sum.minus(cost);
        }
    }
}

/// Up to where a node and the common counter know the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Horizon {
    /// The last batch that the common counter has taken.
    pub batch: u64,
    /// What other nodes have told up to here is counted; `None` when nothing was heard yet.
    pub place: Option<LogPlace>,
}

/// Something that happened on a node, in the order in which it happened there. Changes of what is held
/// are told beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Money and tokens were spent.
    Charged(Charge),
    /// A session was bound to a provider, or freed.
    Bound(SharedBinding),
    /// A breaker has changed its state.
    Broke(breaker::Standing),
    /// What an owner has spent counts no longer.
    Reset(Reset),
}

/// A change of what a node holds: the differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// Who is concerned.
    pub owners: Arc<[Dimension]>,
    /// Money held more; less when negative.
    pub money: i64,
    /// Tokens held more.
    pub tokens: i64,
    /// Requests that run more.
    pub running: i64,
    /// The session whose seat rests from now on, and how long.
    pub leaves: Option<(SessionId, Duration)>,
}

/// What an owner has spent counts no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Whose: a user, a key, a group, a tag or a provider.
    pub owner: Dimension,
    /// The user, or the key's user, among whose counters it is; 0, which is nobody, for a group, a tag or
    /// a provider.
    pub user: UserId,
    /// The cut: what ended before it does not count, what ended later does.
    pub at: Micros,
}

impl Movement {
    /// Returns what is still to be told of it when a beat has said what is held of everybody but these:
    /// the change of what is held of them, and a seat that rests, of which no beat speaks.
    pub fn beside_beat(self, skipped: &[Dimension]) -> impl Iterator<Item = Self> {
        let owners = self.owners.iter().filter(|owner| skipped.contains(owner)).cloned();
        let change = Self { owners: owners.collect(), leaves: None, ..self.clone() };
        let rest = Self { owners: self.owners, leaves: self.leaves, ..Self::default() };
        let change = Some(change).filter(|one| !one.owners.is_empty());
        change.into_iter().chain(Some(rest).filter(|one| one.leaves.is_some()))
    }

    /// Tells whether it makes room.
    #[must_use]
    pub const fn gives_back(&self) -> bool {
        self.money < 0 || self.tokens < 0 || self.running < 0 || self.leaves.is_some()
    }
}

/// Money and tokens that were spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The request; `None` for what is booked later than its end.
    pub request: Option<RequestId>,
    /// The user among whose counters the keys' are; `None` when only what all users share is charged.
    pub user: Option<UserId>,
    /// Who pays.
    pub owners: Vec<Dimension>,
    /// The arrival.
    pub at: Micros,
    /// The end, at which a cut looks: money of before it counts no longer. What was charged at its end
    /// has one no earlier than the last cut that was known where it was.
    pub ended: Micros,
    /// When it was booked; `None` for what was charged at its end.
    #[serde(default)]
    pub booked: Option<Micros>,
    /// How much.
    pub cost: Nano,
    /// Tokens of input and output.
    pub tokens: u64,
}

impl Charge {
    /// Tells whether anything was spent.
    #[must_use]
    pub fn is_something(&self) -> bool {
        self.cost != Nano::ZERO || self.tokens > 0
    }
}

/// A charge with the windows that its arrival falls in, owner by owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windowed {
    /// The charge.
    pub charge: Charge,
    /// The starts of day, week and month of each owner.
    pub windows: Vec<[Micros; 3]>,
}

/// What a node has to say at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Its number: a batch that comes twice counts once.
    pub number: u64,
    /// What is held otherwise than before.
    pub moved: Vec<Movement>,
    /// What was spent.
    pub charged: Vec<Windowed>,
    /// Sessions that were bound.
    pub bound: Vec<SharedBinding>,
    /// Whose spend was reset, after all that is charged here.
    pub reset: Vec<Reset>,
}

/// A session's provider for one model, as another node should know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedBinding {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: SessionId,
    /// The model that was asked for.
    pub model: Option<Arc<str>>,
    /// All models of the session are freed from this provider first.
    pub dropped: Option<ProviderId>,
    /// Then this happens to the model.
    pub change: Rebound,
    /// Where a content hash puts the session, when that is how it is found.
    pub place: Option<Place>,
    /// When the request that bound it came.
    pub arrived: Micros,
    /// When it ended.
    pub at: Micros,
}

/// What happened to the binding of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rebound {
    /// It is bound to a provider, newly or further.
    Bound(ProviderId),
    /// It is bound to nobody.
    Freed,
    /// It is as it was.
    Kept,
}

/// What other nodes should know, as it is kept in the common log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Money was spent.
    Charged(Charge),
    /// A session was bound.
    Bound(SharedBinding),
    /// What an owner has spent counts no longer.
    Reset(Reset),
}

/// A place in the common log, `<milliseconds>-<number>`. What comes after it was not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace(pub Arc<str>);

impl LogPlace {
    /// Tells whether it comes before another one; `false` when one of them is not written as places are.
    #[must_use]
    pub fn is_before(&self, other: &str) -> bool {
        matches!((parts(&self.0), parts(other)), (Some(one), Some(other)) if one < other)
    }
}

fn parts(place: &str) -> Option<(u64, u64)> {
    let (millis, number) = place.split_once('-')?;
    Some((millis.parse().ok()?, number.parse().ok()?))
}

/// What was read from the common log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// What other nodes told, in order.
    pub told: Vec<Told>,
    /// The place behind it; `None` when nothing came.
    pub place: Option<LogPlace>,
    /// Something before it is not kept any more and was not read.
    pub lacks: bool,
}

/// What a node holds of one owner, absolutely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub dimension: Dimension,
    /// Money on hold.
    pub money: i64,
    /// Tokens on hold.
    pub tokens: i64,
    /// Requests that run.
    pub running: i64,
    /// Sessions with requests that run.
    pub sessions: Vec<SessionId>,
}

impl Standing {
    /// Tells whether nothing is held.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        (self.money, self.tokens, self.running) == (0, 0, 0) && self.sessions.is_empty()
    }
}

/// How far a node is with telling, as its beat says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// It has told all that had happened before it found the common counter, or before its last beat.
    pub told: bool,
    /// It found the common counter so long ago: what other nodes have said since then is asked for.
    pub since: Duration,
}

/// What a beat found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Nodes that live, this one among them.
    pub nodes: u32,
    /// Nodes that have said, since this one found the common counter, that they have told everything.
    pub told: u32,
    /// Of whom nothing was set: a question that came behind the look has changed what is held of them.
    pub skipped: Vec<Dimension>,
}
