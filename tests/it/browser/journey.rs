//! From the first start to the reason of the first request: a stranger follows only what the pages
//! say, with a pointer and with the keyboard alone.

use crate::support::browser::{Key, Page, Role, WIDE};
use crate::support::shell::request_of;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// The most actions that the way may take.
const ACTIONS: usize = 12;
/// The key of a vendor, as a stranger has one.
const VENDOR_KEY: &str = "sk-vendor-0123456789";

/// A stranger at work: everything done is an action, and is told of when there are too many.
struct Stranger<'a> {
    page: &'a Page,
    done: Vec<String>,
}

impl Stranger<'_> {
    async fn click(&mut self, role: Role, name: &str) {
        self.page.click(role, name).await;
        self.did(format!("click {name}"));
    }

    async fn fill(&mut self, label: &str, text: &str) {
        self.page.fill(label, text).await;
        self.did(format!("type into {label}"));
    }

    fn did(&mut self, what: String) {
        self.done.push(what);
    }
}

/// Starts as somebody does who has only the program, and returns the token that it prints.
async fn first_start() -> (Switchyard, String) {
    let switchyard = Switchyard::launch(&[("ADMIN_TOKEN", "")]).await;
    let said = switchyard.logs();
    let token = said.lines().find_map(|line| line.strip_prefix("Admin token: "));
    let token = token.unwrap_or_else(|| panic!("no token in {said}")).to_owned();
    (switchyard, token)
}

async fn open(switchyard: &Switchyard) -> Page {
    let page = Page::open().await;
    page.resize(WIDE).await;
    page.goto(&format!("http://{}/", switchyard.address())).await;
    page.arrive("/login").await;
    page
}

/// Runs the curl that the page of the key shows, as it stands there.
async fn run_the_curl(page: &Page, switchyard: &Switchyard) {
    page.see("No request seen yet").await;
    let shown = page.evaluate("document.getElementById('first-curl').textContent").await;
    let curl = shown.as_str().expect("a curl");
    assert!(curl.contains(&format!("http://{}/", switchyard.address())), "{curl}");
    let answer = switchyard.send(&request_of(curl)).await;
    assert_eq!(answer.status, 200, "{curl}: {}", answer.text());
    page.see("First request seen").await;
}

/// The page of the request tells who answered, and why it was asked.
async fn reads_the_reason(page: &Page, upstream: &Upstream) {
    page.until_holds("a request's page", "/^\\/requests\\/.+/.test(location.pathname)").await;
    page.see("What was decided").await;
    page.see("1. OpenAI-compatible").await;
    page.see("The only provider of priority 0 that could take it.").await;
    page.see("status 200, to its end").await;
    assert_eq!(page.complaints(), Vec::<String>::new());
    let seen = upstream.only_request();
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.header("authorization"), Some(&*format!("Bearer {VENDOR_KEY}")));
}

#[tokio::test]
async fn a_stranger_gets_from_the_first_start_to_the_reason_of_the_first_request_in_twelve_actions()
{
    let upstream = Upstream::start();
    let (switchyard, token) = first_start().await;
    let page = open(&switchyard).await;
    let mut stranger = Stranger { page: &page, done: Vec::new() };
    stranger.fill("Admin token or API key", &token).await;
    stranger.click(Role::Button, "Sign in").await;
    page.arrive("/dashboard").await;
    stranger.click(Role::Link, "Add a provider").await;
    page.arrive("/providers/new").await;
    stranger.click(Role::Link, "OpenAI-compatible").await;
    page.find(Role::Button, "Add the provider").await;
    stranger.fill("Address", &upstream.url()).await;
    stranger.fill("Key", VENDOR_KEY).await;
    stranger.click(Role::Button, "Add the provider").await;
    page.arrive("/providers").await;
    page.see("OpenAI-compatible takes part in routing").await;
    stranger.click(Role::Link, "Create a user").await;
    page.arrive("/users/new").await;
    stranger.fill("Name", "Ann").await;
    stranger.click(Role::Button, "Create the user").await;
    page.arrive("/keys/1").await;
    run_the_curl(&page, &switchyard).await;
    stranger.did("run the curl".to_owned());
    stranger.click(Role::Link, "See why it went there").await;
    reads_the_reason(&page, &upstream).await;
    let done = stranger.done;
    assert!(done.len() <= ACTIONS, "{} actions: {}", done.len(), done.join(", "));
}

#[tokio::test]
async fn the_keyboard_alone_gets_there_with_few_presses_a_step() {
    let upstream = Upstream::start();
    let (switchyard, token) = first_start().await;
    let page = open(&switchyard).await;
    // The field has the focus when the page is there.
    page.write(&token).await;
    page.press(Key::Enter).await;
    page.arrive("/dashboard").await;
    follow(&page, "Add a provider", 12).await;
    page.arrive("/providers/new").await;
    follow(&page, "OpenAI-compatible", 30).await;
    page.find(Role::Button, "Add the provider").await;
    page.tab_to(Role::Field, "Address", 16).await;
    page.write(&upstream.url()).await;
    page.tab_to(Role::Field, "Key", 2).await;
    page.write(VENDOR_KEY).await;
    page.tab_to(Role::Button, "Add the provider", 17).await;
    page.press(Key::Enter).await;
    page.arrive("/providers").await;
    follow(&page, "Create a user", 14).await;
    page.arrive("/users/new").await;
    page.write("Ann").await;
    page.press(Key::Enter).await;
    page.arrive("/keys/1").await;
    run_the_curl(&page, &switchyard).await;
    follow(&page, "See why it went there", 20).await;
    reads_the_reason(&page, &upstream).await;
}

/// Presses Tab up to a link, and Enter on it.
async fn follow(page: &Page, link: &str, at_most: usize) {
    page.tab_to(Role::Link, link, at_most).await;
    page.press(Key::Enter).await;
}
