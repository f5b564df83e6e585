//! A person with a browser, without the browser: keeps cookies, follows one redirect when asked to,
//! sends forms with the token that the page carried.

use parking_lot::Mutex;
use url::form_urlencoded;

use super::client::{Answer, Request};
use super::launch::ADMIN_TOKEN;
use super::switchyard::Switchyard;

/// A person who looks at the console of one instance.
pub struct Person<'a> {
    switchyard: &'a Switchyard,
    cookies: Mutex<Vec<(String, String)>>,
    language: &'static str,
}

impl<'a> Person<'a> {
    /// Somebody who is not logged in and reads English.
    pub fn stranger(switchyard: &'a Switchyard) -> Self {
        Self { switchyard, cookies: Mutex::default(), language: "en" }
    }

    /// Somebody who logs in with the admin token.
    pub async fn admin(switchyard: &'a Switchyard) -> Self {
        Self::with_key(switchyard, ADMIN_TOKEN).await
    }

    /// Somebody who logs in with a key.
    pub async fn with_key(switchyard: &'a Switchyard, key: &str) -> Self {
        let person = Self::stranger(switchyard);
        let answer = person.post("/login", &[("key", key)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        person
    }

    /// The same person, who reads Chinese from here on.
    #[must_use]
    pub fn in_chinese(mut self) -> Self {
        self.language = "zh-CN";
        self
    }

    /// Looks at a page.
    pub async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target)).await
    }

    /// Looks at a page that must be there, and returns its HTML.
    pub async fn page(&self, target: &str) -> String {
        let answer = self.get(target).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.text()
    }

    /// Sends a form as it is.
    pub async fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::get(target)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        "POST".clone_into(&mut request.method);
        self.send(request).await
    }

    /// Looks at the page of a form, then sends the form with the page's token.
    pub async fn submit(&self, page: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
        let token = token(&self.page(page).await);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post(target, &all).await
    }

    /// Goes where an answer sends them, and returns the HTML.
    pub async fn follow(&self, answer: &Answer) -> String {
        assert_eq!(answer.status, 303, "{}", answer.text());
        self.page(answer.header("location").expect("a location")).await
    }

    /// Sends a request with what a browser adds.
    pub async fn send(&self, request: Request) -> Answer {
        let pairs: Vec<String> =
            self.cookies.lock().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header("accept-language", self.language);
        request = request.header("accept", "text/html,*/*;q=0.8");
        if !pairs.is_empty() {
            request = request.header("cookie", &pairs.join("; "));
        }
        let answer = self.switchyard.send(&request).await;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        answer
    }

    /// Returns a cookie that is kept.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock();
        cookies.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    }

    /// Puts a cookie into the browser that it was not given.
    pub fn slip_in(&self, name: &str, value: &str) {
        self.keep(&format!("{name}={value}"));
    }

    fn keep(&self, cookie: &str) {
        let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
        let mut cookies = self.cookies.lock();
        cookies.retain(|(own, _)| own != name);
        if !cookie.contains("Max-Age=0") {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Finds the token of a page's forms.
pub fn token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"csrf\" value=\"").expect("a form with a token");
    rest.split('"').next().unwrap().to_owned()
}
