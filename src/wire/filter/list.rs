//! Takes items out of containers, and puts elements into lists.

use std::ops::Range;

use serde_json::Value;
use switchyard_actors::domain::filters::{Anchor, JsonPath, Matcher, Place as Where, Step};

use super::Unfit;
use super::cursor::{Item, Items, Kind, kind, root};
use super::place::{self, Place, follow};
use super::same::{fits, is_same_by};
use super::writer::Writer;

/// Takes items out of one container while its items are looked at in their order: commas go with them.
#[derive(Default)]
pub(super) struct Cut {
    /// Where the first item began, as long as all so far are taken out.
    head: Option<usize>,
    any_kept: bool,
    last_end: Option<usize>,
}

impl Cut {
    /// Keeps an item.
    pub(super) fn keep(&mut self, writer: &mut Writer<'_>, item: &Item) -> Result<(), Unfit> {
        if let Some(head) = self.head.take() {
            writer.replace(head..item.start(), b"")?;
        }
        self.any_kept = true;
        self.last_end = Some(item.value.end);
        Ok(())
    }

    /// Takes an item out.
    pub(super) fn drop(&mut self, writer: &mut Writer<'_>, item: &Item) -> Result<(), Unfit> {
        match self.last_end.filter(|_| self.any_kept) {
            Some(end) => writer.replace(end..item.value.end, b"")?,
            None => {
                self.head.get_or_insert(item.start());
            }
        }
        self.last_end = Some(item.value.end);
        Ok(())
    }

    /// Ends the container that begins at `start`; answers where more can be put, and whether a comma
    /// is needed there.
    pub(super) fn end(self, writer: &mut Writer<'_>, start: usize) -> Result<(usize, bool), Unfit> {
        let end = self.last_end.unwrap_or(start + 1);
        if let Some(head) = self.head {
            writer.replace(head..end, b"")?;
        }
        Ok((end, self.any_kept))
    }
}

/// Removes what stands at a path, every member of that name.
pub(super) fn remove<'b>(mut writer: Writer<'b>, path: &JsonPath) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let Some((last, before)) = path.steps().split_last() else { return Ok(writer) };
    // Where nothing is there is nothing to remove, and so it is where something else is.
    let Ok(Place::Found(container)) = follow(doc, root(doc), path, before) else {
        return Ok(writer);
    };
    let goes = |place: usize, item: &Item| match (kind(doc, container.start), last) {
        (Kind::Object, Step::Key(name)) => item.is_named(doc, name),
        (Kind::List, Step::Index(index)) => place == *index,
        _ => false,
    };
    take_out(&mut writer, &container, goes)?;
    Ok(writer)
}

/// Removes the elements of a list that fit.
pub(super) fn remove_matching<'b>(
    mut writer: Writer<'b>,
    path: &JsonPath,
    matcher: &Matcher,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let Ok(Place::Found(list)) = follow(doc, root(doc), path, path.steps()) else {
        return Ok(writer);
    };
    if kind(doc, list.start) != Kind::List {
        return Err(Unfit::Kind { path: path.to_string(), wanted: "a list" });
    }
    let goes =
        |_, item: &Item| doc.get(item.value.clone()).is_some_and(|element| fits(element, matcher));
    take_out(&mut writer, &list, goes)?;
    Ok(writer)
}

fn take_out(
    writer: &mut Writer<'_>,
    container: &Range<usize>,
    goes: impl Fn(usize, &Item) -> bool,
) -> Result<(), Unfit> {
    if !matches!(kind(writer.body(), container.start), Kind::Object | Kind::List) {
        return Ok(());
    }
    let mut cut = Cut::default();
    for (place, item) in Items::of(writer.body(), container.start).enumerate() {
        if goes(place, &item) {
            cut.drop(writer, &item)?;
        } else {
            cut.keep(writer, &item)?;
        }
    }
    cut.end(writer, container.start).map(drop)
}

/// An element that is put into a list.
pub(super) struct New<'a> {
    pub(super) value: &'a Value,
    pub(super) printed: &'a [u8],
    /// What makes two elements the same; `None` when that does not matter.
    pub(super) same_by: Option<&'a [JsonPath]>,
}

/// Puts an element into the list at a path, which is made when there is none.
pub(super) fn insert<'b>(
    mut writer: Writer<'b>,
    path: &JsonPath,
    new: &New<'_>,
    place: &Where,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let list = match follow(doc, root(doc), path, path.steps())? {
        Place::Found(list) if kind(doc, list.start) == Kind::List => list,
        Place::Found(value) if kind(doc, value.start) != Kind::Null => {
            return Err(Unfit::Kind { path: path.to_string(), wanted: "a list" });
        }
        _ => {
            let list = [b"[", new.printed, b"]"].concat();
            return place::set(writer, path, &list, false);
        }
    };
    let look = Look::over(doc, &list, new, place);
    let Some(at_start) = look.place(place) else { return Ok(writer) };
    match (at_start, look.anchor) {
        (At::Before, Some(anchor)) => {
            writer.insert(anchor.start, &[new.printed, b","].concat())?;
        }
        (At::After, Some(anchor)) => writer.insert(anchor.end, &[b",", new.printed].concat())?,
        (At::Start | At::Before, _) => {
            let comma: &[u8] = if look.end.is_some() { b"," } else { b"" };
            writer.insert(list.start + 1, &[new.printed, comma].concat())?;
        }
        (At::End | At::After, _) => {
            let comma: &[u8] = if look.end.is_some() { b"," } else { b"" };
            let end = look.end.unwrap_or(list.start + 1);
            writer.insert(end, &[comma, new.printed].concat())?;
        }
    }
    Ok(writer)
}

#[derive(Clone, Copy)]
enum At {
    Start,
    End,
    Before,
    After,
}

/// What is known of a list once it was looked through.
#[derive(Default)]
struct Look {
    is_there: bool,
    anchor: Option<Range<usize>>,
    end: Option<usize>,
}

impl Look {
    fn over(doc: &[u8], list: &Range<usize>, new: &New<'_>, place: &Where) -> Self {
        let anchor = match place {
            Where::Before(anchor) | Where::After(anchor) => Some(&anchor.matcher),
            Where::Start | Where::End => None,
        };
        let mut look = Self::default();
        for item in Items::of(doc, list.start) {
            let element = doc.get(item.value.clone()).unwrap_or_default();
            let is_same = |by| is_same_by(element, new.value, new.printed, by);
            look.is_there |= new.same_by.is_some_and(is_same);
            if look.anchor.is_none() && anchor.is_some_and(|anchor| fits(element, anchor)) {
                look.anchor = Some(item.value.clone());
            }
            look.end = Some(item.value.end);
        }
        look
    }

    /// Tells where the element is put; `None` for nowhere.
    fn place(&self, place: &Where) -> Option<At> {
        if self.is_there {
            return None;
        }
        let (anchor, found): (&Anchor, At) = match place {
            Where::Start => return Some(At::Start),
            Where::End => return Some(At::End),
            Where::Before(anchor) => (anchor, At::Before),
            Where::After(anchor) => (anchor, At::After),
        };
        match (&self.anchor, anchor.or_at_start) {
            (Some(_), _) => Some(found),
            (None, Some(true)) => Some(At::Start),
            (None, Some(false)) => Some(At::End),
            (None, None) => None,
        }
    }
}
