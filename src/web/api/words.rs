//! Small values as the management API writes them.

use switchyard_actors::domain::limits::ResetMode;

/// Names how a day moves.
pub const fn reset_mode(mode: ResetMode) -> &'static str {
    match mode {
        ResetMode::Fixed => "fixed",
        ResetMode::Rolling => "rolling",
    }
}

/// Writes minutes after midnight as a time of day.
pub fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
