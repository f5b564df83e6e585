//! The providers' room over real sockets: from nothing to the first answer, and everything that can
//! be typed wrong on the way.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Request};
use crate::support::filled::{filled, pairs, typed, unticked};
use crate::support::person::{Person, token};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers;
use crate::support::upstream::{Script, Upstream};

const KEY: &str = "sk-vendor-0123456789abcd";
const NEW: &str = "/providers/new";
const PRIVATE: &str = "ALLOW_PRIVATE_PROVIDER_URLS";

/// The form of a preset as it stands, with what is typed into it.
async fn form(person: &Person<'_>, preset: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let html = person.page(&format!("{NEW}?preset={preset}")).await;
    typed(filled(&html, NEW), more.iter().copied())
}

async fn send(person: &Person<'_>, target: &str, fields: &[(String, String)]) -> Answer {
    person.post(target, &pairs(fields)).await
}

/// What a script would put beside the form.
async fn fragment(person: &Person<'_>, target: &str, fields: &[(String, String)]) -> String {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::get(target)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-fragment", "1")
        .body(body);
    "POST".clone_into(&mut request.method);
    let answer = person.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let html = answer.text();
    assert!(!html.contains("<html") && !html.contains(KEY), "{html}");
    html
}

async fn providers(switchyard: &Switchyard) -> Vec<Value> {
    let all = switchyard.admin("providers/getProviders", json!({})).await;
    all.as_array().unwrap().clone()
}

#[actix_rt::test]
async fn from_nothing_to_the_first_answer_only_url_and_key_are_typed() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    let html = person.page("/providers").await;
    assert!(html.contains("No provider yet") && html.contains("/providers/new?preset=anthropic"));
    let known = form(&person, "anthropic", &[]).await;
    let has = |name: &str, value: &str| known.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("url", "https://api.anthropic.com") && has("name", "Anthropic"), "{known:?}");
    assert!(has("provider_type", "claude") && has("is_enabled", "on"), "{known:?}");

    let url = upstream.url();
    let mine = [("name", "Mine"), ("url", url.as_str()), ("key", KEY)];
    let fields = form(&person, "claude-compatible", &mine).await;
    let added = send(&person, NEW, &fields).await;
    let html = person.follow(&added).await;
    assert!(html.contains("Mine takes part in routing"), "{html}");
    assert!(html.contains("href=\"/users/new\""), "the next step is a user: {html}");
    assert!(!html.contains(KEY), "{html}");

    let user = switchyard.add_user(json!({})).await;
    let request = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
    assert_eq!(switchyard.send(&request).await.status, 200);
    assert_eq!(upstream.only_request().key(), Some(KEY));
    let html = person.page("/providers").await;
    assert!(!html.contains("href=\"/users/new\""), "there is a user now: {html}");
}

#[actix_rt::test]
async fn a_wrong_url_is_named_at_its_field_and_what_was_typed_is_kept_but_the_key() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let wrong = [
        ("name", "Mine & <yours>"),
        ("url", "not an address"),
        ("key", KEY),
        ("weight", "many"),
        ("limit_daily_usd", "-1"),
        ("model_redirects", "a => b\nnonsense"),
    ];
    let mut fields = form(&person, "compatible", &wrong[..5]).await;
    let answer = send(&person, NEW, &fields).await;
    let html = answer.text();
    assert_eq!(answer.status, 422, "{html}");
    for id in ["e-url", "e-weight", "e-limit_daily_usd"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}: {html}");
    }
    let again = filled(&html, NEW);
    for (name, value) in &wrong[..2] {
        assert!(again.contains(&((*name).to_owned(), (*value).to_owned())), "{name}: {again:?}");
    }
    assert!(!html.contains(KEY) && html.contains("type it again"), "{html}");
    assert!(html.contains("<details class=\"group\" open>"), "the group with a fault is unfolded");
    fields = typed(fields, [wrong[5]]);
    let html = send(&person, NEW, &fields).await.text();
    assert!(html.contains("Line 2: write"), "{html}");
    assert_eq!(providers(&switchyard).await.len(), 0, "nothing was saved");
}

#[actix_rt::test]
async fn a_private_address_is_refused_with_both_ways_out() {
    let switchyard = Switchyard::launch(&[(PRIVATE, "false")]).await;
    let person = Person::admin(&switchyard).await;
    let local = [("name", "local"), ("url", "http://127.0.0.1:9"), ("key", KEY)];
    let fields = unticked(form(&person, "ollama", &local).await, "allow_private");
    let refused = send(&person, NEW, &fields).await;
    let html = refused.text();
    assert_eq!(refused.status, 422, "{html}");
    let at_field = html.split("id=\"e-url\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(at_field.contains("private addresses") && at_field.contains(PRIVATE), "{at_field}");
    let told = fragment(&person, "/providers/test", &typed(fields, [("test_model", "m")])).await;
    assert!(told.contains("allow_private") && told.contains(PRIVATE), "{told}");
    // The preset of a local server has the box ticked.
    let fields = form(&person, "ollama", &local).await;
    assert_eq!(send(&person, NEW, &fields).await.status, 303);
}

#[actix_rt::test]
async fn where_requests_would_go_is_shown_while_it_is_typed() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let ask = |query: &str| {
        let target = format!("/providers/preview?{query}");
        let person = &person;
        async move { person.page(&target).await }
    };
    let html =
        ask("provider_type=openai-compatible&url=https%3A%2F%2Fa.example%2Fapi%2Fpaas%2Fv4").await;
    assert!(html.contains("https://a.example/api/paas/v4/chat/completions"), "{html}");
    assert!(!html.contains("<html"), "{html}");
    let html = ask("provider_type=claude&url=a.example").await;
    assert!(html.contains("With an address"), "{html}");
    let page = person.page(&format!("{NEW}?preset=anthropic")).await;
    assert!(page.contains("https://api.anthropic.com/v1/messages/count_tokens"), "{page}");
}

#[actix_rt::test]
async fn a_proxy_that_is_none_is_named_at_its_field_with_what_to_write() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let typed_in = [("name", "v"), ("url", "https://a.example"), ("key", KEY)];
    for (bad, said) in [
        ("proxy.example:8080", "Write http://host:port"),
        ("http://ada:pa/ss@p:1", "write / as %2F"),
        ("socks5://ada@p:1", "SOCKS5 takes 1 to 255 bytes"),
    ] {
        let fields = form(&person, "compatible", &typed_in).await;
        let fields = typed(fields, [("proxy_url", bad)]);
        let refused = send(&person, NEW, &fields).await;
        let html = refused.text();
        assert_eq!(refused.status, 422, "{html}");
        assert!(html.contains(said) && html.contains(r#"id="e-proxy_url""#), "{said}: {html}");
    }
    let fields = form(&person, "compatible", &typed_in).await;
    let good = [("proxy_url", "socks5h://p:1080"), ("proxy_fallback_to_direct", "on")];
    assert_eq!(send(&person, NEW, &typed(fields, good)).await.status, 303);
    let all = providers(&switchyard).await;
    assert_eq!(all[0]["proxyUrl"], "socks5h://p:1080");
    assert_eq!(all[0]["proxyFallbackToDirect"], true);
    assert!(person.page("/providers").await.contains("through socks5h://p:1080, or directly"));
}

#[actix_rt::test]
async fn a_test_says_what_came_of_it_with_and_without_scripts() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::launch(&[]).await);
    let person = Person::admin(&switchyard).await;
    let url = upstream.url();
    let typed_in = [("name", "v"), ("url", url.as_str()), ("key", KEY), ("test_model", MODEL)];
    let fields = form(&person, "claude-compatible", &typed_in).await;
    let html = fragment(&person, "/providers/test", &fields).await;
    assert!(
        html.contains("It works.") && html.contains("Hello.") && html.contains(MODEL),
        "{html}"
    );

    let page = send(&person, "/providers/test", &fields).await;
    let html = page.text();
    assert!(page.status == 200 && html.contains("It works."), "{html}");
    assert!(!html.contains(KEY) && html.contains("type it again"), "{html}");
    let again = filled(&html, NEW);
    assert!(again.contains(&("url".to_owned(), url.clone())), "what was typed is kept: {again:?}");

    let error =
        |status, text| Script::json(status, answers::error_body(Dialect::Anthropic, status, text));
    for (script, said) in [
        (error(401, "invalid x-api-key"), "The key is not accepted"),
        (error(404, "model: nobody"), "It does not have this model"),
        (Script::status(404).body("page not found"), "Nothing is served at this address"),
        (error(429, "slow"), "Too many requests"),
        (error(529, "busy"), "The vendor is overloaded"),
        (error(500, "oops"), "The vendor failed"),
        (
            Script::status(200).header("content-type", "text/html").body("<!doctype html><title>x"),
            "A web page instead of an answer",
        ),
        (Script::hang_up(), "The connection broke before an answer"),
    ] {
        upstream.reset();
        upstream.always(script);
        let html = fragment(&person, "/providers/test", &fields).await;
        assert!(html.contains(said), "{said}: {html}");
    }
    let nowhere = typed(fields, [("url", "http://no-such-host.invalid")]);
    let html = fragment(&person, "/providers/test", &nowhere).await;
    assert!(html.contains("name is unknown") && html.contains("DNS"), "{html}");
    let empty = typed(nowhere, [("url", "")]);
    let html = fragment(&person, "/providers/test", &empty).await;
    assert!(html.contains("<strong>Address</strong>"), "the field is named: {html}");
}

#[actix_rt::test]
async fn the_vendor_s_models_can_be_fetched_and_ticked() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::launch(&[]).await);
    let person = Person::admin(&switchyard).await;
    let list = json!({ "data": [{ "id": "b-model" }, { "id": "a-model" }] }).to_string();
    upstream.always(Script::json(200, list));
    let url = upstream.url();
    let typed_in =
        [("name", "v"), ("url", url.as_str()), ("key", KEY), ("allowed_models", "b-model")];
    let fields = form(&person, "compatible", &typed_in).await;
    let html = fragment(&person, "/providers/models", &fields).await;
    let (a, b) = (html.find("a-model").unwrap(), html.find("b-model").unwrap());
    assert!(a < b && html.contains("checked disabled"), "{html}");
    assert_eq!(upstream.only_request().path, "/v1/models");

    let page = send(&person, "/providers/models", &fields).await.text();
    let mut ticked = typed(filled(&page, NEW), [("key", KEY)]);
    ticked.push(("allowed_models".to_owned(), "a-model".to_owned()));
    assert_eq!(send(&person, NEW, &ticked).await.status, 303);
    let all = providers(&switchyard).await;
    assert_eq!(all[0]["allowedModels"], json!(["b-model", "a-model"]));
}

#[actix_rt::test]
async fn an_edit_keeps_the_key_and_everything_the_form_does_not_show() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    let more = json!({ "key": KEY, "priority": 3, "codex_instructions_strategy": "keep_original",
        "custom_headers": { "X-Team": "blue" }, "limit_5h_usd": 7.5, "weight": 9,
        "model_redirects": { "a": "b" }, "endpoints": ["http://127.0.0.1:9/x"] });
    let id = switchyard.add_provider("claude", &upstream.url(), more).await;
    let before = providers(&switchyard).await;
    let path = format!("/providers/{id}");
    let html = person.page(&path).await;
    assert!(html.contains("ends with …abcd") && !html.contains(KEY), "{html}");
    let same = filled(&html, &path);
    assert_eq!(send(&person, &path, &same).await.status, 303);
    assert_eq!(providers(&switchyard).await, before, "saving what stands there changes nothing");

    let changed = unticked(typed(same, [("name", "New name"), ("limit_5h_usd", "")]), "is_enabled");
    let answer = send(&person, &path, &changed).await;
    assert!(person.follow(&answer).await.contains("New name was saved"));
    let after = &providers(&switchyard).await[0];
    assert_eq!((&after["name"], &after["limit5hUsd"]), (&json!("New name"), &Value::Null));
    assert_eq!((&after["isEnabled"], &after["weight"]), (&json!(false), &json!(9)));

    let named = typed(changed, [("test_model", MODEL)]);
    let html = fragment(&person, &format!("{path}/test"), &named).await;
    assert!(html.contains("It works."), "{html}");
    assert_eq!(upstream.only_request().key(), Some(KEY), "the key that is kept was used");
    assert_eq!(person.get("/providers/999").await.status, 404);
}

#[actix_rt::test]
async fn every_limit_of_a_provider_is_in_its_form() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    let id = switchyard.add_provider("claude", &upstream.url(), json!({ "key": KEY })).await;
    let set = json!({ "owner": "provider", "id": id, "limitRpm": 1, "limitTpm": 2,
        "limitConcurrentSessions": 3, "limitConcurrentRequests": 4, "limit5hUsd": 5,
        "limitDailyUsd": 6, "limitWeeklyUsd": 7, "limitMonthlyUsd": 8, "limitTotalUsd": 9,
        "fiveHourResetMode": "fixed", "dailyResetMode": "rolling" });
    switchyard.admin("limits/setLimits", set).await;
    let limits = async || {
        let all = switchyard.admin("limits/getLimits", json!({ "owner": "provider" })).await;
        let of = |one: &Value| (one["limitType"].clone(), one["limit"].clone());
        let limits: Vec<_> = all[0]["limits"].as_array().unwrap().iter().map(of).collect();
        (limits, all[0]["fiveHourResetMode"].clone(), all[0]["dailyResetMode"].clone())
    };
    let before = limits().await;
    assert_eq!(before.0.len(), 9, "{before:?}");
    let path = format!("/providers/{id}");
    let same = filled(&person.page(&path).await, &path);
    assert_eq!(send(&person, &path, &same).await.status, 303);
    assert_eq!(limits().await, before, "saving what stands there changes nothing");
    let typed = typed(
        same,
        [("limit_rpm", "60"), ("limit_tpm", ""), ("limit_concurrent_requests", "7")]
            .into_iter()
            .chain([("limit_total_usd", "12.5"), ("five_hour_reset_mode", "rolling")]),
    );
    assert_eq!(send(&person, &path, &typed).await.status, 303);
    let (after, five_hours, _) = limits().await;
    for (kind, limit) in [
        ("rpm", json!(60)),
        ("concurrent_requests", json!(7)),
        ("concurrent_sessions", json!(3)),
        ("usd_total", json!(12.5)),
    ] {
        assert!(after.contains(&(json!(kind), limit)), "{kind}: {after:?}");
    }
    assert_eq!((after.len(), five_hours), (8, json!("rolling")));
}

#[actix_rt::test]
async fn the_quick_acts_rest_use_reset_and_remove_with_a_question() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    let more = json!({ "name": "A & B", "circuit_breaker_failure_threshold": 1,
        "max_retry_attempts": 1 });
    let id = switchyard.add_provider("claude", &upstream.url(), more).await;
    let act = |name: &'static str| format!("/providers/{id}/{name}");
    let rest = person.submit("/providers", &act("disable"), &[]).await;
    assert!(person.follow(&rest).await.contains("switched off"));
    let again = person.submit("/providers", &act("enable"), &[]).await;
    assert!(person.follow(&again).await.contains(">ready<"));

    upstream.always(Script::json(500, "{}"));
    let user = switchyard.add_user(json!({})).await;
    switchyard.send(&Request::model(Dialect::Anthropic, &user.key, MODEL, false)).await;
    let html = person.page("/providers").await;
    assert!(html.contains("breaker open") && html.contains("1 failure in a row"), "{html}");
    assert!(html.contains("http 500") && html.contains("until"), "why, and until when: {html}");
    let reset = person.submit("/providers", &act("reset"), &[]).await;
    assert!(person.follow(&reset).await.contains(">ready<"));

    let question = person.page(&act("remove")).await;
    assert!(question.contains("Remove A &amp; B?") && question.contains("ledger"), "{question}");
    assert_eq!(providers(&switchyard).await.len(), 1, "looking removes nothing");
    let gone = person.submit(&act("remove"), &act("remove"), &[]).await;
    assert!(person.follow(&gone).await.contains("A &amp; B was removed"));
    assert_eq!(providers(&switchyard).await.len(), 0);
}

#[actix_rt::test]
async fn a_form_without_the_token_changes_nothing_and_users_do_not_get_in() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let id = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let admin = Person::admin(&switchyard).await;
    for target in ["/providers/new", "/providers/test", "/providers/models"] {
        let fields = [("name", "x"), ("url", "https://a.example"), ("key", KEY), ("csrf", "no")];
        assert_eq!(admin.post(target, &fields).await.status, 403, "{target}");
    }
    for act in ["", "/disable", "/reset", "/remove", "/test"] {
        let target = format!("/providers/{id}{act}");
        assert_eq!(admin.post(&target, &[]).await.status, 403, "{target}");
    }
    assert_eq!((providers(&switchyard).await.len(), upstream.count()), (1, 0));

    let user = switchyard.add_user(json!({})).await;
    let person = Person::with_key(&switchyard, &user.key).await;
    let csrf = token(&person.get("/preferences").await.text());
    for target in ["/providers", NEW, "/providers/1", "/providers/preview?url=x"] {
        assert_eq!(person.get(target).await.status, 403, "{target}");
    }
    let disable = format!("/providers/{id}/disable");
    assert_eq!(person.post(&disable, &[("csrf", &csrf)]).await.status, 403);
    assert_eq!(providers(&switchyard).await[0]["isEnabled"], json!(true));
}
