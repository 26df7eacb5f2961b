//! Bars, one for each result, drawn by hand: no script and no style of its own, so that it stands on
//! paper and under the page's policy as it does on a screen. Every figure of it is in a table too.

use std::fmt;
use std::io::{self, Write};

use super::summary::severities;
use super::text::T;
use crate::report::visible::{Count, Grouped, number};
use crate::report::{Point, Trend};

/// The most bars; the table has them all.
const BARS: usize = 12;

/// Pixels from bar to bar, as wide as a day is written.
const STEP: u64 = 84;
/// Pixels of a bar.
const WIDE: u64 = 40;
/// Pixels left of the bars, for the scale.
const LEFT: u64 = 52;
/// Pixels above the highest bar, for its sum.
const TOP: u64 = 20;
/// Pixels of the highest bar.
const HIGH: u64 = 150;
/// Pixels below the bars, for day and doubt.
const BELOW: u64 = 40;
/// Lines of the scale, without the lowest.
const LINES: u64 = 4;

/// The last results as bars.
pub(super) fn chart(out: &mut dyn Write, trend: &Trend) -> io::Result<()> {
    let skip = trend.points.len().saturating_sub(BARS);
    let points: Vec<(usize, &Point)> = trend.points.iter().enumerate().skip(skip).collect();
    let most = points.iter().map(|(_, point)| point.total()).max();
    let scale = Scale::new(most.unwrap_or(0));
    let (width, height) = (LEFT + STEP * number(points.len()), TOP + HIGH + BELOW);
    writeln!(
        out,
        "<svg role=\"img\" aria-labelledby=\"chart-title chart-text\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <title id=\"chart-title\">Findings that count, result by result</title>"
    )?;
    let told: Vec<String> = points
        .iter()
        .map(|(index, point)| in_words(trend, *index, point))
        .collect();
    writeln!(
        out,
        "<desc id=\"chart-text\">{}</desc>",
        T(&told.join("; "))
    )?;
    out.write_all(
        b"<defs><pattern id=\"doubt\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
          patternTransform=\"rotate(45)\"><rect class=\"gap\" width=\"2.5\" height=\"6\"></rect>\
          </pattern></defs>\n",
    )?;
    for line in 0..=scale.lines {
        let (value, right) = (line * scale.step, width - 8);
        let y = scale.y(value);
        writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y}\" y2=\"{y}\"></line>\
             <text class=\"end\" x=\"{}\" y=\"{y}\" dy=\"4\">{}</text>",
            LEFT - 8,
            Grouped(value)
        )?;
    }
    for (place, (index, point)) in points.into_iter().enumerate() {
        let left = LEFT + STEP * number(place) + (STEP - WIDE) / 2;
        bar(out, &scale, (left, point))?;
        let (middle, below) = (left + WIDE / 2, TOP + HIGH);
        let called = trend.called(index);
        let day = called.get(..10).unwrap_or(&called);
        writeln!(
            out,
            "<text x=\"{middle}\" y=\"{}\">{}</text>",
            below + 16,
            T(day)
        )?;
        if let Some(word) = doubt(point) {
            let y = below + 31;
            writeln!(
                out,
                "<text class=\"warn\" x=\"{middle}\" y=\"{y}\">{word}</text>"
            )?;
        }
    }
    out.write_all(b"</svg>\n")
}

/// In a word, why a bar may be too low.
pub(super) fn doubt(point: &Point) -> Option<&'static str> {
    match (point.problems, point.doubts.is_empty()) {
        (0, true) => None,
        (0, false) => Some("see below"),
        _ => Some("incomplete"),
    }
}

fn in_words(trend: &Trend, index: usize, point: &Point) -> String {
    let parts: Vec<String> = severities()
        .filter_map(|severity| {
            let count = point.open.get(severity as usize).copied().unwrap_or(0);
            (count > 0).then(|| format!("{} {severity}", Grouped(count)))
        })
        .collect();
    let mut text = format!(
        "{}: {}",
        trend.called(index),
        Count(point.total(), "finding")
    );
    if !parts.is_empty() {
        text.push_str(&format!(", {}", parts.join(", ")));
    }
    if let Some(word) = doubt(point) {
        text.push_str(&format!(" ({word})"));
    }
    text
}

/// The most severe stand at the foot, where bars are best compared.
fn bar(out: &mut dyn Write, scale: &Scale, (left, point): (u64, &Point)) -> io::Result<()> {
    let mut below = 0;
    for severity in severities() {
        let count = point.open.get(severity as usize).copied().unwrap_or(0);
        if count == 0 {
            continue;
        }
        let above = below + count;
        let (top, high) = (scale.y(above), scale.between(below, above));
        writeln!(
            out,
            "<rect class=\"{}\" x=\"{left}\" y=\"{top}\" width=\"{WIDE}\" height=\"{high}\"></rect>",
            severity.word()
        )?;
        below = above;
    }
    let top = scale.y(below);
    if doubt(point).is_some() && below > 0 {
        let high = scale.between(0, below);
        writeln!(
            out,
            "<rect fill=\"url(#doubt)\" x=\"{left}\" y=\"{top}\" width=\"{WIDE}\" height=\"{high}\"></rect>"
        )?;
    }
    writeln!(
        out,
        "<text class=\"sum\" x=\"{}\" y=\"{top}\" dy=\"-5\">{}</text>",
        left + WIDE / 2,
        Grouped(below)
    )
}

/// From counts to pixels.
struct Scale {
    /// Findings from one line to the next.
    step: u64,
    lines: u64,
}

impl Scale {
    /// Steps of 1, 2 or 5 with noughts, so that a few lines reach the most.
    fn new(most: u64) -> Self {
        let most = most.max(1);
        let wanted = most.div_ceil(LINES);
        let mut power: u64 = 1;
        while power.saturating_mul(10) <= wanted {
            power = power.saturating_mul(10);
        }
        let steps = [1, 2, 5, 10].map(|part: u64| part.saturating_mul(power));
        let step = steps.into_iter().find(|step| *step >= wanted);
        let step = step.unwrap_or(wanted);
        Self {
            step,
            lines: most.div_ceil(step),
        }
    }

    fn y(&self, value: u64) -> Tenths {
        Tenths((TOP + HIGH) * 10).less(self.between(0, value))
    }

    fn between(&self, low: u64, high: u64) -> Tenths {
        let whole = u128::from(self.step) * u128::from(self.lines);
        let part = u128::from(high.saturating_sub(low)) * u128::from(HIGH * 10);
        Tenths(u64::try_from(part / whole.max(1)).unwrap_or(HIGH * 10))
    }
}

/// Tenths of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tenths(u64);

impl Tenths {
    const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "{}", self.0 / 10),
            rest => write!(f, "{}.{rest}", self.0 / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HIGH, LINES, Scale, Tenths};

    #[test]
    fn a_scale_reaches_the_most_in_few_round_steps() {
        for (most, step, lines) in [
            (0, 1, 1),
            (3, 1, 3),
            (4, 1, 4),
            (5, 2, 3),
            (18, 5, 4),
            (21, 10, 3),
            (1_234, 500, 3),
        ] {
            let scale = Scale::new(most);
            assert_eq!((scale.step, scale.lines), (step, lines), "{most}");
        }
        for most in [u64::MAX, u64::MAX / 3, 10_u64.pow(19)] {
            let scale = Scale::new(most);
            assert!(scale.lines <= LINES);
            assert!(scale.between(0, most).0 <= HIGH * 10);
        }
    }

    #[test]
    fn a_bar_is_as_high_as_its_part_of_the_scale() {
        let scale = Scale::new(20);
        assert_eq!(scale.between(0, 20), Tenths(1_500));
        assert_eq!(scale.y(20).to_string(), "20");
        assert_eq!(scale.y(1).to_string(), "162.5");
    }
}
