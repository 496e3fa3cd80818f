//! What a source declares of a stream, and what the settings of the stream say to it.

use arrow::datatypes::{Field, Schema};
use spile_core::{
    CursorField, CursorSource, DeclaredWrite, Reshape, ReshapeConfig, RestColumn, SchemaColumn,
    SchemaRef, StreamDeclaration,
};
use spile_encoders::Format;
use spile_macros_template::Granularity;

use crate::choices::{cursor_format, has_connection};
use crate::config::{ConfigFault, Settings, StreamSettings, nearest};
use crate::stream::{Choices, StreamPlanner};

/// The column of fields that the source's schema doesn't tell of.
const REST: &str = "_unknown_fields";

impl StreamPlanner {
    /// Where the source says how a stream is to be written, the settings must not say otherwise.
    pub(crate) fn fits(
        &self,
        declaration: &StreamDeclaration,
        settings: &StreamSettings,
    ) -> Result<(), ConfigFault> {
        let Some(declared) = declaration.write else {
            return Ok(());
        };
        let stream = &declaration.name;
        let (word, is_alike) = match (declared, settings.write.as_deref()) {
            (DeclaredWrite::Append, None | Some("append")) => return Ok(()),
            (DeclaredWrite::Overwrite, None) => {
                let what = format!("overwrite, as the catalog has it for stream {stream},");
                return has_connection(&what, self.identity.connection_id.as_deref());
            }
            (DeclaredWrite::Append, _) => ("append", ""),
            (DeclaredWrite::Overwrite, _) => ("overwrite", ", generation by generation,"),
        };
        let message = format!(
            "the source's catalog says that stream {stream} is written by {word}{is_alike} and not \
             as this setting says"
        );
        Err(ConfigFault::new("write", message).hint("leave it out: the catalog decides"))
    }

    /// Takes the cursor that the source goes by, where the key tells periods apart and the settings
    /// name none.
    pub(crate) fn take_cursor(
        &self,
        declaration: &StreamDeclaration,
        format: Option<&str>,
        choices: &mut Choices,
    ) {
        if !matches!(choices.cursor, CursorSource::None) || declaration.cursor.is_empty() {
            return;
        }
        let Ok(format) = cursor_format(format) else {
            return;
        };
        let field = CursorField::new(&declaration.cursor.join("."), format);
        let none = std::mem::replace(&mut choices.cursor, CursorSource::Field(field));
        let keys = self.keys(declaration, choices);
        if keys.is_ok_and(|keys| keys.granularity() == Granularity::None) {
            choices.cursor = none;
        }
    }
}

/// The columns that the settings declare, and behind them those that the source does. A format without
/// columns has no use for them.
pub(crate) fn with_columns(
    declared: Option<SchemaRef>,
    columns: &[SchemaColumn],
    format: Format,
) -> Option<SchemaRef> {
    if matches!(format, Format::Jsonl(_)) {
        return declared;
    }
    let own = declared.iter().flat_map(|schema| schema.fields().iter());
    let own: Vec<Field> = own.map(|field| field.as_ref().clone()).collect();
    let is_new = |column: &&SchemaColumn| !own.iter().any(|field| *field.name() == column.name);
    let rest = columns.iter().filter(is_new).map(SchemaColumn::field);
    let fields: Vec<Field> = own.iter().cloned().chain(rest).collect();
    (!fields.is_empty()).then(|| SchemaRef::new(Schema::new(fields)))
}

/// Which columns of a stream are kept, and what they are called: the plan's columns and its cursor go by
/// the new names.
pub(crate) fn shape(
    settings: &Settings,
    own: &StreamSettings,
    declaration: &StreamDeclaration,
    choices: &mut Choices,
) -> Result<Option<Reshape>, ConfigFault> {
    let fault =
        |error: spile_core::ReshapeError| ConfigFault::new("columns", format!("can't {error}"));
    let config = ReshapeConfig {
        include: own.columns.include.clone().unwrap_or_default(),
        exclude: own.columns.exclude.clone().unwrap_or_default(),
        rename: own.columns.rename.clone(),
        rest: rest(settings, declaration, choices)?,
    };
    let Some(reshape) = Reshape::new(&config).map_err(fault)? else {
        return Ok(None);
    };
    if let CursorSource::Field(field) = &choices.cursor {
        let renamed = renamed(&reshape, field.name()).ok_or_else(|| {
            let message = format!("the cursor field `{}` is left out", field.name());
            ConfigFault::new("columns", message).hint("keep it: keys are made of it")
        })?;
        choices.cursor = CursorSource::Field(CursorField::new(&renamed, field.format()));
    }
    let has_columns = !matches!(choices.format, Format::Jsonl(_));
    if has_columns && (choices.declared.is_some() || config.rest.is_some()) {
        let declared = choices.declared.take();
        let declared = declared.unwrap_or_else(|| SchemaRef::new(Schema::empty()));
        choices.declared = Some(reshape.schema(&declared).map_err(fault)?);
    }
    Ok(Some(reshape))
}

/// What a cursor field is called afterwards: its whole name, or the first part of its path.
fn renamed(reshape: &Reshape, name: &str) -> Option<String> {
    match name.split_once('.') {
        None => reshape.name_of(name).map(str::to_owned),
        Some((first, rest)) => Some(format!("{}.{rest}", reshape.name_of(first)?)),
    }
}

/// Where fields go that the source's schema doesn't tell of, if not to columns of their own.
fn rest(
    settings: &Settings,
    declaration: &StreamDeclaration,
    choices: &Choices,
) -> Result<Option<RestColumn>, ConfigFault> {
    match (settings.unknown_fields.as_deref(), &declaration.columns) {
        (None | Some("column"), _) | (Some("json"), None) => Ok(None),
        (Some("json"), Some(columns)) => {
            let mut known: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let own = choices
                .declared
                .iter()
                .flat_map(|schema| schema.fields().iter());
            known.extend(own.map(|field| field.name().clone()));
            if let CursorSource::Field(field) = &choices.cursor {
                known.extend(field.name().split('.').next().map(str::to_owned));
            }
            let name = REST.to_owned();
            Ok(Some(RestColumn { name, known }))
        }
        (Some(name), _) => {
            let known = ["column", "json"];
            let near = nearest(name, &known);
            Err(ConfigFault::unknown("unknown_fields", name, near, &known))
        }
    }
}
