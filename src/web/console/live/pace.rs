//! How many rows one stream shows in a second. Pure.

use std::time::Duration;

use switchyard_actors::domain::instant::Micros;

/// Rows a second: more than anybody reads, few enough to render.
const ROWS: usize = 20;
const SECOND: Duration = Duration::from_secs(1);

/// The rows of the running second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    began: Micros,
    shown: usize,
}

impl Pace {
    /// Returns how many of so many rows may be shown now.
    pub fn allow(&mut self, rows: usize, now: Micros) -> usize {
        // A clock that stepped back begins a second, too.
        if now.since(self.began) >= SECOND || now < self.began {
            *self = Self { began: now, shown: 0 };
        }
        let allowed = rows.min(ROWS.saturating_sub(self.shown));
        self.shown = self.shown.saturating_add(allowed);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_twenty_rows() {
        let at = |ms: i64| Micros::from_millis(1_000_000 + ms);
        let mut pace = Pace::default();
        assert_eq!([pace.allow(15, at(0)), pace.allow(15, at(400))], [15, 5]);
        assert_eq!(pace.allow(1, at(999)), 0);
        assert_eq!(pace.allow(300, at(1_000)), 20);
        assert_eq!(pace.allow(1, at(-5_000)), 1, "the clock stepped back");
    }
}
