//! The list of all settings, nested as in [`crate::config::Settings`] and in the order of forms.

mod auth;
mod destination;
mod formats;
mod run;
mod streams;

use super::setting::{Kind, Setting};

/// Everything that a user of a connector can set.
pub(super) const ALL: &[Setting] = &[
    Setting::new(
        "destination",
        Kind::Table(destination::DESTINATION),
        "Destination",
        "Where objects go, what they are called, and what is in them.",
    )
    .required(),
    run::CONNECTION,
    run::TIMEZONE,
    streams::CURSOR_FIELD,
    streams::CURSOR,
    streams::CURSOR_FORMAT,
    streams::SELECT,
    streams::STREAMS,
    streams::SCHEMA,
    streams::SCHEMA_CHANGE,
    streams::UNKNOWN_FIELDS,
    streams::COVERS,
    run::ON_BAD_RECORD,
    run::MAX_BAD_RECORDS,
    run::QUARANTINE,
    run::LIMITS,
    run::ON_COMPLETE,
    run::EOF_IS_COMPLETE,
    run::LOAD_TIME,
    run::CONNECTION_RUN_ID,
    streams::STREAM_ID,
    run::SINGER,
    run::AIRBYTE,
];

/// What is left out of the list, and why. A path stands for all below it.
#[cfg(test)]
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    (
        "input",
        "the protocol says what the input is: messages on stdin, whose format is its own",
    ),
    (
        "stream",
        "each message names its stream: one name for all would pour different records together",
    ),
    (
        "on_complete.command",
        "whoever fills in a form of a platform has no programs on the machine that runs it, and \
         a webhook tells them the same",
    ),
];
