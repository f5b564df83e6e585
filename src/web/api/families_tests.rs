//! What the document says of providers, prices, the ledger and the overview.

use serde_json::{Value, json};

use super::document;

const PATHS: [(&str, &str); 16] = [
    ("providers/getProviders", "供应商管理"),
    ("providers/addProvider", "供应商管理"),
    ("providers/editProvider", "供应商管理"),
    ("providers/removeProvider", "供应商管理"),
    ("providers/getProvidersHealthStatus", "供应商管理"),
    ("providers/resetProviderCircuit", "供应商管理"),
    ("providers/getProviderLimitUsage", "供应商管理"),
    ("model-prices/getModelPrices", "模型价格"),
    ("model-prices/uploadPriceTable", "模型价格"),
    ("model-prices/syncLiteLLMPrices", "模型价格"),
    ("model-prices/getAvailableModelsByProviderType", "模型价格"),
    ("model-prices/hasPriceTable", "模型价格"),
    ("usage-logs/getUsageLogs", "使用日志"),
    ("usage-logs/getModelList", "使用日志"),
    ("usage-logs/getStatusCodeList", "使用日志"),
    ("overview/getOverviewData", "概览"),
];

fn schema<'a>(document: &'a Value, path: &str) -> &'a Value {
    &document["paths"][format!("/api/actions/{path}")]["post"]["requestBody"]["content"]["application/json"]
        ["schema"]
}

#[test]
fn every_operation_is_documented_in_full() {
    let document = document::build(None);
    for (path, tag) in PATHS {
        let operation = &document["paths"][format!("/api/actions/{path}")]["post"];
        assert_eq!(operation["tags"], json!([tag]), "{path}");
        let (summary, description) = (&operation["summary"], &operation["description"]);
        assert!(summary.as_str().is_some_and(|text| !text.is_empty()), "{path}");
        assert!(description.as_str().is_some_and(|text| text.len() > 20), "{path}");
        assert_eq!(schema(&document, path)["type"], json!("object"), "{path}");
        for status in ["200", "400", "401", "403", "500"] {
            let answer = &operation["responses"][status]["content"]["application/json"]["schema"];
            assert!(answer.is_object(), "{path} {status}");
        }
    }
}

#[test]
fn a_provider_s_fields_are_documented_with_their_bounds() {
    let document = document::build(None);
    let add = schema(&document, "providers/addProvider");
    assert_eq!(add["required"], json!(["url", "key", "name"]));
    let weight = json!({ "type": "integer", "minimum": 1, "maximum": 100 });
    assert_eq!(add["properties"]["weight"], weight);
    let edit = schema(&document, "providers/editProvider");
    assert_eq!(edit["required"], json!(["providerId"]));
    assert_eq!(edit["properties"]["weight"], weight);
}
