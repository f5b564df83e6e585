//! A conversation with tools, thinking and a picture: requests as clients of each format write them, and
//! answers as vendors do.

use bytes::Bytes;
use switchyard::wire::convert::codec::{
    Asked, StreamOut, decode_request, encode_answer, encode_request,
};
use switchyard::wire::convert::fold::unfold;
use switchyard::wire::convert::gemini_cli::Account;
use switchyard::wire::convert::hub::{
    Answer, Call, CallKind, Choice, Effort, Finish, HubUsage, Image, Json, Part, Place, Reasoning,
    Request, Role, Show, Source, SystemText, Text, Thinking, Tool, ToolKind, ToolResult, Turn,
};
use switchyard::wire::convert::loss::Losses;
use switchyard::wire::convert::names::Names;
use switchyard::wire::convert::reply::Reply;
use switchyard::wire::convert::target::{ModelTraits, Options, Target, ThinkingMode};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request as Sent;
use crate::support::prices::MODEL;
use crate::support::upstream::{Script, Seen};

/// One pixel.
pub const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Makes a call.
pub fn call(id: &str, name: &str, args: &str) -> Part {
    Part::Call(Call {
        at: Place::default(),
        id: id.to_owned(),
        name: name.to_owned(),
        args: args.to_owned(),
        kind: CallKind::Function,
        namespace: None,
        seal: None,
        cache: None,
    })
}

/// Makes a call's result.
pub fn result(id: &str, text: &str) -> Part {
    Part::Result(ToolResult {
        at: Place::default(),
        call: id.to_owned(),
        kind: CallKind::Function,
        content: vec![Part::Text(Text::plain(text))],
        error: false,
        cache: None,
    })
}

/// Makes a turn.
pub fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts, at: String::new() }
}

fn tool(name: &str) -> Tool {
    let schema = r#"{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}"#;
    Tool {
        at: Place::default(),
        name: name.to_owned(),
        description: Some(format!("Does {name}.")),
        kind: ToolKind::Function { schema: Json::parse(schema), strict: None },
        namespace: None,
        cache: None,
    }
}

/// The first request: a question with a picture, and tools.
pub fn question(stream: bool) -> Request {
    let source = Source::Base64 { mime: "image/png".to_owned(), data: PICTURE.to_owned() };
    let picture = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let text = Part::Text(Text::plain("What is this?"));
    Request {
        model: MODEL.to_owned(),
        system: vec![SystemText {
            at: Place::default(),
            text: "Be brief.".to_owned(),
            cache: None,
        }],
        turns: vec![turn(Role::User, vec![text, picture])],
        tools: vec![tool("read"), tool("list")],
        choice: Some(Choice::Auto),
        parallel: Some(true),
        reasoning: Some(Reasoning {
            effort: Some(Effort::Medium),
            budget: None,
            show: Show::Summary,
        }),
        max_output: Some(30_000),
        stream,
        want_usage: true,
        ..Request::default()
    }
}

/// The answer: thoughts, words, and two calls at once.
pub fn answer() -> Answer {
    let thinking = Thinking {
        at: Place::default(),
        text: "Two things.".to_owned(),
        redacted: false,
        seal: None,
    };
    Answer {
        id: None,
        model: Some(MODEL.to_owned()),
        parts: vec![
            Part::Thinking(thinking),
            Part::Text(Text::plain("Let me look.")),
            call("call_a", "read", r#"{"path":"a"}"#),
            call("call_b", "list", r#"{"path":"b","deep":[1,2.50]}"#),
        ],
        usage: Some(HubUsage { fresh: 100, output: 20, ..HubUsage::default() }),
        finish: Finish::ToolCalls,
        lacks_call: false,
    }
}

/// Writes a request as a client does.
pub fn sent(client: Dialect, key: &str, request: &Request) -> Sent {
    let mut traits = ModelTraits::of("gpt-5");
    traits.thinking = match client {
        Dialect::Anthropic | Dialect::Gemini | Dialect::GeminiCli => ThinkingMode::Budget,
        _ => ThinkingMode::Level,
    };
    let options = Options { json_schema: true, ..Options::default() };
    let target = Target { model: traits, options };
    let made = (&target, Account::default());
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(client, request, made, &mut names, &mut losses);
    let body = body.expect("a request that every client can write");
    Sent::model(client, key, MODEL, request.stream).body(Bytes::from(body))
}

/// Reads what reached an upstream.
pub fn seen(provider: Dialect, seen: &Seen) -> Request {
    let model = seen.model().unwrap_or_default();
    let asked = Asked { body: &seen.body, model: &model, stream: seen.wants_stream() };
    let read = decode_request(provider, asked, &mut Losses::default());
    read.unwrap_or_else(|refused| panic!("{provider}: {refused}: {:?}", seen.body))
}

/// Answers as a vendor does, streamed or whole.
pub fn says(provider: Dialect, stream: bool, answer: &Answer) -> Script {
    let reply = Reply {
        id: "1".to_owned(),
        model: MODEL.to_owned(),
        created: 1,
        want_usage: true,
        show_thinking: true,
        ..Reply::default()
    };
    let mut losses = Losses::default();
    if !stream {
        return Script::json(200, encode_answer(provider, answer, &reply, &mut losses));
    }
    let mut writer = StreamOut::new(provider, reply);
    let frames = unfold(answer).into_iter().map(|event| {
        let mut out = Vec::new();
        writer.event(&event, &mut losses, &mut out);
        out
    });
    let frames: Vec<Vec<u8>> = frames.filter(|frame| !frame.is_empty()).collect();
    Script::frames(frames)
}
