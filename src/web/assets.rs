//! Our own style sheets and images, compiled in, served under a name with their hash so that
//! browsers keep them for ever and still see each change, and packed where that saves something and
//! the browser takes it. Pages are never packed: they hold secrets beside what others may choose.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, VARY};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::Shell;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// One file as it is served.
#[derive(Clone, Debug)]
struct Asset {
    bytes: Bytes,
    /// The same, packed; `None` where that saves nothing.
    gzip: Option<Bytes>,
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
        let mut files = BTreeMap::new();
        gather(&FILES, &mut files);
        let mut own = Self::default();
        for name in files.keys() {
            own.add(name, &files);
        }
        own
    }

    /// Returns the address of a file such as `css/base.css`.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<String> {
        self.hashed.get(name).map(|hashed| format!("/assets/{hashed}"))
    }

    /// Adds a file, and before it those that it imports, because their names go into it.
    fn add(&mut self, name: &str, files: &BTreeMap<&'static str, &'static [u8]>) {
        let Some((stem, extension)) = name.rsplit_once('.') else { return };
        let (Some(kind), Some(bytes)) = (kind_of(extension), files.get(name)) else { return };
        if self.hashed.contains_key(name) {
            return;
        }
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) if extension == "js" => Bytes::from(self.linked(name, text, files)),
            _ => Bytes::from_static(bytes),
        };
        let digest = hex::encode(Sha256::digest(&bytes));
        let short = digest.get(..12).unwrap_or(&digest);
        let hashed = format!("{stem}.{short}.{extension}");
        let gzip = packed(&bytes);
        self.served.insert(hashed.clone(), Asset { bytes, gzip, kind });
        self.hashed.insert(name.to_owned(), hashed);
    }

    /// Puts the hashed names of modules into the imports of a module.
    fn linked(
        &mut self,
        name: &str,
        text: &str,
        files: &BTreeMap<&'static str, &'static [u8]>,
    ) -> String {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut out = text.to_owned();
        for imported in imports(text) {
            let other = format!("{folder}/{imported}");
            self.add(&other, files);
            if let Some(hashed) = self.hashed.get(&other) {
                let hashed = hashed.rsplit('/').next().unwrap_or_default();
                out = out.replace(&format!("\"./{imported}\""), &format!("\"./{hashed}\""));
            }
        }
        out
    }
}

/// Lists what a module imports from beside it: `from "./live.js"`.
fn imports(text: &str) -> Vec<&str> {
    let lines =
        text.lines().filter(|line| line.starts_with("import ") || line.starts_with("} from"));
    let names = lines.filter_map(|line| line.split_once("\"./")?.1.split('"').next());
    names.collect()
}

fn gather(directory: &Dir<'static>, files: &mut BTreeMap<&'static str, &'static [u8]>) {
    for file in directory.files() {
        if let Some(name) = file.path().to_str() {
            files.insert(name, file.contents());
        }
    }
    for inner in directory.dirs() {
        gather(inner, files);
    }
}

/// Packs a file; `None` where it does not become smaller.
fn packed(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then(|| packed.into())
}

/// Tells whether a browser takes gzip: it names it, or everything, and not with a weight of nothing.
fn takes_gzip(request: &HttpRequest) -> bool {
    let lines = request.headers().get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
    let mut takes_any = false;
    for entry in lines.flat_map(|line| line.split(',')) {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight.trim().to_ascii_lowercase();
        let weight = weight.strip_prefix("q=").and_then(|text| text.parse::<f32>().ok());
        let takes = weight.is_none_or(|weight| weight > 0.0);
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => return takes,
            "*" => takes_any = takes,
            _ => {}
        }
    }
    takes_any
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

async fn asset(request: HttpRequest, name: Path<String>, shell: Data<Shell>) -> HttpResponse {
    let Some(asset) = shell.pages.assets().served.get(name.as_str()) else {
        return HttpResponse::NotFound().body("no such file\n");
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(asset.kind)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "accept-encoding"));
    if let Some(gzip) = asset.gzip.as_ref().filter(|_| takes_gzip(&request)) {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
        return answer.insert_header((ETAG, format!("\"{name}.gz\""))).body(gzip.clone());
    }
    answer.insert_header((ETAG, format!("\"{name}\""))).body(asset.bytes.clone())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_file_is_served_under_a_name_that_changes_with_it() {
        let assets = Assets::embedded();
        let address = assets.address("css/base.css").unwrap();
        let name = address.strip_prefix("/assets/").unwrap();
        assert!(name.starts_with("css/base.") && name.len() == "css/base.css".len() + 13, "{name}");
        assert!(!assets.served.get(name).unwrap().bytes.is_empty());
        assert_eq!(assets.address("css/none.css"), None);
    }

    #[test]
    fn gzip_goes_to_whoever_takes_it() {
        for (header, takes) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("gzip; Q=0", false),
            ("*;q=0", false),
            ("br", false),
            ("identity", false),
            ("", false),
        ] {
            let request = TestRequest::get().insert_header((ACCEPT_ENCODING, header));
            assert_eq!(takes_gzip(&request.to_http_request()), takes, "{header}");
        }
        assert_eq!(packed(b"a"), None, "what would become larger stays as it is");
    }

    #[test]
    fn a_module_imports_others_by_their_hashed_names() {
        let files = BTreeMap::from([
            ("js/a.js", b"import { b } from \"./b.js\";\nb();".as_slice()),
            ("js/b.js", b"export const b = 1;".as_slice()),
        ]);
        let mut assets = Assets::default();
        for name in files.keys() {
            assets.add(name, &files);
        }
        let module = &assets.served[&assets.hashed["js/a.js"]];
        let text = std::str::from_utf8(&module.bytes).unwrap();
        let imported = assets.hashed["js/b.js"].strip_prefix("js/").unwrap();
        assert!(text.contains(&format!("\"./{imported}\"")), "{text}");
    }
}
