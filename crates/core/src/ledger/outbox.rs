//! Whole runs that somebody is still to be told of.
//!
//! A note is laid down before the manifest is written, and taken away when whoever is to be told has
//! confirmed it: so each whole run is told of at least once, whoever brings it to its end.

use serde::{Deserialize, Serialize};
use spile_macros_template::ObjectKey;

use super::entry::Begun;
use super::manifest::Manifest;
use super::place::{Home, OUTBOX, RunPlace};
use super::shelf::{LedgerError, Shelf, VERSION, text_of, unknown_version};

/// The whole runs that nobody has confirmed to know of.
#[derive(Clone, Debug)]
pub struct Outbox {
    shelf: Shelf,
    home: Option<Home>,
}

/// That somebody is to be told of a run once its manifest is there.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    schema_version: u32,
    connection_id: Option<String>,
    connection_run_id: String,
    attempt: u32,
}

impl Outbox {
    /// That of a connection; of everybody where no home is given.
    pub fn new(shelf: Shelf, home: Option<Home>) -> Self {
        Self { shelf, home }
    }

    /// What they have come to, in the order in which they became whole, and the documents that can't be
    /// understood.
    ///
    /// # Errors
    /// Requests that fail.
    pub async fn untold(&self) -> Result<(Vec<Manifest>, Vec<LedgerError>), LedgerError> {
        let folder = match &self.home {
            Some(home) => home.outbox(),
            None => OUTBOX.to_owned(),
        };
        let (mut untold, mut faults) = (Vec::new(), Vec::new());
        for key in self.shelf.list(&folder).await? {
            match self.read(&key).await {
                Ok(manifest) => untold.extend(manifest),
                // One of them doesn't hide all others.
                Err(fault @ LedgerError::Document { .. }) => faults.push(fault),
                Err(error) => return Err(error),
            }
        }
        untold.sort_by_key(|manifest| manifest.published_at);
        Ok((untold, faults))
    }

    /// What a note is about: nothing where the run isn't whole yet, or was told of in the meantime.
    async fn read(&self, key: &ObjectKey) -> Result<Option<Manifest>, LedgerError> {
        let Some(note) = self.shelf.read::<Note>(key).await? else {
            return Ok(None);
        };
        if note.schema_version != VERSION {
            let cause = unknown_version(note.schema_version);
            return Err(self.shelf.misunderstood(key, cause));
        }
        let home = Home::new(note.connection_id.as_deref());
        let at = home.run(&note.connection_run_id).attempt(note.attempt);
        Manifest::read(&self.shelf, &at).await
    }

    /// Takes the note of a run away, and those of earlier attempts at it, whose manifests are gone.
    ///
    /// # Errors
    /// Requests that fail: then the run is told of once more.
    pub async fn told(&self, manifest: &Manifest) -> Result<(), LedgerError> {
        let Manifest {
            connection_id,
            connection_run_id,
            attempt,
            ..
        } = manifest;
        let run = Home::new(connection_id.as_deref()).run(connection_run_id);
        for attempt in 1..=*attempt {
            let key = self.shelf.key(&run.note(attempt))?;
            self.shelf.delete(&key).await?;
        }
        Ok(())
    }
}

/// Notes that somebody is to be told of a run, which is about to be whole.
pub(super) async fn note(shelf: &Shelf, run: &RunPlace, begun: &Begun) -> Result<(), LedgerError> {
    let note = Note {
        schema_version: VERSION,
        connection_id: begun.connection_id.clone(),
        connection_run_id: begun.run_id.clone(),
        attempt: begun.attempt,
    };
    let key = shelf.key(&run.note(begun.attempt))?;
    shelf.write(&key, text_of(&note)).await
}
