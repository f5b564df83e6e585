//! Credentials in the forms that people have, and what is said of those that lack something.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn user() -> serde_json::Value {
    json!({
        "type": "authorized_user", "client_id": "id-1.apps", "client_secret": "hush",
        "refresh_token": "1//refresh", "quota_project_id": "pays", "project": "mine",
    })
}

fn service() -> serde_json::Value {
    json!({
        "type": "service_account", "client_email": "a@p.iam", "private_key": "PEM",
        "private_key_id": "k1", "project_id": "p", "token_uri": "https://oauth2.googleapis.com/token",
    })
}

fn with(mut document: serde_json::Value, name: &str, value: serde_json::Value) -> String {
    document[name] = value;
    document.to_string()
}

#[test]
fn both_kinds_of_credentials_are_read() {
    let person = read(&user().to_string()).unwrap();
    assert_eq!((person.kind(), person.who()), ("authorized_user", "id-1.apps"));
    assert_eq!(person.project.as_deref(), Some("mine"));
    assert_eq!(person.quota_project.as_deref(), Some("pays"));
    assert_eq!(person.token, None);
    let signs = read(&service().to_string()).unwrap();
    assert_eq!((signs.kind(), signs.who()), ("service_account", "a@p.iam"));
    assert_eq!(signs.project.as_deref(), Some("p"));
    assert_eq!(signs.token_uri.as_deref(), Some("https://oauth2.googleapis.com/token"));
}

#[test]
fn a_file_without_a_type_is_told_by_its_fields() {
    let cli = r#"{"client_id":"c","client_secret":"s","refresh_token":"r","access_token":"ya29.a",
        "expiry_date":1772452800000}"#;
    let token = read(cli).unwrap().token.unwrap();
    assert_eq!(token.secret.reveal(), "ya29.a");
    assert_eq!(token.expires_at, Micros(1_772_452_800_000_000));
    let key = r#"{"client_email":"a@b","private_key":"PEM"}"#;
    assert_eq!(read(key).unwrap().kind(), "service_account");
}

#[test]
fn the_end_of_a_token_is_read_in_every_form() {
    let at = Micros(1_772_452_800_000_000);
    for ends in [
        json!("2026-03-02T12:00:00Z"),
        json!("2026-03-02T12:00:00.000000"),
        json!("2026-03-02T13:00:00+01:00"),
        json!(1_772_452_800),
        json!(1_772_452_800_000_i64),
    ] {
        let text = with(
            serde_json::from_str(&with(user(), "token", json!("t"))).unwrap(),
            "expiry",
            ends.clone(),
        );
        assert_eq!(read(&text).unwrap().token.unwrap().expires_at, at, "{ends}");
    }
    let first = with(user(), "access_token", json!("t"));
    let first = with(serde_json::from_str(&first).unwrap(), "expiry", json!(i64::MIN));
    assert_eq!(read(&first).unwrap().token.unwrap().expires_at, Micros(i64::MIN));
    let endless = with(user(), "access_token", json!("t"));
    assert_eq!(read(&endless).unwrap().token, None, "it may be over");
}

#[test]
fn what_is_missing_or_wrong_is_named_and_nothing_else() {
    let said = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(said("{}"), "it lacks client_id, client_secret, refresh_token");
    assert_eq!(said(&with(user(), "client_secret", json!(" "))), "it lacks client_secret");
    assert_eq!(said(r#"{"type":"service_account"}"#), "it lacks client_email, private_key");
    assert_eq!(
        said(&with(user(), "refresh_token", json!({"hush": 1}))),
        "its refresh_token cannot be used"
    );
    let other = said(&with(user(), "type", json!("external_account")));
    assert_eq!(other, "its type must be authorized_user or service_account");
    assert_eq!(said("{\"client_secret\":\"hush\",}"), "it is no JSON object (line 1, column 25)");
    assert!(said("{\n[").contains("line 2"));
}

#[test]
fn a_key_is_a_credential_only_where_google_is_asked() {
    let text = format!("\n {}", user());
    assert!(Access::of(ProviderKind::Gemini, &text).google().is_some());
    assert!(Access::of(ProviderKind::GeminiCli, &text).google().is_some());
    assert_eq!(Access::of(ProviderKind::Claude, text.trim()), Access::Key);
    assert_eq!(Access::of(ProviderKind::Gemini, "AIza1"), Access::Key);
    assert!(matches!(Access::of(ProviderKind::Gemini, "{"), Access::Unusable(_)));
    let payer = with(user(), "quota_project_id", json!("pays\u{1}"));
    let fault = CredentialFault::Unsendable("quota_project_id");
    assert_eq!(Access::of(ProviderKind::Gemini, &payer), Access::Unusable(fault));
    for kind in ProviderKind::ALL {
        let sign = Access::Unusable(CredentialFault::Sign);
        assert_eq!(Access::of(kind, "sk-1\n"), sign, "{kind}: no header takes it");
    }
}

#[test]
fn a_token_does_not_change_a_credential_and_another_refresh_token_does() {
    let text = user().to_string();
    let before = read(&text).unwrap();
    let token =
        Token { secret: Secret::new("ya29.new"), expires_at: Micros(1_772_452_800_123_456) };
    let same = renewed(&text, &token, None).unwrap();
    let after = read(same.reveal()).unwrap();
    assert_eq!(after.mark(), before.mark());
    assert_eq!(after, GoogleCredential { token: Some(token.clone()), ..before.clone() });
    let other = renewed(same.reveal(), &token, Some(&Secret::new("1//next"))).unwrap();
    assert_ne!(read(other.reveal()).unwrap().mark(), before.mark());
    assert!(!other.reveal().contains("1//refresh"));
}

#[test]
fn debugging_shows_no_secret() {
    let text = with(user(), "token", json!("ya29.t"));
    let text = with(serde_json::from_str(&text).unwrap(), "expiry", json!(1));
    let shown = format!("{:?}", Access::of(ProviderKind::Gemini, &text));
    for secret in ["hush", "1//refresh", "ya29.t"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    /// Whatever a token holds and whenever it ends, it is read as it was written.
    #[test]
    fn what_is_written_is_read(
        secret in "[!-~]{1,40}",
        at in 0_i64..4_000_000_000_000_000,
        refresh in proptest::option::of("[!-~]{1,20}"),
    ) {
        let token = Token { secret: Secret::new(&secret), expires_at: Micros(at) };
        let refresh = refresh.map(|text| Secret::new(&text));
        let text = renewed(&user().to_string(), &token, refresh.as_ref()).unwrap();
        let back = read(text.reveal()).unwrap();
        prop_assert_eq!(back.token, Some(token));
        prop_assert_eq!(back.project.as_deref(), Some("mine"));
    }

    /// Any text at all is read or refused; what is refused is not repeated.
    #[test]
    fn nothing_breaks_it(text in "\\PC{0,80}") {
        if let Err(fault) = read(&format!("{{\"client_id\":\"{text}\"")) {
            prop_assert!(text.len() < 12 || !fault.to_string().contains(&text));
        }
    }
}
