//! What strangers and vendors say wrongly is no error of ours, and fills no log.

use switchyard_actors::domain::dialect::Dialect;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stand::Stand;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::waiting::{SOON, until};

const ERROR: &str = r#""level":"ERROR""#;
const NO_HTTP: &str = "sent what is no request";
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x01\x02\x03";
const GARBAGE: &[u8] = b"GARBAGE\r\n\r\n";
const TWO_LENGTHS: &[u8] =
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";

async fn say(switchyard: &Switchyard, bytes: &[u8]) {
    let mut stream = switchyard.client().connect().await.unwrap();
    // The server may end it before all was sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn what_is_no_request_is_counted_in_a_line_and_is_no_error() {
    let switchyard = Switchyard::launch(&[("LOG_FORMAT", "json")]).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000));
    for _ in 0..20 {
        for bytes in [HELLO, GARBAGE, TWO_LENGTHS, long.as_bytes()] {
            say(&switchyard, bytes).await;
        }
    }
    until("it is said", SOON, async || switchyard.logs().contains(NO_HTTP).then_some(())).await;
    let logs = switchyard.logs();
    assert!(!logs.contains(ERROR), "{logs}");
    assert!(logs.lines().filter(|line| line.contains(NO_HTTP)).count() < 40, "{logs}");
}

#[tokio::test]
async fn an_operator_who_asks_for_more_hears_the_library() {
    let switchyard = Switchyard::launch(&[("LOG_FORMAT", "json"), ("LOG_LEVEL", "debug")]).await;
    say(&switchyard, GARBAGE).await;
    let of_library = || switchyard.logs().contains("actix_http::h1").then_some(());
    until("the library is heard", SOON, async || of_library()).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_error_of_ours() {
    let stand = Stand::with(&[("LOG_FORMAT", "json")]).await;
    let broken = Script::status(200).header("content-type", "application/json");
    stand.upstream.always(broken.body_claiming("{\"type\":".repeat(60_000), 1 << 20).fin());
    let request = stand.request(Dialect::Anthropic, false);
    drop(stand.switchyard.client().try_send(&request).await);
    stand.upstream.reset();
    stand.upstream.always(Script::status(200).raw(vec![b'a'; 300_000]));
    drop(stand.switchyard.client().try_send(&request).await);
    stand.switchyard.rows_when(2).await;
    let logs = stand.switchyard.logs();
    assert!(!logs.contains(ERROR), "{logs}");
}
