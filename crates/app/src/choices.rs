//! What the words in settings stand for.

use spile_core::ledger::Covers;
use spile_core::{
    CursorField, CursorFormat, CursorSource, KeyPlan, RunCursor, SchemaChange, SchemaRef, Zone,
    declared_schema, parse_columns,
};
use spile_encoders::Format;
use spile_macros_template::Granularity;

use crate::config::{ConfigFault, nearest};

/// What a cursor is, of the settings of a stream.
pub(crate) fn cursor_source(
    field: Option<&str>,
    value: Option<&str>,
    format: Option<&str>,
    zone: Zone,
) -> Result<CursorSource, ConfigFault> {
    let format = cursor_format(format)?;
    match (field, value) {
        (Some(""), _) => Err(ConfigFault::new("cursor_field", "the field has no name")),
        (None, None) => Ok(CursorSource::None),
        (Some(field), None) => Ok(CursorSource::Field(CursorField::new(field, format))),
        (None, Some(value)) => RunCursor::parse(value, format, zone)
            .map(CursorSource::Run)
            .map_err(|fault| ConfigFault::new("cursor", fault)),
        (Some(_), Some(_)) => {
            let message = "a cursor for the whole run, and a cursor field of each record";
            Err(ConfigFault::new("cursor", message).hint("leave one of them out"))
        }
    }
}

/// How cursors are written, of the settings of a stream.
pub(crate) fn cursor_format(name: Option<&str>) -> Result<CursorFormat, ConfigFault> {
    name.map_or(Ok(CursorFormat::Time), |name| {
        let known = &CursorFormat::NAMES;
        choice("cursor_format", name, known, CursorFormat::named(name))
    })
}

/// What may be replaced, as a setting says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteChoice {
    Append,
    Overwrite,
    Replace,
}

/// What may be replaced, of the settings of a stream.
pub(crate) fn write_choice(name: Option<&str>) -> Result<WriteChoice, ConfigFault> {
    match name {
        None | Some("append") => Ok(WriteChoice::Append),
        Some("overwrite") => Ok(WriteChoice::Overwrite),
        Some("replace") => Ok(WriteChoice::Replace),
        Some(name) => choice("write", name, &["append", "overwrite", "replace"], None),
    }
}

/// Which periods a run has all records of.
pub(crate) enum CoversChoice {
    /// As the setting says.
    Given(Covers),
    /// That of the run's own cursor.
    OfRun,
}

impl CoversChoice {
    /// Periods are told apart by the key: where it says nothing of the cursor, all objects of the
    /// stream would be those of any period.
    pub(crate) fn can_be_told(
        &self,
        keys: &KeyPlan,
        cursor: &CursorSource,
    ) -> Result<(), ConfigFault> {
        let is_whole = keys.granularity() == Granularity::None;
        let of_periods =
            !matches!(cursor, CursorSource::None) || matches!(self, Self::Given(Covers::Span(_)));
        match is_whole && of_periods {
            false => Ok(()),
            true => Err(ConfigFault::new(
                "write",
                "`replace` can't tell periods apart by keys without a macro of the cursor",
            )
            .hint(
                "add one to the key, such as {cursor_date}; to replace a stream as a whole, leave \
                 the cursor out and write covers = \"touched\"",
            )),
        }
    }

    /// Which those are of a stream with such keys.
    pub(crate) fn of(&self, keys: &KeyPlan, cursor: &CursorSource, zone: Zone) -> Covers {
        match (self, cursor) {
            (Self::Given(covers), _) => *covers,
            (Self::OfRun, CursorSource::Run(cursor)) => match cursor.moment {
                Some(moment) => Covers::around(keys.granularity(), moment, zone),
                None => Covers::Touched,
            },
            (Self::OfRun, _) => Covers::Touched,
        }
    }
}

/// Which periods are replaced, of the settings of a stream.
pub(crate) fn covers(
    text: Option<&str>,
    write: Option<WriteChoice>,
    cursor: Option<&CursorSource>,
    zone: Zone,
) -> Result<Option<CoversChoice>, ConfigFault> {
    match (write, text) {
        (Some(WriteChoice::Replace), Some(text)) => match Covers::parse(text, zone) {
            Ok(covers) => Ok(Some(CoversChoice::Given(covers))),
            Err(message) => Err(ConfigFault::new("covers", message).hint(
                "write 2025-04-12..2025-04-14, or touched where whole periods are re-pulled",
            )),
        },
        (Some(WriteChoice::Replace), None) => match cursor {
            Some(CursorSource::Run(_)) | None => Ok(Some(CoversChoice::OfRun)),
            Some(_) => Err(ConfigFault::new(
                "covers",
                "which periods the run has all records of isn't said",
            )
            .hint(
                "write covers = \"2025-04-12..2025-04-14\", or \"touched\" where the source \
                 re-pulls whole periods, or give one cursor for the whole run",
            )),
        },
        (Some(_), Some(_)) => Err(
            ConfigFault::new("covers", "only `replace` replaces periods")
                .hint("write = \"replace\", or leave it out"),
        ),
        (_, _) => Ok(None),
    }
}

/// What earlier runs have written is known by the connection; `what` replaces it.
pub(crate) fn has_connection(what: &str, id: Option<&str>) -> Result<(), ConfigFault> {
    match id {
        Some(_) => Ok(()),
        None => Err(ConfigFault::new(
            "connection.id",
            format!("{what} replaces what earlier runs of the connection have written"),
        )
        .hint("give the connection an id, any text that stays the same")),
    }
}

/// What happens when columns change, of the settings of a stream.
pub(crate) fn schema_change(name: Option<&str>) -> Result<SchemaChange, ConfigFault> {
    match name {
        None | Some("widen") => Ok(SchemaChange::Widen),
        Some("fail") => Ok(SchemaChange::Fail),
        Some(name) => choice("schema_change", name, &["widen", "fail"], None),
    }
}

/// The columns that are declared, of the settings of a stream.
pub(crate) fn declared(columns: Option<&[String]>) -> Result<Option<SchemaRef>, ConfigFault> {
    let Some(columns) = columns else {
        return Ok(None);
    };
    match parse_columns(&columns.join(", ")) {
        Ok(columns) => Ok(Some(declared_schema(columns))),
        Err(error) => {
            let fault = ConfigFault::new("schema", format!("can't {error}"));
            let hint = match error.nearest() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write columns like: id int64, amount decimal(18, 2), note text".to_owned(),
            };
            Err(fault.hint(hint))
        }
    }
}

/// Only a format that has columns can keep them.
pub(crate) fn can_change(
    change: SchemaChange,
    format: Option<Format>,
) -> Result<SchemaChange, ConfigFault> {
    match (change, format) {
        (SchemaChange::Fail, Some(Format::Jsonl(_))) => Err(ConfigFault::new(
            "schema_change",
            "jsonl has no columns that could change",
        )
        .hint("leave it out, or choose csv or parquet")),
        _ => Ok(change),
    }
}

/// Only a format that has columns can have those that are declared.
pub(crate) fn has_columns(
    declared: Option<SchemaRef>,
    format: Option<Format>,
) -> Result<Option<SchemaRef>, ConfigFault> {
    match (declared, format) {
        (Some(_), Some(Format::Jsonl(_))) => Err(ConfigFault::new(
            "schema",
            "jsonl has no columns that could be declared",
        )
        .hint("leave it out, or choose csv or parquet")),
        (declared, _) => Ok(declared),
    }
}

/// One of a few names.
fn choice<T>(place: &str, name: &str, known: &[&str], found: Option<T>) -> Result<T, ConfigFault> {
    found.ok_or_else(|| ConfigFault::unknown(place, name, nearest(name, known), known))
}
