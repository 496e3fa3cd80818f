//! The program is killed at its n-th request: before that is passed on, while the store is at it, or
//! before it is answered; then the run is repeated. Each record is there exactly once afterwards, and nothing else is left.
//!
//! Here every few requests; all of them with `cargo xtask soak`, which sets `SPILE_TEST_KILL_EVERY`.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use serde_json::Value;

use crate::kit::{Desk, Ran, Relay, Store, ask, denied, is_optional, signal};

/// How a run publishes, what it replaces, and how it is repeated.
#[derive(Clone, Copy)]
struct Way {
    flags: &'static str,
    again: &'static str,
    /// Whether what a load before it has written of the same days goes.
    replaces: bool,
    /// Whether the files are read by a program that spile runs.
    is_program: bool,
    /// Whether each file has a bad record.
    has_bad: bool,
    /// Whether nothing but the five actions is granted: uploads can be neither removed nor listed.
    has_five_actions: bool,
}

const BY_OBJECT: Way = Way {
    flags: "",
    again: "--redo",
    replaces: false,
    is_program: false,
    has_bad: false,
    has_five_actions: false,
};

const AS_A_WHOLE: Way = Way {
    flags: "--publish run",
    ..BY_OBJECT
};

const REPLACING: Way = Way {
    flags: "--write replace --covers 2025-04-01..2025-04-04",
    replaces: true,
    ..BY_OBJECT
};

/// Where a run is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// Before its n-th request is passed on.
    Before(usize),
    /// When that is done, but not answered.
    After(usize),
    /// While the store is at it, which ends it a little later.
    Meanwhile(usize),
}

/// Days of records, of which a load before had the last two.
const DAYS: usize = 4;
const FILES: usize = 6;
const RECORDS_OF_A_FILE: usize = 40;

#[test]
fn objects_that_appear_one_by_one_and_a_source_that_replays() {
    sweep(&BY_OBJECT);
}

#[test]
fn objects_that_appear_one_by_one_and_a_source_that_goes_on() {
    sweep(&Way {
        flags: "--checkpoint-size 1",
        again: "--resume",
        ..BY_OBJECT
    });
}

#[test]
fn a_run_as_a_whole_and_a_source_that_replays() {
    sweep(&AS_A_WHOLE);
}

#[test]
fn a_run_as_a_whole_and_a_source_that_goes_on() {
    sweep(&Way {
        again: "--resume",
        ..AS_A_WHOLE
    });
}

#[test]
fn objects_that_are_overwritten() {
    sweep(&Way {
        flags: "--write overwrite",
        replaces: true,
        ..BY_OBJECT
    });
}

#[test]
fn periods_that_are_replaced_and_a_source_that_replays() {
    sweep(&REPLACING);
}

#[test]
fn periods_that_are_replaced_and_a_source_that_goes_on() {
    sweep(&Way {
        flags: "--write replace --covers touched",
        again: "--resume",
        ..REPLACING
    });
}

#[test]
fn a_program_that_replays() {
    sweep(&Way {
        is_program: true,
        ..AS_A_WHOLE
    });
}

#[test]
fn a_program_whose_output_is_passed_over() {
    sweep(&Way {
        flags: "--checkpoint-size 1",
        again: "--resume",
        is_program: true,
        ..BY_OBJECT
    });
}

#[test]
fn bad_records_that_are_set_aside() {
    sweep(&Way {
        flags: "--checkpoint-size 1",
        again: "--resume",
        has_bad: true,
        ..BY_OBJECT
    });
}

#[test]
fn bad_records_beside_periods_that_are_replaced() {
    sweep(&Way {
        has_bad: true,
        ..REPLACING
    });
}

#[test]
fn the_five_actions_and_objects_that_appear_one_by_one() {
    sweep(&Way {
        has_five_actions: true,
        ..BY_OBJECT
    });
}

#[test]
fn the_five_actions_and_a_run_as_a_whole() {
    sweep(&Way {
        again: "--resume",
        has_five_actions: true,
        ..AS_A_WHOLE
    });
}

#[test]
fn the_five_actions_and_periods_that_are_replaced() {
    sweep(&Way {
        has_five_actions: true,
        ..REPLACING
    });
}

/// Kills a run at one request after the other, each on a store of its own.
fn sweep(way: &Way) {
    let whole = Sweep::new(way);
    let (_, requests) = whole.first_run(None);
    whole.ended_well("not killed", &Reported::default());
    let every = env::var("SPILE_TEST_KILL_EVERY");
    let every = every.map_or(11, |every| every.parse().expect("a number"));
    for n in (1..=requests).step_by(every) {
        for moment in [Moment::Before(n), Moment::After(n), Moment::Meanwhile(n)] {
            let sweep = Sweep::new(way);
            let mut reported = Reported::default();
            let (was_killed, made) = sweep.first_run(Some(moment));
            // Entries of a journal share segments where they meet, so that one run makes a few
            // requests less than another.
            assert!(was_killed || made < n, "{moment:?} of {requests}");
            if was_killed {
                if moment == Moment::After(n) || n % 2 == 0 {
                    sweep.recover(moment, &mut reported);
                }
                sweep.repeat(moment, &mut reported);
            }
            sweep.ended_well(&format!("{moment:?}"), &reported);
        }
    }
    println!(
        "{} kills at {requests} requests",
        3 * requests.div_ceil(every)
    );
}

/// Uploads that can't be removed, as whoever has found the run dead says.
#[derive(Debug, Default)]
struct Reported {
    uploads: BTreeSet<String>,
    /// Keys at which uploads may have begun that can't be looked for.
    keys: BTreeSet<String>,
}

impl Reported {
    fn add(&mut self, recovery: &Value) {
        let list = |name: &str| recovery[name].as_array().into_iter().flatten();
        let left = list("left").filter_map(|left| left["upload"].as_str());
        self.uploads.extend(left.map(str::to_owned));
        let unknown = list("unknown").filter_map(Value::as_str);
        self.keys.extend(unknown.map(str::to_owned));
    }
}

/// A run that is killed, and its repetition.
struct Sweep<'a> {
    way: &'a Way,
    store: Store,
    desk: Desk,
    /// What the store is asked by when nobody is killed.
    relay: Relay,
}

impl<'a> Sweep<'a> {
    /// What an earlier load of the connection has written stands there already.
    fn new(way: &'a Way) -> Self {
        let store = Store::new();
        let desk = store.admit(Desk::new());
        desk.write("before.jsonl", records(900, 20, 2..DAYS));
        for file in 0..FILES {
            let first = 1000 + 100 * file;
            let mut lines = records(first, RECORDS_OF_A_FILE, 0..DAYS);
            if way.has_bad {
                lines += &format!("{{\"id\":{}}}\n", bad(file));
            }
            desk.write(&format!("new-{file}.jsonl"), lines);
        }
        let server = store.endpoint.trim_start_matches("http://").to_owned();
        let is_denied = way.has_five_actions;
        let relay = Relay::answering(move |request| match is_denied && is_optional(request) {
            true => denied(),
            false => ask(&server, request),
        });
        let sweep = Self {
            way,
            store,
            desk,
            relay,
        };
        let words = sweep.load(&sweep.relay.url, "before", "before.jsonl", "");
        let ran = sweep.run(&words);
        assert_eq!(ran.code, 0, "{ran}");
        sweep
    }

    /// The words of a load.
    fn load(&self, endpoint: &str, run_id: &str, files: &str, flags: &str) -> Vec<&'static str> {
        let Store { bucket, prefix, .. } = &self.store;
        let (files, program) = match self.way.is_program {
            true => (String::new(), format!("-- cat {files}")),
            false => (files.to_owned(), String::new()),
        };
        let bad = match self.way.has_bad {
            true => "--on-bad-record quarantine --max-bad-records 1000",
            false => "",
        };
        let line = format!(
            "load {files} --stream orders --to s3://{bucket}/{prefix} --endpoint {endpoint} \
             --allow-http --key {{cursor_date}}-{{part}}.jsonl --cursor-field at \
             --object-rows 25 --connection-id c --connection-run-id {run_id} --output-format json \
             {bad} {flags} {program}"
        );
        // A test's few words may stay.
        line.leak().split_ascii_whitespace().collect()
    }

    fn run(&self, words: &[&str]) -> Ran {
        let output = self.desk.spile(words).output().expect("it runs");
        self.desk.ran(output)
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
            assert_eq!(status.code(), Some(self.exit()), "{status}");
        }
        (status.code().is_none(), requests.load(Ordering::SeqCst))
    }

    /// That of a load that has ended well.
    fn exit(&self) -> i32 {
        if self.way.has_bad { 9 } else { 0 }
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
        let relay = self.relay.url.trim_start_matches("http://").to_owned();
        let (process, requests) = (Arc::clone(process), Arc::clone(requests));
        Relay::answering(move |request| {
            let n = requests.fetch_add(1, Ordering::SeqCst) + 1;
            if moment == Some(Moment::Before(n)) {
                signal(*process.wait(), "KILL");
                return Vec::new();
            }
            if moment == Some(Moment::Meanwhile(n)) {
                let (relay, request) = (relay.clone(), request.to_vec());
                let done = thread::spawn(move || ask(&relay, &request));
                signal(*process.wait(), "KILL");
                drop(done.join());
                return Vec::new();
            }
            let answer = ask(&relay, request);
            if moment == Some(Moment::After(n)) {
                signal(*process.wait(), "KILL");
                return Vec::new();
            }
            answer
        })
    }

    /// What somebody does who has found it dead; whoever doesn't leaves it to the next run.
    fn recover(&self, moment: Moment, reported: &mut Reported) {
        let Store { bucket, prefix, .. } = &self.store;
        let line = format!(
            "recover --to s3://{bucket}/{prefix} --endpoint {} --allow-http --output-format json",
            self.relay.url
        );
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        for _twice in 0..2 {
            let ran = self.run(&words);
            assert_eq!(ran.code, 0, "{moment:?}: {ran}");
            let done = ran.json();
            let recovered = done["recovered"].as_array().into_iter().flatten();
            recovered.for_each(|recovery| reported.add(recovery));
        }
    }

    /// The run again, as somebody does who has found it dead.
    fn repeat(&self, moment: Moment, reported: &mut Reported) {
        let flags = format!("{} {}", self.way.flags, self.way.again);
        let words = self.load(&self.relay.url, "r", &files(), &flags);
        let ran = self.run(&words);
        assert_eq!(ran.code, self.exit(), "{moment:?}: {ran}");
        reported.add(&ran.json()["recovered"]);
    }

    /// Each record is there once, and those from before where they aren't replaced; the manifest
    /// says what is there, and no upload is left that nobody has reported.
    fn ended_well(&self, what: &str, reported: &Reported) {
        let objects = self.store.objects();
        let old = (900..920).filter(|_| !self.way.replaces);
        let new = (0..FILES as u64).flat_map(|file| {
            let first = 1000 + 100 * file;
            first..first + RECORDS_OF_A_FILE as u64
        });
        let expect: BTreeMap<u64, usize> = old.chain(new).map(|id| (id, 1)).collect();
        let id = |line: &str| json(line)["id"].as_u64().expect("an id");
        assert_eq!(
            counts(&objects, id),
            expect,
            "{what}: each record once: {:?}",
            objects.keys()
        );
        let bad_ones = (0..FILES).filter(|_| self.way.has_bad);
        let expect: BTreeMap<u64, usize> = bad_ones.map(|file| (bad(file), 1)).collect();
        let id = |line: &str| id(json(line)["record"].as_str().expect("a record"));
        assert_eq!(
            counts(&self.store.quarantined(), id),
            expect,
            "{what}: each bad record once"
        );
        // Beside the manifest there are journals only of attempts whose uploads are left.
        let mut kept = self.store.kept();
        kept.retain(|name| name.contains("/runs/r/"));
        if self.way.has_five_actions {
            kept.retain(|name| name.ends_with("manifest.json"));
        }
        assert_eq!(kept.len(), 1, "{what}: {kept:?}");
        let mut left = self.store.uploads();
        if self.way.has_five_actions {
            // What a store is tried out with is no object of a run.
            left.retain(|(key, _)| !key.contains("/.spile-probe-"));
        }
        let is_reported = |(key, id): &&(String, String)| {
            reported.uploads.contains(id) || reported.keys.contains(key)
        };
        let unreported = left.iter().find(|upload| !is_reported(upload));
        assert_eq!(
            unreported, None,
            "{what}: every upload is reported: {reported:?}"
        );
        if !self.way.has_five_actions {
            assert_eq!(left, [], "{what}: no upload is left");
        }
    }
}

/// How often each record is there, by its id.
fn counts(objects: &BTreeMap<String, Vec<u8>>, id: impl Fn(&str) -> u64) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    for body in objects.values() {
        let text = std::str::from_utf8(body).expect("a text");
        for line in text.lines() {
            *counts.entry(id(line)).or_default() += 1;
        }
    }
    counts
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a record")
}

/// Records whose days repeat one after the other.
fn records(first: usize, count: usize, days: std::ops::Range<usize>) -> String {
    let line = |n: usize| {
        let day = days.start + n % days.len() + 1;
        format!("{{\"id\":{},\"at\":\"2025-04-{day:02}\"}}\n", first + n)
    };
    (0..count).map(line).collect()
}

/// The id of the record of a file that has no cursor.
fn bad(file: usize) -> u64 {
    2000 + file as u64
}

fn files() -> String {
    let names = (0..FILES).map(|file| format!("new-{file}.jsonl"));
    names.collect::<Vec<_>>().join(" ")
}
