//! Signals that end a run early: the first one tidily, a later one at once.

use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use spile_sources::{Asked, Program};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Exit;
use crate::terminal;

/// Watches for Ctrl-C and for the signal that ends programs.
#[derive(Clone)]
pub(crate) struct Signals {
    stop: watch::Receiver<bool>,
    heard: Arc<Heard>,
}

/// What was heard, and who is told of it.
#[derive(Default)]
struct Heard {
    first: Mutex<Option<First>>,
    is_first: Condvar,
    /// The program that gives the input.
    program: OnceLock<Program>,
}

/// The first signal.
#[derive(Clone, Copy)]
struct First {
    exit: Exit,
    at: Instant,
}

/// Signals that come together are one wish: `timeout` sends its signal to the program, and again
/// to the group that the program is in.
const TOGETHER: Duration = Duration::from_secs(1);
/// A terminal tells the program that gives the input, too, which may be the faster one to end: what
/// its end means is told only after this.
const MOMENT: Duration = Duration::from_millis(100);

impl Signals {
    /// Begins to watch, within a runtime.
    pub(crate) fn watch() -> Self {
        let (sender, stop) = watch::channel(false);
        let heard = Arc::new(Heard::default());
        for (kind, exit) in [
            (SignalKind::interrupt(), Exit::Interrupted),
            (SignalKind::terminate(), Exit::Terminated),
        ] {
            let Ok(mut signals) = signal(kind) else {
                continue;
            };
            let (sender, heard) = (sender.clone(), Arc::clone(&heard));
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    heard.receive(exit, &sender);
                }
            });
        }
        Self { stop, heard }
    }

    /// Has a program end with the first signal; a later one kills it.
    pub(crate) fn end(&self, program: &Program) {
        let _one_alone = self.heard.program.set(program.clone());
        if let Some(exit) = self.received() {
            self.heard.end_program(exit);
        }
    }

    /// Becomes true with the first signal.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// The exit code of the first signal, if there was one.
    pub(crate) fn received(&self) -> Option<Exit> {
        self.heard.first().map(|first| first.exit)
    }

    /// Like [`Signals::received`], where a signal may be on its way. This blocks.
    pub(crate) fn received_by_now(&self) -> Option<Exit> {
        let first = self.heard.first.lock();
        let first = first.unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .heard
            .is_first
            .wait_timeout_while(first, MOMENT, |first| first.is_none());
        let (first, _) = waited.unwrap_or_else(PoisonError::into_inner);
        first.map(|first| first.exit)
    }
}

impl Heard {
    fn first(&self) -> Option<First> {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, exit: Exit, stop: &watch::Sender<bool>) {
        match self.first() {
            None => self.receive_first(exit, stop),
            Some(first) if first.at.elapsed() < TOGETHER => {}
            Some(_) => {
                if let Some(program) = self.program.get() {
                    program.kill();
                }
                std::process::exit(exit as i32);
            }
        }
    }

    fn receive_first(&self, exit: Exit, stop: &watch::Sender<bool>) {
        terminal::say("\ninterrupted: finishing what is whole; once more to stop at once\n");
        let at = Instant::now();
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(First { exit, at });
        stop.send_replace(true);
        self.is_first.notify_all();
        self.end_program(exit);
    }

    /// Ends the program while the run does.
    fn end_program(&self, exit: Exit) {
        if let Some(program) = self.program.get().cloned() {
            thread::spawn(move || program.end(asked(exit)));
        }
    }
}

/// Whether the program that gives the input has heard of a signal by itself.
pub(crate) fn asked(exit: Exit) -> Asked {
    match exit {
        Exit::Interrupted => Asked::Already,
        _ => Asked::NotYet,
    }
}
