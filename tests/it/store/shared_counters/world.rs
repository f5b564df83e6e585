//! Who asks, under which limits, and what a request comes to.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::{Catalogue, Group};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::{Borders, Calendar};
use switchyard_actors::domain::ids::{RequestId, SessionId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Costs, Limits};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::price::ModelPrice;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::routing::fallback::Fallbacks;
use switchyard_actors::domain::sharing::{Charge, Windowed};
use switchyard_actors::domain::usage::Usage;
use switchyard_actors::rate_limiter::{Ask, Reserve, Settle};
use switchyard_actors::testing::{caller, price, provider};

/// What one output token costs.
pub const TOKEN: i64 = 10_000;

/// Who asks, and under which limits.
pub struct World {
    pub callers: [Arc<Caller>; 3],
    pub catalogue: Arc<Catalogue>,
    pub provider: Provider,
    pub price: Arc<ModelPrice>,
}

impl World {
    /// Knows the limits of the user, the key, the group, a tag and the provider.
    pub fn new(limits: &[Limits; 5]) -> Self {
        let [user, key, group, tag, limits] = limits.clone();
        let provider = Provider { limits, ..provider(1) };
        let member = |id: i64, number: i64, own: &Limits| {
            let mut member = (*caller(id, number, user.clone(), own.clone())).clone();
            member.groups = Arc::from([Arc::from("team")]);
            member.tags = Arc::from([Arc::from("blue")]);
            Arc::new(member)
        };
        let callers = [
            member(1, 1, &key),
            member(1, 2, &Limits::default()),
            member(2, 3, &Limits::default()),
        ];
        let team = Group { factor: None, limits: group, fallbacks: Fallbacks::default() };
        let catalogue = Catalogue {
            groups: Arc::new([(Arc::from("team"), team)].into_iter().collect()),
            tags: Arc::new([(Arc::from("blue"), tag)].into_iter().collect()),
            ..Catalogue::default()
        };
        Self { callers, catalogue: Arc::new(catalogue), provider, price: price() }
    }

    pub fn limits(&self, owner: &Dimension) -> Limits {
        let by_key = |caller: &&Arc<Caller>| Dimension::Key(caller.key) == *owner;
        match owner {
            Dimension::Key(_) => self.callers.iter().find(by_key).unwrap().key_limits.clone(),
            Dimension::User(_) => self.callers[0].user_limits.clone(),
            Dimension::Group(name) => self.catalogue.groups[name].limits.clone(),
            Dimension::Tag(name) => self.catalogue.tags[name].clone(),
            Dimension::Provider(_) => self.provider.limits.clone(),
        }
    }

    pub fn borders(&self, owner: &Dimension, at: Micros) -> Borders {
        let zone = &self.catalogue.settings.time_zone;
        Calendar::default().around(zone, &self.limits(owner), at)
    }

    pub fn windowed(&self, charge: Charge) -> Windowed {
        let windows = charge.owners.iter().map(|owner| {
            let borders = self.borders(owner, charge.at);
            [borders.day.start, borders.week.start, borders.month.start]
        });
        let windows = windows.collect();
        Windowed { charge, windows }
    }

    pub fn request(
        &self,
        who: usize,
        session: u8,
        output: u64,
        counts: bool,
        now: Micros,
    ) -> Reserve {
        Reserve {
            request: RequestId([1; 16]),
            caller: Arc::clone(&self.callers[who]),
            session: SessionId(Arc::from(format!("s_{who}_{session}"))),
            ask: Ask {
                model: Some(Arc::from("m")),
                body_bytes: 0,
                max_output: Some(output),
                choices: 1,
                priority: false,
                price: Some(Arc::clone(&self.price)),
                factor: Decimal::ONE,
                counts,
            },
            catalogue: Arc::clone(&self.catalogue),
            patience: Duration::MAX,
            now,
        }
    }
}

pub fn bill(output: u64, counts: bool, now: Micros) -> Settle {
    let money = Nano(i64::try_from(output).unwrap() * TOKEN);
    let usage = counts.then_some(Usage { output, ..Usage::default() });
    let cost = counts.then_some(Costs { charged: money, list: money });
    Settle { cost, usage, input_bytes: 0, now }
}
