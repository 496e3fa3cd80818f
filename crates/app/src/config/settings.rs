//! What a user can set, as they write it. What runs is made of it in [`crate::job`].

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

use serde::Deserialize;

use super::secret::Secret;
use super::texts::{one_or_more, some_or_more};
use super::units::{Bytes, Number, Seconds, from_text};

/// All settings of a load.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) timezone: Option<String>,
    pub(crate) on_bad_record: Option<String>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) max_bad_records: Option<Number<u64>>,
    pub(crate) load_time: Option<String>,
    pub(crate) connection_run_id: Option<String>,
    pub(crate) stream: Option<String>,
    pub(crate) stream_id: Option<String>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) select: Option<Vec<String>>,
    pub(crate) cursor_field: Option<String>,
    pub(crate) cursor: Option<String>,
    pub(crate) cursor_format: Option<String>,
    pub(crate) schema_change: Option<String>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) schema: Option<Vec<String>>,
    pub(crate) unknown_fields: Option<String>,
    pub(crate) covers: Option<String>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) eof_is_complete: Option<bool>,
    pub(crate) connection: ConnectionSettings,
    pub(crate) input: InputSettings,
    pub(crate) singer: SingerSettings,
    pub(crate) airbyte: AirbyteSettings,
    pub(crate) destination: DestinationSettings,
    pub(crate) limits: LimitSettings,
    pub(crate) quarantine: QuarantineSettings,
    pub(crate) on_complete: OnCompleteSettings,
    pub(crate) streams: BTreeMap<String, StreamSettings>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuarantineSettings {
    pub(crate) url: Option<String>,
    pub(crate) key: Option<String>,
}

/// Who is told when a run is whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OnCompleteSettings {
    pub(crate) webhook: Option<Secret>,
    pub(crate) authorization: Option<Secret>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) command: Option<Vec<String>>,
    pub(crate) time: Option<Seconds>,
}

impl OnCompleteSettings {
    /// Whether anybody is to be told.
    pub(crate) fn is_given(&self) -> bool {
        self.webhook.is_some() || self.command.is_some()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConnectionSettings {
    pub(crate) id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InputSettings {
    #[serde(deserialize_with = "one_or_more")]
    pub(crate) files: Vec<String>,
    pub(crate) format: Option<String>,
    /// The configured catalog of a source of Airbyte.
    pub(crate) catalog: Option<String>,
    pub(crate) csv: InputCsvSettings,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InputCsvSettings {
    pub(crate) delimiter: Option<String>,
    pub(crate) quote: Option<String>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) null: Option<Vec<String>>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) header: Option<bool>,
}

/// What is made of Singer's messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SingerSettings {
    #[serde(deserialize_with = "from_text")]
    pub(crate) record_metadata: Option<bool>,
}

/// What is made of Airbyte's messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AirbyteSettings {
    pub(crate) envelope: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DestinationSettings {
    pub(crate) url: Option<String>,
    pub(crate) state_url: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) key_syntax: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) write: Option<String>,
    pub(crate) publish: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) allow_http: Option<bool>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) path_style: Option<bool>,
    pub(crate) ca_bundle: Option<String>,
    pub(crate) proxy: Option<Secret>,
    pub(crate) checksum: Option<String>,
    pub(crate) auth: AuthSettings,
    pub(crate) object: ObjectSettings,
    pub(crate) csv: CsvSettings,
    pub(crate) gzip: GzipSettings,
    pub(crate) zstd: ZstdSettings,
    pub(crate) parquet: ParquetSettings,
}

impl DestinationSettings {
    /// Whether anything is set that only S3 knows.
    pub(crate) fn is_for_s3(&self) -> bool {
        let texts = [
            &self.region,
            &self.endpoint,
            &self.ca_bundle,
            &self.checksum,
        ];
        texts.iter().any(|text| text.is_some())
            || self.proxy.is_some()
            || self.allow_http.is_some()
            || self.path_style.is_some()
            || self.auth != AuthSettings::default()
            || self.object != ObjectSettings::default()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuthSettings {
    pub(crate) method: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) external_id: Option<Secret>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) allow_no_external_id: Option<bool>,
    pub(crate) session_name: Option<String>,
    pub(crate) duration: Option<Seconds>,
    pub(crate) session_policy: Option<String>,
    pub(crate) sts_endpoint: Option<String>,
    pub(crate) sts_region: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) credential_process: Option<Secret>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) secret_access_key: Option<Secret>,
    pub(crate) session_token: Option<Secret>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ObjectSettings {
    pub(crate) storage_class: Option<String>,
    pub(crate) sse: Option<String>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) expected_bucket_owner: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CsvSettings {
    pub(crate) delimiter: Option<String>,
    pub(crate) quote: Option<String>,
    pub(crate) null: Option<String>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) header: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GzipSettings {
    #[serde(deserialize_with = "from_text")]
    pub(crate) level: Option<Number<u32>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ZstdSettings {
    #[serde(deserialize_with = "from_text")]
    pub(crate) level: Option<Number<i32>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ParquetSettings {
    pub(crate) compression: Option<String>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) level: Option<Number<u32>>,
    pub(crate) row_group_bytes: Option<Bytes>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitSettings {
    pub(crate) memory: Option<Bytes>,
    pub(crate) object_size: Option<Bytes>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) object_rows: Option<Number<NonZeroU64>>,
    pub(crate) object_age: Option<Seconds>,
    pub(crate) checkpoint_size: Option<Bytes>,
    pub(crate) checkpoint_age: Option<Seconds>,
    pub(crate) record_bytes: Option<Bytes>,
    #[serde(deserialize_with = "from_text")]
    pub(crate) upload_concurrency: Option<Number<NonZeroU32>>,
    pub(crate) retry_time: Option<Seconds>,
    pub(crate) request_time: Option<Seconds>,
}

/// Settings of the streams whose names match a glob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamSettings {
    pub(crate) key: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) write: Option<String>,
    pub(crate) covers: Option<String>,
    pub(crate) cursor_field: Option<String>,
    pub(crate) cursor: Option<String>,
    pub(crate) cursor_format: Option<String>,
    pub(crate) schema_change: Option<String>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) schema: Option<Vec<String>>,
    pub(crate) columns: ColumnSettings,
}

/// Which columns of a stream are written, and what they are called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ColumnSettings {
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) include: Option<Vec<String>>,
    #[serde(deserialize_with = "some_or_more")]
    pub(crate) exclude: Option<Vec<String>>,
    /// The new name of each column that has one.
    pub(crate) rename: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let hush = Some(Secret::Text("http://me:hush@proxy".to_owned()));
        let mut settings = Settings::default();
        settings.destination.proxy = hush.clone();
        settings.destination.auth.secret_access_key = hush.clone();
        settings.destination.auth.credential_process = hush.clone();
        settings.destination.auth.session_token = hush;
        let shown = format!("{settings:?}");
        assert!(
            shown.contains("proxy") && !shown.contains("hush"),
            "{shown}"
        );
    }
}
