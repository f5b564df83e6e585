//! What is told of vendors that do not answer, against servers that break every rule.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use switchyard_actors::domain::secret::Secret;

use super::*;
use crate::upstream::tls;

/// Starts a server that reads a request and writes these bytes; returns its address.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut some = [0; 4_096];
            let _ = stream.read(&mut some);
            let _ = stream.write_all(answer.as_bytes());
            if answer.is_empty() {
                continue;
            }
            // The peer decides when it has read enough.
            let _ = stream.read(&mut some);
        }
    });
    authority
}

fn ask(url: String) -> VendorAsk {
    VendorAsk {
        url,
        headers: vec![("x-api-key".to_owned(), Secret::new("sk-1"))],
        body: Some("{}".to_owned()),
        allow_private: true,
        proxy: None,
        most_bytes: 8,
        within: Duration::from_secs(5),
    }
}

async fn sent(ask: VendorAsk) -> Result<VendorAnswer, VendorFault> {
    let tls = tls::client_config(None).unwrap();
    let here = actix_rt::Arbiter::current();
    HttpVendors::start(&here, tls, Duration::from_secs(5)).ask(ask).await.answer
}

#[actix_rt::test]
async fn an_answer_is_read_as_far_as_it_may_be() {
    let head = "HTTP/1.1 302 Found\r\ncontent-type: text/plain\r\nlocation: /b\r\n";
    let text = format!("{head}content-length: 10\r\n\r\n0123456789");
    let authority = server(Box::leak(text.into_boxed_str()));
    let answer = sent(ask(format!("http://{authority}/a"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (302, b"01234567".as_slice()));
    assert_eq!(answer.location.as_deref(), Some("/b"));
    assert_eq!(answer.content_type.as_deref(), Some("text/plain"));
}

#[actix_rt::test]
async fn each_way_to_fail_has_a_name() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let quick = VendorAsk {
        within: Duration::from_millis(50),
        ..ask(format!("http://{}", silent.local_addr().unwrap()))
    };
    assert_eq!(sent(quick).await, Err(VendorFault::Timeout));
    assert_eq!(sent(ask(format!("http://{closed}"))).await, Err(VendorFault::Refused));
    let private = VendorAsk { allow_private: false, ..ask(format!("http://{closed}")) };
    assert_eq!(sent(private).await, Err(VendorFault::Private));
    let named = sent(ask("http://no-such-host.invalid/".to_owned())).await;
    assert!(matches!(named, Err(VendorFault::Name(_))), "{named:?}");
    let plain = sent(ask(format!("https://{}/", server("HTTP/1.1 400 Bad\r\n\r\n")))).await;
    assert!(matches!(plain, Err(VendorFault::Tls(_))), "{plain:?}");
    let gone = sent(ask(format!("http://{}/", server("")))).await;
    assert!(matches!(gone, Err(VendorFault::Broken(_))), "{gone:?}");
    let strange = sent(ask(format!("http://{}/", server("SSH-2.0-OpenSSH\r\n\r\n")))).await;
    assert!(matches!(strange, Err(VendorFault::NotHttp(_))), "{strange:?}");
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123";
    let cut = sent(VendorAsk {
        within: Duration::from_millis(300),
        ..ask(format!("http://{}/", server(cut)))
    })
    .await;
    assert_eq!(cut, Err(VendorFault::Timeout));
    let nowhere = sent(ask("mailto:someone".to_owned())).await;
    assert!(matches!(nowhere, Err(VendorFault::Address(_))), "{nowhere:?}");
}
