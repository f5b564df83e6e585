//! Bodies of clients into the hub.

use super::super::super::hub::{
    Choice, Document, Effort, Format, Image, Opaque, Place, Reasoning, Sampling, ServerTool, Show,
    Source, SystemText, Thinking,
};
use super::*;

fn why(body: &str) -> String {
    decode_request(body.as_bytes(), "m", false, &mut Losses::default()).unwrap_err().message
}

#[test]
fn basic_text() {
    let body = r#"{
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}, {"text": "Or not."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"text": "Hello"}]},
            {"role": "user", "parts": [{"text": "Bye"}, {"text": "now"}]}
        ],
        "generationConfig": {"temperature": 0.5, "topP": 0.9, "topK": 40.0, "seed": 7,
            "maxOutputTokens": 100, "stopSequences": ["END"], "presencePenalty": 0.1,
            "frequencyPenalty": 0.2, "candidateCount": 1}
    }"#;
    let mut losses = Losses::default();
    let request = decode_request(body.as_bytes(), "gemini-2.5-pro", true, &mut losses).unwrap();
    let at = |place: usize, role, parts| Turn { role, parts, at: format!("/contents/{place}") };
    let system =
        |text: &str| SystemText { at: Place::default(), text: text.to_owned(), cache: None };
    let wanted = Request {
        model: "gemini-2.5-pro".to_owned(),
        system: vec![system("Be brief."), system("Or not.")],
        turns: vec![
            at(0, Role::User, vec![text("Hi")]),
            at(1, Role::Assistant, vec![text("Hello")]),
            at(2, Role::User, vec![text("Bye"), text("now")]),
        ],
        max_output: Some(100),
        stop: vec!["END".to_owned()],
        sampling: Sampling {
            temperature: Some(0.5),
            top_p: Some(0.9),
            top_k: Some(40),
            seed: Some(7),
            presence: Some(0.1),
            frequency: Some(0.2),
        },
        stream: true,
        ..Request::default()
    };
    assert_eq!(request, wanted);
    assert!(losses.is_empty());
}

#[test]
fn both_spellings_and_single_values_are_read() {
    let camel = decoded(
        r#"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aQ=="}}]}],
        "systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f"}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
        "generationConfig":{"maxOutputTokens":5}}"#,
    );
    let snake = decoded(
        r#"{"contents":{"role":"user","parts":{"inline_data":{"mime_type":"image/png","data":"aQ=="}}},
        "system_instruction":{"parts":{"text":"s"}},"tools":{"function_declarations":{"name":"f"}},
        "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f"]}},
        "generation_config":{"max_output_tokens":"5"}}"#,
    );
    assert_eq!(camel, snake);
    assert_eq!(camel.choice, Some(Choice::Named { namespace: None, name: "f".to_owned() }));
}

#[test]
fn neighbours_of_one_role_are_one_turn() {
    let request = decoded(
        r#"{"contents":[{"parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"b"}]},
        {"role":"model","parts":[{"text":""}]},{"role":"function","parts":[{"text":"c"}]}]}"#,
    );
    let [turn] = request.turns.as_slice() else { panic!("{:?}", request.turns) };
    assert_eq!(turn.parts, [text("a"), text("b"), text("c")]);
}

#[test]
fn ids_are_made_of_places_and_results_are_matched_by_name_and_order() {
    let body = r#"{"contents":[
        {"role":"user","parts":[{"text":"go"}]},
        {"role":"model","parts":[
            {"text":"so"},
            {"functionCall":{"name":"read","args":{"n":1.50}},"thoughtSignature":"c2ln"},
            {"functionCall":{"name":"list"}},
            {"functionCall":{"name":"read","args":{"n":2}}},
            {"functionCall":{"id":"x","name":"read","args":{"n":3}}}]},
        {"role":"user","parts":[
            {"functionResponse":{"id":"x","name":"read","response":{"output":"three"}}},
            {"functionResponse":{"name":"read","response":{"output":"one"}}},
            {"functionResponse":{"name":"read","response":{"result":"two"}}},
            {"functionResponse":{"name":"list","response":{"error":"no"}}}]}]}"#;
    let request = decoded(body);
    assert_eq!(request, decoded(body), "a resend has the same ids");
    let mut signed = call("call_t1_1", "read", "{\"n\":1.50}");
    signed.seal = Some(google("c2ln"));
    assert_eq!(
        request.turns[1].parts,
        [
            text("so"),
            Part::Call(signed),
            Part::Call(call("call_t1_2", "list", "{}")),
            Part::Call(call("call_t1_3", "read", "{\"n\":2}")),
            Part::Call(call("x", "read", "{\"n\":3}")),
        ]
    );
    let mut failed = result("call_t1_2", vec![text("no")]);
    failed.error = true;
    assert_eq!(
        request.turns[2].parts,
        [
            Part::Result(result("x", vec![text("three")])),
            Part::Result(result("call_t1_1", vec![text("one")])),
            Part::Result(result("call_t1_3", vec![text("two")])),
            Part::Result(failed),
        ]
    );
}

#[test]
fn a_response_of_an_earlier_turn_is_an_orphan() {
    let request = decoded(
        r#"{"contents":[
        {"role":"model","parts":[{"functionCall":{"name":"f"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]},
        {"role":"model","parts":[{"text":"hm"}]},
        {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"2"}}}]}]}"#,
    );
    let of_turn = |turn: usize| match &request.turns[turn].parts[0] {
        Part::Result(result) => result.call.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((of_turn(1).as_str(), of_turn(3).as_str()), ("call_t0_0", "orphan_t3_0"));
}

#[test]
fn two_calls_of_one_id_are_told_apart() {
    let request = decoded(
        r#"{"contents":[{"role":"model","parts":[
        {"functionCall":{"id":"a","name":"f"}},{"functionCall":{"id":"a","name":"f"}}]}]}"#,
    );
    let wanted = [Part::Call(call("a", "f", "{}")), Part::Call(call("call_t0_1", "f", "{}"))];
    assert_eq!(request.turns[0].parts, wanted);
}

#[test]
fn a_response_is_unwrapped_only_when_it_is_one_text() {
    for (response, wanted, error) in [
        (r#"{"output":"a"}"#, "a", false),
        (r#"{"content":"a"}"#, "a", false),
        (r#"{"error":{"code":1}}"#, r#"{"code":1}"#, true),
        (r#"{"output":[1,2]}"#, r#"{"output":[1,2]}"#, false),
        (r#"{"output":"a","more":1.0}"#, r#"{"output":"a","more":1.0}"#, false),
        (r#"{"temperature":20}"#, r#"{"temperature":20}"#, false),
    ] {
        let body = format!(
            r#"{{"contents":[{{"role":"model","parts":[{{"functionCall":{{"name":"f"}}}}]}},
            {{"parts":[{{"functionResponse":{{"name":"f","response":{response}}}}}]}}]}}"#
        );
        let mut expected = result("call_t0_0", vec![text(wanted)]);
        expected.error = error;
        assert_eq!(decoded(&body).turns[1].parts, [Part::Result(expected)], "{response}");
    }
}

#[test]
fn media_in_turns_and_results() {
    let image =
        |source| Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let file = |source| {
        Part::Document(Document {
            at: Place::default(),
            source,
            title: None,
            filename: None,
            cache: None,
        })
    };
    let base64 = |mime: &str| Source::Base64 { mime: mime.to_owned(), data: "aQ==".to_owned() };
    let request = decoded(
        r#"{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[
        {"functionResponse":{"name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":"aQ=="}}]}},
        {"inlineData":{"mimeType":"application/pdf","data":"aQ=="}},
        {"fileData":{"mimeType":"image/webp","fileUri":"gs://b/o"}},
        {"fileData":{"fileUri":"https://youtu.be/x"}}]}]}"#,
    );
    let url = |url: &str, mime: Option<&str>| Source::Url {
        url: url.to_owned(),
        mime: mime.map(str::to_owned),
    };
    assert_eq!(
        request.turns[1].parts,
        [
            Part::Result(result("call_t0_0", vec![text("{}"), image(base64("image/png"))])),
            file(base64("application/pdf")),
            image(url("gs://b/o", Some("image/webp"))),
            file(url("https://youtu.be/x", None)),
        ]
    );
}

#[test]
fn thoughts_seals_and_googles_own_pieces() {
    let request = decoded(
        r#"{"contents":[{"role":"model","parts":[
        {"text":"hm","thought":true,"thoughtSignature":"c2ln"},
        {"text":"","thoughtSignature":"c2ln"},
        {"text":"a","thoughtSignature":"gAAAAABo"},
        {"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},
        {"executableCode":{"language":"PYTHON","code":"1"}},
        {"somethingNew":{"a":1}}]}]}"#,
    );
    let openai = Some(Seal { family: Family::OpenAi, blob: "gAAAAABo".to_owned() });
    let thinking = Thinking {
        at: Place::default(),
        text: "hm".to_owned(),
        redacted: false,
        seal: Some(google("c2ln")),
    };
    let family = Family::Google;
    assert_eq!(
        request.turns[0].parts,
        [
            Part::Thinking(thinking),
            Part::Text(Text { seal: Some(google("c2ln")), ..Text::default() }),
            Part::Text(Text { seal: openai, ..Text::plain("a") }),
            Part::Call(call("call_t0_3", "f", "{}")),
            Part::Server(ServerTool {
                at: Place::default(),
                family,
                kind: "executableCode".to_owned(),
                raw: json(r#"{"executableCode":{"language":"PYTHON","code":"1"}}"#),
            }),
            Part::Server(ServerTool {
                at: Place::default(),
                family,
                kind: "somethingNew".to_owned(),
                raw: json(r#"{"somethingNew":{"a":1}}"#),
            }),
        ]
    );
}

#[test]
fn tools_of_both_schemas_and_googles_own() {
    let request = decoded(
        r#"{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[
        {"name":"a","description":"d","parameters":{"type":"OBJECT","properties":{"type":{"type":"STRING","nullable":true,"maxLength":"9"}}}},
        {"name":"b","parametersJsonSchema":{"type":"object","$defs":{}}},
        {"name":"c"}],"googleSearch":{}},{"urlContext":{}}]}"#,
    );
    let mut first = function(
        "a",
        r#"{"type":"object","properties":{"type":{"type":["string","null"],"maxLength":9}}}"#,
    );
    first.description = Some("d".to_owned());
    let mut last = function("c", "{}");
    last.kind = ToolKind::Function { schema: None, strict: None };
    let hosted = |kind: &str| Tool {
        kind: ToolKind::Hosted {
            family: Family::Google,
            kind: kind.to_owned(),
            raw: json(&format!("{{\"{kind}\":{{}}}}")),
        },
        ..function(kind, "{}")
    };
    let second = function("b", r#"{"type":"object","$defs":{}}"#);
    let wanted = [first, second, last, hosted("googleSearch"), hosted("urlContext")];
    assert_eq!(request.tools, wanted);
}

#[test]
fn choice_matrix() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for (config, wanted) in [
        (r#"{"mode":"AUTO"}"#, Some(Choice::Auto)),
        (r#"{"mode":"NONE"}"#, Some(Choice::None)),
        (r#"{"mode":"ANY"}"#, Some(Choice::Required)),
        (
            r#"{"mode":"ANY","allowedFunctionNames":["a","b"]}"#,
            Some(Choice::Allowed { names: names(&["a", "b"]), required: true }),
        ),
        (
            r#"{"mode":"VALIDATED","allowedFunctionNames":["a"]}"#,
            Some(Choice::Allowed { names: names(&["a"]), required: false }),
        ),
        (r#"{"mode":"VALIDATED"}"#, Some(Choice::Auto)),
        (r#"{"mode":"MODE_UNSPECIFIED"}"#, None),
    ] {
        let body = format!(
            r#"{{"contents":[{{"parts":[{{"text":"a"}}]}}],"toolConfig":{{"functionCallingConfig":{config}}}}}"#
        );
        assert_eq!(decoded(&body).choice, wanted, "{config}");
    }
}

#[test]
fn thinking_by_budget_and_level() {
    let show = Show::Nothing;
    for (config, wanted) in [
        (r#"{"thinkingBudget":0}"#, Reasoning { effort: None, budget: Some(0), show }),
        (r#"{"thinkingBudget":-1}"#, Reasoning { effort: Some(Effort::Auto), budget: None, show }),
        (
            r#"{"thinkingBudget":512,"includeThoughts":true}"#,
            Reasoning { effort: None, budget: Some(512), show: Show::Summary },
        ),
        (
            r#"{"thinkingLevel":"HIGH"}"#,
            Reasoning { effort: Some(Effort::High), budget: None, show },
        ),
        (
            r#"{"thinkingLevel":"minimal"}"#,
            Reasoning { effort: Some(Effort::Minimal), budget: None, show },
        ),
    ] {
        let body = format!(
            r#"{{"contents":[{{"parts":[{{"text":"a"}}]}}],"generationConfig":{{"thinkingConfig":{config}}}}}"#
        );
        assert_eq!(decoded(&body).reasoning, Some(wanted), "{config}");
    }
}

#[test]
fn json_schema_output() {
    let of = |config: &str| {
        decoded(&format!(
            r#"{{"contents":[{{"parts":[{{"text":"a"}}]}}],"generationConfig":{{{config}}}}}"#
        ))
        .format
    };
    let schema = |text| Format::Schema { name: None, schema: json(text), strict: None };
    assert_eq!(of(r#""responseMimeType":"application/json""#), Format::Json);
    assert_eq!(of(r#""responseMimeType":"text/plain""#), Format::Text);
    assert_eq!(
        of(r#""responseMimeType":"application/json","responseSchema":{"type":"STRING"}"#),
        schema(r#"{"type":"string"}"#)
    );
    assert_eq!(
        of(r#""responseMimeType":"application/json","responseJsonSchema":{"type": "string"}"#),
        schema(r#"{"type": "string"}"#)
    );
}

#[test]
fn a_cached_prompt_stands_before_everything() {
    let request =
        decoded(r#"{"contents":[{"parts":[{"text":"a"}]}],"cachedContent":"cachedContents/1"}"#);
    let opaque = Opaque {
        at: Place::default(),
        family: Family::Google,
        kind: "cachedContent".to_owned(),
        raw: json("\"cachedContents/1\""),
    };
    assert_eq!(request.turns[0].parts, [Part::Opaque(opaque), text("a")]);
    let (body, ..) = encoded(&request, &target("gemini-2.5-pro"));
    let wanted = r#"{"cachedContent":"cachedContents/1","contents":[{"role":"user","parts":[{"text":"a"}]}]}"#;
    assert_eq!(body, wanted);
}

#[test]
fn what_is_no_request_is_refused_with_its_place() {
    for (body, words) in [
        ("[]", "the body is no object"),
        ("{}", "contents has nothing"),
        (r#"{"contents":[]}"#, "contents has nothing"),
        (r#"{"contents":[{"parts":[]}]}"#, "no parts"),
        (r#"{"contents":[{"role":"bot","parts":[]}]}"#, "contents[0] has the role \"bot\""),
        (r#"{"contents":[{"parts":[{"text":"a"},{"text":5}]}]}"#, "contents[0].parts[1]"),
        (r#"{"contents":[{"parts":[{"functionCall":{}}]}]}"#, "contents[0].parts[0]"),
        (r#"{"contents":[{"parts":[{"text":"a"}]}],"tools":[3]}"#, "tools[0]"),
        (
            r#"{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{}]}]}"#,
            "tools[0].functionDeclarations[0] has no name",
        ),
        (
            r#"{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"topK":1.5}}"#,
            "generationConfig",
        ),
    ] {
        assert!(why(body).contains(words), "{body}: {}", why(body));
    }
}
