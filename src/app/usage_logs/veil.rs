//! What of a row others than admins do not see: where the operator's proxies are, and what vendors
//! said of tries that nobody saw.

use std::borrow::Cow;
use std::sync::Arc;

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
    veil(&mut row.error);
    let last = row.chain.len();
    for (place, link) in (1..).zip(&mut row.chain) {
        if place < last {
            // It may be about the account with the vendor.
            link.error = None;
        }
        veil(&mut link.error);
        veil(&mut link.proxy_fault);
    }
    entry
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
