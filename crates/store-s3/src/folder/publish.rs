//! How an object appears in a folder, is read and goes.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use spile_core::{BucketErrorKind, Condition, ObjectInfo, ObjectKey, Published, Staged};

use super::bucket::Folder;
use super::error::{absent_is_none, is_absence};
use super::place::{make_parents, sync_folder};
use super::staging::{UploadId, inode, no_such_upload, remove};
use crate::fault::Fault;

/// How often folders are made again, where others remove them as fast.
const ATTEMPTS: usize = 16;

impl Folder {
    pub(super) fn publish(&self, staged: &Staged, by: Condition) -> Result<Published, Fault> {
        let id = UploadId::parse(&staged.upload.id)?;
        let (from, to) = (self.staging.main(id), self.path_of(&staged.upload.key)?);
        match appear(&from, &to, by) {
            // Only its answer was lost, or the end of it.
            Err(fault) if is_stopped(&fault) && id.is(&to, staged.bytes()) => complete(&from, &to)?,
            Err(fault) if fault.kind == BucketErrorKind::NotFound => return Err(no_such_upload()),
            appeared => appeared?,
        }
        self.staging.forget(id);
        published(&to)
    }

    pub(super) fn put(
        &self,
        key: &ObjectKey,
        body: &[u8],
        condition: Condition,
    ) -> Result<Published, Fault> {
        let to = self.path_of(key)?;
        let from = self.staging.write(key, body)?;
        let appeared = appear(&from, &to, condition);
        if appeared.is_err() {
            fs::remove_file(&from).ok();
        }
        self.staging.tidy();
        appeared.and_then(|()| published(&to))
    }

    pub(super) fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, Fault> {
        let found = absent_is_none(fs::metadata(self.path_of(key)?))?;
        if found.is_none() && !self.root.is_dir() {
            return Err(io::Error::from(ErrorKind::NotFound).into());
        }
        let file = found.filter(fs::Metadata::is_file);
        file.map(|file| info(key.clone(), &file)).transpose()
    }

    pub(super) fn get(&self, key: &ObjectKey) -> Result<Bytes, Fault> {
        let read = fs::read(self.path_of(key)?);
        read.map(Bytes::from)
            .map_err(|error| match is_absence(&error) {
                true => Fault::new(BucketErrorKind::NotFound, "there is no such object"),
                false => error.into(),
            })
    }

    pub(super) fn delete(&self, key: &ObjectKey) -> Result<(), Fault> {
        let path = self.path_of(key)?;
        let is_folder = || fs::metadata(&path).is_ok_and(|found| found.is_dir());
        match fs::remove_file(&path) {
            Ok(()) => Ok(self.remove_empty_parents(&path)?),
            Err(error) if is_absence(&error) || is_folder() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

pub(super) fn info(key: ObjectKey, file: &fs::Metadata) -> Result<ObjectInfo, Fault> {
    Ok(ObjectInfo {
        key,
        bytes: file.len(),
        etag: Some(etag(file)?),
        modified: file.modified()?.into(),
        write_id: None,
    })
}

/// Folders have no names for their files' content: a file is told from another at its place by its
/// number, its length and when it was written.
fn etag(file: &fs::Metadata) -> Result<String, Fault> {
    let written: DateTime<Utc> = file.modified()?.into();
    let nanos = written.timestamp_nanos_opt().unwrap_or_default();
    Ok(format!("{:x}-{:x}-{nanos:x}", inode(file), file.len()))
}

/// What is known of a file that has appeared. Somebody may have removed it since.
fn published(to: &Path) -> Result<Published, Fault> {
    let found = absent_is_none(fs::metadata(to))?;
    let etag = found.map(|file| etag(&file)).transpose()?;
    Ok(Published { etag })
}

/// Moves a file to where it is seen, at once.
fn appear(from: &Path, to: &Path, condition: Condition) -> Result<(), Fault> {
    let mut attempts = 0..ATTEMPTS;
    loop {
        make_parents(to)?;
        match transfer(from, to, condition) {
            // A rival's delete has tidied the folders away that were just made.
            Err(error) if error.kind() == ErrorKind::NotFound && from.exists() => {
                attempts.next().ok_or(error)?;
            }
            Err(error) => return Err(seen(error, to)),
            Ok(()) => return complete(from, to),
        }
    }
}

fn transfer(from: &Path, to: &Path, condition: Condition) -> io::Result<()> {
    match condition {
        Condition::Replace => fs::rename(from, to),
        Condition::IfAbsent => fs::hard_link(from, to),
    }
}

/// The object has appeared: takes away what is left of its upload, and makes that durable.
fn complete(from: &Path, to: &Path) -> Result<(), Fault> {
    remove(from)?;
    Ok(to.parent().map_or(Ok(()), sync_folder)?)
}

fn is_stopped(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        BucketErrorKind::AlreadyExists | BucketErrorKind::NotFound
    )
}

fn seen(error: io::Error, to: &Path) -> Fault {
    /// What systems answer where links aren't known at all; `PermissionDenied` to Rust.
    const NOT_PERMITTED: i32 = 1;
    if error.kind() == ErrorKind::AlreadyExists && to.is_dir() {
        return io::Error::from(ErrorKind::IsADirectory).into();
    }
    if error.kind() == ErrorKind::Unsupported || error.raw_os_error() == Some(NOT_PERMITTED) {
        let message = "the file system has no hard links, without which an object can't be \
                       created only where none stands";
        return Fault::new(BucketErrorKind::Refused, message).caused_by(error);
    }
    error.into()
}
