//! Reads a curl of a page as a shell would.

use super::client::Request;

/// A curl of a page as a request: what a shell would make of it.
pub fn request_of(curl: &str) -> Request {
    let words = words(&curl.replace("\\\n", " "));
    assert_eq!(words[0], "curl", "{curl}");
    let url = url::Url::parse(&words[1]).unwrap();
    let mut request = Request::post(url.path(), String::new());
    let mut rest = words[2..].iter();
    while let (Some(option), Some(value)) = (rest.next(), rest.next()) {
        request = match option.as_str() {
            "-H" => {
                let (name, value) = value.split_once(": ").unwrap();
                // The test's request says already that it is JSON.
                if name == "content-type" { request } else { request.header(name, value) }
            }
            "-d" => request.body(value.clone()),
            other => panic!("curl {other}"),
        };
    }
    request
}

fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
