//! What waits has bounds.

use std::sync::{Arc, Mutex};

use spile_core::{CutPolicy, Ending, PublishMode, WriteMode};

use crate::kit;
use crate::player::Known;
use crate::schedule::{Attempt, NONE, Schedule};
use crate::script::{Event, Kind, Record, Script};
use crate::sink::Told;

/// Records, each with a long checkpoint behind it.
fn long_checkpoints(count: usize) -> Script {
    let record = |number| {
        Event::Record(Record {
            stream: 0,
            number,
            generation: None,
            day: 1,
            column: 0,
            kind: Kind::Good,
        })
    };
    let checkpoint = || Event::Checkpoint {
        stream: None,
        supersedes: false,
        pad: 300 << 10,
    };
    Script {
        events: (0..count)
            .flat_map(|number| [record(number), checkpoint()])
            .collect(),
    }
}

/// A source that is faster than the bucket is held back, however few its records are.
#[test]
fn texts_wait_for_uploads_in_bounds() {
    let schedule = Schedule {
        script: Arc::new(long_checkpoints(80)),
        rows_max: None,
        open_bytes: 1 << 20,
        upload_bytes: 1 << 20,
        part_bytes: 1 << 20,
        cuts: CutPolicy {
            bytes: 1,
            age_ms: None,
            text_bytes: 1 << 20,
        },
        publish: PublishMode::Object,
        write: WriteMode::Append,
        resumes: false,
        bad_records_max: None,
        troubles: Vec::new(),
        ..Schedule::of(0)
    };
    let told = Arc::new(Mutex::new(Told::default()));
    let ended = schedule.attempt(&kit::bucket(), 1, NONE, &Known::new(), &told);
    let Attempt::Ended(outcome) = ended else {
        panic!("it has died");
    };
    assert!(matches!(outcome.ending, Ending::Done), "{outcome:?}");
    let told = told.lock().expect("no panic");
    assert_eq!(told.count, 80);
    let waited = told.waited_bytes >> 10;
    assert!(waited < 10 << 10, "{waited} KiB have waited");
}
