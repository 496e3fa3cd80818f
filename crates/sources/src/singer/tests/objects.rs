//! Objects of stores that a BATCH names.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use super::files::{batch, parquet};
use super::{SCHEMA_A, config, lines, record, state, told};
use crate::testing::gzip;
use crate::{InputConfig, Objects};

/// A store in memory. Some of it can't be read to its end.
#[derive(Debug)]
struct Store(BTreeMap<&'static str, Vec<u8>>);

impl Objects for Store {
    fn open(&self, url: &str) -> io::Result<Box<dyn Read + Send>> {
        let found = self.0.get(url).cloned();
        let body = found.ok_or_else(|| io::Error::other("it isn't there"))?;
        match url.ends_with("broken") {
            true => Ok(Box::new(Cursor::new(body).chain(Broken))),
            false => Ok(Box::new(Cursor::new(body))),
        }
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("it broke"))
    }
}

fn with_store() -> InputConfig {
    let plain = || b"{\"n\":1}\n{\"n\":2}\n".to_vec();
    let store = Store(BTreeMap::from([
        ("s3://acme/plain", plain()),
        ("s3://acme/packed", gzip(&plain())),
        ("s3://acme/parquet", parquet()),
        ("s3://acme/empty", Vec::new()),
        ("s3://acme/broken", plain()),
    ]));
    InputConfig {
        objects: Some(Arc::new(store)),
        ..config()
    }
}

fn check(config: &InputConfig, format: &str, names: &[&str], expect: &[&str]) {
    let urls: Vec<String> = names.iter().map(|it| format!("s3://acme/{it}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let input = [
        SCHEMA_A,
        &record("a", "{}"),
        &batch("a", format, &urls),
        &state("1"),
    ];
    let expect = [&["stream a", "a: 2={}"], expect].concat();
    assert_eq!(told(config, &lines(&input)), expect, "{names:?}");
}

#[test]
fn they_are_read_like_files() {
    let rows = "a: 1={\"n\":1} 2={\"n\":2}";
    let names = ["plain", "empty", "packed"];
    check(&with_store(), "jsonl", &names, &[rows, rows, "state 1"]);
    check(
        &with_store(),
        "parquet",
        &["parquet"],
        &["a: 1=3 rows", "state 1"],
    );
}

/// No state is told behind one that can't be read.
#[test]
fn one_that_cannot_be_read() {
    let check = |config: &InputConfig, format: &str, name: &str, before: &[&str]| {
        let error = format!("error read s3://acme/{name}");
        check(config, format, &[name], &[before, &[&error]].concat());
    };
    check(&with_store(), "jsonl", "none", &[]);
    check(&with_store(), "parquet", "none", &[]);
    check(&with_store(), "parquet", "broken", &[]);
    check(&config(), "jsonl", "plain", &[]);
    let rows = "a: 1={\"n\":1} 2={\"n\":2}";
    check(&with_store(), "jsonl", "broken", &[rows]);
}
