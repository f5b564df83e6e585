//! Users: found, made, changed, switched off, removed.

use serde_json::json;

use super::html::{text_of, value_of};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;

#[actix_rt::test]
async fn a_name_is_enough_for_a_user_with_a_first_key() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let empty = admin.page("/users").await;
    assert!(empty.contains("No users yet") && empty.contains("/users/new"), "{empty}");
    let made = admin.submit("/users/new", "/users/new", &[("name", "Ann")]).await;
    let target = made.header("location").unwrap_or_default();
    assert!(target.starts_with("/keys/"), "{}", made.text());
    let key_page = admin.follow(&made).await;
    assert!(key_page.contains("Ann is there"), "{key_page}");
    let key = text_of(&key_page, "the-key").unwrap();
    assert!(key.starts_with("sk-") && key.len() == 35, "{key}");
    let users = switchyard.admin("users/getUsers", json!({})).await;
    assert_eq!((&users[0]["dailyQuota"], &users[0]["rpm"]), (&json!(100), &json!(100)));
    let list = admin.page("/users").await;
    assert!(list.contains(">Ann</a>") && list.contains("$100 a day"), "{list}");
}

#[actix_rt::test]
async fn what_is_typed_is_kept_where_something_is_wrong_and_said_at_its_field() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let fields = [
        ("name", ""),
        ("note", "backend <team>"),
        ("limit5hUsd", "10001"),
        ("rpm", "0"),
        ("expiresAt", "2020-01-01T00:00"),
        ("dailyQuota", "much"),
    ];
    let wrong = admin.submit("/users/new", "/users/new", &fields).await;
    assert_eq!(wrong.status, 422);
    let html = wrong.text();
    assert_eq!(value_of(&html, "note").as_deref(), Some("backend <team>"));
    assert_eq!(value_of(&html, "dailyQuota").as_deref(), Some("much"));
    for (field, words) in [
        ("name", "This is needed."),
        ("limit5hUsd", "At most 10,000."),
        ("rpm", "At least 1."),
        ("expiresAt", "This is over already"),
        ("dailyQuota", "A number."),
    ] {
        let said = text_of(&html, &format!("e-{field}")).unwrap_or_default();
        assert!(said.starts_with(words), "{field}: {said}");
    }
    assert!(html.contains("<details class=\"group\" open>"), "what is wrong is in sight");
    assert_eq!(switchyard.admin("users/getUsers", json!({})).await, json!([]));
}

#[actix_rt::test]
async fn an_edit_says_all_of_a_user_and_can_take_limits_and_the_end_away() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let made = switchyard.admin("users/addUser", json!({ "name": "x" })).await;
    let user = made["user"]["id"].clone();
    let edit = json!({ "userId": user, "name": "Ann", "limitWeeklyUsd": 20, "tags": ["a", "b"],
        "expiresAt": "2030-01-01T00:00:30Z", "allowedClients": ["codex"] });
    switchyard.admin("users/editUser", edit).await;
    let page = format!("/users/{user}/edit");
    let html = admin.page(&page).await;
    assert_eq!(value_of(&html, "tags").as_deref(), Some("a, b"));
    assert_eq!(value_of(&html, "limitWeeklyUsd").as_deref(), Some("20"));
    let end = value_of(&html, "expiresAt").unwrap();
    let saved = admin
        .submit(&page, &page, &[("name", "Anna"), ("expiresAt", &end), ("limitWeeklyUsd", "")])
        .await;
    assert_eq!(saved.header("location"), Some(format!("/users/{user}").as_str()));
    let shown = switchyard.admin("users/getUsers", json!({})).await[0].clone();
    assert_eq!((&shown["name"], &shown["tags"]), (&json!("Anna"), &json!(["a", "b"])));
    assert_eq!(shown["expiresAt"], "2030-01-01T00:00:30.000Z", "seconds that no field shows");
    assert_eq!(shown["limitWeeklyUsd"], json!(null));
    assert_eq!(shown["allowedClients"], json!(["codex"]), "what the form does not have stays");
    admin.submit(&page, &page, &[("name", "Anna"), ("expiresAt", "")]).await;
    let shown = switchyard.admin("users/getUsers", json!({})).await[0].clone();
    assert_eq!(shown["expiresAt"], json!(null));
}

#[actix_rt::test]
async fn a_user_is_found_by_what_is_in_the_address_bar() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    for n in 0..52 {
        let body = json!({ "name": format!("user-{n:02}"), "tags": [format!("t{}", n % 2)] });
        switchyard.admin("users/addUser", body).await;
    }
    let first = admin.page("/users?q=T1").await;
    assert!(first.contains("user-01") && !first.contains("user-00"), "{first}");
    assert!(first.contains("26 users"), "{first}");
    let all = admin.page("/users").await;
    assert!(all.contains("user-49") && !all.contains("user-50"), "fifty a page");
    let next = all.split("href=\"").find(|part| part.starts_with("/users?before=")).unwrap();
    let next = next.split('"').next().unwrap();
    let rest = admin.page(next).await;
    assert!(rest.contains("user-50") && rest.contains("user-51") && !rest.contains("user-49"));
    let none = admin.page("/users?q=%3Cnobody%3E").await;
    assert!(none.contains("&lt;nobody&gt;") && none.contains("Show all users"), "{none}");
}

#[actix_rt::test]
async fn a_removal_asks_by_name_and_says_what_goes_and_what_stays() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let user = switchyard.add_user(json!({ "name": "Ann <x>" })).await;
    let asked = admin.page(&format!("/users/{}/remove", user.id)).await;
    assert!(asked.contains("Remove Ann &lt;x&gt;?"), "{asked}");
    assert!(asked.contains("default stops working") && asked.contains("ledger"), "{asked}");
    let target = format!("/users/{}/remove", user.id);
    let gone = admin.submit(&target, &target, &[]).await;
    assert!(admin.follow(&gone).await.contains("was removed"));
    assert_eq!(admin.get(&format!("/users/{}", user.id)).await.status, 404);
    assert_eq!(admin.get(&format!("/keys/{}", user.key_id)).await.status, 404);
}

#[actix_rt::test]
async fn a_form_without_the_token_of_its_page_changes_nothing() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let user = switchyard.add_user(json!({ "name": "Ann" })).await;
    for target in [
        "/users/new".to_owned(),
        format!("/users/{}/edit", user.id),
        format!("/users/{}/switch", user.id),
        format!("/users/{}/remove", user.id),
        format!("/users/{}/keys/new", user.id),
        format!("/keys/{}/edit", user.key_id),
        format!("/keys/{}/switch", user.key_id),
        format!("/keys/{}/remove", user.key_id),
    ] {
        for fields in [vec![("name", "Eve")], vec![("name", "Eve"), ("csrf", "guess")]] {
            assert_eq!(admin.post(&target, &fields).await.status, 403, "{target}");
        }
    }
    let shown = switchyard.admin("users/getUsers", json!({})).await;
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["name"], "Ann");
    assert_eq!(shown[0]["keys"].as_array().unwrap().len(), 1);
}

#[actix_rt::test]
async fn people_who_are_no_admins_see_and_change_only_what_is_theirs() {
    let switchyard = Switchyard::launch(&[]).await;
    let (ann, bob) = (
        switchyard.add_user(json!({ "name": "Ann" })).await,
        switchyard.add_user(json!({ "name": "Bob" })).await,
    );
    let person = Person::with_key(&switchyard, &ann.key).await;
    let own = format!("/users/{}", ann.id);
    assert_eq!(person.get("/users").await.header("location"), Some(own.as_str()));
    let html = person.page(&own).await;
    assert!(html.contains("Ann") && !html.contains(&format!("/users/{}/edit", ann.id)), "{html}");
    for hidden in [
        format!("/users/{}", bob.id),
        format!("/users/{}/keys/new", bob.id),
        format!("/keys/{}", bob.key_id),
        format!("/keys/{}/show", bob.key_id),
        format!("/keys/{}/seen", bob.key_id),
        format!("/keys/{}/edit", bob.key_id),
        format!("/keys/{}/remove", bob.key_id),
    ] {
        assert_eq!(person.get(&hidden).await.status, 404, "{hidden}");
    }
    for forbidden in ["/users/new".to_owned(), format!("{own}/edit"), format!("{own}/remove")] {
        assert_eq!(person.get(&forbidden).await.status, 403, "{forbidden}");
    }
    let add = format!("{own}/keys/new");
    let fields = [("name", "laptop"), ("providerGroup", "vip"), ("canLoginWebUi", "on")];
    let made = person.submit(&add, &add, &fields).await;
    assert!(person.follow(&made).await.contains("laptop is there"));
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": ann.id })).await;
    assert_eq!(keys[1]["providerGroup"], json!(null), "groups are for admins to give");
    for others in ["switch", "show", "remove"] {
        let others = format!("/keys/{}/{others}", bob.key_id);
        assert_eq!(person.submit(&own, &others, &[("on", "false")]).await.status, 404, "{others}");
    }
}

#[actix_rt::test]
async fn a_switched_off_user_is_told_apart_and_comes_back() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let user = switchyard.add_user(json!({ "name": "Ann" })).await;
    let (page, switch) = (format!("/users/{}", user.id), format!("/users/{}/switch", user.id));
    let off = admin.submit(&page, &switch, &[("on", "false")]).await;
    assert!(admin.follow(&off).await.contains("none of their keys works"));
    let key = admin.page(&format!("/keys/{}", user.key_id)).await;
    assert!(key.contains("Its user is switched off"), "{key}");
    let on = admin.submit(&page, &switch, &[("on", "true")]).await;
    assert!(admin.follow(&on).await.contains("may send requests again"));
}

#[actix_rt::test]
async fn the_rooms_speak_chinese() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::stranger(&switchyard).in_chinese();
    admin.post("/login", &[("key", ADMIN_TOKEN)]).await;
    assert!(admin.page("/users").await.contains("还没有用户"));
    let made = admin.submit("/users/new", "/users/new", &[("name", "安娜")]).await;
    let html = admin.follow(&made).await;
    assert!(html.contains("还没有收到请求") && html.contains("客户端配置"), "{html}");
    let wrong = admin.submit("/users/new", "/users/new", &[("name", "")]).await;
    assert!(wrong.text().contains("必填"), "{}", wrong.text());
}
