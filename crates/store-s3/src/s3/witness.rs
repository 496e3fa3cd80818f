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
    let headers = std::mem::take(&mut *last.lock().unwrap_or_else(PoisonError::into_inner));
    // Whoever else watches, watches this too.
    note(&headers);
    (result, headers)
}

/// Notes the headers of an answer, where somebody watches.
pub(super) fn note(headers: &HeaderMap) {
    let _unwatched = LAST.try_with(|last| {
        *last.lock().unwrap_or_else(PoisonError::into_inner) = headers.clone();
    });
}
