//! What the store knows of the vehicle dictionary.

use jiff::Timestamp;
use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use super::{
    ImportRow, InsurerVehicleRow, MappingRow, RowName, Store, StoreError, VersionRow,
    dictionary_writes::LAST_CHANGE, sql::query_as,
};

/// The words that a mapping's state and way may be; what is not among them is not ours.
pub type Words = &'static [&'static str];

type VersionColumns = (i64, i64, String, String, i64, Vec<u8>);
type VehicleColumns = (String, String, String, String, i64, i64, String, String, i64, Option<i64>);
type MappingColumns =
    (String, String, String, String, i64, String, String, i64, String, String, i64, Option<i64>);
type ImportColumns = (String, i64, String, String, String);

const VERSION: &str = "SELECT number, published_ms, author, note, last_year, content FROM dictionary_version";
const MAPPING: &str = "SELECT dictionary, category, brand, model, entry, state, how, confidence, author, note, \
     from_ms, to_ms FROM vehicle_mapping";
const IMPORT: &str = "SELECT dictionary, at_ms, source, author, report FROM dictionary_import";

impl Store {
    /// The newest version, or the one with that number.
    pub async fn dictionary_version(&self, number: Option<u32>) -> Result<Option<VersionRow>, StoreError> {
        let row: Option<VersionColumns> = match number {
            Some(number) => {
                let sql = format!("{VERSION} WHERE number = $1");
                let query = query_as(sqlx::AssertSqlSafe(sql)).bind(i64::from(number));
                query.fetch_optional(self.reader()).await?
            }
            None => {
                let sql = format!("{VERSION} ORDER BY number DESC LIMIT 1");
                query_as(sqlx::AssertSqlSafe(sql)).fetch_optional(self.reader()).await?
            }
        };
        row.map(version).transpose()
    }

    /// Every version, the newest first, without its content.
    pub async fn dictionary_versions(&self) -> Result<Vec<VersionRow>, StoreError> {
        let rows: Vec<VersionColumns> = query_as(
            "SELECT number, published_ms, author, note, last_year, $1 FROM dictionary_version \
             ORDER BY number DESC",
        )
        .bind(&[][..])
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(version).collect()
    }

    /// What is kept under that name.
    pub async fn dictionary_content(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = query_as("SELECT content FROM dictionary_content WHERE name = $1")
            .bind(name)
            .fetch_optional(self.reader())
            .await?;
        Ok(row.map(|(content,)| content))
    }

    /// The stamp of the last change of what is served; empty before the first.
    pub async fn dictionary_stamp(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.dictionary_content(LAST_CHANGE).await?.unwrap_or_default())
    }

    /// What insurers' dictionaries say now.
    pub async fn insurer_vehicles(&self) -> Result<Vec<InsurerVehicleRow>, StoreError> {
        let rows: Vec<VehicleColumns> = query_as(
            "SELECT dictionary, brand, model, category, first_year, last_year, brand_code, code, first_ms, \
             gone_ms FROM insurer_vehicle WHERE gone_ms IS NULL",
        )
        .fetch_all(self.reader())
        .await?;
        rows.into_iter().map(vehicle).collect()
    }

    /// The mappings that hold now. `states` and `hows` are the words that are known.
    pub async fn mappings(&self, states: Words, hows: Words) -> Result<Vec<MappingRow>, StoreError> {
        let sql = format!("{MAPPING} WHERE to_ms IS NULL");
        let rows: Vec<MappingColumns> = query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.reader()).await?;
        rows.into_iter().map(|row| mapping(row, states, hows)).collect()
    }

    /// All that was ever said about one name of a dictionary, the oldest first.
    pub async fn mapping_history(
        &self,
        dictionary: &str,
        name: &RowName,
        states: Words,
        hows: Words,
    ) -> Result<Vec<MappingRow>, StoreError> {
        let sql = format!(
            "{MAPPING} WHERE dictionary = $1 AND category = $2 AND brand = $3 AND model = $4 ORDER BY from_ms"
        );
        let rows: Vec<MappingColumns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(dictionary)
            .bind(&name.category)
            .bind(&name.brand)
            .bind(&name.model)
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(|row| mapping(row, states, hows)).collect()
    }

    /// The last reading of each dictionary.
    pub async fn last_imports(&self) -> Result<Vec<ImportRow>, StoreError> {
        let sql = format!(
            "{IMPORT} AS it WHERE at_ms = (SELECT MAX(at_ms) FROM dictionary_import WHERE dictionary = it.dictionary)"
        );
        let mut rows: Vec<ImportColumns> =
            query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.reader()).await?;
        rows.sort_unstable();
        rows.into_iter().map(import).collect()
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Database(format!("the dictionary's {what} is not readable"))
}

fn time(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|_| broken("time"))
}

fn version(
    (number, published, author, note, last_year, content): VersionColumns,
) -> Result<VersionRow, StoreError> {
    Ok(VersionRow {
        number: u32::try_from(number).map_err(|_| broken("version"))?,
        published: time(published)?,
        author,
        note,
        last_year: i16::try_from(last_year).map_err(|_| broken("year"))?,
        content,
    })
}

fn vehicle(columns: VehicleColumns) -> Result<InsurerVehicleRow, StoreError> {
    let (dictionary, brand, model, category, first_year, last_year, brand_code, code, first, gone) = columns;
    let year = |year: i64| i16::try_from(year).map_err(|_| broken("year"));
    let some = |text: String| (!text.is_empty()).then_some(text);
    let years = (year(first_year)?, year(last_year)?);
    let category = match &*category {
        "" => None,
        letter => Some(VehicleCategory::parse(letter).ok_or_else(|| broken("category"))?),
    };
    let vehicle = InsurerVehicle {
        brand,
        model,
        category,
        brand_code: some(brand_code),
        code: some(code),
        years: (years != (0, 0)).then_some(years),
    };
    Ok(InsurerVehicleRow { dictionary, vehicle, first: time(first)?, gone: gone.map(time).transpose()? })
}

fn mapping(columns: MappingColumns, states: Words, hows: Words) -> Result<MappingRow, StoreError> {
    let (dictionary, category, brand, model, entry, state, how, confidence, author, note, from, to) = columns;
    let known = |words: Words, word: &str, what| {
        words.iter().copied().find(|known| *known == word).ok_or_else(|| broken(what))
    };
    Ok(MappingRow {
        dictionary,
        name: RowName { category, brand, model },
        entry: u32::try_from(entry).map_err(|_| broken("entry"))?,
        state: known(states, &state, "state")?,
        how: known(hows, &how, "way of mapping")?,
        confidence: u8::try_from(confidence).map_err(|_| broken("confidence"))?,
        author,
        note,
        from: time(from)?,
        to: to.map(time).transpose()?,
    })
}

fn import((dictionary, at, source, author, report): ImportColumns) -> Result<ImportRow, StoreError> {
    Ok(ImportRow { dictionary, at: time(at)?, source, author, report })
}
