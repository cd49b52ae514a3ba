//! `cargo xtask cluster`: what docker-compose.yml describes, as processes on loopback.

use std::process::Command;

use veer_cluster::{Options, Set};

use crate::{
    debian,
    run::{self, cargo, root},
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    replicas: usize,
    release: bool,
    once: bool,
}

/// More gateways than this on one machine show nothing more.
const MOST: usize = 9;

/// Starts all of it, and stops it on Ctrl-C, or after one rehearsal.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let wish = Wish::read(words)?;
    debian::bring_what_is_missing()?;
    let mut build = cargo(&["build", "--quiet", "--locked", "--package", "veer"]);
    build.args(wish.release.then_some("--release"));
    run::passing(build)?;
    // Before anything runs that it would have to end.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no signal can be waited for: {error}"))?;
    let program = root().join(if wish.release { "target/release/veer" } else { "target/debug/veer" });
    let options = Options { root: root().to_owned(), program, replicas: wish.replicas, prometheus: true };
    let mut set = Set::start(&options)?;
    tell(&set);
    let done = match wish.once {
        true => rehearse(&options, &set),
        false => {
            println!("\nCtrl-C stops them.");
            runtime.block_on(until_told(&mut set))
        }
    };
    println!("stopping");
    done.and(set.stop())
}

fn tell(set: &Set) {
    println!("the partner API (client yandex, secret cluster-secret, token cluster-token):");
    println!("  {:<12} http://{}", "balancer", set.balancer);
    for replica in &set.replicas {
        let (name, serve) = (&replica.serve.name, &replica.serve);
        println!("  {name:<12} http://{}   operations http://{}", serve.partner, serve.operations);
    }
    if let Some(prometheus) = set.prometheus {
        println!("  {:<12} http://{prometheus}   what the dashboard in deploy/grafana shows", "Prometheus");
    }
    println!("logs and configurations are in {}", set.folder.path().display());
    println!(
        "\nto try:\n  veer rehearse --url http://{} --token cluster-token --client-id yandex \
     --client-secret cluster-secret --pay simulated",
        set.balancer
    );
    for replica in set.replicas.iter().take(1) {
        let operations = replica.serve.operations;
        println!("  VEER_OPERATOR_TOKEN=cluster-operator veer limits --operations http://{operations} show");
    }
}

/// Until Ctrl-C, or until something other than a gateway ends by itself, which is an error. A gateway that somebody
/// kills to see what happens is told, and no more.
async fn until_told(set: &mut Set) -> Result<(), String> {
    let mut told = std::pin::pin!(tokio::signal::ctrl_c());
    let mut gone = vec![false; set.replicas.len()];
    loop {
        tokio::select! {
            told = &mut told => return told.map_err(|error| format!("no signal can be waited for: {error}")),
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
        set.others_must_run()?;
        for (replica, gone) in set.replicas.iter_mut().zip(&mut gone) {
            if let (Some(status), false) = (replica.process().ended(), *gone) {
                println!("{} ended with {status}", replica.serve.name);
                *gone = true;
            }
        }
    }
}

/// Plays Yandex through the load balancer.
fn rehearse(options: &Options, set: &Set) -> Result<(), String> {
    let mut rehearse = Command::new(&options.program);
    rehearse.args(["rehearse", "--url", &format!("http://{}", set.balancer), "--pay", "simulated"]);
    rehearse.args(["--token", "cluster-token", "--client-id", "yandex", "--client-secret", "cluster-secret"]);
    run::passing(rehearse)
}

// === impl Wish ===

impl Wish {
    fn read(words: &[&str]) -> Result<Self, String> {
        let mut wish = Self { replicas: 2, release: false, once: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--release" => wish.release = true,
                "--once" => wish.once = true,
                "--replicas" => {
                    let count = words.next().and_then(|count| count.parse().ok());
                    let count = count.filter(|count| (1..=MOST).contains(count));
                    wish.replicas = count.ok_or_else(|| format!("--replicas is followed by 1 to {MOST}"))?;
                }
                other => {
                    return Err(format!(
                        "cluster has no `{other}`; it has --replicas N, --release and --once"
                    ));
                }
            }
        }
        Ok(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_or_refused_with_a_sentence() {
        let whole = Wish { replicas: 3, release: true, once: true };
        assert_eq!(Wish::read(&["--once", "--replicas", "3", "--release"]), Ok(whole));
        assert_eq!(Wish::read(&[]), Ok(Wish { replicas: 2, release: false, once: false }));
        for wrong in [&["--replicas"][..], &["--replicas", "0"], &["--replicas", "ten"]] {
            assert!(Wish::read(wrong).unwrap_err().contains("1 to 9"));
        }
        assert!(Wish::read(&["--twice"]).unwrap_err().contains("`--twice`"));
    }
}
