//! JSON text, read where it stands.
//!
//! Nothing is copied and no number is ever turned into a float: a value is the range of bytes that
//! its text takes up. There are two kinds of readers:
//!
//! - [`check()`] is strict. It accepts one object that RFC 8259 allows and nothing else. A source
//!   does it once with each record, before it makes [`JsonRecords`](crate::JsonRecords), by a
//!   [`Checker`], which is faster with records that are like each other.
//! - [`fields`], [`elements`], [`find()`], [`kind()`] and [`unescape()`] rely on text that was checked,
//!   for speed and for meaning, never for memory safety: on other text they end early or return
//!   `None`, they never panic and always come to an end.
//!
//! ```
//! use spile_core::json;
//!
//! let record = br#"{"id": 12345678901234567890, "at": {"day": "2025-04-14"}}"#;
//! json::check(record)?;
//! assert_eq!(json::find(record, &json::Path::parse("id")), Some(&b"12345678901234567890"[..]));
//! let day = json::find(record, &json::Path::parse("at.day")).and_then(json::unescape);
//! assert_eq!(day.as_deref(), Some("2025-04-14"));
//! # Ok::<(), json::JsonError>(())
//! ```

mod check;
mod error;
mod find;
mod kind;
mod read;
mod scan;
mod unescape;
mod written_key;

pub use check::{CheckedField, Checker, DEPTH_MAX, check, utf8};
pub use error::{JsonError, JsonErrorKind};
pub use find::{Path, find};
pub use kind::{Kind, kind};
pub use read::{Elements, Fields, elements, fields};
pub use unescape::{key_is, unescape, unescape_into};
pub use written_key::WrittenKey;
