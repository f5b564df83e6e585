//! Says that all places for requests are taken: those who are turned away know, and so does whoever
//! looks after the process.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::instant::Micros;

use super::Basics;
use super::jobs::said;
use crate::process::Severity;
use crate::proxy::admission::Door;

/// So long it is said after the last request that found no place: a crowd comes in waves.
const SAID_FOR: Duration = Duration::from_secs(10);

/// What is known of the crowd at the door.
pub struct Crowd {
    basics: Basics,
    door: Arc<Door>,
    turned_away: Cell<u64>,
    last: Cell<Option<Micros>>,
}

impl Crowd {
    /// Begins to look at a door.
    pub fn new(basics: &Basics, door: &Arc<Door>) -> Self {
        let turned_away = Cell::new(door.turned_away());
        let (basics, door) = (basics.clone(), Arc::clone(door));
        Self { basics, door, turned_away, last: Cell::new(None) }
    }
}

/// Looks whether requests found no place since the last look.
pub async fn watch_door(crowd: Rc<Crowd>) {
    let (now, count) = (crowd.basics.clock.now(), crowd.door.turned_away());
    if crowd.turned_away.replace(count) != count {
        crowd.last.set(Some(now));
    }
    let lately = crowd.last.get().is_some_and(|last| now.since(last) < SAID_FOR);
    let sentence = lately.then_some(
        "all places for requests are taken and new ones are turned away (SWITCHYARD_MAX_IN_FLIGHT)",
    );
    said(&crowd.basics, "places", Severity::Degraded, sentence, None);
}
