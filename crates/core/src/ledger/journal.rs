//! The journal of a run: what it does, written down before it does it.
//!
//! Its segments are objects that are never changed, numbered without gaps, each created only where
//! none stands. So whoever takes a run over writes the next segment, and the run, if it is alive
//! after all, can't write any more: where the store refuses to replace, that is a fence.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::entry::Entry;
use super::shelf::{LedgerError, Series, Shelf};

/// Writes a journal. It is cheap to clone; all clones write the same one.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    lines: mpsc::UnboundedSender<Line>,
}

/// An entry on its way into a segment.
struct Line {
    text: Vec<u8>,
    /// Told when it is durable, where somebody waits for that.
    durable: Option<oneshot::Sender<Result<(), Arc<LedgerError>>>>,
}

/// Writes the segments.
struct Writer {
    shelf: Shelf,
    series: Series,
    next: u32,
    failed: Option<Arc<LedgerError>>,
}

/// Entries that nobody waits for are written at the latest when there are so many bytes of them.
const SEGMENT_BYTES: usize = 256 << 10;

impl Journal {
    /// A journal whose next segment has a number.
    pub(crate) fn new(shelf: Shelf, series: Series, next: u32) -> Self {
        let (lines, received) = mpsc::unbounded_channel();
        let writer = Writer {
            shelf,
            series,
            next,
            failed: None,
        };
        tokio::spawn(writer.run(received));
        Self { lines }
    }

    /// Writes an entry down, and whatever was noted before it. They are durable when this returns.
    /// Entries of many callers at once share a segment.
    pub(crate) async fn record(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.record_all(std::slice::from_ref(entry)).await
    }

    /// Writes entries down together: all of them are in one segment, however many there are.
    pub(crate) async fn record_all(&self, entries: &[Entry]) -> Result<(), LedgerError> {
        let (durable, told) = oneshot::channel();
        self.send(entries, Some(durable));
        match told.await {
            Ok(written) => written.map_err(of_writer),
            // The writer ends only with the last journal, which isn't this one.
            Err(_) => Err(LedgerError::TakenOver),
        }
    }

    /// Writes an entry down with the next one that is waited for.
    pub(crate) fn note(&self, entry: &Entry) {
        self.send(std::slice::from_ref(entry), None);
    }

    fn send(
        &self,
        entries: &[Entry],
        durable: Option<oneshot::Sender<Result<(), Arc<LedgerError>>>>,
    ) {
        let mut text = Vec::new();
        for entry in entries {
            // Texts and numbers alone: there is nothing that could fail.
            text.append(&mut serde_json::to_vec(entry).unwrap_or_default());
            text.push(b'\n');
        }
        // Where the writer is gone, whoever waits is told by that.
        let _gone = self.lines.send(Line { text, durable });
    }
}

/// A fence stays one; other failures are told as the first was.
fn of_writer(error: Arc<LedgerError>) -> LedgerError {
    match *error {
        LedgerError::TakenOver => LedgerError::TakenOver,
        _ => LedgerError::Journal(error),
    }
}

impl Writer {
    async fn run(mut self, mut lines: mpsc::UnboundedReceiver<Line>) {
        let (mut text, mut waiting) = (Vec::new(), Vec::new());
        while let Some(line) = lines.recv().await {
            let mut next = Some(line);
            while let Some(line) = next {
                text.extend(line.text);
                waiting.extend(line.durable);
                next = lines.try_recv().ok();
            }
            if waiting.is_empty() && text.len() < SEGMENT_BYTES {
                continue;
            }
            let written = self.write(Bytes::from(std::mem::take(&mut text))).await;
            for waiting in waiting.drain(..) {
                // Whoever waited may be gone.
                let _gone = waiting.send(written.clone());
            }
        }
    }

    /// Writes a segment. After a failure none is written any more: there would be a gap.
    async fn write(&mut self, text: Bytes) -> Result<(), Arc<LedgerError>> {
        if let Some(error) = &self.failed {
            return Err(Arc::clone(error));
        }
        let written = self.try_write(text).await.map_err(Arc::new);
        match &written {
            Ok(()) => self.next += 1,
            Err(error) => {
                tracing::warn!(%error, "the journal can't be written");
                self.failed = Some(Arc::clone(error));
            }
        }
        written
    }

    async fn try_write(&self, text: Bytes) -> Result<(), LedgerError> {
        let key = self.series.key(&self.shelf, self.next)?;
        match self.shelf.create(&key, text).await? {
            true => Ok(()),
            false => Err(LedgerError::TakenOver),
        }
    }
}
