//! How a run ends: what was sealed appears, or doesn't, and what is kept of the run says so.

use std::collections::HashSet;

use super::PublishMode;
use super::outcome::{Ending, Outcome, RunError};
use super::under_way::{Run, asked_to};
use crate::ledger::{AttemptStatus, Cut, LedgerError, Manifest};
use crate::loader::Loader;
use crate::object_upload::{StagedObject, Uploaded};
use crate::receipt::{Receipt, Unpublished, UploadError};
use crate::source::StreamName;

impl Run {
    /// Waits for all objects that were sealed; those that are still open are given up. Then those
    /// that waited for the run's end are published, if it has ended well. Nobody can stop it after
    /// the first of them: some objects replaced and others not is worse than all.
    pub(super) async fn settle(&mut self, ending: Ending) -> Ending {
        self.uploader.give_up_open();
        let ending = match self.wait(ending).await {
            Ending::Done if *self.stop.borrow() => Ending::Interrupted,
            Ending::Done => match self.may_publish().await {
                Ok(()) => Ending::Done,
                Err(error) => Ending::Failed(error),
            },
            ending => ending,
        };
        let staged = std::mem::take(&mut self.staged);
        match &ending {
            Ending::Done => staged.into_iter().for_each(|it| self.uploader.publish(it)),
            // Whoever recovers the run knows what was written down before the journal broke off.
            Ending::Failed(error) if is_broken(error) => self.leave(staged),
            Ending::Interrupted | Ending::Failed(_) => {
                staged.into_iter().for_each(|it| self.uploader.discard(it));
            }
        }
        self.wait(ending).await
    }

    /// Writes down that all that is staged is to appear, and what goes for it.
    async fn may_publish(&mut self) -> Result<(), RunError> {
        let is_behind = self.is_behind();
        let Some(record) = &mut self.record else {
            return Ok(());
        };
        let of_stream = |stream: &StreamName| {
            let staged = self.staged.iter().map(|staged| &staged.receipt);
            staged
                .chain(&self.receipts)
                .filter(|receipt| receipt.stream == *stream && !receipt.is_quarantine)
                .collect::<Vec<&Receipt>>()
        };
        let fault = |stream: &StreamName, fault| RunError::Cover {
            stream: stream.clone(),
            fault,
        };
        for (stream, covers) in &self.replaces {
            let receipts = of_stream(stream);
            let superseded = record.supersede(stream, *covers, &receipts).await?;
            superseded.map_err(|found| fault(stream, found))?;
        }
        for (stream, generations) in &self.activated {
            let receipts = of_stream(stream);
            record.outdate(stream, *generations, &receipts).await?;
        }
        let checkpoint = self.watermark.last_checkpoint();
        let checkpoint = checkpoint.or(self.checkpoint.as_deref());
        Ok(record.publish(checkpoint, is_behind).await?)
    }

    /// Whether records were read that the last checkpoint doesn't know.
    fn is_behind(&self) -> bool {
        self.loader.as_ref().is_some_and(Loader::is_behind)
    }

    /// What is staged stays, for whoever recovers the run.
    fn leave(&mut self, staged: Vec<StagedObject>) {
        let left = staged.into_iter().map(StagedObject::into_unpublished);
        self.unpublished.extend(left);
    }

    /// Waits for all objects on their way. The first failure decides how the run ended.
    async fn wait(&mut self, mut ending: Ending) -> Ending {
        while let Some(done) = self.uploader.next_done().await {
            match (self.uploaded(done), &ending) {
                (Ok(()), _) => {}
                (Err(error), Ending::Failed(first)) => {
                    tracing::debug!(%error, %first, "a further object failed");
                }
                (Err(error), _) => ending = Ending::Failed(error.into()),
            }
        }
        ending
    }

    /// Notes what has become of an object, also where that is less than was meant.
    pub(super) fn uploaded(
        &mut self,
        done: Result<Uploaded, UploadError>,
    ) -> Result<(), UploadError> {
        match done {
            Ok(Uploaded::Staged(staged)) => self.staged.push(staged),
            Ok(Uploaded::Published(receipt)) => {
                self.progress.published(receipt.bytes);
                self.watermark.finished(receipt.object);
                self.receipts.push(receipt);
            }
            Err(UploadError::Publish { left, source }) => {
                self.unpublished.push(Unpublished::clone(&left));
                return Err(UploadError::Publish { left, source });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Releases the checkpoints before which all objects have appeared: whoever is told of them finds
    /// them in the record of the run, too.
    pub(super) async fn release(&mut self) -> Result<(), RunError> {
        let Some(safe) = self.watermark.released() else {
            return Ok(());
        };
        if let Some(record) = &self.record {
            record.release(&safe).await?;
        }
        self.tell(safe.cut).await
    }

    /// Takes in nothing more while the texts of checkpoints fill the memory.
    pub(super) async fn hold_back(&mut self) -> Result<(), RunError> {
        while self.watermark.text_bytes() > self.unreleased_bytes_max {
            let done = tokio::select! {
                biased;
                () = asked_to(&mut self.stop) => None,
                done = self.uploader.next_done() => done,
            };
            let Some(done) = done else { break };
            self.uploaded(done)?;
            self.release().await?;
        }
        Ok(())
    }

    /// Whoever doesn't listen any more is told nothing more: later checkpoints would leave a gap.
    async fn tell(&mut self, cut: Cut) -> Result<(), RunError> {
        self.checkpoint = Some(cut.checkpoint);
        let Some(mut sink) = self.sink.take() else {
            return Ok(());
        };
        let told = sink.release(&cut.released).await;
        told.map_err(RunError::Sink)?;
        self.sink = Some(sink);
        Ok(())
    }

    /// Ends what is kept of the run, and says what came of it.
    pub(super) async fn close(mut self, ending: Ending) -> Outcome {
        self.receipts.sort_by_key(|receipt| receipt.object);
        self.unpublished.sort_by_key(|left| left.object);
        let (ending, manifest) = match self.close_record(&ending).await {
            Ok(manifest) => (ending, manifest),
            Err(error) => match ending {
                Ending::Done => (Ending::Failed(error), None),
                ending => {
                    tracing::warn!(%error, "how the run has ended can't be written down or told");
                    (ending, None)
                }
            },
        };
        self.remember().await;
        let routes = self.loader.as_ref().map(Loader::routes).unwrap_or_default();
        let (quarantine, receipts) = self.receipts.into_iter().partition(|it| it.is_quarantine);
        Outcome {
            ending,
            manifest,
            recovered: self.recovered,
            checkpoint: self.checkpoint,
            receipts,
            quarantine,
            unpublished: self.unpublished,
            rows_read: self.progress.rows_read(),
            routes: routes.len(),
            unmatched: self.selection.unmatched(),
            distinct_routes: routes.iter().collect::<HashSet<_>>().len(),
        }
    }

    /// Writes down how the run has ended. Whoever is to be told of checkpoints is told afterwards
    /// where it is whole, and before where it isn't.
    async fn close_record(&mut self, ending: &Ending) -> Result<Option<Manifest>, RunError> {
        let is_done = matches!(ending, Ending::Done);
        let is_broken = matches!(ending, Ending::Failed(error) if is_broken(error));
        let is_behind = self.is_behind();
        let mut told = Ok(());
        if !is_done && !is_broken && self.publish == PublishMode::Object {
            told = self.release().await;
        }
        let last = self.watermark.released().filter(|_| is_done);
        let last = last.map(|safe| safe.cut);
        let manifest = match self.record.take() {
            Some(record) if is_done => {
                let released = last.as_ref().map(|cut| cut.checkpoint.clone());
                let checkpoint = released.or_else(|| self.checkpoint.clone());
                Some(
                    record
                        .conclude(&self.receipts, checkpoint, is_behind)
                        .await?,
                )
            }
            Some(record) => {
                let status = match ending {
                    Ending::Failed(error) if is_broken || !self.unpublished.is_empty() => {
                        record.abandon(is_taken_over(error)).await;
                        return told.map(|()| None);
                    }
                    Ending::Interrupted => AttemptStatus::Interrupted,
                    _ => AttemptStatus::Failed,
                };
                record.end(status, &self.receipts).await?;
                None
            }
            None => None,
        };
        if let Some(cut) = last {
            told = self.tell(cut).await;
        }
        told.map(|()| manifest)
    }

    /// Writes down what the objects have. They are all there: that it can't be written must not make
    /// anybody load them once more, so it is a warning.
    async fn remember(&self) {
        let Some(memory) = &self.schema_memory else {
            return;
        };
        let loaded: Vec<&Receipt> = self
            .receipts
            .iter()
            .filter(|it| !it.is_quarantine)
            .collect();
        if let Err(error) = memory.remember(&loaded).await {
            tracing::warn!("the next run won't know the columns of this one: failed to {error}");
        }
    }
}

/// Whether another process has taken the run over.
fn is_taken_over(error: &RunError) -> bool {
    matches!(
        error,
        RunError::Ledger(LedgerError::TakenOver)
            | RunError::Upload(UploadError::Ledger(LedgerError::TakenOver))
    )
}

/// Whether the journal can't be written any further.
fn is_broken(error: &RunError) -> bool {
    matches!(
        error,
        RunError::Ledger(_) | RunError::Upload(UploadError::Ledger(_))
    )
}
