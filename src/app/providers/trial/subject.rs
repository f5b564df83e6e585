//! Whom a test or a list of models asks: a provider as it is typed, as it is kept, or as it is kept
//! with what is typed over it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Document;
use switchyard_actors::domain::credential::{Access, cleaned};
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::own_header;
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::domain::routing::pattern::Pattern;
use switchyard_actors::domain::routing::redirects::Redirects;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::ports::{VendorAsk, VendorReply};
use url::{Origin, Url};

use crate::app::providers::draft::Draft;
use crate::app::providers::{ID, addition, list};
use crate::app::shape::{Body, Field, Rule, Shape};
use crate::app::{AppContext, AppError};
use crate::store::PROVIDER_KEY;
use crate::wire::credentials;

/// The field that names the model of a test.
pub const TEST_MODEL: &str = "test_model";
/// What must be there of a provider that is not kept.
const NEEDED: [&str; 2] = ["url", "key"];
const AGENT: &str = concat!("switchyard/", env!("CARGO_PKG_VERSION"));
/// As Claude Code sends it.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Returns what the body of a test may hold: that of a change for a provider that is kept, else that
/// of a new one as far as it is needed to ask.
#[must_use]
pub fn question(is_kept: bool) -> Shape {
    let fields = addition()
        .0
        .into_iter()
        .map(|field| Field { required: !is_kept && NEEDED.contains(&field.name), ..field });
    let own = [
        Field::optional(ID, Rule::ID),
        Field::optional(TEST_MODEL, Rule::text(0, 256).nullable())
            .about("The model that is asked; without it one is guessed."),
    ];
    Shape::from(own).and(fields)
}

/// Whom to ask.
pub(in crate::app::providers) struct Subject {
    pub(super) kept: Option<ProviderId>,
    pub(super) name: String,
    pub(in crate::app::providers) kind: ProviderKind,
    pub(in crate::app::providers) url: String,
    key: Secret,
    /// What stands in for a key that is a credential.
    token: Option<Secret>,
    headers: BTreeMap<String, String>,
    pub(super) redirects: Redirects,
    pub(super) models: Vec<String>,
    allow_private: bool,
    /// How it is reached; what is asked here never goes around a proxy.
    pub(in crate::app::providers) proxy: ProxyUse,
}

/// The models that are named outright; a pattern cannot be asked.
fn models(draft: &Draft) -> Vec<String> {
    let listed: Vec<Pattern> = draft.document("allowed_models");
    listed.iter().filter_map(|one| one.exact().map(str::to_owned)).collect()
}

impl Subject {
    /// Reads whom a body means; also returns the body, checked.
    pub(in crate::app::providers) async fn read(
        app: &AppContext,
        raw: &Document,
    ) -> Result<(Self, Body), AppError> {
        let body = question(raw.get(ID).is_some()).check(raw, &app.moment())?;
        let kept = body.has(ID).then(|| body.provider(ID));
        let (draft, key) = match kept {
            None => (Draft::new(app, &body)?, None),
            Some(provider) => kept_draft(app, provider, &body).await?,
        };
        let kind = draft.text("kind").and_then(ProviderKind::parse);
        let kind = kind.unwrap_or(ProviderKind::Claude);
        let typed = body.text("key").map(|typed| Secret::new(&cleaned(kind, typed)));
        let key = typed.or(key).ok_or_else(unreadable_key)?;
        let token = match Access::of(kind, key.reveal()) {
            Access::Key => None,
            Access::Google(_) => Some(token(app, kept.filter(|_| !body.has("key"))).await?),
            Access::Unusable(fault) => return Err(no_token(&fault.to_string())),
        };
        let subject = Self {
            kept,
            name: draft.name().to_owned(),
            kind,
            url: draft.urls.first().cloned().unwrap_or_default(),
            key,
            token,
            headers: draft.document("custom_headers"),
            redirects: Redirects::kept(&draft.document("model_redirects")),
            models: models(&draft),
            allow_private: app.live.allow_private_urls || draft.allows_private(),
            proxy: ProxyUse::of(draft.text("proxy_url"), false),
        };
        Ok((subject, body))
    }

    /// Sends one request: what is posted, or without a body a question for what is there.
    pub(in crate::app::providers) async fn ask(
        &self,
        app: &AppContext,
        url: String,
        body: Option<String>,
        most_bytes: usize,
    ) -> Option<VendorReply> {
        let ask = VendorAsk {
            url,
            headers: self.headers(body.is_some()),
            body,
            allow_private: self.allow_private,
            proxy: self.proxy.proxy().cloned(),
            most_bytes,
            within: app.live.test_timeout.max(Duration::from_secs(1)),
        };
        Some(app.live.vendors.as_ref()?.ask(ask).await)
    }

    /// Names the proxy, without who we are there.
    pub(in crate::app::providers) fn through(&self) -> Option<String> {
        self.proxy.proxy().map(ToString::to_string)
    }

    /// The headers of a relayed request, as far as a client has no part in them.
    fn headers(&self, has_body: bool) -> Vec<(String, Secret)> {
        let mut all = vec![
            ("user-agent".to_owned(), Secret::new(AGENT)),
            ("accept-encoding".to_owned(), Secret::new("identity")),
        ];
        if has_body {
            all.push(("content-type".to_owned(), Secret::new("application/json")));
        }
        if matches!(self.kind, ProviderKind::Claude | ProviderKind::ClaudeAuth) {
            all.push(("anthropic-version".to_owned(), Secret::new(ANTHROPIC_VERSION)));
        }
        let own =
            self.headers.iter().filter(|(name, value)| own_header::fault(name, value).is_none());
        all.extend(own.map(|(name, value)| (name.to_ascii_lowercase(), Secret::new(value))));
        let token = self.token.as_ref().map(Secret::reveal);
        let (name, value) = credentials::upstream(self.kind, self.key.reveal(), token);
        all.push((name.to_owned(), Secret::new(&value)));
        all
    }

    /// Takes the key out of a text, wherever the vendor repeats it.
    pub(in crate::app::providers) fn without_key(&self, text: &str) -> String {
        let sent = self.token.as_ref().map_or_else(|| self.key.reveal(), Secret::reveal);
        match credentials::secret_part(sent) {
            "" => text.to_owned(),
            secret => text.replace(secret, "•••"),
        }
    }
}

/// Gets the token of a provider that is kept. One that is typed gets none: what it is got with may
/// change by that, and would be lost with the test.
async fn token(app: &AppContext, kept: Option<ProviderId>) -> Result<Secret, AppError> {
    let Some(kept) = kept else { return Err(unsaved_credential()) };
    let provider = app.live.provider.as_ref().and_then(|find| find(kept));
    let (Some(provider), Some(keeper)) = (provider, &app.live.credentials) else {
        return Err(no_token("nobody gets tokens here"));
    };
    let within = app.live.test_timeout.max(Duration::from_secs(1));
    let token = keeper.token(&provider, None, within).await;
    token.map(|token| token.secret.clone()).map_err(|fault| no_token(&fault.to_string()))
}

fn unsaved_credential() -> AppError {
    AppError::refused(
        "providers-unsaved-credential",
        "a credential gets its tokens once it is kept: save the provider, then test it",
    )
    .at("key")
}

fn no_token(why: &str) -> AppError {
    AppError::refused("providers-no-token", format!("there is no token to test with: {why}"))
        .with("why", why)
        .at("key")
}

async fn kept_draft(
    app: &AppContext,
    provider: ProviderId,
    body: &Body,
) -> Result<(Draft, Option<Secret>), AppError> {
    let row = app.store.provider(provider).await?.ok_or_else(list::unknown)?;
    let urls = app.store.provider_urls().await?.remove(&provider).unwrap_or_default();
    let kept_for: Vec<Origin> = urls.iter().filter_map(|url| origin(url)).collect();
    let mut draft = Draft::of(&row, urls)?;
    let former_proxy = draft.text("proxy_url").map(str::to_owned);
    draft.change(app, body)?;
    // The kept key goes where it went before, and to nobody else who is typed.
    let asked = draft.urls.first().and_then(|url| origin(url));
    if !body.has("key") && !asked.is_some_and(|asked| kept_for.contains(&asked)) {
        return Err(foreign_address());
    }
    // A proxy reads what is not encrypted, the key included.
    let proxy = draft.text("proxy_url").filter(|proxy| former_proxy.as_deref() != Some(proxy));
    let is_open = draft.urls.first().is_none_or(|url| !url.starts_with("https:"));
    if !body.has("key") && is_open && proxy.is_some() {
        return Err(foreign_proxy());
    }
    let key = app.cipher.open_sealed(PROVIDER_KEY, row.text("sealed_key")?);
    Ok((draft, key))
}

fn origin(url: &str) -> Option<Origin> {
    Url::parse(url).ok().map(|url| url.origin())
}

fn foreign_address() -> AppError {
    AppError::refused(
        "providers-foreign-address",
        "the kept key is for another address: type the key for this one",
    )
    .at("key")
}

fn foreign_proxy() -> AppError {
    AppError::refused(
        "providers-foreign-proxy",
        "without https the proxy would read the kept key: save the proxy first, or type the key",
    )
    .at("key")
}

fn unreadable_key() -> AppError {
    AppError::refused(
        "providers-unreadable-key",
        "the key was sealed with another secret key: type it again",
    )
    .at("key")
}
