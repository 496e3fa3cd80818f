//! Whether a folder is ready for loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use spile_core::{Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectKey, Staged};
use uuid::Uuid;

use super::bucket::FolderBucket;
use crate::check::{Checklist, Verdict};
use crate::fault::Fault;

/// The content of what is tried out with.
const PROBE: Bytes = Bytes::from_static(b"?");

/// What a folder is for, and so what loads ask of it.
#[derive(Clone, Copy)]
enum Purpose {
    Objects,
    State,
}

impl FolderBucket {
    /// Tries out, one after the other, all that loads ask of the folder at `path`. Nothing is left
    /// behind, not even the folder where there was none.
    pub async fn check(path: impl AsRef<Path>, list: &mut Checklist<'_>) {
        check(path.as_ref(), Purpose::Objects, list).await;
    }

    /// The same of a folder for what runs know of each other, under names of its own.
    pub async fn check_state(path: impl AsRef<Path>, list: &mut Checklist<'_>) {
        check(path.as_ref(), Purpose::State, list).await;
    }
}

async fn check(path: &Path, purpose: Purpose, list: &mut Checklist<'_>) {
    let absent = absent_folders(path);
    let name = match purpose {
        Purpose::Objects => "folder",
        Purpose::State => "state",
    };
    match Trial::open(path) {
        Ok(trial) => {
            let words = match absent.is_empty() {
                true => "it is there",
                false => "it can be made; a load does",
            };
            list.note(name, Verdict::passed(words), Duration::ZERO);
            match purpose {
                Purpose::Objects => trial.run(list).await,
                Purpose::State => trial.run_of_state(list).await,
            }
        }
        Err(error) => {
            let failed = failed("it can't be opened", &error);
            let failed = failed.hinting("choose a folder that can be made");
            list.note(name, failed, Duration::ZERO);
        }
    }
    // What others have put there meanwhile keeps a folder, and is theirs.
    for folder in absent {
        let _kept = fs::remove_dir(folder);
    }
}

/// The folders of a path that aren't there yet, the innermost first.
fn absent_folders(path: &Path) -> Vec<PathBuf> {
    let is_absent =
        |folder: &&Path| !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err();
    let absent = path.ancestors().take_while(is_absent);
    absent.map(Path::to_path_buf).collect()
}

/// The probes of one check, and what they have made.
struct Trial {
    folder: FolderBucket,
    key: ObjectKey,
    staged: Option<Staged>,
}

impl Trial {
    fn open(path: &Path) -> Result<Self, BucketError> {
        let folder = FolderBucket::open(path)?;
        let key = ObjectKey::new(format!(".spile-probe-{}", Uuid::new_v4()));
        let key = key.map_err(|error| {
            let fault = Fault::new(BucketErrorKind::InvalidKey, "the key can't be one");
            let fault = fault.caused_by(error);
            fault.during("open".to_owned(), path.display().to_string())
        })?;
        Ok(Trial {
            folder,
            key,
            staged: None,
        })
    }

    async fn run(mut self, list: &mut Checklist<'_>) {
        list.probe("write", &[], self.write()).await;
        list.probe("publish", &["write"], self.publish()).await;
        list.probe("replace", &["publish"], self.replace()).await;
        list.probe("read", &["publish"], self.read()).await;
        list.probe("delete", &["publish"], self.delete()).await;
        list.always("clean up", self.clean_up()).await;
    }

    async fn run_of_state(mut self, list: &mut Checklist<'_>) {
        list.probe("state put", &[], self.replace()).await;
        list.probe("state get", &["state put"], self.read()).await;
        list.always("state clean up", self.clean_up()).await;
    }

    async fn write(&mut self) -> Verdict {
        let written = self.stage().await;
        verdict(
            written,
            "objects can be written",
            "no object can be written",
        )
    }

    async fn publish(&mut self) -> Verdict {
        let published = self.publish_on(Condition::IfAbsent).await;
        let (can, cannot) = (
            "an object appears where none stands",
            "no object can appear",
        );
        verdict(published, can, cannot)
    }

    async fn replace(&mut self) -> Verdict {
        let replaced = match self.stage().await {
            Ok(()) => self.publish_on(Condition::Replace).await,
            Err(error) => Err(error),
        };
        let (can, cannot) = ("an object can be replaced", "no object can be replaced");
        verdict(replaced, can, cannot)
    }

    async fn read(&self) -> Verdict {
        match self.folder.get(&self.key).await {
            Ok(content) if content != PROBE => Verdict::failed(
                BucketErrorKind::Refused,
                "it reads otherwise than it was written",
            ),
            read => {
                let (can, cannot) = ("objects can be read", "objects can't be read");
                verdict(read.map(drop), can, cannot)
            }
        }
    }

    async fn delete(&mut self) -> Verdict {
        let removed = self.remove().await;
        verdict(
            removed,
            "objects can be deleted",
            "objects can't be deleted",
        )
    }

    async fn clean_up(&mut self) -> Verdict {
        let left = format!("{} is left behind", self.key);
        verdict(self.remove().await, "nothing is left behind", &left)
    }

    async fn stage(&mut self) -> Result<(), BucketError> {
        let attributes = Attributes::default();
        let upload = self.folder.begin(&self.key, &attributes).await?;
        let parts = Vec::new();
        let staged = self.staged.insert(Staged { upload, parts });
        let part = self.folder.part(&staged.upload, 1, PROBE).await?;
        staged.parts.push(part);
        Ok(())
    }

    async fn publish_on(&mut self, condition: Condition) -> Result<(), BucketError> {
        if let Some(Staged { upload, parts }) = self.staged.clone() {
            let staged = self.folder.finish(upload, parts).await?;
            self.folder.publish(&staged, condition).await?;
            self.staged = None;
        }
        Ok(())
    }

    async fn remove(&mut self) -> Result<(), BucketError> {
        if let Some(staged) = &self.staged {
            self.folder.discard(&staged.upload).await?;
            self.staged = None;
        }
        self.folder.delete(&self.key).await
    }
}

fn verdict(done: Result<(), BucketError>, can: &str, cannot: &str) -> Verdict {
    match done {
        Ok(()) => Verdict::passed(can),
        Err(error) => failed(cannot, &error),
    }
}

fn failed(cannot: &str, error: &BucketError) -> Verdict {
    Verdict::failed(error.kind, format!("{cannot}: {}", error.message))
}
