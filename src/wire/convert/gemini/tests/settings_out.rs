//! Tools and settings of the hub for providers.

use super::super::super::hub::{
    Choice, CustomFormat, Effort, Format, Place, Reasoning, Sampling, Show, SystemText,
};
use super::*;

fn reasoning(effort: Option<Effort>, budget: Option<u64>) -> Reasoning {
    Reasoning { effort, budget, show: Show::Unsaid }
}

#[test]
fn choice_matrix() {
    let tools = vec![function("f", "{}"), function("g", "{}")];
    let named = |name: &str| Choice::Named { namespace: None, name: name.to_owned() };
    let allowed = |required| Choice::Allowed { names: vec!["f".to_owned()], required };
    for (choice, wanted) in [
        (Choice::Auto, r#"{"mode":"AUTO"}"#),
        (Choice::None, r#"{"mode":"NONE"}"#),
        (Choice::Required, r#"{"mode":"ANY"}"#),
        (named("g"), r#"{"mode":"ANY","allowedFunctionNames":["g"]}"#),
        (allowed(true), r#"{"mode":"ANY","allowedFunctionNames":["f"]}"#),
        (allowed(false), r#"{"mode":"VALIDATED","allowedFunctionNames":["f"]}"#),
    ] {
        let request = Request {
            tools: tools.clone(),
            choice: Some(choice),
            parallel: Some(false),
            ..asking(vec![user("a")])
        };
        let (body, _, tokens) = encoded(&request, &target(FLASH));
        let wanted = format!(r#""toolConfig":{{"functionCallingConfig":{wanted}}}}}"#);
        assert!(body.ends_with(&wanted), "{body}");
        assert_eq!(tokens, [Token::DropParallelOff]);
    }
    let none = Request { choice: Some(Choice::Required), ..asking(vec![user("a")]) };
    assert!(refused(&none, FLASH).contains("none is left"));
    let gone = Request { tools, choice: Some(named("h")), ..asking(vec![user("a")]) };
    assert!(refused(&gone, FLASH).contains("the tool h must be called"));
}

#[test]
fn long_names() {
    let long = format!("mcp__{}", "server".repeat(12));
    let schema = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#;
    let mut grouped = function("read", schema);
    grouped.namespace = Some("files".to_owned());
    let mut history = call("c", "read", "{}");
    history.namespace = Some("files".to_owned());
    let request = Request {
        tools: vec![function(&long, schema), function("1st", schema), grouped],
        choice: Some(Choice::Named {
            namespace: Some("files".to_owned()),
            name: "read".to_owned(),
        }),
        ..asking(vec![user("go"), turn(Role::Assistant, vec![Part::Call(history)])])
    };
    let (body, names, _) = encoded(&request, &target(FLASH));
    let declared: serde_json::Value = serde_json::from_str(&body).unwrap();
    let declared = &declared["tools"][0]["functionDeclarations"];
    let short = |place: usize| declared[place]["name"].as_str().unwrap().to_owned();
    assert!(short(0).len() == 64 && short(1).starts_with("_st_"), "{body}");
    assert_eq!(names.tool_of(&short(0)).unwrap().name, long);
    assert_eq!(names.tool_of(&short(1)).unwrap().name, "1st");
    assert_eq!(short(2), "files__read");
    assert!(body.contains(r#""functionCall":{"id":"c","name":"files__read""#));
    assert!(body.contains(r#""allowedFunctionNames":["files__read"]"#));
}

#[test]
fn the_smallest_model_has_a_least_budget_of_its_own() {
    let asked = reasoning(None, Some(100));
    let request = Request { reasoning: Some(asked), ..asking(vec![user("a")]) };
    let (body, _, tokens) = encoded(&request, &target("gemini-2.5-flash-lite"));
    assert!(body.contains(r#""thinkingBudget":512"#), "{body}");
    assert_eq!(tokens, [Token::ApproxEffort]);
}

#[test]
fn thinking_budget_and_effort() {
    use Token::{
        ApproxBudgetFromEffort as Made, ApproxEffort as Near, ApproxEffortFromBudget as Of,
    };
    let shown = |config: &str| format!(r#"{{"includeThoughts":true,{config}}}"#);
    for (model, reasoning, wanted, lost) in [
        (FLASH, reasoning(None, Some(2000)), shown(r#""thinkingBudget":2000"#), vec![]),
        (FLASH, reasoning(None, Some(99_999)), shown(r#""thinkingBudget":24576"#), vec![Near]),
        (
            FLASH,
            reasoning(Some(Effort::Medium), None),
            shown(r#""thinkingBudget":8192"#),
            vec![Made],
        ),
        (FLASH, reasoning(Some(Effort::Max), None), shown(r#""thinkingBudget":24576"#), vec![Made]),
        (FLASH, reasoning(Some(Effort::Auto), None), shown(r#""thinkingBudget":-1"#), vec![]),
        (FLASH, reasoning(Some(Effort::None), None), r#"{"thinkingBudget":0}"#.to_owned(), vec![]),
        (
            "gemini-2.5-pro",
            reasoning(None, Some(0)),
            r#"{"thinkingBudget":128}"#.to_owned(),
            vec![Near],
        ),
        (THREE, reasoning(None, Some(2000)), shown(r#""thinkingLevel":"low""#), vec![Of]),
        (THREE, reasoning(Some(Effort::Max), None), shown(r#""thinkingLevel":"high""#), vec![Near]),
        (
            THREE,
            reasoning(Some(Effort::None), None),
            r#"{"thinkingLevel":"minimal"}"#.to_owned(),
            vec![Near],
        ),
        (
            "gemini-3-pro",
            reasoning(Some(Effort::Medium), None),
            shown(r#""thinkingLevel":"low""#),
            vec![Near],
        ),
        (
            "gemini-3.1-pro",
            reasoning(Some(Effort::Medium), None),
            shown(r#""thinkingLevel":"medium""#),
            vec![],
        ),
        (
            THREE,
            reasoning(Some(Effort::Auto), None),
            r#"{"includeThoughts":true}"#.to_owned(),
            vec![],
        ),
    ] {
        let request = Request { reasoning: Some(reasoning), ..asking(vec![user("a")]) };
        let (body, _, tokens) = encoded(&request, &target(model));
        let wanted = format!(r#""generationConfig":{{"thinkingConfig":{wanted}}}}}"#);
        assert!(body.ends_with(&wanted), "{model} {reasoning:?}: {body}");
        assert_eq!(tokens, lost, "{model} {reasoning:?}");
    }
    let request =
        Request { reasoning: Some(reasoning(Some(Effort::High), None)), ..asking(vec![user("a")]) };
    let (body, _, tokens) = encoded(&request, &target("gemini-2.0-flash"));
    assert!(!body.contains("generationConfig"));
    assert_eq!(tokens, [Token::DropReasoning]);
}

#[test]
fn json_schema_output() {
    let schema = json(
        r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
    );
    let schema = Format::Schema { name: Some("n".to_owned()), schema, strict: Some(true) };
    let request = |format| Request { format, ..asking(vec![user("a")]) };
    let (body, _, tokens) = encoded(&request(schema.clone()), &target(FLASH));
    assert!(body.ends_with(
        r#""generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"object","properties":{"a":{"type":"string"}}}}}"#
    ), "{body}");
    assert_eq!(tokens, [Token::ApproxSchema]);
    let mut other = target(FLASH);
    other.options.json_schema = true;
    let (body, _, tokens) = encoded(&request(schema), &other);
    assert!(body.ends_with(
        r#""responseJsonSchema":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}}}"#
    ), "{body}");
    assert_eq!(tokens, []);
    let (body, ..) = encoded(&request(Format::Json), &target(FLASH));
    assert!(body.ends_with(r#""generationConfig":{"responseMimeType":"application/json"}}"#));
}

#[test]
fn stop_sequences_and_sampling_limits() {
    let request = Request {
        stop: ["a", "", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec(),
        sampling: Sampling {
            temperature: Some(1.5),
            top_p: Some(0.5),
            top_k: Some(3),
            seed: Some(5_000_000_000),
            presence: Some(0.5),
            frequency: Some(-0.5),
        },
        max_output: Some(1_000_000),
        ..asking(vec![user("a")])
    };
    let (body, _, tokens) = encoded(&request, &target(FLASH));
    assert!(body.ends_with(
        r#""generationConfig":{"temperature":1.5,"topP":0.5,"topK":3,"maxOutputTokens":65536,"stopSequences":["a","b","c","d","e"],"presencePenalty":0.5,"frequencyPenalty":-0.5}}"#
    ), "{body}");
    let lost = [Token::DropSeed, Token::DropStopExcess, Token::ApproxMaxTokensDefault];
    assert_eq!(tokens, lost);
}

#[test]
fn custom_grammar_tool_and_shell() {
    let format =
        CustomFormat::Grammar { syntax: "lark".to_owned(), definition: "start: x".to_owned() };
    let tool = |name: &str, kind| Tool { kind, ..function(name, "{}") };
    let mut patch = call("c", "apply_patch", "*** Begin");
    patch.kind = CallKind::Custom;
    let request = Request {
        tools: vec![
            tool("apply_patch", ToolKind::Custom(format)),
            tool("local_shell", ToolKind::LocalShell),
        ],
        ..asking(vec![user("go"), turn(Role::Assistant, vec![Part::Call(patch)])])
    };
    let (body, names, tokens) = encoded(&request, &target(FLASH));
    assert!(body.contains(
        r#""functionCall":{"id":"c","name":"apply_patch","args":{"input":"*** Begin"}}"#
    ));
    assert!(body.contains(
        r#"{"name":"apply_patch","description":"The input must be text of this lark grammar:\nstart: x","parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}"#
    ), "{body}");
    assert_eq!(names.tool_of("apply_patch").unwrap().kind, CallKind::Custom);
    assert_eq!(names.tool_of("local_shell").unwrap().kind, CallKind::LocalShell);
    assert!(
        tokens.contains(&Token::ApproxCustomAsFunction)
            && tokens.contains(&Token::ApproxGrammarAsPrompt)
    );
}

#[test]
fn a_form_beside_functions_is_told_to_older_models_in_words() {
    let format = Format::Schema { name: None, schema: json("{\"type\":\"object\"}"), strict: None };
    let request = Request {
        tools: vec![function("f", "{}")],
        format,
        system: vec![SystemText { at: Place::default(), text: "s".to_owned(), cache: None }],
        ..asking(vec![user("a")])
    };
    let (body, _, tokens) = encoded(&request, &target(FLASH));
    assert!(body.starts_with(
        r#"{"systemInstruction":{"parts":[{"text":"s"},{"text":"Answer with one JSON document of this JSON Schema and nothing else:\n{\"type\":\"object\"}"}]}"#
    ), "{body}");
    assert!(!body.contains("generationConfig"));
    assert_eq!(tokens, [Token::ApproxFormatAsPrompt]);
    let (body, _, tokens) = encoded(&request, &target(THREE));
    assert!(body.contains(r#""responseSchema":{"type":"object"}"#));
    assert_eq!(tokens, []);
}

#[test]
fn googles_own_tools_beside_functions_are_said_to_be_wanted() {
    let raw = json(r#"{"googleSearch":{}}"#);
    let kind = ToolKind::Hosted { family: Family::Google, kind: "googleSearch".to_owned(), raw };
    let tools = vec![function("f", "{}"), Tool { kind, ..function("googleSearch", "{}") }];
    let request = Request { tools, ..asking(vec![user("a")]) };
    let (body, ..) = encoded(&request, &target(THREE));
    assert!(body.ends_with(
        r#""tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}],"toolConfig":{"includeServerSideToolInvocations":true}}"#
    ), "{body}");
    let mut vertex = target(THREE);
    vertex.options.call_ids = false;
    for target in [vertex, target(FLASH)] {
        assert!(!encoded(&request, &target).0.contains("toolConfig"));
    }
}

#[test]
fn one_function_is_declared_once_and_names_that_meet_are_told_apart() {
    let grouped = |namespace: &str, name: &str| Tool {
        namespace: Some(namespace.to_owned()),
        ..function(name, "{}")
    };
    let tools =
        vec![grouped("a", "b__c"), grouped("a__b", "c"), function("f", "{}"), function("f", "{}")];
    let (body, ..) = encoded(&Request { tools, ..asking(vec![user("a")]) }, &target(FLASH));
    let wanted = r#""tools":[{"functionDeclarations":[{"name":"a__b__c"},{"name":"a__b__c_a92700ce"},{"name":"f"}]}]}"#;
    assert!(body.ends_with(wanted), "two groups' tools stay two: {body}");
}

#[test]
fn hosted_tools() {
    let hosted = |family, kind: &str, raw: &str| Tool {
        kind: ToolKind::Hosted { family, kind: kind.to_owned(), raw: json(raw) },
        ..function(kind, "{}")
    };
    let search = hosted(Family::OpenAi, "web_search", r#"{"type":"web_search"}"#);
    let cached = hosted(
        Family::OpenAi,
        "web_search",
        r#"{"type":"web_search","external_web_access":false}"#,
    );
    let own = hosted(Family::Google, "urlContext", r#"{"urlContext":{}}"#);
    let with = |tools| Request { tools, ..asking(vec![user("a")]) };
    let (body, _, tokens) = encoded(&with(vec![search.clone(), own]), &target(FLASH));
    assert!(body.ends_with(r#""tools":[{"googleSearch":{}},{"urlContext":{}}]}"#), "{body}");
    assert_eq!(tokens, []);
    let bounded = hosted(
        Family::Anthropic,
        "web_search_20250305",
        r#"{"type":"web_search_20250305","name":"web_search","blocked_domains":["a.org"]}"#,
    );
    for tools in [vec![cached], vec![bounded], vec![search, function("f", "{}")]] {
        let (body, _, tokens) = encoded(&with(tools), &target(FLASH));
        assert!(!body.contains("googleSearch"));
        assert_eq!(tokens, [Token::DropHostedTool]);
    }
    let mut forced = with(vec![hosted(Family::OpenAi, "file_search", "{}")]);
    forced.choice = Some(Choice::Required);
    assert!(refused(&forced, FLASH).contains("none is left"));
}
