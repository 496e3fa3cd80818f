//! Reading while what was read is being worked on.

use tokio::sync::mpsc;

use crate::source::{Batch, Source, SourceError};

/// What a source gives, one batch ahead; `None` is the end of the input.
pub(crate) type ReadAhead = mpsc::Receiver<Result<Option<Batch>, SourceError>>;

/// Reads on a thread of its own, one batch ahead. The end of the input is said, not left to be
/// guessed from silence: a source that panics falls silent too.
pub(crate) fn read_ahead(mut source: Box<dyn Source>, in_place: bool) -> ReadAhead {
    let (sender, batches) = mpsc::channel(1);
    // Nobody listens any more when the run has ended early.
    if !in_place {
        std::thread::spawn(move || {
            loop {
                let batch = source.next_batch();
                let ends = !matches!(batch, Ok(Some(_)));
                if sender.blocking_send(batch).is_err() || ends {
                    break;
                }
            }
        });
    } else {
        tokio::spawn(async move {
            loop {
                let batch = source.next_batch();
                let ends = !matches!(batch, Ok(Some(_)));
                if sender.send(batch).await.is_err() || ends {
                    break;
                }
            }
        });
    }
    batches
}
