//! The writer, some steps behind: while it writes what was decoded, on a thread of its own, the next records
//! are decoded. Its steps aren't alike (most rows are only taken in, and then a page of each column is
//! compressed), so that one step ahead would have both threads wait for each other.

use std::collections::VecDeque;
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
    /// Without a report if the thread has died.
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

/// The one thread that writes: memory that was freed on one thread is of no use to another.
fn work_thread() -> Result<&'static SyncSender<Work>, EncodeError> {
    static THREAD: OnceLock<SyncSender<Work>> = OnceLock::new();
    if let Some(work) = THREAD.get() {
        return Ok(work);
    }
    let (work, to_do) = sync_channel::<Work>(STEPS);
    thread::Builder::new()
        .name("parquet-writer".into())
        .spawn(move || to_do.into_iter().for_each(|work| work()))
        .map_err(library)?;
    // Should two threads have begun one, the other ends with its sender.
    Ok(THREAD.get_or_init(|| work))
}

fn dead() -> EncodeError {
    library("the thread that writes has died")
}
