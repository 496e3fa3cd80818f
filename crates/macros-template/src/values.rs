use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use crate::standard::Source;

/// The values that are fixed for the run of one stream.
///
/// What isn't given, or is given empty, is an empty value: a plan refuses it where the template
/// uses it without a `?`.
///
/// ```
/// use chrono::DateTime;
/// use spile_macros_template::RunValues;
///
/// let values = RunValues::new(DateTime::parse_from_rfc3339("2025-04-14T11:23:45Z")?)
///     .extension("csv.gz")
///     .namespace(Some("public"))
///     .stream_name("sales")
///     .connection_run_id("8e28c4bf")
///     .custom("tenant", "acme");
/// # let _ = values;
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunValues {
    pub(crate) load_time: DateTime<FixedOffset>,
    pub(crate) extension: String,
    namespace: String,
    stream_id: String,
    stream_name: String,
    connection_id: String,
    connection_run_id: String,
    stream_run_id: String,
    sync_id: String,
    custom: BTreeMap<String, String>,
}

impl RunValues {
    /// Values of a run with this load time, which is in the zone that the keys are to have.
    #[must_use]
    pub fn new(load_time: DateTime<FixedOffset>) -> Self {
        Self {
            load_time,
            extension: String::new(),
            namespace: String::new(),
            stream_id: String::new(),
            stream_name: String::new(),
            connection_id: String::new(),
            connection_run_id: String::new(),
            stream_run_id: String::new(),
            sync_id: String::new(),
            custom: BTreeMap::new(),
        }
    }

    /// The extension of the format, without a dot before it: `csv.gz`.
    #[must_use]
    pub fn extension(mut self, extension: impl Into<String>) -> Self {
        self.extension = extension.into();
        self
    }

    /// The namespace of the stream; `None` is the same as an empty one.
    #[must_use]
    pub fn namespace(mut self, namespace: Option<&str>) -> Self {
        self.namespace = namespace.unwrap_or_default().to_owned();
        self
    }

    /// The id of the stream.
    #[must_use]
    pub fn stream_id(mut self, id: impl Into<String>) -> Self {
        self.stream_id = id.into();
        self
    }

    /// The name of the stream.
    #[must_use]
    pub fn stream_name(mut self, name: impl Into<String>) -> Self {
        self.stream_name = name.into();
        self
    }

    /// The id of the connection.
    #[must_use]
    pub fn connection_id(mut self, id: impl Into<String>) -> Self {
        self.connection_id = id.into();
        self
    }

    /// The id of this run of the connection.
    #[must_use]
    pub fn connection_run_id(mut self, id: impl Into<String>) -> Self {
        self.connection_run_id = id.into();
        self
    }

    /// The id of this stream's run.
    #[must_use]
    pub fn stream_run_id(mut self, id: impl Into<String>) -> Self {
        self.stream_run_id = id.into();
        self
    }

    /// The id of the sync that this run is a part of, where there is one.
    #[must_use]
    pub fn sync_id(mut self, id: impl Into<String>) -> Self {
        self.sync_id = id.into();
        self
    }

    /// The value of a macro that was added to the [`MacroSet`](crate::MacroSet).
    #[must_use]
    pub fn custom(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom.insert(name.into(), value.into());
        self
    }

    /// The text for the macro `name`, whose value has this source; empty where there is none.
    pub(crate) fn text(&self, source: Source, name: &str) -> &str {
        match source {
            Source::Extension => &self.extension,
            Source::Namespace => &self.namespace,
            Source::StreamId => &self.stream_id,
            Source::StreamName => &self.stream_name,
            Source::ConnectionId => &self.connection_id,
            Source::ConnectionRunId => &self.connection_run_id,
            Source::StreamRunId => &self.stream_run_id,
            Source::SyncId => &self.sync_id,
            Source::Custom => self.custom.get(name).map_or("", String::as_str),
            Source::Load(_)
            | Source::LoadInstant(_)
            | Source::CursorTime(_)
            | Source::CursorRaw
            | Source::Part
            | Source::PartIndex
            | Source::Uuid => "",
        }
    }

    /// Whether there is an id that tells this run from others.
    pub(crate) fn has_run_id(&self) -> bool {
        !(self.connection_run_id.is_empty() && self.stream_run_id.is_empty())
    }

    /// What tells the run of this stream from all others, in an order that never changes.
    pub(crate) fn identity(&self) -> [&str; 6] {
        [
            &self.connection_id,
            &self.connection_run_id,
            &self.namespace,
            &self.stream_id,
            &self.stream_name,
            &self.stream_run_id,
        ]
    }
}
