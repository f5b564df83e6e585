//! Clients of the management API that have not said who they are and take their time.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::client::Request;
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;
use crate::support::waiting::{SOON, until};

const LIST: &str = "/api/actions/users/getUsers";
const LOGIN: &str = "/api/auth/login";

/// A request whose body never comes to its end.
fn unfinished(target: &str) -> Request {
    let request = Request::post(target, "{").header("content-type", "application/json");
    request.header("content-length", "9").unframed()
}

#[tokio::test]
async fn who_stops_sending_is_told_so_in_the_form_of_the_api() {
    let switchyard = Switchyard::launch(&[("SWITCHYARD_UPLOAD_IDLE_SECONDS", "1")]).await;
    for (target, token) in [(LIST, None), (LIST, Some(ADMIN_TOKEN)), (LOGIN, None)] {
        let request = unfinished(target);
        let request = token.into_iter().fold(request, Request::bearer);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 408, "{target}: {}", answer.text());
        assert!(answer.json()["error"].is_string(), "{}", answer.text());
        assert_eq!(answer.json()["ok"].is_boolean(), target == LIST);
        assert_eq!(answer.header("connection"), Some("close"));
    }
}

/// One who begins to send and does not go on.
async fn stranger(switchyard: &Switchyard) -> TcpStream {
    let mut stream = switchyard.client().connect().await.unwrap();
    stream.write_all(&unfinished(LIST).bytes()).await.unwrap();
    stream
}

/// Who is listened to has no answer yet.
fn is_answered(stream: &TcpStream) -> bool {
    !matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn strangers_that_fill_the_places_keep_other_strangers_out_and_not_the_admin() {
    let switchyard = Switchyard::launch(&[]).await;
    let mut strangers = Vec::new();
    for _ in 0..32 {
        strangers.push(stranger(&switchyard).await);
    }
    let json = |target| Request::post(target, "{}").header("content-type", "application/json");
    for target in [LIST, LOGIN] {
        let full = until("the places are taken", SOON, async || {
            let answer = switchyard.send(&json(target)).await;
            // This very question may have had the place that one of them came for: it comes again.
            for lost in strangers.iter_mut().filter(|stream| is_answered(stream)) {
                *lost = stranger(&switchyard).await;
            }
            (answer.status == 503).then_some(answer)
        })
        .await;
        assert_eq!(full.header("retry-after"), Some("1"));
        assert!(full.json()["error"].is_string(), "{}", full.text());
    }
    assert_eq!(switchyard.send(&json(LIST).bearer(ADMIN_TOKEN)).await.status, 200);
    drop(strangers);
    until("the places are free again", Duration::from_secs(10), async || {
        (switchyard.send(&json(LIST)).await.status == 401).then_some(())
    })
    .await;
}
