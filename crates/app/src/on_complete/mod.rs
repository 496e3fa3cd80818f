//! Who is told when a run is whole, of the settings in `[on_complete]`.

mod command;
mod webhook;

use std::fmt;
use std::time::Duration;

use spile_core::ledger::{Home, LedgerError, Manifest, Outbox, Shelf};
use spile_core::{Failed, Retry, Tried};

use self::command::Command;
use self::webhook::Webhook;
use crate::config::{ConfigFault, ConfigFaults, OnCompleteSettings};

/// How long one attempt at telling may take, unless another time is set.
const TIME: Duration = Duration::from_secs(60);

/// Who is told.
pub(crate) enum Listener {
    Webhook(Webhook),
    Command(Command),
}

/// Why somebody couldn't be told of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) struct TellError {
    /// What was to be done, as it stands behind `failed to`.
    action: String,
    message: String,
    may_heal: bool,
    retry_after_s: Option<u32>,
    tried: Option<Tried>,
}

/// Why not all could be told that was to be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboxError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Tell(#[from] TellError),
}

/// Which runs somebody was told of, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) runs: Vec<Manifest>,
    pub(crate) failures: Vec<OutboxError>,
}

/// Who is told, if anybody is. Secrets stay where they are until [`Listener::open`].
pub(crate) fn faults(settings: &OnCompleteSettings) -> ConfigFaults {
    let mut faults = ConfigFaults::default();
    if settings.webhook.is_some() && settings.command.is_some() {
        let fault = ConfigFault::new("on_complete.command", "there is a webhook besides");
        faults.note(fault.hint("give one of them: a command can call a webhook, too"));
    }
    if settings.command.as_ref().is_some_and(Vec::is_empty) {
        let fault = ConfigFault::new("on_complete.command", "the command is empty");
        faults.note(fault.hint("give the program and its arguments, or leave it out"));
    }
    if settings.authorization.is_some() && settings.webhook.is_none() {
        let fault = ConfigFault::new("on_complete.authorization", "there is no webhook");
        faults.note(fault.hint("give on_complete.webhook, or leave it out"));
    }
    faults
}

impl Listener {
    /// The listener of settings, secrets revealed; `None` where nobody is to be told.
    pub(crate) fn open(settings: &OnCompleteSettings) -> Result<Option<Self>, ConfigFault> {
        let time = settings
            .time
            .map_or(TIME, |time| Duration::from_secs(time.0));
        if let Some(url) = &settings.webhook {
            let webhook = Webhook::new(url, settings.authorization.as_ref(), time)?;
            return Ok(Some(Self::Webhook(webhook)));
        }
        let words = settings.command.as_deref().and_then(<[_]>::split_first);
        Ok(words.map(|(program, arguments)| Self::Command(Command::new(program, arguments, time))))
    }

    /// Tells of runs that it wasn't told of, the oldest first. Where one can't be told of for good, the
    /// next may; where whoever is to be told can't be reached, all others wait, too.
    pub(crate) async fn tell_all(
        &self,
        outbox: &Outbox,
        is_meant: impl Fn(&Manifest) -> bool,
        retry: &Retry,
    ) -> Told {
        let mut told = Told::default();
        let (untold, faults) = match outbox.untold().await {
            Ok(found) => found,
            Err(error) => {
                told.failures.push(error.into());
                return told;
            }
        };
        told.failures
            .extend(faults.into_iter().map(OutboxError::from));
        for manifest in untold.into_iter().filter(is_meant) {
            if let Err(error) = retry.run(|| self.tell(&manifest)).await {
                let is_over = error.may_heal;
                told.failures.push(error.into());
                if is_over {
                    break;
                }
                continue;
            }
            tracing::info!(
                run_id = manifest.connection_run_id,
                "told of: the run is whole"
            );
            if let Err(error) = outbox.told(&manifest).await {
                told.failures.push(error.into());
                break;
            }
            told.runs.push(manifest);
        }
        told
    }

    async fn tell(&self, manifest: &Manifest) -> Result<(), TellError> {
        match self {
            Self::Webhook(webhook) => webhook.call(manifest).await,
            Self::Command(command) => command.run(manifest).await,
        }
    }
}

/// Tells whoever is to be told of the runs of a connection that are whole, or of this one where it has
/// none. All of it is there: that nobody can be told must not make anybody load it once more, so it is
/// a warning.
pub(crate) async fn tell(
    listener: &Listener,
    shelf: Shelf,
    connection_id: Option<&str>,
    run_id: &str,
    retry: &Retry,
) {
    let outbox = Outbox::new(shelf, Some(Home::new(connection_id)));
    let is_meant = |run: &Manifest| connection_id.is_some() || run.connection_run_id == run_id;
    let told = listener.tell_all(&outbox, is_meant, retry).await;
    let next = match connection_id {
        Some(_) => "the next run of the connection tries again, and so does `spile recover`",
        None => "`spile recover` tries again",
    };
    for error in told.failures {
        tracing::warn!("a run is whole, but nobody knows yet: failed to {error}; {next}");
    }
}

impl Failed for TellError {
    fn may_heal(&self) -> bool {
        self.may_heal && self.tried.is_none()
    }

    fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    fn after(self, tried: Tried) -> Self {
        let tried = Some(tried);
        Self { tried, ..self }
    }
}

impl fmt::Display for TellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}{}",
            self.action,
            self.message,
            Tried::told(self.tried)
        )
    }
}
