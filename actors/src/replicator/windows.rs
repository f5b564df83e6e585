//! The calendar windows of everybody who pays, by the limits in force.

use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::check::Dimension;
use crate::domain::counters::{Borders, Calendar};
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::map::Map;

/// The limits of one version of the catalogue, by their owners.
#[derive(Debug, Default)]
pub struct Windows {
    of: Option<Arc<Catalogue>>,
    limits: Map<Dimension, Limits>,
    calendar: Calendar,
}

impl Windows {
    /// Returns the windows of an owner around an instant.
    pub fn around(&mut self, catalogue: &Arc<Catalogue>, owner: &Dimension, at: Micros) -> Borders {
        if !self.of.as_ref().is_some_and(|known| Arc::ptr_eq(known, catalogue)) {
            self.limits = limits_of(catalogue);
            self.of = Some(Arc::clone(catalogue));
        }
        let limits = self.limits.get(owner).unwrap_or(&Limits::NONE);
        self.calendar.around(&catalogue.settings.time_zone, limits, at)
    }
}

fn limits_of(catalogue: &Catalogue) -> Map<Dimension, Limits> {
    let mut limits = Map::default();
    for caller in catalogue.callers.values() {
        limits.insert(Dimension::Key(caller.key), caller.key_limits.clone());
        limits.insert(Dimension::User(caller.user), caller.user_limits.clone());
    }
    for (name, group) in catalogue.groups.iter() {
        limits.insert(Dimension::Group(Arc::clone(name)), group.limits.clone());
    }
    for (name, tag) in catalogue.tags.iter() {
        limits.insert(Dimension::Tag(Arc::clone(name)), tag.clone());
    }
    for provider in catalogue.providers.iter() {
        limits.insert(Dimension::Provider(provider.id), provider.limits.clone());
    }
    limits
}
