//! The writer, a step behind: while it writes what was decoded, on a thread of its own, the next records are
//! decoded.

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use arrow::array::RecordBatch;
use spile_core::EncodeError;

use super::library;
use super::writer::Writer;

/// A writer that may be away.
///
/// While it is, it counts as it was when it left: how large an object has become never depends on how fast
/// a thread was.
pub(super) struct Behind {
    place: Place,
    /// What came out of it before it left, and wasn't taken.
    output: Vec<u8>,
}

enum Place {
    Here(Box<Writer>),
    Away {
        back: Receiver<Back>,
        known: Known,
    },
    /// It has failed, and that was told.
    Lost,
}

type Back = (Box<Writer>, Result<(), EncodeError>);

/// What is known of a writer that is away: its own memory and that of the rows that it has taken along, and
/// what both will come to.
struct Known {
    memory_bytes: usize,
    pending_bytes: usize,
}

/// Decoded rows are expected to be this many times as large as encoded ones.
pub(super) const SHRINKS: usize = 3;

impl Behind {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            place: Place::Here(Box::new(writer)),
            output: Vec::new(),
        }
    }

    pub(super) fn is_started(&self) -> bool {
        match &self.place {
            Place::Here(writer) => writer.is_started(),
            Place::Away { .. } | Place::Lost => true,
        }
    }

    /// Writes some rows, now.
    pub(super) fn write(&mut self, batches: &[RecordBatch]) -> Result<(), EncodeError> {
        if batches.is_empty() {
            return Ok(());
        }
        let mut writer = self.take()?;
        let written = write_all(&mut writer, batches);
        self.place = Place::Here(writer);
        written
    }

    /// Writes some rows once those before them are written. What is wrong with them is told at the next call.
    pub(super) fn write_later(&mut self, batches: Vec<RecordBatch>) -> Result<(), EncodeError> {
        if batches.is_empty() {
            return Ok(());
        }
        let mut writer = self.take()?;
        append(&mut self.output, writer.take_output());
        let rows_bytes: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let known = Known {
            memory_bytes: writer.memory_bytes() + rows_bytes,
            pending_bytes: writer.pending_bytes() + rows_bytes / SHRINKS,
        };
        let (done, back) = channel();
        work_thread()?
            .send(Box::new(move || {
                let written = write_all(&mut writer, &batches);
                // Nobody waits for an object that was given up.
                drop((batches, done.send((writer, written))));
            }))
            .map_err(|_| dead())?;
        self.place = Place::Away { back, known };
        Ok(())
    }

    pub(super) fn take_output(&mut self) -> Vec<u8> {
        if let Place::Here(writer) = &mut self.place {
            append(&mut self.output, writer.take_output());
        }
        std::mem::take(&mut self.output)
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, EncodeError> {
        let writer = self.take()?;
        append(&mut self.output, writer.finish()?);
        Ok(self.output)
    }

    pub(super) fn output_bytes(&self) -> usize {
        let here = match &self.place {
            Place::Here(writer) => writer.output_bytes(),
            Place::Away { .. } | Place::Lost => 0,
        };
        self.output.len() + here
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let writer = match &self.place {
            Place::Here(writer) => writer.memory_bytes(),
            Place::Away { known, .. } => known.memory_bytes,
            Place::Lost => 0,
        };
        self.output.capacity() + writer
    }

    pub(super) fn pending_bytes(&self) -> usize {
        match &self.place {
            Place::Here(writer) => writer.pending_bytes(),
            Place::Away { known, .. } => known.pending_bytes,
            Place::Lost => 0,
        }
    }

    /// The writer, once it is back.
    fn take(&mut self) -> Result<Box<Writer>, EncodeError> {
        match std::mem::replace(&mut self.place, Place::Lost) {
            Place::Here(writer) => Ok(writer),
            Place::Away { back, .. } => {
                let (writer, written) = back.recv().map_err(|_| dead())?;
                written.map(|()| writer)
            }
            Place::Lost => Err(library("it has failed before")),
        }
    }
}

fn write_all(writer: &mut Writer, batches: &[RecordBatch]) -> Result<(), EncodeError> {
    batches.iter().try_for_each(|batch| writer.write(batch))
}

fn append(output: &mut Vec<u8>, more: Vec<u8>) {
    match output.is_empty() {
        true => *output = more,
        false => output.extend_from_slice(&more),
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The one thread that writes: memory that was freed on one thread is of no use to another, and only one
/// object is written at a time.
fn work_thread() -> Result<&'static Sender<Work>, EncodeError> {
    static THREAD: OnceLock<Sender<Work>> = OnceLock::new();
    if let Some(work) = THREAD.get() {
        return Ok(work);
    }
    let (work, to_do) = channel::<Work>();
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
