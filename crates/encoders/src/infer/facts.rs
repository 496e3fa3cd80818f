//! What is known of a column's values.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};

use spile_core::json::Kind;
use spile_core::{is_json_text, json_text_field};

use super::number::NumberFacts;
use crate::keys::Keys;

/// What is known of a column's values: which kinds there are, and what is common to those of a
/// kind. Nothing at all is known of a column of nulls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(super) booleans: bool,
    pub(super) numbers: Option<NumberFacts>,
    pub(super) strings: Option<Strings>,
    pub(super) list: Option<Box<Facts>>,
    pub(super) object: Option<Box<ObjectFacts>>,
    /// Values that stand as JSON text, of which no more is known.
    json: bool,
    /// A declared type that is never inferred.
    other: Option<DataType>,
}

/// What is common to some strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strings {
    Date,
    Naive,
    Instant,
    Any,
}

/// The fields of objects, in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(crate) struct ObjectFacts {
    pub(super) keys: Keys,
    pub(super) fields: Vec<(Box<str>, Facts)>,
}

impl Facts {
    /// What a column's type says of its values.
    pub(crate) fn of_field(field: &Field) -> Self {
        match is_json_text(field) {
            true => Self {
                json: true,
                ..Self::default()
            },
            false => Self::of_type(field.data_type()),
        }
    }

    fn of_type(data_type: &DataType) -> Self {
        match data_type {
            DataType::Null => Self::default(),
            DataType::Boolean => Self {
                booleans: true,
                ..Self::default()
            },
            DataType::Int8 | DataType::UInt8 => NumberFacts::integers(3).into(),
            DataType::Int16 | DataType::UInt16 => NumberFacts::integers(5).into(),
            DataType::Int32 | DataType::UInt32 => NumberFacts::integers(10).into(),
            DataType::Int64 => NumberFacts::integers(19).into(),
            DataType::UInt64 => NumberFacts::integers(20).into(),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                NumberFacts::floats().into()
            }
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale)
            | DataType::Decimal256(precision, scale) => {
                NumberFacts::decimals(*precision, *scale).into()
            }
            DataType::Date32 => Strings::Date.into(),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Strings::Naive.into(),
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Strings::Instant.into(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Strings::Any.into(),
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                Self {
                    list: Some(Box::new(Self::of_field(item))),
                    ..Self::default()
                }
            }
            DataType::Struct(fields) => Self {
                object: Some(Box::new(ObjectFacts::of_fields(fields))),
                ..Self::default()
            },
            DataType::Dictionary(_, values) => Self::of_type(values),
            other => Self {
                other: Some(other.clone()),
                ..Self::default()
            },
        }
    }

    /// What is known of the values of both.
    pub(crate) fn union(self, other: Self) -> Self {
        let others_differ = matches!((&self.other, &other.other), (Some(a), Some(b)) if a != b);
        let both = |a: Box<Facts>, b: Box<Facts>| Box::new(a.union(*b));
        let strings = merge(self.strings, other.strings, Strings::union);
        Self {
            booleans: self.booleans || other.booleans,
            numbers: merge(self.numbers, other.numbers, NumberFacts::union),
            strings: if others_differ {
                Some(Strings::Any)
            } else {
                strings
            },
            list: merge(self.list, other.list, both),
            object: merge(self.object, other.object, |a, b| Box::new(a.union(*b))),
            json: self.json || other.json,
            other: self.other.or(other.other).filter(|_| !others_differ),
        }
    }

    /// What is known of the values of one of the kinds that a column can be declared to be of.
    pub(super) fn only(self, kind: Kind) -> Self {
        let none = Self::default();
        match kind {
            Kind::Null | Kind::Bool => none,
            Kind::Number => Self {
                numbers: self.numbers,
                ..none
            },
            Kind::String => Self {
                strings: self.strings,
                ..none
            },
            Kind::Array => Self {
                list: self.list,
                ..none
            },
            Kind::Object => Self {
                object: self.object,
                ..none
            },
        }
    }

    /// The column that holds them all.
    pub(crate) fn field(&self, name: &str) -> Field {
        let plain = |data_type| Field::new(name, data_type, true);
        self.data_type()
            .map_or_else(|| json_text_field(name), plain)
    }

    /// Like [`Facts::field`], for texts of which each is written back as it came: what isn't all
    /// of one type stays text.
    pub(super) fn text_field(&self, name: &str) -> Field {
        let exact = |data_type: &DataType| match data_type {
            DataType::Decimal128(_, scale) => *scale == 0,
            _ => true,
        };
        let data_type = self.data_type().filter(exact).unwrap_or(DataType::Utf8);
        Field::new(name, data_type, true)
    }

    /// The one type that holds them all; `None` where only JSON text does.
    fn data_type(&self) -> Option<DataType> {
        let kinds = [
            self.booleans,
            self.numbers.is_some(),
            self.strings.is_some() || self.other.is_some(),
            self.list.is_some(),
            self.object.is_some(),
            self.json,
        ];
        if kinds.into_iter().filter(|seen| *seen).count() > 1 {
            return None;
        }
        match self {
            Self { json: true, .. } => None,
            Self { booleans: true, .. } => Some(DataType::Boolean),
            Self {
                numbers: Some(numbers),
                ..
            } => numbers.data_type(),
            Self {
                strings: Some(_),
                other: Some(_),
                ..
            } => Some(DataType::Utf8),
            Self {
                strings: Some(strings),
                ..
            } => Some(strings.data_type()),
            Self {
                list: Some(items), ..
            } => Some(DataType::List(Arc::new(
                items.field(Field::LIST_FIELD_DEFAULT_NAME),
            ))),
            Self {
                object: Some(object),
                ..
            } => object.data_type(),
            Self {
                other: Some(other), ..
            } => Some(other.clone()),
            _ => Some(DataType::Null),
        }
    }
}

impl From<NumberFacts> for Facts {
    fn from(numbers: NumberFacts) -> Self {
        Self {
            numbers: Some(numbers),
            ..Self::default()
        }
    }
}

impl From<Strings> for Facts {
    fn from(strings: Strings) -> Self {
        Self {
            strings: Some(strings),
            ..Self::default()
        }
    }
}

impl Strings {
    pub(super) fn union(self, other: Self) -> Self {
        if self == other { self } else { Strings::Any }
    }

    fn data_type(self) -> DataType {
        match self {
            Strings::Date => DataType::Date32,
            Strings::Naive => DataType::Timestamp(TimeUnit::Microsecond, None),
            Strings::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Strings::Any => DataType::Utf8,
        }
    }
}

impl ObjectFacts {
    pub(super) fn of_fields(fields: &Fields) -> Self {
        let mut object = Self::default();
        for field in fields {
            *object.field_mut(field.name()) = Facts::of_field(field);
        }
        object
    }

    /// What is known of a field, which is added if it is new.
    pub(super) fn field_mut(&mut self, name: &str) -> &mut Facts {
        let column = match self.fields.iter().position(|(known, _)| **known == *name) {
            Some(column) => column,
            None => self.push(name),
        };
        &mut self.fields[column].1
    }

    pub(super) fn push(&mut self, name: &str) -> usize {
        self.keys.push(name);
        self.fields.push((name.into(), Facts::default()));
        self.fields.len() - 1
    }

    fn union(mut self, other: Self) -> Self {
        for (name, facts) in other.fields {
            let known = self.field_mut(&name);
            *known = std::mem::take(known).union(facts);
        }
        self
    }

    /// A struct, unless nothing is in it: no format holds a struct without fields.
    fn data_type(&self) -> Option<DataType> {
        let fields = self
            .fields
            .iter()
            .map(|(name, facts)| FieldRef::new(facts.field(name)));
        (!self.fields.is_empty()).then(|| DataType::Struct(fields.collect()))
    }
}

fn merge<T>(a: Option<T>, b: Option<T>, union: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(union(a, b)),
        (a, b) => a.or(b),
    }
}
