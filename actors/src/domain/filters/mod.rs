//! Request filters: what operators have changed in requests on their way to a provider.
//!
//! Here is what a filter says; how its changes are made to bytes is the wire's matter.

mod change;
mod judge;
mod path;
mod read;

use std::sync::Arc;

use super::ids::ProviderId;
use super::provider::Provider;

pub use change::{Anchor, BodyChange, HeaderChange, Matcher, Place, Test, TextMatch};
pub use judge::{check_leaving, check_replaced, check_sum, only_leaving};
pub use path::{JsonPath, PathError, Step};
pub use read::{FilterError, Operations, Simple, read_operations, read_simple};

/// When a filter runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Once, before a provider is chosen, on what the client sent.
    Guard,
    /// At every try, last of all, on what goes out.
    Final,
}

impl Phase {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Final => "final",
        }
    }
}

/// Whose requests a filter is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Everybody's.
    Global,
    /// Those that go to one of these providers.
    Providers(Arc<[ProviderId]>),
    /// Those that go to a provider of one of these groups.
    Groups(Arc<[Arc<str>]>),
}

/// A filter that is switched on.
#[derive(Clone, Debug)]
pub struct RequestFilter {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: Arc<str>,
    /// Smaller ones run first.
    pub priority: i64,
    /// When it runs.
    pub phase: Phase,
    /// Whose requests it is for.
    pub binding: Binding,
    /// What it does to the headers, in this order.
    pub headers: Vec<HeaderChange>,
    /// What it does to the body, in this order.
    pub body: Vec<BodyChange>,
    /// Why it cannot be applied at all, when it was kept and cannot be read any more.
    pub fault: Option<Arc<str>>,
}

/// How many filters there may be.
pub const MOST_FILTERS: usize = 500;

impl RequestFilter {
    /// Returns how long a body may be, in bytes, that a worker changes between two requests.
    #[must_use]
    pub fn quick_up_to(&self) -> usize {
        self.body.iter().map(BodyChange::quick_up_to).min().unwrap_or(usize::MAX)
    }

    /// Returns what an applied filter is called on a row.
    #[must_use]
    pub fn edit_name(&self) -> Arc<str> {
        format!("filter:{}", self.name).into()
    }

    /// Returns the note of a row to which it could not be applied.
    #[must_use]
    pub fn note(&self, why: &str) -> Arc<str> {
        format!("filter:{}: {why}", self.name).into()
    }

    /// Tells whether it runs before a provider is chosen: none is known then that it could be bound to.
    #[must_use]
    pub fn runs_before_choice(&self) -> bool {
        self.phase == Phase::Guard && self.binding == Binding::Global
    }

    fn is_for(&self, provider: &Provider) -> bool {
        match &self.binding {
            Binding::Global => true,
            Binding::Providers(ids) => ids.contains(&provider.id),
            Binding::Groups(groups) => groups.iter().any(|group| provider.groups.contains(group)),
        }
    }
}

/// All filters that are switched on, in the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    before_choice: Vec<RequestFilter>,
    at_try: Vec<RequestFilter>,
}

impl Filters {
    /// Sorts filters: by phase, priority and id.
    #[must_use]
    pub fn new(mut filters: Vec<RequestFilter>) -> Self {
        filters.sort_by_key(|filter| (filter.phase, filter.priority, filter.id));
        let (before_choice, at_try) =
            filters.into_iter().partition(RequestFilter::runs_before_choice);
        Self { before_choice, at_try }
    }

    /// Returns those that run once, before a provider is chosen.
    #[must_use]
    pub fn before_choice(&self) -> &[RequestFilter] {
        &self.before_choice
    }

    /// Returns those that run at a try with a provider. Filters of the guard phase that are bound to
    /// providers are among them and go first: before the choice there is no provider.
    pub fn at_try<'a>(
        &'a self,
        provider: &'a Provider,
    ) -> impl Iterator<Item = &'a RequestFilter> + 'a {
        self.at_try.iter().filter(|filter| filter.is_for(provider))
    }

    /// Returns those that are bound to nobody, in the order in which they run.
    pub fn for_everybody(&self) -> impl Iterator<Item = &RequestFilter> {
        let all = self.before_choice.iter().chain(&self.at_try);
        all.filter(|filter| filter.binding == Binding::Global)
    }

    /// Counts them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.before_choice.len() + self.at_try.len()
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
