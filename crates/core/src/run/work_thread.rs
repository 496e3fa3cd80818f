//! A thread for what computes, so that the runtime's threads only serve requests.
//!
//! It is one, and always the same: the allocator of the system keeps memory apart by thread, and what was
//! freed on one is of no use to another.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::task::spawn_blocking;

type Work = Box<dyn FnOnce() + Send>;

/// The thread; it ends when this is dropped.
pub(super) struct WorkThread {
    work: Sender<Work>,
}

impl WorkThread {
    pub(super) fn start() -> Self {
        let (work, to_do) = channel::<Work>();
        thread::spawn(move || to_do.into_iter().for_each(|work| work()));
        Self { work }
    }

    /// What the work comes to; `None` where it has panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, result) = channel();
        // Nobody waits any more when the run was given up.
        let work = Box::new(move || drop(done.send(work())));
        self.work.send(work).ok()?;
        // A thread of the runtime waits, so that it knows of the work: a clock that is paused would go on.
        spawn_blocking(move || result.recv().ok()).await.ok()?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_a_panic_is_told() {
        let thread = WorkThread::start();
        let first = thread.run(|| thread::current().id()).await;
        let second = thread.run(|| thread::current().id()).await;
        assert!(first.is_some() && first == second);
        assert_ne!(first, Some(thread::current().id()));
        assert_eq!(thread.run(|| panic!("it went wrong")).await, None::<()>);
        assert_eq!(thread.run(|| 1).await, None);
    }
}
