//! Where requests may go: private addresses at the moment of connecting, and roots of one's own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::upstream::answers::{self, PLAIN};

const DIALECT: Dialect = Dialect::Anthropic;
const SWITCH: &str = "ALLOW_PRIVATE_PROVIDER_URLS";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_connected_to_unless_the_provider_may() {
    // Providers are added while they are allowed; then the switch is off.
    let mut pair = Pair::new(DIALECT).await;
    let allow = json!({ "providerId": pair.second_id, "allow_private": true });
    pair.switchyard.admin("providers/editProvider", allow).await;
    pair.switchyard.sigterm();
    pair.switchyard.wait_exit(std::time::Duration::from_secs(20));
    pair.switchyard.restart_with(&[(SWITCH, "false")]).await;

    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!((pair.first.connections(), pair.second.count()), (0, 1));
    let row = pair.switchyard.only_row().await;
    assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id]);
    let why = row["providerChain"][0].to_string();
    assert!(why.contains("allow_private") && why.contains(SWITCH), "both ways out: {why}");

    let off = json!({ "providerId": pair.second_id, "is_enabled": false });
    pair.switchyard.admin("providers/editProvider", off).await;
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!answer.text().contains("127.0.0.1"), "{}", answer.text());
    assert_eq!(pair.first.connections(), 0, "not one connection was made");
}

/// Answers every request over TLS with the certificate of the tests' own authority.
fn tls_upstream() -> String {
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(fixture("server.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(certificates, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let session = ServerConnection::new(config).unwrap();
                let mut stream = StreamOwned::new(session, stream);
                let mut some = [0; 16_384];
                if stream.read(&mut some).is_ok_and(|count| count > 0) {
                    let body = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
                    let length = body.len();
                    let _ = write!(stream, "{head}content-length: {length}\r\n\r\n{body}");
                    let _ = stream.flush();
                    // The connection stays until the relay lets it go.
                    let _ = stream.read(&mut some);
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn a_vendor_behind_an_authority_of_ones_own_is_trusted_only_when_it_is_named() {
    let url = tls_upstream();
    let authority = fixture("ca.pem");
    let named = [("EXTRA_CA_FILE", authority.to_str().unwrap())];
    for (extra, status) in [(&named[..], 200), (&[], 503)] {
        let switchyard = Switchyard::start_with(extra).await;
        switchyard.add_provider(answers::kind(DIALECT), &url, json!({})).await;
        let user = switchyard.add_user(json!({})).await;
        let request = Request::model(DIALECT, &user.key, MODEL, false);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let row = switchyard.only_row().await;
        assert_eq!(row["statusCode"], status, "{row:#}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_dearer_model_is_held_at_what_it_will_be_billed_at() {
    const DEAR: &str = "dear-model";
    let (upstream, mut switchyard) = (Upstream::start(), Switchyard::start().await);
    let sheet = json!({ DEAR: { "mode": "chat", "litellm_provider": "test",
        "input_cost_per_token": 3e-4, "output_cost_per_token": 1.5e-3, "max_output_tokens": 8192 } });
    switchyard.upload_prices(&sheet).await;
    let redirected = json!({ "model_redirects": { MODEL: DEAR } });
    let url = upstream.url();
    switchyard.add_provider(answers::kind(DIALECT), &url, redirected).await;
    for (billed_at_original, held) in [("true", 200), ("false", 402)] {
        switchyard.sigkill();
        let file = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
        let set = "INSERT OR REPLACE INTO settings (key, value, updated_at) VALUES (?1, ?2, 1)";
        file.execute(set, ["bill_original_model", billed_at_original]).unwrap();
        drop(file);
        switchyard.restart().await;
        // One dollar: a hundred answers at the original's price, not one of 8,192 tokens at the dear's.
        let user = switchyard.add_user(json!({ "dailyQuota": 1 })).await;
        upstream.reset();
        upstream.once(answers::truncated(DIALECT, MODEL, 1).stall());
        let mut request = Request::model(DIALECT, &user.key, MODEL, true);
        let mut body: serde_json::Value = serde_json::from_slice(request.body_bytes()).unwrap();
        body["max_tokens"] = json!(8_192);
        request = request.body(body.to_string());
        let mut live = switchyard.client().open(&request).await.unwrap();
        live.frame_with("piece 0").await;
        let second = switchyard.send(&request).await;
        assert_eq!(second.status, held, "{billed_at_original}: {}", second.text());
        live.leave();
    }
}
