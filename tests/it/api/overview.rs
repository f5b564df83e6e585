//! Today at a glance.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use switchyard::store::ALLOW_GLOBAL_USAGE_VIEW;
use switchyard_actors::domain::money::Nano;

use super::stand::{As, NOW, Stand};

const OVERVIEW: &str = "overview/getOverviewData";

#[actix_web::test]
async fn today_is_added_up_from_midnight_of_the_zone() {
    for stand in Stand::both().await {
        let yesterday = stand.row(NOW.minus(Duration::from_hours(21)), 1);
        let mut rows = [1, 2, 3].map(|_| stand.row(NOW, 1));
        rows[0].status = 500;
        rows[0].duration_ms = 2_000;
        rows[1].cost.as_mut().unwrap().cost = Nano(1_000_000_500);
        rows[2].cost = None;
        rows[2].unbilled = Some(Arc::from("unpriced"));
        stand.write(&[yesterday]).await;
        stand.bind("one", 1);
        stand.bind("two", 2);
        stand.write(&rows).await;
        let wanted = json!({
            "concurrentSessions": 2, "todayRequests": 3, "todayCost": 1.001_235,
            "avgResponseTime": 1_667, "todayErrorRate": 33.33,
        });
        assert_eq!(stand.done(OVERVIEW, json!({})).await, wanted);
    }
}

#[actix_web::test]
async fn a_day_without_requests_divides_by_nothing() {
    let stand = Stand::new().await;
    let wanted = json!({
        "concurrentSessions": 0, "todayRequests": 0, "todayCost": 0, "avgResponseTime": 0,
        "todayErrorRate": 0,
    });
    assert_eq!(stand.done(OVERVIEW, json!({})).await, wanted);
}

#[actix_web::test]
async fn users_see_zeros_until_everybody_may_look() {
    let stand = Stand::new().await;
    stand.write(&[stand.row(NOW, 1)]).await;
    let requests = || async {
        stand.call(As::User, OVERVIEW, json!({})).await.1["data"]["todayRequests"].clone()
    };
    assert_eq!(requests().await, json!(0));
    stand.server.api.app.store.put_settings(&[(ALLOW_GLOBAL_USAGE_VIEW, true)], NOW).await.unwrap();
    assert_eq!(requests().await, json!(1));
}
