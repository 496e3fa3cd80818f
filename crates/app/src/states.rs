//! States that are safe, on their way back to whoever runs the source: a line each on stdout.

use std::io;

use async_trait::async_trait;
use spile_core::{CheckpointSink, Released};
use tokio::io::{AsyncWriteExt, Stdout};

/// How a state is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateForm {
    /// As the source gave it.
    AsItIs,
}

/// Writes states to stdout.
pub(crate) struct States {
    form: StateForm,
    stdout: Stdout,
}

impl States {
    pub(crate) fn new(form: StateForm) -> Self {
        Self {
            form,
            stdout: tokio::io::stdout(),
        }
    }
}

#[async_trait]
impl CheckpointSink for States {
    async fn release(&mut self, released: &[Released]) -> io::Result<()> {
        let mut lines = String::new();
        for released in released {
            lines += &self.form.line(released);
            lines.push('\n');
        }
        self.stdout.write_all(lines.as_bytes()).await?;
        self.stdout.flush().await
    }
}

impl StateForm {
    fn line(self, released: &Released) -> String {
        match self {
            Self::AsItIs => released.checkpoint.text.to_string(),
        }
    }
}
