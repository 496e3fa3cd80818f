//! Lists of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use spile_core::{BucketErrorKind, ObjectInfo, ObjectKey};

use super::bucket::Folder;
use super::error::absent_is_none;
use super::publish::info;
use super::staging::STAGING;
use crate::fault::Fault;

impl Folder {
    /// The objects whose keys begin with `prefix`, ordered by key. Files whose names can't be
    /// keys aren't objects.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, Fault> {
        if !self.root.is_dir() {
            return Err(Fault::new(BucketErrorKind::NotFound, "the folder is gone"));
        }
        let start = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut objects = Vec::new();
        if start.split('/').all(|name| !matches!(name, "." | "..")) {
            self.walk(start, prefix, &mut objects)?;
        }
        objects.sort_unstable_by(|a: &ObjectInfo, b| a.key.cmp(&b.key));
        Ok(objects)
    }

    /// Adds the objects in the folder `at`, which is relative to the root.
    fn walk(&self, at: &str, prefix: &str, objects: &mut Vec<ObjectInfo>) -> Result<(), Fault> {
        let Some(entries) = absent_is_none(fs::read_dir(self.root.join(at)))? else {
            return Ok(());
        };
        for entry in entries {
            let Some(name) = child(at, &entry?) else {
                continue;
            };
            let may_match = name.starts_with(prefix) || prefix.starts_with(&name);
            if may_match && name != STAGING {
                self.visit(&name, prefix, objects)?;
            }
        }
        Ok(())
    }

    fn visit(&self, name: &str, prefix: &str, objects: &mut Vec<ObjectInfo>) -> Result<(), Fault> {
        let path = self.root.join(name);
        // A file may go while the folder is read, and a link may lead nowhere.
        let Some(found) = absent_is_none(fs::metadata(&path))? else {
            return Ok(());
        };
        if found.is_dir() && !leads_back(&path) {
            return self.walk(name, prefix, objects);
        }
        match ObjectKey::new(name) {
            Ok(key) if found.is_file() && name.starts_with(prefix) => {
                objects.push(info(key, &found)?);
            }
            _ => (),
        }
        Ok(())
    }
}

fn child(at: &str, entry: &fs::DirEntry) -> Option<String> {
    let name = entry.file_name().into_string().ok()?;
    Some(match at {
        "" => name,
        at => format!("{at}/{name}"),
    })
}

/// Whether a symbolic link leads to a folder that it is in, which would never end.
fn leads_back(path: &Path) -> bool {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let real = |path: &Path| -> Option<PathBuf> { fs::canonicalize(path).ok() };
    let holds = |parent: &Path| Some(real(parent)?.starts_with(real(path)?));
    is_link && path.parent().and_then(holds).unwrap_or(true)
}
