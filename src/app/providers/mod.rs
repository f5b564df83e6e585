//! Providers: where requests go, with what key, within which limits.

mod add;
mod address;
mod breakers;
mod credential;
mod draft;
mod edit;
mod endpoints;
mod faults;
mod headers;
mod health;
mod kept;
mod limit_usage;
mod list;
mod models;
mod presets;
mod preview;
mod properties;
mod property;
mod remove;
mod reset_circuit;
mod routing;
mod standing;
mod trial;

pub use add::{add, addition};
pub use breakers::{ListedBreaker, ListedCause, breakers};
pub use credential::{CredentialStanding, CredentialTrouble, KeySort};
pub use edit::{edit, edition};
pub use endpoints::{ListedEndpoint, endpoints, switch_endpoint};
pub use faults::faults;
pub use health::{Health, health};
pub use kept::{Kept, kept};
pub use limit_usage::{LimitUsage, limit_usage};
pub use list::{Listed, list, unknown as no_provider};
pub use models::{Models, models};
pub use presets::{COMPATIBLE, PRESETS, Preset, preset, test_model};
pub use preview::{Called, preview};
pub use properties::{LONGEST_OWN_TIMEOUT, PROPERTIES};
pub use property::{Form, Property, Start};
pub use remove::remove;
pub use reset_circuit::{reset_circuit, reset_circuits};
pub use routing::pattern_fault;
pub use standing::{
    AddressStanding, Breaker, Left, LimitUse, ProxyStanding, Standing, State, Sums, Traffic,
    Trouble, Window, standings,
};
pub use trial::{TEST_MODEL, Tested, Verdict, question, test};

use super::shape::{Field, Rule, Shape};

/// The field that names a provider.
pub const ID: &str = "providerId";

/// Returns the shape of a body that names a provider and nothing else.
#[must_use]
pub fn choice() -> Shape {
    Shape::from([Field::required(ID, Rule::ID)])
}
