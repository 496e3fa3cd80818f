//! Loads through faults come to what they come to without.

use std::collections::BTreeMap;
use std::thread;

use crate::kit::{Desk, FaultProxy, Seed, Seen, Store, seeded};

/// A load of a few records, and how it is repeated.
#[derive(Clone, Copy, Debug)]
struct Load {
    format: &'static str,
    write: &'static str,
    /// Further flags.
    flags: &'static str,
    /// What the second of two loads is: a run of its own, or the first again.
    second: &'static str,
    /// How much text each record has.
    pad: usize,
    records: usize,
    /// How many periods they are of.
    days: usize,
}

const SMALL: Load = Load {
    format: "jsonl",
    write: "append",
    flags: "--object-rows 4 --upload-concurrency 16",
    second: "--connection-run-id r2",
    pad: 10,
    records: 48,
    days: 6,
};

const AS_A_WHOLE: Load = Load {
    flags: "--object-rows 4 --upload-concurrency 16 --publish run",
    ..SMALL
};

const LOADS: [Load; 10] = [
    SMALL,
    Load {
        format: "csv.gz",
        ..SMALL
    },
    Load {
        format: "parquet",
        ..SMALL
    },
    Load {
        write: "overwrite",
        ..SMALL
    },
    Load {
        format: "csv.gz",
        write: "overwrite",
        ..SMALL
    },
    Load {
        format: "parquet",
        write: "overwrite",
        ..SMALL
    },
    AS_A_WHOLE,
    Load {
        second: "--connection-run-id r1 --redo",
        ..AS_A_WHOLE
    },
    Load {
        write: "replace",
        flags: "--object-rows 4 --upload-concurrency 16 --covers touched",
        ..SMALL
    },
    Load {
        second: "--connection-run-id r1 --resume",
        ..SMALL
    },
];

/// Objects of several parts.
const LARGE: [Load; 2] = [
    Load {
        flags: "--object-rows 900",
        pad: 10_000,
        records: 1_800,
        days: 1,
        ..SMALL
    },
    Load {
        write: "overwrite",
        flags: "--object-rows 900",
        pad: 10_000,
        records: 1_800,
        days: 1,
        ..SMALL
    },
];

/// Fewer than this, and the tests prove little.
const FAULTS: usize = 1_000;

impl Load {
    fn input(&self) -> String {
        let record = |id: usize| {
            let pad = self.pad;
            format!(
                "{{\"id\":{id},\"day\":\"2025-04-1{}\",\"text\":\"{id:0pad$}\"}}\n",
                id % self.days
            )
        };
        (0..self.records).map(record).collect()
    }

    /// Loads twice to the same keys, the second time with what the first has remembered.
    fn run(&self, store: &Store, what: &str) {
        let desk = store.admit(Desk::new());
        desk.write("s.jsonl", self.input());
        let Self {
            format,
            write,
            flags,
            second,
            ..
        } = self;
        let to = store.to();
        for run in ["--connection-run-id r1", second] {
            let line = format!(
                "spile load s.jsonl {to} --format {format} --write {write} {flags} \
                 --key '{{cursor_iso_date}}/{{stream_name}}-{{part}}.{{extension}}' \
                 --cursor-field day --connection-id c {run} \
                 --load-time 2025-04-14T11:23:45Z --retry-time 3m --quiet"
            );
            let ran = desk.run(&format!("SPILE_LIMITS__REQUEST_TIME=3s {line}"));
            assert_eq!(ran.code, 0, "{what}: {self:?}\n{ran}");
        }
    }

    /// What it comes to without faults.
    fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let store = Store::new();
        self.run(&store, "no fault");
        outcome(&store)
    }

    /// Loads through the faults of a seed; says what they were.
    fn check(&self, expected: &BTreeMap<String, Vec<u8>>, seed: Seed, number: u64) -> Seen {
        let what = format!("{seed}, number {number}");
        let store = Store::new();
        let proxy = FaultProxy::before(&store.endpoint, seeded(seed.of(number)));
        self.run(&store.through(&proxy.url), &what);
        let (objects, seen) = (outcome(&store), proxy.seen());
        assert_eq!(
            objects.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>(),
            "{what}: {self:?}\n{seen}"
        );
        assert!(
            objects == *expected,
            "{what}: other bytes: {self:?}\n{seen}"
        );
        let unfinished = store.unfinished();
        assert!(
            unfinished <= seen.lost_uploads(),
            "{what}: {unfinished} uploads are left: {self:?}\n{seen}"
        );
        seen
    }
}

/// What was loaded, and what is remembered of it. The records of runs tell times.
fn outcome(store: &Store) -> BTreeMap<String, Vec<u8>> {
    let mut objects = store.objects();
    objects.retain(|name, _| !name.starts_with("_spile") || name.starts_with("_spile/schemas"));
    objects
}

/// Runs loads under one seed after the other, until they have met so many faults.
fn check(loads: &[Load], at_once: u64, faults: usize) {
    let seed = Seed::new();
    let expected: Vec<_> = loads.iter().map(Load::expected).collect();
    let mut all = Seen::default();
    let mut next = 0;
    while all.faults() < faults {
        let numbers = next..next + at_once;
        next = numbers.end;
        thread::scope(|scope| {
            let running: Vec<_> = numbers
                .map(|number| {
                    let which = number as usize % loads.len();
                    let (load, expected) = (&loads[which], &expected[which]);
                    scope.spawn(move || load.check(expected, seed, number))
                })
                .collect();
            for ran in running {
                all.add(ran.join().expect("it is as without faults"));
            }
        });
    }
    all.tell();
}

#[test]
fn of_small_objects() {
    // Mostly they wait.
    check(&LOADS, 24, FAULTS);
}

#[test]
fn of_objects_in_parts() {
    check(&LARGE, 4, 60);
}
