//! Starts what gets tokens.

use std::sync::Arc;

use actix::Arbiter;

use super::core::{CoreError, CorePorts, on};
use crate::catalogue_keeper::CatalogueKeeperHandle;
use crate::credential_keeper::{self, CredentialKeeperHandle};
use crate::health::Health;
use crate::shared::tokens::Tokens;

/// Starts the keeper of credentials.
pub(super) async fn start(
    arbiter: &Arbiter,
    ports: &CorePorts,
    catalogue: &CatalogueKeeperHandle,
    health: &Health,
) -> Result<CredentialKeeperHandle, CoreError> {
    let CorePorts { credentials, clock, luck, .. } = ports.clone();
    let (tokens, catalogue) = (Arc::<Tokens>::default(), catalogue.published());
    let start = move || CredentialKeeperHandle::start(credentials, tokens, catalogue, clock, luck);
    let keeper = on(arbiter, start).await?;
    health.watch("credential_keeper", keeper.addr(), || credential_keeper::Observe);
    Ok(keeper)
}
