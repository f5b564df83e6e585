//! Who pays for what was spent, with the calendar windows around the present: the key, its user, the
//! group it counts in, the user's tags, and the provider.

use std::collections::HashMap;
use std::sync::Arc;

use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Calendar;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::shared::counters::{Paying, Spender};

use crate::store::Payers;

type Shared = (Arc<str>, Arc<[Arc<str>]>);

/// Finds the payers of one catalogue.
pub struct PayerBook<'a> {
    catalogue: &'a Catalogue,
    users: HashMap<UserId, &'a Limits>,
    keys: HashMap<KeyId, &'a Limits>,
    providers: HashMap<ProviderId, &'a Limits>,
    /// The group and the tags of each key.
    shared: HashMap<KeyId, Shared>,
    calendar: Calendar,
    now: Micros,
}

impl<'a> PayerBook<'a> {
    /// Knows the keys of a catalogue.
    #[must_use]
    pub fn of(catalogue: &'a Catalogue, now: Micros) -> Self {
        let callers = || catalogue.callers.values().map(std::convert::AsRef::<Caller>::as_ref);
        let providers = catalogue.providers.iter();
        let shared = |caller: &Caller| (Arc::clone(caller.limit_group()), Arc::clone(&caller.tags));
        Self {
            catalogue,
            users: callers().map(|caller| (caller.user, &caller.user_limits)).collect(),
            keys: callers().map(|caller| (caller.key, &caller.key_limits)).collect(),
            providers: providers.map(|provider| (provider.id, &provider.limits)).collect(),
            shared: callers().map(|caller| (caller.key, shared(caller))).collect(),
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
        let none = &Limits::NONE;
        let of_key = self.keys.get(&by.key).copied().unwrap_or(none);
        let of_user = self.users.get(&by.user).copied().unwrap_or(none);
        let mut sides = vec![(Dimension::Key(by.key), of_key), (Dimension::User(by.user), of_user)];
        if let Some((group, tags)) = self.shared.get(&by.key) {
            let set = self.catalogue.groups.get(group);
            sides.push((
                Dimension::Group(Arc::clone(group)),
                set.map_or(none, |group| &group.limits),
            ));
            sides.extend(tags.iter().map(|tag| {
                let set = self.catalogue.tags.get(tag);
                (Dimension::Tag(Arc::clone(tag)), set.unwrap_or(none))
            }));
        }
        sides.extend(by.provider.map(|provider| {
            let set = self.providers.get(&provider).copied();
            (Dimension::Provider(provider), set.unwrap_or(none))
        }));
        let zone = &self.catalogue.settings.time_zone;
        let (calendar, now) = (&mut self.calendar, self.now);
        let around = |(dimension, limits)| (dimension, calendar.around(zone, limits, now));
        sides.into_iter().map(around).collect()
    }
}
