//! `chat_vendor_quirks`, `tool_bad_args`, `tool_no_args`: what vendors of this format do otherwise.

use super::*;

fn answer(frames: &[String]) -> Answer {
    folded(&events_of(StreamIn::new(), frames)).unwrap().unwrap()
}

fn fails(frames: &[String]) -> StreamError {
    folded(&events_of(StreamIn::new(), frames)).unwrap().unwrap_err()
}

fn calls_of(frames: &[String]) -> Vec<(String, String, String)> {
    let parts = answer(frames).parts.into_iter();
    let calls = parts.filter_map(|part| match part {
        Part::Call(call) => Some((call.id, call.name, call.args)),
        _ => None,
    });
    calls.collect()
}

fn triple(id: &str, name: &str, args: &str) -> (String, String, String) {
    (id.into(), name.into(), args.into())
}

#[test]
fn usage_stands_anywhere_and_the_last_counts() {
    let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#;
    let wanted = Some(HubUsage { fresh: 3, output: 2, ..HubUsage::default() });
    let text = chunk(r#"{"content":"x"}"#, "null");
    let stop = chunk("{}", r#""stop""#);
    let early = text.replacen('{', r#"{"usage":{"prompt_tokens":3,"completion_tokens":1},"#, 1);
    for frames in [
        vec![text.clone(), stop.replacen('{', &format!("{{{usage},"), 1)],
        vec![text.clone(), stop.clone(), format!("{{{usage}}}")],
        vec![text.clone(), stop.clone(), format!("{{\"choices\":null,{usage}}}")],
        vec![early, stop.clone(), format!("{{\"choices\":[],{usage}}}"), "[DONE]".into()],
        vec![text.clone(), stop.replace("\"index\":0", &format!("\"index\":0,{usage}"))],
    ] {
        assert_eq!(answer(&frames).usage, wanted, "{frames:?}");
    }
    let null = text.replacen('{', r#"{"usage":null,"#, 1);
    assert_eq!(answer(&[null, stop]).usage, None);
}

#[test]
fn calls_are_told_apart_without_numbers() {
    let one = r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#;
    let two = r#"{"tool_calls":[{"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}]}"#;
    let wanted = [triple("a", "f", "{\"x\":1}"), triple("b", "f", "{\"x\":2}")];
    let stop = chunk("{}", r#""stop""#);
    assert_eq!(calls_of(&[chunk(one, "null"), chunk(two, "null"), stop.clone()]), wanted);
    let zero = |delta: &str| chunk(&delta.replace(r#"{"id""#, r#"{"index":0,"id""#), "null");
    assert_eq!(calls_of(&[zero(one), zero(two), stop.clone()]), wanted);
    let both = r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","function":{"name":"f","arguments":"{\"x\":2}"}}]}"#;
    assert_eq!(calls_of(&[chunk(both, "null"), stop.clone()]), wanted);
    // Neither numbers nor ids: a name behind what is whole begins the next.
    let no_id =
        |delta: &str| chunk(&delta.replace(r#""id":"a","#, "").replace(r#""id":"b","#, ""), "null");
    let minted = [triple("call_c1_0", "f", "{\"x\":1}"), triple("call_c1_1", "f", "{\"x\":2}")];
    assert_eq!(calls_of(&[no_id(one), no_id(two), stop]), minted);
}

#[test]
fn ids_and_names_may_be_said_again_or_empty() {
    let frames = [
        chunk(
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#,
            "null",
        ),
        chunk(
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]}"#,
            "null",
        ),
        chunk(
            r#"{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":":1}"}}]}"#,
            "null",
        ),
        chunk(
            r#"{"tool_calls":[{"index":0,"id":null,"function":{"name":null,"arguments":null}}]}"#,
            r#""stop""#,
        ),
    ];
    assert_eq!(calls_of(&frames), [triple("a", "f", "{\"x\":1}")]);
    assert_eq!(answer(&frames).finish, Finish::ToolCalls);
}

#[test]
fn arguments_may_be_the_object_itself_or_come_before_the_name() {
    let object =
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x": 1}}}]}"#;
    assert_eq!(calls_of(&[chunk(object, r#""tool_calls""#)]), [triple("a", "f", "{\"x\": 1}")]);
    let frames = [
        chunk(r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{\"x\""}}]}"#, "null"),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":":1}"}}]}"#, "null"),
        chunk("{}", r#""tool_calls""#),
    ];
    assert_eq!(calls_of(&frames), [triple("a", "f", "{\"x\":1}")]);
}

#[test]
fn tool_bad_args_pass_as_the_model_wrote_them() {
    let frames = [
        chunk(
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{oops"}}]}"#,
            "null",
        ),
        chunk("{}", r#""tool_calls""#),
    ];
    assert_eq!(calls_of(&frames), [triple("a", "f", "{oops")]);
}

#[test]
fn a_call_without_a_name_is_an_error() {
    let frames = [
        chunk(r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]}"#, "null"),
        chunk("{}", r#""tool_calls""#),
    ];
    assert_eq!(fails(&frames).message, "the call \"a\" has no name");
}

#[test]
fn a_piece_that_says_nothing_begins_no_call() {
    let delta = r#"{"content":"x","tool_calls":[{"index":0}]}"#;
    let wanted =
        Answer { finish: Finish::End, ..answer(&[chunk(r#"{"content":"x"}"#, r#""stop""#)]) };
    assert_eq!(answer(&[chunk(delta, r#""stop""#)]), wanted);
}

#[test]
fn what_is_no_object_is_not_taken_for_whole() {
    let frames = [
        chunk(
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"[{}"}}]}"#,
            "null",
        ),
        chunk(
            r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
            "null",
        ),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":",{}]"}}]}"#, "null"),
        chunk("{}", r#""tool_calls""#),
    ];
    assert_eq!(calls_of(&frames), [triple("a", "f", "[{},{}]"), triple("b", "g", "{}")]);
}

#[test]
fn content_may_be_a_list_of_parts() {
    let delta = r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"}]}"#;
    let thinking = Thinking { text: "hm".into(), ..Thinking::default() };
    let wanted = [Part::Thinking(thinking), text("Hi")];
    assert_eq!(answer(&[chunk(delta, r#""stop""#)]).parts, wanted);
}

#[test]
fn an_empty_finish_reason_is_none() {
    let frames = [chunk(r#"{"content":"x"}"#, r#""""#), chunk("{}", r#""""#)];
    assert!(fails(&frames).message.contains("finish_reason"));
    let frames = [chunk(r#"{"content":"x"}"#, r#""""#), chunk("{}", r#""stop""#)];
    assert_eq!(answer(&frames).finish, Finish::End);
}

#[test]
fn done_alone_ends_the_answer_of_lenient_vendors_only() {
    let frames = [chunk(r#"{"content":"x"}"#, "null"), "[DONE]".to_owned()];
    assert_eq!(fails(&frames).message, "[DONE] came before a finish_reason");
    let events = events_of(StreamIn::lenient(), &frames);
    assert_eq!(folded(&events).unwrap().unwrap().finish, Finish::End);
    let mut stream = StreamIn::lenient();
    for frame in &frames {
        stream.frame("", frame, &mut Vec::new()).unwrap();
    }
    assert!(stream.inferred());
    let cut = events_of(StreamIn::lenient(), &frames[..1]);
    assert!(folded(&cut).unwrap().is_err(), "an end without [DONE] is a cut for all");
}

#[test]
fn done_alone_ends_no_answer_whose_call_may_be_cut() {
    let piece = |name: &str, args: &str| {
        let args = Value::from(args);
        let call = format!(
            r#"{{"tool_calls":[{{"index":0,"id":"a","function":{{"name":"{name}","arguments":{args}}}}}]}}"#
        );
        [chunk(&call, "null"), "[DONE]".to_owned()]
    };
    for cut in ["", "{\"a\":", "{\"a\":1}{", "[1]"] {
        let events = events_of(StreamIn::lenient(), &piece("f", cut));
        assert!(folded(&events).unwrap().is_err(), "{cut}");
        assert!(!events.iter().any(|event| matches!(event, Event::PartEnd { .. })), "{cut}");
    }
    let events = events_of(StreamIn::lenient(), &piece("f", "{\"a\":\"}\"}"));
    assert_eq!(folded(&events).unwrap().unwrap().finish, Finish::ToolCalls);
}

#[test]
fn a_call_that_was_cut_before_its_arguments_is_none() {
    let call = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#;
    let of = |reason: &str| answer(&[chunk(call, "null"), chunk("{}", reason)]);
    let cut = of(r#""length""#);
    assert!(cut.parts.is_empty() && cut.lacks_call, "{cut:?}");
    let whole = of(r#""tool_calls""#);
    let [Part::Call(call)] = whole.parts.as_slice() else { panic!("{whole:?}") };
    assert_eq!((call.args.as_str(), whole.lacks_call), ("{}", false));
}

#[test]
fn other_answers_and_frames_without_choices_are_passed_over() {
    let second = chunk(r#"{"content":"no"}"#, "null").replace("\"index\":0", "\"index\":1");
    let frames = [
        r#"{"id":"","model":"","choices":[],"prompt_filter_results":[]}"#.to_owned(),
        chunk(r#"{"content":"yes"}"#, "null"),
        second,
        chunk("{}", r#""stop""#),
        "{\"of\": \"tomorrow\"}".to_owned(),
        "not even JSON".to_owned(),
        "[DONE]".to_owned(),
        "behind the end".to_owned(),
    ];
    let answer = answer(&frames);
    assert_eq!((answer.id.as_deref(), answer.parts), (Some("c1"), vec![text("yes")]));
}

#[test]
fn hidden_thinking_comes_whole_and_goes_back() {
    let frames = [
        chunk(
            r#"{"reasoning":"so","reasoning_details":[{"type":"reasoning.text","text":"so"}]}"#,
            "null",
        ),
        chunk(r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"zz"}]}"#, "null"),
        chunk(r#"{"content":"x"}"#, r#""stop""#),
    ];
    let blob =
        r#"[{"type":"reasoning.text","text":"so"},{"type":"reasoning.encrypted","data":"zz"}]"#;
    let seal = Some(Seal { family: Family::Other, blob: blob.into() });
    let thinking = Thinking { at: Place::default(), text: "so".into(), redacted: false, seal };
    assert_eq!(answer(&frames).parts, [Part::Thinking(thinking.clone()), text("x")]);
    let mut target = Target::default();
    target.options.replay = switchyard_actors::domain::preferences::ReplayThinking::Always;
    let turns = vec![turn(Role::Assistant, vec![Part::Thinking(thinking), text("x")])];
    let (body, _) = encoded_for(&request(turns), &target);
    assert_eq!(body["messages"][0]["reasoning_details"].to_string().len(), blob.len());
    assert_eq!(body["messages"][0]["reasoning_content"], "so");
}

#[test]
fn a_frame_that_is_no_chunk_is_broken() {
    let mut stream = StreamIn::new();
    let Broken(message) = stream.frame("", "<html>", &mut Vec::new()).unwrap_err();
    assert!(message.starts_with("a frame is no chunk of a chat completion"), "{message}");
}

#[test]
fn arguments_are_bounded() {
    let piece = "x".repeat(1 << 20);
    let delta = format!(
        r#"{{"tool_calls":[{{"index":0,"id":"a","function":{{"name":"f","arguments":"{piece}"}}}}]}}"#
    );
    let (frame, mut stream) = (chunk(&delta, "null"), StreamIn::new());
    let taken = (0..40).take_while(|_| stream.frame("", &frame, &mut Vec::new()).is_ok()).count();
    assert_eq!(taken, 16);
}

#[test]
fn hidden_thinking_alone_stands_before_the_text_it_led_to() {
    let frames = [
        chunk(r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"zz"}]}"#, "null"),
        chunk(r#"{"content":"x"}"#, r#""stop""#),
    ];
    let blob = r#"[{"type":"reasoning.encrypted","data":"zz"}]"#.to_owned();
    let seal = Some(Seal { family: Family::Other, blob });
    let hidden = Thinking { at: Place::default(), text: String::new(), redacted: true, seal };
    assert_eq!(answer(&frames).parts, [Part::Thinking(hidden), text("x")]);
}

#[test]
fn calls_in_one_delta_are_numbered_by_their_places() {
    let delta = r#"{"tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g"}}]}"#;
    let wanted = [triple("call_c1_0", "f", "{}"), triple("call_c1_1", "g", "{}")];
    assert_eq!(calls_of(&[chunk(delta, r#""tool_calls""#)]), wanted);
}

#[test]
fn an_id_that_comes_late_begins_no_other_call() {
    let frames = [
        chunk(
            r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"x\""}}]}"#,
            "null",
        ),
        chunk(r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":":1}"}}]}"#, "null"),
        chunk("{}", r#""tool_calls""#),
    ];
    assert_eq!(calls_of(&frames), [triple("call_c1_0", "f", "{\"x\":1}")]);
}

#[test]
fn a_tool_of_text_may_be_called_with_none() {
    let delta =
        r#"{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"p","input":""}}]}"#;
    let called = Call { kind: CallKind::Custom, ..call("a", "p", "") };
    assert_eq!(answer(&[chunk(delta, r#""tool_calls""#)]).parts, [Part::Call(called)]);
}
