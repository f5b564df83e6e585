//! The database is away: requests are served from what is known, and their rows wait.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

const AWAY: usize = 20;

#[tokio::test]
async fn requests_go_on_while_postgresql_is_away_and_each_has_its_row_afterwards() {
    let (database, upstream) = (Database::create().await, Upstream::start());
    let dsn = database.dsn();
    let switchyard = Switchyard::start_with(&[("DSN", &dsn)]).await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let request = Request::model(Dialect::Anthropic, &user.key, MODEL, true);
    assert_eq!(switchyard.send(&request).await.status, 200);
    switchyard.rows_when(1).await;

    let name = dsn.rsplit('/').next().expect("the name of the database");
    let beside = database.connect_beside().await;
    let may = async |connect: bool| {
        let text = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {connect}");
        beside.batch_execute(&text).await.expect("open or close the database");
    };
    may(false).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    let ended: i64 = beside.query_one(end, &[&name]).await.expect("end its connections").get(0);
    assert!(ended > 0, "somebody was connected");
    for _ in 0..AWAY {
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(upstream.count(), AWAY + 1);
    may(true).await;
    for row in switchyard.rows_when(AWAY + 1).await {
        assert_eq!(row["statusCode"], 200, "{row:#}");
    }
}
