//! Nodes and their admin token: several on one database have one, and one that changes ends what
//! the old one opened.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::client::Request;
use crate::support::launch::{self, ADMIN_TOKEN};
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::waiting::{SOON, until};

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SECRET: (&str, &str) = ("SWITCHYARD_SECRET_KEY", KEY);
const FACT: &str = "SELECT value FROM meta WHERE key = 'admin_token_mark'";

async fn status(switchyard: &Switchyard, token: &str) -> u16 {
    let request = Request::post("/api/actions/users/getUsers", "{}").bearer(token);
    switchyard.send(&request.header("content-type", "application/json")).await.status
}

async fn log_in(switchyard: &Switchyard, token: &str) -> String {
    let body = json!({ "key": token }).to_string();
    let request = Request::post("/api/auth/login", body).header("content-type", "application/json");
    let answer = switchyard.send(&request).await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    let (pair, _) = cookie.split_once(';').expect("attributes");
    pair.strip_prefix("auth-token=").expect("the cookie's name").to_owned()
}

fn hang_up(switchyard: &Switchyard) {
    let pid = switchyard.pid().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().expect("run kill").success());
}

async fn fact(database: &Database) -> String {
    database.connect().await.query_one(FACT, &[]).await.expect("the fact").get(0)
}

#[tokio::test]
async fn a_node_with_another_token_is_refused_while_others_live_and_welcome_alone() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let shared = [("DSN", dsn.as_str()), SECRET];
    let mut first = Switchyard::launch(&shared).await;
    let mark = fact(&database).await;
    assert!(!mark.contains(ADMIN_TOKEN) && mark.len() == 64, "{mark}");

    let data = TempDir::new().unwrap();
    let other = [shared[0], shared[1], ("ADMIN_TOKEN", "another-token-0123456789")];
    let (refused, said) = launch::run_to_end(data.path(), &["serve"], &other);
    assert_eq!(refused.code(), Some(1), "{said}");
    for part in ["another admin token", "set ADMIN_TOKEN to the same text", "admin-token rotate"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("another-token-0123456789") && !said.contains(ADMIN_TOKEN), "{said}");
    assert_eq!(fact(&database).await, mark);

    let mut second = Switchyard::launch(&shared).await;
    assert_eq!(status(&second, ADMIN_TOKEN).await, 200, "the same token is welcome");

    for node in [&mut first, &mut second] {
        node.sigterm();
        assert_eq!(node.wait_exit(Duration::from_secs(30)), Some(0));
    }
    let alone = Switchyard::launch(&other).await;
    assert_eq!(status(&alone, "another-token-0123456789").await, 200);
    assert_ne!(fact(&database).await, mark);
}

#[tokio::test]
async fn a_rotation_reaches_the_database_and_ends_sessions_at_the_signal() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let settings = [("DSN", dsn.as_str()), SECRET, ("ADMIN_TOKEN", "")];
    let switchyard = Switchyard::launch(&settings).await;
    let tool = |what| {
        let (ended, said) =
            launch::run_to_end(switchyard.data(), &["admin-token", what], &settings);
        assert!(ended.success(), "{said}");
        said.lines().find(|line| line.starts_with("swadmin-")).expect("a token").to_owned()
    };
    let (old, mark) = (tool("show"), fact(&database).await);
    let session = log_in(&switchyard, &old).await;
    assert_eq!(status(&switchyard, &session).await, 200);
    let new = tool("rotate");
    assert_eq!(status(&switchyard, &session).await, 200, "the old one holds until the signal");
    hang_up(&switchyard);
    until("the new token opens", SOON, async || {
        (status(&switchyard, &new).await == 200).then_some(())
    })
    .await;
    assert_eq!(status(&switchyard, &old).await, 401);
    assert_eq!(status(&switchyard, &session).await, 401);
    until("the database knows it", SOON, async || (fact(&database).await != mark).then_some(()))
        .await;
}

#[tokio::test]
async fn on_the_embedded_store_a_restart_changes_the_token_and_ends_its_sessions() {
    let mut switchyard = Switchyard::launch(&[]).await;
    let session = log_in(&switchyard, ADMIN_TOKEN).await;
    assert_eq!(status(&switchyard, &session).await, 200);
    switchyard.sigkill();
    switchyard.restart_with(&[("ADMIN_TOKEN", "another-token-0123456789")]).await;
    assert_eq!(status(&switchyard, "another-token-0123456789").await, 200);
    assert_eq!(status(&switchyard, ADMIN_TOKEN).await, 401);
    assert_eq!(status(&switchyard, &session).await, 401);
}

#[tokio::test]
async fn what_the_database_says_of_itself_is_in_the_log_and_not_in_public() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let switchyard = Switchyard::launch(&[("DSN", &dsn), SECRET]).await;
    let name = dsn.rsplit_once('/').unwrap().1;
    let admin = database.connect_beside().await;
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    let said = until("the trouble is said", Duration::from_secs(30), async || {
        let answer = switchyard.send(&Request::get("/api/health/ready")).await;
        answer.text().contains("\"part\":\"catalogue\"").then(|| answer.text())
    })
    .await;
    assert!(said.contains("changes of the catalogue cannot be read"), "{said}");
    let page = switchyard.send(&Request::get("/login")).await.text();
    for public in [&said, &page] {
        assert!(!public.contains(name) && !public.contains("postgres"), "{public}");
    }
    // Health knows it a moment before the log has its line.
    let line = until("the log says it as well", SOON, async || {
        let logged = switchyard.logs();
        let says = |line: &&str| line.contains("changes of the catalogue cannot be read");
        logged.lines().find(says).map(str::to_owned)
    })
    .await;
    assert!(line.contains(name) || line.contains("127.0.0.1"), "{line}");
}
