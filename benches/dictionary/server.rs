//! A server that is asked as fast as it answers.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{asker::Asker, process::Process, workload::Pages};

/// A running server, and what each page of it came to.
pub(crate) struct Server {
    /// What it is called in the report.
    pub(crate) name: &'static str,
    process: Process,
    address: SocketAddr,
    /// One a page.
    pub(crate) found: Vec<Found>,
}

/// All rounds of one page.
#[derive(Default)]
pub(crate) struct Found {
    /// Answers a second.
    pub(crate) per_second: Vec<f64>,
    /// Processor time of an answer.
    pub(crate) micros: Vec<f64>,
    /// How busy the server's threads were, in percent.
    pub(crate) busy: Vec<f64>,
}

// === impl Server ===

impl Server {
    /// One with so many pages.
    pub(crate) fn new(name: &'static str, process: Process, address: SocketAddr, pages: usize) -> Self {
        Self { name, process, address, found: (0..pages).map(|_| Found::default()).collect() }
    }

    /// Asks for a page of `size` bytes for one round, and keeps what came of it where it `counts`.
    pub(crate) async fn round(
        &mut self,
        counts: bool,
        page: usize,
        request: &[u8],
        size: usize,
        pages: &Pages,
    ) -> Result<(), String> {
        let mut connections = Vec::new();
        for _ in 0..pages.connections {
            connections.push(Asker::open(self.address).await?);
        }
        let (processor, start) = (self.process.processor()?, Instant::now());
        let end = start + Duration::from_secs(pages.seconds);
        let mut asking = JoinSet::new();
        for mut connection in connections {
            let (request, name) = (request.to_vec(), self.name);
            asking.spawn(async move {
                let mut answers = 0_u64;
                while Instant::now() < end {
                    let came = connection.ask(&request).await?;
                    if came != size {
                        return Err(format!("{name} answered with {came} bytes, not {size}"));
                    }
                    answers += 1;
                }
                Ok(answers)
            });
        }
        let mut answers = 0;
        while let Some(asked) = asking.join_next().await {
            answers += asked.map_err(|error| error.to_string())??;
        }
        let (took, processor) = (start.elapsed().as_secs_f64(), self.process.processor()? - processor);
        if counts {
            let (found, processor) = (&mut self.found[page], processor.as_secs_f64());
            found.per_second.push(answers as f64 / took);
            found.micros.push(processor * 1e6 / answers as f64);
            found.busy.push(processor / took / pages.workers as f64 * 100.0);
        }
        Ok(())
    }
}
