//! Insurers: what the manifest gives, what the operator changes, what is refused.

use std::{path::Path, time::Duration};

use veer_contract::{
    Lane, Manifest, OperationKind,
    manifest::{Company, Setting},
};

use super::{LEAST, manifests, problems_of, read, read_with};
use crate::config::{BreakerConfig, Config, InsurerConfig, Mode, RateLimit};

const NORTHERN: &str = "[insurers.northern]\nbase_url = 'https://n.example/osago'\n\
                        settings = { user = 'u', password = 'p' }\n";

#[test]
fn the_manifest_gives_what_the_operator_leaves_out() {
    let config = read(&format!("{LEAST}{NORTHERN}")).unwrap();
    let [insurer] = &config.insurers[..] else { panic!("not one insurer: {:?}", config.insurers) };
    assert_eq!((insurer.code.as_str(), insurer.adapter.as_str()), ("northern", "northern"));
    assert!(insurer.standing.enabled);
    assert_eq!(insurer.base_url.as_str(), "https://n.example/osago/", "the slash at the end is added");
    assert_eq!(insurer.partner_code, 11);
    assert_eq!(insurer.name, "Страховщик northern");
    assert_eq!(insurer.settings.get("user"), "u");
    assert_eq!(insurer.settings.get("channel"), "web");
    assert!(!insurer.settings.0.contains_key("password"), "a secret is no setting");
    assert_eq!(insurer.secrets["password"].reveal(), "p");
    let lane = &insurer.lanes[&Lane::Create];
    let second = RateLimit { count: 5, per: Duration::from_secs(1), burst: 1 };
    let hour = RateLimit { count: 1000, per: Duration::from_secs(3600), burst: 20 };
    assert_eq!(lane.rate, [second, hour]);
    assert_eq!((lane.concurrent, lane.max_reply), (4, 1 << 20));
    assert_eq!(lane.connect, Duration::from_secs(3));
    assert_eq!(lane.first_byte, Duration::from_secs(20));
    assert_eq!(lane.total, Duration::from_secs(25));
    assert_eq!(lane.useful, Duration::from_millis(500));
}

#[test]
fn the_operator_changes_a_lane_key_by_key() {
    let lane = "[insurers.northern.lanes.create]\nrate = '2/min'\ntotal = '40s'\n";
    let env = [("VEER__INSURERS__NORTHERN__LANES__CREATE__CONCURRENT", "9")];
    let config = read_with(&format!("{LEAST}{NORTHERN}{lane}"), &env).unwrap();
    let lane = &config.insurers[0].lanes[&Lane::Create];
    assert_eq!(lane.rate, [RateLimit { count: 2, per: Duration::from_secs(60), burst: 1 }]);
    assert_eq!(
        (lane.concurrent, lane.total, lane.first_byte),
        (9, Duration::from_secs(40), Duration::from_secs(20))
    );
    let none = format!("{LEAST}{NORTHERN}[insurers.northern.lanes.create]\nrate = []\n");
    assert_eq!(read(&none).unwrap().insurers[0].lanes[&Lane::Create].rate, []);
}

#[test]
fn a_lanes_breaker_is_that_of_all_lanes_with_its_own_keys_over_it() {
    let all = "[upstream.breaker]\nin_a_row = 7\nmode = 'dry-run'\n";
    let lane = "[insurers.northern.lanes.create.breaker]\nmode = 'on'\npause = '9s'\n";
    let config = read(&format!("{LEAST}{all}{NORTHERN}{lane}")).unwrap();
    let house = BreakerConfig::house();
    let shared = BreakerConfig { in_a_row: 7, mode: Mode::DryRun, ..house };
    assert_eq!(config.upstream.breaker, shared);
    let own = BreakerConfig { mode: Mode::On, pause: Duration::from_secs(9), ..shared };
    assert_eq!(config.insurers[0].lanes[&Lane::Create].breaker, own);
    let nonsense = "[insurers.northern.lanes.create.breaker]\npercent = 101\n";
    let rule = "insurers.northern.lanes.create.breaker.percent: must be from 1 to 100";
    let problems = problems_of(&format!("{LEAST}{NORTHERN}{nonsense}"));
    assert!(problems.iter().any(|problem| problem.contains(rule)), "{problems:?}");
}

#[test]
fn a_setting_may_be_written_as_a_number() {
    let text = NORTHERN.replace("'u'", "12, channel = false");
    let config = read(&format!("{LEAST}{text}")).unwrap();
    assert_eq!(config.insurers[0].settings.get("user"), "12");
    assert_eq!(config.insurers[0].settings.get("channel"), "false");
}

#[test]
fn a_quote_is_reused_only_where_the_operator_says_so() {
    let reuse = |text: &str| read(&format!("{LEAST}{text}")).unwrap().insurers[0].reuse;
    assert_eq!(reuse(NORTHERN), Duration::ZERO);
    assert_eq!(reuse(&format!("{NORTHERN}reuse = '30m'\n")), Duration::from_secs(1800));
    let off = NORTHERN.replace("northern", "southern") + "reuse = '0s'\n";
    assert_eq!(reuse(&off), Duration::ZERO, "the manifest forbids nothing that is off");
}

#[test]
fn an_alias_speaks_by_anothers_adapter() {
    let alias = NORTHERN.replace("northern", "my-label");
    let own = "[insurers.my-label.lanes.create]\nconcurrent = 1\n";
    let text =
        format!("{LEAST}{NORTHERN}{alias}adapter = 'northern'\npartner_code = 77\nname = 'Мой'\n{own}");
    let config = read_with(&text, &[("VEER__INSURERS__MY_LABEL__ENABLED", "false")]).unwrap();
    let [alias, northern] = &config.insurers[..] else { panic!("not two insurers: {:?}", config.insurers) };
    assert_eq!((alias.code.as_str(), alias.adapter.as_str()), ("my-label", "northern"));
    assert_eq!((alias.standing.enabled, alias.partner_code, alias.name.as_str()), (false, 77, "Мой"));
    assert_eq!(alias.lanes[&Lane::Create].concurrent, 1);
    assert_eq!(northern.lanes[&Lane::Create].concurrent, 4);
}

/// What stands behind [`LEAST`], which is three lines long, and what is said about it.
const RULES: &[(&str, &str)] = &[
    (
        "[insurers.northen]\nbase_url = 5",
        "veer.toml:4: insurers.northen: there is no adapter of this name (to run one under a name of your own, set `adapter`); did you mean `northern`?",
    ),
    (
        "[insurers.x]\nadapter = 'westerly'",
        "veer.toml:5: insurers.x.adapter: there is no adapter `westerly`; known here: northern, southern",
    ),
    (
        "[insurers.x]\nadapter = 'suothern'",
        "insurers.x.adapter: there is no adapter `suothern`; did you mean `southern`?",
    ),
    (
        "[insurers.southern]\nadapter = 'northern'",
        "insurers.southern.adapter: `southern` is an adapter itself; give the alias a name of its own",
    ),
    (
        "[insurers.northern.settings]\nuser = 'u'\npassword = 'p'",
        "veer.toml:4: insurers.northern.base_url: missing; set it here or by VEER__INSURERS__NORTHERN__BASE_URL: the insurer's address",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://x'\nsettings = { password = 'p' }",
        "veer.toml:6: insurers.northern.settings.user: missing; set it here or by VEER__INSURERS__NORTHERN__SETTINGS__USER: the login",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://x'\nsettings = { user = 'u' }",
        "insurers.northern.settings.password: missing; set it here or by VEER__INSURERS__NORTHERN__SETTINGS__PASSWORD: the password (or name a file that holds it in `password_file`)",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://x'\nsettings = { user = '', password = 'p' }",
        "insurers.northern.settings.user: is empty: the login",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://x'\nsettings = { user = 'u', password = 'p', chanel = 'x' }",
        "insurers.northern.settings.chanel: unknown key; did you mean `channel`?",
    ),
    ("NORTHERN\nenable = false", "insurers.northern.enable: unknown key; did you mean `enabled`?"),
    ("NORTHERN\nasked = 20", "insurers.northern.asked: must be text in quotes, is an integer"),
    (
        "NORTHERN\nasked = '120%'",
        "insurers.northern.asked: `120%` is no share; write a percentage up to 100%",
    ),
    (
        "NORTHERN\nasked = '0%'",
        "insurers.northern.asked: `0%` asks in no calculation at all; write `enabled = false`",
    ),
    ("NORTHERN\nshadow = 'yes'", "insurers.northern.shadow: must be true or false, without quotes"),
    (
        "NORTHERN\nhours = '8-22'",
        "insurers.northern.hours: `8-22` is no time of the week; write hours in Moscow time",
    ),
    (
        "NORTHERN\nhours = ['08:00-22:00', 'sunday 08:00-10:00']",
        "insurers.northern.hours: `sunday 08:00-10:00` is no time of the week",
    ),
    (
        "NORTHERN\nmaintenance = ['2026-12-01 02:00']",
        "insurers.northern.maintenance: `2026-12-01 02:00` is no maintenance window; write it in Moscow time",
    ),
    ("NORTHERN\nmaintenace = []", "insurers.northern.maintenace: unknown key; did you mean `maintenance`?"),
    (
        "NORTHERN\nreuse = '31m'",
        "insurers.northern.reuse: must be at most 30m: an older answer may not be what the insurer would say now",
    ),
    (
        "[insurers.southern]\nbase_url = 'http://x'\nsettings = { user = 'u', password = 'p' }\nreuse = '5m'",
        "insurers.southern.reuse: this insurer's quote can be bought once only (`reuse = false` in its manifest), so it cannot stand in two calculations; leave the key out",
    ),
    ("NORTHERN\nca_file = 'no.pem'", "insurers.northern.ca_file: there is no file no.pem"),
    (
        "NORTHERN\n[insurers.northern.lanes.poll]\nrate = '5/s'",
        "insurers.northern.lanes.poll: unknown key; known here: create",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nrate = ['5/s', '5 per s']",
        "lanes.create.rate: `5 per s` is no rate; write calls/window",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nrate = [5]",
        "lanes.create.rate: must be text in quotes, is an integer",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nrate = '5/s burst 6'",
        "lanes.create.rate: `5/s burst 6`: a burst is at least 1 and at most the 5 calls",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nconcurrent = 0",
        "lanes.create.concurrent: must be at least 1",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\ntotal = '19s'",
        "lanes.create.total: must be at least `first_byte`, which is 20s",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nconnect = '26s'",
        "lanes.create.total: must be at least `connect`, which is 26s",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nconnect = '0s'",
        "lanes.create.connect: must be longer than nothing",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nfirst_byte = '0s'",
        "lanes.create.first_byte: must be longer than nothing",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nuseful = '26s'",
        "lanes.create.useful: must be at most `total`, which is 25s",
    ),
    (
        "NORTHERN\n[insurers.northern.lanes.create]\nmax_reply = '0B'",
        "lanes.create.max_reply: must be at least 1B",
    ),
    (
        "[insurers.northern]\nbase_url = 'ftp://x/'\nsettings = { user = 'u', password = 'p' }",
        "insurers.northern.base_url: must begin with https:// or http://",
    ),
    (
        "[insurers.northern]\nbase_url = 'n.example'\nsettings = { user = 'u', password = 'p' }",
        "insurers.northern.base_url: is no address (relative URL without a base)",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://u@x/'\nsettings = { user = 'u', password = 'p' }",
        "insurers.northern.base_url: must not hold a user or a password",
    ),
    (
        "[insurers.northern]\nbase_url = 'http://x/?a=b'\nsettings = { user = 'u', password = 'p' }",
        "insurers.northern.base_url: must not hold `?` or `#`",
    ),
];

#[test]
fn every_rule_says_where_what_and_what_to_do_and_nothing_else() {
    for (section, expected) in RULES {
        let problems = problems_of(&format!("{LEAST}{}\n", section.replace("NORTHERN", NORTHERN)));
        assert!(
            problems.len() == 1 && problems[0].contains(expected),
            "{section}\n  {problems:#?}\n  lack: {expected}"
        );
    }
}

#[test]
fn when_an_insurer_is_asked_is_read_as_text_or_as_a_list() {
    let standing = |keys: &str| {
        let config = read(&format!("{LEAST}{NORTHERN}{keys}\n")).unwrap();
        config.insurers[0].standing.clone()
    };
    assert_eq!(standing(""), crate::config::StandingConfig::default());
    let keys = "asked = '12.5%'\nshadow = true\nhours = ['mon-fri 08:00-20:00', 'sat 10:00-16:00']\n\
                maintenance = 'sun 03:00-05:00'";
    let told = standing(keys);
    assert_eq!((told.asked.to_string().as_str(), told.shadow), ("12.5%", true));
    assert_eq!(told.hours.to_string(), "mon-fri 08:00-20:00; sat 10:00-16:00");
    assert_eq!(told.maintenance.to_string(), "sun 03:00-05:00");
    let same = standing("hours = 'mon-fri 08:00-20:00; sat 10:00-16:00'\nmaintenance = ['sun 03:00-05:00']");
    assert_eq!((same.hours, same.maintenance), (told.hours, told.maintenance));
}

#[test]
fn somebody_must_be_fast_where_the_fast_ones_are_waited_for() {
    let rule = format!("{LEAST}[calculation.complete]\nfast_answered = true\n");
    let slow = format!("{NORTHERN}slow = true\n");
    let southern = NORTHERN.replace("northern", "southern");
    assert!(read(&format!("{rule}{slow}{southern}")).is_ok() && read(&rule).is_ok());
    let problems = problems_of(&format!("{rule}{slow}"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].contains("calculation.complete.fast_answered: every insurer says `slow = true`"),
        "{problems:#?}"
    );
}

#[test]
fn an_alias_of_an_alias_is_refused() {
    let one = NORTHERN.replace("northern", "one") + "adapter = 'northern'\n";
    let two = NORTHERN.replace("northern", "two") + "adapter = 'one'\n";
    let problems = problems_of(&format!("{LEAST}{one}{two}"));
    assert_eq!(
        problems,
        ["veer.toml:11: insurers.two.adapter: `one` is an alias itself; name the adapter that it stands for"]
    );
}

#[test]
fn no_two_insurers_share_a_code_at_the_partner() {
    let alias = NORTHERN.replace("northern", "alias") + "adapter = 'northern'\n";
    let problems = problems_of(&format!("{LEAST}{NORTHERN}{alias}"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].contains("insurers.northern: `partner_code` is 11, as of `alias`"), "{problems:#?}");
}

/// An aggregator with two companies.
fn aggregator() -> Manifest {
    let [_, mut manifest] = manifests();
    let company = |name: &str, partner_code| Company { name: name.into(), partner_code, logo_url: None };
    manifest.companies =
        [("one".into(), company("Первый", 21)), ("two".into(), company("Второй", 22))].into();
    manifest
}

/// Reads the aggregator's section with `more` behind it, beside an insurer that is connected with directly.
fn with_companies(more: &str) -> Result<Config, String> {
    let [northern, _] = manifests();
    let text = format!("{LEAST}{NORTHERN}{}{more}", NORTHERN.replace("northern", "southern"));
    let read = Config::parse(&text, Path::new("f"), std::iter::empty(), &[&northern, &aggregator()]);
    read.map_err(|problems| problems.to_string())
}

#[test]
fn an_aggregators_companies_are_the_manifests_with_the_operators_changes() {
    let more = "[insurers.southern.companies.one]\npartner_code = 31\nname = 'Иной'\nlogo_url = '//x/1.svg'\n\
                [insurers.southern.companies.two]\nenabled = false\n";
    let config = with_companies(more).unwrap();
    let [northern, southern] = &config.insurers[..] else { panic!("not two insurers") };
    let (one, two) = (&southern.companies["one"], &southern.companies["two"]);
    assert_eq!((one.enabled, one.partner_code, one.name.as_str()), (true, 31, "Иной"));
    assert_eq!(one.logo_url.as_deref(), Some("//x/1.svg"));
    assert_eq!((two.enabled, two.partner_code, two.name.as_str()), (false, 22, "Второй"));
    assert_eq!(southern.settings.get("companies"), "one", "the adapter is told who is switched on");
    assert_eq!(with_companies("").unwrap().insurers[1].settings.get("companies"), "one,two");
    assert!(northern.companies.is_empty() && !northern.settings.0.contains_key("companies"));
}

#[test]
fn an_adapter_that_is_told_whom_not_to_ask_is_told_who_is_switched_off() {
    let mut manifest = aggregator();
    let setting = Setting { doc: "not asked".into(), secret: false, default: Some(String::new()) };
    manifest.settings.insert("companies_off".into(), setting);
    let told = |own: &str, off: &[&str]| {
        let settings = format!("password = 'p', companies_off = '{own}' }}");
        let mut text = NORTHERN.replace("northern", "southern").replace("password = 'p' }", &settings);
        for code in off {
            text += &format!("[insurers.southern.companies.{code}]\nenabled = false\n");
        }
        let read = Config::parse(&format!("{LEAST}{text}"), Path::new("f"), std::iter::empty(), &[&manifest]);
        read.unwrap().insurers[0].settings.get("companies_off").to_owned()
    };
    assert_eq!(told("", &[]), "");
    assert_eq!(told("", &["two"]), "two");
    assert_eq!(told("", &["one", "two"]), "one,two");
    assert_eq!(told("two", &["one"]), "two,one");
    assert_eq!(told("one, two", &["two"]), "one, two", "each once");
}

#[test]
fn a_company_that_is_not_there_is_refused_with_the_nearest_known() {
    let told = with_companies("[insurers.southern.companies.tow]\nenabled = false\n").unwrap_err();
    assert!(told.contains("insurers.southern.companies.tow: unknown key; did you mean `two`?"), "{told}");
    let told = with_companies("[insurers.southern.companies.two]\nenable = false\n").unwrap_err();
    assert!(
        told.contains("insurers.southern.companies.two.enable: unknown key; did you mean `enabled`?"),
        "{told}"
    );
    let told = with_companies("[insurers.northern.companies.two]\nenabled = false\n").unwrap_err();
    assert!(told.contains("insurers.northern.companies.two: unknown key; nothing can be set here"), "{told}");
}

#[test]
fn no_company_shares_a_code_at_the_partner_unless_it_is_switched_off() {
    // The insurer that is connected with directly has 11.
    let more = "[insurers.southern.companies.two]\npartner_code = 11\n";
    let told = with_companies(more).unwrap_err();
    assert!(
        told.contains("insurers.southern: `companies.two.partner_code` is 11, as of `northern`"),
        "{told}"
    );
    assert!(with_companies(&format!("{more}enabled = false\n")).is_ok());
    let told = with_companies("[insurers.southern.companies.two]\npartner_code = 21\n").unwrap_err();
    assert!(told.contains("is 21, as of `southern.companies.one`"), "{told}");
}

#[test]
fn an_insurer_that_wants_a_certificate_gets_one_where_it_speaks_tls() {
    let [mut northern, _] = manifests();
    northern.client_certificate = true;
    let read = |text: &str| {
        let text = format!("{LEAST}{text}");
        Config::parse(&text, Path::new("f"), std::iter::empty(), &[&northern]).map_err(|it| it.to_string())
    };
    let told = read(NORTHERN).unwrap_err();
    assert!(
        told.contains("insurers.northern.client_certificate_file: missing: this insurer wants"),
        "{told}"
    );
    assert!(read(&NORTHERN.replace("https", "http")).is_ok(), "a simulated one on one's own machine");
    let named = format!("{NORTHERN}client_certificate_file = 'no.pem'\n");
    assert!(read(&named).unwrap_err().contains("there is no file no.pem"));
}

#[test]
fn an_alias_has_all_of_its_own() {
    let alias = "[insurers.label]\nadapter = 'northern'\nbase_url = 'https://label.example/'\npartner_code = 77\n\
                 name = 'Ярлык'\nsettings = { user = 'other', password = 'another' }\n\
                 [insurers.label.lanes.create]\nrate = ['1/s']\n";
    let config = read(&format!("{LEAST}{NORTHERN}{alias}")).unwrap();
    let [label, northern] = &config.insurers[..] else { panic!("not two insurers") };
    let own = |insurer: &InsurerConfig| {
        let rates = insurer.lanes[&Lane::Create].rate.len();
        let password = insurer.secrets["password"].reveal().to_owned();
        (insurer.base_url.to_string(), insurer.settings.get("user").to_owned(), password, rates)
    };
    assert_eq!(own(label), ("https://label.example/".into(), "other".into(), "another".into(), 1));
    assert_eq!(own(northern), ("https://n.example/osago/".into(), "u".into(), "p".into(), 2));
    assert_eq!((label.partner_code, label.name.as_str(), label.adapter.as_str()), (77, "Ярлык", "northern"));
}

#[test]
fn sources_have_no_code_at_the_partner_and_need_none() {
    let [northern, mut source] = manifests();
    source.operations = vec![OperationKind::VehicleInfo];
    let mut other = source.clone();
    other.code = "other".into();
    let section = |code: &str| NORTHERN.replace("northern", code);
    let read = |text: &str| {
        let manifests = [&northern, &source, &other];
        Config::parse(text, Path::new("f"), std::iter::empty(), &manifests)
    };
    let text = format!("{LEAST}{NORTHERN}{}{}", section("southern"), section("other"));
    let config = read(&text).unwrap_or_else(|problems| panic!("{problems}"));
    let codes: Vec<i64> = config.insurers.iter().map(|insurer| insurer.partner_code).collect();
    assert_eq!(codes, [11, 0, 0]);
    for key in ["partner_code = 7", "asked = '20%'", "shadow = true", "slow = true"] {
        let told = read(&format!("{LEAST}{}{key}\n", section("southern"))).unwrap_err().to_string();
        assert!(told.contains(key.split(' ').next().unwrap()), "{told}");
    }
    let open = read(&format!("{LEAST}{}hours = '08:00-22:00'\n", section("southern")));
    assert_eq!(open.unwrap().insurers[0].standing.hours.to_string(), "08:00-22:00");
}

#[test]
fn a_manifests_own_mistake_is_told_as_its_own() {
    let [mut broken, _] = manifests();
    let lane = broken.lanes.get_mut(&Lane::Create).unwrap();
    lane.total = "soon".into();
    lane.rate.push("often".into());
    let text = format!("{LEAST}{NORTHERN}");
    let problems =
        Config::parse(&text, Path::new("f"), std::iter::empty(), &[&broken]).unwrap_err().to_string();
    for expected in
        ["manifest of the adapter `northern`: lanes.create.total: `soon`", "lanes.create.rate: `often`"]
    {
        assert!(problems.contains(expected), "{problems}");
    }
}
