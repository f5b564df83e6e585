//! Which provider a request goes to, by what operators wrote about models, clients, hours and groups.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::Request;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;
use crate::support::waiting::{SOON, until};

const DIALECT: Dialect = Dialect::Anthropic;

impl Pair {
    /// Asks once as `request` says; tells which of the two answered.
    async fn served_by(&self, request: &Request) -> (u16, Option<i64>) {
        let before = self.switchyard.all_rows().await.len();
        let answer = self.switchyard.send(request).await;
        let row = self.switchyard.rows_when(before + 1).await.remove(0);
        let asked = row["providerChain"].as_array().map(|_| Self::chain(&row));
        (answer.status, asked.and_then(|chain| chain.last().copied()))
    }
}

fn asking(key: &str, model: &str, text: &str) -> Request {
    Request::saying(DIALECT, key, model, false, text)
}

/// Minutes after midnight in UTC, as `HH:mm`.
fn time_of_day(minutes: i64) -> String {
    let minutes = minutes.rem_euclid(1_440);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn minute_now() -> i64 {
    let now = jiff::Timestamp::now().as_second();
    now.div_euclid(60) % 1_440
}

#[tokio::test]
async fn a_provider_serves_within_its_hours_in_its_zone() {
    let pair = Pair::new(DIALECT).await;
    let now = minute_now();
    for (from, to, serves) in [(now - 120, now + 120, true), (now + 120, now - 120, false)] {
        let (from, to) = (time_of_day(from), time_of_day(to));
        let hours = json!({ "active_time_start": from, "active_time_end": to,
            "active_time_zone": "UTC" });
        pair.change_first(hours).await;
        let request = asking(&pair.user.key, MODEL, &format!("hours {serves}"));
        let wanted = if serves { pair.first_id } else { pair.second_id };
        assert_eq!(pair.served_by(&request).await, (200, Some(wanted)), "{from} to {to}");
    }
    let row = pair.switchyard.rows().await.remove(0);
    let out = &row["providerChain"][0]["decisionContext"]["filteredProviders"];
    assert_eq!(out, &json!([{ "id": pair.first_id, "reason": "schedule_inactive" }]));
}

#[tokio::test]
async fn a_list_of_clients_knows_claude_code_by_more_than_its_name() {
    let pair = Pair::new(DIALECT).await;
    pair.change_first(json!({ "allowed_clients": ["claude-code"] })).await;
    let agent = "claude-cli/2.1.197 (external, cli)";
    let borrowed = asking(&pair.user.key, MODEL, "one").header("user-agent", agent);
    assert_eq!(pair.served_by(&borrowed).await, (200, Some(pair.second_id)));
    let body = json!({ "model": MODEL, "max_tokens": 100,
        "metadata": { "user_id": "{\"session_id\":\"two\"}" },
        "messages": [{ "role": "user", "content": "two" }] });
    let genuine = Request::post("/v1/messages", body.to_string())
        .bearer(&pair.user.key)
        .header("user-agent", agent)
        .header("x-app", "cli")
        .header("anthropic-beta", "claude-code-20250219");
    assert_eq!(pair.served_by(&genuine).await, (200, Some(pair.first_id)));
    pair.change_first(json!({ "allowed_clients": null, "blocked_clients": ["codex"] })).await;
    let codex = asking(&pair.user.key, MODEL, "three").header("user-agent", "codex_exec/1");
    assert_eq!(pair.served_by(&codex).await, (200, Some(pair.second_id)));
}

#[tokio::test]
async fn a_redirected_model_is_served_as_the_one_that_is_listed() {
    let pair = Pair::new(DIALECT).await;
    let list = json!({ "allowed_models": ["vendor-model"],
        "model_redirects": { "prefix:test-": "vendor-model" } });
    pair.change_first(list).await;
    let request = asking(&pair.user.key, MODEL, "one");
    assert_eq!(pair.served_by(&request).await, (200, Some(pair.first_id)));
    assert_eq!(pair.first.only_request().model().as_deref(), Some("vendor-model"));

    pair.first.always(Script::json(503, error_body(DIALECT, 503, "no")));
    let request = asking(&pair.user.key, MODEL, "two");
    assert_eq!(pair.served_by(&request).await, (200, Some(pair.second_id)));
    let second = pair.second.only_request();
    assert_eq!(second.model().as_deref(), Some(MODEL), "what was asked for, not what was sent");
    assert_eq!(&second.body[..], &request.body_bytes()[..], "and byte for byte");
}

#[tokio::test]
async fn a_pattern_that_cannot_be_read_counts_for_no_model_and_is_told_loudly() {
    let mut pair = Pair::new(DIALECT).await;
    pair.switchyard.sigkill();
    let file = rusqlite::Connection::open(pair.switchyard.data().join("switchyard.db")).unwrap();
    // As a version with another engine may have kept them.
    let lists = json!([MODEL, "regex:other-("]).to_string();
    let redirects = json!({ "regex:(": "elsewhere", MODEL: "sent-instead" }).to_string();
    let set = "UPDATE providers SET allowed_models = ?2, model_redirects = ?3 WHERE id = ?1";
    file.execute(set, (pair.first_id, &lists, &redirects)).unwrap();
    let set = "UPDATE providers SET allowed_models = ?2 WHERE id = ?1";
    file.execute(set, (pair.second_id, json!(["regex:other-("]).to_string())).unwrap();
    drop(file);
    pair.switchyard.restart().await;
    let key = pair.user.key.clone();
    let served = pair.served_by(&asking(&key, MODEL, "one")).await;
    assert_eq!(served, (200, Some(pair.first_id)), "what can be read holds");
    assert_eq!(pair.first.requests()[0].model().as_deref(), Some("sent-instead"));
    let served = pair.served_by(&asking(&key, "other-(", "two")).await;
    assert_eq!(served, (503, None), "a list of nothing that can be read allows nothing");

    let line = pair.switchyard.logs();
    assert!(line.contains("pattern.unreadable") && line.contains("regex:other-("), "{line}");
    let told = async || {
        let health = pair.switchyard.send(&Request::get("/api/health")).await;
        health.text().contains("counts for none").then_some(health)
    };
    let health = until("health to tell of it", SOON, told).await;
    assert!(!health.text().contains("regex"), "{}", health.text());
    assert_eq!(pair.switchyard.send(&Request::get("/api/health/ready")).await.status, 200);
    let page = Person::admin(&pair.switchyard).await.page("/providers").await;
    assert!(page.contains("regex:other-(, regex:( cannot be read"), "{page}");
}

#[tokio::test]
async fn a_model_that_is_listed_and_redirected_to_is_named_once() {
    let pair = Pair::new(DIALECT).await;
    let list = json!({ "allowed_models": ["vendor-model"],
        "model_redirects": { "usual": "vendor-model" } });
    pair.change_first(list).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    let list = Request::get("/v1/models").bearer(&pair.user.key);
    let list = list.header("anthropic-version", "2023-06-01");
    let answer = pair.switchyard.send(&list).await.json();
    let names: Vec<_> = answer["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(names, ["usual", "vendor-model"]);
}

#[tokio::test]
async fn a_group_has_its_own_order_and_sees_nothing_of_others() {
    let pair = Pair::new(DIALECT).await;
    let second = json!({ "providerId": pair.second_id, "group_tag": "default,night",
        "priority": 9, "group_priorities": { "night": 0 } });
    pair.switchyard.admin("providers/editProvider", second).await;
    pair.change_first(json!({ "group_tag": "default,night", "priority": 3 })).await;
    for (group, status, wanted) in [
        ("default", 200, Some(pair.first_id)),
        ("night", 200, Some(pair.second_id)),
        ("night,default", 200, Some(pair.second_id)),
        ("*", 200, Some(pair.first_id)),
        ("elsewhere", 503, None),
    ] {
        let more = json!({ "providerGroup": group });
        let key = pair.switchyard.add_key(pair.user.id, &format!("of {group}"), more).await;
        let request = asking(&key, MODEL, group);
        assert_eq!(pair.served_by(&request).await, (status, wanted), "{group}");
    }
    let elsewhere = json!({ "providerGroup": "elsewhere" });
    let key = pair.switchyard.add_key(pair.user.id, "lonely", elsewhere).await;
    let answer = pair.switchyard.send(&asking(&key, MODEL, "x")).await;
    assert!(answer.text().contains("No provider available"), "{}", answer.text());
}

#[tokio::test]
async fn another_model_stands_in_where_an_operator_named_one() {
    let pair = Pair::new(DIALECT).await;
    for upstream in [&pair.first, &pair.second] {
        let missing = Script::json(404, error_body(DIALECT, 404, "no such model"));
        let rule = crate::support::upstream::Match::any().model("rare-model");
        upstream.script(crate::support::upstream::Rule::new(rule, missing));
    }
    let request = asking(&pair.user.key, "rare-model", "one");
    let off = pair.switchyard.send(&request).await;
    assert_eq!((off.status, off.header("x-switchyard-fallback-model")), (404, None));

    let rules = json!([{ "model": "rare-*", "then": ["rare-model", MODEL] }]);
    let set = json!({ "keyId": pair.user.key_id, "rules": rules });
    pair.switchyard.admin("routing/setFallbackModels", set).await;
    let request = asking(&pair.user.key, "rare-model", "two");
    let answer = pair.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-switchyard-fallback-model"), Some(MODEL));
    let row = pair.switchyard.rows_when(2).await.remove(0);
    assert_eq!((&row["model"], &row["statusCode"]), (&json!(MODEL), &json!(200)), "{row:#}");
    assert_eq!(row["originalModel"], "rare-model", "{row:#}");
    assert_eq!(Pair::chain(&row).len(), 3, "both were asked for the rare one: {row:#}");
}

#[tokio::test]
async fn another_model_stands_in_where_refusals_name_no_error_and_not_where_they_do() {
    let pair = Pair::new(DIALECT).await;
    let rules = json!([{ "model": "rare-*", "then": [MODEL] }]);
    let set = json!({ "keyId": pair.user.key_id, "rules": rules });
    pair.switchyard.admin("routing/setFallbackModels", set).await;
    let page = "<html><head><title>400 Bad Request</title></head></html>";
    let page = Script::status(400).header("content-type", "text/html").body(page);
    let named = Script::json(400, error_body(DIALECT, 400, "max_tokens: too large"));
    for (script, status, model) in [(page, 200, Some(MODEL)), (named, 400, None)] {
        for upstream in [&pair.first, &pair.second] {
            upstream.reset();
            let of = crate::support::upstream::Match::any().model("rare-model");
            upstream.script(crate::support::upstream::Rule::new(of, script.clone()));
        }
        let request = asking(&pair.user.key, "rare-model", &format!("{status}"));
        let answer = pair.switchyard.send(&request).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("x-switchyard-fallback-model"), model);
    }
}

#[tokio::test]
async fn a_forecast_names_who_serves_and_what_stands_in_everybody_elses_way() {
    let pair = Pair::new(DIALECT).await;
    let now = minute_now();
    let hours = json!({ "active_time_start": time_of_day(now + 120),
        "active_time_end": time_of_day(now + 180), "active_time_zone": "UTC",
        "blocked_clients": ["opencode"], "model_redirects": { "test-*": "vendor-model" } });
    pair.change_first(hours).await;
    let question = json!({ "keyId": pair.user.key_id, "model": MODEL, "userAgent": "opencode/1" });
    let told = pair.switchyard.admin("routing/simulateDispatch", question.clone()).await;
    let candidate = &told["ranks"][0]["providers"][0];
    assert_eq!((&candidate["id"], &candidate["share"]), (&json!(pair.second_id), &json!(10_000)));
    assert_eq!((&told["key"], &told["nextAt"]), (&json!("ok"), &Value::Null));
    let out = &told["excluded"][0];
    assert_eq!(out["id"], pair.first_id);
    let reasons: Vec<_> =
        out["reasons"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert_eq!(reasons, ["client", "schedule"]);

    pair.change_first(json!({ "blocked_clients": null })).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    let told = pair.switchyard.admin("routing/simulateDispatch", question).await;
    assert_eq!(told["ranks"], json!([]));
    let opens: jiff::Timestamp = told["nextAt"].as_str().unwrap().parse().unwrap();
    let wait = opens.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((115..=120).contains(&wait), "it opens in {wait} minutes");
    let answer = pair.ask(DIALECT, false).await;
    assert_eq!(answer.status, 503, "and a request finds the same");
}
