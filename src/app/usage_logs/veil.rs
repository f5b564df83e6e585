//! What of a row others than admins do not see: where the operator's proxies and vendors are, and what
//! vendors said that the client was not told. It may be about the operator's account.

use std::borrow::Cow;
use std::sync::Arc;

use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::proxy::Proxy;

use crate::app::Actor;
use crate::store::LedgerEntry;

/// What the sentences of proxies begin with; its address follows.
const MARK: &str = "the proxy ";
/// What stands for it.
const VEILED: &str = "the outbound proxy ";

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

/// Returns what a client was told in place of such words.
fn instead(row: &LedgerRow) -> Option<&'static str> {
    if !is_veiled(row) {
        return None;
    }
    let last = row.chain.last().map_or("", |link| &*link.reason);
    let lack = || row.chain.iter().all(|link| &*link.reason == "resource_not_found");
    Some(match row.status {
        429 => "the upstream asks to wait, try again later",
        529 => "the upstream is overloaded, try again later",
        504 => "no upstream answered in time, try again later",
        _ if last == "system_error" => "the upstream could not be reached, try again later",
        _ if lack() => "none of the upstreams that were asked has the model, try again later",
        _ => "the upstream failed, try again later",
    })
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
