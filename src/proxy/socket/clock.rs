//! When a socket is looked after: pinged, found mute, idle or stuck. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The time limits of a socket.
#[derive(Clone, Copy, Debug)]
pub struct SocketTimes {
    /// A socket on which nothing is asked for so long is closed.
    pub idle: Duration,
    /// A client that was silent for so long is pinged.
    pub ping: Duration,
    /// A client that was silent for so long, pings included, is gone.
    pub mute: Duration,
    /// What waits for a client must be taken within this.
    pub send: Duration,
    /// A goodbye must be answered within this.
    pub goodbye: Duration,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing before that instant.
    Nothing(Instant),
    /// A ping.
    Ping,
    /// A goodbye: nothing was asked for too long.
    Idle,
    /// The end: the client takes or says nothing.
    Gone,
}

/// What the clock of a socket goes by.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// When the client was last heard.
    pub heard: Instant,
    /// When it was last pinged.
    pub pinged: Option<Instant>,
    /// Since when nothing is asked; `None` while something is.
    pub idle_since: Option<Instant>,
    /// Since when the client takes nothing of what waits for it.
    pub stuck_since: Option<Instant>,
    /// When we said goodbye.
    pub closed_at: Option<Instant>,
}

impl SocketTimes {
    /// Says what is due.
    #[must_use]
    pub fn due(&self, standing: &Standing, now: Instant) -> Due {
        let Standing { heard, pinged, idle_since, stuck_since, closed_at } = *standing;
        let gone = [
            Some(heard + self.mute),
            stuck_since.map(|since| since + self.send),
            closed_at.map(|at| at + self.goodbye),
        ];
        let gone = gone.into_iter().flatten().min().unwrap_or(heard + self.mute);
        if gone <= now {
            return Due::Gone;
        }
        if closed_at.is_some() {
            return Due::Nothing(gone);
        }
        let idle = idle_since.map(|since| since + self.idle);
        if idle.is_some_and(|at| at <= now) {
            return Due::Idle;
        }
        let ping = pinged.filter(|at| *at > heard).unwrap_or(heard) + self.ping;
        if ping <= now {
            return Due::Ping;
        }
        Due::Nothing(gone.min(ping).min(idle.unwrap_or(gone)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const TIMES: SocketTimes = SocketTimes {
        idle: seconds(100),
        ping: seconds(30),
        mute: seconds(75),
        send: seconds(20),
        goodbye: seconds(2),
    };

    fn standing(heard: Instant) -> Standing {
        Standing { heard, pinged: None, idle_since: None, stuck_since: None, closed_at: None }
    }

    #[test]
    fn a_silent_client_is_pinged_and_then_gone() {
        let start = Instant::now();
        let mut at = standing(start);
        assert_eq!(TIMES.due(&at, start), Due::Nothing(start + seconds(30)));
        assert_eq!(TIMES.due(&at, start + seconds(30)), Due::Ping);
        at.pinged = Some(start + seconds(30));
        assert_eq!(TIMES.due(&at, start + seconds(31)), Due::Nothing(start + seconds(60)));
        assert_eq!(TIMES.due(&at, start + seconds(75)), Due::Gone);
        at.heard = start + seconds(74);
        assert_eq!(TIMES.due(&at, start + seconds(75)), Due::Nothing(start + seconds(104)));
    }

    #[test]
    fn an_idle_one_is_told_goodbye_and_has_a_moment_to_answer() {
        let start = Instant::now();
        let mut at = Standing { idle_since: Some(start), ..standing(start + seconds(90)) };
        assert_eq!(TIMES.due(&at, start + seconds(99)), Due::Nothing(start + seconds(100)));
        assert_eq!(TIMES.due(&at, start + seconds(100)), Due::Idle);
        at.closed_at = Some(start + seconds(100));
        assert_eq!(TIMES.due(&at, start + seconds(101)), Due::Nothing(start + seconds(102)));
        assert_eq!(TIMES.due(&at, start + seconds(102)), Due::Gone);
    }

    #[test]
    fn one_that_takes_nothing_is_gone() {
        let start = Instant::now();
        let at = Standing { stuck_since: Some(start), ..standing(start + seconds(19)) };
        assert_eq!(TIMES.due(&at, start + seconds(20)), Due::Gone);
    }

    proptest! {
        #[test]
        fn nothing_is_due_before_the_instant_that_is_named(
            pinged in proptest::option::of(0..200_u64),
            idle in proptest::option::of(0..200_u64),
            stuck in proptest::option::of(0..200_u64),
            closed in proptest::option::of(0..200_u64),
            now in 0..200_u64,
        ) {
            let start = Instant::now();
            let at = |second: Option<u64>| second.map(|second| start + seconds(second));
            let standing = Standing {
                heard: start,
                pinged: at(pinged),
                idle_since: at(idle),
                stuck_since: at(stuck),
                closed_at: at(closed),
            };
            if let Due::Nothing(until) = TIMES.due(&standing, start + seconds(now)) {
                prop_assert!(until > start + seconds(now));
                let before = until - Duration::from_millis(1);
                prop_assert!(matches!(TIMES.due(&standing, before), Due::Nothing(_)));
                prop_assert!(!matches!(TIMES.due(&standing, until), Due::Nothing(_)));
            }
        }
    }
}
