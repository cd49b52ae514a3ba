//! A dictionary with an insurer's names, for the tests of those who show and decide them.

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use crate::{
    config::DictionaryConfig,
    dictionary::{Dictionary, Reading, catalogue::Sheets},
    store::{Sealer, Store, trial},
    telemetry::Metrics,
};

pub(crate) const INSURER: &str = "alfastrah";
/// One that the matcher is sure of, one that nobody knows, two that look alike, and one that was not there.
pub(crate) const CSV: &str = "brand,model,category,code\n\
                              KIA,RIO,B,1\n\
                              KIA,ЗВЕЗДОЛЁТ,B,2\n\
                              HYUNDAI,SOLARIS,B,3\n\
                              LADA,VESTA,B,4\n";

const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n\
                      1,Kia,Киа,,\n\
                      2,Hyundai,Хёндэ,,\n\
                      3,LADA,Лада,ВАЗ,\n";
const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n\
                      4,1,Rio,Рио,B,,2000- 100 123,\n\
                      5,1,Sorento,Соренто,B,,2002- 175,\n\
                      6,2,Solaris,Солярис,B,,2010- 100 123,\n\
                      7,3,Vesta,Веста,B,,2015- 106,\n";

/// A dictionary in a store of its own.
pub(crate) struct Trial {
    pub(crate) reading: Reading,
    _folder: TempDir,
}

// === impl Trial ===

impl Trial {
    /// With a small catalogue, and nothing read.
    pub(crate) async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let file = trial::config_in(folder.path());
        let store = Store::open(&file, Sealer::default()).await.unwrap();
        let sheets = Sheets {
            brands: BRANDS.to_owned(),
            models: MODELS.to_owned(),
            modifications: "modification_id,model_id,name,years,power\n9,4,1.6,2011-,123\n".to_owned(),
        };
        for (name, sheet) in
            [("brands", sheets.brands), ("models", sheets.models), ("modifications", sheets.modifications)]
        {
            std::fs::write(folder.path().join(format!("{name}.csv")), sheet).unwrap();
        }
        let minute = std::time::Duration::from_secs(60);
        let config = DictionaryConfig {
            catalogue: Some(folder.path().to_owned()),
            vehicles: None,
            import_every: std::time::Duration::ZERO,
            import_budget: minute,
            sure: 93,
            remember: minute,
            remember_unknown: minute,
            remembered: 10,
            look_up: minute,
        };
        let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
        let dictionary = Dictionary::open(store, &config, &[], &metrics).await.unwrap();
        let reading = Reading::new(dictionary, &[], CancellationToken::new());
        Self { reading, _folder: folder }
    }

    /// With three names of an insurer.
    pub(crate) async fn with_names() -> Self {
        let trial = Self::open().await;
        let vehicle = |brand: &str, model: &str, code: &str| InsurerVehicle {
            brand: brand.into(),
            model: model.into(),
            category: Some(VehicleCategory::B),
            code: Some(code.into()),
            ..InsurerVehicle::default()
        };
        let rows = vec![
            vehicle("KIA", "RIO", "1"),
            vehicle("KIA", "ЗВЕЗДОЛЁТ", "2"),
            vehicle("HYUNDAI", "SOLARIS", "30"),
        ];
        let dictionary = trial.reading.dictionary();
        dictionary.import(INSURER, rows, "insurer", "veer", false).await.unwrap();
        trial
    }
}
