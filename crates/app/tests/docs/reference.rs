//! The reference names all there is, and nothing else.

use std::collections::{BTreeSet, HashMap};
use std::fs;

use serde_json::Value;

use crate::book::root;
use crate::fault::{Fault, Tested};
use crate::shell::Shell;

/// A struct's fields with their types, by its name.
type Structs<'a> = HashMap<&'a str, Vec<(&'a str, &'a str)>>;

fn read(path: &str) -> Tested<String> {
    fs::read_to_string(root().join(path)).map_err(|error| Fault::new(format!("{path}: {error}")))
}

/// The cells of all tables' rows whose first cell is code.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
}

/// All that stands between backticks.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn first_codes(text: &str) -> BTreeSet<String> {
    let firsts = rows(text).filter_map(|cells| codes(cells[0]).next().map(str::to_owned));
    firsts.collect()
}

/// The structs of the settings, as their source has them.
fn structs(source: &str) -> Structs<'_> {
    let mut structs = Structs::new();
    let mut name = "";
    for line in source.lines() {
        let line = line.trim().trim_start_matches("pub(crate) ");
        if let Some(rest) = line.strip_prefix("struct ") {
            name = rest.split(['<', ' ']).next().unwrap_or_default();
        } else if let Some((field, of)) = line.trim_end_matches(',').split_once(": ")
            && field.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            structs.entry(name).or_default().push((field, of));
        }
    }
    structs
}

/// The paths of all settings in a struct.
fn paths(structs: &Structs<'_>, name: &str, prefix: &str, found: &mut BTreeSet<String>) {
    for (field, of) in &structs[name] {
        let path = format!("{prefix}{field}");
        let in_map = of
            .strip_prefix("BTreeMap<String, ")
            .map(|of| of.trim_end_matches('>'));
        let base = of.split('<').next().unwrap_or_default();
        match in_map {
            Some(of) if structs.contains_key(of) => {
                paths(structs, of, &format!("{path}.NAME."), found);
            }
            _ if structs.contains_key(base) => paths(structs, base, &format!("{path}."), found),
            _ => {
                found.insert(path);
            }
        }
    }
}

#[test]
fn every_setting_has_its_row_and_every_row_its_setting() -> Tested {
    let source = read("crates/app/src/config/settings.rs")?;
    let mut settings = BTreeSet::new();
    paths(&structs(&source), "Settings", "", &mut settings);
    assert!(
        settings.contains("destination.parquet.row_group_bytes"),
        "{settings:?}"
    );
    assert_eq!(first_codes(&read("docs/reference/settings.md")?), settings);
    Ok(())
}

#[test]
fn a_settings_variable_is_named_by_its_path() -> Tested {
    let page = read("docs/reference/settings.md")?;
    for cells in rows(&page) {
        let path = codes(cells[0]).next().unwrap_or_default();
        let expect = format!("SPILE_{}", path.to_uppercase().replace('.', "__"));
        let variable = codes(cells[1]).next();
        assert!(
            variable.is_none_or(|name| name == expect),
            "{variable:?}, {expect}"
        );
    }
    Ok(())
}

/// The long flags that a text names.
fn flags(text: &str) -> BTreeSet<String> {
    let pieces = text.split("--").skip(1);
    let names = pieces.map(|piece| {
        let end = piece.find(|c: char| !c.is_ascii_lowercase() && c != '-');
        piece[..end.unwrap_or(piece.len())]
            .trim_end_matches('-')
            .to_owned()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_flag_is_named_and_every_name_is_a_flag() -> Tested {
    let help = Shell::new()?.succeed("spile load --help")?;
    let page = read("docs/reference/settings.md")?;
    let named = codes(&page).flat_map(flags).collect::<BTreeSet<_>>();
    let mut known = flags(&help);
    known.insert("version".to_owned());
    let unnamed: Vec<_> = flags(&help).difference(&named).cloned().collect();
    let unknown: Vec<_> = named.difference(&known).cloned().collect();
    assert!(unnamed.is_empty(), "the page doesn't name --{unnamed:?}");
    assert!(
        unknown.is_empty(),
        "`spile load` doesn't know --{unknown:?}"
    );
    Ok(())
}

#[test]
fn the_macros_are_those_of_the_template_language() -> Tested {
    let page = read("docs/reference/macros.md")?;
    for path in ["reference.md", "airbyte/reference.md"] {
        let list = read(&format!("crates/macros-template/src/{path}"))?;
        assert!(
            page.contains(list.trim()),
            "copy the list from {path}, with its heading"
        );
    }
    let printed = Shell::new()?.succeed("spile macros --output-format json")?;
    let macros: Vec<Value> = serde_json::from_str(&printed)?;
    for one in macros {
        let name = one["name"].as_str().unwrap_or_default();
        assert!(page.contains(&format!("| `{{{name}}}` |")), "{name}");
    }
    Ok(())
}

/// The names of all fields in a value.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                found.insert(name.clone());
                fields(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_a_report_is_explained() -> Tested {
    let shell = Shell::new()?;
    let mut found = BTreeSet::new();
    // The second one fails: its report has an error.
    for field in ["at", "nothing"] {
        let command = "spile load events.jsonl --output-format json --to out";
        let printed = shell.succeed(&format!(
            "{command} --cursor-field {field} 2>/dev/null || true"
        ))?;
        fields(&serde_json::from_str(&printed)?, &mut found);
    }
    assert_eq!(first_codes(&read("docs/reference/report.md")?), found);
    Ok(())
}

#[test]
fn the_exit_codes_are_those_of_the_program() -> Tested {
    let source = read("crates/app/src/failure.rs")?;
    let known = source.lines().filter_map(|line| {
        let (name, code) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        let is_name = name.chars().all(char::is_alphanumeric);
        is_name.then(|| code.to_owned())
    });
    let mut known: BTreeSet<String> = known.collect();
    // The parser of the command line has its own.
    known.insert("2".to_owned());
    assert_eq!(first_codes(&read("docs/reference/exit-codes.md")?), known);
    Ok(())
}

#[test]
fn every_format_has_its_row() -> Tested {
    let formats = [
        "csv",
        "csv.gz",
        "csv.zst",
        "jsonl",
        "jsonl.gz",
        "jsonl.zst",
        "parquet",
    ];
    let named = first_codes(&read("docs/reference/formats.md")?);
    for format in formats {
        assert!(named.contains(format), "{format}");
        Shell::new()?.succeed(&format!("spile plan events.jsonl --format {format}"))?;
    }
    Ok(())
}
