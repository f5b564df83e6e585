//! The command line beside a running server.

use std::process::ExitStatus;

use crate::support::launch;
use crate::support::switchyard::Switchyard;

fn tool(switchyard: &Switchyard, arguments: &[&str], token: Option<&str>) -> (ExitStatus, String) {
    let token = token.map(|token| ("ADMIN_TOKEN", token));
    launch::run_to_end(switchyard.data(), arguments, token.as_slice())
}

fn done(switchyard: &Switchyard, arguments: &[&str]) -> String {
    let (ended, said) = tool(switchyard, arguments, None);
    assert!(ended.success(), "{arguments:?}: {said}");
    said
}

#[tokio::test]
async fn lists_show_no_whole_key_and_reveal_none() {
    let switchyard = Switchyard::launch(&[]).await;
    let added = done(&switchyard, &["user", "add", "ann"]);
    let first = added.lines().find_map(|line| line.strip_prefix("key: ")).expect("a key");
    let second = done(&switchyard, &["key", "add", "--user", "ann", "laptop"]);
    let keys = done(&switchyard, &["key", "list"]);
    let users = done(&switchyard, &["user", "list"]);
    assert!(users.contains("ann"), "{users}");
    assert!(keys.contains("laptop") && keys.contains("never"), "{keys}");
    for key in [first, second.trim()] {
        assert!(key.starts_with("sk-") && !keys.contains(key) && !users.contains(key), "{keys}");
    }
    let store = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
    let reveals = "SELECT count(*) FROM audit_log WHERE action = 'key.reveal'";
    let count = || store.query_row(reveals, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 0);
    let again = done(&switchyard, &["key", "reveal", "--user", "ann", "laptop"]);
    assert_eq!(again.trim(), second.trim());
    assert_eq!(count(), 1, "a reveal is noted");
}

#[tokio::test]
async fn a_provider_s_proxy_is_taken_or_refused_with_what_to_write() {
    let switchyard = Switchyard::launch(&[]).await;
    let add = ["provider", "add", "v", "--url", "https://a.example", "--key", "k", "--proxy"];
    let with = |proxy| [&add[..], &[proxy]].concat();
    let (ended, said) = tool(&switchyard, &with("proxy.example:8080"), None);
    assert!(!ended.success() && said.contains("write http://host:port"), "{said}");
    done(&switchyard, &with("socks5h://ada:secret@p:1080"));
    let all = switchyard.admin("providers/getProviders", serde_json::json!({})).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert_eq!(all[0]["proxyUrl"], "socks5h://ada:secret@p:1080");
}

#[tokio::test]
async fn a_wrong_admin_token_is_answered_with_what_to_do() {
    let switchyard = Switchyard::launch(&[]).await;
    for _ in 0..11 {
        let (ended, said) = tool(&switchyard, &["user", "list"], Some("not the server's token"));
        assert_eq!(ended.code(), Some(1), "{said}");
        let hang_up = format!("kill -HUP {}", switchyard.pid());
        assert!(said.contains(&hang_up) && said.contains("set ADMIN_TOKEN"), "{said}");
        assert!(said.is_ascii() && said.trim().lines().count() == 1, "{said}");
    }
    done(&switchyard, &["user", "list"]);
}

#[tokio::test]
async fn a_made_token_is_printed_with_the_command_that_finds_it_again() {
    let settings = [("ADMIN_TOKEN", "")];
    let switchyard = Switchyard::launch(&settings).await;
    let directory = switchyard.data().display().to_string();
    let show = format!("SWITCHYARD_DATA_DIR={directory} switchyard admin-token show");
    assert!(switchyard.logs().contains(&show), "{}", switchyard.logs());
    let (ended, said) =
        launch::run_to_end(switchyard.data(), &["admin-token", "rotate"], &settings);
    assert!(ended.success() && said.contains(&show), "{said}");
    let hang_up = format!("kill -HUP {}", switchyard.pid());
    assert!(said.contains(&hang_up), "{said}");
}
