//! Reading while what was read is being worked on.

use tokio::sync::mpsc;

use crate::source::{Message, Source, SourceError};

/// What a source gives, one mebibyte ahead; `None` is the end of the input.
pub(crate) type ReadAhead = mpsc::Receiver<Result<Option<Vec<Message>>, SourceError>>;

/// Reads on a thread of its own, one mebibyte ahead. The end of the input is said, not left to be
/// guessed from silence: a source that panics falls silent too.
pub(crate) fn read_ahead(mut source: Box<dyn Source>, in_place: bool) -> ReadAhead {
    let (sender, messages_ahead) = mpsc::channel(1);
    // Nobody listens any more when the run has ended early.
    if !in_place {
        std::thread::spawn(move || {
            loop {
                let messages = source.next_messages();
                let ends = !matches!(messages, Ok(Some(_)));
                if sender.blocking_send(messages).is_err() || ends {
                    break;
                }
            }
        });
    } else {
        tokio::spawn(async move {
            loop {
                let messages = source.next_messages();
                let ends = !matches!(messages, Ok(Some(_)));
                if sender.send(messages).await.is_err() || ends {
                    break;
                }
            }
        });
    }
    messages_ahead
}
