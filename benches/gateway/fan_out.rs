//! The gateway beside nginx with Lua: the same fan-out to the same insurers, and the same merge.

use std::{path::Path, sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    bare::Batch,
    calls::of_gateway,
    figure::{Bound, Figure, Row, Section, ratios},
    house::{Insurers, Simulator},
    http::request,
    nginx,
    pool::Pool,
    process::Process,
    report::{Kind, Plot, Report, Series},
    sample::Sample,
    workload::Workload,
};

/// A wire that a program in Lua speaks without effort: forms and JSON.
const WIRE: &[&str] = &["renessans"];
const BOUND: f64 = 1.3;

/// What the program in nginx answers, as far as it matters.
#[derive(Debug, Deserialize)]
struct Merged {
    calls: u64,
    offered: usize,
    problem: Option<String>,
}

/// Measures `[nginx]`.
pub(crate) async fn measure(workload: &Workload, folder: &Path) -> Result<Report, String> {
    let fan_out = &workload.nginx;
    let folder = folder.join("nginx");
    let insurers = Insurers { wires: WIRE, ..Insurers::healthy(fan_out.insurers) };
    let mut simulator = Simulator::start(insurers, folder.clone()).await?;
    let gateway = simulator.gateway(0, &workload.log).await?;
    let (mut ours, mut theirs, mut each) = (Vec::new(), Vec::new(), Vec::new());
    let beside = match nginx::start(&mut simulator, &folder).await? {
        Err(reason) => format!("nginx is left out: {reason}."),
        Ok((process, address)) => {
            let pool = Arc::new(Pool::new(address));
            // The first round of each warms up.
            for round in 0..=workload.rounds {
                let seed = workload.seed + round as u64;
                let batch = Batch { seed, per_second: fan_out.per_second, count: fan_out.calculations };
                let (per_call, calls, _) = of_gateway(&gateway, batch, true).await?;
                let other = of_nginx(&process, &pool, batch, fan_out.insurers).await?;
                if round > 0 {
                    ours.push(per_call);
                    theirs.push(other);
                    each.push(calls);
                }
            }
            "nginx: one process; a program in LuaJIT reads the request, writes the forms, polls once a second, reads the \
             replies and writes the offers; it answers the POST with them and keeps nothing."
                .to_owned()
        }
    };
    let section = section(workload, [&ours, &theirs, &each], beside);
    section.print();
    let plots = match theirs.is_empty() {
        true => Vec::new(),
        false => vec![plot(&ours, &theirs)],
    };
    Ok(Report { group: "nginx", title: "The gateway beside nginx with Lua", sections: vec![section], plots })
}

/// Microseconds of processor time a call.
async fn of_nginx(process: &Process, pool: &Arc<Pool>, batch: Batch, insurers: usize) -> Result<f64, String> {
    let (processor, start, mut asking) = (process.processor()?, Instant::now(), JoinSet::new());
    for after in batch.arrivals() {
        sleep_until(start + after).await;
        let pool = pool.clone();
        asking.spawn(async move {
            let request = request("POST", "/osago/calculate", &Sample::next().body);
            pool.ask(&request, |body| serde_json::from_slice::<Merged>(body)).await
        });
    }
    let mut calls = 0;
    while let Some(asked) = asking.join_next().await {
        let merged = asked.map_err(|error| error.to_string())??;
        let merged = merged.map_err(|error| format!("nginx's answer: {error}"))?;
        if let Some(problem) = merged.problem {
            return Err(format!("an insurer did not answer nginx as it should: {problem}"));
        }
        if merged.offered != insurers {
            return Err(format!("nginx found {} offers of {insurers}", merged.offered));
        }
        calls += merged.calls;
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    Ok((process.processor()? - processor).as_secs_f64() * 1e6 / calls as f64)
}

fn section(workload: &Workload, [ours, theirs, each]: [&[f64]; 3], beside: String) -> Section {
    let mut rows = Vec::new();
    if !theirs.is_empty() {
        rows = vec![
            Row::new("gateway, each calculation polled once a second", "µs/call", ours),
            Row::new("nginx with Lua", "µs/call", theirs),
            Row::new("gateway / nginx", "×", &ratios(ours, theirs)).bounded(Bound::AtMost(BOUND)),
            Row::new("calls of a calculation", "", each),
        ];
    }
    let fan_out = &workload.nginx;
    let title = format!(
        "{} insurers, {} calculations a batch, {} begun a second",
        fan_out.insurers, fan_out.calculations, fan_out.per_second
    );
    let notes = vec![
        "All insurers speak forms and JSON (renessans), create then poll. Processor time, user and system, of the one".into(),
        "process or the other, divided by the calls to insurers. The gateway checks, keeps and limits besides.".into(),
        beside,
    ];
    Section { title, notes, rows }
}

fn plot(ours: &[f64], theirs: &[f64]) -> Plot {
    Plot {
        name: "nginx",
        title: "Processor time of an insurer call".into(),
        kind: Kind::Bars,
        x: "",
        y: "µs a call",
        ticks: vec!["gateway".into(), "nginx with Lua".into()],
        series: vec![Series::new("µs a call", vec![Figure::of(ours).median, Figure::of(theirs).median])],
        bound: None,
    }
}
