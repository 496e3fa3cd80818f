//! What a load is told, made of its settings: everything is checked before the first byte is read.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use spile_core::{
    CutPolicy, PublishMode, Retry, RetryPolicy, RollPolicy, Selection, StreamDeclaration,
    StreamName, StreamPlan, WriteMode, Zone,
};
use spile_sources::{
    CommandLine, CsvInputConfig, InputConfig, InputFormat, Inputs, Objects, SingerConfig,
};
use uuid::Uuid;

use crate::config::{ConfigFault, ConfigFaults, Loaded, Settings, nearest};
use crate::destination::{Destination, Place};
use crate::failure::{Exit, Failure};
use crate::input::{self, InputEnd, OpenInput, SourceProgram};
use crate::protocol::{airbyte, cuts, declarations, states};
use crate::quarantine::{self, QuarantineChoice};
use crate::selection::{selection, selects_any};
use crate::states::StateForm;
use crate::stream::{RunIdentity, StreamPlanner, one_id};
use crate::{bucket, encoding, on_complete};

/// A load that can begin.
pub(crate) struct Prepared {
    /// Plans streams as they are met.
    pub(crate) planner: StreamPlanner,
    /// Where what is known from run to run is kept.
    pub(crate) state: Destination,
    pub(crate) inputs: Inputs,
    pub(crate) input_end: InputEnd,
    pub(crate) program: Option<SourceProgram>,
    /// The plan of each stream that is known beforehand.
    pub(crate) streams: Vec<(StreamName, StreamPlan)>,
    /// Where bad records go, if they are set aside.
    pub(crate) quarantine: Option<QuarantineChoice>,
    pub(crate) roll: RollPolicy,
    pub(crate) memory_bytes: usize,
    pub(crate) upload_concurrency: usize,
    pub(crate) publish: PublishMode,
    pub(crate) cuts: CutPolicy,
    /// The streams that are loaded.
    pub(crate) selection: Selection,
    /// How the states of its source are given back, if it has any.
    pub(crate) states: Option<StateForm>,
    pub(crate) retry: Retry,
}

/// What all plans are made with.
pub(crate) struct Basis {
    pub(crate) zone: Zone,
    pub(crate) destination: Destination,
    /// Where the state of the connection is kept.
    pub(crate) state: Destination,
    /// Where bad records go, if they are set aside.
    pub(crate) quarantine: Option<QuarantineChoice>,
    pub(crate) identity: RunIdentity,
}

const MEMORY_BYTES: u64 = 256 << 20;
const UPLOAD_CONCURRENCY: usize = 8;
/// The folder of the state. Hive, Spark and others pass over names that begin with `_`.
const STATE: &str = "_spile";

/// Checks all settings and opens the inputs: the output of `command` where there is one, which needs
/// a runtime around this. `now` is the time of the load unless one is given.
///
/// Where a setting is wrong, its usual value stands in for it, so that the others are checked too.
pub(crate) fn prepare(
    loaded: Loaded,
    command: Option<&CommandLine>,
    now: DateTime<Utc>,
) -> Result<Prepared, Failure> {
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
    } = basis(&settings, &mut faults, now);
    let mut config = input_config(&settings, &mut faults);
    config.singer.end_is_known |= command.is_some();
    let planner = StreamPlanner {
        settings: Arc::new(settings),
        places: Arc::new(places),
        destination,
        identity,
        zone,
    };
    let (settings, places) = (&*planner.settings, &*planner.places);
    planner.check_general(&mut faults);
    if command.is_some() {
        // A program isn't run in vain.
        if let Some(stream) = config.stream.clone() {
            planner.plan(&StreamDeclaration::named(stream), &mut faults);
        }
        places.place(std::mem::take(&mut faults)).or(Some(()))?;
    }
    let opened = match input::open(&config, command, settings) {
        Ok(opened) => opened,
        Err(failure) => return Err(failure.and(places.place(faults))),
    };
    let OpenInput {
        inputs,
        end,
        program,
    } = opened;
    let (mut streams, mut known) = (Vec::new(), Vec::new());
    for declaration in declarations(&inputs, &config) {
        known.push(declaration.name.clone());
        if !config.selection.is_selected(&declaration.name) {
            continue;
        }
        if let Some(choice) = &quarantine {
            faults.check(choice.plan(&planner, &declaration.name));
        }
        let plan = planner.plan(&declaration, &mut faults);
        streams.extend(plan.map(|plan| (declaration.name, plan)));
    }
    let replaces = |(_, plan): &(_, StreamPlan)| matches!(plan.write, WriteMode::Replace(_));
    let replaces = streams.iter().any(replaces) || (inputs.has_others() && planner.may_replace());
    // What a catalog has to be complete by is said by the source.
    let is_told = config.airbyte.catalog.is_some();
    if end == InputEnd::Guessed && replaces && !is_told {
        faults.0.push(end_is_guessed());
    }
    let publish = publish(settings, replaces, &mut faults);
    if !inputs.has_others() {
        planner.check_tables(&inputs.streams());
    }
    faults.check(one_id(settings, inputs.streams().len()));
    faults.check(all_alike(&inputs));
    if !inputs.has_others() || is_told {
        faults.check(selects_any(&config.selection, &known));
    }
    let (roll, memory_bytes, upload_concurrency) = limits(settings);
    places.place(faults).or(Some(()))?;
    let retry = retry(settings, RetryPolicy::default().elapsed_max);
    let states = states(&inputs);
    let cuts = cuts(settings, memory_bytes, states.is_some());
    Ok(Prepared {
        planner,
        state,
        inputs,
        input_end: end,
        program,
        streams,
        quarantine,
        roll,
        memory_bytes,
        upload_concurrency,
        publish,
        cuts,
        selection: config.selection,
        states,
        retry,
    })
}

impl Prepared {
    /// Has the objects that the source names read.
    pub(crate) fn read_objects(&mut self, objects: Arc<dyn Objects>) {
        self.inputs = std::mem::take(&mut self.inputs).with_objects(objects);
    }

    /// Makes it the repetition of a run that was loaded at a time, and whose source goes on from a
    /// checkpoint.
    pub(crate) fn repeat(
        &mut self,
        load_time: DateTime<Utc>,
        checkpoint: Option<&str>,
    ) -> Result<(), Failure> {
        self.planner.identity.load_time = load_time;
        // A source that speaks a protocol goes on by itself, from the state that it was given.
        if let Some(checkpoint) = checkpoint.filter(|_| !self.inputs.has_others()) {
            let inputs = std::mem::take(&mut self.inputs);
            self.inputs = inputs.resume(checkpoint).map_err(|error| {
                let hint = "give the same inputs in the same order, or repeat the run by --redo";
                Failure::of(Exit::Input, &error, Some(hint))
            })?;
        }
        Ok(())
    }
}

/// Checks what all plans are made with.
pub(crate) fn basis(settings: &Settings, faults: &mut ConfigFaults, now: DateTime<Utc>) -> Basis {
    check_ids(settings, faults);
    let zone = faults.check(zone(settings)).unwrap_or(Zone::UTC);
    let load_time = faults.check(load_time(settings, now)).unwrap_or(now);
    let destination = faults.check(destination(settings)).unwrap_or_default();
    let state = faults
        .check(state(settings, &destination))
        .unwrap_or_default();
    check_destination(&[&destination, &state], settings, faults);
    let quarantine = quarantine::choose(settings, &destination, faults);
    faults.note_all(on_complete::faults(&settings.on_complete));
    Basis {
        zone,
        destination,
        state,
        quarantine,
        identity: identity(settings, load_time),
    }
}

/// What a dead source has sent isn't all there is of a period.
fn end_is_guessed() -> ConfigFault {
    let message = "whether the pipe's end is the end of the input can't be told";
    ConfigFault::new("destination.write", message).hint(
        "let spile run the source, as in `spile load … -- PROGRAM`, or say --eof-is-complete where \
         the source can be trusted to finish",
    )
}

/// When objects appear: where periods are replaced, as a whole.
fn publish(settings: &Settings, replaces: bool, faults: &mut ConfigFaults) -> PublishMode {
    let place = "destination.publish";
    match settings.destination.publish.as_deref() {
        None if !replaces => PublishMode::Object,
        None | Some("run") => PublishMode::Run,
        Some("object") if !replaces => PublishMode::Object,
        Some("object") => {
            let fault = ConfigFault::new(place, "periods are replaced as a whole");
            faults
                .0
                .push(fault.hint("write publish = \"run\", or leave it out"));
            PublishMode::Run
        }
        Some(name) => {
            let known = ["object", "run"];
            let near = nearest(name, &known);
            faults
                .0
                .push(ConfigFault::unknown(place, name, near, &known));
            PublishMode::Object
        }
    }
}

fn zone(settings: &Settings) -> Result<Zone, ConfigFault> {
    let Some(name) = settings.timezone.as_deref() else {
        return Ok(Zone::UTC);
    };
    Zone::named(name).ok_or_else(|| {
        ConfigFault::new("timezone", format!("there is no time zone `{name}`"))
            .hint("use a name of the IANA database, such as Europe/Berlin")
    })
}

fn load_time(settings: &Settings, now: DateTime<Utc>) -> Result<DateTime<Utc>, ConfigFault> {
    let Some(text) = settings.load_time.as_deref() else {
        return Ok(now);
    };
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| {
        ConfigFault::new("load_time", format!("`{text}` is no RFC 3339 time"))
            .hint("write it like 2025-04-14T11:23:45Z")
    })
}

fn destination(settings: &Settings) -> Result<Destination, ConfigFault> {
    let Some(url) = settings.destination.url.as_deref() else {
        return Err(
            ConfigFault::new("destination.url", "the destination isn't set")
                .hint("give a bucket or a folder: --to s3://BUCKET/PREFIX or --to ./bucket"),
        );
    };
    let destination = Destination::parse(url)?;
    match (&destination.key, &settings.destination.key) {
        (Some(key), Some(_)) => {
            let message = format!("there are two templates: `{key}` in the URL, and --key");
            Err(ConfigFault::new("destination.url", message).hint("leave one of them out"))
        }
        _ => Ok(destination),
    }
}

/// Where the state is kept: below the destination, unless another place is named.
fn state(settings: &Settings, destination: &Destination) -> Result<Destination, ConfigFault> {
    let place = "destination.state_url";
    let Some(url) = settings.destination.state_url.as_deref() else {
        return Ok(destination.below(STATE));
    };
    if settings.connection.id.is_none() {
        tracing::info!("the connection has no id: no columns and no index are kept at {place}");
    }
    let state = Destination::parse(url).map_err(|fault| fault.at(place))?;
    match state.key {
        None => Ok(state),
        Some(_) => Err(ConfigFault::new(place, "it can't carry a template")
            .hint("use s3://BUCKET/PREFIX, or a folder's path")),
    }
}

/// Checks what is set for the destination and its state, whether a stream has use for it or not.
fn check_destination(places: &[&Destination], settings: &Settings, faults: &mut ConfigFaults) {
    faults.note_all(encoding::faults(&settings.destination));
    let is_bucket = |at: &&Destination| matches!(at.place, Place::Bucket(_));
    if places.iter().any(is_bucket) {
        faults.note_all(bucket::s3_faults(&settings.destination));
    } else if settings.destination.is_for_s3() {
        tracing::info!("the destination is a folder: what is set for S3 has no effect");
    }
}

pub(crate) fn input_config(settings: &Settings, faults: &mut ConfigFaults) -> InputConfig {
    let input = &settings.input;
    let format = input.format.as_deref().map(|name| {
        InputFormat::parse(name).map_err(|error| {
            let known = InputFormat::ALL.map(InputFormat::name);
            ConfigFault::unknown(
                "input.format",
                name,
                error.nearest.map(InputFormat::name),
                &known,
            )
        })
    });
    let format = format.and_then(|format| faults.check(format));
    let usual = InputConfig::default();
    let csv = input_csv(settings, faults);
    let record_bytes = faults.check(record_bytes(settings, usual.record_bytes_max));
    let selection = faults.check(selection(settings)).unwrap_or_default();
    InputConfig {
        paths: input.files.clone(),
        format,
        stream: settings.stream.as_deref().map(StreamName::new),
        csv,
        record_bytes_max: record_bytes.unwrap_or(usual.record_bytes_max),
        singer: SingerConfig {
            record_metadata: settings.singer.record_metadata == Some(true),
            end_is_known: settings.eof_is_complete == Some(true),
        },
        airbyte: airbyte(settings, &selection, faults),
        selection,
        ..usual
    }
}

/// The longest record: it is in memory several times over while it is encoded.
fn record_bytes(settings: &Settings, usual: usize) -> Result<usize, ConfigFault> {
    let memory = settings
        .limits
        .memory
        .map_or(MEMORY_BYTES, |memory| memory.0);
    let most = usize::try_from(memory / 8).unwrap_or(usize::MAX);
    match settings.limits.record_bytes {
        None => Ok(usual.min(most)),
        Some(bytes) => usize::try_from(bytes.0)
            .ok()
            .filter(|bytes| *bytes <= most)
            .ok_or_else(|| {
                let message = format!("records of {} bytes are too long for the memory", bytes.0);
                ConfigFault::new("limits.record_bytes", message)
                    .hint("give --memory eight times as much")
            }),
    }
}

fn input_csv(settings: &Settings, faults: &mut ConfigFaults) -> CsvInputConfig {
    let csv = &settings.input.csv;
    let usual = CsvInputConfig::default();
    let mut byte = |name: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        faults
            .check(one_byte(&format!("input.csv.{name}"), text))
            .flatten()
    };
    let delimiter = byte("delimiter", &csv.delimiter);
    let quote = csv
        .quote
        .as_ref()
        .map_or(usual.quote, |_| byte("quote", &csv.quote));
    CsvInputConfig {
        delimiter,
        quote,
        null: csv.null.clone().unwrap_or(usual.null),
        header: csv.header.unwrap_or(usual.header),
    }
}

/// One ASCII character, `\t` for a tab, or nothing at all.
pub(crate) fn one_byte(place: &str, text: &str) -> Result<Option<u8>, ConfigFault> {
    match text.as_bytes() {
        [] => Ok(None),
        b"\\t" => Ok(Some(b'\t')),
        [byte] if byte.is_ascii() => Ok(Some(*byte)),
        _ => Err(ConfigFault::new(
            place,
            format!("`{text}` is more than one ASCII character"),
        )),
    }
}

/// An id is any text, but it is one: without text it would vanish from keys.
fn check_ids(settings: &Settings, faults: &mut ConfigFaults) {
    let ids = [
        ("connection.id", &settings.connection.id),
        ("connection_run_id", &settings.connection_run_id),
        ("stream_id", &settings.stream_id),
    ];
    for (place, id) in ids {
        if id.as_deref() == Some("") {
            let fault = ConfigFault::new(place, "the id is empty");
            faults.0.push(fault.hint("give it text, or leave it out"));
        }
    }
}

fn identity(settings: &Settings, load_time: DateTime<Utc>) -> RunIdentity {
    let given = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
    let run_id = given(&settings.connection_run_id);
    RunIdentity {
        connection_id: given(&settings.connection.id),
        connection_run_id: run_id.unwrap_or_else(|| Uuid::new_v4().to_string()),
        load_time,
    }
}

/// What repeats requests, for a usual time unless another is set.
pub(crate) fn retry(settings: &Settings, usual: Duration) -> Retry {
    let time = settings.limits.retry_time;
    Retry::new(RetryPolicy {
        elapsed_max: time.map_or(usual, |time| Duration::from_secs(time.0)),
        ..RetryPolicy::default()
    })
}

/// What reading can go on from is said in one way: messages have states, and other files have places.
fn all_alike(inputs: &Inputs) -> Result<(), ConfigFault> {
    let mut have_messages = inputs.iter().map(|input| input.format.names_streams());
    let first = have_messages.next();
    match have_messages.all(|has| Some(has) == first) {
        true => Ok(()),
        false => Err(ConfigFault::new(
            "input.files",
            "some inputs are messages of a protocol, and others are records",
        )
        .hint("load them one after the other")),
    }
}

fn limits(settings: &Settings) -> (RollPolicy, usize, usize) {
    let limits = &settings.limits;
    let usual = RollPolicy::default();
    let roll = RollPolicy {
        bytes_max: limits.object_size.map_or(usual.bytes_max, |size| size.0),
        rows_max: limits.object_rows.map(|rows| rows.0.get()),
        age_max_ms: limits.object_age.map(|age| age.0.saturating_mul(1_000)),
    };
    let memory = limits.memory.map_or(MEMORY_BYTES, |memory| memory.0);
    let concurrency = limits
        .upload_concurrency
        .and_then(|count| usize::try_from(count.0.get()).ok());
    let memory = usize::try_from(memory).unwrap_or(usize::MAX);
    (roll, memory, concurrency.unwrap_or(UPLOAD_CONCURRENCY))
}
