//! Whose work with an operator's patterns is next.
//!
//! Patterns may take long however short a text is, so such work has places of its own: what is merely
//! large never waits for it. Users come one after the other: whoever asks for much waits for itself.

mod lines;

use std::sync::Arc;

use parking_lot::Mutex;
use switchyard_actors::domain::ids::UserId;
use tokio::sync::oneshot::{self, Receiver, Sender};

use self::lines::Lines;

/// So much of one user's work waits; more is refused before anything of it is done.
pub const MOST_WAITING: usize = 64;

/// The places, and who waits for one.
#[derive(Debug)]
pub struct Turns(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Places nobody has: only when nobody waits.
    free: usize,
    waiting: Lines<UserId, Sender<Turn>>,
}

impl Turns {
    /// Makes so many places.
    #[must_use]
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { free: places, waiting: Lines::default() })))
    }

    /// Waits for a place; `None` at once when `most` pieces of the user's work wait already.
    pub async fn take(self: &Arc<Self>, user: UserId, most: usize) -> Option<Turn> {
        match self.stand_in_line(user, most)? {
            Ok(turn) => Some(turn),
            Err(waits) => waits.await.ok(),
        }
    }

    fn stand_in_line(
        self: &Arc<Self>,
        user: UserId,
        most: usize,
    ) -> Option<Result<Turn, Receiver<Turn>>> {
        let mut state = self.0.lock();
        if state.free > 0 {
            state.free -= 1;
            return Some(Ok(Turn(Some(Arc::clone(self)))));
        }
        if state.waiting.length(user) >= most {
            // Some may have left.
            state.waiting.keep(user, |waits| !waits.is_closed());
        }
        if state.waiting.length(user) >= most {
            return None;
        }
        let (gives, waits) = oneshot::channel();
        state.waiting.push(user, gives);
        Some(Err(waits))
    }

    /// Gives a place to who is next, or keeps it for who comes.
    fn pass_on(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.0.lock();
                let next = state.waiting.pop();
                state.free += usize::from(next.is_none());
                next
            };
            let Some(next) = next else { return };
            match next.send(Turn(Some(Arc::clone(&self)))) {
                Ok(()) => return,
                // It has left: the place is still ours.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

/// A place; dropping it gives it to who is next.
#[derive(Debug)]
pub struct Turn(Option<Arc<Turns>>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const ONE: UserId = UserId(1);
    const OTHER: UserId = UserId(2);

    #[test]
    fn whoever_asks_for_much_waits_for_itself() {
        let turns = Turns::new(1);
        let take = |user| turns.take(user, MOST_WAITING);
        let first = take(ONE).now_or_never().flatten().unwrap();
        let mut much: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(take(ONE))).collect();
        assert!(much.iter_mut().all(|waits| waits.now_or_never().is_none()));
        assert!(take(ONE).now_or_never().unwrap().is_none(), "its line is full");
        let mut other = Box::pin(take(OTHER));
        assert!((&mut other).now_or_never().is_none());
        drop(first);
        let second = (&mut much[0]).now_or_never().flatten().unwrap();
        assert!((&mut other).now_or_never().is_none());
        drop(second);
        assert!((&mut other).now_or_never().flatten().is_some(), "before the rest of it");
        assert!((&mut much[1]).now_or_never().flatten().is_some());
    }

    #[test]
    fn who_leaves_keeps_nobody_waiting_and_no_place() {
        let turns = Turns::new(1);
        let first = turns.take(ONE, 2).now_or_never().flatten().unwrap();
        let mut left: Vec<_> = (0..2).map(|_| Box::pin(turns.take(ONE, 2))).collect();
        assert!(left.iter_mut().all(|waits| waits.now_or_never().is_none()));
        drop(left);
        let mut stays = Box::pin(turns.take(ONE, 2));
        assert!((&mut stays).now_or_never().is_none(), "the line has room again");
        drop(first);
        assert_eq!(turns.0.lock().free, 0, "it has been given to who stays");
        // A place that was given and not taken yet goes on, too.
        drop(stays);
        assert_eq!(turns.0.lock().free, 1);
    }
}
