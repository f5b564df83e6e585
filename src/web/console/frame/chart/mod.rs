//! Charts: drawn here as SVG that reads its colours from the style sheet, shown by the component
//! `chart`, with a table of the same figures beside them. `js/chart.js` adds a cursor.
//!
//! Bars start at zero, nothing is smoothed, and a bucket of which nothing is known is a gap.

mod draw;
mod place;
mod scale;

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

pub use draw::{Bar, Stroke};
pub use place::Place;
use scale::Scale;

use super::text::Text;

/// Colours that tell series apart, from 1 to this one.
pub const HUES: u8 = 5;
/// The colour of all others together.
pub const OTHERS: u8 = 6;
/// The colour of what failed.
pub const FAILED: u8 = 7;
/// The blank on each side of a bar, as a part of its column.
const BLANK: i32 = 8;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Things.
    Count,
    /// Nano-dollars.
    Money,
    /// Tokens.
    Tokens,
    /// Milliseconds.
    Millis,
}

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// As bars that stand on each other: sums.
    Bars,
    /// As lines in steps: what cannot be added.
    Steps,
}

/// A series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// What it is.
    pub name: Text,
    /// Its colour: from 1 to [`HUES`], [`OTHERS`] or [`FAILED`].
    pub hue: u8,
}

/// One bucket: a value for each series, `None` where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its start.
    pub start: Micros,
    /// The first instant behind it.
    pub end: Micros,
    /// Its values, in the order of the keys.
    pub values: Vec<Option<i64>>,
    /// Where the rows behind it are.
    pub href: Option<String>,
}

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// A name that no other chart of the page has; it becomes part of ids.
    pub id: &'static str,
    /// What the chart shows.
    pub title: Text,
    /// How values are written.
    pub unit: Unit,
    /// How values are drawn.
    pub shape: Shape,
    /// The series, from the bottom up.
    pub keys: Vec<Key>,
    /// The buckets, the oldest first.
    pub buckets: Vec<Bucket>,
    /// Every so many buckets have a label.
    pub label_every: usize,
    /// Labels are dates, not times of day.
    pub label_days: bool,
    /// Buckets are whole days.
    pub whole_days: bool,
}

/// A chart as its component shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chart {
    id: &'static str,
    title: Text,
    unit: Unit,
    shape: Shape,
    label_days: bool,
    whole_days: bool,
    keys: Vec<Legend>,
    ticks: Vec<Tick>,
    labels: Vec<Label>,
    columns: Vec<Column>,
    strokes: Vec<Stroke>,
    /// The bucket with the most, for the description; `None` when nothing is known.
    most: Option<Peak>,
}

/// A series in the legend, with its sum where it can be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Legend {
    name: Text,
    hue: u8,
    total: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Tick {
    y: Place,
    value: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Label {
    x: Place,
    at: Micros,
    /// Left out where there is little room.
    minor: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Column {
    x: Place,
    width: Place,
    bar_x: Place,
    bar_width: Place,
    start: Micros,
    end: Micros,
    href: Option<String>,
    bars: Vec<Bar>,
    values: Vec<Option<i64>>,
    total: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Peak {
    at: Micros,
    value: i64,
}

impl Chart {
    /// Draws it.
    #[must_use]
    pub fn draw(plot: Plot) -> Self {
        let scale = Scale::of(plot.heights().into_iter().flatten().max().unwrap_or(0));
        let tick = |value| Tick { y: Place(scale.depth(i128::from(value), place::WHOLE)), value };
        Self {
            id: plot.id,
            title: plot.title.clone(),
            unit: plot.unit,
            shape: plot.shape,
            label_days: plot.label_days,
            whole_days: plot.whole_days,
            ticks: scale.ticks().into_iter().map(tick).collect(),
            labels: plot.labels(),
            strokes: plot.strokes(&scale),
            most: plot.most(),
            keys: plot.legend(),
            columns: plot.columns(&scale),
        }
    }
}

impl Plot {
    /// Returns how high each bucket reaches.
    fn heights(&self) -> Vec<Option<i128>> {
        let reach = |bucket: &Bucket| match self.shape {
            Shape::Bars => draw::total(&bucket.values),
            Shape::Steps => bucket.values.iter().flatten().max().copied().map(i128::from),
        };
        self.buckets.iter().map(reach).collect()
    }

    fn labels(&self) -> Vec<Label> {
        let every = self.label_every.max(1);
        let count = self.buckets.len();
        let chosen = self.buckets.iter().enumerate().step_by(every).enumerate();
        let label = |(number, (index, bucket)): (usize, (usize, &Bucket))| Label {
            x: Place::part(index, count).middle(Place::part(index + 1, count)),
            at: bucket.start,
            minor: number % 2 == 1,
        };
        chosen.map(label).collect()
    }

    fn strokes(&self, scale: &Scale) -> Vec<Stroke> {
        if self.shape == Shape::Bars {
            return Vec::new();
        }
        let line = |(index, key): (usize, &Key)| draw::steps(&self.values(index), key.hue, scale);
        self.keys.iter().enumerate().flat_map(line).collect()
    }

    /// Returns the values of one series.
    fn values(&self, index: usize) -> Vec<Option<i64>> {
        let of = |bucket: &Bucket| bucket.values.get(index).copied().flatten();
        self.buckets.iter().map(of).collect()
    }

    fn columns(self, scale: &Scale) -> Vec<Column> {
        let count = self.buckets.len();
        let hues: Vec<u8> = self.keys.iter().map(|key| key.hue).collect();
        let is_bars = self.shape == Shape::Bars;
        let column = |(index, bucket): (usize, Bucket)| {
            let (x, end) = (Place::part(index, count), Place::part(index + 1, count));
            let width = end.0 - x.0;
            let blank = width / BLANK;
            let bars = if is_bars { draw::stack(&bucket.values, &hues, scale) } else { Vec::new() };
            Column {
                x,
                width: Place(width),
                bar_x: Place(x.0 + blank),
                bar_width: Place((width - 2 * blank).max(1)),
                start: bucket.start,
                end: bucket.end,
                href: bucket.href,
                bars,
                total: draw::total(&bucket.values).filter(|_| is_bars).map(whole),
                values: bucket.values,
            }
        };
        self.buckets.into_iter().enumerate().map(column).collect()
    }

    fn legend(&self) -> Vec<Legend> {
        let is_bars = self.shape == Shape::Bars;
        let total = |index| draw::total(&self.values(index)).filter(|_| is_bars).map(whole);
        let legend = |(index, key): (usize, &Key)| Legend {
            name: key.name.clone(),
            hue: key.hue,
            total: total(index),
        };
        self.keys.iter().enumerate().map(legend).collect()
    }

    fn most(&self) -> Option<Peak> {
        let heights = self.heights();
        let known = self.buckets.iter().zip(&heights);
        let known =
            known.filter_map(|(bucket, height)| height.map(|height| (height, bucket.start)));
        let (value, at) = known.max_by_key(|(height, at)| (*height, std::cmp::Reverse(*at)))?;
        Some(Peak { at, value: whole(value) })
    }
}

/// A sum above the largest number that is written stays there.
fn whole(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
