//! What a browser would send of a form as it stands on a page.

/// The fields of the first form whose action is the given one, as they are filled.
pub fn filled(html: &str, action: &str) -> Vec<(String, String)> {
    let (_, rest) = html
        .split_once(&format!("method=\"post\" action=\"{action}\""))
        .unwrap_or_else(|| panic!("a form to {action} in {html}"));
    let form = rest.split("</form>").next().unwrap();
    let mut fields = Vec::new();
    for (at, _) in form.match_indices('<') {
        let tag = &form[at..];
        let head = tag.split('>').next().unwrap();
        let Some(name) = attribute(head, "name") else { continue };
        let value = if head.starts_with("<input") {
            let is_box = attribute(head, "type").is_some_and(|kind| kind == "checkbox");
            let is_off = is_box && !head.contains(" checked");
            (!is_off && !head.contains(" disabled"))
                .then(|| attribute(head, "value").unwrap_or_default())
        } else if head.starts_with("<textarea") {
            let (_, text) = tag.split_once('>').unwrap();
            Some(plain(text.split("</textarea>").next().unwrap()))
        } else if head.starts_with("<select") {
            let options = tag.split("</select>").next().unwrap();
            let chosen = options.split("<option ").find(|option| option.contains(" selected"));
            chosen.and_then(|option| attribute(&format!(" {option}"), "value"))
        } else {
            None
        };
        fields.extend(value.map(|value| (name, value)));
    }
    fields
}

/// Types into fields: those that are there change, others are added.
pub fn typed<'a>(
    mut fields: Vec<(String, String)>,
    more: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, String)> {
    for (name, value) in more {
        match fields.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => value.clone_into(old),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
    }
    fields
}

/// Unticks a box.
pub fn unticked(mut fields: Vec<(String, String)>, name: &str) -> Vec<(String, String)> {
    fields.retain(|(own, _)| own != name);
    fields
}

/// Borrows the fields, to send them.
pub fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let (_, rest) = head.split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next().unwrap()))
}

fn plain(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2F;", "/")];
    let text = named.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}
