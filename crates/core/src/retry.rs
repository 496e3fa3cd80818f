//! Requests that fail in passing are sent again, a bounded number of times.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::bucket::BucketError;

/// How often a request is repeated, and how long it waits in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is sent in all.
    pub attempts_max: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait of all.
    pub wait_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts_max: 6,
            first_wait: Duration::from_millis(400),
            wait_max: Duration::from_secs(10),
        }
    }
}

/// Repeats requests and counts the repetitions.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    policy: RetryPolicy,
    count: AtomicU64,
}

impl Retry {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            count: AtomicU64::new(0),
        }
    }

    /// How many requests were repeated.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Sends a request as [`RetryPolicy::run`] does.
    pub(crate) async fn run<T, F>(&self, request: impl Fn() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let again = || {
            self.count.fetch_add(1, Ordering::Relaxed);
        };
        self.policy.run(request, again).await
    }
}

impl RetryPolicy {
    /// Sends a request until it succeeds, fails for good, or was sent often enough. `again` is
    /// called before each repetition.
    ///
    /// # Errors
    /// That of the last attempt.
    pub async fn run<T, F>(
        &self,
        request: impl Fn() -> F,
        again: impl Fn(),
    ) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let mut attempt = 1;
        loop {
            match request().await {
                Err(error) if error.is_retryable() && attempt < self.attempts_max => {
                    let wait = self.wait(attempt);
                    tracing::warn!(%error, attempt, wait_ms = wait.as_millis(), "a request failed and is sent again");
                    again();
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// A wait between half and all of its length, so that many clients don't come back at once.
    fn wait(&self, attempt: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << (attempt - 1).min(16));
        doubled
            .min(self.wait_max)
            .mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}
