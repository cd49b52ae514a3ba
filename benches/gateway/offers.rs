//! How much of an insurer's quota becomes an offer in time when more is asked than it allows.

use std::{path::Path, time::Duration};

use futures::future::{BoxFuture, try_join_all};
use veer_simulator::{Stretch, allowed};

use crate::{
    figure::{Row, Section},
    naive::Gate,
    report::{Kind, Plot, Report, Series},
    schedule,
    side::{self, Came, Contest},
    workload::{Offers, Workload},
};

const NAMES: [&str; 3] = ["gateway", "first come", "first come, told the insurer's time"];

/// Measures `[offers]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let offers = &workload.offers;
    let folder = folder.join("offers");
    let limits = offers.rates()?;
    let useful = Duration::from_millis(offers.useful_ms);
    let contest = Contest {
        arrivals: schedule::lasting(workload.seed, offers.per_second, offers.seconds),
        budget: Duration::from_millis(offers.budget_ms),
        latency: offers.latency_ms.map(Duration::from_millis),
        useful,
        stop_after: None,
        log: workload.log.clone(),
        limits: limits.clone(),
    };
    let mut sides: Vec<BoxFuture<'_, Result<Came, String>>> =
        vec![Box::pin(side::gateway(contest.clone(), side::folder(&folder, NAMES[0])))];
    let gates = [Gate::first_come(&limits, Duration::ZERO), Gate::first_come(&limits, useful)];
    for (gate, name) in gates.into_iter().zip(&NAMES[1..]) {
        sides.push(Box::pin(side::naive(contest.clone(), gate, side::folder(&folder, name))));
    }
    let came = try_join_all(sides).await?;
    let stretches: Vec<Stretch> =
        limits.iter().map(|rate| Stretch { count: rate.count as usize, per: rate.per }).collect();
    Ok(report(offers, &contest, &came, &stretches))
}

fn report(offers: &Offers, contest: &Contest, came: &[Came], stretches: &[Stretch]) -> Report {
    let mut rows = Vec::new();
    let mut shares = Vec::new();
    for (name, came) in NAMES.iter().zip(came) {
        // As long as there was work: to the last call that was sent.
        let lasting = came.created.last().copied().unwrap_or_default() + Duration::from_nanos(1);
        let share = came.in_time as f64 / allowed(stretches, lasting).max(1) as f64 * 100.0;
        shares.push(share);
        rows.push(Row::new(format!("{name}: of the allowed calls, became an offer in time"), "%", &[share]));
        rows.push(Row::new(format!("{name}: offers in time"), "", &[came.in_time as f64]));
        rows.push(Row::new(format!("{name}: calls sent that create"), "", &[came.created.len() as f64]));
    }
    let Offers { rate, per_second, seconds, budget_ms, latency_ms: [least, most], useful_ms } = offers;
    let title = format!(
        "{}, with {per_second} calculations begun a second for {seconds} s ({} in all), each with {budget_ms} ms; \
         a price takes {least} to {most} ms",
        rate.join(" and "),
        contest.arrivals.len()
    );
    let notes = vec![
        format!("The gateway refuses at once whom the limit would let go with less than {useful_ms} ms left (`useful` of the lane),"),
        "and serves the others by least slack. First come: one line in the order of arrival, before a limiter at an even".into(),
        "pace; whoever's time is up leaves it. The third knows, as the gateway does, how much time a price needs, and".into(),
        "sends away whoever has less when the turn comes. All run at the same time with the same arrivals.".into(),
    ];
    let plots = vec![Plot {
        name: "offers",
        title: "Share of the allowed calls that became an offer in time".into(),
        kind: Kind::Bars,
        x: "",
        y: "%",
        ticks: NAMES.map(str::to_owned).to_vec(),
        series: vec![Series::new("offers in time", shares)],
        bound: None,
    }];
    let section = Section { title, notes, rows };
    section.print();
    Report {
        group: "offers",
        title: "What an insurer's quota comes to, beside first come first served",
        sections: vec![section],
        plots,
    }
}
