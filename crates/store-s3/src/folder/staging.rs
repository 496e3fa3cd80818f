//! The hidden folder of uploads that nobody sees.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use spile_core::{BucketErrorKind, ObjectKey, Part};
use uuid::Uuid;

use super::error::absent_is_none;
use super::layout::{self, Layout, Place};
use super::place::sync_folder;
use crate::fault::Fault;

/// The name of the folder. Keys can't begin with it.
pub(super) const STAGING: &str = ".spile-staging";

/// How often the folder is made again, where others remove it as fast.
const ATTEMPTS: usize = 16;

/// Uploads that were begun and are neither published nor discarded.
#[derive(Debug)]
pub(super) struct Staging {
    root: PathBuf,
    folder: PathBuf,
    /// The uploads that this process has begun.
    live: Mutex<HashMap<Uuid, Layout>>,
}

/// An upload's name: that of its file, and the number by which the file system knows the file
/// wherever it is moved. By it a repeated publish is told from another's object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UploadId {
    name: Uuid,
    inode: u64,
}

impl Staging {
    pub(super) fn new(root: &Path) -> Self {
        Staging {
            root: root.to_owned(),
            folder: root.join(STAGING),
            live: Mutex::default(),
        }
    }

    /// Begins an upload, and answers with its id.
    pub(super) fn begin(&self, key: &ObjectKey) -> Result<String, Fault> {
        let name = new_name(key);
        let file = self.create(&name.to_string())?;
        let inode = inode(&file.metadata()?);
        self.live().insert(name, Layout::default());
        Ok(format!("{name}-{inode:x}"))
    }

    /// Writes a part.
    pub(super) fn part(&self, id: &str, number: u32, body: &[u8]) -> Result<Part, Fault> {
        let id = UploadId::parse(id)?;
        let bytes = body.len() as u64;
        let mut main = self.open(id)?;
        let place = self.place(id, number, bytes)?;
        match place {
            Place::At(offset) => {
                main.seek(SeekFrom::Start(offset))?;
                main.write_all(body)?;
            }
            Place::Aside => fs::write(self.aside(id, number), body)?,
        }
        Ok(Part {
            number,
            bytes,
            etag: place.etag(),
        })
    }

    /// Makes the upload's file whole and durable.
    pub(super) fn finish(&self, id: &str, parts: &[Part]) -> Result<(), Fault> {
        let id = UploadId::parse(id)?;
        check_numbers(parts)?;
        let mut main = self.open(id)?;
        if !layout::is_in_place(parts)? {
            self.join(id, parts, &mut main)?;
        }
        let bytes = parts.iter().map(|part| part.bytes).sum();
        if main.metadata()?.len() < bytes {
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        main.set_len(bytes)?;
        main.sync_all()?;
        sync_folder(&self.folder)?;
        Ok(sync_folder(&self.root)?)
    }

    /// Removes what there is of an upload, and the folder with the last.
    pub(super) fn discard(&self, id: &str) -> Result<(), Fault> {
        if let Ok(id) = UploadId::parse(id) {
            remove(&self.main(id))?;
            self.remove_asides(id)?;
            self.forget(id);
        }
        Ok(())
    }

    /// Writes a file that isn't an upload, makes it durable, and answers with its path.
    pub(super) fn write(&self, key: &ObjectKey, body: &[u8]) -> Result<PathBuf, Fault> {
        let name = new_name(key).to_string();
        let mut file = self.create(&name)?;
        let written = file.write_all(body).and_then(|()| file.sync_all());
        written.inspect_err(|_| self.abandon(&name))?;
        Ok(self.folder.join(name))
    }

    /// The ids of all uploads at a key.
    pub(super) fn ids_at(&self, key: &ObjectKey) -> Result<Vec<String>, Fault> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name: Option<Uuid> = entry.file_name().to_str().and_then(|it| it.parse().ok());
            let Some(name) = name.filter(|name| name.as_u64_pair().0 == of_key(key)) else {
                continue;
            };
            // It may be published in this moment.
            if let Some(file) = absent_is_none(entry.metadata())? {
                ids.push(format!("{name}-{:x}", inode(&file)));
            }
        }
        Ok(ids)
    }

    /// The upload's file.
    pub(super) fn main(&self, id: UploadId) -> PathBuf {
        self.folder.join(id.name.to_string())
    }

    /// An upload has been published: nothing of it is left here.
    pub(super) fn forget(&self, id: UploadId) {
        self.live().remove(&id.name);
        self.tidy();
    }

    /// Removes the folder if nothing is in it. Whoever needs it makes it again.
    pub(super) fn tidy(&self) {
        if self.live().is_empty() {
            fs::remove_dir(&self.folder).ok();
        }
    }

    fn abandon(&self, name: &str) {
        fs::remove_file(self.folder.join(name)).ok();
        self.tidy();
    }

    fn create(&self, name: &str) -> Result<File, Fault> {
        let mut attempts = 0..ATTEMPTS;
        loop {
            let created = File::create_new(self.folder.join(name));
            match created {
                Err(error) if error.kind() == ErrorKind::NotFound && attempts.next().is_some() => {
                    self.make_folder()?;
                }
                created => return Ok(created?),
            }
        }
    }

    fn make_folder(&self) -> io::Result<()> {
        match fs::create_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    fn open(&self, id: UploadId) -> Result<File, Fault> {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.main(id));
        opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => no_such_upload(),
            _ => error.into(),
        })
    }

    /// Where a part goes. Of an upload that another process has begun nothing is known.
    fn place(&self, id: UploadId, number: u32, bytes: u64) -> Result<Place, Fault> {
        if number == 0 {
            return Err(Fault::new(
                BucketErrorKind::Refused,
                "parts are numbered from 1",
            ));
        }
        let mut live = self.live();
        let layout = live.get_mut(&id.name);
        Ok(layout.map_or(Place::Aside, |layout| layout.place(number, bytes)))
    }

    /// Copies the parts together, and back into the file that the upload's id knows.
    fn join(&self, id: UploadId, parts: &[Part], main: &mut File) -> Result<(), Fault> {
        let path = self.folder.join(format!("{}.whole", id.name));
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut whole = options.open(&path)?;
        layout::join(parts, main, &mut whole, |number| {
            File::open(self.aside(id, number))
        })?;
        let bytes = whole.stream_position()?;
        whole.rewind()?;
        main.set_len(0)?;
        main.rewind()?;
        layout::copy(&mut whole, main, bytes)?;
        self.remove_asides(id)
    }

    /// The file of a part that isn't in the upload's own.
    fn aside(&self, id: UploadId, number: u32) -> PathBuf {
        self.folder.join(format!("{}.{number}", id.name))
    }

    fn remove_asides(&self, id: UploadId) -> Result<(), Fault> {
        let start = format!("{}.", id.name);
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&start) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Uuid, Layout>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UploadId {
    /// Ids come from journals too: this one can only name a file in the folder of uploads.
    pub(super) fn parse(id: &str) -> Result<UploadId, Fault> {
        let parsed = id.rsplit_once('-').and_then(|(name, inode)| {
            Some(UploadId {
                name: name.parse().ok()?,
                inode: u64::from_str_radix(inode, 16).ok()?,
            })
        });
        parsed.ok_or_else(no_such_upload)
    }

    /// Whether a file is the one that this upload has written.
    pub(super) fn is(self, path: &Path, bytes: u64) -> bool {
        let is_it = |found: fs::Metadata| found.len() == bytes && inode(&found) == self.inode;
        fs::symlink_metadata(path).is_ok_and(is_it)
    }
}

/// The name of a new file for the object at a key: one half of it tells which key that is.
fn new_name(key: &ObjectKey) -> Uuid {
    Uuid::from_u64_pair(of_key(key), Uuid::new_v4().as_u64_pair().1)
}

fn of_key(key: &ObjectKey) -> u64 {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_str().as_bytes())
        .as_u64_pair()
        .0
}

pub(super) fn no_such_upload() -> Fault {
    Fault::new(BucketErrorKind::NotFound, "there is no such upload")
}

/// Removes a file; it is no error where there is none.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn check_numbers(parts: &[Part]) -> Result<(), Fault> {
    let numbers = parts.iter().map(|part| part.number);
    match !parts.is_empty() && numbers.eq((1..).take(parts.len())) {
        true => Ok(()),
        false => Err(Fault::new(BucketErrorKind::Refused, "parts are missing")),
    }
}

/// Where a file system has no such number, the length alone tells files apart.
#[cfg(unix)]
pub(super) fn inode(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
pub(super) fn inode(_: &fs::Metadata) -> u64 {
    0
}
