//! The chart: names and colours for the lines of a series.

use jiff::tz::TimeZone;

use super::super::frame::Text;
use super::super::frame::chart::{Bucket, Chart, FAILED, HUES, Key, OTHERS, Plot, Shape, Unit};
use super::links;
use crate::app::overview::{Asked, Line, Metric, Range, Series};
use crate::store::SplitBy;

/// Draws a series.
#[must_use]
pub fn chart(series: &Series, asked: Asked, zone: &TimeZone) -> Chart {
    let buckets = series.grid.buckets().zip(&series.values);
    let bucket = |((start, end), values): ((_, _), &Vec<Option<i64>>)| {
        let (from, to) = (links::instant(start, zone), links::instant(end, zone));
        let any = values.iter().flatten().any(|value| *value > 0);
        let href = any.then(|| links::rows(&[("from", &from), ("to", &to)]));
        Bucket { start, end, values: values.clone(), href }
    };
    Chart::draw(Plot {
        id: "chart",
        title: Text::of(title(asked.metric)),
        unit: unit(asked.metric),
        shape: if asked.metric == Metric::Latency { Shape::Steps } else { Shape::Bars },
        keys: keys(&series.lines, asked.by),
        buckets: buckets.map(bucket).collect(),
        label_every: label_every(asked.range),
        label_days: matches!(asked.range, Range::Week | Range::Month),
        whole_days: asked.range == Range::Month,
    })
}

const fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::Requests => "dashboard-chart-requests",
        Metric::Spend => "dashboard-chart-spend",
        Metric::Tokens => "dashboard-chart-tokens",
        Metric::Latency => "dashboard-chart-latency",
    }
}

const fn unit(metric: Metric) -> Unit {
    match metric {
        Metric::Requests => Unit::Count,
        Metric::Spend => Unit::Money,
        Metric::Tokens => Unit::Tokens,
        Metric::Latency => Unit::Millis,
    }
}

/// A label each three hours, each day, each fifth day.
const fn label_every(range: Range) -> usize {
    match range {
        Range::Today | Range::Day => 3,
        Range::Week => 8,
        Range::Month => 5,
    }
}

fn keys(lines: &[Line], by: Option<SplitBy>) -> Vec<Key> {
    let hues = hues(lines);
    let key = |(line, hue): (&Line, u8)| Key { name: name(line, by), hue };
    lines.iter().zip(hues).map(key).collect()
}

fn name(line: &Line, by: Option<SplitBy>) -> Text {
    match line {
        Line::Served => Text::of("dashboard-line-served"),
        Line::Refused => Text::of("dashboard-line-refused"),
        Line::Failed => Text::of("dashboard-line-failed"),
        Line::Spend => Text::of("dashboard-line-spend"),
        Line::Input => Text::of("dashboard-line-input"),
        Line::Output => Text::of("dashboard-line-output"),
        Line::CacheWrite => Text::of("dashboard-line-cache-write"),
        Line::CacheRead => Text::of("dashboard-line-cache-read"),
        Line::P50 => Text::of("dashboard-line-p50"),
        Line::P95 => Text::of("dashboard-line-p95"),
        Line::Others => Text::of("dashboard-line-others"),
        Line::Part(_, Some(name)) => Text::plain(name.clone()),
        Line::Part(id, None) => match (by, id.as_str()) {
            (Some(SplitBy::Model), "") => Text::of("dashboard-line-no-model"),
            (Some(SplitBy::Model), model) => Text::plain(model),
            (_, "0") => Text::of("dashboard-line-nobody"),
            (_, id) => Text::plain(format!("#{id}")),
        },
    }
}

/// Chooses colours. A provider, user or model has the same one on every chart, unless two of one
/// chart would share it: then the later one takes the next that is free.
fn hues(lines: &[Line]) -> Vec<u8> {
    let mut hues: Vec<u8> = lines.iter().map(fixed).collect();
    let mut parts: Vec<(usize, u64)> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if let Line::Part(id, _) = line {
            parts.push((place, seed(id)));
        }
    }
    parts.sort_unstable_by_key(|(_, seed)| *seed);
    let mut taken: Vec<u8> = Vec::new();
    for (place, seed) in parts {
        let first = u8::try_from(seed % u64::from(HUES)).unwrap_or(0);
        let mut wanted = (0..HUES).map(|more| (first + more) % HUES + 1);
        let hue = wanted.find(|hue| !taken.contains(hue)).unwrap_or(OTHERS);
        taken.push(hue);
        if let Some(own) = hues.get_mut(place) {
            *own = hue;
        }
    }
    hues
}

const fn fixed(line: &Line) -> u8 {
    match line {
        Line::Failed => FAILED,
        Line::Others | Line::Refused => OTHERS,
        Line::Output | Line::P95 => 2,
        Line::CacheWrite => 3,
        Line::CacheRead => 4,
        _ => 1,
    }
}

/// Returns a number that stays with an id or a model.
fn seed(id: &str) -> u64 {
    let sum = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(u64::from(byte));
    id.parse().unwrap_or_else(|_| id.bytes().fold(0, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str) -> Line {
        Line::Part(id.to_owned(), None)
    }

    #[test]
    fn a_provider_keeps_its_colour_whoever_stands_beside_it() {
        assert_eq!(hues(&[part("3"), part("7")]), [4, 3]);
        assert_eq!(hues(&[part("1"), part("3"), Line::Others]), [2, 4, OTHERS]);
    }

    #[test]
    fn no_two_of_one_chart_share_a_colour() {
        let lines: Vec<Line> = ["5", "10", "15", "20", "0"].iter().map(|id| part(id)).collect();
        let mut found = hues(&lines);
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn who_has_no_name_is_called_by_what_is_known() {
        assert_eq!(name(&part("0"), Some(SplitBy::Provider)), Text::of("dashboard-line-nobody"));
        assert_eq!(name(&part("9"), Some(SplitBy::User)), Text::plain("#9"));
        assert_eq!(name(&part("opus"), Some(SplitBy::Model)), Text::plain("opus"));
    }
}
