//! What an issuer is asked, on which way, and what is made of what it answers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parking_lot::Mutex;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use switchyard_actors::clock::ManualClock;
use switchyard_actors::domain::credential::read;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::ports::VendorAnswer;
use switchyard_actors::testing::provider;

use super::*;

const KEY: &str = include_str!("../../../tests/fixtures/google/service.key");
const NOW: Micros = Micros(1_772_452_800_000_000);

/// Answers from a list and remembers what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<Result<VendorAnswer, VendorFault>>>,
    asked: Mutex<Vec<VendorAsk>>,
}

impl Vendors for Scripted {
    fn ask(&self, ask: VendorAsk) -> BoxFuture<'_, VendorReply> {
        self.asked.lock().push(ask);
        let answer = self.answers.lock().pop().unwrap_or(Err(VendorFault::Unable));
        Box::pin(async move { VendorReply { took: Duration::ZERO, answer } })
    }
}

fn token() -> VendorAnswer {
    let body = br#"{"access_token":"ya29.a","expires_in":3600}"#.to_vec();
    VendorAnswer { status: 200, body, ..VendorAnswer::default() }
}

fn issuer(vendors: &Arc<Scripted>, further: Option<&str>) -> GoogleIssuer {
    let clock = Arc::new(ManualClock::at(NOW));
    GoogleIssuer::new(vendors.clone(), clock, Places::with(further), false)
}

fn person(token_uri: Option<&str>) -> GoogleCredential {
    let text = json!({ "client_id": "c&1", "client_secret": "s", "refresh_token": "1//r",
        "token_uri": token_uri });
    read(&text.to_string()).unwrap()
}

fn form(ask: &VendorAsk) -> Vec<(String, String)> {
    let body = ask.body.as_deref().unwrap();
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[actix_rt::test]
async fn a_person_s_token_is_asked_of_google_with_the_refresh_token() {
    let vendors = Arc::<Scripted>::default();
    vendors.answers.lock().push(Ok(token()));
    let grant = issuer(&vendors, None).grant(&person(None), &provider(1)).await.unwrap();
    assert_eq!(grant.secret.reveal(), "ya29.a");
    let asked = vendors.asked.lock();
    let ask = asked.first().unwrap();
    assert_eq!(ask.url, "https://oauth2.googleapis.com/token");
    assert!(!ask.allow_private && ask.proxy.is_none());
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", "c&1"),
        ("client_secret", "s"),
        ("refresh_token", "1//r"),
    ];
    assert_eq!(form(ask), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[actix_rt::test]
async fn a_service_signs_what_it_asks_with() {
    let vendors = Arc::<Scripted>::default();
    vendors.answers.lock().push(Ok(token()));
    let text = json!({ "client_email": "a@p.iam", "private_key": KEY, "private_key_id": "k1" });
    let credential = read(&text.to_string()).unwrap();
    issuer(&vendors, None).grant(&credential, &provider(1)).await.unwrap();
    let asked = vendors.asked.lock();
    let form = form(asked.first().unwrap());
    assert_eq!(form[0].1, JWT_BEARER);
    let parts: Vec<&str> = form[1].1.split('.').collect();
    let read =
        |part: &str| -> Value { serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap() };
    assert_eq!(read(parts[0]), json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }));
    let claims = read(parts[1]);
    assert_eq!(claims["iss"], "a@p.iam");
    assert_eq!(claims["aud"], "https://oauth2.googleapis.com/token");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_600);
    assert!(claims["iat"].as_i64().unwrap() <= NOW.seconds());
    let public = super::assertion::public(&Secret::new(KEY)).unwrap();
    let signed = format!("{}.{}", parts[0], parts[1]);
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(signed.as_bytes(), &BASE64.decode(parts[2]).unwrap())
        .unwrap();
}

#[actix_rt::test]
async fn nobody_is_asked_with_a_key_that_cannot_sign() {
    let vendors = Arc::<Scripted>::default();
    let text = json!({ "client_email": "a@p.iam", "private_key": "-----BEGIN PRIVATE KEY-----" });
    let credential = read(&text.to_string()).unwrap();
    let fault = issuer(&vendors, None).grant(&credential, &provider(1)).await;
    assert_eq!(fault, Err(GrantFault::Refused(Arc::from(assertion::UNREADABLE))));
    assert!(vendors.asked.lock().is_empty());
}

#[actix_rt::test]
async fn a_credential_names_google_or_what_the_operator_allows_and_nothing_else() {
    let own = "http://127.0.0.1:9/token";
    for (uri, further, allowed) in [
        ("https://accounts.google.com/o/oauth2/token", None, true),
        ("https://oauth2.googleapis.com:443/token", None, true),
        (own, Some(own), true),
        (own, None, false),
        ("http://127.0.0.1:9/token?x=1", Some(own), false),
        ("https://oauth2.googleapis.com.evil.test/token", None, false),
        ("http://oauth2.googleapis.com/token", None, false),
        ("https://a@oauth2.googleapis.com/token", None, false),
        ("http://169.254.169.254/computeMetadata", None, false),
        ("nonsense", None, false),
    ] {
        let vendors = Arc::<Scripted>::default();
        vendors.answers.lock().push(Ok(token()));
        let answer = issuer(&vendors, further).grant(&person(Some(uri)), &provider(1)).await;
        assert_eq!(answer.is_ok(), allowed, "{uri}: {answer:?}");
        assert_eq!(vendors.asked.lock().len(), usize::from(allowed), "{uri}");
    }
}

#[actix_rt::test]
async fn the_way_is_the_provider_s_own() {
    let proxied = |or_direct| {
        let proxy = ProxyUse::of(Some("http://p:1"), or_direct);
        Provider { proxy, allow_private: true, ..provider(1) }
    };
    let vendors = Arc::<Scripted>::default();
    let fault = || Err(VendorFault::Proxy("the proxy is away".to_owned()));
    *vendors.answers.lock() = vec![Ok(token()), fault()];
    issuer(&vendors, None).grant(&person(None), &proxied(true)).await.unwrap();
    let ways: Vec<bool> = vendors.asked.lock().iter().map(|ask| ask.proxy.is_some()).collect();
    assert_eq!(ways, [true, false]);
    assert!(vendors.asked.lock().iter().all(|ask| ask.allow_private));
    *vendors.answers.lock() = vec![Ok(token()), fault()];
    let answer = issuer(&vendors, None).grant(&person(None), &proxied(false)).await;
    assert!(matches!(answer, Err(GrantFault::Away(_))), "{answer:?}");
    let unusable = Provider { proxy: ProxyUse::of(Some("nonsense"), true), ..provider(1) };
    let before = vendors.asked.lock().len();
    assert!(issuer(&vendors, None).grant(&person(None), &unusable).await.is_err());
    assert_eq!(vendors.asked.lock().len(), before, "nobody is asked");
}
