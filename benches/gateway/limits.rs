//! An insurer's limit under more demand than it allows: who keeps it, and who uses it.

use std::{path::Path, time::Duration};

use futures::future::{BoxFuture, try_join_all};
use veer_simulator::{Stretch, allowed};

use crate::{
    figure::{Bound, Row, Section},
    naive::Gate,
    report::{Kind, Plot, Report, Series},
    schedule,
    side::{self, Came, Contest},
    workload::{Limits, Workload},
};

const NAMES: [&str; 4] = ["gateway", "fixed windows", "governor", "governor, paced"];
const NOTES: [&str; 7] = [
    "Over: a call that found the insurer's stretch full. The insurer looks back from each arrival, so a stretch begins",
    "anywhere; a relay before the simulated insurer writes the arrivals down. Used: calls that arrived, of the most that",
    "fit. Calculations begin at the same moments for all, more than the insurer allows, and all run at the same time.",
    "Fixed windows: a count that starts anew with each second or minute of the clock. Governor: the crate of that name,",
    "a limiter a window, each with its whole count as burst, which is its default; paced: with a burst of one. They wait",
    "as long as it takes. Where a limit is used up to its last call, whether a paced call is over is a matter of how long",
    "it travelled: the gateway holds each stretch a hundredth longer, and pays for it with at most 1 % of the quota.",
];
const USED: f64 = 98.0;

/// One contender's figures.
struct Found {
    over: f64,
    used: f64,
    most: Vec<f64>,
}

/// Measures every `[[limits]]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let (mut sections, mut over, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for (place, limits) in workload.limits.iter().enumerate() {
        let found = contest(limits, workload, &folder.join(format!("limits-{place}"))).await?;
        let section = section(limits, &found, sections.is_empty());
        section.print();
        sections.push(section);
        let name = limits.rate.join(", ");
        over.push(Series::new(&name, found.iter().map(|found| found.over).collect()));
        used.push(Series::new(&name, found.iter().map(|found| found.used).collect()));
    }
    let plot = |name, title: &str, y, series, bound| Plot {
        name,
        title: title.into(),
        kind: Kind::Bars,
        x: "",
        y,
        ticks: NAMES.map(str::to_owned).to_vec(),
        series,
        bound,
    };
    let plots = vec![
        plot("limits-over", "Calls over the insurer's limit", "calls", over, None),
        plot("limits-used", "Share of the insurer's quota that was used", "%", used, Some(USED)),
    ];
    Ok(Report {
        group: "limits",
        title: "An insurer's limit under demand above it, beside naive limiters",
        sections,
        plots,
    })
}

async fn contest(limits: &Limits, workload: &Workload, folder: &Path) -> Result<Vec<Found>, String> {
    let rates = limits.rates()?;
    let lasting = Duration::from_secs(limits.seconds);
    let contest = Contest {
        arrivals: schedule::lasting(workload.seed, limits.per_second, limits.seconds),
        // None ends before the contest does.
        budget: Duration::from_secs(170),
        latency: [Duration::ZERO; 2],
        useful: Duration::from_millis(500),
        stop_after: Some(lasting + Duration::from_secs(1)),
        log: workload.log.clone(),
        limits: rates.clone(),
    };
    let gates = [Gate::fixed_windows(&rates), Gate::governor(&rates), Gate::paced(&rates)];
    let mut sides: Vec<BoxFuture<'_, Result<Came, String>>> =
        vec![Box::pin(side::gateway(contest.clone(), side::folder(folder, NAMES[0])))];
    for (gate, name) in gates.into_iter().zip(&NAMES[1..]) {
        sides.push(Box::pin(side::naive(contest.clone(), gate, side::folder(folder, name))));
    }
    let stretches: Vec<Stretch> =
        rates.iter().map(|rate| Stretch { count: rate.count as usize, per: rate.per }).collect();
    let came = try_join_all(sides).await?;
    Ok(came.iter().map(|came| Found::of(came, &stretches, lasting)).collect())
}

fn section(limits: &Limits, found: &[Found], first: bool) -> Section {
    let mut rows = Vec::new();
    for (name, found) in NAMES.iter().zip(found) {
        let (over, used) = (
            Row::new(format!("{name}: calls over the limit"), "", &[found.over]),
            Row::new(format!("{name}: share of the quota used"), "%", &[found.used]),
        );
        let is_ours = *name == NAMES[0];
        rows.push(if is_ours { over.bounded(Bound::AtMost(0.0)) } else { over });
        rows.push(if is_ours { used.bounded(Bound::AtLeast(USED)) } else { used });
        for (rate, most) in limits.rate.iter().zip(&found.most) {
            rows.push(Row::new(format!("{name}: most calls in a stretch of {rate}"), "", &[*most]));
        }
    }
    let Limits { rate, per_second, seconds } = limits;
    let title =
        format!("{}, with {per_second} calculations begun a second for {seconds} s", rate.join(" and "));
    let notes = if first { NOTES.map(str::to_owned).to_vec() } else { Vec::new() };
    Section { title, notes, rows }
}

// === impl Found ===

impl Found {
    fn of(came: &Came, stretches: &[Stretch], lasting: Duration) -> Self {
        let within: Vec<Duration> = came.created.iter().copied().take_while(|at| *at < lasting).collect();
        let over: usize = stretches.iter().map(|stretch| stretch.over(&within)).sum();
        Self {
            over: over as f64,
            used: within.len() as f64 / allowed(stretches, lasting) as f64 * 100.0,
            most: stretches.iter().map(|stretch| stretch.most(&within) as f64).collect(),
        }
    }
}
