//! КВС: age and driving experience.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};

/// The table: rows by age, columns by full years of experience.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgeExperience {
    years: Vec<i16>,
    rows: Vec<Row>,
}

/// One age group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    to_age: i16,
    #[serde(deserialize_with = "decimals")]
    values: Vec<Decimal>,
}

impl AgeExperience {
    /// The coefficient of one driver, by full years. 1 where the table says nothing.
    pub(crate) fn value(&self, age: i16, experience: i16) -> Decimal {
        let column = self.years.partition_point(|years| *years < experience);
        let row = self.rows.iter().find(|row| age <= row.to_age);
        row.and_then(|row| row.values.get(column).or(row.values.last())).copied().unwrap_or(Decimal::ONE)
    }
}

fn decimals<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Decimal>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let read = |text: &String| text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no number")));
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use crate::tariff::Tariff;

    #[test]
    fn cells_are_where_the_directive_has_them() {
        let value = |age, years| Tariff::embedded().age_experience.value(age, years).to_string();
        assert_eq!(value(18, 0), "2.27");
        assert_eq!(value(21, 5), "1.62");
        assert_eq!(value(21, 9), "1.62", "a row that ends early goes on with its last value");
        assert_eq!(value(24, 3), "1.13");
        assert_eq!(value(29, 10), "1.02");
        assert_eq!(value(30, 0), "1.56");
        assert_eq!(value(43, 4), "0.96");
        assert_eq!(value(43, 8), "0.94");
        assert_eq!(value(49, 14), "0.93");
        assert_eq!(value(49, 15), "0.91");
        assert_eq!(value(60, 15), "0.83");
    }
}
