//! The port, on a folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectInfo, ObjectKey, Part,
    PartLimits, Published, Staged, Upload,
};

use super::staging::Staging;
use crate::fault::Fault;

/// A folder as a bucket: objects are files, and a `/` in a key is a folder in the folder.
///
/// An object is written to the hidden folder `.spile-staging` and appears by a rename or a hard
/// link, both of which the file system does at once; file and folder are synced before. What is
/// gone with the last upload: the hidden folder. What a folder can't keep: attributes.
///
/// Keys never lead out of the folder by their own text. Symbolic links in it are its owner's own
/// way to lay files out, and followed; publishing replaces a link to a file, not the file.
#[derive(Clone, Debug)]
pub struct FolderBucket {
    folder: Arc<Folder>,
}

/// What the blocking work is done on.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) staging: Staging,
}

impl FolderBucket {
    /// The sizes of parts in a folder.
    pub const PART_LIMITS: PartLimits = PartLimits {
        bytes_min: 1,
        bytes_usual: 1024 * 1024,
        count_max: u32::MAX,
    };

    /// Opens the folder at `path`, which is made where it is missing.
    ///
    /// # Errors
    /// Where it can't be made or is no folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BucketError> {
        let path = path.as_ref();
        let opened = open(path);
        opened.map_err(|fault| fault.during("keep objects".to_owned(), path.display().to_string()))
    }

    /// The folder's absolute path.
    pub fn path(&self) -> &Path {
        &self.folder.root
    }

    /// Does blocking work off the threads that drive tasks.
    async fn run<T: Send + 'static>(
        &self,
        action: &str,
        on: &str,
        work: impl FnOnce(&Folder) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, BucketError> {
        let folder = Arc::clone(&self.folder);
        let work = tokio::task::spawn_blocking(move || work(&folder).map_err(|f| folder.seen(f)));
        let done = work.await.unwrap_or_else(|stopped| {
            let message = "the work was stopped before its end";
            Err(Fault::new(BucketErrorKind::Interrupted, message).caused_by(stopped))
        });
        done.map_err(|fault| fault.during(format!("{action} {on}"), self.location()))
    }
}

fn open(path: &Path) -> Result<FolderBucket, Fault> {
    fs::create_dir_all(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            Fault::new(BucketErrorKind::NoSuchBucket, "a file stands in its place")
        }
        _ => error.into(),
    })?;
    let root = std::path::absolute(path)?;
    let staging = Staging::new(&root);
    Ok(FolderBucket {
        folder: Arc::new(Folder { root, staging }),
    })
}

impl Folder {
    /// A missing file means something else where the whole folder is missing.
    fn seen(&self, fault: Fault) -> Fault {
        match fault.kind {
            BucketErrorKind::NotFound if !self.root.is_dir() => {
                Fault::new(BucketErrorKind::NoSuchBucket, "the folder is gone")
            }
            _ => fault,
        }
    }
}

#[async_trait]
impl Bucket for FolderBucket {
    fn location(&self) -> String {
        self.folder.root.display().to_string()
    }

    fn part_limits(&self) -> PartLimits {
        Self::PART_LIMITS
    }

    async fn honours_if_absent(&self) -> Result<bool, BucketError> {
        Ok(true)
    }

    async fn begin(&self, key: &ObjectKey, _: &Attributes) -> Result<Upload, BucketError> {
        let key = key.clone();
        self.run("begin", key.clone().as_str(), move |folder| {
            folder.path_of(&key)?;
            let id = folder.staging.begin(&key)?;
            Ok(Upload {
                key,
                id,
                write_id: None,
                abort_at: None,
            })
        })
        .await
    }

    async fn part(&self, upload: &Upload, number: u32, body: Bytes) -> Result<Part, BucketError> {
        let action = format!("send part {number} of");
        let id = upload.id.clone();
        self.run(&action, upload.key.as_str(), move |folder| {
            folder.staging.part(&id, number, &body)
        })
        .await
    }

    async fn finish(&self, upload: Upload, parts: Vec<Part>) -> Result<Staged, BucketError> {
        self.run("finish", upload.key.clone().as_str(), move |folder| {
            folder.staging.finish(&upload.id, &parts)?;
            Ok(Staged { upload, parts })
        })
        .await
    }

    async fn publish(
        &self,
        staged: &Staged,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        let staged = staged.clone();
        self.run(
            "publish",
            staged.upload.key.clone().as_str(),
            move |folder| folder.publish(&staged, condition),
        )
        .await
    }

    async fn discard(&self, upload: &Upload) -> Result<(), BucketError> {
        let id = upload.id.clone();
        self.run("discard", upload.key.as_str(), move |folder| {
            folder.staging.discard(&id)
        })
        .await
    }

    async fn uploads_at(&self, key: &ObjectKey) -> Result<Vec<Upload>, BucketError> {
        let key = key.clone();
        self.run("look for uploads at", key.clone().as_str(), move |folder| {
            let upload = |id| Upload {
                key: key.clone(),
                id,
                write_id: None,
                abort_at: None,
            };
            let ids = folder.staging.ids_at(&key)?;
            Ok(ids.into_iter().map(upload).collect())
        })
        .await
    }

    async fn put(
        &self,
        key: &ObjectKey,
        body: Bytes,
        _: &Attributes,
        condition: Condition,
    ) -> Result<Published, BucketError> {
        let key = key.clone();
        self.run("put", key.clone().as_str(), move |folder| {
            folder.put(&key, &body, condition)
        })
        .await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, BucketError> {
        let key = key.clone();
        self.run("look for", key.clone().as_str(), move |folder| {
            folder.head(&key)
        })
        .await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, BucketError> {
        let key = key.clone();
        self.run("get", key.clone().as_str(), move |folder| folder.get(&key))
            .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, BucketError> {
        let prefix = prefix.to_owned();
        let on = format!("`{prefix}`");
        self.run("list what begins with", &on, move |folder| {
            folder.list(&prefix)
        })
        .await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let key = key.clone();
        self.run("delete", key.clone().as_str(), move |folder| {
            folder.delete(&key)
        })
        .await
    }
}
