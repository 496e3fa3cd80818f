//! The type of a schema's values.

use std::cell::Cell;

use super::bounds::{are_integers_within, decimal, has_no_sign};
use super::error::{JsonSchemaError, JsonSchemaErrorKind};
use super::read::{elements_of, field, fields_of, is, text, text_of};
use crate::column_type::ColumnType;
use crate::json::{Kind, kind};

/// A schema whose parts may refer to each other.
pub(super) struct Schemas<'a> {
    root: &'a [u8],
    /// How many more parts are looked into.
    parts: Cell<usize>,
}

/// What a schema tells of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) column_type: ColumnType,
    /// Whether all of them are of that type.
    pub(super) is_exact: bool,
}

/// A part of a schema: its text, where it stands, and how it was reached.
#[derive(Clone)]
struct Part<'a> {
    text: &'a [u8],
    place: String,
    /// The references that were followed to it.
    by: Vec<String>,
    depth: usize,
}

/// Parts that stand deeper than this in others are JSON text.
const DEPTH_MAX: usize = 16;
/// So many parts are looked into: references may lead to the same one in ever more ways. What is left is
/// JSON text.
const PARTS_MAX: usize = 20_000;
/// Where Airbyte's own types are.
const WELL_KNOWN: &str = "WellKnownTypes.json#/definitions/";

impl<'a> Schemas<'a> {
    pub(super) fn of(root: &'a [u8]) -> Self {
        let parts = Cell::new(PARTS_MAX);
        Self { root, parts }
    }

    /// The type of the values of a part.
    pub(super) fn type_of(&self, text: &'a [u8], place: &str) -> Result<Told, JsonSchemaError> {
        self.told(&Part {
            text,
            place: place.to_owned(),
            by: Vec::new(),
            depth: 0,
        })
    }

    fn told(&self, part: &Part<'a>) -> Result<Told, JsonSchemaError> {
        let left = self.parts.get();
        self.parts.set(left.saturating_sub(1));
        match kind(part.text) {
            Some(Kind::Object) if part.depth <= DEPTH_MAX && left > 0 => {}
            Some(Kind::Object | Kind::Bool) => return Ok(json()),
            _ => return Err(part.wrong("a schema")),
        }
        if let Some(reference) = part.get("$ref") {
            return self.referred(part, reference);
        }
        for union in ["anyOf", "oneOf", "allOf"] {
            if let Some(options) = part.get(union) {
                let at = part.inner(union, options);
                let options = elements_of(options).ok_or_else(|| at.wrong("a list of schemas"))?;
                return self.union(&at, options);
            }
        }
        let mut names = part.type_names()?;
        names.retain(|name| name != "null");
        names.sort_unstable();
        names.dedup();
        match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["boolean"] => Ok(exact("bool")),
            ["integer"] => Ok(integer(part.text)),
            ["number"] | ["integer", "number"] => Ok(number(part.text)),
            ["string"] => Ok(string(part.text)),
            ["array"] => self.array(part),
            ["object"] => self.object(part),
            _ => Ok(json()),
        }
    }

    fn referred(&self, part: &Part<'a>, reference: &[u8]) -> Result<Told, JsonSchemaError> {
        let at = part.inner("$ref", part.text);
        let reference = text(reference).ok_or_else(|| at.wrong("a text"))?;
        if let Some(name) = reference.strip_prefix(WELL_KNOWN) {
            return Ok(well_known(name));
        }
        if part.by.iter().any(|known| *known == reference) {
            return Ok(json());
        }
        let lost = || {
            let kind = JsonSchemaErrorKind::Reference(reference.clone().into_owned());
            JsonSchemaError::new(&at.place, kind)
        };
        let target = self.find(&reference).ok_or_else(lost)?;
        let mut by = part.by.clone();
        by.push(reference.clone().into_owned());
        self.told(&Part {
            text: target,
            place: at.place,
            by,
            depth: part.depth + 1,
        })
    }

    /// What a reference within the schema leads to.
    fn find(&self, reference: &str) -> Option<&'a [u8]> {
        let path = reference.strip_prefix('#')?;
        if path.is_empty() {
            return Some(self.root);
        }
        let mut steps = path.strip_prefix('/')?.split('/');
        steps.try_fold(self.root, |at, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            match kind(at)? {
                Kind::Array => elements_of(at)?.get(step.parse::<usize>().ok()?).copied(),
                _ => field(at, &step),
            }
        })
    }

    /// A type that all options but `null` have, or that takes them all.
    fn union(&self, at: &Part<'a>, options: Vec<&'a [u8]>) -> Result<Told, JsonSchemaError> {
        let is_null = |option: &&[u8]| text_of(option, "type").is_some_and(|name| name == "null");
        let options = options.into_iter().filter(|option| !is_null(option));
        let mut found: Vec<Told> = Vec::new();
        for (number, option) in options.enumerate() {
            let told = self.told(&at.inner(&number.to_string(), option))?;
            if !found.contains(&told) {
                found.push(told);
            }
        }
        if let [told] = &found[..] {
            return Ok(told.clone());
        }
        let words: Vec<String> = found.iter().map(|it| it.column_type.to_string()).collect();
        let are_all = |known: &[&str]| {
            let is_known = |word: &String| known.contains(&word.as_str());
            !words.is_empty() && words.iter().all(is_known)
        };
        Ok(if are_all(&["int64", "float64"]) {
            roughly("float64")
        } else if are_all(&["text", "date", "time", "timestamp", "timestamp_utc"]) {
            exact("text")
        } else {
            json()
        })
    }

    fn array(&self, part: &Part<'a>) -> Result<Told, JsonSchemaError> {
        let Some(items) = part.get("items").filter(|items| is(items, Kind::Object)) else {
            return Ok(json());
        };
        let item = self.told(&part.inner("items", items))?;
        Ok(match item == json() {
            true => item,
            false => Told {
                column_type: ColumnType::list(&item.column_type),
                ..item
            },
        })
    }

    /// What has other properties than those that are told of is JSON text, so that none is lost.
    fn object(&self, part: &Part<'a>) -> Result<Told, JsonSchemaError> {
        let is_closed = part.get("additionalProperties") == Some(b"false");
        let Some(properties) = part.get("properties").filter(|_| is_closed) else {
            return Ok(json());
        };
        let at = part.inner("properties", properties);
        let properties = fields_of(properties).ok_or_else(|| at.wrong("an object"))?;
        if properties.is_empty() {
            return Ok(json());
        }
        let mut is_exact = true;
        let mut fields = Vec::new();
        for (name, property) in properties {
            let told = self.told(&at.inner(&name, property))?;
            is_exact &= told.is_exact;
            fields.push(told.column_type.field(&name));
        }
        let column_type = ColumnType::structure(fields);
        Ok(Told {
            column_type,
            is_exact,
        })
    }
}

impl<'a> Part<'a> {
    fn get(&self, keyword: &str) -> Option<&'a [u8]> {
        field(self.text, keyword)
    }

    fn inner(&self, step: &str, text: &'a [u8]) -> Self {
        Self {
            text,
            place: format!("{}/{step}", self.place),
            by: self.by.clone(),
            depth: self.depth + 1,
        }
    }

    fn wrong(&self, expected: &'static str) -> JsonSchemaError {
        JsonSchemaError::new(&self.place, JsonSchemaErrorKind::Keyword(expected))
    }

    /// The types that values may have: those that are named, or those of the values that are listed,
    /// or what the other keywords are about.
    fn type_names(&self) -> Result<Vec<String>, JsonSchemaError> {
        if let Some(value) = self.get("type") {
            let names = match elements_of(value) {
                Some(names) => names,
                None => vec![value],
            };
            let names = names.into_iter().map(|name| Some(text(name)?.into_owned()));
            return names.collect::<Option<_>>().ok_or_else(|| {
                self.inner("type", self.text)
                    .wrong("the name of a type, or a list of names")
            });
        }
        let listed = match (self.get("enum").and_then(elements_of), self.get("const")) {
            (Some(values), _) => values,
            (None, Some(value)) => vec![value],
            (None, None) => Vec::new(),
        };
        let implied = [("properties", "object"), ("items", "array")];
        let implied = implied
            .iter()
            .filter(|(keyword, _)| self.get(keyword).is_some());
        let implied = implied.map(|(_, name)| (*name).to_owned());
        let of_value = |value: &&[u8]| Some(name_of(kind(value)?).to_owned());
        Ok(listed.iter().filter_map(of_value).chain(implied).collect())
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "boolean",
        Kind::Number => "number",
        Kind::String => "string",
        Kind::Array => "array",
        Kind::Object => "object",
    }
}

fn integer(schema: &[u8]) -> Told {
    if text_of(schema, "airbyte_type").is_some_and(|name| name == "big_integer") {
        return exact("decimal(38, 0)");
    }
    if are_integers_within(schema, i64::MIN.into(), i64::MAX.into()) {
        exact("int64")
    } else if has_no_sign(schema) && are_integers_within(schema, 0, u64::MAX.into()) {
        exact("uint64")
    } else {
        exact("decimal(38, 0)")
    }
}

fn number(schema: &[u8]) -> Told {
    match text_of(schema, "airbyte_type").as_deref() {
        Some("integer" | "big_integer") => return integer(schema),
        Some("big_number") => return roughly("float64"),
        _ => {}
    }
    match decimal(schema).and_then(|(digits, places)| ColumnType::decimal(digits, places)) {
        Some(column_type) => Told {
            column_type,
            is_exact: true,
        },
        None => roughly("float64"),
    }
}

fn string(schema: &[u8]) -> Told {
    match text_of(schema, "airbyte_type").as_deref() {
        Some("timestamp_with_timezone") => return roughly("timestamp_utc"),
        Some("timestamp_without_timezone") => return roughly("timestamp"),
        Some("time_without_timezone") => return roughly("time"),
        Some("time_with_timezone" | "big_integer" | "big_number") => return exact("text"),
        _ => {}
    }
    if text_of(schema, "contentEncoding").is_some_and(|name| name == "base64") {
        return exact("binary");
    }
    match text_of(schema, "format").as_deref() {
        Some("date") => roughly("date"),
        Some("date-time") => roughly("timestamp_utc"),
        Some("time") => roughly("time"),
        _ => exact("text"),
    }
}

/// Airbyte's types of version 1.
fn well_known(name: &str) -> Told {
    match name {
        "Boolean" => exact("bool"),
        "Integer" => exact("int64"),
        "Number" => roughly("float64"),
        "BinaryData" => exact("binary"),
        "Date" => roughly("date"),
        "TimestampWithTimezone" => roughly("timestamp_utc"),
        "TimestampWithoutTimezone" => roughly("timestamp"),
        "TimeWithoutTimezone" => roughly("time"),
        "String" | "TimeWithTimezone" => exact("text"),
        _ => json(),
    }
}

fn exact(word: &str) -> Told {
    Told {
        column_type: typed(word),
        is_exact: true,
    }
}

/// A type to begin with.
fn roughly(word: &str) -> Told {
    Told {
        column_type: typed(word),
        is_exact: false,
    }
}

fn json() -> Told {
    exact("json")
}

fn typed(word: &str) -> ColumnType {
    #[expect(clippy::expect_used, reason = "the words above are those of types")]
    word.parse().expect("a type")
}
