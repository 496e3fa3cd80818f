//! The time of day, as a run is told it.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// Goes on from the time that a run was told when it began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    told: DateTime<Utc>,
    at: Instant,
}

impl Clock {
    /// It is this late now.
    pub(crate) fn told(now: DateTime<Utc>) -> Self {
        Self {
            told: now,
            at: Instant::now(),
        }
    }

    /// How long it is until a moment; less than nothing where that has been.
    pub(crate) fn until(self, moment: DateTime<Utc>) -> TimeDelta {
        let passed = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX);
        moment - self.told - passed
    }
}
