//! A source, an encoding and a run for tests, as small as they can be.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::array_value_to_string;
use bytes::Bytes;
use chrono::DateTime;
use spile_core::ledger::RunRecord;
use spile_core::testing::MemoryBucket;
use spile_core::{
    Batch, Bucket, Checkpoint, CursorField, CursorFormat, CursorSource, CutPolicy, EncodeError,
    Encoder, Encoding, Job, JsonRecords, KeyPlan, MemoryPlan, Message, Misfit, Outcome, PartLimits,
    Position, PositionUnit, Progress, PublishMode, Quarantine, Records, Reshape, Retry, RollPolicy,
    SchemaChange, SchemaColumn, Selection, Source, SourceError, Span, StreamDeclaration,
    StreamName, StreamPlan, WriteError, WriteMode, Zone, is_declared, json, run,
};
use spile_macros_template::{CursorKind, MacroSet, RunValues, Template};
use tokio::sync::watch;

#[path = "told.rs"]
mod told;

use told::Listener;
pub(crate) use told::Told;

/// What a test says of its run; the rest is usual.
pub(crate) struct Kit {
    pub(crate) key: &'static str,
    pub(crate) cursor_field: Option<&'static str>,
    pub(crate) zone: &'static str,
    pub(crate) roll: RollPolicy,
    pub(crate) write: WriteMode,
    pub(crate) schema_change: SchemaChange,
    pub(crate) declared: Option<SchemaRef>,
    pub(crate) remembered: Option<SchemaRef>,
    pub(crate) memory: MemoryPlan,
    pub(crate) stop: Stop,
    pub(crate) publish: PublishMode,
    pub(crate) checkpoint_bytes: u64,
    pub(crate) checkpoint_age_ms: Option<u64>,
    /// Globs of the streams that are loaded.
    pub(crate) streams: &'static [&'static str],
    pub(crate) reshape: Option<Reshape>,
    /// What is told of checkpoints.
    pub(crate) told: Told,
    /// How many bad records are set aside, if any are.
    pub(crate) bad_records_max: Option<u64>,
}

/// When each run begins.
pub(crate) const NOW: &str = "2025-04-14T11:23:45Z";

/// When a run is asked to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Never,
    BeforeItBegins,
    /// When all input has been read, and what it came to is sealed.
    AfterTheInput,
}

impl Default for Kit {
    fn default() -> Self {
        Self {
            key: "{stream_name}.lines",
            cursor_field: None,
            zone: "UTC",
            roll: RollPolicy::default(),
            write: WriteMode::Append,
            schema_change: SchemaChange::Widen,
            declared: None,
            remembered: None,
            memory: MemoryPlan {
                open_bytes: 1 << 20,
                upload_bytes: 1 << 20,
                part_bytes: 64,
            },
            stop: Stop::Never,
            publish: PublishMode::Object,
            checkpoint_bytes: u64::MAX,
            checkpoint_age_ms: None,
            streams: &[],
            reshape: None,
            told: Told::default(),
            bad_records_max: None,
        }
    }
}

/// A bucket whose parts may be as small as the tests' are.
pub(crate) fn bucket() -> Arc<MemoryBucket> {
    let limits = PartLimits {
        bytes_min: 1,
        bytes_usual: 64,
        count_max: 10_000,
    };
    Arc::new(MemoryBucket::new().with_part_limits(limits))
}

/// A bucket in a store that doesn't know the condition that an object is absent.
pub(crate) fn bucket_without_if_absent() -> Arc<MemoryBucket> {
    let bucket = Arc::into_inner(bucket()).expect("nobody else has it");
    Arc::new(bucket.without_if_absent())
}

/// All objects of a bucket, as texts by key.
pub(crate) fn objects(bucket: &MemoryBucket) -> BTreeMap<String, String> {
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).expect("text");
    bucket
        .objects()
        .iter()
        .map(|(key, bytes)| (key.to_string(), text(bytes)))
        .collect()
}

impl Kit {
    /// Runs batches of lines; the last may be an error.
    pub(crate) async fn run(
        &self,
        bucket: &Arc<MemoryBucket>,
        batches: Vec<Result<Batch, SourceError>>,
    ) -> Outcome {
        let messages = batches.into_iter().map(|batch| batch.map(Message::Batch));
        self.run_messages(bucket, messages.collect()).await
    }

    /// Runs messages; the last may be an error.
    pub(crate) async fn run_messages(
        &self,
        bucket: &Arc<MemoryBucket>,
        messages: Vec<Result<Message, SourceError>>,
    ) -> Outcome {
        let source = Box::new(Messages(messages.into_iter()));
        self.run_source(bucket, source).await
    }

    /// Runs batches of lines, of which a record is kept.
    pub(crate) async fn run_recorded(
        &self,
        record: RunRecord,
        bucket: &Arc<MemoryBucket>,
        batches: Vec<Result<Batch, SourceError>>,
    ) -> Outcome {
        // A source announces its streams: one without records may be replaced too.
        let announced = StreamDeclaration::named(StreamName::new("s"));
        let batches = batches.into_iter().map(|batch| batch.map(Message::Batch));
        let messages: Vec<_> = [Ok(Message::Stream(announced))]
            .into_iter()
            .chain(batches)
            .collect();
        let source = Box::new(Messages(messages.into_iter()));
        self.run_all(Some(record), bucket, source).await
    }

    /// Runs messages, of which a record is kept; the last may be an error.
    pub(crate) async fn run_recorded_messages(
        &self,
        record: RunRecord,
        bucket: &Arc<MemoryBucket>,
        messages: Vec<Result<Message, SourceError>>,
    ) -> Outcome {
        let source = Box::new(Messages(messages.into_iter()));
        self.run_all(Some(record), bucket, source).await
    }

    /// Runs what a source gives.
    pub(crate) async fn run_source(
        &self,
        bucket: &Arc<MemoryBucket>,
        source: Box<dyn Source>,
    ) -> Outcome {
        self.run_all(None, bucket, source).await
    }

    async fn run_all(
        &self,
        record: Option<RunRecord>,
        bucket: &Arc<MemoryBucket>,
        source: Box<dyn Source>,
    ) -> Outcome {
        let (sender, stop) = watch::channel(self.stop == Stop::BeforeItBegins);
        let encoding = Arc::new(Lines {
            sealed: (self.stop == Stop::AfterTheInput).then_some(sender),
            is_bare: false,
        });
        let (plan, zone) = (
            self.plan_for(encoding),
            Zone::named(self.zone).expect("a zone"),
        );
        let job = Job {
            quarantine: self.quarantine(),
            plans: Box::new(move |stream| plan(stream)),
            zone,
            roll: self.roll,
            memory: self.memory,
            upload_concurrency: 4,
            retry: Retry::default(),
            now: NOW.parse().expect("a time"),
            publish: self.publish,
            cuts: CutPolicy {
                bytes: self.checkpoint_bytes,
                age_ms: self.checkpoint_age_ms,
                text_bytes: 1 << 20,
            },
            sink: Some(Box::new(Listener {
                told: self.told.clone(),
                bucket: Arc::clone(bucket),
            })),
            schema_memory: None,
            selection: self.selection(),
            in_place: false,
            record,
            metadata: vec![("run".to_owned(), "r1".to_owned())],
        };
        run(
            job,
            source,
            (Arc::clone(bucket) as Arc<dyn Bucket>).into(),
            stop,
            Arc::new(Progress::default()),
        )
        .await
    }

    fn selection(&self) -> Selection {
        let globs: Vec<String> = self.streams.iter().map(|glob| (*glob).to_owned()).collect();
        Selection::new(&globs).expect("globs")
    }

    pub(crate) fn plan(
        &self,
    ) -> impl Fn(&StreamDeclaration) -> Result<StreamPlan, Box<dyn std::error::Error + Send + Sync>>
    + use<> {
        self.plan_for(Arc::new(Lines::default()))
    }

    /// Where bad records go, in lines without a header.
    pub(crate) fn quarantine(&self) -> Option<Quarantine> {
        let lines = Arc::new(Lines {
            is_bare: true,
            ..Lines::default()
        });
        let kit = Kit {
            key: "_spile/quarantine/{stream_name}-{part}.jsonl",
            ..Kit::default()
        };
        let plan = kit.plan_for(Arc::clone(&lines));
        Some(Quarantine {
            plans: Box::new(move |stream| plan(stream)),
            lines,
            bad_records_max: self.bad_records_max?,
            connection_run_id: "r1".to_owned(),
            load_time: DateTime::from_timestamp(1_700_000_000, 0).expect("in range"),
        })
    }

    fn plan_for(
        &self,
        encoding: Arc<Lines>,
    ) -> impl Fn(&StreamDeclaration) -> Result<StreamPlan, Box<dyn std::error::Error + Send + Sync>>
    + use<> {
        let template = Template::parse(self.key, &MacroSet::standard()).expect("a template");
        let cursor = match self.cursor_field {
            Some(field) => CursorSource::Field(CursorField::new(field, CursorFormat::Time)),
            None => CursorSource::None,
        };
        let kind = if self.cursor_field.is_some() {
            CursorKind::Time
        } else {
            CursorKind::None
        };
        let (write, schema_change) = (self.write, self.schema_change);
        let (declared, remembered) = (self.declared.clone(), self.remembered.clone());
        let reshape = self.reshape.clone();
        move |stream| {
            let load_time = DateTime::parse_from_rfc3339(NOW)?;
            let values = RunValues::new(load_time)
                .stream_name(&*stream.name.name)
                .connection_run_id("r1")
                .extension("lines");
            Ok(StreamPlan {
                keys: Arc::new(KeyPlan::new(&template, values, kind)?),
                cursor: cursor.clone(),
                encoding: Arc::clone(&encoding) as _,
                reshape: reshape.clone(),
                write,
                schema_change,
                declared: declared.clone().or_else(|| columns_of(stream)),
                remembered: remembered.clone(),
            })
        }
    }
}

/// The columns that a source declares.
fn columns_of(stream: &StreamDeclaration) -> Option<SchemaRef> {
    let columns = stream.columns.as_ref()?.iter();
    let fields: Vec<Field> = columns.map(SchemaColumn::field).collect();
    Some(Arc::new(Schema::new(fields)))
}

/// A declaration of a stream with columns of any text.
pub(crate) fn declaration(stream: &str, columns: &[&str]) -> Message {
    let column = |name: &&str| SchemaColumn {
        name: (*name).to_owned(),
        column_type: "text".parse().expect("a type"),
        is_exact: false,
    };
    Message::Stream(StreamDeclaration {
        columns: Some(columns.iter().map(column).collect()),
        ..StreamDeclaration::named(StreamName::new(stream))
    })
}

/// A checkpoint, of a stream or of all.
pub(crate) fn checkpoint(stream: Option<&str>, text: &str) -> Message {
    Message::Checkpoint(Checkpoint {
        stream: stream.map(StreamName::new),
        text: text.into(),
        supersedes: false,
    })
}

/// Lines of JSON, one batch.
pub(crate) fn batch(stream: &str, lines: &[&str]) -> Result<Batch, SourceError> {
    let mut spans = Vec::new();
    let mut text = String::new();
    for line in lines {
        json::check(line.as_bytes()).expect("a record");
        let start = text.len() as u32;
        text.push_str(line);
        spans.push(Span {
            start,
            end: text.len() as u32,
        });
        text.push('\n');
    }
    Ok(Batch {
        stream: StreamName::new(stream),
        input_bytes: text.len() as u64,
        records: Records::Json(JsonRecords::new(text.into(), spans).expect("spans")),
        rejected: Vec::new(),
        position: Position {
            origin: "test".into(),
            unit: PositionUnit::Line,
            number: 1,
        },
        generation: None,
    })
}

/// Columns of any type, one batch.
pub(crate) fn columns(stream: &str, columns: &[(&str, ArrayRef)]) -> Result<Batch, SourceError> {
    let columns = columns
        .iter()
        .map(|(name, column)| (*name, Arc::clone(column)));
    let columns = RecordBatch::try_from_iter_with_nullable(
        columns.map(|(name, column)| (name, column, true)),
    );
    Ok(Batch {
        records: Records::Columns(columns.expect("columns of one length")),
        ..batch(stream, &[])?
    })
}

/// Messages one by one, and then perhaps an error.
struct Messages(std::vec::IntoIter<Result<Message, SourceError>>);

impl Source for Messages {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let next = self.0.next().transpose()?;
        Ok(next.map(|message| vec![message]))
    }
}

/// A format with a header of the columns' names and the records' own lines: `#a,b`. A record with
/// another column is a misfit, as is one without a declared column.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// Told when an object is sealed.
    sealed: Option<watch::Sender<bool>>,
    /// Whether there is no header.
    is_bare: bool,
}

struct LinesEncoder {
    sealed: Option<watch::Sender<bool>>,
    columns: Vec<String>,
    declared: Vec<String>,
    output: Vec<u8>,
}

impl Encoding for Lines {
    fn extension(&self) -> &str {
        "lines"
    }

    fn content_type(&self) -> &str {
        "text/plain"
    }

    fn schema_kind(&self) -> Option<&'static str> {
        Some("lines")
    }

    /// A column that is declared has no nulls: a record without it is a bad one.
    fn misfit(&self, declared: &SchemaRef, batch: &Records) -> Result<Option<Misfit>, EncodeError> {
        let names = declared.fields().iter().map(|field| field.name().clone());
        let names: Vec<String> = names.collect();
        let mut rows = lines(batch).into_iter().enumerate();
        Ok(rows.find_map(|(at, record)| lacks(&names, at, &record)))
    }

    fn schema(
        &self,
        known: Option<&SchemaRef>,
        sample: &Records,
    ) -> Result<SchemaRef, EncodeError> {
        let known = known.iter().flat_map(|schema| schema.fields());
        let mut names: Vec<String> = known.map(|field| field.name().clone()).collect();
        for name in lines(sample).iter().flat_map(|line| keys(line)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let fields = names
            .into_iter()
            .map(|name| Field::new(name, DataType::Null, true));
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    fn object_memory_bytes(&self) -> usize {
        0
    }

    fn encoder(&self, schema: &SchemaRef) -> Result<Box<dyn Encoder>, EncodeError> {
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns: Vec<String> = names.collect();
        let header = format!("#{}\n", columns.join(","));
        let output = if self.is_bare {
            Vec::new()
        } else {
            header.into_bytes()
        };
        let declared = schema.fields().iter().filter(|field| is_declared(field));
        Ok(Box::new(LinesEncoder {
            sealed: self.sealed.clone(),
            columns,
            declared: declared.map(|field| field.name().clone()).collect(),
            output,
        }))
    }
}

impl Encoder for LinesEncoder {
    fn write(&mut self, batch: &Records) -> Result<(), WriteError> {
        for (at, record) in lines(batch).into_iter().enumerate() {
            if let Some(column) = keys(&record)
                .into_iter()
                .find(|key| !self.columns.contains(key))
            {
                let found = "a value".to_owned();
                return Err(WriteError::Misfit(Misfit {
                    at,
                    column,
                    expected: None,
                    found,
                }));
            }
            if let Some(misfit) = lacks(&self.declared, at, &record) {
                return Err(WriteError::Misfit(misfit));
            }
            self.output.extend_from_slice(&record);
            self.output.push(b'\n');
        }
        Ok(())
    }

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, EncodeError> {
        if let Some(sealed) = self.sealed {
            sealed.send_replace(true);
        }
        Ok(self.output)
    }

    fn output_bytes(&self) -> usize {
        self.output.len()
    }

    fn memory_bytes(&self) -> usize {
        self.output.capacity()
    }

    fn pending_bytes(&self) -> usize {
        0
    }
}

/// That a record has none of a declared column's values.
fn lacks(declared: &[String], at: usize, record: &[u8]) -> Option<Misfit> {
    let keys = keys(record);
    let column = declared.iter().find(|name| !keys.contains(name))?.clone();
    Some(Misfit {
        at,
        column,
        expected: Some(DataType::Int64),
        found: "null".to_owned(),
    })
}

/// Each record as a line of JSON; a column's values are texts, and those that are null aren't there.
fn lines(records: &Records) -> Vec<Vec<u8>> {
    match records {
        Records::Json(json) => json.iter().map(<[u8]>::to_vec).collect(),
        Records::Text(columns) | Records::Columns(columns) => (0..columns.num_rows())
            .map(|row| line(columns, row))
            .collect(),
    }
}

fn line(columns: &RecordBatch, row: usize) -> Vec<u8> {
    let fields = columns.schema_ref().fields().iter().zip(columns.columns());
    let there = fields.filter(|(_, column)| column.is_valid(row));
    let field = |(field, column): (&Arc<Field>, &ArrayRef)| {
        let value = array_value_to_string(column, row).expect("a value");
        format!(r#""{}":"{value}""#, field.name())
    };
    let fields: Vec<String> = there.map(field).collect();
    format!("{{{}}}", fields.join(",")).into_bytes()
}

fn keys(record: &[u8]) -> Vec<String> {
    let value: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(record).expect("a record");
    value.keys().cloned().collect()
}
