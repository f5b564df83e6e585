//! The six operations on words, as the contract has them.

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchyard::store::{AuditFilter, WordFields};
use switchyard_actors::domain::words::{MOST_PATTERNS, WordKind};

use super::server::{NOW, Server};

const LIST: &str = "sensitive-words/listSensitiveWords";
const CREATE: &str = "sensitive-words/createSensitiveWordAction";
const UPDATE: &str = "sensitive-words/updateSensitiveWordAction";
const DELETE: &str = "sensitive-words/deleteSensitiveWordAction";
const REFRESH: &str = "sensitive-words/refreshCacheAction";
const STATS: &str = "sensitive-words/getCacheStats";

async fn add(server: &Server, word: &str, kind: &str) -> Value {
    let body = json!({ "word": word, "matchType": kind, "description": "why" });
    server.call(CREATE, body).await.data()
}

#[actix_web::test]
async fn words_are_made_changed_listed_and_removed() {
    for server in Server::both().await {
        let first = add(&server, "甲", "contains").await;
        let second = add(&server, "a+", "regex").await;
        let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
        let wanted =
            ["createdAt", "description", "id", "isEnabled", "matchType", "updatedAt", "word"];
        assert_eq!(keys, wanted);
        assert_eq!((&first["word"], &first["isEnabled"]), (&json!("甲"), &json!(true)));
        let list = server.call(LIST, json!({})).await.data();
        assert_eq!(list, json!([second, first]), "the newest first");
        let change = json!({ "id": first["id"], "isEnabled": false, "word": "乙" });
        let changed = server.call(UPDATE, change).await.data();
        assert_eq!((&changed["word"], &changed["isEnabled"]), (&json!("乙"), &json!(false)));
        assert_eq!(changed["description"], "why");
        let removed = server.call(DELETE, json!({ "id": second["id"] })).await;
        assert_eq!(removed.text, r#"{"ok":true}"#);
        assert_eq!(server.call(LIST, json!({})).await.data(), json!([changed]));
        let audit = server.fresh.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
        let acts: Vec<&str> = audit.iter().map(|entry| entry.entry.action.as_str()).collect();
        assert_eq!(
            acts,
            [
                "sensitive_word.remove",
                "sensitive_word.update",
                "sensitive_word.create",
                "sensitive_word.create"
            ]
        );
    }
}

#[actix_web::test]
async fn what_cannot_be_looked_for_is_refused() {
    let server = Server::new().await;
    for body in [
        json!({ "word": "", "matchType": "exact" }),
        json!({ "word": "  ", "matchType": "exact" }),
        json!({ "word": "x".repeat(256), "matchType": "exact" }),
        json!({ "word": "a(", "matchType": "regex" }),
        json!({ "word": "(?=a)b", "matchType": "regex" }),
        json!({ "word": "a", "matchType": "prefix" }),
        json!({ "word": "a" }),
        json!({ "matchType": "exact" }),
    ] {
        assert_eq!(server.call(CREATE, body.clone()).await.status, 400, "{body}");
    }
    let word = add(&server, "a(", "contains").await;
    let change = json!({ "id": word["id"], "word": "b(", "matchType": "regex" });
    server.call(UPDATE, change).await.refusal();
    for action in [UPDATE, DELETE] {
        assert!(server.call(action, json!({ "id": 4711 })).await.refusal().contains("不存在"));
    }
}

fn pattern(word: &str, is_enabled: bool) -> WordFields {
    WordFields { word: word.to_owned(), kind: WordKind::Regex, description: None, is_enabled }
}

#[actix_web::test]
async fn patterns_are_no_more_than_are_looked_for_also_when_they_are_made_at_once() {
    for server in Server::both().await {
        let mut tx = server.fresh.store.begin().await.unwrap();
        for at in 2..MOST_PATTERNS {
            tx.add_sensitive_word(&pattern(&format!("p{at}"), true), NOW).await.unwrap();
        }
        let off = tx.add_sensitive_word(&pattern("off", false), NOW).await.unwrap();
        tx.commit().await.unwrap();
        let made = (0..4).map(|at| {
            server.call(CREATE, json!({ "word": format!("q{at}"), "matchType": "regex" }))
        });
        let made = join_all(made).await;
        let (done, refused): (Vec<_>, Vec<_>) = made.iter().partition(|it| it.status == 200);
        assert_eq!((done.len(), refused.len()), (2, 2), "{refused:?}");
        assert!(refused[0].refusal().contains("1000 patterns already"));
        let on = json!({ "id": off, "isEnabled": true });
        assert!(server.call(UPDATE, on.clone()).await.refusal().contains("1000 patterns"));
        add(&server, "a word", "contains").await;
        let gone = done[0].data()["id"].clone();
        server.call(DELETE, json!({ "id": gone })).await;
        assert_eq!(server.call(UPDATE, on).await.data()["isEnabled"], true, "there is room again");
    }
}

#[actix_web::test]
async fn a_pattern_that_is_of_no_use_is_refused_and_can_only_be_switched_off() {
    let server = Server::new().await;
    for (word, said) in [
        ("secret|", "found in every text"),
        ("x*", "found in every text"),
        (r"\w{100}", r"(?-u:\w)"),
        (r"(\w{1000}){1000}", "[A-Za-z0-9_]"),
    ] {
        let body = json!({ "word": word, "matchType": "regex" });
        let told = server.call(CREATE, body).await.refusal();
        assert!(told.contains(said), "{word}: {told}");
    }
    for word in [r"sk-\w{20,}", r"\w{8}", "^$"] {
        add(&server, word, "regex").await;
    }
    let mut tx = server.fresh.store.begin().await.unwrap();
    let on = tx.add_sensitive_word(&pattern("a(", true), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let set = async |is_enabled: bool| {
        server.call(UPDATE, json!({ "id": on, "isEnabled": is_enabled })).await
    };
    assert_eq!(set(false).await.data()["isEnabled"], false);
    assert!(set(true).await.refusal().contains("unclosed group"));
}

#[actix_web::test]
async fn the_cache_is_counted_by_kind() {
    for server in Server::both().await {
        for (word, kind) in [("a", "contains"), ("b", "contains"), ("c", "exact"), ("d", "regex")] {
            add(&server, word, kind).await;
        }
        let off = add(&server, "e", "regex").await;
        server.call(UPDATE, json!({ "id": off["id"], "isEnabled": false })).await.data();
        let stats = server.call(STATS, json!({})).await.data();
        for (name, count) in
            [("containsCount", 2), ("exactCount", 1), ("regexCount", 1), ("totalCount", 4)]
        {
            assert_eq!(stats[name], count, "{name}");
        }
        assert_eq!(stats["isLoading"], false);
        assert!(stats["lastReloadTime"].as_i64().unwrap() > 0);
        let refreshed = server.call(REFRESH, json!({})).await.data();
        assert_eq!(refreshed["stats"]["totalCount"], 4);
    }
}

#[actix_web::test]
async fn only_admins_may() {
    let server = Server::new().await;
    let (_, key) = server.add_user(json!({ "name": "anna" })).await;
    for action in [LIST, REFRESH, STATS] {
        assert_eq!(server.call_as(&key, action, json!({})).await.status, 403, "{action}");
    }
}
