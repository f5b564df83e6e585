//! Tests of providers and lists of models, against the scripted upstream: what is sent, what is
//! told, and what nobody hears of.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::Arbiter;
use serde_json::{Value, json};
use switchyard::app::providers::{self, Models, Tested, Verdict};
use switchyard::app::{Actor, AppError};
use switchyard::store::AuditFilter;
use switchyard::upstream::tls;
use switchyard::upstream::vendors::HttpVendors;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::ProviderId;

use super::stand::Stand;
use crate::support::prices::MODEL;
use crate::support::proxies::{Proxy, Rules};
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Script, Upstream};

const KEY: &str = "sk-vendor-0123456789";
const DIALECTS: [Dialect; 5] = Dialect::ALL;

/// A stand that can ask vendors; private addresses are allowed for all, or for none.
async fn stand_with(allow_private: bool, patience: u64) -> Stand {
    Stand::with(|app| {
        let tls = tls::client_config(None).unwrap();
        let vendors = HttpVendors::start(&Arbiter::current(), tls, Duration::from_secs(5));
        app.live.vendors = Some(Arc::new(vendors));
        app.live.test_timeout = Duration::from_secs(patience);
        app.live.allow_private_urls = allow_private;
    })
    .await
}

async fn stand() -> Stand {
    stand_with(true, 10).await
}

fn draft(dialect: Dialect, url: &str) -> Value {
    let kind = answers::kind(dialect);
    json!({ "name": "v", "url": url, "key": KEY, "provider_type": kind, "test_model": MODEL })
}

async fn test(stand: &Stand, body: Value) -> Result<Tested, AppError> {
    providers::test(&stand.server.api.app, &Actor::cli(), &body).await
}

async fn models(stand: &Stand, body: Value) -> Models {
    providers::models(&stand.server.api.app, &Actor::cli(), &body).await.unwrap()
}

async fn verdict(stand: &Stand, upstream: &Upstream, script: Script) -> Tested {
    upstream.reset();
    upstream.always(script);
    let tested = test(stand, draft(Dialect::Anthropic, &upstream.url())).await.unwrap();
    assert!(!format!("{tested:?}").contains(KEY), "{tested:?}");
    tested
}

#[actix_web::test]
async fn a_good_provider_of_every_kind_answers_with_text_model_and_tokens() {
    let (stand, upstream) = (stand().await, Upstream::start());
    for dialect in DIALECTS {
        upstream.reset();
        let tested = test(&stand, draft(dialect, &upstream.url())).await.unwrap();
        assert_eq!((tested.verdict, tested.status), (Verdict::Works, Some(200)), "{tested:?}");
        assert_eq!(tested.model.as_deref(), Some(MODEL), "{dialect}: {tested:?}");
        assert!(tested.text.is_some_and(|text| !text.is_empty()), "{dialect}");
        let (_, output) = tested.tokens.unwrap();
        assert_eq!(output, PLAIN.output, "{dialect}");
        let seen = upstream.only_request();
        assert_eq!(seen.key(), Some(KEY), "{dialect}");
        assert_eq!(tested.url, format!("{}{}", upstream.url(), seen.path), "{dialect}");
    }
}

#[actix_web::test]
async fn every_failure_of_a_vendor_is_told_apart() {
    let (stand, upstream) = (stand().await, Upstream::start());
    let error = |status, text: &str| {
        Script::json(status, answers::error_body(Dialect::Anthropic, status, text))
    };
    let page = "<!doctype html><title>Shop</title>";
    let html = Script::status(200).header("content-type", "text/html").body(page);
    let moved = Script::status(301).header("location", "https://elsewhere.example/").body("");
    for (script, wanted) in [
        (error(401, &format!("invalid x-api-key {KEY}")), Verdict::WrongKey),
        (error(404, "model: nobody"), Verdict::UnknownModel),
        (Script::status(404).body("404 page not found"), Verdict::WrongPath),
        (error(429, "slow down"), Verdict::RateLimited),
        (error(500, "oops"), Verdict::ServerError),
        (html, Verdict::Html),
        (moved, Verdict::Redirected),
        (Script::hang_up(), Verdict::Broken),
        (Script::json(200, ""), Verdict::Empty),
    ] {
        let tested = verdict(&stand, &upstream, script).await;
        assert_eq!(tested.verdict, wanted, "{tested:?}");
    }
    let told = verdict(&stand, &upstream, error(401, &format!("no such key: {KEY}"))).await;
    assert_eq!(told.said.as_deref(), Some("no such key: •••"));
}

#[actix_web::test]
async fn a_vendor_that_is_not_there_is_told_apart_too() {
    let stand = stand().await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, wanted) in [
        (format!("http://{closed}"), Verdict::Refused),
        ("http://no-such-host.invalid".to_owned(), Verdict::NoName),
    ] {
        let tested = test(&stand, draft(Dialect::Anthropic, &url)).await.unwrap();
        assert_eq!((tested.verdict, tested.status), (wanted, None), "{tested:?}");
    }
}

#[actix_web::test]
async fn tests_and_lists_go_through_the_proxy_and_never_around_it() {
    let (upstream, stand) = (Upstream::start(), stand().await);
    let (proxy, http) = (Proxy::microsocks(true), Proxy::tinyproxy(Rules::default()));
    let behind = |proxy: &str| {
        let mut body = draft(Dialect::Anthropic, &upstream.url());
        body["proxy_url"] = json!(proxy);
        body["proxy_fallback_to_direct"] = json!(true);
        body
    };
    for (url, shown) in [
        (proxy.url_with_user("socks5h"), proxy.url("socks5h")),
        (http.url("http"), http.url("http")),
    ] {
        upstream.reset();
        let tested = test(&stand, behind(&url)).await.unwrap();
        assert_eq!((tested.verdict, tested.through.as_ref()), (Verdict::Works, Some(&shown)));
        assert!(!upstream.only_request().headers.iter().any(|(name, _)| name.contains("proxy")));
        upstream.reset();
        upstream.always(Script::json(200, json!({ "data": [{ "id": "m" }] }).to_string()));
        let told = models(&stand, behind(&url)).await;
        assert_eq!((told.verdict, told.through), (Verdict::Works, Some(shown)));
    }
    upstream.reset();
    let wrong = proxy.url("socks5h").replacen("://", "://mallory:open-sesame@", 1);
    let tested = test(&stand, behind(&wrong)).await.unwrap();
    assert_eq!(tested.verdict, Verdict::Proxy, "{tested:?}");
    assert!(tested.said.as_ref().unwrap().ends_with("refused the credentials"), "{tested:?}");
    assert!(!format!("{tested:?}").contains("sesame"), "{tested:?}");
    let told = models(&stand, behind(&wrong)).await;
    assert_eq!((told.verdict, told.names.len()), (Verdict::Proxy, 0));
    assert_eq!(upstream.count(), 0, "nobody went around the proxy, whatever the provider allows");
    let refused = test(&stand, behind("proxy.example:8080")).await.unwrap_err().to_string();
    assert!(refused.contains("write http://"), "{refused}");
}

#[actix_web::test]
async fn the_kept_key_is_not_shown_to_a_proxy_that_was_only_typed() {
    let (upstream, stand) = (Upstream::start(), stand().await);
    let proxy = Proxy::microsocks(false);
    let mut kept = draft(Dialect::Anthropic, &upstream.url());
    kept.as_object_mut().unwrap().remove("test_model");
    stand.done("providers/addProvider", kept).await;
    let mut body =
        json!({ "providerId": 1, "test_model": MODEL, "proxy_url": proxy.url("socks5") });
    let refused = test(&stand, body.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("save the proxy first"), "{refused}");
    body["key"] = json!(KEY);
    assert_eq!(test(&stand, body.clone()).await.unwrap().verdict, Verdict::Works);
    body.as_object_mut().unwrap().remove("key");
    let edit = json!({ "providerId": 1, "proxy_url": proxy.url("socks5") });
    stand.done("providers/editProvider", edit).await;
    assert_eq!(test(&stand, body).await.unwrap().verdict, Verdict::Works, "now it is kept too");
}

#[actix_web::test]
async fn a_silent_vendor_is_left_when_the_time_of_a_test_is_over() {
    let upstream = Upstream::start();
    upstream.always(Script::default().stall());
    let stand = stand_with(true, 1).await;
    let tested = test(&stand, draft(Dialect::Anthropic, &upstream.url())).await.unwrap();
    assert_eq!(tested.verdict, Verdict::Timeout);
    assert!((1_000..4_000).contains(&tested.took_ms), "{}", tested.took_ms);
}

#[actix_web::test]
async fn a_private_address_is_refused_unless_the_provider_or_the_settings_allow_it() {
    let upstream = Upstream::start();
    let stand = stand_with(false, 10).await;
    let mut body = draft(Dialect::Anthropic, &upstream.url());
    let tested = test(&stand, body.clone()).await.unwrap();
    assert_eq!((tested.verdict, upstream.connections()), (Verdict::Private, 0));
    body["allow_private"] = json!(true);
    assert_eq!(test(&stand, body).await.unwrap().verdict, Verdict::Works);
}

#[actix_web::test]
async fn a_kept_provider_is_tested_with_what_is_typed_over_it_and_its_key_stays_with_it() {
    let (stand, upstream) = (stand().await, Upstream::start());
    let mut body = draft(Dialect::Anthropic, "http://127.0.0.1:9");
    body["model_redirects"] = json!({ MODEL: "dearer" });
    stand.done("providers/addProvider", body).await;
    let mut asked = json!({ "providerId": 1, "url": upstream.url(), "test_model": MODEL,
        "custom_headers": { "X-Tenant": "blue" } });
    let elsewhere = test(&stand, asked.clone()).await.unwrap_err().to_string();
    assert!(elsewhere.contains("for another address"), "{elsewhere}");
    assert_eq!(upstream.connections(), 0, "the kept key goes nowhere else");
    asked["key"] = json!(KEY);
    let tested = test(&stand, asked).await.unwrap();
    assert_eq!((tested.verdict, tested.asked.as_str()), (Verdict::Works, "dearer"), "{tested:?}");
    let seen = upstream.only_request();
    assert_eq!((seen.key(), seen.model().as_deref()), (Some(KEY), Some("dearer")));
    assert_eq!(seen.header("x-tenant"), Some("blue"));

    let app = &stand.server.api.app;
    assert_eq!(providers::kept(app, ProviderId(1)).await.unwrap().urls, ["http://127.0.0.1:9"]);
    let notes = app.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
    let note = notes.iter().find(|note| note.entry.action == "provider.test").unwrap();
    assert_eq!(note.entry.detail["verdict"], json!("works"));
    assert!(!note.entry.detail.to_string().contains(KEY));

    let own = Upstream::start();
    stand.done("providers/addProvider", draft(Dialect::Anthropic, &own.url())).await;
    let tested = test(&stand, json!({ "providerId": 2, "test_model": MODEL })).await.unwrap();
    assert_eq!(tested.verdict, Verdict::Works, "{tested:?}");
    assert_eq!(own.only_request().key(), Some(KEY), "without a typed key, the kept one");
}

#[actix_web::test]
async fn a_kept_key_that_fetches_models_is_noted_and_a_typed_one_is_not() {
    let (stand, upstream) = (stand().await, Upstream::start());
    let app = &stand.server.api.app;
    let notes = async || {
        let notes = app.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
        let entries = notes.into_iter().map(|note| note.entry);
        entries.filter(|entry| entry.action == "provider.models").collect::<Vec<_>>()
    };
    let typed = draft(Dialect::OpenaiChat, &upstream.url());
    models(&stand, typed.clone()).await;
    assert_eq!(notes().await.len(), 0);
    stand.done("providers/addProvider", typed).await;
    let models = models(&stand, json!({ "providerId": 1 })).await;
    let noted = notes().await;
    assert_eq!(noted.len(), 1);
    let detail = &noted[0].detail;
    assert_eq!((&detail["url"], &detail["verdict"]), (&json!(models.url), &json!(models.verdict)));
    assert_eq!(detail["found"], json!(models.names.len()));
    assert!(!detail.to_string().contains(KEY), "{detail}");
}

#[actix_web::test]
async fn nothing_of_a_test_is_in_the_ledger_or_in_a_breaker() {
    let (stand, upstream) = (stand().await, Upstream::start());
    let mut body = draft(Dialect::Anthropic, &upstream.url());
    body["circuit_breaker_failure_threshold"] = json!(1);
    stand.done("providers/addProvider", body).await;
    upstream.always(Script::json(500, "{}"));
    for _ in 0..2 {
        let tested = test(&stand, json!({ "providerId": 1, "test_model": MODEL })).await.unwrap();
        assert_eq!(tested.verdict, Verdict::ServerError);
    }
    assert_eq!(stand.breakers.breakers().views(), []);
    let all = providers::standings(&stand.server.api.app).await.unwrap();
    assert_eq!((all[0].today.requests, all[0].last.is_none()), (0, true));
}

#[actix_web::test]
async fn what_is_missing_for_a_test_is_named_at_its_field() {
    let stand = stand().await;
    let fields = |error: AppError| match error {
        AppError::Invalid(issues) => {
            let mut names: Vec<String> =
                issues.iter().map(|issue| issue.path[0].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        }
        AppError::Refused(refusal) => vec![refusal.about.field.unwrap().to_owned()],
        other => panic!("{other}"),
    };
    let told = fields(test(&stand, json!({ "provider_type": "codex" })).await.unwrap_err());
    assert_eq!(told, ["key", "url"]);
    let mut body = draft(Dialect::OpenaiChat, "https://unknown.example");
    body["test_model"] = json!("");
    assert_eq!(fields(test(&stand, body).await.unwrap_err()), ["test_model"]);
    let unknown = test(&stand, json!({ "providerId": 9 })).await.unwrap_err();
    assert!(unknown.to_string().contains("不存在"));
}

#[actix_web::test]
async fn models_are_read_in_each_vendor_s_form_and_sorted() {
    let (stand, upstream) = (stand().await, Upstream::start());
    let openai = json!({ "data": [{ "id": "b" }, { "id": "a" }] });
    let gemini = json!({ "models": [{ "name": "models/b" }, { "name": "models/a" }] });
    for (dialect, list, path) in [
        (Dialect::Anthropic, &openai, "/v1/models"),
        (Dialect::OpenaiChat, &openai, "/v1/models"),
        (Dialect::Gemini, &gemini, "/v1beta/models"),
    ] {
        upstream.reset();
        upstream.always(Script::json(200, list.to_string()));
        let told = models(&stand, draft(dialect, &upstream.url())).await;
        assert_eq!((told.verdict, told.names), (Verdict::Works, vec!["a".into(), "b".into()]));
        let seen = upstream.only_request();
        assert!(seen.path.starts_with(path), "{}", seen.path);
        assert_eq!((seen.method.as_str(), seen.key()), ("GET", Some(KEY)));
    }
    upstream.reset();
    upstream.always(Script::json(401, "{}"));
    let told = models(&stand, draft(Dialect::Anthropic, &upstream.url())).await;
    assert_eq!((told.verdict, told.names.len()), (Verdict::WrongKey, 0));
    upstream.reset();
    upstream.always(Script::json(200, "[1]"));
    let told = models(&stand, draft(Dialect::Anthropic, &upstream.url())).await;
    assert_eq!(told.verdict, Verdict::WrongShape);
}
