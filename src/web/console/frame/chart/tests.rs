//! A whole chart: what its parts add up to, and what is left open.

use proptest::prelude::*;

use super::*;

fn plot(shape: Shape, rows: Vec<Vec<Option<i64>>>) -> Plot {
    let keys = rows.first().map_or(0, Vec::len);
    let key = |index: usize| Key {
        name: Text::plain(format!("series {index}")),
        hue: u8::try_from(index % 6 + 1).unwrap(),
    };
    let bucket = |(index, values): (usize, Vec<Option<i64>>)| {
        let start = i64::try_from(index).unwrap() * 3_600_000_000;
        Bucket { start: Micros(start), end: Micros(start + 3_600_000_000), values, href: None }
    };
    Plot {
        id: "test",
        title: Text::plain("Test"),
        unit: Unit::Count,
        shape,
        keys: (0..keys).map(key).collect(),
        buckets: rows.into_iter().enumerate().map(bucket).collect(),
        label_every: 3,
        label_days: false,
        whole_days: false,
    }
}

#[test]
fn a_gap_has_no_bar_and_no_total() {
    let chart = Chart::draw(plot(Shape::Bars, vec![vec![Some(0)], vec![None], vec![Some(4)]]));
    let totals: Vec<_> = chart.columns.iter().map(|column| column.total).collect();
    assert_eq!(totals, [Some(0), None, Some(4)]);
    let bars: Vec<_> = chart.columns.iter().map(|column| column.bars.len()).collect();
    assert_eq!(bars, [0, 0, 1]);
    assert_eq!(chart.most, Some(Peak { at: Micros(7_200_000_000), value: 4 }));
}

#[test]
fn what_cannot_be_added_has_no_totals() {
    let chart = Chart::draw(plot(Shape::Steps, vec![vec![Some(100), Some(900)]; 2]));
    assert!(chart.columns.iter().all(|column| column.total.is_none() && column.bars.is_empty()));
    assert!(chart.keys.iter().all(|key| key.total.is_none()));
    assert_eq!(chart.ticks.last().unwrap().value, 1_000, "the axis ends above the highest line");
    assert_eq!(chart.strokes.len(), 4);
}

#[test]
fn a_chart_of_nothing_can_be_drawn() {
    for shape in [Shape::Bars, Shape::Steps] {
        let chart = Chart::draw(plot(shape, Vec::new()));
        assert_eq!((chart.columns.len(), chart.most), (0, None));
        let chart = Chart::draw(plot(shape, vec![vec![None, None]; 24]));
        assert_eq!((chart.columns.len(), chart.most, chart.labels.len()), (24, None, 8));
        assert!(chart.strokes.is_empty());
    }
}

proptest! {
    #[test]
    fn columns_lie_edge_to_edge_and_totals_keep_the_sum(
        rows in prop::collection::vec(
            prop::collection::vec(prop::option::of(0..1_000_000_000_000_i64), 3), 1..200
        )
    ) {
        let sum: i64 = rows.iter().flatten().flatten().sum();
        let chart = Chart::draw(plot(Shape::Bars, rows));
        prop_assert_eq!(chart.columns.iter().filter_map(|column| column.total).sum::<i64>(), sum);
        prop_assert_eq!(chart.keys.iter().filter_map(|key| key.total).sum::<i64>(), sum);
        let mut edge = 0;
        for column in &chart.columns {
            prop_assert_eq!(column.x.0, edge);
            edge += column.width.0;
            prop_assert!(column.bar_x >= column.x && column.bar_width.0 > 0);
            prop_assert!(column.bar_x.0 + column.bar_width.0 <= edge);
        }
        prop_assert_eq!(edge, place::WHOLE);
        let label_places = chart.labels.iter().map(|label| label.x.0);
        prop_assert!(label_places.into_iter().all(|x| (0..=place::WHOLE).contains(&x)));
    }
}
