//! The document for people: Swagger UI at `docs`, Scalar at `scalar`. Both are inside the program,
//! ask no other host, and are as open as the document itself.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentType, ETAG,
};
use actix_web::web::{Data, Path, ServiceConfig, get, head};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::envelope;
use crate::web::Shell;
use crate::web::middleware::POLICY_WITH_INLINE_STYLES;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A file of a reader, as `build.rs` has packed it.
struct Packed {
    stem: &'static str,
    extension: &'static str,
    kind: &'static str,
    gzip: &'static [u8],
}

const SWAGGER_SCRIPT: Packed = Packed {
    stem: "docs/swagger-ui-bundle",
    extension: "js",
    kind: SCRIPT,
    gzip: include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz")),
};
const SWAGGER_STYLE: Packed = Packed {
    stem: "docs/swagger-ui",
    extension: "css",
    kind: STYLE,
    gzip: include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz")),
};
const SCALAR_SCRIPT: Packed = Packed {
    stem: "scalar/scalar",
    extension: "js",
    kind: SCRIPT,
    gzip: include_bytes!(concat!(env!("OUT_DIR"), "/scalar.js.gz")),
};

impl Packed {
    /// Returns its path below the API's. The checksum that ends a gzip file is in its name, so that
    /// browsers keep it for ever and still see a new one.
    fn name(&self) -> String {
        let [a, b, c, d, ..] = self.gzip.last_chunk::<8>().copied().unwrap_or_default();
        let checksum = u32::from_le_bytes([a, b, c, d]);
        format!("{}.{checksum:08x}.{}", self.stem, self.extension)
    }
}

/// Adds the pages and their files.
pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/api/actions/docs", get().to(swagger))
        .route("/api/actions/docs", head().to(swagger))
        .route("/api/actions/scalar", get().to(scalar))
        .route("/api/actions/scalar", head().to(scalar))
        .route("/api/actions/{name:(docs|scalar)/[^/]+}", get().to(file))
        .route("/api/actions/{name:(docs|scalar)/[^/]+}", head().to(file));
}

async fn swagger(shell: Data<Shell>) -> HttpResponse {
    let style = format!("<link rel=\"stylesheet\" href=\"/api/actions/{}\">", SWAGGER_STYLE.name());
    shown().body(page(&shell, "Swagger UI", &style, &SWAGGER_SCRIPT))
}

/// Scalar puts style sheets and style attributes of its own into the page; all else is as strict
/// as everywhere.
async fn scalar(shell: Data<Shell>) -> HttpResponse {
    shown().insert_header((CONTENT_SECURITY_POLICY, POLICY_WITH_INLINE_STYLES)).body(page(
        &shell,
        "Scalar",
        "",
        &SCALAR_SCRIPT,
    ))
}

fn shown() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::html()).insert_header((CACHE_CONTROL, "no-cache"));
    response
}

fn page(shell: &Shell, reader: &str, style: &str, script: &Packed) -> String {
    let asset = |name| shell.pages.assets().address(name).unwrap_or_default();
    let current = |name| if name == reader { " aria-current=\"page\"" } else { "" };
    format!(
        include_str!("reference.html"),
        reader = reader,
        style = style,
        css = asset("css/api-docs.css"),
        script = script.name(),
        js = asset("js/api-docs.js"),
        swagger = current("Swagger UI"),
        scalar = current("Scalar"),
    )
}

/// Sends a file as it is kept, compressed: every browser takes that.
async fn file(name: Path<String>) -> HttpResponse {
    let files = [SWAGGER_SCRIPT, SWAGGER_STYLE, SCALAR_SCRIPT];
    let Some(found) = files.into_iter().find(|file| file.name() == *name) else {
        return envelope::not_found();
    };
    HttpResponse::Ok()
        .content_type(found.kind)
        .insert_header((CONTENT_ENCODING, "gzip"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, format!("\"{name}\"")))
        .body(found.gzip)
}
