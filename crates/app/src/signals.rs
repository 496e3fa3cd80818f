//! Signals that end a run early: the first one tidily, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Exit;
use crate::terminal;

/// Watches for Ctrl-C and for the signal that ends programs.
pub(crate) struct Signals {
    stop: watch::Receiver<bool>,
    received: Arc<AtomicU8>,
}

impl Signals {
    pub(crate) fn watch() -> Self {
        let (sender, stop) = watch::channel(false);
        let received = Arc::new(AtomicU8::new(0));
        for (kind, exit) in [
            (SignalKind::interrupt(), Exit::Interrupted),
            (SignalKind::terminate(), Exit::Terminated),
        ] {
            let (sender, received) = (sender.clone(), Arc::clone(&received));
            tokio::spawn(async move {
                if let Ok(mut signals) = signal(kind) {
                    while signals.recv().await.is_some() {
                        receive(exit, &received, &sender);
                    }
                }
            });
        }
        Self { stop, received }
    }

    /// Becomes true with the first signal.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// The exit code of the first signal, if there was one.
    pub(crate) fn received(&self) -> Option<Exit> {
        [Exit::Interrupted, Exit::Terminated]
            .into_iter()
            .find(|exit| *exit as u8 == self.received.load(Ordering::Relaxed))
    }
}

fn receive(exit: Exit, received: &AtomicU8, stop: &watch::Sender<bool>) {
    if received.swap(exit as u8, Ordering::Relaxed) != 0 {
        std::process::exit(exit as i32);
    }
    terminal::say("\ninterrupted: finishing what is whole; once more to stop at once\n");
    stop.send_replace(true);
}
