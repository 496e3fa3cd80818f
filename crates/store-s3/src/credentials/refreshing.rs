//! Credentials that are renewed before they end.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    state: Mutex<State>,
    /// Held by whoever asks the issuer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// How often the issuer has answered.
    answers: u64,
    /// What it said last, where that was no.
    failure: Option<CredentialsError>,
}

#[derive(Clone)]
struct Held {
    credential: Arc<AwsCredential>,
    /// Without times they don't end.
    times: Option<Times>,
}

#[derive(Clone, Copy)]
struct Times {
    renew_at: Instant,
    ends_at: Instant,
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
const PAUSE_MAX: Duration = Duration::from_secs(30);

impl RefreshingCredentials {
    /// Credentials of an issuer, which isn't asked yet.
    pub fn new(issuer: impl Issuer + 'static) -> Self {
        Self {
            issuer: Box::new(issuer),
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
    async fn obtain(&self) -> Result<Arc<AwsCredential>, CredentialsError> {
        let answers = self.state().answers;
        let _turn = self.turn.lock().await;
        if let Found::Fresh(credential) | Found::Ageing(credential) = self.found() {
            return Ok(credential);
        }
        match self.failure_since(answers) {
            Some(failure) => Err(failure),
            None => self.issue().await,
        }
    }

    /// What the issuer has said since it had answered that often, where that was no.
    fn failure_since(&self, answers: u64) -> Option<CredentialsError> {
        let state = self.state();
        let failure = state.failure.as_ref();
        failure.filter(|_| state.answers > answers).cloned()
    }

    async fn issue(&self) -> Result<Arc<AwsCredential>, CredentialsError> {
        let issued = self.issuer.issue().await;
        let mut state = self.state();
        state.answers += 1;
        state.failure = issued.as_ref().err().cloned();
        let held = Held::from(issued?);
        state.held = Some(held.clone());
        Ok(held.credential)
    }

    fn found(&self) -> Found {
        let state = self.state();
        let Some(held) = &state.held else {
            return Found::None;
        };
        let credential = Arc::clone(&held.credential);
        let now = Instant::now();
        match held.times {
            Some(times) if now >= times.ends_at => Found::None,
            Some(times) if now >= times.renew_at => Found::Ageing(credential),
            _ => Found::Fresh(credential),
        }
    }

    fn postpone(&self) {
        if let Some(times) = self
            .state()
            .held
            .as_mut()
            .and_then(|held| held.times.as_mut())
        {
            let now = Instant::now();
            let left = times.ends_at.saturating_duration_since(now);
            times.renew_at = now + (left / 4).min(PAUSE_MAX);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Issued> for Held {
    fn from(issued: Issued) -> Self {
        Held {
            credential: Arc::new(issued.credential),
            times: issued.lifetime.map(Times::of),
        }
    }
}

impl Times {
    /// Many processes that began at once don't come back at once.
    fn of(lifetime: Duration) -> Times {
        let margin = MARGIN_MAX.min(lifetime / 3);
        let jitter = 0.9 + fastrand::f64() / 10.0;
        let now = Instant::now();
        Times {
            renew_at: now + lifetime.saturating_sub(margin.mul_f64(jitter)),
            ends_at: now + lifetime,
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
