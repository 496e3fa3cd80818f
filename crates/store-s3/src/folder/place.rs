//! Where a key's file is.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use spile_core::{BucketErrorKind, ObjectKey};

use super::bucket::Folder;
use super::staging::STAGING;
use crate::fault::Fault;

/// What file systems take, all but without exception.
const NAME_BYTES_MAX: usize = 255;

impl Folder {
    /// The path of the file that holds the object at `key`.
    ///
    /// # Errors
    /// Where the key would lead out of the folder, or to a name that no file can have.
    pub(super) fn path_of(&self, key: &ObjectKey) -> Result<PathBuf, Fault> {
        let mut path = self.root.clone();
        for name in key.as_str().split('/') {
            check_name(name)?;
            path.push(name);
        }
        match key.as_str().split('/').next() {
            Some(STAGING) => Err(invalid(format!("`{STAGING}` is for uploads"))),
            _ => Ok(path),
        }
    }

    /// Removes the folders above a path that hold nothing any more, and syncs the lowest one that
    /// stays. Others may do so at once: a folder that they have removed is no fault.
    pub(super) fn remove_empty_parents(&self, path: &Path) -> io::Result<()> {
        for parent in path.ancestors().skip(1) {
            if *parent != self.root && fs::remove_dir(parent).is_ok() {
                continue;
            }
            match sync_folder(parent) {
                Err(error) if error.kind() == ErrorKind::NotFound && *parent != self.root => {}
                synced => return synced,
            }
        }
        Ok(())
    }
}

/// Makes the folders above `path`. What is new is synced into the folder that holds it.
pub(super) fn make_parents(path: &Path) -> Result<(), Fault> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    match fs::create_dir(parent) {
        Ok(()) => Ok(sync_folder(parent.parent().unwrap_or(parent))?),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => is_folder(parent),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_parents(parent)?;
            make_parents(path)
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes sure that the names in a folder outlive a loss of power.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(path)?.sync_all() {
        // Some network file systems know of no such thing.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

fn is_folder(path: &Path) -> Result<(), Fault> {
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(io::Error::from(ErrorKind::NotADirectory).into()),
        _ => Ok(()),
    }
}

/// A name is one step down, on every system.
fn check_name(name: &str) -> Result<(), Fault> {
    let mut steps = Path::new(name).components();
    let is_one_step = matches!(steps.next(), Some(Component::Normal(step)) if step == name);
    if !is_one_step || steps.next().is_some() {
        return Err(invalid(format!("`{name}` can't be the name of a file")));
    }
    if name.len() > NAME_BYTES_MAX {
        let bytes = name.len();
        return Err(invalid(format!(
            "a name in the key has {bytes} bytes, and a file's can have {NAME_BYTES_MAX}"
        )));
    }
    Ok(())
}

fn invalid(message: String) -> Fault {
    Fault::new(BucketErrorKind::InvalidKey, message)
}
