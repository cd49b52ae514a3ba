//! The table: insurer, status, price, time, verdict.
//!
//! On a terminal it is drawn over and over in its place; elsewhere it is printed once, complete.

use std::io::Write as _;

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width,
    presets::UTF8_BORDERS_ONLY,
};
use serde_json::Value;
use tokio::time::Instant;

/// The table on its way.
pub(super) struct Table {
    live: bool,
    lines: usize,
    start: Instant,
}

/// The least widths of the columns, so that the table does not jump while it fills.
const WIDTHS: [u16; 5] = [24, 22, 13, 10, 40];
/// What the table takes at the most, and where there is no terminal.
const WIDE: u16 = 118;

/// One row.
struct Row {
    insurer: String,
    status: String,
    price: String,
    time: String,
    verdict: String,
}

// === impl Table ===

impl Table {
    /// Nothing drawn yet.
    pub fn new(live: bool) -> Self {
        Self { live, lines: 0, start: Instant::now() }
    }

    /// Whether it is drawn while it fills.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Draws it in its place.
    pub fn draw(&mut self, answer: &Value, insurers: &[Value]) {
        let text = grid(answer, insurers, self.start.elapsed().as_millis());
        let mut out = std::io::stdout().lock();
        // A terminal that is gone needs no drawing.
        let _ = self.erase(&mut out).and_then(|()| writeln!(out, "{text}")).and_then(|()| out.flush());
        self.lines = text.lines().count();
    }

    /// Draws it for the last time, with what came of it.
    pub fn finish(&mut self, answer: &Value, insurers: &[Value]) {
        self.draw(answer, insurers);
        let status = answer["status"].as_str().unwrap_or("?");
        let prices = offers(answer).filter_map(|offer| offer["price"].as_f64());
        let count = prices.clone().count();
        let cheapest = prices.min_by(f64::total_cmp);
        let best =
            cheapest.map(|price| format!(", the cheapest at {} ₽", roubles(price))).unwrap_or_default();
        println!("\n{status}: {count} priced offer(s) from {} insurer(s){best}", insurers.len());
    }

    fn erase(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        // Up to the first line of the last drawing, then clear to the end of the screen.
        if self.lines > 0 { write!(out, "\x1b[{}A\x1b[J", self.lines) } else { Ok(()) }
    }
}

fn grid(answer: &Value, insurers: &[Value], elapsed_ms: u128) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_header([
        "Insurer",
        "Status",
        "Price, ₽",
        "Time",
        "Verdict",
    ]);
    let width = terminal_size::terminal_size().map_or(WIDE, |(terminal_size::Width(width), _)| width);
    grid.set_width(width.min(WIDE));
    if width >= WIDE {
        grid.set_constraints(WIDTHS.map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width))));
    }
    for row in rows(answer, insurers, elapsed_ms) {
        grid.add_row([
            Cell::new(row.insurer),
            Cell::new(row.status),
            Cell::new(row.price).set_alignment(CellAlignment::Right),
            Cell::new(row.time).set_alignment(CellAlignment::Right),
            Cell::new(row.verdict),
        ]);
    }
    grid
}

/// Offers in the answer's order, then the insurers that are not in it.
fn rows(answer: &Value, insurers: &[Value], elapsed_ms: u128) -> Vec<Row> {
    // An aggregator's offers carry the codes of its companies; the operations port knows who made them.
    let made = |offer: &Value, insurer: &Value| {
        let ids = insurer["offer_ids"].as_array().into_iter().flatten();
        offer["partner"]["code"] == insurer["partner_code"] || ids.clone().any(|id| *id == offer["offer_id"])
    };
    let mut rows: Vec<Row> = offers(answer)
        .map(|offer| {
            let insurer = insurers.iter().find(|insurer| made(offer, insurer));
            row(Some(offer), insurer.unwrap_or(&Value::Null), insurers, elapsed_ms)
        })
        .collect();
    let listed = |insurer: &&Value| offers(answer).any(|offer| made(offer, insurer));
    let unlisted = insurers.iter().filter(|insurer| !listed(insurer));
    rows.extend(unlisted.map(|insurer| row(None, insurer, insurers, elapsed_ms)));
    rows
}

fn row(offer: Option<&Value>, insurer: &Value, insurers: &[Value], elapsed_ms: u128) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let price = offer.and_then(|offer| offer["price"].as_f64()).map(roubles);
    let waiting = || if insurer["verdict"].is_null() { "…" } else { "not asked" }.to_owned();
    Row {
        insurer: name(offer, insurer, insurers),
        status: offer.map_or_else(waiting, |offer| text(&offer["status"])),
        price: price.unwrap_or_else(|| "–".to_owned()),
        time: insurer["after_ms"]
            .as_u64()
            .map_or_else(|| format!("{} …", halves(u64::try_from(elapsed_ms).unwrap_or(0))), halves),
        verdict: verdict(offer, insurer),
    }
}

/// The name that users see; with the insurer's code behind it where two insurers have that name.
fn name(offer: Option<&Value>, insurer: &Value, insurers: &[Value]) -> String {
    let shown = offer.map_or(&insurer["name"], |offer| &offer["partner"]["name"]);
    let is_own = offer.is_none_or(|offer| offer["partner"]["code"] == insurer["partner_code"]);
    let namesakes = insurers.iter().filter(|other| other["name"] == *shown).count();
    let shown = shown.as_str().unwrap_or_default();
    match insurer["insurer"].as_str() {
        Some(code) if is_own && namesakes > 1 => format!("{shown} ({code})"),
        _ => shown.to_owned(),
    }
}

/// `0 offered`, or number, meaning and the insurer's own words.
fn verdict(offer: Option<&Value>, insurer: &Value) -> String {
    let Some(code) = insurer["verdict"].as_u64() else { return String::new() };
    if code == 0 {
        let through = insurer["name"]
            .as_str()
            .filter(|_| offer.is_some_and(|offer| offer["partner"]["code"] != insurer["partner_code"]));
        return through.map_or_else(|| "0 offered".to_owned(), |name| format!("0 offered through {name}"));
    }
    let label = insurer["label"].as_str().unwrap_or_default().replace('_', " ");
    let why = offer
        .and_then(|offer| offer["message"].as_str())
        .or_else(|| insurer["detail"].as_str())
        .or_else(|| insurer["meaning"].as_str())
        .unwrap_or_default();
    format!("{code} {label}: {why}")
}

fn offers(answer: &Value) -> impl Iterator<Item = &Value> + Clone {
    answer["offers"].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Half seconds, cut off: simulated latencies lie on that grid, and what the machine adds to one does not show. What
/// it adds to many, and the pauses between polls, do.
fn halves(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 500 * 5)
}

/// `12 345.67`.
pub(super) fn roubles(price: f64) -> String {
    let text = format!("{price:.2}");
    let (whole, kopecks) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{kopecks}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_insurer_has_a_row_with_its_reason() {
        let answer = json!({ "offers": [
            { "partner": { "code": 1, "name": "Раз" }, "status": "PRE_CALC_READY", "price": 12345.6 },
            { "partner": { "code": 2, "name": "Два" }, "status": "REJECTED", "message": "Нет" },
        ]});
        let insurers = [
            json!({ "partner_code": 1, "verdict": 0, "after_ms": 2390 }),
            json!({ "partner_code": 2, "verdict": 200, "label": "declined", "after_ms": 1000 }),
            json!({ "partner_code": 3, "name": "Три", "verdict": 102, "label": "vehicle_not_mapped",
                    "detail": "no code", "after_ms": 0 }),
        ];
        let text = grid(&answer, &insurers, 0).to_string();
        for part in
            ["12 345.60", "2.0 s", "0 offered", "200 declined: Нет", "102 vehicle not mapped: no code"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn who_has_anothers_name_is_told_by_the_code_and_a_company_by_its_aggregator() {
        let offer = |code: i64, name: &str| json!({ "offer_id": code.to_string(), "partner": { "code": code, "name": name }, "price": 1 });
        let answer = json!({ "offers": [offer(6, "ВСК"), offer(201, "ВСК"), offer(9, "Раз")] });
        let insurer = |code: &str, name: &str, number: i64, ids: Value| json!({ "insurer": code, "name": name, "partner_code": number, "offer_ids": ids, "verdict": 0 });
        let insurers = [
            insurer("vsk", "ВСК", 6, json!(["6"])),
            insurer("vsk_bus", "ВСК", 7, json!([])),
            insurer("market", "Рынок", 200, json!(["201"])),
            insurer("one", "Раз", 9, json!(["9"])),
        ];
        let rows = rows(&answer, &insurers, 0);
        let shown: Vec<_> = rows.iter().map(|row| (row.insurer.as_str(), row.verdict.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("ВСК (vsk)", "0 offered"),
                ("ВСК", "0 offered through Рынок"),
                ("Раз", "0 offered"),
                ("ВСК (vsk_bus)", "0 offered"),
            ]
        );
    }
}
