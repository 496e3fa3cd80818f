//! What goes with an object besides its content.

use http::{HeaderName, HeaderValue};
use object_store::path::Path;
use object_store::{Attribute, PutMode, PutMultipartOptions, PutOptions, TagSet};
use spile_core::{Attributes, BucketErrorKind, Condition, ObjectKey};

use super::config::S3Config;
use super::config_error::S3ConfigError;
use super::metadata::encoded;
use crate::fault::Fault;

/// The metadata by which a writer knows its own object, when an answer was lost.
pub(super) const MARK: &str = "spile-write-id";

/// What each object is given.
#[derive(Clone, Debug)]
pub(super) struct Template {
    attributes: object_store::Attributes,
    tags: TagSet,
}

impl Template {
    pub(super) fn new(config: &S3Config) -> Result<Template, S3ConfigError> {
        let mut attributes = object_store::Attributes::new();
        if let Some(class) = &config.storage_class {
            check_setting("storage_class", class)?;
            attributes.insert(Attribute::StorageClass, class.clone().into());
        }
        for (name, value) in &config.metadata {
            let setting = format!("metadata.{name}");
            metadata(&mut attributes, name, value)
                .map_err(|reason| S3ConfigError::Setting { setting, reason })?;
        }
        let mut tags = TagSet::default();
        for (name, value) in &config.tags {
            tags.push(name, value);
        }
        Ok(Template { attributes, tags })
    }

    /// The same without tags; nothing where it has none.
    pub(super) fn without_tags(&self) -> Option<Template> {
        let is_tagged = !self.tags.encoded().is_empty();
        is_tagged.then(|| Template {
            attributes: self.attributes.clone(),
            tags: TagSet::default(),
        })
    }

    pub(super) fn upload(
        &self,
        own: &Attributes,
        mark: &str,
    ) -> Result<PutMultipartOptions, Fault> {
        Ok(PutMultipartOptions {
            tags: self.tags.clone(),
            attributes: self.attributes(own, mark)?,
            ..PutMultipartOptions::default()
        })
    }

    pub(super) fn put(
        &self,
        own: &Attributes,
        mark: &str,
        condition: Condition,
    ) -> Result<PutOptions, Fault> {
        Ok(PutOptions {
            mode: match condition {
                Condition::IfAbsent => PutMode::Create,
                Condition::Replace => PutMode::Overwrite,
            },
            tags: self.tags.clone(),
            attributes: self.attributes(own, mark)?,
            ..PutOptions::default()
        })
    }

    fn attributes(&self, own: &Attributes, mark: &str) -> Result<object_store::Attributes, Fault> {
        let mut attributes = self.attributes.clone();
        if !own.content_type.is_empty() {
            check_text(&own.content_type).map_err(|reason| unsendable("Content-Type", reason))?;
            attributes.insert(Attribute::ContentType, own.content_type.clone().into());
        }
        let mark = (MARK.to_owned(), mark.to_owned());
        for (name, value) in own.metadata.iter().chain([&mark]) {
            metadata(&mut attributes, name, &encoded(value))
                .map_err(|reason| unsendable(name, reason))?;
        }
        Ok(attributes)
    }
}

pub(super) fn path(key: &ObjectKey) -> Result<Path, Fault> {
    let invalid = || Fault::new(BucketErrorKind::InvalidKey, "the key can't be sent");
    match Path::parse(key.as_str()) {
        Ok(path) if path.as_ref() == key.as_str() => Ok(path),
        Ok(_) => Err(invalid()),
        Err(error) => Err(invalid().caused_by(error)),
    }
}

pub(super) fn check_setting(setting: &str, text: &str) -> Result<HeaderValue, S3ConfigError> {
    check_text(text).map_err(|reason| S3ConfigError::Setting {
        setting: setting.to_owned(),
        reason,
    })
}

/// Headers are ASCII: what else is sent, no two stores read in one way.
fn check_text(text: &str) -> Result<HeaderValue, &'static str> {
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value.ok_or("only printable ASCII text can be sent")
}

fn metadata(
    attributes: &mut object_store::Attributes,
    name: &str,
    value: &str,
) -> Result<(), &'static str> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| "it isn't a name that can be sent")?;
    check_text(value)?;
    let name = name.to_ascii_lowercase();
    attributes.insert(Attribute::Metadata(name.into()), value.to_owned().into());
    Ok(())
}

fn unsendable(name: &str, reason: &str) -> Fault {
    Fault::new(BucketErrorKind::Refused, format!("`{name}`: {reason}"))
}
