//! Types of values that nobody has declared.
//!
//! What is known of a column is a set of facts about the values that were seen; facts of more
//! values are the union, so that their order never matters. A type is chosen from the facts:
//!
//! | seen | column |
//! |---|---|
//! | nothing but nulls | `Null`, written as `Utf8` |
//! | `true`, `false` | `Boolean` |
//! | integers of 64 bits | `Int64` |
//! | larger integers, up to 38 digits | `Decimal128(20, 0)`, `(28, 0)`, `(38, 0)` |
//! | numbers that survive the way through an f64, not all of them integers | `Float64` |
//! | other numbers of up to 38 digits in all | `Decimal128(d + s, s)`: `s` places, `d` one of 10, 20, 28, 38 |
//! | other numbers | JSON text |
//! | dates | `Date32` |
//! | times without an offset, no finer than µs | `Timestamp(µs)` |
//! | times with an offset, no finer than µs | `Timestamp(µs, UTC)` |
//! | other strings, or several kinds of the last four | `Utf8`, the string's own text |
//! | objects with keys | `Struct` |
//! | arrays | `List` of what all their elements have in common |
//! | empty objects, several kinds of value | JSON text |
//!
//! JSON text is a `Utf8` column in which each value stands as it stood in its record: a string has
//! its quotes, so that `"5"` and `5` stay different. The field's metadata tells such a column from
//! one of plain strings: `spile.text = json`.
//!
//! A column's type is widened for the next object, by the union of what the type says and what
//! was seen:
//!
//! | | Int64 | Decimal(d, s) | Float64 | Boolean | Date, Timestamp, Utf8 | Struct | List |
//! |---|---|---|---|---|---|---|---|
//! | **Int64** | Int64 | Decimal(max(d, 20), s) | Float64 | JSON text | JSON text | JSON text | JSON text |
//! | **Decimal** | | Decimal(max d, max s) | Decimal(max(d, 20), max(s, 18)) | JSON text | JSON text | JSON text | JSON text |
//! | **Float64** | | | Float64 | JSON text | JSON text | JSON text | JSON text |
//! | **Boolean** | | | | Boolean | JSON text | JSON text | JSON text |
//! | **Date, Timestamp, Utf8** | | | | | the same, else Utf8 | JSON text | JSON text |
//! | **Struct** | | | | | | field by field | JSON text |
//! | **List** | | | | | | | List |
//!
//! `Null` is narrower than any type and JSON text wider. A wider type takes each value that a
//! narrower one took, with two exceptions, since no number type holds all of two others. Where a
//! column of `Int64` meets fractions, its next objects have `Float64`, which takes integers up to
//! 2^53. Where a column of `Float64` meets a number that it can't hold, they have a decimal of 18
//! places. Should a value come that an earlier object took and this one doesn't, the type is widened
//! once more, by the values, so that it ends at JSON text at the latest. No value is ever rounded, and
//! each object keeps the type it began with.
//!
//! Columns that come with types (Parquet, Arrow) keep those, and what they say of nulls. Where two
//! such types differ, they are joined by the same table; a type that isn't in it stays what it is, and
//! joined with another one becomes the text that both are written as. A column without nulls gets
//! room for them when one comes, or when records come that don't have the column.

mod columns;
mod facts;
mod json;
#[cfg(test)]
mod laws;
mod number;
mod schema;
mod text;

pub(crate) use schema::names_of_sample;
pub use schema::{join, of_sample};
