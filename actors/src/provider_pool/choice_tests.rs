//! Properties of the whole choice, over arbitrary catalogues and conditions.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::choice::{Choice, Ground, NoneEligible, choose};
use super::eligibility::{Condition, Health, Over, Wanted, judge};
use super::explain::replay;
use crate::domain::caller::Caller;
use crate::domain::catalogue::Catalogue;
use crate::domain::decision::{Decision, Exclusion, Method};
use crate::domain::dialect::{Dialect, Operation, ProviderKind};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;
use crate::domain::routing::client::ClientFacts;
use crate::domain::routing::pattern::Pattern;
use crate::domain::routing::schedule::Schedule;
use crate::testing::{caller_of as caller, provider};

const NOW: Micros = Micros(1_772_452_800_000_000);

/// A world to choose in.
#[derive(Clone, Debug)]
struct World {
    providers: Vec<Arc<Provider>>,
    conditions: BTreeMap<ProviderId, Condition>,
    /// Those whom somebody else takes between the look and the grasp.
    races: BTreeSet<ProviderId>,
    bound: Option<ProviderId>,
    vendor: Option<String>,
    tried: Vec<ProviderId>,
    seed: u64,
    converts: bool,
    client: ClientFacts,
    zone: TimeZone,
}

const FULL: Over = Over { reason: Exclusion::ConcurrencyLimit, until: None };

type Made = Result<(Arc<Provider>, ProviderId, Decision), NoneEligible>;

impl World {
    fn catalogue(&self) -> Catalogue {
        Catalogue { version: 4, providers: self.providers.clone().into(), ..Catalogue::default() }
    }

    fn wanted<'a>(&'a self, caller: &'a Caller) -> Wanted<'a> {
        Wanted {
            caller,
            dialect: Dialect::Anthropic,
            operation: Operation::Generate,
            converts: self.converts,
            model: Some("sonnet"),
            client: &self.client,
            tried: &self.tried,
            now: NOW,
            zone: &self.zone,
        }
    }

    fn condition(&self, provider: &Provider) -> Condition {
        self.conditions.get(&provider.id).copied().unwrap_or_default()
    }

    fn choose(&self) -> Made {
        self.choice().map(|choice| (choice.provider, choice.taken, choice.decision))
    }

    fn choice(&self) -> Result<Choice<ProviderId>, NoneEligible> {
        let (caller, catalogue) = (caller("a"), self.catalogue());
        let wanted = self.wanted(&caller);
        let (bound, seed) = (self.bound, self.seed);
        let vendor = self.vendor.as_deref();
        let ground = Ground { wanted, catalogue: &catalogue, bound, vendor, seed };
        choose(
            &ground,
            |provider| self.condition(provider),
            |provider| {
                let lost = self.races.contains(&provider.id);
                if lost { Err(Exclusion::ProbesOut) } else { Ok(provider.id) }
            },
        )
    }

    fn reason(&self, id: ProviderId) -> Option<Exclusion> {
        let caller = caller("a");
        let provider = self.providers.iter().find(|one| one.id == id).unwrap();
        judge(&self.wanted(&caller), provider, || self.condition(provider))
    }

    fn may(&self, id: ProviderId) -> bool {
        self.reason(id).is_none() && !self.races.contains(&id)
    }
}

fn health() -> impl Strategy<Value = Health> {
    prop_oneof![
        4 => Just(Health::Well),
        1 => (1_u64..600).prop_map(|s| Health::Open(NOW.plus(Duration::from_secs(s)))),
        1 => Just(Health::ProbesOut),
        1 => (1_u64..60).prop_map(|s| Health::Cooling(NOW.plus(Duration::from_secs(s)))),
        1 => (1_u64..60).prop_map(|s| Health::Resting(NOW.plus(Duration::from_secs(s)))),
    ]
}

fn one_provider() -> impl Strategy<Value = (Provider, Condition, bool, bool)> {
    let fits = (any::<bool>(), 0_u8..8, 0_u8..8, 0_u8..8, 0_u8..8);
    let shape = (0_i64..3, 1_u32..20, fits);
    let state = (health(), 0_u8..6, 0_u8..6, 0_u8..6, 0_u8..6);
    (shape, state).prop_map(|((priority, weight, fits), (health, full, tried, race, lacks))| {
        let mut one = provider(0);
        one.priority = priority;
        one.weight = NonZeroU32::new(weight).unwrap();
        one.enabled = fits.0 || fits.1 > 0;
        if matches!(fits.1, 1 | 2) {
            one.kind = ProviderKind::Gemini;
        }
        if fits.2 == 1 {
            one.groups = Arc::from([Arc::from("others")]);
        }
        if fits.3 == 1 {
            one.allowed_models = Arc::from([Pattern::parse("opus").unwrap()]);
        }
        match fits.4 {
            0 => one.schedule = Schedule::new(Some(60), Some(60), None),
            1 => one.clients.allowed = Arc::from([Arc::from("codex")]),
            2 => one.group_priorities = Arc::new([(Arc::from("a"), 1)].into()),
            _ => {}
        }
        let over = (full == 0).then_some(FULL);
        let lacks = (lacks == 0).then(|| NOW.plus(Duration::from_mins(3)));
        (one, Condition { health, over, lacks }, tried == 0, race == 0)
    })
}

prop_compose! {
    fn worlds()(
        made in prop::collection::vec(one_provider(), 0..12),
        bound in prop::option::of(1_i64..14),
        seed in any::<u64>(),
        converts in any::<bool>(),
    ) -> World {
        let mut world = World {
            providers: Vec::new(),
            conditions: BTreeMap::new(),
            races: BTreeSet::new(),
            bound: bound.map(ProviderId),
            vendor: None,
            tried: Vec::new(),
            seed,
            converts,
            client: ClientFacts::default(),
            zone: TimeZone::UTC,
        };
        for ((mut provider, condition, tried, race), id) in made.into_iter().zip(1..) {
            provider.id = ProviderId(id);
            world.conditions.insert(provider.id, condition);
            if tried {
                world.tried.push(provider.id);
            }
            if race {
                world.races.insert(provider.id);
            }
            world.providers.push(Arc::new(provider));
        }
        world
    }
}

proptest! {
    #[test]
    fn nobody_who_is_excluded_is_ever_chosen(world in worlds()) {
        match world.choose() {
            Ok((provider, taken, decision)) => {
                prop_assert_eq!(provider.id, taken);
                prop_assert_eq!(decision.pick, Some(taken));
                prop_assert_eq!(world.reason(taken), None);
                prop_assert!(!world.races.contains(&taken));
                let lacks = |id| world.conditions[&id].lacks.is_some();
                let has_it = |one: &Arc<Provider>| !lacks(one.id) && world.may(one.id);
                prop_assert!(!lacks(taken) || !world.providers.iter().any(has_it));
            }
            Err(none) => {
                prop_assert!(!world.providers.iter().any(|one| world.may(one.id)));
                prop_assert_eq!(none.decision.pick, None);
            }
        }
    }

    #[test]
    fn the_record_alone_makes_the_same_pick_again(world in worlds()) {
        let decision = world.choose().map_or_else(|none| none.decision, |(_, _, made)| made);
        prop_assert_eq!(replay(&decision), decision.pick);
        let text = serde_json::to_string(&decision).unwrap();
        let read: Decision = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(replay(&read), decision.pick);
    }

    #[test]
    fn a_draw_accounts_for_every_provider(world in worlds()) {
        let decision = world.choose().map_or_else(|none| none.decision, |(_, _, made)| made);
        if decision.method == Method::Draw {
            for one in &world.providers {
                let out = decision.excluded.values().flatten().filter(|id| **id == one.id).count();
                let drawn_from = decision.tier.iter().any(|(id, _)| *id == one.id);
                let place = (is_foreign(one), Some(one.priority_for(&caller("a").groups)));
                let drawn_at = (decision.converted, decision.priority);
                let reserve = decision.pick.is_some() && place > drawn_at;
                prop_assert!(out == usize::from(!drawn_from) || (reserve && out == 0));
            }
        }
    }

    #[test]
    fn nobody_is_converted_for_while_one_of_the_clients_own_format_is_well(world in worlds()) {
        let Ok((provider, _, decision)) = world.choose() else { return Ok(()) };
        prop_assert_eq!(decision.converted, is_foreign(&provider));
        prop_assert!(world.converts || !decision.converted);
        for (id, _) in &decision.tier {
            let one = world.providers.iter().find(|one| one.id == *id).unwrap();
            prop_assert_eq!(is_foreign(one), decision.converted, "one draw, one way");
        }
        let is_well = |one: &&Arc<Provider>| {
            let condition = world.condition(one);
            let rests = matches!(condition.health, Health::Resting(_));
            world.may(one.id) && !rests && condition.lacks.is_none()
        };
        if decision.converted {
            prop_assert!(!world.providers.iter().filter(is_well).any(|one| !is_foreign(one)));
        }
    }

    #[test]
    fn neither_repetition_nor_the_order_of_the_catalogue_changes_anything(
        (world, shuffled) in worlds().prop_flat_map(|world| {
            let providers = Just(world.providers.clone()).prop_shuffle();
            (Just(world), providers)
        })
    ) {
        let first = world.choose().map(|(_, _, decision)| decision);
        let again = world.choose().map(|(_, _, decision)| decision);
        prop_assert_eq!(&first, &again);
        let shuffled = World { providers: shuffled, ..world };
        prop_assert_eq!(first, shuffled.choose().map(|(_, _, decision)| decision));
    }
}

/// Tells whether requests of these tests are converted for a provider.
fn is_foreign(provider: &Provider) -> bool {
    !provider.kind.speaks(Dialect::Anthropic)
}

fn world(ids: &[i64]) -> World {
    World {
        providers: ids.iter().map(|id| Arc::new(provider(*id))).collect(),
        conditions: BTreeMap::new(),
        races: BTreeSet::new(),
        bound: None,
        vendor: None,
        tried: Vec::new(),
        seed: 1,
        converts: true,
        client: ClientFacts::default(),
        zone: TimeZone::UTC,
    }
}

#[test]
fn a_session_stays_unless_its_provider_may_not_serve() {
    let mut world = world(&[1, 2]);
    for bound in [1, 2] {
        world.bound = Some(ProviderId(bound));
        let (provider, _, decision) = world.choose().unwrap();
        assert_eq!((provider.id, decision.method), (ProviderId(bound), Method::Sticky));
    }
    world
        .conditions
        .insert(ProviderId(2), Condition { health: Health::Cooling(NOW), over: None, lacks: None });
    let (provider, _, decision) = world.choose().unwrap();
    assert_eq!((provider.id, decision.method), (ProviderId(1), Method::Draw));
    assert_eq!(decision.excluded[&Exclusion::Cooling], [ProviderId(2)]);
}

#[test]
fn when_all_pause_the_client_is_told_when_the_first_one_is_back() {
    let mut world = world(&[1, 2]);
    for (id, seconds) in [(1, 30), (2, 7)] {
        let health = Health::Open(NOW.plus(Duration::from_secs(seconds)));
        world.conditions.insert(ProviderId(id), Condition { health, over: None, lacks: None });
    }
    let none = world.choose().unwrap_err();
    let told = |none: &NoneEligible| (none.waiting.somebody, none.waiting.cooling());
    assert_eq!(told(&none), (true, None), "no vendor asked for a wait");
    for (id, seconds) in [(1, 30), (2, 7)] {
        let health = Health::Cooling(NOW.plus(Duration::from_secs(seconds)));
        world.conditions.insert(ProviderId(id), Condition { health, over: None, lacks: None });
    }
    let none = world.choose().unwrap_err();
    assert_eq!(told(&none), (true, Some(Duration::from_secs(7))));
    let mut after_one = World { tried: vec![ProviderId(2)], ..world.clone() };
    let none = after_one.choose().unwrap_err();
    assert_eq!(none.waiting.cooling(), Some(Duration::from_secs(30)), "the other one has failed");
    after_one.conditions.remove(&ProviderId(2));
    assert_eq!(after_one.choose().unwrap_err().waiting, none.waiting, "whatever its condition");
    world.conditions.insert(ProviderId(1), Condition { over: Some(FULL), ..Condition::default() });
    let none = world.choose().unwrap_err();
    assert_eq!(told(&none), (true, None), "a place may be free any moment");
}

#[test]
fn who_rests_is_asked_only_when_nobody_else_can_serve() {
    let mut world = world(&[1, 2]);
    let until = NOW.plus(Duration::from_secs(10));
    let resting = Condition { health: Health::Resting(until), over: None, lacks: None };
    world.conditions.insert(ProviderId(1), resting);
    world.bound = Some(ProviderId(1));
    for seed in 0..20 {
        world.seed = seed;
        let choice = world.choice().unwrap();
        assert_eq!((choice.provider.id, choice.others), (ProviderId(2), true));
        assert_eq!(choice.decision.excluded[&Exclusion::Cooling], [ProviderId(1)]);
        assert_eq!(replay(&choice.decision), Some(ProviderId(2)));
    }
    world.tried.push(ProviderId(2));
    let choice = world.choice().unwrap();
    assert_eq!((choice.provider.id, choice.others), (ProviderId(1), false));
    assert_eq!(choice.decision.tier, [(ProviderId(1), 1)]);
    assert!(!choice.decision.excluded.contains_key(&Exclusion::Cooling));
}

#[test]
fn who_lacks_the_model_is_asked_only_when_nobody_else_can_serve() {
    let mut world = world(&[1, 2]);
    let lacks = Condition { lacks: Some(NOW.plus(Duration::from_mins(3))), ..Condition::default() };
    world.conditions.insert(ProviderId(1), lacks);
    world.bound = Some(ProviderId(1));
    for seed in 0..20 {
        world.seed = seed;
        let choice = world.choice().unwrap();
        assert_eq!((choice.provider.id, choice.others), (ProviderId(2), false));
        assert_eq!(choice.decision.excluded[&Exclusion::LacksModel], [ProviderId(1)]);
        assert_eq!(replay(&choice.decision), Some(ProviderId(2)));
    }
    world.bound = Some(ProviderId(2));
    assert!(!world.choice().unwrap().others, "it is nobody to fail over to");
    let resting = Health::Resting(NOW.plus(Duration::from_secs(10)));
    world.conditions.insert(ProviderId(2), Condition { health: resting, ..Condition::default() });
    assert_eq!(world.choice().unwrap().provider.id, ProviderId(2), "even who rests goes first");
    world.tried.push(ProviderId(2));
    let choice = world.choice().unwrap();
    assert_eq!((choice.provider.id, choice.others), (ProviderId(1), false));
    assert!(!choice.decision.excluded.contains_key(&Exclusion::LacksModel));
}

#[test]
fn the_vendor_of_who_lacks_the_model_goes_first_as_long_as_its_other_accounts_have_it() {
    let mut world = world(&[1, 2, 3, 4]);
    for (at, vendor) in ["one.com", "two.com", "one.com", "one.com"].into_iter().enumerate() {
        let provider = Arc::make_mut(&mut world.providers[at]);
        (provider.vendor, provider.priority) = (Arc::from(vendor), i64::try_from(at).unwrap());
    }
    let lacks = Condition { lacks: Some(NOW.plus(Duration::from_mins(3))), ..Condition::default() };
    world.conditions.insert(ProviderId(1), lacks);
    assert_eq!(world.choose().unwrap().0.id, ProviderId(3), "another account of the first one's");
    world.conditions.insert(ProviderId(3), lacks);
    assert_eq!(world.choose().unwrap().0.id, ProviderId(2), "two of them said the same");
    world.conditions.remove(&ProviderId(1));
    assert_eq!(world.choose().unwrap().0.id, ProviderId(1), "it would not have been asked");
}

#[test]
fn the_clients_own_format_goes_before_every_tier_and_others_serve_when_it_cannot() {
    let mut world = world(&[1, 2, 3]);
    let foreign = Arc::make_mut(&mut world.providers[0]);
    (foreign.kind, foreign.priority) = (ProviderKind::Codex, -9);
    for seed in 0..20 {
        world.seed = seed;
        let choice = world.choice().unwrap();
        assert_ne!(choice.provider.id, ProviderId(1));
        assert!(!choice.decision.converted && choice.others);
    }
    world.tried = vec![ProviderId(2), ProviderId(3)];
    let choice = world.choice().unwrap();
    assert_eq!((choice.provider.id, choice.decision.converted), (ProviderId(1), true));
    assert_eq!((choice.decision.priority, choice.others), (Some(-9), false));
    world.bound = Some(ProviderId(1));
    let (provider, _, decision) = world.choose().unwrap();
    assert_eq!((provider.id, decision.method), (ProviderId(1), Method::Sticky), "a session stays");
    assert!(decision.converted);
    world.tried.clear();
    assert_ne!(world.choose().unwrap().0.id, ProviderId(1), "until its own format is back");
    world.converts = false;
    let (provider, _, decision) = world.choose().unwrap();
    assert_ne!(provider.id, ProviderId(1));
    assert_eq!(decision.excluded[&Exclusion::Format], [ProviderId(1)]);
}

#[test]
fn a_choice_says_whether_somebody_else_could_serve() {
    let mut world = world(&[1, 2]);
    for bound in [None, Some(ProviderId(2))] {
        world.bound = bound;
        assert!(world.choice().unwrap().others);
        let full = Condition { over: Some(FULL), ..Condition::default() };
        world.conditions.insert(ProviderId(1), full);
        assert!(!world.choice().unwrap().others);
        world.conditions.clear();
    }
}

#[test]
fn a_named_vendor_goes_before_every_tier_and_binds_nobody_who_may_not_serve() {
    let mut world = world(&[1, 2, 3]);
    for (at, vendor, priority) in [(0, "one.com", 0), (1, "two.com", 5), (2, "two.com", 5)] {
        let provider = Arc::make_mut(&mut world.providers[at]);
        (provider.vendor, provider.priority) = (Arc::from(vendor), priority);
    }
    world.vendor = Some("two.com".to_owned());
    let mut drawn = BTreeSet::new();
    for seed in 0..40 {
        world.seed = seed;
        let (provider, _, decision) = world.choose().unwrap();
        assert_eq!((decision.priority, replay(&decision)), (Some(5), Some(provider.id)));
        drawn.insert(provider.id.0);
    }
    assert_eq!(drawn, BTreeSet::from([2, 3]), "its own weights are kept");
    world.tried = vec![ProviderId(2)];
    world.races.insert(ProviderId(3));
    let (provider, _, decision) = world.choose().unwrap();
    assert_eq!((provider.id, decision.priority), (ProviderId(1), Some(0)), "nobody of it is left");
}

#[test]
fn a_provider_that_is_never_sticky_is_drawn_like_every_other() {
    let mut world = world(&[1, 2]);
    world.bound = Some(ProviderId(1));
    let mut fickle = provider(1);
    fickle.never_sticky = true;
    world.providers[0] = Arc::new(fickle);
    let mut picked = BTreeSet::new();
    for seed in 0..40 {
        world.seed = seed;
        let (provider, _, decision) = world.choose().unwrap();
        assert_eq!(decision.method, Method::Draw);
        assert!(decision.excluded.is_empty(), "it may serve");
        picked.insert(provider.id);
    }
    assert_eq!(picked.len(), 2);
}

#[test]
fn who_is_over_a_limit_is_left_out_and_the_record_says_when_there_is_room() {
    let midnight = NOW.plus(Duration::from_hours(12));
    let over =
        |reason, until| Condition { over: Some(Over { reason, until }), ..Condition::default() };
    let mut world = world(&[1, 2, 3, 4]);
    let spent = over(Exclusion::SpendLimit, Some(midnight));
    world.conditions.insert(ProviderId(2), spent);
    world.conditions.insert(ProviderId(1), over(Exclusion::RateLimit, None));
    world.conditions.insert(ProviderId(4), over(Exclusion::ConcurrencyLimit, None));
    let (served, _, decision) = world.choose().unwrap();
    assert_eq!(served.id, ProviderId(3));
    let reasons = [Exclusion::SpendLimit, Exclusion::RateLimit, Exclusion::ConcurrencyLimit];
    let who: Vec<_> = reasons.map(|reason| decision.excluded[&reason].clone()).into();
    assert_eq!(who, [[ProviderId(2)], [ProviderId(1)], [ProviderId(4)]]);
    assert_eq!(decision.room_at, [(ProviderId(2), midnight)]);
    assert_eq!(replay(&decision), decision.pick);
    world.conditions.insert(ProviderId(3), spent);
    let none = world.choose().unwrap_err();
    let told = (none.waiting.somebody, none.waiting.cooling());
    assert_eq!(told, (true, None), "they do not just pause");
}
