//! Error rules through the management API, on both stores.

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchyard::app::error_rules::sync_defaults;
use switchyard::store::{AuditFilter, CatalogueLoader};
use switchyard_actors::domain::catalogue::LiveSettings;
use switchyard_actors::price_sync::parse_entry;

use super::stand::{As, NOW, Stand};

const LIST: &str = "error-rules/listErrorRules";
const CREATE: &str = "error-rules/createErrorRuleAction";
const UPDATE: &str = "error-rules/updateErrorRuleAction";
const DELETE: &str = "error-rules/deleteErrorRuleAction";
const TEST: &str = "error-rules/testErrorRuleAction";

fn told() -> Value {
    json!({ "type": "error", "error": { "type": "api_error", "message": "Not now." } })
}

#[actix_web::test]
async fn a_rule_is_made_changed_shown_and_removed_and_the_catalogue_knows_it() {
    for stand in Stand::both().await {
        let made = json!({ "pattern": "No Channel", "matchType": "exact", "statuses": " 200 , 500-599",
            "action": "switch_and_charge", "category": "account", "description": "a relay's",
            "overrideResponse": told(), "overrideStatusCode": 503, "priority": 4 });
        let made = stand.done(CREATE, made).await;
        assert_eq!(made["statuses"], "200,500-599");
        assert_eq!(made["overrideResponse"], told());
        assert_eq!((&made["isEnabled"], &made["isDefault"]), (&json!(true), &json!(false)));
        let second = stand.done(CREATE, json!({ "pattern": "(a|b)+", "matchType": "regex" })).await;
        assert_eq!((&second["action"], &second["category"]), (&json!("client"), &json!("custom")));
        let listed = stand.done(LIST, json!({})).await;
        assert_eq!(listed, json!([made, second]), "in the order in which they are asked");

        let catalogue = stand.catalogue().await;
        let known: Vec<_> = catalogue.error_rules.rules().iter().map(|rule| rule.id.0).collect();
        assert_eq!(json!(known), json!([made["id"], second["id"]]));
        let rule = &catalogue.error_rules.rules()[0];
        assert_eq!((rule.told_status, rule.told.is_some()), (Some(503), true));
        assert!(catalogue.error_rules.look_at_good(200));

        let change = json!({ "id": made["id"], "statuses": null, "overrideResponse": null,
            "isEnabled": false });
        let changed = stand.done(UPDATE, change).await;
        assert_eq!(
            (&changed["statuses"], &changed["overrideResponse"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!((&changed["pattern"], &changed["priority"]), (&json!("No Channel"), &json!(4)));
        assert_eq!(changed["isEdited"], false, "only rules of the program are taken over");
        assert_eq!(stand.catalogue().await.error_rules.rules().len(), 1, "one is off");

        let (status, _) = stand.call(As::Admin, DELETE, json!({ "id": made["id"] })).await;
        assert_eq!(status, 200);
        let (status, said) = stand.call(As::Admin, DELETE, json!({ "id": made["id"] })).await;
        assert_eq!(status, 400, "{said}");
        let filter =
            AuditFilter { target_kind: Some("error_rule".into()), ..AuditFilter::default() };
        let audit = stand.server.api.app.store.audit_page(&filter, 9).await.unwrap();
        let actions: Vec<&str> = audit.iter().map(|one| one.entry.action.as_str()).collect();
        let wanted =
            ["delete", "update", "create", "create"].map(|what| format!("error_rule.{what}"));
        assert_eq!(actions, wanted);
        assert_eq!(audit[1].entry.detail["before"]["statuses"], "200,500-599");
    }
}

#[actix_web::test]
async fn what_cannot_be_used_is_refused_with_its_reason() {
    let stand = Stand::new().await;
    let refused = async |body: Value| {
        let (status, said) = stand.call(As::Admin, CREATE, body).await;
        assert_eq!(status, 400, "{said}");
        said.to_string()
    };
    let regex = json!({ "pattern": "a(", "matchType": "regex" });
    assert!(refused(regex).await.contains("unclosed group"));
    let ahead = json!({ "pattern": "(?=a)b", "matchType": "regex" });
    assert!(refused(ahead).await.contains("look-around"));
    let large = json!({ "pattern": "(\\w{1000}){1000}", "matchType": "regex" });
    assert!(refused(large).await.contains("size limit"));
    assert!(refused(json!({ "pattern": "  " })).await.contains("empty"));
    assert!(refused(json!({ "pattern": "a", "statuses": "4xx" })).await.contains("429, 500-599"));
    assert!(refused(json!({ "pattern": "a", "action": "swap" })).await.contains("not_found"));
    assert!(refused(json!({ "pattern": "a", "overrideStatusCode": 399 })).await.contains("400"));
    let shapeless = json!({ "pattern": "a", "overrideResponse": { "message": "no" } });
    assert!(refused(shapeless).await.contains("10 KiB"));
    for code in [json!(1e30), json!(-5), json!(99), json!(400.5)] {
        let told = json!({ "error": { "code": code, "message": "m", "status": "S" } });
        let said = refused(json!({ "pattern": "a", "overrideResponse": told })).await;
        assert!(said.contains("100 to 599"), "{said}");
    }
    let long = json!({ "error": { "type": "t", "message": "m".repeat(11_000) } });
    refused(json!({ "pattern": "a", "overrideResponse": long })).await;
    let first = stand.done(CREATE, json!({ "pattern": "a" })).await;
    assert!(refused(json!({ "pattern": "a" })).await.contains("another rule"));
    let second = stand.done(CREATE, json!({ "pattern": "b" })).await;
    let same = json!({ "id": second["id"], "pattern": "a" });
    let (status, said) = stand.call(As::Admin, UPDATE, same).await;
    assert!(status == 400 && said.to_string().contains("another rule"), "{said}");
    let unreadable = json!({ "id": first["id"], "matchType": "regex", "pattern": "[" });
    assert_eq!(stand.call(As::Admin, UPDATE, unreadable).await.0, 400);
    assert_eq!(stand.done(LIST, json!({})).await[0]["pattern"], "a", "it stays as it was");
    for path in [LIST, CREATE, UPDATE, DELETE, TEST] {
        let body = json!({ "id": 1, "pattern": "x" });
        assert_eq!(stand.call(As::User, path, body).await.0, 403, "{path}");
    }
}

#[actix_web::test]
async fn the_rules_of_the_program_are_kept_up_and_an_operators_are_left_alone() {
    for stand in Stand::both().await {
        let store = &stand.server.api.app.store;
        let own = json!({ "pattern": "prompt is too long", "action": "provider" });
        stand.done(CREATE, own).await;
        let added = sync_defaults(store, NOW).await.unwrap();
        assert!(added > 30, "{added}");
        assert_eq!(sync_defaults(store, NOW).await.unwrap(), 0, "nothing to do");
        let listed = stand.done(LIST, json!({})).await;
        let rules = listed.as_array().unwrap();
        let of = |pattern: &str| rules.iter().find(|rule| rule["pattern"] == pattern).unwrap();
        assert_eq!(of("prompt is too long")["action"], "provider", "an operator was first");
        let edited = &of("context_length_exceeded")["id"];
        let change = json!({ "id": edited, "action": "not_found" });
        assert_eq!(stand.done(UPDATE, change).await["isEdited"], true);

        let mut tx = store.begin().await.unwrap();
        let stored = tx.error_rules().await.unwrap();
        let find = |pattern: &str| {
            stored.iter().find(|rule| rule.fields.pattern == pattern).unwrap().clone()
        };
        let mut old = find("content_policy_violation");
        old.fields.category = "of an earlier version".to_owned();
        tx.edit_error_rule(old.id, &old.fields, NOW).await.unwrap();
        let mut gone = old.fields.clone();
        gone.pattern = "a sentence of an earlier version".to_owned();
        tx.add_error_rule(&gone, NOW).await.unwrap().unwrap();
        tx.commit().await.unwrap();

        assert_eq!(sync_defaults(store, NOW).await.unwrap(), 2, "one refreshed, one removed");
        let after = store.error_rules().await.unwrap();
        let of = |pattern: &str| after.iter().find(|rule| rule.fields.pattern == pattern);
        assert_eq!(of("content_policy_violation").unwrap().fields.category, "content_filter");
        assert_eq!(of("a sentence of an earlier version"), None);
        assert_eq!(of("context_length_exceeded").unwrap().fields.action.name(), "not_found");
    }
}

#[actix_web::test]
async fn a_rule_of_the_program_keeps_its_pattern_and_is_there_once_after_a_start() {
    for stand in Stand::both().await {
        let store = &stand.server.api.app.store;
        sync_defaults(store, NOW).await.unwrap();
        let listed = stand.done(LIST, json!({})).await;
        let count = listed.as_array().unwrap().len();
        let of = |listed: &Value, pattern: &str| {
            let rules = listed.as_array().unwrap();
            rules.iter().find(|rule| rule["pattern"] == pattern).cloned()
        };
        let id = of(&listed, "maximum context length").unwrap()["id"].clone();
        let other = json!({ "id": id, "pattern": "maximum length of a context" });
        let said = stand.refused(UPDATE, other).await;
        assert!(said.contains("switch it off and add one of your own"), "{said}");
        let off = json!({ "id": id, "isEnabled": false, "pattern": "maximum context length" });
        stand.done(UPDATE, off).await;
        let own = json!({ "pattern": "maximum length of a context" });
        stand.done(CREATE, own).await;
        assert_eq!(sync_defaults(store, NOW).await.unwrap(), 0, "the next start changes nothing");
        let after = stand.done(LIST, json!({})).await;
        assert_eq!(after.as_array().unwrap().len(), count + 1);
        assert_eq!(of(&after, "maximum context length").unwrap()["isEnabled"], false);
    }
}

#[actix_web::test]
async fn expressions_are_bounded_in_number_also_when_they_are_made_at_once() {
    for stand in Stand::both().await {
        let store = &stand.server.api.app.store;
        sync_defaults(store, NOW).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let stored = tx.error_rules().await.unwrap();
        let mut one =
            stored.iter().find(|it| it.fields.match_type.name() == "regex").unwrap().fields.clone();
        let there = tx.error_rule_totals().await.unwrap().expressions;
        one.is_default = false;
        for at in there..499 {
            one.pattern = format!("p{at}");
            tx.add_error_rule(&one, NOW).await.unwrap().unwrap();
        }
        tx.commit().await.unwrap();
        let made = (0..3).map(|at| {
            let body = json!({ "pattern": format!("q{at}"), "matchType": "regex" });
            stand.call(As::Admin, CREATE, body)
        });
        let made = join_all(made).await;
        let refused: Vec<_> = made.iter().filter(|(status, _)| *status == 400).collect();
        assert_eq!(refused.len(), 2, "{made:?}");
        assert!(refused[0].1.to_string().contains("at most 10000 rules, 500"), "{refused:?}");
    }
}

#[actix_web::test]
async fn an_expression_that_is_of_no_use_is_refused_and_can_only_be_switched_off() {
    let stand = Stand::new().await;
    let expression = |text: &str| json!({ "pattern": text, "matchType": "regex" });
    assert!(stand.refused(CREATE, expression("token|")).await.contains("found in every text"));
    assert!(stand.refused(CREATE, expression(r"\w{100}")).await.contains(r"(?-u:\w)"));
    let every = json!({ "pattern": ".*", "matchType": "regex", "statuses": "529" });
    let every = stand.done(CREATE, every).await;
    let bare = json!({ "id": every["id"], "statuses": null });
    let said = stand.refused(UPDATE, bare).await;
    assert!(said.contains("found in every text"), "whatever is said with a status: {said}");
    stand.done(DELETE, json!({ "id": every["id"] })).await;
    let made = stand.done(CREATE, expression(r"sk-\w{20,}")).await;
    let store = &stand.server.api.app.store;
    let mut tx = store.begin().await.unwrap();
    let mut stored = tx.error_rules().await.unwrap().remove(0);
    stored.fields.pattern = "a(".to_owned();
    tx.edit_error_rule(stored.id, &stored.fields, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let set = |is_enabled: bool| json!({ "id": made["id"], "isEnabled": is_enabled });
    assert_eq!(stand.done(UPDATE, set(false)).await["isEnabled"], false);
    assert!(stand.refused(UPDATE, set(true)).await.contains("unclosed group"));
}

#[actix_web::test]
async fn rules_that_were_changed_by_hand_are_read_when_somebody_asks_for_it() {
    for stand in Stand::both().await {
        let made = stand.done(CREATE, json!({ "pattern": "before" })).await;
        let app = &stand.server.api.app;
        let loader = CatalogueLoader::new(
            app.store.clone(),
            app.cipher.clone(),
            parse_entry,
            LiveSettings::default(),
        );
        let pattern = async || {
            let catalogue = loader.load().await.unwrap();
            catalogue.error_rules.rules()[0].pattern.to_string()
        };
        assert_eq!(pattern().await, "before");
        // As somebody does with SQL: the version stays.
        let mut tx = app.store.begin().await.unwrap();
        let mut stored = tx.error_rules().await.unwrap().remove(0);
        assert_eq!(made["id"], stored.id.0);
        stored.fields.pattern = "after".to_owned();
        tx.edit_error_rule(stored.id, &stored.fields, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(pattern().await, "before", "nobody has been told");
        stand.done("error-rules/refreshCacheAction", json!({})).await;
        assert_eq!(pattern().await, "after");
    }
}

#[actix_web::test]
async fn an_answer_is_tried_out_also_with_a_rule_that_is_not_there_yet() {
    let stand = Stand::new().await;
    stand.done(CREATE, json!({ "pattern": "too long", "overrideStatusCode": 413 })).await;
    let body = json!({ "type": "error", "error": { "type": "api_error", "message": "TOO LONG" } });
    let fate = stand.done(TEST, json!({ "statusCode": 400, "body": body.to_string() })).await;
    assert_eq!((&fate["matched"], &fate["outcome"]), (&json!(true), &json!("client_fault")));
    assert_eq!((&fate["switches"], &fate["charges"]), (&json!(false), &json!(false)));
    let told: Vec<_> = fate["told"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 5);
    for one in told {
        assert_eq!((&one["statusCode"], &one["unchanged"]), (&json!(413), &json!(false)), "{one}");
        assert_eq!(one["body"]["error"]["message"], "TOO LONG");
    }
    let draft =
        json!({ "pattern": "no channel", "statuses": "200", "action": "switch_and_charge" });
    let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"No channel\"}}]}\n\n";
    let tried = json!({ "statusCode": 200, "body": stream, "contentType": "text/event-stream",
        "providerType": "openai-compatible", "rule": draft });
    let fate = stand.done(TEST, tried.clone()).await;
    assert_eq!((&fate["rule"]["id"], &fate["charges"]), (&json!(0), &json!(true)), "{fate}");
    let mut without = tried;
    without["rule"] = json!({ "pattern": "something else" });
    assert_eq!(stand.done(TEST, without).await["outcome"], "success");
    let stats = stand.done("error-rules/getCacheStats", json!({})).await;
    assert_eq!((&stats["containsCount"], &stats["totalCount"]), (&json!(1), &json!(1)));
    let refreshed = stand.done("error-rules/refreshCacheAction", json!({})).await;
    assert_eq!(refreshed["stats"]["totalCount"], 1);
}
