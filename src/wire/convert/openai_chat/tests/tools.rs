//! Tools and choices, both ways.

use serde_json::json;

use super::*;

fn ask(tools: Vec<Tool>, choice: Option<Choice>) -> Request {
    Request { tools, choice, ..request(vec![turn(Role::User, vec![text("x")])]) }
}

fn encode(request: &Request) -> Result<Value, Refused> {
    let (names, losses) = (&mut Names::default(), &mut Losses::default());
    let body = encode_request(request, &Target::default(), names, losses)?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn hosted(family: Family, kind: &str, raw: &str) -> Tool {
    let (name, raw) = (kind.to_owned(), Json::parse(raw).unwrap());
    let kind = ToolKind::Hosted { family, kind: kind.into(), raw };
    Tool { at: Place::default(), name, description: None, kind, namespace: None, cache: None }
}

#[test]
fn tool_single() {
    let described = Tool { description: Some("Reads.".into()), ..function("read") };
    let (body, losses) = encoded(&ask(vec![described], None));
    assert_eq!(
        body["tools"],
        json!([{"type": "function", "function": {"name": "read", "description": "Reads.",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}}])
    );
    assert!(losses.is_empty());
}

#[test]
fn choice_matrix() {
    let named = Choice::Named { namespace: None, name: "read".into() };
    let allowed = Choice::Allowed { names: vec!["read".into()], required: true };
    for (choice, wanted) in [
        (Choice::Auto, json!("auto")),
        (Choice::None, json!("none")),
        (Choice::Required, json!("required")),
        (named, json!({"type": "function", "function": {"name": "read"}})),
        (
            allowed,
            json!({"type": "allowed_tools", "allowed_tools": {"mode": "required",
                "tools": [{"type": "function", "function": {"name": "read"}}]}}),
        ),
    ] {
        let request =
            Request { parallel: Some(false), ..ask(vec![function("read")], Some(choice.clone())) };
        let body = encode(&request).unwrap();
        assert_eq!(body["tool_choice"], wanted);
        assert_eq!(body["parallel_tool_calls"], false);
        assert_eq!(decoded(&body).0.choice, Some(choice));
    }
    let none =
        encode(&Request { parallel: Some(false), ..ask(vec![], Some(Choice::Auto)) }).unwrap();
    assert!(none.get("tool_choice").is_none() && none.get("parallel_tool_calls").is_none());
}

#[test]
fn a_choice_that_cannot_be_kept_is_refused() {
    let tool = hosted(Family::Anthropic, "computer_20250124", "{}");
    let named = |name: &str| Some(Choice::Named { namespace: None, name: name.into() });
    assert!(encode(&ask(vec![tool.clone()], Some(Choice::Required))).is_err());
    let tools = vec![tool.clone(), function("read")];
    let refused = encode(&ask(tools.clone(), named("computer_20250124"))).unwrap_err();
    assert!(refused.message.contains("computer_20250124"), "{refused}");
    assert!(encode(&ask(tools.clone(), named("read"))).is_ok());
    assert!(encode(&ask(tools.clone(), Some(Choice::Required))).is_ok());
    assert!(encode(&ask(vec![tool.clone()], Some(Choice::Auto))).is_ok());
    let allowed =
        |required| Some(Choice::Allowed { names: vec!["computer_20250124".into()], required });
    for tools in [tools, vec![tool]] {
        assert!(encode(&ask(tools.clone(), allowed(true))).is_err(), "one of what is left out");
        assert!(encode(&ask(tools, allowed(false))).is_ok());
    }
}

#[test]
fn of_two_tools_of_one_name_the_right_one_is_chosen() {
    let read = |namespace: &str| Tool { namespace: Some(namespace.into()), ..function("read") };
    let namespace = Some("b".to_owned());
    let choice = Choice::Named { namespace, name: "read".into() };
    let list = Tool { name: "list".into(), ..read("b") };
    let tools = vec![list, read("a"), read("b")];
    let body = encode(&ask(tools, Some(choice))).unwrap();
    assert_eq!(body["tool_choice"]["function"]["name"], "b__read");
}

#[test]
fn long_names() {
    let long = format!("mcp__{}", "server".repeat(12));
    let mut request = ask(vec![function(&long), function("a b")], None);
    request.turns = vec![
        turn(Role::Assistant, vec![Part::Call(call("c", &long, "{}"))]),
        turn(Role::User, vec![Part::Result(result("c", vec![text("r")]))]),
    ];
    request.choice = Some(Choice::Named { namespace: None, name: long.clone() });
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request, &Target::default(), &mut names, &mut losses).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let short = body["tools"][0]["function"]["name"].as_str().unwrap();
    assert_eq!(short.len(), 64);
    assert_eq!(body["tool_choice"]["function"]["name"], short);
    assert_eq!(body["messages"][0]["tool_calls"][0]["function"]["name"], short);
    assert_eq!(names.tool_of(short).unwrap().name, long);
    let other = body["tools"][1]["function"]["name"].as_str().unwrap();
    assert!(Bounds::OPENAI_NAME.fits(other) && names.tool_of(other).unwrap().name == "a b");
}

#[test]
fn custom_grammar_tool() {
    let (syntax, definition) = ("lark".to_owned(), "start: x".to_owned());
    let kind = ToolKind::Custom(CustomFormat::Grammar { syntax, definition });
    let tool = Tool { kind, description: Some("Patches.".into()), ..function("apply_patch") };
    let mut request = ask(vec![tool], None);
    let patch = Call { kind: CallKind::Custom, ..call("c", "apply_patch", "*** \"x\"") };
    request.turns = vec![
        turn(Role::Assistant, vec![Part::Call(patch)]),
        turn(Role::User, vec![Part::Result(result("c", vec![text("ok")]))]),
    ];
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["tools"][0]["function"]["description"],
        "Patches.\n\nThe input must be text of this lark grammar:\nstart: x"
    );
    assert_eq!(
        body["messages"][0]["tool_calls"][0]["function"]["arguments"],
        r#"{"input":"*** \"x\""}"#
    );
    assert_eq!(tokens(&losses), [Token::ApproxCustomAsFunction, Token::ApproxGrammarAsPrompt]);
    // A vendor who has such tools is given it as it is.
    let mut target = Target::default();
    target.options.custom_tools = true;
    let (body, losses) = encoded_for(&request, &target);
    assert_eq!(
        body["tools"][0],
        json!({"type": "custom", "custom": {"name": "apply_patch", "description": "Patches.",
            "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}}})
    );
    assert_eq!(
        body["messages"][0]["tool_calls"][0],
        json!({"id": "c", "type": "custom", "custom": {"name": "apply_patch", "input": "*** \"x\""}})
    );
    assert!(losses.is_empty());
    let (again, _) = decoded(&body);
    assert_eq!((again.tools, &again.turns[0].parts), (request.tools, &request.turns[0].parts));
}

#[test]
fn local_shell_namespace() {
    let namespaced = Tool { namespace: Some("mcp__files".into()), ..function("read") };
    let shell = Tool { kind: ToolKind::LocalShell, ..function("local_shell") };
    let mut request = ask(vec![namespaced, shell], None);
    let read = Call { namespace: Some("mcp__files".into()), ..call("a", "read", "{}") };
    let run = r#"{"command":["ls"]}"#;
    let run = Call { kind: CallKind::LocalShell, ..call("b", "local_shell", run) };
    request.turns = vec![turn(Role::Assistant, vec![Part::Call(read), Part::Call(run)])];
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request, &Target::default(), &mut names, &mut losses).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["tools"][0]["function"]["name"], "mcp__files__read");
    assert_eq!(body["tools"][1]["function"]["parameters"]["required"], json!(["command"]));
    let calls = &body["messages"][0]["tool_calls"];
    assert_eq!(calls[0]["function"]["name"], "mcp__files__read");
    assert_eq!(calls[1]["function"]["arguments"], "{\"command\":[\"ls\"]}");
    let namespace = Some("mcp__files".to_owned());
    let wanted = ToolName { namespace, name: "read".into(), kind: CallKind::Function };
    assert_eq!(names.tool_of("mcp__files__read"), Some(&wanted));
    assert_eq!(names.tool_of("local_shell").unwrap().kind, CallKind::LocalShell);
}

#[test]
fn hosted_tools() {
    let raw = r#"{"type":"web_search","search_context_size":"low","user_location":{"type":"approximate","city":"Ulm"}}"#;
    let search = hosted(Family::OpenAi, "web_search", raw);
    let other = hosted(Family::OpenAi, "file_search", "{}");
    let request = ask(vec![search, other, function("f")], None).numbered();
    // Most models refuse the field.
    let (body, losses) = encoded(&request);
    assert!(body.get("web_search_options").is_none());
    assert_eq!(losses.counts(), [(Token::DropHostedTool, 2)]);
    let (body, losses) = encoded(&Request { model: "gpt-4o-search-preview".into(), ..request });
    let options = json!({"search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": {"city": "Ulm"}}});
    assert_eq!(body["web_search_options"], options);
    assert_eq!(body["tools"].as_array().unwrap().len(), 1);
    assert_eq!(losses.counts(), [(Token::DropHostedTool, 1)]);
    let again = decoded(&body).0.tools.pop().unwrap();
    assert_eq!(again, hosted(Family::OpenAi, "web_search", raw));
}

#[test]
fn a_search_whose_bounds_cannot_be_kept_is_left_out() {
    for raw in [
        r#"{"type":"web_search","external_web_access":false}"#,
        r#"{"type":"web_search","filters":{"allowed_domains":["a.org"]}}"#,
        r#"{"type":"web_search_20250305","name":"web_search","blocked_domains":["a.org"]}"#,
    ] {
        let request = ask(vec![hosted(Family::OpenAi, "web_search", raw)], None);
        let (body, losses) = encoded(&Request { model: "gpt-4o-search-preview".into(), ..request });
        assert!(body.get("web_search_options").is_none(), "{raw}");
        assert!(losses.has(Token::DropHostedTool));
    }
    let raw = r#"{"type":"web_search_20250305","name":"web_search","max_uses":2}"#;
    let request = ask(vec![hosted(Family::Anthropic, "web_search_20250305", raw)], None).numbered();
    let (body, losses) = encoded(&Request { model: "gpt-4o-search-preview".into(), ..request });
    assert!(body.get("web_search_options").is_some());
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    assert_eq!(paths, ["/tools/0/max_uses"]);
}

#[test]
fn a_tool_of_another_vendor_of_this_format_stays_as_it_is() {
    let tool = json!({"type": "builtin_function", "x": 1});
    let (request, _) = decoded(&json!({"model": "m", "tools": [tool],
        "messages": [{"role": "user", "content": "x"}]}));
    assert_eq!(encoded(&request).0["tools"], json!([tool]));
}
