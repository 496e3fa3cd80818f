//! Settings of streams: those for all, and the tables for some.

use spile_core::CursorFormat;

use super::destination::{FORMAT, KEY, WRITE};
use crate::settings_schema::setting::{Connector, Kind, Sample, Setting};

pub(super) const CURSOR_FIELD: Setting = Setting::new(
    "cursor_field",
    Kind::Text,
    "Cursor field",
    "The field that holds each record's cursor, as a dotted path. Each record goes to the object of \
     its own cursor period.",
)
.example(Sample::Text("updated_at"));

pub(super) const CURSOR: Setting = Setting::new(
    "cursor",
    Kind::Text,
    "Cursor",
    "One cursor for all records of the run, in place of a cursor field.",
)
.example(Sample::Text("2025-04-14"));

pub(super) const CURSOR_FORMAT: Setting = Setting::new(
    "cursor_format",
    Kind::Choice(&CursorFormat::NAMES),
    "Format of cursors",
    "How cursors are written: as times, as seconds (or milli-, micro-, nanoseconds) since 1970, or \
     as texts that are no times.",
)
.default(Sample::Text("time"));

pub(super) const SELECT: Setting = Setting::new(
    "select",
    Kind::Texts,
    "Streams",
    "Globs of the names of the streams that are loaded; where there are none, all are. One behind a ! \
     leaves out what it matches.",
)
.example(Sample::Texts(&["orders", "sales_*"]));

pub(super) const SCHEMA: Setting = Setting::new(
    "schema",
    Kind::Texts,
    "Declared columns",
    "Columns with their types, in place of what the source or the records say of them. A record \
     that doesn't fit is a bad record.",
)
.example(Sample::Texts(&["id int64", "amount decimal(18, 2)"]));

pub(super) const SCHEMA_CHANGE: Setting = Setting::new(
    "schema_change",
    Kind::Choice(&["widen", "fail"]),
    "When columns change",
    "Whether a record that needs a further column or a wider type begins a further object with \
     room for it, or ends the run.",
)
.default(Sample::Text("widen"));

pub(super) const UNKNOWN_FIELDS: Setting = Setting::new(
    "unknown_fields",
    Kind::Choice(&["column", "json"]),
    "Fields outside of the schema",
    "Whether fields that the source's schema doesn't tell of have a column each, or one column of \
     JSON text together.",
)
.default(Sample::Text("column"));

// It goes with a write mode that Airbyte has no word for.
pub(super) const COVERS: Setting = Setting::new(
    "covers",
    Kind::Text,
    "Periods that are replaced",
    "The periods that a run has all records of, as the first and the last one, or touched for those \
     that it has any records of. It goes with the write mode replace.",
)
.example(Sample::Text("2025-04-12..2025-04-14"))
.only_for(Connector::Singer);

pub(super) const STREAM_ID: Setting = Setting::new(
    "stream_id",
    Kind::Text,
    "Stream ID",
    "The id of the stream, where there is only one. Otherwise ids are made from connection and \
     stream.",
)
.example(Sample::Text("deadbeef-2359-567a-f5e8-83c536cb4de8"));

pub(super) const STREAMS: Setting = Setting::new(
    "streams",
    Kind::Named(&[
        KEY.of_stream("The template of their keys, in place of destination.key."),
        FORMAT.of_stream("Their format, in place of destination.format."),
        WRITE.of_stream("Their write mode, in place of destination.write."),
        COVERS.of_stream("The periods of theirs that are replaced, in place of covers."),
        CURSOR_FIELD.of_stream(
            "The field that holds the cursor of their records, in place of cursor_field.",
        ),
        CURSOR.of_stream("One cursor for all of their records, in place of a cursor field."),
        CURSOR_FORMAT.of_stream("How their cursors are written, in place of cursor_format."),
        SCHEMA.of_stream("Their columns with their types, in place of schema."),
        SCHEMA_CHANGE
            .of_stream("What happens when their columns change, in place of schema_change."),
        COLUMNS,
    ]),
    "Settings of single streams",
    "Tables of settings for some streams, by their name or a glob of it. The table of a stream's \
     very name wins over globs, and those over what is set for all.",
);

const COLUMNS: Setting = Setting::new(
    "columns",
    Kind::Table(&[
        Setting::new(
            "include",
            Kind::Texts,
            "Columns",
            "Globs of the names of the columns that are written; where there are none, all are.",
        )
        .example(Sample::Texts(&["id", "amount_*"])),
        Setting::new(
            "exclude",
            Kind::Texts,
            "Columns to leave out",
            "Globs of the names of columns that aren't written.",
        )
        .example(Sample::Texts(&["*_secret"])),
        Setting::new(
            "rename",
            Kind::TextTable,
            "Names of columns",
            "New names of columns by the names that they have in the source.",
        )
        .example(Sample::Entry("ts", "created_at")),
    ]),
    "Columns",
    "Which columns are written, and what they are called.",
);
