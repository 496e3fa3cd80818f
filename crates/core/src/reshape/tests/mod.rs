//! Tables of what becomes of records, and laws.

mod columns;
mod config;
mod laws;
mod objects;

use std::error::Error;

use arrow::error::ArrowError;

use super::{Reshape, ReshapeConfig, ReshapeError, RestColumn};
use crate::records::{JsonRecords, Records, Span};

/// `include a*`, `exclude b`, `rename a x`, `rest _rest a b`: the lines of a config.
fn config(lines: &[&str]) -> ReshapeConfig {
    let mut config = ReshapeConfig::default();
    for line in lines {
        let mut words = line.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        match word().as_str() {
            "include" => config.include.push(word()),
            "exclude" => config.exclude.push(word()),
            "rename" => drop(config.rename.insert(word(), word())),
            "rest" => {
                let name = word();
                let known = words.collect();
                config.rest = Some(RestColumn { name, known });
            }
            other => panic!("{other}"),
        }
    }
    config
}

fn reshape(lines: &[&str]) -> Reshape {
    let reshape = Reshape::new(&config(lines)).expect("a config");
    reshape.expect("something to be changed")
}

/// Records as a source hands them out.
fn records(objects: &[&str]) -> Records {
    let mut spans = Vec::new();
    let mut text = String::new();
    for object in objects {
        let start = text.len() as u32;
        text += object;
        let end = text.len() as u32;
        spans.push(Span { start, end });
        text += "\n";
    }
    Records::Json(JsonRecords::new(text.into(), spans).expect("spans"))
}

fn json(records: &Records) -> &JsonRecords {
    match records {
        Records::Json(json) => json,
        other => panic!("{other:?}"),
    }
}

fn cause(error: &ArrowError) -> String {
    let source = error.source().expect("an error of this module");
    assert!(source.is::<ReshapeError>());
    format!("failed to {source}")
}
