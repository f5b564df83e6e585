//! A stream that carries a list's filters tells of the rows that the list would show, and of no
//! others.

use serde_json::json;

use super::{DIALECT, Told, cookie, id, next, open};
use crate::relay::stand::Pair;
use crate::support::client::{Live, Request};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;

/// Returns the rows that are told before the breaker is closed.
async fn rows(live: &mut Live) -> Vec<String> {
    let mut rows = Vec::new();
    loop {
        let Told { name, data, .. } = next(live, "row breaker more reset").await;
        match name.as_str() {
            "row" => rows.push(data["id"].as_str().unwrap().to_owned()),
            "breaker" if data["change"] == "reset" => return rows,
            "breaker" => {}
            other => panic!("{other}: {data}"),
        }
    }
}

/// The requests of a page, oldest first.
fn listed(html: &str) -> Vec<String> {
    let rows = html.split("<tr data-request=\"").skip(1);
    let mut ids: Vec<_> = rows.map(|row| row.split('"').next().unwrap().to_owned()).collect();
    ids.reverse();
    ids
}

#[tokio::test]
async fn a_list_and_its_stream_read_the_filters_alike() {
    let pair = Pair::new(DIALECT).await;
    let switchyard = &pair.switchyard;
    let ben = switchyard.add_user(json!({ "name": "Ben" })).await;
    let person = Person::admin(switchyard).await;
    let cookie = cookie(switchyard, ADMIN_TOKEN).await;
    let filters = [
        String::new(),
        "status=errors".to_owned(),
        "status=4xx".to_owned(),
        "status=5xx".to_owned(),
        "status=200".to_owned(),
        "status=nonsense".to_owned(),
        format!("model=%20{MODEL}%20"),
        "model=another".to_owned(),
        format!("user=+{}+", ben.id),
        format!("user={}&status=errors", ben.id),
        "user=anna&key=x&provider=y".to_owned(),
        format!("key={}", ben.key_id),
        format!("provider={}", pair.second_id),
        "retries=1".to_owned(),
        "session=nobody".to_owned(),
        "time=hour".to_owned(),
        "time=custom&from=2020-01-01T00:00&to=2020-01-02T00:00".to_owned(),
        "time=custom&from=2020-01-01T00:00&to=2120-01-02T00:00".to_owned(),
        "time=custom&from=2120-01-01T00:00".to_owned(),
        "from=noon".to_owned(),
    ];
    let mut streams = Vec::new();
    for filter in filters {
        let mut live = open(switchyard, &cookie, &format!("/live?{filter}"), &[]).await;
        next(&mut live, "place").await;
        streams.push((filter, live));
    }
    let mut all = vec![id(&pair.ask(DIALECT, true).await).to_owned()];
    pair.first.once(Script::json(400, error_body(DIALECT, 400, "no such tool")));
    all.push(id(&pair.ask(DIALECT, false).await).to_owned());
    let request = Request::model(DIALECT, &ben.key, MODEL, false);
    all.push(id(&switchyard.send(&request).await).to_owned());
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    for _ in 0..5 {
        all.push(id(&pair.ask(DIALECT, true).await).to_owned());
    }
    // Rows come from the ledger, breakers at once: the end is told when all rows are.
    let (_, unfiltered) = &mut streams[0];
    let mut told = Vec::new();
    while told.len() < all.len() {
        told.push(next(unfiltered, "row").await.data["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(told, all);
    let reset = json!({ "providerId": pair.first_id });
    switchyard.admin("providers/resetProviderCircuit", reset).await;
    let mut sizes = Vec::new();
    for (filter, mut live) in streams.into_iter().skip(1) {
        let page = person.page(&format!("/requests?{filter}")).await;
        let told = rows(&mut live).await;
        assert_eq!(told, listed(&page), "{filter}");
        let has_ended = filter.ends_with("to=2020-01-02T00:00");
        assert_eq!(page.contains("data-live-address"), !has_ended, "{filter}");
        sizes.push(told.len());
    }
    assert_eq!(sizes, [1, 1, 0, 7, 8, 8, 0, 1, 0, 8, 1, 5, 5, 0, 8, 0, 8, 0, 8]);
}

#[tokio::test]
async fn a_filter_for_others_shows_nobody_what_is_not_theirs() {
    let pair = Pair::new(DIALECT).await;
    let ben = pair.switchyard.add_user(json!({ "name": "Ben" })).await;
    let cookie = cookie(&pair.switchyard, &ben.key).await;
    let address = format!("/live?user={}", pair.user.id);
    let mut live = open(&pair.switchyard, &cookie, &address, &[]).await;
    next(&mut live, "place").await;
    pair.ask(DIALECT, true).await;
    pair.switchyard.rows_when(1).await;
    let own = pair.switchyard.send(&Request::model(DIALECT, &ben.key, MODEL, false)).await;
    assert_eq!(next(&mut live, "row").await.data["id"], id(&own));
}

#[tokio::test]
async fn what_a_filter_leaves_out_takes_no_room_from_what_it_shows() {
    let pair = Pair::new(DIALECT).await;
    let ben = pair.switchyard.add_user(json!({ "name": "Ben" })).await;
    let cookie = cookie(&pair.switchyard, ADMIN_TOKEN).await;
    let mut live = open(&pair.switchyard, &cookie, &format!("/live?user={}", ben.id), &[]).await;
    next(&mut live, "place").await;
    let client = pair.switchyard.client();
    let flood = Request::model(DIALECT, &pair.user.key, MODEL, false);
    let asked: Vec<_> = (0..60)
        .map(|_| {
            let flood = flood.clone();
            tokio::spawn(async move { client.send(&flood).await.status })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 200);
    }
    // All of them have been passed over by now, within the second whose room is looked at.
    let own = pair.switchyard.send(&Request::model(DIALECT, &ben.key, MODEL, false)).await;
    let told = next(&mut live, "row more reset").await;
    assert_eq!((told.name.as_str(), &told.data["id"]), ("row", &json!(id(&own))));
}
