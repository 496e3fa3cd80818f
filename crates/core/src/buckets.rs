//! Where the objects of a run go.

use std::sync::Arc;

use crate::bucket::Bucket;

/// Where the objects of a run go: those of its records, and those of the bad ones that are set aside.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// Where records go.
    pub loaded: Arc<dyn Bucket>,
    /// Where bad ones go, if that is another bucket.
    pub quarantine: Option<Arc<dyn Bucket>>,
}

impl Buckets {
    /// The one that an object goes to.
    pub(crate) fn of(&self, is_quarantine: bool) -> &Arc<dyn Bucket> {
        match &self.quarantine {
            Some(quarantine) if is_quarantine => quarantine,
            _ => &self.loaded,
        }
    }

    /// Where bad records go, for people, if that is another bucket.
    pub(crate) fn quarantine_location(&self) -> Option<String> {
        self.quarantine.as_ref().map(|bucket| bucket.location())
    }
}

impl From<Arc<dyn Bucket>> for Buckets {
    fn from(loaded: Arc<dyn Bucket>) -> Self {
        let quarantine = None;
        Self { loaded, quarantine }
    }
}
