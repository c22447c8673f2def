//! Charts drawn on the server: line, bar, stacked bar and sparkline, each with its numbers in a table behind.
//!
//! Knows nothing of what the numbers mean; a page hands in labels, series and how to say a value. All positions are attributes of
//! the drawing, since the policy forbids style attributes; colours and type come from `chart.css`.
//!
//! Invariants: the axis starts at nought unless values are below it; a missing value is a gap, never a nought; series differ by
//! shape or order as well as by colour; every value can be read as text.

use std::fmt::Write as _;

use maud::{Markup, html};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 36.0;
/// How many bars still have room for their value above them.
const LABELLED_BARS_MAX: usize = 12;

/// What a chart shows.
pub struct Chart<'a> {
    /// What it is about; stands above it.
    pub title: &'a str,
    /// What is counted, such as "points" or "sessions"; heads the axis. May be empty.
    pub unit: &'a str,
    /// The places along the axis, in order: days, months, names.
    pub labels: Vec<String>,
    /// The rows of values, each as long as `labels`.
    pub series: Vec<Series<'a>>,
    /// Values that matter, drawn as lines across: a cut-off, a goal.
    pub marks: Vec<Mark<'a>>,
    /// How a value is said: "12", "$1,200", "85 %".
    pub say: fn(f64) -> String,
    /// The top of the axis where the measure has one (27 for PHQ-9); else it follows the values.
    pub top: Option<f64>,
}

/// One row of values.
pub struct Series<'a> {
    /// What it is called.
    pub name: &'a str,
    /// One value for each label; `None` where there is none.
    pub values: Vec<Option<f64>>,
}

/// A value that matters.
pub struct Mark<'a> {
    /// Where it lies.
    pub value: f64,
    /// What it is called.
    pub label: &'a str,
}

/// A whole number said plainly, for `Chart::say`.
pub fn plain_number(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// Values over time, one line for each series.
pub fn line(chart: &Chart) -> Markup {
    let scale = Scale::of(
        chart
            .series
            .iter()
            .flat_map(|series| series.values.iter().flatten().copied()),
        chart,
    );
    frame(
        chart,
        "line",
        &scale,
        &html! { @for (index, series) in chart.series.iter().enumerate() { (line_series(chart, &scale, index, series)) } },
    )
}

/// Values side by side, one bar for each label and series.
pub fn bar(chart: &Chart) -> Markup {
    let scale = Scale::of(
        chart
            .series
            .iter()
            .flat_map(|series| series.values.iter().flatten().copied()),
        chart,
    );
    let slot = slot_width(chart);
    let group = slot * 0.68;
    let width = group / as_f64(chart.series.len().max(1));
    let has_labels = chart.labels.len() * chart.series.len() <= LABELLED_BARS_MAX;
    frame(
        chart,
        "bar",
        &scale,
        &html! {
            @for (index, series) in chart.series.iter().enumerate() {
                g.chart__series data-series=(index % 6) {
                    @for (position, value) in present(series) {
                        @let x = LEFT + slot * as_f64(position) + (slot - group) / 2.0 + width * as_f64(index);
                        (one_bar(&scale, (x, width), (0.0, value), &described(chart, series, position, value)))
                        @if has_labels { text.chart__value x=(n(x + width / 2.0)) y=(n(scale.y(value.max(0.0)) - 5.0)) text-anchor="middle" { ((chart.say)(value)) } }
                    }
                }
            }
        },
    )
}

/// Values one upon the other, one bar for each label.
pub fn stacked_bar(chart: &Chart) -> Markup {
    let totals = (0..chart.labels.len()).map(|position| {
        chart
            .series
            .iter()
            .filter_map(|series| value_at(series, position))
            .sum()
    });
    let scale = Scale::of(totals, chart);
    let slot = slot_width(chart);
    let width = slot * 0.6;
    frame(
        chart,
        "stacked",
        &scale,
        &html! {
            @for (index, series) in chart.series.iter().enumerate() {
                g.chart__series data-series=(index % 6) {
                    @for (position, value) in present(series) {
                        @let below: f64 = chart.series.iter().take(index).filter_map(|under| value_at(under, position)).sum();
                        @let x = LEFT + slot * as_f64(position) + (slot - width) / 2.0;
                        (one_bar(&scale, (x, width), (below, below + value), &described(chart, series, position, value)))
                    }
                }
            }
        },
    )
}

/// A line of a word's height that shows a course and no numbers; `label` says it in words.
pub fn sparkline(values: &[f64], label: &str) -> Markup {
    const SPARK_WIDTH: f64 = 96.0;
    const SPARK_HEIGHT: f64 = 24.0;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = if high > low { high - low } else { 1.0 };
    let step = (SPARK_WIDTH - 6.0) / as_f64(values.len().saturating_sub(1).max(1));
    let point = |(index, value): (usize, &f64)| {
        (
            3.0 + step * as_f64(index),
            3.0 + (SPARK_HEIGHT - 6.0) * (high - value) / range,
        )
    };
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(point).collect();
    html! {
        svg.sparkline viewBox="0 0 96 24" width="96" height="24" role="img" aria-label=(label) {
            polyline.sparkline__line points=(polyline(&points)) fill="none" {}
            @if let Some((x, y)) = points.last() { circle.sparkline__end cx=(n(*x)) cy=(n(*y)) r="2.5" {} }
        }
    }
}

fn line_series(chart: &Chart, scale: &Scale, index: usize, series: &Series) -> Markup {
    let slot = slot_width(chart);
    let at = |position: usize, value: f64| (LEFT + slot * (as_f64(position) + 0.5), scale.y(value));
    html! {
        g.chart__series data-series=(index % 6) {
            @for run in runs(series) {
                @let points: Vec<(f64, f64)> = run.iter().map(|(position, value)| at(*position, *value)).collect();
                polyline.chart__line points=(polyline(&points)) fill="none" {}
            }
            @for (position, value) in present(series) {
                @let (x, y) = at(position, value);
                g.chart__point { title { (described(chart, series, position, value)) } (marker(index, x, y)) }
            }
            @if let Some((position, value)) = present(series).last() {
                @let (x, y) = at(position, value);
                // Below the line where another series ends just above it, so that the two numbers stay apart.
                @let is_below = ends(chart, scale).any(|(other, end)| other != index && end < y && y - end < 22.0);
                text.chart__value x=(n(x.min(WIDTH - RIGHT - 12.0))) y=(n(if is_below { y + 18.0 } else { (y - 9.0).max(11.0) })) text-anchor="middle" { ((chart.say)(value)) }
            }
        }
    }
}

/// Where each series' last value lies.
fn ends(chart: &Chart, scale: &Scale) -> impl Iterator<Item = (usize, f64)> {
    chart
        .series
        .iter()
        .enumerate()
        .filter_map(|(index, series)| Some((index, scale.y(present(series).last()?.1))))
}

/// Series differ by the shape of their points too: circle, square, diamond, triangle.
fn marker(index: usize, x: f64, y: f64) -> Markup {
    let corners = |points: &[(f64, f64)]| {
        polyline(
            &points
                .iter()
                .map(|(right, down)| (x + right, y + down))
                .collect::<Vec<_>>(),
        )
    };
    html! {
        @match index % 4 {
            0 => circle cx=(n(x)) cy=(n(y)) r="3.5" {},
            1 => rect x=(n(x - 3.25)) y=(n(y - 3.25)) width="6.5" height="6.5" {},
            2 => polygon points=(corners(&[(0.0, -4.5), (4.5, 0.0), (0.0, 4.5), (-4.5, 0.0)])) {},
            _ => polygon points=(corners(&[(0.0, -4.5), (4.2, 3.2), (-4.2, 3.2)])) {},
        }
    }
}

fn one_bar(scale: &Scale, (x, width): (f64, f64), (from, until): (f64, f64), words: &str) -> Markup {
    let (top, foot) = (scale.y(from.max(until)), scale.y(from.min(until)));
    html! {
        rect.chart__bar x=(n(x)) y=(n(top)) width=(n(width.max(1.0))) height=(n((foot - top).max(0.0))) rx="2" { title { (words) } }
    }
}

/// Title, legend, axes, what `inside` draws, and the table behind.
fn frame(chart: &Chart, kind: &str, scale: &Scale, inside: &Markup) -> Markup {
    let said = format!("{}. {}", chart.title, summary(chart));
    html! {
        figure.chart data-kind=(kind) {
            figcaption.chart__caption {
                span.chart__title { (chart.title) }
                @if !chart.unit.is_empty() { span.chart__unit { (chart.unit) } }
            }
            @if chart.series.len() > 1 { (legend(chart, kind)) }
            @if chart.labels.is_empty() {
                p.chart__empty { "Nothing to show yet." }
            } @else {
                svg.chart__drawing viewBox={ "0 0 " (n(WIDTH)) " " (n(HEIGHT)) } role="img" aria-label=(said) {
                    (axes(chart, scale)) (inside) (marks(chart, scale))
                }
                (table(chart))
            }
        }
    }
}

fn legend(chart: &Chart, kind: &str) -> Markup {
    html! {
        ul.chart__legend role="list" {
            @for (index, series) in chart.series.iter().enumerate() {
                li.chart__key {
                    svg.chart__swatch viewBox="0 0 20 12" width="20" height="12" aria-hidden="true" {
                        g.chart__series data-series=(index % 6) {
                            @if kind == "line" {
                                polyline.chart__line points="1,6 19,6" fill="none" {}
                                g.chart__point { (marker(index, 10.0, 6.0)) }
                            } @else { rect.chart__bar x="6" y="0" width="12" height="12" rx="2" {} }
                        }
                    }
                    (series.name)
                }
            }
        }
    }
}

fn axes(chart: &Chart, scale: &Scale) -> Markup {
    let slot = slot_width(chart);
    let every = chart.labels.len().div_ceil(10).max(1);
    html! {
        g.chart__axis aria-hidden="true" {
            @for tick in scale.ticks() {
                line.chart__grid x1=(n(LEFT)) x2=(n(WIDTH - RIGHT)) y1=(n(scale.y(tick))) y2=(n(scale.y(tick))) data-base[tick.abs() < f64::EPSILON] {}
                text.chart__tick x=(n(LEFT - 8.0)) y=(n(scale.y(tick) + 4.0)) text-anchor="end" { ((chart.say)(tick)) }
            }
            @for (position, label) in chart.labels.iter().enumerate().filter(|(position, _)| position % every == 0) {
                text.chart__tick x=(n(LEFT + slot * (as_f64(position) + 0.5))) y=(n(HEIGHT - BOTTOM + 20.0)) text-anchor="middle"
                    data-minor[(position / every) % 2 == 1] { (label) }
            }
        }
    }
}

fn marks(chart: &Chart, scale: &Scale) -> Markup {
    html! {
        @for mark in chart.marks.iter().filter(|mark| scale.holds(mark.value)) {
            g.chart__mark {
                line x1=(n(LEFT)) x2=(n(WIDTH - RIGHT)) y1=(n(scale.y(mark.value))) y2=(n(scale.y(mark.value))) {}
                text x=(n(LEFT + 6.0)) y=(n(scale.y(mark.value) - 4.0)) { (mark.label) " " ((chart.say)(mark.value)) }
            }
        }
    }
}

fn table(chart: &Chart) -> Markup {
    html! {
        details.chart__numbers {
            summary { "Show the numbers" }
            div.chart__scroll tabindex="0" role="region" aria-label={ (chart.title) ", numbers" } {
                table {
                    thead { tr { td {} @for series in &chart.series { th scope="col" { (series.name) } } } }
                    tbody {
                        @for (position, label) in chart.labels.iter().enumerate() {
                            tr {
                                th scope="row" { (label) }
                                @for series in &chart.series { td { @match value_at(series, position) { Some(value) => ((chart.say)(value)), None => "–" } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The chart in a sentence: each series from its first to its last value.
fn summary(chart: &Chart) -> String {
    let mut said = String::new();
    for series in &chart.series {
        if let (Some((first, from)), Some((last, to))) = (present(series).next(), present(series).last()) {
            let label = |position: usize| chart.labels.get(position).map_or("", String::as_str);
            let _ = write!(
                said,
                "{}: {} ({}) to {} ({}). ",
                series.name,
                (chart.say)(from),
                label(first),
                (chart.say)(to),
                label(last)
            );
        }
    }
    said.trim_end().to_owned()
}

fn described(chart: &Chart, series: &Series, position: usize, value: f64) -> String {
    let label = chart.labels.get(position).map_or("", String::as_str);
    format!("{label}: {} {}", (chart.say)(value), series.name)
}

fn slot_width(chart: &Chart) -> f64 {
    (WIDTH - LEFT - RIGHT) / as_f64(chart.labels.len().max(1))
}

fn value_at(series: &Series, position: usize) -> Option<f64> {
    series.values.get(position).copied().flatten()
}

fn present(series: &Series) -> impl Iterator<Item = (usize, f64)> {
    series
        .values
        .iter()
        .enumerate()
        .filter_map(|(position, value)| Some((position, (*value)?)))
}

/// Stretches of values without a gap.
fn runs(series: &Series) -> Vec<Vec<(usize, f64)>> {
    let all: Vec<(usize, f64)> = present(series).collect();
    all.chunk_by(|a, b| a.0 + 1 == b.0)
        .map(<[(usize, f64)]>::to_vec)
        .collect()
}

fn polyline(points: &[(f64, f64)]) -> String {
    points
        .iter()
        .map(|(x, y)| format!("{},{}", n(*x), n(*y)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A coordinate, to a tenth.
fn n(value: f64) -> String {
    format!("{}", (value * 10.0).round() / 10.0)
}

#[expect(clippy::cast_precision_loss, reason = "a number of columns is far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

/// The value axis: from, until, and the step between two ticks.
#[derive(Debug, PartialEq)]
struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, chart: &Chart) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        Self::around(low, high, chart.top)
    }

    /// A scale whose ticks are 1, 2 or 5 times a power of ten, some four or five of them.
    fn around(low: f64, high: f64, top: Option<f64>) -> Self {
        let high = top.unwrap_or(high).max(high);
        let range = if high - low > 0.0 { high - low } else { 1.0 };
        let rough = range / 4.0;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|times| times * power)
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(rough);
        let ceiling = if top.is_some() {
            low + range
        } else {
            ((low + range) / step).ceil() * step
        };
        Self {
            low: (low / step).floor() * step,
            high: ceiling,
            step,
        }
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)
    }

    fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    fn ticks(&self) -> Vec<f64> {
        let mut ticks: Vec<f64> = (0_u8..12)
            .map(|index| self.low + self.step * f64::from(index))
            .take_while(|tick| *tick <= self.high + self.step * 1e-6)
            .collect();
        // A measure's own maximum is a tick even where the step misses it, unless it would stand on another.
        if ticks.last().is_some_and(|last| self.high - last > self.step * 0.4) {
            ticks.push(self.high);
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, high: f64, top: Option<f64>, ticks: &[f64]) {
        let found = Scale::around(low, high, top).ticks();
        assert_eq!(found.len(), ticks.len(), "{found:?}");
        assert!(
            found.iter().zip(ticks).all(|(a, b)| (a - b).abs() < 1e-9),
            "{found:?} is not {ticks:?}"
        );
    }

    #[test]
    fn ticks_are_round_numbers() {
        check(0.0, 8.0, None, &[0.0, 2.0, 4.0, 6.0, 8.0]);
        check(0.0, 9.3, None, &[0.0, 5.0, 10.0]);
        check(0.0, 0.0, None, &[0.0, 0.5, 1.0]);
        check(0.0, 1_930.0, None, &[0.0, 500.0, 1_000.0, 1_500.0, 2_000.0]);
        check(-4.0, 4.0, None, &[-4.0, -2.0, 0.0, 2.0, 4.0]);
    }

    #[test]
    fn a_measures_own_top_is_kept() {
        check(0.0, 14.0, Some(27.0), &[0.0, 10.0, 20.0, 27.0]);
        assert!(
            Scale::around(0.0, 30.0, Some(27.0)).high >= 30.0,
            "a value above the top is still drawn"
        );
    }

    #[test]
    fn the_axis_maps_its_ends_to_the_edges() {
        let scale = Scale::around(0.0, 10.0, Some(10.0));
        assert!((scale.y(0.0) - (HEIGHT - BOTTOM)).abs() < 1e-9);
        assert!((scale.y(10.0) - TOP).abs() < 1e-9);
    }

    fn sample(values: Vec<Option<f64>>) -> Chart<'static> {
        let labels = (1..=values.len()).map(|day| format!("{day} Feb")).collect();
        let series = vec![Series { name: "PHQ-9", values }];
        Chart {
            title: "Depression",
            unit: "points",
            labels,
            series,
            marks: vec![],
            say: plain_number,
            top: Some(27.0),
        }
    }

    #[test]
    fn a_missing_value_parts_the_line() {
        let drawn = line(&sample(vec![Some(14.0), Some(12.0), None, Some(9.0)])).into_string();
        assert_eq!(drawn.matches("chart__line").count(), 2);
        assert!(drawn.contains("<td>–</td>"));
        assert!(drawn.contains("PHQ-9: 14 (1 Feb) to 9 (4 Feb)."));
    }

    #[test]
    fn every_kind_has_its_table_and_no_style_attribute() {
        for draw in [line, bar, stacked_bar] {
            let drawn = draw(&sample(vec![Some(1.0), None, Some(3.0)])).into_string();
            assert!(drawn.contains("<details") && drawn.contains("<th scope=\"row\">3 Feb</th>"));
            assert!(!drawn.contains("style="));
        }
        assert!(line(&sample(vec![])).into_string().contains("Nothing to show yet."));
        assert!(sparkline(&[3.0], "steady").into_string().contains("steady"));
        assert!(sparkline(&[], "nothing").into_string().contains("nothing"));
    }
}
