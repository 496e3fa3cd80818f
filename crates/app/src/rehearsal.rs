//! A load without its input: everything about it that can be told beforehand.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use spile_core::{ObjectKey, StreamDeclaration, StreamName, StreamPlan};

use crate::config::{ConfigFault, Loaded, Settings};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::job::{self, Basis};
use crate::stream::StreamPlanner;

/// A load whose settings are right.
pub(crate) struct Rehearsed {
    pub(crate) settings: Arc<Settings>,
    pub(crate) destination: Destination,
    /// Where the state is kept, if it is kept, and elsewhere than with the objects.
    pub(crate) state: Option<Destination>,
    /// What a key of each known stream may look like.
    pub(crate) keys: Vec<ObjectKey>,
    pub(crate) run_id: String,
    /// What readers may stumble over in those keys.
    pub(crate) warnings: Vec<String>,
}

/// A name for what is known only with the input.
const STAND_IN: &str = "STREAM";

/// Checks all settings, and plans the streams that they name. Further streams come with the input:
/// where no stream is named, one stands in for them.
pub(crate) fn rehearse(loaded: Loaded, now: DateTime<Utc>) -> Result<Rehearsed, Failure> {
    let Loaded {
        settings,
        mut faults,
        places,
    } = loaded;
    let Basis {
        zone,
        destination,
        state,
        quarantine,
        identity,
    } = job::basis(&settings, &mut faults, now);
    job::input_config(&settings, &mut faults);
    let planner = StreamPlanner {
        settings: Arc::new(settings),
        places: Arc::new(places),
        destination,
        identity,
        zone,
    };
    let StreamPlanner {
        settings, places, ..
    } = &planner;
    planner.check_general(&mut faults);
    let (mut keys, mut warnings) = (Vec::new(), Vec::new());
    for stream in named_streams(settings) {
        let declaration = StreamDeclaration::named(stream);
        let Some(plan) = planner.plan(&declaration, &mut faults) else {
            continue;
        };
        let stream = declaration.name;
        warnings.extend(plan.keys.warnings().iter().map(ToString::to_string));
        if let Some(key) = faults.check(sample_key(&stream, &plan)) {
            keys.push(key);
        }
    }
    if let Some(choice) = quarantine {
        for stream in named_streams(settings) {
            faults.check(choice.plan(&planner, &stream));
        }
    }
    places.place(faults).or(Some(()))?;
    warnings.dedup();
    let StreamPlanner {
        settings,
        destination,
        identity,
        ..
    } = planner;
    let is_apart = identity.connection_id.is_some() && !state.is_within(&destination);
    Ok(Rehearsed {
        state: is_apart.then_some(state),
        run_id: identity.connection_run_id,
        settings,
        destination,
        keys,
        warnings,
    })
}

/// The streams that settings name, each glob by a name that it matches.
fn named_streams(settings: &Settings) -> Vec<StreamName> {
    let of_globs = settings.streams.keys().filter_map(|pattern| {
        let name = pattern.replace('*', STAND_IN).replace('?', "X");
        let glob = glob::Pattern::new(pattern).ok()?;
        (*pattern == name || glob.matches(&name)).then_some(name)
    });
    let mut names: Vec<String> = settings.stream.clone().into_iter().collect();
    if names.is_empty() {
        names.extend(of_globs);
    }
    if names.is_empty() {
        names.push(STAND_IN.to_owned());
    }
    names.into_iter().map(StreamName::new).collect()
}

fn sample_key(stream: &StreamName, plan: &StreamPlan) -> Result<ObjectKey, ConfigFault> {
    let place = || format!("the key of stream {stream}");
    let key = plan.keys.sample_key();
    key.map_err(|error| ConfigFault::new(place(), error))
}
