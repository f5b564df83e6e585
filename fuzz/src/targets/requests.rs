//! A client's body: it is refused, or can be written for each provider, as a body that its format reads.

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::preferences::{ReplayThinking, UnknownEffort};

use super::{is_bounded, is_json};
use crate::wire::convert::codec::{Asked, decode_request, encode_request};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::{Part, Request, Role};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::names::Names;
use crate::wire::convert::target::{ModelTraits, Options, Target};

/// Reads any bytes as a body of a format, and writes it in each.
pub fn any(from: Dialect, data: &[u8]) {
    let mut losses = Losses::default();
    let asked = Asked { body: data, model: "gemini-3-pro", stream: data.len() % 2 == 1 };
    let Ok(request) = decode_request(from, asked, &mut losses) else { return };
    if request.model.is_empty() {
        // Nobody would be asked.
        return;
    }
    for to in Dialect::ALL {
        for target in targets(&request.model) {
            into(to, &request, &target, data, losses.clone());
        }
    }
}

/// A provider that takes little, and one that takes much.
fn targets(model: &str) -> [Target; 2] {
    let little = Target { model: ModelTraits::of(model), options: Options::default() };
    let options = Options {
        replay: ReplayThinking::Always,
        custom_tools: true,
        json_schema: true,
        codex_backend: model.len() % 2 == 1,
        internal: model.len() % 3 == 1,
        call_ids: false,
        end_user: true,
        web_search: false,
        unknown_effort: UnknownEffort::Words,
    };
    [little, Target { model: ModelTraits::of("unknown"), options }]
}

fn into(to: Dialect, request: &Request, target: &Target, data: &[u8], mut losses: Losses) {
    let mut names = Names::default();
    let account = Account::default();
    let Ok(body) = encode_request(to, request, (target, account), &mut names, &mut losses) else {
        return;
    };
    let what = format!("a request for {to}");
    is_bounded(data, &body, &what);
    is_json(&body, &what);
    for loss in losses.iter() {
        assert!(loss.path.is_empty() || loss.path.starts_with('/'), "{what}: {loss:?}");
    }
    let asked = Asked { body: &body, model: &request.model, stream: request.stream };
    let back = decode_request(to, asked, &mut Losses::default());
    let back = back.unwrap_or_else(|refused| {
        panic!("{what} is none: {refused}: {}", String::from_utf8_lossy(&body))
    });
    is_paired(&back, &what);
}

/// Each call has one result in the user's turn behind it, and there is no result without a call.
fn is_paired(request: &Request, what: &str) {
    let mut open: Vec<&str> = Vec::new();
    for turn in &request.turns {
        let results = turn.parts.iter().filter_map(|part| match part {
            Part::Result(result) => Some(result.call.as_str()),
            _ => None,
        });
        let mut results: Vec<&str> = results.collect();
        if turn.role != Role::System {
            results.sort_unstable();
            open.sort_unstable();
            assert_eq!(results, open, "{what}: calls and results");
            open.clear();
        }
        open.extend(turn.parts.iter().filter_map(|part| match part {
            Part::Call(call) => Some(call.id.as_str()),
            _ => None,
        }));
    }
    assert!(open.is_empty(), "{what}: calls without results");
}
