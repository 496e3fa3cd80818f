//! Whole runs, into memory.

use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;
use spile_core::testing::MemoryBucket;
use spile_core::{
    Bucket, CursorField, CursorFormat, CursorSource, CutPolicy, Ending, Job, KeyPlan, MemoryPlan,
    Progress, PublishMode, Retry, RollPolicy, SchemaChange, Selection, Source, StreamDeclaration,
    StreamPlan, StreamPlans, WriteMode, Zone, run,
};
use spile_macros_template::{CursorKind, MacroSet, RunValues, Template};
use tokio::runtime;
use tokio::sync::watch;

use crate::{Failure, encode, parse};

/// The cursor of a line item.
const CURSOR: &str = "l_shipdate";
const MIB: usize = 1 << 20;

/// Loads a file of line items into memory, and says how many records there were. Keys may be by the
/// time of shipping. One thread does all of it, so that each time is like the last.
///
/// # Errors
/// The run has failed.
pub fn load(path: &Path, from: &str, to: &str, key: &'static str) -> Result<u64, Failure> {
    let source = Box::new(parse::source(path, from)?);
    let job = job(key, to)?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run_to_its_end(job, source))
}

async fn run_to_its_end(job: Job, source: Box<dyn Source>) -> Result<u64, Failure> {
    let bucket = Arc::new(MemoryBucket::new()) as Arc<dyn Bucket>;
    let (_stop, stopped) = watch::channel(false);
    let progress = Arc::new(Progress::default());
    let outcome = run(job, source, bucket.into(), stopped, progress).await;
    match outcome.ending {
        Ending::Done => Ok(outcome.rows_read),
        other => Err(format!("the run has ended otherwise: {other:?}").into()),
    }
}

fn job(key: &str, format: &str) -> Result<Job, Failure> {
    Ok(Job {
        selection: Selection::default(),
        plans: plans(key, format)?,
        schema_memory: None,
        quarantine: None,
        zone: Zone::named("UTC").ok_or("there is no such zone")?,
        roll: RollPolicy::default(),
        memory: MemoryPlan {
            open_bytes: 144 * MIB,
            upload_bytes: 48 * MIB,
            part_bytes: 8 * MIB,
        },
        upload_concurrency: 4,
        retry: Retry::default(),
        now: DateTime::UNIX_EPOCH,
        publish: PublishMode::Object,
        cuts: CutPolicy {
            bytes: u64::MAX,
            age_ms: None,
            text_bytes: 1 << 20,
        },
        sink: None,
        in_place: true,
        record: None,
        metadata: Vec::new(),
    })
}

fn plans(key: &str, format: &str) -> Result<StreamPlans, Failure> {
    let template = Template::parse(key, &MacroSet::standard())?;
    let (cursor, kind) = match key.contains("{cursor") {
        true => (
            CursorSource::Field(CursorField::new(CURSOR, CursorFormat::Time)),
            CursorKind::Time,
        ),
        false => (CursorSource::None, CursorKind::None),
    };
    let encoding = encode::encoding(format)?;
    Ok(Box::new(move |stream: &StreamDeclaration| {
        let values = RunValues::new(DateTime::UNIX_EPOCH.fixed_offset())
            .stream_name(&*stream.name.name)
            .connection_run_id("r1")
            .extension(encoding.extension());
        Ok(StreamPlan {
            keys: Arc::new(KeyPlan::new(&template, values, kind)?),
            cursor: cursor.clone(),
            encoding: Arc::clone(&encoding),
            reshape: None,
            write: WriteMode::Append,
            schema_change: SchemaChange::Widen,
            declared: None,
            remembered: None,
        })
    }))
}
