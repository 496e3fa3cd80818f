//! States that are safe, on their way back to whoever runs the source: a line each on stdout.

use std::io::{self, Write};

use async_trait::async_trait;
use spile_core::{CheckpointSink, Released};
use spile_sources::with_destination_stats;
use tokio::task::spawn_blocking;

/// How a state is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateForm {
    /// As the source gave it.
    AsItIs,
    /// With the counts that Airbyte's platform compares.
    WithStats,
}

/// Writes states to stdout.
pub(crate) struct States(pub(crate) StateForm);

#[async_trait]
impl CheckpointSink for States {
    async fn release(&mut self, released: &[Released]) -> io::Result<()> {
        let mut lines = String::new();
        for released in released {
            lines += &self.0.line(released);
            lines.push('\n');
        }
        // At once, so that nobody else's line comes in between; and a reader may be slow.
        let write = move || {
            let mut stdout = io::stdout().lock();
            stdout.write_all(lines.as_bytes())?;
            stdout.flush()
        };
        spawn_blocking(write).await.map_err(io::Error::other)?
    }
}

impl StateForm {
    fn line(self, released: &Released) -> String {
        match self {
            Self::AsItIs => released.checkpoint.text.to_string(),
            Self::WithStats => {
                let text = &released.checkpoint.text;
                with_destination_stats(text, released.records, released.rejected)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use spile_core::Checkpoint;

    use super::*;

    #[test]
    fn a_state_keeps_its_words_and_gets_its_counts() {
        let check = |message: &str, expect: &str| {
            let released = Released {
                checkpoint: Checkpoint {
                    stream: None,
                    text: message.into(),
                    supersedes: false,
                },
                records: 12,
                rejected: 1,
            };
            assert_eq!(StateForm::WithStats.line(&released), expect);
            assert_eq!(StateForm::AsItIs.line(&released), message);
        };
        check(
            r#"{"type":"STATE", "state":{"data":{"a":1.10} }, "x":[1]}"#,
            r#"{"type":"STATE", "state":{"data":{"a":1.10},"destinationStats":{"recordCount":12.0,"rejectedRecordCount":1.0}}, "x":[1]}"#,
        );
        check(
            r#"{"state":{}}"#,
            r#"{"state":{"destinationStats":{"recordCount":12.0,"rejectedRecordCount":1.0}}}"#,
        );
    }
}
