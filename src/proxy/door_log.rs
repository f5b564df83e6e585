//! What was refused at the door in the last hour: no row, but somebody will ask why.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;

/// Refusals kept at most; older ones make room.
const KEPT: usize = 1_000;
/// Refusals are shown for this long.
const SHOWN_FOR: Duration = Duration::from_hours(1);

/// One refusal at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAtDoor {
    /// The id the client was given.
    pub id: RequestId,
    /// When.
    pub at: Micros,
    /// The status.
    pub status: u16,
    /// Why, in one word.
    pub code: &'static str,
    /// Why, as the client was told.
    pub reason: Arc<str>,
    /// The path.
    pub path: Arc<str>,
    /// The first characters of the key, when one was given.
    pub key_prefix: Option<Arc<str>>,
    /// The client's address.
    pub client_ip: Option<Arc<str>>,
}

/// The list, newest last.
#[derive(Debug, Default)]
pub struct DoorLog(Mutex<VecDeque<RefusedAtDoor>>);

impl DoorLog {
    /// Notes a refusal.
    pub fn note(&self, refused: RefusedAtDoor) {
        let mut list = self.0.lock();
        if list.len() == KEPT {
            list.pop_front();
        }
        list.push_back(refused);
    }

    /// Returns the last hour's refusals, newest first.
    #[must_use]
    pub fn recent(&self, now: Micros) -> Vec<RefusedAtDoor> {
        let since = now.minus(SHOWN_FOR);
        self.0.lock().iter().rev().take_while(|refused| refused.at >= since).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(at: Micros) -> RefusedAtDoor {
        RefusedAtDoor {
            id: RequestId([0; 16]),
            at,
            status: 401,
            code: "invalid_api_key",
            reason: Arc::from("unknown key"),
            path: Arc::from("/v1/messages"),
            key_prefix: None,
            client_ip: None,
        }
    }

    #[test]
    fn only_the_last_hour_is_shown_newest_first_and_the_list_is_bounded() {
        let log = DoorLog::default();
        let hour = Micros(0).plus(SHOWN_FOR);
        let last = i64::try_from(KEPT).unwrap();
        for second in 0..=last {
            log.note(refused(Micros(second)));
        }
        assert_eq!(log.recent(hour).len(), KEPT);
        assert_eq!(log.recent(hour).first().map(|refused| refused.at), Some(Micros(last)));
        assert_eq!(log.recent(hour.plus(SHOWN_FOR)).len(), 0);
    }
}
