//! Which clients a key serves, and what each of them needs to be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::{KeyId, ProviderId};

use super::settings::{self, Block, Target};
use crate::app::keys::{Offer, offer, served_lately};
use crate::web::console::frame::{PageError, Text, Visitor, dialect_title};

/// What `OpenCode` is told to speak, in this order: the first that is served.
const OPENCODE: [Dialect; 4] =
    [Dialect::Anthropic, Dialect::Responses, Dialect::OpenaiChat, Dialect::Gemini];
/// The dialects that curl is shown for.
const CURLS: [(&str, &str, Dialect); 4] = [
    ("curl-anthropic", "curl · Anthropic", Dialect::Anthropic),
    ("curl-openai", "curl · OpenAI Chat", Dialect::OpenaiChat),
    ("curl-responses", "curl · OpenAI Responses", Dialect::Responses),
    ("curl-gemini", "curl · Gemini", Dialect::Gemini),
];
/// The model of an example that nothing serves yet.
const SOME_MODEL: &str = "model";

/// A client and what it needs to be told.
#[derive(Clone, Debug, Serialize)]
pub struct ClientView {
    /// A word for it, fit for an address.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What stands in the way; `None` where it is served.
    pub trouble: Option<Trouble>,
    /// What to copy.
    pub blocks: Vec<Block>,
    /// A word on its first start.
    pub note: Option<Text>,
}

/// Why a client is not served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What it needs.
    pub text: Text,
    /// An admin mends it there.
    pub href: &'static str,
}

/// A curl that works as things are.
#[derive(Clone, Debug, Serialize)]
pub struct FirstCurl {
    /// The text.
    pub text: String,
    /// The model that it asks for.
    pub model: String,
    /// The dialect's name.
    pub dialect: &'static str,
    /// The model is known to be served.
    pub known: bool,
}

/// What each dialect's clients find behind a key.
#[derive(Clone, Debug)]
pub struct Offers(Vec<(Dialect, Offer)>);

impl Offers {
    /// Looks at the catalogue in force, and at the ledger where nobody listed a provider's models.
    pub async fn of(visitor: &Visitor, key: KeyId) -> Result<Self, PageError> {
        let catalogue = visitor.console().relay.catalogue.load();
        let caller = catalogue.callers.values().find(|caller| caller.key == key);
        let views = visitor.app().live.breaker_views();
        let resting = views.iter().filter(|view| view.state != BreakerState::Closed);
        let resting = resting.map(|view| view.provider).collect();
        let mut offers = Self::new(&catalogue, caller.map(AsRef::as_ref), &resting);
        // What others ask for is not everybody's to know.
        for (dialect, offer) in offers.0.iter_mut().filter(|_| visitor.is_admin()) {
            if let Offer::Served { provider, model, any: true, known } = offer
                && let Some(lately) = served_lately(visitor.app(), *provider, *dialect).await?
            {
                (*model, *known) = (lately, true);
            }
        }
        Ok(offers)
    }

    pub(super) fn new(
        catalogue: &Catalogue,
        caller: Option<&Caller>,
        resting: &BTreeSet<ProviderId>,
    ) -> Self {
        let found = |dialect| {
            let none = Offer::NoProvider;
            caller.map_or(none, |caller| offer(catalogue, caller, dialect, resting))
        };
        Self(Dialect::ALL.into_iter().map(|dialect| (dialect, found(dialect))).collect())
    }

    /// Says that some dialects are served by a model.
    pub(super) fn serve(&mut self, dialects: &[Dialect], model: &str) {
        for (dialect, offer) in &mut self.0 {
            if dialects.contains(dialect) {
                let (provider, model) = (ProviderId(1), Arc::from(model));
                *offer = Offer::Served { provider, model, any: true, known: true };
            }
        }
    }

    fn get(&self, dialect: Dialect) -> &Offer {
        let found = self.0.iter().find(|(one, _)| *one == dialect);
        found.map_or(&Offer::NoProvider, |(_, offer)| offer)
    }

    fn model(&self, dialect: Dialect) -> Option<&str> {
        match self.get(dialect) {
            Offer::Served { model, .. } => Some(model),
            _ => None,
        }
    }

    fn is_known(&self, dialect: Dialect) -> bool {
        matches!(self.get(dialect), Offer::Served { known: true, .. })
    }

    /// Returns the model that a client must be told, because its own choice may not be served.
    fn told(&self, dialect: Dialect) -> Option<&str> {
        match self.get(dialect) {
            Offer::Served { model, any: false, .. } => Some(model),
            _ => None,
        }
    }

    fn trouble(&self, dialect: Dialect) -> Option<Trouble> {
        let (id, href) = match self.get(dialect) {
            Offer::Served { .. } => return None,
            Offer::NoProvider => ("key-needs-provider", "/providers/new"),
            Offer::AllOff => ("key-needs-on", "/providers"),
            Offer::OtherGroups => ("key-needs-group", "/providers"),
            Offer::OtherModels => ("key-needs-model", "/providers"),
        };
        Some(Trouble { text: Text::of(id).with("dialect", dialect_title(dialect)), href })
    }

    /// Returns the dialect of a client that speaks several: one that is served, else one that a
    /// provider speaks.
    fn best(&self, of: [Dialect; 4]) -> Option<Dialect> {
        let served = of.into_iter().find(|one| self.model(*one).is_some());
        served.or_else(|| of.into_iter().find(|one| *self.get(*one) != Offer::NoProvider))
    }
}

/// Makes a curl that works as things are; `None` where nothing is served.
#[must_use]
pub fn first_curl(offers: &Offers, to: Target<'_>) -> Option<FirstCurl> {
    let served = |dialect| offers.model(dialect).map(|model| (dialect, model));
    let all: Vec<_> = Dialect::ALL.into_iter().filter_map(served).collect();
    let known = all.iter().find(|(dialect, _)| offers.is_known(*dialect));
    let (dialect, model) = *known.or(all.first())?;
    let text = settings::curl(to, dialect, model);
    let known = known.is_some();
    Some(FirstCurl { text, model: model.to_owned(), dialect: dialect_title(dialect), known })
}

/// Lists the clients: those that are served first.
#[must_use]
pub fn clients(offers: &Offers, to: Target<'_>) -> Vec<ClientView> {
    let told = |dialect| offers.told(dialect);
    let client = |id, name, dialect, blocks| ClientView {
        id,
        name,
        trouble: offers.trouble(dialect),
        blocks,
        note: None,
    };
    let (claude, codex, gemini) = (Dialect::Anthropic, Dialect::Responses, Dialect::Gemini);
    let mut all = vec![
        client("claude-code", "Claude Code", claude, settings::claude_code(to, told(claude))),
        client("codex", "Codex", codex, settings::codex(to, told(codex))),
        ClientView {
            note: Some(Text::of(gemini_note(to.address))),
            ..client("gemini-cli", "Gemini CLI", gemini, settings::gemini_cli(to, told(gemini)))
        },
        opencode(offers, to),
    ];
    all.extend(CURLS.map(|(id, name, dialect)| {
        let text = settings::curl(to, dialect, offers.model(dialect).unwrap_or(SOME_MODEL));
        client(id, name, dialect, vec![Block { label: Text::of("key-block-curl"), text }])
    }));
    all.sort_by_key(|client| client.trouble.is_some());
    all
}

/// `OpenCode` speaks whatever a provider does.
fn opencode(offers: &Offers, to: Target<'_>) -> ClientView {
    let best = offers.best(OPENCODE);
    let dialect = best.unwrap_or(Dialect::Anthropic);
    let model = offers.model(dialect).unwrap_or(SOME_MODEL);
    ClientView {
        id: "opencode",
        name: "OpenCode",
        trouble: best.map_or_else(|| Some(needs_any()), |dialect| offers.trouble(dialect)),
        blocks: settings::opencode(to, dialect, model),
        note: None,
    }
}

fn needs_any() -> Trouble {
    Trouble { text: Text::of("key-needs-any"), href: "/providers/new" }
}

/// The Gemini CLI refuses plain HTTP, but for its own machine.
fn gemini_note(address: &str) -> &'static str {
    let host = url::Url::parse(address).ok();
    let host = host.as_ref().filter(|url| url.scheme() == "http").and_then(url::Url::host_str);
    let is_refused = host.is_some_and(|host| !["localhost", "127.0.0.1", "[::1]"].contains(&host));
    if is_refused { "key-note-gemini-https" } else { "key-note-gemini" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: Target<'_> = Target { address: "http://h:1", key: "sk-1" };

    #[test]
    fn the_first_curl_speaks_what_is_served() {
        let curl = first_curl(&Offers::sample(&[Dialect::Gemini]), TO).unwrap();
        assert!(curl.text.contains("/v1beta/models/model-x:generateContent"), "{}", curl.text);
        let curl =
            first_curl(&Offers::sample(&[Dialect::Gemini, Dialect::OpenaiChat]), TO).unwrap();
        assert!(curl.text.contains("/v1/chat/completions"), "{}", curl.text);
        assert!(first_curl(&Offers::sample(&[]), TO).is_none());
    }

    #[test]
    fn what_is_known_to_be_served_is_tried_before_what_is_guessed() {
        let mut offers = Offers::sample(&[Dialect::Anthropic, Dialect::Responses]);
        for (dialect, offer) in &mut offers.0 {
            if let Offer::Served { known, .. } = offer {
                *known = *dialect == Dialect::Responses;
            }
        }
        let curl = first_curl(&offers, TO).unwrap();
        assert!(curl.known && curl.text.contains("/v1/responses"), "{}", curl.text);
    }

    #[test]
    fn the_gemini_cli_s_dislike_of_plain_http_is_said_where_it_matters() {
        for (address, id) in [
            ("http://127.0.0.1:23000", "key-note-gemini"),
            ("http://[::1]:23000", "key-note-gemini"),
            ("https://relay.example.com", "key-note-gemini"),
            ("http://10.0.0.7:23000", "key-note-gemini-https"),
            ("http://relay.lan:23000", "key-note-gemini-https"),
        ] {
            assert_eq!(gemini_note(address), id, "{address}");
        }
    }

    #[test]
    fn clients_that_are_served_stand_first_and_others_say_what_they_need() {
        let all = clients(&Offers::sample(&[Dialect::Responses]), TO);
        let names: Vec<&str> = all.iter().map(|client| client.id).collect();
        assert_eq!(names.get(..3).unwrap(), ["codex", "opencode", "curl-responses"]);
        let claude = all.iter().find(|client| client.id == "claude-code").unwrap();
        let text = Text::of("key-needs-provider").with("dialect", "Anthropic Messages");
        assert_eq!(claude.trouble.as_ref().unwrap().text, text);
        let nothing = clients(&Offers::sample(&[]), TO);
        let opencode = nothing.iter().find(|client| client.id == "opencode").unwrap();
        assert_eq!(opencode.trouble, Some(needs_any()), "it speaks whatever there is");
    }
}
