//! `spile import airbyte`: the configuration of an S3 destination of Airbyte, as Spile's own.

mod config;
mod format;
mod keys;
mod page;
mod sample;
mod text;

use self::config::{Auth, Config};
use self::format::{Written, names, written};
use self::keys::Keys;
use self::text::text;
use super::Imported;
use crate::config::ConfigFault;

/// Makes Spile's configuration of the one in a file, or of stdin's.
pub(super) fn import(path: &str) -> Result<Imported, ConfigFault> {
    let (read, source) = match path {
        "-" => (std::io::read_to_string(std::io::stdin()), "stdin"),
        path => (std::fs::read_to_string(path), path),
    };
    let read = read.map_err(|error| {
        ConfigFault::new(source, format!("the configuration can't be read: {error}"))
    })?;
    let config: Config = serde_json::from_str(&read).map_err(|error| {
        let message = format!("this isn't the configuration of an S3 destination: {error}");
        ConfigFault::new(source, message).hint("give the object that has s3_bucket_name and format")
    })?;
    let mut written = written(&config);
    let keys = Keys::of(&config, &written, source)?;
    note_keys(&keys, &mut written);
    note_settings(&config, &mut written);
    Ok(Imported {
        text: text(&config, &keys, &written),
        losses: written.losses,
    })
}

fn note_keys(keys: &Keys, written: &mut Written) {
    if keys.has_sync_id {
        written.losses.push(
            "`{sync_id}` has no value in `spile load`, which refuses it: take it out of the key, or \
             write the key in Spile's own syntax, with {connection_run_id}."
                .to_owned(),
        );
    }
    if !keys.are_the_same() {
        written.losses.push(
            "The keys aren't quite Airbyte's: compare the samples. docs/reference/macros.md lists \
             what can differ."
                .to_owned(),
        );
    }
}

fn note_settings(config: &Config, written: &mut Written) {
    if let (Auth::AccessKey, Some(_)) = (config.auth(), config.role_arn()) {
        written.remarks.push(
            "role_arn is left out: Airbyte doesn't take on the role where there is an access key."
                .to_owned(),
        );
    }
    if !config.others.is_empty() {
        let others = names(&config.others);
        let loss = format!("Left out, since no counterpart is known: {others}.");
        written.losses.push(loss);
    }
}
