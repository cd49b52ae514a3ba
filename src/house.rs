//! The gateway's house: everything that needs no address, put together on an open store.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Weak},
};

use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use veer_contract::operation::Quote;

use crate::{
    calculation::{CalculationStatus, Calculations, EarlyFigures, Lives, Reuse, Services},
    cluster::Standing,
    config::Config,
    dictionary::{Dictionary, Reading, VehicleLookUp},
    gateway::StartError,
    offers::{
        Offers,
        links::FileLinks,
        sales::{Lifetime, Sales},
    },
    operations::incidents::Incidents,
    partner::PartnerRender,
    specs::{Adapters, Specs},
    store::{Sealer, Store},
    telemetry::Metrics,
    tuning::{Known, Tunable, Tuning},
    upstream::{
        Insurer, Verdict,
        callbacks::Callbacks,
        front_gate::FrontGate,
        insurer::Shared,
        limit::{DayBook, Together},
        outage::Outage,
        speaker::Speaker,
    },
};

/// What the servers and the housekeeping work with.
pub(crate) struct House {
    pub calculations: Calculations,
    pub offers: Offers,
    pub sales: Sales,
    pub render: PartnerRender,
    pub links: FileLinks,
    pub front_gate: FrontGate,
    pub dictionary: Dictionary,
    pub reading: Reading,
    pub look_up: VehicleLookUp,
    pub specs: Specs,
    pub incidents: Incidents,
    pub tuning: Tuning,
}

/// Gives each lane this replica's part of its permits, for as long as there is a lane.
async fn share_permits(mut standings: watch::Receiver<Standing>, insurers: Vec<Weak<Insurer>>) {
    loop {
        let replicas = standings.borrow_and_update().replicas;
        insurers.iter().filter_map(Weak::upgrade).for_each(|insurer| insurer.share_permits(replicas));
        if standings.changed().await.is_err() {
            return;
        }
    }
}

/// Puts everything together that needs no address.
pub(crate) async fn assemble(config: &Config, adapters: &Adapters) -> Result<House, StartError> {
    adapters.check_claims().map_err(|(code, claims)| StartError::Claims { code, claims })?;
    // One an adapter: what its aliases speak through is exchanged with it.
    let mut speakers: BTreeMap<String, Arc<Speaker>> = BTreeMap::new();
    for insurer in &config.insurers {
        let adapter = adapters.find(&insurer.adapter).ok_or_else(|| StartError::NoAdapter {
            code: insurer.code.clone(),
            adapter: insurer.adapter.clone(),
        })?;
        speakers.entry(insurer.adapter.clone()).or_insert_with(|| Arc::new(Speaker::new(adapter)));
    }
    let spoken: Vec<_> = config
        .insurers
        .iter()
        .filter_map(|insurer| Some((insurer, speakers.get(&insurer.adapter)?)))
        .map(|(insurer, speaker)| (insurer, speaker, speaker.current().manifest().operations.clone()))
        .collect();
    let operations = spoken.iter().map(|(insurer, _, operations)| (&*insurer.code, &**operations));
    let mut statuses = vec!["ACCEPTED"];
    statuses.extend(CalculationStatus::ALL.iter().map(|status| status.as_str()));
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.label()).collect();
    let metrics = Arc::new(Metrics::new(operations, &verdicts, &statuses)?);
    let store = Store::join(&config.store, &config.replicas, Sealer::default()).await?;
    let house = furnish(config, adapters, &speakers, metrics, store.clone()).await;
    if house.is_err() {
        // Other replicas need not wait for one that never began, and whoever starts another one finds the store free.
        store.release().await;
    }
    house
}

/// The same on the open store.
async fn furnish(
    config: &Config,
    adapters: &Adapters,
    speakers: &BTreeMap<String, Arc<Speaker>>,
    metrics: Arc<Metrics>,
    store: Store,
) -> Result<House, StartError> {
    let days = DayBook::new(store.clone());
    let (cluster, lease) = (store.cluster(), config.replicas.lease);
    let together = store.lane_rows().map(|rows| Together::with(cluster, rows, lease, &metrics));
    let mut insurers = Vec::new();
    let front_gate = FrontGate::default();
    let outage = Outage::new(config.upstream.registry_outage, &metrics);
    for (insurer, speaker) in config.insurers.iter().filter_map(|it| Some((it, speakers.get(&it.adapter)?))) {
        let (speaker, account) = (Arc::clone(speaker), insurer.clone());
        let (calculation, upstream) = (&config.calculation, &config.upstream);
        let shared = Shared {
            metrics: &metrics,
            front_gate: &front_gate,
            outage: &outage,
            days: &days,
            together: together.as_ref(),
            cluster: store.cluster(),
        };
        let made = Insurer::new(speaker, account, calculation, upstream, &shared);
        let code = || insurer.code.clone();
        insurers.push(Arc::new(made.map_err(|error| StartError::Client { code: code(), error })?));
    }
    let priced_only: HashSet<Arc<str>> = config
        .partner
        .accounts
        .iter()
        .filter(|account| account.priced_only)
        .map(|account| account.name.as_str().into())
        .collect();
    let specs = Specs::open(adapters, speakers, store.clone(), config.calculation.keep, &metrics).await?;
    let callbacks = Arc::new(Callbacks::kept_by(Arc::new(store.clone())));
    // Of several replicas that start together on an empty store one makes the first version of the dictionary.
    let turn = store.turn().await?;
    let dictionary = Dictionary::open(store.clone(), &config.dictionary, &config.insurers, &metrics).await?;
    drop(turn);
    let stopping = CancellationToken::new();
    let reading = Reading::new(dictionary.clone(), &insurers, stopping.clone());
    let look_up =
        VehicleLookUp::new(dictionary.clone(), &config.dictionary, &insurers, stopping.clone(), &metrics);
    tokio::spawn(share_permits(cluster.changes(), insurers.iter().map(Arc::downgrade).collect()));
    let incidents = Incidents { outage, insurers: insurers.clone() };
    let everyone = insurers.clone();
    let tunables = insurers.iter().map(|it| (it.code().to_owned(), it.clone() as Arc<dyn Tunable>)).collect();
    let (known, file) = (Known::of(&config.insurers), config.tuning.file.clone());
    let tuning = Tuning::open(known, tunables, store.clone(), file, &metrics).await?;
    // A source of vehicle data is asked for no price.
    insurers.retain(|insurer| insurer.can::<Quote>());
    let links = FileLinks::new(store.link_key, config.offers.file_links);
    let render = PartnerRender {
        code: config.partner.code,
        name: config.partner.name.clone(),
        logo_url: config.partner.logo_url.clone(),
        links: links.clone(),
    };
    let windows = insurers.iter().map(|insurer| (insurer.code(), insurer.config.reuse));
    let reuse = Reuse::new(windows, config.calculation.budget, &metrics);
    let calculations = Calculations::new(Services {
        runtime: Handle::current(),
        store,
        insurers,
        everyone,
        dictionary: dictionary.clone(),
        render: Arc::new(render.clone()),
        config: config.calculation.clone(),
        upstream: config.upstream.clone(),
        priced_only,
        early: EarlyFigures::new(&metrics),
        metrics,
        live: Lives::default(),
        callbacks,
        reuse,
        stopping,
        park: CancellationToken::new(),
        abort: CancellationToken::new(),
        tracker: TaskTracker::new(),
        offers_valid: config.offers.valid,
    });
    let sold = Arc::new(Notify::new());
    let offers = Offers::new(calculations.clone(), config.offers.clone(), sold.clone());
    let services = calculations.services();
    let lifetime = Lifetime {
        tracker: services.tracker.clone(),
        stop: services.stopping.clone(),
        abort: services.abort.clone(),
    };
    let (accounts, metrics) = (&config.partner.accounts, &services.metrics);
    let sales = Sales::start(&config.sales, accounts, &services.store, metrics, sold, &lifetime)?;
    Ok(House {
        calculations,
        offers,
        sales,
        render,
        links,
        front_gate,
        dictionary,
        reading,
        look_up,
        specs,
        incidents,
        tuning,
    })
}
