//! Golden conversions: what each format's requests and answers become in another, to the field, with what
//! was lost. Each case stands in a file of `tests/golden/convert/`, by the number and name that the table of
//! cases has; what a case shows is said in its `why`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchyard_actors::domain::dialect::Dialect;

use crate::convert_run::{Answered, Sent, answer, request, stream};

/// The cases that there must be, each with the formats it comes from and those it goes to: `A` is Anthropic's,
/// `C` chat, `R` Responses, `G` Gemini's, `I` Gemini's in the CLI's envelope; `*` stands for every format of
/// another family than that it comes from.
const CASES_OF_TABLE: [(&str, &str); 40] = [
    ("basic_text", "A>*"),
    ("system_blocks_cached", "A>*"),
    ("multi_turn_merge", "C>AG"),
    ("tool_single", "A>*"),
    ("tool_parallel", "C>*"),
    ("tool_results_then_text", "A>CRG"),
    ("text_after_tool_use", "A>CRG"),
    ("tool_no_args", "A>CRG"),
    ("tool_bad_args", "C>AG"),
    ("tool_error_flag", "A>*"),
    ("tool_result_image", "A>CRG"),
    ("orphan_result", "C>AG"),
    ("choice_matrix", "A>*"),
    ("long_names", "A>CRG C>A"),
    ("long_call_ids", "C>RA R>C"),
    ("image_base64_url", "C>*"),
    ("document_pdf_text", "A>CRG"),
    ("thinking_budget", "A>CRG"),
    ("thinking_adaptive_effort", "A>*"),
    ("thinking_replay_own", "A>AR"),
    ("thinking_replay_foreign", "R>AGC"),
    ("reasoning_encrypted_roundtrip", "A>R R>A"),
    ("reasoning_content_replay", "A>C"),
    ("gemini_signature_parallel", "G>ACR A>G C>G R>G"),
    ("gemini_signature_missing", "C>G"),
    ("schema_hard", "A>GI"),
    ("schema_args_untouched", "A>G"),
    ("json_schema_output", "C>*"),
    ("stop_sequences", "A>*"),
    ("sampling_limits", "C>ARG"),
    ("custom_grammar_tool", "R>ACG A>R"),
    ("local_shell_namespace", "R>ACG C>R"),
    ("hosted_tools", "R>ACG"),
    ("previous_response_and_compaction", "R>ACG"),
    ("codex_full_turn", "R>ACG A>R"),
    ("gemini_cli_envelope", "I>GAR"),
    ("usage_cache_matrix", "A>* C>* R>* G>* I>*"),
    ("finish_matrix", "A>* C>* R>* G>* I>*"),
    ("error_matrix", "A>* C>* R>* G>* I>*"),
    ("chat_vendor_quirks", "C>ARG"),
];

/// Returns the pairs of formats that a case must have.
fn pairs_of(table: &str) -> Vec<(Dialect, Dialect)> {
    let format = |letter: char| {
        let place = "ACRGI".find(letter).unwrap_or_else(|| panic!("{letter} is no format"));
        Dialect::ALL[place]
    };
    let is_other = |from: Dialect, to: Dialect| from != to && !(from.is_gemini() && to.is_gemini());
    let mut pairs = Vec::new();
    for way in table.split(' ') {
        let (from, targets) = way.split_once('>').unwrap();
        let from = format(from.chars().next().unwrap());
        let all = Dialect::ALL.into_iter().filter(|to| is_other(from, *to));
        let targets: Vec<Dialect> =
            if targets == "*" { all.collect() } else { targets.chars().map(format).collect() };
        pairs.extend(targets.into_iter().map(|to| (from, to)));
    }
    pairs
}

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "why")]
    _why: String,
    #[serde(default)]
    requests: Vec<RequestCase>,
    #[serde(default)]
    answers: Vec<AnswerCase>,
}

/// A client's body, and what providers are sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestCase {
    /// The client's format.
    pub from: String,
    pub body: Value,
    /// What the path says, for formats that have it there.
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub stream: bool,
    pub to: Vec<RequestTo>,
}

/// What a provider is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestTo {
    /// Its format.
    pub format: String,
    /// The model by the name that goes upstream, where it is another.
    pub model: Option<String>,
    #[serde(default)]
    pub options: OptionsCase,
    pub body: Option<Value>,
    /// Part of what the client is told when nothing is sent.
    pub refused: Option<String>,
    /// As `token path`.
    #[serde(default)]
    pub losses: Vec<String>,
    /// Texts that stand in the body as they are here: numbers and the order of keys.
    #[serde(default)]
    pub holds: Vec<String>,
}

/// What the operator has set; all else is as nobody has set it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsCase {
    pub replay: Option<String>,
    pub custom_tools: Option<bool>,
    pub json_schema: Option<bool>,
    pub internal: Option<bool>,
    pub call_ids: Option<bool>,
    pub codex_backend: Option<bool>,
    pub end_user: Option<bool>,
    pub web_search: Option<bool>,
    pub unknown_effort: Option<String>,
    pub project: Option<String>,
}

/// A provider's answer, and what clients are sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCase {
    /// The provider's format.
    pub from: String,
    /// The frames of a stream, each its data; `event` of those that have one is the data's type.
    pub stream: Option<Vec<Value>>,
    /// A whole answer.
    pub whole: Option<Value>,
    /// The tools that the client had offered as `[namespace, name, kind]`, in the order they were renamed.
    #[serde(default)]
    pub tools: Vec<(Option<String>, String, String)>,
    /// Ids of calls that the client had sent.
    #[serde(default)]
    pub calls: Vec<String>,
    pub to: Vec<AnswerTo>,
}

/// What a client is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerTo {
    /// Its format.
    pub format: String,
    /// The stream that a stream becomes, without what every frame has.
    pub stream: Option<Vec<Value>>,
    /// The whole answer that the answer becomes, be it a stream or whole.
    pub whole: Option<Value>,
    /// What the provider has said went wrong, in place of an end: its kind, its words, and after how many
    /// seconds another try makes sense.
    pub error: Option<String>,
    /// What the client is told of it in its form.
    pub told: Option<Value>,
    #[serde(default)]
    pub losses: Vec<String>,
    /// What a stream loses that becomes a whole answer, where that is something else.
    pub whole_losses: Option<Vec<String>>,
}

static CASES: LazyLock<BTreeMap<String, Case>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/convert");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, case)
    };
    files.map(read).collect()
});

#[test]
fn every_case_of_the_table_is_there() {
    let wanted: Vec<String> = (1..)
        .zip(CASES_OF_TABLE)
        .map(|(number, (name, _))| format!("g{number:02}_{name}"))
        .collect();
    let there: Vec<&String> = CASES.keys().collect();
    assert_eq!(there, wanted.iter().collect::<Vec<_>>());
    for ((name, case), (_, table)) in CASES.iter().zip(CASES_OF_TABLE) {
        let requests = case
            .requests
            .iter()
            .flat_map(|asked| asked.to.iter().map(|to| (asked.from.as_str(), to.format.as_str())));
        let answers = case
            .answers
            .iter()
            .flat_map(|said| said.to.iter().map(|to| (said.from.as_str(), to.format.as_str())));
        let there: Vec<(&str, &str)> = requests.chain(answers).collect();
        for (from, to) in pairs_of(table) {
            let is_there = there.contains(&(from.name(), to.name()));
            assert!(is_there, "{name} does not go from {from} to {to}");
        }
    }
}

/// Says all that is not as a case says, so that a change is seen whole.
fn is_kept(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n\n{}\n", breaches.join("\n\n"));
}

fn is_same<T: PartialEq + Serialize + ?Sized>(what: &str, got: &T, wanted: &T) -> Option<String> {
    let text = |value: &T| serde_json::to_string(value).unwrap();
    (got != wanted).then(|| format!("{what}\n   is {}\n  not {}", text(got), text(wanted)))
}

#[test]
fn every_request_becomes_what_the_case_says() {
    let mut breaches = Vec::new();
    for (name, case) in CASES.iter() {
        for (number, asked) in case.requests.iter().enumerate() {
            for to in &asked.to {
                let what = format!("{name}, request {number} of {} to {}", asked.from, to.format);
                breaches.extend(breaches_of_request(asked, to, &what));
            }
        }
    }
    is_kept(&breaches);
}

fn breaches_of_request(asked: &RequestCase, to: &RequestTo, what: &str) -> Vec<String> {
    let Sent { text, losses } = match request(asked, to) {
        Ok(sent) => sent,
        Err(refused) => {
            let is_wanted = to.refused.as_deref().is_some_and(|said| refused.contains(said));
            return (!is_wanted)
                .then(|| format!("{what} is refused: {refused}"))
                .into_iter()
                .collect();
        }
    };
    let body: Value = serde_json::from_str(&text).unwrap();
    let not_held = to.holds.iter().filter(|held| !text.contains(held.as_str()));
    let not_held = not_held.map(|held| format!("{what} does not have {held}: {text}"));
    let same = [
        is_same(what, &Some(&body), &to.body.as_ref()),
        is_same(&format!("{what}: losses"), &losses, &to.losses),
    ];
    same.into_iter().flatten().chain(not_held).collect()
}

#[test]
fn every_answer_becomes_what_the_case_says() {
    let mut breaches = Vec::new();
    for (name, case) in CASES.iter() {
        for (number, said) in case.answers.iter().enumerate() {
            for to in &said.to {
                let what = format!("{name}, answer {number} of {} to {}", said.from, to.format);
                breaches.extend(breaches_of_answer(said, to, &what));
            }
        }
    }
    is_kept(&breaches);
}

fn breaches_of_answer(said: &AnswerCase, to: &AnswerTo, what: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(frames) = &said.stream {
        let Answered { frames: written, losses, error, told } = stream(said, frames, &to.format);
        found.push(is_same(&format!("{what}: its error"), &error, &to.error));
        found.push(is_same(&format!("{what}: what is told"), &told, &to.told));
        if let Some(wanted) = &to.stream {
            found.push(is_same(&format!("{what}, as a stream"), &written, wanted));
        }
        found.push(is_same(&format!("{what}, as a stream: losses"), &losses, &to.losses));
    }
    if let Some(wanted) = &to.whole {
        let (body, losses) = answer(said, &to.format);
        found.push(is_same(&format!("{what}, whole"), &body, wanted));
        let lost = to.whole_losses.as_ref().unwrap_or(&to.losses);
        found.push(is_same(&format!("{what}, whole: losses"), &losses, lost));
    }
    found.into_iter().flatten().collect()
}
