//! The document for people: two readers that come from this server alone.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::support::client::{Answer, Request};
use crate::support::switchyard::Switchyard;

const SWAGGER: &str = "/api/actions/docs";
const SCALAR: &str = "/api/actions/scalar";

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.header(name).unwrap_or_default()
}

/// Returns every address that a page loads or points at.
fn addresses(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for mark in ["href=\"", "src=\"", "data-document=\""] {
        found.extend(html.split(mark).skip(1).filter_map(|rest| rest.split('"').next()));
    }
    found.retain(|address| !address.starts_with("data:"));
    found.into_iter().map(str::to_owned).collect()
}

fn plain(answer: &Answer) -> String {
    if header(answer, "content-encoding") != "gzip" {
        return answer.text();
    }
    let mut text = String::new();
    GzDecoder::new(&answer.body[..]).read_to_string(&mut text).unwrap();
    text
}

#[actix_web::test]
async fn each_reader_comes_with_all_its_files_from_this_server() {
    let switchyard = Switchyard::launch(&[]).await;
    for (path, maker) in [(SWAGGER, "SwaggerUIBundle"), (SCALAR, "createApiReference")] {
        let page = switchyard.send(&Request::get(path)).await;
        assert_eq!(page.status, 200);
        assert!(header(&page, "content-type").starts_with("text/html"));
        assert!(!page.text().contains("://"), "an address of another host: {}", page.text());
        let mut scripts = String::new();
        for address in addresses(&page.text()) {
            let answer = switchyard.send(&Request::get(&address)).await;
            // The start of the console leads on.
            let expected = if address == "/" { 303 } else { 200 };
            assert_eq!(answer.status, expected, "{address}");
            let (kind, kept) = (header(&answer, "content-type"), header(&answer, "cache-control"));
            match address.rsplit('.').next() {
                Some("js") => {
                    assert!(kind.starts_with("text/javascript") && kept.contains("immutable"));
                    scripts.push_str(&plain(&answer));
                }
                Some("css") => {
                    assert!(kind.starts_with("text/css") && kept.contains("immutable"));
                }
                Some("json") => assert_eq!(answer.json()["openapi"], "3.1.0"),
                _ if address == "/" => {}
                _ => assert!(kind.starts_with("text/html"), "{address}: {kind}"),
            }
        }
        assert!(scripts.len() > 1_000_000 && scripts.contains(maker), "{path} lacks its reader");
        assert!(scripts.contains("forThisPage"), "{path} lacks what starts its reader");
    }
}

#[actix_web::test]
async fn only_styles_are_loosened_and_only_for_the_reader_that_needs_it() {
    let switchyard = Switchyard::launch(&[]).await;
    let policy = async |path| {
        let answer = switchyard.send(&Request::get(path)).await;
        header(&answer, "content-security-policy").to_owned()
    };
    let strict = policy("/api/health").await;
    assert!(strict.contains("script-src 'self';") && strict.contains("connect-src 'self';"));
    assert_eq!(policy(SWAGGER).await, strict);
    let styles = strict.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
    assert_eq!(policy(SCALAR).await, styles);
}

#[actix_web::test]
async fn what_is_not_there_is_not_found() {
    let switchyard = Switchyard::launch(&[]).await;
    for path in [
        "/api/actions/docs/",
        "/api/actions/docs/index.html",
        "/api/actions/docs/swagger-ui.css",
        "/api/actions/docs/..%2f..%2fCargo.toml",
        "/api/actions/docs/a/b",
        "/api/actions/scalar/scalar.00000000.js",
        "/api/actions/scalar/%ff",
    ] {
        assert_eq!(switchyard.send(&Request::get(path)).await.status, 404, "{path}");
    }
    assert_eq!(switchyard.send(&Request::post(SWAGGER, "{}")).await.status, 404);
    assert!(!switchyard.logs().contains("panic"));
}

#[actix_web::test]
async fn a_head_request_gets_the_head_alone() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = switchyard.send(&Request::get(SWAGGER)).await;
    let script = addresses(&page.text()).into_iter().find(|address| address.contains("bundle"));
    for path in [SWAGGER, SCALAR, "/api/actions/openapi.json", &script.unwrap()] {
        let mut request = Request::get(path);
        "HEAD".clone_into(&mut request.method);
        let head = switchyard.send(&request).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
}
