//! What operators changed while the gateway ran: revisions, and what the watched file said last.
//!
//! Revisions are numbered without gaps by whoever writes them: one that comes second with a number is told so and
//! writes nothing, so that several replicas number as one.

use jiff::Timestamp;

use super::{
    Inserted, Store, StoreError,
    sql::{Connection, query, query_as},
    writer::Entry,
};

/// One change of one knob. Texts are the room's own; see `tuning`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRow {
    /// From 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Through what.
    pub through: String,
    /// Whose.
    pub insurer: String,
    /// Of which lane; empty for the insurer as a whole.
    pub lane: String,
    /// Which knob.
    pub knob: String,
    /// In which layer.
    pub layer: String,
    /// What the layer says from now on; nothing where it is taken back.
    pub value: Option<String>,
    /// What held before, for people.
    pub from: String,
    /// What is said instead, for people.
    pub to: String,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// What the watched file says of one knob.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileLineRow {
    /// Whose.
    pub insurer: String,
    /// Of which lane; empty for the insurer as a whole.
    pub lane: String,
    /// Which knob.
    pub knob: String,
    /// What it says.
    pub value: String,
}

/// What is written together, all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TuningChange {
    /// In the order of their numbers.
    pub revisions: Vec<RevisionRow>,
    /// All that the file says now, where it was read.
    pub file: Option<Vec<FileLineRow>>,
}

/// Which revisions are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevisionsOf {
    /// Of this insurer alone.
    pub insurer: Option<String>,
    /// Of this lane alone.
    pub lane: Option<String>,
    /// Of this knob alone.
    pub knob: Option<String>,
    /// With smaller numbers than this.
    pub before: Option<i64>,
}

type Columns = (
    i64,
    i64,
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    String,
    Option<i64>,
);

const COLUMNS: &str = "number, at_ms, author, reason, through, insurer, lane, knob, layer, value, from_value, \
     to_value, until_ms";

impl Store {
    /// Writes a change; returns when it is durable. [`Inserted::Existed`]: somebody else has written a revision of
    /// that number meanwhile, and nothing was written.
    pub async fn change_tuning(&self, change: TuningChange) -> Result<Inserted, StoreError> {
        self.ask(|done| Entry::Tuning(Box::new(change), done)).await?
    }

    /// The last revision of each layer of each knob, in the order of their numbers.
    pub async fn last_revisions(&self) -> Result<Vec<RevisionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tuning_revision WHERE number IN \
             (SELECT MAX(number) FROM tuning_revision GROUP BY insurer, lane, knob, layer) ORDER BY number"
        );
        let rows: Vec<Columns> = query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.reader()).await?;
        rows.into_iter().map(revision).collect()
    }

    /// The revisions with greater numbers than `number`, in their order.
    pub async fn revisions_after(&self, number: i64) -> Result<Vec<RevisionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM tuning_revision WHERE number > $1 ORDER BY number");
        let rows: Vec<Columns> =
            query_as(sqlx::AssertSqlSafe(sql)).bind(number).fetch_all(self.reader()).await?;
        rows.into_iter().map(revision).collect()
    }

    /// At most `most` revisions of those that are asked for, the newest first.
    pub async fn revisions(&self, of: &RevisionsOf, most: u32) -> Result<Vec<RevisionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tuning_revision WHERE ($1 IS NULL OR insurer = $1) \
             AND ($2 IS NULL OR lane = $2) AND ($3 IS NULL OR knob = $3) AND ($4 IS NULL OR number < $4) \
             ORDER BY number DESC LIMIT $5"
        );
        let rows: Vec<Columns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(&of.insurer)
            .bind(&of.lane)
            .bind(&of.knob)
            .bind(of.before)
            .bind(i64::from(most))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(revision).collect()
    }

    /// What the watched file said when it was read last.
    pub async fn tuning_file(&self) -> Result<Vec<FileLineRow>, StoreError> {
        let sql = "SELECT insurer, lane, knob, value FROM tuning_file";
        let mut rows: Vec<(String, String, String, String)> = query_as(sql).fetch_all(self.reader()).await?;
        rows.sort_unstable();
        let row = |(insurer, lane, knob, value)| FileLineRow { insurer, lane, knob, value };
        Ok(rows.into_iter().map(row).collect())
    }
}

/// The first revision's number decides for all of them: who writes it has seen everything before it.
pub(super) async fn write(
    connection: &mut Connection<'_>,
    change: &TuningChange,
) -> Result<Inserted, StoreError> {
    let sql = format!(
        "INSERT INTO tuning_revision ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (number) DO NOTHING"
    );
    for row in &change.revisions {
        let done = query(sqlx::AssertSqlSafe(sql.clone()))
            .bind(row.number)
            .bind(row.at.as_millisecond())
            .bind(&row.author)
            .bind(&row.reason)
            .bind(&row.through)
            .bind(&row.insurer)
            .bind(&row.lane)
            .bind(&row.knob)
            .bind(&row.layer)
            .bind(&row.value)
            .bind(&row.from)
            .bind(&row.to)
            .bind(row.until.map(|until| until.as_millisecond()))
            .execute(&mut *connection)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(Inserted::Existed);
        }
    }
    if let Some(lines) = &change.file {
        query("DELETE FROM tuning_file").execute(&mut *connection).await?;
        for line in lines {
            query("INSERT INTO tuning_file (insurer, lane, knob, value) VALUES ($1, $2, $3, $4)")
                .bind(&line.insurer)
                .bind(&line.lane)
                .bind(&line.knob)
                .bind(&line.value)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(Inserted::New)
}

fn revision(columns: Columns) -> Result<RevisionRow, StoreError> {
    let (number, at, author, reason, through, insurer, lane, knob, layer, value, from, to, until) = columns;
    let time = |ms: i64| {
        let wrong = || StoreError::Database(format!("the time of revision {number} is not readable"));
        Timestamp::from_millisecond(ms).map_err(|_| wrong())
    };
    Ok(RevisionRow {
        number,
        at: time(at)?,
        author,
        reason,
        through,
        insurer,
        lane,
        knob,
        layer,
        value,
        from,
        to,
        until: until.map(time).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trial::{Place, on_both_engines};

    fn row(number: i64, knob: &str, layer: &str, value: Option<&str>) -> RevisionRow {
        RevisionRow {
            number,
            at: Timestamp::from_second(number).unwrap(),
            author: "anna".into(),
            reason: "their night works".into(),
            through: "command".into(),
            insurer: "alfastrah".into(),
            lane: "create".into(),
            knob: knob.into(),
            layer: layer.into(),
            value: value.map(str::to_owned),
            from: "5/s".into(),
            to: value.unwrap_or("5/s").into(),
            until: (layer == "override").then(|| Timestamp::from_second(1_000_000).unwrap()),
        }
    }

    fn line(knob: &str, value: &str) -> FileLineRow {
        let (insurer, lane) = ("alfastrah".to_owned(), "create".to_owned());
        FileLineRow { insurer, lane, knob: knob.into(), value: value.into() }
    }

    async fn write(store: &Store, revisions: Vec<RevisionRow>) -> Inserted {
        store.change_tuning(TuningChange { revisions, file: None }).await.unwrap()
    }

    fn numbers(rows: &[RevisionRow]) -> Vec<i64> {
        rows.iter().map(|row| row.number).collect()
    }

    async fn the_last_word_of_each_layer_is_found_after_a_restart(place: Place) {
        let store = place.open().await;
        let rows = vec![
            row(1, "limit", "lasting", Some("5/s")),
            row(2, "limit", "override", Some("2/s")),
            row(3, "limit", "lasting", Some("4/s")),
        ];
        assert_eq!(write(&store, rows).await, Inserted::New);
        assert_eq!(write(&store, vec![row(4, "breaker", "lasting", Some("off"))]).await, Inserted::New);
        assert_eq!(write(&store, vec![row(5, "limit", "override", None)]).await, Inserted::New);
        store.release().await;
        let store = place.open().await;
        let last = store.last_revisions().await.unwrap();
        assert_eq!(numbers(&last), [3, 4, 5]);
        assert_eq!(last[0], row(3, "limit", "lasting", Some("4/s")));
        assert_eq!(last[2].value, None);
        assert_eq!(numbers(&store.revisions_after(3).await.unwrap()), [4, 5]);
        assert!(store.revisions_after(5).await.unwrap().is_empty());
    }

    async fn who_comes_second_with_a_number_writes_nothing(place: Place) {
        let store = place.open().await;
        let file = Some(vec![line("limit", "5/s")]);
        let first = TuningChange { revisions: vec![row(1, "limit", "lasting", Some("5/s"))], file };
        assert_eq!(store.change_tuning(first).await.unwrap(), Inserted::New);
        let second = TuningChange {
            revisions: vec![
                row(1, "limit", "lasting", Some("9/s")),
                row(2, "breaker", "lasting", Some("off")),
            ],
            file: Some(Vec::new()),
        };
        assert_eq!(store.change_tuning(second).await.unwrap(), Inserted::Existed);
        let all = store.revisions(&RevisionsOf::default(), 10).await.unwrap();
        assert_eq!(all, [row(1, "limit", "lasting", Some("5/s"))]);
        assert_eq!(store.tuning_file().await.unwrap(), [line("limit", "5/s")]);
    }

    async fn the_history_is_told_newest_first_and_by_what_is_asked_for(place: Place) {
        let store = place.open().await;
        let other = RevisionRow {
            insurer: "vsk".into(),
            lane: String::new(),
            ..row(3, "enabled", "lasting", Some("no"))
        };
        let rows = vec![
            row(1, "limit", "lasting", Some("5/s")),
            row(2, "breaker", "lasting", Some("off")),
            other,
            row(4, "limit", "override", Some("1/s")),
        ];
        write(&store, rows).await;
        let found = async |of: RevisionsOf, most| numbers(&store.revisions(&of, most).await.unwrap());
        let of = RevisionsOf::default;
        assert_eq!(found(of(), 10).await, [4, 3, 2, 1]);
        assert_eq!(found(of(), 2).await, [4, 3]);
        assert_eq!(found(RevisionsOf { before: Some(3), ..of() }, 10).await, [2, 1]);
        assert_eq!(found(RevisionsOf { insurer: Some("vsk".into()), ..of() }, 10).await, [3]);
        assert_eq!(found(RevisionsOf { lane: Some("create".into()), ..of() }, 10).await, [4, 2, 1]);
        assert_eq!(found(RevisionsOf { knob: Some("limit".into()), ..of() }, 10).await, [4, 1]);
    }

    async fn what_the_file_says_is_replaced_whole(place: Place) {
        let store = place.open().await;
        assert_eq!(store.tuning_file().await.unwrap(), []);
        let said = async |lines: &[FileLineRow]| {
            let change = TuningChange { revisions: Vec::new(), file: Some(lines.to_vec()) };
            assert_eq!(store.change_tuning(change).await.unwrap(), Inserted::New);
            store.tuning_file().await.unwrap()
        };
        let (breaker, limit) = (line("breaker", "off"), line("limit", "5/s"));
        assert_eq!(said(&[breaker.clone(), limit.clone()]).await, [breaker, limit.clone()]);
        assert_eq!(said(std::slice::from_ref(&limit)).await, [limit]);
        assert_eq!(said(&[]).await, []);
    }

    on_both_engines!(
        the_last_word_of_each_layer_is_found_after_a_restart,
        who_comes_second_with_a_number_writes_nothing,
        the_history_is_told_newest_first_and_by_what_is_asked_for,
        what_the_file_says_is_replaced_whole,
    );
}
