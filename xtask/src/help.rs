//! `cargo xtask help`.

const HELP: &str = "\
cargo xtask <command>

  test    run all tests, with cargo-nextest where it is installed; brings what they need from Debian,
          and a PostgreSQL server for as long as they run
  fmt     format everything, the insurers' folders too, which `cargo fmt` does not find
  ci      everything that the continuous integration runs, ending with the README's test command
  bench [GROUP ...] [--short] [--write --date DATE --machine WORDS]
          measure the gateway beside what does the same without it, as benches/gateway.toml says: calls, nginx, polls,
          memory, visible, limits, offers, or all of them; --short: roughly, as benches/gateway-short.toml says;
          --write: keep the figures in docs/benches and draw docs/BENCHES.md, which names the date and the machine
  bench build [--write --date DATE --machine WORDS]
          a clean release build beside one of the dependencies alone; takes very long
  bench page
          draw docs/BENCHES.md and its plots anew from the figures in docs/benches
  bench dictionary
          measure how well names are mapped, and the dictionary's answers beside a fixed body
  cluster [--replicas N] [--release] [--once]
          several gateways on one database behind a load balancer, with simulated insurers and Prometheus, as
          docker-compose.yml has them, but as processes on loopback; --once plays Yandex against them and stops
  catalogue
          give new lines of catalogue/*.csv their ids
  insurer new <code> [--from spec|rust]
          make an insurer's folder that compiles, passes the kit and sells in the demo
  insurer check <code>
          the kit for one insurer, while it is being written
  insurer fields
          write docs/INSURER-FIELDS.md, which insurer needs which field, and insurers/README.md, who there is
  insurer record <code> [--config FILE] [--through OPERATION]
          ask an insurer with the real driver and write what was said as fixtures in which nobody is named
  insurer trial
          make one of each kind, prove both as an author would, and remove them again
  help    this
";

/// Prints the commands.
pub(crate) fn run() -> Result<(), String> {
    print!("{HELP}");
    Ok(())
}

/// What to say to a command that there is not.
pub(crate) fn unknown(words: &[&str]) -> String {
    format!("there is no command `{}`\n\n{HELP}", words.join(" "))
}
