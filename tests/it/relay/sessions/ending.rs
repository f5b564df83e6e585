//! Sessions are ended by hand: here, on other nodes, and from the command line.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{SECRET, Talk, Talks};
use crate::support::launch;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::upstream::{Match, Rule, Script, Upstream};
use crate::support::waiting::{SOON, until};

#[tokio::test]
async fn a_request_that_runs_goes_on_and_binds_nothing_any_more() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    let pieces = frames(Dialect::Anthropic, MODEL, 3, &PLAIN);
    let (head, rest) = pieces.split_at(3);
    let slow = Script::stream()
        .chunks(head.to_vec())
        .sleep(std::time::Duration::from_secs(2))
        .chunks(rest.to_vec())
        .end();
    talks.pair.second.script(Rule::new(Match::any(), slow).times(1));
    let mut running = talks.pair.switchyard.client().open(&talk.turn(MODEL, true)).await.unwrap();
    let begun = running.next_frame().await.expect("a frame");
    let active = talks.active().await;
    assert_eq!((active.len(), &active[0]["inFlight"]), (1, &json!(1)), "{active:?}");
    assert_eq!(active[0]["status"], "in_progress");
    let end = json!({ "sessionId": active[0]["sessionId"] });
    let action = "active-sessions/terminateActiveSession";
    let ended = talks.pair.switchyard.admin(action, end.clone()).await;
    assert_eq!(ended["inFlight"], 1);
    assert_eq!(talks.active().await.len(), 0, "it is not under way any more");
    let answer = running.finish().await.unwrap();
    assert_eq!(begun + &answer.text(), pieces.concat(), "the answer is whole");
    let rows = talks.pair.switchyard.rows_when(2).await;
    assert_eq!(
        (&rows[0]["statusCode"], &rows[0]["notes"]),
        (&json!(200), &json!(["session: not moved"]))
    );
    assert_eq!(talks.serve(&mut talk).await, first, "the next one begins anew");
    let again = talks.pair.switchyard.admin(action, end).await;
    assert_eq!(again["inFlight"], 0, "and may be ended as well");
}

#[tokio::test]
async fn all_sessions_of_somebody_end_at_once() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let switchyard = &talks.pair.switchyard;
    let user = &talks.pair.user;
    for of in [
        json!({ "userId": user.id }),
        json!({ "keyId": user.key_id }),
        json!({ "providerId": second }),
    ] {
        let mut some = [talks.begin_on(second).await, talks.begin_on(second).await];
        let ended = switchyard.admin("active-sessions/terminateSessionsOf", of.clone()).await;
        assert!(ended["ended"].as_u64() >= Some(2), "{of}: {ended}");
        for talk in &mut some {
            assert_eq!(talks.serve(talk).await, first, "{of}");
        }
    }
    for wrong in [json!({}), json!({ "userId": 1, "keyId": 1 }), json!({ "userId": 999 })] {
        let answer = switchyard.action("active-sessions/terminateSessionsOf", &wrong).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_end_and_an_edit_reach_the_other_node() {
    let database = Database::create().await;
    let talks = Talks::on(&database).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let dsn = database.dsn();
    let other = Switchyard::launch(&[("DSN", &dsn), SECRET]).await;
    let mut talk = talks.begin_on(second).await;
    talks.pair.switchyard.rows_when(1).await;
    let end = json!({ "sessionId": talks.active().await[0]["sessionId"] });
    other.admin("active-sessions/terminateActiveSession", end).await;
    until("the session has ended here", SOON, async || {
        talks.active().await.is_empty().then_some(())
    })
    .await;
    assert_eq!(talks.serve(&mut talk).await, first);
    let mut talk = talks.begin_on(second).await;
    let edit = json!({ "providerId": second, "group_tag": "default,vip" });
    other.admin("providers/editProvider", edit).await;
    until("the sessions are free here", SOON, async || {
        talks.bindings().await.is_empty().then_some(())
    })
    .await;
    assert_eq!(talks.serve(&mut talk).await, first);
}

#[tokio::test]
async fn the_command_line_lists_sessions_and_ends_them() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "name": "anna" })).await;
    let tool = |arguments: &[&str]| launch::run_to_end(switchyard.data(), arguments, &[]);
    for name in ["one", "two", "three"] {
        let request = Talk::new(name, &user.key).request(MODEL, false, 1);
        assert_eq!(switchyard.send(&request).await.status, 200);
    }
    switchyard.rows_when(3).await;
    let (done, listed) = tool(&["sessions", "list"]);
    assert!(done.success() && listed.contains("anna"), "{listed}");
    assert!(listed.contains(&format!("{MODEL}=claude 1")), "{listed}");
    let names: Vec<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).skip(1).collect();
    assert_eq!(names.len(), 3, "{listed}");
    let (done, said) = tool(&["sessions", "end", names[0]]);
    assert!(done.success() && said.contains("ended: 1"), "{said}");
    let (done, said) = tool(&["sessions", "end", names[0], "s_none"]);
    assert_eq!(done.code(), Some(1), "{said}");
    assert!(said.contains("s_none"), "{said}");
    let (done, said) = tool(&["sessions", "end", "--user", "anna"]);
    assert!(done.success() && said.contains("ended: 2"), "{said}");
    let (_, listed) = tool(&["sessions", "list"]);
    assert!(!listed.contains("anna"), "{listed}");
    let (wrong, _) = tool(&["sessions", "end"]);
    assert_eq!(wrong.code(), Some(2));
    let store = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
    let noted = "SELECT count(*) FROM audit_log WHERE action = ?1";
    let count = |action| store.query_row(noted, [action], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count("session.end"), count("session.end_all")), (2, 1));
}
