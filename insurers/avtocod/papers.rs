//! A vehicle's documents, whose numbers and dates stand in different places of a report.

use jiff::civil::Date;
use veer_contract::domain::{Personal, VehicleDocument, VehicleDocumentKind};

use super::found::number;
use crate::{loose::Loose, written::cyrillic};

/// Series and number of СТС and paper ПТС are four and six characters.
const SERIES: usize = 4;
const WHOLE: usize = 10;
/// ЭПТС is one number.
const ELECTRONIC: usize = 15;

/// The documents that are told whole: a document without its date is none.
pub(super) fn read(numbers: Loose<'_>, vehicle: Loose<'_>) -> Vec<VehicleDocument> {
    let paper = |key: &str, dated: &str| {
        let written = number(numbers.get(key))?;
        let date = day(vehicle.get(dated).get("date").get("receive"))?;
        document(key, &cyrillic(written.as_str()), date)
    };
    [paper("sts", "sts"), paper("pts", "passport")].into_iter().flatten().collect()
}

fn document(key: &str, written: &str, date: Date) -> Option<VehicleDocument> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let made = |kind, series: &str, number: &str| VehicleDocument {
        kind,
        series: series.into(),
        number: number.into(),
        date: Personal::new(date),
    };
    if key == "pts" && written.len() == ELECTRONIC && digits(written) {
        return Some(made(VehicleDocumentKind::Epts, "", written));
    }
    let (at, _) = written.char_indices().nth(SERIES)?;
    let (series, number) = written.split_at(at);
    let whole = written.chars().count() == WHOLE && digits(number);
    let kind = if key == "sts" { VehicleDocumentKind::Sts } else { VehicleDocumentKind::Pts };
    whole.then(|| made(kind, series, number))
}

/// `2015-08-12 00:00:00`, also without the time.
fn day(value: Loose<'_>) -> Option<Date> {
    let text = value.trimmed();
    text.split([' ', 'T']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use veer_contract::domain::VehicleDocumentKind::{Epts, Pts, Sts};

    use super::*;

    fn papers(sts: Value, pts: Value, received: &str) -> Vec<(VehicleDocumentKind, String, String)> {
        let numbers = json!({"sts": sts, "pts": pts});
        let date = json!({"date": {"receive": received}});
        let vehicle = json!({"sts": date, "passport": date});
        let text = |value: &Personal<String>| value.as_str().to_owned();
        read(Loose::of(&numbers), Loose::of(&vehicle))
            .iter()
            .map(|paper| (paper.kind, text(&paper.series), text(&paper.number)))
            .collect()
    }

    fn row(kind: VehicleDocumentKind, series: &str, number: &str) -> (VehicleDocumentKind, String, String) {
        (kind, series.to_owned(), number.to_owned())
    }

    #[test]
    fn series_and_number_are_told_apart() {
        let found = papers(json!(9900000001_i64), json!("00OO 000002"), "2015-08-12 00:00:00");
        assert_eq!(found, [row(Sts, "9900", "000001"), row(Pts, "00ОО", "000002")]);
        let found = papers(Value::Null, json!("164301000000003"), "2021-01-02");
        assert_eq!(found, [row(Epts, "", "164301000000003")]);
    }

    #[test]
    fn what_is_not_whole_is_left_out() {
        assert_eq!(papers(json!("990*****01"), json!("36КС"), "2015-08-12"), []);
        assert_eq!(papers(json!("9900000001"), Value::Null, "soon"), []);
    }
}
