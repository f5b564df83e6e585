//! Changes of headers, on any list of them.

use switchyard_actors::domain::filters::{HeaderChange, RequestFilter};

/// A list of headers. Names are in lower case.
pub trait HeaderList {
    /// Tells whether the header is there.
    fn has(&self, name: &str) -> bool;
    /// Tells whether the header is there once, with this value.
    fn is(&self, name: &str, value: &str) -> bool;
    /// Takes every header of this name away.
    fn remove(&mut self, name: &str);
    /// Puts a header in place of all of its name.
    fn put(&mut self, name: &str, value: &str);
}

/// Names and values in their order.
impl HeaderList for Vec<(String, String)> {
    fn has(&self, name: &str) -> bool {
        self.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    fn is(&self, name: &str, value: &str) -> bool {
        let mut values = self.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values.next().is_some_and(|(_, own)| own == value) && values.next().is_none()
    }

    fn remove(&mut self, name: &str) {
        self.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    fn put(&mut self, name: &str, value: &str) {
        HeaderList::remove(self, name);
        self.push((name.to_owned(), value.to_owned()));
    }
}

/// Makes a filter's changes to headers; tells whether that changed any.
pub fn change_headers(filter: &RequestFilter, headers: &mut impl HeaderList) -> bool {
    let mut is_changed = false;
    for change in &filter.headers {
        match change {
            HeaderChange::Remove { name } if headers.has(name) => headers.remove(name),
            HeaderChange::Set { name, if_missing: true, .. } if headers.has(name) => continue,
            HeaderChange::Set { name, value, .. } if !headers.is(name, value) => {
                headers.put(name, value);
            }
            _ => continue,
        }
        is_changed = true;
    }
    is_changed
}
