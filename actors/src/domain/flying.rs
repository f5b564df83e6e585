//! Questions that fly: what they ask for is held here already, and in the common counter perhaps. A beat
//! says them beside what is held.

use std::sync::Arc;

use super::check::Dimension;
use super::ids::SessionId;
use super::map::Map;
use super::sharing::{Movement, Standing};

/// A question to the common counter that is not answered yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flying {
    /// Its number.
    pub number: u64,
    /// Whose limits the common counter keeps.
    pub owners: Arc<[Dimension]>,
    /// Money that it asks for.
    pub money: i64,
    /// Tokens that it asks for.
    pub tokens: i64,
    /// Requests: one, or none when it has ended meanwhile.
    pub running: i64,
    /// The session that takes a seat, if one does.
    pub session: Option<SessionId>,
}

/// All that questions which fly ask for of one owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Money.
    pub money: i64,
    /// Tokens.
    pub tokens: i64,
    /// Requests.
    pub running: i64,
    /// Requests by session.
    sessions: Map<SessionId, u32>,
}

/// What a beat says: how things were at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighing<R = Standing> {
    /// The number of the last question then.
    pub asked: u64,
    /// What was held of each owner, without what was only asked for.
    pub standings: Vec<R>,
    /// The questions that flew.
    pub flying: Vec<Flying>,
}

impl<R> Default for Weighing<R> {
    fn default() -> Self {
        Self { asked: 0, standings: Vec::new(), flying: Vec::new() }
    }
}

impl Flying {
    /// Changes what is held here of what it asks for.
    pub fn change(&mut self, by: &Movement) {
        self.money = self.money.saturating_add(by.money);
        self.tokens = self.tokens.saturating_add(by.tokens);
        self.running += by.running;
        if self.running == 0 {
            self.session = None;
        }
    }
}

impl Wanted {
    /// Adds a question.
    pub fn add(&mut self, flying: &Flying) {
        self.money = self.money.saturating_add(flying.money);
        self.tokens = self.tokens.saturating_add(flying.tokens);
        self.running += flying.running;
        if let Some(session) = &flying.session {
            *self.sessions.entry(session.clone()).or_default() += 1;
        }
    }

    /// Tells whether so many requests of a session are more than what is only asked for.
    #[must_use]
    pub fn leaves_some(&self, session: &SessionId, open: u32) -> bool {
        open > self.sessions.get(session).copied().unwrap_or(0)
    }
}

impl Weighing {
    /// Returns of whom nothing is held, nor asked for.
    #[must_use]
    pub fn idle(&self) -> Vec<Dimension> {
        let is_asked = |owner: &Dimension| self.flying.iter().any(|one| one.owners.contains(owner));
        let idle = self.standings.iter().filter(|one| one.is_idle() && !is_asked(&one.dimension));
        idle.map(|standing| standing.dimension.clone()).collect()
    }
}
