//! What must happen however a command ends: on success, on failure, on panic, on Ctrl-C.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

type Action = Box<dyn FnOnce() + Send>;

static ACTIONS: Mutex<Vec<Action>> = Mutex::new(Vec::new());
static HANDLER: Once = Once::new();

/// Runs what was registered when it goes out of scope.
#[must_use]
pub(crate) struct AtEnd(());

/// Registers `action`; it runs when the guard is dropped or the process is interrupted.
pub(crate) fn register(action: impl FnOnce() + Send + 'static) -> AtEnd {
    HANDLER.call_once(watch_interrupts);
    lock().push(Box::new(action));
    AtEnd(())
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        run_all();
    }
}

fn watch_interrupts() {
    let handled = ctrlc::set_handler(|| {
        run_all();
        std::process::exit(130);
    });
    if let Err(error) = handled {
        eprintln!("warning: Ctrl-C will not stop the server: {error}");
    }
}

/// The lock is held while the actions run, so that nobody leaves before they are done.
fn run_all() {
    let mut actions = lock();
    for action in actions.drain(..) {
        action();
    }
}

fn lock() -> MutexGuard<'static, Vec<Action>> {
    ACTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}
