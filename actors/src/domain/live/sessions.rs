//! How many sessions live and how many requests run: a level, of which only the latest counts.

use crate::domain::ids::UserId;
use crate::domain::map::Map;

/// Sessions and requests at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionLoad {
    /// Sessions that live and have asked for something.
    pub active: u64,
    /// Requests that run.
    pub in_flight: u64,
}

impl SessionLoad {
    /// Tells whether there is nothing.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        self.active == 0 && self.in_flight == 0
    }
}

/// The load of everybody and of each user who has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionLoads {
    all: SessionLoad,
    by_user: Map<UserId, SessionLoad>,
}

impl SessionLoads {
    /// Adds a user's load.
    pub fn add(&mut self, user: UserId, load: SessionLoad) {
        if load.is_idle() {
            return;
        }
        self.all.active = self.all.active.saturating_add(load.active);
        self.all.in_flight = self.all.in_flight.saturating_add(load.in_flight);
        self.by_user.insert(user, load);
    }

    /// Returns the load of everybody.
    #[must_use]
    pub const fn all(&self) -> SessionLoad {
        self.all
    }

    /// Returns the load of one user.
    #[must_use]
    pub fn of(&self, user: UserId) -> SessionLoad {
        self.by_user.get(&user).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_the_sum_of_all_and_who_idles_takes_no_room() {
        let mut loads = SessionLoads::default();
        loads.add(UserId(1), SessionLoad { active: 2, in_flight: 1 });
        loads.add(UserId(2), SessionLoad::default());
        loads.add(UserId(3), SessionLoad { active: 1, in_flight: 0 });
        assert_eq!(loads.all(), SessionLoad { active: 3, in_flight: 1 });
        assert_eq!(loads.of(UserId(3)), SessionLoad { active: 1, in_flight: 0 });
        assert!(loads.of(UserId(2)).is_idle());
        assert_eq!(loads.by_user.len(), 2);
    }
}
