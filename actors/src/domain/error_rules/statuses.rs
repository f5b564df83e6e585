//! The statuses a rule is about: `429`, `500-599`, or a list of both.

use std::fmt;

use thiserror::Error;

/// Parts of a list, at most.
const MOST_PARTS: usize = 32;

/// Why a text names no statuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatusFault {
    /// A part is neither a status nor a range.
    #[error("{0:?} is neither a status from 200 to 599 nor a range of them such as 500-599")]
    Part(String),
    /// There are too many parts.
    #[error("more than {MOST_PARTS} statuses and ranges")]
    TooMany,
}

/// A list of statuses and ranges; an empty one names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses(Vec<(u16, u16)>);

impl Statuses {
    /// Reads a list that is separated by commas; an empty text names none.
    ///
    /// # Errors
    /// Says which part cannot be read.
    pub fn parse(text: &str) -> Result<Self, StatusFault> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let ranges: Vec<(u16, u16)> = parts.map(range).collect::<Result<_, _>>()?;
        if ranges.len() > MOST_PARTS {
            return Err(StatusFault::TooMany);
        }
        Ok(Self(ranges))
    }

    /// Tells whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether a status is named.
    #[must_use]
    pub fn names(&self, status: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }

    /// Tells whether a good status is named: then answers that seem good are looked at as well.
    #[must_use]
    pub fn names_good(&self) -> bool {
        self.0.iter().any(|(from, _)| *from < 300)
    }
}

fn range(part: &str) -> Result<(u16, u16), StatusFault> {
    let (from, to) = part.split_once('-').unwrap_or((part, part));
    let read = |text: &str| {
        let text = text.trim();
        let status = text.parse::<u16>().ok().filter(|_| text.len() == 3);
        status.filter(|status| (200..600).contains(status))
    };
    match (read(from), read(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(StatusFault::Part(part.to_owned())),
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (from, to)) in self.0.iter().enumerate() {
            let joint = if place == 0 { "" } else { "," };
            if from == to {
                write!(f, "{joint}{from}")?;
            } else {
                write!(f, "{joint}{from}-{to}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statuses_and_ranges_are_read_and_written() {
        let list = Statuses::parse(" 400, 500-599 ,").unwrap();
        assert_eq!(list.to_string(), "400,500-599");
        assert!(list.names(400) && list.names(500) && list.names(599));
        assert!(!list.names(401) && !list.names(200) && !list.names_good());
        assert!(Statuses::parse("200-299").unwrap().names_good());
        assert!(Statuses::parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_status_is_refused_by_name() {
        for part in ["4xx", "99", "600", "500-400", "-", "0400", "+40", "100"] {
            assert_eq!(Statuses::parse(part), Err(StatusFault::Part(part.to_owned())), "{part}");
        }
        assert_eq!(Statuses::parse(&"400,".repeat(33)), Err(StatusFault::TooMany));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_was_read_reads_the_same(text in "[0-9, -]{0,24}") {
            if let Ok(list) = Statuses::parse(&text) {
                prop_assert_eq!(Statuses::parse(&list.to_string()), Ok(list));
            }
        }
    }
}
