//! The writer, some steps behind: while it writes what was decoded, on a thread of its own, the next records
//! are decoded. Its steps aren't alike (most rows are only taken in, and then a page of each column is
//! compressed), so that one step ahead would have both threads wait for each other.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use arrow::array::RecordBatch;
use spile_core::EncodeError;

use super::library;
use super::writer::Writer;

/// A writer, and the rows that it has yet to write.
///
/// What is known of it is how it was a certain number of steps ago: how large an object has become never
/// depends on how fast a thread was.
pub(super) struct Behind {
    writer: Arc<Mutex<Writer>>,
    is_started: bool,
    /// Those that weren't waited for yet.
    steps: VecDeque<Step>,
    known: Known,
    /// What came out of the writer and wasn't taken.
    output: Vec<u8>,
}

/// Rows that are written.
struct Step {
    rows_bytes: usize,
    /// Without a report if the writer has panicked.
    report: Receiver<Report>,
}

/// What has become of a step.
struct Report {
    written: Result<(), EncodeError>,
    output: Vec<u8>,
    known: Known,
}

/// What the writer takes up, and what of its rows that hasn't come out will come to.
#[derive(Clone, Copy, Default)]
struct Known {
    memory_bytes: usize,
    pending_bytes: usize,
}

/// Steps of one object, and of all objects together, that wait. Each is a batch.
const STEPS: usize = 4;
/// Decoded rows are expected to be this many times as large as encoded ones.
pub(super) const SHRINKS: usize = 3;

impl Behind {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            writer: Arc::new(Mutex::new(writer)),
            is_started: false,
            steps: VecDeque::new(),
            known: Known::default(),
            output: Vec::new(),
        }
    }

    pub(super) fn is_started(&self) -> bool {
        self.is_started
    }

    /// Writes some rows, now.
    pub(super) fn write(&mut self, batches: &[RecordBatch]) -> Result<(), EncodeError> {
        if batches.is_empty() {
            return Ok(());
        }
        self.catch_up(0)?;
        self.is_started = true;
        let report = step(&self.writer, batches);
        self.take_in(report)
    }

    /// Writes some rows once those before them are written. What is wrong with them is told by a later call.
    pub(super) fn write_later(&mut self, batches: Vec<RecordBatch>) -> Result<(), EncodeError> {
        if batches.is_empty() {
            return Ok(());
        }
        self.catch_up(STEPS - 1)?;
        self.is_started = true;
        let rows_bytes = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let (done, report) = channel();
        self.steps.push_back(Step { rows_bytes, report });
        let writer = Arc::clone(&self.writer);
        let work: Work = Box::new(move || {
            let report = step(&writer, &batches);
            // Once it is told, all that it needed is free again.
            drop((writer, batches));
            // Nobody waits for an object that was given up.
            drop(done.send(report));
        });
        work_thread()?.send(work).map_err(|_| dead())
    }

    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, EncodeError> {
        self.catch_up(0)?;
        let writer = Arc::into_inner(self.writer).ok_or_else(dead)?;
        let writer = writer.into_inner().map_err(|_| dead())?;
        append(&mut self.output, writer.finish()?);
        Ok(self.output)
    }

    pub(super) fn output_bytes(&self) -> usize {
        self.output.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let rows_bytes: usize = self.steps.iter().map(|step| step.rows_bytes).sum();
        self.output.capacity() + self.known.memory_bytes + rows_bytes
    }

    pub(super) fn pending_bytes(&self) -> usize {
        let rows_bytes: usize = self.steps.iter().map(|step| step.rows_bytes).sum();
        self.known.pending_bytes + rows_bytes / SHRINKS
    }

    /// Waits until no more than so many steps are open.
    fn catch_up(&mut self, open: usize) -> Result<(), EncodeError> {
        while self.steps.len() > open
            && let Some(step) = self.steps.pop_front()
        {
            let report = step.report.recv().map_err(|_| dead())?;
            self.take_in(report)?;
        }
        Ok(())
    }

    fn take_in(&mut self, report: Report) -> Result<(), EncodeError> {
        append(&mut self.output, report.output);
        self.known = report.known;
        report.written
    }
}

/// Writes some rows: after those that came before, since there is one thread.
fn step(writer: &Mutex<Writer>, batches: &[RecordBatch]) -> Report {
    let Ok(mut writer) = writer.lock() else {
        return Report {
            written: Err(dead()),
            output: Vec::new(),
            known: Known::default(),
        };
    };
    let written = batches.iter().try_for_each(|batch| writer.write(batch));
    Report {
        written,
        output: writer.take_output(),
        known: Known {
            memory_bytes: writer.memory_bytes(),
            pending_bytes: writer.pending_bytes(),
        },
    }
}

fn append(output: &mut Vec<u8>, more: Vec<u8>) {
    match output.is_empty() {
        true => *output = more,
        false => output.extend_from_slice(&more),
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The one thread that writes large batches: memory that was freed on one thread is of no use to another.
fn work_thread() -> Result<&'static SyncSender<Work>, EncodeError> {
    static THREAD: OnceLock<SyncSender<Work>> = OnceLock::new();
    if let Some(work) = THREAD.get() {
        return Ok(work);
    }
    let (work, to_do) = sync_channel::<Work>(STEPS);
    thread::Builder::new()
        .name("parquet-writer".into())
        .spawn(move || {
            for work in to_do {
                // Of what panicked, there is no report; other objects go on.
                drop(panic::catch_unwind(AssertUnwindSafe(work)));
            }
        })
        .map_err(library)?;
    // Should two threads have begun one, the other ends with its sender.
    Ok(THREAD.get_or_init(|| work))
}

fn dead() -> EncodeError {
    library("its writer has panicked")
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use parquet::file::properties::WriterProperties;

    use super::*;

    fn batch(number: i64) -> RecordBatch {
        let values = Int64Array::from_iter_values((0..3_000).map(|row| row * number));
        RecordBatch::try_from_iter([("n", Arc::new(values) as ArrayRef)]).unwrap()
    }

    fn behind() -> Behind {
        let properties = Arc::new(WriterProperties::builder().build());
        Behind::new(Writer::new(batch(0).schema(), properties))
    }

    /// How it counts after some steps, and what they come to.
    fn written(steps: i64) -> (usize, usize, Vec<u8>) {
        let mut behind = behind();
        (0..steps).for_each(|number| behind.write_later(vec![batch(number)]).unwrap());
        let (memory, pending) = (behind.memory_bytes(), behind.pending_bytes());
        (memory, pending, behind.finish().unwrap())
    }

    #[test]
    fn a_step_later_is_the_same_as_now() {
        let mut now = behind();
        (0..9).for_each(|number| now.write(&[batch(number)]).unwrap());
        let (_, _, bytes) = written(9);
        assert!(bytes == now.finish().unwrap());
    }

    #[test]
    fn a_thread_that_is_slow_changes_nothing() {
        let fast = written(3);
        let (release, held) = channel::<()>();
        let slow: Work = Box::new(move || {
            let _released = held.recv();
        });
        work_thread().unwrap().send(slow).unwrap();
        let mut behind = behind();
        (0..3).for_each(|number| behind.write_later(vec![batch(number)]).unwrap());
        let counted = (behind.memory_bytes(), behind.pending_bytes());
        drop(release);
        assert_eq!(counted, (fast.0, fast.1));
        assert!(behind.finish().unwrap() == fast.2);
    }

    #[test]
    fn what_is_wrong_is_told_later() {
        let other = StringArray::from(vec!["no number"]);
        let other = RecordBatch::try_from_iter([("n", Arc::new(other) as ArrayRef)]).unwrap();
        let mut behind = behind();
        behind.write_later(vec![batch(1)]).unwrap();
        behind.write_later(vec![other]).unwrap();
        assert!(behind.finish().is_err());
    }

    #[test]
    fn others_go_on_when_one_panics_or_is_given_up() {
        let wrong: Work = Box::new(|| panic!("a fault of the library"));
        work_thread().unwrap().send(wrong).unwrap();
        let mut given_up = behind();
        given_up.write_later(vec![batch(1)]).unwrap();
        drop(given_up);
        assert!(!written(5).2.is_empty());
    }
}
