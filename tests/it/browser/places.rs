//! The pages there are, each with the name that its pictures have.

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name, in findings and in files.
    pub name: &'static str,
    /// Its path, with everything that is asked of it.
    pub path: String,
    /// The status that it has.
    pub status: u16,
}

impl Place {
    fn new(name: &'static str, path: &str) -> Self {
        Self { name, path: path.to_owned(), status: 200 }
    }
}

/// What everybody may see.
pub fn of_a_stranger() -> Vec<Place> {
    vec![Place::new("start", "/")]
}
