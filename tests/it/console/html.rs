//! Reads a page as far as tests need it: the text of an element with an id, the value of a field.

/// Returns the text within the element with the id, tags taken out.
pub fn text_of(html: &str, id: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("id=\"{id}\""))?;
    let (_, inner) = rest.split_once('>')?;
    let mut end = inner.len();
    for tag in ["</pre>", "</p>", "</h2>", "</section>"] {
        end = end.min(inner.find(tag).unwrap_or(end));
    }
    Some(plain(&inner[..end]))
}

/// Returns what an input holds.
pub fn value_of(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("<input id=\"f-{name}\""))?;
    let tag = rest.split('>').next()?;
    let (_, value) = tag.split_once(" value=\"")?;
    Some(unescaped(value.split('"').next()?))
}

fn plain(html: &str) -> String {
    let mut out = String::new();
    for (at, part) in html.split('<').enumerate() {
        out.push_str(if at == 0 {
            part
        } else {
            part.split_once('>').map_or("", |(_, text)| text)
        });
    }
    unescaped(out.trim())
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escape, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
    ] {
        text = text.replace(escape, letter);
    }
    text.replace("&amp;", "&")
}
