//! Which streams are loaded, of the settings, and what came of it.

use spile_core::{Ending, Outcome, Selection, StreamName};

use crate::config::{ConfigFault, Settings};

/// The streams that the settings select.
pub(crate) fn selection(settings: &Settings) -> Result<Selection, ConfigFault> {
    let globs = settings.select.clone().unwrap_or_default();
    Selection::new(&globs).map_err(|error| ConfigFault::new("select", format!("can't {error}")))
}

/// Where all streams are known beforehand, one at least is to be loaded. `streams` are all.
pub(crate) fn selects_any(
    selection: &Selection,
    streams: &[StreamName],
) -> Result<(), ConfigFault> {
    if streams.is_empty() || streams.iter().any(|stream| selection.is_selected(stream)) {
        return Ok(());
    }
    let names: Vec<String> = streams.iter().map(StreamName::to_string).collect();
    let fault = ConfigFault::new("select", "it leaves out all streams that there are");
    Err(fault.hint(format!("there are: {}", names.join(", "))))
}

/// What is to be said of globs that no stream has matched: a name may be mistyped. A source may also have
/// nothing to say of a stream in one run, so that this is no error.
pub(crate) fn unmatched(outcome: &Outcome) -> Option<String> {
    let globs = &outcome.unmatched;
    let quoted = globs.iter().map(|glob| format!("`{glob}`"));
    let quoted = quoted.collect::<Vec<_>>().join(", ");
    let message = || {
        let nothing = match outcome.routes {
            0 => ", and nothing was loaded",
            _ => "",
        };
        format!("select: {quoted} matched no stream of this run{nothing}")
    };
    // What was cut short has not met all streams.
    let is_done = matches!(outcome.ending, Ending::Done);
    (is_done && !globs.is_empty()).then(message)
}
