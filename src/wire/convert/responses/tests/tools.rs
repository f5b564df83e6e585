//! Tools that are no plain functions: the golden cases 31 to 33, and the choice among them.

use serde_json::{Value, json};

use super::super::super::hub::{
    Choice, CustomFormat, Delta, Family, Finish, PartKind, Place, ServerTool, Tool, ToolKind,
};
use super::super::super::names::{Bounds, ToolName};
use super::*;

fn tools(offered: &Value) -> (Vec<Tool>, Losses) {
    let (request, losses) = decoded(&json!({"model": "m", "input": "Hi", "tools": offered}));
    (request.tools, losses)
}

fn tool(name: &str, kind: ToolKind) -> Tool {
    Tool {
        at: Place::default(),
        name: name.to_owned(),
        description: None,
        kind,
        namespace: None,
        cache: None,
    }
}

fn function(name: &str) -> Tool {
    tool(name, ToolKind::Function { schema: None, strict: None })
}

fn grammar() -> CustomFormat {
    CustomFormat::Grammar { syntax: "lark".into(), definition: "start: patch".into() }
}

#[test]
fn tools_of_all_kinds_are_read() {
    let search = json!({"type": "web_search", "external_web_access": true});
    let (tools, losses) = tools(&json!([
        {"type": "function", "name": "f", "description": "F.", "strict": true,
         "parameters": {"type": "object", "properties": {"n": {"maximum": 1.50}}}},
        {"type": "custom", "name": "apply_patch", "format":
            {"type": "grammar", "syntax": "lark", "definition": "start: patch"}},
        {"type": "custom", "name": "note", "format": {"type": "text"}},
        {"type": "namespace", "name": "mcp__files", "description": "Files.", "tools": [
            {"type": "function", "name": "read", "parameters": {"type": "object"}},
            {"type": "custom", "name": "write"}]},
        {"type": "local_shell"}, {"type": "shell"}, {"type": "apply_patch"},
        search,
        {"type": "tool_search", "execution": "client"},
    ]));
    assert_eq!(tokens(&losses), ["drop.hint", "drop.tool_search"]);
    let ToolKind::Function { schema, strict } = &tools[0].kind else { panic!("no function") };
    assert_eq!(*strict, Some(true));
    assert!(schema.as_ref().unwrap().text().contains("1.5"));
    assert_eq!(tools[1], tool("apply_patch", ToolKind::Custom(grammar())));
    assert_eq!(tools[2], tool("note", ToolKind::Custom(CustomFormat::Text)));
    assert_eq!(tools[3].namespace.as_deref(), Some("mcp__files"));
    assert_eq!(tools[4].name_of().kind, CallKind::Custom);
    assert_eq!(tools[4].namespace.as_deref(), Some("mcp__files"));
    assert_eq!(tools[5], tool("local_shell", ToolKind::LocalShell));
    assert_eq!(tools[6], tool("shell", ToolKind::Shell));
    // The second of a name is not offered twice.
    let (family, kind) = (Family::OpenAi, "web_search".to_owned());
    assert_eq!(tools[7], tool("web_search", ToolKind::Hosted { family, kind, raw: json(&search) }));
    assert_eq!(tools.len(), 8);
}

#[test]
fn numbers_of_a_schema_stay_as_they_were_written() {
    let body = br#"{"input":"a","tools":[{"type":"function","name":"f","parameters":{"z":1.50,"a":1e3}}]}"#;
    let request = decode_request(body, &mut Losses::default()).unwrap();
    let ToolKind::Function { schema: Some(schema), .. } = &request.tools[0].kind else {
        panic!("no schema")
    };
    assert_eq!(schema.text(), r#"{"z":1.50,"a":1e3}"#);
}

#[test]
fn tools_that_were_found_on_the_way_are_offered() {
    let (request, losses) = decoded(&json!({"model": "m", "input": [
        {"type": "additional_tools", "role": "developer", "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "object"}}]},
        {"type": "tool_search_call", "call_id": "s", "execution": "client", "arguments": {}},
        {"type": "tool_search_output", "call_id": "s", "tools": [
            {"type": "namespace", "name": "ns", "description": "", "tools": [
                {"type": "function", "name": "g", "defer_loading": true}]}]},
        {"role": "user", "content": "Hi"},
    ], "tools": [{"type": "function", "name": "f"}]}));
    let names: Vec<_> =
        request.tools.iter().map(|tool| (tool.namespace.as_deref(), tool.name.as_str())).collect();
    assert_eq!(names, [(None, "f"), (Some("ns"), "g")]);
    assert_eq!(tokens(&losses), ["drop.tool_search", "drop.tool_search", "drop.tool_search"]);
}

#[test]
fn choices_of_all_forms_are_read() {
    let of = |choice: &Value| {
        decoded(&json!({"model": "m", "input": "Hi", "tool_choice": choice})).0.choice.unwrap()
    };
    let named = |name: &str| Choice::Named { namespace: None, name: name.to_owned() };
    assert_eq!(of(&json!("auto")), Choice::Auto);
    assert_eq!(of(&json!("none")), Choice::None);
    assert_eq!(of(&json!("required")), Choice::Required);
    assert_eq!(of(&json!({"type": "function", "name": "f"})), named("f"));
    assert_eq!(of(&json!({"type": "custom", "name": "c"})), named("c"));
    assert_eq!(of(&json!({"type": "web_search"})), named("web_search"));
    let allowed = json!({"type": "allowed_tools", "mode": "required", "tools": [
        {"type": "function", "name": "f"}, {"type": "image_generation"}]});
    let wanted = vec!["f".to_owned(), "image_generation".to_owned()];
    assert_eq!(of(&allowed), Choice::Allowed { names: wanted, required: true });
}

#[test]
fn custom_grammar_tool() {
    let (request, _) = decoded(&json!({"model": "m", "input": [
        {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin\n"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"},
    ]}));
    let wanted = Call { kind: CallKind::Custom, ..call("c", "apply_patch", "*** Begin\n") };
    assert_eq!(request.turns[0].parts, [Part::Call(wanted)]);
    let (body, _, _) = encoded(&request, &thinker());
    assert_eq!(
        body["input"],
        json!([
            {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch",
             "input": "*** Begin\n"},
            {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"},
        ])
    );
}

#[test]
fn a_function_that_stands_for_a_tool_of_text_is_unwrapped_as_it_comes() {
    let mut reply = reply();
    let known = tool("apply_patch", ToolKind::Custom(grammar()));
    reply.names.tool(known.name_of(), Bounds::ANTHROPIC_NAME);
    let (id, name) = ("toolu_1".to_owned(), "apply_patch".to_owned());
    let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
    let args = |args: &str| Event::PartDelta { index: 0, delta: Delta::Args(args.to_owned()) };
    let events = [
        Event::PartStart { index: 0, kind },
        args("{\"inp"),
        args("ut\": \"*** Be"),
        args("gin\\"),
        args("n\"}"),
        Event::PartEnd { index: 0 },
        Event::Finish(Finish::ToolCalls),
    ];
    let (bytes, _) = written(&events, reply.clone());
    let told: Vec<String> = frames(&bytes)
        .into_iter()
        .filter(|(event, _)| event == "response.custom_tool_call_input.delta")
        .map(|(_, data)| data["delta"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ["*** Be", "gin", "\n"]);
    let item = json!({"type": "custom_tool_call", "id": "ctc_r1_0", "status": "completed",
        "call_id": "toolu_1", "name": "apply_patch", "input": "*** Begin\n"});
    assert_eq!(kept(&bytes), [item]);
    // What is something else comes whole, as it is.
    let other = [events[0].clone(), args("{\"patch\":"), args("1}"), events[5].clone()];
    let (bytes, _) = written(&other, reply.clone());
    let told = frames(&bytes).into_iter().filter(|(event, _)| event.ends_with("input.delta"));
    let told: Vec<Value> = told.map(|(_, data)| data["delta"].clone()).collect();
    assert_eq!(told, ["{\"patch\":1}"]);
    assert_eq!(kept(&bytes)[0]["input"], "{\"patch\":1}");
    // What was cut is given raw: nobody takes it for a patch.
    let (bytes, _) =
        written(&[events[0].clone(), args("{\"input\":\"*** Be"), events[5].clone()], reply);
    assert_eq!(kept(&bytes)[0]["input"], "{\"input\":\"*** Be");
}

#[test]
fn local_shell_namespace() {
    let (request, _) = decoded(&json!({"model": "m", "input": [
        {"type": "local_shell_call", "call_id": "c1", "status": "completed", "action":
            {"type": "exec", "command": ["ls"], "env": {}, "timeout_ms": 5}},
        {"type": "function_call", "call_id": "c2", "namespace": "mcp__files", "name": "read",
         "arguments": "{\"p\":1}"},
        {"type": "shell_call", "call_id": "c3", "action": {"commands": ["ls"]}},
        {"type": "apply_patch_call", "call_id": "c4", "operation":
            {"type": "delete_file", "path": "a"}},
        {"type": "function_call_output", "call_id": "c1", "output": "a"},
        {"type": "function_call_output", "call_id": "c2", "output": "b"},
        {"type": "shell_call_output", "call_id": "c3", "output":
            [{"stdout": "c", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"type": "apply_patch_call_output", "call_id": "c4", "status": "failed", "output": "d"},
    ]}));
    let calls: Vec<Call> = request.turns[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::Call(call) => call.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let shell = "{\"command\":[\"ls\"],\"timeout_ms\":5}";
    assert_eq!(calls[0], Call { kind: CallKind::LocalShell, ..call("c1", "local_shell", shell) });
    assert_eq!(calls[1].namespace.as_deref(), Some("mcp__files"));
    assert_eq!((calls[2].kind, calls[3].kind), (CallKind::Shell, CallKind::ApplyPatch));
    let (body, names, losses) = encoded(&request, &thinker());
    assert!(losses.is_empty(), "{losses:?}");
    let input = body["input"].as_array().unwrap();
    assert_eq!(
        input[0],
        json!({"type": "local_shell_call", "call_id": "c1", "status": "completed", "action":
            {"type": "exec", "command": ["ls"], "timeout_ms": 5, "env": {}}})
    );
    assert_eq!(input[1]["name"], "mcp__files__read");
    let namespace = Some("mcp__files".to_owned());
    let wanted = ToolName { namespace, name: "read".into(), kind: CallKind::Function };
    assert_eq!(names.tool_of("mcp__files__read"), Some(&wanted));
    assert_eq!(input[4]["type"], "function_call_output");
    assert_eq!(input[6]["output"][0]["stdout"], "c");
    assert_eq!(input[7]["status"], "failed");
}

#[test]
fn calls_of_other_vendors_come_back_as_what_the_client_offered() {
    let mut reply = reply();
    let namespaced = Tool { namespace: Some("mcp__files".into()), ..function("read") };
    for offered in [
        namespaced,
        tool("local_shell", ToolKind::LocalShell),
        tool("shell", ToolKind::Shell),
        tool("apply_patch", ToolKind::ApplyPatch),
    ] {
        reply.names.tool(offered.name_of(), Bounds::ANTHROPIC_NAME);
    }
    let item = |name: &str, args: &str| {
        let (id, name) = ("c".to_owned(), name.to_owned());
        let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
        let delta = Delta::Args(args.to_owned());
        let events = [
            Event::PartStart { index: 0, kind },
            Event::PartDelta { index: 0, delta },
            Event::PartEnd { index: 0 },
        ];
        kept(&written(&events, reply.clone()).0).remove(0)
    };
    let read = item("mcp__files__read", "{}");
    assert_eq!((&read["namespace"], &read["name"]), (&json!("mcp__files"), &json!("read")));
    let shell = item("local_shell", "{\"command\":[\"ls\"]}");
    assert_eq!(shell["type"], "local_shell_call");
    assert_eq!(shell["action"], json!({"type": "exec", "command": ["ls"], "env": {}}));
    assert_eq!(item("shell", "{\"commands\":[\"ls\"]}")["type"], "shell_call");
    let patch = item("apply_patch", "{\"type\":\"delete_file\",\n\"path\":\"a\"}");
    assert_eq!(patch["operation"], json!({"type": "delete_file", "path": "a"}));
    // What has not the form of a shell's call is left to the client to refuse.
    let wrong = item("local_shell", "{\"command\":\"rm\"}");
    assert_eq!((&wrong["type"], &wrong["name"]), (&json!("function_call"), &json!("local_shell")));
    assert_eq!(item("unheard_of", "{}")["name"], "unheard_of");
}

#[test]
fn hosted_tools() {
    let search = json!({"type": "web_search", "search_context_size": "low"});
    let ran = json!({"type": "web_search_call", "id": "ws_1", "status": "completed",
        "action": {"type": "search", "query": "q"}});
    let body = json!({"model": "m", "tools": [search], "tool_choice": {"type": "web_search"},
        "input": [{"role": "user", "content": "Hi"}, ran]});
    let (request, losses) = decoded(&body);
    assert!(losses.is_empty());
    let kind = "web_search_call".to_owned();
    let server = ServerTool { at: Place::default(), family: Family::OpenAi, kind, raw: json(&ran) };
    assert_eq!(request.turns[1].parts, [Part::Server(server)]);
    let (out, _, _) = encoded(&request, &thinker());
    assert_eq!(out["tools"], json!([search]));
    assert_eq!(out["tool_choice"], json!({"type": "web_search"}));
    assert_eq!(out["input"][1], ran);
}

#[test]
fn tools_of_other_vendors_are_searches_of_the_web_or_nothing() {
    let hosted = |family, kind: &str, raw: &Value| {
        tool(kind, ToolKind::Hosted { family, kind: kind.to_owned(), raw: json(raw) })
    };
    let raw = json!({"type": "web_search_20250305", "name": "web_search", "max_uses": 2,
        "allowed_domains": ["example.org"], "user_location": {"type": "approximate"}});
    let request = Request {
        tools: vec![
            hosted(Family::Anthropic, "web_search_20250305", &raw),
            hosted(Family::Google, "codeExecution", &json!({"codeExecution": {}})),
        ],
        turns: vec![user(vec![text("Hi")])],
        ..Request::default()
    }
    .numbered();
    let (body, _, losses) = encoded(&request, &thinker());
    assert_eq!(
        body["tools"],
        json!([{"type": "web_search", "filters": {"allowed_domains": ["example.org"]},
            "user_location": {"type": "approximate"}}])
    );
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    assert_eq!(paths, ["/tools/0/max_uses", "/tools/1"]);
    let mut without = thinker();
    without.options.web_search = false;
    assert_eq!(encoded(&request, &without).0.get("tools"), None);
}

#[test]
fn a_choice_of_what_cannot_be_offered_is_refused() {
    let (family, kind) = (Family::Google, "codeExecution".to_owned());
    let hosted = tool("codeExecution", ToolKind::Hosted { family, kind, raw: json(&json!({})) });
    let refusal = |choice, tools: Vec<Tool>| {
        let request = Request { tools, choice: Some(choice), ..Request::default() };
        let (mut names, mut losses) = (Names::default(), Losses::default());
        encode_request(&request, &thinker(), &mut names, &mut losses).unwrap_err().message
    };
    let named = Choice::Named { namespace: None, name: "codeExecution".into() };
    assert!(refusal(named.clone(), vec![hosted.clone()]).contains("codeExecution"));
    assert!(refusal(named, vec![function("f")]).contains("codeExecution"));
    assert!(refusal(Choice::Required, vec![hosted]).contains("none of them"));
}
