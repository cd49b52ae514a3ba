//! Which readings of an insurer's names are taken in.

use veer_contract::domain::InsurerVehicle;

use super::{Bench, close, row, rows};
use crate::{
    config::DictionaryConfig,
    dictionary::{Dictionary, import::write_sheet},
};

#[tokio::test]
async fn the_configured_file_is_taken_in_when_it_changes_and_not_over_what_a_person_did() {
    let bench = Bench::new();
    let path = bench.folder.path().join("vehicles.csv");
    let write = |rows: &[InsurerVehicle]| {
        std::fs::write(&path, write_sheet(Some("renessans"), rows.iter())).unwrap();
    };
    let with_file = |config: &mut DictionaryConfig| config.vehicles = Some(path.clone());
    let names = |dictionary: &Dictionary| dictionary.book("renessans").unwrap().rows.len();
    write(&rows());
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 3);
    let more = rows().into_iter().chain([row("KIA", "RIO", "5")]).collect();
    dictionary.import("renessans", more, "insurer", "anna", false).await.unwrap();
    close(dictionary).await;
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 4, "the file is the same as before");
    close(dictionary).await;
    write(&rows()[..1]);
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 4, "a file that lost most is not believed");
    close(dictionary).await;
    let five: Vec<_> = rows().into_iter().chain([row("KIA", "RIO", "5"), row("KIA", "CEED", "6")]).collect();
    write(&five);
    assert_eq!(names(&bench.open_with(with_file).await), 5);
}

#[tokio::test]
async fn a_reading_that_lost_most_is_not_believed() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    let few = || vec![row("TOYOTA", "CAMRY", "70")];
    let refused = dictionary.import("renessans", few(), "insurer", "veer", false).await.unwrap_err();
    assert!(refused.to_string().contains("2 of its 3 names"), "{refused}");
    assert_eq!(dictionary.book("renessans").unwrap().rows.len(), 3);
    let report = dictionary.import("renessans", few(), "file", "anna", true).await.unwrap();
    assert_eq!((report.gone.count, report.rows), (2, 1));
    let report = dictionary.import("renessans", rows(), "file", "anna", false).await.unwrap();
    assert_eq!((report.added.count, report.mapped.unmapped), (2, 0), "mappings are found again");
}
