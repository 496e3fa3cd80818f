//! Requests that fail in passing are sent again, for a bounded time.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::bucket::BucketError;

/// For how long a request is repeated, and how long it waits in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long after its first attempt a request may be sent again.
    pub elapsed_max: Duration,
    /// It is sent as often as this all the same: a single attempt may have taken longer.
    pub attempts_min: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait of all, unless the store asks for more.
    pub wait_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            elapsed_max: Duration::from_secs(300),
            attempts_min: 3,
            first_wait: Duration::from_millis(400),
            wait_max: Duration::from_secs(10),
        }
    }
}

/// Repeats requests and counts the repetitions. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    policy: RetryPolicy,
    count: Arc<AtomicU64>,
}

/// How often and how long a request was tried before it was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How often it was sent.
    pub attempts: u32,
    /// How long after the first attempt was sent the last one had failed.
    pub elapsed_ms: u32,
}

/// Why a request has failed that may be repeated.
pub trait Failed: Display {
    /// Whether the same request may well succeed a little later, and wasn't repeated yet.
    fn may_heal(&self) -> bool;

    /// How many seconds whoever was asked wants to be left alone.
    fn retry_after_s(&self) -> Option<u32>;

    /// The same failure, of a request that was repeated to the end.
    fn after(self, tried: Tried) -> Self;
}

impl Failed for BucketError {
    fn may_heal(&self) -> bool {
        // An adapter may have tried for long enough by itself.
        self.is_retryable() && self.tried.is_none()
    }

    fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    fn after(self, tried: Tried) -> Self {
        let tried = Some(tried);
        Self { tried, ..self }
    }
}

impl Retry {
    /// Repeats by a policy, and counts from zero.
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            count: Arc::default(),
        }
    }

    /// How many requests were repeated.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Counts a request that somebody else has repeated.
    pub fn note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends a request until it succeeds, fails for good, or was tried for long enough.
    ///
    /// # Errors
    /// That of the last attempt; where another might have succeeded, it says how often and how long
    /// the request was tried.
    pub async fn run<T, E, F>(&self, request: impl Fn() -> F) -> Result<T, E>
    where
        E: Failed,
        F: Future<Output = Result<T, E>>,
    {
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let error = match request().await {
                Err(error) if error.may_heal() => error,
                result => return result,
            };
            let (wait, elapsed) = (self.policy.wait(attempt, &error), began.elapsed());
            if !self.policy.allows(attempt, elapsed, wait) {
                return Err(error.after(Tried {
                    attempts: attempt,
                    elapsed_ms: u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX),
                }));
            }
            tracing::warn!(%error, attempt, wait_ms = wait.as_millis(), "a request failed and is sent again");
            self.note();
            sleep(wait).await;
            attempt += 1;
        }
    }
}

impl RetryPolicy {
    /// Whether a request may be sent once more after a wait.
    fn allows(&self, attempt: u32, elapsed: Duration, wait: Duration) -> bool {
        let is_owed = attempt < self.attempts_min && wait <= self.wait_max;
        is_owed || elapsed.saturating_add(wait) <= self.elapsed_max
    }

    /// A wait between half and all of its length, so that many clients don't come back at once; it
    /// is no shorter than the store asks for.
    fn wait(&self, attempt: u32, error: &impl Failed) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << (attempt - 1).min(16));
        let wait = doubled
            .min(self.wait_max)
            .mul_f64(0.5 + fastrand::f64() / 2.0);
        wait.max(Duration::from_secs(
            error.retry_after_s().unwrap_or(0).into(),
        ))
    }
}

impl Tried {
    /// As it stands behind what a request has failed with; nothing where it wasn't repeated.
    pub fn told(tried: Option<Tried>) -> String {
        tried.map(|tried| format!(" ({tried})")).unwrap_or_default()
    }
}

impl Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = f64::from(self.elapsed_ms) / 1_000.0;
        write!(f, "the last of {} tries in {seconds:.1} s", self.attempts)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::bucket::BucketErrorKind as Kind;

    fn error(kind: Kind, retry_after_s: Option<u32>) -> BucketError {
        BucketError {
            kind,
            action: "put a.csv".to_owned(),
            location: "memory".to_owned(),
            message: "no".to_owned(),
            retry_after_s,
            tried: None,
            source: None,
        }
    }

    /// What comes of a request that always fails after `takes` seconds.
    async fn tried(takes: u64, kind: Kind, retry_after_s: Option<u32>) -> (Option<Tried>, u64) {
        let (retry, sent) = (Retry::default(), Cell::new(0));
        let request = || {
            sent.set(sent.get() + 1);
            async move {
                sleep(Duration::from_secs(takes)).await;
                Err::<(), _>(error(kind, retry_after_s))
            }
        };
        let failed = retry.run(request).await.expect_err("it fails");
        assert_eq!(retry.count() + 1, sent.get());
        (failed.tried, sent.get())
    }

    #[tokio::test(start_paused = true)]
    async fn time_bounds_how_often_a_request_is_sent() {
        let (tried, sent) = tried(0, Kind::Throttled, None).await;
        let tried = tried.expect("it is used up");
        assert!((280_000..=300_000).contains(&tried.elapsed_ms), "{tried}");
        // Waits of five to ten seconds, after shorter ones.
        assert!((33..80).contains(&sent), "{sent}");
        assert_eq!(u64::from(tried.attempts), sent);
    }

    /// A connection that breaks after an hour of sending is no reason to give up at once.
    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_long_is_repeated_all_the_same() {
        assert_eq!(tried(3_600, Kind::Interrupted, None).await.1, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_heal_is_sent_once() {
        assert_eq!(tried(0, Kind::Denied, None).await, (None, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_may_ask_for_longer_waits_within_the_time() {
        assert_eq!(tried(0, Kind::Throttled, Some(60)).await.1, 6);
        let (tried, sent) = tried(0, Kind::Throttled, Some(3_600)).await;
        assert_eq!((tried.map(|tried| tried.attempts), sent), (Some(1), 1));
    }

    #[test]
    fn an_error_says_how_often_it_was_tried() {
        let mut error = error(Kind::Throttled, None);
        assert_eq!(error.to_string(), "put a.csv in memory: no");
        error.tried = Some(Tried {
            attempts: 41,
            elapsed_ms: 299_960,
        });
        let told = "put a.csv in memory: no (the last of 41 tries in 300.0 s)";
        assert_eq!(error.to_string(), told);
    }
}
