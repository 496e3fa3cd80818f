//! Flags as a layer of settings.

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use crate::cli::SettingArgs;
use crate::destination::Destination;

/// The settings that flags give, each a text.
pub(crate) struct Flags<'a> {
    pub(crate) args: &'a SettingArgs,
    pub(crate) files: &'a [String],
}

/// A setting's path, the flag that gives it, and what that says.
type Flag<'a> = (&'static str, &'static str, Option<&'a str>);

/// Settings that a stream's own table can hold: a flag wins over those too.
pub(crate) const STREAM_FLAGS: [(&str, &str); 9] = [
    ("destination.key", "key"),
    ("destination.format", "format"),
    ("destination.write", "write"),
    ("covers", "covers"),
    ("cursor_field", "cursor_field"),
    ("cursor", "cursor"),
    ("cursor_format", "cursor_format"),
    ("schema_change", "schema_change"),
    ("schema", "schema"),
];

impl Flags<'_> {
    /// Every flag that is a setting.
    fn all(&self) -> [Flag<'_>; 39] {
        let args = self.args;
        let allow_http = args.allow_http.then_some("true");
        let eof_is_complete = args.eof_is_complete.then_some("true");
        [
            ("timezone", "timezone", args.timezone.as_deref()),
            ("load_time", "load-time", args.load_time.as_deref()),
            (
                "connection_run_id",
                "connection-run-id",
                args.connection_run_id.as_deref(),
            ),
            (
                "connection.id",
                "connection-id",
                args.connection_id.as_deref(),
            ),
            ("stream", "stream", args.stream.as_deref()),
            ("stream_id", "stream-id", args.stream_id.as_deref()),
            ("cursor_field", "cursor-field", args.cursor_field.as_deref()),
            ("cursor", "cursor", args.cursor.as_deref()),
            (
                "cursor_format",
                "cursor-format",
                args.cursor_format.as_deref(),
            ),
            (
                "schema_change",
                "schema-change",
                args.schema_change.as_deref(),
            ),
            ("schema", "schema", args.schema.as_deref()),
            (
                "on_bad_record",
                "on-bad-record",
                args.on_bad_record.as_deref(),
            ),
            (
                "max_bad_records",
                "max-bad-records",
                args.max_bad_records.as_deref(),
            ),
            ("quarantine.url", "quarantine", args.quarantine.as_deref()),
            ("input.format", "input-format", args.input_format.as_deref()),
            ("input.catalog", "catalog", args.catalog.as_deref()),
            ("eof_is_complete", "eof-is-complete", eof_is_complete),
            ("destination.url", "to", args.to.as_deref()),
            ("destination.key", "key", args.key.as_deref()),
            ("destination.format", "format", args.format.as_deref()),
            ("destination.write", "write", args.write.as_deref()),
            ("destination.publish", "publish", args.publish.as_deref()),
            ("covers", "covers", args.covers.as_deref()),
            ("destination.region", "region", args.region.as_deref()),
            ("destination.endpoint", "endpoint", args.endpoint.as_deref()),
            ("destination.allow_http", "allow-http", allow_http),
            (
                "destination.path_style",
                "path-style",
                args.path_style.as_deref(),
            ),
            (
                "destination.auth.role_arn",
                "role-arn",
                args.role_arn.as_deref(),
            ),
            (
                "destination.auth.external_id",
                "external-id",
                args.external_id.as_ref().map(|id| &*id.0),
            ),
            (
                "destination.auth.access_key_id",
                "access-key-id",
                args.access_key_id.as_deref(),
            ),
            (
                "destination.auth.secret_access_key",
                "secret-access-key",
                args.secret_access_key.as_ref().map(|secret| &*secret.0),
            ),
            ("limits.memory", "memory", args.memory.as_deref()),
            (
                "limits.object_size",
                "object-size",
                args.object_size.as_deref(),
            ),
            (
                "limits.object_rows",
                "object-rows",
                args.object_rows.as_deref(),
            ),
            (
                "limits.object_age",
                "object-age",
                args.object_age.as_deref(),
            ),
            (
                "limits.checkpoint_size",
                "checkpoint-size",
                args.checkpoint_size.as_deref(),
            ),
            (
                "limits.record_bytes",
                "record-bytes",
                args.record_bytes.as_deref(),
            ),
            (
                "limits.upload_concurrency",
                "upload-concurrency",
                args.upload_concurrency.as_deref(),
            ),
            (
                "limits.retry_time",
                "retry-time",
                args.retry_time.as_deref(),
            ),
        ]
    }

    /// Whether `--to` carries the template of the keys.
    pub(crate) fn has_template_in_url(&self) -> bool {
        let destination = self.args.to.as_deref().map(Destination::parse);
        destination.is_some_and(|parsed| parsed.is_ok_and(|parsed| parsed.key.is_some()))
    }

    /// Whether a flag gives the setting at a path.
    pub(crate) fn gives(&self, path: &str) -> bool {
        self.all()
            .iter()
            .any(|(of, _, text)| *of == path && text.is_some())
    }
}

/// The flag for the setting at a path, as people type it.
pub(crate) fn flag_of(path: &str) -> String {
    let all = Flags {
        args: &SettingArgs::default(),
        files: &[],
    };
    let flag = all
        .all()
        .into_iter()
        .find(|(of, _, _)| *of == path)
        .map(|(_, flag, _)| flag);
    flag.map_or_else(|| path.to_owned(), |flag| format!("--{flag}"))
}

/// Flags that programs have too which are told their settings by files alone.
const COMMON: [&str; 2] = ["config", "catalog"];

/// A text with settings in place of the flags that it names, for whoever has no such flags.
pub(crate) fn in_settings(text: &str) -> String {
    let (args, files) = (&SettingArgs::default(), &[]);
    let flags = Flags { args, files };
    let setting_of = |word: &str| {
        let all = flags.all().into_iter();
        let mut known = all.filter(|(_, flag, _)| *flag == word && !COMMON.contains(flag));
        known.next().map(|(path, ..)| path)
    };
    let mut parts = text.split("--");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_part = |c: char| !c.is_ascii_lowercase() && c != '-';
        let (word, rest) = part.split_at(part.find(is_part).unwrap_or(part.len()));
        match setting_of(word) {
            Some(setting) => told.extend([setting, rest]),
            None => told.extend(["--", part]),
        }
    }
    told
}

impl Provider for Flags<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("flags").interpolater(|_: &Profile, path: &[&str]| flag_of(&path.join(".")))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut dict = Dict::new();
        for (path, _, text) in self.all() {
            if let Some(text) = text {
                put(&mut dict, path, Value::from(text));
            }
        }
        if !self.files.is_empty() {
            let files = self.files.iter().map(|file| Value::from(file.as_str()));
            put(
                &mut dict,
                "input.files",
                Value::from(files.collect::<Vec<_>>()),
            );
        }
        Ok(Profile::Default.collect(dict))
    }
}

fn put(dict: &mut Dict, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            dict.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = dict
                .entry(name.to_owned())
                .or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_in_for_flags() {
        let check = |text: &str, expect: &str| assert_eq!(in_settings(text), expect);
        check("", "");
        check("--to: it isn't set", "destination.url: it isn't set");
        check(
            "give --to s3://BUCKET or `--to ./bucket`, not --tofu",
            "give destination.url s3://BUCKET or `destination.url ./bucket`, not --tofu",
        );
        check(
            "check --endpoint, and run",
            "check destination.endpoint, and run",
        );
        let others = "--catalog FILE, --redo, a -- PROGRAM -- and ---";
        check(others, others);
        check("by --eof-is-complete", "by eof_is_complete");
    }
}
