//! How the objects of a stream are made.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use spile_macros_template::KeyPlan;

use crate::column_marks::{is_declared, is_marked, marked_like, undeclared};
use crate::column_type::ColumnType;
use crate::cursor::CursorSource;
use crate::encoding::{EncodeError, Encoding};
use crate::ledger::Covers;
use crate::records::Records;
use crate::reshape::Reshape;
use crate::source::StreamDeclaration;

/// How the objects of one stream are made.
#[derive(Clone, Debug)]
pub struct StreamPlan {
    /// Their keys.
    pub keys: Arc<KeyPlan>,
    /// What the cursor of a record is.
    pub cursor: CursorSource,
    /// Their format.
    pub encoding: Arc<dyn Encoding>,
    /// Which columns are kept, and what they are called; `None` where records stay as they are.
    pub reshape: Option<Reshape>,
    /// What may be replaced.
    pub write: WriteMode,
    /// What happens when a record doesn't fit the columns that the stream had so far.
    pub schema_change: SchemaChange,
    /// Columns that were declared: they come first. A record that doesn't fit the type of one that
    /// [is marked so](crate::is_declared) is a bad one; the others have types to begin with, and may be
    /// marked with [the only kind of value](crate::only_kind) that they take.
    pub declared: Option<SchemaRef>,
    /// Columns that earlier runs have found: they come next, and are changed as those that this run
    /// finds.
    pub remembered: Option<SchemaRef>,
}

/// What an object may replace. Never one that the same run wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteMode {
    /// Nothing: a key that is taken takes the next number.
    #[default]
    Append,
    /// What stood at its key.
    Overwrite,
    /// No object at its key: that takes the next number. What earlier runs of the connection have
    /// written for the periods that it covers goes when the run has been published.
    Replace(Covers),
}

/// What happens when a record doesn't fit the columns that its stream had so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SchemaChange {
    /// The object is sealed, and the next one has room for the record.
    #[default]
    Widen,
    /// The run fails.
    Fail,
}

/// Tells how the objects of a stream are made: when its first record arrives, and whenever its source
/// declares it anew.
pub type StreamPlans = Box<
    dyn FnMut(&StreamDeclaration) -> Result<StreamPlan, Box<dyn std::error::Error + Send + Sync>>
        + Send,
>;

impl StreamPlan {
    /// The schema that the first object begins with. Columns that must not change don't change
    /// between runs either.
    pub(crate) fn first_schema(&self, sample: &Records) -> Result<SchemaRef, EncodeError> {
        let Some(known) = self.known(sample) else {
            return self.encoding.schema(None, sample);
        };
        match self.schema_change {
            SchemaChange::Fail => Ok(known),
            SchemaChange::Widen => self.first_wide(&known, sample),
        }
    }

    /// Where not even the first records have what their source has said roughly, they alone tell.
    fn first_wide(&self, known: &SchemaRef, sample: &Records) -> Result<SchemaRef, EncodeError> {
        let wide = self.wider_schema(known, sample)?;
        let is_wrong = |field: &FieldRef| {
            let said = self
                .declared
                .as_ref()
                .and_then(|it| it.fields().find(field.name()));
            let said = said.map(|(_, said)| said.data_type());
            let is_known = known.field_with_name(field.name()).ok();
            is_known.is_some_and(|it| said == Some(it.data_type()) && it != field.as_ref())
        };
        if !wide.fields().iter().any(is_wrong) {
            return Ok(wide);
        }
        let begin = wide.fields().iter().map(|field| match is_wrong(field) {
            true => FieldRef::new(untyped(field)),
            false => Arc::clone(field),
        });
        self.wider_schema(&schema(begin, &wide), sample)
    }

    /// A schema with room for all of `sample`, in which declared columns are what they were, and refuse what
    /// they refused.
    pub(crate) fn wider_schema(
        &self,
        known: &SchemaRef,
        sample: &Records,
    ) -> Result<SchemaRef, EncodeError> {
        let wide = self.encoding.schema(Some(known), sample)?;
        let Some(declared) = &self.declared else {
            return Ok(wide);
        };
        let fields =
            wide.fields()
                .iter()
                .enumerate()
                .map(|(at, wide)| match declared.fields().get(at) {
                    Some(declared) if is_declared(declared) => Arc::clone(declared),
                    Some(declared) if is_marked(declared) => {
                        FieldRef::new(marked_like(wide.as_ref().clone(), declared))
                    }
                    _ => Arc::clone(wide),
                });
        Ok(schema(fields, &wide))
    }

    /// What was found of columns under this plan, but for those that another declares otherwise.
    pub(crate) fn unless_declared_anew(&self, anew: &Self, found: &SchemaRef) -> SchemaRef {
        let of = |plan: &Self, name: &str| -> Option<Field> {
            let declared = plan.declared.as_ref()?;
            declared.field_with_name(name).ok().cloned()
        };
        let kept = found.fields().iter().filter_map(|field| {
            match of(anew, field.name()) {
                // What it refused was said by the declaration before.
                None => Some(FieldRef::new(undeclared(field.as_ref().clone()))),
                is => (is == of(self, field.name())).then(|| Arc::clone(field)),
            }
        });
        schema(kept, found)
    }

    /// The columns that refuse some values, if there are any.
    pub(crate) fn refusing(&self) -> Option<SchemaRef> {
        let declared = self.declared.as_ref()?;
        let marked = declared.fields().iter().filter(|field| is_marked(field));
        let marked: Vec<FieldRef> = marked.cloned().collect();
        (!marked.is_empty()).then(|| schema(marked.into_iter(), declared))
    }

    /// How a stream's first schema differs from what earlier runs have found, in words; empty where
    /// it doesn't.
    pub(crate) fn differences(&self, first: &SchemaRef) -> String {
        let Some(remembered) = &self.remembered else {
            return String::new();
        };
        let mine = first.fields().iter().filter(|field| !is_declared(field));
        let differences = mine.filter_map(|field| match remembered.field_with_name(field.name()) {
            Err(_) => Some(format!("{} is new", field.name())),
            Ok(known) if *known == undeclared(field.as_ref().clone()) => None,
            Ok(known) => {
                let (was, is) = (type_text(known), type_text(field));
                Some(format!("{} was {was} and is {is}", field.name()))
            }
        });
        differences.collect::<Vec<_>>().join(", ")
    }

    /// What is known of the columns before the first record. Records with types of their own
    /// (Parquet, Arrow) say in each run what they have, so nothing is remembered of them.
    fn known(&self, records: &Records) -> Option<SchemaRef> {
        let remembered = self.remembered.as_ref().filter(|_| !records.are_typed());
        match (&self.declared, remembered) {
            (Some(declared), Some(remembered)) => {
                let first = declared.fields().iter().map(|field| {
                    let known = remembered.fields().find(field.name());
                    let known = known.filter(|(_, it)| is_wider(field, it));
                    known.map_or_else(
                        || Arc::clone(field),
                        |(_, known)| FieldRef::new(marked_like(known.as_ref().clone(), field)),
                    )
                });
                let is_new = |field: &&FieldRef| declared.index_of(field.name()).is_err();
                let rest = remembered.fields().iter().filter(is_new);
                Some(schema(first.chain(rest.cloned()), declared))
            }
            (declared, remembered) => declared.as_ref().or(remembered).cloned(),
        }
    }
}

/// Whether what earlier runs have found of a column takes the place of a type to begin with.
fn is_wider(declared: &Field, known: &Field) -> bool {
    !is_declared(declared) && *known.data_type() != DataType::Null
}

/// A column of which nothing has been seen.
fn untyped(field: &Field) -> Field {
    marked_like(Field::new(field.name(), DataType::Null, true), field)
}

/// A column's type for people, in Arrow's words where there are no others.
fn type_text(field: &Field) -> String {
    let word = ColumnType::of(field).map(|column| column.to_string());
    word.unwrap_or_else(|| field.data_type().to_string())
}

fn schema(fields: impl Iterator<Item = FieldRef>, like: &SchemaRef) -> SchemaRef {
    let metadata = like.metadata().clone();
    SchemaRef::new(Schema::new_with_metadata(
        fields.collect::<Vec<_>>(),
        metadata,
    ))
}
