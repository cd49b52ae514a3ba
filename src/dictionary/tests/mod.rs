//! The dictionary over a real store: what stays when everything around it changes.

mod codes;
mod ids;
mod new_versions;
mod persons;
mod readings;

use tempfile::TempDir;
use veer_contract::{
    VehicleCodes,
    domain::{Coefficient, InsurerVehicle, Named, Vehicle, VehicleCategory},
};

use super::{
    Dictionary,
    answers::Question,
    catalogue::{Categories, EntryId, Sheets},
    mapping::Mapped,
};
use crate::{
    config::{Config, DictionaryConfig, InsurerConfig},
    store::{Sealer, Store, trial},
    telemetry::Metrics,
};

const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n";
const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n";

/// A store that outlives the dictionaries opened on it.
struct Bench {
    folder: TempDir,
    config: Config,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let text = "[partner.accounts.demo]\nclient_id = \"demo\"\nclient_secret = \"s\"\ntoken = \"t\"\n\
                    [insurers.renessans]\nbase_url = \"http://127.0.0.1:1/\"\nother_models = true\n\
                    settings.key = \"k\"\n\
                    [insurers.alfastrah]\nbase_url = \"http://127.0.0.1:1/\"\n\
                    settings = { user = \"u\", password = \"p\" }\n";
        let manifests: Vec<_> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
        let origin = folder.path().join("veer.toml");
        let config = Config::parse(text, &origin, std::iter::empty(), &manifests).unwrap();
        Self { folder, config }
    }

    async fn store(&self) -> Store {
        Store::open(&trial::config_in(self.folder.path()), Sealer::default()).await.unwrap()
    }

    async fn open(&self) -> Dictionary {
        self.open_with(|_| {}).await
    }

    async fn open_with(&self, change: impl FnOnce(&mut DictionaryConfig)) -> Dictionary {
        let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
        let mut config = self.config.dictionary.clone();
        change(&mut config);
        Dictionary::open(self.store().await, &config, &self.config.insurers, &metrics).await.unwrap()
    }

    fn insurer(&self, code: &str) -> &InsurerConfig {
        self.config.insurers.iter().find(|insurer| insurer.code == code).unwrap()
    }
}

/// The next one to open the store may be another process.
async fn close(dictionary: Dictionary) {
    dictionary.0.store.flush().await.unwrap();
    dictionary.0.store.release().await;
}

fn row(brand: &str, model: &str, code: &str) -> InsurerVehicle {
    InsurerVehicle {
        brand: brand.into(),
        model: model.into(),
        category: Some(VehicleCategory::B),
        code: Some(code.into()),
        ..InsurerVehicle::default()
    }
}

fn rows() -> Vec<InsurerVehicle> {
    vec![row("TOYOTA", "CAMRY", "70"), row("ВАЗ/LADA", "ВЕСТА", "71"), row("KIA", "Прочие", "99")]
}

fn vehicle(id: &str, brand: &str, model: &str) -> Vehicle {
    let named = |id: &str, name: &str| Named { id: id.into(), name: name.into(), name_ru: None };
    Vehicle {
        plate: None,
        category: None,
        vin: None,
        body_number: None,
        chassis_number: None,
        brand: named("", brand),
        model: named(id, model),
        modification: None,
        year: 2020,
        engine_power: Coefficient::from_ten_thousandths(1_500_000),
        documents: Vec::new(),
    }
}

/// The id of a model, by exact names.
fn id(dictionary: &Dictionary, brand: &str, model: &str) -> EntryId {
    let catalogue = dictionary.published().catalogue.clone();
    let found = catalogue.models().find(|(its, entry)| its.name == brand && entry.name == model);
    found.unwrap_or_else(|| panic!("{brand} {model}")).1.id
}

/// The whole tree, as the partner gets it.
fn tree(dictionary: &Dictionary) -> Vec<u8> {
    let question = Question::SyncAll { categories: Categories::none() };
    let published = dictionary.published();
    let page = published.answers.page(&question).unwrap_or_else(|_| panic!("the tree"));
    page.body(None).to_vec()
}

fn code(mapped: Mapped) -> Option<String> {
    mapped.codes().and_then(|codes: VehicleCodes| codes.code)
}

fn brands_and_models(brands: &str, models: &str) -> Sheets {
    Sheets {
        brands: format!("{BRANDS}{brands}"),
        models: format!("{MODELS}{models}"),
        modifications: String::new(),
    }
}
