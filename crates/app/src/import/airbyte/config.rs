//! The configuration of an S3 destination, as Airbyte has it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What is set. It has no `Debug`: some of it is secret.
#[derive(Deserialize)]
pub(super) struct Config {
    pub(super) s3_bucket_name: String,
    #[serde(default)]
    pub(super) s3_bucket_path: String,
    s3_bucket_region: Option<String>,
    s3_endpoint: Option<String>,
    s3_path_format: Option<String>,
    file_name_pattern: Option<String>,
    access_key_id: Option<Hidden>,
    secret_access_key: Option<Hidden>,
    role_arn: Option<String>,
    pub(super) format: FormatConfig,
    /// The names of what else is set.
    #[serde(flatten)]
    pub(super) others: Others,
}

pub(super) type Others = BTreeMap<String, IgnoredAny>;

/// Something secret: only whether there is any is told. Whatever it is, no error quotes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Hidden {
    Text(String),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(tag = "format_type")]
pub(super) enum FormatConfig {
    #[serde(rename = "CSV")]
    Csv(LinesConfig),
    #[serde(rename = "JSONL")]
    Jsonl(LinesConfig),
    Avro(AvroConfig),
    Parquet(ParquetConfig),
}

/// Of formats that have a line for each record.
#[derive(Deserialize)]
pub(super) struct LinesConfig {
    pub(super) flattening: Option<Flattening>,
    pub(super) compression: Option<CompressionConfig>,
    #[serde(flatten)]
    pub(super) others: Others,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum Flattening {
    #[serde(rename = "No flattening")]
    None,
    #[serde(rename = "Root level flattening")]
    Root,
}

#[derive(Deserialize)]
#[serde(tag = "compression_type")]
pub(super) enum CompressionConfig {
    #[serde(rename = "No Compression")]
    None,
    #[serde(rename = "GZIP")]
    Gzip,
}

#[derive(Deserialize)]
pub(super) struct AvroConfig {
    #[serde(flatten)]
    pub(super) others: Others,
}

#[derive(Deserialize)]
pub(super) struct ParquetConfig {
    #[serde(default)]
    pub(super) compression_codec: Codec,
    #[serde(flatten)]
    pub(super) others: Others,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Codec {
    #[default]
    Uncompressed,
    Snappy,
    Gzip,
    Lzo,
    Brotli,
    Lz4,
    Zstd,
}

/// How Airbyte shows the store who it is.
pub(super) enum Auth<'a> {
    AccessKey,
    Role(&'a str),
    /// What the machine has of itself.
    Machine,
}

impl Config {
    pub(super) fn region(&self) -> Option<&str> {
        given(&self.s3_bucket_region)
    }

    pub(super) fn endpoint(&self) -> Option<&str> {
        given(&self.s3_endpoint)
    }

    pub(super) fn path_format(&self) -> Option<&str> {
        given(&self.s3_path_format)
    }

    pub(super) fn file_name_pattern(&self) -> Option<&str> {
        given(&self.file_name_pattern)
    }

    pub(super) fn role_arn(&self) -> Option<&str> {
        given(&self.role_arn)
    }

    /// An access key comes before a role.
    pub(super) fn auth(&self) -> Auth<'_> {
        let has_key = [&self.access_key_id, &self.secret_access_key];
        if has_key.into_iter().flatten().any(Hidden::is_given) {
            return Auth::AccessKey;
        }
        self.role_arn().map_or(Auth::Machine, Auth::Role)
    }

    /// The folders below the bucket, without slashes around them.
    pub(super) fn folder(&self) -> String {
        let folders = self.s3_bucket_path.split('/');
        let folders: Vec<&str> = folders.filter(|folder| !folder.is_empty()).collect();
        folders.join("/")
    }
}

impl Hidden {
    fn is_given(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Other(_) => true,
        }
    }
}

/// Airbyte's forms leave empty texts behind.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.trim().is_empty())
}
