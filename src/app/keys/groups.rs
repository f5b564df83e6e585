//! A user's groups are the union of its keys' groups, when an admin has touched those.

use std::collections::BTreeSet;

use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use crate::store::{KeyRecord, StoreError, Tx};

/// Recomputes the groups of a user from its keys.
pub(super) async fn recompute(tx: &mut Tx, user: UserId, now: Micros) -> Result<(), StoreError> {
    let group = union(&tx.keys_of(user).await?);
    tx.set_user_group(user, group.as_deref(), now).await
}

fn union(keys: &[KeyRecord]) -> Option<String> {
    let texts = keys.iter().filter_map(|key| key.fields.provider_group.as_deref());
    let names = texts.flat_map(|text| text.split(',')).map(str::trim);
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    let joined = names.into_iter().collect::<Vec<_>>().join(",");
    (!joined.is_empty()).then_some(joined)
}
