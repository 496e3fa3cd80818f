//! A bucket that keeps nothing: what a plan is loaded into.

use async_trait::async_trait;
use bytes::Bytes;
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, ObjectKey, Part,
    PartLimits, Published, Staged, Upload,
};
use spile_store_s3::{FolderBucket, S3Bucket};

use crate::destination::Place;

/// Takes every object and keeps none.
#[derive(Debug)]
pub(crate) struct DryBucket {
    limits: PartLimits,
}

impl DryBucket {
    /// One whose parts are like those of a place: where memory is short, their length decides when
    /// objects are sealed.
    pub(crate) fn like(place: &Place) -> Self {
        let limits = match place {
            Place::Bucket(_) => S3Bucket::PART_LIMITS,
            Place::Folder(_) => FolderBucket::PART_LIMITS,
        };
        Self { limits }
    }
}

#[async_trait]
impl Bucket for DryBucket {
    fn location(&self) -> String {
        "nowhere".to_owned()
    }

    fn part_limits(&self) -> PartLimits {
        self.limits
    }

    async fn honours_if_absent(&self) -> Result<bool, BucketError> {
        Ok(true)
    }

    async fn begin(&self, key: &ObjectKey, _: &Attributes) -> Result<Upload, BucketError> {
        Ok(Upload {
            key: key.clone(),
            id: String::new(),
            write_id: None,
            abort_at: None,
        })
    }

    async fn part(&self, _: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError> {
        Ok(Part {
            number,
            bytes: body.len() as u64,
            etag: String::new(),
        })
    }

    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError> {
        Ok(Staged { upload, parts })
    }

    async fn publish(&self, _: &Staged, _: Condition) -> Result<Published, BucketError> {
        Ok(Published { etag: None })
    }

    async fn discard(&self, _: &Upload) -> Result<(), BucketError> {
        Ok(())
    }

    async fn uploads_at(&self, _: &ObjectKey) -> Result<Vec<Upload>, BucketError> {
        Ok(Vec::new())
    }

    async fn put(
        &self,
        _: &ObjectKey,
        _: Bytes,
        _: &Attributes,
        _: Condition,
    ) -> Result<Published, BucketError> {
        Ok(Published { etag: None })
    }

    async fn head(&self, _: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError> {
        Ok(None)
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError> {
        Err(BucketError {
            kind: BucketErrorKind::NotFound,
            action: format!("get {key}"),
            location: self.location(),
            message: "nothing is kept here".to_owned(),
            retry_after_s: None,
            tried: None,
            source: None,
        })
    }

    async fn list(&self, _: &str) -> Result<Vec<ObjectInfo>, BucketError> {
        Ok(Vec::new())
    }

    async fn delete(&self, _: &ObjectKey) -> Result<(), BucketError> {
        Ok(())
    }
}
