//! A provider's key as it may be kept: a key, or a Google credential that can be used; and what may
//! be shown of it.

use std::borrow::Cow;

use serde::Serialize;
use switchyard_actors::credential_keeper::CredentialKeeperHandle;
use switchyard_actors::domain::credential::{
    Access, Account, CredentialFault, GoogleCredential, cleaned, is_document,
};
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::shared::tokens::TokenTrouble;

use crate::app::{AppContext, AppError};
use crate::store::{PROVIDER_KEY, Row, StoreError};
use crate::upstream::issuer::{assertion, place};
use crate::wire::credentials::bearer_of_google;

/// The longest credential; a service account's has about 2,400 characters.
pub(super) const LONGEST: usize = 16_384;
/// The longest key that is none: it travels in a header.
const LONGEST_KEY: usize = 1_024;
/// Characters of a key that are shown at each end, and the length from which on they are.
const SHOWN: usize = 4;
const SHORT: usize = 8;
/// Characters of an account's name that are shown.
const LONGEST_NAME: usize = 80;

/// Returns a key that somebody typed as a kind of provider can use it: without what was pasted around it.
///
/// # Errors
/// Names what is missing or wrong, and repeats nothing that is secret.
pub(super) fn taken<'k>(
    app: &AppContext,
    kind: ProviderKind,
    typed: &'k str,
) -> Result<Cow<'k, str>, AppError> {
    let key = cleaned(kind, typed);
    if key.is_empty() {
        return Err(empty());
    }
    let is_document = is_document(&key);
    if !is_document && key.chars().count() > LONGEST_KEY {
        return Err(too_long());
    }
    match Access::of(kind, &key) {
        Access::Key | Access::Unusable(_) if is_document && !kind.is_google() => Err(not_google()),
        Access::Key => Ok(key),
        Access::Unusable(CredentialFault::Sign) => Err(wrong_sign()),
        Access::Unusable(fault) => Err(unusable(&fault.to_string())),
        Access::Google(credential) => usable(app, &credential).map(|()| key),
    }
}

fn usable(app: &AppContext, credential: &GoogleCredential) -> Result<(), AppError> {
    if let Account::Service { private_key, .. } = &credential.account
        && !assertion::is_key(private_key)
    {
        return Err(unusable(assertion::UNREADABLE));
    }
    if app.live.token_places.of(credential).is_none() {
        return Err(unusable(place::NOT_ALLOWED));
    }
    Ok(())
}

/// Returns what may be shown of a key: nothing of one that is short, of a credential its kind and
/// who it is for.
pub(super) fn ends(kind: ProviderKind, key: &str) -> (String, String) {
    if let Access::Google(credential) = Access::of(kind, key) {
        let who = credential.who().chars().take(LONGEST_NAME).collect();
        return (credential.kind().to_owned(), who);
    }
    let length = key.chars().count();
    if length <= SHORT || is_document(key) {
        return (String::new(), String::new());
    }
    (key.chars().take(SHOWN).collect(), key.chars().skip(length - SHOWN).collect())
}

fn too_long() -> AppError {
    let text = format!("a key has {LONGEST_KEY} characters at most");
    AppError::refused("refused-key-too-long", text).at("key")
}

fn empty() -> AppError {
    let text = "the key is empty: blanks, quotes and the word Bearer around it do not count";
    AppError::refused("refused-key-empty", text).at("key")
}

fn wrong_sign() -> AppError {
    let text = "the key cannot stand in a header: in it is a line break, another control character, \
                or a sign that is not ASCII; copy it again";
    AppError::refused("refused-key-sign", text).at("key")
}

fn not_google() -> AppError {
    let text = "a key that is written as JSON is a Google credential, and only gemini and \
                gemini-cli providers take those";
    AppError::refused("refused-credential-kind", text).at("key")
}

fn unusable(why: &str) -> AppError {
    let text = format!("the credential cannot be used: {why}");
    AppError::refused("refused-credential", text).with("why", why).at("key")
}

/// What a provider's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySort {
    /// A key, at a vendor that knows nothing else.
    Key,
    /// An API key of Google's.
    ApiKey,
    /// A token of Google's that is sent as it is and renewed by nobody.
    Bearer,
    /// A credential with which tokens are got.
    Credential(CredentialStanding),
    /// It cannot be used: why, in words that hold nothing of it.
    Unusable(String),
}

/// How a provider's credential is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialStanding {
    /// `authorized_user` or `service_account`.
    pub kind: &'static str,
    /// Who it is for: the client's id, or the service account's address.
    pub account: String,
    /// When this node got its present token, in milliseconds since 1970; `None` when there is none, or
    /// when it was taken over from where it is kept.
    pub refreshed_at: Option<i64>,
    /// When its present token is over, in milliseconds since 1970; `None` when there is none.
    pub expires_at: Option<i64>,
    /// Why it lets no request in just now.
    pub trouble: Option<CredentialTrouble>,
}

/// Why a credential lets no request in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialTrouble {
    /// The issuer refuses it: somebody must give another one.
    pub refused: bool,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
    /// The issuer's word for it, or what failed.
    pub why: String,
}

/// Returns how the credential of a provider's row is; `None` of one with a key.
pub(super) fn standing(
    app: &AppContext,
    row: &Row,
) -> Result<Option<CredentialStanding>, StoreError> {
    // The key of any other is not opened for this.
    if !ProviderKind::parse(row.text("kind")?).is_some_and(ProviderKind::is_google) {
        return Ok(None);
    }
    match sort(app, row)? {
        KeySort::Credential(standing) => Ok(Some(standing)),
        KeySort::Key | KeySort::ApiKey | KeySort::Bearer | KeySort::Unusable(_) => Ok(None),
    }
}

/// Returns what the key of a provider's row is. One that cannot be opened any more is a key.
pub(super) fn sort(app: &AppContext, row: &Row) -> Result<KeySort, StoreError> {
    let Some(kind) = ProviderKind::parse(row.text("kind")?) else { return Ok(KeySort::Key) };
    let Some(key) = app.cipher.open_sealed(PROVIDER_KEY, row.text("sealed_key")?) else {
        return Ok(KeySort::Key);
    };
    Ok(match Access::of(kind, key.reveal()) {
        Access::Google(credential) => {
            KeySort::Credential(told(app, ProviderId(row.int("id")?), &credential))
        }
        Access::Unusable(fault) => KeySort::Unusable(fault.to_string()),
        Access::Key if !kind.is_google() => KeySort::Key,
        Access::Key if bearer_of_google(key.reveal()).is_some() => KeySort::Bearer,
        Access::Key => KeySort::ApiKey,
    })
}

fn told(app: &AppContext, id: ProviderId, credential: &GoogleCredential) -> CredentialStanding {
    let mark = credential.mark();
    let tokens = app.live.credentials.as_ref().map(CredentialKeeperHandle::tokens);
    let held = tokens.and_then(|tokens| tokens.held(id, &mark));
    let kept = credential.token.as_ref().map(|token| token.expires_at);
    let trouble = tokens.and_then(|tokens| tokens.trouble(id, &mark));
    CredentialStanding {
        kind: credential.kind(),
        account: credential.who().to_owned(),
        refreshed_at: held.as_ref().and_then(|held| held.got_at).map(Micros::millis),
        expires_at: held.map(|held| held.token.expires_at).or(kept).map(Micros::millis),
        trouble: trouble.map(CredentialTrouble::from),
    }
}

/// Returns what keeps a provider's credential from letting requests in.
pub(super) fn trouble(app: &AppContext, provider: ProviderId) -> Option<CredentialTrouble> {
    let provider = app.live.provider.as_ref().and_then(|find| find(provider))?;
    let tokens = app.live.credentials.as_ref()?.tokens();
    tokens.trouble(provider.id, &provider.access.google()?.mark()).map(CredentialTrouble::from)
}

impl From<TokenTrouble> for CredentialTrouble {
    fn from(trouble: TokenTrouble) -> Self {
        let (refused, since) = (trouble.refused, trouble.since.millis());
        Self { refused, since, why: trouble.why.to_string() }
    }
}
