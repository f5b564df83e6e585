//! Request filters: what goes out, what the row says, and what stays to the byte.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{LARGE, Pair, ROOM_FOR_ONE, Stand, reasons};
use crate::support::backing::Backing;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Script, Upstream};

const DIALECT: Dialect = Dialect::Anthropic;
/// A model that stands in.
const SPARE: &str = "spare-model";

async fn add(switchyard: &Switchyard, filter: Value) -> i64 {
    let filter = switchyard.admin("request-filters/createRequestFilterAction", filter).await;
    filter["id"].as_i64().unwrap()
}

fn request(key: &str) -> (Request, String) {
    let body = format!(
        "{{ \"model\" : \"{MODEL}\", \"max_tokens\":1.0e2, \"z\": 12345678901234567890,\n \"metadata\":{{\"user_id\":\"u\"}},\"messages\":[{{\"role\":\"user\",\"content\":\"caf\\u00e9 acme\"}}] }}"
    );
    (Request::post("/v1/messages", body.clone()).bearer(key).header("x-team", "a"), body)
}

fn sent(upstream: &Upstream) -> String {
    String::from_utf8(upstream.only_request().body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_filter_changes_its_own_bytes_and_is_named_on_the_row_on_either_store() {
    for backing in Backing::both().await {
        let upstream = Upstream::start();
        let switchyard = backing.start(&[]).await;
        switchyard.serve(DIALECT, &upstream).await;
        let user = switchyard.add_user(json!({})).await;
        let (request, body) = request(&user.key);
        assert_eq!(switchyard.send(&request).await.status, 200);
        assert_eq!(sent(&upstream), body);

        add(
            &switchyard,
            json!({ "name": "names", "scope": "body", "action": "text_replace",
            "target": "acme", "replacement": "the client", "priority": 5 }),
        )
        .await;
        add(&switchyard, json!({ "name": "no users", "executionPhase": "final", "ruleMode": "advanced",
            "operations": [
                { "op": "remove", "path": "metadata.user_id" },
                { "op": "insert", "path": "system", "value": { "type": "text", "text": "be kind" } },
            ] })).await;
        add(
            &switchyard,
            json!({ "name": "nobody", "scope": "body", "action": "text_replace",
            "target": "not there", "replacement": "x" }),
        )
        .await;
        let team = add(
            &switchyard,
            json!({ "name": "team", "scope": "header", "action": "set",
            "target": "X-Team", "replacement": "b" }),
        )
        .await;
        upstream.forget();
        assert_eq!(switchyard.send(&request).await.status, 200);
        let wanted = body
            .replace("acme", "the client")
            .replace("{\"user_id\":\"u\"}", "{}")
            .replace("\"}] }", "\"}],\"system\":[{\"text\":\"be kind\",\"type\":\"text\"}] }");
        assert_eq!(sent(&upstream), wanted, "{}", backing.name());
        assert_eq!(upstream.only_request().header("x-team"), Some("b"));
        let row = switchyard.rows_when(2).await.remove(0);
        assert_eq!(row["edits"], json!(["filter:team", "filter:names", "filter:no users"]));
        assert_eq!(row["notes"], json!([]));

        let off = json!({ "id": team, "isEnabled": false });
        switchyard.admin("request-filters/updateRequestFilterAction", off).await;
        upstream.forget();
        assert_eq!(switchyard.send(&request).await.status, 200);
        assert_eq!(upstream.only_request().header("x-team"), Some("a"));
    }
}

#[tokio::test]
async fn a_filter_is_for_the_providers_it_is_bound_to_at_each_try() {
    let pair = Pair::new(DIALECT).await;
    let of = |name: &str, id: i64, value: &str| {
        json!({ "name": name, "bindingType": "providers", "providerIds": [id],
            "executionPhase": "final", "scope": "body", "action": "json_path",
            "target": "metadata.via", "replacement": value })
    };
    add(&pair.switchyard, of("one", pair.first_id, "first")).await;
    add(&pair.switchyard, of("two", pair.second_id, "second")).await;
    add(
        &pair.switchyard,
        json!({ "name": "key", "bindingType": "groups", "groupTags": ["default"],
        "executionPhase": "final", "scope": "header", "action": "set", "target": "authorization",
        "replacement": "Bearer other" }),
    )
    .await;
    add(
        &pair.switchyard,
        json!({ "name": "elsewhere", "bindingType": "groups", "groupTags": ["vip"],
        "executionPhase": "final", "scope": "header", "action": "set", "target": "x-vip",
        "replacement": "1" }),
    )
    .await;
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    let (request, _) = request(&pair.user.key);
    assert_eq!(pair.switchyard.send(&request).await.status, 200);
    let first = pair.first.requests().remove(0);
    let second = pair.second.only_request();
    assert_eq!(first.json()["metadata"], json!({ "user_id": "u", "via": "first" }));
    assert_eq!(second.json()["metadata"], json!({ "user_id": "u", "via": "second" }));
    assert_eq!(second.header("authorization"), Some("Bearer other"));
    assert_eq!(second.header("x-vip"), None);
    let row = pair.switchyard.only_row().await;
    assert_eq!(row["edits"], json!(["filter:two", "filter:key"]), "those of the last try");
}

/// Two providers, of whom the first always fails, and for the second there is no room: its filter needs a
/// copy of the body. `SPARE` stands in for the usual model.
async fn no_room_for_the_second() -> (Pair, Request) {
    let pair = Pair::with(DIALECT, &ROOM_FOR_ONE).await;
    let of = |name: &str, id: i64, scope: &str, action: &str| {
        json!({ "name": name, "bindingType": "providers", "providerIds": [id],
            "executionPhase": "final", "scope": scope, "action": action, "target": "x",
            "replacement": "1" })
    };
    add(&pair.switchyard, of("one", pair.first_id, "header", "set")).await;
    add(&pair.switchyard, of("two", pair.second_id, "body", "json_path")).await;
    let rules = json!([{ "model": MODEL, "then": [SPARE] }]);
    let set = json!({ "keyId": pair.user.key_id, "rules": rules });
    pair.switchyard.admin("routing/setFallbackModels", set).await;
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    let text = "a".repeat(LARGE);
    let request = Request::saying(DIALECT, &pair.user.key, MODEL, false, &text);
    (pair, request)
}

#[tokio::test]
async fn a_try_that_was_not_made_for_want_of_room_leaves_nothing_on_the_row() {
    let (pair, request) = no_room_for_the_second().await;
    pair.change(pair.second_id, json!({ "model_redirects": { MODEL: "theirs" } })).await;
    let ask = async |status: u16, told: &str| {
        let answer = pair.switchyard.send(&request).await;
        assert!(answer.status == status && answer.text().contains(told), "{}", answer.text());
        assert_eq!(pair.second.count(), 0);
    };
    ask(503, "status 500").await;
    let row = pair.switchyard.only_row().await;
    assert_eq!(row["edits"], json!(["filter:one"]), "those of the last try that was made");
    assert_eq!(row["model"], MODEL);
    assert_eq!(row["providerName"], row["providerChain"][0]["name"], "who was asked last");
    assert_eq!(reasons(&row), ["retry_failed", "retry_failed", "refused_here"]);
    assert_eq!(pair.first.count(), 2, "no other model is asked for");
    pair.change(pair.first_id, json!({ "is_enabled": false })).await;
    ask(529, "limit of memory").await;
    let row = pair.switchyard.rows_when(2).await.remove(0);
    assert_eq!((&row["edits"], &row["model"]), (&json!([]), &json!(MODEL)), "none was made");
    assert_eq!((reasons(&row), &row["providerName"]), (vec!["refused_here"], &Value::Null));
}

#[tokio::test]
async fn a_model_that_stands_in_and_has_no_room_leaves_what_came_of_the_asked_one() {
    let (pair, request) = no_room_for_the_second().await;
    pair.change(pair.first_id, json!({ "allowed_models": [MODEL] })).await;
    pair.change(pair.second_id, json!({ "allowed_models": [SPARE] })).await;
    let answer = pair.switchyard.send(&request).await;
    assert!(answer.text().contains("status 500"), "{}", answer.text());
    let row = pair.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_failed", "retry_failed", "refused_here"]);
    assert_eq!((&row["edits"], &row["model"]), (&json!(["filter:one"]), &json!(MODEL)));
}

#[tokio::test]
async fn a_filter_before_the_choice_decides_where_the_request_goes() {
    let pair = Pair::new(DIALECT).await;
    pair.switchyard
        .admin(
            "providers/editProvider",
            json!({ "providerId": pair.first_id, "allowed_models": ["other"] }),
        )
        .await;
    add(
        &pair.switchyard,
        json!({ "name": "other model", "scope": "body", "action": "json_path",
        "target": "model", "replacement": "other" }),
    )
    .await;
    let (request, _) = request(&pair.user.key);
    assert_eq!(pair.switchyard.send(&request).await.status, 200);
    assert_eq!(pair.first.only_request().json()["model"], "other");
    let row = pair.switchyard.only_row().await;
    assert_eq!((&row["model"], &row["edits"]), (&json!("other"), &json!(["filter:other model"])));
}

#[tokio::test]
async fn a_model_that_a_last_filter_names_is_the_one_on_the_row() {
    let stand = Stand::new().await;
    add(
        &stand.switchyard,
        json!({ "name": "m", "executionPhase": "final", "scope": "body",
        "action": "json_path", "target": "model", "replacement": "vendor-name" }),
    )
    .await;
    let (request, _) = request(&stand.user.key);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let row = stand.switchyard.only_row().await;
    assert_eq!((&row["model"], &row["originalModel"]), (&json!("vendor-name"), &json!(MODEL)));
}

#[tokio::test]
async fn what_does_not_fit_is_noted_and_the_request_goes_on() {
    let stand = Stand::new().await;
    add(
        &stand.switchyard,
        json!({ "name": "blocked", "scope": "body", "action": "json_path",
        "target": "model.name", "replacement": 1 }),
    )
    .await;
    add(
        &stand.switchyard,
        json!({ "name": "modelless", "ruleMode": "advanced",
        "operations": [{ "op": "remove", "path": "model" }] }),
    )
    .await;
    add(
        &stand.switchyard,
        json!({ "name": "half", "executionPhase": "final", "ruleMode": "advanced",
        "operations": [
            { "op": "set", "path": "extra", "value": true },
            { "op": "set", "scope": "header", "path": "x-half", "value": "1" },
            { "op": "merge", "path": "messages", "value": {} },
        ] }),
    )
    .await;
    let (request, body) = request(&stand.user.key);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    assert_eq!(sent(&stand.upstream), body, "nothing of any of them");
    assert_eq!(stand.upstream.only_request().header("x-half"), None);
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["edits"], json!([]));
    assert_eq!(
        row["notes"],
        json!([
            "filter:blocked: model.name leads through a value that has no such member",
            "filter:modelless: the request names no model",
            "filter:half: messages is not an object",
        ])
    );
}

/// What comes then would be taken for a broken answer, and the provider would be charged for it.
#[tokio::test]
async fn a_last_filter_that_turns_a_stream_into_none_is_left_out() {
    for (dialect, kind) in [
        (Dialect::Anthropic, "claude"),
        (Dialect::OpenaiChat, "openai-compatible"),
        (Dialect::Responses, "codex"),
        (Dialect::Anthropic, "openai-compatible"),
    ] {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start().await;
        let provider = switchyard.add_provider(kind, &upstream.url(), json!({})).await;
        let user = switchyard.add_user(json!({})).await;
        let set = |name: &str, value: Value| {
            json!({ "name": name, "executionPhase": "final", "scope": "body",
                "action": "json_path", "target": "stream", "replacement": value })
        };
        let taken = json!({ "name": "gone", "executionPhase": "final", "ruleMode": "advanced",
            "operations": [{ "op": "remove", "path": "stream" }, { "op": "set", "path": "x", "value": 1 }] });
        for filter in [set("on", json!(true)), set("off", json!(false)), taken] {
            add(&switchyard, filter).await;
        }
        add(
            &switchyard,
            json!({ "name": "fits", "executionPhase": "final", "scope": "body",
            "action": "json_path", "target": "user", "replacement": "u" }),
        )
        .await;
        for (rows, streams) in [(1, false), (2, true)] {
            let answer = switchyard.send(&Request::model(dialect, &user.key, MODEL, streams)).await;
            assert_eq!(answer.status, 200, "{kind} {streams}: {}", answer.text());
            let row = switchyard.rows_when(rows).await.remove(0);
            assert_eq!(row["statusCode"], 200, "{row:#}");
            let why = "it would change whether the answer is a stream";
            let left_out = if streams { vec!["off", "gone"] } else { vec!["on"] };
            let notes = row["notes"].as_array().unwrap();
            for name in left_out {
                assert!(notes.contains(&json!(format!("filter:{name}: {why}"))), "{name}: {row:#}");
            }
            assert!(row["edits"].to_string().contains("filter:fits"), "{row:#}");
            let wanted = if streams { json!(true) } else { Value::Bool(false) };
            let asked = upstream.requests().pop().unwrap().json()["stream"].clone();
            assert_eq!(asked.as_bool().unwrap_or_default(), wanted, "{kind}: {asked}");
        }
        assert_eq!(switchyard.failures(provider).await, 0, "{kind}");
    }
}

#[tokio::test]
async fn counting_tokens_passes_by_all_filters() {
    let stand = Stand::new().await;
    for phase in ["guard", "final"] {
        add(
            &stand.switchyard,
            json!({ "name": phase, "executionPhase": phase, "scope": "body",
            "action": "json_path", "target": "x", "replacement": 1 }),
        )
        .await;
    }
    let (request, body) = request(&stand.user.key);
    let count = Request::post("/v1/messages/count_tokens", body.clone()).bearer(&stand.user.key);
    assert_eq!(stand.switchyard.send(&count).await.status, 200);
    assert_eq!(sent(&stand.upstream), body);
    stand.upstream.forget();
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    assert_eq!(stand.upstream.only_request().json()["x"], 1);
}

#[tokio::test]
async fn twelve_megabytes_are_filtered_to_the_byte() {
    let stand = Stand::new().await;
    add(&stand.switchyard, json!({ "name": "swap", "executionPhase": "final", "scope": "body",
        "action": "text_replace", "matchType": "regex", "target": "n(e+)dle", "replacement": "p$1n" })).await;
    let text = format!("{}needle{}", "abc \u{4f60}\n".repeat(900_000), " tail".repeat(900_000));
    let request = Request::saying(DIALECT, &stand.user.key, MODEL, false, &text);
    assert!(request.body_bytes().len() > 10_000_000);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let wanted =
        String::from_utf8(request.body_bytes().to_vec()).unwrap().replace("needle", "peen");
    assert!(sent(&stand.upstream) == wanted, "only the word changed");
}

#[tokio::test]
async fn a_long_log_is_redacted_at_all_of_its_places() {
    let stand = Stand::new().await;
    for (name, target) in [("name", r"\bacme\b"), ("key", "sk-[A-Za-z0-9]+")] {
        add(
            &stand.switchyard,
            json!({ "name": name, "scope": "body", "action": "text_replace",
            "matchType": "regex", "target": target, "replacement": "***" }),
        )
        .await;
    }
    let line = "a line of a log that goes on for a while without anything in it\n".repeat(27);
    let text = format!("{line}acme uses sk-Abc123\n").repeat(1_200);
    let request = Request::saying(DIALECT, &stand.user.key, MODEL, false, &text);
    assert!(request.body_bytes().len() > 2 << 20);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let row = stand.switchyard.only_row().await;
    assert_eq!((&row["edits"], &row["notes"]), (&json!(["filter:name", "filter:key"]), &json!([])));
    let body = String::from_utf8(request.body_bytes().to_vec()).unwrap();
    let wanted = body.replace("acme", "***").replace("sk-Abc123", "***");
    assert!(sent(&stand.upstream) == wanted, "all places and nothing else");
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_any_more_says_so_on_every_row_and_can_be_switched_off() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("DSN", dsn.as_str())]).await;
    switchyard.serve(DIALECT, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let filter = json!({ "name": "old", "executionPhase": "final", "scope": "body",
        "action": "text_replace", "matchType": "regex", "target": "a", "replacement": "b" });
    let id = add(&switchyard, filter).await;
    let sql = "UPDATE request_filters SET target = '(?<=x)a'";
    database.connect().await.execute(sql, &[]).await.unwrap();
    switchyard.admin("request-filters/refreshRequestFiltersCache", json!({})).await;
    let (request, body) = request(&user.key);
    assert_eq!(switchyard.send(&request).await.status, 200);
    assert_eq!(sent(&upstream), body);
    let row = switchyard.only_row().await;
    let note = row["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("filter:old: it cannot be applied: not a regular expression"),
        "{note}"
    );
    let listed = switchyard.admin("request-filters/listRequestFilters", json!({})).await;
    assert!(listed[0]["fault"].as_str().unwrap().contains("look-around"), "{listed}");
    let off = json!({ "id": id, "isEnabled": false });
    switchyard.admin("request-filters/updateRequestFilterAction", off).await;
    assert_eq!(switchyard.send(&request).await.status, 200);
    assert_eq!(switchyard.rows_when(2).await[0]["notes"], json!([]));
}
