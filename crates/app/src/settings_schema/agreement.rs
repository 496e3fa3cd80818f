//! The list holds what Settings hold, and what it says of values is so.

use std::collections::{BTreeMap, BTreeSet};

use figment::Figment;
use figment::error::Kind as ErrorKind;
use figment::providers::Serialized;
use serde_json::{Value, json};

use super::list::LEFT_OUT;
use super::paths::{Entry, entries};
use super::setting::{Connector, Kind, Setting};
use crate::cli::SettingArgs;
use crate::config::{Loaded, Settings, load};
use crate::job;

/// The settings of all connectors, each once.
fn all() -> Vec<Entry> {
    let mut seen = BTreeSet::new();
    let connectors = [Connector::Airbyte, Connector::Singer];
    let entries = connectors.into_iter().flat_map(entries);
    entries
        .filter(|entry| seen.insert((entry.path.clone(), entry.method)))
        .collect()
}

/// Those that hold a value themselves.
fn leaves() -> Vec<Entry> {
    let is_leaf = |entry: &Entry| !matches!(entry.setting.kind, Kind::Named(_));
    all().into_iter().filter(is_leaf).collect()
}

/// A value of a setting.
fn sample(setting: &Setting) -> Value {
    match (setting.example.or(setting.default), setting.kind) {
        (Some(sample), _) => sample.to_json(),
        (None, Kind::Choice(words)) => json!(words[0]),
        (None, _) => panic!("{} has neither example nor default", setting.name),
    }
}

/// A table with a value at a path. Parts of paths here have no dots of their own.
fn nested(path: &str, value: Value) -> Value {
    let parts = path.rsplit('.');
    parts.fold(value, |inner, name| json!({ name: inner }))
}

fn put(table: &mut Value, path: &str, value: Value) {
    let place = path.split('.').fold(table, |table, name| &mut table[name]);
    *place = value;
}

/// Reads a configuration as the program does, with one file to load.
fn read(config: &Value) -> (Loaded, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spile.json");
    std::fs::write(&path, config.to_string()).expect("written");
    let input = folder.path().join("sales_daily.jsonl");
    std::fs::write(&input, "{\"at\":\"2025-04-14\"}\n").expect("written");
    let args = SettingArgs {
        config: vec![path.display().to_string()],
        ..SettingArgs::default()
    };
    let files = [input.display().to_string()];
    let Ok(loaded) = load(&args, &files, std::iter::empty()) else {
        panic!("{config:#} can't be read");
    };
    (loaded, folder)
}

/// What is wrong with a load by this configuration; nothing where it could begin.
fn faults(config: &Value) -> String {
    let (loaded, _folder) = read(config);
    let now = chrono::DateTime::UNIX_EPOCH;
    match job::prepare(loaded, None, now) {
        Ok(_) => String::new(),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn every_example_is_read() {
    let mut config = json!({});
    for entry in leaves() {
        put(&mut config, &entry.path, sample(entry.setting));
    }
    let (loaded, _folder) = read(&config);
    assert_eq!(loaded.faults.0, [], "{config:#}");
}

/// A load that every setting but a choice has a place in.
fn roomy(path: &str) -> Value {
    let mut config = json!({
        "connection": {"id": "nightly"},
        "destination": {
            "url": "s3://landing/raw",
            "key": "{stream_name}/{cursor_iso_date}",
            "write": "replace",
        },
        "covers": "touched",
        "eof_is_complete": true,
        "on_bad_record": "quarantine",
        "max_bad_records": 1,
        "on_complete": {"webhook": "https://hooks.example.com"},
    });
    // A cursor and its field are one choice.
    if path != "cursor" {
        put(&mut config, "cursor_field", json!("at"));
    }
    config
}

#[test]
fn every_example_can_be_used() {
    let is_choice = |entry: &Entry| matches!(entry.setting.kind, Kind::Choice(_));
    let others = leaves().into_iter().filter(|entry| !is_choice(entry));
    for entry in others.filter(|entry| entry.method.is_none()) {
        let mut config = roomy(&entry.path);
        put(&mut config, &entry.path, sample(entry.setting));
        assert_eq!(faults(&config), "", "{config:#}");
    }
}

/// All that Settings know at a path, if it is a table.
fn known_at(path: &str) -> Option<&'static [&'static str]> {
    let bogus = json!({"no such setting": true});
    let table = match path {
        "" => bogus,
        path => nested(path, bogus),
    };
    let error = Figment::from(Serialized::globals(table)).extract::<Settings>();
    let error = error.expect_err("there is no such setting");
    match error.kind {
        ErrorKind::UnknownField(_, known) => Some(known),
        _ => None,
    }
}

/// The paths of all fields of Settings, and whether they are secrets.
fn fields(path: &str, found: &mut BTreeMap<String, bool>) {
    let named = format!("{path}.NAME");
    match (known_at(path), path) {
        // A secret may be a table, too.
        (Some(["file", "command"]), _) => {
            found.insert(path.to_owned(), true);
        }
        (Some(known), "") => known.iter().for_each(|name| fields(name, found)),
        (Some(known), _) => known
            .iter()
            .for_each(|name| fields(&format!("{path}.{name}"), found)),
        (None, _) if known_at(&named).is_some() => fields(&named, found),
        (None, _) => {
            found.insert(path.to_owned(), false);
        }
    }
}

#[test]
fn every_field_is_in_the_list_or_left_out_of_it() {
    let mut of_settings = BTreeMap::new();
    fields("", &mut of_settings);
    assert!(of_settings.contains_key("streams.NAME.columns.rename"));
    let is_left_out = |path: &str| {
        let mut paths = LEFT_OUT.iter().map(|(path, _)| *path);
        paths.any(|out| path == out || path.starts_with(&format!("{out}.")))
    };
    let listed = leaves().into_iter().map(|entry| {
        let is_secret = matches!(entry.setting.kind, Kind::Secret);
        (entry.path, is_secret)
    });
    let listed: BTreeMap<String, bool> = listed.collect();
    assert!(!listed.keys().any(|path| is_left_out(path)));
    of_settings.retain(|path, _| !is_left_out(path));
    assert_eq!(listed, of_settings, "paths, and whether they are secrets");
}

/// All defaults at once, as a form that fills them in gives them.
fn defaults() -> Value {
    let mut config = json!({});
    for entry in leaves().iter().filter(|entry| entry.method.is_none()) {
        if let Some(default) = entry.setting.default {
            put(&mut config, &entry.path, default.to_json());
        }
    }
    config
}

#[test]
fn defaults_that_are_filled_in_are_in_nobodys_way() {
    let check = |given: &[(&str, Value)]| {
        let mut bare = json!({});
        let mut filled_in = defaults();
        for (path, value) in given {
            put(&mut bare, path, value.clone());
            put(&mut filled_in, path, value.clone());
        }
        assert_eq!(faults(&bare), "", "{given:?}");
        assert_eq!(faults(&filled_in), "", "{given:?}");
    };
    let url = |url: &str| ("destination.url", json!(url));
    check(&[url("s3://landing/raw")]);
    check(&[url("./landing")]);
    check(&[url("./landing/{stream_name}.csv")]);
    check(&[url("./landing"), ("destination.format", json!("jsonl.gz"))]);
    check(&[
        url("./landing"),
        ("destination.parquet.compression", json!("snappy")),
    ]);
    check(&[
        url("./landing"),
        ("on_bad_record", json!("quarantine")),
        ("max_bad_records", json!(1)),
    ]);
    check(&[
        url("./landing"),
        ("connection.id", json!("nightly")),
        ("destination.write", json!("replace")),
        ("eof_is_complete", json!(true)),
        ("covers", json!("touched")),
    ]);
}

/// What a load checks when it reads its first messages, and no configuration before.
const NOT_CHECKED_YET: [&str; 3] = [
    "destination.key_syntax",
    "airbyte.envelope",
    "unknown_fields",
];

#[test]
fn the_words_of_a_choice_are_those_that_the_program_knows() {
    let is_choice = |entry: &Entry| matches!(entry.setting.kind, Kind::Choice(_));
    for entry in leaves().into_iter().filter(is_choice) {
        let Kind::Choice(words) = entry.setting.kind else {
            continue;
        };
        // A base of the chain needs no key, or else it would be another method.
        if NOT_CHECKED_YET.contains(&&*entry.path) || entry.method == Some("default_chain") {
            continue;
        }
        let mut config = json!({});
        put(&mut config, "destination.url", json!("s3://landing/raw"));
        if let Some(method) = entry.method {
            put(&mut config, "destination.auth.method", json!(method));
        }
        put(&mut config, &entry.path, json!("no such word"));
        let found = faults(&config).replace(" or ", ", ");
        let words = words.join(", ");
        assert!(found.contains(&words), "{}: {words}: {found}", entry.path);
        assert!(!found.contains(&format!("{words}, ")), "{found}");
    }
}

#[test]
fn each_method_can_be_filled_in_as_it_stands() {
    let mut methods = Vec::new();
    for entry in leaves() {
        let known: &mut Vec<&'static str> = &mut methods;
        known.extend(entry.method.filter(|method| !known.contains(method)));
    }
    assert_eq!(
        methods,
        ["cross_account_role", "access_key", "default_chain"]
    );
    for method in methods {
        let mut config = json!({});
        put(&mut config, "destination.url", json!("s3://landing/raw"));
        put(&mut config, "destination.auth.method", json!(method));
        assert_eq!(
            faults(&config).is_empty(),
            method == "default_chain",
            "{method}"
        );
        for entry in leaves()
            .into_iter()
            .filter(|entry| entry.method == Some(method))
        {
            put(&mut config, &entry.path, sample(entry.setting));
        }
        assert_eq!(faults(&config), "", "{config:#}");
    }
}
