//! Columns of texts whose type was declared. A text is read for its value, however it is written:
//! `5` is a decimal of two places.

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::datatypes::{DataType, FieldRef};
use spile_core::{Misfit, Span, is_json_text, json};

use super::typed::offset;
use super::{Column, Failure, found, misfit};
use crate::number::Number;
use crate::shred::ABSENT;
use crate::{canonical, escape};

/// How the text of a value stands in JSON.
#[derive(Clone, Copy)]
enum Form {
    /// As it is: numbers, booleans.
    Bare,
    /// As a string.
    Quoted,
    /// As it is, if it is JSON: nested values.
    Json,
}

/// The texts of a column as values of its declared type.
pub(super) fn column(texts: &StringArray, field: &FieldRef) -> Result<ArrayRef, Failure> {
    let form = Form::of(field);
    let (mut json, mut slots) = (Vec::new(), Vec::with_capacity(texts.len()));
    for (row, text) in texts.iter().enumerate() {
        let Some(text) = text.filter(|text| !form.is_null(text)) else {
            slots.push(ABSENT);
            continue;
        };
        if !form.takes(text) {
            let raw = quoted(text);
            return Err(misfit(field.name(), field.data_type(), &raw, row));
        }
        let start = offset(json.len())?;
        form.push(text, &mut json);
        let end = offset(json.len())?;
        slots.push(Span { start, end });
    }
    let built = Column::new(field)?.build(&json, &slots);
    built.map_err(|failure| in_its_own_words(failure, texts))
}

impl Form {
    fn of(field: &FieldRef) -> Self {
        match field.data_type() {
            DataType::List(_) | DataType::Struct(_) => Form::Json,
            _ if is_json_text(field) => Form::Json,
            DataType::Boolean | DataType::Float32 | DataType::Float64 => Form::Bare,
            number if number.is_integer() || number.is_decimal() => Form::Bare,
            _ => Form::Quoted,
        }
    }

    fn is_null(self, text: &str) -> bool {
        matches!(self, Form::Json) && text.trim() == "null"
    }

    /// Whether a text can be pushed: readers of JSON rely on text that is JSON.
    fn takes(self, text: &str) -> bool {
        match self {
            Form::Bare => {
                Number::parse(text.as_bytes()).is_some() || canonical::boolean(text).is_some()
            }
            Form::Quoted => true,
            Form::Json => is_json(text),
        }
    }

    fn push(self, text: &str, json: &mut Vec<u8>) {
        match self {
            Form::Bare => json.extend_from_slice(text.as_bytes()),
            Form::Quoted => escape::push_quoted(text.as_bytes(), json),
            Form::Json => json.extend_from_slice(text.trim().as_bytes()),
        }
    }
}

/// Whether a text is one well-formed JSON value: the only value of an object around it.
fn is_json(text: &str) -> bool {
    let record = format!("{{\"value\":{text}}}");
    let mut fields = json::fields(record.as_bytes()).map(|(_, value)| value.len());
    json::check(record.as_bytes()).is_ok() && fields.next() == Some(text.trim().len())
}

/// A failure that tells of the text as it came.
fn in_its_own_words(failure: Failure, texts: &StringArray) -> Failure {
    match failure {
        Failure::Misfit(misfit) => {
            let found = found(&quoted(texts.value(misfit.at)));
            Failure::Misfit(Misfit { found, ..misfit })
        }
        encode @ Failure::Encode(_) => encode,
    }
}

fn quoted(text: &str) -> Vec<u8> {
    format!("\"{text}\"").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_json_value() {
        let check = |text, expect| assert_eq!(is_json(text), expect, "{text}");
        check("[1, {\"a\": null}]", true);
        check(" {} ", true);
        check("\"a\"", true);
        check("5", true);
        for text in ["", " ", "a", "1,\"b\":2", "1}", "}{", "[1", "'a'", "01"] {
            check(text, false);
        }
    }
}
