//! Requests made by chance as other formats may make them, sensible or not.

use proptest::prelude::*;
use serde_json::json;

use super::generated::text;
use super::*;
use crate::wire::convert::hub::{
    Choice, Citation, CustomFormat, Document, Effort, Format, Image, Opaque, Place, Reasoning,
    Sampling, ServerTool, Show, Source, SystemText, Thinking, Ttl,
};

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(vec![Family::Anthropic, Family::OpenAi, Family::Google, Family::Other])
}

fn any_seal() -> impl Strategy<Value = Option<Seal>> {
    prop::option::of((family(), "[a-z]{1,4}").prop_map(|(family, blob)| Seal { family, blob }))
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        ("[a-z/]{0,9}", "[a-z=]{0,4}").prop_map(|(mime, data)| Source::Base64 { mime, data }),
        prop::sample::select(vec![
            "data:",
            "data:image/png;base64,aGk=",
            "gs://a",
            "https://a",
            ""
        ])
        .prop_map(|url| Source::Url { url: url.into(), mime: None }),
        family().prop_map(|family| Source::File { family, id: "f".into() }),
        text().prop_map(Source::Inline),
    ]
}

/// A part of any kind, in any place: other formats may put much together.
fn any_part() -> impl Strategy<Value = Part> {
    let raw = || Json::parse("{\"type\":\"x\"}").unwrap();
    let kinds = vec![CallKind::Function, CallKind::Custom, CallKind::LocalShell, CallKind::Shell];
    let args = vec!["{}", "", "[1]", "{\"a\":1}", "plain", "{\"a\":"];
    prop_oneof![
        "[ a]{0,2}".prop_map(|text| Part::Text(Text::plain(text))),
        (text(), any_seal(), family()).prop_map(move |(text, seal, family)| {
            let citation = Citation { family, title: None, url: None, raw: raw() };
            let citations = vec![citation];
            Part::Text(Text { at: Place::default(), text, cache: Some(Ttl::Hour), citations, seal })
        }),
        any_source().prop_map(|source| Part::Image(Image {
            at: Place::default(),
            source,
            detail: None,
            cache: None
        })),
        any_source().prop_map(|source| {
            let cache = Some(Ttl::FiveMinutes);
            Part::Document(Document {
                at: Place::default(),
                source,
                title: None,
                filename: None,
                cache,
            })
        }),
        (text(), any::<bool>(), any_seal()).prop_map(|(text, redacted, seal)| {
            Part::Thinking(Thinking { at: Place::default(), text, redacted, seal })
        }),
        (0..6_u8, prop::sample::select(kinds), prop::sample::select(args)).prop_map(
            |(id, kind, args)| Part::Call(Call {
                kind,
                namespace: (id == 0).then(|| "ns".to_owned()),
                ..call(&format!("call:{id}"), "f", args)
            })
        ),
        (0..6_u8, text())
            .prop_map(|(id, text)| { Part::Result(result(&format!("call:{id}"), &text)) }),
        text().prop_map(|words| Part::Refusal(words.into())),
        family().prop_map(move |family| {
            Part::Server(ServerTool { at: Place::default(), family, kind: "x".into(), raw: raw() })
        }),
        prop::sample::select(vec!["x", "compaction"]).prop_map(move |kind| {
            let family = if kind == "x" { Family::OpenAi } else { Family::Anthropic };
            Part::Opaque(Opaque { at: Place::default(), family, kind: kind.into(), raw: raw() })
        }),
    ]
}

fn any_tool() -> impl Strategy<Value = Tool> {
    let schemas = vec!["{}", "null", "[]", "{\"type\":\"object\"}", "{\"type\":null}"];
    let kind = prop_oneof![
        (prop::sample::select(schemas), any::<Option<bool>>()).prop_map(|(schema, strict)| {
            ToolKind::Function { schema: Json::parse(schema), strict }
        }),
        Just(ToolKind::Custom(CustomFormat::Text)),
        Just(ToolKind::ApplyPatch),
        (family(), prop::sample::select(vec!["web_search", "googleSearch", "x"])).prop_map(
            |(family, kind)| {
                let raw = Json::of(&json!({"type": kind, "name": kind})).unwrap();
                ToolKind::Hosted { family, kind: kind.into(), raw }
            }
        ),
    ];
    ("[a-z.]{1,3}", kind).prop_map(|(name, kind)| Tool {
        kind,
        cache: Some(Ttl::FiveMinutes),
        ..function(&name)
    })
}

fn any_choice() -> impl Strategy<Value = Option<Choice>> {
    let named = "[a-c]".prop_map(|name| Choice::Named { namespace: None, name });
    prop::option::of(prop_oneof![
        Just(Choice::Auto),
        Just(Choice::None),
        Just(Choice::Required),
        named,
        ("[a-c]", any::<bool>())
            .prop_map(|(name, required)| Choice::Allowed { names: vec![name], required }),
    ])
}

fn any_reasoning() -> impl Strategy<Value = Option<Reasoning>> {
    let effort = prop::option::of(prop::sample::select(Effort::ALL.to_vec()));
    let budget = prop::option::of(prop_oneof![Just(0), 1..40_000_u64]);
    let made = (effort, budget).prop_map(|(effort, budget)| Reasoning {
        effort,
        budget,
        show: Show::Summary,
    });
    prop::option::of(made)
}

/// Any request, sensible or not.
pub fn any_request() -> impl Strategy<Value = Request> {
    let roles = vec![Role::User, Role::Assistant, Role::System];
    let turn = (prop::sample::select(roles), prop::collection::vec(any_part(), 0..5)).prop_map(
        |(role, mut parts)| {
            // Calls are the model's, results are the user's: that is the model's law.
            parts.retain(|part| match part {
                Part::Call(_) => role == Role::Assistant,
                Part::Result(_) => role == Role::User,
                _ => true,
            });
            turn(role, parts)
        },
    );
    let format = prop::sample::select(vec![
        Format::Text,
        Format::Json,
        Format::Schema { name: None, schema: Json::empty_object(), strict: None },
    ]);
    (
        prop::collection::vec(turn, 0..8),
        prop::collection::vec(any_tool(), 0..5),
        (any_choice(), any::<Option<bool>>()),
        any_reasoning(),
        prop::option::of(0..40_000_u64),
        format,
        prop::option::of(0.0..3.0_f64),
    )
        .prop_map(|(turns, tools, (choice, parallel), reasoning, max_output, format, heat)| {
            let marked =
                SystemText { at: Place::default(), text: "s".into(), cache: Some(Ttl::Hour) };
            Request {
                model: "m".into(),
                system: vec![marked],
                turns,
                tools,
                choice,
                parallel,
                reasoning,
                max_output,
                format,
                stop: vec![" ".into(), "x".into()],
                sampling: Sampling { temperature: heat, top_p: heat, ..Sampling::default() },
                ..Request::default()
            }
        })
}
