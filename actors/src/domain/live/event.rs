//! One thing that happened, and the number it is resumed by.

use std::fmt;
use std::mem::size_of;
use std::sync::Arc;

use crate::domain::breaker::Transition;
use crate::domain::decision::ChainLink;
use crate::domain::ledger::LedgerRow;

/// The place of an event: which process told it, and its number there, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The process, by a number that no other has.
    pub boot: u64,
    /// The event's number; 0 stands before the first.
    pub seq: u64,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request has ended, and its row is in the ledger.
    Row(Arc<LedgerRow>),
    /// A breaker changed.
    Breaker(Arc<Transition>),
}

/// An event with its place.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// The place.
    pub id: EventId,
    /// The event.
    pub event: Event,
}

impl EventId {
    /// Reads what [`EventId`] writes; `None` when it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, seq) = text.split_once('-')?;
        Some(Self { boot: u64::from_str_radix(boot, 16).ok()?, seq: seq.parse().ok()? })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.boot, self.seq)
    }
}

impl Event {
    /// Makes the event of a row. How each provider was picked is left out: it is most of a row, and
    /// lists do not show it.
    #[must_use]
    pub fn row(mut row: LedgerRow) -> Self {
        for link in &mut row.chain {
            link.decision = None;
        }
        Self::Row(Arc::new(row))
    }

    /// Makes the event of a breaker's change.
    #[must_use]
    pub fn breaker(transition: Transition) -> Self {
        Self::Breaker(Arc::new(transition))
    }

    /// Estimates the memory it takes, shared texts included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Row(row) => of_row(row),
            Self::Breaker(change) => {
                let details = change.causes.iter().map(|cause| text(cause.detail.as_ref()));
                size_of::<Transition>() + size_of_val(change.causes.as_slice()) + sum(details)
            }
        }
    }
}

fn of_row(row: &LedgerRow) -> usize {
    let opened = &row.opened;
    let single = [
        Some(&opened.path),
        opened.session.as_ref().map(|session| &session.0),
        opened.model.as_ref(),
        opened.client_ip.as_ref(),
        opened.user_agent.as_ref(),
        row.group.as_ref(),
        row.upstream_model.as_ref(),
        row.response_model.as_ref(),
        row.unbilled.as_ref(),
        row.error.as_ref(),
    ];
    let chain = row.chain.iter().map(of_link);
    let words = row
        .edits
        .iter()
        .chain(&row.notes)
        .chain(&row.losses)
        .map(|word| size_of_val(word) + word.len());
    size_of::<LedgerRow>() + sum(single.into_iter().map(text)) + sum(chain) + sum(words)
}

fn of_link(link: &ChainLink) -> usize {
    let texts = text(link.error.as_ref()) + text(link.proxy_fault.as_ref());
    size_of::<ChainLink>() + link.name.len() + link.reason.len() + texts
}

fn text(text: Option<&Arc<str>>) -> usize {
    text.map_or(0, |text| text.len())
}

fn sum(parts: impl Iterator<Item = usize>) -> usize {
    parts.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        for id in [EventId { boot: 0xdead_beef, seq: 7 }, EventId { boot: u64::MAX, seq: 0 }] {
            assert_eq!(EventId::parse(&id.to_string()), Some(id));
        }
        for wrong in ["", "-", "7", "xyz-1", "1-", "1--2", "1-2-3", "1-99999999999999999999"] {
            assert_eq!(EventId::parse(wrong), None, "{wrong}");
        }
    }
}
