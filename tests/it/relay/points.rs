//! Twelve points of a request's way, and at each of them the client, the upstream or the program
//! itself ends: the request has one row with a final status at most, nothing stays open, and the next
//! one is served.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

use crate::support::admin::NewUser;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Match, ReadBody, Rule, Script, Upstream};
use crate::support::waiting::{self, SOON};

const DIALECT: Dialect = Dialect::Anthropic;
/// The model of the request after it.
const NEXT: &str = "the-next-model";
/// How long a held-up step takes: long enough for the kill, short enough to wait for.
const HELD: &str = "1*sleep(1500)";
/// A moment for a request to come to where no condition shows it.
const MOMENT: Duration = Duration::from_millis(400);

/// Where a request is when somebody ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    BeforeKey,
    InSelection,
    Connecting,
    TlsHandshake,
    SendingBody,
    BeforeHead,
    /// So many events have come; the first two of them hold nothing.
    Event(usize),
    BeforeRowIsStored,
}

const POINTS: [Point; 12] = [
    Point::BeforeKey,
    Point::InSelection,
    Point::Connecting,
    Point::TlsHandshake,
    Point::SendingBody,
    Point::BeforeHead,
    Point::Event(1),
    Point::Event(2),
    Point::Event(3),
    Point::Event(5),
    Point::Event(6),
    Point::BeforeRowIsStored,
];

/// Where somebody listens who never accepts.
struct Deaf {
    url: String,
    _listener: TcpListener,
    callers: Vec<JoinHandle<()>>,
}

impl Deaf {
    /// Fills the queue of a listener, so that further connections wait.
    async fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bind");
        let listener = socket.listen(1).expect("listen");
        let address = listener.local_addr().expect("an address");
        let caller = || {
            tokio::spawn(async move {
                let _held = tokio::net::TcpStream::connect(address).await;
                std::future::pending::<()>().await;
            })
        };
        let callers = (0..4).map(|_| caller()).collect();
        tokio::time::sleep(MOMENT).await;
        Self { url: format!("http://{address}"), _listener: listener, callers }
    }
}

impl Drop for Deaf {
    fn drop(&mut self) {
        self.callers.iter().for_each(JoinHandle::abort);
    }
}

/// An instance with one provider, which holds a request at a point.
struct Scene {
    point: Point,
    upstream: Option<Upstream>,
    deaf: Option<Deaf>,
    switchyard: Switchyard,
    user: NewUser,
    provider: i64,
}

impl Scene {
    async fn new(point: Point) -> Self {
        let at = match point {
            Point::BeforeKey => "relay::before_key",
            Point::InSelection => "relay::in_selection",
            Point::BeforeRowIsStored => "recorder::before_write",
            _ => "relay::nowhere",
        };
        let faults = format!("{at}={HELD}");
        let extra = [
            ("FAILPOINTS", faults.as_str()),
            ("SWITCHYARD_DRAIN_SECONDS", "1"),
            ("FETCH_CONNECT_TIMEOUT", "3000"),
            ("MAX_RETRY_ATTEMPTS_DEFAULT", "1"),
        ];
        let switchyard = Switchyard::start_with(&extra).await;
        let upstream = Upstream::start();
        let rule = Rule::new(Match::any(), script(point)).times(1);
        let small = if point == Point::SendingBody { ReadBody::Only(1) } else { ReadBody::All };
        upstream.script(rule.read(small));
        let deaf = if point == Point::Connecting { Some(Deaf::new().await) } else { None };
        let url = match (&deaf, point) {
            (Some(deaf), _) => deaf.url.clone(),
            (None, Point::TlsHandshake) => upstream.url().replace("http:", "https:"),
            _ => upstream.url(),
        };
        let provider = switchyard.add_provider("claude", &url, json!({})).await;
        let user = switchyard.add_user(json!({})).await;
        Self { point, upstream: Some(upstream), deaf, switchyard, user, provider }
    }

    fn request(&self) -> Request {
        let size = if self.point == Point::SendingBody { 12 << 20 } else { 10 };
        let text = "a".repeat(size);
        Request::saying(DIALECT, &self.user.key, MODEL, true, &text)
    }

    /// Sends the request and returns its connection once it is at the point.
    async fn come_to_the_point(&self) -> TcpStream {
        let address = self.switchyard.address();
        let bytes = self.request().bytes();
        let sending = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).expect("connect");
            stream.write_all(&bytes).expect("send");
            stream
        });
        let stream = sending.await.expect("sent");
        let upstream = self.upstream.as_ref().expect("an upstream");
        let has_come = || match self.point {
            Point::BeforeKey | Point::InSelection | Point::Connecting => true,
            Point::TlsHandshake | Point::SendingBody => upstream.connections() > 0,
            Point::BeforeHead | Point::Event(_) | Point::BeforeRowIsStored => upstream.count() == 1,
        };
        waiting::until_true("the request comes to its point", SOON, has_come).await;
        tokio::time::sleep(MOMENT).await;
        stream
    }

    /// Returns the rows once nothing is under way any more.
    async fn rows(&self) -> Vec<Value> {
        waiting::until("nothing is under way", Duration::from_secs(20), async || {
            let figures = self.switchyard.send(&Request::get("/metrics")).await.text();
            figures.lines().any(|line| line == "switchyard_requests_in_flight 0").then_some(())
        })
        .await;
        let wanted = usize::from(self.point != Point::BeforeKey);
        waiting::until("its row", SOON, async || {
            let rows = self.switchyard.all_rows().await;
            (rows.len() >= wanted).then_some(rows)
        })
        .await
    }

    /// The next request is served, and the one before still has one row at most.
    async fn serves_on(&self) {
        let well = Upstream::start();
        let edit = json!({ "providerId": self.provider, "url": well.url() });
        self.switchyard.admin("providers/editProvider", edit).await;
        let reset = json!({ "providerId": self.provider });
        self.switchyard.admin("providers/resetProviderCircuit", reset).await;
        let request = Request::model(DIALECT, &self.user.key, NEXT, true);
        let answer = self.switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{:?}: {}", self.point, answer.text());
        let rows = waiting::until("the row of the next one", SOON, async || {
            let rows = self.switchyard.all_rows().await;
            rows.iter().any(|row| row["model"] == NEXT).then_some(rows)
        })
        .await;
        let (next, before): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["model"] == NEXT);
        assert_eq!((next.len(), &next[0]["statusCode"]), (1, &json!(200)), "{:?}", self.point);
        assert!(before.len() <= 1, "{:?}: {before:#?}", self.point);
    }
}

/// What the upstream does at a point: it goes so far and then says nothing.
fn script(point: Point) -> Script {
    let all = answers::frames(DIALECT, MODEL, 1, &PLAIN);
    match point {
        Point::Event(count) => Script::stream().chunks(all[..count].to_vec()).stall(),
        Point::BeforeRowIsStored => Script::frames(all),
        _ => Script::default().stall(),
    }
}

/// Tells whether the row of a request whose client left says the truth.
fn left(point: Point, status: u64) -> bool {
    match point {
        Point::Event(6) | Point::BeforeRowIsStored => status == 200,
        // What was held up may have been answered before the leaving was seen.
        Point::BeforeKey | Point::InSelection => matches!(status, 499 | 502..=504),
        _ => status == 499,
    }
}

/// Tells whether the row of a request whose upstream went away says the truth.
fn lost(point: Point, status: u64) -> bool {
    match point {
        Point::Event(6) | Point::BeforeRowIsStored => status == 200,
        Point::Event(3 | 5) => status == 502,
        _ => (502..=504).contains(&status),
    }
}

/// Tells whether the row of a request whose program was killed says the truth.
fn killed(point: Point, status: u64) -> bool {
    match point {
        Point::Event(6) | Point::BeforeRowIsStored => status == 200,
        _ => status == 500,
    }
}

fn check(point: Point, who: &str, rows: &[Value], is_true: fn(Point, u64) -> bool) {
    assert!(rows.len() <= 1, "{point:?}, {who}: one row at most: {rows:#?}");
    for row in rows {
        let status = row["statusCode"].as_u64().unwrap_or_default();
        assert!(is_true(point, status), "{point:?}, {who}: {row:#}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_at_any_point_leaves_one_final_row() {
    for point in POINTS {
        let scene = Scene::new(point).await;
        drop(scene.come_to_the_point().await);
        let rows = scene.rows().await;
        check(point, "the client leaves", &rows, left);
        let upstream = scene.upstream.as_ref().expect("an upstream");
        // A good answer's connection is kept, and who does not read an upload sees nobody leave.
        if !matches!(point, Point::SendingBody | Point::BeforeRowIsStored) {
            let what = format!("the upstream is left, {point:?}");
            waiting::until_true(&what, SOON, || upstream.open_connections() == 0).await;
        }
        assert_eq!(scene.switchyard.failures(scene.provider).await, 0, "{point:?}");
        scene.serves_on().await;
    }
}

#[tokio::test]
async fn an_upstream_that_goes_away_at_any_point_leaves_one_final_row() {
    for point in POINTS {
        let mut scene = Scene::new(point).await;
        let client = scene.come_to_the_point().await;
        drop(scene.upstream.take());
        drop(scene.deaf.take());
        let rows = scene.rows().await;
        check(point, "the upstream goes away", &rows, lost);
        drop(client);
        scene.serves_on().await;
    }
}

#[tokio::test]
async fn a_program_that_is_killed_at_any_point_has_one_final_row_when_it_is_back() {
    for point in POINTS {
        let mut scene = Scene::new(point).await;
        let client = scene.come_to_the_point().await;
        scene.switchyard.sigkill();
        drop(client);
        scene.switchyard.restart_with(&[("FAILPOINTS", "")]).await;
        let begun = !matches!(point, Point::BeforeKey | Point::InSelection);
        let rows = scene.switchyard.rows_when(usize::from(begun)).await;
        check(point, "the program is killed", &rows, killed);
        scene.serves_on().await;
    }
}
