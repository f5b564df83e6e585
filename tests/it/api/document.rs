//! The OpenAPI document: what it promises is there, and what is there is promised.

use std::collections::HashSet;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::server::Server;

const TAGS: [&str; 14] = [
    "用户管理",
    "密钥管理",
    "供应商管理",
    "模型价格",
    "统计分析",
    "使用日志",
    "概览",
    "敏感词管理",
    "Session 管理",
    "通知管理",
    "路由管理",
    "限额管理",
    "错误规则",
    "请求过滤管理",
];

async fn document() -> Value {
    let server = Server::new().await;
    server.send(TestRequest::get().uri("/api/actions/openapi.json")).await.json()
}

#[actix_web::test]
async fn the_head_is_that_of_the_contract() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let info = &document["info"];
    assert_eq!(
        (&info["title"], &info["version"]),
        (&json!("Claude Code Hub API"), &json!("1.0.0"))
    );
    assert_eq!(info["contact"]["name"], "项目维护团队");
    assert!(info["contact"]["url"].as_str().unwrap().contains("github.com"));
    assert_eq!(info["license"]["name"], "MIT License");
    for server in document["servers"].as_array().unwrap() {
        assert!(server["url"].is_string() && server["description"].is_string());
    }
    let tags = document["tags"].as_array().unwrap();
    assert_eq!(tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect::<Vec<_>>(), TAGS);
    assert!(tags.iter().all(|tag| tag["description"].as_str().unwrap().chars().count() > 10));
    let scheme = &document["components"]["securitySchemes"]["cookieAuth"];
    assert_eq!((&scheme["type"], &scheme["in"]), (&json!("apiKey"), &json!("cookie")));
    assert_eq!(scheme["name"], "auth-token");
    assert!(document["externalDocs"]["url"].is_string());
}

#[actix_web::test]
async fn every_operation_is_complete() {
    let document = document().await;
    let paths = document["paths"].as_object().unwrap();
    let mut ids = HashSet::new();
    for (path, item) in paths {
        assert!(path.starts_with("/api/actions/"), "{path}");
        assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["post"], "{path}");
        let operation = &item["post"];
        let text = |name: &str| operation[name].as_str().unwrap().to_owned();
        assert!(!text("summary").is_empty() && !text("description").is_empty(), "{path}");
        assert_ne!(text("summary"), text("description"));
        assert!(ids.insert(text("operationId")), "{path}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1);
        assert!(TAGS.contains(&operation["tags"][0].as_str().unwrap()), "{path}");
        assert_eq!(operation["security"], json!([{ "cookieAuth": [] }]));
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["type"], "object", "{path}");
        for status in ["200", "400", "401", "403", "408", "429", "500", "503"] {
            let response = &operation["responses"][status];
            assert!(response["description"].is_string(), "{path} {status}");
            let schema = &response["content"]["application/json"]["schema"];
            assert!(schema.is_object(), "{path} {status}");
        }
    }
}

#[actix_web::test]
async fn what_was_promised_is_there_and_every_path_answers() {
    let server = Server::new().await;
    let document = document().await;
    let paths = document["paths"].as_object().unwrap();
    let wanted = [
        ("users", "getUsers addUser editUser removeUser getUserLimitUsage"),
        ("keys", "getKeys addKey editKey removeKey getKeyLimitUsage"),
        ("providers", "getProviders addProvider editProvider removeProvider"),
        ("providers", "getProvidersHealthStatus resetProviderCircuit getProviderLimitUsage"),
        ("model-prices", "getModelPrices uploadPriceTable syncLiteLLMPrices"),
        ("model-prices", "getAvailableModelsByProviderType hasPriceTable fillCosts"),
        ("usage-logs", "getUsageLogs getModelList getStatusCodeList"),
        ("overview", "getOverviewData"),
        ("routing", "getFallbackModels setFallbackModels simulateDispatch"),
        ("limits", "getLimits setLimits"),
        ("error-rules", "listErrorRules createErrorRuleAction updateErrorRuleAction"),
        ("error-rules", "deleteErrorRuleAction testErrorRuleAction"),
        ("error-rules", "refreshCacheAction getCacheStats"),
        ("sensitive-words", "listSensitiveWords createSensitiveWordAction"),
        ("sensitive-words", "updateSensitiveWordAction deleteSensitiveWordAction"),
        ("sensitive-words", "refreshCacheAction getCacheStats"),
        ("request-filters", "listRequestFilters createRequestFilterAction"),
        ("request-filters", "updateRequestFilterAction deleteRequestFilterAction"),
        ("request-filters", "refreshRequestFiltersCache previewRequestFilterAction"),
        ("users", "resetUserLimits"),
        ("keys", "resetKeyLimits"),
        ("providers", "resetProviderTotalUsage"),
    ];
    for (module, names) in wanted {
        for name in names.split(' ') {
            assert!(paths.contains_key(&format!("/api/actions/{module}/{name}")), "{name}");
        }
    }
    for path in paths.keys() {
        let answer = server.send(TestRequest::post().uri(path).set_json(json!({}))).await;
        assert!([400, 401].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
}

#[actix_web::test]
async fn nothing_is_referred_to_that_is_not_inline() {
    let printed = document().await.to_string();
    assert!(!printed.contains("$ref"), "{printed}");
}

#[actix_web::test]
async fn the_schemas_are_those_of_the_rules() {
    let document = document().await;
    let schema = |action: &str| {
        let operation = &document["paths"][format!("/api/actions/{action}")]["post"];
        operation["requestBody"]["content"]["application/json"]["schema"].clone()
    };
    let add = schema("users/addUser");
    assert_eq!(add["required"], json!(["name"]));
    assert_eq!(add["properties"]["name"]["maxLength"], 64);
    assert_eq!(add["properties"]["dailyQuota"]["type"], json!(["number", "null"]));
    assert_eq!(schema("keys/addKey")["required"], json!(["userId", "name"]));
    let add = schema("providers/addProvider");
    assert_eq!(add["required"], json!(["url", "key", "name"]));
    let weight = json!({ "type": "integer", "minimum": 1, "maximum": 100 });
    assert_eq!(add["properties"]["weight"], weight);
    let edit = schema("providers/editProvider");
    assert_eq!(edit["required"], json!(["providerId"]));
    assert_eq!(edit["properties"]["weight"], weight);
}
