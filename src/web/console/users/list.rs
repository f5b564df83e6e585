//! The table of users, with a search; people who are no admins go on to their own page.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use super::limits::limit_words;
use super::view::{StateView, UserHead};
use crate::app::ActorKind;
use crate::app::users::{self, Search, UserWithKeys};
use crate::web::console::frame::{Cursor, Page, PageError, Pager, Room, Text, Visitor};

/// Rows of a page.
const ROWS: usize = 50;
/// Longer texts are in no name, note or tag.
const LONGEST_PART: usize = 200;

/// What the address asks for.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    before: String,
}

/// A page of users.
#[derive(Clone, Debug, Serialize)]
pub struct UsersPage {
    /// What is searched for.
    pub q: String,
    /// The users.
    pub rows: Vec<UserRow>,
    /// Where else to go.
    pub pager: Pager,
}

/// A user of the table.
#[derive(Clone, Debug, Serialize)]
pub struct UserRow {
    /// What their page says as well.
    #[serde(flatten)]
    pub head: UserHead,
    /// They manage everything.
    pub is_admin: bool,
    /// Keys in all.
    pub keys: usize,
    /// The limits that are set.
    pub limits: Vec<Text>,
}

/// Shows the table.
pub async fn list(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    if !visitor.is_admin() {
        return own_page(&visitor);
    }
    let part: String = asked.q.trim().chars().take(LONGEST_PART).collect();
    let after = Cursor::parse(&asked.before).as_ref().and_then(place);
    let search = Search { part: &part, after };
    let limit = u32::try_from(ROWS + 1).unwrap_or(u32::MAX);
    let found = users::page(visitor.app(), &visitor.actor, search, limit).await?;
    visitor.show(&UsersPage::new(part.clone(), &found, after, visitor.app().clock.now()))
}

fn own_page(visitor: &Visitor) -> Result<HttpResponse, PageError> {
    let ActorKind::User(id) = visitor.actor.kind else { return Err(PageError::Forbidden) };
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, format!("/users/{id}")));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.finish())
}

fn place(cursor: &Cursor) -> Option<(Role, UserId)> {
    let role = if cursor.part(0)? == "admin" { Role::Admin } else { Role::User };
    Some((role, UserId(cursor.part(1)?.parse().ok()?)))
}

fn cursor(user: &UserWithKeys) -> Cursor {
    let role = if user.user.fields.role == Role::Admin { "admin" } else { "user" };
    Cursor::new([role.to_owned(), user.user.id.to_string()])
}

impl UsersPage {
    fn new(q: String, found: &[UserWithKeys], after: Option<(Role, UserId)>, now: Micros) -> Self {
        let shown = found.get(..ROWS).unwrap_or(found);
        let next = shown.last().filter(|_| found.len() > ROWS).map(cursor);
        let pager = Pager::new("/users", &[("q", &q)], after.is_none(), next.as_ref());
        Self { rows: shown.iter().map(|user| UserRow::new(user, now)).collect(), pager, q }
    }
}

impl UserRow {
    fn new(found: &UserWithKeys, now: Micros) -> Self {
        let fields = &found.user.fields;
        Self {
            head: UserHead::of(found, now),
            is_admin: fields.role == Role::Admin,
            keys: found.keys.len(),
            limits: limit_words(&fields.limits.in_force(fields.rpm)),
        }
    }
}

impl Page for UsersPage {
    const TEMPLATE: &'static str = "pages/users/list.html";
    const ROOM: Room = Room::Users;

    fn title(&self) -> Text {
        Text::of("users-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self { q: String::new(), rows: Vec::new(), pager: Pager::default() };
        let head = UserHead {
            id: 1,
            name: "ann".to_owned(),
            note: Some("backend team".to_owned()),
            tags: vec!["team-a".to_owned()],
            state: StateView { state: "good", word: Text::of("users-state-active") },
            groups: Vec::new(),
            requests: 148,
            cost: 3_214_000_000,
            last: Some(Micros(1_777_982_300_000_000)),
        };
        let limits = vec![
            Text::of("users-words-daily").with("amount", "$100"),
            Text::of("users-words-rpm").with("count", 100_i64),
        ];
        let ann = UserRow { head, is_admin: false, keys: 2, limits };
        let head = UserHead {
            id: i64::MAX,
            name: "<script>alert(1)</script> 名字很长".repeat(3),
            note: Some("\"quotes\" & <b>".to_owned()),
            tags: (0..20).map(|n| format!("tag <{n}>")).collect(),
            state: StateView { state: "warn", word: Text::of("users-state-expired") },
            groups: vec!["vip".to_owned(), "<i>".to_owned()],
            requests: 123_456_789,
            cost: i64::MAX,
            last: None,
        };
        let odd = UserRow { head, is_admin: true, keys: 0, limits: Vec::new() };
        let pager = Pager {
            first: Some("/users?q=a%22b".to_owned()),
            next: Some("/users?q=a%22b&before=WyJ1c2VyIiwiMSJd".to_owned()),
        };
        vec![
            ("empty", empty.clone()),
            ("nothing-found", Self { q: "nobody <b>".to_owned(), ..empty.clone() }),
            ("typical", Self { rows: vec![ann.clone()], ..empty.clone() }),
            ("extreme", Self { q: "a\"b".to_owned(), rows: vec![odd, ann], pager }),
        ]
    }
}
