//! The script of one run, drawn from its seed.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    company::{Company, Mood},
    dice::Dice,
    partner::Asked,
    style::{ADAPTERS, STYLES, Style},
    world::DiskMood,
};
use crate::config::Config;

/// What is to happen.
pub(super) struct Plan {
    pub start: Timestamp,
    pub budget: Duration,
    pub insurers: Vec<Account>,
    /// When each calculation is posted.
    pub posts: Vec<Duration>,
    pub asked: Vec<Asked>,
    /// What else happens, in its order.
    pub events: Vec<(Duration, Happening)>,
    /// When everybody is well again.
    pub heals: Duration,
    complete: &'static str,
}

/// One insurer.
pub(super) struct Account {
    pub code: &'static str,
    pub style: Style,
    pub partner_code: i64,
    mood: Mood,
    lanes: Vec<(&'static str, &'static str, u64)>,
    reuse: bool,
    shadow: bool,
    slow: bool,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// The gateway is killed; another begins after that time.
    Crash(Duration),
    /// It is stopped gently.
    Restart(Duration),
    /// An insurer's mood changes.
    Mood(&'static str, Mood),
    /// The disk's does.
    Disk(DiskMood),
    /// A calculation is posted again, to be sure.
    PostAgain(usize),
    /// An operator sets a knob; where there is a time, for that long.
    Tune {
        insurer: &'static str,
        lane: Option<&'static str>,
        knob: &'static str,
        value: &'static str,
        time: Option<Duration>,
    },
}

const CODES: [&str; 6] = ["north", "east", "south", "west", "lake", "river"];
const LANES: [&str; 5] = ["session", "create", "poll", "payment", "document"];
const RATES: [&str; 10] = [
    "",
    "",
    "",
    r#""5/s""#,
    r#""2/s""#,
    r#""20/min burst 5""#,
    r#""3/s", "30/min""#,
    r#""5/day""#,
    r#""2/s", "9/day""#,
    r#""8/min burst 8""#,
];
const LIMITS: [&str; 10] = [
    "1/s",
    "10/s",
    "none",
    "2/s, 10/min",
    "6/day",
    "5/s, 1 at once",
    "3 at once",
    "5/min burst 5",
    "2/min",
    "4/s, 9/h burst 9",
];
const MOODS: [Mood; 6] = [Mood::Well, Mood::Sick, Mood::Sick, Mood::Dead, Mood::Busy, Mood::WithoutRegistry];

// === impl Plan ===

impl Plan {
    /// That of `seed`.
    pub(super) fn draw(seed: u64) -> Self {
        let dice = Dice::new(seed, 3);
        let some = |of: u64| usize::try_from(of).unwrap();
        let insurers: Vec<Account> = CODES[..some(*dice.one(&[1, 1, 2, 2, 2, 3, 3, 4, 5, 6]))]
            .iter()
            .enumerate()
            .map(|(at, code)| Account::draw(code, at, &dice))
            .collect();
        // A day's quota is of a day: some runs see it end.
        let start = match dice.happens(300) {
            true => "2026-11-20T20:59:40Z",
            false => "2026-11-20T09:00:00Z",
        };
        let many = if dice.happens(60) { 31 } else { 6 };
        let count = some(dice.of(1..many));
        let mut asked: Vec<Asked> = Vec::new();
        for number in 0..count {
            let id = Uuid::from_u128((u128::from(seed) << 64) | number as u128);
            let risk = match dice.happens(200) && number > 0 {
                true => asked[some(dice.of(0..number as u64))].risk,
                false => number,
            };
            asked.push(Asked::new(id, risk, dice.happens(300)));
        }
        let in_one_moment = dice.happens(200);
        let mut posts: Vec<Duration> = (0..count)
            .map(|_| if in_one_moment { Duration::from_secs(1) } else { dice.millis(0..7_000) })
            .collect();
        posts.sort();
        let mut events = Vec::new();
        let mut add = |most: u64, draw: &dyn Fn() -> Happening| {
            for _ in 0..dice.of(0..most + 1) {
                events.push((dice.millis(0..14_000), draw()));
            }
        };
        let account = || &insurers[some(dice.of(0..insurers.len() as u64))];
        add(if dice.happens(500) { 3 } else { 0 }, &|| Happening::Crash(dice.millis(1..5_000)));
        add(if dice.happens(150) { 1 } else { 0 }, &|| Happening::Restart(dice.millis(1..3_000)));
        add(3, &|| Happening::Mood(account().code, *dice.one(&MOODS)));
        add(2, &|| Happening::PostAgain(some(dice.of(0..count as u64))));
        add(4, &|| tune(account().code, &dice));
        if dice.happens(350) {
            let (at, mood) =
                (dice.of(0..8_000), *dice.one(&[DiskMood::Slow, DiskMood::Full, DiskMood::Shaky]));
            events.push((Duration::from_millis(at), Happening::Disk(mood)));
            events.push((Duration::from_millis(at + dice.of(500..6_000)), Happening::Disk(DiskMood::Well)));
        }
        // Of one moment, in the order in which they were drawn.
        events.sort_by_key(|(at, _)| *at);
        let nobody_is_fast = insurers.iter().all(|account| account.slow);
        let complete = match dice.of(0..8) {
            0 => "after = \"3s\"",
            1 => "offers = 2",
            2 if !nobody_is_fast => "fast_answered = true",
            _ => "",
        };
        Self {
            start: start.parse().unwrap(),
            budget: Duration::from_millis(dice.of(4_500..16_000)),
            insurers,
            posts,
            asked,
            events,
            heals: Duration::from_secs(15),
            complete,
        }
    }

    /// One insurer that says nothing, and a disk that takes its time.
    pub(super) fn silence_and_a_slow_disk() -> Self {
        let lanes = LANES.map(|name| (name, "", 8)).into();
        let (mood, style) = (Mood::Silent, STYLES[0]);
        let north = Account {
            code: CODES[0],
            style,
            partner_code: 100,
            mood,
            lanes,
            reuse: false,
            shadow: false,
            slow: false,
        };
        Self {
            start: "2026-11-20T09:00:00Z".parse().unwrap(),
            budget: Duration::from_millis(4_500),
            insurers: vec![north],
            posts: vec![Duration::from_secs(1)],
            asked: vec![Asked::new(Uuid::from_u128(1), 0, false)],
            events: vec![(Duration::from_millis(500), Happening::Disk(DiskMood::Slow))],
            heals: Duration::from_secs(15),
            complete: "",
        }
    }

    /// What it is in the configuration's words.
    pub(super) fn config(&self) -> Config {
        let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulation/catalogue");
        let mut text = format!(
            "[dictionary]\ncatalogue = \"{catalogue}\"\nimport_every = \"0s\"\n[store]\npath = \"none\"\n\
             [partner.accounts.demo]\nclient_id = \"demo\"\nclient_secret = \"demo-secret\"\ntoken = \"demo-token\"\n\
             [calculation]\nbudget = \"{}ms\"\nkeep_answers = \"12s\"\n[calculation.complete]\n{}\n\
             [offers]\npayment_poll = \"1s\"\npayment_poll_longest = \"3s\"\nfinalise_budget = \"20s\"\n\
             [upstream.breaker]\npause = \"3s\"\nin_a_row = 4\n",
            self.budget.as_millis(),
            self.complete
        );
        for account in &self.insurers {
            account.write(&mut text);
        }
        let manifests: Vec<_> = ADAPTERS.iter().map(|adapter| adapter.manifest()).collect();
        Config::parse(&text, Path::new("/nowhere/veer.toml"), std::iter::empty(), &manifests).unwrap()
    }

    /// The insurers as they are at the beginning.
    pub(super) fn companies(&self) -> BTreeMap<String, Company> {
        let company =
            |account: &Account| (account.code.to_owned(), Company::new(account.style, account.mood));
        self.insurers.iter().map(company).collect()
    }
}

fn tune(insurer: &'static str, dice: &Dice) -> Happening {
    let lane = Some(*dice.one(&["create", "create", "poll", "session"]));
    let (lane, knob, value) = match dice.of(0..12) {
        0 => (lane, "limits", *dice.one(&["off", "dry-run", "on"])),
        1 => (lane, "breaker", *dice.one(&["off", "dry-run", "on"])),
        2 | 3 => (lane, "hold", *dice.one(&["block", "pass", "auto"])),
        4 => (None, "enabled", *dice.one(&["no", "yes"])),
        5 => (None, "shadow", *dice.one(&["no", "yes"])),
        6 => (None, "asked", *dice.one(&["50%", "100%"])),
        _ => (lane, "limit", *dice.one(&LIMITS)),
    };
    let time = dice.happens(500).then(|| dice.millis(1_000..9_000));
    Happening::Tune { insurer, lane, knob, value, time }
}

// === impl Account ===

impl Account {
    fn draw(code: &'static str, at: usize, dice: &Dice) -> Self {
        let lane = |name| (name, *dice.one(&RATES), *dice.one(&[1, 2, 8, 8]));
        Self {
            code,
            style: *dice.one(&STYLES),
            partner_code: 100 + i64::try_from(at).unwrap(),
            mood: if dice.happens(200) { *dice.one(&MOODS) } else { Mood::Well },
            lanes: LANES.map(lane).into(),
            reuse: dice.happens(400),
            shadow: dice.happens(100),
            slow: dice.happens(150),
        }
    }

    fn write(&self, text: &mut String) {
        let Self { code, style, partner_code, shadow, slow, .. } = self;
        let reuse = if self.reuse { "30s" } else { "0s" };
        let written = write!(
            text,
            "[insurers.{code}]\nadapter = \"{}\"\nbase_url = \"http://{code}/\"\npartner_code = {partner_code}\n\
             reuse = \"{reuse}\"\nshadow = {shadow}\nslow = {slow}\n",
            style.code
        );
        written.unwrap();
        for (lane, rates, concurrent) in &self.lanes {
            let lane =
                write!(text, "[insurers.{code}.lanes.{lane}]\nrate = [{rates}]\nconcurrent = {concurrent}\n");
            lane.unwrap();
        }
    }
}
