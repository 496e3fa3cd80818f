//! What is asked of one request beyond what `object_store` knows, and what the store answered.
//!
//! `object_store` turns answers into text. Here they are noted as they come in, so that errors are
//! told by the store's own codes and nothing secret in an answer gets into a message.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use object_store::client::{HttpError, HttpErrorKind};
use serde::Deserialize;

const EXPIRED: &str = "ExpiredToken";

tokio::task_local! {
    static CURRENT: Arc<Exchange>;
}

/// One request and its repetitions.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub(super) if_absent: bool,
    outcome: Mutex<Outcome>,
}

/// How the last of the requests ended.
#[derive(Clone, Debug, Default)]
pub(super) enum Outcome {
    /// It wasn't sent.
    #[default]
    Unsent,
    /// The store did as it was asked.
    Done,
    /// The store said why not.
    Refused(Refusal),
    /// There was no answer.
    Unanswered(HttpErrorKind),
}

/// A store's reason.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Empty where the answer has no body.
    pub(super) code: String,
    pub(super) message: String,
    /// Where the bucket is, if the store says.
    pub(super) region: Option<String>,
    /// How many seconds to wait before it is asked again, if the store says it so.
    pub(super) retry_after_s: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Body {
    code: String,
    message: String,
    region: Option<String>,
}

impl Exchange {
    /// Makes requests, all of them on this task, and answers with how they ended.
    pub(super) async fn watch<T>(
        if_absent: bool,
        requests: impl Future<Output = T>,
    ) -> (T, Outcome) {
        let exchange = Arc::new(Exchange {
            if_absent,
            outcome: Mutex::default(),
        });
        let answer = CURRENT.scope(Arc::clone(&exchange), requests).await;
        let outcome = exchange.outcome().clone();
        (answer, outcome)
    }

    /// The exchange that the running task is in.
    pub(super) fn current() -> Arc<Exchange> {
        CURRENT.try_with(Arc::clone).unwrap_or_default()
    }

    /// Whether the store has called the credentials expired.
    pub(super) fn is_expired(&self) -> bool {
        matches!(&*self.outcome(), Outcome::Refused(refusal) if refusal.is_expired())
    }

    /// Whether the store knows nothing of the credentials.
    pub(super) fn is_unknown_key(&self) -> bool {
        matches!(&*self.outcome(), Outcome::Refused(refusal) if refusal.is_unknown_key())
    }

    /// The store has refused credentials that are known to have ended.
    pub(super) fn note_expired(&self) {
        if let Outcome::Refused(refusal) = &mut *self.outcome() {
            refusal.code = EXPIRED.to_owned();
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, outcome: Outcome) {
        *self.outcome() = outcome;
    }
}

impl Refusal {
    /// Whether the credentials have ended, by the store's clock.
    pub(super) fn is_expired(&self) -> bool {
        matches!(&*self.code, EXPIRED | "TokenRefreshRequired")
    }

    fn is_unknown_key(&self) -> bool {
        matches!(&*self.code, "InvalidAccessKeyId" | "InvalidToken")
    }

    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Refusal {
        let body: Body = quick_xml::de::from_reader(body).unwrap_or_default();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Refusal {
            status,
            code: body.code,
            message: body.message,
            region: body
                .region
                .or(header("x-amz-bucket-region").map(str::to_owned)),
            retry_after_s: header(RETRY_AFTER.as_str()).and_then(|seconds| seconds.parse().ok()),
        }
    }
}

impl From<&HttpError> for Outcome {
    fn from(error: &HttpError) -> Self {
        Outcome::Unanswered(error.kind())
    }
}
