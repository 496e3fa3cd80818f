//! What is kept of runs, for the commands that read it or see to it: the settings of a load tell
//! where it lies, and no input is needed.

use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use spile_core::ledger::{Catalogue, Home, KeptRun, Shelf};
use spile_core::{Buckets, Retry, RetryPolicy};

use crate::cli::SettingArgs;
use crate::config::{self, Places, Settings};
use crate::destination::{Destination, Place};
use crate::failure::{Exit, Failure};
use crate::job::{self, Basis};
use crate::record::ledger_failure;
use crate::stores::{self, Around, Stores};
use crate::stream::StreamPlanner;
use crate::surroundings::Machine;

/// What is kept of runs at a destination.
pub(crate) struct Kept {
    pub(crate) settings: Arc<Settings>,
    pub(crate) places: Arc<Places>,
    pub(crate) basis: Basis,
    pub(crate) shelf: Shelf,
    pub(crate) retry: Retry,
    /// Where the objects are.
    pub(crate) buckets: Buckets,
    /// That of the connection, where its id is given.
    pub(crate) home: Option<Home>,
}

/// Opens what is kept at the destination that settings tell. Nothing is made where there is none.
pub(crate) async fn open(args: &SettingArgs) -> Result<Kept, Failure> {
    let loaded = config::load(args, &[], std::env::vars_os())?;
    let (settings, mut faults, places) = (Arc::new(loaded.settings), loaded.faults, loaded.places);
    let basis = job::basis(&settings, &mut faults, Utc::now());
    places.place(faults).or(Some(()))?;
    let quarantine = basis.quarantine.as_ref().map(|choice| &choice.place);
    // As long as no load has made it, nothing is in it.
    let quarantine = quarantine.filter(|place| is_there(place).is_ok());
    for at in [&basis.destination, &basis.state] {
        is_there(at)?;
    }
    let run_id = &basis.identity.connection_run_id;
    let retry = job::retry(&settings, RetryPolicy::default().elapsed_max);
    let around = Around {
        settings: &settings,
        destination: &basis.destination,
        state: &basis.state,
        quarantine,
        run_id,
        retry: &retry,
    };
    let Stores { buckets, state, .. } = stores::open(&around).await?;
    let connection_id = basis.identity.connection_id.as_deref();
    Ok(Kept {
        shelf: Shelf::new(state, &basis.state.prefix, retry.clone()),
        retry,
        buckets,
        home: connection_id.map(|id| Home::new(Some(id))),
        settings,
        places: Arc::new(places),
        basis,
    })
}

/// A folder that is missing would be made, and be found empty.
fn is_there(at: &Destination) -> Result<(), Failure> {
    match &at.place {
        Place::Folder(path) if !Path::new(path).exists() => {
            let message = format!("there is no folder {path}, and so nothing is kept in it");
            let failure = Failure::new(Exit::Configuration, message);
            Err(failure.hint("give the destination of the load: --to, or the same --config"))
        }
        _ => Ok(()),
    }
}

impl Kept {
    /// What plans streams as a load does.
    pub(crate) fn planner(&self) -> StreamPlanner {
        StreamPlanner {
            settings: Arc::clone(&self.settings),
            places: Arc::clone(&self.places),
            destination: self.basis.destination.clone(),
            identity: self.basis.identity.clone(),
            zone: self.basis.zone,
        }
    }

    pub(crate) fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.shelf.clone(), Arc::new(Machine))
    }

    /// An attempt at a run, the last one unless another is asked for.
    pub(crate) async fn run(&self, run_id: &str, attempt: Option<u32>) -> Result<KeptRun, Failure> {
        let found = self.catalogue().attempts(self.home.as_ref(), run_id).await;
        let found = found.map_err(|error| ledger_failure(&error))?;
        let connections = connections(&found);
        if let [_, _, ..] = connections[..] {
            let message = format!(
                "several connections have a run {run_id}: {}",
                connections.join(", ")
            );
            let failure = Failure::new(Exit::Configuration, message);
            return Err(failure.hint("say which one is meant: --connection-id"));
        }
        let numbers: Vec<String> = found
            .iter()
            .map(|run| run.summary.attempt.to_string())
            .collect();
        let is_meant = |run: &KeptRun| attempt.is_none_or(|number| run.summary.attempt == number);
        found.into_iter().find(is_meant).ok_or_else(|| {
            let number = attempt.unwrap_or_default();
            let message = format!("of attempt {number} at run {run_id} nothing is kept");
            Failure::new(Exit::Configuration, message)
                .hint(format!("something is of {}", numbers.join(", ")))
        })
    }
}

/// The connections that runs are of, by their ids.
fn connections(runs: &[KeptRun]) -> Vec<String> {
    let id = |run: &KeptRun| match &run.summary.connection_id {
        Some(id) => id.clone(),
        None => "none".to_owned(),
    };
    let mut ids: Vec<String> = runs.iter().map(id).collect();
    ids.sort();
    ids.dedup();
    ids
}
