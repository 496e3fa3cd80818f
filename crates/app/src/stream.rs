//! How the objects of a stream are made, of the settings that hold for it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use spile_core::{CursorSource, StreamName, StreamPlan, Zone, ids};
use spile_encoders::Format;
use spile_macros_template::{CursorKind, KeyPlan, MacroSet, RunValues, Template};

use crate::config::{ConfigFault, ConfigFaults, Settings, StreamSettings};
use crate::destination::Destination;
use crate::encoding;
use crate::job::{cursor_source, schema_change, write_mode};

/// What tells a run from others.
#[derive(Clone, Debug)]
pub(crate) struct RunIdentity {
    pub(crate) connection_id: Option<String>,
    pub(crate) connection_run_id: String,
    pub(crate) load_time: DateTime<Utc>,
}

/// Plans streams by their settings.
pub(crate) struct StreamPlanner<'a> {
    settings: &'a Settings,
    destination: &'a Destination,
    identity: &'a RunIdentity,
    zone: Zone,
}

/// The template of keys where none is given.
const KEY: &str = "{namespace?}/{stream_name}/{iso_date}/{connection_run_id}-{part}.{extension}";

impl<'a> StreamPlanner<'a> {
    pub(crate) fn new(
        settings: &'a Settings,
        destination: &'a Destination,
        identity: &'a RunIdentity,
        zone: Zone,
    ) -> Self {
        Self {
            settings,
            destination,
            identity,
            zone,
        }
    }

    /// Checks the templates of all streams, those that have no input included.
    pub(crate) fn check_templates(&self, faults: &mut ConfigFaults) {
        let own = self
            .settings
            .streams
            .values()
            .filter_map(|own| own.key.as_deref());
        let general = self.general_key();
        for text in std::iter::once(general).chain(own) {
            faults.check(template(text));
        }
    }

    /// How the objects of a stream are made.
    pub(crate) fn plan(
        &self,
        stream: &StreamName,
        faults: &mut ConfigFaults,
    ) -> Option<StreamPlan> {
        let own = self.own(stream);
        let settings = self.settings;
        let pick = |own: &'_ Option<String>, general: &'_ Option<String>| {
            own.as_ref().or(general.as_ref()).cloned()
        };
        let cursor = cursor_source(
            pick(&own.cursor_field, &settings.cursor_field).as_deref(),
            pick(&own.cursor, &settings.cursor).as_deref(),
            pick(&own.cursor_format, &settings.cursor_format).as_deref(),
            self.zone,
        );
        let write = write_mode(pick(&own.write, &settings.destination.write).as_deref());
        let change = schema_change(pick(&own.schema_change, &settings.schema_change).as_deref());
        let key = own.key.as_deref().unwrap_or_else(|| self.general_key());
        let format = pick(&own.format, &settings.destination.format);
        let format = faults.check(self.format(format.as_deref(), key));
        let encoding = format.and_then(|format| {
            encoding::resolve(format, &settings.destination)
                .map_err(|all| faults.0.extend(all.0))
                .ok()
        });
        let cursor = faults.check(cursor);
        let keys = match (&cursor, format) {
            (Some(cursor), Some(format)) => faults
                .check(self.keys(stream, key, format, cursor))
                .map(Arc::new),
            _ => None,
        };
        Some(StreamPlan {
            keys: keys?,
            cursor: cursor?,
            encoding: encoding?,
            write: faults.check(write)?,
            schema_change: faults.check(change)?,
        })
    }

    fn general_key(&self) -> &str {
        let key = self
            .destination
            .key
            .as_deref()
            .or(self.settings.destination.key.as_deref());
        key.unwrap_or(KEY)
    }

    /// The settings of all tables whose globs match a stream; the table of its very name wins.
    fn own(&self, stream: &StreamName) -> StreamSettings {
        let name = stream.to_string();
        let mut own = StreamSettings::default();
        for (pattern, table) in &self.settings.streams {
            let matches = glob::Pattern::new(pattern).is_ok_and(|glob| glob.matches(&name));
            if matches && *pattern != name {
                own = table.clone().over(own);
            }
        }
        match self.settings.streams.get(&name) {
            Some(table) => table.clone().over(own),
            None => own,
        }
    }

    /// The format that is set, or the one that the end of the key names.
    fn format(&self, name: Option<&str>, key: &str) -> Result<Format, ConfigFault> {
        let of_key = Format::from_key(key);
        let Some(name) = name else {
            return Ok(of_key.unwrap_or(Format::Parquet));
        };
        let format = Format::parse(name).map_err(|error| ConfigFault::new("--format", error))?;
        match of_key {
            Some(other) if other != format => {
                let message = format!(
                    "the format is {name}, but the key ends like {}",
                    other.extension()
                );
                Err(ConfigFault::new("--format", message)
                    .hint("end the key with .{extension}, which follows the format"))
            }
            _ => Ok(format),
        }
    }

    fn keys(
        &self,
        stream: &StreamName,
        key: &str,
        format: Format,
        cursor: &CursorSource,
    ) -> Result<KeyPlan, ConfigFault> {
        let template = template(key)?.under(&self.destination.prefix);
        KeyPlan::new(&template, self.values(stream, format)?, cursor_kind(cursor)).map_err(
            |errors| {
                let fault =
                    ConfigFault::new(format!("the key of stream {stream}"), errors.render());
                match cursor {
                    CursorSource::None => {
                        fault.hint("name the field that holds the cursor: --cursor-field FIELD")
                    }
                    _ => fault,
                }
            },
        )
    }

    fn values(&self, stream: &StreamName, format: Format) -> Result<RunValues, ConfigFault> {
        let RunIdentity {
            connection_id,
            connection_run_id,
            load_time,
        } = self.identity;
        let moment = self.zone.at_instant(load_time.timestamp_micros());
        let time = moment.and_then(|moment| moment.to_date_time());
        let time =
            time.ok_or_else(|| ConfigFault::new("load_time", "it is out of the calendar"))?;
        let connection = connection_id.as_deref();
        let stream_id = self.settings.stream_id.clone();
        Ok(RunValues::new(time)
            .extension(format.extension())
            .namespace(stream.namespace.as_deref())
            .stream_name(&*stream.name)
            .stream_id(stream_id.unwrap_or_else(|| ids::stream_id(connection, stream)))
            .connection_id(connection.unwrap_or_default())
            .connection_run_id(connection_run_id)
            .stream_run_id(ids::stream_run_id(connection_run_id, stream)))
    }
}

impl StreamSettings {
    /// These settings, and those of another table where these say nothing.
    fn over(self, other: Self) -> Self {
        Self {
            key: self.key.or(other.key),
            format: self.format.or(other.format),
            write: self.write.or(other.write),
            cursor_field: self.cursor_field.or(other.cursor_field),
            cursor: self.cursor.or(other.cursor),
            cursor_format: self.cursor_format.or(other.cursor_format),
            schema_change: self.schema_change.or(other.schema_change),
        }
    }
}

fn template(text: &str) -> Result<Template, ConfigFault> {
    Template::parse(text, &MacroSet::standard()).map_err(|errors| {
        ConfigFault::new("the key's template", errors.render())
            .hint("`spile macros` lists all macros")
    })
}

fn cursor_kind(cursor: &CursorSource) -> CursorKind {
    use spile_core::CursorFormat::Text;
    match cursor {
        CursorSource::None => CursorKind::None,
        CursorSource::Field(field) if field.format() == Text => CursorKind::Text,
        CursorSource::Run(cursor) if cursor.moment.is_none() => CursorKind::Text,
        CursorSource::Field(_) | CursorSource::Run(_) => CursorKind::Time,
    }
}
