use actix_web::{App, HttpServer, web::Data};
use clap::Parser as _;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::operations::{
    self,
    dictionary::trial::{CSV, INSURER, Trial},
};

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    dictionary: Dictionary,
}

fn parse(line: &[&str]) -> Result<Dictionary, clap::Error> {
    Line::try_parse_from(["dictionary"].iter().chain(line)).map(|line| line.dictionary)
}

/// Serves the operations of `trial`, and says what the command line prints.
async fn run(trial: &Trial, line: &[&str]) -> Result<String, String> {
    let state = Data::new(trial.reading.clone());
    let server = HttpServer::new(move || {
        App::new().app_data(state.clone()).configure(operations::dictionary::configure)
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    let line: Vec<&str> = line.iter().copied().chain(["--operations", &address]).collect();
    let answer = parse(&line).unwrap().answer().await;
    handle.stop(false).await;
    answer.map(|told| {
        assert_eq!(told.problem, None);
        told.text
    })
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[actix_web::test]
async fn the_status_is_for_people_and_for_machines() {
    let trial = Trial::open().await;
    let text = run(&trial, &["status"]).await.unwrap();
    assert!(text.starts_with("Version 1 is served, since 20"), "{text}");
    assert!(
        text.contains("The draft says the same.\n") && text.contains("No insurer's dictionary"),
        "{text}"
    );
    let trial = Trial::with_names().await;
    let text = run(&trial, &["status"]).await.unwrap();
    let row: Vec<&str> = text.lines().find(|line| line.starts_with(INSURER)).unwrap().split(' ').collect();
    let row: Vec<&str> = row.into_iter().filter(|cell| !cell.is_empty()).collect();
    assert_eq!(row[2..], ["insurer", "3", "2", "0", "0", "1", "2"], "{text}");
    assert!(
        text.ends_with("1 name waits for a decision: `veer dictionary unmapped` shows them.\n"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&run(&trial, &["status", "--json"]).await.unwrap()).unwrap();
    assert_eq!(json["version"]["number"], 1);
    let text = run(&trial, &["versions"]).await.unwrap();
    assert!(text.starts_with("VERSION  PUBLISHED") && text.contains("\n      1  20"), "{text}");
}

#[actix_web::test]
async fn names_are_shown_confirmed_refused_and_remembered() {
    let trial = Trial::open().await;
    assert_eq!(run(&trial, &["unmapped"]).await.unwrap(), "Nothing waits for a decision.\n");
    let refused = ["unmapped", "--state", "refused"];
    assert_eq!(run(&trial, &refused).await.unwrap(), "There are no refused names.\n");
    let trial = Trial::with_names().await;
    let text = run(&trial, &["unmapped", "--insurer", INSURER]).await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "KEY         INSURER    CATEGORY  BRAND  MODEL      ENTRY  PERCENT  HOW");
    assert!(lines[1].ends_with("  alfastrah  B         KIA    ЗВЕЗДОЛЁТ"), "{text}");
    let key = lines[1].split(' ').next().unwrap();
    let text = run(&trial, &["history", key]).await.unwrap();
    let told = format!("{key} is KIA ЗВЕЗДОЛЁТ (B) of alfastrah\nNothing was ever said of it.\n");
    assert_eq!(text, told);

    let text = run(&trial, &["unmapped", "--state", "automatic"]).await.unwrap();
    let line = text.lines().find(|line| line.contains(" RIO ")).unwrap();
    let entry = line.split("RIO").nth(1).unwrap().split_whitespace().next().unwrap();
    let by = ["--author", "anna"];
    let confirm = ["confirm", &key.to_uppercase(), "--entry", entry, "--note", "as they told", by[0], by[1]];
    let told = format!("KIA ЗВЕЗДОЛЁТ (B) of alfastrah stands for {entry} Kia Rio from now on.\n");
    assert_eq!(run(&trial, &confirm).await.unwrap(), told);
    let text = run(&trial, &["refuse", &key[..5], by[0], by[1]]).await.unwrap();
    assert!(text.contains(&format!("never stands for {entry} Kia Rio from now on. Nothing else")), "{text}");
    let text = run(&trial, &["history", key]).await.unwrap();
    assert!(text.contains("confirmed") && text.contains("refused"), "{text}");
    assert!(text.contains("person  anna    as they told\n"), "{text}");
    let problem = run(&trial, &["refuse", "00000000", by[0], by[1]]).await.unwrap_err();
    assert!(problem.contains("404") && problem.contains("veer dictionary unmapped"), "{problem}");
}

#[actix_web::test]
async fn a_reading_is_reported() {
    let (trial, folder) = (Trial::with_names().await, TempDir::new().unwrap());
    let path = file(&folder, "alfa.csv", CSV);
    let line = ["import", INSURER, "--csv", &path, "--author", "anna"];
    let expected = "\
alfastrah was read from a file: 4 rows
  mapped          3  3 by the matcher, 0 by persons; 0 proposed, 1 unknown
  added           1  new names
                     LADA VESTA (B)
  recoded         1  names with other codes or years than before
                     HYUNDAI SOLARIS (B)

`veer dictionary unmapped --insurer alfastrah` shows what waits for a decision.
";
    assert_eq!(run(&trial, &line).await.unwrap(), expected);
    let text = run(&trial, &line).await.unwrap();
    assert!(text.contains("Nothing is different from the last reading."), "{text}");
    let text = run(&trial, &["export", "--insurer", INSURER]).await.unwrap();
    assert!(text.starts_with("key,category,brand") && text.lines().count() == 5, "{text}");
    let one = file(&folder, "one.csv", "brand,model\nKIA,RIO\n");
    let line = ["import", INSURER, "--csv", &one, "--author", "anna"];
    assert!(run(&trial, &line).await.unwrap_err().contains("import it again with --force"));
}

#[actix_web::test]
async fn sheets_are_written_changed_taken_and_published() {
    let (trial, folder) = (Trial::open().await, TempDir::new().unwrap());
    let sheets = folder.path().join("sheets").display().to_string();
    let by = ["--author", "anna"];
    let text = run(&trial, &["export", &sheets, "--of", "draft"]).await.unwrap();
    assert!(text.starts_with("Written: ") && text.contains("modifications.csv"), "{text}");
    let problem = run(&trial, &["export", &sheets]).await.unwrap_err();
    assert!(problem.contains("brands.csv") && problem.contains("--force"), "{problem}");
    let path = |name: &str| format!("{sheets}/{name}");
    let line = ["import-csv", &path("models.csv"), &path("brands.csv"), by[0], by[1]];
    let text = run(&trial, &line).await.unwrap();
    assert!(text.starts_with("The draft says all of it already"), "{text}");

    let brands =
        file(&folder, "new.csv", "\u{feff}# ours\nbrand_id,name,name_ru,also,merged_into\n,Зарница,,,\n");
    let text = run(&trial, &["import-csv", &brands, by[0], by[1]]).await.unwrap();
    let expected = "\
The draft has 1 new entry, 0 changed; 0 stay as they are.
   10000000  Зарница
Nothing of it is served yet. `veer dictionary diff` writes what the partner has to know; \
`veer dictionary publish --note \"...\"` serves it.
";
    assert_eq!(text, expected);
    let text = run(&trial, &["status"]).await.unwrap();
    assert!(text.contains("The draft changes 1 entry: `veer dictionary diff`"), "{text}");
    let text = run(&trial, &["export", &sheets, "--force"]).await.unwrap();
    assert!(text.contains("to change more, take `--of draft`"), "{text}");

    let text = run(&trial, &["diff"]).await.unwrap();
    assert!(text.contains("10000000  Зарница: добавлено"), "{text}");
    let report = folder.path().join("report.txt");
    let told = run(&trial, &["diff", "1", "draft", "--out", &report.display().to_string()]).await.unwrap();
    assert!(told.ends_with("report.txt has the report.\n"), "{told}");
    assert_eq!(fs::read_to_string(report).unwrap(), text);
    let json: Value = serde_json::from_str(&run(&trial, &["diff", "--json"]).await.unwrap()).unwrap();
    assert_eq!(json["difference"]["brands"][0]["id"], 10_000_000);

    let publish = ["publish", "--note", "Зарница", by[0], by[1]];
    assert_eq!(run(&trial, &publish).await.unwrap(), "Version 2 is served now.\n");
    assert!(run(&trial, &publish).await.unwrap_err().contains("nothing was changed since version 2"));
    let text = run(&trial, &["versions"]).await.unwrap();
    assert!(text.contains("anna    Зарница\n"), "{text}");
}

#[actix_web::test]
async fn problems_of_sheets_are_told_by_file_and_line() {
    let (trial, folder) = (Trial::open().await, TempDir::new().unwrap());
    let by = ["--author", "anna"];
    let wrong = file(&folder, "мои марки.csv", "brand_id,name,name_ru,also,merged_into\nx,Зарница,,,\n");
    let problem = run(&trial, &["import-csv", &wrong, by[0], by[1]]).await.unwrap_err();
    assert!(problem.contains("nothing was changed: 1 problem"), "{problem}");
    assert!(problem.contains("мои марки.csv, line 2: brand_id: an id is"), "{problem}");
    for (text, expected) in [
        ("", "is empty"),
        ("name,brand\n", "its first column is none of `brand_id`"),
        ("brand_id;name;name_ru;also;merged_into\n", "save it as CSV with commas"),
    ] {
        let path = file(&folder, "other.csv", text);
        let problem = run(&trial, &["import-csv", &path, by[0], by[1]]).await.unwrap_err();
        assert!(problem.contains("other.csv") && problem.contains(expected), "{problem}");
    }
    let again = file(&folder, "again.csv", "brand_id,name,name_ru,also,merged_into\n");
    let problem = run(&trial, &["import-csv", &wrong, &again, by[0], by[1]]).await.unwrap_err();
    assert!(problem.contains("are both brands"), "{problem}");
    let latin = folder.path().join("latin.csv");
    fs::write(&latin, b"brand_id,name\n,\xcc\xe0\n").unwrap();
    let problem = run(&trial, &["import-csv", &latin.display().to_string(), by[0], by[1]]).await.unwrap_err();
    assert!(problem.contains("is not UTF-8"), "{problem}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anybody_is_asked() {
    for right in [
        &["import"][..],
        &["import", "alfastrah", "--csv", "a.csv", "--force"],
        &["diff", "1"],
        &["diff", "published", "2", "--out", "a.txt"],
        &["export", "sheets", "--of", "3"],
        &["export", "--insurer", "alfastrah"],
        &["confirm", "ab12", "--entry", "100203"],
    ] {
        assert!(parse(right).is_ok(), "{right:?}");
    }
    for wrong in [
        &["import", "--csv", "a.csv"][..],
        &["diff", "0"],
        &["diff", "next"],
        &["export"],
        &["export", "sheets", "--insurer", "alfastrah"],
        &["export", "--insurer", "alfastrah", "--of", "draft"],
        &["confirm", "ab1"],
        &["confirm", "zzzz"],
        &["confirm", "ab12", "--entry", "007"],
        &["publish"],
        &["import-csv"],
        &["unmapped", "--state", "lost"],
    ] {
        assert!(parse(wrong).is_err(), "{wrong:?}");
    }
}
