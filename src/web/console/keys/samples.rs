//! Samples of a key's page.

use std::collections::BTreeSet;

use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;

use super::clients::{Offers, clients, first_curl};
use super::form::Owner;
use super::page::KeyPage;
use super::seen::{SeenRequest, SeenView};
use super::settings::Target;
use super::wishes;
use crate::app::meters::Metered;
use crate::store::KeyFields;
use crate::web::console::frame::Text;
use crate::web::console::users::{StateView, bars};

const TO: Target<'_> =
    Target { address: "http://127.0.0.1:23000", key: "sk-0123456789abcdef0123456789abcdef" };

/// Returns them.
pub fn all() -> Vec<(&'static str, KeyPage)> {
    let served = [Dialect::Anthropic, Dialect::Responses];
    vec![
        ("new", KeyPage { whole: "shown", ..whole(&served) }),
        ("once", KeyPage { whole: "once", ..whole(&served) }),
        ("no-provider", page(&[])),
        ("used", used(&served)),
        ("extreme", extreme()),
    ]
}

fn page(served: &[Dialect]) -> KeyPage {
    let offers = Offers::sample(served);
    KeyPage {
        id: 5,
        name: "default".to_owned(),
        user: Owner { id: 3, name: "ann".to_owned() },
        state: StateView { state: "good", word: Text::of("users-state-active") },
        is_enabled: true,
        trouble: None,
        masked: "sk-0••••••cdef".to_owned(),
        key: None,
        whole: "hidden",
        address: TO.address.to_owned(),
        first: first_curl(&offers, TO),
        clients: clients(&offers, TO),
        seen: waiting(),
        bars: Vec::new(),
        said: wishes::lines(&KeyFields::default()),
        is_admin: true,
    }
}

fn whole(served: &[Dialect]) -> KeyPage {
    let seen = SeenView { keeps: true, ..waiting() };
    KeyPage { key: Some(TO.key.to_owned()), seen, ..page(served) }
}

fn waiting() -> SeenView {
    SeenView { id: 5, word: "waiting", request: None, keeps: false, is_admin: true }
}

fn request(status: u16, state: &'static str) -> SeenRequest {
    SeenRequest {
        at: Micros(1_777_982_300_000_000),
        model: Some("claude-haiku-4-5".to_owned()),
        provider: Some("anthropic".to_owned()),
        status,
        state,
        href: "/requests/019dff2e-6c00-7000-8000-000000000000".to_owned(),
        error: None,
    }
}

fn used(served: &[Dialect]) -> KeyPage {
    let limits = Limits { daily: Some(Nano::from_usd(5)), ..Limits::default() };
    let seen = SeenView { word: "first", request: Some(request(200, "good")), ..waiting() };
    let bars = bars(&Metered { limits, ..Metered::default() });
    let bars = bars.into_iter().filter(|bar| bar.limit.is_some()).collect();
    let said = wishes::lines(&KeyFields {
        loss_policy: Some("strict".to_owned()),
        cache_ttl: Some("1h".to_owned()),
        ..KeyFields::default()
    });
    KeyPage { seen, bars, said, ..page(served) }
}

fn extreme() -> KeyPage {
    let failed = SeenRequest {
        model: None,
        provider: None,
        error: Some("<b>the upstream</b> said \"no\"".to_owned()),
        ..request(502, "bad")
    };
    KeyPage {
        id: i64::MAX,
        name: "<script>alert(1)</script>".repeat(2),
        user: Owner { id: i64::MAX, name: "\"名字\" & <i>".to_owned() },
        state: StateView { state: "unknown", word: Text::of("users-state-off") },
        is_enabled: false,
        trouble: Some(Text::of("key-trouble-off")),
        whole: "gone",
        seen: SeenView { word: "last", request: Some(failed), is_admin: false, ..waiting() },
        is_admin: false,
        ..page(&[Dialect::GeminiCli])
    }
}

impl Offers {
    /// Makes offers where these dialects are served by any model.
    pub(super) fn sample(served: &[Dialect]) -> Self {
        let mut offers = Self::new(&Catalogue::default(), None, &BTreeSet::new());
        offers.serve(served, "model-x");
        offers
    }
}
