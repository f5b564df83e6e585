//! Who uploads at the moment. An upload holds a place before a limit of its user has been looked at, and
//! may take its time: so one user's take a part of the places, and never all of them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use switchyard_actors::domain::ids::UserId;

/// A user may upload so much at once, however few places there are to share.
const AT_LEAST: usize = 8;

/// Counts the uploads of each user; one a process.
#[derive(Debug)]
pub struct Uploading {
    most: usize,
    of_users: Mutex<HashMap<UserId, usize>>,
}

/// An upload under way; dropping it ends it.
#[derive(Debug)]
pub struct Upload {
    uploading: Arc<Uploading>,
    user: UserId,
}

/// Returns how many of all places one user's uploads may take where nobody has said it: a quarter, or
/// eight, but no more than half of them.
#[must_use]
pub fn share_of(places: usize) -> usize {
    (places / 4).max(AT_LEAST).min(places / 2).max(1)
}

impl Uploading {
    /// Lets each user upload at most so much at once.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, of_users: Mutex::default() })
    }

    /// Begins an upload; `None` when the user has as many under way as may be and places are scarce: where
    /// they are not, nobody is kept out by them.
    #[must_use]
    pub fn begin(self: &Arc<Self>, user: UserId, is_scarce: bool) -> Option<Upload> {
        let mut of_users = self.of_users.lock();
        let under_way = of_users.entry(user).or_default();
        if is_scarce && *under_way >= self.most {
            return None;
        }
        *under_way += 1;
        Some(Upload { uploading: Arc::clone(self), user })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut of_users = self.uploading.of_users.lock();
        if let Some(under_way) = of_users.get_mut(&self.user) {
            *under_way -= 1;
            if *under_way == 0 {
                of_users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_no_more_uploads_than_may_be_and_others_have_theirs() {
        let uploading = Uploading::new(2);
        let (user, other) = (UserId(1), UserId(2));
        let first = uploading.begin(user, true).unwrap();
        let _second = uploading.begin(user, true).unwrap();
        assert!(uploading.begin(user, true).is_none());
        assert!(uploading.begin(user, false).is_some(), "there are places for all");
        assert!(uploading.begin(other, true).is_some());
        assert_eq!(uploading.of_users.lock().len(), 1);
        drop(first);
        assert!(uploading.begin(user, true).is_some());
    }

    #[test]
    fn a_share_is_a_quarter_of_many_places_and_never_all_of_few() {
        let shares = [1, 2, 8, 20, 64, 6_581].map(share_of);
        assert_eq!(shares, [1, 1, 4, 8, 16, 1_645]);
    }
}
