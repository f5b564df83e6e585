//! People for tests: callers with whatever limits a test needs.

use std::sync::Arc;

use crate::domain::caller::{Caller, Role, parse_groups};
use crate::domain::ids::{KeyId, UserId};
use crate::domain::limits::Limits;
use crate::domain::loss_policy::LossPolicy;
use crate::domain::routing::client::ClientList;

/// Makes a caller in good standing.
#[must_use]
pub fn caller(user: i64, key: i64, user_limits: Limits, key_limits: Limits) -> Arc<Caller> {
    Arc::new(Caller {
        user: UserId(user),
        user_name: Arc::from("anna"),
        role: Role::User,
        key: KeyId(key),
        key_name: Arc::from("laptop"),
        key_prefix: Arc::from("sk-0000"),
        groups: parse_groups(None),
        tags: Arc::from([]),
        user_limits,
        key_limits,
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
    })
}

/// Makes a caller of these groups, without limits.
#[must_use]
pub fn caller_of(groups: &str) -> Caller {
    let caller = caller(1, 1, Limits::default(), Limits::default());
    Caller { groups: parse_groups(Some(groups)), ..Caller::clone(&caller) }
}
