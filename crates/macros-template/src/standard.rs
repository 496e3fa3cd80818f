//! The one list of standard macros; `reference.md` says the same to users, and a test holds them
//! together.

use crate::instant::InstantFormat;
use crate::time::TimeFormat;
use crate::{Macro, Scope};

/// Where the value of a macro comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Load(TimeFormat),
    LoadInstant(InstantFormat),
    Extension,
    Namespace,
    StreamId,
    StreamName,
    ConnectionId,
    ConnectionRunId,
    StreamRunId,
    SyncId,
    Custom,
    CursorTime(TimeFormat),
    CursorRaw,
    Part,
    PartIndex,
    Uuid,
}

impl Source {
    pub(crate) const fn scope(self) -> Scope {
        match self {
            Self::CursorTime(_) | Self::CursorRaw => Scope::Cursor,
            Self::Part | Self::PartIndex | Self::Uuid => Scope::Object,
            _ => Scope::Run,
        }
    }

    /// The source of the macro `name`; a name that isn't standard is a custom macro's.
    pub(crate) fn of(name: &str) -> Self {
        let known = MACROS.iter().find(|known| known.name() == name);
        known.map_or(Self::Custom, Macro::source)
    }
}

/// In the order of the reference.
pub(crate) static MACROS: [Macro; 36] = {
    use InstantFormat::*;
    use Source::*;
    use TimeFormat::*;

    [
        Macro::standard(
            "extension",
            Extension,
            "extension of the format, without a dot; compression is a part of it (`csv.gz`), its level is not",
            "csv",
        ),
        Macro::standard(
            "date_time",
            Load(DateTime),
            "time of the load, `%Y_%m_%d_%H_%M_%S`",
            "2025_04_14_11_23_45",
        ),
        Macro::standard(
            "timestamp",
            Load(DateTime),
            "same as `{date_time}` (it is no epoch)",
            "2025_04_14_11_23_45",
        ),
        Macro::standard(
            "iso_date_time",
            Load(IsoDateTime),
            "time of the load, ISO 8601",
            "2025-04-14T11:23:45Z",
        ),
        Macro::standard(
            "date",
            Load(Date),
            "date of the load, `%Y_%m_%d`",
            "2025_04_14",
        ),
        Macro::standard(
            "iso_date",
            Load(IsoDate),
            "date of the load, `%Y-%m-%d`",
            "2025-04-14",
        ),
        Macro::standard("year", Load(Year), "year of the load, 4 digits", "2025"),
        Macro::standard("month", Load(Month), "month of the load, 01-12", "04"),
        Macro::standard("day", Load(Day), "day of the load, 01-31", "14"),
        Macro::standard("hour", Load(Hour), "hour of the load, 00-23", "11"),
        Macro::standard("minute", Load(Minute), "minute of the load, 00-59", "23"),
        Macro::standard("second", Load(Second), "second of the load, 00-59", "45"),
        Macro::standard(
            "millisecond",
            LoadInstant(Millisecond),
            "millisecond of the load, 000-999",
            "000",
        ),
        Macro::standard(
            "epoch_s",
            LoadInstant(EpochSeconds),
            "time of the load in seconds since 1970 (UTC)",
            "1744629825",
        ),
        Macro::standard(
            "epoch_ms",
            LoadInstant(EpochMillis),
            "time of the load in milliseconds since 1970 (UTC)",
            "1744629825000",
        ),
        Macro::standard(
            "epoch_us",
            LoadInstant(EpochMicros),
            "time of the load in microseconds since 1970 (UTC)",
            "1744629825000000",
        ),
        Macro::standard(
            "namespace",
            Namespace,
            "namespace of the stream; empty where it has none",
            "public",
        ),
        Macro::standard(
            "stream_id",
            StreamId,
            "id of the stream",
            "deadbeef-2359-567a-f5e8-83c536cb4de8",
        ),
        Macro::standard(
            "stream_name",
            StreamName,
            "name of the stream",
            "sales_summary_daily",
        ),
        Macro::standard(
            "connection_id",
            ConnectionId,
            "id of the connection (source to destination)",
            "f52c7268-2359-567a-f5e8-83c536cb4de8",
        ),
        Macro::standard(
            "connection_run_id",
            ConnectionRunId,
            "id of this run of the connection, across all its streams",
            "fad1983d-7446-e5c4-bb46-4578affe02d5",
        ),
        Macro::standard(
            "stream_run_id",
            StreamRunId,
            "id of this stream's run within that run",
            "8e28c4bf-11aa-20aa-0ecf-d23c21c73285",
        ),
        Macro::standard(
            "sync_id",
            SyncId,
            "id of the sync that this run is a part of, where whoever runs it has one, as Airbyte does",
            "42",
        ),
        Macro::standard(
            "cursor_year",
            CursorTime(Year),
            "year of the cursor, 4 digits",
            "2025",
        ),
        Macro::standard(
            "cursor_month",
            CursorTime(Month),
            "month of the cursor, 01-12",
            "04",
        ),
        Macro::standard(
            "cursor_day",
            CursorTime(Day),
            "day of the cursor, 01-31",
            "14",
        ),
        Macro::standard(
            "cursor_hour",
            CursorTime(Hour),
            "hour of the cursor, 00-23",
            "11",
        ),
        Macro::standard(
            "cursor_date",
            CursorTime(Date),
            "date of the cursor, `%Y_%m_%d`",
            "2025_04_14",
        ),
        Macro::standard(
            "cursor_iso_date",
            CursorTime(IsoDate),
            "date of the cursor, `%Y-%m-%d`",
            "2025-04-14",
        ),
        Macro::standard(
            "cursor_date_time",
            CursorTime(DateTime),
            "cursor, `%Y_%m_%d_%H_%M_%S`",
            "2025_04_14_11_23_45",
        ),
        Macro::standard(
            "cursor_iso_date_time",
            CursorTime(IsoDateTime),
            "cursor, ISO 8601",
            "2025-04-14T11:23:45Z",
        ),
        Macro::standard(
            "cursor_singular_date_time",
            CursorTime(SingularDateTime),
            "cursor, `%Y-%m-%d-%H-%M-%S`",
            "2025-04-14-11-23-45",
        ),
        Macro::standard(
            "cursor",
            CursorRaw,
            "cursor as the record has it; the only one for a cursor that is no time",
            "2025-04-14T11:23:45Z",
        ),
        Macro::standard(
            "part",
            Part,
            "number of the object within its route and run, 5 digits, from 00001",
            "00001",
        ),
        Macro::standard(
            "part_index",
            PartIndex,
            "number of the object within its route and run, from 0, without leading zeros",
            "0",
        ),
        Macro::standard(
            "uuid",
            Uuid,
            "UUID made from run, route and number: a repeated run repeats it",
            "04a61593-a612-5d2d-bca7-4e13fbaea54b",
        ),
    ]
};
