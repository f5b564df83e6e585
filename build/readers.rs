//! Swagger UI and Scalar, out of the crates that carry them: `reference.rs` of the API serves them.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

use super::archive;

/// What Swagger UI needs of its archive, which holds its sources as well.
const SWAGGER: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];
/// All of Scalar.
const SCALAR: &str = "scalar.js";

/// Writes each file into the folder, compressed.
pub fn pack(folder: &Path) -> Result<(), Box<dyn Error>> {
    for name in SWAGGER {
        let packed = archive::gzip_of(SWAGGER_UI_VENDORED, &format!("/dist/{name}"));
        let packed = packed.ok_or_else(|| format!("Swagger UI's archive lacks {name}"))?;
        fs::write(folder.join(format!("{name}.gz")), packed)?;
    }
    let script = scalar_api_reference::get_asset(SCALAR).ok_or("Scalar's script is gone")?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&script)?;
    fs::write(folder.join(format!("{SCALAR}.gz")), encoder.finish()?)?;
    Ok(())
}
