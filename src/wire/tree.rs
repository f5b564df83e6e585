//! A body that was checked before, read as a tree of spans: nothing is copied and nothing is built.
//!
//! Edits need to know where a value stands and what is beside it. A [`Node`] is a place in the body; its
//! members and elements are found by walking, texts being skipped whole. Of a body that is no JSON the
//! walk finds less, never something that is not there.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

/// A value in a body.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    body: &'a [u8],
    start: usize,
    end: usize,
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its key, quotes included.
    pub key: Node<'a>,
    /// Its value.
    pub value: Node<'a>,
}

impl<'a> Node<'a> {
    /// Finds the value that a body is; `None` when there is none.
    #[must_use]
    pub fn root(body: &'a [u8]) -> Option<Self> {
        Self::at(body, 0)
    }

    /// Returns the value that a text is, which was read as one value before: its end is not looked for.
    #[must_use]
    pub fn whole(text: &'a [u8]) -> Self {
        Self { body: text, start: skip_blanks(text, 0), end: text.len() }
    }

    /// Finds the value that begins behind the blanks at an offset.
    fn at(body: &'a [u8], from: usize) -> Option<Self> {
        let start = skip_blanks(body, from);
        Some(Self { body, start, end: end_of(body, start)? })
    }

    /// Returns where it stands in the body.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns it as written.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.body.get(self.span()).unwrap_or_default()
    }

    /// Tells whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.raw().first() == Some(&b'{')
    }

    /// Tells whether it is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.raw().first() == Some(&b'[')
    }

    /// Returns the text of a string, unescaped.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let raw = self.raw();
        let inside = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if !inside.contains(&b'\\') {
            return std::str::from_utf8(inside).ok().map(Cow::Borrowed);
        }
        serde_json::from_slice(raw).ok().map(Cow::Owned)
    }

    /// Tells whether it is this string.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }

    /// Returns an unsigned integer.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        std::str::from_utf8(self.raw()).ok()?.parse().ok()
    }

    /// Walks the members of an object; of anything else there are none.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members { walk: self.walk(self.is_object()) }
    }

    /// Walks the elements of a list; of anything else there are none.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        Elements { walk: self.walk(self.is_list()) }
    }

    /// Returns the elements of a list; of an object itself, which readers of Google's take for a list of
    /// one.
    #[must_use]
    pub fn items(&self) -> Vec<Self> {
        if self.is_object() { vec![*self] } else { self.elements().collect() }
    }

    /// Finds a member of an object: the last of that name, as most readers do.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<Member<'a>> {
        self.members().filter(|member| member.key.is(key)).last()
    }

    /// Finds the value of a member.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Self> {
        self.member(key).map(|member| member.value)
    }

    /// Finds a value below members of members.
    #[must_use]
    pub fn find(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(*self, |node, key| node.get(key))
    }

    const fn walk(&self, opens: bool) -> Walk<'a> {
        // Behind the bracket; a walk of nothing begins at the end.
        let next = if opens { self.start + 1 } else { self.end };
        Walk { body: self.body, next, end: self.end }
    }
}

impl Member<'_> {
    /// Returns where key and value stand together.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.key.start..self.value.end
    }
}

/// A walk through a container.
#[derive(Clone, Debug)]
struct Walk<'a> {
    body: &'a [u8],
    next: usize,
    end: usize,
}

impl<'a> Walk<'a> {
    /// Finds the next value or key, a comma before it passed; `None` at the closing bracket.
    fn step(&mut self) -> Option<Node<'a>> {
        let body = self.body.get(..self.end)?;
        let mut at = skip_blanks(body, self.next);
        if body.get(at) == Some(&b',') {
            at = skip_blanks(body, at + 1);
        }
        if matches!(body.get(at), None | Some(b']' | b'}')) {
            return None;
        }
        let found = Node { body: self.body, start: at, end: end_of(body, at)? };
        self.next = found.end;
        Some(found)
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    walk: Walk<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.walk.step()?;
        let colon = skip_blanks(self.walk.body, key.end);
        if self.walk.body.get(colon) != Some(&b':') {
            return None;
        }
        self.walk.next = colon + 1;
        Some(Member { key, value: self.walk.step()? })
    }
}

/// The elements of a list.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    walk: Walk<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.walk.step()
    }
}

fn skip_blanks(body: &[u8], from: usize) -> usize {
    let rest = body.get(from..).unwrap_or_default();
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    from + rest.iter().take_while(|byte| blank(byte)).count()
}

/// Finds the end of the value that begins at an offset.
fn end_of(body: &[u8], start: usize) -> Option<usize> {
    match body.get(start)? {
        b'"' => end_of_text(body, start),
        b'{' | b'[' => end_of_container(body, start),
        b']' | b'}' | b',' | b':' => None,
        _ => {
            let rest = body.get(start..)?;
            let ends =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            Some(start + rest.iter().position(ends).unwrap_or(rest.len()))
        }
    }
}

fn end_of_text(body: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', body.get(at..)?)?;
        match body.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

fn end_of_container(body: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match body.get(at)? {
            b'"' => {
                at = end_of_text(body, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests;
