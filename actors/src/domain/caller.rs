//! Who is asking: a key with its user, as the catalogue knows them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{KeyId, UserId};
use super::instant::Micros;
use super::limits::Limits;
use super::loss_policy::LossPolicy;
use super::preferences::CacheTtl;
use super::routing::client::ClientList;
use super::routing::fallback::Fallbacks;

/// The group every key and provider belongs to when it names none.
pub const DEFAULT_GROUP: &str = "default";
/// The group name that sees the providers of all groups.
pub const ALL_GROUPS: &str = "*";

/// What a user may do in the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages everything.
    Admin,
    /// Sees what is their own.
    #[default]
    User,
}

/// A key and its user, joined once when the catalogue is loaded.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub user_name: Arc<str>,
    /// The user's role.
    pub role: Role,
    /// The key.
    pub key: KeyId,
    /// The key's name.
    pub key_name: Arc<str>,
    /// The first characters of the key, fit for logs.
    pub key_prefix: Arc<str>,
    /// The groups whose providers the key may use; never empty.
    pub groups: Arc<[Arc<str>]>,
    /// The user's tags, in order and each once.
    pub tags: Arc<[Arc<str>]>,
    /// The user's limits.
    pub user_limits: Limits,
    /// The key's own limits.
    pub key_limits: Limits,
    /// The key is switched on.
    pub key_enabled: bool,
    /// When the key ends.
    pub key_expires_at: Option<Micros>,
    /// The user is switched on.
    pub user_enabled: bool,
    /// When the user's access ends.
    pub user_expires_at: Option<Micros>,
    /// The key may log in to the console and the management API.
    pub can_login: bool,
    /// Models the user may ask for; empty means any.
    pub allowed_models: Arc<[Arc<str>]>,
    /// Models the user may not ask for, whatever else says.
    pub blocked_models: Arc<[Arc<str>]>,
    /// The programs the user may come with.
    pub clients: ClientList,
    /// How long the cache marks of the key's requests last; goes before a provider's wish.
    pub cache_ttl: Option<CacheTtl>,
    /// How much of the key's requests may be lost when they are converted.
    pub loss_policy: LossPolicy,
    /// Which models stand in for others.
    pub fallbacks: Arc<Fallbacks>,
}

/// Which list keeps a user from a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRule {
    /// It is among the blocked ones.
    Blocked,
    /// It is not among the allowed ones.
    NotAllowed,
}

/// Whether a known key may be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It may.
    Good,
    /// The key is switched off.
    KeyDisabled,
    /// The key has ended.
    KeyExpired,
    /// The user is switched off.
    UserDisabled,
    /// The user's access has ended.
    UserExpired,
}

impl Standing {
    /// Returns the error code of the contract, `None` when all is well.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Good => None,
            Self::KeyDisabled => Some("key_disabled"),
            Self::KeyExpired => Some("key_expired"),
            Self::UserDisabled => Some("user_disabled"),
            Self::UserExpired => Some("user_expired"),
        }
    }
}

impl Caller {
    /// Tells whether the key may be used at `now`; an expiry instant itself is already over.
    #[must_use]
    pub fn standing(&self, now: Micros) -> Standing {
        let over = |end: Option<Micros>| end.is_some_and(|end| end <= now);
        if !self.key_enabled {
            return Standing::KeyDisabled;
        }
        if over(self.key_expires_at) {
            return Standing::KeyExpired;
        }
        if !self.user_enabled {
            return Standing::UserDisabled;
        }
        if over(self.user_expires_at) {
            return Standing::UserExpired;
        }
        Standing::Good
    }

    /// Returns the group whose limits the key is under: the first one it names. It does not depend
    /// on who serves, so it is known before anybody is chosen.
    #[must_use]
    pub fn limit_group(&self) -> &Arc<str> {
        static DEFAULT: std::sync::LazyLock<Arc<str>> =
            std::sync::LazyLock::new(|| Arc::from(DEFAULT_GROUP));
        self.groups.first().unwrap_or(&DEFAULT)
    }

    /// Tells whether the user may ask for a model; case does not matter, and a block goes before a leave.
    #[must_use]
    pub fn may_ask(&self, model: &str) -> bool {
        self.judge_model(model).is_none()
    }

    /// Returns the list that keeps the user from asking for a model. A request that names none cannot
    /// be found in a list of allowed ones.
    #[must_use]
    pub fn judge_model(&self, model: &str) -> Option<ModelRule> {
        let named = |list: &[Arc<str>]| list.iter().any(|name| name.eq_ignore_ascii_case(model));
        if named(&self.blocked_models) {
            return Some(ModelRule::Blocked);
        }
        let is_free = self.allowed_models.is_empty() || named(&self.allowed_models);
        (!is_free).then_some(ModelRule::NotAllowed)
    }

    /// Tells whether the caller may see a provider of these groups.
    #[must_use]
    pub fn sees(&self, provider_groups: &[Arc<str>]) -> bool {
        self.groups.iter().any(|mine| {
            mine.as_ref() == ALL_GROUPS || provider_groups.iter().any(|theirs| theirs == mine)
        })
    }
}

/// Puts a user's tags in order, each once, without empty ones and spaces around them.
#[must_use]
pub fn sort_tags(tags: impl IntoIterator<Item = Arc<str>>) -> Arc<[Arc<str>]> {
    let tags = tags.into_iter().map(|tag| Arc::from(tag.trim()));
    let sorted: BTreeSet<Arc<str>> = tags.filter(|tag: &Arc<str>| !tag.is_empty()).collect();
    sorted.into_iter().collect()
}

/// Splits a group text (commas, full-width commas, line breaks); empty means the default group.
#[must_use]
pub fn parse_groups(text: Option<&str>) -> Arc<[Arc<str>]> {
    let groups: Vec<Arc<str>> = text
        .unwrap_or_default()
        .split([',', '，', '\n', '\r'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(Arc::from)
        .collect();
    if groups.is_empty() { Arc::from([Arc::from(DEFAULT_GROUP)]) } else { groups.into() }
}
