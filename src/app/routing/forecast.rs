//! Who would serve a model for a key now, who next, why not the others, and what would change that.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value as Document;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::ids::{KeyId, ProviderId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::routing::client::ClientFacts;
use switchyard_actors::domain::verdict::Want;
use switchyard_actors::provider_pool::eligibility::{Condition, Wanted};
use switchyard_actors::provider_pool::forecast::{self, Obstacle, Rank};
use switchyard_actors::shared::leases::Need;

use super::remedy::remedy;
use crate::app::shape::{Body, Field, Rule, Shape};
use crate::app::time;
use crate::app::{Actor, AppContext, AppError};

/// What a question may name, in the order of `Dialect::ALL`.
const DIALECTS: &[&str] = &[
    Dialect::Anthropic.name(),
    Dialect::OpenaiChat.name(),
    Dialect::Responses.name(),
    Dialect::Gemini.name(),
    Dialect::GeminiCli.name(),
];

/// What a request would find.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The catalogue it was told from.
    pub catalogue: i64,
    /// The key may be used at all: `ok`, or the code it would be refused with.
    pub key: &'static str,
    /// Who may serve, those of the client's own format first, by priority, and those who rest last: the
    /// first are drawn from now, the next when those have failed.
    pub ranks: Vec<RankView>,
    /// Who may not.
    pub excluded: Vec<ExcludedView>,
    /// When the first one may serve for whom waiting is enough; only where nobody may now.
    pub next_at: Option<String>,
}

/// Providers that are drawn from together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RankView {
    /// Their priority for this key.
    pub priority: i64,
    /// They speak another format: the request would be converted for them.
    pub converted: bool,
    /// Who they are.
    pub providers: Vec<CandidateView>,
}

/// A provider that may serve.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: Arc<str>,
    /// Its weight.
    pub weight: u32,
    /// Its chance within the rank, in hundredths of a percent.
    pub share: u64,
    /// The model that would be sent.
    pub sends: String,
    /// Others go first until then.
    pub rests_until: Option<String>,
}

/// A provider that may not serve.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExcludedView {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: Arc<str>,
    /// Everything that stands in the way.
    pub reasons: Vec<ReasonView>,
}

/// One thing in the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonView {
    /// What it is, as rows have it.
    pub reason: &'static str,
    /// When it ends by itself, if it does.
    pub until: Option<String>,
    /// What would end it.
    pub remedy: String,
}

/// Returns what a question may hold.
#[must_use]
pub fn question() -> Shape {
    Shape::from([
        Field::required("keyId", Rule::ID).about("For whom."),
        Field::required("model", Rule::text(1, 255)).about("The model that is asked for."),
        Field::optional("dialect", Rule::OneOf(DIALECTS))
            .about("What the client speaks; anthropic when it is not said."),
        Field::optional("userAgent", Rule::text(0, 255))
            .about("The client program's name for itself, for lists of clients."),
        Field::optional("claudeCode", Rule::Flag)
            .about("The client behaves as Claude Code does; its name alone is not enough."),
    ])
}

/// Looks ahead for one question.
///
/// # Errors
/// Says what is wrong with the body, or that there is no such key.
pub fn forecast(
    app: &AppContext,
    catalogue: &Catalogue,
    actor: &Actor,
    raw: &Document,
) -> Result<Outcome, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = question().check(raw, &app.moment())?;
    let key = body.int("keyId").map(KeyId);
    let caller = catalogue.callers.values().find(|caller| Some(caller.key) == key);
    let caller = caller.ok_or_else(crate::app::keys::no_key)?;
    let (now, zone) = (app.clock.now(), (app.zone)());
    let client = client(&body);
    let converts = app.live.converts;
    let question = Question { catalogue, caller, now, zone: &zone, client: &client, converts };
    // As a request that is new and whose cost nobody knows.
    let want = Want { counts: true, now, ..Want::default() };
    let need = Need { session: None, want, zone: &catalogue.settings.time_zone };
    let model = body.text("model");
    let look = |provider: &Provider| {
        app.live.look.as_ref().map_or_else(Condition::default, |look| look(provider, &need, model))
    };
    Ok(question.answer(&body, look))
}

fn client(body: &Body) -> ClientFacts {
    ClientFacts {
        user_agent: body.text("userAgent").map(Arc::from),
        is_claude_code: body.flag("claudeCode").unwrap_or(false),
    }
}

struct Question<'a> {
    catalogue: &'a Catalogue,
    caller: &'a Caller,
    now: Micros,
    zone: &'a TimeZone,
    client: &'a ClientFacts,
    converts: bool,
}

impl Question<'_> {
    fn answer(&self, body: &Body, look: impl Fn(&Provider) -> Condition) -> Outcome {
        let model = body.text("model").unwrap_or_default();
        let named = body.text("dialect");
        let dialect = Dialect::ALL.into_iter().find(|dialect| Some(dialect.name()) == named);
        let wanted = Wanted {
            caller: self.caller,
            dialect: dialect.unwrap_or(Dialect::Anthropic),
            operation: Operation::Generate,
            converts: self.converts,
            model: Some(model),
            client: self.client,
            tried: &[],
            now: self.now,
            zone: self.zone,
        };
        let found = forecast::forecast(&wanted, self.catalogue, look);
        let excluded = found.excluded.iter();
        Outcome {
            catalogue: self.catalogue.version,
            key: self.standing(model),
            next_at: found.next_at().map(time::iso),
            ranks: found.ranks.iter().map(|rank| self.rank(rank, model)).collect(),
            excluded: excluded.filter_map(|(id, all)| self.excluded(*id, all, &wanted)).collect(),
        }
    }

    fn standing(&self, model: &str) -> &'static str {
        match self.caller.standing(self.now).code() {
            Some(code) => code,
            None if !self.caller.may_ask(model) => "model_not_allowed",
            None => "ok",
        }
    }

    fn provider(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.catalogue.providers.iter().find(|provider| provider.id == id)
    }

    fn rank(&self, rank: &Rank, model: &str) -> RankView {
        let total: u64 = rank.candidates.iter().map(|one| u64::from(one.weight)).sum();
        let providers = rank.candidates.iter().filter_map(|one| {
            let provider = self.provider(one.provider)?;
            Some(CandidateView {
                id: one.provider.0,
                name: Arc::clone(&provider.name),
                weight: one.weight,
                share: (u64::from(one.weight) * 10_000).checked_div(total).unwrap_or(0),
                sends: provider.redirect(model).to_owned(),
                rests_until: one.rests_until.map(time::iso),
            })
        });
        let Rank { priority, converted, .. } = *rank;
        RankView { priority, converted, providers: providers.collect() }
    }

    fn excluded(
        &self,
        id: ProviderId,
        obstacles: &[Obstacle],
        wanted: &Wanted<'_>,
    ) -> Option<ExcludedView> {
        let provider = self.provider(id)?;
        let reasons = obstacles.iter().map(|one| ReasonView {
            reason: one.reason.name(),
            until: one.until.map(time::iso),
            remedy: remedy(one.reason, provider, wanted),
        });
        Some(ExcludedView {
            id: id.0,
            name: Arc::clone(&provider.name),
            reasons: reasons.collect(),
        })
    }
}
