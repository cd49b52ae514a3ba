//! `veer insurers`: which adapters are built in, and how an account of one is configured.

use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

use clap::Args;
use veer_contract::{
    Manifest, OperationKind,
    manifest::{LaneDefaults, Setting},
};

use super::{BAD_CONFIGURATION, check, failed};
use crate::config::{Manifests, hint};

/// List the adapters that are built in, or print the section of the configuration for one of them.
#[derive(Debug, Args)]
pub struct Insurers {
    /// Print this one's section, with every setting and lane at its default.
    insurer: Option<String>,
    /// A configuration whose folder of specs is looked at too.
    #[arg(long)]
    config: Option<PathBuf>,
}

impl Insurers {
    pub(super) fn run(self) -> ExitCode {
        let adapters = match &self.config {
            None => check::adapters(),
            Some(path) => match check::load_with_adapters(path) {
                Ok((_, adapters)) => adapters,
                Err(problems) => return failed(BAD_CONFIGURATION, &problems),
            },
        };
        let mut manifests = adapters.all();
        manifests.sort_by_key(|manifest| &manifest.code);
        let Some(code) = self.insurer else {
            print!("{}", list(&manifests));
            return ExitCode::SUCCESS;
        };
        match manifests.iter().find(|manifest| manifest.code == code) {
            Some(manifest) => {
                print!("{}", section(manifest));
                ExitCode::SUCCESS
            }
            None => {
                let known = manifests.iter().map(|manifest| manifest.code.as_str());
                failed(1, &format!("there is no insurer `{code}`; {}", hint(&code, known)))
            }
        }
    }
}

/// The widest line of what is printed here.
const WIDE: usize = 100;

/// A paragraph an insurer: its code and name, below them how it speaks and what it can do.
fn list(manifests: &[&Manifest]) -> String {
    let indent = manifests.iter().map(|manifest| manifest.code.len()).max().unwrap_or_default() + 2;
    let mut text = String::new();
    for manifest in manifests {
        let operations: Vec<&str> = manifest.operations.iter().map(|operation| operation.name()).collect();
        let (name, operations) = (manifest.name.clone(), operations.join(" "));
        let mut code = manifest.code.as_str();
        for line in [&name, &manifest.protocol, &operations].into_iter().flat_map(|of| wrapped(of, indent)) {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{code:<indent$}{line}");
            code = "";
        }
    }
    text
}

/// The words in lines that stand behind an indent.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if indent + line.chars().count() + 1 + word.chars().count() <= WIDE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A comment, its lines behind a `#` each.
fn comment(text: &str) -> String {
    wrapped(text, "# ".len()).iter().map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n")
}

/// The section of an account: what must be set stands open, the rest behind a `#` with its default.
fn section(manifest: &Manifest) -> String {
    let code = &manifest.code;
    let title = comment(&format!("{}: {}.", manifest.name, manifest.protocol));
    let mut text = format!("{title}\n[insurers.{code}]\n");
    let mut say = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    say("# The address below which every call goes; the insurer hands it out.");
    say("base_url = \"https://…\"");
    if manifest.operations.contains(&OperationKind::Quote) {
        say("# The insurer's code at the partner. This one is invented: set the real one before going live.");
        say(&format!("#partner_code = {}", manifest.partner_code));
    }
    say(&format!("#name = {}", quoted(&manifest.name)));
    if manifest.client_certificate {
        say("# A PEM file with the client certificate and its key, which this insurer asks for.");
        say(&format!("client_certificate_file = \"{code}-identity.pem\""));
    }
    if !manifest.settings.is_empty() {
        say(&format!("\n[insurers.{code}.settings]"));
    }
    for (name, setting) in &manifest.settings {
        say(&setting_lines(code, name, setting));
    }
    for (company, known) in &manifest.companies {
        say(&format!("\n# {}.\n[insurers.{code}.companies.{company}]", known.name));
        say(&format!("#enabled = true\n#partner_code = {}", known.partner_code));
    }
    for (lane, defaults) in &manifest.lanes {
        say(&format!("\n[insurers.{code}.lanes.{lane}]\n{}", lane_lines(defaults).trim_end()));
    }
    text
}

fn setting_lines(code: &str, name: &str, setting: &Setting) -> String {
    let doc = comment(&setting.doc) + "\n";
    match (&setting.default, setting.secret) {
        (None, true) => format!("{doc}{name}_file = \"{code}-{}\"", name.replace('_', "-")),
        (Some(_), true) => format!("{doc}#{name}_file = \"{code}-{}\"", name.replace('_', "-")),
        (None, false) => format!("{doc}{name} = \"…\""),
        (Some(default), false) => format!("{doc}#{name} = {}", quoted(default)),
    }
}

fn lane_lines(lane: &LaneDefaults) -> String {
    let LaneDefaults { rate, concurrent, connect, first_byte, total, max_reply, useful } = lane;
    let rates: Vec<String> = rate.iter().map(|rate| quoted(rate)).collect();
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "#rate = [{}]\n#concurrent = {concurrent}\n#connect = {}\n#first_byte = {}\n#total = {}\n#max_reply = {}\n\
         #useful = {}\n",
        rates.join(", "),
        quoted(connect),
        quoted(first_byte),
        quoted(total),
        quoted(max_reply),
        quoted(useful),
    );
    text
}

/// A TOML basic string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::{iter, path::Path};

    use super::*;
    use crate::config::Config;

    const ACCOUNT: &str = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret = 's'\n";

    /// The section with everything in it switched on, and values for what an operator must write.
    fn switched_on(section: &str, folder: &Path) -> String {
        let lines = section.lines().map(|line| {
            let on = match line.strip_prefix('#') {
                Some(key) if key.starts_with(|first: char| first.is_ascii_lowercase()) => key,
                _ => line,
            };
            if let Some((_, file)) = on.split_once("_file = \"") {
                std::fs::write(folder.join(file.trim_end_matches('"')), "secret\n").unwrap();
            }
            on.replace("https://…", "https://a.example/").replace('…', "x")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_printed_section_is_a_configuration_with_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let origin = folder.path().join("veer.toml");
        for adapter in veer_insurers::all() {
            let manifest = adapter.manifest();
            let printed = section(manifest);
            let read = |text: String| {
                Config::parse(&format!("{ACCOUNT}{text}"), &origin, iter::empty(), &[manifest])
                    .unwrap_or_else(|problems| panic!("{problems}\n{text}"))
            };
            let all = read(switched_on(&printed, folder.path()));
            let least = read(printed.replace("https://…", "https://a.example/").replace('…', "x"));
            let [shown] = &all.insurers[..] else { panic!("{}", manifest.code) };
            assert_eq!(shown.lanes, least.insurers[0].lanes, "{}", manifest.code);
            assert_eq!(shown.settings, least.insurers[0].settings, "{}", manifest.code);
            assert_eq!(shown.partner_code, least.insurers[0].partner_code);
        }
    }

    #[test]
    fn the_list_names_every_adapter() {
        let manifests: Vec<&Manifest> =
            veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
        let list = list(&manifests);
        assert!(manifests.iter().all(|manifest| list.contains(&manifest.name)), "{list}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for manifest in &manifests {
            let protocol = words(&manifest.protocol);
            assert!(words(&list).windows(protocol.len()).any(|part| part == protocol), "{list}");
        }
    }

    #[test]
    fn nothing_that_is_printed_is_wider_than_a_terminal() {
        let manifests: Vec<&Manifest> =
            veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
        let printed = manifests.iter().map(|manifest| section(manifest)).chain([list(&manifests)]);
        for line in printed.collect::<String>().lines() {
            assert!(line.chars().count() <= WIDE, "{line}");
        }
        assert_eq!(comment(&"слово ".repeat(30)).lines().count(), 2);
        assert_eq!(wrapped(&"x".repeat(WIDE + 1), 2).len(), 1, "a word is not cut");
    }
}
