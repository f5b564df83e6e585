//! Operations on request filters.

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchyard::store::{AuditFilter, FilterFields};
use switchyard_actors::domain::filters::{Binding, MOST_FILTERS};

use super::server::{NOW, Server};
use super::stand::Stand;

const LIST: &str = "request-filters/listRequestFilters";
const CREATE: &str = "request-filters/createRequestFilterAction";
const UPDATE: &str = "request-filters/updateRequestFilterAction";
const DELETE: &str = "request-filters/deleteRequestFilterAction";
const REFRESH: &str = "request-filters/refreshRequestFiltersCache";
const PREVIEW: &str = "request-filters/previewRequestFilterAction";

fn replacing() -> Value {
    json!({ "name": "swap", "scope": "body", "action": "text_replace", "matchType": "regex",
        "target": "a(.)", "replacement": "$1", "priority": 3 })
}

#[actix_web::test]
async fn filters_are_made_changed_listed_and_removed() {
    for server in Server::both().await {
        let swap = server.call(CREATE, replacing()).await.data();
        assert_eq!(
            (&swap["executionPhase"], &swap["bindingType"]),
            (&json!("guard"), &json!("global"))
        );
        let operations =
            json!([{ "op": "merge", "path": "", "value": { "b": { "a": null }, "a": 1.5 } }]);
        let merge = json!({ "name": "merge", "ruleMode": "advanced", "executionPhase": "final",
            "operations": operations, "bindingType": "groups", "groupTags": ["team"] });
        let merge = server.call(CREATE, merge).await.data();
        assert_eq!((&merge["operations"], &merge["groupTags"]), (&operations, &json!(["team"])));
        let list = server.call(LIST, json!({})).await.data();
        assert_eq!(list, json!([merge, swap]), "in the order in which they run");
        let change = json!({ "id": swap["id"], "priority": -1, "replacement": null });
        server.call(UPDATE, change).await.refusal();
        let change = json!({ "id": swap["id"], "priority": -1, "description": "why" });
        let changed = server.call(UPDATE, change).await.data();
        assert_eq!((&changed["priority"], &changed["target"]), (&json!(-1), &json!("a(.)")));
        assert_eq!(server.call(REFRESH, json!({})).await.data()["count"], 2);
        let removed = server.call(DELETE, json!({ "id": merge["id"] })).await;
        assert_eq!(removed.text, r#"{"ok":true}"#);
        assert_eq!(server.call(LIST, json!({})).await.data(), json!([changed]));
        let audit = server.fresh.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
        let acts: Vec<&str> = audit.iter().map(|entry| entry.entry.action.as_str()).collect();
        assert_eq!(
            acts,
            [
                "request_filter.remove",
                "request_filter.update",
                "request_filter.create",
                "request_filter.create"
            ]
        );
        assert!(!format!("{audit:?}").contains("1.5"), "values may be secrets");
    }
}

#[actix_web::test]
async fn a_filter_reaches_the_catalogue_and_leaves_it() {
    for stand in Stand::both().await {
        let mut filter = replacing();
        filter["bindingType"] = json!("providers");
        let new = json!({ "name": "p", "url": "https://a.example", "key": "sk-1" });
        stand.done("providers/addProvider", new).await;
        let provider = stand.catalogue().await.providers[0].id;
        filter["providerIds"] = json!([provider.0]);
        stand.done(CREATE, filter).await;
        let global = stand.server.call(CREATE, replacing()).await.data();
        let catalogue = stand.catalogue().await;
        assert_eq!(catalogue.filters.len(), 2);
        assert_eq!(catalogue.filters.before_choice()[0].binding, Binding::Global);
        let bound = Binding::Providers([provider].into());
        assert!(format!("{:?}", catalogue.filters).contains(&format!("{bound:?}")));
        stand.done(UPDATE, json!({ "id": global["id"], "isEnabled": false })).await;
        let catalogue = stand.catalogue().await;
        assert_eq!((catalogue.filters.len(), catalogue.filters.before_choice().len()), (1, 0));
    }
}

#[actix_web::test]
async fn what_cannot_be_applied_is_refused_with_its_reason() {
    let server = Server::new().await;
    let header =
        |name: &str| json!({ "name": "h", "scope": "header", "action": "remove", "target": name });
    for (body, said) in [
        (header("Content-Length"), "belongs to the connection"),
        (header("a b"), "not the name of a header"),
        (json!({ "name": "p", "target": "a.__proto__.b", "replacement": 1 }), "may not be used"),
        (json!({ "name": "p", "target": "a..b" }), "cannot be read"),
        (json!({ "name": "o", "ruleMode": "advanced" }), "cannot be read"),
        (
            json!({ "name": "o", "ruleMode": "advanced", "operations": [{ "op": "x", "path": "a" }] }),
            "no action",
        ),
        (json!({ "name": "b", "target": "a", "bindingType": "providers" }), "must name some"),
        (
            json!({ "name": "b", "target": "a", "bindingType": "groups", "groupTags": [] }),
            "must name some",
        ),
        (
            json!({ "name": "s", "scope": "header", "action": "json_path", "target": "a" }),
            "no action",
        ),
    ] {
        let told = server.call(CREATE, body.clone()).await.refusal();
        assert!(told.contains(said), "{body}: {told}");
    }
    for body in
        [json!({}), json!({ "name": "" }), json!({ "name": "x", "executionPhase": "later" })]
    {
        assert_eq!(server.call(CREATE, body).await.status, 400);
    }
    for action in [UPDATE, DELETE] {
        assert_eq!(server.call(action, json!({ "id": 4711 })).await.status, 400);
    }
}

/// A filter as it is kept.
fn kept(target: &str, is_enabled: bool) -> FilterFields {
    FilterFields {
        name: "kept".to_owned(),
        description: None,
        scope: "body".to_owned(),
        action: "text_replace".to_owned(),
        match_type: Some("regex".to_owned()),
        target: target.to_owned(),
        replacement: None,
        priority: 0,
        is_enabled,
        binding_type: "global".to_owned(),
        provider_ids: Vec::new(),
        group_tags: Vec::new(),
        rule_mode: "simple".to_owned(),
        execution_phase: "guard".to_owned(),
        operations: None,
    }
}

#[actix_web::test]
async fn filters_are_bounded_in_number_also_when_they_are_made_at_once() {
    for server in Server::both().await {
        let mut tx = server.fresh.store.begin().await.unwrap();
        for _ in 1..MOST_FILTERS {
            tx.add_request_filter(&kept("a", false), NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        let made = join_all((0..3).map(|_| server.call(CREATE, replacing()))).await;
        let (done, refused): (Vec<_>, Vec<_>) = made.iter().partition(|it| it.status == 200);
        assert_eq!((done.len(), refused.len()), (1, 2), "{refused:?}");
        assert!(refused[0].refusal().contains("500 request filters already"));
    }
}

#[actix_web::test]
async fn a_pattern_that_is_of_no_use_is_refused_and_can_only_be_switched_off() {
    let server = Server::new().await;
    for (target, said) in [("x*", "found in every text"), (r"\w{500}", r"(?-u:\w)")] {
        let mut filter = replacing();
        filter["target"] = json!(target);
        let told = server.call(CREATE, filter).await.refusal();
        assert!(told.contains(said), "{target}: {told}");
    }
    let mut tx = server.fresh.store.begin().await.unwrap();
    let on = tx.add_request_filter(&kept("a(", true), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let set = async |is_enabled: bool| {
        server.call(UPDATE, json!({ "id": on, "isEnabled": is_enabled, "priority": 2 })).await
    };
    assert_eq!(set(false).await.data()["isEnabled"], false);
    assert!(set(true).await.refusal().contains("unclosed group"));
}

#[actix_web::test]
async fn a_preview_changes_what_is_typed_and_nothing_else() {
    let server = Server::new().await;
    let typed = json!({ "filter": replacing(), "headers": { "X-A": "1" },
        "body": "{ \"t\" : \"xaby\", \"n\":1.0 }" });
    let told = server.call(PREVIEW, typed).await.data();
    let wanted = json!({ "edits": ["filter:swap"], "notes": [], "headers": { "x-a": "1" },
        "body": "{ \"t\" : \"xby\", \"n\":1.0 }" });
    assert_eq!(told, wanted);
    assert_eq!(server.call(LIST, json!({})).await.data(), json!([]));
    let set = json!({ "name": "set", "scope": "header", "action": "set", "target": "x-a", "replacement": "2" });
    let id = server.call(CREATE, set).await.data()["id"].clone();
    server.call(CREATE, replacing()).await.data();
    let kept = json!({ "id": id, "headers": { "x-a": "1" }, "body": "no JSON" });
    let told = server.call(PREVIEW, kept).await.data();
    assert_eq!((&told["headers"]["x-a"], &told["body"]), (&json!("2"), &json!("no JSON")));
    let told = server.call(PREVIEW, json!({ "body": "no JSON" })).await.data();
    assert_eq!(told["edits"], json!(["filter:set"]));
    assert_eq!(told["notes"], json!(["filter:swap: the body is not JSON"]));
    let wrong = json!({ "filter": { "name": "x", "target": "a..b" }, "body": "{}" });
    server.call(PREVIEW, wrong).await.refusal();
    assert_eq!(server.call(PREVIEW, json!({ "id": 4711 })).await.status, 400);
    let (_, key) = server.add_user(json!({ "name": "anna" })).await;
    assert_eq!(server.call_as(&key, PREVIEW, json!({})).await.status, 403);
}

#[actix_web::test]
async fn a_provider_that_there_is_none_of_is_refused_and_one_that_is_gone_later_is_fine() {
    let stand = Stand::new().await;
    let new = json!({ "name": "p", "url": "https://a.example", "key": "sk-1" });
    stand.done("providers/addProvider", new).await;
    let provider = stand.catalogue().await.providers[0].id.0;
    let mut filter = replacing();
    filter["bindingType"] = json!("providers");
    filter["providerIds"] = json!([provider, 4711]);
    let told = stand.server.call(CREATE, filter.clone()).await.refusal();
    assert!(told.contains("no provider 4711"), "{told}");
    filter["providerIds"] = json!([provider]);
    let id = stand.server.call(CREATE, filter).await.data()["id"].clone();
    stand.done("providers/removeProvider", json!({ "providerId": provider })).await;
    let change = |ids: Value| json!({ "id": id, "priority": 1, "providerIds": ids });
    let kept = stand.server.call(UPDATE, change(json!([provider]))).await.data();
    assert_eq!(kept["providerIds"], json!([provider]));
    let told = stand.server.call(UPDATE, change(json!([provider, 12]))).await.refusal();
    assert!(told.contains("no provider 12"), "{told}");
}

fn header(name: &str, more: &Value) -> Value {
    let mut filter = json!({ "name": "h", "scope": "header", "action": "set", "target": name,
        "replacement": "x" });
    for (name, value) in more.as_object().into_iter().flatten() {
        filter[name] = value.clone();
    }
    filter
}

#[actix_web::test]
async fn a_guard_filter_on_a_header_that_never_leaves_is_refused_and_a_kept_one_shows_it() {
    let server = Server::new().await;
    let last = json!({ "executionPhase": "final" });
    let bound = json!({ "bindingType": "groups", "groupTags": ["default"] });
    for name in ["Authorization", "x-api-key", "x-goog-api-key", "X-Forwarded-For", "cookie"] {
        let told = server.call(CREATE, header(name, &json!({}))).await.refusal();
        assert!(told.contains("stays here") && told.contains("final"), "{name}: {told}");
        let typed = json!({ "filter": header(name, &json!({})), "headers": { name: "1" } });
        server.call(PREVIEW, typed).await.refusal();
        for more in [&last, &bound] {
            server.call(CREATE, header(name, more)).await.data();
        }
    }
    let moved = server.call(CREATE, header("cookie", &last)).await.data();
    let earlier = json!({ "id": moved["id"], "executionPhase": "guard" });
    assert!(server.call(UPDATE, earlier).await.refusal().contains("stays here"));
    server.call(CREATE, header("x-team", &json!({}))).await.data();

    let (dead, half) = (
        json!([{ "op": "set", "scope": "header", "path": "x-api-key", "value": "1" }]),
        json!([{ "op": "set", "scope": "header", "path": "x-api-key", "value": "1" },
            { "op": "set", "scope": "header", "path": "x-half", "value": "1" }]),
    );
    let mut ids = Vec::new();
    let mut tx = server.fresh.store.begin().await.unwrap();
    for operations in [dead, half] {
        let mut old = kept("a", true);
        (old.rule_mode, old.operations) = ("advanced".to_owned(), Some(operations));
        ids.push(tx.add_request_filter(&old, NOW).await.unwrap());
    }
    tx.commit().await.unwrap();
    let list = server.call(LIST, json!({})).await.data();
    for filter in list.as_array().unwrap() {
        let is_old = ids.iter().any(|id| filter["id"] == json!(id));
        assert_eq!(filter["fault"].is_string(), is_old, "{filter}");
    }
    let preview = async |id: i64| {
        server.call(PREVIEW, json!({ "id": id, "headers": { "x-api-key": "0" } })).await.data()
    };
    let told = preview(ids[0]).await;
    assert_eq!((&told["headers"], &told["edits"]), (&json!({ "x-api-key": "0" }), &json!([])));
    assert!(told["notes"][0].as_str().unwrap().contains("stays here"), "{told}");
    let told = preview(ids[1]).await;
    assert_eq!(told["headers"], json!({ "x-api-key": "0", "x-half": "1" }));
    assert_eq!(told["notes"], json!([]));
}

#[actix_web::test]
async fn a_preview_leaves_out_what_the_relay_leaves_out_and_says_so() {
    let server = Server::new().await;
    let removing = |path: &str, phase: &str| {
        json!({ "name": "r", "ruleMode": "advanced", "executionPhase": phase,
            "operations": [{ "op": "remove", "path": path }] })
    };
    let chat = r#"{ "model" : "m","stream":true}"#;
    let gemini = r#"{"contents":[],"stream":true,"model":"m"}"#;
    for (filter, body, note) in [
        (removing("model", "guard"), chat, Some("the request names no model")),
        (removing("model", "guard"), gemini, None),
        (removing("model", "final"), chat, None),
        (removing("stream", "guard"), chat, None),
        (removing("stream", "final"), chat, Some("it would change whether the answer is a stream")),
        (removing("stream", "final"), gemini, None),
        (removing("a", "guard"), r#"{"a":1}"#, None),
    ] {
        let typed = json!({ "filter": filter, "body": body });
        let told = server.call(PREVIEW, typed).await.data();
        let notes: Vec<String> = note.iter().map(|why| format!("filter:r: {why}")).collect();
        assert_eq!(told["notes"], json!(notes), "{filter} {body}");
        assert_eq!(told["body"] == json!(body), note.is_some(), "{filter} {body}");
        assert_eq!(told["edits"].as_array().unwrap().is_empty(), note.is_some());
    }
}
