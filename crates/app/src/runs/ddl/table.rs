//! What a table is made of, whoever reads it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::FieldRef;
use spile_core::StreamName;
use spile_core::ledger::{SchemaRecord, StreamIndex};
use spile_encoders::{Compression, Format};

use super::types;
use crate::config::CsvSettings;
use crate::failure::{Exit, Failure};
use crate::report::plural;
use crate::table::shown;

/// A table over the objects of a stream.
pub(super) struct TableOf {
    pub(super) stream: String,
    pub(super) connection_id: String,
    /// What the table is to be called.
    pub(super) name: String,
    pub(super) family: Family,
    /// Where keys begin: `s3://bucket` or a folder's path.
    pub(super) location: String,
    /// The objects, in the order of the index.
    pub(super) objects: Vec<Object>,
    /// The columns of all objects together.
    pub(super) columns: Vec<FieldRef>,
    pub(super) csv: CsvSettings,
    pub(super) warnings: Vec<String>,
    keys: BTreeSet<String>,
}

/// An object of a table.
pub(super) struct Object {
    pub(super) key: String,
    pub(super) compression: Compression,
    /// The columns that it has, in their order; empty where that isn't known.
    pub(super) columns: Vec<String>,
}

/// A format without its compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Csv,
    Jsonl,
    Parquet,
}

impl Family {
    fn of(format: Format) -> Self {
        match format {
            Format::Csv(_) => Self::Csv,
            Format::Jsonl(_) => Self::Jsonl,
            Format::Parquet => Self::Parquet,
        }
    }
}

impl TableOf {
    /// The table of an index; `format` is that of keys that don't tell theirs.
    pub(super) fn new(
        stream: &StreamName,
        index: &StreamIndex,
        known: &BTreeMap<String, SchemaRecord>,
        format: &str,
    ) -> Result<Self, Failure> {
        let usual = Format::parse(format).unwrap_or(Format::Parquet);
        let (mut objects, mut columns, mut unknown) = (Vec::new(), Vec::new(), 0);
        let mut formats = BTreeMap::new();
        for entry in &index.objects {
            let key = entry.record.key.to_string();
            let format = Format::from_key(&key).unwrap_or(usual);
            formats.insert(format.extension(), Family::of(format));
            let own = known
                .get(&entry.record.schema)
                .map(|schema| &*schema.columns);
            unknown += usize::from(own.is_none());
            let own: Vec<FieldRef> = own.unwrap_or_default().iter().map(types::column).collect();
            types::add(&mut columns, &own);
            objects.push(Object {
                key,
                compression: format.compression(),
                columns: own.iter().map(|column| column.name().clone()).collect(),
            });
        }
        let family = one_family(&formats)?;
        let mut table = Self {
            stream: stream.to_string(),
            connection_id: index.connection_id.clone(),
            name: match &stream.namespace {
                Some(namespace) => format!("{namespace}_{}", stream.name),
                None => stream.name.to_string(),
            },
            family,
            location: String::new(),
            keys: objects.iter().map(|object| object.key.clone()).collect(),
            objects,
            columns,
            csv: CsvSettings::default(),
            warnings: Vec::new(),
        };
        if unknown > 0 {
            let objects = plural(unknown as u64, "object");
            let warning = format!("nothing is kept any more of the columns of {objects}");
            table.warnings.push(warning);
        }
        Ok(table)
    }

    /// Types that the objects of a text format don't have are those that somebody declares.
    pub(super) fn declare(&mut self, declared: &[FieldRef]) {
        if self.family == Family::Parquet {
            return;
        }
        for field in declared {
            let known = self.columns.iter_mut();
            match known
                .into_iter()
                .find(|column| column.name() == field.name())
            {
                Some(column) => *column = FieldRef::clone(field),
                None if self.family == Family::Jsonl => self.columns.push(FieldRef::clone(field)),
                None => {}
            }
        }
    }

    /// What the statement is of, for people.
    pub(super) fn comment(&self) -> String {
        let objects = plural(self.objects.len() as u64, "object");
        let of = format!(
            "stream {} of connection {}: {objects}",
            self.stream, self.connection_id
        );
        format!("-- {}\n", shown(&of))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn is_in_a_bucket(&self) -> Result<(), Failure> {
        match self.location.starts_with("s3://") {
            true => Ok(()),
            false => {
                let message = format!("only DuckDB reads a folder such as {}", self.location);
                Err(Failure::new(Exit::Configuration, message).hint("give --dialect duckdb"))
            }
        }
    }

    /// The folder that all objects have in common, with a slash at its end unless it is the bucket.
    pub(super) fn folder(&self) -> &str {
        let mut keys = self.objects.iter().map(|object| object.key.as_str());
        let first = keys.next().unwrap_or_default();
        let common = keys.fold(first.len(), |common, key| {
            let same = first.bytes().zip(key.bytes()).take_while(|(a, b)| a == b);
            common.min(same.count())
        });
        let end = first.as_bytes()[..common]
            .iter()
            .rposition(|byte| *byte == b'/');
        end.map_or("", |end| &first[..=end])
    }

    /// Warns of objects that would be read as well. Names that begin with `_` or `.` are hidden.
    pub(super) fn warn_of(&mut self, others: &[String]) {
        let folder = self.folder();
        let is_seen = |key: &&String| {
            let rest = key.strip_prefix(folder).unwrap_or(key);
            !rest.split('/').any(|name| name.starts_with(['_', '.']))
        };
        let seen: Vec<&String> = others.iter().filter(is_seen).collect();
        if let Some(first) = seen.first() {
            let warning = format!(
                "{} below {}/{folder} {} counted here and would be read as well, such as {}",
                plural(seen.len() as u64, "object"),
                self.location,
                if seen.len() == 1 { "isn't" } else { "aren't" },
                shown(first),
            );
            self.warnings.push(warning);
        }
    }

    /// Whether each object has the first of the columns, in their order: then they can be told by
    /// where they stand.
    pub(super) fn is_positional(&self) -> bool {
        let names = || self.columns.iter().map(|column| column.name());
        self.objects.iter().all(|object| {
            object
                .columns
                .iter()
                .zip(names())
                .all(|(own, name)| own == name)
        })
    }

    pub(super) fn needs_columns(&self) -> Result<(), Failure> {
        match self.columns.is_empty() {
            false => Ok(()),
            true => {
                let message = "the objects have no columns on record, as jsonl has none";
                Err(Failure::new(Exit::Configuration, message)
                    .hint("say what they are: --columns 'id int64, at timestamp_utc'"))
            }
        }
    }

    pub(super) fn delimiter(&self) -> &str {
        match self.csv.delimiter.as_deref() {
            None => ",",
            Some("\\t") => "\t",
            Some(delimiter) => delimiter,
        }
    }

    pub(super) fn quote(&self) -> &str {
        self.csv.quote.as_deref().unwrap_or("\"")
    }

    pub(super) fn null(&self) -> &str {
        self.csv.null.as_deref().unwrap_or_default()
    }

    pub(super) fn has_header(&self) -> bool {
        self.csv.header.unwrap_or(true)
    }
}

fn one_family(formats: &BTreeMap<&str, Family>) -> Result<Family, Failure> {
    let mut families = formats.values();
    let first = families.next().copied().unwrap_or(Family::Parquet);
    match families.all(|family| *family == first) {
        true => Ok(first),
        false => {
            let formats: Vec<&str> = formats.keys().copied().collect();
            let message = format!(
                "objects of several formats make no table: {}",
                formats.join(", ")
            );
            let failure = Failure::new(Exit::Configuration, message);
            Err(failure.hint("load the stream anew in one of them, under another connection.id"))
        }
    }
}
