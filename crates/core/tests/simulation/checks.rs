//! What has to hold after an attempt, whatever has happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use spile_core::ledger::{Manifest, StreamIndex};
use spile_core::testing::MemoryBucket;
use spile_core::{Outcome, PublishMode, QuarantinedRecord, WriteMode};

use crate::kit::objects;
use crate::scenario::{FIRST, Record, Scenario};

/// Every object that readers see, by key.
pub(crate) fn visible(bucket: &MemoryBucket) -> BTreeMap<String, String> {
    let mut objects = objects(bucket);
    objects.retain(|key, _| !key.starts_with("_spile/"));
    objects
}

/// The records of objects, in order.
fn records<'a>(objects: impl Iterator<Item = &'a String>) -> Vec<Record> {
    let lines = objects.flat_map(|text| text.lines());
    let lines = lines.filter(|line| !line.starts_with('#'));
    let mut records: Vec<Record> = lines.map(record).collect();
    records.sort_unstable();
    records
}

fn record(line: &str) -> Record {
    let value: serde_json::Value = serde_json::from_str(line).expect("a record");
    let day = value["at"].as_str().and_then(|at| at.get(8..));
    Record {
        day: day.and_then(|day| day.parse().ok()).expect("a day"),
        number: value["n"].as_u64().expect("a number") as usize,
    }
}

/// An attempt that didn't end well has neither replaced nor removed anything that stood there
/// before, unless it had begun to publish as a whole.
pub(crate) fn nothing_is_lost(
    scenario: &Scenario,
    stood: &BTreeMap<String, String>,
    bucket: &MemoryBucket,
) {
    let now = visible(bucket);
    if scenario.write == WriteMode::Append {
        let mut gone = stood
            .iter()
            .filter(|(key, text)| now.get(*key) != Some(*text));
        if let Some((key, _)) = gone.next() {
            assert!(scenario.is_anew(), "{key} stood before");
            let there = records(now.values());
            let is_there = |record: &Record| there.contains(record) || scenario.is_bad(record);
            let mut counts = scenario.records.iter().filter(|it| scenario.counts(it));
            assert!(
                counts.all(is_there),
                "{key} is gone, and what is new isn't there"
            );
        }
    }
    let is_publishing = objects(bucket)
        .iter()
        .any(|(key, text)| key.ends_with(".journal") && text.contains(r#"{"publishing""#));
    let is_whole = scenario.publish == PublishMode::Run || scenario.write != WriteMode::Append;
    let has_manifest = objects(bucket)
        .keys()
        .any(|key| key.contains("/runs/r/") && key.ends_with("manifest.json"));
    if scenario.is_anew() && !is_publishing && !has_manifest {
        let stands = |(key, text): (&String, &String)| now.get(key) == Some(text);
        assert!(
            stood.iter().all(stands),
            "nothing goes before publishing begins"
        );
    }
    if is_whole && !is_publishing && !has_manifest {
        assert_eq!(&now, stood, "nothing is seen before publishing begins");
    }
}

/// An attempt that died while it published, and that somebody has finished, has come to the same as
/// one that ended well.
pub(crate) fn is_finished(scenario: &Scenario, bucket: &MemoryBucket) {
    let there = records(visible(bucket).values());
    let (before, there): (Vec<Record>, Vec<Record>) =
        there.into_iter().partition(|it| it.number < FIRST);
    let counts = |record: &&Record| !scenario.is_bad(record) && scenario.counts(record);
    let mut expect: Vec<Record> = scenario.records.iter().filter(counts).copied().collect();
    expect.sort_unstable();
    assert_eq!(there, expect, "each record once where it was finished");
    assert!(!scenario.is_anew() || before.is_empty(), "{before:?}");
}

/// Each record is there exactly once, what isn't replaced still stands, nothing else is there, and
/// what is kept of the run says so.
pub(crate) fn ended_well(
    scenario: &Scenario,
    before: &[Record],
    bucket: &Arc<MemoryBucket>,
    outcome: &Outcome,
) {
    let now = visible(bucket);
    let manifest = outcome.manifest.as_ref().expect("a manifest");
    let of_run: BTreeSet<&str> = manifest.objects().map(|it| it.key.as_str()).collect();
    let own = now.iter().filter(|(key, _)| of_run.contains(key.as_str()));
    let good = |record: &&Record| !scenario.is_bad(record);
    let counts = |record: &&Record| good(record) && scenario.counts(record);
    let loaded = || scenario.records.iter().filter(counts).copied();
    let mut expect: Vec<Record> = loaded().collect();
    expect.sort_unstable();
    assert_eq!(
        records(own.map(|(_, text)| text)),
        expect,
        "each record once"
    );

    let days: BTreeSet<u32> = loaded().map(|record| record.day).collect();
    let mut all: Vec<Record> = before
        .iter()
        .filter(good)
        .filter(|record| match scenario.write {
            WriteMode::Append => !scenario.is_anew(),
            WriteMode::Replace(_) => !days.contains(&record.day),
            WriteMode::Overwrite => now.iter().any(|(key, text)| {
                !of_run.contains(key.as_str())
                    && text.contains(&format!("\"n\":{}}}", record.number))
            }),
        })
        .copied()
        .chain(loaded())
        .collect();
    all.sort_unstable();
    assert_eq!(records(now.values()), all, "and what isn't replaced");

    let bad = |records: &[Record]| -> Vec<usize> {
        let bad = records.iter().filter(|record| scenario.is_bad(record));
        bad.map(|record| record.number).collect()
    };
    let own = manifest.quarantine.iter().map(|it| it.key.as_str());
    assert_eq!(
        aside(scenario, bucket, |key| own.clone().any(|own| own == key)),
        bad(&scenario.records)
    );
    let all = [bad(before), bad(&scenario.records)].concat();
    assert_eq!(
        aside(scenario, bucket, |_| true),
        all,
        "each bad record once, and no run replaces one"
    );
    says_what_is_there(manifest, bucket);
    is_indexed(bucket, &now);
    whoever_is_to_be_told_can_be(bucket);
    if !scenario.denies_discard {
        let aside = scenario.aside.iter().map(|aside| aside.pending_uploads());
        let left = bucket.pending_uploads() + aside.sum::<usize>();
        assert_eq!(left, 0, "no upload is left");
    }
}

/// Beside each manifest stands the note that somebody is to be told of the run.
fn whoever_is_to_be_told_can_be(bucket: &MemoryBucket) {
    let objects = objects(bucket);
    let manifests = objects.keys().filter(|key| key.ends_with("/manifest.json"));
    for manifest in manifests {
        let attempt = manifest.trim_end_matches("/manifest.json");
        let attempt = attempt.trim_start_matches("_spile/");
        let note = format!("_spile/outbox/{attempt}.json");
        assert!(objects.contains_key(&note), "{note}");
    }
}

/// The numbers of the records in quarantine, in order.
fn aside(scenario: &Scenario, bucket: &MemoryBucket, counts: impl Fn(&str) -> bool) -> Vec<usize> {
    let objects = objects(scenario.aside.as_deref().unwrap_or(bucket));
    let is_aside = |key: &str| key.starts_with("_spile/quarantine/") && counts(key);
    let lines = objects.iter().filter(|(key, _)| is_aside(key));
    let number = |line: &str| {
        let bad: QuarantinedRecord = serde_json::from_str(line).expect("a line");
        let record = bad.record.expect("a text");
        let value: serde_json::Value = serde_json::from_str(&record).expect("a record");
        value["n"].as_u64().expect("a number") as usize
    };
    let mut numbers: Vec<usize> = lines
        .flat_map(|(_, text)| text.lines().map(number))
        .collect();
    numbers.sort_unstable();
    numbers
}

fn says_what_is_there(manifest: &Manifest, bucket: &MemoryBucket) {
    let objects: BTreeMap<_, _> = bucket.objects().into_iter().collect();
    for record in manifest.objects() {
        let body = &objects[&record.key];
        assert_eq!(body.len() as u64, record.bytes);
        assert_eq!(spile_core::Checksum::of(body), record.checksum);
        let text = std::str::from_utf8(body).expect("text");
        assert_eq!(records([text.to_owned()].iter()).len() as u64, record.rows);
    }
}

/// The connection's index has all objects that are there, and no other.
fn is_indexed(bucket: &MemoryBucket, now: &BTreeMap<String, String>) {
    let all = objects(bucket);
    let mut indexes = all.iter().filter(|(key, _)| key.contains("/indexes/s/"));
    let (_, text) = indexes.next().expect("an index");
    assert!(indexes.next().is_none(), "older ones are removed");
    let index: StreamIndex = serde_json::from_str(text).expect("an index");
    let indexed: BTreeSet<&str> = index
        .objects
        .iter()
        .map(|it| it.record.key.as_str())
        .collect();
    let there: BTreeSet<&str> = now.keys().map(String::as_str).collect();
    assert_eq!(indexed, there);
}
