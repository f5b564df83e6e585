//! Tells Cargo that the program contains `sql/`: a new or changed file in it means a new build.

fn main() {
    println!("cargo:rerun-if-changed=sql");
}
