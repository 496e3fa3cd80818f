//! Records to csv, jsonl and parquet objects, correct to the last digit.
//!
//! An [`EncodingConfig`] says what a person wants; [`resolve`] checks all of it and makes the one
//! [`Encoding`](spile_core::Encoding) that every object of a stream is made by. It tells which
//! schema an object begins with and makes the object's encoder: records go in, bytes come out.
//!
//! JSON records are never parsed into values. Each is cut into the raw texts of its fields, column
//! by column, and then each column is built in one loop of its type: a number goes from its text
//! straight into the integer, float or decimal that holds it exactly. What a column can't hold
//! exactly is a misfit, which ends the object; the next object begins with a wider type
//! ([`infer`] says which).
//!
//! In reading order: [`Format`], [`EncodingConfig`], [`resolve`], [`infer`].
//!
//! This crate leaves out where records come from and where objects go, and it is synchronous: it
//! belongs on a thread that may compute.
//!
//! ```
//! use bytes::Bytes;
//! use spile_core::{JsonRecords, Records, Span, json};
//! use spile_encoders::{EncodingConfig, resolve};
//!
//! let text = br#"{"id":18446744073709551616,"price":1.10,"note":null}"#;
//! json::check(text)?;
//! let span = Span { start: 0, end: text.len() as u32 };
//! let records = Records::Json(JsonRecords::new(Bytes::from_static(text), vec![span])?);
//!
//! let config = EncodingConfig { format: "csv".to_owned(), ..EncodingConfig::default() };
//! let encoding = resolve(&config).map_err(|faults| faults[0].clone())?;
//! let schema = encoding.schema(None, &records)?;
//! let mut encoder = encoding.encoder(&schema)?;
//! encoder.write(&records)?;
//! let object = encoder.finish()?;
//! assert_eq!(object, b"id,price,note\n18446744073709551616,1.10,\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod cells;
mod config;
mod csv;
mod declared;
mod decode;
mod escape;
mod format;
pub mod infer;
mod jsonl;
mod keys;
mod number;
mod parquet;
mod shred;
mod sink;
mod unknown;

pub use config::{
    CsvConfig, EncodingConfig, EncodingConfigError, GzipConfig, ParquetConfig, ZstdConfig, resolve,
};
pub use format::{Compression, Format, UnknownFormat};
