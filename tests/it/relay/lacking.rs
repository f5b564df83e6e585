//! A provider whose account lacks a model: others go first for some minutes, everybody who asks is told
//! why, and an answer, a reset or an edit ends it.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::Request;
use crate::support::launch;
use crate::support::person::Person;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Match, Rule, Script, Upstream};

const DIALECT: Dialect = Dialect::Anthropic;
/// A model that all have.
const OTHER: &str = "another-model";

/// Lets the first one say that it does not have the usual model.
fn lacks(pair: &Pair, dialect: Dialect) {
    let words = format!("model {MODEL} not available on this account");
    let refusal = Script::json(404, error_body(dialect, 404, &words));
    pair.first.script(Rule::new(Match::any().model(MODEL), refusal));
}

/// Returns why providers were left out before the first try of a row.
fn left_out(row: &Value) -> &Value {
    &row["providerChain"][0]["decisionContext"]["filteredProviders"]
}

async fn has_answered(pair: &Pair, status: u16) {
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, status, "{}", answer.text());
}

#[tokio::test]
async fn who_lacks_a_model_is_not_asked_again_while_another_one_has_it() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        lacks(&pair, dialect);
        for _ in 0..3 {
            assert_eq!(pair.ask(dialect, true).await.status, 200, "{dialect}");
        }
        assert_eq!((pair.first.count(), pair.second.count()), (1, 3), "{dialect}");
        let row = pair.switchyard.rows_when(3).await.remove(0);
        assert_eq!(Pair::chain(&row), [pair.second_id], "{dialect}");
        let one = &left_out(&row)[0];
        let wanted = (&json!(pair.first_id), &json!("lacks_model"));
        assert_eq!((&one["id"], &one["reason"]), wanted, "{dialect}: {row:#}");
        assert!(one["until"].is_string(), "{dialect}: {row:#}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{dialect}");
        let request = Request::model(dialect, &pair.user.key, OTHER, true);
        assert_eq!(pair.switchyard.send(&request).await.status, 200, "{dialect}");
        assert_eq!(pair.first.count(), 2, "{dialect}: what else it has is asked of it");
    }
}

#[actix_rt::test]
async fn operators_see_it_everywhere_and_end_it_by_a_reset_or_an_edit() {
    let pair = Pair::new(DIALECT).await;
    lacks(&pair, DIALECT);
    has_answered(&pair, 200).await;
    let answer = pair.ask(DIALECT, true).await;
    let id = answer.header("x-switchyard-request-id").expect("an id").to_owned();
    let key = pair.user.key_id.to_string();
    let asked = ["route", "--key", &key, MODEL];
    let (ended, said) = launch::run_to_end(pair.switchyard.data(), &asked, &[]);
    assert!(ended.success() && said.contains("lacks_model until 20"), "{said}");
    let person = Person::admin(&pair.switchyard).await;
    let page = person.page(&format!("/requests/{id}")).await;
    assert!(page.contains("1 provider said minutes ago that it does not have the model"), "{page}");
    let list = person.page("/providers").await;
    assert!(list.contains(&format!("says that it does not have {MODEL}")), "{list}");
    let reset = format!("/providers/{}/reset", pair.first_id);
    assert!(list.contains(&format!("action=\"{reset}\"")), "{list}");
    let chinese = person.in_chinese();
    let page = chinese.page(&format!("/requests/{id}")).await;
    assert!(page.contains("1 个供应商几分钟前表示没有该模型"), "{page}");
    assert!(chinese.page("/providers").await.contains(&format!("表示没有 {MODEL}")));

    assert_eq!(chinese.submit("/providers", &reset, &[]).await.status, 303);
    has_answered(&pair, 200).await;
    assert_eq!(pair.first.count(), 2, "it was asked again after the reset");
    has_answered(&pair, 200).await;
    assert_eq!(pair.first.count(), 2);
    let edit = json!({ "providerId": pair.first_id, "weight": 3 });
    pair.switchyard.admin("providers/editProvider", edit).await;
    pair.first.reset();
    has_answered(&pair, 200).await;
    assert_eq!(pair.first.count(), 1, "and after the edit");
}

#[tokio::test]
async fn who_lacks_a_model_is_asked_when_there_is_nobody_else_and_an_answer_ends_it() {
    let pair = Pair::new(DIALECT).await;
    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    lacks(&pair, DIALECT);
    for asked in 1..=2 {
        has_answered(&pair, 404).await;
        assert_eq!(pair.first.count(), asked);
    }
    pair.first.reset();
    has_answered(&pair, 200).await;
    let on = json!({ "providerId": pair.second_id, "is_enabled": true });
    pair.switchyard.admin("providers/editProvider", on).await;
    has_answered(&pair, 200).await;
    assert_eq!((pair.first.count(), pair.second.count()), (2, 0), "it has shown that it has it");
}

#[tokio::test]
async fn a_session_leaves_who_lacks_its_model_and_does_not_come_back() {
    let pair = Pair::new(DIALECT).await;
    let ask = async || {
        let request = Request::model(DIALECT, &pair.user.key, MODEL, false)
            .header("x-claude-code-session-id", "11111111-1111-4111-8111-111111111111");
        assert_eq!(pair.switchyard.send(&request).await.status, 200);
    };
    ask().await;
    lacks(&pair, DIALECT);
    ask().await;
    ask().await;
    assert_eq!((pair.first.count(), pair.second.count()), (2, 2));
}

#[tokio::test]
async fn a_404_of_something_else_is_no_word_about_the_model() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(Script::json(404, error_body(DIALECT, 404, "File not found: file_1")));
    for asked in 1..=2 {
        has_answered(&pair, 200).await;
        assert_eq!(pair.first.count(), asked, "only this request named the file");
    }
}

#[tokio::test]
async fn a_model_that_was_not_asked_of_everybody_is_not_missing() {
    for dialect in DIALECTS {
        let once = [("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")];
        let pair = Pair::with(dialect, &once).await;
        let third = Upstream::start();
        pair.switchyard.serve_at(dialect, &third, 2).await;
        for upstream in [&pair.first, &pair.second] {
            // Nothing to remember: the next request asks the same two.
            let refusal = Script::json(404, error_body(dialect, 404, "nothing here"));
            upstream.always(refusal);
        }
        for number in 1..=2 {
            let answer = pair.ask(dialect, true).await;
            super::exhausted::assert_told(dialect, "not asked of all", &answer, 503);
            let said = answer.json()["error"]["message"].clone();
            let wanted = "none of the upstreams that were asked has the model, try again later";
            assert_eq!(said, wanted, "{dialect}");
            let row = pair.switchyard.rows_when(number).await.remove(0);
            assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id], "{dialect}");
        }
        assert_eq!(third.count(), 0, "{dialect}");
        third.always(Script::json(404, error_body(dialect, 404, "nothing here")));
        let off = json!({ "providerId": pair.first_id, "is_enabled": false });
        pair.switchyard.admin("providers/editProvider", off).await;
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.status, 404, "{dialect}, both were asked: {}", answer.text());
    }
}

#[tokio::test]
async fn a_model_that_may_be_had_of_one_that_cools_is_not_missing_at_the_limit_of_switches() {
    let once = [("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")];
    let pair = Pair::with(DIALECT, &once).await;
    let third = Upstream::start();
    let busy = Script::status(429).header("retry-after", "300");
    third.always(busy.body(error_body(DIALECT, 429, "wait")));
    pair.switchyard.serve_at(DIALECT, &third, 0).await;
    for (provider, priority) in [(pair.first_id, 1), (pair.second_id, 2)] {
        let edit = json!({ "providerId": provider, "priority": priority });
        pair.switchyard.admin("providers/editProvider", edit).await;
    }
    has_answered(&pair, 200).await;
    assert_eq!(third.count(), 1, "it cools from now on");
    for upstream in [&pair.first, &pair.second] {
        upstream.always(Script::json(404, error_body(DIALECT, 404, "nothing here")));
    }
    has_answered(&pair, 503).await;
    assert_eq!(third.count(), 1);
}
