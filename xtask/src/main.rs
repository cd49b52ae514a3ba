//! `cargo xtask`: what a developer and the continuous integration run, by the same names.

mod bench;
mod catalogue;
mod ci;
mod cluster;
mod debian;
mod deny;
#[cfg(test)]
mod deploy;
mod fmt;
mod help;
mod insurer;
mod readme;
mod run;
mod stage;
mod test;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["test"] => test::run(),
        ["fmt"] => fmt::run(),
        ["ci"] => ci::run(),
        ["bench", ref words @ ..] => bench::run(words),
        ["cluster", ref words @ ..] => cluster::run(words),
        ["catalogue"] => catalogue::run(),
        ["insurer", ref words @ ..] => insurer::run(words),
        ["help" | "--help" | "-h"] | [] => help::run(),
        _ => Err(help::unknown(&words)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
