//! What docker-compose.yml and the files that it mounts must keep, held by tests: there is no container engine in the
//! continuous integration.

use std::{fs, path::Path};

use yaml_rust2::{Yaml, YamlLoader, yaml::Hash};

use crate::run::root;

fn read(path: &Path) -> Yaml {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut documents = YamlLoader::load_from_str(&text)
        .unwrap_or_else(|error| panic!("{} is no YAML: {error}", path.display()));
    assert_eq!(documents.len(), 1, "{}", path.display());
    documents.remove(0)
}

fn compose() -> Yaml {
    read(&root().join("docker-compose.yml"))
}

fn section<'y>(of: &'y Yaml, name: &str) -> &'y Hash {
    of[name].as_hash().unwrap_or_else(|| panic!("docker-compose.yml has no {name}"))
}

/// Every text in a list called `name`, wherever it stands.
fn listed<'y>(yaml: &'y Yaml, name: &str, found: &mut Vec<&'y str>) {
    match yaml {
        Yaml::Hash(hash) => {
            for (key, value) in hash {
                if key.as_str() == Some(name) {
                    found.extend(value.as_vec().into_iter().flatten().filter_map(Yaml::as_str));
                }
                listed(value, name, found);
            }
        }
        Yaml::Array(items) => items.iter().for_each(|item| listed(item, name, found)),
        _ => {}
    }
}

#[test]
fn every_file_that_a_container_mounts_is_there() {
    let (compose, mut volumes) = (compose(), Vec::new());
    listed(&compose, "volumes", &mut volumes);
    let mounted: Vec<&str> = volumes.iter().filter_map(|volume| volume.split(':').next()).collect();
    let files: Vec<&&str> = mounted.iter().filter(|source| source.starts_with("./")).collect();
    assert!(files.len() >= 6, "{mounted:?}");
    for source in files {
        assert!(root().join(source).exists(), "docker-compose.yml mounts {source}, which is not there");
    }
    let named = section(&compose, "volumes");
    for source in mounted.iter().filter(|source| !source.starts_with("./")) {
        let source = Yaml::String((*source).to_owned());
        assert!(named.contains_key(&source), "docker-compose.yml does not declare the volume {source:?}");
    }
}

#[test]
fn every_port_is_published_on_loopback_only() {
    let (compose, mut ports) = (compose(), Vec::new());
    listed(&compose, "ports", &mut ports);
    assert!(ports.len() >= 3, "{ports:?}");
    // The secrets of these gateways are published with their source.
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{ports:?}");
}

#[test]
fn every_image_that_is_built_has_its_target_and_every_dependency_its_service() {
    let compose = compose();
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let services = section(&compose, "services");
    let mut targets = 0;
    for service in services.values().chain([&compose["x-replica"]]) {
        if let Some(target) = service["build"]["target"].as_str() {
            assert!(dockerfile.contains(&format!(" AS {target}\n")), "Dockerfile has no target {target}");
            targets += 1;
        }
        let wanted: Vec<&str> = match &service["depends_on"] {
            Yaml::Hash(wanted) => wanted.keys().filter_map(Yaml::as_str).collect(),
            Yaml::Array(wanted) => wanted.iter().filter_map(Yaml::as_str).collect(),
            _ => Vec::new(),
        };
        for name in wanted {
            assert!(services.contains_key(&Yaml::String(name.to_owned())), "there is no service {name}");
        }
    }
    assert!(targets >= 2);
}

#[test]
fn the_builder_is_the_rust_that_the_workspace_wants() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let image = format!("FROM rust:{}-", version.trim_matches('"'));
    assert!(dockerfile.contains(&image), "the Dockerfile does not build with {version}");
}

#[test]
fn the_services_have_the_names_that_the_mounted_files_know() {
    let compose = compose();
    let services = section(&compose, "services");
    let files =
        ["nginx.conf", "veer.toml", "prometheus.yml", "grafana/provisioning/datasources/prometheus.yml"];
    let texts = files.map(|name| fs::read_to_string(root().join("deploy").join(name)).unwrap());
    for name in ["replica-1", "replica-2", "balancer", "postgres", "simulators", "prometheus"] {
        assert!(services.contains_key(&Yaml::String(name.to_owned())), "there is no service {name}");
        let spoken = texts.iter().any(|text| text.contains(&format!("{name}:")));
        assert!(spoken, "no file in deploy/ speaks of {name}");
    }
}

#[test]
fn what_grafana_provisions_is_yaml_and_the_dashboard_asks_its_source() {
    let provisioning = root().join("deploy/grafana/provisioning");
    let source = read(&provisioning.join("datasources/prometheus.yml"));
    let uid = source["datasources"][0]["uid"].as_str().unwrap();
    let folder = read(&provisioning.join("dashboards/veer.yml"));
    let folder = folder["providers"][0]["options"]["path"].as_str().unwrap();
    let text = fs::read_to_string(root().join("docker-compose.yml")).unwrap();
    assert!(text.contains(&format!("./deploy/grafana/dashboards:{folder}:ro")), "{folder} is not mounted");
    let dashboard = fs::read_to_string(root().join("deploy/grafana/dashboards/veer.json")).unwrap();
    // JSON is YAML.
    let dashboard = YamlLoader::load_from_str(&dashboard).unwrap().remove(0);
    let panels = dashboard["panels"].as_vec().unwrap();
    let asked = panels.iter().filter_map(|panel| panel["datasource"]["uid"].as_str());
    let asked: Vec<&str> = asked.collect();
    assert!(asked.len() > 10 && asked.iter().all(|asked| *asked == uid), "{asked:?}");
}
