//! Settings of the run as a whole.

use crate::settings_schema::setting::{Connector, Kind, Sample, Setting};

pub(super) const CONNECTION: Setting = Setting::new(
    "connection",
    Kind::Table(&[Setting::new(
        "id",
        Kind::Text,
        "Connection ID",
        "Any text that stays the same from run to run, and that no other connection has. By it, a run \
         knows the columns that earlier ones have found and the objects that they have written: without \
         it, none of them is replaced, and of connections that share one, each may remove what another \
         has written. So each connection of Airbyte that overwrites needs a destination of its own, \
         with an id of its own.",
    )
    .example(Sample::Text("f52c7268-2359-567a-f5e8-83c536cb4de8"))]),
    "Connection",
    "What joins this source to this destination.",
);

pub(super) const TIMEZONE: Setting = Setting::new(
    "timezone",
    Kind::Text,
    "Time zone",
    "The zone of cursors and of the time of the load: a name of the IANA database.",
)
.default(Sample::Text("UTC"))
.example(Sample::Text("Europe/Berlin"));

pub(super) const ON_BAD_RECORD: Setting = Setting::new(
    "on_bad_record",
    Kind::Choice(&["fail", "quarantine"]),
    "On a bad record",
    "Whether the first record that can't be used ends the run, or such records are set aside with \
     their cause.",
)
.default(Sample::Text("fail"));

// Without a quarantine, the limit and its place are refused: they have no default to fill in.
pub(super) const MAX_BAD_RECORDS: Setting = Setting::new(
    "max_bad_records",
    Kind::Whole { min: 0, max: None },
    "Most bad records",
    "How many bad records may be set aside: one more ends the run. It goes with quarantine, which \
     needs it.",
)
.example(Sample::Whole(100));

pub(super) const QUARANTINE: Setting = Setting::new(
    "quarantine",
    Kind::Table(&[
        Setting::new(
            "url",
            Kind::Text,
            "Quarantine",
            "Where bad records go: another bucket where the destination is one, or a folder. \
             Otherwise they go to _spile/quarantine below the destination.",
        )
        .example(Sample::Text("s3://acme-quarantine/raw")),
        Setting::new(
            "key",
            Kind::Text,
            "Keys of the quarantine",
            "The template of their keys below that, without macros of the cursor. Otherwise the \
             name of the stream and the id of the run make them.",
        )
        .example(Sample::Text(
            "{stream_name}/{connection_run_id}-{part}.jsonl",
        )),
    ]),
    "Quarantine",
    "Where bad records are set aside.",
);

pub(super) const LIMITS: Setting = Setting::new(
    "limits",
    Kind::Table(&[
        Setting::new(
            "memory",
            Kind::Size,
            "Memory",
            "Memory that the process may use, whatever the number of streams and records.",
        )
        .default(Sample::Text("256MiB")),
        Setting::new(
            "object_size",
            Kind::Size,
            "Size of objects",
            "An object is sealed at this size, and the next one begins.",
        )
        .default(Sample::Text("256MiB")),
        Setting::new(
            "object_rows",
            Kind::Whole { min: 1, max: None },
            "Rows of objects",
            "An object is sealed at this many records.",
        )
        .example(Sample::Whole(1_000_000)),
        Setting::new(
            "object_age",
            Kind::Span,
            "Age of objects",
            "An object is sealed at this age.",
        )
        .example(Sample::Text("15m")),
        Setting::new(
            "checkpoint_size",
            Kind::Size,
            "Input between checkpoints",
            "After so many bytes of input all open objects are sealed, so that the source can go \
             on from there.",
        )
        .default(Sample::Text("1GiB")),
        Setting::new(
            "checkpoint_age",
            Kind::Span,
            "Age of states",
            "How long a state of the source may wait until all records before it are in objects \
             that have appeared.",
        )
        .default(Sample::Text("5m")),
        Setting::new(
            "record_bytes",
            Kind::Size,
            "Longest record",
            "The longest record that is read. Otherwise it is an eighth of the memory, at most \
             64MiB.",
        )
        .example(Sample::Text("16MiB")),
        Setting::new(
            "upload_concurrency",
            Kind::Whole {
                min: 1,
                max: Some(u32::MAX as u64),
            },
            "Requests at once",
            "How many requests to the store may be under way at once.",
        )
        .default(Sample::Whole(8)),
        Setting::new(
            "retry_time",
            Kind::Span,
            "Time for retries",
            "For how long a request that fails in passing is sent again. Otherwise it is five \
             minutes, and ten seconds in a check.",
        )
        .example(Sample::Text("10m")),
        Setting::new(
            "request_time",
            Kind::Span,
            "Time for a request",
            "How long one request to the store may take. Otherwise it is a minute, and longer for \
             long parts.",
        )
        .example(Sample::Text("5m")),
    ]),
    "Limits",
    "When objects are sealed, and what the process may use.",
);

pub(super) const ON_COMPLETE: Setting = Setting::new(
    "on_complete",
    Kind::Table(&[
        // Its URL often holds a token.
        Setting::new(
            "webhook",
            Kind::Secret,
            "Webhook",
            "A URL that the manifest of each run that is whole is posted to.",
        )
        .example(Sample::Text("https://hooks.example.com/spile")),
        Setting::new(
            "authorization",
            Kind::Secret,
            "Authorization of the webhook",
            "What goes with it as the header Authorization.",
        )
        .example(Sample::Text("Bearer 0123456789abcdef")),
        Setting::new(
            "time",
            Kind::Span,
            "Time for the webhook",
            "How long one attempt to tell may take.",
        )
        .default(Sample::Text("60s")),
    ]),
    "When a run is whole",
    "Who is told of each run that has ended well.",
);

// A state that Singer's source sends doesn't say that nothing follows; Airbyte's says of each stream
// whether it is complete.
pub(super) const EOF_IS_COMPLETE: Setting = Setting::new(
    "eof_is_complete",
    Kind::Flag,
    "The end means success",
    "Whether the end of the input means that its source has finished, and hasn't died.",
)
.default(Sample::Flag(false))
.only_for(Connector::Singer);

// Time and id are a run's own. A form of Airbyte is filled in once, for all runs of a connection.
pub(super) const LOAD_TIME: Setting = Setting::new(
    "load_time",
    Kind::Text,
    "Time of the load",
    "The time of the load in RFC 3339. Otherwise it is the time at which the run begins.",
)
.example(Sample::Text("2025-04-14T11:23:45Z"))
.only_for(Connector::Singer);

pub(super) const CONNECTION_RUN_ID: Setting = Setting::new(
    "connection_run_id",
    Kind::Text,
    "Run ID",
    "The id of this run, which no run before may have had. Otherwise it is a fresh UUID.",
)
.example(Sample::Text("fad1983d-7446-e5c4-bb46-4578affe02d5"))
.only_for(Connector::Singer);

pub(super) const SINGER: Setting = Setting::new(
    "singer",
    Kind::Table(&[Setting::new(
        "record_metadata",
        Kind::Flag,
        "Columns of Singer",
        "Adds the columns that begin with _sdc_, such as the times at which a record was \
         extracted and received.",
    )
    .default(Sample::Flag(false))]),
    "Singer",
    "What is made of Singer's messages.",
)
.only_for(Connector::Singer);

pub(super) const AIRBYTE: Setting = Setting::new(
    "airbyte",
    Kind::Table(&[Setting::new(
        "envelope",
        Kind::Choice(&["none", "columns", "data"]),
        "Columns of Airbyte",
        "Whether there are no columns that begin with _airbyte_, whether they stand beside those \
         of the record, or whether the record as a whole is one of them, _airbyte_data.",
    )
    .default(Sample::Text("none"))]),
    "Airbyte",
    "What is made of Airbyte's messages.",
)
.only_for(Connector::Airbyte);
