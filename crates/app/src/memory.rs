//! What a run is told of the columns that earlier runs of its connection have found.

use std::sync::Arc;

use spile_core::{Bucket, Receipt, SchemaMemory, SchemaMemoryError};

use crate::failure::{Exit, Failure, error_hint};
use crate::job::Prepared;

/// Reads what is remembered, where the connection has an id: without one, no run knows another.
/// `bucket` is that of the state.
pub(crate) async fn recall(
    prepared: &mut Prepared,
    bucket: Arc<dyn Bucket>,
) -> Result<Option<SchemaMemory>, Failure> {
    let Some(connection_id) = &prepared.identity.connection_id else {
        return Ok(None);
    };
    let state = &prepared.state;
    let retry = prepared.retry.clone();
    let plans = &mut prepared.streams;
    let memory = SchemaMemory::recall(bucket, &state.prefix, connection_id, retry, plans).await;
    memory.map(Some).map_err(|error| not_recalled(&error))
}

/// Writes down what the objects of a run have. They are all there: that it can't be written must
/// not make anybody load them once more, so it is a warning.
pub(crate) async fn remember(memory: &SchemaMemory, receipts: &[Receipt]) {
    if let Err(error) = memory.remember(receipts).await {
        tracing::warn!("the next run won't know the columns of this one: failed to {error}");
    }
}

fn not_recalled(error: &SchemaMemoryError) -> Failure {
    let (exit, hint) = match error {
        SchemaMemoryError::Bucket(error) => error_hint(error),
        SchemaMemoryError::Document { .. } => (
            Exit::Refused,
            Some("mend that object, or delete it: then the next run finds the columns anew"),
        ),
        _ => (Exit::Configuration, None),
    };
    Failure::of(exit, error, hint)
}
