//! What reading can go on from: how many records of which input have been read.

use serde::{Deserialize, Serialize};
use spile_core::{Checksum, ChecksumBuilder};

/// After so many records of an input; those before it have been read to their ends. As text, one
/// JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// The input's path as it was given, or `stdin`.
    pub(crate) input: String,
    pub(crate) records: u64,
    /// What the names of the inputs before it come to, where there are any: another one among them
    /// has not been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Checksum>,
}

/// Why reading can't go on from a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It isn't one of ours.
    #[error("understand the checkpoint `{text}`: {cause}")]
    Text {
        /// What it says.
        text: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The input that it names isn't among those that are to be read.
    #[error("go on after {records} records of {input}: it isn't among the inputs")]
    NoSuchInput {
        /// The input.
        input: String,
        /// Its records that were read before.
        records: u64,
    },
    /// The inputs before the one that it names are others than those that were read.
    #[error("go on after {records} records of {input}: the inputs before it are others now")]
    OtherInputs {
        /// The input.
        input: String,
        /// Its records that were read before.
        records: u64,
    },
}

/// The names of inputs that were read to their ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed(Option<ChecksumBuilder>);

impl Passed {
    pub(crate) fn add(&mut self, input: &str) {
        let names = self.0.get_or_insert_default();
        names.update(input.as_bytes());
        // No UTF-8 has this byte: different names read differently.
        names.update(&[0xff]);
    }

    pub(crate) fn checksum(&self) -> Option<Checksum> {
        self.0.as_ref().map(ChecksumBuilder::checksum)
    }
}

impl Checkpoint {
    pub(crate) fn text(input: &str, records: u64, before: Option<Checksum>) -> String {
        let checkpoint = Self {
            input: input.to_owned(),
            records,
            before,
        };
        // A text and a number: there is nothing that could fail.
        serde_json::to_string(&checkpoint).unwrap_or_default()
    }

    pub(crate) fn parse(text: &str) -> Result<Self, ResumeError> {
        serde_json::from_str(text).map_err(|error| ResumeError::Text {
            text: text.to_owned(),
            cause: error.to_string(),
        })
    }
}
