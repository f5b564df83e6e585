//! Cookies: the one place that reads them from a request, and how our own choices are written, so
//! that pages' scripts cannot read them.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};

/// How long a choice such as the theme is kept.
pub const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Returns the value of the first cookie of a name.
#[must_use]
pub fn read(request: &HttpRequest, name: &str) -> Option<String> {
    let lines = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    let value = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Writes a cookie; an age of 0 removes it. The value must need no escaping.
#[must_use]
pub fn write(name: &str, value: &str, age_seconds: u32, secure: bool) -> String {
    write_below("/", name, value, age_seconds, secure)
}

/// Writes a cookie that goes to a path, and to what is below it, alone.
#[must_use]
pub fn write_below(path: &str, name: &str, value: &str, age_seconds: u32, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; Max-Age={age_seconds}; HttpOnly{secure}; SameSite=Lax")
}

/// Has the browser take a cookie that was written, with an answer that is made already.
pub fn set(answer: &mut HttpResponse, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_in_any_line() {
        let request = TestRequest::get()
            .append_header(("cookie", "theme2=a;  lang=zh-CN; theme=dark; theme=light"))
            .append_header(("cookie", "flash=a=b; none="))
            .to_http_request();
        for (name, value) in [
            ("theme", Some("dark")),
            ("lang", Some("zh-CN")),
            ("flash", Some("a=b")),
            ("none", None),
            ("them", None),
        ] {
            assert_eq!(read(&request, name).as_deref(), value, "{name}");
        }
    }
}
