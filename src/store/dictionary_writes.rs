//! Writing the vehicle dictionary. Nothing of it is ever deleted: what ends gets a time.

use super::{
    DictionaryChange, InsurerVehicleRow, MappingRow, StoreError,
    batch::last_of_each,
    sql::{Connection, QueryBuilder, Separated, query},
};

/// SQLite takes 32,766 values a statement; the widest row here has 12.
const ROWS: usize = 1_000;

pub(super) async fn write(
    connection: &mut Connection<'_>,
    change: &DictionaryChange,
) -> Result<(), StoreError> {
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
    Ok(())
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
