//! The names of providers: those of today, and for those that are gone the ones they had.

use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::decision::ChainLink;
use switchyard_actors::domain::ids::ProviderId;

/// A provider by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name; the number of one whose name is not known any more.
    pub name: String,
    /// It was deleted.
    pub gone: bool,
}

/// Finds names.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// What there is today.
    pub catalogue: &'a Catalogue,
    /// The tries, which keep the names of their time.
    pub chain: &'a [ChainLink],
}

impl Names<'_> {
    /// Returns a provider's name.
    #[must_use]
    pub fn of(&self, id: ProviderId) -> Named {
        let live = self.catalogue.providers.iter().find(|provider| provider.id == id);
        if let Some(live) = live {
            return Named { name: live.name.to_string(), gone: false };
        }
        let tried = self.chain.iter().find(|link| link.provider == id);
        let name = tried.map_or_else(|| format!("#{id}"), |link| link.name.to_string());
        Named { name, gone: true }
    }
}
