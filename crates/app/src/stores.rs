//! Where a load puts what it makes: its objects, those of bad records, and what is kept of runs. And
//! where it reads the objects that its source names.

use std::sync::Arc;

use spile_core::{Bucket, Buckets, Retry};
use spile_sources::Objects;
use spile_store_s3::S3Bucket;

use crate::bucket::{self, Opened};
use crate::config::Settings;
use crate::credentials;
use crate::destination::Destination;
use crate::failure::Failure;
use crate::source_objects::{NoStore, SourceObjects};

/// The places of a load.
pub(crate) struct Around<'a> {
    pub(crate) settings: &'a Arc<Settings>,
    pub(crate) destination: &'a Destination,
    pub(crate) state: &'a Destination,
    /// Where bad records go, if they are set aside.
    pub(crate) quarantine: Option<&'a Destination>,
    pub(crate) run_id: &'a str,
    pub(crate) retry: &'a Retry,
}

/// The buckets of those places.
pub(crate) struct Stores {
    pub(crate) buckets: Buckets,
    pub(crate) state: Arc<dyn Bucket>,
    pub(crate) objects: Arc<dyn Objects>,
}

/// The bucket of a destination, and what leads to others.
pub(crate) struct Beside {
    pub(crate) settings: Arc<Settings>,
    pub(crate) retry: Retry,
    destination: Destination,
    run_id: String,
    opened: Opened,
}

/// Opens the buckets of a load, each of them once.
pub(crate) async fn open(around: &Around<'_>) -> Result<Stores, Failure> {
    let beside = Beside::open(around).await?;
    let loaded = || Arc::clone(&beside.opened.bucket);
    let state = beside.open_beside(around.state).await?;
    let quarantine = match around.quarantine {
        Some(place) => beside.open_beside(place).await?,
        None => None,
    };
    Ok(Stores {
        state: state.map_or_else(loaded, |state| state.bucket),
        buckets: Buckets {
            loaded: loaded(),
            quarantine: quarantine.map(|quarantine| quarantine.bucket),
        },
        objects: match beside.opened.s3() {
            Some(_) => Arc::new(SourceObjects::new(beside)),
            None => Arc::new(NoStore::FOLDER),
        },
    })
}

impl Beside {
    async fn open(around: &Around<'_>) -> Result<Self, Failure> {
        let Around {
            settings,
            destination,
            run_id,
            retry,
            ..
        } = around;
        Ok(Self {
            opened: bucket::open(destination, settings, run_id, retry).await?,
            settings: Arc::clone(settings),
            destination: (*destination).clone(),
            run_id: (*run_id).to_owned(),
            retry: (*retry).clone(),
        })
    }

    /// The bucket of a place in S3.
    pub(crate) async fn bucket(
        &self,
        place: &Destination,
    ) -> Result<Option<Arc<S3Bucket>>, Failure> {
        let beside = self.open_beside(place).await?;
        let opened = beside.as_ref().unwrap_or(&self.opened);
        Ok(opened.s3().cloned())
    }

    /// The bucket of a place, if it isn't that of the destination. A session that is narrowed to the
    /// destination is of no use elsewhere, so that a second one is asked for.
    async fn open_beside(&self, place: &Destination) -> Result<Option<Opened>, Failure> {
        let is_narrowed = credentials::is_narrowed(&self.settings.destination.auth);
        let is_there = !is_narrowed && place.place == self.destination.place;
        if is_there || place.is_within(&self.destination) {
            return Ok(None);
        }
        let beside = match is_narrowed {
            true => None,
            false => self.opened.beside(place).await,
        };
        let opened = match beside {
            Some(beside) => beside?,
            None => bucket::open(place, &self.settings, &self.run_id, &self.retry).await?,
        };
        Ok(Some(opened))
    }
}
