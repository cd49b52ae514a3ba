//! Writing the vehicle dictionary. Nothing of it is ever deleted: what ends gets a time.

use super::{
    DictionaryChange, DictionaryStamps, InsurerVehicleRow, MappingRow, StoreError,
    batch::last_of_each,
    sql::{Connection, QueryBuilder, Separated, query, query_as},
};

/// Under which name it is kept which change was the last one.
pub(super) const LAST_CHANGE: &str = "last_change";

/// SQLite takes 32,766 values a statement; the widest row here has 12.
const ROWS: usize = 1_000;

pub(super) async fn write(
    connection: &mut Connection<'_>,
    change: &DictionaryChange,
) -> Result<Option<DictionaryStamps>, StoreError> {
    let stamps = if change.is_seen() { Some(stamp(connection).await?) } else { None };
    if let Some(version) = &change.version {
        let sql = "INSERT INTO dictionary_version (number, published_ms, author, note, last_year, content) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        query(sql)
            .bind(i64::from(version.number))
            .bind(version.published.as_millisecond())
            .bind(&version.author)
            .bind(&version.note)
            .bind(i64::from(version.last_year))
            .bind(&version.content)
            .execute(&mut *connection)
            .await?;
    }
    for (name, content) in &change.contents {
        let sql = "INSERT INTO dictionary_content (name, content) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET content = excluded.content";
        query(sql).bind(*name).bind(content).execute(&mut *connection).await?;
    }
    let (ending, beginning): (Vec<_>, Vec<_>) = change.rows.iter().partition(|row| row.gone.is_some());
    for rows in ending.chunks(ROWS) {
        end(connection, rows).await?;
    }
    for rows in beginning.chunks(ROWS) {
        begin(connection, rows).await?;
    }
    // What ends makes room for what begins.
    let (ending, beginning): (Vec<_>, Vec<_>) = change.mappings.iter().partition(|row| row.to.is_some());
    for rows in ending.chunks(ROWS).chain(beginning.chunks(ROWS)) {
        mappings(connection, rows).await?;
    }
    if let Some(import) = &change.import {
        let sql = "INSERT INTO dictionary_import (dictionary, at_ms, source, author, report) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        query(sql)
            .bind(&import.dictionary)
            .bind(import.at.as_millisecond())
            .bind(&import.source)
            .bind(&import.author)
            .bind(&import.report)
            .execute(&mut *connection)
            .await?;
    }
    Ok(stamps)
}

/// Stamps a change. Writing first locks the row, so that of two gateways one comes after the other.
async fn stamp(connection: &mut Connection<'_>) -> Result<DictionaryStamps, StoreError> {
    let sql = "INSERT INTO dictionary_content (name, content) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET content = dictionary_content.content RETURNING content";
    let (before,): (Vec<u8>,) =
        query_as(sql).bind(LAST_CHANGE).bind(&[][..]).fetch_one(&mut *connection).await?;
    let after = rand::random::<[u8; 16]>().to_vec();
    let sql = "UPDATE dictionary_content SET content = $2 WHERE name = $1";
    query(sql).bind(LAST_CHANGE).bind(&after).execute(connection).await?;
    Ok(DictionaryStamps { before, after })
}

/// Rows that begin. A row that comes back begins anew, so that it can be said what was there when.
async fn begin(connection: &mut Connection<'_>, rows: &[&InsurerVehicleRow]) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new(
        "INSERT INTO insurer_vehicle (dictionary, brand, model, category, first_year, last_year, brand_code, \
         code, first_ms) ",
    );
    query.push_values(rows, |mut values, row| {
        push_key(&mut values, row);
        values.push_bind(row.first.as_millisecond());
    });
    query.push(" ON CONFLICT DO NOTHING");
    query.build().execute(connection).await?;
    Ok(())
}

/// Rows that end.
async fn end(connection: &mut Connection<'_>, rows: &[&InsurerVehicleRow]) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new("UPDATE insurer_vehicle AS it SET gone_ms = v.column9 FROM (");
    query.push_values(rows, |mut values, row| {
        push_key(&mut values, row);
        values.push_bind(row.gone.map(|gone| gone.as_millisecond()));
    });
    query.push(
        ") AS v WHERE it.dictionary = v.column1 AND it.brand = v.column2 AND it.model = v.column3 \
         AND it.category = v.column4 AND it.first_year = v.column5 AND it.last_year = v.column6 \
         AND it.brand_code = v.column7 AND it.code = v.column8 AND it.gone_ms IS NULL",
    );
    query.build().execute(connection).await?;
    Ok(())
}

fn push_key(values: &mut Separated<'_, '_>, row: &InsurerVehicleRow) {
    let vehicle = &row.vehicle;
    let (first_year, last_year) = vehicle.years.unwrap_or_default();
    values
        .push_bind(row.dictionary.clone())
        .push_bind(vehicle.brand.clone())
        .push_bind(vehicle.model.clone())
        .push_bind(vehicle.category.map(|category| category.letter().to_string()).unwrap_or_default())
        .push_bind(i64::from(first_year))
        .push_bind(i64::from(last_year))
        .push_bind(vehicle.brand_code.clone().unwrap_or_default())
        .push_bind(vehicle.code.clone().unwrap_or_default());
}

/// A row that stands twice in one statement, to be written over, is an error on PostgreSQL.
async fn mappings(connection: &mut Connection<'_>, rows: &[&MappingRow]) -> Result<(), StoreError> {
    let key = |row: &MappingRow| (row.dictionary.clone(), row.name.clone(), row.entry, row.state, row.from);
    let rows = last_of_each(rows.iter().copied(), key);
    let mut query = QueryBuilder::new(
        "INSERT INTO vehicle_mapping (dictionary, category, brand, model, entry, state, how, confidence, \
         author, note, from_ms, to_ms) ",
    );
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(&row.dictionary)
            .push_bind(&row.name.category)
            .push_bind(&row.name.brand)
            .push_bind(&row.name.model)
            .push_bind(i64::from(row.entry))
            .push_bind(row.state)
            .push_bind(row.how)
            .push_bind(i64::from(row.confidence))
            .push_bind(&row.author)
            .push_bind(&row.note)
            .push_bind(row.from.as_millisecond())
            .push_bind(row.to.map(|to| to.as_millisecond()));
    });
    query.push(
        " ON CONFLICT (dictionary, category, brand, model, entry, state, from_ms) \
         DO UPDATE SET to_ms = excluded.to_ms",
    );
    query.build().execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use veer_contract::domain::{InsurerVehicle, VehicleCategory};

    use super::*;
    use crate::store::{
        ImportRow, RowName, Store, VersionRow,
        trial::{Place, at, on_both_engines},
    };

    on_both_engines![
        versions_and_contents_come_back_as_they_were,
        rows_begin_end_and_come_back,
        what_is_said_of_a_name_begins_and_ends,
        a_change_is_written_whole_or_not_at_all,
    ];

    fn version(number: u32) -> VersionRow {
        VersionRow {
            number,
            published: at(100),
            author: "анна".into(),
            note: "n".into(),
            last_year: 2026,
            content: vec![0, 255, number as u8],
        }
    }

    fn vehicle(model: usize, first: Timestamp) -> InsurerVehicleRow {
        let category = (!model.is_multiple_of(2)).then_some(VehicleCategory::B);
        let years = (!model.is_multiple_of(3)).then_some((1990, 2026));
        let code = (!model.is_multiple_of(5)).then(|| format!("c-{model}"));
        let model = format!("model {model}");
        let vehicle =
            InsurerVehicle { brand: "ЛАДА".into(), model, category, brand_code: None, code, years };
        InsurerVehicleRow { dictionary: "vsk".into(), vehicle, first, gone: None }
    }

    fn mapping(entry: u32, state: &'static str, from: i64, to: Option<i64>) -> MappingRow {
        let name = RowName { category: "B".into(), brand: "ЛАДА".into(), model: "Веста".into() };
        MappingRow {
            dictionary: "vsk".into(),
            name,
            entry,
            state,
            how: "exact",
            confidence: 93,
            author: "a".into(),
            note: String::new(),
            from: at(from),
            to: to.map(at),
        }
    }

    async fn told(store: &Store) -> Vec<InsurerVehicleRow> {
        let mut rows = store.insurer_vehicles().await.unwrap();
        rows.sort_by_key(|row| (row.vehicle.model.len(), row.vehicle.model.clone()));
        rows
    }

    async fn versions_and_contents_come_back_as_they_were(place: Place) {
        let store = place.open().await;
        for number in [1, 2] {
            let contents = vec![("draft", vec![number as u8; 3]), ("other", Vec::new())];
            let version = Some(version(number));
            let change = DictionaryChange { version, contents, ..DictionaryChange::default() };
            store.change_dictionary(change).await.unwrap();
        }
        assert_eq!(store.dictionary_version(None).await.unwrap(), Some(version(2)));
        assert_eq!(store.dictionary_version(Some(1)).await.unwrap(), Some(version(1)));
        assert_eq!(store.dictionary_version(Some(3)).await.unwrap(), None);
        let bare = |number| VersionRow { content: Vec::new(), ..version(number) };
        assert_eq!(store.dictionary_versions().await.unwrap(), [bare(2), bare(1)]);
        assert_eq!(store.dictionary_content("draft").await.unwrap(), Some(vec![2; 3]));
        assert_eq!(store.dictionary_content("other").await.unwrap(), Some(Vec::new()));
        assert_eq!(store.dictionary_content("none").await.unwrap(), None);
    }

    async fn rows_begin_end_and_come_back(place: Place) {
        let store = place.open().await;
        // More than one statement takes.
        let all: Vec<_> = (0..2_500).map(|model| vehicle(model, at(100))).collect();
        let change = DictionaryChange { rows: all.clone(), ..DictionaryChange::default() };
        store.change_dictionary(change).await.unwrap();
        assert_eq!(told(&store).await, all);
        let gone = |row: &InsurerVehicleRow| InsurerVehicleRow { gone: Some(at(200)), ..row.clone() };
        let change = DictionaryChange { rows: all[..1_200].iter().map(gone).collect(), ..Default::default() };
        store.change_dictionary(change).await.unwrap();
        assert_eq!(told(&store).await, all[1_200..]);
        let back = DictionaryChange { rows: vec![vehicle(0, at(300))], ..DictionaryChange::default() };
        store.change_dictionary(back).await.unwrap();
        assert_eq!(told(&store).await[0], vehicle(0, at(300)));
    }

    async fn what_is_said_of_a_name_begins_and_ends(place: Place) {
        let store = place.open().await;
        let words = (&["proposed", "confirmed"][..], &["exact"][..]);
        let change = async |mappings| {
            let change = DictionaryChange { mappings, ..DictionaryChange::default() };
            store.change_dictionary(change).await.unwrap();
        };
        change(vec![mapping(7, "proposed", 100, None)]).await;
        // It ends and another begins; one that stands there twice counts once, as it stood last.
        let ends = mapping(7, "proposed", 100, Some(200));
        let twice = [mapping(7, "proposed", 100, Some(150)), ends.clone()];
        change([&[mapping(8, "confirmed", 200, None)], &twice[..]].concat()).await;
        assert_eq!(store.mappings(words.0, words.1).await.unwrap(), [mapping(8, "confirmed", 200, None)]);
        let history = store.mapping_history("vsk", &ends.name, words.0, words.1).await.unwrap();
        assert_eq!(history, [ends, mapping(8, "confirmed", 200, None)]);
    }

    async fn a_change_is_written_whole_or_not_at_all(place: Place) {
        let store = place.open().await;
        let import = |dictionary: &str, second| ImportRow {
            dictionary: dictionary.into(),
            at: at(second),
            source: "file".into(),
            author: "a".into(),
            report: "{}".into(),
        };
        let change = |number, import| DictionaryChange {
            version: Some(version(number)),
            contents: vec![("draft", vec![number as u8])],
            import: Some(import),
            ..DictionaryChange::default()
        };
        for (number, dictionary) in [(1, "vsk"), (2, "a"), (3, "vsk")] {
            store.change_dictionary(change(number, import(dictionary, i64::from(number)))).await.unwrap();
        }
        // There is a version of that number.
        assert!(store.change_dictionary(change(2, import("b", 9))).await.is_err());
        assert_eq!(store.dictionary_content("draft").await.unwrap(), Some(vec![3]));
        assert_eq!(store.last_imports().await.unwrap(), [import("a", 2), import("vsk", 3)]);
        store.change_dictionary(change(4, import("b", 10))).await.unwrap();
        assert!(store.is_healthy());
    }
}
