//! The pages there are, each with the name that its pictures have.

use crate::support::browser::Page;

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
    vec![Place::new("login", "/login")]
}

/// What an admin sees, whether or not anything is there yet.
pub fn of_an_admin() -> Vec<Place> {
    let mut places: Vec<Place> = [
        ("dashboard", "/dashboard"),
        ("requests", "/requests"),
        ("door", "/requests/door"),
        ("providers", "/providers"),
        ("provider-choose", "/providers/new"),
        ("provider-new", "/providers/new?preset=anthropic"),
        ("users", "/users"),
        ("user-new", "/users/new"),
        ("prices", "/prices"),
    ]
    .map(|(name, path)| Place::new(name, path))
    .into();
    places.push(Place { status: 404, ..Place::new("not-found", "/nothing-is-here") });
    places
}

/// What an admin sees of single things: the first ones that the lists lead to.
pub async fn of_things(page: &Page, site: &str) -> Vec<Place> {
    // One that went through more than one try has the most to show.
    page.goto(&format!("{site}/requests?retries=1")).await;
    let request = lead(page, "requests/(?!door)[^/?]+").await;
    page.goto(&format!("{site}/providers")).await;
    let provider = lead(page, "providers/[0-9]+").await;
    page.goto(&format!("{site}/users")).await;
    let user = lead(page, "users/[0-9]+").await;
    page.goto(&format!("{site}{user}")).await;
    let key = lead(page, "keys/[0-9]+").await;
    vec![
        Place::new("request", &request),
        Place::new("provider", &provider),
        Place::new("provider-remove", &format!("{provider}/remove")),
        Place::new("user", &user),
        Place::new("user-edit", &format!("{user}/edit")),
        Place::new("key-new", &format!("{user}/keys/new")),
        Place::new("key", &key),
        Place::new("key-edit", &format!("{key}/edit")),
    ]
}

/// Returns where the first link leads whose path is as a pattern says.
async fn lead(page: &Page, pattern: &str) -> String {
    let first = format!(
        "[...document.querySelectorAll('main a')].map((link) => link.getAttribute('href')) \
         .find((path) => new RegExp('^/{pattern}$').test(path))"
    );
    let found = page.evaluate(&first).await;
    found.as_str().unwrap_or_else(|| panic!("no link to /{pattern}")).to_owned()
}
