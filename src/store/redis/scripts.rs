//! The scripts, by what they do. Each is told in its own file what it takes and returns.

use redis::Script;

/// All scripts. Their hashes are worked out once.
#[derive(Debug)]
pub struct Scripts {
    /// Lets a request in or refuses it.
    pub admit: Script,
    /// Tells windows that are not known.
    pub seed: Script,
    /// Books what has ended.
    pub publish: Script,
    /// Says that a node lives and what it holds.
    pub beat: Script,
    /// Says that a node goes.
    pub leave: Script,
    /// Changes a breaker unless somebody was quicker.
    pub transition: Script,
    /// Returns how all breakers stand.
    pub breakers: Script,
    /// Takes the right to probe.
    pub lease: Script,
}

/// What two scripts do alike stands before each of them.
const SEED: &str = concat!(include_str!("scripts/cut.lua"), include_str!("scripts/seed.lua"));
const PUBLISH: &str = concat!(include_str!("scripts/cut.lua"), include_str!("scripts/publish.lua"));

impl Default for Scripts {
    fn default() -> Self {
        Self {
            admit: Script::new(include_str!("scripts/admit.lua")),
            seed: Script::new(SEED),
            publish: Script::new(PUBLISH),
            beat: Script::new(include_str!("scripts/beat.lua")),
            leave: Script::new(include_str!("scripts/leave.lua")),
            transition: Script::new(include_str!("scripts/transition.lua")),
            breakers: Script::new(include_str!("scripts/breakers.lua")),
            lease: Script::new(include_str!("scripts/lease.lua")),
        }
    }
}
