//! Sessions of one user: which provider they are bound to, and which of them hold a seat.
//!
//! A session *lives* for the TTL after its last use, so that its binding is found again. It holds a
//! *seat* while a request of it runs and for a short grace after the last one ended: that is what
//! limits count, so that a conversation keeps its place between two turns of a tool loop while an
//! ended one gives it back within seconds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::bindings::{Binding, Bindings};
use crate::domain::ids::{KeyId, ProviderId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// Idle sessions of one user that are remembered; beyond it the older half is forgotten.
const IDLE: usize = 4_096;

/// Where a content hash puts a session: enough of the hash to find it again.
pub type Place = [u8; 8];

/// One session.
#[derive(Clone, Debug)]
pub struct Seat {
    key: KeyId,
    bindings: Bindings,
    started: Micros,
    last_seen: Micros,
    open: u32,
    requests: u64,
    /// It holds a seat until then although nothing runs.
    resting_until: Option<Micros>,
    /// Later requests can name it again, so it is worth remembering.
    recallable: bool,
    /// It was ended while requests ran: with the last of them it is gone.
    ended: bool,
    place: Option<Place>,
}

/// What others may see of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatView {
    /// The session.
    pub session: SessionId,
    /// Its key.
    pub key: KeyId,
    /// The provider it is bound to.
    pub provider: Option<ProviderId>,
    /// The model that provider served last.
    pub model: Option<Arc<str>>,
    /// The provider of each model, the latest first.
    pub bindings: Vec<Binding>,
    /// Its first use.
    pub started_at: Micros,
    /// Its last use.
    pub last_seen_at: Micros,
    /// Requests that run.
    pub open: u32,
    /// Requests since it began (or since the process did).
    pub requests: u64,
}

/// The sessions of one user.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    seats: Map<SessionId, Seat>,
    places: Map<(KeyId, Place), SessionId>,
    resting: BTreeSet<(Micros, SessionId)>,
    taken: u32,
    taken_by_key: Map<KeyId, u32>,
}

impl Seat {
    fn new(key: KeyId, now: Micros, recallable: bool, place: Option<Place>) -> Self {
        Self {
            key,
            bindings: Bindings::default(),
            started: now,
            last_seen: now,
            open: 0,
            requests: 0,
            resting_until: None,
            recallable,
            ended: false,
            place,
        }
    }

    const fn is_taken(&self) -> bool {
        self.open > 0 || self.resting_until.is_some()
    }

    /// A seat that rests does not lengthen the session's life: nobody asks.
    fn lives(&self, now: Micros, ttl: Duration) -> bool {
        self.open > 0 || now < self.last_seen.plus(ttl)
    }

    /// A session that has asked for nothing yet, or was ended, is not shown.
    fn shows(&self, now: Micros, ttl: Duration) -> bool {
        !self.ended && self.lives(now, ttl) && (self.requests > 0 || self.open > 0)
    }
}

impl Sessions {
    /// Tells whether a session that lives has this id.
    #[must_use]
    pub fn lives(&self, session: &SessionId, now: Micros, ttl: Duration) -> bool {
        self.seats.get(session).is_some_and(|seat| seat.recallable && seat.lives(now, ttl))
    }

    /// Finds the session of a key that lives at this place.
    #[must_use]
    pub fn at(&self, key: KeyId, place: Place, now: Micros, ttl: Duration) -> Option<&SessionId> {
        self.places.get(&(key, place)).filter(|session| self.lives(session, now, ttl))
    }

    /// Remembers a new session; a dead one of the same id starts anew, a running one goes on.
    pub fn register(&mut self, session: &SessionId, key: KeyId, place: Option<Place>, now: Micros) {
        if let Some(place) = place {
            self.places.insert((key, place), session.clone());
        }
        if let Some(seat) = self.seats.get_mut(session).filter(|seat| seat.is_taken()) {
            seat.recallable = true;
            seat.place = place.or(seat.place);
            let was_ended = std::mem::take(&mut seat.ended);
            if was_ended || seat.open == 0 {
                // Its life was over; only its seat is still taken.
                seat.bindings.clear();
                (seat.started, seat.last_seen, seat.requests) = (now, now, 0);
            }
            return;
        }
        self.make_room();
        self.seats.insert(session.clone(), Seat::new(key, now, true, place));
    }

    /// Notes that a session is in use.
    pub fn touch(&mut self, session: &SessionId, now: Micros) {
        if let Some(seat) = self.seats.get_mut(session) {
            seat.last_seen = seat.last_seen.max(now);
        }
    }

    /// Returns who a session's model is bound to.
    #[must_use]
    pub fn binding(&self, session: &SessionId, model: Option<&str>) -> Option<&Binding> {
        self.seats.get(session)?.bindings.of(model)
    }

    /// Returns the provider a session should be asked at first, for a model or any.
    #[must_use]
    pub fn bound(&self, session: &SessionId, model: Option<&str>) -> Option<ProviderId> {
        self.seats.get(session)?.bindings.preferred(model)
    }

    /// Returns how many requests of a session run.
    #[must_use]
    pub fn open(&self, session: &SessionId) -> u32 {
        self.seats.get(session).map_or(0, |seat| seat.open)
    }

    /// Binds a session's model to a provider. A session that nobody can name again stays free.
    pub fn bind(&mut self, session: &SessionId, binding: Binding, now: Micros) {
        self.rebind(session, now, |bindings| bindings.set(binding));
    }

    /// Changes the bindings of a session. A session that nobody can name again stays free.
    pub fn rebind(&mut self, session: &SessionId, now: Micros, change: impl FnOnce(&mut Bindings)) {
        let Some(seat) = self.seats.get_mut(session).filter(|seat| seat.recallable) else { return };
        seat.last_seen = seat.last_seen.max(now);
        change(&mut seat.bindings);
    }

    /// Frees all sessions from a provider; tells how many were bound to it.
    pub fn unbind_all(&mut self, provider: ProviderId) -> usize {
        self.seats.values_mut().map(|seat| usize::from(seat.bindings.free(provider))).sum()
    }

    /// Ends the sessions of a key, or of all keys, that began until `at`: they are bound to nobody, hold
    /// no seat when nothing of them runs, and the next request begins anew. Tells how many there were.
    pub fn end_all(&mut self, of: Option<KeyId>, at: Micros) -> usize {
        let theirs = |(_, seat): &(&SessionId, &Seat)| of.is_none_or(|key| seat.key == key);
        let ended: Vec<SessionId> =
            self.seats.iter().filter(theirs).map(|(session, _)| session.clone()).collect();
        ended.iter().filter(|session| self.end(session, at)).count()
    }

    /// Ends one session that began until `at`; tells whether there was one.
    pub fn end(&mut self, session: &SessionId, at: Micros) -> bool {
        let Some(seat) = self.seats.get_mut(session) else { return false };
        if seat.ended || seat.started > at {
            return false;
        }
        (seat.recallable, seat.ended) = (false, true);
        seat.bindings.clear();
        if let Some(place) = seat.place.take() {
            let key = seat.key;
            self.vacate(key, place, session);
        }
        let resting = self.seats.get(session).and_then(|seat| seat.resting_until);
        if let Some(until) = resting {
            self.resting.remove(&(until, session.clone()));
            self.give_back(session);
        }
        self.remove(session);
        true
    }

    /// Tells whether the session holds a seat.
    #[must_use]
    pub fn is_taken(&self, session: &SessionId) -> bool {
        self.seats.get(session).is_some_and(Seat::is_taken)
    }

    /// Returns the seats taken by all keys.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.taken
    }

    /// Returns the seats taken by a key.
    #[must_use]
    pub fn taken_by(&self, key: KeyId) -> u32 {
        self.taken_by_key.get(&key).copied().unwrap_or(0)
    }

    /// Returns the sessions with requests that run, of a key or of all, and how many.
    #[must_use]
    pub fn running(&self, of: Option<KeyId>) -> Vec<(SessionId, u32)> {
        let runs = |seat: &Seat| seat.open > 0 && of.is_none_or(|key| seat.key == key);
        let seats = self.seats.iter().filter(|(_, seat)| runs(seat));
        seats.map(|(session, seat)| (session.clone(), seat.open)).collect()
    }

    /// Returns how many sessions are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Tells whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Lets a request of a session begin: its seat is taken.
    pub fn enter(&mut self, session: &SessionId, key: KeyId, now: Micros) {
        if !self.seats.contains_key(session) {
            self.seats.insert(session.clone(), Seat::new(key, now, false, None));
        }
        let Some(seat) = self.seats.get_mut(session) else { return };
        if !seat.is_taken() {
            self.taken = self.taken.saturating_add(1);
            let of_key = self.taken_by_key.entry(seat.key).or_default();
            *of_key = of_key.saturating_add(1);
        }
        if let Some(until) = seat.resting_until.take() {
            self.resting.remove(&(until, session.clone()));
        }
        seat.open = seat.open.saturating_add(1);
        seat.requests = seat.requests.saturating_add(1);
        seat.last_seen = seat.last_seen.max(now);
    }

    /// Lets a request of a session end: the last one leaves the seat to rest for the grace.
    pub fn leave(&mut self, session: &SessionId, now: Micros, grace: Duration) {
        let Some(seat) = self.seats.get_mut(session).filter(|seat| seat.open > 0) else { return };
        seat.open -= 1;
        seat.last_seen = seat.last_seen.max(now);
        if seat.open == 0 {
            let until = if seat.ended { now } else { now.plus(grace) };
            seat.resting_until = Some(until);
            self.resting.insert((until, session.clone()));
        }
    }

    /// Returns when the next seat that rests is given back.
    #[must_use]
    pub fn next_rest(&self) -> Option<Micros> {
        self.resting.first().map(|(until, _)| *until)
    }

    /// Gives back the seats whose grace is over at `now`.
    pub fn free_rested(&mut self, now: Micros) {
        while self.resting.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, session)) = self.resting.pop_first() {
                self.give_back(&session);
            }
        }
    }

    /// Forgets the sessions whose life is over.
    pub fn expire(&mut self, now: Micros, ttl: Duration) {
        self.free_rested(now);
        let dead: Vec<SessionId> = self.idle(|seat| !seat.lives(now, ttl));
        for session in dead {
            self.remove(&session);
        }
        if self.seats.capacity() > 64 && self.seats.len() < self.seats.capacity() / 4 {
            self.seats.shrink_to(self.seats.len().saturating_mul(2));
            self.places.shrink_to(self.places.len().saturating_mul(2));
        }
    }

    /// Counts the sessions that live and have asked for something.
    #[must_use]
    pub fn shown(&self, now: Micros, ttl: Duration) -> usize {
        self.seats.values().filter(|seat| seat.shows(now, ttl)).count()
    }

    /// Returns the sessions that live and have asked for something.
    #[must_use]
    pub fn views(&self, now: Micros, ttl: Duration) -> Vec<SeatView> {
        let seats = self.seats.iter().filter(|(_, seat)| seat.shows(now, ttl));
        seats.map(|(session, seat)| view(session, seat)).collect()
    }

    fn give_back(&mut self, session: &SessionId) {
        let Some(seat) = self.seats.get_mut(session) else { return };
        seat.resting_until = None;
        self.taken = self.taken.saturating_sub(1);
        if let Some(of_key) = self.taken_by_key.get_mut(&seat.key) {
            *of_key = of_key.saturating_sub(1);
            if *of_key == 0 {
                self.taken_by_key.remove(&seat.key);
            }
        }
        if !seat.recallable {
            self.seats.remove(session);
        }
    }

    /// Forgets an idle session; one that holds a seat stays.
    fn remove(&mut self, session: &SessionId) {
        if self.is_taken(session) {
            return;
        }
        let Some(seat) = self.seats.remove(session) else { return };
        if let Some(place) = seat.place {
            self.vacate(seat.key, place, session);
        }
    }

    /// Lets nobody find a session at a place any more.
    fn vacate(&mut self, key: KeyId, place: Place, session: &SessionId) {
        if self.places.get(&(key, place)) == Some(session) {
            self.places.remove(&(key, place));
        }
    }

    fn idle(&self, which: impl Fn(&Seat) -> bool) -> Vec<SessionId> {
        let idle = self.seats.iter().filter(|(_, seat)| !seat.is_taken() && which(seat));
        idle.map(|(session, _)| session.clone()).collect()
    }

    /// Forgets the older half of the idle sessions once there are too many.
    fn make_room(&mut self) {
        let busy = usize::try_from(self.taken).unwrap_or(usize::MAX);
        if self.seats.len().saturating_sub(busy) < IDLE {
            return;
        }
        let idle = self.seats.iter().filter(|(_, seat)| !seat.is_taken());
        let mut seen: Vec<Micros> = idle.map(|(_, seat)| seat.last_seen).collect();
        let middle = seen.len() / 2;
        let (_, median, _) = seen.select_nth_unstable(middle);
        let median = *median;
        for session in self.idle(|seat| seat.last_seen <= median) {
            self.remove(&session);
        }
    }
}

fn view(session: &SessionId, seat: &Seat) -> SeatView {
    let bindings = seat.bindings.as_slice();
    let latest = bindings.first();
    SeatView {
        session: session.clone(),
        key: seat.key,
        provider: latest.map(|binding| binding.provider),
        model: latest.and_then(|binding| binding.model.clone()),
        bindings: bindings.to_vec(),
        started_at: seat.started,
        last_seen_at: seat.last_seen,
        open: seat.open,
        requests: seat.requests,
    }
}

#[cfg(test)]
#[path = "seat_tests.rs"]
mod tests;
