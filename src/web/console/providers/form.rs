//! The form of a provider, for a new one and for one that is kept: what has to be typed first, then
//! groups that say why one would touch them.

use std::collections::BTreeMap;

use serde::Serialize;
use switchyard_actors::domain::dialect::ProviderKind;

use super::choose::PresetView;
use super::credential::{self, KeyView};
use super::trial::{ModelsView, TestedView};
use super::{fill, said, wishes};
use crate::app::providers::{self, Kept, KeySort, Preset};
use crate::web::console::frame::{Form, FormView, Page, Room, Text, address};

/// Fields of the groups that are folded away.
const LIMITS: [&str; 12] = [
    "limit_5h_usd",
    "limit_daily_usd",
    "limit_weekly_usd",
    "limit_monthly_usd",
    "limit_total_usd",
    "limit_rpm",
    "limit_tpm",
    "limit_concurrent_sessions",
    "limit_concurrent_requests",
    "five_hour_reset_mode",
    "daily_reset_mode",
    "daily_reset_time",
];
const PATIENCE: [&str; 7] = [
    "first_byte_timeout_streaming_ms",
    "streaming_idle_timeout_ms",
    "request_timeout_non_streaming_ms",
    "max_retry_attempts",
    "circuit_breaker_failure_threshold",
    "circuit_breaker_open_duration",
    "circuit_breaker_half_open_success_threshold",
];
const DUTY: [&str; 6] = [
    "allowed_clients",
    "blocked_clients",
    "active_time_start",
    "active_time_end",
    "active_time_zone",
    "group_priorities",
];
const ADVANCED: [&str; 8] = [
    "endpoints",
    "custom_headers",
    "disable_session_reuse",
    "preserve_client_ip",
    "proxy_url",
    "proxy_fallback_to_direct",
    "website_url",
    "vendor_name",
];

/// A value to choose.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: &'static str,
    label: Text,
}

impl Choice {
    /// Makes a choice of a word and what it is called.
    pub const fn new(value: &'static str, label: Text) -> Self {
        Self { value, label }
    }
}

/// An address that would be called.
#[derive(Clone, Debug, Serialize)]
pub struct CalledView {
    operation: Text,
    url: String,
}

/// The provider that the form changes.
#[derive(Clone, Debug, Serialize)]
pub struct KeptView {
    id: i64,
    name: String,
    /// What is said of its key.
    key: KeyView,
}

/// Which folded groups have something wrong, and are shown unfolded.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Open {
    duty: bool,
    limits: bool,
    patience: bool,
    wishes: bool,
    advanced: bool,
}

/// The form.
#[derive(Clone, Debug, Serialize)]
pub struct FormPage {
    /// Where it is posted to; tests and lists of models below it.
    action: String,
    /// What tests and lists of models are posted to.
    aside: String,
    kept: Option<KeptView>,
    preset: Option<PresetView>,
    form: FormView,
    kinds: Vec<Choice>,
    /// Kinds whose key may be a credential, and the others: each sort has a field of its own.
    key_kinds: [String; 2],
    /// The key's field takes credentials.
    is_google: bool,
    five_hour_modes: [Choice; 2],
    modes: [Choice; 2],
    /// What may be chosen in each field of the wishes.
    wishes: BTreeMap<&'static str, Vec<Choice>>,
    preview: Vec<CalledView>,
    /// What a test found.
    pub tested: Option<TestedView>,
    /// What the vendor said of its models.
    pub models: Option<ModelsView>,
    /// What happens when no model is named to test with.
    test_model_hint: Text,
    /// A key was typed and is not sent back: it has to be typed again.
    pub key_again: bool,
    open: Open,
}

impl FormPage {
    /// Makes the form of a new provider.
    pub fn for_new(preset: &Preset, form: FormView) -> Self {
        let hint = match preset.test_model {
            Some(model) => Text::of("providers-h-test_model-known").with("model", model),
            None => Text::of("providers-h-test_model-unknown"),
        };
        Self {
            preset: Some(PresetView::of(preset)),
            test_model_hint: hint,
            ..Self::new("/providers/new".to_owned(), "/providers".to_owned(), form)
        }
    }

    /// Makes the form of a provider that is kept.
    pub fn for_kept(kept: &Kept, form: FormView) -> Self {
        let path = format!("/providers/{}", kept.id.0);
        let view = KeptView { id: kept.id.0, name: kept.name.clone(), key: KeyView::of(kept) };
        Self { kept: Some(view), ..Self::new(path.clone(), path, form) }
    }

    /// Says that a typed key is not sent back and has to be typed again, if one was typed.
    pub fn asking_key_again(self, form: &Form) -> Self {
        Self { key_again: form.opt("key").is_some(), ..self }
    }

    fn new(action: String, aside: String, form: FormView) -> Self {
        let value = |name: &str| form.values.get(name).map(String::as_str).unwrap_or_default();
        let is_wrong = |names: &[&str]| names.iter().any(|name| form.errors.contains_key(*name));
        let mode = |value| Choice { value, label: said::text("reset", value) };
        let of_five_hours = |value| Choice { value, label: said::text("reset-5h", value) };
        Self {
            action,
            aside,
            kept: None,
            preset: None,
            kinds: kinds(),
            key_kinds: [true, false].map(credential::kinds),
            is_google: ProviderKind::parse(value("provider_type"))
                .is_some_and(ProviderKind::is_google),
            five_hour_modes: [of_five_hours("rolling"), of_five_hours("fixed")],
            modes: [mode("fixed"), mode("rolling")],
            wishes: wishes::choices(),
            preview: preview(value("provider_type"), value("url")),
            tested: None,
            models: None,
            test_model_hint: Text::of("providers-h-test_model"),
            key_again: false,
            open: Open {
                duty: is_wrong(&DUTY),
                limits: is_wrong(&LIMITS),
                patience: is_wrong(&PATIENCE),
                wishes: form.errors.keys().any(|name| wishes::is_of_group(name)),
                advanced: is_wrong(&ADVANCED),
            },
            form,
        }
    }
}

fn kinds() -> Vec<Choice> {
    let choice = |kind: ProviderKind| Choice { value: kind.name(), label: said::kind(kind) };
    ProviderKind::ALL.into_iter().map(choice).collect()
}

/// Shows where requests would go.
pub fn preview(kind: &str, url: &str) -> Vec<CalledView> {
    let Some(kind) = ProviderKind::parse(kind) else { return Vec::new() };
    let view = |called: providers::Called| CalledView {
        operation: said::text("calls", &called.operation.replace('_', "-")),
        url: called.url,
    };
    providers::preview(kind, url).into_iter().map(view).collect()
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "pages/providers/form.html";
    const ROOM: Room = Room::Providers;

    fn title(&self) -> Text {
        match (&self.kept, &self.preset) {
            (Some(kept), _) => Text::plain(kept.name.clone()),
            (None, Some(preset)) if !preset.url.is_empty() => {
                Text::of("providers-add-one").with("name", preset.name)
            }
            _ => Text::of("providers-add"),
        }
    }

    /// Tests are posted to addresses of their own, and a preset stands in the address.
    fn here(&self) -> Option<String> {
        let preset = self.preset.as_ref().filter(|_| self.kept.is_none());
        Some(preset.map_or_else(
            || self.action.clone(),
            |preset| address(&self.action, &[("preset", preset.id)], None),
        ))
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let of = |id| providers::preset(id).unwrap_or(&providers::COMPATIBLE);
        let known = of("anthropic");
        let blank = Self::for_new(of("compatible"), fill::of_preset(of("compatible")));
        let wrong = fill::of_preset(known)
            .with_issue("url", Text::of("wrong-url"))
            .with_issue("limit_5h_usd", Text::of("wrong-number"));
        let mut tested = Self::for_new(of("ollama"), wrong);
        tested.tested = Some(TestedView::sample(false));
        tested.models = Some(ModelsView::sample());
        tested.key_again = true;
        vec![
            ("known", Self::for_new(known, fill::of_preset(known))),
            ("blank", blank),
            ("failed", tested),
            ("kept", Self::sample_of_kept()),
            ("credential", Self::sample_of_credential()),
        ]
    }
}

impl FormPage {
    fn sample_of_kept() -> Self {
        Self {
            tested: Some(TestedView::sample(true)),
            ..Self::sample_of("anthropic", KeySort::Key)
        }
    }

    fn sample_of_credential() -> Self {
        Self::sample_of("gemini", credential::sample())
    }

    fn sample_of(preset: &str, key: KeySort) -> Self {
        let form = fill::of_preset(providers::preset(preset).unwrap_or(&providers::COMPATIBLE));
        let form = FormView {
            values: form.values.into_iter().filter(|(name, _)| name != "preset").collect(),
            ..form
        };
        let kept = Kept {
            id: switchyard_actors::domain::ids::ProviderId(7),
            name: "A & <b>".to_owned(),
            urls: Vec::new(),
            key_end: "abcd".to_owned(),
            key,
            values: serde_json::Map::new(),
        };
        Self::for_kept(&kept, form)
    }
}
