//! Our own style sheets and images, compiled in, served under a name with their hash so that
//! browsers keep them for ever and still see each change.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::web::{self, Data, Path, ServiceConfig};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::Shell;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// One file as it is served.
#[derive(Clone, Copy, Debug)]
struct Asset {
    bytes: &'static [u8],
    kind: &'static str,
}

/// Every asset by its hashed name, and the hashed name of each plain one.
#[derive(Debug, Default)]
pub struct Assets {
    served: HashMap<String, Asset>,
    hashed: HashMap<String, String>,
}

impl Assets {
    /// Gathers the files that were compiled in.
    #[must_use]
    pub fn embedded() -> Self {
        let mut own = Self::default();
        own.add(&FILES);
        own
    }

    /// Returns the address of a file such as `css/page.css`.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<String> {
        self.hashed.get(name).map(|hashed| format!("/assets/{hashed}"))
    }

    fn add(&mut self, directory: &Dir<'static>) {
        for file in directory.files() {
            let Some(name) = file.path().to_str() else { continue };
            let Some((stem, extension)) = name.rsplit_once('.') else { continue };
            let Some(kind) = kind_of(extension) else { continue };
            let digest = hex::encode(Sha256::digest(file.contents()));
            let short = digest.get(..12).unwrap_or(&digest);
            let hashed = format!("{stem}.{short}.{extension}");
            self.served.insert(hashed.clone(), Asset { bytes: file.contents(), kind });
            self.hashed.insert(name.to_owned(), hashed);
        }
        for inner in directory.dirs() {
            self.add(inner);
        }
    }
}

fn kind_of(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Adds the route.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/assets/{name:.*}", web::get().to(asset));
}

async fn asset(name: Path<String>, shell: Data<Shell>) -> HttpResponse {
    let Some(asset) = shell.pages.assets().served.get(name.as_str()) else {
        return HttpResponse::NotFound().body("no such file\n");
    };
    HttpResponse::Ok()
        .content_type(asset.kind)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, format!("\"{}\"", name.as_str())))
        .body(asset.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_under_a_name_that_changes_with_it() {
        let assets = Assets::embedded();
        let address = assets.address("css/page.css").unwrap();
        let name = address.strip_prefix("/assets/").unwrap();
        assert!(name.starts_with("css/page.") && name.len() == "css/page.css".len() + 13, "{name}");
        assert!(!assets.served.get(name).unwrap().bytes.is_empty());
        assert_eq!(assets.address("css/none.css"), None);
    }
}
