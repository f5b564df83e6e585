//! What a request loses on its way to another format is said: whatever is not there behind it is covered by
//! a token that says so.

use proptest::prelude::*;

use super::{dialects, requests, words};
use crate::wire::convert::codec::{Asked, decode_request, encode_request};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::{
    Choice, Document, Effort, Family, Format, Image, Json, Part, Place, Reasoning, Request, Role,
    Sampling, Seal, Show, Source, SystemText, Text, Thinking, ToolKind, Ttl, Turn,
};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::loss::Token::{
    self, ApproxFormatAsPrompt as Prompted, ApproxJsonMode as JsonMode,
    DropThinkingForeign as Foreign,
};
use crate::wire::convert::names::Names;
use crate::wire::convert::target::{ModelTraits, Target};

/// Whatever a request may have besides its conversation.
#[derive(Clone, Debug)]
struct More {
    marks: u8,
    media: u8,
    thinking: Option<(String, u8)>,
    settings: u16,
    choice: u8,
    effort: Option<Effort>,
    budget: Option<u64>,
}

fn more() -> impl Strategy<Value = More> {
    let efforts = prop::sample::select(Effort::ALL.to_vec());
    (
        any::<u8>(),
        any::<u8>(),
        prop::option::of((words(), 0..4_u8)),
        any::<u16>(),
        0..5_u8,
        prop::option::of(efforts),
        prop::option::of(1_024..40_000_u64),
    )
        .prop_map(|(marks, media, thinking, settings, choice, effort, budget)| More {
            marks,
            media,
            thinking,
            settings,
            choice,
            effort,
            budget,
        })
}

fn mark(is: bool) -> Option<Ttl> {
    is.then_some(Ttl::FiveMinutes)
}

fn with(mut request: Request, more: &More) -> Request {
    let is = |bit: u16| more.settings & (1 << bit) != 0;
    request.system.push(SystemText {
        at: Place::default(),
        text: "also".to_owned(),
        cache: mark(more.marks & 1 != 0),
    });
    if let Some(last) = request.turns.last_mut() {
        last.parts.extend(media(more));
        let cache = mark(more.marks & 2 != 0);
        last.parts.push(Part::Text(Text { cache, ..Text::plain("end") }));
    }
    let said = request.turns.iter_mut().find(|turn| turn.role == Role::Assistant);
    if let (Some(turn), Some((text, family))) = (said, &more.thinking) {
        turn.parts.insert(0, Part::Thinking(thinking(text, *family)));
    }
    if is(0) {
        request.sampling = Sampling {
            temperature: Some(1.5),
            top_p: is(1).then_some(0.5),
            top_k: is(2).then_some(3),
            seed: is(3).then_some(7),
            presence: is(4).then_some(0.5),
            frequency: is(5).then_some(0.5),
        };
    }
    request.stop = (0..more.settings % 7).map(|number| format!("stop{number}")).collect();
    request.parallel = is(6).then_some(is(7));
    request.cache.key = is(8).then(|| "key".to_owned());
    request.cache.whole = mark(is(9));
    request.choice = match more.choice {
        0 => None,
        1 => Some(Choice::Auto),
        2 => Some(Choice::None),
        3 => Some(Choice::Required),
        _ => Some(Choice::Named { namespace: None, name: "read".to_owned() }),
    };
    if let Some(ToolKind::Function { strict, .. }) = request.tools.get_mut(0).map(|t| &mut t.kind) {
        *strict = is(10).then_some(true);
    }
    let schema = r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#;
    request.format = match (is(11), is(12), Json::parse(schema)) {
        (true, true, Some(schema)) => Format::Schema { name: None, schema, strict: None },
        (true, false, _) => Format::Json,
        _ => Format::Text,
    };
    // A budget beside an effort says it once more: which of the two comes through is all the same.
    let budget = more.budget.filter(|_| more.effort.is_none());
    let asks = more.effort.is_some() || budget.is_some();
    let show = if is(13) { Show::Summary } else { Show::Unsaid };
    request.reasoning = asks.then_some(Reasoning { effort: more.effort, budget, show });
    request.max_output = is(14).then_some(8_000);
    request
}

fn media(more: &More) -> Vec<Part> {
    let base64 = |mime: &str| Source::Base64 { mime: mime.to_owned(), data: "aGk=".to_owned() };
    let source = match more.media % 4 {
        0 => base64("image/png"),
        1 => Source::Url { url: "https://e.org/a.png".to_owned(), mime: None },
        2 => Source::File { family: Family::Anthropic, id: "file_1".to_owned() },
        _ => return Vec::new(),
    };
    let detail = (more.media & 4 != 0).then(|| "low".to_owned());
    let cache = mark(more.marks & 4 != 0);
    let mut parts = vec![Part::Image(Image { at: Place::default(), source, detail, cache })];
    if more.media & 8 != 0 {
        let source = if more.media & 16 != 0 {
            base64("application/pdf")
        } else {
            Source::Inline("in words".to_owned())
        };
        let title = (more.media & 32 != 0).then(|| "Title".to_owned());
        parts.push(Part::Document(Document {
            at: Place::default(),
            source,
            title,
            filename: None,
            cache: None,
        }));
    }
    parts
}

fn thinking(text: &str, family: u8) -> Thinking {
    let seal = match family {
        0 => Some((Family::Anthropic, "EgYKBAgLGAI=")),
        1 => Some((Family::OpenAi, "gAAAABo")),
        2 => Some((Family::Google, "EgUKAwHR7Q==")),
        _ => None,
    };
    let seal = seal.map(|(family, blob)| Seal { family, blob: blob.to_owned() });
    Thinking { at: Place::default(), text: text.to_owned(), redacted: false, seal }
}

/// Something that a request says, and the tokens that may tell that it does not any more.
struct Said {
    what: &'static str,
    value: String,
    tokens: &'static [Token],
}

fn said(request: &Request) -> Vec<Said> {
    let mut all = conversation(request);
    all.extend(settings(request));
    all
}

fn text(value: &dyn std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn conversation(request: &Request) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    let mut say = |what, value: String, tokens| all.push(Said { what, value, tokens });
    let parts = || request.turns.iter().flat_map(|turn| &turn.parts);
    let told: String = request.system.iter().map(|system| system.text.trim()).collect();
    let told = told.split_whitespace().collect::<String>();
    say("instructions", told, &[Prompted, JsonMode, Token::ApproxSystemMoved]);
    say("thinking", thoughts(request), &[Token::DropThinking, Foreign, Token::DropThinkingSealed]);
    say("marks", text(&marks(request)), &[Token::DropCacheControl, Token::DropCacheMarkExcess]);
    let images = parts().filter_map(|part| match part {
        Part::Image(image) => Some(format!("{:?}", image.source)),
        _ => None,
    });
    say("pictures", images.collect(), &[Token::DropImageUrl, Token::DropFileRef]);
    let details = parts().filter_map(|part| match part {
        Part::Image(image) => image.detail.clone(),
        _ => None,
    });
    let lost: &[Token] = &[Token::DropImageDetail, Token::DropImageUrl, Token::DropFileRef];
    say("details", details.collect(), lost);
    let titles = parts().filter_map(|part| match part {
        Part::Document(file) => file.title.clone().or_else(|| file.filename.clone()),
        _ => None,
    });
    let lost: &[Token] =
        &[Token::DropDocumentTitle, Token::ApproxFilename, Token::ApproxDocumentAsText];
    say("names of files", titles.collect(), lost);
    all
}

fn settings(request: &Request) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    let mut say = |what, value: String, tokens| all.push(Said { what, value, tokens });
    let sampling = &request.sampling;
    say("the key of a cache", text(&request.cache.key), &[Token::DropCacheKey]);
    let strict = request.tools.iter().map(|tool| match &tool.kind {
        ToolKind::Function { strict, .. } => *strict == Some(true),
        _ => false,
    });
    say("strictness", text(&strict.collect::<Vec<_>>()), &[Token::DropToolStrict]);
    let choice = request.choice.clone().filter(|choice| *choice != Choice::Auto);
    say("the choice", text(&choice), &[Token::ApproxChoice]);
    // Who may call nothing calls nothing at once.
    let one_by_one = request.parallel == Some(false) && request.choice != Some(Choice::None);
    say("one call at a time", text(&one_by_one), &[Token::DropParallelOff]);
    let lost: &[Token] = &[Token::ApproxTemperature, Token::DropSampling];
    say("temperature", text(&sampling.temperature), lost);
    say("nucleus", text(&sampling.top_p), &[Token::DropSampling]);
    say("candidates", text(&sampling.top_k), &[Token::DropTopK, Token::DropSampling]);
    say("the seed", text(&sampling.seed), &[Token::DropSeed]);
    let penalties = (sampling.presence, sampling.frequency);
    say("penalties", text(&penalties), &[Token::DropPenalties, Token::DropSampling]);
    say("stops", text(&request.stop), &[Token::DropStop, Token::DropStopExcess]);
    let lost: &[Token] = &[Token::ApproxMaxTokensDefault, Token::DropMaxOutput];
    say("the bound", text(&request.max_output), lost);
    let form = std::mem::discriminant(&request.format);
    say("the form", text(&form), &[Prompted, JsonMode]);
    // Some rest unless they are told to think: not to say that they shall rest loses nothing.
    let speaks = |asked: &Reasoning| asked.as_effort().0 != Effort::Auto && !asked.is_off();
    let reasoning = request.reasoning.filter(speaks);
    // A budget beside an effort says it once more.
    let by_effort = |asked: &Reasoning| asked.effort.is_some() && asked.budget.is_none();
    let reasoning = reasoning.map(|asked| (by_effort(&asked), asked.as_effort().0));
    let near: &[Token] = &[
        Token::DropReasoning,
        Token::ApproxEffort,
        Token::ApproxEffortFromBudget,
        Token::ApproxBudgetFromEffort,
    ];
    say("how much to think", text(&reasoning), near);
    all
}

fn thoughts(request: &Request) -> String {
    let of = |turn: &Turn| -> Vec<String> {
        let parts = turn.parts.iter().filter_map(|part| match part {
            Part::Thinking(thinking) => Some(format!("{}{:?}", thinking.text, thinking.seal)),
            _ => None,
        });
        parts.collect()
    };
    request.turns.iter().flat_map(of).collect()
}

fn marks(request: &Request) -> usize {
    let of = |part: &Part| match part {
        Part::Text(text) => text.cache.is_some(),
        Part::Image(image) => image.cache.is_some(),
        Part::Document(file) => file.cache.is_some(),
        Part::Call(call) => call.cache.is_some(),
        Part::Result(result) => result.cache.is_some(),
        _ => false,
    };
    let parts = request.turns.iter().flat_map(|turn| &turn.parts).filter(|part| of(part)).count();
    let system = request.system.iter().filter(|text| text.cache.is_some()).count();
    parts + system + usize::from(request.cache.whole.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// P3.
    #[test]
    fn whatever_is_lost_on_the_way_is_said(
        request in requests(), more in more(), to in dialects(),
        model in prop::sample::select(vec![
            "claude-opus-4-8", "claude-sonnet-4-5", "claude-3-5-haiku", "gpt-5", "gpt-4o", "gemini-3-pro",
            "gemini-2.5-pro", "gemini-2.5-flash", "qwen3",
        ]),
    ) {
        let mut request = with(request, &more);
        request.model = model.to_owned();
        let target = Target { model: ModelTraits::of(model), ..Target::default() };
        let account = Account::default();
        let (mut names, mut losses) = (Names::default(), Losses::default());
        let body = encode_request(to, &request, (&target, account), &mut names, &mut losses).unwrap();
        let asked = Asked { body: &body, model, stream: request.stream };
        let back = decode_request(to, asked, &mut Losses::default()).unwrap();
        for (before, behind) in said(&request).into_iter().zip(said(&back)) {
            let covered = before.tokens.iter().any(|token| losses.has(*token));
            prop_assert!(
                before.value == behind.value || covered,
                "{} is lost to {to} ({model}) without a word: {} became {}; said was {losses:?}",
                before.what, before.value, behind.value,
            );
        }
        // And nothing is said of what came through: a report that cries wolf is not read.
        for token in [Token::DropCacheKey, Token::DropTopK, Token::DropSeed, Token::DropStop] {
            let lost = said(&request).into_iter().zip(said(&back));
            let lost = lost.filter(|(before, behind)| before.value != behind.value);
            let told: Vec<Token> = lost.flat_map(|(before, _)| before.tokens.to_vec()).collect();
            prop_assert!(!losses.has(token) || told.contains(&token), "{token} to {to}: nothing is lost");
        }
    }
}
