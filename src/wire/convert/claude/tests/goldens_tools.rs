//! Golden cases of which this format is the target: tools, their calls and results.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{Choice, CustomFormat};

#[test]
fn instructions_between_a_call_and_its_result_do_not_part_them() {
    let all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "{}"))]),
        turn(Role::System, vec![say("Careful.")]),
        turn(Role::User, vec![Part::Result(result("a", "r"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "a");
    assert_eq!(tokens(&losses), [Token::ApproxSystemMoved]);
}

#[test]
fn tool_parallel_with_results_out_of_order_and_then_text() {
    let mut all = request(vec![
        user("Hi"),
        turn(
            Role::Assistant,
            vec![
                say("I look."),
                Part::Call(call("a", "f", "{\"x\":1.50}")),
                Part::Call(call("b", "f", "")),
            ],
        ),
        turn(Role::User, vec![Part::Result(result("b", "rb")), say("and")]),
        turn(Role::User, vec![Part::Result(ToolResult { error: true, ..result("a", "ra") })]),
    ]);
    all.tools = vec![function("f")];
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&all, &Target::default(), &mut names, &mut losses).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains(r#"{"type":"tool_use","id":"a","name":"f","input":{"x":1.50}}"#));
    let body: Value = serde_json::from_str(&body).unwrap();
    let results = json!([
        {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "ra"}],
         "is_error": true},
        {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "rb"}]},
        {"type": "text", "text": "and"},
    ]);
    assert_eq!(body["messages"][2]["content"], results);
    let tools = json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}]);
    assert_eq!(body["tools"], tools);
    assert!(body.get("tool_choice").is_none() && losses.is_empty());
}

#[test]
fn tool_bad_args() {
    let all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "[1]"))]),
        turn(Role::User, vec![Part::Result(result("a", "r"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"input": [1]}));
    assert_eq!(tokens(&losses), [Token::ApproxArgsWrapped]);
}

#[test]
fn orphan_result() {
    let all = request(vec![
        turn(Role::User, vec![Part::Result(result("z", "lost"))]),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "{}"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][0]["content"][1]["text"], "lost");
    assert_eq!(body["messages"][2]["content"][0]["is_error"], true);
    assert_eq!(tokens(&losses), [Token::ApproxResultAsText, Token::ApproxResultSynthesized]);
}

#[test]
fn choice_matrix() {
    let choice = |choice: Option<Choice>, parallel| {
        let tools = vec![function("f"), function("g")];
        let all = Request { tools, choice, parallel, ..request(vec![user("Hi")]) };
        let body = encode(&all).0;
        (body["tool_choice"].clone(), body["tools"].as_array().unwrap().len())
    };
    let named = Choice::Named { namespace: None, name: "g".into() };
    let only = Choice::Allowed { names: vec!["g".into()], required: true };
    for (asked, parallel, wanted, tools) in [
        (None, None, Value::Null, 2),
        (None, Some(true), Value::Null, 2),
        (None, Some(false), json!({"type": "auto", "disable_parallel_tool_use": true}), 2),
        (Some(Choice::Auto), None, json!({"type": "auto"}), 2),
        (Some(Choice::None), Some(false), json!({"type": "none"}), 2),
        (Some(Choice::Required), None, json!({"type": "any"}), 2),
        (Some(named), None, json!({"type": "tool", "name": "g"}), 2),
        (Some(only), None, json!({"type": "any"}), 1),
    ] {
        assert_eq!(choice(asked.clone(), parallel), (wanted, tools), "{asked:?}");
    }
}

#[test]
fn a_forced_choice_of_what_cannot_be_offered_is_refused() {
    let raw = Json::parse("{}").unwrap();
    let kind = ToolKind::Hosted { family: Family::OpenAi, kind: "file_search".into(), raw };
    let tools = vec![Tool { kind, ..function("file_search") }];
    let named = Choice::Named { namespace: None, name: "file_search".into() };
    for choice in [named, Choice::Required] {
        let all =
            Request { tools: tools.clone(), choice: Some(choice), ..request(vec![user("Hi")]) };
        assert!(refusal_of(&all).contains("must be called"));
    }
}

#[test]
fn long_names_and_call_ids_come_back() {
    let long = "mcp__server__".repeat(10);
    let id = "call:".repeat(70);
    let mut all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call(&id, &long, "{}"))]),
        turn(Role::User, vec![Part::Result(result(&id, "r"))]),
    ]);
    all.tools = vec![function(&long)];
    let (body, losses, names) = encode(&all);
    let name = body["tools"][0]["name"].as_str().unwrap();
    assert!(name.len() <= 64 && name != long);
    let made = &body["messages"][1]["content"][0];
    assert_eq!(made["name"], name);
    assert_eq!(made["id"], body["messages"][2]["content"][0]["tool_use_id"]);
    assert_eq!(names.tool_of(name).unwrap().name, long);
    assert_eq!(names.call_of(made["id"].as_str().unwrap()), id);
    assert!(losses.is_empty());
}

#[test]
fn an_id_that_is_used_again_is_made_another() {
    let exchange = |text: &str| {
        [
            turn(Role::Assistant, vec![Part::Call(call("call_0", "f", "{}"))]),
            turn(Role::User, vec![Part::Result(result("call_0", text))]),
        ]
    };
    let turns = [vec![user("Hi")], exchange("one").to_vec(), exchange("two").to_vec()].concat();
    let (body, _, _) = encode(&request(turns));
    let id = |turn: usize, field: &str| body["messages"][turn]["content"][0][field].clone();
    assert_eq!((id(1, "id"), id(2, "tool_use_id")), (json!("call_0"), json!("call_0")));
    assert_ne!(id(3, "id"), "call_0");
    assert_eq!(id(3, "id"), id(4, "tool_use_id"));
}

#[test]
fn custom_grammar_tool_and_namespace() {
    let grammar = CustomFormat::Grammar { syntax: "lark".into(), definition: "start: X".into() };
    let patch = Tool { kind: ToolKind::Custom(grammar), ..function("apply_patch") };
    let read = Tool { namespace: Some("mcp__fs".into()), ..function("read") };
    let custom = Call { kind: CallKind::Custom, ..call("a", "apply_patch", "*** \"x\"") };
    let call_of_read = Call { namespace: Some("mcp__fs".into()), ..call("b", "read", "{}") };
    let mut all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(custom), Part::Call(call_of_read)]),
        turn(Role::User, vec![Part::Result(result("a", "r")), Part::Result(result("b", "r"))]),
    ]);
    all.tools = vec![patch, read];
    let named = Choice::Named { namespace: Some("mcp__fs".into()), name: "read".into() };
    all.choice = Some(named);
    let (body, losses, renamed) = encode(&all);
    assert_eq!(body["tools"][0]["input_schema"]["required"], json!(["input"]));
    assert!(body["tools"][0]["description"].as_str().unwrap().ends_with("start: X"));
    assert_eq!(body["tools"][1]["name"], "mcp__fs__read");
    assert_eq!(body["tool_choice"]["name"], "mcp__fs__read");
    let calls = &body["messages"][1]["content"];
    assert_eq!(calls[0]["input"], json!({"input": "*** \"x\""}));
    assert_eq!(calls[1]["name"], "mcp__fs__read");
    assert_eq!(renamed.tool_of("apply_patch").unwrap().kind, CallKind::Custom);
    assert_eq!(tokens(&losses), [Token::ApproxCustomAsFunction, Token::ApproxGrammarAsPrompt]);
}

#[test]
fn hosted_tools() {
    let hosted = |family, kind: &str, raw: Value| {
        let (kind, raw) = (kind.to_owned(), Json::of(&raw).unwrap());
        Tool { kind: ToolKind::Hosted { family, kind: kind.clone(), raw }, ..function(&kind) }
    };
    let own = json!({"type": "web_fetch_20250910", "name": "web_fetch"});
    let search = json!({"type": "web_search", "filters": {"allowed_domains": ["a.org"]},
        "user_location": {"type": "approximate", "country": "DE", "city": null}});
    let offline = json!({"type": "web_search", "external_web_access": false});
    let tools = vec![
        hosted(Family::Anthropic, "web_fetch_20250910", own.clone()),
        hosted(Family::OpenAi, "web_search", search),
        hosted(Family::OpenAi, "web_search_preview", offline),
        hosted(Family::OpenAi, "image_generation", json!({})),
        hosted(Family::Google, "googleSearch", json!({"googleSearch": {}})),
    ];
    let all = Request { tools, ..request(vec![user("Hi")]) }.numbered();
    let (body, losses, _) = encode(&all);
    let wanted = json!([
        own,
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.org"],
         "user_location": {"type": "approximate", "country": "DE"}},
    ]);
    assert_eq!(body["tools"], wanted);
    assert_eq!(losses.counts(), [(Token::DropHostedTool, 2)]);
    let chat = json!({"user_location": {"type": "approximate", "approximate": {"city": "Bonn"}}});
    let tools = vec![hosted(Family::OpenAi, "web_search_options", chat)];
    let (body, _, _) = encode(&Request { tools, ..request(vec![user("Hi")]) });
    let place = json!({"type": "approximate", "city": "Bonn"});
    assert_eq!(body["tools"][0]["user_location"], place);
    let googles = json!({"googleSearch": {"excludeDomains": ["a.org"], "timeRangeFilter": {}}});
    let both = json!({"filters": {"allowed_domains": ["a.org"], "blocked_domains": ["b.org"]}});
    let tools = vec![
        hosted(Family::OpenAi, "web_search", both),
        hosted(Family::Google, "googleSearch", googles),
    ];
    let bounded = Request { tools, ..request(vec![user("Hi")]) }.numbered();
    let (body, losses, _) = encode(&bounded);
    let wanted = json!([{"type": "web_search_20250305", "name": "web_search",
        "blocked_domains": ["a.org"]}]);
    assert_eq!(body["tools"], wanted);
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    assert_eq!(paths, ["/tools/0", "/tools/1/timeRangeFilter"]);
    let mut off = target("claude-sonnet-4-5");
    off.options.web_search = false;
    assert_eq!(encode_to(&all, &off).0["tools"].as_array().unwrap().len(), 1);
}

#[test]
fn schemas_say_that_they_are_objects_and_strict_ones_are_closed() {
    let mut number = 0;
    let mut tool = |schema: Option<&str>, strict| {
        let schema = schema.map(|schema| Json::parse(schema).unwrap());
        number += 1;
        Tool { kind: ToolKind::Function { schema, strict }, ..function(&format!("f{number}")) }
    };
    let closed = r#"{"type":"object","additionalProperties":false}"#;
    let tools = vec![
        tool(None, None),
        tool(Some(r#"{ "properties":{"type":{"type":"string"}}}"#), None),
        tool(Some("{}"), None),
        tool(Some("true"), None),
        tool(Some(closed), Some(true)),
        tool(Some(r#"{"type":"object"}"#), Some(true)),
    ];
    let all = Request { tools, ..request(vec![user("Hi")]) }.numbered();
    let (body, losses, _) = encode(&all);
    let schema = |number: usize| body["tools"][number]["input_schema"].to_string();
    assert_eq!(schema(0), r#"{"properties":{},"type":"object"}"#);
    assert_eq!(schema(1), r#"{"properties":{"type":{"type":"string"}},"type":"object"}"#);
    assert_eq!(schema(2), r#"{"type":"object"}"#);
    assert_eq!(schema(3), r#"{"properties":{},"type":"object"}"#);
    assert_eq!(body["tools"][4]["strict"], true);
    let (old, _, _) = encode_to(&all, &target("claude-3-5-haiku-20241022"));
    assert!(old["tools"][4].get("strict").is_none(), "older models know nothing of it");
    assert!(body["tools"][5].get("strict").is_none());
    assert_eq!(losses.counts(), [(Token::DropToolStrict, 1), (Token::ApproxSchema, 3)]);
}
