//! What is said of a provider's key: what it is, for whom, and how its token is. Never a secret.

use serde::Serialize;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::instant::Micros;

use super::said;
use crate::app::providers::{CredentialStanding, CredentialTrouble, Kept, KeySort};
use crate::web::console::frame::Text;

/// What is said of a kept key.
#[derive(Clone, Debug, Serialize)]
pub struct KeyView {
    /// That it is there, and how it is kept.
    hint: Text,
    /// What it is; `None` where there is one sort alone.
    sort: Option<Text>,
    /// What to know of a key that is no credential.
    note: Option<Text>,
    token: Option<TokenView>,
}

/// A credential, and how its token is.
#[derive(Clone, Debug, Serialize)]
pub struct TokenView {
    /// The service account's address.
    account: Option<String>,
    refreshed_at: Option<i64>,
    expires_at: Option<i64>,
    trouble: Option<TroubleView>,
}

/// Why a credential lets no request in.
#[derive(Clone, Debug, Serialize)]
pub struct TroubleView {
    text: Text,
    colour: &'static str,
    since: i64,
}

impl KeyView {
    /// Says what is to be said of a provider's key.
    pub fn of(kept: &Kept) -> Self {
        let end = match kept.key {
            KeySort::Key | KeySort::ApiKey | KeySort::Bearer => kept.key_end.as_str(),
            KeySort::Credential(_) | KeySort::Unusable(_) => "",
        };
        let hint = match end {
            "" => Text::of("providers-key-set-short"),
            end => Text::of("providers-key-set").with("end", end),
        };
        let (sort, note, token) = match &kept.key {
            KeySort::Key => (None, None, None),
            KeySort::ApiKey => (Some(said::text("key", "is-api-key")), None, None),
            KeySort::Bearer => {
                (Some(said::text("key", "is-bearer")), Some(said::text("key", "bearer-ends")), None)
            }
            KeySort::Credential(standing) => {
                let sort = format!("is-{}", standing.kind.replace('_', "-"));
                (Some(said::text("key", &sort)), None, Some(TokenView::of(standing)))
            }
            KeySort::Unusable(why) => {
                let note = said::text("key", "unusable").with("why", why.as_str());
                (Some(said::text("key", "is-unusable")), Some(note), None)
            }
        };
        Self { hint, sort, note, token }
    }
}

impl TokenView {
    fn of(standing: &CredentialStanding) -> Self {
        let is_service = standing.kind == "service_account";
        let micros = |at: Option<i64>| at.map(|at| Micros::from_millis(at).0);
        Self {
            account: is_service.then(|| standing.account.clone()),
            refreshed_at: micros(standing.refreshed_at),
            expires_at: micros(standing.expires_at),
            trouble: standing.trouble.as_ref().map(TroubleView::of),
        }
    }
}

impl TroubleView {
    /// Says why a credential lets no request in.
    pub fn of(trouble: &CredentialTrouble) -> Self {
        let (word, colour) =
            if trouble.refused { ("refused", "bad") } else { ("no-token", "warn") };
        Self {
            text: said::text("credential", word).with("why", trouble.why.as_str()),
            colour,
            since: Micros::from_millis(trouble.since).0,
        }
    }
}

/// Lists the kinds whose keys may be credentials, or the others, for the script that shows the field
/// which fits.
pub fn kinds(takes_credentials: bool) -> String {
    let kinds = ProviderKind::ALL.into_iter().filter(|kind| kind.is_google() == takes_credentials);
    kinds.map(ProviderKind::name).collect::<Vec<_>>().join(" ")
}

/// Returns a credential that nobody has.
pub fn sample() -> KeySort {
    KeySort::Credential(CredentialStanding {
        kind: "service_account",
        account: "relay@<b>project</b>.iam.gserviceaccount.com".to_owned(),
        refreshed_at: Some(1_777_980_600_000),
        expires_at: Some(1_777_984_200_000),
        trouble: Some(CredentialTrouble {
            refused: true,
            since: 1_777_982_280_000,
            why: "invalid_grant".to_owned(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::ProviderId;

    use super::*;

    fn view(key: KeySort) -> KeyView {
        KeyView::of(&Kept {
            id: ProviderId(1),
            name: "google".to_owned(),
            urls: Vec::new(),
            key_end: "77.apps.example".to_owned(),
            key,
            values: serde_json::Map::new(),
        })
    }

    #[test]
    fn a_key_is_told_by_its_end_and_a_credential_by_whose_it_is() {
        let ends = Text::of("providers-key-set").with("end", "77.apps.example");
        for key in [KeySort::Key, KeySort::ApiKey, KeySort::Bearer] {
            assert_eq!(view(key).hint, ends);
        }
        let service = view(sample());
        assert_eq!(service.hint, Text::of("providers-key-set-short"));
        assert!(service.token.unwrap().account.unwrap().starts_with("relay@"));
        let KeySort::Credential(person) = sample() else { unreachable!() };
        let person = CredentialStanding { kind: "authorized_user", ..person };
        assert!(view(KeySort::Credential(person)).token.unwrap().account.is_none());
    }

    #[test]
    fn every_kind_has_a_field_for_its_key() {
        let all = [kinds(true), kinds(false)].join(" ");
        assert!(ProviderKind::ALL.iter().all(|kind| all.split(' ').any(|one| one == kind.name())));
        assert_eq!(kinds(true), "gemini gemini-cli");
    }
}
