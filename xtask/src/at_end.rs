//! What must happen however a command ends: on success, on failure, on panic, on Ctrl-C.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

type Action = Box<dyn FnOnce() + Send>;

static ACTIONS: Mutex<Actions> = Mutex::new(Actions {
    next: 0,
    pending: Vec::new(),
});
static HANDLER: Once = Once::new();

struct Actions {
    next: u64,
    pending: Vec<(u64, Action)>,
}

/// Runs an action when it goes out of scope.
#[must_use]
pub(crate) struct AtEnd(u64);

/// Registers `action`; it runs when the guard is dropped or the process is interrupted.
pub(crate) fn register(action: impl FnOnce() + Send + 'static) -> AtEnd {
    HANDLER.call_once(watch_interrupts);
    let mut actions = lock();
    let id = actions.next;
    actions.next += 1;
    actions.pending.push((id, Box::new(action)));
    AtEnd(id)
}

impl AtEnd {
    /// The action is no longer needed.
    pub(crate) fn cancel(self) {
        lock().pending.retain(|(id, _)| *id != self.0);
    }
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        let mut actions = lock();
        if let Some(at) = actions.pending.iter().position(|(id, _)| *id == self.0) {
            let (_, action) = actions.pending.remove(at);
            action();
        }
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

/// The latest first. The lock is held while actions run, so that nobody leaves before they are
/// done.
fn run_all() {
    let mut actions = lock();
    while let Some((_, action)) = actions.pending.pop() {
        action();
    }
}

fn lock() -> MutexGuard<'static, Actions> {
    ACTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::register;

    #[test]
    fn each_guard_runs_its_own_action_once() {
        let ran = Arc::new(AtomicU32::new(0));
        let add = |amount| {
            let ran = Arc::clone(&ran);
            move || {
                ran.fetch_add(amount, Ordering::Relaxed);
            }
        };
        let (first, second, third) = (register(add(1)), register(add(10)), register(add(100)));
        drop(second);
        assert_eq!(ran.load(Ordering::Relaxed), 10);
        third.cancel();
        drop(first);
        assert_eq!(ran.load(Ordering::Relaxed), 11);
    }
}
