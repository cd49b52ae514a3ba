//! The whole play over HTTP, against a gateway that keeps the contract and against ones that break it: what
//! is broken fails, by name, and nothing else does.

mod dictionary;
mod fake;
mod http;
mod sale;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use self::fake::{Fake, Flaw, PDF, TOKEN};
use super::*;
use crate::cli::rehearse::{fault::Verdict, report::Row};

/// Plays it all against the fake; what came of it.
async fn rehearsed(set: impl FnOnce(&mut Fake), ready: impl FnOnce(&mut Stage)) -> (Stage, Arc<Mutex<Fake>>) {
    let (address, fake) = http::serve(Fake::new).await;
    set(&mut fake.lock().unwrap());
    let access = Access::Bearer(Secret::new(TOKEN));
    let url: Url = format!("http://{address}").parse().unwrap();
    let client = Client::new(url, access.clone(), Duration::ZERO).unwrap();
    let mut stage = Stage::new(client, Report::new(false), Request::read(None).unwrap());
    // A gateway that never gets there is waited for all the time that there is.
    stage.limits.lag = Duration::from_secs(1);
    ready(&mut stage);
    let given = Given { bearer: Some(access), basic: None };
    Box::pin(play(&mut stage, &given)).await.unwrap();
    (stage, fake)
}

/// The names of the rows with this outcome.
fn named(stage: &Stage, of: fn(&Verdict) -> bool) -> Vec<&str> {
    let rows = stage.report.rows().iter().filter(|row| of(&row.verdict));
    rows.map(|row: &Row| row.name.as_str()).collect()
}

fn failed(stage: &Stage) -> Vec<&str> {
    named(stage, |verdict| matches!(verdict, Verdict::Fail(_)))
}

fn skipped(stage: &Stage) -> Vec<&str> {
    named(stage, |verdict| matches!(verdict, Verdict::Skip(_)))
}

#[tokio::test]
async fn a_gateway_that_keeps_the_contract_passes_and_sells_a_policy() {
    let directory = std::env::temp_dir().join(format!("veer-rehearse-{}.pdf", uuid::Uuid::new_v4()));
    let (stage, _) =
        rehearsed(|fake| fake.dictionary = true, |stage| stage.save_policy = Some(directory.clone())).await;
    let rows = stage.report.rows();
    assert_eq!(failed(&stage), [""; 0], "{:#}", stage.report.document("", None));
    assert_eq!(skipped(&stage), ["the client id and secret open"]);
    let note = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.verdict.clone());
    assert_eq!(
        note("its price is the offer's and the selected options'"),
        Some(Verdict::told("12000.10 ₽ + 500.55 ₽"))
    );
    assert_eq!(note("the offer shows the policy's series and number"), Some(Verdict::told("ХХХ 0100000001")));
    assert_eq!(std::fs::read(&directory).unwrap(), PDF);
    std::fs::remove_file(&directory).unwrap();
}

#[tokio::test]
async fn without_dictionaries_each_of_their_methods_is_skipped() {
    let (stage, _) = rehearsed(|_| {}, |_| {}).await;
    assert_eq!(failed(&stage), [""; 0]);
    let skipped = skipped(&stage).len();
    assert_eq!(skipped, 7 + 1);
}

#[tokio::test]
async fn without_a_payment_the_policy_is_skipped_and_nothing_is_bought() {
    let (stage, fake) = rehearsed(|_| {}, |stage| stage.pay = Some(Pay::Skip)).await;
    assert_eq!(failed(&stage), [""; 0]);
    let last = stage.report.rows().last().unwrap();
    assert_eq!(
        (last.chapter, &last.verdict),
        (policy::TITLE, &Verdict::Skip("nobody pays: --pay skip".into()))
    );
    assert!(!fake.lock().unwrap().sale.is_paid());
}

#[tokio::test]
async fn a_real_page_is_never_paid_by_the_rehearsal() {
    let real = |fake: &mut Fake| fake.simulated = false;
    let (stage, fake) = rehearsed(real, |stage| stage.pay = Some(Pay::Simulated)).await;
    assert_eq!(failed(&stage), ["the payment page opens in a browser"]);
    assert!(!fake.lock().unwrap().sale.is_paid());
}

#[tokio::test]
async fn where_nobody_answers_nothing_is_rehearsed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let client = Client::new(url, Access::Nobody, Duration::ZERO).unwrap();
    let mut stage = Stage::new(client, Report::new(false), Request::read(None).unwrap());
    let played = Box::pin(play(&mut stage, &Given { bearer: None, basic: None })).await;
    assert!(played.unwrap_err().starts_with("nobody answers: "));
    assert_eq!(stage.report.rows().len(), 0);
}

#[test]
fn arguments_are_read_as_people_write_them() {
    assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
    assert_eq!(pace("500ms"), Ok(Duration::from_millis(500)));
    for wrong in ["", "10", "-1s", "soon"] {
        assert!(duration(wrong).is_err(), "{wrong}");
    }
    assert!(pace("1ms").is_err());
    assert!(address("https://gate.example/api").is_ok());
    assert!(address("gate.example").is_err());
    assert!(address("ftp://gate.example").is_err());
}

macro_rules! fails_by_name {
    ($($test:ident: $flaw:ident => [$($name:literal),* $(,)?]),* $(,)?) => {
        mod flaws {
            use super::*;

            $(#[tokio::test]
            async fn $test() {
                let broken = |fake: &mut Fake| {
                    fake.flaw = Some(Flaw::$flaw);
                    fake.dictionary = true;
                };
                let (stage, _) = rehearsed(broken, |_| {}).await;
                let names: &[&str] = &[$($name),*];
                assert_eq!(failed(&stage), names, "{:#}", stage.report.document("", None));
            })*
        }
    };
}

fails_by_name!(
    an_open_door: OpenDoor => [
        "a GET without credentials is a 403",
        "a wrong token is a 403",
        "a wrong client id and secret is a 403",
        "a POST without credentials is a 403",
        "the whole tree without credentials is a 403",
    ],
    only_the_first_field_named: FirstFieldOnly => ["an empty object names every required field"],
    a_new_date_for_a_repetition: NewDate => ["the same again is accepted with the same calculation_date"],
    other_content_accepted: OtherContent => ["the same request_id with other content names request_id"],
    a_status_taken_back: StatusBack => ["no status goes back, no offer and no price is lost"],
    two_addresses_that_differ: OtherStatus => [
        "both addresses tell the same statuses of the same offers",
    ],
    offers_out_of_order: DearestFirst => [
        "offers with a price come first, the cheapest of them at the top",
    ],
    prices_as_text: PriceText => [
        "every answer of the poll is as the contract has it",
        "it ends in CALCULATION_READY, with an offer that has a price",
    ],
    an_offer_twice: OfferTwice => [
        "every answer of the poll is as the contract has it",
        "the calculation is PAID, then CLOSED",
    ],
    a_final_price_lost: PriceLost => ["the offer of Страхование cross-2 gets its final price"],
    any_cross_sale_accepted: AnyCrossSale => [
        "an unknown cross-sale names upsales[0].upsale_id",
        "an unknown option names upsales[0].option_id",
        "two options of one cross-sale is a 400 that names upsales",
        "options that are not compatible is a 400 that names upsales",
        "a required cross-sale left out is a 400 that names upsales",
    ],
    any_return_address_accepted: AnyReturnAddress => [
        "a return address that is none names return_urls.success_url",
        "return_urls without failure_url names it",
    ],
    options_that_cost_nothing: FreeOptions => ["its price is the offer's and the selected options'"],
    numbers_refused_as_options: TextOptionsOnly => [
        "the same again, option_id as a number, gets the same answer",
    ],
    files_that_are_no_pdf: NoPdf => [
        "the draft is made and comes as a PDF in base64",
        "the policy is issued and comes as a PDF in base64",
    ],
    files_behind_credentials: LockedFiles => [
        "the draft's address opens in a browser, without credentials",
        "the policy's address opens in a browser, without credentials",
    ],
    any_format_accepted: AnyFormat => [
        "GET /osago/offer/draft with format=xml names format",
        "GET /osago/offer/policy with format=xml names format",
    ],
    a_policy_before_its_payment: EarlyPolicy => [
        "the policy, before it is paid, is a status alone",
        "the policy is issued and comes as a PDF in base64",
        "the offer shows the policy's series and number",
    ],
    a_policy_without_a_number: Numberless => ["the offer shows the policy's series and number"],
    offers_for_sale_for_ever: ForeverForSale => ["its other offers are closed, too"],
    another_confirmation_after_the_payment: AlwaysConfirmable => ["another confirmation is a 400 now"],
    a_tree_that_disagrees: TreeDisagrees => [
        "/dictionaries/models of Toyota agrees with the whole tree",
        "/dictionaries/models of Toyota of category B agrees with the whole tree",
    ],
    an_empty_dictionary: EmptyDictionary => ["/dictionaries/sync-all is as the contract has it"],
    a_vehicle_with_ids_of_another_dictionary: ForeignIds => ["/auto/info by vin"],
    another_vehicle_than_asked_for: OtherVehicle => ["/auto/info by vin"],
);
