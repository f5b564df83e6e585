//! The calendar windows of everybody who pays, by the limits in force.

use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::check::Dimension;
use crate::domain::counters::{Borders, Calendar};
use crate::domain::instant::Micros;
use crate::domain::limit_book::LimitBook;

/// The limits of one version of the catalogue, by their owners.
#[derive(Debug, Default)]
pub struct Windows {
    of: Option<Arc<Catalogue>>,
    limits: LimitBook,
    calendar: Calendar,
}

impl Windows {
    /// Returns the windows of an owner around an instant.
    pub fn around(&mut self, catalogue: &Arc<Catalogue>, owner: &Dimension, at: Micros) -> Borders {
        if !self.of.as_ref().is_some_and(|known| Arc::ptr_eq(known, catalogue)) {
            self.limits = LimitBook::of(catalogue);
            self.of = Some(Arc::clone(catalogue));
        }
        self.calendar.around(&catalogue.settings.time_zone, self.limits.limits(owner), at)
    }
}
