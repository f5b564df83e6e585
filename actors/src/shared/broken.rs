//! Whose answers have broken off lately, and where: the next turn of such a conversation, mostly the client's
//! own repeat, goes to others first.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::ids::{ProviderId, SessionId};
use crate::domain::instant::Micros;

/// How long it is remembered: as long as clients repeat.
const REMEMBERED: Duration = Duration::from_secs(30);
/// So many are remembered; beyond them the oldest is forgotten.
const MOST: usize = 1_024;

#[derive(Debug)]
struct Break {
    session: SessionId,
    provider: ProviderId,
    until: Micros,
}

/// The breaks that all workers have seen. Looking costs nothing where there are none, and drops those that are
/// over.
#[derive(Debug, Default)]
pub struct Broken {
    count: AtomicUsize,
    /// The earliest first.
    breaks: Mutex<VecDeque<Break>>,
}

impl Broken {
    /// Notes that an answer of a session broke off at a provider.
    pub fn note(&self, session: &SessionId, provider: ProviderId, now: Micros) {
        let mut breaks = self.breaks.lock();
        breaks.retain(|one| one.until > now && one.session != *session);
        if breaks.len() >= MOST {
            breaks.pop_front();
        }
        let until = now.plus(REMEMBERED);
        breaks.push_back(Break { session: session.clone(), provider, until });
        self.count.store(breaks.len(), Ordering::Relaxed);
    }

    /// Returns where a session's answer broke off, and until when others go first.
    #[must_use]
    pub fn at(&self, session: &SessionId, now: Micros) -> Option<(ProviderId, Micros)> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut breaks = self.breaks.lock();
        while breaks.front().is_some_and(|one| one.until <= now) {
            breaks.pop_front();
        }
        self.count.store(breaks.len(), Ordering::Relaxed);
        let one = breaks.iter().find(|one| one.session == *session && one.until > now)?;
        Some((one.provider, one.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_000_000);

    fn session(name: &str) -> SessionId {
        SessionId(name.into())
    }

    #[test]
    fn the_last_break_of_a_session_is_known_for_a_while() {
        let broken = Broken::default();
        assert_eq!(broken.at(&session("a"), NOW), None);
        broken.note(&session("a"), ProviderId(1), NOW);
        broken.note(&session("b"), ProviderId(2), NOW);
        broken.note(&session("a"), ProviderId(3), NOW);
        let until = NOW.plus(REMEMBERED);
        assert_eq!(broken.at(&session("a"), NOW), Some((ProviderId(3), until)));
        assert_eq!(broken.at(&session("b"), NOW), Some((ProviderId(2), until)));
        assert_eq!(broken.at(&session("c"), NOW), None);
        assert_eq!(broken.at(&session("a"), until), None);
    }

    #[test]
    fn a_look_drops_what_is_over_and_the_next_one_costs_nothing() {
        let broken = Broken::default();
        broken.note(&session("a"), ProviderId(1), NOW);
        broken.note(&session("b"), ProviderId(1), NOW.plus(Duration::from_secs(1)));
        assert_eq!(broken.at(&session("c"), NOW.plus(REMEMBERED)), None);
        assert_eq!(broken.count.load(Ordering::Relaxed), 1, "the other one is not over");
        assert_eq!(broken.at(&session("c"), NOW.plus(REMEMBERED * 2)), None);
        assert_eq!(broken.count.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let broken = Broken::default();
        for number in 0..=MOST {
            broken.note(&session(&number.to_string()), ProviderId(1), NOW);
        }
        assert_eq!(broken.breaks.lock().len(), MOST);
        assert_eq!(broken.at(&session("0"), NOW), None);
        broken.note(&session("x"), ProviderId(1), NOW.plus(REMEMBERED));
        assert_eq!(broken.breaks.lock().len(), 1, "those that are over go");
    }
}
