//! Callers for tests.

use std::sync::Arc;

use crate::domain::caller::{Caller, Role, parse_groups};
use crate::domain::ids::{KeyId, UserId};
use crate::domain::limits::Limits;
use crate::domain::loss_policy::LossPolicy;
use crate::domain::routing::client::ClientList;

/// Makes a caller of these groups.
pub fn caller(groups: &str) -> Caller {
    Caller {
        user: UserId(1),
        user_name: Arc::from("ann"),
        role: Role::User,
        key: KeyId(1),
        key_name: Arc::from("key"),
        key_prefix: Arc::from("sk-1"),
        groups: parse_groups(Some(groups)),
        tags: Arc::from([]),
        user_limits: Limits::default(),
        key_limits: Limits::default(),
        key_enabled: true,
        key_expires_at: None,
        user_enabled: true,
        user_expires_at: None,
        can_login: false,
        allowed_models: Arc::from([]),
        blocked_models: Arc::from([]),
        clients: ClientList::default(),
        cache_ttl: None,
        loss_policy: LossPolicy::default(),
        fallbacks: Arc::default(),
    }
}
