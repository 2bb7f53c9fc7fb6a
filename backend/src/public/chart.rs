//! The chart of the page of statistics, as positions in an SVG: columns of requests by month, each of which can be reached and
//! read out. The table beside it holds the same numbers.

use minijinja::{Value, context};
use shared::stats::MonthFigures;

use super::statistics::number;

/// Height of the tallest column, in units of the drawing.
const HEIGHT: i64 = 200;
/// Width of a column with the space after it.
const STEP: i64 = 40;
/// Width of a column.
const COLUMN: i64 = 28;
/// What stands left of the first column: the scale.
const LEFT: i64 = 56;

/// Columns of what was begun in each month, stacked by present status.
pub fn stacked(months: &[MonthFigures]) -> Value {
    let most = months.iter().map(|month| month.requests).max().unwrap_or_default();
    let top = round_up(most.max(1));
    let height = |count: i64| count * HEIGHT / top;
    // Every label where they fit, else the January ones and the last.
    let is_crowded = months.len() > 18;
    let columns = (0_i64..).zip(months).map(|(index, month)| {
        let mut below = 0;
        let parts: Value = month
            .by_status
            .iter()
            .filter(|figure| figure.count > 0)
            .map(|figure| {
                let (from, to) = (height(below), height(below + figure.count));
                below += figure.count;
                context! { status => figure.status.as_str(), y => HEIGHT - to, height => to - from }
            })
            .collect();
        let told: Vec<String> = month
            .by_status
            .iter()
            .filter(|figure| figure.count > 0)
            .map(|figure| format!("{}\u{a0}: {}", figure.status.label().to_lowercase(), number(figure.count)))
            .collect();
        let noun = if month.requests > 1 { "demandes" } else { "demande" };
        let total = format!("{}\u{a0}: {} {noun}", month.month.label(), number(month.requests));
        let is_labelled = !is_crowded || month.month.is_january();
        context! {
            x => LEFT + index * STEP,
            middle => LEFT + index * STEP + COLUMN / 2,
            short => is_labelled.then(|| month.month.short_label(is_crowded)),
            told => if told.is_empty() { total } else { format!("{total} ({})", told.join(", ")) },
            parts,
        }
    });
    let lines: Value = [0, 1, 2]
        .iter()
        .map(|half| context! { y => HEIGHT - half * HEIGHT / 2, value => number(top * half / 2) })
        .collect();
    let count = i64::try_from(months.len()).unwrap_or_default();
    context! {
        width => LEFT + count * STEP, height => HEIGHT, column => COLUMN, left => LEFT,
        columns => columns.collect::<Value>(),
        lines,
        legend => months.first().map(|month| month.by_status.iter().map(|figure| {
            context! { status => figure.status.as_str(), label => figure.status.label() }
        }).collect::<Value>()),
    }
}

/// The least round number that is no less: 1, 2, 4, 6 or 10 times a power of ten, all even but the first.
fn round_up(number: i64) -> i64 {
    let mut power = 1;
    loop {
        for times in [1, 2, 4, 6] {
            if times * power >= number {
                return (times * power).max(2);
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number() {
        let ends = [1, 2, 3, 5, 7, 10, 11, 95, 101, 999_999].map(round_up);
        assert_eq!(ends, [2, 2, 4, 6, 10, 10, 20, 100, 200, 1_000_000]);
    }
}
