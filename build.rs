//! What is done before the program is compiled.
//!
//! Tells Cargo that the program contains `sql/`: a new or changed file in it means a new build.
//! Packs the two readers of the API's document, so that the program holds what browsers load and
//! none of the rest.

#[path = "build/archive.rs"]
mod archive;
#[path = "build/readers.rs"]
mod readers;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=sql");
    println!("cargo:rerun-if-changed=build");
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo says where to write")?;
    readers::pack(&PathBuf::from(folder))
}
