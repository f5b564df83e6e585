//! The places of those who follow the live feed: so many in all, so many a person, and some that
//! are kept for admins, who must get in when everybody else is looking. Pure.

use crate::domain::ids::UserId;
use crate::domain::map::Map;

/// A person who follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Person {
    /// Whoever has the admin token; all of them together.
    Token,
    /// A user.
    User(UserId),
}

/// Who wants a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// The person.
    pub person: Person,
    /// They manage everything.
    pub is_admin: bool,
}

/// How many places there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceBounds {
    /// In all.
    pub all: usize,
    /// For one person.
    pub person: usize,
    /// Of all, those that only admins take.
    pub kept: usize,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// As many follow as may.
    #[error("as many follow as may")]
    Full,
    /// This person has as many places as one may have.
    #[error("this person follows as often as one may")]
    Person,
    /// The process stops.
    #[error("the process stops")]
    Closed,
}

/// Which places are taken.
#[derive(Debug)]
pub struct Places {
    bounds: PlaceBounds,
    by_person: Map<Person, usize>,
    admins: usize,
    others: usize,
}

impl Places {
    /// Makes places that are all free.
    #[must_use]
    pub fn new(bounds: PlaceBounds) -> Self {
        Self { bounds, by_person: Map::default(), admins: 0, others: 0 }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// The person has as many as one may have, or there is none that is theirs to take.
    pub fn take(&mut self, who: Watcher) -> Result<(), NoPlace> {
        let own = self.by_person.get(&who.person).copied().unwrap_or(0);
        if own >= self.bounds.person {
            return Err(NoPlace::Person);
        }
        let others_may = self.others < self.bounds.all.saturating_sub(self.bounds.kept);
        if self.taken() >= self.bounds.all || !(who.is_admin || others_may) {
            return Err(NoPlace::Full);
        }
        self.by_person.insert(who.person, own.saturating_add(1));
        let side = self.side(who);
        *side = side.saturating_add(1);
        Ok(())
    }

    /// Gives a place back that was taken.
    pub fn give_back(&mut self, who: Watcher) {
        let side = self.side(who);
        *side = side.saturating_sub(1);
        let left = self.by_person.get(&who.person).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            self.by_person.remove(&who.person);
        } else {
            self.by_person.insert(who.person, left);
        }
    }

    /// Returns how many places are taken.
    #[must_use]
    pub const fn taken(&self) -> usize {
        self.admins.saturating_add(self.others)
    }

    const fn side(&mut self, who: Watcher) -> &mut usize {
        if who.is_admin { &mut self.admins } else { &mut self.others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: PlaceBounds = PlaceBounds { all: 6, person: 2, kept: 2 };

    const fn user(id: i64) -> Watcher {
        Watcher { person: Person::User(UserId(id)), is_admin: false }
    }

    const fn admin(id: i64) -> Watcher {
        Watcher { person: Person::User(UserId(id)), is_admin: true }
    }

    const TOKEN: Watcher = Watcher { person: Person::Token, is_admin: true };

    /// Takes places for each in turn, and returns what the last one was told.
    fn take(places: &mut Places, who: &[Watcher]) -> Result<(), NoPlace> {
        who.iter().map(|one| places.take(*one)).last().unwrap()
    }

    #[test]
    fn one_person_has_so_many_places_and_takes_none_from_the_next() {
        let mut places = Places::new(BOUNDS);
        assert_eq!(take(&mut places, &[user(1), user(1)]), Ok(()));
        assert_eq!(places.take(user(1)), Err(NoPlace::Person));
        assert_eq!(places.take(user(2)), Ok(()));
        assert_eq!(take(&mut places, &[TOKEN, TOKEN, TOKEN]), Err(NoPlace::Person));
        assert_eq!(places.taken(), 5);
    }

    #[test]
    fn an_operator_gets_in_while_users_hold_all_the_places_that_they_may() {
        let mut places = Places::new(BOUNDS);
        assert_eq!(take(&mut places, &[user(1), user(1), user(2), user(2)]), Ok(()));
        assert_eq!(places.take(user(3)), Err(NoPlace::Full));
        assert_eq!(take(&mut places, &[TOKEN, admin(4)]), Ok(()));
        assert_eq!(places.take(admin(5)), Err(NoPlace::Full), "not more than there are");
    }

    #[test]
    fn admins_take_what_nobody_else_wants() {
        let mut places = Places::new(BOUNDS);
        let all = [TOKEN, TOKEN, admin(1), admin(1), admin(2), admin(2)];
        assert_eq!(take(&mut places, &all), Ok(()));
        assert_eq!(places.take(user(3)), Err(NoPlace::Full));
    }

    #[test]
    fn a_place_that_is_given_back_is_free_and_nothing_is_remembered() {
        let mut places = Places::new(BOUNDS);
        for _ in 0..10 {
            assert_eq!(take(&mut places, &[user(1), user(1), TOKEN]), Ok(()));
            for who in [user(1), TOKEN, user(1)] {
                places.give_back(who);
            }
        }
        assert_eq!((places.taken(), places.by_person.len()), (0, 0));
    }
}
