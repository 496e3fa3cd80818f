//! Credentials that are renewed before they end.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use tokio::time::Instant;

use super::error::CredentialsError;

/// Makes credentials anew each time it is asked. Its `Debug` shows no secret.
#[async_trait]
pub trait Issuer: Send + Sync + fmt::Debug {
    /// Makes credentials.
    async fn issue(&self) -> Result<Issued, CredentialsError>;
}

/// Credentials, and how long they can be used.
#[derive(Debug)]
pub struct Issued {
    /// The credentials.
    pub credential: AwsCredential,
    /// The time until they end. Without it they don't.
    pub lifetime: Option<Duration>,
}

/// Credentials that are kept and, when a third of their lifetime (at most five minutes) is left,
/// renewed: by one request, while the others go on with the old ones. Where that fails, the old ones
/// serve as long as they are valid.
///
/// It is a provider of `object_store`, which asks for each request.
pub struct RefreshingCredentials {
    issuer: Box<dyn Issuer>,
    wall_clock: fn() -> SystemTime,
    state: Mutex<State>,
    /// Held by whoever asks the issuer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The token of those that a store has called expired last.
    expired: Option<String>,
    /// How often the issuer has answered.
    answers: u64,
    /// What it said last.
    answer: Option<Answer>,
}

type Answer = Result<Arc<AwsCredential>, CredentialsError>;

#[derive(Clone)]
struct Held {
    credential: Arc<AwsCredential>,
    since: Moment,
    /// Without spans they don't end.
    spans: Option<Spans>,
}

/// Now by two clocks: one stands still while the machine sleeps, the other may be set.
#[derive(Clone, Copy)]
struct Moment {
    steady: Instant,
    wall: SystemTime,
}

#[derive(Clone, Copy)]
struct Spans {
    until_renewed: Duration,
    until_ended: Duration,
}

/// How far what is held can be trusted.
enum Found {
    Fresh(Arc<AwsCredential>),
    /// Valid, and to be renewed.
    Ageing(Arc<AwsCredential>),
    None,
}

const MARGIN_MAX: Duration = Duration::from_secs(300);
/// Between attempts to renew what is still valid.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

impl RefreshingCredentials {
    /// Credentials of an issuer, which isn't asked yet.
    pub fn new(issuer: impl Issuer + 'static) -> Self {
        Self {
            issuer: Box::new(issuer),
            wall_clock: SystemTime::now,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Credentials that can be used now.
    ///
    /// # Errors
    /// Where there are none that are still valid, and none can be had.
    pub async fn credential(&self) -> Result<Arc<AwsCredential>, CredentialsError> {
        match self.found() {
            Found::Fresh(credential) => Ok(credential),
            Found::Ageing(credential) => Ok(self.renew(credential).await),
            Found::None => self.obtain().await,
        }
    }

    /// Whether credentials with this token have ended, are about to, or were given up for others.
    pub(crate) fn is_outdated(&self, session_token: &str) -> bool {
        match self.found() {
            Found::Fresh(credential) => credential.token.as_deref() != Some(session_token),
            Found::Ageing(_) | Found::None => true,
        }
    }

    /// Forgets credentials that a store has called expired, so that the next request gets others.
    pub(crate) fn forget(&self, session_token: &str) {
        let mut state = self.state();
        let is_it = |held: &Held| held.credential.token.as_deref() == Some(session_token);
        if state.held.as_ref().is_some_and(is_it) {
            state.held = None;
            state.expired = Some(session_token.to_owned());
        }
    }

    /// Whoever comes while another one is at it goes on with the old ones.
    async fn renew(&self, old: Arc<AwsCredential>) -> Arc<AwsCredential> {
        let Ok(_turn) = self.turn.try_lock() else {
            return old;
        };
        if let Found::Fresh(credential) = self.found() {
            return credential;
        }
        self.issue().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "credentials can't be renewed yet; the old ones are still valid");
            self.postpone();
            old
        })
    }

    /// Whoever comes while another one is at it gets the same answer.
    async fn obtain(&self) -> Answer {
        let answers = self.state().answers;
        let _turn = self.turn.lock().await;
        if let Found::Fresh(credential) | Found::Ageing(credential) = self.found() {
            return Ok(credential);
        }
        match self.answer_since(answers) {
            Some(answer) => answer,
            None => self.issue().await,
        }
    }

    /// What the issuer has said since it had answered that often, however short its use is.
    fn answer_since(&self, answers: u64) -> Option<Answer> {
        let state = self.state();
        let answer = state.answer.as_ref();
        answer.filter(|_| state.answers > answers).cloned()
    }

    async fn issue(&self) -> Answer {
        let issued = self.issuer.issue().await;
        let since = self.now();
        let mut state = self.state();
        let answer = issued.and_then(|issued| state.hold(issued, since));
        state.answers += 1;
        state.answer = Some(answer.clone());
        answer
    }

    fn found(&self) -> Found {
        let state = self.state();
        let Some(held) = &state.held else {
            return Found::None;
        };
        let credential = Arc::clone(&held.credential);
        let age = self.now().since(held.since);
        match held.spans {
            Some(spans) if age >= spans.until_ended => Found::None,
            Some(spans) if age >= spans.until_renewed => Found::Ageing(credential),
            _ => Found::Fresh(credential),
        }
    }

    fn postpone(&self) {
        let now = self.now();
        let mut state = self.state();
        let Some(held) = state.held.as_mut() else {
            return;
        };
        let age = now.since(held.since);
        if let Some(spans) = &mut held.spans {
            let left = spans.until_ended.saturating_sub(age);
            spans.until_renewed = age + (left / 4).clamp(PAUSE_MIN, PAUSE_MAX);
        }
    }

    fn now(&self) -> Moment {
        Moment {
            steady: Instant::now(),
            wall: (self.wall_clock)(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// An issuer that has no others than those that have expired is a place that nobody renews.
    fn hold(&mut self, issued: Issued, since: Moment) -> Answer {
        if self.expired.is_some() && issued.credential.token == self.expired {
            return Err(CredentialsError::expired("sign requests"));
        }
        let credential = Arc::new(issued.credential);
        self.held = Some(Held {
            credential: Arc::clone(&credential),
            since,
            spans: issued.lifetime.map(Spans::of),
        });
        Ok(credential)
    }
}

impl Moment {
    /// The longer of the times that the clocks tell.
    fn since(&self, earlier: Moment) -> Duration {
        let by_wall = self.wall.duration_since(earlier.wall);
        let steady = self.steady.saturating_duration_since(earlier.steady);
        steady.max(by_wall.unwrap_or_default())
    }
}

impl Spans {
    /// Many processes that began at once don't come back at once.
    fn of(lifetime: Duration) -> Spans {
        let margin = MARGIN_MAX.min(lifetime / 3);
        let jitter = 0.9 + fastrand::f64() / 10.0;
        Spans {
            until_renewed: lifetime.saturating_sub(margin.mul_f64(jitter)),
            until_ended: lifetime,
        }
    }
}

#[async_trait]
impl CredentialProvider for RefreshingCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let credential = self.credential().await;
        credential.map_err(|error| object_store::Error::Unauthenticated {
            path: String::new(),
            source: error.into(),
        })
    }
}

/// Nothing of what is held.
impl fmt::Debug for RefreshingCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingCredentials")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
