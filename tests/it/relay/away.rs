//! The database is away, or stands still: requests are served from what is known, and their rows wait.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::waiting::{SOON, until};
use crate::support::way::Way;

const AWAY: usize = 20;
/// A request that waits for the database waits longer.
const AT_ONCE: Duration = Duration::from_secs(3);
/// It is noticed after ten seconds, and everybody is asked once a second.
const NOTICED: Duration = Duration::from_secs(20);
/// Connections that stood still are given up after a while.
const RECOVERED: Duration = Duration::from_mins(1);

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

/// What `/api/health/ready` says.
async fn health(switchyard: &Switchyard) -> (u16, String) {
    let answer = switchyard.send(&Request::get("/api/health/ready")).await;
    (answer.status, answer.text())
}

/// Starts an instance whose way to its database can stand still.
async fn behind_a_way(database: &Database) -> (Switchyard, Way) {
    let mut dsn = url::Url::parse(&database.dsn()).expect("a DSN");
    let server = format!("127.0.0.1:{}", dsn.port().expect("a port"));
    let way = Way::to(&server).await;
    dsn.set_port(Some(way.address().port())).expect("a port");
    (Switchyard::start_with(&[("DSN", dsn.as_str())]).await, way)
}

/// Calls of the management API that answered an empty list once, and others that read.
const READS: [&str; 6] = [
    "providers/getProviders",
    "providers/getProvidersHealthStatus",
    "users/getUsers",
    "usage-logs/getUsageLogs",
    "error-rules/listErrorRules",
    "sensitive-words/listSensitiveWords",
];

#[tokio::test]
async fn a_database_that_stands_still_is_named_as_the_cause_and_nothing_looks_empty() {
    let (database, upstream) = (Database::create().await, Upstream::start());
    let (switchyard, way) = behind_a_way(&database).await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    switchyard.add_user(json!({})).await;
    for read in READS {
        assert_eq!(switchyard.action(read, &json!({})).await.status, 200, "{read}");
    }
    way.freeze();
    let answers = join_all(READS.map(|read| async { switchyard.action(read, &json!({})).await }));
    for (read, answer) in READS.iter().zip(answers.await) {
        let said = answer.json();
        assert_eq!((answer.status, &said["ok"]), (500, &json!(false)), "{read}: {said}");
        assert_eq!(said["errorCode"], "DATABASE_UNAVAILABLE", "{read}: {said}");
        assert!(
            said["error"].as_str().is_some_and(|text| text.contains("数据库")),
            "{read}: {said}"
        );
    }
    way.thaw();
    let listed = until("providers are listed again", RECOVERED, async || {
        let answer = switchyard.action("providers/getProviders", &json!({})).await;
        (answer.status == 200).then(|| answer.json())
    })
    .await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test]
async fn requests_go_on_while_postgresql_stands_still_and_each_has_its_row_afterwards() {
    let (database, upstream) = (Database::create().await, Upstream::start());
    let (switchyard, way) = behind_a_way(&database).await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 100 })).await;
    let request = Request::model(Dialect::Anthropic, &user.key, MODEL, true);
    assert_eq!(switchyard.send(&request).await.status, 200);
    switchyard.rows_when(1).await;

    way.freeze();
    let ask = async || {
        let asked = Instant::now();
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
    };
    for _ in 0..AWAY {
        ask().await;
    }
    until("health says it", NOTICED, async || {
        let (status, said) = health(&switchyard).await;
        assert_eq!(status, 200, "requests may come: {said}");
        (said.contains("wait in the journal") && said.contains("catalogue")).then_some(())
    })
    .await;
    ask().await;
    way.thaw();
    until("health is well", RECOVERED, async || {
        let (_, said) = health(&switchyard).await;
        (!said.contains("wait in the journal") && !said.contains("catalogue")).then_some(())
    })
    .await;
    let rows = until("all rows are there", SOON, async || {
        let rows = switchyard.rows().await;
        (rows.len() >= AWAY + 2).then_some(rows)
    })
    .await;
    assert_eq!(rows.len(), AWAY + 2, "each once");
}

#[tokio::test]
async fn rows_wait_while_postgresql_only_reads_and_come_in_afterwards() {
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
    let reads_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    beside.batch_execute(&reads_only).await.expect("let it read only");
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    beside.query_one(end, &[&name]).await.expect("end its connections");
    for _ in 0..AWAY {
        assert_eq!(switchyard.send(&request).await.status, 200);
    }
    until("health says it", NOTICED, async || {
        let (status, said) = health(&switchyard).await;
        assert_eq!(status, 200, "requests may come: {said}");
        said.contains("rows do not reach the database").then_some(())
    })
    .await;
    // Connections that were made meanwhile are not ended: they have to be given up.
    let writes = format!("ALTER DATABASE {name} RESET default_transaction_read_only");
    beside.batch_execute(&writes).await.expect("let it write");
    let rows = until("all rows are there", RECOVERED, async || {
        let rows = switchyard.rows().await;
        (rows.len() > AWAY).then_some(rows)
    })
    .await;
    assert_eq!(rows.len(), AWAY + 1, "each once");
}

#[tokio::test]
async fn rows_that_postgresql_refuses_are_told_and_come_in_once_it_takes_them() {
    let (database, upstream) = (Database::create().await, Upstream::start());
    let dsn = database.dsn();
    let switchyard = Switchyard::start_with(&[("DSN", &dsn)]).await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let refused = Request::model(Dialect::Anthropic, &user.key, MODEL, true);
    let taken = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
    assert_eq!(switchyard.send(&taken).await.status, 200);
    switchyard.rows_when(1).await;

    let tables = database.connect().await;
    let rule = "ALTER TABLE requests ADD CONSTRAINT whole_answers CHECK (is_stream = 0) NOT VALID";
    tables.batch_execute(rule).await.expect("refuse streams");
    for request in [&refused, &taken, &refused] {
        assert_eq!(switchyard.send(request).await.status, 200);
    }
    switchyard.rows_when(2).await;
    until("health says how many", NOTICED, async || {
        let (status, said) = health(&switchyard).await;
        assert_eq!(status, 200, "requests may come: {said}");
        (said.contains("rows that the database refuses, since 20") && said.contains("Z: 2;"))
            .then_some(())
    })
    .await;
    let figures = switchyard.send(&Request::get("/metrics")).await.text();
    assert!(figures.contains("\nswitchyard_ledger_refused_rows 2\n"), "{figures}");
    tables.batch_execute("ALTER TABLE requests DROP CONSTRAINT whole_answers").await.expect("mend");
    let rows = until("all rows are there", RECOVERED, async || {
        let rows = switchyard.rows().await;
        (rows.len() > 3).then_some(rows)
    })
    .await;
    assert_eq!(rows.len(), 4, "each once");
    until("health is well", SOON, async || {
        let (_, said) = health(&switchyard).await;
        (!said.contains("refuses")).then_some(())
    })
    .await;
}
