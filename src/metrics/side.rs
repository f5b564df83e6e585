//! Side requests that were answered here.

use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

use crate::wire::side::Side;

/// How many side requests were answered here, by kind.
#[derive(Debug)]
pub struct Sides([(Side, IntCounter); 2]);

impl Sides {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let help = "Side requests that were answered without asking anybody, by kind.";
        let options = Opts::new(super::named("answered_here_total"), help);
        let family = IntCounterVec::new(options, &["kind"])?;
        registry.register(Box::new(family.clone()))?;
        Ok(Self(Side::ALL.map(|side| (side, family.with_label_values(&[side.name()])))))
    }

    /// Counts one.
    pub fn count(&self, side: Side) {
        if let Some(counter) = super::found(&self.0, side) {
            counter.inc();
        }
    }
}
