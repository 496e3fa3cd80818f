//! Where objects go.

use spile_macros_template::{KeySyntax, Node, Template, airbyte};

use super::config::Config;
use super::format::Written;
use super::sample::{Paths, spile_keys};
use crate::config::ConfigFault;
use crate::destination::{Destination, Place};
use crate::key_template::template;
use crate::stream::drawn;

/// Where objects go, and under which keys.
pub(super) struct Keys {
    pub(super) url: String,
    /// The template, in Airbyte's syntax.
    pub(super) key: String,
    /// The same in Spile's own, or why there is none.
    pub(super) own: Result<String, String>,
    /// Of the first two objects of a sample, as Airbyte makes them and as Spile does.
    pub(super) samples: [[String; 2]; 2],
    pub(super) has_sync_id: bool,
}

/// A bucket's URL and what is below it.
struct Split {
    url: String,
    prefix: String,
    path_format: String,
}

impl Keys {
    /// The keys of a configuration; `source` is where that is from.
    pub(super) fn of(
        config: &Config,
        written: &Written,
        source: &str,
    ) -> Result<Self, ConfigFault> {
        let folder = config.folder();
        let paths = Paths {
            folder: &folder,
            path_format: config.path_format().unwrap_or(airbyte::PATH_FORMAT),
            file_name_pattern: config
                .file_name_pattern()
                .unwrap_or(airbyte::FILE_NAME_PATTERN),
            extension: written.extension,
        };
        let bucket = &config.s3_bucket_name;
        let split = split(bucket, &paths).ok_or_else(|| {
            let place = format!("s3_bucket_name in {source}");
            ConfigFault::new(place, format!("`{bucket}` is no name of a bucket"))
        })?;
        let place = format!("s3_path_format and file_name_pattern in {source}");
        let key = format!("{}{}", split.path_format, paths.file_name_pattern);
        let parsed = template(&key, KeySyntax::Airbyte).map_err(|fault| fault.at(&place))?;
        let of_spile = spile_keys(&parsed.under(&split.prefix), written.format.extension());
        let of_spile =
            of_spile.map_err(|errors| ConfigFault::new(place, drawn(&errors.render())))?;
        let own = airbyte::in_own_syntax(&split.path_format, paths.file_name_pattern);
        Ok(Self {
            url: split.url,
            key,
            own: own.map_err(|error| error.to_string()),
            samples: [paths.airbyte_keys(), of_spile],
            has_sync_id: has_macro(&parsed, "sync_id"),
        })
    }

    /// Whether Spile's keys are Airbyte's.
    pub(super) fn are_the_same(&self) -> bool {
        let [of_airbyte, of_spile] = &self.samples;
        of_airbyte == of_spile
    }
}

/// As many folders as can be are the URL's. Airbyte reads placeholders in them too, and the end of a
/// URL's path is a template where it looks like one: what begins there belongs to the key.
fn split(bucket: &str, paths: &Paths<'_>) -> Option<Split> {
    let folders = paths.folder.split('/').filter(|folder| !folder.is_empty());
    let folders: Vec<&str> = folders.collect();
    (0..=folders.len()).rev().find_map(|count| {
        let (before, behind) = folders.split_at(count);
        let prefix = before.join("/");
        let url = format!("s3://{bucket}/{prefix}");
        let expected = Destination {
            place: Place::Bucket(bucket.to_owned()),
            prefix: prefix.clone(),
            key: None,
        };
        (Destination::parse(&url) == Ok(expected)).then(|| Split {
            url: url.trim_end_matches('/').to_owned(),
            prefix,
            path_format: [behind, &[paths.path_format]].concat().join("/"),
        })
    })
}

fn has_macro(template: &Template, wanted: &str) -> bool {
    let mut nodes = template.nodes().iter();
    nodes.any(|node| matches!(node, Node::Macro { name, .. } if name == wanted))
}
