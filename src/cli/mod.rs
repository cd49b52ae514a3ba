//! The commands, one file each.

mod check;
mod columns;
#[cfg(feature = "simulator")]
mod demo;
mod dictionary;
mod insurers;
mod limits;
mod operations;
#[cfg(feature = "simulator")]
mod record;
mod rehearse;
mod sales;
mod serve;
#[cfg(feature = "simulator")]
mod simulate;
#[cfg(feature = "simulator")]
mod simulated;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A gateway between one OSAGO partner API and many insurers.
#[derive(Debug, Parser)]
#[command(name = "veer", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(serve::Serve),
    /// Tell everything that is wrong with a configuration, and start nothing.
    Check(check::Check),
    /// List the adapters that are built in, or print the section of the configuration for one of them.
    Insurers(insurers::Insurers),
    /// Play the partner's side against a gateway: the whole journey and every documented error.
    Rehearse(rehearse::Rehearse),
    /// Show sales and their confirmation to the partner, or send them again.
    Sales(sales::Sales),
    /// Show limits and other settings of a running gateway, and change them while it runs.
    Limits(limits::Limits),
    /// Show the vehicle dictionary, decide what insurers' names mean, and publish the next version.
    Dictionary(dictionary::Dictionary),
    /// Ask an insurer with the real driver, and write what was said as fixtures in which nobody is named.
    #[cfg(feature = "simulator")]
    Record(record::Record),
    /// Play the main job with simulated insurers: one calculation, shown as a live table of offers.
    #[cfg(feature = "simulator")]
    Demo(demo::Demo),
    /// Run simulated insurers and write the configuration of a gateway in front of them.
    #[cfg(feature = "simulator")]
    Simulate(simulate::Simulate),
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Check(check) => check.run(),
            Command::Insurers(insurers) => insurers.run(),
            Command::Sales(sales) => sales.run(),
            Command::Limits(limits) => limits.run(),
            Command::Dictionary(dictionary) => dictionary.run(),
            Command::Rehearse(rehearse) => rehearse.run(),
            #[cfg(feature = "simulator")]
            Command::Record(record) => record.run(),
            #[cfg(feature = "simulator")]
            Command::Demo(demo) => demo.run(),
            #[cfg(feature = "simulator")]
            Command::Simulate(simulate) => simulate.run(),
        }
    }
}

/// Exit status of a configuration that cannot be used (`EX_CONFIG` of sysexits.h).
const BAD_CONFIGURATION: u8 = 78;

/// Says what went wrong, on standard error.
fn failed(code: u8, problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::from(code)
}
