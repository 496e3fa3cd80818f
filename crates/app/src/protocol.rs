//! What a load is told of a source that speaks a protocol.

use std::sync::Arc;

use spile_core::{CutPolicy, Selection, StreamDeclaration};
use spile_sources::{AirbyteConfig, Catalog, Envelope, InputConfig, InputFormat, Inputs};

use crate::config::{ConfigFault, ConfigFaults, Settings, nearest};
use crate::states::StateForm;

const CHECKPOINT_BYTES: u64 = 1 << 30;
const CHECKPOINT_SECONDS: u64 = 5 * 60;

/// The streams that are known beforehand: those of the inputs, and those of a catalog.
pub(crate) fn declarations(inputs: &Inputs, config: &InputConfig) -> Vec<StreamDeclaration> {
    let of_inputs = inputs.streams().into_iter().map(StreamDeclaration::named);
    let mut formats = inputs.iter().map(|input| input.format);
    let catalog = config.airbyte.catalog.as_deref();
    let catalog = catalog.filter(|_| formats.any(|format| format == InputFormat::Airbyte));
    let of_catalog = catalog.map(Catalog::declarations).into_iter().flatten();
    of_inputs.chain(of_catalog.cloned()).collect()
}

/// What a source of Airbyte is configured to send.
pub(crate) fn airbyte(
    settings: &Settings,
    selection: &Selection,
    faults: &mut ConfigFaults,
) -> AirbyteConfig {
    let envelope = settings.airbyte.envelope.as_deref().map(|name| {
        let known = &Envelope::NAMES;
        Envelope::named(name).ok_or_else(|| {
            ConfigFault::unknown("airbyte.envelope", name, nearest(name, known), known)
        })
    });
    let envelope = envelope.and_then(|envelope| faults.check(envelope));
    let path = settings.input.catalog.as_deref();
    let catalog = path.and_then(|path| faults.check(read_catalog(path, selection)));
    catalog.iter().for_each(tell_of_retained);
    AirbyteConfig {
        catalog: catalog.map(Arc::new),
        envelope: envelope.unwrap_or_default(),
    }
}

/// Nothing else of a catalog says what its words don't.
fn tell_of_retained(catalog: &Catalog) {
    let names: Vec<String> = catalog.retained().map(ToString::to_string).collect();
    if !names.is_empty() {
        tracing::warn!(
            "nothing of earlier generations goes of {}, which the catalog overwrites: its \
             minimum_generation_id is 0",
            names.join(", ")
        );
    }
}

fn read_catalog(path: &str, selection: &Selection) -> Result<Catalog, ConfigFault> {
    let fault = |cause: String| ConfigFault::new("input.catalog", format!("{path}: {cause}"));
    let text = std::fs::read(path).map_err(|error| fault(format!("it can't be read: {error}")))?;
    Catalog::parse(&text, selection).map_err(|error| {
        let deeper = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        let deeper = deeper.filter(|cause| !error.to_string().ends_with(&**cause));
        fault(format!("can't {error}{}", deeper.unwrap_or_default()))
    })
}

/// When all open objects are sealed for the sake of a checkpoint. A source that waits for its states
/// doesn't wait for long.
pub(crate) fn cuts(settings: &Settings, memory_bytes: usize, has_states: bool) -> CutPolicy {
    let bytes = settings.limits.checkpoint_size;
    let age = settings.limits.checkpoint_age.map(|age| age.0);
    let age = age.or(has_states.then_some(CHECKPOINT_SECONDS));
    CutPolicy {
        bytes: bytes.map_or(CHECKPOINT_BYTES, |size| size.0),
        age_ms: age.map(|seconds| seconds.saturating_mul(1_000)),
        text_bytes: memory_bytes / 256,
    }
}

/// How the states of a source are given back, where it speaks a protocol that has some.
pub(crate) fn states(inputs: &Inputs) -> Option<StateForm> {
    inputs.iter().find_map(|input| match input.format {
        InputFormat::Singer => Some(StateForm::AsItIs),
        InputFormat::Airbyte => Some(StateForm::WithStats),
        _ => None,
    })
}
