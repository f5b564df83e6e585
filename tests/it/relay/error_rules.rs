//! An operator's own rules of what an upstream's words mean (AT-F1).

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand};
use crate::support::launch;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, error_body, error_event};

const CHAT: Dialect = Dialect::OpenaiChat;
const NO_CHANNEL: &str = "无可用渠道";
const MAGIC: &str = "the magic words";

async fn add(switchyard: &Switchyard, rule: Value) -> i64 {
    let made = switchyard.admin("error-rules/createErrorRuleAction", rule).await;
    made["id"].as_i64().expect("a rule's id")
}

async fn switch(switchyard: &Switchyard, rule: i64, enabled: bool) {
    let body = json!({ "id": rule, "isEnabled": enabled });
    switchyard.admin("error-rules/updateErrorRuleAction", body).await;
}

/// A relay that has nobody to ask says so as if a model had.
fn no_channel(dialect: Dialect, stream: bool) -> Script {
    if !stream {
        return Script::json(200, answers::answer(dialect, MODEL, NO_CHANNEL, &PLAIN));
    }
    let frames = answers::frames(dialect, MODEL, 1, &PLAIN).into_iter();
    Script::frames(frames.map(|frame| frame.replace("piece 0", NO_CHANNEL)))
}

#[tokio::test]
async fn a_200_that_says_there_is_no_channel_is_another_providers_chance() {
    for stream in [false, true] {
        let pair = Pair::new(CHAT).await;
        let rule =
            json!({ "pattern": NO_CHANNEL, "statuses": "200", "action": "switch_and_charge" });
        let rule = add(&pair.switchyard, rule).await;
        pair.first.always(no_channel(CHAT, stream));
        let answer = pair.ask(CHAT, stream).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains(NO_CHANNEL), "{}", answer.text());
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "it is not asked again");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);
        let row = pair.switchyard.only_row().await;
        assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id]);
        let ruled = &row["providerChain"][0]["matchedRule"];
        assert_eq!((&ruled["ruleId"], &ruled["pattern"]), (&json!(rule), &json!(NO_CHANNEL)));
        assert_eq!(ruled["action"], "switch_and_charge");
        assert_eq!(row["providerChain"][1]["matchedRule"], Value::Null);

        switch(&pair.switchyard, rule, false).await;
        let answer = pair.ask(CHAT, stream).await;
        assert!(answer.text().contains(NO_CHANNEL), "without a restart: {}", answer.text());
        assert_eq!(pair.second.count(), 1);
        switch(&pair.switchyard, rule, true).await;
        assert!(!pair.ask(CHAT, stream).await.text().contains(NO_CHANNEL), "and back again");
    }
}

#[tokio::test]
async fn what_is_converted_is_judged_as_its_provider_said_it() {
    for stream in [false, true] {
        let pair = Pair::new(Dialect::Anthropic).await;
        let rule =
            json!({ "pattern": NO_CHANNEL, "statuses": "200", "action": "switch_and_charge" });
        add(&pair.switchyard, rule).await;
        pair.first.always(no_channel(Dialect::Anthropic, stream));
        let answer = pair.ask(CHAT, stream).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains(NO_CHANNEL), "{}", answer.text());
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);

        let told = json!({ "type": "error",
            "error": { "type": "invalid_request_error", "message": "Shorter, please." } });
        add(&pair.switchyard, json!({ "pattern": MAGIC, "overrideResponse": told })).await;
        pair.first.reset();
        let refusal = error_body(Dialect::Anthropic, 400, MAGIC);
        pair.first.always(Script::json(400, refusal));
        let answer = pair.ask(CHAT, stream).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!(error["message"], "Shorter, please.");
        assert_eq!(error["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn a_stream_that_is_folded_is_judged_by_its_providers_bytes() {
    let pair = Pair::new(Dialect::Anthropic).await;
    let rule =
        json!({ "pattern": "message_start", "statuses": "200", "action": "switch_and_charge" });
    add(&pair.switchyard, rule).await;
    pair.first.always(no_channel(Dialect::Anthropic, true));
    let answer = pair.ask(CHAT, false).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(NO_CHANNEL), "{}", answer.text());
    assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
}

#[tokio::test]
async fn a_stream_that_nobody_can_fold_is_judged_by_what_it_said() {
    let pair = Pair::new(Dialect::Anthropic).await;
    let rule = json!({ "pattern": MAGIC, "statuses": "200", "action": "client" });
    add(&pair.switchyard, rule).await;
    pair.first.always(Script::frames([format!("data: <p>{MAGIC}</p>\n\n")]));
    let answer = pair.ask(CHAT, false).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0));
}

#[tokio::test]
async fn each_action_does_what_it_says() {
    let pair = Pair::new(CHAT).await;
    let rule = add(&pair.switchyard, json!({ "pattern": MAGIC.to_uppercase() })).await;
    let body = error_body(CHAT, 418, MAGIC);
    pair.first.always(Script::json(418, body.clone()));
    // Action, the client's status, tries at the first and at the second one, failures counted.
    let cases = [
        ("client", 418, 1, 0, 0),
        ("not_found", 200, 1, 1, 0),
        ("switch_and_charge", 200, 1, 1, 1),
        ("provider", 200, 2, 1, 2),
    ];
    for (action, status, first, second, failures) in cases {
        let change = json!({ "id": rule, "action": action });
        pair.switchyard.admin("error-rules/updateErrorRuleAction", change).await;
        let before = (pair.first.count(), pair.second.count());
        let answer = pair.ask(CHAT, false).await;
        assert_eq!(answer.status, status, "{action}: {}", answer.text());
        let asked = (pair.first.count() - before.0, pair.second.count() - before.1);
        assert_eq!(asked, (first, second), "{action}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, failures, "{action}");
        if action == "client" {
            assert_eq!(answer.text(), body, "in the upstream's own words");
        }
    }
}

#[tokio::test]
async fn an_error_in_a_stream_is_judged_before_its_client_sees_any_of_it() {
    for dialect in [Dialect::Anthropic, CHAT, Dialect::Responses] {
        let pair = Pair::new(dialect).await;
        let begun = answers::frames(dialect, MODEL, 1, &PLAIN).into_iter().take(1);
        let begun: Vec<String> = if dialect == CHAT { Vec::new() } else { begun.collect() };
        let error = error_event(dialect, 500, MAGIC);
        pair.first.always(Script::stream().chunks(begun).chunk(error).end());
        assert_eq!(pair.ask(dialect, true).await.status, 200, "the vendor says that it is its own");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);
        add(&pair.switchyard, json!({ "pattern": MAGIC })).await;
        let second = pair.second.count();
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.status, 400, "{dialect}: {}", answer.text());
        assert!(answer.text().contains(MAGIC), "{}", answer.text());
        assert_eq!(pair.second.count(), second, "nobody else is asked");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "nobody is charged");
    }
}

#[tokio::test]
async fn no_rule_turns_silence_or_a_lost_connection_into_something_else() {
    let pair = Pair::new(CHAT).await;
    let all = json!({ "pattern": "(?s).*", "matchType": "regex", "statuses": "200-599" });
    add(&pair.switchyard, all).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    let whole = answers::answer(CHAT, MODEL, "hello", &PLAIN);
    let head = Script::status(200).header("content-type", "application/json");
    let cases = [
        ("a connection that is lost", Script::hang_up()),
        ("a body that breaks off", head.body_claiming(whole.clone(), whole.len() + 5).fin()),
    ];
    for (what, script) in cases {
        pair.first.always(script);
        let answer = pair.ask(CHAT, false).await;
        assert_eq!(answer.status, 503, "{what}: {}", answer.text());
        pair.first.reset();
        let reset = json!({ "providerId": pair.first_id });
        pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    }
}

#[tokio::test]
async fn a_real_status_stands_until_a_rule_names_it() {
    let pair = Pair::new(CHAT).await;
    let rule = add(&pair.switchyard, json!({ "pattern": MAGIC })).await;
    let body = error_body(CHAT, 503, MAGIC);
    pair.first.always(Script::json(503, body.clone()));
    assert_eq!(pair.ask(CHAT, false).await.status, 200, "a 503 is the provider's");
    let named = json!({ "id": rule, "statuses": "500-503" });
    pair.switchyard.admin("error-rules/updateErrorRuleAction", named).await;
    let answer = pair.ask(CHAT, false).await;
    assert_eq!((answer.status, answer.text()), (503, body));
    assert_eq!(pair.second.count(), 1);
}

#[tokio::test]
async fn an_operators_words_reach_every_client_in_its_own_dialect() {
    let stand = Stand::new().await;
    let forms = [
        json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "Shorter, please." } }),
        json!({ "error": { "type": "invalid_request_error", "message": "Shorter, please.", "code": null } }),
        json!({ "error": { "code": 400, "message": "Shorter, please.", "status": "INVALID_ARGUMENT" } }),
    ];
    let rule = add(&stand.switchyard, json!({ "pattern": MAGIC })).await;
    let mut asked = 0;
    for form in &forms {
        let change = json!({ "id": rule, "overrideResponse": form, "overrideStatusCode": 422 });
        stand.switchyard.admin("error-rules/updateErrorRuleAction", change).await;
        for dialect in DIALECTS {
            for stream in [false, true] {
                stand.upstream.reset();
                stand.upstream.always(Script::json(400, error_body(dialect, 400, MAGIC)));
                let answer = stand.ask(dialect, stream).await;
                asked += 1;
                let said = answer.json();
                assert_eq!(answer.status, 422, "{dialect}: {said}");
                assert_eq!(said["error"]["message"], "Shorter, please.", "{dialect}");
                let word = match dialect {
                    Dialect::Gemini | Dialect::GeminiCli => &said["error"]["status"],
                    _ => &said["error"]["type"],
                };
                let is_known =
                    ["invalid_request_error", "INVALID_ARGUMENT"].iter().any(|w| word == w);
                assert!(is_known, "{dialect}: {said}");
                assert_eq!(said["type"] == "error", dialect == Dialect::Anthropic, "{said}");
                let id = answer.header("x-switchyard-request-id").expect("an id").to_owned();
                assert!(said.to_string().contains(&id), "{said}");
                assert!(!said.to_string().contains(MAGIC), "{said}");
            }
        }
    }
    let rows = stand.switchyard.rows_when(asked).await;
    for row in rows {
        assert_eq!((&row["statusCode"], &row["outcome"]), (&json!(422), &json!("client_error")));
        assert_eq!(row["errorMessage"], "Shorter, please.", "what the client was told");
        let link = &row["providerChain"][0];
        assert_eq!((&link["statusCode"], &link["errorMessage"]), (&json!(400), &json!(MAGIC)));
        assert_eq!(link["matchedRule"]["hasOverride"], true);
    }
}

#[tokio::test]
async fn an_empty_sentence_and_a_status_alone_keep_the_usual_words() {
    let stand = Stand::new().await;
    let rule = add(&stand.switchyard, json!({ "pattern": MAGIC, "overrideStatusCode": 413 })).await;
    stand.upstream.always(Script::json(400, error_body(CHAT, 400, MAGIC)));
    let answer = stand.ask(CHAT, false).await;
    assert_eq!((answer.status, &answer.json()["error"]["message"]), (413, &json!(MAGIC)));
    let empty = json!({ "type": "error", "error": { "type": "not_found_error", "message": "" } });
    let change = json!({ "id": rule, "overrideResponse": empty, "overrideStatusCode": null });
    stand.switchyard.admin("error-rules/updateErrorRuleAction", change).await;
    let answer = stand.ask(CHAT, false).await;
    let said = answer.json();
    assert_eq!((answer.status, &said["error"]["message"]), (400, &json!(MAGIC)));
    assert_eq!(said["error"]["code"], "model_not_found", "{said}");
}

#[tokio::test]
async fn when_nobody_is_left_the_rules_words_are_told_and_the_vendors_are_not() {
    let stand = Stand::new().await;
    let told = json!({ "error": { "type": "api_error", "message": "Ask again tomorrow." } });
    let rule = json!({ "pattern": MAGIC, "action": "switch_and_charge", "overrideResponse": told,
        "overrideStatusCode": 599 });
    add(&stand.switchyard, rule).await;
    let secret = format!("{MAGIC} for account 4711");
    stand.upstream.always(Script::json(403, error_body(CHAT, 403, &secret)));
    let answer = stand.ask(CHAT, false).await;
    assert_eq!(answer.status, 599);
    assert_eq!(answer.json()["error"]["message"], "Ask again tomorrow.");
    assert!(!answer.text().contains("4711"), "{}", answer.text());
    let missing = json!({ "pattern": "4711", "action": "not_found", "priority": -1 });
    add(&stand.switchyard, missing).await;
    let answer = stand.ask(CHAT, false).await;
    assert_eq!((answer.status, answer.text().contains("4711")), (404, false), "{}", answer.text());
}

#[tokio::test]
async fn the_rules_of_the_program_are_there_and_an_operators_change_outlives_a_restart() {
    let mut switchyard = Switchyard::launch(&[]).await;
    let list = async |switchyard: &Switchyard| {
        let all = switchyard.admin("error-rules/listErrorRules", json!({})).await;
        all.as_array().expect("rules").clone()
    };
    let before = list(&switchyard).await;
    assert!(before.len() > 30 && before.iter().all(|rule| rule["isDefault"] == true));
    let first = before[0]["id"].as_i64().expect("an id");
    switch(&switchyard, first, false).await;
    let gone =
        switchyard.action("error-rules/deleteErrorRuleAction", &json!({ "id": first })).await;
    assert!(gone.status == 400 && gone.text().contains("switch it off"), "{}", gone.text());
    let own = add(&switchyard, json!({ "pattern": MAGIC })).await;
    switchyard.sigterm();
    switchyard.wait_exit(std::time::Duration::from_secs(30));
    switchyard.restart_with(&[]).await;
    let after = list(&switchyard).await;
    assert_eq!(after.len(), before.len() + 1);
    let of = |id: i64| after.iter().find(|rule| rule["id"] == json!(id)).expect("the rule");
    assert_eq!((&of(first)["isEnabled"], &of(first)["isEdited"]), (&json!(false), &json!(true)));
    assert_eq!(of(own)["isDefault"], false);
    let untouched =
        after.iter().filter(|rule| rule["isEdited"] == false && rule["id"] != json!(own));
    assert_eq!(untouched.count(), before.len() - 1);
}

#[tokio::test]
async fn an_answer_is_tried_out_on_the_command_line() {
    let switchyard = Switchyard::launch(&[]).await;
    let rule = json!({ "pattern": NO_CHANNEL, "statuses": "200", "action": "switch_and_charge" });
    let id = add(&switchyard, rule).await;
    let run = |arguments: &[&str]| {
        let (ended, said) = launch::run_to_end(switchyard.data(), arguments, &[]);
        assert!(ended.success(), "{said}");
        said
    };
    let listed = run(&["error-rules", "list"]);
    assert!(listed.contains(NO_CHANNEL) && listed.contains("prompt is too long"), "{listed}");
    let body = answers::answer(CHAT, MODEL, NO_CHANNEL, &PLAIN);
    let tried = ["error-rules", "test", "--status", "200", "--kind", "openai-compatible", &body];
    let said = run(&tried);
    assert!(said.contains(&format!("rule {id} (contains")), "{said}");
    assert!(said.contains("another provider is asked; the provider is charged"), "{said}");
    for dialect in DIALECTS {
        assert!(said.contains(&format!("{:<12} 503 ", dialect.name())), "{dialect}: {said}");
    }
    let said = run(&["error-rules", "test", "prompt is too long: 9 tokens > 8 maximum"]);
    assert!(said.contains("taken for client_fault (400)"), "{said}");
}
