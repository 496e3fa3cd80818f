//! How the objects of a stream are made, of the settings that hold for it.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use spile_core::{
    CursorSource, Encoding, SchemaChange, SchemaRef, StreamDeclaration, StreamName, StreamPlan,
    StreamPlans, WriteMode, Zone, ids,
};
use spile_encoders::Format;
use spile_macros_template::{
    CursorKind, KeyPlan, PlanError, PlanErrorKind, PlanErrors, RunValues, Template,
};

use crate::choices::{
    CoversChoice, WriteChoice, can_change, covers, cursor_source, declared, has_columns,
    has_connection, schema_change, write_choice,
};
use crate::config::{ColumnSettings, ConfigFault, ConfigFaults, Places, Settings, StreamSettings};
use crate::declaration::{shape, with_columns};
use crate::destination::Destination;
use crate::encoding;
use crate::failure::Failure;
use crate::key_template::{default_key, key_syntax, template};

/// What tells a run from others.
#[derive(Clone, Debug)]
pub(crate) struct RunIdentity {
    pub(crate) connection_id: Option<String>,
    pub(crate) connection_run_id: String,
    pub(crate) load_time: DateTime<Utc>,
}

/// Plans streams by their settings.
#[derive(Clone)]
pub(crate) struct StreamPlanner {
    pub(crate) settings: Arc<Settings>,
    pub(crate) places: Arc<Places>,
    pub(crate) destination: Destination,
    pub(crate) identity: RunIdentity,
    pub(crate) zone: Zone,
}

/// What the settings of a stream say, checked.
pub(crate) struct Choices {
    template: Template,
    pub(crate) cursor: CursorSource,
    pub(crate) format: Format,
    encoding: Arc<dyn Encoding>,
    write: WriteChoice,
    covers: Option<CoversChoice>,
    schema_change: SchemaChange,
    pub(crate) declared: Option<SchemaRef>,
}

/// Why a stream that is met can't be planned.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.report().message)]
struct NoPlan(Failure);

impl StreamPlanner {
    /// Checks the settings that no input is needed for: the general ones, and those of the streams'
    /// own tables, whether they have input or not.
    pub(crate) fn check_general(&self, faults: &mut ConfigFaults) {
        let general = self.general();
        for pattern in self.settings.streams.keys() {
            faults.check(glob_of(pattern));
        }
        self.choices(&general, &[], faults);
        for (pattern, own) in &self.settings.streams {
            let settings = own.clone().over(general.clone());
            self.choices(&settings, &[pattern], faults);
        }
    }

    /// How the objects of each stream are made, whenever one is met.
    pub(crate) fn plans(self) -> StreamPlans {
        let mut met = HashSet::new();
        Box::new(move |declaration| {
            let mut faults = ConfigFaults::default();
            let plan = self.plan(declaration, &mut faults);
            met.insert(declaration.name.clone());
            // Of a protocol nobody knows before which streams there are.
            faults.check(one_id(&self.settings, met.len()));
            let plan = self.places.place(faults).or(plan);
            plan.map_err(no_plan)
        })
    }

    /// The encodings that streams may have, whichever there are: those of the general settings and of
    /// all tables.
    pub(crate) fn encodings(&self) -> Vec<Arc<dyn Encoding>> {
        let general = self.general();
        let tables = self.settings.streams.values();
        let all = tables.map(|own| own.clone().over(general.clone()));
        let all = all.chain([general.clone()]);
        let choices = all.filter_map(|settings| {
            let choices = self.checked(&settings, &mut ConfigFaults::default());
            choices.map(|choices| choices.encoding)
        });
        choices.collect()
    }

    /// Whether any stream may replace periods.
    pub(crate) fn may_replace(&self) -> bool {
        let tables = self.settings.streams.values();
        let own = tables.filter_map(|own| own.write.as_deref());
        let general = self.settings.destination.write.as_deref();
        own.chain(general).any(|write| write == "replace")
    }

    /// How the objects of a stream are made.
    pub(crate) fn plan(
        &self,
        declaration: &StreamDeclaration,
        faults: &mut ConfigFaults,
    ) -> Option<StreamPlan> {
        let stream = &declaration.name;
        let settings = self.own(stream).over(self.general());
        let tables = self.tables(stream);
        let mut choices = self.choices(&settings, &tables, faults)?;
        let placed = |fault: ConfigFault| {
            let place = self.place(&fault.place, &tables);
            fault.at(&place)
        };
        let fits = self.fits(declaration, &settings).map_err(placed);
        faults.check(fits)?;
        let format = settings.cursor_format.as_deref();
        self.take_cursor(declaration, format, &mut choices);
        if let Some(columns) = &declaration.columns {
            choices.declared = with_columns(choices.declared, columns, choices.format);
        }
        let shaped = shape(&self.settings, &settings, declaration, &mut choices);
        let reshape = faults.check(shaped.map_err(placed))?;
        let keys = faults.check(self.keys(declaration, &choices))?;
        let write = self.write(&choices, &keys).map_err(placed);
        Some(StreamPlan {
            write: faults.check(write)?,
            keys: Arc::new(keys),
            cursor: choices.cursor,
            encoding: choices.encoding,
            reshape,
            schema_change: choices.schema_change,
            declared: choices.declared,
            remembered: None,
        })
    }

    /// What the objects of a stream may replace.
    fn write(&self, choices: &Choices, keys: &KeyPlan) -> Result<WriteMode, ConfigFault> {
        Ok(match (choices.write, &choices.covers) {
            (WriteChoice::Append, _) => WriteMode::Append,
            (WriteChoice::Overwrite, _) => WriteMode::Overwrite,
            (WriteChoice::Replace, None) => {
                return Err(ConfigFault::new("covers", "it isn't said what is replaced"));
            }
            (WriteChoice::Replace, Some(covers)) => {
                covers.can_be_told(keys, &choices.cursor)?;
                WriteMode::Replace(covers.of(keys, &choices.cursor, self.zone))
            }
        })
    }

    /// Warns of tables that no stream has use for: their names may be mistyped.
    pub(crate) fn check_tables(&self, streams: &[StreamName]) {
        for pattern in self.settings.streams.keys() {
            let matches = |stream: &StreamName| {
                let name = stream.to_string();
                *pattern == name || glob_of(pattern).is_ok_and(|glob| glob.matches(&name))
            };
            if !streams.iter().any(matches) {
                tracing::warn!("[streams.{pattern}] has no effect: no stream has that name");
            }
        }
    }

    /// What the settings of a stream say, apart from the stream itself. `tables` are those that
    /// they are from, the nearest first.
    fn choices(
        &self,
        settings: &StreamSettings,
        tables: &[&str],
        faults: &mut ConfigFaults,
    ) -> Option<Choices> {
        let mut found = ConfigFaults::default();
        let choices = self.checked(settings, &mut found);
        faults.note_all(found.placed(|name| self.place(name, tables)));
        choices
    }

    /// Where the setting that streams call by this name was given.
    fn place(&self, name: &str, tables: &[&str]) -> String {
        let own = |table: &&&str| self.places.has(&["streams", table, name]);
        match tables.iter().find(own) {
            Some(table) => self.places.of(&["streams", table, name]),
            None if name == "key" && self.destination.key.is_some() => {
                self.places.of(&["destination", "url"])
            }
            None => self.places.of_general(name),
        }
    }

    fn checked(&self, settings: &StreamSettings, faults: &mut ConfigFaults) -> Option<Choices> {
        let syntax = faults.check(key_syntax(&self.settings.destination));
        let key = settings.key.as_deref();
        let key = key.unwrap_or(default_key(syntax.unwrap_or_default()));
        let template = syntax.and_then(|syntax| faults.check(template(key, syntax)));
        let cursor = faults.check(cursor_source(
            settings.cursor_field.as_deref(),
            settings.cursor.as_deref(),
            settings.cursor_format.as_deref(),
            self.zone,
        ));
        let format = faults.check(format(settings.format.as_deref(), key));
        let encoding = format.and_then(|format| {
            let encoding = encoding::resolve(format, &self.settings.destination);
            encoding.map_err(|all| faults.note_all(all)).ok()
        });
        let write = faults.check(write_choice(settings.write.as_deref()));
        let covers = covers(
            settings.covers.as_deref(),
            write,
            cursor.as_ref(),
            self.zone,
        );
        let covers = faults.check(covers);
        if write == Some(WriteChoice::Replace) {
            let id = self.identity.connection_id.as_deref();
            faults.check(has_connection("`replace`", id));
        }
        let schema_change = schema_change(settings.schema_change.as_deref());
        let schema_change =
            faults.check(schema_change.and_then(|change| can_change(change, format)));
        let declared = declared(settings.schema.as_deref());
        let declared = faults.check(declared.and_then(|columns| has_columns(columns, format)));
        Some(Choices {
            template: template?,
            cursor: cursor?,
            format: format?,
            encoding: encoding?,
            write: write?,
            covers: covers?,
            schema_change: schema_change?,
            declared: declared?,
        })
    }

    /// The settings that hold for every stream that says nothing else.
    fn general(&self) -> StreamSettings {
        let settings = Settings::clone(&self.settings);
        StreamSettings {
            key: self.destination.key.clone().or(settings.destination.key),
            format: settings.destination.format,
            write: settings.destination.write,
            covers: settings.covers,
            cursor_field: settings.cursor_field,
            cursor: settings.cursor,
            cursor_format: settings.cursor_format,
            schema_change: settings.schema_change,
            schema: settings.schema,
            columns: ColumnSettings::default(),
        }
    }

    /// The settings of all tables that hold for a stream.
    fn own(&self, stream: &StreamName) -> StreamSettings {
        let tables = self.tables(stream).into_iter();
        let tables = tables.filter_map(|pattern| self.settings.streams.get(pattern));
        tables.fold(StreamSettings::default(), |own, table| {
            own.over(table.clone())
        })
    }

    /// The tables whose globs match a stream, the nearest first: that of its very name.
    fn tables(&self, stream: &StreamName) -> Vec<&str> {
        let name = stream.to_string();
        let patterns = self.settings.streams.keys().map(String::as_str);
        let matches = |pattern: &&str| {
            *pattern == name || glob_of(pattern).is_ok_and(|glob| glob.matches(&name))
        };
        let mut tables: Vec<&str> = patterns.rev().filter(matches).collect();
        tables.sort_by_key(|pattern| *pattern != name);
        tables
    }

    pub(crate) fn keys(
        &self,
        declaration: &StreamDeclaration,
        choices: &Choices,
    ) -> Result<KeyPlan, ConfigFault> {
        let stream = &declaration.name;
        let template = choices.template.under(&self.destination.prefix);
        let values = self.values(stream, choices.format)?;
        let values = match declaration.sync_id {
            Some(id) => values.sync_id(id.to_string()),
            None => values,
        };
        let kind = cursor_kind(&choices.cursor);
        KeyPlan::new(&template, values, kind).map_err(|errors| key_fault(stream, &errors))
    }

    /// What keys of the stream are made of, the cursor apart.
    pub(crate) fn values(
        &self,
        stream: &StreamName,
        format: Format,
    ) -> Result<RunValues, ConfigFault> {
        let RunIdentity {
            connection_id,
            connection_run_id,
            load_time,
        } = &self.identity;
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

/// One id is for one stream.
pub(crate) fn one_id(settings: &Settings, streams: usize) -> Result<(), ConfigFault> {
    if settings.stream_id.is_none() || streams <= 1 {
        return Ok(());
    }
    let message = format!("one id was given, but there are {streams} streams");
    Err(ConfigFault::new("stream_id", message)
        .hint("leave it out: each stream has an id of its own then"))
}

impl StreamSettings {
    /// These settings, and those of another table where these say nothing.
    fn over(self, other: Self) -> Self {
        // A cursor and a cursor field are one choice.
        let (cursor, cursor_field) = match (self.cursor, self.cursor_field) {
            (None, None) => (other.cursor, other.cursor_field),
            own => own,
        };
        Self {
            key: self.key.or(other.key),
            format: self.format.or(other.format),
            write: self.write.or(other.write),
            covers: self.covers.or(other.covers),
            cursor_field,
            cursor,
            cursor_format: self.cursor_format.or(other.cursor_format),
            schema_change: self.schema_change.or(other.schema_change),
            schema: self.schema.or(other.schema),
            columns: self.columns.over(other.columns),
        }
    }
}

impl ColumnSettings {
    /// These settings, and those of another table where these say nothing. Each new name is a
    /// setting of its own.
    fn over(self, mut other: Self) -> Self {
        other.rename.extend(self.rename);
        Self {
            include: self.include.or(other.include),
            exclude: self.exclude.or(other.exclude),
            rename: other.rename,
        }
    }
}

/// That a stream can't be planned, as an error of the run.
pub(crate) fn no_plan(faults: ConfigFaults) -> Box<dyn std::error::Error + Send + Sync> {
    NoPlan(faults.into()).into()
}

fn glob_of(pattern: &str) -> Result<glob::Pattern, ConfigFault> {
    glob::Pattern::new(pattern)
        .map_err(|error| ConfigFault::new(format!("[streams.{pattern}]"), error))
}

fn key_fault(stream: &StreamName, errors: &PlanErrors) -> ConfigFault {
    let place = format!("the key of stream {stream}");
    let errors_of = errors.errors();
    // What isn't about a macro has no place to point at, in a template that may be very long.
    if errors_of.iter().all(|error| error.span.is_none()) {
        let kinds: Vec<_> = errors_of
            .iter()
            .map(|error| error.kind.to_string())
            .collect();
        return ConfigFault::new(place, kinds.join("; "));
    }
    let lacks_cursor =
        |error: &PlanError| matches!(error.kind, PlanErrorKind::CursorMissing { .. });
    let fault = ConfigFault::new(place, drawn(&errors.render()));
    if errors_of.iter().any(lacks_cursor) {
        fault.hint("name the field that holds the cursor: --cursor-field FIELD")
    } else {
        fault
    }
}

/// A drawing of a template with its faults, below the message that it belongs to.
pub(crate) fn drawn(drawing: &str) -> String {
    drawing.lines().map(|line| format!("\n  {line}")).collect()
}

/// The format that is set, or the one that the end of the key names.
fn format(name: Option<&str>, key: &str) -> Result<Format, ConfigFault> {
    let of_key = Format::from_key(key);
    let Some(name) = name else {
        return Ok(of_key.unwrap_or(Format::Parquet));
    };
    let format = Format::parse(name).map_err(|error| {
        ConfigFault::unknown(
            "format",
            name,
            error.nearest,
            &Format::ALL.map(Format::extension),
        )
    })?;
    match of_key {
        Some(other) if other != format => {
            let other = other.extension();
            let message = format!("the format is {name}, but the key ends like {other}");
            Err(ConfigFault::new("format", message)
                .hint("end the key with .{extension}, which follows the format"))
        }
        _ => Ok(format),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nearer_table_replaces_lists_of_columns_and_adds_new_names() {
        let columns = |include: Option<&str>, rename: &[(&str, &str)]| ColumnSettings {
            include: include.map(|glob| vec![glob.to_owned()]),
            exclude: None,
            rename: rename
                .iter()
                .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()))
                .collect(),
        };
        let farther = columns(Some("*"), &[("a", "x"), ("b", "y")]);
        let found = columns(Some("id_*"), &[("a", "z")]).over(farther.clone());
        assert_eq!(found.include.as_deref(), Some(&["id_*".to_owned()][..]));
        assert_eq!(found.rename["a"], "z");
        assert_eq!(found.rename["b"], "y");
        let silent = columns(None, &[]).over(farther);
        assert_eq!(silent.include.as_deref(), Some(&["*".to_owned()][..]));
    }
}
