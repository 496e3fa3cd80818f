//! Parts of objects that are read: for whoever has no room for a whole one.

use std::ops::Range;

use bytes::Bytes;
use object_store::{GetOptions, GetRange, ObjectStore};
use spile_core::{BucketError, BucketErrorKind as Kind, ObjectInfo};

use super::bucket::S3Bucket;
use super::request::path;
use crate::fault::Fault;

impl S3Bucket {
    /// The bytes of a range within an object, as long as it is the one that is known.
    ///
    /// # Errors
    /// As for the whole object; and [`Kind::NotFound`] where another object stands there by now.
    pub async fn get_range(
        &self,
        object: &ObjectInfo,
        range: Range<u64>,
    ) -> Result<Bytes, BucketError> {
        let read = self.read_range(object, range).await;
        read.map_err(|fault| self.failed(fault, "get a part of", object.key.as_str()))
    }

    async fn read_range(&self, object: &ObjectInfo, range: Range<u64>) -> Result<Bytes, Fault> {
        let path = path(&object.key)?;
        let bytes = range.end - range.start;
        let options = GetOptions {
            if_match: object.etag.as_deref().map(|etag| format!("\"{etag}\"")),
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let read = self.ask(async {
            let found = self.to.store.get_opts(&path, options).await?;
            found.bytes().await
        });
        match read.await {
            Ok(read) if read.len() as u64 == bytes => Ok(read),
            // The connection may end early without a word.
            Ok(_) => Err(Fault::new(Kind::Interrupted, "the answer is cut short")),
            // What is to be matched isn't.
            Err(fault) if fault.kind == Kind::AlreadyExists => Err(replaced(fault)),
            Err(fault) if fault.kind == Kind::Denied => Err(self.explain(&object.key, fault).await),
            Err(fault) => Err(fault),
        }
    }
}

fn replaced(fault: Fault) -> Fault {
    Fault {
        kind: Kind::NotFound,
        message: "it was replaced while it was read".to_owned(),
        ..fault
    }
}
