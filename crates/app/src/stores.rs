//! Where a load puts what it makes: its objects, those of bad records, and what is kept of runs.

use std::sync::Arc;

use spile_core::{Bucket, Buckets, Retry};

use crate::bucket::{self, Opened};
use crate::config::Settings;
use crate::credentials;
use crate::destination::Destination;
use crate::failure::Failure;

/// The places of a load.
pub(crate) struct Around<'a> {
    pub(crate) settings: &'a Settings,
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
}

/// Opens the buckets of a load, each of them once.
pub(crate) async fn open(around: &Around<'_>) -> Result<Stores, Failure> {
    let Around {
        settings,
        destination,
        state,
        quarantine,
        run_id,
        retry,
    } = around;
    let opened = bucket::open(destination, settings, run_id, retry).await?;
    let state = around.beside(state, &opened).await?;
    let quarantine = match quarantine {
        Some(place) => around.beside(place, &opened).await?,
        None => None,
    };
    Ok(Stores {
        state: state.unwrap_or_else(|| Arc::clone(&opened.bucket)),
        buckets: Buckets {
            loaded: opened.bucket,
            quarantine,
        },
    })
}

impl Around<'_> {
    /// The bucket of a place, if it isn't that of the destination. A session that is narrowed to the
    /// destination is of no use elsewhere, so that a second one is asked for.
    async fn beside(
        &self,
        place: &Destination,
        opened: &Opened,
    ) -> Result<Option<Arc<dyn Bucket>>, Failure> {
        let is_narrowed = credentials::is_narrowed(&self.settings.destination.auth);
        let is_there = !is_narrowed && place.place == self.destination.place;
        if is_there || place.is_within(self.destination) {
            return Ok(None);
        }
        let beside = match is_narrowed {
            true => None,
            false => opened.beside(place).await,
        };
        let beside = match beside {
            Some(beside) => beside?,
            None => bucket::open(place, self.settings, self.run_id, self.retry).await?,
        };
        Ok(Some(beside.bucket))
    }
}
