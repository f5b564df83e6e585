//! Users page by page, by a part of their name, note or a tag: the console's list.

use serde_json::json;
use switchyard::app::users::{self, Search, UserWithKeys};
use switchyard::app::{Actor, ActorKind};
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::UserId;

use super::stand::{NOW, Stand};

async fn found(stand: &Stand, part: &str) -> Vec<String> {
    let search = Search { part, after: None };
    let page = users::page(&stand.server.api.app, &Actor::cli(), search, 50).await.unwrap();
    page.into_iter().map(|found| found.user.fields.name).collect()
}

#[actix_web::test]
async fn a_part_of_name_note_or_tag_finds_a_user_on_each_engine() {
    for stand in Stand::both().await {
        for body in [
            json!({ "name": "Berta 50%", "note": "Команда Backend" }),
            json!({ "name": "Übung", "tags": ["team-a", "Premium"] }),
            json!({ "name": "snake_case", "note": "back\\slash" }),
        ] {
            stand.done("users/addUser", body).await;
        }
        for (part, names) in [
            ("bert", vec!["Berta 50%"]),
            ("BACKEND", vec!["Berta 50%"]),
            ("Команда", vec!["Berta 50%"]),
            ("übung", vec!["Übung"]),
            ("ÜBUNG", vec!["Übung"]),
            ("premium", vec!["Übung"]),
            ("Premium", vec!["Übung"]),
            ("0%", vec!["Berta 50%"]),
            ("%", vec!["Berta 50%"]),
            ("_", vec!["snake_case"]),
            ("\\", vec!["snake_case"]),
            // Brackets and commas of the stored list are no part of a tag.
            ("\",", vec![]),
            ("nobody", vec![]),
            ("an", vec!["anna"]),
        ] {
            assert_eq!(found(&stand, part).await, names, "{part}");
        }
        assert_eq!(found(&stand, "").await.len(), 4);
    }
}

#[actix_web::test]
async fn pages_follow_each_other_without_a_gap_and_know_what_keys_did_today() {
    for stand in Stand::both().await {
        let app = &stand.server.api.app;
        for n in 0..4 {
            stand.done("users/addUser", json!({ "name": format!("user {n}") })).await;
        }
        stand.write(&[stand.row(NOW, 1)]).await;
        let actor = Actor::cli();
        let page =
            async |after| users::page(app, &actor, Search { part: "", after }, 2).await.unwrap();
        let mut seen: Vec<UserWithKeys> = Vec::new();
        loop {
            let after = seen.last().map(|last| (last.user.fields.role, last.user.id));
            let more = page(after).await;
            if more.is_empty() {
                break;
            }
            seen.extend(more);
        }
        let ids: Vec<i64> = seen.iter().map(|found| found.user.id.0).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((ids.len(), ids), (5, sorted));
        let anna = seen.iter().find(|found| found.user.id == stand.user).unwrap();
        let (key, today) = &anna.keys[0];
        assert_eq!((today.requests(), today.cost().0), (1, 1_234_567));
        assert_eq!(today.last.as_ref().unwrap().at, NOW);
        assert!(key.sealed.is_none(), "what is not there cannot be opened");
        let others = seen.iter().filter(|found| found.user.id != stand.user);
        assert!(others.flat_map(|found| &found.keys).all(|(_, today)| today.requests() == 0));
    }
}

#[actix_web::test]
async fn only_admins_look_at_others() {
    let stand = Stand::new().await;
    let app = &stand.server.api.app;
    let other = stand.done("users/addUser", json!({ "name": "bob" })).await;
    let other = UserId(other["user"]["id"].as_i64().unwrap());
    let anna = Actor {
        kind: ActorKind::User(stand.user),
        role: Role::User,
        name: "anna".to_owned(),
        client_ip: None,
        user_agent: None,
    };
    assert!(users::page(app, &anna, Search::default(), 5).await.is_err());
    assert!(users::find(app, &anna, other).await.unwrap().is_none());
    assert!(users::find(app, &anna, stand.user).await.unwrap().is_some());
}
