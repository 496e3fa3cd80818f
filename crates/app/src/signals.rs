//! Signals that end a run early: the first one tidily, a later one at once.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Exit;
use crate::terminal;

/// Watches for Ctrl-C and for the signal that ends programs.
pub(crate) struct Signals {
    stop: watch::Receiver<bool>,
    first: Arc<OnceLock<First>>,
}

/// The first signal.
struct First {
    exit: Exit,
    at: Instant,
}

/// Signals that come together are one wish: `timeout` sends its signal to the program, and again
/// to the group that the program is in.
const TOGETHER: Duration = Duration::from_secs(1);

impl Signals {
    pub(crate) fn watch() -> Self {
        let (sender, stop) = watch::channel(false);
        let first = Arc::new(OnceLock::new());
        for (kind, exit) in [
            (SignalKind::interrupt(), Exit::Interrupted),
            (SignalKind::terminate(), Exit::Terminated),
        ] {
            let (sender, first) = (sender.clone(), Arc::clone(&first));
            tokio::spawn(async move {
                if let Ok(mut signals) = signal(kind) {
                    while signals.recv().await.is_some() {
                        receive(exit, &first, &sender);
                    }
                }
            });
        }
        Self { stop, first }
    }

    /// Becomes true with the first signal.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// The exit code of the first signal, if there was one.
    pub(crate) fn received(&self) -> Option<Exit> {
        self.first.get().map(|first| first.exit)
    }
}

fn receive(exit: Exit, first: &OnceLock<First>, stop: &watch::Sender<bool>) {
    let at = Instant::now();
    match first.set(First { exit, at }) {
        Ok(()) => {
            terminal::say("\ninterrupted: finishing what is whole; once more to stop at once\n");
            stop.send_replace(true);
        }
        Err(_)
            if first
                .get()
                .is_some_and(|first| first.at.elapsed() < TOGETHER) => {}
        Err(_) => std::process::exit(exit as i32),
    }
}
