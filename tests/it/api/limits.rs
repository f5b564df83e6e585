//! Limits of every kind, set and seen in one form.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use switchyard::store::AuditFilter;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::{Borders, Load};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::money::Nano;

use super::stand::{As, NOW, Stand};

const RESET: &str = "limits/resetLimits";
const SET: &str = "limits/setLimits";
const GET: &str = "limits/getLimits";

async fn owned(stand: &Stand, owner: &str) -> Value {
    stand.done(GET, json!({ "owner": owner })).await
}

#[actix_web::test]
async fn groups_and_tags_get_limits_that_the_catalogue_knows() {
    for stand in Stand::both().await {
        let group = json!({ "owner": "group", "name": "team", "limitDailyUsd": 2.5,
            "limitTpm": 9_000, "limitConcurrentRequests": 7, "dailyResetMode": "rolling" });
        stand.done(SET, group).await;
        let tag = json!({ "owner": "tag", "name": "blue", "limitRpm": 4,
            "limit5hUsd": 1, "fiveHourResetMode": "fixed" });
        stand.done(SET, tag).await;
        let catalogue = stand.catalogue().await;
        let team = &catalogue.groups["team"];
        assert_eq!(team.factor, None, "a limit is no factor");
        let limits = Limits {
            tpm: Some(9_000),
            concurrent_requests: Some(7),
            daily: Some(Nano(2_500_000_000)),
            daily_mode: ResetMode::Rolling,
            five_hour_mode: ResetMode::Rolling,
            ..Limits::NONE
        };
        assert_eq!(team.limits, limits);
        let blue = &catalogue.tags["blue"];
        assert_eq!((blue.rpm, blue.spend_5h), (Some(4), Some(Nano::from_usd(1))));
        assert_eq!(blue.five_hour_mode, ResetMode::Fixed);
        stand.done(SET, json!({ "owner": "group", "name": "team", "limitTpm": null })).await;
        let catalogue = stand.catalogue().await;
        assert_eq!(catalogue.groups["team"].limits, Limits { tpm: None, ..limits });
    }
}

#[actix_web::test]
async fn users_keys_and_providers_get_the_kinds_that_their_forms_do_not_have() {
    for stand in Stand::both().await {
        let (user, key) = (stand.user.0, stand.key.0);
        stand.done(SET, json!({ "owner": "user", "id": user, "limitTpm": 100 })).await;
        let of_key = json!({ "owner": "key", "id": key, "limitRpm": 3,
            "limitConcurrentRequests": 2, "fiveHourResetMode": "fixed" });
        stand.done(SET, of_key).await;
        stand.done("users/editUser", json!({ "userId": user, "rpm": 50 })).await;
        stand.done("keys/editKey", json!({ "keyId": key, "name": "again" })).await;
        let catalogue = stand.catalogue().await;
        let caller = catalogue.callers.values().find(|caller| caller.key == stand.key).unwrap();
        assert_eq!((caller.user_limits.tpm, caller.user_limits.rpm), (Some(100), Some(50)));
        let limits = &caller.key_limits;
        assert_eq!((limits.rpm, limits.concurrent_requests), (Some(3), Some(2)));
        assert_eq!(limits.five_hour_mode, ResetMode::Fixed, "a form leaves it");
        let over = json!({ "owner": "key", "id": key, "limitDailyUsd": 101 });
        let (status, _) = stand.call(As::Admin, SET, over).await;
        assert_eq!(status, 400, "the user may spend a hundred a day");
    }
}

#[actix_web::test]
async fn what_is_seen_is_what_the_next_request_is_checked_against() {
    let stand = Stand::new().await;
    let tag = json!({ "owner": "tag", "name": "blue", "limitTotalUsd": 5, "limitTpm": 1_000,
        "limitConcurrentRequests": 3 });
    stand.done(SET, tag).await;
    let blue = [Dimension::Tag("blue".into())];
    let hold = Load { money: Nano(250_000_000), tokens: 90 };
    stand.counters.books(stand.user, |books| {
        books.raise(&blue, hold);
        books.charge(&blue, NOW, Some(Nano::from_usd(1)), 10);
    });
    let seen = owned(&stand, "tag").await;
    let limits = seen[0]["limits"].as_array().unwrap();
    let parts: Vec<(&str, &Value, &Value)> = limits
        .iter()
        .map(|one| (one["limitType"].as_str().unwrap(), &one["current"], &one["limit"]))
        .collect();
    assert_eq!(
        parts,
        [
            ("usd_total", &json!(1.25), &json!(5)),
            ("concurrent_requests", &json!(0), &json!(3)),
            ("tpm", &json!(100), &json!(1_000)),
        ]
    );
    assert_eq!((&seen[0]["owner"], &seen[0]["name"]), (&json!("tag"), &json!("blue")));
    assert_eq!(owned(&stand, "group").await, json!([]));
    let users = owned(&stand, "user").await;
    assert_eq!(users[0]["id"], stand.user.0, "the default limits of a user");
}

#[actix_web::test]
async fn only_admins_set_limits_and_only_of_who_is_there() {
    let stand = Stand::new().await;
    let mine = json!({ "owner": "key", "id": stand.key.0, "limitRpm": 0 });
    for path in [SET, GET] {
        let (status, _) = stand.call(As::User, path, mine.clone()).await;
        assert_eq!(status, 403, "{path}");
    }
    for unknown in [
        json!({ "owner": "key", "id": 99, "limitRpm": 1 }),
        json!({ "owner": "user", "id": 99, "limitRpm": 1 }),
        json!({ "owner": "provider", "id": ProviderId(99), "limitRpm": 1 }),
        json!({ "owner": "tag", "id": 1, "limitRpm": 1 }),
        json!({ "owner": "group", "limitRpm": 1 }),
    ] {
        stand.refused(SET, unknown).await;
    }
    stand.done(SET, mine).await;
    let filter = AuditFilter { action: Some("limits.set".into()), ..AuditFilter::default() };
    let log = stand.server.api.app.store.audit_page(&filter, 10).await.unwrap();
    assert_eq!(log.len(), 1);
}

#[actix_web::test]
async fn a_reset_is_an_admins_leaves_an_entry_and_is_of_one_who_is_there() {
    for stand in Stand::both().await {
        let (user, key) = (Dimension::User(stand.user), Dimension::Key(stand.key));
        let spend = || {
            let owners = [user.clone(), key.clone()];
            stand.counters.books(stand.user, |books| {
                books.charge(&owners, NOW, Some(Nano::from_usd(1)), 10);
            });
        };
        let total = |of: &Dimension| {
            stand.counters.books(stand.user, |books| {
                books
                    .meter(of)
                    .unwrap()
                    .sums(of, &Borders::around(&TimeZone::UTC, &Limits::NONE, NOW))
                    .total
            })
        };
        let resets = [
            ("users/resetUserLimits", "userId", stand.user.0),
            ("keys/resetKeyLimits", "keyId", stand.key.0),
        ];
        for (path, name, id) in resets {
            spend();
            let (status, _) = stand.call(As::User, path, json!({ name: id })).await;
            assert_eq!(status, 403, "{path}");
            assert_ne!(total(&user), Nano::ZERO);
            stand.refused(path, json!({ name: 99 })).await;
            stand.done(path, json!({ name: id })).await;
            let of = if name == "userId" { &user } else { &key };
            assert_eq!(total(of), Nano::ZERO);
        }
        stand.refused("providers/resetProviderTotalUsage", json!({ "providerId": 99 })).await;
        let reset = json!({ "owner": "user", "id": stand.user.0 });
        assert_eq!(stand.call(As::User, RESET, reset).await.0, 403);
        stand.refused(RESET, json!({ "owner": "user", "id": 99 })).await;
        let filter = AuditFilter { action: Some("limits.reset".into()), ..AuditFilter::default() };
        let log = stand.server.api.app.store.audit_page(&filter, 10).await.unwrap();
        assert_eq!(log.len(), 2);
    }
}

#[actix_web::test]
async fn a_group_and_a_tag_are_reset_once_anything_was_set_for_them() {
    for stand in Stand::both().await {
        for owner in ["group", "tag"] {
            let name = Arc::from("blue");
            let of = if owner == "tag" { Dimension::Tag(name) } else { Dimension::Group(name) };
            stand.counters.books(stand.user, |books| {
                books.charge(std::slice::from_ref(&of), NOW, Some(Nano::from_usd(1)), 10);
            });
            let total = || {
                let (unlimited, zone) = (Limits::NONE, TimeZone::UTC);
                stand.counters.view_common(&of, &unlimited, &zone, NOW).total
            };
            let reset = json!({ "owner": owner, "name": "blue" });
            stand.refused(RESET, reset.clone()).await;
            assert_eq!(total(), Nano::from_usd(1));
            stand.done(SET, json!({ "owner": owner, "name": "blue", "limitDailyUsd": 2 })).await;
            assert_eq!(stand.call(As::User, RESET, reset.clone()).await.0, 403);
            stand.done(RESET, reset).await;
            assert_eq!(total(), Nano::ZERO);
            let resets = stand.server.api.app.store.resets(NOW).await.unwrap();
            assert!(resets.iter().any(|reset| reset.owner == of), "{resets:?}");
            // Everybody is metered, limited or not.
            stand.done(SET, json!({ "owner": owner, "name": "red", "limitDailyUsd": null })).await;
            stand.done(RESET, json!({ "owner": owner, "name": "red" })).await;
        }
    }
}
