//! Records to csv, jsonl and parquet objects, compressed.
mod canonical;
mod cells;
mod config;
mod csv;
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

pub use config::{
    CsvConfig, EncodingConfig, EncodingConfigError, GzipConfig, ParquetConfig, ZstdConfig, resolve,
};
pub use format::{Compression, Format, UnknownFormat};
