//! How each line of models is told to think.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{Choice, Effort, Place, Reasoning, Sampling, Show, Thinking};

fn thinking(model: &str, reasoning: Reasoning, max_output: u64) -> (Value, Value, Vec<Token>) {
    let reasoning = Some(reasoning);
    let all = Request { reasoning, max_output: Some(max_output), ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode_to(&all, &target(model));
    (body["thinking"].clone(), body["output_config"]["effort"].clone(), tokens(&losses))
}

const fn effort(effort: Effort) -> Reasoning {
    Reasoning { effort: Some(effort), budget: None, show: Show::Unsaid }
}

const fn budget(budget: u64) -> Reasoning {
    Reasoning { effort: None, budget: Some(budget), show: Show::Unsaid }
}

#[test]
fn models_that_find_the_budget_are_told_an_effort() {
    let adaptive = json!({"type": "adaptive"});
    for (asked, wanted, lost) in [
        (effort(Effort::High), json!("high"), vec![]),
        (effort(Effort::Max), json!("max"), vec![]),
        (effort(Effort::Auto), Value::Null, vec![]),
        (effort(Effort::Minimal), json!("low"), vec![Token::ApproxEffort]),
        (budget(8_192), json!("medium"), vec![Token::ApproxEffortFromBudget]),
    ] {
        let all = thinking("claude-opus-4-8", asked, 64_000);
        assert_eq!(all, (adaptive.clone(), wanted, lost), "{asked:?}");
    }
    let shown = Reasoning { show: Show::Summary, ..effort(Effort::Auto) };
    let (said, _, _) = thinking("claude-opus-4-8", shown, 64_000);
    assert_eq!(said["display"], "summarized");
    let (off, none, lost) = thinking("claude-opus-4-8", effort(Effort::None), 64_000);
    assert_eq!((off, none, lost), (json!({"type": "disabled"}), Value::Null, vec![]));
}

#[test]
fn the_newest_models_rest_in_their_own_way_or_not_at_all() {
    let off = |model: &str| thinking(model, effort(Effort::None), 64_000);
    let between = json!({"type": "between_tools"});
    assert_eq!(off("claude-sonnet-5-5"), (between, Value::Null, vec![]));
    for always in ["claude-opus-5-5", "claude-fable-5"] {
        assert_eq!(off(always), (Value::Null, json!("low"), vec![Token::ApproxEffort]), "{always}");
    }
    assert_eq!(off("claude-haiku-5-5").0, json!({"type": "disabled"}));
}

#[test]
fn the_newest_models_call_of_their_own_will_alone() {
    let mut all = request(vec![user("Hi")]);
    all.tools = vec![function("f")];
    all.choice = Some(Choice::Named { namespace: None, name: "f".into() });
    let (body, losses, _) = encode_to(&all, &target("claude-sonnet-5-5"));
    assert_eq!(body["tool_choice"], json!({"type": "auto"}));
    assert!(tokens(&losses).contains(&Token::ApproxChoice));
    let (body, _, _) = encode_to(&all, &target("claude-sonnet-5"));
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "f"}));
}

#[test]
fn others_are_told_a_budget_within_the_answer() {
    let said = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    let made = vec![Token::ApproxBudgetFromEffort];
    for (asked, max_output, wanted, lost) in [
        (budget(31_999), 32_000, said(31_999), vec![]),
        (budget(31_999), 16_000, said(15_999), vec![Token::ApproxEffort]),
        (budget(100), 16_000, said(1_024), vec![Token::ApproxEffort]),
        (effort(Effort::High), 32_000, said(24_576), made.clone()),
        (effort(Effort::Max), 32_000, said(31_999), made.clone()),
        (effort(Effort::Auto), 32_000, said(8_192), made),
        (effort(Effort::High), 1_024, Value::Null, vec![Token::DropReasoning]),
        (effort(Effort::None), 1_024, json!({"type": "disabled"}), vec![]),
    ] {
        let all = thinking("claude-sonnet-4-5", asked, max_output);
        assert_eq!(all, (wanted, Value::Null, lost), "{asked:?}");
    }
    let none = thinking("claude-3-5-haiku-20241022", effort(Effort::High), 8_192);
    assert_eq!(none, (Value::Null, Value::Null, vec![Token::DropReasoning]));
}

#[test]
fn thinking_by_a_budget_takes_no_forced_choice_and_no_sampling() {
    let mut all = request(vec![user("Hi")]);
    all.reasoning = Some(budget(2_048));
    all.tools = vec![function("f")];
    all.choice = Some(Choice::Required);
    all.sampling = Sampling { temperature: Some(0.2), ..Sampling::default() };
    let (body, losses, _) = encode(&all);
    assert_eq!(body["tool_choice"], json!({"type": "auto"}));
    assert!(body.get("temperature").is_none());
    assert_eq!(tokens(&losses), [Token::DropSampling, Token::ApproxChoice]);
    let (body, _, _) = encode_to(&all, &target("claude-opus-4-6"));
    assert_eq!(body["tool_choice"], json!({"type": "any"}));
}

#[test]
fn a_tool_loop_without_its_thinking_goes_on_without() {
    let loop_with = |first: Option<Part>| {
        let parts = first.into_iter().chain([Part::Call(call("a", "f", "{}"))]).collect();
        let turns = vec![
            user("Hi"),
            turn(Role::Assistant, parts),
            turn(Role::User, vec![Part::Result(result("a", "r"))]),
        ];
        Request { reasoning: Some(budget(2_048)), ..request(turns) }
    };
    let (body, losses, _) = encode(&loop_with(None));
    assert!(body.get("thinking").is_none());
    assert_eq!(tokens(&losses), [Token::DropThinkingForeign]);
    let own = seal(Family::Anthropic, "own");
    let own = Part::Thinking(Thinking {
        at: Place::default(),
        text: "so".into(),
        redacted: false,
        seal: own,
    });
    assert_eq!(encode(&loop_with(Some(own))).0["thinking"]["type"], "enabled");
    let (body, _, _) = encode_to(&loop_with(None), &target("claude-opus-4-8"));
    assert_eq!(body["thinking"]["type"], "adaptive", "these ask for no thinking");
}

#[test]
fn the_beginning_of_an_answer_goes_without_thinking() {
    let turns = vec![user("Hi"), turn(Role::Assistant, vec![say("It is \n")])];
    let all = Request { reasoning: Some(budget(2_048)), ..request(turns) };
    let (body, losses, _) = encode(&all);
    assert!(body.get("thinking").is_none());
    assert_eq!(body["messages"][1]["content"][0]["text"], "It is");
    assert_eq!(tokens(&losses), [Token::DropReasoning, Token::ApproxPrefill]);
}

#[test]
fn a_seal_on_a_blank_text_is_left_out_and_said() {
    let sealed = Text { seal: seal(Family::Google, "own"), ..Text::plain(" ") };
    let turns =
        vec![user("Hi"), turn(Role::Assistant, vec![Part::Text(sealed), say("so")]), user("Go")];
    let (_, losses, _) = encode(&request(turns));
    assert_eq!(tokens(&losses), [Token::DropThinkingForeign]);
}
