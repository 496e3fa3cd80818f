//! The program is killed at its n-th request, before that is passed on or before it is answered; then
//! the run is repeated. Each record is there exactly once afterwards, and nothing else is left.
//!
//! Here every few requests; all of them with `cargo xtask soak`, which sets `SPILE_TEST_KILL_EVERY`.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::kit::{Desk, Relay, Store, ask, signal};

/// How a run publishes, what it replaces, and how it is repeated.
struct Way {
    flags: &'static str,
    again: &'static str,
    /// Whether what a load before it has written of the same days goes.
    replaces: bool,
}

/// Where a run is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Before its n-th request is passed on.
    Before(usize),
    /// When that is done, but not answered.
    After(usize),
}

/// Days of records, of which a load before had the last two.
const DAYS: usize = 4;
const FILES: usize = 6;
const RECORDS_OF_A_FILE: usize = 40;

#[test]
fn objects_that_appear_one_by_one_and_a_source_that_replays() {
    sweep(&Way {
        flags: "",
        again: "--redo",
        replaces: false,
    });
}

#[test]
fn objects_that_appear_one_by_one_and_a_source_that_goes_on() {
    sweep(&Way {
        flags: "--checkpoint-size 1",
        again: "--resume",
        replaces: false,
    });
}

#[test]
fn a_run_as_a_whole_and_a_source_that_replays() {
    sweep(&Way {
        flags: "--publish run",
        again: "--redo",
        replaces: false,
    });
}

#[test]
fn a_run_as_a_whole_and_a_source_that_goes_on() {
    sweep(&Way {
        flags: "--publish run",
        again: "--resume",
        replaces: false,
    });
}

#[test]
fn objects_that_are_overwritten() {
    sweep(&Way {
        flags: "--write overwrite",
        again: "--redo",
        replaces: true,
    });
}

#[test]
fn periods_that_are_replaced_and_a_source_that_replays() {
    sweep(&Way {
        flags: "--write replace --covers 2025-04-01..2025-04-04",
        again: "--redo",
        replaces: true,
    });
}

#[test]
fn periods_that_are_replaced_and_a_source_that_goes_on() {
    sweep(&Way {
        flags: "--write replace --covers touched",
        again: "--resume",
        replaces: true,
    });
}

/// Kills a run at one request after the other, each on a store of its own.
fn sweep(way: &Way) {
    let whole = Sweep::new(way);
    let (_, requests) = whole.first_run(None);
    whole.ended_well();
    let every = env::var("SPILE_TEST_KILL_EVERY");
    let every = every.map_or(11, |every| every.parse().expect("a number"));
    for n in (1..=requests).step_by(every) {
        for moment in [Moment::Before(n), Moment::After(n)] {
            let sweep = Sweep::new(way);
            let (was_killed, made) = sweep.first_run(Some(moment));
            // Entries of a journal share segments where they meet, so that one run makes a few
            // requests less than another.
            assert!(was_killed || made < n, "{moment:?} of {requests}");
            if was_killed {
                if let Moment::After(_) = moment {
                    sweep.recover(moment);
                }
                sweep.repeat(moment);
            }
            sweep.ended_well();
        }
    }
    println!(
        "{} kills at {requests} requests",
        2 * requests.div_ceil(every)
    );
}

/// A run that is killed, and its repetition.
struct Sweep<'a> {
    way: &'a Way,
    store: Store,
    desk: Desk,
}

impl<'a> Sweep<'a> {
    /// What an earlier load of the connection has written stands there already.
    fn new(way: &'a Way) -> Self {
        let store = Store::new();
        let desk = store.admit(Desk::new());
        desk.write("before.jsonl", records(900, 20, 2..DAYS));
        for file in 0..FILES {
            let name = format!("new-{file}.jsonl");
            desk.write(
                &name,
                records(1000 + 100 * file, RECORDS_OF_A_FILE, 0..DAYS),
            );
        }
        let sweep = Self { way, store, desk };
        let ran = sweep.load(&sweep.store.endpoint, "before", "before.jsonl", "");
        let output = sweep.desk.spile(&ran).output().expect("it runs");
        let ran = sweep.desk.ran(output);
        assert_eq!(ran.code, 0, "{ran}");
        sweep
    }

    /// The words of a load.
    fn load(&self, endpoint: &str, run_id: &str, files: &str, flags: &str) -> Vec<&'static str> {
        let Store { bucket, prefix, .. } = &self.store;
        let line = format!(
            "load {files} --stream orders --to s3://{bucket}/{prefix} --endpoint {endpoint} \
             --allow-http --key {{cursor_date}}-{{part}}.jsonl --cursor-field at \
             --object-rows 25 --connection-id c --connection-run-id {run_id} {flags}"
        );
        // A test's few words may stay.
        line.leak().split_ascii_whitespace().collect()
    }

    /// The run that is killed at a moment: whether it was, and how many requests it has made.
    fn first_run(&self, moment: Option<Moment>) -> (bool, usize) {
        let process: Arc<OnceLock<u32>> = Arc::default();
        let requests = Arc::new(AtomicUsize::new(0));
        let relay = self.killing(moment, &process, &requests);
        let words = self.load(&relay.url, "r", &files(), self.way.flags);
        let mut child = self.spawn(&words);
        process.set(child.id()).expect("once");
        let status = child.wait().expect("it ends");
        if moment.is_none() {
            assert!(status.success(), "{status}");
        }
        (status.code().is_none(), requests.load(Ordering::SeqCst))
    }

    fn spawn(&self, words: &[&str]) -> std::process::Child {
        let mut command: Command = self.desk.spile(words);
        command.stderr(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null());
        command.spawn().expect("it starts")
    }

    fn killing(
        &self,
        moment: Option<Moment>,
        process: &Arc<OnceLock<u32>>,
        requests: &Arc<AtomicUsize>,
    ) -> Relay {
        let server = self.store.endpoint.trim_start_matches("http://").to_owned();
        let (process, requests) = (Arc::clone(process), Arc::clone(requests));
        Relay::answering(move |request| {
            let n = requests.fetch_add(1, Ordering::SeqCst) + 1;
            if moment == Some(Moment::Before(n)) {
                signal(*process.wait(), "KILL");
                return Vec::new();
            }
            let answer = ask(&server, request);
            if moment == Some(Moment::After(n)) {
                signal(*process.wait(), "KILL");
                return Vec::new();
            }
            answer
        })
    }

    /// What somebody does who has found it dead; whoever doesn't leaves it to the next run.
    fn recover(&self, moment: Moment) {
        let Store {
            bucket,
            prefix,
            endpoint,
        } = &self.store;
        let line =
            format!("spile recover --to s3://{bucket}/{prefix} --endpoint {endpoint} --allow-http");
        for _twice in 0..2 {
            let ran = self.desk.run(&line);
            assert_eq!(ran.code, 0, "{moment:?}: {ran}");
        }
    }

    /// The run again, as somebody does who has found it dead.
    fn repeat(&self, moment: Moment) {
        let flags = format!("{} {}", self.way.flags, self.way.again);
        let words = self.load(&self.store.endpoint, "r", &files(), &flags);
        let output = self.desk.spile(&words).output().expect("it runs");
        let ran = self.desk.ran(output);
        assert_eq!(ran.code, 0, "{moment:?}: {ran}");
    }

    /// Each record is there once, and those from before where they aren't replaced; the manifest
    /// says what is there, and no upload is left.
    fn ended_well(&self) {
        let folder = self.desk.path("fetched");
        let names = self.store.fetch(&folder);
        let texts = names
            .iter()
            .map(|name| self.desk.read(&format!("fetched/{name}")));
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        for line in texts
            .collect::<Vec<_>>()
            .iter()
            .flat_map(|text| text.lines())
        {
            let record: serde_json::Value = serde_json::from_str(line).expect("a record");
            *counts
                .entry(record["id"].as_u64().expect("an id"))
                .or_default() += 1;
        }
        let old = (900..920).filter(|_| !self.way.replaces);
        let new = (0..FILES as u64).flat_map(|file| {
            let first = 1000 + 100 * file;
            first..first + RECORDS_OF_A_FILE as u64
        });
        let expect: BTreeMap<u64, usize> = old.chain(new).map(|id| (id, 1)).collect();
        assert_eq!(counts, expect, "each record once: {names:?}");
        let mut manifests = self.store.kept();
        manifests.retain(|name| name.contains("/runs/r/"));
        assert_eq!(manifests.len(), 1, "{manifests:?}");
        assert_eq!(self.store.unfinished(), 0, "no upload is left");
    }
}

/// Records whose days repeat one after the other.
fn records(first: usize, count: usize, days: std::ops::Range<usize>) -> String {
    let line = |n: usize| {
        let day = days.start + n % days.len() + 1;
        format!("{{\"id\":{},\"at\":\"2025-04-{day:02}\"}}\n", first + n)
    };
    (0..count).map(line).collect()
}

fn files() -> String {
    let names = (0..FILES).map(|file| format!("new-{file}.jsonl"));
    names.collect::<Vec<_>>().join(" ")
}
