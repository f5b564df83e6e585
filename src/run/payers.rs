//! Who pays for what was spent, with the calendar windows around the present: the key, its user, the
//! group it counts in, the user's tags, and the provider.

use std::collections::HashMap;
use std::sync::Arc;

use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Calendar;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limit_book::LimitBook;
use switchyard_actors::shared::counters::{Paying, Spender};

use crate::store::Payers;

/// The group and the tags of a key.
type Shared = (Arc<str>, Arc<[Arc<str>]>);

/// Finds the payers of one catalogue.
pub struct PayerBook {
    limits: LimitBook,
    /// What keys share that the catalogue need not know: those that are deleted are among them.
    shared: HashMap<KeyId, Shared>,
    zone: Arc<str>,
    calendar: Calendar,
    now: Micros,
}

impl PayerBook {
    /// Knows the keys of a catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue, now: Micros) -> Self {
        Self {
            limits: LimitBook::of(catalogue),
            shared: HashMap::new(),
            zone: Arc::clone(&catalogue.settings.time_zone),
            calendar: Calendar::default(),
            now,
        }
    }

    /// Knows further keys: those that are deleted have spent, too.
    #[must_use]
    pub fn with(mut self, payers: Vec<Payers>) -> Self {
        for payers in payers {
            self.shared.insert(payers.key, (Arc::from(payers.group()), payers.tags));
        }
        self
    }

    /// Returns everybody who pays.
    pub fn paying(&mut self, by: Spender) -> Paying {
        let mut owners = vec![Dimension::Key(by.key), Dimension::User(by.user)];
        if let Some((group, tags)) = self.shared_by(by.key) {
            owners.push(Dimension::Group(group));
            owners.extend(tags.iter().map(|tag| Dimension::Tag(Arc::clone(tag))));
        }
        owners.extend(by.provider.map(Dimension::Provider));
        let Self { limits, zone, calendar, now, .. } = self;
        let around = |owner| {
            let borders = calendar.around(zone, limits.limits(&owner), *now);
            (owner, borders)
        };
        owners.into_iter().map(around).collect()
    }

    fn shared_by(&self, key: KeyId) -> Option<Shared> {
        self.shared.get(&key).cloned().or_else(|| {
            let caller = self.limits.caller(key)?;
            Some((Arc::clone(caller.limit_group()), Arc::clone(&caller.tags)))
        })
    }
}
