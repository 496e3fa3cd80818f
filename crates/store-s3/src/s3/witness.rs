//! What a store says in the headers of its answers, beside what it was asked for.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;

tokio::task_local! {
    static LAST: Arc<Mutex<HeaderMap>>;
}

/// Makes requests, all of them on this task, and answers with the headers of the last answer too;
/// there are none where no answer came.
pub(super) async fn watch<T>(requests: impl Future<Output = T>) -> (T, HeaderMap) {
    let last = Arc::new(Mutex::default());
    let result = LAST.scope(Arc::clone(&last), requests).await;
    let mut headers = last.lock().unwrap_or_else(PoisonError::into_inner);
    (result, std::mem::take(&mut headers))
}

/// Notes the headers of an answer, where somebody watches.
pub(super) fn note(headers: &HeaderMap) {
    // Nobody does but the check.
    let _unwatched = LAST.try_with(|last| {
        *last.lock().unwrap_or_else(PoisonError::into_inner) = headers.clone();
    });
}
