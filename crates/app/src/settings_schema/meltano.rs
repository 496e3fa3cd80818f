//! The plugin definition in `examples/meltano` lists the settings of the list, as Meltano writes them.

use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Format, Yaml};
use serde_json::{Value, json};

use super::paths::{Entry, entries};
use super::setting::{Connector, Kind};
use super::singer::{CAPABILITIES, NAME};
use crate::cli::SettingArgs;
use crate::config::load;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/meltano")
}

/// The one loader of the project.
fn plugin() -> Value {
    let text = std::fs::read_to_string(folder().join("meltano.yml")).expect("read");
    let project: Value = Figment::from(Yaml::string(&text)).extract().expect("YAML");
    project["plugins"]["loaders"][0].clone()
}

/// The settings that Meltano can list: tables by names that the user chooses are one setting to it.
fn listed() -> Vec<Value> {
    let mut found: Vec<Entry> = Vec::new();
    for entry in entries(Connector::Singer) {
        let is_named_by_user = entry.path.contains(".NAME.");
        let is_there = found.iter().any(|other| other.path == entry.path);
        if !is_named_by_user && !is_there {
            found.push(entry);
        }
    }
    found.iter().map(definition).collect()
}

fn definition(entry: &Entry) -> Value {
    let setting = entry.setting;
    let mut definition = json!({
        "name": entry.path,
        "label": setting.title,
        "description": setting.description,
        "kind": kind(setting.kind),
    });
    match setting.kind {
        Kind::Secret => definition["sensitive"] = json!(true),
        Kind::Choice(words) => {
            let option = |word: &&str| json!({"label": word, "value": word});
            definition["options"] = words.iter().map(option).collect();
        }
        _ => {}
    }
    definition
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Secret | Kind::Size | Kind::Span => "string",
        Kind::Choice(_) => "options",
        Kind::Flag => "boolean",
        Kind::Whole { .. } => "integer",
        Kind::Texts => "array",
        Kind::TextTable | Kind::Table(_) | Kind::Named(_) | Kind::OneOf { .. } => "object",
    }
}

#[test]
fn the_plugin_has_the_settings_of_the_list() {
    let plugin = plugin();
    let found = plugin["settings"].as_array().expect("a list");
    let expect = listed();
    let names = |settings: &[Value]| -> Vec<String> {
        settings.iter().map(|one| one["name"].to_string()).collect()
    };
    assert_eq!(names(found), names(&expect));
    for (found, expect) in found.iter().zip(&expect) {
        // JSON is YAML.
        assert_eq!(found, expect, "write:\n    - {expect}");
    }
}

#[test]
fn the_plugin_is_what_about_says() {
    let plugin = plugin();
    assert_eq!(plugin["name"], NAME);
    assert_eq!(plugin["capabilities"], json!(CAPABILITIES));
    let executable = plugin["executable"].as_str().expect("a path");
    let script = std::fs::read_to_string(folder().join(executable)).expect("read");
    assert!(script.ends_with("exec spile singer \"$@\"\n"), "{script}");
}

#[test]
fn the_configuration_of_the_example_is_right() {
    let config = plugin()["config"].take();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("target.config.json");
    std::fs::write(&path, config.to_string()).expect("written");
    let args = SettingArgs {
        config: vec![path.display().to_string()],
        ..SettingArgs::default()
    };
    let Ok(loaded) = load(&args, &[], std::iter::empty()) else {
        panic!("{config:#} can't be read");
    };
    assert_eq!(loaded.faults.0, []);
    assert!(loaded.settings.destination.url.is_some());
}
