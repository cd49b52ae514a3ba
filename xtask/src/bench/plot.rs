//! A plot as SVG text: bars or lines, legible on light and on dark pages.
//!
//! Colours are classes that follow the page's scheme (`prefers-color-scheme`), which a browser applies to an
//! image in a page too.

use std::fmt::Write as _;

use super::report::{Kind, Plot, shown};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 62.0;
/// Lines across.
const STEPS: f64 = 5.0;
/// Series beyond these begin again with the first colour.
const COLOURS: usize = 4;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}\
.title{font-size:16px;font-weight:600}\
.small{font-size:12px}\
.grid{stroke:#8c959f;stroke-opacity:.35}\
.bound{stroke:#cf222e;stroke-dasharray:6 4;stroke-width:1.5}\
.bound-text,.value{paint-order:stroke;stroke:#fff;stroke-width:3px}\
.bound-text{fill:#cf222e;font-size:12px}\
.f0{fill:#0969da}.f1{fill:#bf5b04}.f2{fill:#1a7f37}.f3{fill:#8250df}\
.s0{stroke:#0969da}.s1{stroke:#bf5b04}.s2{stroke:#1a7f37}.s3{stroke:#8250df}\
.line{fill:none;stroke-width:2.5}\
@media (prefers-color-scheme:dark){\
text{fill:#e6edf3}.bound-text,.value{stroke:#0d1117}\
.bound{stroke:#ff7b72}.bound-text{fill:#ff7b72}\
.f0{fill:#58a6ff}.f1{fill:#f0a35e}.f2{fill:#56d364}.f3{fill:#bc8cff}\
.s0{stroke:#58a6ff}.s1{stroke:#f0a35e}.s2{stroke:#56d364}.s3{stroke:#bc8cff}}";

/// The plot's file.
pub(super) fn draw(plot: &Plot) -> String {
    let values = plot.series.iter().flat_map(|series| &series.values).copied().chain(plot.bound);
    let scale = Scale::over(values.filter(|value| value.is_finite()).fold(0.0, f64::max));
    let title = escaped(&plot.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\n\
         <style>{STYLE}</style>\n"
    );
    text(&mut svg, "title", "start", LEFT, 22.0, &plot.title);
    legend(&mut svg, plot);
    grid(&mut svg, &scale);
    axes(&mut svg, plot);
    match plot.kind {
        Kind::Bars => bars(&mut svg, plot, &scale),
        Kind::Lines => lines(&mut svg, plot, &scale),
    }
    if let Some(bound) = plot.bound {
        let y = scale.y(bound);
        let right = WIDTH - RIGHT;
        // Writing to a string cannot fail.
        let _ =
            writeln!(svg, "<line class=\"bound\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        text(&mut svg, "bound-text", "end", right, y - 5.0, &format!("bound {}", shown(bound)));
    }
    svg + "</svg>\n"
}

/// From values to places, with round numbers at its lines.
struct Scale {
    step: f64,
}

// === impl Scale ===

impl Scale {
    fn over(most: f64) -> Self {
        let rough = (most.max(f64::MIN_POSITIVE) * 1.08 / STEPS).max(1e-9);
        let size = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|part| part * size);
        Self { step: step.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * size) }
    }

    fn y(&self, value: f64) -> f64 {
        let share = if value.is_finite() { value / (self.step * STEPS) } else { 0.0 };
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }
}

/// The middle of the tick's place, and its width.
fn place(plot: &Plot, tick: usize) -> (f64, f64) {
    let width = (WIDTH - LEFT - RIGHT) / plot.ticks.len().max(1) as f64;
    (LEFT + width * (tick as f64 + 0.5), width)
}

fn legend(svg: &mut String, plot: &Plot) {
    if plot.series.len() < 2 {
        return;
    }
    let mut x = LEFT;
    for (index, series) in plot.series.iter().enumerate() {
        let colour = index % COLOURS;
        let _ = writeln!(
            svg,
            "<rect class=\"f{colour}\" x=\"{x:.1}\" y=\"33\" width=\"12\" height=\"12\" rx=\"2\"/>"
        );
        text(svg, "small", "start", x + 17.0, 43.5, &series.name);
        x += 40.0 + series.name.chars().count() as f64 * 7.0;
    }
}

fn grid(svg: &mut String, scale: &Scale) {
    for line in 0..=STEPS as usize {
        let value = scale.step * line as f64;
        let (y, right) = (scale.y(value), WIDTH - RIGHT);
        let _ =
            writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        text(svg, "small", "end", LEFT - 8.0, y + 4.0, &number(value));
    }
}

fn axes(svg: &mut String, plot: &Plot) {
    for (tick, name) in plot.ticks.iter().enumerate() {
        text(svg, "small", "middle", place(plot, tick).0, HEIGHT - BOTTOM + 20.0, name);
    }
    text(svg, "small", "middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14.0, &plot.x);
    let middle = (TOP + HEIGHT - BOTTOM) / 2.0;
    let _ = writeln!(
        svg,
        "<text class=\"small\" text-anchor=\"middle\" transform=\"translate(16 {middle:.1}) rotate(-90)\">{}</text>",
        escaped(&plot.y)
    );
}

fn bars(svg: &mut String, plot: &Plot, scale: &Scale) {
    let count = plot.series.len().max(1) as f64;
    for (index, series) in plot.series.iter().enumerate() {
        for (tick, value) in series.values.iter().enumerate() {
            let (middle, room) = place(plot, tick);
            let width = (room * 0.7 / count).min(90.0);
            let x = middle + width * (index as f64 - count / 2.0);
            let (y, floor) = (scale.y(*value), scale.y(0.0));
            let _ = writeln!(
                svg,
                "<rect class=\"f{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"2\"/>",
                index % COLOURS,
                x + 1.5,
                width - 3.0,
                (floor - y).max(0.0)
            );
            text(svg, "small value", "middle", x + width / 2.0, y - 5.0, &shown(*value));
        }
    }
}

fn lines(svg: &mut String, plot: &Plot, scale: &Scale) {
    for (index, series) in plot.series.iter().enumerate() {
        let colour = index % COLOURS;
        let points: Vec<(f64, f64, f64)> = series
            .values
            .iter()
            .enumerate()
            .map(|(tick, value)| (place(plot, tick).0, scale.y(*value), *value))
            .collect();
        let path: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(svg, "<polyline class=\"line s{colour}\" points=\"{}\"/>", path.join(" "));
        for (x, y, value) in points {
            let _ = writeln!(svg, "<circle class=\"f{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
            text(svg, "small value", "middle", x, y - 9.0, &shown(value));
        }
    }
}

fn text(svg: &mut String, class: &str, anchor: &str, x: f64, y: f64, text: &str) {
    let text = escaped(text);
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"
    );
}

/// Without digits that a round number does not need.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::Series;

    fn plot(kind: Kind) -> Plot {
        Plot {
            name: "a".into(),
            title: "Ours & theirs".into(),
            kind,
            x: "insurers".into(),
            y: "µs".into(),
            ticks: vec!["1".into(), "5".into()],
            series: vec![
                Series { name: "ours".into(), values: vec![10.0, 40.0] },
                Series { name: "theirs".into(), values: vec![8.0, 20.0] },
            ],
            bound: Some(30.0),
        }
    }

    #[test]
    fn every_value_is_drawn_and_names_are_escaped() {
        let bars = draw(&plot(Kind::Bars));
        assert_eq!(bars.matches("<rect").count(), 2 + 4, "the legend's and the bars");
        assert!(bars.contains("Ours &amp; theirs") && bars.contains("bound 30"), "{bars}");
        let lines = draw(&plot(Kind::Lines));
        assert_eq!(lines.matches("<circle").count(), 4);
        assert!(lines.starts_with("<svg ") && lines.ends_with("</svg>\n"));
    }

    #[test]
    fn the_scale_ends_at_a_round_number_above_everything() {
        for (most, step) in [(40.0, 10.0), (0.93, 0.25), (98.0, 25.0), (1.0, 0.25), (0.0, 1e-9)] {
            let scale = Scale::over(most);
            assert!((scale.step - step).abs() < step * 0.001, "{most}: {}", scale.step);
            assert!(scale.y(most) >= TOP, "{most} is above the plot");
        }
    }
}
