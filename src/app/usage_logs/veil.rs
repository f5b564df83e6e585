//! What of a row others than admins do not see: where the operator's proxies and vendors are, and what
//! vendors said that the client was not told. It may be about the operator's account.

use std::borrow::Cow;
use std::sync::Arc;

use switchyard_actors::domain::decision::ChainLink;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::proxy::Proxy;

use crate::app::Actor;
use crate::store::LedgerEntry;

/// What the sentences of proxies begin with; its address follows.
const MARK: &str = "the proxy ";
/// What stands for it.
const VEILED: &str = "the outbound proxy ";
/// What is said where nothing else is known.
const FAILED: &str = "the upstream failed, try again later";
/// What is said of a limit of the vendor's.
const WAITS: &str = "the upstream asks to wait (rate limit), try again later";
/// What is said of a vendor that has too much to do.
const OVERLOADED: &str = "the upstream is overloaded, try again later";

/// Returns a row as somebody may see it.
#[must_use]
pub(in crate::app) fn for_eyes(actor: &Actor, mut entry: LedgerEntry) -> LedgerEntry {
    if actor.is_admin() {
        return entry;
    }
    let row = &mut entry.row;
    if let Some(sentence) = instead(row) {
        row.error = Some(Arc::from(sentence));
    }
    let last = row.chain.len();
    for (place, link) in (1..).zip(&mut row.chain) {
        // What became of the last try is what the client was told only when the row says the same.
        if place < last || link.error != row.error {
            link.error = None;
        }
        veil(&mut link.error);
        veil(&mut link.proxy_fault);
    }
    veil(&mut row.error);
    entry
}

/// Tells whether the words of a row's vendors are the operator's alone: those of upstreams that
/// failed, unless they say that they do not have the model.
#[must_use]
pub fn is_veiled(row: &LedgerRow) -> bool {
    row.outcome == RowOutcome::UpstreamError && row.status != 404
}

/// Returns what stands in place of such words: how it failed, as the client was told, and never where
/// and on which account.
fn instead(row: &LedgerRow) -> Option<&'static str> {
    if !is_veiled(row) {
        return None;
    }
    Some(match row.status {
        429 => WAITS,
        529 => OVERLOADED,
        504 => "no upstream answered in time, try again later",
        _ => last_kind(&row.chain),
    })
}

/// Says how the last try failed of those that could have served the request.
fn last_kind(chain: &[ChainLink]) -> &'static str {
    let mut tries = chain.iter().filter(|link| link.is_try()).rev().peekable();
    let is_empty = tries.peek().is_none();
    match tries.find(|link| &*link.reason != "resource_not_found") {
        Some(link) => kind(link),
        None if is_empty => FAILED,
        None => "none of the upstreams that were asked has the model, try again later",
    }
}

/// Says how a try failed. Statuses that were inferred stand for what went wrong without one.
fn kind(link: &ChainLink) -> &'static str {
    if &*link.reason == "system_error" {
        return "the upstream could not be reached, try again later";
    }
    match (link.status.unwrap_or_default(), link.inferred) {
        (401, _) => {
            "the upstream refused the relay's own credentials, not yours: tell whoever runs it"
        }
        (402, _) => {
            "the upstream asks to be paid before it serves, and not by you: tell whoever runs the relay"
        }
        (403, _) => {
            "the upstream refused the relay's account or credentials, not yours: tell whoever runs it"
        }
        (408 | 504 | 524, _) => "the upstream did not answer in time, try again later",
        (429, _) => WAITS,
        (503 | 529, _) => OVERLOADED,
        (502, true) => "the upstream's answer was empty, broken or none at all, try again later",
        (400..=499, _) => "the upstream refused for a reason of its own, try again later",
        (500..=599, _) => "the upstream had an error of its own, try again later",
        _ => FAILED,
    }
}

fn veil(text: &mut Option<Arc<str>>) {
    if let Some(Cow::Owned(veiled)) = text.as_deref().map(without_proxy) {
        *text = Some(Arc::from(veiled));
    }
}

/// Takes a proxy's address out of a sentence, and what was said in others' words about it: a name in
/// its certificate is an address as well.
fn without_proxy(text: &str) -> Cow<'_, str> {
    let said = text.match_indices(MARK).find_map(|(start, _)| {
        let (before, rest) = (text.get(..start)?, text.get(start + MARK.len()..)?);
        let (address, what) = rest.split_once(' ').unwrap_or((rest, ""));
        Proxy::parse(address).ok().map(|_| (before, what))
    });
    let Some((before, what)) = said else { return Cow::Borrowed(text) };
    let what = what.split_once(": ").map_or(what, |(what, _)| what);
    Cow::Owned(format!("{before}{VEILED}{what}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::upstream::proxy::{ProxyCause, ProxyFault};

    fn causes() -> Vec<ProxyCause> {
        vec![
            ProxyCause::Unreachable(Arc::from("hidden.example is not known")),
            ProxyCause::Tls(Arc::from("not valid for hidden.example, only for: hidden.example")),
            ProxyCause::Credentials,
            ProxyCause::NoCredentials,
            ProxyCause::Answered(502),
            ProxyCause::Declined("not allowed"),
            ProxyCause::Strange("no HTTP"),
            ProxyCause::Closed,
            ProxyCause::Late(Duration::from_secs(3)),
        ]
    }

    #[test]
    fn a_proxys_address_is_in_no_sentence() {
        for address in ["http://hidden.example:3128", "socks5://[fd00::1]:1080"] {
            let proxy = Proxy::parse(address).unwrap();
            for cause in causes() {
                let fault = ProxyFault::new(&proxy, cause).to_string();
                let veiled = without_proxy(&fault).into_owned();
                assert!(veiled.starts_with("the outbound proxy ") && veiled.len() > 20, "{veiled}");
                assert!(!veiled.contains("hidden") && !veiled.contains("fd00"), "{veiled}");
            }
        }
        let said =
            "the proxy http://p.example:1 closed the connection without an answer, as some do";
        let veiled = "the outbound proxy closed the connection without an answer, as some do";
        assert_eq!(without_proxy(said), veiled);
    }

    proptest! {
        #[test]
        fn other_sentences_stay_as_they_are(text in "\\PC{0,60}") {
            prop_assume!(!text.contains("://"));
            prop_assert_eq!(without_proxy(&text), text.as_str());
        }
    }
}
